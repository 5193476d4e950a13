"""Show a run: a table for the terminal and one self-contained page that opens offline."""

import base64
import hashlib
from collections.abc import Mapping, Sequence
from pathlib import Path

from assistant.charts import latency_plot, outcome_bars, reliability_plot
from assistant.comparison import Comparison, Difference, Flip, Shortfall, Threshold
from assistant.markup import Html, element, join
from assistant.measures import MEASURES, Verdict
from assistant.runs import ALL, WHOLE_RUN, Result, Run, Value, confusion, grouped, reliability_curve, summarise

Summary = Mapping[str, Mapping[str, Value]]  # group -> measure -> value

ABOUT = {measure.name: measure.about for measure in MEASURES} | WHOLE_RUN
_STYLES = {verdict.value: f"v{place}" for place, verdict in enumerate(Verdict)}
_COLUMN = 12  # characters

SCRIPT = """
const picks=[...document.querySelectorAll("select")], rows=[...document.querySelectorAll("details.q")];
const show=()=>{let n=0;for(const r of rows){const v=r.dataset.verdict;
const hit=picks.every(p=>!p.value||r.dataset[p.id]===p.value||(p.value==="any failure"&&v!=="right"));
r.hidden=!hit;n+=hit}document.getElementById("shown").textContent=n+" of "+rows.length+" questions"};
for(const p of picks)p.addEventListener("change",show);show();
"""


def terminal_table(summary: Summary) -> str:
    """Return measures by classes; intervals are on the page and in report.json."""
    lines = [f"{'':<22}" + "".join(f"{group:>{_COLUMN}}" for group in summary)]
    for name in _measured(summary):
        cells = [_number(name, values.get(name)) for values in summary.values()]
        lines.append(f"{name:<22}" + "".join(f"{cell:>{_COLUMN}}" for cell in cells))
    counts = [values["right"].count for values in summary.values()]
    return "\n".join([*lines, f"{'questions':<22}" + "".join(f"{count:>{_COLUMN}}" for count in counts)]) + "\n"


def terminal_comparison(comparison: Comparison) -> str:
    """Return the measures that differ and the questions that flipped, both ways."""
    lines = [f"\n{comparison.before} -> {comparison.after}"]
    if comparison.left_out:
        lines.append(f"{comparison.left_out} questions are in one run only or were changed, and are left out")
    lines += terminal_differences(comparison.differences)
    for word, flips in (("gained", comparison.gained), ("lost", comparison.lost)):
        lines.append(f"{word} {len(flips)}")
        lines += [f"  {flip.question}  {flip.text}\n        {flip.before} -> {flip.after}" for flip in flips]
    return "\n".join(lines) + "\n"


def terminal_differences(differences: Sequence[Difference]) -> list[str]:
    """Return one line for each measure that differs, with its permutation p."""
    differing = [d for d in differences if d.before != d.after]
    if not differing:
        return ["no measure differs"]
    width = max(len(d.group) + len(d.measure) for d in differing) + 3
    return [f"{f'{d.group} {d.measure}':<{width}}{_change(d)}  n={d.count}" for d in differing]


def terminal_gate(gate: Sequence[Threshold], missed: Sequence[Shortfall], name_them: bool) -> str:
    """Return the gate in a line, and what fell short where ``name_them``."""
    line = f"gate: {len(gate) - len(missed)} of {len(gate)} thresholds hold"
    if missed and not name_them:
        line += "; --gate names the others"
    return "\n".join([line, *(f"  {shortfall}" for shortfall in missed if name_them)]) + "\n"


