"""Corpus files to documents: find the files, hand each to its reader, put the results together.

One bad file never stops the others: it is named among the problems, with what to do about it.
"""

import os
import stat
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from assistant.errors import SourceError
from assistant.readers.fields import NOTE_FIELDS, apply_notes, read_block
from assistant.readers.loaded import Link, Loaded, Problem, Raw, joined
from assistant.readers.merging import merged
from assistant.readers.table import format_of

__all__ = ["CorpusFile", "Link", "Loaded", "Problem", "combine", "corpus_files", "load_corpus", "load_file"]

FOLDERS = ("answers", "books")
LARGEST = 50_000_000  # bytes of one file
NOTES_SUFFIX = ".yaml"  # "page.txt.yaml" says where page.txt comes from
_IGNORED = frozenset({"thumbs.db", "desktop.ini"})


@dataclass(frozen=True)
class CorpusFile:
    """A file of the corpus and its path inside the corpus folder."""

    path: Path
    origin: str


def load_corpus(corpus: Path) -> Loaded:
    """Read every file below ``answers/`` and ``books/``. Raises SourceError when there is no such folder."""
    files, problems = corpus_files(corpus)
    loaded = [load_file(file.path, file.origin) for file in files]
    return combine([Loaded(problems=tuple(problems)), *loaded])


def corpus_files(corpus: Path) -> tuple[list[CorpusFile], list[Problem]]:
    """The files to read, sorted by origin, and those that are refused unread. Raises SourceError for a missing folder."""
    folders = [corpus / name for name in FOLDERS if (corpus / name).is_dir()]
    if not folders:
        cure = f"Make {corpus / FOLDERS[0]} and put question pages into it, or name the corpus with ASSISTANT_CORPUS."
        raise SourceError(f"{corpus} holds neither {FOLDERS[0]}/ nor {FOLDERS[1]}/", cure)
    files: list[CorpusFile] = []
    problems: list[Problem] = []
    root = corpus.resolve()
    for path in _walked(folders):
        origin = _printable(path.relative_to(corpus).as_posix())
        if path.is_symlink() and (path.is_dir() or not path.resolve().is_relative_to(root)):
            what = "a linked folder is not followed" if path.is_dir() else "the link leaves the corpus"
            problems.append(Problem(origin, None, what, "Copy the file into the corpus."))
        else:
            files.append(CorpusFile(path, origin))
    return sorted(files, key=lambda file: file.origin), problems


def load_file(path: Path, origin: str) -> Loaded:
    """Read one file. ``origin`` is its path inside the corpus. Never raises for what the file holds."""
    try:
        raw = Raw(origin, read_bytes(path))
        loaded = format_of(raw).read(raw)
        return _with_notes(loaded, path, origin)
    except SourceError as error:
        return Loaded(problems=(Problem(origin, None, error.message, error.cure),))


def read_bytes(path: Path) -> bytes:
    """The bytes of a regular file of bearable size. Raises SourceError."""
    try:
        # Opening a named pipe would wait for a writer for ever; O_NONBLOCK does not.
        descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
        with open(descriptor, "rb") as file:
            found = os.fstat(descriptor)
            if not stat.S_ISREG(found.st_mode):
                raise SourceError(f"{path.name} is not a regular file", "Remove it from the corpus.")
            if found.st_size > LARGEST:
                raise SourceError(f"{path.name} has {found.st_size:,} bytes, more than {LARGEST:,}", "Split it into smaller files.")
            data = file.read(LARGEST + 1)
    except (OSError, ValueError) as error:
        raise SourceError(f"{path.name} cannot be read: {error}", "Check the file and its permissions.") from error
    if not data.strip():
        raise SourceError(f"{path.name} is empty", "Write its text, or remove it.")
    return data


def combine(parts: Iterable[Loaded]) -> Loaded:
    """Put the results of several files together: one document an answer, ids of their own, no superseded teaser."""
    return merged(joined(parts))


def _walked(folders: Iterable[Path]) -> Iterator[Path]:
    for folder in folders:
        for place, below, names in os.walk(folder):
            below[:] = [name for name in below if not name.startswith(".")]
            linked = [name for name in below if os.path.islink(os.path.join(place, name))]
            for name in (*names, *linked):
                path = Path(place, name)
                if not name.startswith((".", "~$")) and name.casefold() not in _IGNORED and not _is_notes(path):
                    yield path


def _is_notes(path: Path) -> bool:
    return path.suffix == NOTES_SUFFIX and path.with_suffix("").exists()


def _with_notes(loaded: Loaded, path: Path, origin: str) -> Loaded:
    notes = path.with_name(path.name + NOTES_SUFFIX)
    if not notes.is_file():
        return loaded
    name = origin + NOTES_SUFFIX
    try:
        text = read_bytes(notes).decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise SourceError(f"{name} is not UTF-8", "Save it as UTF-8 text.") from error
    return apply_notes(loaded, read_block(text, name, 1, NOTE_FIELDS))


def _printable(origin: str) -> str:
    # A file name need not be valid UTF-8; an origin is stored and shown, so it must be.
    return origin.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
