"""The documents of one build in SQLite, with everything that is computed from each: sentences, passages, vectors, terms.

A row depends on its document alone, so the next build copies the file and touches only the rows that changed.
"""

import json
import sqlite3
import weakref
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

import numpy as np

from assistant.embedding import Vectors
from assistant.errors import IndexDamaged
from assistant.schema import AuthorType, Document, Passage, Role, Sentence, Source, SourceKind, Tier, Wording

# A row with its vectors fills several pages; larger ones are read a third faster.
_SCHEMA = """
pragma page_size = 16384;
create table if not exists entries (
    id text primary key, page text not null, asked text not null, hash text not null, document text not null,
    sentences text not null, passages text not null,
    question_vectors blob not null, passage_vectors blob not null, sentence_vectors blob not null, gap_vectors blob not null
) without rowid;
create index if not exists entries_page on entries (page);
"""


# A build that was not finished is thrown away, and one that is gets synced as a whole before it counts.
_UNSAFE = "pragma synchronous = off; pragma journal_mode = memory;"
_Value = TypeVar("_Value")
_REMEMBERED = 1000  # entries kept parsed, and vectors of as many
_ASKED_AT_ONCE = 500  # ids in one query; SQLite takes no more than 999 where it is old


@dataclass(frozen=True)
class Entry:
    """A document and what the index holds of it."""

    document: Document
    sentences: tuple[Sentence, ...]
    passages: tuple[Passage, ...]
    question_vectors: Vectors  # (1 + len(also_asked), dimension)
    passage_vectors: Vectors  # (len(passages), dimension)
    sentence_vectors: Vectors  # (len(sentences), dimension), stored in half precision
    gap_vectors: Vectors  # (len(document.gaps), dimension), stored in half precision


@dataclass(frozen=True)
class Embedded:
    """The vectors of one document; see Entry."""

    questions: Vectors
    passages: Vectors
    sentences: Vectors


class Catalog:
    """Open a catalog file; ``writable`` makes it where there is none."""

    def __init__(self, path: Path, writable: bool = False) -> None:
        self._path = path
        self._read: dict[str, Entry] = {}  # what entry() has parsed
        self._vectors: dict[str, Embedded] = {}  # what vectors_of() has
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
            self._read.clear()
            self._vectors.clear()
            self._db.executemany("insert or replace into entries values (?,?,?,?,?,?,?,?,?,?,?)", map(_to_row, entries))

    def delete(self, ids: Iterable[str]) -> None:
        with self._db:
            self._read.clear()
            self._vectors.clear()
            self._db.executemany("delete from entries where id = ?", [(id,) for id in ids])

    def hashes(self) -> dict[str, str]:
        """Return document id -> document hash."""
        return dict(self._rows("select id, hash from entries order by id"))

    def entry(self, id: str) -> Entry:
        """Return one entry; raise KeyError where there is none."""
        return self.entries_of((id,))[0]

    def entries_of(self, ids: Sequence[str]) -> list[Entry]:
        """Return the entries of ``ids`` in their order; raise KeyError where there is none."""
        return _remembered(self._read, ids, self._entries)

    def vectors_of(self, ids: Sequence[str], dimension: int) -> list[Embedded]:
        """Return the vectors of ``ids`` in their order, and parse nothing else; raise KeyError where there is none."""
        return _remembered(self._vectors, ids, partial(self._embedded, dimension))

    def _entries(self, ids: Sequence[str]) -> Iterator[tuple[str, Entry]]:
        for row in self._rows(f"select * from entries where id in ({_marks(ids)})", ids):
            yield row[0], _to_entry(row)

    def _embedded(self, dimension: int, ids: Sequence[str]) -> Iterator[tuple[str, Embedded]]:
        wanted = "id, question_vectors, passage_vectors, sentence_vectors"
        for id, *stored in self._rows(f"select {wanted} from entries where id in ({_marks(ids)})", ids):
            asked, said, sentences = stored
            yield id, Embedded(_vectors(asked, dimension), _vectors(said, dimension), _halves(sentences, dimension))

    def sources(self) -> Iterator[tuple[str, SourceKind, bool]]:
        """Yield (document id, kind of its source, whether that has a named author)."""
        named = "json_extract(document, '$.source.kind'), json_extract(document, '$.source.author')"
        for id, kind, author in self._rows(f"select id, {named} from entries"):
            yield id, SourceKind(kind), bool(author)

    def page(self, id: str) -> str:
        """Return the page that a document stands on; raise KeyError where there is no such document."""
        rows = self._rows("select page from entries where id = ?", (id,))
        if not rows:
            raise KeyError(id)
        return str(rows[0][0])

    def origins(self) -> dict[str, str]:
        """Return document id -> the corpus file it is from."""
        return dict(self._rows("select id, json_extract(document, '$.origin') from entries"))

    def entries(self) -> Iterator[Entry]:
        """Yield every entry in the order of ids."""
        try:
            for row in self._db.execute("select * from entries order by id"):
                yield _to_entry(row)
        except sqlite3.Error as error:
            raise self._damaged(error) from error

    def documents(self) -> Iterator[Document]:
        """Yield every document in the order of ids."""
        return (_to_document(json.loads(row[0])) for row in self._rows("select document from entries order by id"))

    def asked(self) -> Iterator[tuple[str, str]]:
        """Yield (document id, question key) in the order of ids."""
        yield from self._rows("select id, asked from entries order by id")

    def on_page(self, page: str) -> list[Entry]:
        return [_to_entry(row) for row in self._rows("select * from entries where page = ? order by id", (page,))]

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
    """Return what ``kept`` holds of ``ids``, in their order, and what ``fetch`` gives of the others, which is kept."""
    found = {id: value for id in ids if (value := kept.get(id)) is not None}
    unread = [id for id in ids if id not in found]
    for start in range(0, len(unread), _ASKED_AT_ONCE):
        found |= dict(fetch(unread[start : start + _ASKED_AT_ONCE]))
    if len(kept) + len(unread) > _REMEMBERED:
        kept.clear()  # another thread may be reading it: nothing is looked up twice
    kept |= {id: found[id] for id in unread}
    return [found[id] for id in ids]


