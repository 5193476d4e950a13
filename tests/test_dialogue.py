"""What the chat does, with a stand-in for the assistant."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from assistant.browsing import Filter
from assistant.dialogue import Dialogue, Opinion
from assistant.errors import IndexMissing
from assistant.feedback import Notebook
from assistant.schema import Document
from assistant.transcript import Verdict
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
def notebook(tmp_path: Path) -> Notebook:
    return Notebook(tmp_path)


@pytest.fixture
def dialogue(notebook: Notebook) -> Dialogue:
    return Dialogue(FakeAssistant(), notebook)


def test_a_reply_is_a_turn_with_its_sources(dialogue: Dialogue) -> None:
    turn = dialogue.reply(3, "What should I avoid?")
    assert turn.number == 3
    assert 'id="r-3-1"' in turn.reply
    assert BACK in Seen(turn.reply).text
    assert BACK in Seen(turn.sources).text
    assert turn.markdown.startswith("## What should I avoid?\n\n")
    assert turn.documents == ("t01.rick-olderman", "t13.grenier-and-mcgill", "t01.unnamed")
    assert turn.follows_up


def test_the_answer_to_a_follow_up_knows_the_earlier_questions(dialogue: Dialogue) -> None:
    assert 'data-ask="pizza"' in dialogue.reply(2, "what was before?", ["pizza"]).reply


def test_a_refused_question_is_a_reply_with_the_reason_and_the_cure(dialogue: Dialogue) -> None:
    turn = dialogue.reply(1, "")
    text = Seen(turn.reply).text
    assert "The question is empty." in text
    assert "Type a question" in text
    assert not turn.follows_up


def test_a_source_that_changed_meanwhile_is_shown_by_its_quotation(notebook: Notebook) -> None:
    turn = Dialogue(Changed(), notebook).reply(1, "What should I avoid?")
    assert turn.sources.count("This source has changed since it was quoted") == 3
    assert "Something else." not in turn.sources


def test_without_an_index_browsing_says_what_to_do(notebook: Notebook) -> None:
    dialogue = Dialogue(Broken(), notebook)
    assert "Build it: python ingest.py" in dialogue.browse(Filter(), 20)
    assert dialogue.examples() == ()
    assert dialogue.shelf().experts == ("Any",)


def test_a_verdict_keeps_what_is_stored_and_nothing_else_that_the_page_may_send(
    dialogue: Dialogue, notebook: Notebook
) -> None:
    sent = ("t01.unnamed", "../../etc/passwd", "x" * 5000)
    dialogue.rate(Opinion(Verdict.UNHELPFUL, sent, "k" * 99, "q" * 9000, "c" * 9000))
    record = json.loads(notebook.verdicts.read_text())
    assert record["documents"] == ["t01.unnamed"]
    assert (record["verdict"], record["build"]) == ("not helpful", FakeAssistant.build)
    assert [len(record[field]) for field in ("answer", "question", "comment")] == [32, 2000, 500]


def test_a_question_is_noted_for_the_curators(dialogue: Dialogue, notebook: Notebook) -> None:
    dialogue.note("Does pizza help?")
    dialogue.note("  ")
    assert [noted.question for noted in notebook.noted()] == ["Does pizza help?"]


def test_examples_come_from_the_assistant(dialogue: Dialogue) -> None:
    assert dialogue.examples() == EXAMPLES
