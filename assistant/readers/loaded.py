"""What a reader is given and what it hands back."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import PurePosixPath
from typing import Any

from assistant.errors import SourceError
from assistant.output import one_line
from assistant.schema import AuthorType, Document, Source, SourceKind, Tier, Wording


@dataclass(frozen=True)
class Raw:
    """One file, unread. ``origin`` is its path inside the corpus; a member of an archive is ``<archive>!/<member>``."""

    origin: str
    data: bytes

    @property
    def stem(self) -> str:
        return PurePosixPath(self.origin).stem

    @property
    def suffix(self) -> str:
        return PurePosixPath(self.origin).suffix.lower()


class Unreadable(SourceError):
    """A file that is refused whole. The message says why, not which file: whoever catches it knows."""

    def __init__(self, message: str, cure: str, line: int | None = None) -> None:
        super().__init__(message, cure)
        self.line = line


@dataclass(frozen=True)
class Problem:
    """A file or a part of it that was refused, or something a curator should know."""

    origin: str
    line: int | None  # from 1; None where the format has no lines
    what: str
    cure: str

    def __str__(self) -> str:
        origin = one_line(self.origin)
        place = origin if self.line is None else f"{origin}:{self.line}"
        return f"{place}: {self.what}" + (f"\n  {self.cure}" if self.cure else "")


@dataclass(frozen=True)
class Link:
    """A question or title met on a page without its answer: never answered from."""

    title: str
    origin: str
    page: str


@dataclass(frozen=True)
class Loaded:
    """The documents of one file or of a whole corpus, with all that went wrong on the way."""

    documents: tuple[Document, ...] = ()
    links: tuple[Link, ...] = ()
    problems: tuple[Problem, ...] = ()


def joined(parts: Iterable[Loaded]) -> Loaded:
    """Put several results one after the other."""
    every = list(parts)
    return Loaded(
        tuple(document for part in every for document in part.documents),
        tuple(link for part in every for link in part.links),
        tuple(problem for part in every for problem in part.problems),
    )


def to_json(loaded: Loaded) -> str:
    """The result as text, to hand it from one process to another."""
    # Not asdict, which copies every value: it takes longer than reading the file.
    return json.dumps(
        {
            "documents": [{**vars(document), "source": vars(document.source)} for document in loaded.documents],
            "links": [vars(link) for link in loaded.links],
            "problems": [vars(problem) for problem in loaded.problems],
        }
    )


def from_json(text: str) -> Loaded:
    """What ``to_json`` wrote. Raises ValueError when it is anything else."""
    try:
        data = json.loads(text)
        return Loaded(
            tuple(_document(each) for each in data["documents"]),
            tuple(Link(**each) for each in data["links"]),
            tuple(Problem(**each) for each in data["problems"]),
        )
    except (KeyError, TypeError, RecursionError) as error:
        raise ValueError(f"not the result of a reader: {error}") from error


def _document(data: dict[str, Any]) -> Document:
    given = data["source"]
    typed: dict[str, type[StrEnum]] = {"kind": SourceKind, "author_type": AuthorType, "tier": Tier, "wording": Wording}
    fields: dict[str, Any] = {name: typed[name](value) if name in typed else value for name, value in given.items()}
    plain: dict[str, Any] = {
        name: tuple(value) if isinstance(value, list) else value for name, value in data.items() if name != "source"
    }
    return Document(**plain, source=Source(**fields))
