"""Markup in a source, in a question and in what a language model says: forty strings in each place, in a real browser.

First each string alone in a bare page, where nothing but our own escaping stands between it and the browser; then all of them
in the served chat. The control takes the escaping away: every single string must then be caught doing harm.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import pytest

from assistant import markup
from assistant.generation import choose
from assistant.markup import Html, join
from assistant.reading import Opened, browse_html, panel_html
from assistant.rendering import answer_html, to_markdown
from assistant.schema import Answer, AnswerKind, AuthorType, Document, Notice, Source
from assistant.sentences import split_sentences
from assistant.transcript import Turn, delivered_html
from assistant.verification import Quote, verified
from tests.attacks.markup import MARKUP, TEMPLATES
from tests.browser.conftest import ask
from tests.corpus_files import entry
from tests.test_verification import Shelf

pytestmark = pytest.mark.browser

# What is left on the page: scripts run, elements that cover more than half of the window, and a page that is hidden.
HARM = """() => {
    const wide = [...document.body.querySelectorAll("*")].filter((element) => {
        const box = element.getBoundingClientRect();
        const loose = ["fixed", "absolute"].includes(getComputedStyle(element).position);
        return loose && box.width * box.height > innerWidth * innerHeight / 2;
    });
    return [
        ...(window.pwned ? ["a script ran"] : []),
        ...wide.map((element) => "covered by " + element.outerHTML.slice(0, 80)),
        ...(getComputedStyle(document.body).display === "none" ? ["the page is hidden"] : []),
    ];
}"""


def in_the_corpus(string: str) -> Html:
    """The page when every text that a source can hold is ``string``."""
    source = Source(
        string, string, author=string, author_type=AuthorType.PERSON, credential=string, url=string, published=string,
        reviewed=string, licence=string, read=string, view=string,
    )  # fmt: skip
    document = Document("p.a", "p", string, f"{string}\n\nThings to avoid:\n- {string}", source, disclaimer=string)
    answer = _quoting(document, missing=(string,), related=(string,))
    opened = Opened(answer.citations, document, (document,))
    turn = Turn(1, "How?", answer_html(answer, 1), panel_html(1, [opened]), to_markdown(answer))
    return join(delivered_html(turn), browse_html([document], 1))


def in_the_question(string: str) -> Html:
    answer = Answer(AnswerKind.ABSTAINED, string, related=("How?",))
    return delivered_html(Turn(1, string, answer_html(answer, 1), panel_html(1, ()), to_markdown(answer)))


def from_a_model(string: str) -> Html:
    """The page when a language model, of that name, says ``string`` before, after and inside an expert's sentence."""
    document = Document("p.a", "p", "How?", "Rest the leg. Walk on grass.", Source("T", "P"))
    lies = f"{string}\nRest the leg.\nWalk {string} on grass.\n{string} Walk on grass.\nWalk on grass. {string}"
    (quote,) = choose(lambda prompt: lies, "How?", [entry(document)])
    assert quote.positions == (0,)
    statements, citations = verified(Shelf(document), [quote])
    notice = Notice("Your question left this machine", (f"It was sent to {string}.",))
    answer = Answer(AnswerKind.ANSWERED, "How?", statements, citations, notice=notice)
    return delivered_html(Turn(1, "How?", answer_html(answer, 1), panel_html(1, ()), to_markdown(answer)))


PLACES: tuple[Callable[[str], Html], ...] = (in_the_corpus, in_the_question, from_a_model)


def _quoting(document: Document, missing: tuple[str, ...], related: tuple[str, ...]) -> Answer:
    positions = tuple(range(len(split_sentences(document.text))))
    statements, citations = verified(Shelf(document), [Quote(document.id, positions)])
    notice = Notice(document.question, (document.question,))
    return Answer(AnswerKind.PARTIAL, document.question, statements, citations, (), missing, related, notice)


# Everything that our own pages are made of; whatever else stands there came out of a string.
OURS = "article aside button dd details div dl dt form h2 h3 h4 input label li mark p pre q section span summary ul a"
STRANGE = """ours => [...document.querySelectorAll("body *")].filter((element) =>
    !ours.includes(element.localName)
    || [...element.attributes].some(({ name, value }) => name.startsWith("on") || ["style", "src"].includes(name)
        || (name === "href" && !/^(#|https?:)/.test(value)))
).map((element) => "strange " + element.outerHTML.slice(0, 80))"""


class Bare:
    """An empty page without any policy of its own, and what happens in it."""

    def __init__(self, page: Any) -> None:
        self._page = page
        self._asked: list[str] = []
        page.route("**/*", self._refuse)

    def _refuse(self, route: Any) -> None:
        self._asked.append(route.request.url)
        route.abort()

    def show(self, html: str) -> None:
        from playwright.sync_api import Error

        try:
            self._page.goto("about:blank")
        except Error:  # what was shown before was still on its way to where it was refused
            self._page.goto("about:blank")
        self._asked.clear()
        self._page.set_content(f"<!doctype html><html><body>{html}", wait_until="domcontentloaded")

    def harm(self) -> list[str]:
        # Two frames: what loads, fails, moves or takes the focus has had its turn.
        self._page.evaluate("() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")
        return [*self._page.evaluate(HARM), *(f"asked {url}" for url in self._asked)]

    def strange(self) -> list[str]:
        return list(self._page.evaluate(STRANGE, OURS.split()))

    def caught(self, looked: Callable[[], list[str]], seconds: float) -> bool:
        """Tell whether ``looked`` finds anything within ``seconds``."""
        from playwright.sync_api import Error

        for _ in range(int(seconds / 0.05)):
            try:
                if looked():
                    return True
            except Error:  # the page has gone elsewhere: that is harm too
                return True
            self._page.wait_for_timeout(50)
        return False


@pytest.fixture(scope="module")
def bare(chromium: Any) -> Iterator[Bare]:
    page = chromium.new_page()
    page.set_default_timeout(15_000)
    yield Bare(page)
    page.close()


def test_no_string_does_anything_in_any_place(bare: Bare) -> None:
    found = {}
    for string in (*MARKUP.values(), *TEMPLATES):
        bare.show(join(*(place(string) for place in PLACES)))
        if harm := bare.harm() + bare.strange():
            found[string] = harm
    assert found == {}


def test_every_string_is_caught_where_nothing_escapes_it(bare: Bare, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(markup, "escape", lambda text, quote: text)
    missed = []
    for name, string in MARKUP.items():
        bare.show(in_the_question(string))
        if not bare.caught(bare.harm, 3) or not bare.caught(bare.strange, 3):
            missed.append(name)
    assert not missed, missed
    assert len(MARKUP) == 40


def test_the_served_chat_shows_all_of_them_as_text(open_page: Callable[..., Any]) -> None:
    page = open_page(anew=True)
    page.evaluate("window.pwned = undefined")
    ask(page, "attack: quote every string").locator("a.cite").first.click()
    for strings in _filling(list(MARKUP.values()), 1_900):
        ask(page, strings)
    page.wait_for_timeout(200)
    assert page.evaluate(HARM) == []
    shown = page.locator(".conversation").inner_text()
    # The page folds line breaks in a string into spaces, and questions are repeated in part only.
    lost = [name for name, string in MARKUP.items() if "\n" not in string and string not in shown]
    assert lost == []


def _filling(strings: Sequence[str], most: int) -> Iterator[str]:
    """Join the strings into texts of at most ``most`` characters."""
    text = ""
    for string in strings:
        if text and len(text) + len(string) >= most:
            yield text
            text = ""
        text += string + " "
    yield text
