"""Write a build of the index: what changed is cut and embedded, the rest is copied from the build before."""

import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import islice, pairwise
from typing import TypeVar

import numpy as np

from assistant.builds import Build, Builds, Manifest, synced_digest
from assistant.calibration import calibrate
from assistant.catalog import Catalog
from assistant.chunking import CHUNKER, passage_text, split_passages
from assistant.embedding import Embedder
from assistant.entries import Entry
from assistant.errors import IndexDamaged
from assistant.lexical import TermCounts
from assistant.planning import Difference
from assistant.retrieval import Retriever
from assistant.schema import Document
from assistant.sentences import split_sentences
from assistant.vectors import Kind, Record, VectorCache, VectorStore

# A build of another layout is not built upon; raise the number when what is stored changes, or the score it is calibrated on.
LAYOUT = f"{CHUNKER}|format-19"
_LITTLE = 0.05  # share of documents that may change before the build is calibrated anew
_PLACED_ANEW = 3  # times that records which do not find themselves are put in once more
_SETTLED = 6  # times that a store is opened before it must have stopped changing
_SLICE = 500  # documents or pages in memory at a time
_VERIFIED_RECORDS = 1000  # records that must find themselves before a build is published

T = TypeVar("T")
Progress = Callable[[str, int, int], None]  # stage, done, total


def fingerprint(embedder: Embedder) -> str:
    """Return what a build is made with; builds of different fingerprints share nothing but the vector cache."""
    return f"{embedder.fingerprint}|{LAYOUT}"


@dataclass(frozen=True)
class Written:
    """A build that is whole but not published yet."""

    build: Build
    manifest: Manifest
    digests: Mapping[str, str]  # file -> sha256 of the large files, which take a while to hash


def write_build(
    builds: Builds,
    plan: Difference,
    cache: VectorCache,
    embedder: Embedder,
    files: Mapping[str, str],
    progress: Progress,
) -> Written:
    """Write a new build, verified and calibrated; whoever calls publishes it.

    Documents go through in slices: what is in memory at a time does not grow with the corpus. Raises IndexDamaged when
    the build does not hold together.
    """
    build = builds.begin()
    with ThreadPoolExecutor(1) as aside:
        copied = aside.submit(_copy, plan, build)
        counts = TermCounts.load(plan.previous.lexical) if plan.previous else TermCounts.empty()
        copied.result()
        catalog, store = Catalog(build.catalog, writable=True), VectorStore(build.chroma)
        try:
            catalog.delete(plan.gone)
            done = 0
            for documents in _slices(plan.changed, _SLICE):
                catalog.put(_entries(documents, cache, _shared(progress, done, len(documents), len(plan.changed))))
                counts = counts.updated(plan.after, documents)
                done += len(documents)
            counts = counts.updated(plan.after, ()) if plan.gone else counts
            counts.save(build.lexical)
            _store_vectors(catalog, store, plan, progress)
            manifest = Manifest(fingerprint(embedder), plan.after, dict(files), catalog.passages(), store.count())
            _verify(catalog, plan)
        finally:
            catalog.close()
            store.close()
        hashed = aside.submit(synced_digest, build.catalog)
        _calibrate(build, plan, embedder, progress)
        saved = _settle(build, embedder)
        return Written(build, manifest, {build.catalog.name: hashed.result(), **saved})


def _copy(plan: Difference, build: Build) -> None:
    """Begin ``build`` as a copy of the one before."""
    if plan.previous:
        shutil.copyfile(plan.previous.catalog, build.catalog)
        if plan.after:  # a graph that was emptied is one that Chroma writes anew whenever it opens it
            shutil.copytree(plan.previous.chroma, build.chroma)


def _slices(values: Iterable[T], size: int) -> Iterator[list[T]]:
    rest = iter(values)
    return iter(lambda: list(islice(rest, size)), [])


