"""Take in corpus files: find what changed, embed only what is new, build aside, verify, swap.

Corpus files are the truth. A build is never changed in place: the next one starts as a copy, and nobody sees it before it has
been verified and published.
"""

import hashlib
import shutil
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise
from pathlib import Path

import numpy as np

from assistant.builds import Build, Builds, Manifest
from assistant.catalog import Catalog, Entry
from assistant.chunking import CHUNKER, passage_text, split_passages
from assistant.coverage import calibrate
from assistant.embedding import Embedder, file_sha256, load_embedder
from assistant.errors import IndexDamaged, IndexMissing, IngestRefused
from assistant.lexical import TermCounts
from assistant.loading import Loaded, Problem, load_corpus, load_file
from assistant.retrieval import Retriever
from assistant.schema import Document
from assistant.sentences import split_sentences
from assistant.settings import Settings
from assistant.vectors import PASSAGES, QUESTIONS, Record, VectorCache, VectorStore

INDEX_FORMAT = "3"
ADDED_FOLDER = "added"  # where files given on the command line are kept, inside the corpus
_LITTLE = 0.05  # share of documents that may change before the build is calibrated anew
_VERIFIED_RECORDS = 500  # records of each collection that must find themselves before a build is published

Progress = Callable[[str, int, int], None]  # stage, done, total


class Change(StrEnum):
    ADDED = "added"
    CHANGED = "changed"
    REMOVED = "removed"
    RENAMED = "renamed"
    UNCHANGED = "unchanged"
    REFUSED = "refused"


@dataclass(frozen=True)
class FileReport:
    origin: str
    change: Change
    why: str = ""


@dataclass(frozen=True)
class IngestReport:
    """What one ingest did, or with ``--dry-run`` would do."""

    build: str  # name of the live build afterwards; empty in a dry run without an index
    files: tuple[FileReport, ...]
    problems: tuple[Problem, ...]
    documents: int
    passages: int
    added: tuple[str, ...]  # document ids
    changed: tuple[str, ...]
    removed: tuple[str, ...]
    embedded: int  # texts that were embedded, not found in the cache
    dry_run: bool = False

    @property
    def refused(self) -> tuple[FileReport, ...]:
        return tuple(file for file in self.files if file.change is Change.REFUSED)

    def count(self, change: Change) -> int:
        return sum(file.change is change for file in self.files)


def ingest(
    settings: Settings,
    paths: Sequence[Path] = (),
    *,
    dry_run: bool = False,
    rebuild: bool = False,
    allow_empty: bool = False,
    embedder: Embedder | None = None,
    progress: Progress = lambda stage, done, total: None,
) -> IngestReport:
    """Bring the index up to date with the corpus, after copying ``paths`` into it.

    Raises IngestRefused when nothing would be left, IndexBusy when another ingest is at work.
    """
    builds = Builds(settings.index)
    with builds.lock():
        refused = [] if dry_run else _copy_in(settings.corpus, paths)
        embedder = embedder or load_embedder(settings.model, settings.index / "models")
        fingerprint = f"{embedder.fingerprint}|{CHUNKER}|format-{INDEX_FORMAT}"
        previous = None if rebuild else _previous(builds, fingerprint)
        files = corpus_files(settings.corpus)
        if previous and previous.manifest().files == files and not (dry_run and paths):
            return _unchanged(previous, refused)
        loaded = _load(settings.corpus, paths if dry_run else ())
        plan = _plan(builds, previous, loaded.documents)
        report = _report(plan, files, loaded, refused, dry_run)
        if dry_run:
            return report
        if not loaded.documents and not allow_empty:
            raise IngestRefused(
                f"the corpus {settings.corpus} holds no answer that can be taken in; the index is left as it was",
                "Restore the files, or say python ingest.py --allow-empty to empty the index.",
            )
        cache = VectorCache(settings.index / "vectors.sqlite", embedder)
        try:
            build, manifest = _build(builds, plan, cache, embedder, fingerprint, files, progress)
        finally:
            cache.close()
        builds.publish(build, manifest)
        return _report(plan, files, loaded, refused, dry_run, build.name, manifest, cache.computed)


def corpus_files(corpus: Path) -> dict[str, str]:
    """Return corpus file -> sha256 of its content, for every file that is ingested."""
    found = (path for folder in ("answers", "books", ADDED_FOLDER) for path in sorted((corpus / folder).rglob("*")))
    return {str(path.relative_to(corpus)): file_sha256(path) for path in found if path.is_file()}


