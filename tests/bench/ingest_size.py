"""How an ingest does with many answers: `python tests/bench/ingest_size.py FOLDER [--share 0.25] [--real]`.

FOLDER holds corpus files of any format, below it or below answers/ (the 5,497 MedQuAD files give 16,370 answers). Every step
runs in a process of its own, and its time counts from after the imports:

    killed     a first ingest is killed with some of its texts embedded
    first      the next one goes on from there, and embeds no text twice: seconds, CPU, peak memory
    unchanged  the same corpus again: bar 2 s, nothing embedded
    one new    one more answer: from the start of its ingest until a chat that was running before cites it, bar 5 s

Without --real a stand-in of as many dimensions takes the place of the model, so that what is measured is everything else.
--encode measures the throughput of a first ingest against bare SentenceTransformer.encode over the same texts instead.
"""

import argparse
import resource
import shutil
import sqlite3
import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from importlib import import_module
from multiprocessing import get_context
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from assistant.answering import Assistant
from assistant.embedding import Embedder, load_embedder
from assistant.exported import BUILT_IN_MODEL
from assistant.ingestion import Given, ingest
from assistant.settings import Settings
from tests.bench.kill_ingest import PRELOADED
from tests.fake_model import FakeEmbedder

NEW = "question,answer,expert\nHow far does a quokka hop?,The quokka hops as far as the quokka likes.,Maren Holt\n"
ASKED = "How far does a quokka hop?"
TIME_UP = 600.0
KILLED_AFTER = 2000  # texts


class WideEmbedder(FakeEmbedder):
    """The fake model with the width of the real one."""

    fingerprint = "fake:384"
    dimension = 384


def embedder_of(settings: Settings, real: bool) -> Embedder:
    return load_embedder(BUILT_IN_MODEL, settings.index / "models") if real else WideEmbedder()


def imported() -> None:
    """Import what an ingest imports, so that no step pays for it."""
    for name in PRELOADED:
        import_module(name)


def taken_in(settings: Settings, real: bool, given: tuple[Given, ...] = ()) -> dict[str, Any]:
    imported()
    started, cpu = time.monotonic(), time.process_time()
    report = ingest(settings, given=given, embedder=None if real else WideEmbedder())  # loads the real one by itself
    return {
        "seconds": round(time.monotonic() - started, 2),
        "cpu": round(time.process_time() - cpu, 2),
        "answers": report.documents,
        "embedded": report.embedded,
        "peak MiB": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10,
    }


def chat(settings: Settings, real: bool, ready: str, seen: str) -> float:
    """Ask, as a running chat does, until the new answer is there; return when that was."""
    imported()
    assistant = Assistant(settings, embedder_of(settings, real))
    assistant.ask(ASKED)
    Path(ready).touch()
    end = time.monotonic() + TIME_UP
    while time.monotonic() < end:
        if any("as far as the quokka likes" in statement.text for statement in assistant.ask(ASKED).statements):
            Path(seen).touch()
            return time.time()
        time.sleep(0.1)
    return 0.0


def new_answer(settings: Settings, real: bool) -> dict[str, Any]:
    with tempfile.TemporaryDirectory() as folder, ProcessPoolExecutor(2, get_context("spawn")) as pool:
        ready, seen = Path(folder, "ready"), Path(folder, "seen")
        asking = pool.submit(chat, settings, real, str(ready), str(seen))
        while not ready.exists() and not asking.done():
            time.sleep(0.1)
        started = pool.submit(timed_new, settings, real).result()
        return {**started[1], "visible after": round(asking.result() - started[0], 2)}


def timed_new(settings: Settings, real: bool) -> tuple[float, dict[str, Any]]:
    imported()
    started = time.time()
    return started, taken_in(settings, real, (Given("quokka.csv", NEW.encode()),))


