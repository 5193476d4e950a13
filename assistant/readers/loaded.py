"""What a reader is given and what it hands back."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import PurePosixPath

from assistant.schema import Document


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


@dataclass(frozen=True)
class Problem:
    """A file or a part of it that was refused, or something a curator should know."""

    origin: str
    line: int | None  # from 1; None where the format has no lines
    what: str
    cure: str

    def __str__(self) -> str:
        place = self.origin if self.line is None else f"{self.origin}:{self.line}"
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
