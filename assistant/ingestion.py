"""Take in corpus files: find what changed, embed only what is new, build aside, verify, swap.

Corpus files are the truth. A build is never changed in place: the next one starts as a copy, and nobody sees it before it has
been verified and published.
"""

import shutil
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path

from assistant.builds import Build, Builds, Manifest
from assistant.embedding import Embedder, file_sha256, load_embedder
from assistant.errors import IndexDamaged, IndexMissing, IngestRefused
from assistant.indexing import LAYOUT, Difference, Progress, difference, fingerprint, write_build
from assistant.loading import FOLDERS, NOTES_SUFFIX, Loaded, Problem, load_corpus, load_file
from assistant.settings import Settings
from assistant.vectors import VectorCache

ADDED_FOLDER = "added"  # where files given on the command line are kept, inside the corpus


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
        previous = None if rebuild else _previous(builds, fingerprint(embedder))
        files = corpus_files(settings.corpus)
        if previous and previous.manifest().files == files and not (dry_run and paths):
            return _unchanged(previous, refused)
        loaded = _load(settings.corpus, paths if dry_run else ())
        plan = difference(previous, loaded.documents)
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
            build, manifest = write_build(builds, plan, cache, embedder, files, progress)
        finally:
            cache.close()
        named = {file.origin: file.why for file in report.files if file.change is Change.REFUSED and file.origin in files}
        manifest = replace(manifest, refused=named)
        builds.publish(build, manifest)
        return _report(plan, files, loaded, refused, dry_run, build.name, manifest, cache.computed)


def corpus_files(corpus: Path) -> dict[str, str]:
    """Return corpus file -> sha256 of its content, for every file that is ingested."""
    found = (path for folder in FOLDERS for path in sorted((corpus / folder).rglob("*")))
    return {str(path.relative_to(corpus)): file_sha256(path) for path in found if path.is_file()}


def corpus_changed(settings: Settings) -> bool:
    """Tell whether the live build lacks something that the corpus now says."""
    try:
        build = Builds(settings.index).current()
        build.check()
        manifest = build.manifest()
        return not manifest.fingerprint.endswith(LAYOUT) or manifest.files != corpus_files(settings.corpus)
    except (IndexMissing, IndexDamaged):
        return True


def _copy_in(corpus: Path, paths: Iterable[Path]) -> list[FileReport]:
    """Copy files from outside into the corpus; a file nothing can be read from is refused and not copied."""
    refused = []
    copied: set[str] = set()
    for path in list(_expanded(paths)):  # all of them are there, or nothing is copied
        if path.resolve().is_relative_to(corpus.resolve()):
            continue
        if path.name in copied:
            refused.append(FileReport(str(path), Change.REFUSED, "another file of this name was given; rename one of them"))
            continue
        loaded = load_file(path, path.name)
        if not loaded.documents:
            why = "; ".join(f"{p.what} ({p.cure})" for p in loaded.problems) or "no answer was found in it"
            refused.append(FileReport(str(path), Change.REFUSED, why))
            continue
        copied.add(path.name)
        target = corpus / ADDED_FOLDER / path.name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, target)
        if (notes := _notes(path)).exists():
            shutil.copyfile(notes, _notes(target))
    return refused


def _expanded(paths: Iterable[Path]) -> Iterable[Path]:
    for path in paths:
        if not path.exists():
            raise IngestRefused(f"there is no file or folder {path}")
        found = sorted(p for p in path.rglob("*") if p.is_file()) if path.is_dir() else [path]
        yield from (p for p in found if p.suffix != NOTES_SUFFIX)


def _notes(path: Path) -> Path:
    """Return where a curator may say where ``path`` is from: page.txt.yaml beside page.txt."""
    return path.with_name(path.name + NOTES_SUFFIX)


def _load(corpus: Path, extra: Sequence[Path]) -> Loaded:
    loaded = load_corpus(corpus)
    more = [load_file(path, f"{ADDED_FOLDER}/{path.name}") for path in _expanded(extra)]
    fresh = {document.id: document for one in more for document in one.documents}
    return Loaded(
        (*(document for document in loaded.documents if document.id not in fresh), *fresh.values()),
        (*loaded.links, *(link for one in more for link in one.links)),
        (*loaded.problems, *(problem for one in more for problem in one.problems)),
    )


def _previous(builds: Builds, made_with: str) -> Build | None:
    """Return the live build when a new one can start from it."""
    try:
        build = builds.current()
        build.check()
        return build if build.manifest().fingerprint == made_with else None
    except (IndexMissing, IndexDamaged):
        return None


def _unchanged(build: Build, refused: Sequence[FileReport]) -> IngestReport:
    manifest = build.manifest()
    files = tuple(
        FileReport(origin, Change.REFUSED, manifest.refused[origin])
        if origin in manifest.refused
        else FileReport(origin, Change.UNCHANGED)
        for origin in manifest.files
    )
    return IngestReport(build.name, (*files, *refused), (), len(manifest.documents), manifest.passages, (), (), (), 0)


def _report(
    plan: Difference,
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
            yield (
                FileReport(origin, Change.RENAMED, f"was {gone[digest]}")
                if digest in gone
                else FileReport(origin, Change.ADDED)
            )
        else:
            yield FileReport(origin, Change.UNCHANGED if before[origin] == digest else Change.CHANGED)
    for origin in before:
        if origin not in after and origin not in renamed:
            yield FileReport(origin, Change.REMOVED)
