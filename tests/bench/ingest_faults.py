"""What SAFETY asks of re-ingestion beside kills, counted: `python tests/bench/ingest_faults.py [--only swaps] [--share 0.1]`.

    swaps    30   the corpus changes and is taken in while four threads ask: no error, no mix, a new answer within 5 s,
                  a deleted one cited 0 times
    races    20   two ingests at once: one wins, the other ends within 2 s and says why
    damages  60   a store is cut, zeroed, scribbled, deleted, or its vectors swapped: never a wrong answer; named with its
                  cure, or harmless; right again after `doctor --repair` within 30 s
    disk     60   the disk is full, refuses or fails at the Nth call: the old index answers, nothing is left over afterwards
    again   120   20 each of: the same corpus, an edit, a deletion, a renaming, an emptied folder, another model

All with the fake model, on the small corpus of tests/corpus_files.py. Kills: kill_ingest.py.
"""

import argparse
import builtins
import errno
import multiprocessing
import os
import random
import shutil
import sqlite3
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from assistant.doctor import examine, repair
from assistant.errors import AssistantError, IndexBusy, IngestRefused
from assistant.ingestion import Change, ingest
from assistant.schema import AnswerKind
from tests.bench.kill_ingest import PAGES, PRELOADED, VERSIONS, corpus
from tests.corpus_files import FILES, World, copied, made, write
from tests.fake_model import FakeEmbedder

COUNTS = {"swaps": 30, "races": 20, "damages": 60, "disk": 60, "again": 120}
QUESTIONS = [f"What does the {name} train?" for name in PAGES]
VISIBLE = 5.0  # seconds from the start of an ingest to its first answer
LOSER = 2.0  # seconds after which the second of two ingests has ended
MENDED = 30.0  # seconds a repair may take

Problems = Iterator[str]


def swaps(folder: Path, count: int, chance: random.Random) -> Problems:
    """Let four threads ask one running assistant while the corpus goes from one version to the other."""
    world = made(folder / "swaps", corpus(VERSIONS[0]))
    assistant, seen, stop = world.assistant(), list[str](), threading.Event()
    live = [VERSIONS[0]]  # the versions that may be answered from now

    def ask() -> None:
        own = random.Random(threading.get_ident())
        while not stop.is_set():
            allowed = list(live)
            try:
                answer = assistant.ask(own.choice(QUESTIONS))
            except Exception as error:  # noqa: BLE001 - whatever it is, it is what this looks for
                seen.append(f"a question failed: {error!r}")
                return
            allowed = [*allowed, *live]
            said = {version for version in VERSIONS if any(version in one.text for one in answer.statements)}
            if answer.kind is not AnswerKind.ANSWERED or len(said) != 1 or not said <= set(allowed):
                seen.append(f"answered {answer.kind.value} from {sorted(said)}, allowed were {sorted(set(allowed))}")

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    process = _context().Process(target=_ingested, args=(str(world.folder),))
    process.start()  # the first process of all waits for the imports
    process.join()
    for number in range(1, count + 1):
        new = VERSIONS[number % 2]
        write(world.corpus, corpus(new))
        started = time.monotonic()
        live.append(new)
        process = _context().Process(target=_ingested, args=(str(world.folder),))
        process.start()
        process.join()
        live[:] = [new]
        if new not in assistant.ask(QUESTIONS[0]).statements[0].text:
            yield f"swap {number}: the new answer is not there"
        if (took := time.monotonic() - started) > VISIBLE:
            yield f"swap {number}: visible after {took:.1f} s"
    stop.set()
    for thread in threads:
        thread.join()
    yield from seen


def _ingested(folder: str) -> None:
    World(Path(folder)).ingest()


