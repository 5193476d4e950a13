"""Corpus files to documents: find the files, hand each to its reader, put the results together.

One bad file never stops the others: it is named among the problems, with what to do about it.
"""

import json
import os
import time
from collections.abc import Container, Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from types import TracebackType

from assistant.errors import SourceError
from assistant.readers.child import TASK
from assistant.readers.fields import NOTE_FIELDS, apply_notes, read_block
from assistant.readers.files import LARGEST, read_bytes
from assistant.readers.loaded import Link, Loaded, Problem, Raw, Unreadable, from_json, joined, to_json
from assistant.readers.merging import merged
from assistant.readers.table import ARCHIVE, format_of
from assistant.readers.text import markup_in, order_in
from assistant.sandbox import Sandbox, SandboxError
from assistant.schema import Document

__all__ = [
    "LARGEST", "CorpusFile", "Link", "Loaded", "Loader", "Problem", "combine", "corpus_files", "from_json", "load_corpus",
    "load_file", "to_json",
]  # fmt: skip

FOLDERS = ("answers", "books", "added")
NOTES_SUFFIX = ".yaml"  # "page.txt.yaml" says where page.txt comes from
LARGEST_TEXT = 5_000_000  # bytes of a text file, read without a child process: about a million words
MEMBER_SECONDS = 8.0  # for one member of an archive
ARCHIVE_SECONDS = 12.0  # for an archive's members together, and more for a large one
_BYTES_A_SECOND = 20_000  # of an archive, packed, that it has more time for; honest pages are read much faster
_IGNORED = frozenset({"thumbs.db", "desktop.ini"})
_HEAD = 1024  # bytes by which a format is told


@dataclass(frozen=True)
class CorpusFile:
    """A file of the corpus and its path inside the corpus folder."""

    path: Path
    origin: str
    name: str = ""  # of one that came as bytes, whose path means nothing to whoever gave it


def load_corpus(corpus: Path) -> Loaded:
    """Read every file below the corpus's folders. Raises SourceError when there is no such folder."""
    files, problems = corpus_files(corpus)
    with Loader() as loader:
        loaded = [loader.load(file.path, file.origin) for file in files]
    return combine([Loaded(problems=tuple(problems)), *loaded])


def load_file(path: Path, origin: str) -> Loaded:
    """Read one file. ``origin`` is its path inside the corpus. Never raises for what the file holds."""
    with Loader() as loader:
        return combine([loader.load(path, origin)])


def combine(parts: Iterable[Loaded]) -> Loaded:
    """Put the results of several files together: one document an answer, ids of their own, no superseded teaser."""
    return merged(joined(parts))


def corpus_files(corpus: Path) -> tuple[list[CorpusFile], list[Problem]]:
    """The files to read, sorted by origin, and those refused unread. Raises SourceError for a missing folder."""
    folders = [name for name in FOLDERS if (corpus / name).is_dir()]
    if not folders:
        cure = f"Make {corpus / FOLDERS[0]} and put question pages into it, or name the corpus with ASSISTANT_CORPUS."
        raise SourceError(f"{corpus} holds neither {FOLDERS[0]}/ nor {FOLDERS[1]}/", cure)
    files: list[CorpusFile] = []
    problems: list[Problem] = []
    root = corpus.resolve()
    for place, path, linked in _walked(corpus, folders):
        origin = _printable(place)
        if linked and (path.is_dir() or not path.resolve().is_relative_to(root)):
            what = "a linked folder is not followed" if path.is_dir() else "the link leaves the corpus"
            problems.append(Problem(origin, None, what, "Copy the file into the corpus."))
        else:
            files.append(CorpusFile(path, origin))
    return sorted(files, key=lambda file: file.origin), problems


_LONGEST_QUESTION = 1000  # characters; a longer one is there to be found whatever is asked
_MOST_ASKED = 60  # other wordings of one question
_UNFIT_CURE = "Leave that out, or leave the page out."
_CURE = "Split the file if it is big; leave it out if it is damaged."


