"""Turn a thumbs-down from the chat into a question of the set, after a curator has looked at it."""

import json
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from assistant.errors import EvaluationError
from assistant.questions import (
    Category,
    Question,
    corpus_problems,
    folded,
    json_object,
    numbered_lines,
    parse_question,
    question_fields,
    read_questions,
)
from assistant.schema import AnswerKind, Document

Prompt = Callable[[str], str]  # shows the words and returns what was typed; raises EOFError at the end of input
Say = Callable[[str], object]

UNHELPFUL = "not helpful"  # the verdict that the chat writes for a thumbs-down
_USUAL_KIND = {
    Category.PARTIAL: AnswerKind.PARTIAL,
    Category.TRUNCATED: AnswerKind.PARTIAL,
    Category.OUT_OF_SCOPE: AnswerKind.ABSTAINED,
    Category.URGENT: AnswerKind.URGENT,
}


@dataclass(frozen=True)
class Complaint:
    """A thumbs-down whose writer let the question be kept."""

    question: str
    history: tuple[str, ...] = ()
    comment: str = ""


def read_complaints(path: Path) -> tuple[Complaint, ...]:
    """Return the thumbs-down entries that have a question, newest first. Raises EvaluationError with file and line."""
    complaints = []
    for number, line in numbered_lines(path):
        try:
            fields = json_object(line)
        except ValueError as error:
            raise EvaluationError(f"{path}:{number}: {error}", "Delete or mend that line.") from error
        question, history, comment = fields.get("question"), fields.get("history", []), fields.get("comment", "")
        if fields.get("verdict") != UNHELPFUL or not isinstance(question, str) or not question.strip():
            continue
        if not isinstance(history, list) or not isinstance(comment, str):
            raise EvaluationError(f"{path}:{number}: expected history as a list and comment as text")
        complaints.append(Complaint(question, tuple(str(turn) for turn in history), comment))
    return tuple(reversed(complaints))


def curate(
    complaints: Sequence[Complaint], set_path: Path, documents: Sequence[Document], prompt: Prompt, say: Say
) -> int:
    """Let a curator choose a complaint, judge it and append it to the set; return the number of lines appended."""
    known = read_questions(set_path, documents)
    asked = {_key(question.text) for question in known}
    fresh = [complaint for complaint in complaints if _key(complaint.question) not in asked]
    if not fresh:
        say("No thumbs-down with a question is waiting.\n")
        return 0
    for number, complaint in enumerate(fresh, 1):
        say(f"{number:>3}  {complaint.question}" + (f"  ({complaint.comment})" if complaint.comment else "") + "\n")
    try:
        chosen = prompt("Which one? Number, or Enter to stop: ").strip()
        if not chosen.isdecimal() or not 1 <= int(chosen) <= len(fresh):
            return 0
        question = _judged(fresh[int(chosen) - 1], next_id(known), documents, prompt, say)
        line = json.dumps(question_fields(question), ensure_ascii=False)
        say(line + "\n")
        if prompt(f"Append this line to {set_path}? y/N: ").strip().lower() not in ("y", "yes"):
            return 0
    except (EOFError, KeyboardInterrupt):
        return 0
    _append(set_path, line)
    return 1


def next_id(questions: Sequence[Question]) -> str:
    """Return the id after the highest of the form q123."""
    numbers = [int(match[1]) for question in questions if (match := re.fullmatch(r"q(\d+)", question.id))]
    return f"q{max(numbers, default=0) + 1:03d}"


def _judged(complaint: Complaint, id: str, documents: Sequence[Document], prompt: Prompt, say: Say) -> Question:
    """Ask for the judgements until they go together."""
    while True:
        try:
            question = parse_question(json.dumps(_fields(complaint, id, prompt)))
            problems = list(corpus_problems(question, documents))
        except ValueError as error:
            problems = [str(error)]
        if not problems:
            return question
        say("\n".join(problems) + "\n")


def _fields(complaint: Complaint, id: str, prompt: Prompt) -> dict[str, object]:
    category = prompt(f"Class ({', '.join(Category)}): ").strip()
    kind = (
        _USUAL_KIND.get(Category(category), AnswerKind.ANSWERED) if category in list(Category) else AnswerKind.ANSWERED
    )
    fields: dict[str, object] = {"id": id, "class": category, "question": complaint.question, "kind": kind.value}
    if complaint.history:
        fields["history"] = list(complaint.history)
    if kind is not AnswerKind.ABSTAINED:
        fields["documents"] = _grades(prompt("Documents that answer it, with grades 1 to 3 (t02=2 t05=1): "))
    if kind is AnswerKind.PARTIAL:
        fields["missing"] = prompt("What do the experts not say? ").strip()
    if category == Category.OPPOSING:
        fields["views"] = [
            side.strip() for side in prompt("The sides, with ; between them: ").split(";") if side.strip()
        ]
    fields["note"] = "from feedback" + (f": {complaint.comment}" if complaint.comment else "")
    return fields


def _grades(words: str) -> dict[str, int]:
    grades = {}
    for word in words.replace(",", " ").split():
        name, _, grade = word.partition("=")
        if not grade.isdecimal():
            raise ValueError(f"{word!r} has no grade; expected an id, = and a number, like t02=2")
        grades[name] = int(grade)
    return grades


def _key(text: str) -> str:
    return folded(text).casefold()


def _append(path: Path, line: str) -> None:
    with path.open("r+b") as file:
        content = file.read()
        file.write((b"" if content.endswith(b"\n") or not content else b"\n") + line.encode("utf-8", "replace") + b"\n")
