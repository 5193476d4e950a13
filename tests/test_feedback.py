"""What people send is kept on this machine, readable by its owner only, without the question unless it was offered."""

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

import pytest

from assistant.curation import read_complaints
from assistant.errors import FeedbackError
from assistant.feedback import Notebook, Noted

NOON = datetime(2026, 1, 2, 12, tzinfo=UTC)


@pytest.fixture
def notebook(tmp_path: Path) -> Notebook:
    return Notebook(tmp_path / "feedback")


def test_a_verdict_is_one_line_of_json(notebook: Notebook) -> None:
    notebook.keep_verdict("helpful", ["t01.a"], "build", now=NOON)
    notebook.keep_verdict("not helpful", [], "build", "k1", "Wh\u00fd\n\ud800?", "too long", NOON)
    first, second = (json.loads(line) for line in notebook.verdicts.read_text().splitlines())
    assert first == {
        "time": "2026-01-02T12:00:00+00:00",
        "verdict": "helpful",
        "build": "build",
        "documents": ["t01.a"],
    }
    assert (second["answer"], second["question"], second["comment"]) == ("k1", "Wh\u00fd\n\ud800?", "too long")


def test_a_reason_goes_with_its_question_to_the_curator(notebook: Notebook) -> None:
    notebook.keep_verdict("not helpful", ["t01.a"], "build", "k1")
    notebook.keep_verdict("not helpful", ["t01.a"], "build", "k1", "Why?", "no source")
    (complaint,) = read_complaints(notebook.verdicts)
    assert (complaint.question, complaint.comment) == ("Why?", "no source")


def test_only_the_owner_can_read_it(notebook: Notebook) -> None:
    notebook.keep_verdict("helpful", [], "build")
    notebook.note_question("Why?", "build")
    assert {file.stat().st_mode & 0o777 for file in notebook.folder.iterdir()} == {0o600}
    assert notebook.folder.stat().st_mode & 0o777 == 0o700


def test_verdicts_given_at_once_do_not_mix(notebook: Notebook) -> None:
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda n: notebook.keep_verdict("helpful", [f"d{n}"] * 200, "build"), range(64)))
    records = [json.loads(line) for line in notebook.verdicts.read_text().splitlines()]
    assert {record["documents"][0] for record in records} == {f"d{n}" for n in range(64)}


def test_noted_questions_come_back_in_their_order(notebook: Notebook) -> None:
    assert notebook.noted() == ()
    notebook.note_question("One?", "build", NOON)
    notebook.note_question("Two?\n", "build", NOON)
    assert notebook.noted() == (
        Noted("One?", "2026-01-02T12:00:00+00:00"),
        Noted("Two?\n", "2026-01-02T12:00:00+00:00"),
    )


@pytest.mark.parametrize("line", ["not json", "[]", "{}", '{"question": "x"}'])
def test_a_line_that_is_no_noted_question_is_named(notebook: Notebook, line: str) -> None:
    notebook.note_question("One?", "build")
    notebook.questions.write_text(notebook.questions.read_text() + line + "\n")
    with pytest.raises(FeedbackError, match=r"questions\.jsonl:2"):
        notebook.noted()
