"""Run the assistant over a fixed question set and say how good it is: ``python -m assistant evaluate``."""

import argparse
import json
import sys
import time
import traceback
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any, Protocol

from assistant import runs
from assistant.comparison import GATE, Scores, Threshold, compare, differences, read_gate, shortfalls
from assistant.curation import curate, read_complaints
from assistant.errors import AssistantError, EvaluationError, QuestionError
from assistant.judging import judged_text
from assistant.measures import Observation, is_scored_for_retrieval
from assistant.output import own_marks
from assistant.public_sets import Search, read_public_set, score_public_set
from assistant.questions import Category, Question, read_questions, select
from assistant.report import html_page
from assistant.runs import REPORT, Result, Run
from assistant.schema import Answer, Document
from assistant.settings import Settings
from assistant.terminal import comparison_text, crashes_text, difference_lines, gate_text, table_text

COMMAND = "python -m assistant evaluate"
QUESTIONS = "questions.jsonl"
FEEDBACK = Path("feedback/feedback.jsonl")
SEARCHED = 100  # documents asked of retrieval: several answers of one page count as one find, and R@20 needs twenty


class Found(Protocol):
    """A hit of retrieval, as far as an evaluation looks at it."""

    @property
    def document(self) -> Document: ...


class Engine(Protocol):
    """What an evaluation needs of the assistant."""

    def warm(self) -> object:
        """Load whatever the first question would otherwise wait for."""

    def ask(self, question: str, history: Sequence[str] = ()) -> Answer:
        """Answer ``question``; ``history`` holds the questions asked before it, oldest first."""

    def search(self, question: str, limit: int = 20) -> Sequence[Found]:
        """Return the best documents, best first."""

    def documents(self) -> Iterable[Document]:
        """Return every stored document."""


Opener = Callable[[Settings], Engine]
SearchFolder = Callable[[Iterable[Document], Settings], Search]


def main(
    argv: Sequence[str],
    settings: Settings,
    open_engine: Opener | None = None,
    search_folder: SearchFolder | None = None,
) -> int:
    """Run the command; return 0 when the gate holds, 1 when it does not, 2 when the run was broken off.

    ``open_engine``: what is measured, the assistant itself unless given. Raises AssistantError (exit code 2) when it
    could not run.
    """
    options = _parser().parse_args(argv)
    open_engine = open_engine or _open_assistant
    if options.beir:
        if search_folder is None:
            raise EvaluationError("this door measures no public sets", f"Use the command: {COMMAND} --beir FOLDER")
        return _evaluate_public(options, settings, search_folder)
    if options.from_feedback:
        return _curate(options, settings, open_engine)
    return _evaluate(options, settings, open_engine)


def ask_all(engine: Engine, questions: Iterable[Question], stored: Mapping[str, Document]) -> Iterator[Result]:
    """Ask one question after the other; a crash is a result without an answer."""
    for question in questions:
        yield _ask(engine, question, stored)


def _open_assistant(settings: Settings) -> Engine:
    from assistant.answering import Assistant  # here, so that another engine is measured without it

    return Assistant.open(settings)


def _ask(engine: Engine, question: Question, stored: Mapping[str, Document]) -> Result:
    started = time.perf_counter()
    try:
        answer = engine.ask(question.text, question.history)
        milliseconds = 1000 * (time.perf_counter() - started)
        hits = engine.search(question.text, SEARCHED) if is_scored_for_retrieval(question) else ()
    except QuestionError as error:
        return runs.result_of(Observation(question, None), error=error.message)
    except AssistantError:
        raise  # the index or the model is at fault: the other questions would fail alike
    except Exception as error:  # noqa: BLE001  the code under test may fail in any way, and that is what is measured
        place = traceback.extract_tb(error.__traceback__)[-1]
        why = f"{type(error).__name__}: {error} ({Path(place.filename).name}:{place.lineno})"
        return runs.result_of(Observation(question, None), error=why)
    cited = {c.document: stored[c.document] for c in answer.citations if c.document in stored}
    return runs.result_of(Observation(question, answer, tuple(hit.document for hit in hits), cited), milliseconds)


