"""Find the documents that answer a question: dense and lexical scores of questions and passages, fused.

Chroma and the full-text index each name candidates; the candidates' scores are then computed exactly and summed:

    score = 1.5 max(question, passage) + 0.5 min(question, passage) + 0.3 sentence + 0.035 BM25F + 0.15 heading

with the cosines of the nearest wording of its question, its nearest passage and its nearest sentence. BM25F is left as it
is: it grows with the number and rarity of the question's words, and so a question of rare words leans on them by itself.
The last is how much the question says of the question that the document answers (lexical.py): what answers a question about
something else is about that.

A document that does not mention the part of the body asked about falls back: to a model of sentences a hip that cracks is much
like a knee that cracks. Feedback from the best documents (Rocchio 1971) was tried and helps one public set at the cost of
another. Measured against normalised sums in docs/quality.md.
"""

from collections.abc import Iterable, Sequence
from collections.abc import Set as AbstractSet
from concurrent.futures import Future
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import chain
from typing import Any

import numpy as np
import numpy.typing as npt

from assistant import packed
from assistant.builds import Build, Manifest
from assistant.catalog import Catalog
from assistant.credits import Credited, Names, bears
from assistant.embedding import Embedder, Vectors
from assistant.entries import Embedded, Entry
from assistant.errors import IndexDamaged
from assistant.focus import Focus, focus
from assistant.lexical import LexicalIndex, Scores, TermCounts
from assistant.lexicon import stem
from assistant.policy import Policy
from assistant.schema import AuthorType, Hit, SourceKind
from assistant.vectors import Nearest, VectorStore
from assistant.vocabulary import Reading, Spelling, read, sites

NEARER_WEIGHT, OTHER_WEIGHT = 1.5, 0.5  # of the larger and the smaller of the two cosines
LEXICAL_WEIGHT = 0.035
HEADING_WEIGHT = 0.15
SENTENCE_WEIGHT = 0.3
DEMOTED = {SourceKind.ANSWER: 0.0, SourceKind.BOOK: 0.15, SourceKind.BLURB: 0.3, SourceKind.TEASER: 0.3}
UNNAMED = 0.05
ELSEWHERE = 0.2  # what a document loses that does not mention the part of the body asked about
BY_OTHERS = 9.0  # what a document loses that is not by whom the question asks for: it comes last
NEAREST, ONE_MORE_FOR = 100, 200  # vectors asked of Chroma, of questions and passages together; one more for so many documents
OPEN = Policy()  # every source
RESCORED = 48  # candidates whose scores are computed exactly at most, or more where more are asked for
MARGIN = 0.1  # by how much the approximate score of a candidate may lie under that of the last one asked for
_Floats = npt.NDArray[np.floating[Any]]


@dataclass(frozen=True)
class Query:
    """A question made ready for retrieval."""

    text: str
    vector: Vectors  # (dimension,), unit
    reading: Reading
    name: str = ""  # whose words are asked for
    begun: Future[Nearest] | None = None  # the search for the vectors nearest to it, where that is under way

    @cached_property
    def focus(self) -> Focus:
        """What the question asks about, told from its words."""
        return focus(self.text, self.reading.repaired)


