"""Read malformed files and bombs, one by one and all at once: `python tests/bench/hostile_files.py`.

What must hold: no crash and no hang (20 s and 1 GiB a file), the good files of the batch taken in, each bad file either read or
named with a reason and a cure, each bomb named. Prints a table; ends with 1 where anything failed.
"""

import argparse
import os
import resource
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from assistant.loading import Loader, load_corpus
from tests.hostile_files import bombs, good_files, malformed_files

MOST_SECONDS = 20.0
MOST_MEMORY = 1 << 30  # bytes, of this process and of the child that parses


@dataclass(frozen=True)
class Outcome:
    """What became of one file."""

    name: str
    seconds: float
    documents: int
    named: bool  # a problem with a reason and a cure

    def failure(self, bomb: bool) -> str:
        if self.seconds > MOST_SECONDS:
            return f"took {self.seconds:.1f} s"
        if bomb and not self.named:
            return "a bomb that nothing was said about"
        return "" if self.named or self.documents else "neither read nor named"


def outcomes(files: Mapping[str, Callable[[], bytes]], folder: Path) -> list[Outcome]:
    """Read each file by itself."""
    found = []
    with Loader() as loader:
        for name, made in files.items():
            path = folder / name
            path.write_bytes(made())
            start = time.monotonic()
            loaded = loader.load(path, name)
            seconds = time.monotonic() - start
            named = bool(loaded.problems) and all(problem.what and problem.cure for problem in loaded.problems)
            found.append(Outcome(name, seconds, len(loaded.documents), named))
            path.unlink()
    return found


def batch(folder: Path, survived: set[str]) -> list[str]:
    """Read good and malformed files in one corpus; returns the good ones that were lost and the bad ones nobody named.

    ``survived``: files that hold something by themselves; in the batch their text may be merged with that of another.
    """
    answers = folder / "corpus" / "answers"
    answers.mkdir(parents=True)
    good, bad = good_files(), malformed_files()
    for name, data in {**good, **bad}.items():
        (answers / name).write_bytes(data)
    (answers / "nowhere.txt").symlink_to(folder / "missing")
    (answers / "device.txt").symlink_to("/dev/zero")
    (answers / "up").symlink_to(folder)
    os.mkfifo(answers / "pipe.txt")
    with (answers / "huge.txt").open("wb") as file:
        file.truncate(60_000_000)
    odd = ("nowhere.txt", "device.txt", "up", "pipe.txt", "huge.txt")
    loaded = load_corpus(folder / "corpus")
    read = {document.origin.removeprefix("answers/").partition("!/")[0] for document in loaded.documents}
    named = {problem.origin.removeprefix("answers/").partition("!/")[0] for problem in loaded.problems}
    linked = {link.origin.removeprefix("answers/") for link in loaded.links}
    lost = [f"{name}: a good file was lost" for name in good if name not in read]
    return lost + [
        f"{name}: neither read nor named in the batch"
        for name in (*bad, *odd)
        if name not in read | named | linked | survived
    ]


def main() -> int:
    parser = argparse.ArgumentParser(description="Read malformed files and bombs.")
    parser.add_argument("--show", action="store_true", help="print what became of each file")
    shown = parser.parse_args().show
    failures: list[str] = []
    survived: set[str] = set()
    with tempfile.TemporaryDirectory() as folder:
        malformed: Mapping[str, Callable[[], bytes]] = {
            name: partial(bytes, data) for name, data in malformed_files().items()
        }
        for kind, files in (("malformed", malformed), ("bombs", bombs())):
            found = outcomes(files, Path(folder))
            failures += [f"{one.name}: {why}" for one in found if (why := one.failure(kind == "bombs"))]
            survived |= {one.name for one in found if one.documents}
            slowest = max(found, key=lambda one: one.seconds)
            refused = sum(not one.documents for one in found)
            print(f"{kind}: {len(found)} files, {refused} refused, {len(found) - refused} read in part or whole")
            if kind == "malformed":
                print(f"  by family: {dict(Counter(one.name.partition('-')[0] for one in found))}")
            print(f"  slowest: {slowest.name[:40]} {slowest.seconds:.1f} s")
            for one in found if shown else ():
                print(
                    f"  {one.seconds:6.2f} s {one.documents:3} documents {'named' if one.named else ''} {one.name[:60]!r}"
                )
        failures += batch(Path(folder), survived)
    memory = max(resource.getrusage(who).ru_maxrss << 10 for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    if memory > MOST_MEMORY:
        failures.append(f"{memory >> 20} MiB of memory")
    print(f"memory: {memory >> 20} MiB at most\nfailures: {len(failures)}", *failures, sep="\n  ")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