def _evaluate(options: argparse.Namespace, settings: Settings, open_engine: Opener) -> int:
    gate = _gate(options, settings)
    resumed = runs.load_run(_run_path(options.resume, settings)) if options.resume else None
    earlier = (
        runs.load_run(_run_path(options.compare, settings, passing=options.resume or "")) if options.compare else None
    )
    engine = open_engine(settings)
    stored = {document.id: document for document in engine.documents()}
    run, questions = _prepared(options, settings, stored, resumed)
    run = _finish(run, questions, engine, stored, settings.runs)
    if not run.complete:
        stopped = f"Stopped after {len(run.results)} of {len(questions)} questions; they are kept in {run.name}."
        sys.stderr.write(f"\n{stopped}\nGo on with: {COMMAND} --resume {run.name}\n")
        return 2
    missed = shortfalls(runs.summarise(run.results), gate, run.restricted)
    comparison = compare(earlier, run) if earlier else None
    page = settings.runs / run.name / "report.html"
    runs.write_private(page, html_page(run, gate, missed, comparison))
    if options.json:
        fields = {name: value for name, value in runs.run_fields(run).items() if name not in ("results", "selected")}
        fields["gate"] = {"thresholds": len(gate), "missed": [str(shortfall) for shortfall in missed]}
        _write_json(fields | {"comparison": asdict(comparison) if comparison else None})
    else:
        sys.stdout.write(table_text(runs.summarise(run.results)))
        sys.stdout.write(crashes_text(run.results))
        sys.stdout.write(comparison_text(comparison) if comparison else "")
        sys.stdout.write(gate_text(gate, missed, options.gate is not None) if gate else "gate: none\n")
        sys.stdout.write(judged_text(run, options.judge, settings.runs) if options.judge else "")
        sys.stdout.write(f"report: {page}\n")
    return 1 if missed else 0


def _finish(
    run: Run, questions: Sequence[Question], engine: Engine, stored: Mapping[str, Document], folder: Path
) -> Run:
    """Ask what has no result yet; whatever stops it, what is done is kept. Ctrl-C returns the incomplete run."""
    from tqdm import tqdm

    done = {result.question.id: result for result in run.results}
    waiting = [question for question in questions if question.id not in done]
    try:
        if waiting:
            engine.warm()
        bar = tqdm(ask_all(engine, waiting, stored), total=len(waiting), unit="question", file=own_marks(), disable=None)
        for result in bar:
            done[result.question.id] = result
    except KeyboardInterrupt:
        pass  # the caller sees that the run is not complete
    finally:
        run = replace(run, results=tuple(done[question.id] for question in questions if question.id in done))
        runs.save_run(run, folder)
    return run


def _prepared(
    options: argparse.Namespace, settings: Settings, stored: Mapping[str, Document], resumed: Run | None
) -> tuple[Run, tuple[Question, ...]]:
    """Return the run to fill and the questions it is to answer."""
    path = Path(options.questions or (resumed.questions if resumed else settings.corpus / QUESTIONS))
    questions = read_questions(path, stored.values())
    corpus = runs.corpus_digest(stored.values())
    if resumed is None:
        chosen = select(questions, [Category(name) for name in options.category], options.limit)
        if not chosen:
            raise EvaluationError(
                f"no question of {path} is of class {', '.join(options.category)}", "Name another class."
            )
        ids = tuple(question.id for question in chosen)
        return Run(
            runs.new_name(settings.runs), settings.model, corpus, str(path), ids, len(ids) < len(questions)
        ), chosen
    if (resumed.corpus, resumed.model) != (corpus, settings.model):
        raise EvaluationError(
            f"run {resumed.name} asked corpus {resumed.corpus} with model {resumed.model};"
            f" now they are {corpus} and {settings.model}",
            f"Its results do not mix with new ones. Run afresh: {COMMAND}",
        )
    chosen = tuple(question for question in questions if question.id in set(resumed.selected))
    unchanged = tuple(result for result in resumed.results if result.question in chosen)
    return replace(resumed, selected=tuple(question.id for question in chosen), results=unchanged), chosen


