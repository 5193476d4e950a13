"""Show a run in the terminal: a table, what fell short, what differs."""

from collections.abc import Mapping, Sequence

from assistant.comparison import Comparison, Difference, Shortfall, Threshold
from assistant.measures import MEASURES
from assistant.runs import ALL, WHOLE_RUN, Result, Value

Summary = Mapping[str, Mapping[str, Value]]  # group -> measure -> value

ABOUT = {measure.name: measure.about for measure in MEASURES} | WHOLE_RUN
NOTABLE = 0.05  # p below which the terminal shows a difference within one class
_CRASHES = 10  # that are listed; the page lists all


def table_text(summary: Summary) -> str:
    """Return measures by classes; intervals are on the page and in report.json."""
    rows = [["", *summary]]
    rows += [[name, *(number(name, values.get(name)) for values in summary.values())] for name in measured(summary)]
    rows.append(["questions", *(str(values["right"].count) for values in summary.values())])
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    lines = [
        "  ".join(
            [row[0].ljust(widths[0]), *(cell.rjust(width) for cell, width in zip(row[1:], widths[1:], strict=True))]
        )
        for row in rows
    ]
    return "\n".join(lines) + "\n"


def crashes_text(results: Sequence[Result]) -> str:
    """Return a line for each of the first questions without a result."""
    crashed = [result for result in results if result.kind is None]
    lines = [f"no result: {result.question.id} {result.error}\n" for result in crashed[:_CRASHES]]
    return "".join(lines) + (f"... {len(crashed)} in all\n" if len(crashed) > _CRASHES else "")


def comparison_text(comparison: Comparison) -> str:
    """Return the measures that differ and the questions that flipped, both ways."""
    lines = [f"\n{comparison.before} -> {comparison.after}"]
    if comparison.left_out:
        lines.append(f"{comparison.left_out} questions are in one run only or were changed, and are left out")
    lines += difference_lines([d for d in comparison.differences if d.group == ALL or (d.p or 1.0) < NOTABLE])
    lines.append(f"of single classes only what has p < {NOTABLE:g}; the page has all")
    for word, flips in (("gained", comparison.gained), ("lost", comparison.lost)):
        lines.append(f"{word} {len(flips)}")
        lines += [f"  {flip.question}  {flip.text}\n        {flip.before} -> {flip.after}" for flip in flips]
    return "\n".join(lines) + "\n"


def difference_lines(differences: Sequence[Difference]) -> list[str]:
    """Return one line for each measure that differs, with its permutation p."""
    differing = [d for d in differences if d.before != d.after]
    if not differing:
        return ["no measure differs"]
    width = max(len(d.group) + len(d.measure) for d in differing) + 3
    return [f"{f'{d.group} {d.measure}':<{width}}{_change(d)}  n={d.count}" for d in differing]


def gate_text(gate: Sequence[Threshold], missed: Sequence[Shortfall], name_them: bool) -> str:
    """Return the gate in a line, and what fell short where ``name_them``."""
    line = f"gate: {len(gate) - len(missed)} of {len(gate)} thresholds hold"
    if missed and not name_them:
        line += "; --gate names the others"
    return "\n".join([line, *(f"  {shortfall}" for shortfall in missed if name_them)]) + "\n"


def measured(summary: Summary) -> list[str]:
    """Return the measures that any group has, in their usual order."""
    return [name for name in ABOUT if any(name in values for values in summary.values())]


def number(name: str, value: Value | None) -> str:
    """Return a value as tables show it, "-" where there is none."""
    if value is None:
        return "-"
    return f"{value.mean:.1f}" if name.startswith("latency") else f"{value.mean:.3f}"


def p_words(p: float) -> str:
    """Return a p-value as it is written: the resampled test resolves no finer than 0.001."""
    return f"p={p:.3f}" if p >= 0.001 else "p<0.001"


def _change(difference: Difference) -> str:
    p = f"  {p_words(difference.p)}" if difference.p is not None else ""
    return f"{difference.before:.4g} -> {difference.after:.4g}  ({difference.after - difference.before:+.4g}){p}"
