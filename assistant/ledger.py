"""What each corpus file says, read once: documents by file and content hash, kept between runs.

A file whose size and times are as they were is not opened again, and one whose content is as it was is not read again.
Documents lie under the key of their question, because only answers to one question are ever merged: whoever wants to
know what a changed file does looks at its questions and leaves the rest of the corpus alone.
"""

import hashlib
import os
import sqlite3
import stat
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from functools import cache
from importlib import resources
from itertools import groupby
from operator import itemgetter
from pathlib import Path

from assistant.caches import open_cache
from assistant.exported import file_sha256
from assistant.loading import NOTES_SUFFIX, CorpusFile, Loaded, Loader, Problem, from_json, to_json
from assistant.readers.merging import merged
from assistant.readers.text import same_question
from assistant.schema import Document

_SCHEMA = """
create table if not exists made_with (readers text not null);
create table if not exists stats (origin text primary key, signature text not null, digest text not null) without rowid;
create table if not exists files (
    origin text not null, digest text not null, documents integer not null, rest text not null, primary key (origin, digest)
) without rowid;
create table if not exists documents (
    key text not null, origin text not null, digest text not null, number integer not null,
    document text not null, checksum blob not null, primary key (key, origin, digest, number)
) without rowid;
create index if not exists documents_of_a_file on documents (origin, digest);
"""
_JUST_NOW = 2_000_000_000  # ns: a file as young as this may change again without its times showing it
_COMMITTED = 200  # files read between two commits: what a killed run reads again at most
_TRIES = 3  # to read a file that somebody is writing
_UNREADABLE = "unreadable"

Files = Mapping[str, str]  # corpus file -> digest of its content and its notes


class Ledger:
    """Readings of corpus files in the SQLite file ``path``, which can be deleted at any time."""

    def __init__(self, path: Path) -> None:
        self._db = open_cache(path, _SCHEMA)
        if self._db.execute("select readers from made_with").fetchall() != [(readers_digest(),)]:
            with self._db:
                for table in ("made_with", "files", "documents"):
                    self._db.execute(f"delete from {table}")
                self._db.execute("insert into made_with values (?)", (readers_digest(),))

    def close(self) -> None:
        self._db.close()

    def digests(self, files: Iterable[CorpusFile]) -> dict[str, str]:
        """Return corpus file -> digest; only files whose size or times have changed are opened."""
        known = {origin: (signature, digest) for origin, signature, digest in self._db.execute("select * from stats")}
        found, fresh = {}, []
        for file in files:
            signature, settled = _signature(file.path)
            before, digest = known.get(file.origin, ("", ""))
            if not settled or signature != before:
                digest = _digest(file.path)
                fresh.append((file.origin, signature if settled else "", digest))
            found[file.origin] = digest
        with self._db:
            self._db.executemany("insert or replace into stats values (?, ?, ?)", fresh)
        return found

    def content(self, files: Iterable[CorpusFile]) -> dict[str, str]:
        """Return origin -> digest of files that do not lie in the corpus yet."""
        return {file.origin: _digest(file.path) for file in files}

    def read(
        self,
        files: Iterable[CorpusFile],
        digests: Files,
        loader: Loader,
        progress: Callable[[int], None] = lambda done: None,
    ) -> dict[str, str]:
        """Read those files of which there is no reading yet; return ``digests`` with those that changed meanwhile."""
        held = set(self._db.execute("select origin, digest from files"))
        missing = [file for file in files if (file.origin, digests[file.origin]) not in held]
        known = dict(digests)
        for start in range(0, len(missing), _COMMITTED):
            batch = missing[start : start + _COMMITTED]
            loaded = [(file.origin, *_read(loader, file, digests[file.origin])) for file in batch]
            with self._db:
                for origin, digest, one in loaded:
                    self._put(origin, digest, one)
                    known[origin] = digest
            progress(len(batch))
        return known

    def holds(self, origin: str, digest: str) -> bool:
        return (
            self._db.execute("select 1 from files where (origin, digest) = (?, ?)", (origin, digest)).fetchone()
            is not None
        )

    def problems(self, origin: str, digest: str) -> tuple[Problem, ...]:
        rows = self._db.execute("select rest from files where (origin, digest) = (?, ?)", (origin, digest))
        return tuple(problem for (rest,) in rows for problem in from_json(rest).problems)

    def refused(self, origin: str, digest: str) -> str:
        """Return why no answer is taken from a file; nothing when some are, or when there is nothing to complain of."""
        row = self._db.execute(
            "select documents from files where (origin, digest) = (?, ?)", (origin, digest)
        ).fetchone()
        problems = self.problems(origin, digest)
        return f"{problems[0].what} ({problems[0].cure})" if problems and not row[0] else ""

    def keys(self, origin: str, digest: str) -> set[str]:
        """Return the keys of the questions that a file answers."""
        rows = self._db.execute("select key from documents where (origin, digest) = (?, ?)", (origin, digest))
        return {key for (key,) in rows}

    def group(self, key: str, files: Files) -> Loaded:
        """Return the answers to one question, merged over ``files``, with what is to be said of the merging."""
        rows = self._db.execute("select * from documents where key = ? order by origin, number", (key,))
        return _merged(rows, files)

    def groups(self, files: Files) -> Iterator[tuple[str, Loaded]]:
        """Yield every question's key with its answers, merged over ``files``; never more than one question in memory."""
        rows = self._db.execute("select * from documents order by key, origin, number")
        for key, group in groupby(rows, itemgetter(0)):
            if (answers := _merged(group, files)).documents:
                yield key, answers

    def prune(self, files: Files) -> None:
        """Forget readings of what is no longer in ``files``."""
        gone = [pair for pair in self._db.execute("select origin, digest from files") if files.get(pair[0]) != pair[1]]
        with self._db:
            for table in ("files", "documents"):
                self._db.executemany(f"delete from {table} where (origin, digest) = (?, ?)", gone)
            self._db.executemany(
                "delete from stats where origin = ?", [(origin,) for origin, _ in gone if origin not in files]
            )

    def _put(self, origin: str, digest: str, loaded: Loaded) -> None:
        rest = to_json(replace(loaded, documents=()))
        self._db.execute(
            "insert or replace into files values (?, ?, ?, ?)", (origin, digest, len(loaded.documents), rest)
        )
        rows = []
        for number, document in enumerate(loaded.documents):
            # A copy, because what a document has cached of itself does not belong on paper.
            told = to_json(Loaded((replace(document),)))
            rows.append((same_question(document.question), origin, digest, number, told, _checksum(told)))
        self._db.executemany("insert or replace into documents values (?, ?, ?, ?, ?, ?)", rows)


