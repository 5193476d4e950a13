"""The vectors of one build in Chroma, and the cache that spares embedding the same text twice."""

import hashlib
import sqlite3
import weakref
import zlib
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path
from threading import Event
from typing import Any

import numpy as np

from assistant.caches import open_cache
from assistant.embedding import Embedder, Progress, Vectors
from assistant.errors import IndexDamaged

_COLLECTION = "vectors"
# Chroma takes at most 5,461 records a call.
_BATCH = 4000
_SCHEMA = "create table if not exists vectors (key blob primary key, vector blob not null) without rowid;"
_SEARCHING = ThreadPoolExecutor(8, "search")  # as many may be begun at once; Chroma has threads of its own
_EMBED_BATCH = 1024  # texts embedded between two commits of the cache: what a killed run loses at most


class Kind(StrEnum):
    """What a vector is of."""

    QUESTION = "question"  # one phrasing of a page's question
    PASSAGE = "passage"


@dataclass(frozen=True)
class Record:
    """One vector of the store and what it leads to."""

    kind: Kind
    owner: str  # document id of a passage, question key of a question
    text: str  # what was embedded
    vector: Vectors  # (dimension,)

    @property
    def id(self) -> str:
        """The text's hash, the kind and the owner: a query reads these off the id, three times faster than from metadata."""
        return f"{hashlib.sha256(self.text.encode('utf-8', 'replace')).hexdigest()[:24]}:{self.kind}:{self.owner}"


@dataclass(frozen=True)
class Nearest:
    """The vectors nearest to one: owner -> the best cosine of its vectors, nearest first."""

    questions: dict[str, float]
    passages: dict[str, float]
    least: float  # the lowest cosine of all that was looked at; what is not named lies no nearer


NOTHING = Nearest({}, {}, 0.0)


class VectorStore:
    """One Chroma collection, cosine space, vectors always given and never computed by Chroma.

    Questions and passages lie in one graph: to look through two takes Chroma twice the time for a result that is no better.
    """

    def __init__(self, folder: Path) -> None:
        chromadb = _import_chromadb()
        settings = _settings_class()(anonymized_telemetry=False, allow_reset=False)
        self._folder = folder
        with self._read():
            self._client = chromadb.PersistentClient(str(folder), settings=settings)
            self._closing = weakref.finalize(
                self, self._client.close
            )  # Chroma's own memory would keep it open for good
            self._collection = self._open()

    def close(self) -> None:
        self._closing()

    def add(self, records: Sequence[Record]) -> None:
        """Put records in. Their texts stay in the catalog: Chroma would index every three letters of them."""
        for start in range(0, len(records), _BATCH):
            batch = records[start : start + _BATCH]
            self._collection.add(
                ids=[record.id for record in batch],
                embeddings=np.stack([record.vector for record in batch]),
            )

    def delete(self, ids: Sequence[str]) -> None:
        for start in range(0, len(ids), _BATCH):
            self._collection.delete(ids=list(ids[start : start + _BATCH]))

    def ids(self) -> set[str]:
        with self._read():
            return set(self._collection.get(include=[])["ids"])

    def count(self) -> int:
        with self._read():
            return int(self._collection.count())

    def nearest(self, vector: Vectors, limit: int) -> Nearest:
        """Return whose the ``limit`` vectors are that lie nearest to ``vector`` (dimension,)."""
        with self._read():
            found = self._collection.query(query_embeddings=[vector], n_results=limit, include=["distances"])
            ids, cosines = found["ids"][0], [1.0 - distance for distance in found["distances"][0]]
            best: dict[str, dict[str, float]] = {kind: {} for kind in Kind}
            for id, cosine in zip(ids, cosines, strict=True):
                _, kind, owner = id.split(":", 2)
                best[kind].setdefault(owner, cosine)
        return Nearest(best[Kind.QUESTION], best[Kind.PASSAGE], cosines[-1]) if cosines else NOTHING

    def begin(self, vector: Vectors, limit: int) -> Future[Nearest]:
        """Start ``nearest`` in another thread; return when it has come to Chroma, which does without Python until it ends."""
        started = Event()

        def found() -> Nearest:
            started.set()  # whoever waits for it goes on as soon as Chroma lets Python go
            return self.nearest(vector, limit)

        future = _SEARCHING.submit(found)
        started.wait()
        return future

    def lost(self, records: Iterable[Record]) -> list[str]:
        """Return the ids of ``records`` that the store does not find by their own vector."""
        missing = []
        for record in records:
            with self._read():
                found = self._collection.query(query_embeddings=[record.vector], n_results=3, include=["distances"])
            # Two records can hold the same text, and so the same vector: a distance of nothing is enough.
            if not found["distances"][0] or found["distances"][0][0] > 1e-4:
                missing.append(record.id)
        return missing

    @contextmanager
    def _read(self) -> Iterator[None]:
        """Say that the store is damaged where Chroma fails in one of its ways."""
        chromadb = _import_chromadb()
        known = (chromadb.errors.ChromaError, sqlite3.Error, ValueError, TypeError, KeyError, AttributeError)
        try:
            yield
        except BaseException as error:
            # A panic of Chroma's Rust is no Exception, and its type cannot be imported.
            if not isinstance(error, known) and type(error).__name__ != "PanicException":
                raise
            raise IndexDamaged(
                f"the vector store {self._folder} cannot be read: {error}",
                "Build the index again: python ingest.py --rebuild",
            ) from error

    def _open(self) -> Any:
        from langchain_chroma import Chroma

        store = Chroma(
            client=self._client,
            collection_name=_COLLECTION,
            embedding_function=None,
            # With Chroma's own 16, 100 and 100, up to 18 of 97 vectors were not found by themselves where many lay equally
            # far apart (questions that differ in one word), and other ones in each run; with 32, 200 and 200 up to 28 of 501.
            # With 64 neighbours none was lost of 97, 201, 501 or 3,001.
            # A graph is saved whenever something was added: with Chroma's own threshold of 1,000 changes, whoever opens the
            # store puts the unsaved ones in again, and that rewrites files of a build which is not to change any more.
            collection_configuration={
                "hnsw": {
                    "space": "cosine",
                    "max_neighbors": 64,
                    "ef_construction": 200,
                    "ef_search": 100,
                    "sync_threshold": 2,
                    "batch_size": 2,
                },
                "embedding_function": None,
            },
        )
        return store._collection


