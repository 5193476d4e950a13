"""Immutable builds of the index, the pointer to the live one, and the lock that lets one ingest work at a time.

index/CURRENT             name of the live build
index/builds/<name>/      catalog.sqlite, chroma/, lexical.npz, calibration.json, build.json, and, written
                          last, COMPLETE: the sha256 of every file that never changes again
index/vectors.sqlite      vectors by content hash, shared by all builds
index/files.sqlite        what each corpus file says, by content hash
index/history/            what each build changed
"""

import fcntl
import json
import os
import shutil
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from assistant.errors import IndexBusy, IndexDamaged, IndexMissing
from assistant.exported import file_sha256

KEPT_BUILDS = 3  # the live one, the one before for a rollback, and one more that a slow reader may still hold
BUILD_COMMAND = "Build the index: python ingest.py"
REBUILD_COMMAND = f"{BUILD_COMMAND} --rebuild"


@dataclass(frozen=True)
class Manifest:
    """What a build holds; equal corpora give equal manifests, byte for byte."""

    fingerprint: str  # model, chunker, reader and index format
    documents: dict[str, str]  # document id -> document hash
    files: dict[str, str]  # corpus file -> sha256 of its content, and of its notes where it has any
    passages: int  # of all documents
    vectors: int  # of different passages and wordings of questions
    refused: dict[str, str] = field(default_factory=dict)  # corpus file that holds no answer -> why
    readers: str = ""  # digest of the code that read the corpus files

    def dump(self) -> str:
        # Not asdict, which copies every one of the thousands of names.
        return json.dumps(vars(self), sort_keys=True, indent=1) + "\n"

    @classmethod
    def load(cls, path: Path) -> "Manifest":
        try:
            return cls(**json.loads(path.read_text(encoding="utf-8")))
        except (OSError, ValueError, TypeError) as error:
            raise IndexDamaged(f"the manifest {path} cannot be read: {error}", REBUILD_COMMAND) from error


@dataclass(frozen=True)
class Build:
    folder: Path

    @property
    def name(self) -> str:
        return self.folder.name

    @property
    def catalog(self) -> Path:
        return self.folder / "catalog.sqlite"

    @property
    def chroma(self) -> Path:
        return self.folder / "chroma"

    @property
    def lexical(self) -> Path:
        return self.folder / "lexical.npz"

    @property
    def calibration(self) -> Path:
        return self.folder / "calibration.json"

    @property
    def complete(self) -> bool:
        return os.path.exists(self.folder / "COMPLETE")  # False also for a name that no folder can have

    def manifest(self) -> Manifest:
        return Manifest.load(self.folder / "build.json")

    def digests(self) -> dict[str, str]:
        """Return file -> sha256 of the files that never change once the build is published."""
        return {self.catalog.name: file_sha256(self.catalog), **self.saved(), **self.small()}

    def small(self) -> dict[str, str]:
        """Return file -> sha256 of the files that are quickly hashed."""
        return {path.name: file_sha256(path) for path in (self.lexical, self.calibration, self.folder / "build.json")}

    def saved(self) -> dict[str, str]:
        """Return file -> sha256 of the graphs that Chroma has saved; to its other files it writes whenever it opens them."""
        graphs = [saved.parent for saved in self.chroma.glob("*/index_metadata.pickle")]
        files = [path for graph in graphs for path in graph.iterdir()]
        return {path.relative_to(self.folder).as_posix(): file_sha256(path) for path in files}

    def check(self) -> None:
        """Raise IndexDamaged when a file is not what was published."""
        try:
            published = json.loads((self.folder / "COMPLETE").read_text(encoding="utf-8"))
            changed = [name for name, digest in published.items() if file_sha256(self.folder / name) != digest]
        except OSError as error:
            lacking = Path(error.filename or "").name
            raise IndexDamaged(f"the build {self.name} lacks {lacking}: {error.strerror}", REBUILD_COMMAND) from error
        except (ValueError, AttributeError) as error:
            raise IndexDamaged(f"COMPLETE of the build {self.name} cannot be read: {error}", REBUILD_COMMAND) from error
        if changed or "catalog.sqlite" not in published:
            names = ", ".join(changed) or "COMPLETE"
            raise IndexDamaged(f"{names} of the build {self.name} is not as it was written", REBUILD_COMMAND)

    @contextmanager
    def checked_meanwhile(self) -> Iterator[None]:
        """Check while the build is opened: to hash a large one takes as long. A damage is told before what it led to.

        Inside, read nothing that compiled code would trust, as Chroma trusts its graphs: what ends the process is told by nobody.
        """
        with ThreadPoolExecutor(1) as aside:
            whole = aside.submit(self.check)
            try:
                yield
            finally:
                whole.result()


@dataclass(frozen=True)
class _Seen:
    """The live build as it was last read, and what would be another file if there were another one."""

    build: Build
    pointer: tuple[int, int, int] | None
    mark: Path  # COMPLETE
    marked: tuple[int, int, int] | None


