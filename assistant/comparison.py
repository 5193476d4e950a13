"""Is this run good enough, and is it better than that one? The gate, and the paired comparison."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from assistant.errors import EvaluationError
from assistant.estimates import paired_p
from assistant.measures import MEASURES
from assistant.questions import Category, expected_one_of
from assistant.runs import ALL, WHOLE_RUN, Result, Run, Value, grouped, summarise

GATE = "gate.yaml"
GROUPS = (ALL, *(category.value for category in Category))
NAMES = (*(measure.name for measure in MEASURES), *WHOLE_RUN)
Scores = Mapping[str, Mapping[str, float]]  # question id -> measure -> score
_THRESHOLD = re.compile(r"(>=|<=)\s*(\d+(?:\.\d+)?)")
_TOLERANCE = 1e-9  # a mean of 0.95 that floating point puts below 0.95 still holds


class Bound(StrEnum):
    AT_LEAST = ">="
    AT_MOST = "<="


@dataclass(frozen=True)
class Threshold:
    """One line of the gate."""

    group: str
    measure: str
    bound: Bound
    limit: float

    def holds(self, value: float) -> bool:
        short = self.limit - value if self.bound is Bound.AT_LEAST else value - self.limit
        return short <= _TOLERANCE

    def __str__(self) -> str:
        return f"{self.group} {self.measure} {self.bound.value} {self.limit:g}"


@dataclass(frozen=True)
class Shortfall:
    """A threshold that is not met."""

    threshold: Threshold
    value: float | None  # None: nothing was measured

    def __str__(self) -> str:
        if self.value is None:
            return f"{self.threshold}: not measured, no question of the run asks for it"
        return f"{self.threshold}: {self.value:.4g}, short by {abs(self.threshold.limit - self.value):.4g}"


@dataclass(frozen=True)
class Difference:
    """A measure in two runs over the same questions."""

    group: str
    measure: str
    before: float
    after: float
    count: int  # questions compared
    p: float | None  # of the paired permutation test; None for a measure over the whole run


@dataclass(frozen=True)
class Flip:
    """A question that was right in one of two runs only."""

    question: str
    text: str
    before: str
    after: str


@dataclass(frozen=True)
class Comparison:
    """Two runs over the questions that both answered and nobody changed in between."""

    before: str
    after: str
    differences: tuple[Difference, ...]
    gained: tuple[Flip, ...]  # wrong before, right after
    lost: tuple[Flip, ...]
    left_out: int  # questions in one run only, or changed


def read_gate(path: Path) -> tuple[Threshold, ...]:
    """Read the thresholds. Raises EvaluationError that names file and line."""
    import yaml

    try:
        root = yaml.compose(path.read_text(encoding="utf-8"), Loader=yaml.SafeLoader)
    except OSError as error:
        raise EvaluationError(
            f"{path} cannot be read: {error.strerror}", "Name the gate: evaluate --gate FILE"
        ) from error
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise EvaluationError(f"{path} is not YAML: {' '.join(str(error).split())}") from error
    thresholds = [
        _threshold(path, group, measure, value)
        for group, lines in _pairs(path, root)
        for measure, value in _pairs(path, lines)
    ]
    if not thresholds:
        raise EvaluationError(f'{path} holds no threshold; expected lines like cited-right: ">= 0.95" under a class')
    return tuple(thresholds)


def shortfalls(
    summary: Mapping[str, Mapping[str, Value]], gate: Sequence[Threshold], restricted: bool
) -> tuple[Shortfall, ...]:
    """Return the thresholds that are not met.

    A threshold on something that was not measured is not met, unless only part of the set was asked (``restricted``).
    """
    found = []
    for threshold in gate:
        value = summary.get(threshold.group, {}).get(threshold.measure)
        if value is None:
            found += [] if restricted else [Shortfall(threshold, None)]
        elif not threshold.holds(value.mean):
            found.append(Shortfall(threshold, value.mean))
    return tuple(found)


def differences(group: str, before: Scores, after: Scores) -> tuple[Difference, ...]:
    """Compare every measure over the questions in which both runs have it."""
    common = sorted(set(before) & set(after))
    rows = []
    for measure in dict.fromkeys(measure for id in common for measure in after[id]):
        pairs = [
            (before[id][measure], after[id][measure]) for id in common if measure in before[id] and measure in after[id]
        ]
        if pairs:
            old, new = [pair[0] for pair in pairs], [pair[1] for pair in pairs]
            row = Difference(group, measure, sum(old) / len(old), sum(new) / len(new), len(pairs), paired_p(old, new))
            rows.append(row)
    return tuple(rows)


def compare(before: Run, after: Run) -> Comparison:
    """Set two runs side by side, question by question."""
    then = {result.question.id: result for result in before.results}
    pairs = [
        (then[r.question.id], r)
        for r in after.results
        if r.question.id in then and then[r.question.id].question == r.question
    ]
    if not pairs:
        raise EvaluationError(
            f"runs {before.name} and {after.name} have no question in common", "Name another run to compare with."
        )
    olds, news = grouped([old for old, _ in pairs]), grouped([new for _, new in pairs])
    rows = [row for name in news for row in differences(name, _scores(olds[name]), _scores(news[name]))]
    flips = [(old, new) for old, new in pairs if old.is_right != new.is_right]
    return Comparison(
        before.name,
        after.name,
        (*rows, *_whole_run(summarise(olds[ALL])[ALL], summarise(news[ALL])[ALL])),
        tuple(_flip(old, new) for old, new in flips if new.is_right),
        tuple(_flip(old, new) for old, new in flips if old.is_right),
        len(before.results) + len(after.results) - 2 * len(pairs),
    )


def _pairs(path: Path, node: object) -> list[tuple[str, object]]:
    import yaml

    if node is None or (isinstance(node, yaml.ScalarNode) and not node.value):
        return []
    if not isinstance(node, yaml.MappingNode):
        raise EvaluationError(f'{path}:{_line(node)}: expected class, then measure: ">= 0.95" indented under it')
    return [(str(key.value), value) for key, value in node.value]


def _threshold(path: Path, group: str, measure: str, node: object) -> Threshold:
    where, text = f"{path}:{_line(node)}", str(getattr(node, "value", ""))
    if group not in GROUPS:
        raise EvaluationError(f"{where}: unknown class {group!r}; {expected_one_of(group, GROUPS)}")
    if measure not in NAMES:
        raise EvaluationError(f"{where}: unknown measure {measure!r}; {expected_one_of(measure, NAMES)}")
    match = _THRESHOLD.fullmatch(text.strip())
    if not match:
        raise EvaluationError(f'{where}: {measure} is {text!r}; expected ">= 0.95" or "<= 0.05" in quotes')
    return Threshold(group, measure, Bound(match[1]), float(match[2]))


def _line(node: object) -> int:
    mark = getattr(node, "start_mark", None)
    return mark.line + 1 if mark else 1


def _scores(results: Sequence[Result]) -> Scores:
    return {result.question.id: result.scores for result in results}


def _whole_run(before: Mapping[str, Value], after: Mapping[str, Value]) -> list[Difference]:
    names = [name for name in WHOLE_RUN if name in before and name in after]
    return [Difference(ALL, name, before[name].mean, after[name].mean, after[name].count, None) for name in names]


def _flip(old: Result, new: Result) -> Flip:
    return Flip(new.question.id, new.question.text, old.outcome.value, new.outcome.value)
