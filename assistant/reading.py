"""Turn stored documents into HTML: the sources panel beside an answer and the cards of the Browse tab."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from assistant.attribution import TIER_WORDS, WORDING_WORDS, spelled_date
from assistant.markup import Html, credit_html, element, html, join, question_button, web_link
from assistant.schema import DISCLAIMER, Citation, Document, Source

_ITEM = re.compile(r"\s*[-*\u2022]\s+")


@dataclass(frozen=True)
class Opened:
    """A cited source: the citations into it, the document as it is stored now, and the other answers on its page."""

    citations: tuple[Citation, ...]  # at least one, all of the same document
    document: Document | None = None  # None: it is no longer stored, or its text has changed
    others: tuple[Document, ...] = ()

    @property
    def source(self) -> Source:
        return self.citations[0].source


@dataclass(frozen=True)
class Span:
    """A stretch of the text that an answer quotes."""

    start: int
    end: int
    id: str
    number: int


def panel_html(turn: int, opened: Sequence[Opened]) -> Html:
    """The sources of one answer."""
    count = "1 source" if len(opened) == 1 else f"{len(opened)} sources"
    hint = f"{count} of answer {turn}, the quoted words marked." if opened else f"Answer {turn} quotes no source."
    return element(
        "div",
        element("p", hint, class_="hint"),
        *(_source_html(turn, source) for source in opened),
        class_="turn-sources",
        data_turn=str(turn),
    )


def _source_html(turn: int, opened: Opened) -> Html:
    spans = [Span(c.start, c.end, f"c-{turn}-{c.number}", c.number) for c in opened.citations]
    return element(
        "article",
        credit_html(opened.source, "h3"),
        _stored_html(opened.document, spans) if opened.document else _quotes_only(spans, opened.citations),
        element("p", *_back_links(turn, opened.citations), class_="back"),
        _facts_html(opened.source),
        _others_html(opened.others),
        class_="source",
        aria_label=f"Source: {opened.source.name}",
    )


def _stored_html(document: Document, spans: Sequence[Span]) -> Html:
    return join(
        element("p", "Asked: ", element("q", document.question), class_="asked-there"),
        text_html(document.text, spans),
        element("p", document.disclaimer, class_="small") if document.disclaimer else "",
    )


def _quotes_only(spans: Sequence[Span], citations: Sequence[Citation]) -> Html:
    return join(
        element("p", "This source has changed since it was quoted; these were its words.", class_="hint"),
        *(element("p", _mark(span, cited.quote, span.id)) for span, cited in zip(spans, citations, strict=True)),
    )


def _back_links(turn: int, citations: Sequence[Citation]) -> Iterator[Html]:
    for citation in citations:
        yield element("a", f"Back to [{citation.number}]", class_="back-link", href=f"#r-{turn}-{citation.number}")
        yield Html(" ")


def _facts_html(source: Source) -> Html:
    facts: list[tuple[str, str]] = [
        ("Title", source.title),
        ("Publisher", source.publisher),
        ("Published", spelled_date(source.published) if source.published else "no date given"),
        ("Reviewed", spelled_date(source.reviewed) if source.reviewed else ""),
        ("Kind of source", TIER_WORDS[source.tier]),
        ("Wording", WORDING_WORDS[source.wording]),
        ("Read", source.read or ""),
        ("Address", web_link(source.url)),
    ]
    return element(
        "dl", *(join(element("dt", name), element("dd", value)) for name, value in facts if value), class_="facts"
    )


def _others_html(others: Sequence[Document]) -> Html:
    if not others:
        return Html("")
    folded = (folded_html(document, document.source.name, askable=False) for document in others)
    return element("div", element("h4", "Other answers on this page"), *folded, class_="others")


def folded_html(document: Document, title: str, askable: bool) -> Html:
    """One document under its title, opened by a click: who said it, the whole text, where it stands."""
    return element(
        "details",
        element("summary", title),
        credit_html(document.source, "h4"),
        element(
            "p", DISCLAIMER, class_="disclaimer"
        ),  # before the text, so that it is in view when a long one is opened
        text_html(document.text),
        question_button(document.question, "Ask about this") if askable else "",
        _facts_html(document.source),
        class_="folded",
    )


def browse_html(documents: Sequence[Document], found: int) -> Html:
    """The documents that a search has found, of ``found`` in all."""
    count = "1 answer" if found == 1 else f"{found} answers"
    shown = f"{count}." if found == len(documents) else f"{count}; the first {len(documents)} are shown."
    cards = (
        folded_html(document, join(html(document.question), element("span", _by(document), class_="by")), askable=True)
        for document in documents
    )
    hint = shown if found else "No answer fits. Try fewer words."
    return join(element("p", hint, class_="hint", role="status"), *cards, more_button(len(documents), found))


def more_button(shown: int, found: int) -> Html:
    """The button that asks for the next cards, where there are any."""
    if shown >= found:
        return Html("")
    return element("button", "Show more answers", type="button", class_="quiet", data_more=str(shown))


def _by(document: Document) -> str:
    return ", ".join(part for part in (document.source.name, document.source.credential) if part)


def text_html(text: str, spans: Sequence[Span] = ()) -> Html:
    """The whole text in paragraphs and lists, the spans marked; a list's bullet signs become the page's own."""
    marker = _Marker(text, sorted(spans, key=lambda span: (span.start, span.end)))
    blocks: list[Html] = []
    for is_item, run in groupby(_blocks(text), key=lambda block: block.is_item):
        if is_item:
            blocks.append(element("ul", *(element("li", marker.marked(block.start, block.end)) for block in run)))
        else:
            blocks.extend(element("p", marker.marked(block.start, block.end)) for block in run)
    return element("div", *blocks, class_="text")


@dataclass(frozen=True)
class _Block:
    """A list item without its bullet, or a run of other lines: ``text[start:end]``."""

    start: int
    end: int
    is_item: bool


def _blocks(text: str) -> Iterator[_Block]:
    paragraph: _Block | None = None
    position = 0
    for line in text.splitlines(keepends=True):
        start, end = position, position + len(line.rstrip())
        position += len(line)
        bullet = _ITEM.match(line)
        is_item = bullet is not None and start + bullet.end() < end
        if paragraph and (is_item or end == start):
            yield paragraph
            paragraph = None
        if bullet and is_item:
            yield _Block(start + bullet.end(), end, True)
        elif end > start:
            paragraph = _Block(paragraph.start if paragraph else start, end, False)
    if paragraph:
        yield paragraph


class _Marker:
    """Marks spans in the text; the first piece of a span carries its id."""

    def __init__(self, text: str, spans: Sequence[Span]) -> None:
        self._text = text
        self._spans = spans
        self._anchored: set[str] = set()

    def marked(self, start: int, end: int) -> Html:
        """The characters from ``start`` to ``end``; of overlapping spans the earlier one marks the words they share."""
        pieces: list[str] = []
        for span in self._spans:
            left, right = max(span.start, start), min(span.end, end)
            if left < right:
                pieces.extend((self._text[start:left], _mark(span, self._text[left:right], self._id(span))))
                start = right
            elif span.end <= start and span.id not in self._anchored:
                pieces.append(element("span", id=self._id(span), tabindex="-1"))
        return join(*pieces, self._text[start:end])

    def _id(self, span: Span) -> str | None:
        if span.id in self._anchored:
            return None
        self._anchored.add(span.id)
        return span.id


def _mark(span: Span, words: str, id: str | None) -> Html:
    return element("mark", words, id=id, data_number=str(span.number), tabindex="-1")
