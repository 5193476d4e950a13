"""A language model's opinion is shown when it is asked for, and counts for nothing else."""

import json
from pathlib import Path

import pytest

from assistant import judging
from assistant.judging import Verdict, judge, judged_text
from assistant.measures import Observation
from assistant.questions import Category, Question
from assistant.runs import Result, Run, result_of
from assistant.schema import Answer, AnswerKind
from tests.small_world import OLDERMAN, answer, refusal


def result(id: str, given: Answer) -> Result:
    question = Question(id, Category.COVERED, "my back arches", AnswerKind.ANSWERED, {"t02": 2})
    return result_of(Observation(question, given, (), {OLDERMAN.id: OLDERMAN}))


SHOWN = result("q1", answer((OLDERMAN, "Pull the navel in.")))


@pytest.mark.parametrize(
    ("reply", "grade"), [("2", 2), ("Grade: 1, it lacks the second remedy", 1), ("well", None), ("10", None)]
)
def test_a_reply_is_read_as_a_grade_or_as_none(reply: str, grade: int | None) -> None:
    assert judge(lambda prompt: reply, [SHOWN]) == [Verdict("q1", grade)]


def test_the_judge_sees_the_question_and_what_was_shown() -> None:
    seen: list[str] = []

    def model(prompt: str) -> str:
        seen.append(prompt)
        return "2"

    judge(model, [SHOWN])
    assert "my back arches" in seen[0] and "Pull the navel in." in seen[0]


def test_a_refusal_is_not_judged() -> None:
    assert judge(lambda prompt: "2", [result("q2", refusal())]) == []


def test_the_verdicts_are_kept_beside_the_report(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(judging, "load_model", lambda name: lambda prompt: "1")
    run = Run("2026-01-01T00-00-00", "model", "corpus", "questions.jsonl", ("q1",), False, (SHOWN,))
    line = judged_text(run, "made:up", tmp_path)
    assert "1.00 of 2 over 1 answers" in line
    kept = json.loads((tmp_path / run.name / "judge.json").read_text(encoding="utf-8"))
    assert kept == {"judge": "made:up", "verdicts": [{"question": "q1", "grade": 1}]}