def html_page(
    run: Run, gate: Sequence[Threshold], missed: Sequence[Shortfall], comparison: Comparison | None = None
) -> str:
    """Return the whole page; everything that comes from the set, the corpus or the answers is escaped."""
    summary = summarise(run.results)
    state = "" if run.complete else f" Broken off: {len(run.results)} of {len(run.selected)} questions were asked."
    body = join(
        element("h1", "Evaluation"),
        element("p", f"Run {run.name}, {len(run.results)} questions of {run.questions}, model {run.model}.{state}"),
        _gate(gate, missed),
        element("h2", "Measures"),
        element(
            "p",
            "Small print: 95 % Wilson intervals of rates. A question without a result scores worst throughout.",
            class_="soft",
        ),
        element("div", _summary_table(summary), class_="scroll"),
        element("h2", "Plots"),
        _plots(run),
        element("h2", "Kind of answer due and given"),
        element("div", _confusion_table(run), class_="scroll"),
        _comparison(comparison) if comparison else "",
        element("h2", "Questions"),
        _filters(run),
        *(_question(result) for result in run.results),
        element("script", Html(SCRIPT)),
    )
    # Nothing but this script and this style sheet may run or load, whatever stands in a corpus.
    digest = base64.b64encode(hashlib.sha256(SCRIPT.encode()).digest()).decode()
    policy = f"default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-{digest}'"
    head = (
        '<meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1">'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">'
    )
    style = element("style", Html(Path(__file__).with_name("report.css").read_text(encoding="utf-8")))
    head += element("title", f"Evaluation {run.name}") + style
    return f'<!doctype html><html lang="en"><head>{head}</head><body>{body}</body></html>\n'


def _measured(summary: Summary) -> list[str]:
    return [name for name in ABOUT if any(name in values for values in summary.values())]


def _number(name: str, value: Value | None) -> str:
    if value is None:
        return "-"
    return f"{value.mean:.1f}" if name.startswith("latency") else f"{value.mean:.3f}"


def _change(difference: Difference) -> str:
    p = "" if difference.p is None else f"  p={difference.p:.3f}"
    return f"{difference.before:.4g} -> {difference.after:.4g}  ({difference.after - difference.before:+.4g}){p}"


def _gate(gate: Sequence[Threshold], missed: Sequence[Shortfall]) -> Html:
    if not gate:
        return element("p", "No gate was given.", class_="soft")
    line = element(
        "p", f"{len(gate) - len(missed)} of {len(gate)} thresholds hold.", class_="bad" if missed else "good"
    )
    return join(line, element("ul", *(element("li", str(shortfall)) for shortfall in missed)) if missed else "")


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> Html:
    cells = (
        element("tr", element("th", row[0], scope="row"), *(element("td", cell) for cell in row[1:])) for row in rows
    )
    return element("table", element("tr", *(element("th", cell, scope="col") for cell in head)), *cells)


def _summary_table(summary: Summary) -> Html:
    rows = []
    for name in _measured(summary):
        label = join(name, element("br"), element("small", ABOUT[name], class_="soft"))
        rows.append([label, *(_cell(name, values.get(name)) for values in summary.values())])
    return _table(["measure", *summary], rows)


def _cell(name: str, value: Value | None) -> Html:
    if value is None or value.low is None or value.high is None:
        return join(_number(name, value))
    return join(
        _number(name, value), element("br"), element("small", f"{value.low:.2f}-{value.high:.2f}", class_="soft")
    )


def _plots(run: Run) -> Html:
    counts = {
        group: {verdict.value: sum(r.verdict is verdict for r in members) for verdict in Verdict}
        for group, members in grouped(run.results).items()
        if group != ALL
    }
    present = [verdict.value for verdict in Verdict if any(outcomes[verdict.value] for outcomes in counts.values())]
    legend = element("p", *(_tag(verdict) for verdict in present))
    times = [result.milliseconds for result in run.results if result.kind]
    return element(
        "div",
        element(
            "figure", element("figcaption", "Outcomes by class"), outcome_bars(counts, _STYLES), legend, class_="wide"
        ),
        element(
            "figure",
            element("figcaption", "Is confidence to be trusted? On the dashes it is."),
            reliability_plot(reliability_curve(run.results)),
        ),
        element("figure", element("figcaption", "How long an answer takes"), latency_plot(times), class_="wide"),
        class_="plots",
    )


def _confusion_table(run: Run) -> Html:
    table = confusion(run.results)
    kinds = list(next(iter(table.values()), {}))
    return _table(["class", *kinds], [[name, *(str(counts[kind]) for kind in kinds)] for name, counts in table.items()])


