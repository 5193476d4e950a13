"""Is it covered? The calibrated probability that the corpus answers a question.

A logistic regression over how near the best documents are. What counts as near is measured at each build on the corpus itself:
its own questions are asked as if nobody had worded them so, once with their page in the index and once with their subject
taken out. Features count in half the distance between the two, and so the same few weights serve every corpus.
docs/quality.md tells how they were trained and how well they are calibrated.
"""

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import asdict, dataclass
from functools import cache
from importlib import resources
from itertools import chain
from math import exp
from pathlib import Path

import numpy as np
import numpy.typing as npt

from assistant.asking import asks_whether
from assistant.embedding import Vectors
from assistant.entries import Entry
from assistant.errors import IndexDamaged
from assistant.lexical import LexicalIndex
from assistant.lexicon import stem, terms
from assistant.remainder import remainder, trained_direction
from assistant.retrieval import RESCORED, Query, Retriever
from assistant.schema import Document, Hit
from assistant.things import named
from assistant.vocabulary import aside_terms, sites

Features = npt.NDArray[np.float64]
MEASURED = (
    "score",
    "sentence",
)  # of the best documents; how large they get depends on the corpus, and is measured on it
SHARES = ("carried", "elsewhere", "strange", "apart", "scattered")  # 0..1 in every corpus
REMAINDER = "remainder"  # log odds, weighed where it is made; from that of a usual question on
FEATURES = (*MEASURED, *SHARES, REMAINDER)
BEST = 5  # documents that are looked at
SAMPLED = 400  # wordings asked at a build
RIDGE = 1.0
LEAST_SCALE = 0.1  # of a measured feature
TYPICAL_CENTRES, TYPICAL_SCALES = (1.6, 0.55), (0.4, 0.12)  # of the measured features in corpora of different kinds
_AMOUNT = re.compile(r"\d+\w{0,2}$")  # 65s, 3am, 5k: an age, a time, a distance
SAME_SUBJECT = 0.6  # cosine of questions from which a page counts as being on the same subject


@dataclass(frozen=True)
class Calibration:
    """Where the features of covered and uncovered questions typically lie in one corpus."""

    centres: tuple[float, ...]  # one a measured feature
    scales: tuple[float, ...]
    remainder: float  # that feature of a usual question

    def standardised(self, features: Features) -> Features:
        """Return features (..., len(FEATURES)), the measured ones in half distances between covered and uncovered.

        A corpus has few questions of its own to measure them by, so they count half by it and half by what is typical.
        """
        rows = np.array(features, dtype=np.float64)
        measured = rows[..., : len(MEASURED)]
        by_corpus = (measured - np.array(self.centres)) / np.array(self.scales)
        typically = (measured - np.array(TYPICAL_CENTRES)) / np.array(TYPICAL_SCALES)
        rows[..., : len(MEASURED)] = (by_corpus / 2 + typically) / 2
        rows[..., -1] -= self.remainder
        return rows

    def probability(self, features: Features) -> float:
        """Return the probability, 0..1, that a question with these features is covered."""
        intercept, weights = trained_weights()
        log_odds = intercept + float(self.standardised(features) @ weights)
        return 1 / (1 + exp(-min(max(log_odds, -30.0), 30.0)))

    @classmethod
    def load(cls, path: Path) -> "Calibration":
        try:
            stored = json.loads(path.read_text(encoding="utf-8"))
            centres, scales = tuple(stored["centres"]), tuple(stored["scales"])
            if not len(centres) == len(scales) == len(MEASURED):
                raise ValueError(f"{len(centres)} centres and {len(scales)} scales, not {len(MEASURED)}")
            return cls(centres, scales, float(stored["remainder"]))
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise IndexDamaged(
                f"{path} cannot be read: {error}", "Build the index again: python ingest.py --rebuild"
            ) from error

    def save(self, path: Path) -> None:
        path.write_text(json.dumps(asdict(self), indent=1) + "\n", encoding="utf-8")


@cache
def trained_weights() -> tuple[float, Features]:
    """Return intercept and one weight a feature, as tests/bench/train_coverage.py trained them; the remainder's is 1."""
    stored = json.loads((resources.files("assistant") / "rules" / "coverage.json").read_text(encoding="utf-8"))
    return stored["intercept"], np.array([*(stored["weights"][name] for name in FEATURES[:-1]), 1.0])