class Loader:
    """Reads files one after the other; what a library must parse goes to one child process, started when needed."""

    def __init__(self) -> None:
        self._sandbox = Sandbox(TASK)

    def __enter__(self) -> "Loader":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._sandbox.close()

    def start(self) -> None:
        """Start the child process, so that it is ready when it is needed."""
        self._sandbox.start()

    def load(self, path: Path, origin: str) -> Loaded:
        """Read one file, as it is: ``combine`` puts several together. Never raises for what the file holds."""
        try:
            found = format_of(Raw(origin, read_bytes(path, most=_HEAD)))
            if found is ARCHIVE:
                loaded = self._archive(path, origin)
            elif found.trusted:
                loaded = found.read(Raw(origin, read_bytes(path, LARGEST_TEXT)))
            else:
                loaded = self._untrusted(path, origin)
            return _with_notes(_fit_to_show(loaded, origin), path, origin)
        except Unreadable as error:
            return _refused(origin, error.message, error.cure, error.line)
        except (AttributeError, LookupError, RecursionError, TypeError, ValueError) as error:
            # What its reader did not foresee is no reason to leave out all the other files.
            return _refused(origin, f"could not be read: {type(error).__name__}: {str(error)[:200]}", _CURE)

    def _archive(self, path: Path, origin: str) -> Loaded:
        try:
            request = {"path": str(path.absolute()), "origin": origin, "list": True}
            listed = json.loads(self._sandbox.run(json.dumps(request)))
            names, problems = [str(name) for name in listed["names"]], [Problem(**each) for each in listed["problems"]]
        except SandboxError as error:
            return _refused(origin, f"the archive {error}", "Unpack it and give its files.")
        parts = [Loaded(problems=tuple(problems))]
        end = time.monotonic() + ARCHIVE_SECONDS + path.stat().st_size / _BYTES_A_SECOND
        for name in names:
            place = _printable(f"{origin}!/{name}")
            if (left := end - time.monotonic()) > 0:
                parts.append(self._untrusted(path, place, name, min(left, MEMBER_SECONDS)))
            else:
                parts.append(_refused(place, "not read: other members used up the archive's time", "Unpack it."))
        return joined(parts)

    def _untrusted(self, path: Path, origin: str, member: str | None = None, seconds: float | None = None) -> Loaded:
        request = json.dumps({"path": str(path.absolute()), "origin": origin, "member": member})
        try:
            return from_json(self._sandbox.run(request, seconds))
        except (SandboxError, ValueError) as error:
            return _refused(origin, f"the file {error}", _CURE)


def _fit_to_show(loaded: Loaded, origin: str) -> Loaded:
    """Refuse what no page should show, in whatever format it came: a text is shown and exported as it is."""
    if not (loaded.documents or loaded.links or loaded.problems):
        return _refused(origin, "nothing in it to take in", "Check that it is the right file, or leave it out.")
    refused = {id(document): why for document in loaded.documents if (why := _unfit(document))}
    if not refused:
        return loaded
    problems = [
        Problem(
            document.origin, None, f"{document.question[:60]!r} {refused[id(document)]}; it was refused", _UNFIT_CURE
        )
        for document in loaded.documents
        if id(document) in refused
    ]
    kept = tuple(document for document in loaded.documents if id(document) not in refused)
    return replace(loaded, documents=kept, problems=(*loaded.problems, *problems))


def _unfit(document: Document) -> str:
    text = "\n".join((document.question, document.text, *document.also_asked, *document.gaps))
    if not any(map(str.isalpha, document.text)) or not any(map(str.isalpha, document.question)):
        return "holds no words"
    if markup := markup_in(text):
        return f"holds markup: {markup[:60]!r}"
    if order := order_in(text):
        return f"speaks to a machine: {order[:60]!r}"
    if len(document.question) > _LONGEST_QUESTION:
        return f"is a question of {len(document.question):,} characters, more than {_LONGEST_QUESTION:,}"
    if len(document.also_asked) > _MOST_ASKED:
        return f"has {len(document.also_asked):,} other wordings, more than {_MOST_ASKED}"
    return ""


def _refused(origin: str, what: str, cure: str, line: int | None = None) -> Loaded:
    return Loaded(problems=(Problem(origin, line, what, cure),))


def _walked(corpus: Path, folders: Iterable[str]) -> Iterator[tuple[str, Path, bool]]:
    """Yield every file, every linked folder and every folder that cannot be read.

    Of each its place below ``corpus``, its path, and whether it is a link.
    """
    waiting = list(folders)
    while waiting:
        folder = waiting.pop()
        try:
            with os.scandir(corpus / folder) as found:
                entries = {entry.name: entry for entry in found}
        except FileNotFoundError:
            continue  # it has just been removed
        except OSError:
            yield folder, corpus / folder, False  # read as a file, it is refused by its name
            continue
        for name, entry in entries.items():
            if entry.is_dir(follow_symlinks=False):
                if not name.startswith("."):
                    waiting.append(f"{folder}/{name}")
            elif not _is_beside_the_point(name, entries):
                yield f"{folder}/{name}", Path(entry.path), entry.is_symlink()


def _is_beside_the_point(name: str, beside: Container[str]) -> bool:
    """Whether a file is hidden, the system's own, or notes on a file beside it."""
    hidden = name.startswith((".", "~$")) or name.casefold() in _IGNORED
    return hidden or (name.endswith(NOTES_SUFFIX) and name.removesuffix(NOTES_SUFFIX) in beside)


def _with_notes(loaded: Loaded, path: Path, origin: str) -> Loaded:
    notes = path.with_name(path.name + NOTES_SUFFIX)
    if not notes.is_file():
        return loaded
    name = origin + NOTES_SUFFIX
    try:
        text = read_bytes(notes).decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise Unreadable(f"the notes in {name} are not UTF-8", "Save them as UTF-8 text.") from error
    return apply_notes(loaded, read_block(text, name, 1, NOTE_FIELDS))


def _printable(origin: str) -> str:
    # A file name need not be valid UTF-8; an origin is stored and shown, so it must be.
    return origin.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
