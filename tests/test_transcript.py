"""A conversation as values and as HTML."""

from assistant.markup import Html
from assistant.transcript import (
    TURNS_KEPT,
    Conversation,
    Turn,
    Verdict,
    message_html,
    sources_html,
    starters_html,
    transcript_html,
)
from tests.browser.fake import HOSTILE
from tests.test_markup import Seen


def turn(number: int, question: str = "why?", follows_up: bool = True) -> Turn:
    return Turn(number, question, Html("<p>reply</p>"), Html("<p>source</p>"), "text", follows_up=follows_up)


def test_an_empty_conversation_is_a_welcome_with_the_disclaimer() -> None:
    text = Seen(transcript_html(Conversation())).text
    assert "Ask in your own words." in text
    assert "not medical advice" in text


def test_the_question_that_is_being_answered_is_shown_at_once() -> None:
    markup = transcript_html(Conversation((turn(1),)).asking("and now?"))
    assert 'id="t-2"' in markup
    assert "and now?" in markup
    assert 'class="waiting"' in markup


def test_numbers_go_on_when_the_oldest_turns_leave() -> None:
    conversation = Conversation()
    for _ in range(TURNS_KEPT + 5):
        conversation = conversation.with_turn(turn(conversation.next_number))
    assert [kept.number for kept in conversation.turns] == list(range(6, TURNS_KEPT + 6))


def test_questions_that_could_not_be_answered_are_no_history() -> None:
    conversation = Conversation((turn(1, "a"), turn(2, "b", follows_up=False), turn(3, "c")))
    assert conversation.history == ("a", "c")


def test_a_verdict_marks_its_button_and_no_other() -> None:
    conversation = Conversation((turn(1), turn(2))).with_verdict(2, Verdict.HELPFUL)
    markup = transcript_html(conversation)
    assert markup.count('aria-pressed="true"') == 1
    assert markup.index('id="t-2"') < markup.index('aria-pressed="true"')
    assert conversation.with_verdict(9, Verdict.HELPFUL) == conversation


def test_the_inclusion_of_the_question_is_off_until_it_is_ticked() -> None:
    markup = transcript_html(Conversation((turn(1),)))
    assert '<input type="checkbox" class="include">' in markup
    assert "checked" not in markup


def test_a_question_is_text_and_a_long_one_is_shortened() -> None:
    seen = Seen(transcript_html(Conversation((turn(1, HOSTILE[:200] + "x" * 900),))))
    assert HOSTILE[:200] in seen.text
    assert "x" * 300 not in seen.text
    assert "script" not in seen.tags


def test_what_is_kept_for_copying_is_text() -> None:
    hostile = Turn(1, "q", Html(""), Html(""), HOSTILE)
    assert "script" not in Seen(transcript_html(Conversation((hostile,)))).tags


def test_questions_to_start_from_can_be_clicked() -> None:
    assert Seen(starters_html(["Why?"])).attributes.count(("data-ask", "Why?")) == 1
    assert "Try one" not in starters_html([])


def test_the_panel_explains_itself_until_there_are_sources() -> None:
    assert "appear here" in sources_html(Conversation())
    assert sources_html(Conversation((turn(1), turn(2)))).count("<p>source</p>") == 2


def test_a_message_gives_each_line_its_own_paragraph() -> None:
    assert Seen(message_html("Oh", "one\n  two <b>")).text.startswith("Ohonetwo <b>")