class Builds:
    """The builds under one index folder."""

    def __init__(self, index: Path) -> None:
        self.index = index
        self._pointer = index / "CURRENT"
        self._folder = index / "builds"
        self._seen: _Seen | None = None

    def current(self) -> Build:
        """Return the live build; raise IndexMissing or IndexDamaged. It is asked for with every question."""
        pointer = _state(self._pointer)  # before it is read: what replaces it meanwhile is another one
        if self._seen and self._seen.pointer == pointer and _state(self._seen.mark) == self._seen.marked:
            return self._seen.build
        build = self._read()
        mark = build.folder / "COMPLETE"
        self._seen = _Seen(build, pointer, mark, _state(mark))
        return build

    def _read(self) -> Build:
        """Return the build that the pointer names; raise IndexMissing or IndexDamaged."""
        try:
            name = self._pointer.read_text(encoding="utf-8", errors="replace").strip()
        except FileNotFoundError as error:
            raise IndexMissing(f"there is no index in {self.index}", BUILD_COMMAND) from error
        build = Build(self._folder / Path(name).name)
        if not name or not build.complete:
            raise IndexDamaged(f"the index points to the build {name[:60]!r}, which is not whole", REBUILD_COMMAND)
        return build

    def all(self) -> list[Build]:
        """Return the whole builds, newest first."""
        folders = sorted(self._folder.glob("*/"), reverse=True) if self._folder.exists() else []
        return [build for build in map(Build, folders) if build.complete]

    def begin(self) -> Build:
        """Make the folder of a new build; it counts for nothing until it is published."""
        name = datetime.now(UTC).strftime("%Y%m%dT%H%M%S.%fZ")
        build = Build(self._folder / name)
        build.folder.mkdir(parents=True, mode=0o700)
        return build

    def publish(self, build: Build, manifest: Manifest, known: Mapping[str, str] | None = None) -> None:
        """Mark ``build`` whole, make it the live one in a single step, and sweep what nobody needs.

        ``known``: file -> sha256 of its catalog and of what Chroma saved, where these have been hashed already.
        """
        (build.folder / "build.json").write_text(manifest.dump(), encoding="utf-8")
        _sync_tree(build.folder)
        self.seal(build, known)
        self.point_to(build)
        self.sweep()

    def seal(self, build: Build, known: Mapping[str, str] | None = None) -> None:
        """Write down what the files of ``build`` are, and so that it is whole."""
        digests = {**known, **build.small()} if known else build.digests()
        (build.folder / "COMPLETE").write_bytes(_dumped(digests))
        _sync(build.folder / "COMPLETE")
        _sync(build.folder)

    def point_to(self, build: Build) -> None:
        fresh = self._pointer.with_suffix(f".{os.getpid()}")
        fresh.write_text(build.name + "\n", encoding="utf-8")
        _sync(fresh)
        os.replace(fresh, self._pointer)
        _sync(self.index)

    def sweep(self) -> None:
        """Remove unfinished builds and all but the newest whole ones; the live one always stays."""
        live = self.current().name if self._pointer.exists() else ""
        keep = {live} | {build.name for build in self.all()[:KEPT_BUILDS]}
        for folder in self._folder.glob("*/"):
            if folder.name not in keep:
                shutil.rmtree(folder, ignore_errors=True)
        for left_over in self.index.glob("CURRENT.*"):
            left_over.unlink(missing_ok=True)

    def left_over(self) -> list[str]:
        """Return what a killed ingest left behind: unfinished builds and pointers. Hold the lock when asking."""
        unfinished = [folder.name for folder in sorted(self._folder.glob("*/")) if not Build(folder).complete]
        return unfinished + [path.name for path in sorted(self.index.glob("CURRENT.*"))]

    @contextmanager
    def lock(self) -> Iterator[None]:
        """Hold the only right to write; raise IndexBusy at once when another process has it.

        The system frees the lock when its holder dies, however it dies.
        """
        self.index.mkdir(parents=True, exist_ok=True, mode=0o700)
        with (self.index / "lock").open("a+", encoding="utf-8") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as error:
                file.seek(0)
                holder = file.read().strip() or "unknown"
                raise IndexBusy(
                    f"another ingest (process {holder}) is working on {self.index}",
                    "Wait until it is done, then try again.",
                ) from error
            file.truncate(0)
            file.write(str(os.getpid()))
            file.flush()
            yield


def _state(path: Path) -> tuple[int, int, int] | None:
    """Return what differs as soon as ``path`` is another file or is written to; None where there is none."""
    try:
        found = os.stat(path)
    except OSError:
        return None
    return found.st_ino, found.st_mtime_ns, found.st_size


def _dumped(digests: dict[str, str]) -> bytes:
    return (json.dumps(digests, sort_keys=True, indent=1) + "\n").encode()


def _sync_tree(folder: Path) -> None:
    for path in folder.rglob("*"):
        _sync(path)


def synced_digest(path: Path) -> str:
    """Return the sha256 of a file that has just been written, once it is on the disk."""
    _sync(path)
    return file_sha256(path)


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
