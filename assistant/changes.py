"""What an ingest does, in the words of whoever looks after the corpus: files, and documents sentence by sentence."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from difflib import SequenceMatcher
from enum import StrEnum

from assistant.schema import Document, Source
from assistant.sentences import split_sentences


class Change(StrEnum):
    ADDED = "added"
    CHANGED = "changed"
    REMOVED = "removed"
    RENAMED = "renamed"
    UNCHANGED = "unchanged"
    REFUSED = "refused"


@dataclass(frozen=True)
class FileReport:
    origin: str
    change: Change
    why: str = ""


@dataclass(frozen=True)
class Line:
    """One whole sentence, and whether it comes, goes or stays."""

    sign: str  # "+", "-" or " "
    text: str


@dataclass(frozen=True)
class Edit:
    """What becomes of one document."""

    change: Change  # added, changed or removed
    document: str
    question: str
    source: Source
    lines: tuple[Line, ...]
    fields: tuple[str, ...] = ()  # other things that change: "credential: none -> Physiotherapy"


def edit(before: Document | None, after: Document | None) -> Edit:
    """Compare two states of one document; one of them may be missing."""
    shown = after or before
    if shown is None:
        raise ValueError("a document that is on neither side has not changed")
    change = Change.ADDED if before is None else Change.REMOVED if after is None else Change.CHANGED
    lines = tuple(_lines(_sentences(before), _sentences(after)))
    return Edit(change, shown.id, shown.question, shown.source, lines, _fields(before, after))


def file_reports(before: Mapping[str, str], after: Mapping[str, str], refused: Mapping[str, str]) -> list[FileReport]:
    """Compare corpus files with their digests; ``refused`` names those of ``after`` that hold no answer, and why."""
    gone = {digest: origin for origin, digest in before.items() if origin not in after}
    fresh = {digest: origin for origin, digest in after.items() if origin not in before}
    reports = [_file_report(origin, digest, before, gone, refused) for origin, digest in after.items()]
    removed = [origin for origin, digest in before.items() if origin not in after and fresh.get(digest) is None]
    return [*reports, *(FileReport(origin, Change.REMOVED) for origin in removed)]


def token(before: Mapping[str, str], edits: Mapping[str, str | None]) -> str:
    """Return a digest of a change and of what it starts from: equal tokens stand for the same change."""
    told = json.dumps([sorted(before.items()), sorted((id, hash or "") for id, hash in edits.items())])
    return hashlib.sha256(told.encode("utf-8", "replace")).hexdigest()


def _file_report(
    origin: str, digest: str, before: Mapping[str, str], gone: Mapping[str, str], refused: Mapping[str, str]
) -> FileReport:
    if origin in refused:
        return FileReport(origin, Change.REFUSED, refused[origin])
    if origin in before:
        return FileReport(origin, Change.UNCHANGED if before[origin] == digest else Change.CHANGED)
    return (
        FileReport(origin, Change.RENAMED, f"was {gone[digest]}")
        if digest in gone
        else FileReport(origin, Change.ADDED)
    )


def _sentences(document: Document | None) -> list[str]:
    if document is None:
        return []
    text = document.text
    return [text[sentence.start : sentence.end] for sentence in split_sentences(text, document.source.truncated)]


def _lines(before: list[str], after: list[str]) -> Iterable[Line]:
    for kind, start, end, new_start, new_end in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if kind == "equal":
            yield from (Line(" ", text) for text in before[start:end])
        else:
            yield from (Line("-", text) for text in before[start:end])
            yield from (Line("+", text) for text in after[new_start:new_end])


def _fields(before: Document | None, after: Document | None) -> tuple[str, ...]:
    if before is None or after is None:
        return ()
    old, new = _flat(before), _flat(after)
    return tuple(f"{name}: {_shown(old[name])} -> {_shown(new[name])}" for name in old if old[name] != new[name])


def _flat(document: Document) -> dict[str, object]:
    fields: dict[str, object] = asdict(document)
    del fields["source"], fields["text"]
    return asdict(document.source) | fields


def _shown(value: object) -> str:
    if isinstance(value, tuple):
        return " | ".join(map(str, value)) or "none"
    return "none" if value in (None, "") else str(value)
