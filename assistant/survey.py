"""What the corpus says now, or would say with the files that come in: every file found, read and, if need be, refused."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from assistant.builds import Manifest
from assistant.changes import Change, FileReport, file_reports
from assistant.intake import without_twins
from assistant.ledger import Ledger, readers_digest
from assistant.loading import CorpusFile, Loader, Problem, corpus_files

Read = Callable[[int, int], None]  # files read, of how many


@dataclass(frozen=True)
class Survey:
    """Every file of the corpus, read."""

    ledger: Ledger
    files: dict[str, str]  # corpus file -> digest
    found: tuple[Problem, ...]  # what there is to say of finding the files
    accepted: tuple[CorpusFile, ...]  # files from outside that are taken
    outside: tuple[FileReport, ...]  # files from outside that are not

    def refused(self, before: Manifest | None) -> dict[str, str]:
        """Return corpus file -> why no answer is taken from it; what ``before`` says of files that are as they were holds."""
        known = before if before and before.readers == readers_digest() else None
        refused = {}
        for origin, digest in self.files.items():
            same = known is not None and known.files.get(origin) == digest
            why = known.refused.get(origin, "") if known and same else self.ledger.refused(origin, digest)
            if why:
                refused[origin] = why
        return refused

    def reports(self, before: Manifest | None) -> tuple[FileReport, ...]:
        return (*file_reports(before.files if before else {}, self.files, self.refused(before)), *self.outside)

    def problems(self, before: Manifest | None) -> tuple[Problem, ...]:
        """Return what is to be said of files that ``before`` does not have as they are."""
        known = before.files if before else {}
        fresh = [(origin, digest) for origin, digest in self.files.items() if known.get(origin) != digest]
        return (*self.found, *(problem for origin, digest in fresh for problem in self.ledger.problems(origin, digest)))


def survey(corpus: Path, ledger: Ledger, coming: Sequence[CorpusFile], read: Read) -> Survey:
    """Read what ``ledger`` has not read yet of the corpus and of the files that come in. Raises SourceError."""
    coming, twins = without_twins(coming)
    refused = [_refusal(twin, "another file of this name was given; rename one of them") for twin in twins]
    with Loader() as loader:
        if coming:
            loader.start()  # it takes as long to start as the corpus to be looked through
        files, found = corpus_files(corpus)
        advance = _counted(read, len(files) + len(coming))
        digests = ledger.read(files, ledger.digests(files), loader, advance)
        outside = ledger.read(coming, ledger.content(coming), loader, advance)
    accepted = []
    for file in coming:
        digest = outside[file.origin]
        if ledger.keys(file.origin, digest):
            accepted.append(file)
            digests[file.origin] = digest
        else:
            why = "; ".join(f"{p.what} ({p.cure})" for p in ledger.problems(file.origin, digest))
            refused.append(_refusal(file, why or "no answer was found in it"))
    return Survey(ledger, dict(sorted(digests.items())), tuple(found), tuple(accepted), tuple(refused))


def up_to_date(manifest: Manifest, files: dict[str, str]) -> bool:
    """Tell whether a build holds what ``files`` (corpus file -> digest) say, as they are read today."""
    return manifest.files == files and manifest.readers == readers_digest()


def _refusal(file: CorpusFile, why: str) -> FileReport:
    return FileReport(file.name or str(file.path), Change.REFUSED, why)


def _counted(read: Read, total: int) -> Callable[[int], None]:
    done = 0

    def advance(count: int) -> None:
        nonlocal done
        done += count
        read(done, total)

    return advance
