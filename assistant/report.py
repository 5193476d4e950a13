"""Show a run as one self-contained page that opens offline."""

import base64
import hashlib
from collections.abc import Sequence
from pathlib import Path

from assistant.charts import latency_plot, outcome_bars, reliability_plot
from assistant.comparison import Comparison, Flip, Shortfall, Threshold
from assistant.markup import Html, element, join
from assistant.measures import Outcome
from assistant.runs import ALL, Cited, Result, Run, Value, confusion, grouped, reliability_curve, summarise
from assistant.schema import DISCLAIMER
from assistant.terminal import ABOUT, Summary, measured, number, p_words

STYLE_SHEETS = ("plots.css", "report.css")
_STYLES = {outcome.value: f"v{place}" for place, outcome in enumerate(Outcome)}

SCRIPT = """
const picks=[...document.querySelectorAll("select")], rows=[...document.querySelectorAll("details.q")];
const show=()=>{let n=0;for(const r of rows){const v=r.dataset.outcome;
const hit=picks.every(p=>!p.value||r.dataset[p.id]===p.value||(p.value==="any failure"&&v!=="right"));
r.hidden=!hit;n+=hit}document.getElementById("shown").textContent=n+" of "+rows.length+" questions"};
for(const p of picks)p.addEventListener("change",show);show();
"""


def html_page(
    run: Run, gate: Sequence[Threshold], missed: Sequence[Shortfall], comparison: Comparison | None = None
) -> str:
    """Return the whole page; everything that comes from the set, the corpus or the answers is escaped."""
    summary = summarise(run.results)
    state = "" if run.complete else f" Broken off: {len(run.results)} of {len(run.selected)} questions were asked."
    body = element(
        "main",
        element("h1", "Evaluation"),
        element("p", f"Run {run.name}, {len(run.results)} questions of {run.questions}, model {run.model}.{state}"),
        element("p", DISCLAIMER, class_="soft"),
        gate_html(gate, missed),
        element("h2", "Measures"),
        element(
            "p",
            "Small print: 95 % Wilson intervals of rates. A question without a result scores worst throughout.",
            class_="soft",
        ),
        wide("Measures by class", summary_table(summary)),
        element("h2", "Plots"),
        plots_html(run),
        element("h2", "Kind of answer due and given"),
        wide("Kind due and given", _confusion_table(run)),
        _comparison(comparison) if comparison else "",
        element("h2", "Questions"),
        _filters(run),
        *(_question(result) for result in run.results),
    )
    # Nothing but this script and this style sheet may run or load, whatever stands in a corpus.
    digest = base64.b64encode(hashlib.sha256(SCRIPT.encode()).digest()).decode()
    policy = f"default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-{digest}'"
    head = (
        '<meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1">'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">'
    )
    sheets = (Path(__file__).with_name(name).read_text(encoding="utf-8") for name in STYLE_SHEETS)
    style = element("style", Html("".join(sheets)))
    script = element("script", Html(SCRIPT))
    head += element("title", f"Evaluation {run.name}") + style
    return f'<!doctype html><html lang="en"><head>{head}</head><body>{body}{script}</body></html>\n'


def gate_html(gate: Sequence[Threshold], missed: Sequence[Shortfall]) -> Html:
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


def wide(label: str, table: Html) -> Html:
    """Let a wide table scroll by itself, with the keyboard too."""
    return element("div", table, class_="scroll", tabindex="0", role="region", aria_label=label)


def summary_table(summary: Summary) -> Html:
    rows = []
    for name in measured(summary):
        label = join(name, element("br"), element("small", ABOUT[name], class_="soft"))
        rows.append([label, *(_cell(name, values.get(name)) for values in summary.values())])
    return _table(["measure", *summary], rows)


def _cell(name: str, value: Value | None) -> Html:
    if value is None or value.low is None or value.high is None:
        return join(number(name, value))
    return join(
        number(name, value), element("br"), element("small", f"{value.low:.2f}-{value.high:.2f}", class_="soft")
    )


def plots_html(run: Run) -> Html:
    counts = {
        group: {outcome.value: sum(r.outcome is outcome for r in members) for outcome in Outcome}
        for group, members in grouped(run.results).items()
        if group != ALL
    }
    present = [outcome.value for outcome in Outcome if any(outcomes[outcome.value] for outcomes in counts.values())]
    legend = element("p", *(_tag(outcome) for outcome in present))
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
        element("figure", element("figcaption", "How long an answer takes"), latency_plot(times)),
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
            "" if d.p is None else p_words(d.p),
            str(d.count),
        ]
        for d in comparison.differences
        if d.before != d.after
    ]
    flips = join(_flips("Gained", comparison.gained), _flips("Lost", comparison.lost))
    table = wide("Differences", _table(["measure", "before", "after", "change", "p", "questions"], rows))
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
    outcomes = ["any failure", *(outcome.value for outcome in Outcome)]
    pickers = (_picker("class", "Class", classes), _picker("outcome", "Outcome", outcomes))
    return element("div", *pickers, element("output", f"{len(run.results)} questions", id="shown"), class_="filters")


def _picker(name: str, label: str, values: Sequence[str]) -> Html:
    options = (element("option", value, value=value) for value in values)
    return element(
        "label", element("span", label), element("select", element("option", "all", value=""), *options, id=name)
    )


def _tag(outcome: str) -> Html:
    return element("span", outcome, class_=f"tag {_STYLES[outcome]}")


def _question(result: Result) -> Html:
    question, outcome = result.question, result.outcome.value
    summary = element(
        "summary", _tag(outcome), element("b", question.id), f" {question.category.value} — {question.text}"
    )
    return element(
        "details",
        summary,
        element("div", element("div", *_expected(result)), element("div", *_given(result)), class_="pair"),
        class_="q",
        data_class=question.category.value,
        data_outcome=outcome,
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
        credits = (_credit(sources[number]) for number in shown.citations)
        lines.append(element("blockquote", shown.text, element("br"), *credits))
    scores = ", ".join(f"{name} {value:.3g}" for name, value in result.scores.items())
    lines += _listed("Said to be missing", result.missing) + _listed("Retrieved", result.found)
    return [*lines, element("p", scores, class_="soft")]


def _listed(heading: str, items: Sequence[str]) -> list[Html]:
    return [element("p", element("b", f"{heading}: "), "; ".join(items))] if items else []


def _credit(cited: Cited) -> Html:
    words = f"[{cited.number}] {cited.name}, {cited.title} ({cited.document}): "
    judged = "judged relevant" if cited.relevant else "not judged relevant"
    return element("small", words, element("span", judged, class_="good" if cited.relevant else "bad"))
