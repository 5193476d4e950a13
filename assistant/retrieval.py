"""Find the documents that answer a question: dense and lexical scores of questions and passages, fused.

Chroma and the full-text index each name candidates; the candidates' scores are then computed exactly and summed:

    score = 1.5 max(question, passage) + 0.5 min(question, passage) + 0.3 sentence + 0.04 BM25F

with the cosines of the nearest wording of its question, its nearest passage and its nearest sentence. BM25F is left as it
is: it grows with the number and rarity of the question's words, and so a question of rare words leans on them by itself.
Measured against normalised sums in docs/quality.md.
"""

from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from assistant.builds import Build, Manifest
from assistant.catalog import Catalog, Entry
from assistant.embedding import Embedder, Vectors
from assistant.errors import IndexDamaged
from assistant.lexical import LexicalIndex, Scores, TermCounts
from assistant.lexicon import stem
from assistant.policy import Policy
from assistant.schema import Hit, SourceKind
from assistant.vectors import PASSAGES, QUESTIONS, VectorStore
from assistant.vocabulary import Reading, Spelling, read

NEARER_WEIGHT, OTHER_WEIGHT = 1.5, 0.5  # of the larger and the smaller of the two cosines
LEXICAL_WEIGHT = 0.04
SENTENCE_WEIGHT = 0.3
DEMOTED = {SourceKind.ANSWER: 0.0, SourceKind.BOOK: 0.15, SourceKind.BLURB: 0.3, SourceKind.TEASER: 0.3}
UNNAMED = 0.05
NEAREST = 100  # vectors asked of each Chroma collection, and documents of the full-text index
OPEN = Policy()  # every source
RESCORED = 48  # candidates whose scores are computed exactly, or more where more are asked for


@dataclass(frozen=True)
class Query:
    """A question made ready for retrieval."""

    text: str
    vector: Vectors  # (dimension,), unit
    reading: Reading


class Retriever:
    """Search one build. Safe to share between threads; its files are closed by ``close``, or when nobody holds it any more."""

    def __init__(self, build: Build, embedder: Embedder, policy: Policy = OPEN) -> None:
        self.build = build
        self.catalog = Catalog(build.catalog)
        self.lexical = LexicalIndex(TermCounts.load(build.lexical))
        self._store = VectorStore(build.chroma)
        self._embedder = embedder
        self._policy = policy
        # The spelling must not hold the retriever: what holds itself is not let go when the last question is answered.
        lexical = self.lexical
        self._spelling = Spelling(lexical.words, lambda word: word in embedder.words or lexical.knows(stem(word)))
        self._rows = {id: row for row, id in enumerate(self.lexical.ids)}
        self._asked: dict[str, list[int]] = {}  # question key -> rows of its documents
        for id, asked in self.catalog.asked():
            self._asked.setdefault(asked, []).append(self._rows[id])
        barred = frozenset[str]() if policy.is_open else policy.barred(self.catalog.documents())
        self._barred = [self._rows[id] for id in barred]

    def check(self, manifest: Manifest) -> None:
        """Raise IndexDamaged when vectors are missing: what they lead to would be passed over in silence."""
        held = (self._store.count(QUESTIONS), self._store.count(PASSAGES))
        if held != (manifest.questions, manifest.passages):
            raise IndexDamaged(
                f"the build {self.build.name} holds {held} vectors of questions and passages,"
                f" not {(manifest.questions, manifest.passages)}",
                "Build the index again: python ingest.py --rebuild",
            )

    def close(self) -> None:
        self.catalog.close()
        self._store.close()

    def query(self, text: str) -> Query:
        """Read ``text`` as an expert would and embed it."""
        reading = self.read(text)
        return Query(text, self._embedder.embed([reading.text])[0], reading)

    def read(self, text: str) -> Reading:
        return read(text, self.lexical.knows, self._spelling)

    def search(self, query: Query, limit: int = 20, unasked: str = "") -> list[Hit]:
        """Return at most ``limit`` documents that may be quoted, best first; equal scores in the order of ids.

        ``unasked``: search as if no question of the corpus were worded like this one.
        """
        if not self._rows:
            return []
        lexical = self.lexical.scores(query.reading.weights)
        candidates = self._candidates(query, lexical, max(limit, RESCORED))
        entries = [self.catalog.entry(self.lexical.ids[row]) for row in candidates]
        scored = _scored(query, entries, lexical[candidates], unasked)
        hits = [hit for hit in scored if self._policy.quotes(hit.document)]
        return sorted(hits, key=lambda hit: (-hit.score, hit.document.id))[:limit]

    def _candidates(self, query: Query, lexical: Scores, count: int) -> npt.NDArray[np.intp]:
        """Return the ``count`` rows whose approximate fused score is highest; an unseen cosine counts as the lowest seen."""
        questions = self._store.nearest(QUESTIONS, query.vector, max(count, NEAREST))
        passages = self._store.nearest(PASSAGES, query.vector, max(count, NEAREST))
        if strange := (questions.keys() - self._asked.keys()) | (passages.keys() - self._rows.keys()):
            raise IndexDamaged(
                f"vectors of the build {self.build.name} lead to {min(strange)!r}, which it does not hold",
                "Build the index again: python ingest.py --rebuild",
            )
        asked = np.full(len(lexical), min(questions.values(), default=0.0))
        for key, cosine in questions.items():
            asked[self._asked[key]] = cosine
        said = np.full(len(lexical), min(passages.values(), default=0.0))
        for id, cosine in passages.items():
            said[self._rows[id]] = cosine
        fused = _fused(asked, said, lexical)
        fused[self._barred] = -np.inf
        return np.argsort(-fused, kind="stable")[: min(count, len(fused) - len(self._barred))]


