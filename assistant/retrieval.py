"""Find the documents that answer a question: dense and lexical scores of questions and passages, fused.

Chroma and the full-text index each name candidates; the candidates' scores are then computed exactly and summed:

    score = 1.5 max(question, passage) + 0.5 min(question, passage) + 0.3 sentence + 0.03 BM25F

with the cosines of the nearest wording of its question, its nearest passage and its nearest sentence. BM25F is left as it
is: it grows with the number and rarity of the question's words, and so a question of rare words leans on them by itself.

The question is then moved towards the best two documents (Rocchio 1971), whose words are those of experts, and what lies
further from it than the nearest falls back: score - 0.5 (nearest - own cosine with the moved question).
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
LEXICAL_WEIGHT = 0.03
SENTENCE_WEIGHT = 0.3
FED_BACK = 2  # documents that the question is moved towards
MOVE = 0.5  # length of the move, where the question has length 1
FEEDBACK_WEIGHT = 0.5
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
        rows = self._candidates(query, lexical, max(limit, RESCORED))
        candidates = sorted(rows, key=lambda row: self.lexical.ids[row])  # equal scores in one order, however stored
        entries = self.catalog.entries_of([self.lexical.ids[row] for row in candidates])
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
    passages = [entry.passage_vectors for entry in entries]
    near = _cosines(passages, query.vector)
    worded = _cosines([entry.question_vectors for entry in entries], query.vector)
    asked = [_unless_worded(unasked, entry, cosines) for entry, cosines in zip(entries, worded, strict=True)]
    said = [float(cosines.max()) for cosines in near]
    sentence = [
        float(cosines.max()) for cosines in _cosines([entry.sentence_vectors for entry in entries], query.vector)
    ]
    fused = _fused(np.array(asked), np.array(said), lexical) + SENTENCE_WEIGHT * np.array(sentence)
    fused -= [_demotion(entry) for entry in entries]
    nearest = [int(cosines.argmax()) for cosines in near]
    fused -= FEEDBACK_WEIGHT * _behind(query, passages, nearest, fused)
    return [
        Hit(
            entry.document,
            float(fused[i]),
            asked[i],
            said[i],
            sentence[i],
            float(lexical[i]),
            entry.passages[nearest[i]],
        )
        for i, entry in enumerate(entries)
    ]


def _cosines(parts: Sequence[Vectors], vector: Vectors) -> list[Vectors]:
    """Return the cosines of ``vector`` (dimension,) with the rows of each part, computed at one go."""
    ends = np.cumsum([len(part) for part in parts])
    return np.split(np.concatenate(parts) @ vector, ends[:-1])


def _behind(
    query: Query, passages: Sequence[Vectors], nearest: Sequence[int], fused: npt.NDArray[np.float64]
) -> npt.NDArray[np.float64]:
    """Return how much further each document lies from the question, moved towards the best of them, than the nearest one."""
    best = np.argsort(-fused, kind="stable")[:FED_BACK]
    moved = query.vector + MOVE * np.mean([passages[row][nearest[row]] for row in best], axis=0)
    moved /= np.linalg.norm(moved)
    cosines = np.array([part.max() for part in _cosines(passages, moved)])
    behind: npt.NDArray[np.float64] = cosines.max() - cosines
    return behind


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


def _unless_worded(unasked: str, entry: Entry, cosines: Vectors) -> float:
    """Return the best cosine of the wordings of the question of ``entry``, leaving out ``unasked``."""
    if unasked:
        worded = (entry.document.question, *entry.document.also_asked)
        cosines = cosines[[text != unasked for text in worded]]
    return float(cosines.max(initial=-1.0))
