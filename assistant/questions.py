"""The fixed question set: what is asked and what a right answer would rest on.

A file of JSON objects, one a line, that a curator edits by hand; docs/evaluation.md describes it.
"""

import difflib
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any

from assistant.errors import EvaluationError
from assistant.schema import AnswerKind, Document

MAX_QUESTION = 2000  # characters; the assistant refuses longer ones
GRADES = range(4)  # 0 not relevant, 1 related, 2 answers it, 3 answers it best
SHOWN_PROBLEMS = 10


class Category(StrEnum):
    """The class of a question: why it is in the set."""

    COVERED = "covered"
    PARAPHRASE = "paraphrase"  # lay words, fragments, typing errors
    PARTIAL = "partial"  # the experts answer only part of it
    OUT_OF_SCOPE = "out_of_scope"
    OPPOSING = "opposing"  # experts differ: both sides are due
    FOLLOW_UP = "follow_up"  # leans on earlier turns, or changes the subject
    URGENT = "urgent"
    TRUNCATED = "truncated"  # the source breaks off before the answer


_ANY = frozenset(AnswerKind)
_KINDS = {
    Category.COVERED: frozenset({AnswerKind.ANSWERED}),
    Category.PARAPHRASE: frozenset({AnswerKind.ANSWERED}),
    Category.PARTIAL: frozenset({AnswerKind.PARTIAL}),
    Category.OUT_OF_SCOPE: frozenset({AnswerKind.ABSTAINED}),
    Category.OPPOSING: frozenset({AnswerKind.ANSWERED}),
    Category.FOLLOW_UP: _ANY,
    Category.URGENT: frozenset({AnswerKind.URGENT}),
    Category.TRUNCATED: frozenset({AnswerKind.PARTIAL, AnswerKind.ANSWERED}),
}


@dataclass(frozen=True)
class Question:
    """One question of the set with its judgements."""

    id: str
    category: Category
    text: str
    kind: AnswerKind  # the kind of answer that is due
    documents: Mapping[str, int] = field(default_factory=dict)  # judged name -> grade, see `names`
    history: tuple[str, ...] = ()  # the questions asked before it, oldest first
    changes_subject: bool = False  # a follow-up that leaves the subject of its history
    missing: str = ""  # what the experts do not say, for kind partial
    views: tuple[str, ...] = ()  # the sides of a dispute, in the curator's words
    key: tuple[str, ...] = ()  # corpus sentences, or their starts, that the answer should show
    note: str = ""

    def grade(self, document: Document) -> int:
        """Return the grade of ``document``, 0 where it is not judged."""
        name = judged_name(self.documents, document)
        return self.documents[name] if name else 0


def names(name: str, document: Document) -> bool:
    """Tell whether a judged name means ``document``: its id or page, whole or up to a "-" or "."."""
    return any(value == name or value.startswith((f"{name}-", f"{name}.")) for value in (document.id, document.page))


def judged_name(judgements: Iterable[str], document: Document) -> str | None:
    """Return the name among ``judgements`` that means ``document``, the most specific one, or None."""
    return max((name for name in judgements if names(name, document)), key=len, default=None)


def read_questions(path: Path, documents: Iterable[Document]) -> tuple[Question, ...]:
    """Read the set and hold it against the corpus.

    Raises EvaluationError that names file and line of every problem, up to SHOWN_PROBLEMS of them.
    """
    corpus = tuple(documents)
    questions: list[Question] = []
    lines: dict[str, int] = {}  # id -> line
    problems: list[str] = []
    for number, line in numbered_lines(path):
        try:
            question = parse_question(line)
        except ValueError as error:
            problems.append(f"{path}:{number}: {error}")
            continue
        if question.id in lines:
            problems.append(
                f"{path}:{number}: id {question.id!r} is already used in line {lines[question.id]}; expected a new id"
            )
        problems.extend(f"{path}:{number}: {problem}" for problem in corpus_problems(question, corpus))
        lines.setdefault(question.id, number)
        questions.append(question)
    if problems:
        more = f"\n... and {len(problems) - SHOWN_PROBLEMS} more" if len(problems) > SHOWN_PROBLEMS else ""
        raise EvaluationError(
            "\n".join(problems[:SHOWN_PROBLEMS]) + more,
            "Correct the lines named; docs/evaluation.md describes the format.",
        )
    if not questions:
        raise EvaluationError(
            f"{path} holds no question; expected one JSON object a line", "docs/evaluation.md shows an example line."
        )
    return tuple(questions)