def races(folder: Path, count: int, chance: random.Random) -> Problems:
    """Start an ingest in another process while one holds the lock in this one."""
    world = made(folder / "races")
    context = _context()
    for number in range(1, count + 1):
        (world.corpus / "answers/s01-plank-breathing.md").write_text(
            FILES["answers/s01-plank-breathing.md"].replace("slowly", f"slowly {number}"), encoding="utf-8"
        )
        outcomes = context.Queue()
        runners = [context.Process(target=_race, args=(str(world.folder), outcomes)) for _ in range(2)]
        for runner in runners:
            runner.start()
        results = sorted(outcomes.get(timeout=60) for _ in runners)
        for runner in runners:
            runner.join()
        kinds = [kind for kind, _, _ in results]
        # Where the first had ended before the second began, both did their work: no race, and nothing wrong.
        if kinds not in (["busy", "done"], ["done", "done"]):
            yield f"race {number}: {results}"
        if kinds[0] == "busy" and (results[0][1] > LOSER or "another ingest (process" not in results[0][2]):
            yield f"race {number}: the loser took {results[0][1]:.1f} s and said {results[0][2]!r}"
        if f"slowly {number}" not in world.documents()["s01-plank-breathing.maren-holt"].text:
            yield f"race {number}: the change is not in the index"


def _race(folder: str, outcomes: Any) -> None:
    started = time.monotonic()
    try:
        World(Path(folder)).ingest()
        outcomes.put(("done", time.monotonic() - started, ""))
    except IndexBusy as error:
        outcomes.put(("busy", time.monotonic() - started, str(error)))
    except Exception as error:  # noqa: BLE001
        outcomes.put(("failed", time.monotonic() - started, repr(error)))


def damages(folder: Path, count: int, chance: random.Random) -> Problems:
    """Damage one file of the index; look, in a process of its own, at what comes of asking and of a repair."""
    whole = made(folder / "whole")
    told = {question: _told(whole, question) for question in _asked()}
    names = sorted(path.relative_to(whole.build).as_posix() for path in whole.build.rglob("*") if path.is_file())
    stores = [*names, "../../CURRENT", "../../vectors.sqlite", "../../files.sqlite"]
    for number in range(1, count + 1):
        world = copied(whole, folder / f"damage{number}")
        name, damage = stores[number % len(stores)], chance.choice([_cut, _zero, _flip, _scribble, _delete, _swap])
        damage(world.build / name, chance)
        what = f"damage {number} ({damage.__name__[1:]} {name})"
        status = _apart(_looked, str(world.folder), told)
        if status:
            yield f"{what}: {status}"
        shutil.rmtree(world.folder)


def _asked() -> list[str]:
    return ["How should I breathe while I hold a plank?", "How deep should I squat with a sore kneecap?"]


def _told(world: World, question: str) -> list[str]:
    return [statement.text for statement in world.assistant().ask(question).statements]


def _looked(folder: str, told: dict[str, list[str]]) -> str:
    """Return what is wrong with how a damaged index is met."""
    world = World(Path(folder))
    try:
        wrong = [question for question in told if _told(world, question) != told[question]]
        if wrong:
            return f"a wrong answer without a word to {wrong}"
    except AssistantError as error:
        if not error.cure:
            return f"no cure is named: {error}"
    started = time.monotonic()
    try:
        repair(world.settings, examine(world.settings, world.embedder), world.embedder)
        left = examine(world.settings, world.embedder)
    except AssistantError as error:
        return f"the repair failed: {error}"
    if left or any(_told(world, question) != told[question] for question in told):
        return f"not right after the repair: {[str(finding) for finding in left]}"
    took = time.monotonic() - started
    return f"the repair took {took:.0f} s" if took > MENDED else ""


def _apart(task: Callable[..., str], *arguments: Any) -> str:
    """Run ``task`` in a process of its own: a damaged store may end it."""
    context = _context()
    outcome = context.Queue()
    process = context.Process(target=_into, args=(outcome, task, *arguments))
    process.start()
    process.join(120)
    if process.exitcode != 0:
        process.kill()
        return f"the process ended with {process.exitcode}"
    return str(outcome.get(timeout=5))


def _into(outcome: Any, task: Callable[..., str], *arguments: Any) -> None:
    outcome.put(task(*arguments))


