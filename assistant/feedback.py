"""Keep what a person thought of an answer: one JSON object a line, on this machine, only when they pressed a button."""

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from threading import Lock

from assistant.privacy import private_files

_one_writer = Lock()


def keep_feedback(
    file: Path, verdict: str, documents: Sequence[str], build: str, question: str | None, now: datetime | None = None
) -> None:
    """Append a verdict on an answer made of ``documents``; the question only where the person chose to include it.

    Raises OSError when the file cannot be written.
    """
    moment = (now or datetime.now(UTC)).isoformat(timespec="seconds")
    record: dict[str, object] = {"time": moment, "verdict": verdict, "build": build, "documents": list(documents)}
    if question is not None:
        record["question"] = question
    with _one_writer, private_files():
        file.parent.mkdir(parents=True, exist_ok=True)
        with file.open("a", encoding="utf-8") as stream:
            stream.write(json.dumps(record) + "\n")