def _scored(query: Query, entries: Sequence[Entry], lexical: Scores, unasked: str) -> list[Hit]:
    asked = np.array([_best_question(query, entry, unasked) for entry in entries])
    near = [entry.passage_vectors @ query.vector for entry in entries]
    said = np.array([cosines.max() for cosines in near])
    sentence = np.array([(entry.sentence_vectors @ query.vector).max() for entry in entries])
    fused = _fused(asked, said, lexical) + SENTENCE_WEIGHT * sentence - [_demotion(entry) for entry in entries]
    return [
        Hit(
            entry.document,
            float(fused[i]),
            float(asked[i]),
            float(said[i]),
            float(sentence[i]),
            float(lexical[i]),
            entry.passages[int(near[i].argmax())],
        )
        for i, entry in enumerate(entries)
    ]


def _fused(asked: npt.NDArray[np.float64], said: npt.NDArray[np.float64], lexical: Scores) -> npt.NDArray[np.float64]:
    nearer, other = np.maximum(asked, said), np.minimum(asked, said)
    fused: npt.NDArray[np.float64] = NEARER_WEIGHT * nearer + OTHER_WEIGHT * other + LEXICAL_WEIGHT * lexical
    return fused


def _demotion(entry: Entry) -> float:
    """An expert's answer goes before a book, and both before what was cut off or written to sell; names before no name."""
    source = entry.document.source
    return DEMOTED[source.kind] + (0.0 if source.author else UNNAMED)


def lexical_share(query: Query, present: AbstractSet[str], lexical: LexicalIndex) -> float:
    """Return the share, 0..1, of the question's idf mass that ``present`` terms carry, in the same or another word."""
    meanings = query.reading.meanings
    mass = sum(lexical.idf(term) for term in meanings)
    return sum(lexical.idf(term) for term, same in meanings.items() if same & present) / mass if mass else 0.0


def _best_question(query: Query, entry: Entry, unasked: str) -> float:
    cosines = entry.question_vectors @ query.vector
    if unasked:
        worded = (entry.document.question, *entry.document.also_asked)
        cosines = cosines[[text != unasked for text in worded]]
    return float(cosines.max(initial=-1.0))
