"""What an evaluation leaves behind: results, their summary and the file that keeps them."""

import hashlib
import json
import os
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from assistant.errors import EvaluationError
from assistant.estimates import Bin, auroc, calibration_error, percentile, reliability, wilson
from assistant.measures import MEASURES, Observation, Outcome, outcome, score
from assistant.privacy import private_files
from assistant.questions import Category, Question, parse_question, question_fields
from assistant.schema import AnswerKind, Citation, Document

REPORT = "report.json"
ALL = "all"  # the group of all questions, beside one group a category
FOUND = 10  # retrieved documents that are kept
# What takes a run instead of a question, with what each one is.
WHOLE_RUN = {
    "AUROC": "how well confidence tells covered from not covered",
    "ECE": "expected calibration error of the confidence",
    "latency-p50": "milliseconds an answer, median",
    "latency-p95": "milliseconds an answer, 95th percentile",
}
_SURELY_ANSWERABLE = frozenset({Category.COVERED, Category.PARAPHRASE, Category.OPPOSING, Category.FOLLOW_UP})


@dataclass(frozen=True)
class Cited:
    """A citation as the report shows it."""

    number: int
    document: str
    name: str
    title: str
    relevant: bool


@dataclass(frozen=True)
class Shown:
    """A statement as the report shows it."""

    text: str
    citations: tuple[int, ...]


@dataclass(frozen=True)
class Result:
    """One question, what came of it and its scores."""

    question: Question
    outcome: Outcome
    scores: Mapping[str, float]  # measure -> score
    kind: AnswerKind | None = None  # None: no result, and `error` says why
    confidence: float = 0.0
    milliseconds: float = 0.0
    statements: tuple[Shown, ...] = ()
    cited: tuple[Cited, ...] = ()
    found: tuple[str, ...] = ()  # ids of the first FOUND documents retrieved
    missing: tuple[str, ...] = ()
    notice: str = ""
    error: str = ""

    @property
    def is_right(self) -> bool:
        return self.outcome is Outcome.RIGHT


@dataclass(frozen=True)
class Run:
    """An evaluation, whole or broken off."""

    name: str  # of its folder
    model: str
    corpus: str  # digest of the documents asked
    questions: str  # the file
    selected: tuple[str, ...]  # ids of all questions to ask
    restricted: bool  # only part of the set was selected
    results: tuple[Result, ...] = ()

    @property
    def complete(self) -> bool:
        return len(self.results) == len(self.selected)


@dataclass(frozen=True)
class Value:
    """A measure over a group of questions."""

    mean: float
    count: int
    low: float | None = None  # Wilson interval of a rate
    high: float | None = None


def result_of(observation: Observation, milliseconds: float = 0.0, error: str = "") -> Result:
    """Score an observation and keep what the report shows of it."""
    question, answer = observation.question, observation.answer
    scored = Result(question, outcome(observation), score(observation), milliseconds=milliseconds, error=error)
    if answer is None:
        return scored
    return Result(
        question,
        scored.outcome,
        scored.scores,
        kind=answer.kind,
        confidence=answer.confidence,
        milliseconds=milliseconds,
        statements=tuple(Shown(statement.text, statement.citations) for statement in answer.statements),
        cited=tuple(_cited(citation, observation) for citation in answer.citations),
        found=tuple(document.id for document in observation.found[:FOUND]),
        missing=answer.missing,
        notice=answer.notice.heading if answer.notice else "",
    )


def grouped(results: Sequence[Result]) -> dict[str, tuple[Result, ...]]:
    """Return all results, then those of each category that has any."""
    groups = {ALL: tuple(results)}
    for category in Category:
        members = tuple(result for result in results if result.question.category is category)
        if members:
            groups[category.value] = members
    return groups


def summarise(results: Sequence[Result]) -> dict[str, dict[str, Value]]:
    """Return group -> measure -> value; what does not arise in a group is absent."""
    return {name: _summary(members, whole=name == ALL) for name, members in grouped(results).items()}


def confidences(results: Sequence[Result]) -> tuple[list[float], list[bool]]:
    """Return confidence and answerability of the questions that are clearly one or the other.

    Partial, truncated and urgent questions are left out. A question without a result counts as wholly mistaken.
    """
    kept = [r for r in results if _is_answerable(r.question) or r.question.category is Category.OUT_OF_SCOPE]
    labels = [_is_answerable(result.question) for result in kept]
    return [r.confidence if r.kind else float(not label) for r, label in zip(kept, labels, strict=True)], labels


def reliability_curve(results: Sequence[Result]) -> tuple[Bin, ...]:
    return reliability(*confidences(results))


def confusion(results: Sequence[Result]) -> dict[str, dict[str, int]]:
    """Return category -> kind given ("none" without a result) -> number of questions."""
    kinds = [kind.value for kind in AnswerKind] + ["none"]
    return {
        name: {kind: sum((r.kind.value if r.kind else "none") == kind for r in members) for kind in kinds}
        for name, members in grouped(results).items()
        if name != ALL
    }


def run_fields(run: Run) -> dict[str, Any]:
    """Return the run as report.json holds it; summary and confusion are there for other readers and not read back."""
    return {
        "run": run.name,
        "complete": run.complete,
        "model": run.model,
        "corpus": run.corpus,
        "questions": run.questions,
        "restricted": run.restricted,
        "summary": {g: {m: asdict(v) for m, v in values.items()} for g, values in summarise(run.results).items()},
        "confusion": confusion(run.results),
        "selected": list(run.selected),
        "results": [asdict(result) | {"question": question_fields(result.question)} for result in run.results],
    }


