"""A conversation as values and as HTML: what was asked, what was replied, what the person thought of it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from assistant.markup import Html, element, question_button
from assistant.schema import DISCLAIMER

TURNS_KEPT = 40  # older turns leave the page, so that a long session stays quick
QUESTION_SHOWN = 280  # characters of a question that are repeated above its answer
WAITING_WORDS = "Looking through the experts' answers \u2026"
SOURCES_EMPTY = "The sources of an answer appear here, with the quoted words marked."


class Verdict(StrEnum):
    HELPFUL = "helpful"
    UNHELPFUL = "not helpful"


@dataclass(frozen=True)
class Turn:
    """One question with its reply."""

    number: int  # from 1
    question: str
    reply: Html
    sources: Html
    markdown: str = ""  # the reply for copying; empty where there is nothing to keep
    documents: tuple[str, ...] = ()  # ids of the documents cited
    follows_up: bool = True  # whether later questions may refer to it; not where the question could not be answered
    verdict: Verdict | None = None


@dataclass(frozen=True)
class Conversation:
    turns: tuple[Turn, ...] = ()
    waiting: str | None = None  # the question that is being answered

    @property
    def next_number(self) -> int:
        return self.turns[-1].number + 1 if self.turns else 1

    @property
    def history(self) -> tuple[str, ...]:
        """The earlier questions, oldest first."""
        return tuple(turn.question for turn in self.turns if turn.follows_up)

    def asking(self, question: str) -> "Conversation":
        return replace(self, waiting=question)

    def with_turn(self, turn: Turn) -> "Conversation":
        return Conversation((*self.turns, turn)[-TURNS_KEPT:])

    def with_verdict(self, number: int, verdict: Verdict) -> "Conversation":
        turns = (replace(turn, verdict=verdict) if turn.number == number else turn for turn in self.turns)
        return replace(self, turns=tuple(turns))

    def turn(self, number: int) -> Turn | None:
        return next((turn for turn in self.turns if turn.number == number), None)


def transcript_html(conversation: Conversation) -> Html:
    """The conversation so far, or the welcome."""
    if not conversation.turns and conversation.waiting is None:
        return _log(_welcome_html())
    waiting = "" if conversation.waiting is None else _waiting_html(conversation.next_number, conversation.waiting)
    return _log(_toolbar_html(), *(_turn_html(turn) for turn in conversation.turns), waiting)


def starters_html(examples: Sequence[str]) -> Html:
    """Questions to start a conversation from; the page shows them until there is one."""
    chips = (element("li", question_button(question)) for question in examples)
    heading = element("h2", "Try one of these") if examples else Html("")
    return element("div", heading, element("ul", *chips) if examples else "", class_="starters")


def sources_html(conversation: Conversation) -> Html:
    """The sources of every turn; the page shows those of the last one, or of the one that was clicked."""
    if not conversation.turns:
        return _sources(element("p", SOURCES_EMPTY, class_="hint"))
    return _sources(*(turn.sources for turn in conversation.turns))


def message_html(heading: str, text: str = "") -> Html:
    """A reply of the program itself: what went wrong and what cures it."""
    lines = (element("p", line.strip()) for line in text.splitlines() if line.strip())
    disclaimer = element("p", DISCLAIMER, class_="disclaimer")
    return element("div", element("h3", heading), *lines, disclaimer, class_="answer message")


def _log(*children: str) -> Html:
    return element("section", *children, class_="conversation", role="log", aria_label="Conversation", tabindex="-1")


def _sources(*children: str) -> Html:
    return element("aside", element("h2", "Sources"), *children, class_="panel", aria_label="Sources", tabindex="-1")


def _welcome_html() -> Html:
    lead = "Ask in your own words. You get the experts' own sentences, each with its source."
    return element(
        "div", element("p", lead, class_="lead"), element("p", DISCLAIMER, class_="disclaimer"), class_="welcome"
    )


def _toolbar_html() -> Html:
    return element(
        "div",
        element("button", "Save conversation", type="button", class_="quiet", data_do="save"),
        element("button", "New conversation", type="button", class_="quiet", data_do="restart"),
        class_="toolbar",
    )


def _waiting_html(number: int, question: str) -> Html:
    return _article(number, question, element("p", WAITING_WORDS, class_="waiting"))


def _turn_html(turn: Turn) -> Html:
    return _article(turn.number, turn.question, turn.reply, _tools_html(turn) if turn.markdown else "")


def _article(number: int, question: str, *children: str) -> Html:
    asked = shortened(question)
    heading = element("h2", element("span", "You asked: ", class_="unseen"), element("span", asked, dir="auto"))
    return element("article", heading, *children, class_="turn", id=f"t-{number}")


def shortened(question: str) -> str:
    return question if len(question) <= QUESTION_SHOWN else question[:QUESTION_SHOWN].rstrip() + " \u2026"


def _tools_html(turn: Turn) -> Html:
    include = element("input", type="checkbox", class_="include")
    return element(
        "div",
        element("button", "Copy", type="button", class_="quiet", data_do="copy"),
        *(_verdict_button(turn, verdict) for verdict in Verdict),
        element("label", include, " include my question with it", class_="include-label"),
        element("span", "Noted on this machine." if turn.verdict else "", class_="thanks", role="status"),
        element("pre", turn.markdown, class_="as-markdown", hidden="hidden"),
        class_="tools",
        data_turn=str(turn.number),
    )


def _verdict_button(turn: Turn, verdict: Verdict) -> Html:
    pressed = "true" if turn.verdict is verdict else "false"
    words = verdict.value.capitalize()
    return element("button", words, type="button", class_="quiet", data_verdict=verdict.value, aria_pressed=pressed)
