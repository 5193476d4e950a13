"""Time warm questions in one process against one bare embedding of the same questions: the ratio is what counts.

    python tests/bench/ask_latency.py                     over the index that the settings name
    python tests/bench/ask_latency.py --answers 16000     over a corpus filled up to 16,000 answers, in a temporary folder

Absolute times depend on the machine; both are measured in turn, question by question, so that a busy moment hits both. The
last line, which other work on the machine changes least, is the CPU time of a question in all threads without that of the model.
The answers added are new arrangements of the corpus's own sentences under new questions, so that every word of a question
finds many of them; their vectors lie anywhere, so that the build needs no hours and the nearest answers stay the corpus's own.
"""

import argparse
import json
import random
import tempfile
import time
import zlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from statistics import median, quantiles

import numpy as np

from assistant.answering import Assistant
from assistant.builds import Builds
from assistant.embedding import Embedder, Progress, Vectors, load_embedder
from assistant.indexing import write_build
from assistant.planning import difference
from assistant.schema import Document
from assistant.settings import Settings, load_settings
from assistant.vectors import VectorCache

MOST_SENTENCES = 24  # of an added answer


class Scattered:
    """Embeds what it was told of with the real model, and gives any other text a direction of its own."""

    def __init__(self, real: Embedder, known: frozenset[str]) -> None:
        self._real = real
        self._known = known
        self.fingerprint, self.dimension, self.words = real.fingerprint, real.dimension, real.words

    def embed(self, texts: Sequence[str], progress: Progress | None = None) -> Vectors:
        anywhere = [np.random.default_rng(zlib.crc32(text.encode())).standard_normal(self.dimension) for text in texts]
        vectors: Vectors = np.array(anywhere, dtype=np.float32).reshape(-1, self.dimension)
        vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
        real = [row for row, text in enumerate(texts) if text in self._known]
        if real:
            vectors[real] = self._real.embed([texts[row] for row in real])
        if progress:
            progress(len(texts))
        return vectors


class Clocked:
    """Embeds with the real model and adds up the CPU time that all threads spend meanwhile."""

    def __init__(self, real: Embedder) -> None:
        self._real = real
        self.fingerprint, self.dimension, self.words = real.fingerprint, real.dimension, real.words
        self.spent = 0.0  # seconds

    def embed(self, texts: Sequence[str], progress: Progress | None = None) -> Vectors:
        start = time.process_time()
        vectors = self._real.embed(texts, progress)
        self.spent += time.process_time() - start
        return vectors


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--questions", type=int, default=100, help="how many questions of the set to ask")
    parser.add_argument("--answers", type=int, default=0, help="fill the corpus up to this many answers")
    parser.add_argument("--index", type=Path, help="keep the filled-up index here, or use the one that is there")
    options = parser.parse_args()
    settings = load_settings()
    embedder = load_embedder(settings.model, settings.index / "models")
    with tempfile.TemporaryDirectory(prefix="ask-the-experts-") as folder:
        if options.answers:
            settings = filled(settings, embedder, options.answers, options.index or Path(folder))
        clocked = Clocked(embedder)
        assistant = Assistant(settings, clocked)
        lines = (settings.corpus / "questions.jsonl").read_text(encoding="utf-8").splitlines()
        questions = [json.loads(line)["question"] for line in lines][:: max(1, len(lines) // options.questions)]
        report(assistant, clocked, questions)


def report(assistant: Assistant, embedder: Clocked, questions: Sequence[str]) -> None:
    for question in questions[:10]:
        assistant.ask(question)
    bare, asked, own = [], [], []
    for question in questions:
        bare.append(timed(partial(embedder.embed, [question])))
        spent, start = embedder.spent, time.process_time()
        asked.append(timed(partial(assistant.ask, question)))
        own.append(time.process_time() - start - (embedder.spent - spent))
    print(f"answers {len(assistant.documents())}  questions {len(questions)}")
    print(f"bare embedding p50 {1000 * median(bare):6.1f} ms")
    print(f"ask            p50 {1000 * median(asked):6.1f} ms  p95 {1000 * quantiles(asked, n=20)[-1]:6.1f} ms")
    print(f"ratio of medians   {median(asked) / median(bare):6.2f}")
    print(f"CPU without model  p50 {1000 * median(own):6.1f} ms")


def filled(settings: Settings, embedder: Embedder, answers: int, index: Path) -> Settings:
    """Return settings with an index of ``answers`` documents: those of the live index, and arrangements of their sentences."""
    builds = Builds(index)
    if not (index / "CURRENT").exists():
        own = Assistant(settings, embedder)._live().retriever
        entries = list(own.catalog.entries())
        documents = [entry.document for entry in entries]
        texts = {d.question for d in documents} | {text for d in documents for text in (*d.also_asked, *d.gaps)}
        texts |= {e.document.text[s.start : s.end] for e in entries for s in e.sentences}
        texts |= {f"{e.document.question}\n{e.document.text[p.start : p.end]}" for e in entries for p in e.passages}
        scattered = Scattered(embedder, frozenset(texts))
        cache = VectorCache(index / "vectors.sqlite", scattered)
        documents += arranged(documents, answers - len(documents))
        written = write_build(builds, difference(None, documents), cache, scattered, {}, lambda *step: None)
        builds.publish(written.build, written.manifest)
        cache.close()
    return replace(settings, index=index)


def arranged(documents: Sequence[Document], count: int) -> Iterator[Document]:
    """Yield ``count`` documents made of sentences of ``documents``, each under a question that nobody asks."""
    chance = random.Random(0)
    sentences = [line for document in documents for line in document.text.splitlines() if line.strip()]
    words = sorted({word for document in documents for word in document.question.split()})
    for number in range(count):
        text = "\n".join(chance.sample(sentences, chance.randint(1, MOST_SENTENCES)))
        question = f"{' '.join(chance.sample(words, 6))} {number}?"
        yield Document(f"added{number}.a", f"added{number}", question, text, chance.choice(documents).source)


def timed(call: Callable[[], object]) -> float:
    start = time.perf_counter()
    call()
    return time.perf_counter() - start


if __name__ == "__main__":
    main()