class Retriever:
    """Search one build. Safe to share between threads; its files are closed by ``close``, or when nobody holds it any more."""

    def __init__(self, build: Build, embedder: Embedder, policy: Policy = OPEN) -> None:
        self.build = build
        self.model = embedder.fingerprint
        self.catalog = Catalog(build.catalog)
        self.lexical = LexicalIndex(TermCounts.load(build.lexical))
        self._store = VectorStore(build.chroma)
        self._embedder = embedder
        self._policy = policy
        # The spelling must not hold the retriever: what holds itself is not let go when the last question is answered.
        lexical = self.lexical
        self._spelling = Spelling(lexical.words, lambda word: word in embedder.words or lexical.knows(stem(word)))
        self._rows = {id: row for row, id in enumerate(self.lexical.ids)}
        sources = {id: (kind, name, type) for id, kind, name, type in self.catalog.sources()}
        self._demotions = np.array([_demotion(kind, bool(name)) for kind, name, _ in (sources[id] for id in self.lexical.ids)])
        self._authors = [sources[id][1] for id in self.lexical.ids]
        self._names = Names((name, type is AuthorType.PERSON) for _, name, type in sources.values())
        self._asked: dict[str, list[int]] = {}  # question key -> rows of its documents
        for id, asked in self.catalog.asked():
            self._asked.setdefault(asked, []).append(self._rows[id])
        barred = frozenset[str]() if policy.is_open else policy.barred(self.catalog.documents())
        self._barred = [self._rows[id] for id in barred]

    def check(self, manifest: Manifest) -> None:
        """Raise IndexDamaged when vectors are missing: what they lead to would be passed over in silence."""
        if (held := self._store.count()) != manifest.vectors:
            raise IndexDamaged(
                f"the build {self.build.name} holds {held} vectors, not {manifest.vectors}",
                "Build the index again: python ingest.py --rebuild",
            )

    def close(self) -> None:
        self.catalog.close()
        self._store.close()

    def query(self, text: str) -> Query:
        """Read ``text`` as an expert would and embed it, without the name of whoever's words it asks for."""
        asked = self._names.credited(text)
        reading = self.read(asked.topic)
        return Query(asked.topic, self._embedder.embed([reading.text])[0], reading, asked.name)

    def begin(self, text: str) -> Query:
        """Return the query of ``text``; Chroma looks for what is nearest to it, while whoever called goes on."""
        query = self.query(text)
        return replace(query, begun=self._store.begin(query.vector, self._vectors_asked(RESCORED)))

    def borne(self, text: str) -> Credited:
        """Return ``text`` apart from the name of whoever it names, known by a source; nothing is embedded for that."""
        return self._names.borne(text)

    def read(self, text: str) -> Reading:
        return read(text, self.lexical.knows, self._spelling)

    def search(self, query: Query, limit: int = 20, unasked: str = "") -> list[Hit]:
        """Return at most ``limit`` documents that may be quoted, best first; equal scores in the order of ids.

        ``unasked``: search as if no question of the corpus were worded like this one.
        """
        if limit <= 0 or len(self._barred) == len(self._rows):  # also where there is no document at all
            return []
        count = max(limit, RESCORED)
        lexical, lost = self._lexical(query.reading), self._lost(query)
        begun = query.begun if count == RESCORED else None  # a search for more is another one
        nearest = begun.result() if begun else self._store.nearest(query.vector, self._vectors_asked(count))
        rows = self._candidates(nearest, lexical, lost, limit)
        candidates = sorted(rows, key=lambda row: self.lexical.ids[row])  # equal scores in one order, however stored
        ids = [self.lexical.ids[row] for row in candidates]
        scores = _Scores.of(query, self.catalog.vectors_of(ids), lexical[candidates], self._worded(ids, unasked))
        fused = scores.fused() - lost[candidates]
        best = _best(fused, min(limit, len(fused))).tolist()
        entries = self.catalog.entries_of([ids[place] for place in best])
        return [scores.hit(place, entry, float(fused[place])) for place, entry in zip(best, entries, strict=True)]

    def _vectors_asked(self, count: int) -> int:
        return max(2 * count, NEAREST + len(self._rows) // ONE_MORE_FOR)

    def _lexical(self, reading: Reading) -> Scores:
        """Return BM25F and, in its points, how much of its question each document is asked for, shape (documents,)."""
        said = sorted(set(chain.from_iterable(reading.meanings.values())))  # in one order: so are sums the same in every process
        return self.lexical.scores(reading.weights) + HEADING_WEIGHT / LEXICAL_WEIGHT * self.lexical.headed(said)

    def _lost(self, query: Query) -> npt.NDArray[np.float64]:
        """Return what is taken off the score of each document, shape (documents,)."""
        return self._demotions + self._elsewhere(query) + self._by_others(query)

    def _elsewhere(self, query: Query) -> npt.NDArray[np.float64]:
        """Return what each loses for not mentioning the part of the body that is asked about, which some document mentions."""
        names = {term for site in sites(query.reading) for term in query.reading.meanings[site]}
        holding = self.lexical.holding(names)
        return np.where(holding, 0.0, ELSEWHERE if holding.any() else 0.0)

    def _by_others(self, query: Query) -> npt.NDArray[np.float64] | float:
        """Return what each loses for not being by whom the question asks for."""
        if not query.name:
            return 0.0
        lost = {author: 0.0 if bears(query.name, author) else BY_OTHERS for author in set(self._authors)}
        return np.array([lost[author] for author in self._authors])

    def _worded(self, ids: Sequence[str], unasked: str) -> list[npt.NDArray[np.bool_]]:
        """Return which wordings of the questions of ``ids`` count: all but ``unasked``. An empty list: all of them do."""
        if not unasked:
            return []
        documents = [entry.document for entry in self.catalog.entries_of(ids)]
        return [np.array([text != unasked for text in (d.question, *d.also_asked)]) for d in documents]

    def _candidates(self, nearest: Nearest, lexical: Scores, lost: _Floats, limit: int) -> list[int]:
        """Return the rows that may be among the ``limit`` best: those whose approximate score is highest, down to MARGIN below.

        What is not in ``nearest`` counts as far as its last. Raises IndexDamaged where ``nearest`` leads to what is not there.
        """
        asked, said = np.full((2, len(lexical)), nearest.least, dtype=np.float32)
        try:
            answering = [(row, cosine) for key, cosine in nearest.questions.items() for row in self._asked[key]]
            saying = [self._rows[id] for id in nearest.passages]
        except KeyError as error:
            raise IndexDamaged(
                f"vectors of the build {self.build.name} lead to {error.args[0]!r}, which it does not hold",
                "Build the index again: python ingest.py --rebuild",
            ) from error
        asked[[row for row, _ in answering]] = [cosine for _, cosine in answering]
        said[saying] = list(nearest.passages.values())
        fused = _fused(asked, said, lexical) - lost
        fused[self._barred] = -np.inf
        best = _best(fused, min(max(limit, RESCORED), len(fused) - len(self._barred)))
        rows: list[int] = best[fused[best] >= fused[best[:limit][-1]] - MARGIN].tolist()
        return rows


@dataclass(frozen=True)
class _Scores:
    """The exact scores of the candidates for one question: arrays of shape (candidates,)."""

    asked: npt.NDArray[np.float64]  # cosine of the nearest wording of its question
    said: npt.NDArray[np.float64]  # of its nearest passage
    sentence: npt.NDArray[np.float64]  # of its nearest sentence
    lexical: Scores
    passages: "_Cosines"

    @classmethod
    def of(
        cls, query: Query, found: Sequence[Embedded], lexical: Scores, worded: Sequence[npt.NDArray[np.bool_]]
    ) -> "_Scores":
        # Answers to one question share its wordings, unless one of them is left out.
        keys = range(len(found)) if worded else [id(one.questions) for one in found]
        wordings = {key: one.questions for key, one in zip(keys, found, strict=True)}
        places = {key: place for place, key in enumerate(wordings)}
        asked = _Cosines.of(list(wordings.values()), query.vector).highest(worded)
        said = _Cosines.of([one.passages for one in found], query.vector)
        sentences = _Cosines.of_halves([one.sentences for one in found], query.vector)
        return cls(asked[[places[key] for key in keys]], said.highest(), sentences.highest(), lexical, said)

    def fused(self) -> npt.NDArray[np.float64]:
        return _fused(self.asked, self.said, self.lexical) + SENTENCE_WEIGHT * self.sentence

    def hit(self, place: int, entry: Entry, score: float) -> Hit:
        return Hit(
            entry.document,
            score,
            float(self.asked[place]),
            float(self.said[place]),
            float(self.sentence[place]),
            float(self.lexical[place]),
            entry.passages[int(self.passages[place].argmax())],
        )


@dataclass(frozen=True)
class _Cosines:
    """The cosines of one vector with the rows of several parts, none of which is empty, computed at one go."""

    values: Vectors  # those of all parts one behind the other
    starts: npt.NDArray[np.intp]  # of the parts, and where the last one ends

    @classmethod
    def of(cls, parts: Sequence[bytes], vector: Vectors) -> "_Cosines":
        return cls(packed.vectors(b"".join(parts), len(vector)) @ vector, _starts(parts, 4 * len(vector)))

    @classmethod
    def of_halves(cls, parts: Sequence[bytes], vector: Vectors) -> "_Cosines":
        rows = packed.halves(b"".join(parts), len(vector))
        return cls(packed.widened_times(rows, vector), _starts(parts, 2 * len(vector)))

    def __getitem__(self, part: int) -> Vectors:
        return self.values[self.starts[part] : self.starts[part + 1]]

    def highest(self, counted: Sequence[npt.NDArray[np.bool_]] = ()) -> npt.NDArray[np.float64]:
        """Return the highest of each part, or -1; ``counted``: which rows of each part count, where not all do."""
        values = np.where(np.concatenate(counted), self.values, -1.0) if counted else self.values
        return np.maximum.reduceat(values, self.starts[:-1]).astype(np.float64)


def _starts(parts: Sequence[bytes], size: int) -> npt.NDArray[np.intp]:
    """Return at which vector, of ``size`` bytes, each part starts, and where the last one ends."""
    return np.cumsum([0, *(len(part) // size for part in parts)])


def _best(scores: _Floats, count: int) -> npt.NDArray[np.intp]:
    """Return the places of the ``count`` highest scores, highest first; equal ones in their order."""
    if count <= 0:
        return np.zeros(0, dtype=np.intp)
    # Among the smallest of the negated ones: where most scores are equal, numpy takes 15 times as long to find the largest.
    least = -np.partition(-scores, count - 1)[count - 1]
    high = np.flatnonzero(scores >= least)  # sixteen thousand need not be sorted for the sake of a few
    return high[np.argsort(-scores[high], kind="stable")][:count]


def _fused(asked: _Floats, said: _Floats, lexical: Scores) -> _Floats:
    nearer, other = np.maximum(asked, said), np.minimum(asked, said)
    fused: _Floats = NEARER_WEIGHT * nearer + OTHER_WEIGHT * other + LEXICAL_WEIGHT * lexical
    return fused


def _demotion(kind: SourceKind, named: bool) -> float:
    """An expert's answer goes before a book, and both before what was cut off or written to sell; names before no name."""
    return DEMOTED[kind] + (0.0 if named else UNNAMED)


def lexical_shares(query: Query, said: Iterable[AbstractSet[str]], lexical: LexicalIndex) -> list[float]:
    """Return the share, 0..1, of the question's idf mass that each of ``said`` carries, in the same or another word."""
    weighed = [(lexical.idf(term), same) for term, same in query.reading.meanings.items()]
    mass = sum(idf for idf, _ in weighed)
    carried = (sum(idf for idf, same in weighed if not same.isdisjoint(present)) for present in said)
    return [share / mass if mass else 0.0 for share in carried]