class VectorCache:
    """Content hash and model fingerprint -> vector, in one SQLite file that outlives every build."""

    def __init__(self, path: Path, embedder: Embedder) -> None:
        self._embedder = embedder
        self.computed = 0  # texts embedded by this object
        self._db = open_cache(path, _SCHEMA)

    def close(self) -> None:
        self._db.close()

    def vectors(self, texts: Sequence[str], progress: Progress | None = None) -> Vectors:
        """Return a unit vector a text, shape (len(texts), dimension); only unknown texts are embedded."""
        keys = [self._key(text) for text in texts]
        known = self._known(keys)
        missing = {key: text for key, text in zip(keys, texts, strict=True) if key not in known}
        if progress:
            progress(len(texts) - len(missing))
        # The longest first over the whole run, as in one call of the model: equal lengths need no padding.
        wanted = sorted(missing.items(), key=lambda item: -len(item[1]))
        for start in range(0, len(wanted), _EMBED_BATCH):
            batch = dict(wanted[start : start + _EMBED_BATCH])
            known |= self._compute(batch, progress)
        return np.stack([known[key] for key in keys]) if keys else np.zeros((0, self._embedder.dimension), np.float32)

    def _compute(self, texts: dict[bytes, str], progress: Progress | None) -> dict[bytes, Vectors]:
        vectors = self._embedder.embed(list(texts.values()), progress)
        self.computed += len(texts)
        with self._db:
            rows = ((key, _sealed(key, vector.tobytes())) for key, vector in zip(texts, vectors, strict=True))
            self._db.executemany("insert or replace into vectors values (?, ?)", rows)
        return dict(zip(texts, vectors, strict=True))

    def _known(self, keys: Sequence[bytes]) -> dict[bytes, Vectors]:
        known: dict[bytes, Vectors] = {}
        size = 4 * self._embedder.dimension
        for start in range(0, len(keys), 500):
            batch = keys[start : start + 500]
            marks = ",".join("?" * len(batch))
            for key, stored in self._db.execute(f"select key, vector from vectors where key in ({marks})", batch):
                vector = stored[:size] if isinstance(stored, bytes) else b""
                if stored == _sealed(key, vector):  # what was damaged, or is another text's, is embedded anew
                    known[key] = np.frombuffer(vector, dtype=np.float32)
        return known

    def _key(self, text: str) -> bytes:
        return hashlib.sha256(f"{self._embedder.fingerprint}\n{text}".encode("utf-8", "replace")).digest()[:20]


def _sealed(key: bytes, vector: bytes) -> bytes:
    """Return the bytes of ``vector`` with a checksum over them and the text they belong to."""
    return vector + zlib.crc32(vector, zlib.crc32(key)).to_bytes(4, "big")


@cache  # Chroma compares the settings of a store that is opened twice, and those of two classes are never equal
def _settings_class() -> Any:
    """Chroma's settings, read from nowhere else: CHROMA_SERVER_HOST or a .env file could send texts to another machine."""

    class OurSettings(_import_chromadb().config.Settings):  # type: ignore[misc]
        @classmethod
        def settings_customise_sources(cls, settings_cls: Any, init_settings: Any, **others: Any) -> tuple[Any, ...]:
            return (init_settings,)

    return OurSettings


def _import_chromadb() -> Any:
    import chromadb
    import chromadb.errors

    return chromadb