def corpus_changed(settings: Settings) -> bool:
    """Tell whether the live build lacks something that the corpus now says."""
    try:
        return Builds(settings.index).current().manifest().files != corpus_files(settings.corpus)
    except (IndexMissing, IndexDamaged):
        return True


@dataclass(frozen=True)
class _Plan:
    previous: Build | None
    before: dict[str, str]  # document id -> hash
    after: dict[str, str]
    changed: tuple[Document, ...]  # new or changed
    pages: frozenset[str]  # pages of which something changes

    @property
    def gone(self) -> tuple[str, ...]:
        return tuple(id for id in self.before if id not in self.after)


def _copy_in(corpus: Path, paths: Iterable[Path]) -> list[FileReport]:
    """Copy files from outside into the corpus; a file nothing can be read from is refused and not copied."""
    refused = []
    for path in _expanded(paths):
        if path.resolve().is_relative_to(corpus.resolve()):
            continue
        loaded = load_file(path, path.name)
        if not loaded.documents:
            why = "; ".join(f"{p.what} ({p.cure})" for p in loaded.problems) or "no answer was found in it"
            refused.append(FileReport(str(path), Change.REFUSED, why))
            continue
        target = corpus / ADDED_FOLDER / path.name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, target)
    return refused


def _expanded(paths: Iterable[Path]) -> Iterable[Path]:
    for path in paths:
        if not path.exists():
            raise IngestRefused(f"there is no file or folder {path}")
        yield from sorted(p for p in path.rglob("*") if p.is_file()) if path.is_dir() else [path]


def _load(corpus: Path, extra: Sequence[Path]) -> Loaded:
    loaded = load_corpus(corpus)
    more = [load_file(path, f"{ADDED_FOLDER}/{path.name}") for path in _expanded(extra)]
    fresh = {document.id: document for one in more for document in one.documents}
    return Loaded(
        (*(document for document in loaded.documents if document.id not in fresh), *fresh.values()),
        (*loaded.links, *(link for one in more for link in one.links)),
        (*loaded.problems, *(problem for one in more for problem in one.problems)),
    )


def _previous(builds: Builds, fingerprint: str) -> Build | None:
    """Return the live build when a new one can start from it."""
    try:
        build = builds.current()
        return build if build.manifest().fingerprint == fingerprint else None
    except (IndexMissing, IndexDamaged):
        return None


def _plan(builds: Builds, previous: Build | None, documents: Sequence[Document]) -> _Plan:
    before = previous.manifest().documents if previous else {}
    after = {document.id: document.hash for document in sorted(documents, key=lambda document: document.id)}
    changed = tuple(document for document in documents if before.get(document.id) != after[document.id])
    pages = {document.page for document in changed}
    if previous and (gone := [id for id in before if id not in after]):
        catalog = Catalog(previous.catalog)
        pages |= {catalog.entry(id).document.page for id in gone}
        catalog.close()
    return _Plan(previous, before, after, changed, frozenset(pages))


def _build(
    builds: Builds,
    plan: _Plan,
    cache: VectorCache,
    embedder: Embedder,
    fingerprint: str,
    files: dict[str, str],
    progress: Progress,
) -> tuple[Build, Manifest]:
    entries = _entries(plan.changed, cache, progress)
    build = builds.begin()
    if plan.previous:
        shutil.copyfile(plan.previous.catalog, build.catalog)
        shutil.copytree(plan.previous.chroma, build.chroma)
    progress("storing", 0, len(entries))
    catalog, store = Catalog(build.catalog, writable=True), VectorStore(build.chroma)
    try:
        old = [entry for page in sorted(plan.pages) for entry in catalog.on_page(page)]
        catalog.delete(plan.gone)
        catalog.put(entries)
        new = [entry for page in sorted(plan.pages) for entry in catalog.on_page(page)]
        for collection in (QUESTIONS, PASSAGES):
            _exchange(store, collection, _records(old, collection), _records(new, collection))
        counts = TermCounts.load(plan.previous.lexical) if plan.previous else TermCounts.empty()
        counts.updated(plan.after, plan.changed).save(build.lexical)
        manifest = Manifest(fingerprint, plan.after, files, store.count(PASSAGES), store.count(QUESTIONS))
        _verify(catalog, plan)
    finally:
        catalog.close()
        store.close()
    _calibrate(build, plan, embedder, progress)
    progress("storing", len(entries), len(entries))
    return build, manifest