def parse_question(line: str) -> Question:
    """Read one line of the set; raise ValueError that says what was expected."""
    fields = json_object(line)
    unknown = sorted(set(fields) - set(_READERS))
    if unknown:
        raise ValueError(f"unknown field {unknown[0]!r}; {expected_one_of(unknown[0], _READERS)}")
    absent = [name for name in ("id", "class", "question", "kind") if name not in fields]
    if absent:
        raise ValueError(f"the field {absent[0]!r} is missing; expected id, class, question and kind in every line")
    read = {name: _READERS[name](name, value) for name, value in fields.items()}
    read["category"], read["text"] = read.pop("class"), read.pop("question")
    question = Question(**read)
    for problem in _inner_problems(question):
        raise ValueError(problem)
    return question


def question_fields(question: Question) -> dict[str, Any]:
    """Return the question as the JSON object that parse_question reads, empty fields left out."""
    fields: dict[str, Any] = {"id": question.id, "class": question.category.value, "question": question.text}
    fields["kind"] = question.kind.value
    fields["documents"] = dict(question.documents)
    optional = {
        "history": list(question.history),
        "changes_subject": question.changes_subject,
        "missing": question.missing,
        "views": list(question.views),
        "key": list(question.key),
        "note": question.note,
    }
    return fields | {name: value for name, value in optional.items() if value}


def corpus_problems(question: Question, documents: Iterable[Document]) -> Iterator[str]:
    """Yield what the question says of the corpus that is not so."""
    judged: dict[str, list[Document]] = {name: [] for name in question.documents}
    for document in documents:
        for name in judged:
            if names(name, document):
                judged[name].append(document)
    for name, found in judged.items():
        if not found:
            yield f"document {name!r} is not in the corpus; expected the id or page of an answer, or its beginning"
    texts = [folded(document.text) for found in judged.values() for document in found]
    for key in question.key:
        if not any(folded(key) in text for text in texts):
            yield f"key sentence {key[:60]!r} is in none of the judged documents; expected a sentence of theirs"