def features(query: Query, hits: Sequence[Hit], retriever: Retriever, unasked: str = "", asked: str = "") -> Features:
    """Return the features named in FEATURES, shape (len(FEATURES),), from the best documents.

    ``asked``: the last turn alone, where ``query`` is completed from the turns before it. The documents on their subject
    say what those turns say; whether they say what this one asks is told by its own words.

    "Apart" and "scattered": does a knee brace stop cramp? That is told by a document that speaks of both, not by one on each,
    and rather by one sentence than by two.
    """
    top = hits[:BEST]
    if not top:
        return np.zeros(len(FEATURES))
    last = _last_turn(query, asked, retriever)
    wanted = Asked.of(last, retriever.lexical)
    said = [Said.of(retriever.catalog.entry(hit.document.id), unasked) for hit in top]
    strange = wanted.strange([one.everything for one in said[:3]])
    return np.array(
        [
            top[0].score,
            max(hit.sentence_cosine for hit in top),
            max(wanted.carried(wanted.plain, one.everything) for one in said[:3]),
            wanted.elsewhere(said),
            named(wanted.about.intersection(strange)),
            min(named(wanted.strange([one.everything])) for one in said) if asks_whether(last.text) else 0.0,
            wanted.lacking(part for one in said for part in one.parts),
            trained_direction().along(remainder(query, hits, retriever), retriever.model),
        ]
    )


def _last_turn(query: Query, asked: str, retriever: Retriever) -> Query:
    """Return ``asked`` as a query where turns before it were put in front of it and it asks about a thing, else ``query``."""
    if not asked or query.text == asked or not query.text.endswith(asked):
        return query
    last = Query(asked, query.vector, retriever.read(asked))
    return last if last.reading.meanings.keys() - aside_terms() else query  # "and how often?" asks about what was asked before


@dataclass(frozen=True)
class Said:
    """The terms of one document: its wordings and sentences apart, and all of them."""

    parts: tuple[tuple[str, ...], ...]
    everything: frozenset[str]

    @classmethod
    def of(cls, entry: Entry, unasked: str = "") -> "Said":
        if not unasked:
            return cls((*entry.wording_terms, *entry.sentence_terms), entry.all_terms)
        texts = (entry.document.question, *entry.document.also_asked)
        wordings = [said for text, said in zip(texts, entry.wording_terms, strict=True) if text != unasked]
        parts = (*wordings, *entry.sentence_terms)
        return cls(parts, frozenset(chain.from_iterable(parts)))


@dataclass(frozen=True)
class Asked:
    """The terms of a question, by what they do in it."""

    plain: tuple[str, ...]  # without the words of a story, unless there are no others
    about: frozenset[str]  # what it asks about
    sites: frozenset[str]  # parts of the body
    worded: frozenset[str]  # terms of its words, without those that only its meaning adds
    meanings: Mapping[str, frozenset[str]]
    mass: Mapping[str, float]  # term -> inverse document frequency

    @classmethod
    def of(cls, query: Query, lexical: LexicalIndex) -> "Asked":
        meanings = query.reading.meanings
        return cls(
            tuple(term for term in meanings if not (term in aside_terms() or _AMOUNT.match(term))) or tuple(meanings),
            frozenset(map(stem, query.focus.about)),
            sites(query.reading),
            frozenset(terms(query.reading.text)),
            meanings,
            {term: lexical.idf(term) for term in meanings},
        )

    def carried(self, wanted: Sequence[str], present: AbstractSet[str]) -> float:
        """Return the share, 0..1, of the mass of ``wanted`` that ``present`` terms carry, in the same or another word.

        Nothing wanted is wholly carried; a question of stop words alone is carried by nothing.
        """
        if not self.meanings:
            return 0.0
        mass = sum(self.mass[term] for term in wanted)
        said = (self.mass[term] for term in wanted if not self.meanings[term].isdisjoint(present))
        return sum(said) / mass if mass else 1.0

    def strange(self, said: Sequence[AbstractSet[str]]) -> list[str]:
        """Return the terms that none of ``said`` holds in the same or another word."""
        asked = (term for term in self.plain if term in self.worded)
        return [term for term in asked if all(self.meanings[term].isdisjoint(present) for present in said)]

    def lacking(self, said: Iterable[Iterable[str]]) -> float:
        """Return how much of the question hangs on a thing that the one of ``said`` that lacks the least does not hold: the share
        of its mass, 0..1, that the weightiest such thing carries."""
        worded = [term for term in self.plain if term in self.worded]
        mass = sum(self.mass[term] for term in worded)
        shares = [(self.mass[term] / mass * named([term]), self.meanings[term]) for term in worded]
        shares.sort(key=lambda share: -share[0])
        left = list(said)
        for share, same in shares:  # the weightiest first: what holds all of them longest lacks the least
            left = [present for present in left if not same.isdisjoint(present)]
            if not left:
                return share
        return 0.0

    def elsewhere(self, said: Sequence[Said]) -> float:
        """Return how surely the question is about a part of the body that the best documents are not about.

        1: none of them mentions it; 0.5: none mentions it together with anything else that is asked; 0: some do.
        """
        if not self.sites:
            return 0.0
        if not any(self.meanings[site] & one.everything for site in self.sites for one in said[:3]):
            return 1.0
        others = [self.meanings[term] for term in self.plain if term not in self.sites]
        for part in (part for one in said for part in one.parts):
            if any(not self.meanings[site].isdisjoint(part) for site in self.sites) and (
                not others or any(not other.isdisjoint(part) for other in others)
            ):
                return 0.0
        return 0.5


