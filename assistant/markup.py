"""Safe HTML by construction.

``element("p", "a < b")`` is ``<p>a &lt; b</p>``: every string is escaped unless it is already Html.
"""

from html import escape
from urllib.parse import urlsplit

from assistant.attribution import badges, published_words
from assistant.output import showable
from assistant.schema import Source

_VOID = frozenset({"input", "br"})


class Html(str):
    """Markup that may be shown as it is."""

    __slots__ = ()


def html(text: str) -> Html:
    """Escape ``text``, unless it is Html already."""
    return text if isinstance(text, Html) else Html(escape(showable(text), quote=True))


def element(name: str, *children: str, **attributes: str | None) -> Html:
    """Build one element; ``class_`` gives class, ``data_ask`` gives data-ask, an attribute that is None is left out."""
    given = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{escape(showable(value), quote=True)}"'
        for key, value in attributes.items()
        if value is not None
    )
    if name in _VOID:
        return Html(f"<{name}{given}>")
    return Html(f"<{name}{given}>{join(*children)}</{name}>")


def join(*children: str) -> Html:
    return Html("".join(html(child) for child in children))


def web_link(url: str | None) -> Html:
    """Link an http or https address; any other is shown as text."""
    if not url:
        return Html("")
    return element("a", url, href=url, rel="noopener noreferrer", target="_blank") if is_web(url) else html(url)


def is_web(url: str) -> bool:
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    return parts.scheme in {"http", "https"} and bool(parts.netloc)


def credit_html(source: Source, heading: str) -> Html:
    """Who said it, above their words: name, credential, publisher, date, badges."""
    return element(
        "div",
        element(heading, source.name, class_="expert" if source.author else "expert nobody"),
        element("p", source.credential, class_="credential") if source.credential else "",
        element("p", published_words(source), class_="published"),
        element("ul", *(element("li", badge) for badge in badges(source)), class_="badges"),
        class_="credit",
    )


def question_button(question: str, words: str | None = None) -> Html:
    """A button that asks ``question``; it shows ``words``, or else the question."""
    return element("button", words or question, type="button", class_="ask", data_ask=question)
