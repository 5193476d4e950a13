"""The documents of one build in SQLite, with everything that is computed from each: sentences, passages, vectors, terms.

A row depends on its document alone, so the next build copies the file and touches only the rows that changed.
"""

import json
import sqlite3
import weakref
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any, TypeVar

from assistant.entries import Embedded, Entry, Stored, to_document, to_row
from assistant.errors import IndexDamaged
from assistant.schema import AuthorType, Document, SourceKind

# A row with its vectors fills several pages; larger ones are read a third faster. The rows hang on numbers, not on the ids:
# a tree with whole rows at its forks is seven pages deep at 16,000 answers, and each page is read anew for each of them.
_SCHEMA = """
pragma page_size = 16384;
create table if not exists entries (
    id text primary key, page text not null, asked text not null, hash text not null, document text not null,
    sentences text not null, passages text not null, wording_terms text not null, sentence_terms text not null,
    gap_vectors blob not null, question_vectors blob not null, passage_vectors blob not null,
    sentence_vectors blob not null
);
create index if not exists entries_page on entries (page);
"""
_TOLD = "id, document, sentences, passages, wording_terms, sentence_terms, gap_vectors"
_EMBEDDED = "question_vectors, passage_vectors, sentence_vectors"

# A build that was not finished is thrown away, and one that is gets synced as a whole before it counts.
_UNSAFE = "pragma synchronous = off; pragma journal_mode = memory;"
_Value = TypeVar("_Value")
_REMEMBERED = 2000  # entries kept parsed, and vectors of as many: 21 KB each where answers are long
_ASKED_AT_ONCE = 500  # ids in one query; SQLite takes no more than 999 where it is old


