"""Compare corpus files, catalog, vectors and model with each other: what is wrong, and the command that cures it."""

import shutil
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass
from enum import Enum
from itertools import islice
from pathlib import Path

import numpy as np

from assistant.builds import Build, Builds, Manifest
from assistant.caches import discard
from assistant.calibration import Calibration
from assistant.catalog import Catalog
from assistant.changes import Change, file_reports
from assistant.chunking import passage_text
from assistant.embedding import Embedder, load_embedder
from assistant.entries import Entry
from assistant.errors import AssistantError, IndexBusy
from assistant.indexing import fingerprint, records_of
from assistant.ingestion import ingest
from assistant.ledger import Ledger
from assistant.lexical import TermCounts
from assistant.loading import corpus_files
from assistant.sentences import split_sentences
from assistant.settings import Settings
from assistant.vectors import VectorStore

NEAR = 0.9999  # least cosine of a stored vector and its text's
SAMPLED = 25  # documents that are embedded again
SEARCHED = 400  # vectors that must find themselves
_CACHES = ("vectors.sqlite", "files.sqlite")
_NAMED = 5  # files or documents named in one finding


class Remedy(Enum):
    """The command that cures a finding."""

    INGEST = "python ingest.py"
    REBUILD = "python ingest.py --rebuild"
    REPAIR = "python -m assistant doctor --repair"
    BY_HAND = ""


@dataclass(frozen=True)
class Finding:
    """Something that is not as it should be."""

    what: str
    remedy: Remedy
    cure: str = ""  # in words, where no command cures it

    def __str__(self) -> str:
        return f"{self.what}\n  {self.remedy.value or self.cure}"


def examine(settings: Settings, embedder: Embedder | None = None) -> list[Finding]:
    """Return all that is wrong; nothing is changed."""
    if not settings.index.exists():
        return [Finding(f"there is no index in {settings.index}", Remedy.INGEST)]
    builds = Builds(settings.index)
    found = [*_caches(settings.index), *_left_over(builds)]
    try:
        build = builds.current()
        build.check()
        manifest = build.manifest()
    except AssistantError as error:
        return [*found, _from(error)]
    found += _files(settings, manifest)
    try:
        embedder = embedder or load_embedder(settings.model, settings.index / "models")
        if manifest.fingerprint != (wanted := fingerprint(embedder)):
            what = f"the build {build.name} was made with {manifest.fingerprint}, in use is {wanted}"
            return [*found, Finding(what, Remedy.REBUILD)]
        found += _stores(build, manifest, embedder)
    except AssistantError as error:
        found.append(_from(error))
    return [*found, *_room(settings.index, build)]


def repair(settings: Settings, findings: Iterable[Finding], embedder: Embedder | None = None) -> None:
    """Do what the findings call for, the least that cures them all. Raises AssistantError."""
    remedies = {finding.remedy for finding in findings}
    builds = Builds(settings.index)
    if Remedy.REPAIR in remedies:
        with builds.lock():
            for name in _CACHES:
                if _is_damaged(settings.index / name):
                    discard(settings.index / name)
            if not any(finding.remedy is Remedy.REBUILD for finding in findings):
                builds.sweep()
    if Remedy.REBUILD in remedies or Remedy.INGEST in remedies:
        ingest(settings, rebuild=Remedy.REBUILD in remedies, embedder=embedder)


def _from(error: AssistantError) -> Finding:
    remedy = Remedy.REBUILD if Remedy.REBUILD.value in error.cure else Remedy.INGEST
    return (
        Finding(error.message, remedy)
        if remedy.value in error.cure
        else Finding(error.message, Remedy.BY_HAND, error.cure)
    )


def _caches(index: Path) -> Iterator[Finding]:
    for name in _CACHES:
        if _is_damaged(index / name):
            yield Finding(f"{index / name}, which only saves time, is damaged", Remedy.REPAIR)


def _is_damaged(path: Path) -> bool:
    if not path.exists():
        return False
    try:
        with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as db:
            return bool(db.execute("pragma quick_check").fetchall() != [("ok",)])
    except sqlite3.OperationalError:
        return False  # somebody is writing
    except (sqlite3.DatabaseError, UnicodeDecodeError):  # SQLite quotes the damaged bytes in what it says of them
        return True


def _left_over(builds: Builds) -> Iterator[Finding]:
    try:
        with builds.lock():
            names = builds.left_over()
    except IndexBusy:
        return  # a build under way is nobody's left-over
    if names:
        yield Finding(f"a killed ingest left {_some(names)} behind", Remedy.REPAIR)


