"""The latest evaluation as a tab of the chat: what was measured, how each kind of question fares, whether confidence holds."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from assistant.comparison import read_gate, shortfalls
from assistant.errors import AssistantError
from assistant.markup import Html, element
from assistant.report import gate_html, plots_html, summary_table, wide
from assistant.runs import ALL, Run, Value, latest_run, load_run, summarise

COMMAND = "python -m assistant evaluate"
# The figures that a reader looks for first: class of question, measure, what it means.
KEY_FIGURES = (
    ("covered", "cited-right", "of covered questions cite a source that answers them"),
    ("paraphrase", "cited-right", "of questions in other words do"),
    ("opposing", "views-shown", "of disputed questions show both sides"),
    ("urgent", "urgent-sensitivity", "of urgent descriptions get the urgent card"),
    (ALL, "urgent-specificity", "of other questions get no urgent card"),
    ("out_of_scope", "false-answer", "of questions that nobody covers are answered all the same"),
    ("covered", "false-refusal", "of covered questions are refused"),
    (ALL, "exact-quote", "of answers are whole sentences of their source"),
)


def quality_html(folder: Path, gate: Path) -> Html:
    """The latest complete run in ``folder``, held against the thresholds in ``gate``; or that there is none yet."""
    try:
        run = load_run(latest_run(folder))
        thresholds = read_gate(gate) if gate.exists() else ()
    except AssistantError as error:
        return _none_html(error)
    summary = summarise(run.results)
    missed = shortfalls(summary, thresholds, run.restricted)
    return element(
        "section",
        element("h2", "How good are the answers?"),
        element("p", _about(run), class_="hint"),
        _figures_html(summary),
        element("h3", "Against the gate"),
        element("div", gate_html(thresholds, missed), class_="gate"),
        element("h3", "How each kind of question fares"),
        plots_html(run),
        element(
            "details",
            element("summary", "Every measure, with its interval"),
            wide("Measures by class", summary_table(summary)),
            class_="measures",
        ),
        class_="quality",
        aria_label="Quality",
    )


def _about(run: Run) -> str:
    return (
        f"Run {run.name}: {len(run.results)} fixed questions, asked and judged by rules, not by a clinician."
        f" Repeat it with: {COMMAND}"
    )


def _figures_html(summary: Mapping[str, Mapping[str, Value]]) -> Html:
    found = [(summary[group][name], words) for group, name, words in KEY_FIGURES if name in summary.get(group, {})]
    return element("ul", *(element("li", *_figure(value, words)) for value, words in found), class_="figures")


def _figure(value: Value, words: str) -> Sequence[Html]:
    low, high = value.low, value.high
    interval = f", 95 % interval {100 * low:.0f} to {100 * high:.0f} %" if low is not None and high is not None else ""
    return (
        element("strong", f"{100 * value.mean:.1f} %"),
        element("span", words),
        element("small", f"{value.count} questions{interval}"),
    )


def _none_html(error: AssistantError) -> Html:
    return element(
        "section",
        element("h2", "How good are the answers?"),
        element("p", f"No evaluation to show: {error.message}."),
        element("p", "Make one with: ", element("code", COMMAND), ". It takes less than a minute and asks nobody."),
        class_="quality",
        aria_label="Quality",
    )
