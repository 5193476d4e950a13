"""Take in corpus files: find what changed, embed only what is new, build aside, verify, swap.

Corpus files are the truth. A build is never changed in place: the next one starts as a copy, and nobody sees it before it has
been verified and published.
"""

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path

from assistant.builds import Build, Builds
from assistant.caches import discard
from assistant.catalog import Catalog
from assistant.changes import Change, Edit, FileReport, token
from assistant.embedding import Embedder, load_embedder
from assistant.errors import IndexDamaged, IndexMissing, IndexUnwritable, IngestRefused
from assistant.history import Record, write_record
from assistant.indexing import LAYOUT, Progress, fingerprint, write_build
from assistant.intake import Given, copy_in, incoming, named, take_out
from assistant.ledger import Ledger, readers_digest
from assistant.loading import CorpusFile, Problem, corpus_files
from assistant.planning import Difference, plan
from assistant.privacy import private_files
from assistant.settings import Settings
from assistant.survey import Survey, survey, up_to_date
from assistant.urgency import prepare
from assistant.vectors import VectorCache

__all__ = [
    "Change", "Edit", "FileReport", "Given", "IngestReport", "Preview", "corpus_changed", "ingest", "preview", "remove",
    "roll_back",
]  # fmt: skip

PREVIEWED = 200  # documents that a preview shows sentence by sentence


@dataclass(frozen=True)
class IngestReport:
    """What one ingest did."""

    build: str  # name of the live build afterwards
    files: tuple[FileReport, ...]
    problems: tuple[Problem, ...]
    documents: int
    passages: int
    added: tuple[str, ...]  # document ids
    changed: tuple[str, ...]
    removed: tuple[str, ...]
    embedded: int  # texts that were embedded, not found in the cache

    @property
    def refused(self) -> tuple[FileReport, ...]:
        return tuple(file for file in self.files if file.change is Change.REFUSED)

    def count(self, change: Change) -> int:
        return sum(file.change is change for file in self.files)


@dataclass(frozen=True)
class Preview:
    """What an ingest would do."""

    files: tuple[FileReport, ...]
    problems: tuple[Problem, ...]
    documents: int  # in all, afterwards
    edits: tuple[Edit, ...]  # one a document that is added, changed or removed
    more: int  # documents that change and are not among the edits
    added: int
    changed: int
    removed: int
    token: str  # names this change to ``ingest``, which refuses any other

    @property
    def refused(self) -> tuple[FileReport, ...]:
        return tuple(file for file in self.files if file.change is Change.REFUSED)


def ingest(
    settings: Settings,
    paths: Sequence[Path] = (),
    *,
    given: Sequence[Given] = (),
    expect: str = "",
    rebuild: bool = False,
    allow_empty: bool = False,
    embedder: Embedder | None = None,
    progress: Progress = lambda stage, done, total: None,
) -> IngestReport:
    """Bring the index up to date with the corpus, after copying ``paths`` and ``given`` into it.

    ``expect`` is the token of a preview: anything else than what it showed is refused. Raises IngestRefused also when
    nothing would be left, IndexBusy when another ingest is at work, IndexUnwritable when the disk fails.
    """
    builds = Builds(settings.index)
    with _writing(settings), builds.lock(), _ledger(settings) as ledger, ThreadPoolExecutor(2) as aside:
        # Both take as long as looking through a large corpus does.
        whole = aside.submit(_live, settings)
        loaded = aside.submit(lambda: embedder or _models(settings))
        with incoming(paths, given, settings.corpus) as coming:
            found = _surveyed(settings, ledger, coming, progress)
            if expect and expect != _token(plan(ledger, found.files, whole.result())):
                raise IngestRefused(
                    "something else has changed since the preview", "Look at the preview again, then confirm."
                )
            for file in found.accepted:
                copy_in(file, settings.corpus)
        live, model = whole.result(), loaded.result()
        previous = live if live and not rebuild and live.manifest().fingerprint == fingerprint(model) else None
        if previous and up_to_date(previous.manifest(), found.files):
            builds.sweep()  # of a run that was killed while it swept, or whose change has been taken back
            return _unchanged(previous, found)
        difference = plan(ledger, found.files, previous)
        if not difference.after and not allow_empty:
            raise IngestRefused(
                f"the corpus {settings.corpus} holds no answer that can be taken in; the index is left as it was",
                "Restore the files, or say python ingest.py --allow-empty to empty the index.",
            )
        cache = VectorCache(settings.index / "vectors.sqlite", model)
        try:
            written = write_build(builds, difference, cache, model, found.files, progress)
        finally:
            cache.close()
        before = previous.manifest() if previous else None
        manifest = replace(written.manifest, refused=found.refused(before), readers=readers_digest())
        problems = (*found.problems(before), *difference.problems)
        passages, embedded = manifest.passages, cache.computed
        report = IngestReport(
            written.build.name,
            found.reports(before),
            problems,
            len(difference.after),
            passages,
            *_ids(difference),
            embedded,
        )
        write_record(settings.index, _record(report, live))
        builds.publish(written.build, manifest, written.digests)
        ledger.prune(found.files)
        return report