def _shared(progress: Progress, done: int, count: int, total: int) -> Callable[[int, int], None]:
    """Return what tells, of ``count`` documents in work after ``done`` of ``total``, how many of their texts are embedded."""

    def advance(texts: int, of: int) -> None:
        progress("embedding", done + count * texts // max(of, 1), total)

    return advance


def _store_vectors(catalog: Catalog, store: VectorStore, plan: Difference, progress: Progress) -> None:
    """Bring the vector store to what ``catalog`` holds, page by page, then check that it finds what was put in."""
    before = Catalog(plan.previous.catalog) if plan.previous else None
    step = max(1, len(plan.changed) // _VERIFIED_RECORDS)
    sample: list[Record] = []
    done = 0
    for pages in _slices(sorted(plan.pages), _SLICE):
        old = [entry for page in pages for entry in before.on_page(page)] if before else []
        new = [entry for page in pages for entry in catalog.on_page(page)]
        sample += _exchange(store, records_of(old), records_of(new))[::step]
        done += len(pages)
        progress("storing", done, len(plan.pages))
    if before:
        before.close()
    _find(store, sample)


def _settle(build: Build, embedder: Embedder) -> dict[str, str]:
    """Let Chroma save what it would otherwise save when somebody first searches: a published build does not change.

    Return file -> sha256 of what it has saved.
    """
    anywhere = np.full(embedder.dimension, embedder.dimension**-0.5, dtype=np.float32)
    before = build.saved()
    for _ in range(_SETTLED):
        store = VectorStore(build.chroma)
        store.nearest(anywhere, 1)
        store.close()
        if (saved := build.saved()) == before:
            return saved
        before = saved
    raise IndexDamaged(
        f"the vector store of {build.name} changes whenever it is opened; the new build is thrown away",
        "Try again: python ingest.py --rebuild",
    )


def _calibrate(build: Build, plan: Difference, embedder: Embedder, progress: Progress) -> None:
    """Fit what "covered" means on the new build; a build that differs little keeps its predecessor's."""
    if plan.previous and len(plan.changed) + len(plan.gone) <= _LITTLE * len(plan.after):
        shutil.copyfile(plan.previous.calibration, build.calibration)
        return
    progress("calibrating", 0, 1)
    retriever = Retriever(build, embedder)
    try:
        calibrate(retriever).save(build.calibration)
    finally:
        retriever.close()
    progress("calibrating", 1, 1)


def _entries(documents: Sequence[Document], cache: VectorCache, progress: Callable[[int, int], None]) -> list[Entry]:
    """Cut and embed ``documents``; all their texts go to the model in one run."""
    cut = [split_sentences(document.text, document.source.truncated) for document in documents]
    passages = [split_passages(document, sentences) for document, sentences in zip(documents, cut, strict=True)]
    parts = [  # what is embedded of each document: its questions, passages, sentences and gaps
        (
            (document.question, *document.also_asked),
            [passage_text(document, passage) for passage in slices],
            [document.text[sentence.start : sentence.end] for sentence in sentences],
            document.gaps,
        )
        for document, sentences, slices in zip(documents, cut, passages, strict=True)
    ]
    texts = [text for part in parts for kind in part for text in kind]
    done = 0

    def advance(count: int) -> None:
        nonlocal done
        done += count
        progress(done, len(texts))

    vectors = cache.vectors(texts, advance)
    ends = np.cumsum([len(kind) for part in parts for kind in part]).tolist()
    slices_of = [vectors[start:end] for start, end in pairwise([0, *ends])]
    return [
        Entry(document, sentences, slices, *slices_of[4 * number : 4 * number + 4])
        for number, (document, sentences, slices) in enumerate(zip(documents, cut, passages, strict=True))
    ]


def records_of(entries: Iterable[Entry]) -> dict[str, Record]:
    """Return id -> record of all that the store holds of ``entries``."""
    records: list[Record] = []
    for entry in entries:
        document = entry.document
        wordings = zip((document.question, *document.also_asked), entry.question_vectors, strict=True)
        passages = zip(entry.passages, entry.passage_vectors, strict=True)
        records += [Record(Kind.QUESTION, document.asked, text, vector) for text, vector in wordings]
        records += [
            Record(Kind.PASSAGE, document.id, passage_text(document, part), vector) for part, vector in passages
        ]
    return {record.id: record for record in records}


def _exchange(store: VectorStore, old: dict[str, Record], new: dict[str, Record]) -> list[Record]:
    """Replace records; return those that were put in."""
    store.delete([id for id in old if id not in new])
    fresh = [record for id, record in new.items() if id not in old]
    store.add(fresh)
    return fresh


def _find(store: VectorStore, records: Sequence[Record]) -> None:
    """Check that the store finds ``records`` by their own vectors.

    The graph over near-equal vectors can leave one without a way to it; put in once more, it mostly gets one.
    """
    lost = store.lost(records)
    for _ in range(_PLACED_ANEW):
        if not lost:
            return
        store.delete(lost)
        store.add([record for record in records if record.id in lost])
        lost = store.lost(records)
    if lost:
        raise IndexDamaged(
            f"{len(lost)} of {len(records)} new vectors are not found by themselves; the new build is thrown away",
            "Try again: python ingest.py --rebuild",
        )


def _verify(catalog: Catalog, plan: Difference) -> None:
    if (stored := catalog.hashes()) != plan.after:
        raise IndexDamaged(
            f"the new catalog holds {len(stored)} documents, the corpus {len(plan.after)}, or their hashes differ;"
            " the new build is thrown away",
            "Try again: python ingest.py --rebuild",
        )
