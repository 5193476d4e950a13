"""Compare what the corpus says with what the live build holds: which documents come, change and go."""

import hashlib
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, replace

from assistant.builds import Build
from assistant.catalog import Catalog
from assistant.changes import Edit, edit
from assistant.ledger import Files, Ledger
from assistant.loading import Loaded, Problem
from assistant.schema import Document


@dataclass(frozen=True)
class Difference:
    """What the next build takes over from the one before, and what it makes anew."""

    previous: Build | None
    before: dict[str, str]  # document id -> hash
    after: dict[str, str]
    changed: Collection[Document]  # new or changed; can be gone through again, and need not be in memory
    pages: frozenset[str]  # pages of which something changes
    problems: tuple[Problem, ...] = ()  # of merging the answers to the questions that were looked at

    @property
    def gone(self) -> tuple[str, ...]:
        return tuple(id for id in self.before if id not in self.after)

    def edits(self, limit: int) -> tuple[Edit, ...]:
        """Return what becomes of the first ``limit`` documents that change, sentence by sentence."""
        catalog = Catalog(self.previous.catalog) if self.previous and self.before else None
        found: list[Edit] = []
        for document in self.changed:
            if len(found) == limit:
                break
            old = catalog.entry(document.id).document if catalog and document.id in self.before else None
            found.append(edit(old, document))
        for id in self.gone[: limit - len(found)]:
            found.append(edit(catalog.entry(id).document if catalog else None, None))
        if catalog:
            catalog.close()
        return tuple(found)


def difference(previous: Build | None, documents: Sequence[Document]) -> Difference:
    """Compare ``documents``, the whole of the next build, with what ``previous`` holds."""
    before = previous.manifest().documents if previous else {}
    after = dict(sorted((document.id, document.hash) for document in documents))
    changed = tuple(document for document in documents if before.get(document.id) != after[document.id])
    return _difference(previous, before, after, changed, {document.page for document in changed})


def plan(ledger: Ledger, files: Files, previous: Build | None) -> Difference:
    """Compare what ``files`` say, all of which ``ledger`` has read, with what ``previous`` holds."""
    if previous and (found := _by_questions(ledger, files, previous)):
        return found
    return _whole(ledger, files, previous)


def _by_questions(ledger: Ledger, files: Files, previous: Build) -> Difference | None:
    """Look only at the questions of files that differ; None where that is not enough to tell."""
    manifest = previous.manifest()
    touched = {
        origin for origin in files.keys() | manifest.files.keys() if files.get(origin) != manifest.files.get(origin)
    }
    keys: set[str] = set()
    for given in (manifest.files, files):
        for origin in touched & given.keys():
            if not ledger.holds(origin, given[origin]):
                return None
            keys |= ledger.keys(origin, given[origin])
    old = _of_questions(ledger, keys, manifest.files)
    new = _of_questions(ledger, keys, files)
    before = {document.id: document.hash for loaded in old for document in loaded.documents}
    rest = manifest.documents.keys() - before.keys()
    documents = [document for loaded in new for document in loaded.documents]
    ids = {document.id for document in documents}
    # An id that two questions share depends on both: then the whole corpus has to be looked at.
    if (
        any(manifest.documents.get(id) != hash for id, hash in before.items())
        or ids & rest
        or len(ids) < len(documents)
    ):
        return None
    fresh = {document.id: document.hash for document in documents}
    kept = {id: hash for id, hash in manifest.documents.items() if id not in before}
    changed = tuple(document for document in documents if before.get(document.id) != document.hash)
    pages = {document.page for document in changed}
    problems = tuple(problem for loaded in new for problem in loaded.problems)
    return _difference(previous, manifest.documents, dict(sorted({**kept, **fresh}.items())), changed, pages, problems)


def _of_questions(ledger: Ledger, keys: set[str], files: Files) -> list[Loaded]:
    return [ledger.group(key, files) for key in sorted(keys)]


def _whole(ledger: Ledger, files: Files, previous: Build | None) -> Difference:
    """Go through every question twice: once to know what there is, and again by whoever takes what has changed."""
    before = previous.manifest().documents if previous else {}
    ids: dict[str, str] = {}  # id -> key of the first question that has it
    shared: set[str] = set()
    for key, loaded in ledger.groups(files):
        for document in loaded.documents:
            if ids.setdefault(document.id, key) != key:
                shared.add(document.id)
    after: dict[str, str] = {}
    pages: set[str] = set()
    problems: list[Problem] = []
    for key, loaded in ledger.groups(files):
        problems += loaded.problems
        for document in _told_apart(key, loaded, shared):
            after[document.id] = document.hash
            if before.get(document.id) != document.hash:
                pages.add(document.page)
    wanted = {id for id, hash in after.items() if before.get(id) != hash}

    def again() -> Iterator[Document]:
        for key, loaded in ledger.groups(files):
            yield from (document for document in _told_apart(key, loaded, shared) if document.id in wanted)

    return _difference(previous, before, dict(sorted(after.items())), _Read(again, len(wanted)), pages, tuple(problems))


def _told_apart(key: str, loaded: Loaded, shared: set[str]) -> Iterator[Document]:
    """Give documents whose id stands under several questions a part of their question's hash."""
    for document in loaded.documents:
        if document.id in shared:
            digest = hashlib.sha256(key.encode("utf-8", "replace")).hexdigest()
            yield replace(document, id=f"{document.id}-{digest[:8]}")
        else:
            yield document


@dataclass(frozen=True)
class _Read(Collection[Document]):
    """Documents that are read anew whenever somebody goes through them."""

    again: Callable[[], Iterator[Document]]
    count: int

    def __iter__(self) -> Iterator[Document]:
        return self.again()

    def __len__(self) -> int:
        return self.count

    def __contains__(self, document: object) -> bool:
        return any(document == one for one in self)


def _difference(
    previous: Build | None,
    before: dict[str, str],
    after: dict[str, str],
    changed: Collection[Document],
    pages: set[str],
    problems: tuple[Problem, ...] = (),
) -> Difference:
    """Add the pages of what goes."""
    if previous and (gone := [id for id in before if id not in after]):
        catalog = Catalog(previous.catalog)
        pages = pages | {catalog.page(id) for id in gone}
        catalog.close()
    return Difference(previous, before, after, changed, frozenset(pages), problems)