def carried(question: Query, hits: Sequence[Hit], retriever: Retriever) -> float:
    """Return how far one of the best documents says what ``question`` says, 0..1."""
    asked = Asked.of(question, retriever.lexical)
    said = (Said.of(retriever.catalog.entry(hit.document.id)) for hit in hits[:BEST])
    return max((asked.carried(asked.plain, one.everything) for one in said), default=0.0)


def unheard(query: Query, lexical: LexicalIndex) -> tuple[str, ...]:
    """Return the words for what is asked about that no document of the corpus holds under any name."""
    meanings = query.reading.meanings
    return tuple(
        word
        for word in query.focus.things
        if (same := meanings.get(stem(word))) is not None and not any(map(lexical.knows, same))
    )


def fit(rows: Features, covered: npt.NDArray[np.bool_], counts: Features | float = 1.0) -> tuple[float, Features]:
    """Return intercept and weights by ridge-penalised maximum likelihood.

    rows (n, features); covered (n,); counts (n,): for how many questions each row stands.
    """
    from scipy.optimize import minimize
    from scipy.special import expit

    inputs = np.column_stack([np.ones(len(rows)), rows])

    def loss(weights: Features) -> tuple[float, Features]:
        logits = inputs @ weights
        gradient = inputs.T @ (counts * (expit(logits) - covered))
        gradient[1:] += RIDGE * weights[1:]
        likelihood = np.sum(counts * (np.logaddexp(0, logits) - logits * covered))
        return float(likelihood + RIDGE * weights[1:] @ weights[1:] / 2), gradient

    found = minimize(loss, np.zeros(inputs.shape[1]), jac=True, method="L-BFGS-B").x
    return float(found[0]), found[1:]


def calibrate(retriever: Retriever) -> Calibration:
    """Measure on the questions of the corpus that ``retriever`` searches."""
    within, without = [], []
    for document, query, hits in own_questions(retriever):
        within.append(features(query, hits, retriever, query.text))
        other = [hit for hit in hits if hit.document.page != document.page and hit.question_cosine < SAME_SUBJECT]
        without.append(features(query, other, retriever, query.text))
    measured = slice(0, len(MEASURED))
    if not within:
        return Calibration((0.0,) * len(MEASURED), (1.0,) * len(MEASURED), 0.0)
    usual = trained_direction().usual_from(float(np.mean(within, axis=0)[-1]), retriever.model)
    covered, uncovered = np.array(within)[:, measured], np.array(without)[:, measured]
    spread = np.vstack([covered, uncovered]).std(axis=0)
    scales = np.maximum(np.abs(covered.mean(axis=0) - uncovered.mean(axis=0)) / 2, np.maximum(spread / 2, LEAST_SCALE))
    return Calibration(tuple(((covered.mean(axis=0) + uncovered.mean(axis=0)) / 2).tolist()), tuple(scales.tolist()), usual)


def own_questions(retriever: Retriever) -> Iterator[tuple[Document, Query, list[Hit]]]:
    """Yield a sample of the corpus's own questions, whose they are, and what is found as if nobody had worded them so."""
    for document, wording, vector in _sample(retriever):
        query = Query(wording, vector, retriever.read(wording))
        yield document, query, retriever.search(query, RESCORED, unasked=wording)


def _sample(retriever: Retriever) -> Iterator[tuple[Document, str, Vectors]]:
    """Yield (document, wording, vector) for SAMPLED wordings spread evenly over the corpus."""
    ids = list(dict(sorted({asked: id for id, asked in retriever.catalog.asked()}.items())).values())
    wordings = max(1, SAMPLED // max(len(ids), 1))
    for id in ids[:: max(1, len(ids) // SAMPLED)]:
        entry = retriever.catalog.entry(id)
        texts = (entry.document.question, *entry.document.also_asked)
        step = max(1, len(texts) // wordings)
        for position in range(0, len(texts), step):
            yield entry.document, texts[position], entry.question_vectors[position]
