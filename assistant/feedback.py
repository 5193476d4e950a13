"""Keep what a person sends about an answer: one JSON object a line, on this machine, only when they pressed a button."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from threading import Lock

from assistant.errors import FeedbackError
from assistant.privacy import private_files

_one_writer = Lock()


@dataclass(frozen=True)
class Noted:
    """A question that was not covered, noted by the one who asked it."""

    question: str
    time: str  # ISO 8601, UTC


@dataclass(frozen=True)
class Notebook:
    """The folder with the files of verdicts and of questions for the curators."""

    folder: Path = Path("feedback")

    @property
    def verdicts(self) -> Path:
        return self.folder / "feedback.jsonl"

    @property
    def questions(self) -> Path:
        return self.folder / "questions.jsonl"

    def keep_verdict(
        self,
        verdict: str,
        documents: Sequence[str],
        build: str,
        answer: str = "",
        question: str | None = None,
        comment: str = "",
        now: datetime | None = None,
    ) -> None:
        """Append a verdict on an answer made of ``documents``; the question only where the person chose to include it.

        Lines with the same ``answer`` are about one answer, and the last of them counts.
        Raises OSError when the file cannot be written.
        """
        record: dict[str, object] = {"verdict": verdict, "build": build, "documents": list(documents)}
        if answer:
            record["answer"] = answer
        if comment:
            record["comment"] = comment
        if question is not None:
            record["question"] = question
        _append(self.verdicts, record, now)

    def note_question(self, question: str, build: str, now: datetime | None = None) -> None:
        """Append a question that the experts do not cover, for the curators. Raises OSError as above."""
        _append(self.questions, {"question": question, "build": build}, now)

    def noted(self) -> tuple[Noted, ...]:
        """The questions noted so far, oldest first; raises FeedbackError with file and line."""
        return tuple(_noted(self.questions))


def _append(file: Path, record: dict[str, object], now: datetime | None) -> None:
    moment = (now or datetime.now(UTC)).isoformat(timespec="seconds")
    with _one_writer, private_files():
        file.parent.mkdir(parents=True, exist_ok=True)
        with file.open("a", encoding="utf-8") as stream:
            stream.write(json.dumps({"time": moment, **record}) + "\n")


def _noted(file: Path) -> Iterator[Noted]:
    try:
        lines = file.read_text(encoding="utf-8").splitlines()
    except FileNotFoundError:
        return
    except (OSError, UnicodeDecodeError) as error:
        raise FeedbackError(f"{file} cannot be read: {error}") from error
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            record = json.loads(line)
            yield Noted(str(record["question"]), str(record["time"]))
        except (ValueError, KeyError, TypeError) as error:
            raise FeedbackError(f"{file}:{number} is not a noted question", "Delete or mend that line.") from error