def _context() -> multiprocessing.context.ForkServerContext:
    """Return a way to start processes that have imported everything."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(PRELOADED)
    return context


def _cut(path: Path, chance: random.Random) -> None:
    path.write_bytes(path.read_bytes()[: chance.randrange(max(1, path.stat().st_size))])


def _zero(path: Path, chance: random.Random) -> None:
    path.write_bytes(bytes(path.stat().st_size))


def _flip(path: Path, chance: random.Random) -> None:
    content = bytearray(path.read_bytes() or b"\0")
    content[chance.randrange(len(content))] ^= 1 << chance.randrange(8)
    path.write_bytes(content)


def _scribble(path: Path, chance: random.Random) -> None:
    content = path.read_bytes()
    path.write_bytes(bytes(byte ^ (0xD5 if place % 97 == 20 else 0) for place, byte in enumerate(content)))


def _delete(path: Path, chance: random.Random) -> None:
    path.unlink()


def _swap(path: Path, chance: random.Random) -> None:
    """Exchange two stretches of a file: vectors change places, the size stays."""
    content = path.read_bytes()
    length = min(256, len(content) // 2)
    one, other = sorted(chance.sample(range(0, max(2, len(content) - length)), 2))
    if length and other - one >= length:
        a, b = content[one : one + length], content[other : other + length]
        content = content[:one] + b + content[one + length : other] + a + content[other + length :]
    path.write_bytes(content)


def disk(folder: Path, count: int, chance: random.Random) -> Problems:
    """Let the Nth call that writes below the index fail, for every N that there is and three reasons."""
    whole = made(folder / "whole-disk", corpus(VERSIONS[0]))
    reasons = [errno.ENOSPC, errno.EACCES, errno.EIO]
    calls = _calls_of(copied(whole, folder / "counted"))
    for number in range(1, count + 1):
        world = copied(whole, folder / f"disk{number}")
        write(world.corpus, corpus(VERSIONS[1]))
        at, reason = chance.randint(1, calls), reasons[number % 3]
        what = f"fault {number} ({errno.errorcode[reason]} at call {at} of {calls})"
        failed = False
        with _failing(world.index, at, reason):
            try:
                world.ingest()
            except AssistantError:
                failed = True
            except Exception as error:  # noqa: BLE001
                yield f"{what}: a traceback would be shown: {error!r}"
                failed = True
        said = "".join(_told(world, QUESTIONS[0]))
        if (VERSIONS[0] in said) == (VERSIONS[1] in said) or (not failed and VERSIONS[1] not in said):
            yield f"{what}: {'failed' if failed else 'went on'}, and the index says {said!r}"
        world.ingest()
        left = [path.name for path in world.index.glob("CURRENT.*")] + [
            path.name for path in (world.index / "builds").iterdir() if not (path / "COMPLETE").exists()
        ]
        if left or VERSIONS[1] not in "".join(_told(world, QUESTIONS[0])):
            yield f"{what}: the next run left {left}"
        shutil.rmtree(world.folder)


def _calls_of(world: World) -> int:
    write(world.corpus, corpus(VERSIONS[1]))
    with _failing(world.index, 0, errno.EIO) as made_so_far:
        world.ingest()
    return made_so_far[0]


@contextmanager
def _failing(index: Path, at: int, reason: int) -> Iterator[list[int]]:
    """Let the ``at``-th of the calls that write below ``index`` raise; yields how many there were."""
    made_so_far = [0]
    originals = {name: getattr(os, name) for name in ("replace", "fsync", "mkdir", "link")}
    opened, copied_file = builtins.open, shutil.copyfile

    def counted(call: Callable[..., Any], writes: Callable[..., bool]) -> Callable[..., Any]:
        def wrapped(*given: Any, **more: Any) -> Any:
            if writes(*given, **more):
                made_so_far[0] += 1
                if made_so_far[0] == at:
                    raise OSError(reason, os.strerror(reason))
            return call(*given, **more)

        return wrapped

    def below(*given: Any, **more: Any) -> bool:
        return any(str(one).startswith(str(index)) for one in given if isinstance(one, (str, Path)))

    def written(file: Any, mode: str = "r", *given: Any, **more: Any) -> bool:
        return below(file) and any(letter in mode for letter in "wax+")

    try:
        for name, call in originals.items():
            setattr(os, name, counted(call, (lambda *given, **more: True) if name == "fsync" else below))
        builtins.open = counted(opened, written)
        shutil.copyfile = counted(copied_file, below)
        yield made_so_far
    finally:
        for name, call in originals.items():
            setattr(os, name, call)
        builtins.open, shutil.copyfile = opened, copied_file


def again(folder: Path, count: int, chance: random.Random) -> Problems:
    """Take in the same corpus, an edit, a deletion, a renaming, nothing at all, and with another model."""
    whole = made(folder / "whole-again")
    before = (whole.build / "build.json").read_bytes(), dict(_rows(whole))
    for number in range(1, count // 6 + 1):
        for change in (_same, _edit, _deleted, _renamed, _emptied, _other_model):
            world = copied(whole, folder / f"again{number}{change.__name__}")
            if problem := change(world, before, chance):
                yield f"{change.__name__[1:]} {number}: {problem}"
            shutil.rmtree(world.folder)


Before = tuple[bytes, dict[str, Any]]


def _same(world: World, before: Before, chance: random.Random) -> str:
    report = world.ingest(rebuild=chance.random() < 0.5)
    same = (world.build / "build.json").read_bytes() == before[0]
    return "" if same and report.embedded == 0 else f"another manifest, or {report.embedded} texts embedded"


def _edit(world: World, before: Before, chance: random.Random) -> str:
    origin = chance.choice(sorted(FILES))
    path = world.corpus / origin
    text = path.read_text(encoding="utf-8")
    path.write_text(text.rstrip("\n") + f" One more sentence {chance.random()}.\n", encoding="utf-8")
    report = world.ingest()
    touched = {id for id, row in _rows(world).items() if before[1].get(id) != row}
    return "" if touched == {*report.added, *report.changed} and len(touched) == 1 else f"{touched} changed"


def _deleted(world: World, before: Before, chance: random.Random) -> str:
    origin = chance.choice(sorted(FILES))
    (world.corpus / origin).unlink()
    report = world.ingest()
    after = _rows(world)
    kept = {id: row for id, row in before[1].items() if id not in report.removed}
    cited = [document.origin for document in world.documents().values()]
    return (
        "" if after == kept and report.embedded == 0 and origin not in cited else "not only the deleted ones are gone"
    )


def _renamed(world: World, before: Before, chance: random.Random) -> str:
    origin = chance.choice(sorted(name for name in FILES if name.startswith("answers")))
    (world.corpus / origin).rename(world.corpus / "answers" / f"renamed-{chance.randrange(1000)}.md")
    report = world.ingest()
    changes = [file.change for file in report.files if file.change is not Change.UNCHANGED]
    return (
        "" if changes == [Change.RENAMED] and report.embedded == 0 else f"{changes}, {report.embedded} texts embedded"
    )


def _emptied(world: World, before: Before, chance: random.Random) -> str:
    build = world.build
    write(world.corpus, {})
    try:
        world.ingest()
    except IngestRefused:
        return "" if world.build == build and world.documents() else "refused, and yet the index is another"
    return "an emptied corpus was taken in"


def _other_model(world: World, before: Before, chance: random.Random) -> str:
    other = FakeEmbedder()
    other.fingerprint = f"fake:{chance.random()}"
    report = ingest(world.settings, embedder=other)
    known = World(world.folder, other).assistant().ask(_asked()[0]).kind is AnswerKind.ANSWERED
    return "" if report.embedded == len(set(other.embedded)) and known else "not every text was embedded anew"


def _rows(world: World) -> dict[str, Any]:
    with closing(sqlite3.connect(world.build / "catalog.sqlite")) as db:
        return {row[0]: row for row in db.execute("select * from entries")}


def run(name: str, folder: Path, count: int, seed: int = 0) -> list[str]:
    """Return what went wrong in ``count`` rounds of one kind."""
    folder.mkdir(parents=True, exist_ok=True)
    return list(globals()[name](folder, count, random.Random(seed)))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", choices=COUNTS, action="append")
    parser.add_argument("--share", type=float, default=1.0, help="of the counts")
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    wrong = 0
    for name in options.only or COUNTS:
        count = max(1, round(COUNTS[name] * options.share))
        with tempfile.TemporaryDirectory() as folder:
            started = time.monotonic()
            problems = run(name, Path(folder), count, options.seed)
        wrong += len(problems)
        print(f"{name:8} {count:4} rounds, {len(problems)} problems, {time.monotonic() - started:.0f} s", flush=True)
        for problem in problems[:20]:
            print(f"  {problem}", flush=True)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