def killed(settings: Settings, real: bool, after: int) -> int:
    """Kill a first ingest once it has embedded ``after`` texts; return how many vectors are kept."""
    before = cached(settings)
    process = get_context("spawn").Process(target=taken_in, args=(settings, real))
    process.start()
    while process.is_alive() and cached(settings) < before + after:
        time.sleep(0.05)
    process.kill()
    process.join()
    return cached(settings)


def cached(settings: Settings) -> int:
    try:
        db = sqlite3.connect(f"file:{settings.index / 'vectors.sqlite'}?mode=ro", uri=True)
        with db:
            found = int(db.execute("select count(*) from vectors").fetchone()[0])
        db.close()
        return found
    except sqlite3.Error:
        return 0


def throughput(settings: Settings) -> dict[str, Any]:
    """Compare a first ingest with the model alone, over the same texts, one after the other in one process."""
    from sentence_transformers import SentenceTransformer

    from assistant import vectors
    from assistant.exported import package_folder

    imported()
    embedder, texts = load_embedder(BUILT_IN_MODEL, settings.index / "models"), list[str]()
    compute = vectors.VectorCache._compute

    def listening(cache: Any, batch: dict[bytes, str], progress: Any) -> Any:
        texts.extend(batch.values())
        return compute(cache, batch, progress)

    setattr(vectors.VectorCache, "_compute", listening)  # noqa: B010 - a method may not be assigned to
    started, cpu = time.monotonic(), time.process_time()
    report = ingest(settings, embedder=embedder)
    ours, our_cpu = time.monotonic() - started, time.process_time() - cpu
    model = SentenceTransformer(str(package_folder()), device="cpu")
    texts.sort(key=len, reverse=True)
    started, cpu = time.monotonic(), time.process_time()
    model.encode(texts, batch_size=32, normalize_embeddings=True, show_progress_bar=False)
    bare, bare_cpu = time.monotonic() - started, time.process_time() - cpu
    return {
        "answers": report.documents,
        "texts": len(texts),
        "ingest texts/s": round(len(texts) / ours, 1),
        "bare texts/s": round(len(texts) / bare, 1),
        "ratio": round(bare / ours, 3),
        "ratio by CPU": round(bare_cpu / our_cpu, 3),
    }


def alone(step: Callable[..., Any], *arguments: Any) -> Any:
    with ProcessPoolExecutor(1, get_context("spawn")) as pool:
        return pool.submit(step, *arguments).result()


def corpus_of(folder: Path, share: float, place: Path) -> Path:
    """Lay a corpus of every so many files of ``folder`` out below ``place``."""
    files = sorted(path for path in folder.rglob("*") if path.is_file() and path.suffix != ".txt")
    for path in files[:: max(1, round(1 / share))]:
        target = place / "answers" / path.relative_to(folder)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, target)
    return place


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, help="corpus files")
    parser.add_argument("--share", type=float, default=1.0, help="of the files")
    parser.add_argument("--real", action="store_true", help="with the real model")
    parser.add_argument("--encode", action="store_true", help="measure throughput against the bare model")
    parser.add_argument("--index", type=Path, help="work in this folder and keep it")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        place = options.index or Path(folder)
        corpus = corpus_of(options.folder, options.share, Path(folder) / "corpus")
        settings = Settings(corpus=corpus, index=place / "index")
        if options.encode:
            result = alone(throughput, settings)
            print("throughput", result, flush=True)
            return 0 if result["ratio"] >= 0.95 else 1
        kept = killed(settings, options.real, KILLED_AFTER)
        print("killed    ", {"kept": kept}, flush=True)
        first = alone(taken_in, settings, options.real)
        twice = kept + first["embedded"] - cached(settings)
        print("first     ", {**first, "embedded twice": twice}, flush=True)
        same = alone(taken_in, settings, options.real)
        print("unchanged ", same, flush=True)
        new = new_answer(settings, options.real)
        print("one new   ", new, flush=True)
    fine = same["seconds"] <= 2 and same["embedded"] == 0 and new["visible after"] <= 5 and twice == 0
    return 0 if fine else 1


if __name__ == "__main__":
    sys.exit(main())
