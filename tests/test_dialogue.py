"""What the chat does, with a stand-in for the assistant."""

from dataclasses import replace
from pathlib import Path

import pytest

from assistant.browsing import Filter
from assistant.dialogue import Dialogue
from assistant.errors import IndexMissing
from assistant.schema import Document
from assistant.transcript import Conversation, Verdict
from tests.browser.fake import BACK, DOCUMENTS, EXAMPLES, FakeAssistant
from tests.test_markup import Seen


class Changed(FakeAssistant):
    """Between the answer and the look at its sources, one was edited and the others went."""

    def document(self, id: str) -> Document:
        if id != DOCUMENTS[0].id:
            raise KeyError(id)
        return replace(DOCUMENTS[0], text="Something else.")


class Broken(FakeAssistant):
    def documents(self) -> tuple[Document, ...]:
        raise IndexMissing("there is no index", "Build it: python ingest.py")

    def examples(self, count: int) -> tuple[str, ...]:
        raise IndexMissing("there is no index", "Build it: python ingest.py")


@pytest.fixture
def dialogue(tmp_path: Path) -> Dialogue:
    return Dialogue(FakeAssistant(), tmp_path / "feedback.jsonl")


def test_a_reply_is_the_next_turn_with_its_sources(dialogue: Dialogue) -> None:
    (turn,) = dialogue.reply("What should I avoid?", Conversation().asking("What should I avoid?")).turns
    assert turn.number == 1
    assert BACK in Seen(turn.reply).text
    assert BACK in Seen(turn.sources).text
    assert turn.markdown.startswith("## What should I avoid?\n\n")
    assert turn.documents == ("t01.rick-olderman", "t13.grenier-and-mcgill", "t01.unnamed")


def test_the_answer_to_a_follow_up_knows_the_earlier_questions(dialogue: Dialogue) -> None:
    conversation = dialogue.reply("pizza", dialogue.reply("", Conversation()))
    assert 'data-ask="pizza"' in dialogue.reply("what was before?", conversation).turns[-1].reply


def test_a_refused_question_is_a_reply_with_the_reason_and_the_cure(dialogue: Dialogue) -> None:
    text = Seen(dialogue.reply("", Conversation()).turns[0].reply).text
    assert "The question is empty." in text
    assert "Type a question" in text


def test_a_source_that_changed_meanwhile_is_shown_by_its_quotation(tmp_path: Path) -> None:
    turn = Dialogue(Changed(), tmp_path / "f").reply("What should I avoid?", Conversation()).turns[0]
    assert turn.sources.count("This source has changed since it was quoted") == 3
    assert "Something else." not in turn.sources


def test_without_an_index_browsing_says_what_to_do(tmp_path: Path) -> None:
    dialogue = Dialogue(Broken(), tmp_path / "f")
    assert "Build it: python ingest.py" in dialogue.browse(Filter(), 20)
    assert dialogue.examples() == ()
    assert dialogue.shelf().experts == ("Any",)


def test_a_verdict_on_a_turn_that_is_not_there_is_not_kept(dialogue: Dialogue, tmp_path: Path) -> None:
    assert dialogue.rate(Conversation(), 7, Verdict.HELPFUL, include=True) == Conversation()
    assert not (tmp_path / "feedback.jsonl").exists()


def test_examples_come_from_the_assistant(dialogue: Dialogue) -> None:
    assert dialogue.examples() == EXAMPLES