def select(questions: Sequence[Question], categories: Sequence[Category], limit: int | None) -> tuple[Question, ...]:
    """Return the questions of ``categories`` (none: of all), at most ``limit``, evenly spread over the set."""
    chosen = [question for question in questions if not categories or question.category in categories]
    count = len(chosen) if limit is None else min(limit, len(chosen))
    return tuple(chosen[place * len(chosen) // count] for place in range(count))


def folded(text: str) -> str:
    """Fold white space, so that a sentence copied over a line break still matches."""
    return " ".join(text.split())


def numbered_lines(path: Path) -> Iterator[tuple[int, str]]:
    """Yield line numbers and lines that are not blank. Raises EvaluationError."""
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except OSError as error:
        raise EvaluationError(f"{path} cannot be read: {error.strerror}", "Name another file or folder.") from error
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        raise EvaluationError(f"{path}:{line}: not UTF-8 text; expected a file saved as UTF-8") from error
    return ((number, line) for number, line in enumerate(text.split("\n"), 1) if line.strip())


def json_object(line: str) -> dict[str, Any]:
    """Read one line as one object with no name twice; raise ValueError that says what was expected."""
    try:
        value = json.loads(line, object_pairs_hook=_without_repeats)
    except json.JSONDecodeError as error:
        raise ValueError(
            f"broken JSON at character {error.pos + 1} ({error.msg}); expected one whole object on one line"
        ) from error
    except RecursionError as error:
        raise ValueError("JSON nested too deeply; expected one flat object") from error
    if not isinstance(value, dict):
        raise ValueError(f"found {type(value).__name__} {str(value)[:40]!r}; expected an object in braces")
    return value


def _without_repeats(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    fields = dict(pairs)
    if len(fields) < len(pairs):
        seen = [name for name, _ in pairs]
        raise ValueError(
            f"{next(name for name in seen if seen.count(name) > 1)!r} is given twice; expected each name once"
        )
    return fields


def _inner_problems(question: Question) -> Iterator[str]:
    """Yield what does not go together within the question."""
    allowed = _KINDS[question.category]
    if question.kind not in allowed:
        kinds = " or ".join(sorted(allowed))
        yield f"kind {question.kind.value!r} does not go with class {question.category.value!r}; expected {kinds}"
    answerable = question.kind in (AnswerKind.ANSWERED, AnswerKind.PARTIAL)
    if answerable and not any(question.documents.values()):
        yield f"no document is judged relevant; kind {question.kind.value!r} expects at least one with grade 1 or more"
    if question.kind is AnswerKind.ABSTAINED and any(question.documents.values()):
        yield "documents are judged relevant; kind 'abstained' expects none"
    if question.kind is AnswerKind.PARTIAL and not question.missing:
        yield "kind 'partial' expects the field 'missing': what the experts do not say"
    if question.category is Category.OPPOSING and len(question.views) < 2:
        yield f"class 'opposing' expects two views or more, found {len(question.views)}"
    if question.category is Category.FOLLOW_UP and not question.history:
        yield "class 'follow_up' expects the field 'history': the questions asked before"


def _text(name: str, value: Any) -> str:
    if not isinstance(value, str):
        raise ValueError(f"{name} is {value!r}; expected text in quotes")
    return value


def _filled(name: str, value: Any) -> str:
    if not _text(name, value).strip() or len(value) > MAX_QUESTION:
        raise ValueError(f"{name} has {len(value.strip())} characters; expected 1 to {MAX_QUESTION}")
    return str(value)


def _texts(name: str, value: Any) -> tuple[str, ...]:
    if not isinstance(value, list):
        raise ValueError(f"{name} is {value!r}; expected a list of texts in brackets")
    return tuple(_filled(name, item) for item in value)


def _flag(name: str, value: Any) -> bool:
    if not isinstance(value, bool):
        raise ValueError(f"{name} is {value!r}; expected true or false")
    return value


def _grades(name: str, value: Any) -> dict[str, int]:
    if not isinstance(value, dict):
        raise ValueError(f'{name} is {value!r}; expected ids with grades, like {{"t02": 2}}')
    for id, grade in value.items():
        if isinstance(grade, bool) or grade not in GRADES:
            raise ValueError(
                f"document {id!r} has grade {grade!r}; expected a whole number from {GRADES[0]} to {GRADES[-1]}"
            )
    return {id: int(grade) for id, grade in value.items()}


def _member(kind: type[StrEnum]) -> Callable[[str, Any], StrEnum]:
    def read(name: str, value: Any) -> StrEnum:
        values = [member.value for member in kind]
        if value not in values:
            raise ValueError(f"unknown {name} {value!r}; {expected_one_of(str(value), values)}")
        return kind(value)

    return read


def expected_one_of(given: str, known: Iterable[str]) -> str:
    """Return "expected one of ..." and, where one is close, "did you mean ...?"."""
    choices = list(known)
    close = difflib.get_close_matches(given, choices, n=1)
    return f"expected one of {', '.join(choices)}" + (f"; did you mean {close[0]!r}?" if close else "")


_READERS: dict[str, Callable[[str, Any], Any]] = {
    "id": _filled,
    "class": _member(Category),
    "question": _filled,
    "kind": _member(AnswerKind),
    "documents": _grades,
    "history": _texts,
    "changes_subject": _flag,
    "missing": _text,
    "views": _texts,
    "key": _texts,
    "note": _text,
}