def _comparison(comparison: Comparison) -> Html:
    rows = [
        [
            f"{d.group} {d.measure}",
            f"{d.before:.4g}",
            f"{d.after:.4g}",
            f"{d.after - d.before:+.4g}",
            "" if d.p is None else f"{d.p:.3f}",
            str(d.count),
        ]
        for d in comparison.differences
        if d.before != d.after
    ]
    flips = join(_flips("Gained", comparison.gained), _flips("Lost", comparison.lost))
    table = element("div", _table(["measure", "before", "after", "change", "p", "questions"], rows), class_="scroll")
    note = (
        f"{comparison.left_out} questions are in one run only or were changed, and are left out."
        if comparison.left_out
        else ""
    )
    heading = element("h2", f"Compared with {comparison.before}")
    return join(
        heading, element("p", note, class_="soft"), table if rows else element("p", "No measure differs."), flips
    )


def _flips(heading: str, flips: Sequence[Flip]) -> Html:
    items = (
        element(
            "li", f"{flip.question} {flip.text} ", element("span", f"({flip.before} → {flip.after})", class_="soft")
        )
        for flip in flips
    )
    return join(element("h3", f"{heading} {len(flips)}"), element("ul", *items))


def _filters(run: Run) -> Html:
    classes = [group for group in grouped(run.results) if group != ALL]
    verdicts = ["any failure", *(verdict.value for verdict in Verdict)]
    pickers = (_picker("class", "Class", classes), _picker("verdict", "Outcome", verdicts))
    return element("div", *pickers, element("output", f"{len(run.results)} questions", id="shown"), class_="filters")


def _picker(name: str, label: str, values: Sequence[str]) -> Html:
    options = (element("option", value, value=value) for value in values)
    return element(
        "label", element("span", label), element("select", element("option", "all", value=""), *options, id=name)
    )


def _tag(verdict: str) -> Html:
    return element("span", verdict, class_=f"tag {_STYLES[verdict]}")


def _question(result: Result) -> Html:
    question, verdict = result.question, result.verdict.value
    summary = element(
        "summary", _tag(verdict), element("b", question.id), f" {question.category.value} — {question.text}"
    )
    return element(
        "details",
        summary,
        element("div", element("div", *_expected(result)), element("div", *_given(result)), class_="pair"),
        class_="q",
        data_class=question.category.value,
        data_verdict=verdict,
    )


def _expected(result: Result) -> list[Html]:
    question = result.question
    judged = ", ".join(f"{name} ({grade})" for name, grade in question.documents.items()) or "none"
    lines = [
        element("h3", "Expected"),
        element("p", f"Kind: {question.kind.value}. Judged documents (grade): {judged}."),
    ]
    if question.history:
        lines.append(element("p", "Asked before: " + " / ".join(question.history)))
    lines += _listed("Views", question.views) + _listed("Key sentences", question.key)
    lines += _listed("Not said by the experts", [question.missing] if question.missing else [])
    return lines + _listed("Note", [question.note] if question.note else [])


def _given(result: Result) -> list[Html]:
    if result.kind is None:
        return [element("h3", "Given"), element("p", f"No result: {result.error}", class_="bad")]
    sources = {cited.number: cited for cited in result.cited}
    lines = [
        element("h3", "Given"),
        element("p", f"Kind: {result.kind.value}. Confidence {result.confidence:.2f}, {result.milliseconds:.1f} ms."),
    ]
    lines += [element("p", element("b", result.notice))] if result.notice else []
    for shown in result.statements:
        credits = (
            element(
                "small",
                f"[{n}] {sources[n].name}, {sources[n].title} ({sources[n].document})",
                class_="good" if sources[n].relevant else "bad",
            )
            for n in shown.citations
        )
        lines.append(element("blockquote", shown.text, element("br"), *credits))
    scores = ", ".join(f"{name} {value:.3g}" for name, value in result.scores.items())
    lines += _listed("Said to be missing", result.missing) + _listed("Retrieved", result.found)
    return [*lines, element("p", scores, class_="soft")]


def _listed(heading: str, items: Sequence[str]) -> list[Html]:
    return [element("p", element("b", f"{heading}: "), "; ".join(items))] if items else []
