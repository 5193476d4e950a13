"""Find the documents that answer a question: dense and lexical scores of questions and passages, fused.

Chroma and the full-text index each name candidates; the candidates' scores are then computed exactly, standardised over the
whole corpus and summed. Measured in docs/quality.md.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from assistant.builds import Build
from assistant.catalog import Catalog, Entry
from assistant.embedding import Embedder, Vectors
from assistant.lexical import LexicalIndex, TermCounts
from assistant.lexicon import terms
from assistant.schema import Hit
from assistant.vectors import PASSAGES, QUESTIONS, Moments, VectorStore

DENSE_WEIGHT = 0.7
NEAREST = 100  # vectors asked of each Chroma collection, and documents of the full-text index
RESCORED = 48  # candidates whose scores are computed exactly


@dataclass(frozen=True)
class Query:
    """A question made ready for retrieval."""

    text: str
    vector: Vectors  # (dimension,), unit
    terms: Counter[str]


class Retriever:
    """Search one build. Safe to share between threads; close it when no question is under way."""

    def __init__(self, build: Build, embedder: Embedder) -> None:
        self.build = build
        self.catalog = Catalog(build.catalog)
        self.lexical = LexicalIndex(TermCounts.load(build.lexical))
        self._store = VectorStore(build.chroma)
        self._moments = Moments.load(build.moments)
        self._embedder = embedder
        self._rows = {id: row for row, id in enumerate(self.lexical.ids)}
        self._asked: dict[str, list[int]] = {}  # question key -> rows of its documents
        for id, asked in self.catalog.asked():
            self._asked.setdefault(asked, []).append(self._rows[id])

    def close(self) -> None:
        self.catalog.close()
        self._store.close()

    def query(self, text: str) -> Query:
        return Query(text, self._embedder.embed([text])[0], Counter(terms(text)))

    def search(self, query: Query, limit: int = 20, unasked: str = "") -> list[Hit]:
        """Return at most ``limit`` documents, best first; equal scores in the order of ids.

        ``unasked``: search as if no question of the corpus were worded like this one.
        """
        if not self._rows:
            return []
        lexical = self.lexical.scores(query.terms)
        candidates = self._candidates(query, lexical)
        entries = [self.catalog.entry(self.lexical.ids[row]) for row in candidates]
        hits = self._scored(query, entries, lexical[candidates], _spread(lexical), unasked)
        return sorted(hits, key=lambda hit: (-hit.score, hit.document.id))[:limit]

    def _candidates(self, query: Query, lexical: npt.NDArray[np.float32]) -> npt.NDArray[np.intp]:
        """Return the rows whose approximate fused score is highest; an unseen cosine counts as the lowest seen."""
        questions = self._store.nearest(QUESTIONS, query.vector, NEAREST)
        passages = self._store.nearest(PASSAGES, query.vector, NEAREST)
        asked = np.full(len(lexical), min(questions.values(), default=0.0))
        for key, cosine in questions.items():
            asked[self._asked[key]] = cosine
        said = np.full(len(lexical), min(passages.values(), default=0.0))
        for id, cosine in passages.items():
            said[self._rows[id]] = cosine
        fused = self._fused(asked + said, lexical, _spread(lexical), query.vector)
        return np.argsort(-fused, kind="stable")[:RESCORED]

    def _scored(
        self,
        query: Query,
        entries: Sequence[Entry],
        lexical: npt.NDArray[np.float32],
        spread: tuple[float, float],
        unasked: str,
    ) -> list[Hit]:
        asked = np.array([_best_question(query, entry, unasked) for entry in entries])
        near = [entry.passage_vectors @ query.vector for entry in entries]
        said = np.array([cosines.max() for cosines in near])
        fused = self._fused(asked + said, lexical, spread, query.vector)
        return [
            Hit(
                entry.document,
                float(fused[i]),
                float(asked[i]),
                float(said[i]),
                float((entry.sentence_vectors @ query.vector).max()),
                float(lexical[i]),
                entry.passages[int(near[i].argmax())],
            )
            for i, entry in enumerate(entries)
        ]

    def _fused(
        self, dense: npt.NDArray[np.float64], lexical: npt.NDArray[np.float32], spread: tuple[float, float], vector: Vectors
    ) -> npt.NDArray[np.float64]:
        mean, deviation = spread
        standardised = (lexical - mean) / deviation
        return DENSE_WEIGHT * self._moments.standardised(dense, vector) + (1 - DENSE_WEIGHT) * standardised


def _best_question(query: Query, entry: Entry, unasked: str) -> float:
    cosines = entry.question_vectors @ query.vector
    if unasked:
        worded = (entry.document.question, *entry.document.also_asked)
        cosines = cosines[[text != unasked for text in worded]]
    return float(cosines.max(initial=-1.0))


def _spread(scores: npt.NDArray[np.float32]) -> tuple[float, float]:
    """Return mean and standard deviation; a deviation of nothing counts as 1."""
    return float(scores.mean()), float(scores.std()) or 1.0