def new_name(folder: Path) -> str:
    """Return the time as a name that no run in ``folder`` has."""
    now = time.strftime("%Y-%m-%dT%H-%M-%S")
    taken = len(list(folder.glob(f"{now}*")))
    return f"{now}-{taken + 1}" if taken else now


def corpus_digest(documents: Iterable[Document]) -> str:
    """Return a digest that changes with any document."""
    return hashlib.sha256("".join(sorted(document.hash for document in documents)).encode()).hexdigest()[:12]


@private_files()
def write_private(path: Path, text: str) -> None:
    """Write a file whole or not at all, readable by its owner only."""
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f"{path.name}.{os.getpid()}")
    partial.write_text(text, encoding="utf-8", errors="replace")
    os.replace(partial, path)


def save_run(run: Run, folder: Path) -> Path:
    """Write the run to ``folder``/<name>/report.json and return that path."""
    path = folder / run.name / REPORT
    write_private(path, json.dumps(run_fields(run), indent=1))
    return path


def load_run(path: Path) -> Run:
    """Read a report.json, or the folder that holds one. Raises EvaluationError."""
    fields = load_fields(path)
    if "public_set" in fields:
        raise EvaluationError(
            f"{path} is a run over a public set; expected one over the question set", "Name another run."
        )
    try:
        return Run(
            name=fields["run"],
            model=fields["model"],
            corpus=fields["corpus"],
            questions=fields["questions"],
            selected=tuple(fields["selected"]),
            restricted=fields["restricted"],
            results=tuple(_read_result(result) for result in fields["results"]),
        )
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise _not_a_run(path, f"{type(error).__name__} {error}") from error


def load_fields(path: Path) -> dict[str, Any]:
    """Read the fields of a report.json, or of the one in a folder. Raises EvaluationError."""
    file = path / REPORT if path.is_dir() else path
    try:
        fields = json.loads(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise EvaluationError(f"{file} cannot be read: {error.strerror}", "List the runs: ls runs") from error
    except (ValueError, RecursionError) as error:
        raise _not_a_run(path, str(error)) from error
    if not isinstance(fields, dict):
        raise _not_a_run(path, f"it holds a {type(fields).__name__}")
    return fields


def latest_run(folder: Path, public_set: str = "", other_than: str = "") -> Path:
    """Return the folder of the latest complete run over the question set, or over ``public_set``.

    ``other_than`` is the name of a run to pass over. Raises EvaluationError.
    """
    for path in sorted(folder.glob(f"*/{REPORT}"), reverse=True):
        fields = load_fields(path)
        if path.parent.name != other_than and fields.get("complete") and fields.get("public_set", "") == public_set:
            return path.parent
    raise EvaluationError(f"no complete run is in {folder}", "Make one first: python -m assistant evaluate")


def _not_a_run(path: Path, why: str) -> EvaluationError:
    return EvaluationError(
        f"{path} is not a whole report: {why}; expected what an evaluation wrote", "Name another run, or run afresh."
    )


def _cited(citation: Citation, observation: Observation) -> Cited:
    document = observation.cited.get(citation.document)
    relevant = document is not None and observation.question.grade(document) > 0
    return Cited(citation.number, citation.document, citation.source.name, citation.source.title, relevant)


def _summary(results: Sequence[Result], whole: bool) -> dict[str, Value]:
    summary = {}
    for measure in MEASURES:
        scores = [result.scores[measure.name] for result in results if measure.name in result.scores]
        if scores:
            mean = sum(scores) / len(scores)
            low, high = wilson(mean, len(scores)) if measure.is_rate else (None, None)
            summary[measure.name] = Value(mean, len(scores), low, high)
    times = [result.milliseconds for result in results if result.kind]
    curve, labels = confidences(results)
    positive = [c for c, label in zip(curve, labels, strict=True) if label]
    negative = [c for c, label in zip(curve, labels, strict=True) if not label]
    estimates = {"latency-p50": (percentile(times, 50), len(times)), "latency-p95": (percentile(times, 95), len(times))}
    if whole and positive and negative:
        estimates["AUROC"] = auroc(positive, negative), len(labels)
        estimates["ECE"] = calibration_error(reliability(curve, labels)), len(labels)
    return summary | {name: Value(value, count) for name, (value, count) in estimates.items() if value is not None}


def _is_answerable(question: Question) -> bool:
    return question.category in _SURELY_ANSWERABLE and question.kind is AnswerKind.ANSWERED


def _read_result(fields: dict[str, Any]) -> Result:
    read = dict(fields)
    read["question"] = parse_question(json.dumps(read["question"]))
    read["outcome"] = Outcome(read["outcome"])
    read["kind"] = AnswerKind(read["kind"]) if read["kind"] else None
    read["scores"] = {str(name): float(value) for name, value in read["scores"].items()}
    read["statements"] = tuple(Shown(s["text"], tuple(s["citations"])) for s in read["statements"])
    read["cited"] = tuple(Cited(**citation) for citation in read["cited"])
    read["found"], read["missing"] = tuple(read["found"]), tuple(read["missing"])
    return Result(**read)