def _calibrate(build: Build, plan: _Plan, embedder: Embedder, progress: Progress) -> None:
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


def _entries(documents: Sequence[Document], cache: VectorCache, progress: Progress) -> list[Entry]:
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
        progress("embedding", done, len(texts))

    vectors = cache.vectors(texts, advance)
    ends = np.cumsum([len(kind) for part in parts for kind in part]).tolist()
    slices_of = [vectors[start:end] for start, end in pairwise([0, *ends])]
    return [
        Entry(document, sentences, slices, *slices_of[4 * number : 4 * number + 4])
        for number, (document, sentences, slices) in enumerate(zip(documents, cut, passages, strict=True))
    ]


def _records(entries: Sequence[Entry], collection: str) -> dict[str, Record]:
    records = []
    for entry in entries:
        document = entry.document
        if collection == QUESTIONS:
            texts, owner, vectors = (document.question, *document.also_asked), document.asked, entry.question_vectors
        else:
            texts, owner, vectors = (
                tuple(passage_text(document, passage) for passage in entry.passages),
                document.id,
                entry.passage_vectors,
            )
        records += [Record(owner, text, vector) for text, vector in zip(texts, vectors, strict=True)]
    return {record.id: record for record in records}


def _exchange(store: VectorStore, collection: str, old: dict[str, Record], new: dict[str, Record]) -> None:
    """Replace records, then check that the store holds and finds the new ones."""
    store.delete(collection, [id for id in old if id not in new])
    fresh = [record for id, record in new.items() if id not in old]
    store.add(collection, fresh)
    step = max(1, len(fresh) // _VERIFIED_RECORDS)
    if lost := store.lost(collection, fresh[::step]):
        raise IndexDamaged(
            f"{len(lost)} of {len(fresh)} new {collection} are not found by their own vectors; the new build is thrown away",
            "Try again: python ingest.py --rebuild",
        )


def _verify(catalog: Catalog, plan: _Plan) -> None:
    if (stored := catalog.hashes()) != plan.after:
        raise IndexDamaged(
            f"the new catalog holds {len(stored)} documents, the corpus {len(plan.after)}, or their hashes differ;"
            " the new build is thrown away",
            "Try again: python ingest.py --rebuild",
        )


def _unchanged(build: Build, refused: Sequence[FileReport]) -> IngestReport:
    manifest = build.manifest()
    files = tuple(FileReport(origin, Change.UNCHANGED) for origin in manifest.files)
    return IngestReport(build.name, (*files, *refused), (), len(manifest.documents), manifest.passages, (), (), (), 0)


def _report(
    plan: _Plan,
    files: dict[str, str],
    loaded: Loaded,
    refused: Sequence[FileReport],
    dry_run: bool,
    build: str = "",
    manifest: Manifest | None = None,
    embedded: int = 0,
) -> IngestReport:
    before = plan.previous.manifest().files if plan.previous else {}
    return IngestReport(
        build,
        (*_file_reports(before, files, loaded), *refused),
        loaded.problems,
        len(plan.after),
        manifest.passages if manifest else 0,
        tuple(document.id for document in plan.changed if document.id not in plan.before),
        tuple(document.id for document in plan.changed if document.id in plan.before),
        plan.gone,
        embedded,
        dry_run,
    )


def _file_reports(before: dict[str, str], after: dict[str, str], loaded: Loaded) -> Iterable[FileReport]:
    taken = {document.origin for document in loaded.documents}
    problems = {problem.origin: f"{problem.what} ({problem.cure})" for problem in reversed(loaded.problems)}
    gone = {digest: origin for origin, digest in before.items() if origin not in after}
    renamed = {gone[digest] for origin, digest in after.items() if origin not in before and digest in gone}
    for origin, digest in after.items():
        if origin not in taken and origin in problems:
            yield FileReport(origin, Change.REFUSED, problems[origin])
        elif origin not in before:
            yield FileReport(origin, Change.RENAMED, f"was {gone[digest]}") if digest in gone else FileReport(origin, Change.ADDED)
        else:
            yield FileReport(origin, Change.UNCHANGED if before[origin] == digest else Change.CHANGED)
    for origin in before:
        if origin not in after and origin not in renamed:
            yield FileReport(origin, Change.REMOVED)