def _files(settings: Settings, manifest: Manifest) -> Iterator[Finding]:
    files, problems = corpus_files(settings.corpus)
    with closing(Ledger(settings.index / "files.sqlite")) as ledger:
        digests = ledger.digests(files)
    for change in (Change.ADDED, Change.CHANGED, Change.RENAMED, Change.REMOVED):
        reports = file_reports(manifest.files, digests, {})
        if origins := [report.origin for report in reports if report.change is change]:
            yield Finding(
                f"{len(origins)} corpus files {change.value} since the build: {_some(origins)}", Remedy.INGEST
            )
    for origin, why in manifest.refused.items():
        yield Finding(f"no answer is taken from {origin}: {why}", Remedy.BY_HAND, "Mend the file, or remove it.")
    for problem in problems:
        yield Finding(f"{problem.origin}: {problem.what}", Remedy.BY_HAND, problem.cure)


def _stores(build: Build, manifest: Manifest, embedder: Embedder) -> Iterator[Finding]:
    Calibration.load(build.calibration)
    if dict(zip(*_counted(build), strict=True)) != manifest.documents:
        yield Finding(
            f"the full-text index of {build.name} does not hold the documents of its manifest", Remedy.REBUILD
        )
    with closing(Catalog(build.catalog)) as catalog, closing(VectorStore(build.chroma)) as store:
        yield from _catalog(catalog, manifest)
        yield from _vectors(catalog, store)
        yield from _texts(catalog, embedder)


def _counted(build: Build) -> tuple[tuple[str, ...], tuple[str, ...]]:
    counts = TermCounts.load(build.lexical)
    return counts.ids, counts.hashes


def _catalog(catalog: Catalog, manifest: Manifest) -> Iterator[Finding]:
    if catalog.hashes() != manifest.documents:
        yield Finding("the catalog does not hold the documents of its manifest", Remedy.REBUILD)
    wrong = [entry.document.id for entry in catalog.entries() if not _holds(entry, manifest)]
    if wrong:
        yield Finding(f"{len(wrong)} documents of the catalog are not what was stored: {_some(wrong)}", Remedy.REBUILD)


def _holds(entry: Entry, manifest: Manifest) -> bool:
    document = entry.document
    whole = manifest.documents.get(document.id) == document.hash
    return whole and entry.sentences == split_sentences(document.text, document.source.truncated)


def _vectors(catalog: Catalog, store: VectorStore) -> Iterator[Finding]:
    wanted = records_of(catalog.entries())
    held = store.ids()
    if held != wanted.keys():
        missing, strange = len(wanted.keys() - held), len(held - wanted.keys())
        yield Finding(f"{missing} vectors are missing and {strange} belong to nothing", Remedy.REBUILD)
    step = max(1, len(wanted) // SEARCHED)
    if lost := store.lost(list(wanted.values())[::step]):
        yield Finding(f"{len(lost)} vectors are not found by themselves: {_some(lost)}", Remedy.REBUILD)


def _texts(catalog: Catalog, embedder: Embedder) -> Iterator[Finding]:
    """Embed some documents again: an altered model, or an altered vector, shows."""
    ids = list(catalog.hashes())
    far = []
    for id in ids[:: max(1, len(ids) // SAMPLED)]:
        entry = catalog.entry(id)
        texts = [entry.document.question, *(passage_text(entry.document, passage) for passage in entry.passages)]
        stored = np.vstack([entry.question_vectors[:1], entry.passage_vectors])
        if ((embedder.embed(texts) * stored).sum(axis=1) < NEAR).any():
            far.append(id)
    if far:
        yield Finding(f"the stored vectors of {_some(far)} are not those of their texts", Remedy.REBUILD)


def _room(index: Path, build: Build) -> Iterator[Finding]:
    needed = sum(path.stat().st_size for path in build.folder.rglob("*") if path.is_file())
    if (free := shutil.disk_usage(index).free) < 2 * needed:
        what = f"{free >> 20} MiB are free, and the next build needs about {needed >> 20} MiB"
        yield Finding(what, Remedy.BY_HAND, "Make room on the disk.")


def _some(names: Iterable[str]) -> str:
    every = list(names)
    more = f" and {len(every) - _NAMED} more" if len(every) > _NAMED else ""
    return ", ".join(islice(every, _NAMED)) + more
