"""What each build changed, one small file a build: kept also for builds that have been swept."""

import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path

_FOLDER = "history"


@dataclass(frozen=True)
class Record:
    """One build, and in what it differs from the one before."""

    build: str  # its name is the time at which it was begun, UTC
    previous: str  # the build that was live before; empty for the first
    documents: int
    embedded: int  # texts that were embedded for it
    files: dict[str, list[str]]  # "added", "changed", ... -> corpus files
    added: list[str]  # document ids
    changed: list[str]
    removed: list[str]


def write_record(index: Path, record: Record) -> None:
    folder = index / _FOLDER
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    partial = folder / f".{record.build}.{os.getpid()}"
    with os.fdopen(os.open(partial, os.O_CREAT | os.O_TRUNC | os.O_WRONLY, 0o600), "w", encoding="utf-8") as file:
        json.dump(asdict(record), file, indent=1)
    os.replace(partial, folder / f"{record.build}.json")


def records(index: Path) -> list[Record]:
    """Return the records there are, newest first; one that cannot be read is left out."""
    found = []
    for path in sorted((index / _FOLDER).glob("*.json"), reverse=True):
        try:
            found.append(Record(**json.loads(path.read_text(encoding="utf-8"))))
        except (OSError, ValueError, TypeError):
            continue
    return found