@cache
def readers_digest() -> str:
    """Return a digest of the code that reads corpus files: what other code has read is read again."""
    digest = hashlib.sha256()
    package = resources.files("assistant")
    for file in (*(package / "readers").iterdir(), package / "loading.py"):
        if file.name.endswith(".py"):
            digest.update(f"{file.name}\n".encode() + file.read_bytes())
    return digest.hexdigest()[:16]


def _read(loader: Loader, file: CorpusFile, digest: str) -> tuple[str, Loaded]:
    """Return what a file says with the digest of what was read: somebody may be writing it."""
    for _ in range(_TRIES):
        loaded = loader.load(file.path, file.origin)
        if (after := _digest(file.path)) == digest:
            return digest, loaded
        digest = after
    cure = "Wait until it is written, then run python ingest.py again."
    return digest, Loaded(problems=(Problem(file.origin, None, "it kept changing while it was read", cure),))


def _merged(rows: Iterable[tuple[str, str, str, int, str, bytes]], files: Files) -> Loaded:
    documents: list[Document] = []
    for _, origin, digest, _, told, checksum in rows:
        if files.get(origin) == digest:
            if _checksum(told) != checksum:
                raise sqlite3.DatabaseError(f"what was read of {origin} is not as it was written")
            documents += from_json(told).documents
    return merged(Loaded(tuple(documents)))


def _checksum(told: str) -> bytes:
    return hashlib.sha256(told.encode("utf-8", "replace")).digest()[:8]


def _signature(path: Path) -> tuple[str, bool]:
    """Return what tells that a file and its notes are as they were, and whether that can be relied upon yet."""
    parts, youngest = [], 0
    for file in (name := os.fspath(path), name + NOTES_SUFFIX):
        try:
            found = os.stat(file)
        except OSError:
            continue
        parts.append(f"{found.st_size}.{found.st_mtime_ns}.{found.st_ctime_ns}.{found.st_ino}")
        youngest = max(youngest, found.st_mtime_ns, found.st_ctime_ns)
    return " ".join(parts), youngest + _JUST_NOW < time.time_ns()


def _digest(path: Path) -> str:
    notes = path.with_name(path.name + NOTES_SUFFIX)
    try:
        if not stat.S_ISREG(path.stat().st_mode):
            return _UNREADABLE  # opening a named pipe would wait for ever
        own = file_sha256(path)
        beside = file_sha256(notes) if os.path.isfile(notes) else ""
    except OSError:
        return _UNREADABLE
    return hashlib.sha256(f"{own}{beside}".encode()).hexdigest() if beside else own
