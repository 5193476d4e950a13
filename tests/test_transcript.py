"""A conversation as HTML: the frame, and a turn as it is delivered."""

import pytest

from assistant.markup import Html
from assistant.transcript import (
    QUESTION_SHOWN,
    TURNS_KEPT,
    Turn,
    composer_html,
    conversation_html,
    delivered_html,
    history_html,
    message_html,
    sources_html,
    starters_html,
    turn_html,
)
from tests.browser.fake import HOSTILE
from tests.test_markup import Seen


def turn(question: str = "why?", follows_up: bool = True, markdown: str = "text") -> Turn:
    return Turn(2, question, Html("<p>reply</p>"), Html("<p>source</p>"), markdown, ("a", "b"), "k1", follows_up)


def test_the_frame_holds_a_welcome_with_the_disclaimer_and_what_the_page_must_know() -> None:
    seen = Seen(conversation_html("body { color: red }"))
    assert "Ask in your own words." in seen.text
    assert "not medical advice" in seen.text
    assert {("data-kept", str(TURNS_KEPT)), ("data-shown", str(QUESTION_SHOWN)), ("role", "log")} <= set(
        seen.attributes
    )


def test_a_turn_comes_with_its_sources() -> None:
    markup = delivered_html(turn())
    assert 'id="t-2"' in markup
    assert markup.endswith("<p>source</p>")


def test_a_question_that_could_not_be_answered_is_no_history() -> None:
    assert ("data-question", "why?") in Seen(turn_html(turn())).attributes
    assert "data-question" not in dict(Seen(turn_html(turn(follows_up=False))).attributes)


def test_nothing_typed_is_said_in_words() -> None:
    assert "(nothing typed)" in Seen(turn_html(turn("  "))).text


def test_the_verdict_and_the_question_are_sent_only_by_hand() -> None:
    seen = Seen(turn_html(turn()))
    assert seen.attributes.count(("aria-pressed", "false")) == 2
    assert "checked" not in dict(seen.attributes)
    assert {("data-documents", "a b"), ("data-key", "k1")} <= set(seen.attributes)


def test_a_reply_that_cannot_be_kept_offers_no_tools() -> None:
    assert "data-verdict" not in turn_html(turn(markdown=""))


def test_a_question_is_text_and_a_long_one_is_shortened_where_it_is_shown() -> None:
    seen = Seen(turn_html(turn(HOSTILE[:200] + "x" * 900)))
    assert HOSTILE[:200] in seen.text
    assert "x" * 300 not in seen.text
    assert "script" not in seen.tags


def test_what_is_kept_for_copying_is_text() -> None:
    assert "script" not in Seen(turn_html(turn(markdown=HOSTILE))).tags


def test_questions_to_start_from_can_be_clicked() -> None:
    assert Seen(starters_html(["Why?"])).attributes.count(("data-ask", "Why?")) == 1
    assert starters_html([]) == ""


def test_the_panel_explains_itself_until_there_are_sources() -> None:
    assert "appear here" in sources_html()


def test_keeping_questions_in_the_browser_is_off_until_it_is_ticked() -> None:
    seen = Seen(history_html())
    assert ("type", "checkbox") in seen.attributes
    assert "checked" not in dict(seen.attributes)


@pytest.mark.parametrize("words", ["Your question", "not been reviewed by a clinician", "local emergency number"])
def test_the_box_has_its_label_and_the_disclaimer_beside_it(words: str) -> None:
    assert words in Seen(composer_html()).text


def test_a_message_gives_each_line_its_own_paragraph() -> None:
    assert Seen(message_html("Oh", "one\n  two <b>")).text.startswith("Ohonetwo <b>")
