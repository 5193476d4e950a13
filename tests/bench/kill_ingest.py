"""Kill an ingest at any moment, and see whether the index is whole: `python tests/bench/kill_ingest.py --count 300`.

Two corpora take turns; every sentence says to which it belongs. After each kill -9 all answers must come from one of them, and
the next run must finish and leave nothing behind. Half of the kills come by the clock, half at the Nth time that the process
touches a file of the index: the moments around the swap are too short for a clock to hit.
"""

import argparse
import multiprocessing
import os
import random
import signal
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from assistant.errors import AssistantError
from assistant.schema import AnswerKind
from tests.corpus_files import Expert, World, page, write

PRELOADED = ["tests.corpus_files", "langchain_chroma", "scipy.sparse", "syntok.segmenter", "Stemmer", "yaml"]
PAGES = ("plank", "squat", "lunge")
VERSIONS = ("morning", "evening")


@dataclass(frozen=True)
class Round:
    """One kill and what came of it."""

    moment: str
    killed: bool  # False: the run had finished before
    found: str  # the corpus that the index answered from afterwards
    problem: str = ""


def corpus(version: str) -> dict[str, str]:
    """Pages that both versions have with other words, and one page that only this version has."""
    pages = {f"answers/{name}.md": name for name in PAGES} | {f"answers/only-{version}.md": f"only {version} walk"}
    return {
        origin: page(
            f"What does the {name} train?",
            Expert(
                "Maren Holt", f"The {name} trains the {version} muscle. Every {version} is a good time for the {name}."
            ),
            also_asked=[f"{name} muscles", f"is the {name} any good"],
        )
        for origin, name in pages.items()
    }


class Killer:
    """Ingests in processes of their own, forked from one that has imported everything: a round is not spent on imports."""

    def __init__(self, folder: Path, seed: int) -> None:
        self._world = World(folder)
        self._random = random.Random(seed)
        self._context = multiprocessing.get_context("forkserver")
        self._context.set_forkserver_preload(PRELOADED)
        self._turn = 0
        self._seconds = 0.0
        self._touches = 0

    def __enter__(self) -> "Killer":
        """Build the first index, and measure how long a whole ingest takes in seconds and in touches of the index."""
        for _ in range(2):  # the first process of all waits for the imports
            self._next_corpus()
            started = time.monotonic()
            self._started(0).join()
            self._seconds = time.monotonic() - started
        self._touches = int((self._world.folder / "touches").read_text(encoding="utf-8"))
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        pass

    def round(self) -> Round:
        """Change the corpus, kill its ingest, look, and let the next run finish."""
        old, new = self._next_corpus()
        if self._random.random() < 0.5:
            touch = self._random.randint(1, self._touches)
            moment = f"at touch {touch} of {self._touches}"
            process = self._started(touch)
        else:
            delay = self._random.uniform(0, self._seconds)
            moment = f"after {delay:.3f} of {self._seconds:.3f} s"
            process = self._started(0)
            process.join(delay)
            process.kill()
        process.join()
        killed = process.exitcode == -signal.SIGKILL
        found, problem = self._looked((old, new) if killed else (new,))
        return Round(moment, killed, found, problem or self._finished(new))

    def _next_corpus(self) -> tuple[str, str]:
        old, new = VERSIONS[self._turn % 2], VERSIONS[(self._turn + 1) % 2]
        self._turn += 1
        write(self._world.corpus, corpus(new))
        return old, new

    def _started(self, touch: int) -> multiprocessing.process.BaseProcess:
        process = self._context.Process(target=ingest_and_die, args=(str(self._world.folder), touch))
        process.start()
        return process

    def _looked(self, versions: tuple[str, ...]) -> tuple[str, str]:
        """Return the corpus that the index holds, and what is wrong with it."""
        try:
            assistant = self._world.assistant()
            documents = assistant.documents()
            answers = [assistant.ask(f"What does the {name} train?") for name in PAGES]
        except AssistantError as error:
            return "", f"the index cannot be read: {error}"
        texts = [document.text for document in documents] + [s.text for answer in answers for s in answer.statements]
        found = {version for version in VERSIONS if any(version in text for text in texts)}
        if len(found) != 1 or not found <= set(versions):
            return "", f"the answers come from {sorted(found)}, expected one of {versions}"
        version = found.pop()
        if {document.origin for document in documents} != set(corpus(version)):
            return version, f"the documents are {[document.id for document in documents]}"
        unanswered = [answer.question for answer in answers if answer.kind is not AnswerKind.ANSWERED]
        return version, f"not answered: {unanswered}" if unanswered else ""

    def _finished(self, version: str) -> str:
        """Run an ingest to its end; return what is wrong afterwards."""
        try:
            self._world.ingest()
        except AssistantError as error:
            return f"the next run failed: {error}"
        _, problem = self._looked((version,))
        left = [path.name for path in self._world.index.glob("CURRENT.*")]
        left += [path.name for path in (self._world.index / "builds").iterdir() if not (path / "COMPLETE").exists()]
        return problem or (f"left behind: {left}" if left else "")


def ingest_and_die(folder: str, touch: int) -> None:
    """Ingest the world in ``folder``; kill this process at its ``touch``-th touch of the index (0: never, but count)."""
    world = World(Path(folder))
    index, touches = str(world.index), 0

    def watch(event: str, arguments: tuple[object, ...]) -> None:
        nonlocal touches
        if event in ("open", "os.rename", "os.mkdir", "os.remove", "os.rmdir", "sqlite3.connect"):
            if not any(str(argument).startswith((index, f"file:{index}")) for argument in arguments[:2]):
                return
            touches += 1
            if touches == touch:
                os.kill(os.getpid(), signal.SIGKILL)

    sys.addaudithook(watch)
    world.ingest()
    (world.folder / "touches").write_text(str(touches), encoding="utf-8")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=int, default=300, help="kills")
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, Killer(Path(folder), options.seed) as killer:
        rounds = []
        for number in range(1, options.count + 1):
            rounds.append(killer.round())
            if rounds[-1].problem:
                print(f"{number}: killed {rounds[-1].moment}: {rounds[-1].problem}")
    found = Counter(
        "new" if VERSIONS.index(one.found) == number % 2 else "old" for number, one in enumerate(rounds) if one.found
    )
    wrong = sum(bool(one.problem) for one in rounds)
    print(
        f"{len(rounds)} ingests, {sum(one.killed for one in rounds)} killed, {wrong} times something was wrong; index afterwards: {dict(found)}"
    )
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
