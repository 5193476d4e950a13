"""A conversation as HTML: the frame that the page keeps, and each turn as it is delivered into it.

The conversation itself lives in the page. What the page needs to go on with it stands in the turn's attributes.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from assistant.markup import Html, element, join, question_button
from assistant.schema import DISCLAIMER

TURNS_KEPT = 40  # older turns leave the page, so that a long session stays quick
QUESTION_SHOWN = 280  # characters of a question that are repeated above its answer
BOX_LIMIT = 20_000  # characters: far more than is read, so that a long question is refused in words and not cut
REASON_LIMIT = 500  # characters
SOURCES_EMPTY = "The sources of an answer appear here, with the quoted words marked."
BRIEF_DISCLAIMER = (
    "General information, not medical advice, diagnosis or treatment; not reviewed by a clinician."
    " Consult your health-care provider; in an emergency call your local emergency number."
)


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
    key: str = ""  # names this one reply in the file of verdicts
    follows_up: bool = True  # whether later questions may refer to it; not where the question could not be answered


def delivered_html(turn: Turn) -> Html:
    """The turn and its sources, side by side in one parcel; the page puts each in its place."""
    return join(turn_html(turn), turn.sources)


def turn_html(turn: Turn) -> Html:
    shown = shortened(turn.question) if turn.question.strip() else "(nothing typed)"
    return element(
        "article",
        element("h2", element("span", "You asked: ", class_="unseen"), element("span", shown, dir="auto")),
        turn.reply,
        _tools_html(turn) if turn.markdown else "",
        class_="turn",
        id=f"t-{turn.number}",
        data_question=turn.question if turn.follows_up else None,
    )


def shortened(question: str) -> str:
    return question if len(question) <= QUESTION_SHOWN else question[:QUESTION_SHOWN].rstrip() + " \u2026"


def conversation_html(export_style: str) -> Html:
    """The frame of the conversation: a welcome that gives way to the first turn, and what can be done with all of it.

    ``export_style`` is the style sheet of the page that a conversation can be saved as.
    """
    lead = "Ask in your own words. You get the experts' own sentences, each with its source."
    welcome = element(
        "div", element("p", lead, class_="lead"), element("p", DISCLAIMER, class_="disclaimer"), class_="welcome"
    )
    return join(
        _toolbar_html(),
        element("pre", export_style, id="export-style", hidden="hidden"),
        element(
            "section",
            welcome,
            class_="conversation",
            role="log",
            aria_label="Conversation",
            tabindex="-1",
            data_kept=str(TURNS_KEPT),
            data_shown=str(QUESTION_SHOWN),
        ),
    )


def starters_html(examples: Sequence[str]) -> Html:
    """Questions to start a conversation from; the page shows them until there is one."""
    chips = [element("li", question_button(question)) for question in examples]
    heading = element("h2", "Try one of these") if examples else Html("")
    return join(heading, element("ul", *chips, class_="chips") if chips else "")


def history_html() -> Html:
    """Earlier questions, kept by the browser and by nobody else, and only once the switch is on."""
    switch = element("input", type="checkbox", id="keep-history", class_="tick")
    return element(
        "div",
        element("h2", "You asked before", hidden="hidden"),
        element("ul", class_="chips past"),
        element(
            "div",
            element("label", switch, " Keep my questions in this browser", class_="tick-label"),
            element("button", "Clear them", type="button", class_="quiet", data_do="forget", hidden="hidden"),
            class_="row",
        ),
        class_="history",
    )


def composer_html() -> Html:
    """The box, and the disclaimer beside it: whole where there is room, in brief on a phone."""
    box = element("textarea", id="question", rows="1", placeholder="Ask in your own words", maxlength=str(BOX_LIMIT))
    return join(
        element(
            "form",
            element("label", "Your question", for_="question", class_="unseen"),
            box,
            element("button", "Ask", type="submit", class_="main"),
            id="box",
        ),
        element(
            "div",
            element("p", DISCLAIMER, class_="whole"),
            element("p", BRIEF_DISCLAIMER, class_="brief"),
            id="notice",
        ),
    )


def sources_html() -> Html:
    """The frame of the sources panel: it shows those of the last answer, or of the one whose citation was followed."""
    hint = element("p", SOURCES_EMPTY, class_="hint when-empty")
    close = element("button", "Close", type="button", class_="quiet close", data_do="close")
    return element(
        "aside", close, element("h2", "Sources"), hint, class_="panel", aria_label="Sources", tabindex="-1", id="panel"
    )


def message_html(heading: str, text: str = "") -> Html:
    """A reply of the program itself: what went wrong and what cures it."""
    lines = (element("p", line.strip()) for line in text.splitlines() if line.strip())
    disclaimer = element("p", DISCLAIMER, class_="disclaimer")
    return element("div", element("h3", heading), *lines, disclaimer, class_="answer message")


def _toolbar_html() -> Html:
    saves = (
        ("markdown", "As text (Markdown)"),
        ("page", "As a web page"),
        ("print", "Print, or save as PDF"),
    )
    items = (
        element("li", element("button", words, type="button", class_="quiet", data_save=how)) for how, words in saves
    )
    return element(
        "div",
        element("details", element("summary", "Save"), element("ul", *items), class_="menu"),
        element("button", "New conversation", type="button", class_="quiet", data_do="restart"),
        class_="toolbar",
    )


def _tools_html(turn: Turn) -> Html:
    return element(
        "div",
        element(
            "div",
            element("button", "Copy", type="button", class_="quiet", data_do="copy"),
            *(_verdict_button(verdict) for verdict in Verdict),
            element("span", class_="thanks", role="status"),
            class_="row",
        ),
        _reason_html(turn.number),
        element("pre", turn.markdown, class_="as-markdown", hidden="hidden"),
        class_="tools",
        data_turn=str(turn.number),
        data_asked=turn.question,
        data_key=turn.key,
        data_documents=" ".join(turn.documents),
    )


def _verdict_button(verdict: Verdict) -> Html:
    words = verdict.value.capitalize()
    return element("button", words, type="button", class_="quiet", data_verdict=verdict.value, aria_pressed="false")


def _reason_html(number: int) -> Html:
    """Asked for after a verdict; a reason and the question are kept only when they are sent."""
    field = f"reason-{number}"
    return element(
        "form",
        element("label", "Why? ", for_=field),
        element("input", type="text", id=field, class_="reason", maxlength=str(REASON_LIMIT), autocomplete="off"),
        element(
            "label",
            element("input", type="checkbox", class_="include tick"),
            " include my question with it",
            class_="tick-label",
        ),
        element("button", "Send", type="submit", class_="quiet"),
        class_="why row",
        hidden="hidden",
    )
