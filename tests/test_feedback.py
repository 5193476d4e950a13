"""Verdicts are kept on this machine, readable by its owner only, without the question unless it was offered."""

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

from assistant.feedback import keep_feedback

NOON = datetime(2026, 1, 2, 12, tzinfo=UTC)


def test_a_verdict_is_one_line_of_json(tmp_path: Path) -> None:
    file = tmp_path / "feedback" / "feedback.jsonl"
    keep_feedback(file, "helpful", ["t01.a"], "build", None, NOON)
    keep_feedback(file, "not helpful", [], "build", "Wh\u00fd\n\ud800?", NOON)
    first, second = (json.loads(line) for line in file.read_text().splitlines())
    assert first == {
        "time": "2026-01-02T12:00:00+00:00",
        "verdict": "helpful",
        "build": "build",
        "documents": ["t01.a"],
    }
    assert second["question"] == "Wh\u00fd\n\ud800?"


def test_only_the_owner_can_read_it(tmp_path: Path) -> None:
    file = tmp_path / "feedback" / "feedback.jsonl"
    keep_feedback(file, "helpful", [], "build", None)
    assert file.stat().st_mode & 0o777 == 0o600
    assert file.parent.stat().st_mode & 0o777 == 0o700


def test_verdicts_given_at_once_do_not_mix(tmp_path: Path) -> None:
    file = tmp_path / "feedback.jsonl"
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda n: keep_feedback(file, "helpful", [f"d{n}"] * 200, "build", None), range(64)))
    records = [json.loads(line) for line in file.read_text().splitlines()]
    assert {record["documents"][0] for record in records} == {f"d{n}" for n in range(64)}
