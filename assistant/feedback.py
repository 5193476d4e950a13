"""Keep what a person thought of an answer: one JSON object a line, on this machine, only when they pressed a button."""

import json
import os
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from threading import Lock

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
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with _one_writer, os.fdopen(os.open(file, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600), "a") as stream:
        stream.write(json.dumps(record) + "\n")