def preview(settings: Settings, paths: Sequence[Path] = (), given: Sequence[Given] = ()) -> Preview:
    """Return what ``ingest`` would do with these files and with the corpus as it is; change nothing."""
    with _writing(settings), _ledger(settings) as ledger, incoming(paths, given, settings.corpus) as coming:
        found = _surveyed(settings, ledger, coming)
        live = _live(settings)
        difference = plan(ledger, found.files, live)
        manifest = live.manifest() if live else None
        added, changed, removed = map(len, _ids(difference))
        edits = difference.edits(PREVIEWED)
        return Preview(
            found.reports(manifest),
            (*found.problems(manifest), *difference.problems),
            len(difference.after),
            edits,
            added + changed + removed - len(edits),
            added,
            changed,
            removed,
            _token(difference),
        )


def remove(settings: Settings, names: Iterable[str]) -> list[tuple[str, Path]]:
    """Move the corpus files that ``names`` mean out of the corpus; return each with the place where it lies now."""
    with _writing(settings), Builds(settings.index).lock():
        origins = [file.origin for file in corpus_files(settings.corpus)[0]]
        held: dict[str, str] = {}
        if live := _live(settings):
            catalog = Catalog(live.catalog)
            held = catalog.origins()
            catalog.close()
        chosen = [named(name, origins, held) for name in names]
        return [(origin, take_out(origin, settings.corpus)) for origin in dict.fromkeys(chosen)]


def roll_back(settings: Settings) -> str:
    """Make the build before the live one the live one; return its name.

    It stays live until the corpus changes or somebody asks for an ingest. Raises IngestRefused when there is none.
    """
    builds = Builds(settings.index)
    with _writing(settings), builds.lock():
        live = builds.current().name
        older = [build for build in builds.all() if build.name < live]
        for build in older:
            with suppress(IndexDamaged):
                build.check()
                builds.point_to(build)
                return build.name
        cure = "python ingest.py --log lists the builds; to undo a change, change the corpus file back and ingest it."
        raise IngestRefused(f"there is no whole build older than {live}", cure)


def corpus_changed(settings: Settings) -> bool:
    """Tell whether the newest build lacks something that the corpus now says.

    The newest, not the live one: whoever has gone back to an older build does not want it undone by the next start.
    """
    builds = Builds(settings.index)
    try:
        live = builds.current()
        live.check()
        newest = max((live, *builds.all()), key=lambda build: build.name).manifest()
        with _ledger(settings) as ledger:
            digests = ledger.digests(corpus_files(settings.corpus)[0])
        return not newest.fingerprint.endswith(LAYOUT) or not up_to_date(newest, digests)
    except (IndexMissing, IndexDamaged):
        return True


@contextmanager
def _writing(settings: Settings) -> Iterator[None]:
    """Write for the owner's eyes only, and say in the words of whoever runs an ingest that the disk failed."""
    try:
        with private_files():
            yield
    except (OSError, sqlite3.OperationalError) as error:
        raise IndexUnwritable(
            f"writing failed: {error}; the index {settings.index} is as it was",
            "Make room or mend the permissions, then run python ingest.py again: it goes on from here.",
        ) from error


@contextmanager
def _ledger(settings: Settings) -> Iterator[Ledger]:
    path = settings.index / "files.sqlite"
    with private_files():
        ledger = Ledger(path)
    try:
        yield ledger
    except sqlite3.OperationalError:
        raise
    except sqlite3.DatabaseError as error:
        discard(path)
        raise IndexDamaged(f"{path} was damaged and has been thrown away: {error}", "Run the command again.") from error
    finally:
        ledger.close()


def _surveyed(
    settings: Settings,
    ledger: Ledger,
    coming: Sequence[CorpusFile],
    progress: Progress = lambda stage, done, total: None,
) -> Survey:
    return survey(settings.corpus, ledger, coming, lambda done, total: progress("reading", done, total))


def _models(settings: Settings) -> Embedder:
    """Load the embedding model; what the screen of a chat needs beside it is made now, so that no question waits for it."""
    models = settings.index / "models"
    embedder = load_embedder(settings.model, models)
    prepare(embedder, models)
    return embedder


def _live(settings: Settings) -> Build | None:
    """Return the live build if it is whole and says what it holds."""
    with suppress(IndexMissing, IndexDamaged):
        build = Builds(settings.index).current()
        build.check()
        build.manifest()
        return build
    return None


def _ids(difference: Difference) -> tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]]:
    """Return the ids of documents that are added, changed and removed."""
    before, after = difference.before, difference.after
    added = tuple(id for id in after if id not in before)
    return added, tuple(id for id, hash in after.items() if before.get(id, hash) != hash), difference.gone


def _token(difference: Difference) -> str:
    return token(difference.before, {id: difference.after.get(id) for ids in _ids(difference) for id in ids})


def _record(report: IngestReport, previous: Build | None) -> Record:
    named = [change for change in Change if change is not Change.UNCHANGED]
    files = {change.value: [file.origin for file in report.files if file.change is change] for change in named}
    told = {change: origins for change, origins in files.items() if origins}
    ids = (list(report.added), list(report.changed), list(report.removed))
    return Record(report.build, previous.name if previous else "", report.documents, report.embedded, told, *ids)


def _unchanged(build: Build, found: Survey) -> IngestReport:
    manifest = build.manifest()
    documents, passages = len(manifest.documents), manifest.passages
    return IngestReport(build.name, found.reports(manifest), (), documents, passages, (), (), (), 0)
