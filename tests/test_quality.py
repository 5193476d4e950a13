"""The latest evaluation as a tab."""

import json
from pathlib import Path

from assistant.measures import Observation
from assistant.quality import quality_html
from assistant.questions import parse_question
from assistant.runs import Run, result_of, save_run
from tests.small_world import OLDERMAN, answer
from tests.test_markup import Seen


def run(name: str, crashed: int) -> Run:
    line = {
        "id": "q001",
        "class": "covered",
        "question": "How?",
        "kind": "answered",
        "documents": {"t02-back-arches": 2},
    }
    question = parse_question(json.dumps(line))
    right = Observation(question, answer((OLDERMAN, "Pull the navel in.")), (OLDERMAN,), {OLDERMAN.id: OLDERMAN})
    results = (*[result_of(right, 3.0)] * 3, *[result_of(Observation(question, None), error="broke")] * crashed)
    return Run(name, "model", "digest", "set.jsonl", tuple("abcdefgh"[: 3 + crashed]), False, results)


def test_the_latest_run_is_shown_with_its_figures_gate_and_plots(tmp_path: Path) -> None:
    save_run(run("2026-01-01T00-00-00", crashed=3), tmp_path)
    save_run(run("2026-01-02T00-00-00", crashed=1), tmp_path)
    gate = tmp_path / "gate.yaml"
    gate.write_text('covered:\n  cited-right: ">= 0.9"\nall:\n  disclaimer: ">= 0.5"\n')
    markup = quality_html(tmp_path, gate)
    text = Seen(markup).text
    assert "Run 2026-01-02T00-00-00: 4 fixed questions" in text
    assert "75.0 %of covered questions cite a source that answers them4 questions, 95 % interval 30 to 95 %" in text
    assert "1 of 2 thresholds hold." in text
    assert [value for name, value in Seen(markup).attributes if name == "role"].count("img") == 3


def test_without_a_run_the_tab_names_the_command(tmp_path: Path) -> None:
    text = Seen(quality_html(tmp_path, tmp_path / "gate.yaml")).text
    assert "No evaluation to show" in text
    assert "python -m assistant evaluate" in text


def test_a_damaged_report_is_said_to_be_damaged(tmp_path: Path) -> None:
    save_run(run("2026-01-01T00-00-00", crashed=0), tmp_path).write_text("{")
    assert "No evaluation to show" in quality_html(tmp_path, tmp_path / "gate.yaml")
