"""Files from outside on their way into the corpus, and out of it again: what PATH names, a pasted text, what is removed.

What comes in lies in corpus/added/. What is removed is moved to corpus/removed/, which is never read: nothing is lost.
"""

import glob
import json
import os
import re
import shutil
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path, PurePosixPath

from assistant.errors import IngestRefused
from assistant.loading import NOTES_SUFFIX, CorpusFile

ADDED_FOLDER = "added"
REMOVED_FOLDER = "removed"
_LONGEST_NAME = 120  # characters of a file name


@dataclass(frozen=True)
class Given:
    """A file that comes as bytes: uploaded, pasted, or read from standard input."""

    name: str
    data: bytes
    notes: Mapping[str, str] = field(default_factory=dict)  # what the file does not say of itself: docs/corpus.md


@contextmanager
def incoming(paths: Sequence[Path], given: Sequence[Given], corpus: Path) -> Iterator[list[CorpusFile]]:
    """Yield every file that comes in, with the origin it gets; those that are in the corpus already are left out.

    Raises IngestRefused, before anything is copied, for a path that is not there.
    """
    files = [file for path in paths for file in _found(path)]
    inside = corpus.resolve()
    with ExitStack() as held:
        outside = [file for file in files if not file.path.resolve().is_relative_to(inside)]
        if given:
            folder = Path(held.enter_context(tempfile.TemporaryDirectory(prefix="ask-the-experts-")))
            outside += [_written(one, folder / str(number)) for number, one in enumerate(given)]
        yield outside


def without_twins(files: Iterable[CorpusFile]) -> tuple[list[CorpusFile], list[CorpusFile]]:
    """Return the files, and apart from them those whose place in the corpus another one has taken."""
    first: dict[str, CorpusFile] = {}
    twins = [file for file in files if first.setdefault(file.origin, file) is not file]
    return list(first.values()), twins


def copy_in(file: CorpusFile, corpus: Path) -> None:
    """Copy ``file`` and its notes into the corpus; a copy that breaks off leaves nothing there."""
    target = corpus / file.origin
    target.parent.mkdir(parents=True, exist_ok=True)
    for source, place in ((_notes(file.path), _notes(target)), (file.path, target)):
        if source.exists():
            partial = place.with_name(f".{place.name}.{os.getpid()}")  # a name that is never read
            try:
                shutil.copyfile(source, partial)
                os.replace(partial, place)
            finally:
                partial.unlink(missing_ok=True)


def take_out(origin: str, corpus: Path) -> Path:
    """Move a corpus file with its notes to the folder of removed ones; return where it lies now."""
    target = corpus / REMOVED_FOLDER / origin
    number = 1
    while target.exists():
        number += 1
        target = (corpus / REMOVED_FOLDER / origin).with_name(f"{number}-{PurePosixPath(origin).name}")
    target.parent.mkdir(parents=True, exist_ok=True)
    if _notes(corpus / origin).exists():
        os.replace(_notes(corpus / origin), _notes(target))
    os.replace(corpus / origin, target)
    return target


def named(name: str, origins: Iterable[str], documents: Mapping[str, str]) -> str:
    """Return the corpus file that ``name`` means: its path, its last parts, or a document (id -> its file) it alone holds.

    Raises IngestRefused when it is none, or more than one.
    """
    origins = list(origins)
    wanted = name.replace(os.sep, "/").removeprefix("./")
    parts = PurePosixPath(wanted).parts
    found = [origin for origin in origins if wanted.endswith(origin)]
    found = found or [origin for origin in origins if parts in _endings(PurePosixPath(origin), len(parts))]
    if not found and name in documents:
        found = [documents[name].partition("!/")[0]]
        others = [id for id, origin in documents.items() if id != name and origin.partition("!/")[0] == found[0]]
        if others:
            cure = (
                f"Take the answer out of {found[0]} and run python ingest.py, or remove the file: --remove {found[0]}"
            )
            raise IngestRefused(f"the file of {name} holds {len(others)} other documents too", cure)
    if len(found) == 1:
        return found[0]
    if found:
        raise IngestRefused(f"{name!r} means {len(found)} corpus files: {', '.join(found[:5])}", "Give its whole path.")
    near = get_close_matches(wanted, origins, 3, 0.5)
    cure = (
        f"Did you mean {' or '.join(near)}?" if near else "python ingest.py --log and build.json name the corpus files."
    )
    raise IngestRefused(f"no corpus file is called {name!r}", cure)


def _endings(origin: PurePosixPath, count: int) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the last ``count`` parts of a path, with and without its suffix."""
    return origin.parts[-count:], origin.with_suffix("").parts[-count:]


def _found(path: Path) -> Iterator[CorpusFile]:
    """Yield what a PATH stands for: a file, the files of a folder with their places in it, or those of a pattern."""
    if path.is_dir():
        files = sorted(p for p in path.rglob("*") if p.is_file() and not p.name.startswith("."))
        yield from (_corpus_file(p, p.relative_to(path)) for p in files if not _is_notes(p))
    elif path.exists():
        yield _corpus_file(path, Path(path.name))
    elif matches := [Path(match) for match in sorted(glob.glob(str(path), recursive=True))]:
        yield from (file for match in matches if not _is_notes(match) for file in _found(match))
    else:
        raise IngestRefused(f"there is no file or folder {path}")


def _corpus_file(path: Path, place: Path) -> CorpusFile:
    return CorpusFile(path, f"{ADDED_FOLDER}/{os.fsencode(place.as_posix()).decode('utf-8', 'replace')}")


def _written(given: Given, folder: Path) -> CorpusFile:
    """Put a file that came as bytes where it can be read, under a name that is safe and says what it is."""
    folder.mkdir()
    path = folder / safe_name(given.name)
    path.write_bytes(given.data)
    if notes := {name: value for name, value in given.notes.items() if value.strip()}:
        # A JSON string is a YAML string.
        lines = [f"{name}: {json.dumps(value, ensure_ascii=False)}\n" for name, value in notes.items()]
        _notes(path).write_text("".join(lines), encoding="utf-8")
    return CorpusFile(path, f"{ADDED_FOLDER}/{path.name}", path.name)


def safe_name(name: str) -> str:
    """Return the last part of ``name`` without what could lead out of a folder, hide the file or break a terminal."""
    last = re.split(r"[/\\]", name)[-1]
    kept = "".join(c if c.isalnum() or c in "-_. ()" else "-" for c in last).strip(" .-")
    stem, suffix = os.path.splitext(kept)
    if not stem or not suffix:
        raise IngestRefused(
            f"{name[:80]!r} is no file name with an ending", "Give it one that says its format: answer.txt"
        )
    return stem[: _LONGEST_NAME - len(suffix)] + suffix


def _is_notes(path: Path) -> bool:
    return path.suffix == NOTES_SUFFIX and path.with_suffix("").exists()


def _notes(path: Path) -> Path:
    """Return where a curator may say where ``path`` is from: page.txt.yaml beside page.txt."""
    return path.with_name(path.name + NOTES_SUFFIX)
