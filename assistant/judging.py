"""A language model's opinion of a run, asked for by name only. It is shown beside the measures and never part of the gate."""

import json
import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from assistant.generation import Model, load_model
from assistant.runs import Result, Run, write_private

_GRADE = re.compile(r"\b([0-2])\b")
_PROMPT = """A health chat that only quotes experts was asked:
{question}

It showed:
{shown}

Does what it showed answer the question? Reply with one digit: 2 fully, 1 partly or in part beside the point, 0 not at all.
"""


@dataclass(frozen=True)
class Verdict:
    """What the judge said of one question."""

    question: str  # its id
    grade: int | None  # 0 not at all, 1 partly, 2 fully; None: the reply held no grade


def judge(model: Model, results: Sequence[Result]) -> list[Verdict]:
    """Ask ``model`` about every result that shows something."""
    return [Verdict(result.question.id, _grade(model(_prompt(result)))) for result in results if result.statements]


def judged_text(run: Run, name: str, folder: Path) -> str:
    """Judge ``run`` with the model ``provider:model``, keep the verdicts beside its report, and return a line about them.

    Raises GenerationError when the model cannot be had.
    """
    verdicts = judge(load_model(name), run.results)
    path = folder / run.name / "judge.json"
    write_private(path, json.dumps({"judge": name, "verdicts": [asdict(verdict) for verdict in verdicts]}, indent=1))
    grades = [verdict.grade for verdict in verdicts if verdict.grade is not None]
    mean = f"{sum(grades) / len(grades):.2f} of 2" if grades else "none"
    return f"judge {name}: {mean} over {len(grades)} answers, {len(verdicts) - len(grades)} without a grade ({path})\n"


def _prompt(result: Result) -> str:
    shown = "\n".join(statement.text for statement in result.statements)
    return _PROMPT.format(question=result.question.text, shown=shown)


def _grade(reply: str) -> int | None:
    found = _GRADE.search(reply)
    return int(found.group(1)) if found else None