class Catalog:
    """Open a catalog file; ``writable`` makes it where there is none."""

    def __init__(self, path: Path, writable: bool = False) -> None:
        self._path = path
        self._read: dict[str, Entry] = {}  # what entry() has parsed
        self._vectors: dict[str, Embedded] = {}  # what vectors_of() has
        self._wordings: dict[str, bytes] = {}  # question key -> the vectors of its wordings
        mode = "rwc" if writable else "ro"
        try:
            # Readers share one connection between threads; SQLite serialises them.
            self._db = sqlite3.connect(f"file:{path}?mode={mode}", uri=True, check_same_thread=False)
            self._closing = weakref.finalize(self, self._db.close)
            if writable:
                self._db.executescript(_UNSAFE + _SCHEMA)
            self._db.execute("select count(*) from entries").fetchone()
        except sqlite3.Error as error:
            raise IndexDamaged(
                f"the catalog {path} cannot be read: {error}", "Build the index again: python ingest.py --rebuild"
            ) from error

    def close(self) -> None:
        self._closing()

    def put(self, entries: Iterable[Entry]) -> None:
        with self._db:
            self._forget()
            self._db.executemany(
                "insert or replace into entries values (?,?,?,?,?,?,?,?,?,?,?,?,?)", map(to_row, entries)
            )

    def delete(self, ids: Iterable[str]) -> None:
        with self._db:
            self._forget()
            self._db.executemany("delete from entries where id = ?", [(id,) for id in ids])

    def _forget(self) -> None:
        self._read.clear()
        self._vectors.clear()
        self._wordings.clear()

    def hashes(self) -> dict[str, str]:
        """Return document id -> document hash."""
        return dict(self._rows("select id, hash from entries order by id"))

    def entry(self, id: str) -> Entry:
        """Return one entry; raise KeyError where there is none."""
        return self._read.get(id) or self.entries_of((id,))[0]

    def entries_of(self, ids: Sequence[str]) -> list[Entry]:
        """Return the entries of ``ids`` in their order; raise KeyError where there is none."""
        return _remembered(self._read, ids, self._entries)

    def vectors_of(self, ids: Sequence[str]) -> list[Embedded]:
        """Return the vectors of ``ids`` in their order, and parse nothing else; raise KeyError where there is none."""
        return _remembered(self._vectors, ids, self._embedded)

    def _entries(self, ids: Sequence[str]) -> Iterator[tuple[str, Entry]]:
        rows = {row[0]: row for row in self._rows(f"select {_TOLD} from entries where id in ({_marks(ids)})", ids)}
        for (id, row), vectors in zip(rows.items(), self.vectors_of(list(rows)), strict=True):
            yield id, Stored(row, vectors, self._dimension)

    def _embedded(self, ids: Sequence[str]) -> Iterator[tuple[str, Embedded]]:
        if len(self._wordings) + len(ids) > _REMEMBERED:
            self._wordings.clear()
        rows = self._rows(f"select id, asked, {_EMBEDDED} from entries where id in ({_marks(ids)})", ids)
        for id, asked, questions, passages, sentences in rows:
            # Answers to one question have its wordings in common: they are kept once, and multiplied once.
            first = self._wordings.setdefault(asked, questions)
            yield id, Embedded(first if first == questions else questions, passages, sentences)

    @cached_property
    def _dimension(self) -> int:
        """Of the vectors: a document has one for each wording of its question."""
        wordings = "1 + json_array_length(document, '$.also_asked')"
        ((size,),) = self._rows(f"select length(question_vectors) / 4 / ({wordings}) from entries limit 1")
        return int(size)

    def sources(self) -> Iterator[tuple[str, SourceKind, str, AuthorType]]:
        """Yield (document id, kind of its source, its author's name, empty where it names none, and what that is)."""
        fields = ", ".join(f"json_extract(document, '$.source.{name}')" for name in ("kind", "author", "author_type"))
        for id, kind, author, type in self._rows(f"select id, {fields} from entries"):
            yield id, SourceKind(kind), author or "", AuthorType(type)

    def passages(self) -> int:
        """Return how many passages all documents have."""
        ((count,),) = self._rows("select coalesce(sum(json_array_length(passages)), 0) from entries")
        return int(count)

    def page(self, id: str) -> str:
        """Return the page that a document stands on; raise KeyError where there is no such document."""
        rows = self._rows("select page from entries where id = ?", (id,))
        if not rows:
            raise KeyError(id)
        return str(rows[0][0])

    def origins(self) -> dict[str, str]:
        """Return document id -> the corpus file it is from."""
        return dict(self._rows("select id, json_extract(document, '$.origin') from entries order by id"))

    def entries(self) -> Iterator[Entry]:
        """Yield every entry in the order of ids."""
        try:
            for row in self._db.execute(f"select {_TOLD}, {_EMBEDDED} from entries order by id"):
                yield self._to_entry(row)
        except sqlite3.Error as error:
            raise self._damaged(error) from error

    def documents(self) -> Iterator[Document]:
        """Yield every document in the order of ids."""
        return (to_document(json.loads(row[0])) for row in self._rows("select document from entries order by id"))

    def asked(self) -> Iterator[tuple[str, str]]:
        """Yield (document id, question key) in the order of ids."""
        yield from self._rows("select id, asked from entries order by id")

    def on_page(self, page: str) -> list[Entry]:
        of_page = f"select {_TOLD}, {_EMBEDDED} from entries where page = ? order by id"
        return [self._to_entry(row) for row in self._rows(of_page, (page,))]

    def _to_entry(self, row: Sequence[Any]) -> Entry:
        return Stored(row[:7], Embedded(*row[7:]), self._dimension)

    def _rows(self, query: str, values: Sequence[str] = ()) -> list[Any]:
        try:
            return self._db.execute(query, values).fetchall()
        except sqlite3.Error as error:
            raise self._damaged(error) from error

    def _damaged(self, error: sqlite3.Error) -> IndexDamaged:
        cure = "Build the index again: python ingest.py --rebuild"
        return IndexDamaged(f"the catalog {self._path} is damaged: {error}", cure)


def _remembered(
    kept: dict[str, _Value], ids: Sequence[str], fetch: Callable[[Sequence[str]], Iterable[tuple[str, _Value]]]
) -> list[_Value]:
    """Return what ``kept`` holds of ``ids``, in their order, and what ``fetch`` gives of the others.

    Kept are those that were asked for last: other threads read it meanwhile, so nothing in it is looked up twice.
    """
    found = {id: value for id in ids if (value := kept.get(id)) is not None}
    unread = [id for id in ids if id not in found]
    for start in range(0, len(unread), _ASKED_AT_ONCE):
        found |= dict(fetch(unread[start : start + _ASKED_AT_ONCE]))
    for id in found:  # to the end, and only now: others need not read anew what is read meanwhile
        kept.pop(id, None)
    kept |= found
    for id in list(kept)[: max(0, len(kept) - _REMEMBERED)]:
        kept.pop(id, None)
    return [found[id] for id in ids]


def _marks(values: Sequence[str]) -> str:
    return ",".join("?" * len(values))