def _evaluate_public(options: argparse.Namespace, settings: Settings, search_folder: SearchFolder) -> int:
    from tqdm import tqdm

    public = read_public_set(Path(options.beir))
    earlier = _public_scores(_run_path(options.compare, settings, public.name)) if options.compare else None
    search = search_folder(public.documents, settings)
    scores: dict[str, dict[str, float]] = {}
    bar = tqdm(score_public_set(public, search), total=len(public.queries), unit="query", file=own_marks(), disable=None)
    try:
        scores.update(bar)
    except KeyboardInterrupt:
        sys.stderr.write(
            f"\nStopped after {len(scores)} of {len(public.queries)} queries. Run the same command again.\n"
        )
    complete = len(scores) == len(public.queries)
    measures = next(iter(scores.values()), {})
    means = {measure: sum(each[measure] for each in scores.values()) / len(scores) for measure in measures}
    name = runs.new_name(settings.runs)
    fields: dict[str, Any] = {"run": name, "complete": complete, "public_set": public.name, "model": settings.model}
    fields |= {"documents": len(public.documents), "queries": len(scores), "means": means}
    runs.write_private(settings.runs / name / REPORT, json.dumps(fields | {"scores": scores}, indent=1))
    compared = differences(public.name, earlier, scores) if earlier else ()
    if options.json:
        _write_json(fields | {"comparison": [asdict(difference) for difference in compared]})
    else:
        lines = [f"{public.name}: {len(scores)} queries, {len(public.documents)} documents"]
        lines += [f"{measure:<26}{mean:.4f}" for measure, mean in means.items()]
        lines += difference_lines(compared) if earlier else []
        sys.stdout.write("\n".join([*lines, f"report: {settings.runs / name / REPORT}"]) + "\n")
    return 0 if complete else 2


def _curate(options: argparse.Namespace, settings: Settings, open_engine: Opener) -> int:
    complaints = read_complaints(Path(options.feedback))
    path = Path(options.questions or settings.corpus / QUESTIONS)
    added = curate(complaints, path, tuple(open_engine(settings).documents()), input, sys.stdout.write)
    sys.stdout.write(f"{added} question{'' if added == 1 else 's'} added to {path}\n")
    return 0


def _gate(options: argparse.Namespace, settings: Settings) -> tuple[Threshold, ...]:
    """Read the gate; only --gate insists that there is one."""
    path = Path(options.gate or settings.corpus / GATE)
    return read_gate(path) if options.gate is not None or path.exists() else ()


def _run_path(name: str, settings: Settings, public_set: str = "", passing: str = "") -> Path:
    """Return the folder of a run named by "last", by its own name or by a path."""
    if name == "last":
        return runs.latest_run(settings.runs, public_set, passing)
    return Path(name) if Path(name).exists() else settings.runs / name


def _public_scores(path: Path) -> Scores:
    scores = runs.load_fields(path).get("scores")
    if not isinstance(scores, dict) or not all(isinstance(values, dict) for values in scores.values()):
        raise EvaluationError(f"{path} is not a run over a public set", "Name another run.")
    return scores


def _write_json(fields: Mapping[str, Any]) -> None:
    sys.stdout.write(json.dumps(fields, indent=1) + "\n")


def _count(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number of 1 or more")
    return int(text)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog=COMMAND, description="Ask every question of a set and measure the answers.")
    categories = [category.value for category in Category]
    parser.add_argument("--questions", metavar="FILE", help="question set; otherwise questions.jsonl of the corpus")
    parser.add_argument(
        "--class",
        dest="category",
        action="append",
        default=[],
        choices=categories,
        help="only this class; may be repeated",
    )
    parser.add_argument("--limit", type=_count, metavar="N", help="at most N questions, evenly spread")
    parser.add_argument(
        "--compare", metavar="RUN", help='show differences to an earlier run: its name, its folder or "last"'
    )
    parser.add_argument(
        "--resume", metavar="RUN", help="go on with a run that was broken off, or show a whole one again"
    )
    parser.add_argument(
        "--gate",
        nargs="?",
        const="",
        metavar="FILE",
        help="name the thresholds that fall short; otherwise gate.yaml of the corpus",
    )
    parser.add_argument("--beir", metavar="FOLDER", help="measure retrieval alone over a public set in BEIR form")
    parser.add_argument(
        "--from-feedback", action="store_true", help="turn a thumbs-down from the chat into a question of the set"
    )
    parser.add_argument(
        "--feedback", metavar="FILE", default=str(FEEDBACK), help="file of the chat's feedback, for --from-feedback"
    )
    parser.add_argument("--judge", metavar="MODEL", help="provider:model that grades the answers; never part of the gate")
    parser.add_argument("--json", action="store_true", help="print JSON instead of the table")
    return parser