def _marks(values: Sequence[str]) -> str:
    return ",".join("?" * len(values))


def _to_row(entry: Entry) -> tuple[Any, ...]:
    document = entry.document
    return (
        document.id,
        document.page,
        document.asked,
        document.hash,
        json.dumps(asdict(document), ensure_ascii=False),
        json.dumps([(s.start, s.end, s.role, s.needs) for s in entry.sentences]),
        json.dumps([(p.start, p.end) for p in entry.passages]),
        entry.question_vectors.astype(np.float32).tobytes(),
        entry.passage_vectors.astype(np.float32).tobytes(),
        entry.sentence_vectors.astype(np.float16).tobytes(),
        entry.gap_vectors.astype(np.float16).tobytes(),
    )


def _to_entry(row: Any) -> Entry:
    document = _to_document(json.loads(row[4]))
    sentences = tuple(Sentence(start, end, Role(role), needs) for start, end, role, needs in json.loads(row[5]))
    passages = tuple(Passage(document.id, start, end) for start, end in json.loads(row[6]))
    dimension = len(row[7]) // 4 // (1 + len(document.also_asked))
    return Entry(
        document,
        sentences,
        passages,
        _vectors(row[7], dimension),
        _vectors(row[8], dimension),
        _halves(row[9], dimension),
        _halves(row[10], dimension),
    )


def _vectors(stored: bytes, dimension: int) -> Vectors:
    return np.frombuffer(stored, dtype=np.float32).reshape(-1, dimension)


def _halves(stored: bytes, dimension: int) -> Vectors:
    return np.frombuffer(stored, dtype=np.float16).astype(np.float32).reshape(-1, dimension)


def _to_document(fields: dict[str, Any]) -> Document:
    source = fields.pop("source")
    source |= {
        "kind": SourceKind(source["kind"]),
        "author_type": AuthorType(source["author_type"]),
        "tier": Tier(source["tier"]),
        "wording": Wording(source["wording"]),
    }
    fields |= {name: tuple(fields[name]) for name in ("also_asked", "topics", "body_parts", "urgent", "gaps")}
    return Document(source=Source(**source), **fields)
