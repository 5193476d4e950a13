"""Is it covered? The calibrated probability that the corpus answers a question.

A logistic regression over how near the best documents are. What counts as near is measured at each build on the corpus itself:
its own questions are asked as if nobody had worded them so, once with their page in the index and once with their subject
taken out. Features count in half the distance between the two, and so the same few weights serve every corpus.
docs/quality.md tells how they were trained and how well they are calibrated.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from functools import cache
from importlib import resources
from pathlib import Path

import numpy as np
import numpy.typing as npt

from assistant.embedding import Vectors
from assistant.errors import IndexDamaged
from assistant.lexical import LexicalIndex
from assistant.lexicon import terms
from assistant.retrieval import RESCORED, Query, Retriever, lexical_share
from assistant.schema import Document, Hit
from assistant.vocabulary import sites

Features = npt.NDArray[np.float64]
FEATURES = ("question", "carried", "foreign", "score")
SAMPLED = 400  # wordings asked at a build
RIDGE = 1.0
LEAST_SCALE = 0.1  # of a feature; some, such as foreign words, hardly vary among a corpus's own questions
SAME_SUBJECT = 0.6  # cosine of questions from which a page counts as being on the same subject


@dataclass(frozen=True)
class Calibration:
    """Where the features of covered and uncovered questions typically lie in one corpus."""

    centres: tuple[float, ...]  # one a feature
    scales: tuple[float, ...]

    def standardised(self, features: Features) -> Features:
        """Return features (..., len(FEATURES)) in half distances between covered and uncovered."""
        return np.asarray((features - np.array(self.centres)) / np.array(self.scales), dtype=np.float64)

    def probability(self, features: Features) -> float:
        """Return the probability, 0..1, that a question with these features is covered."""
        intercept, weights = trained_weights()
        return float(1 / (1 + np.exp(-np.clip(intercept + self.standardised(features) @ weights, -30, 30))))

    @classmethod
    def load(cls, path: Path) -> "Calibration":
        try:
            stored = json.loads(path.read_text(encoding="utf-8"))
            centres, scales = tuple(stored["centres"]), tuple(stored["scales"])
            if not len(centres) == len(scales) == len(FEATURES):
                raise ValueError(f"{len(centres)} centres and {len(scales)} scales, not {len(FEATURES)}")
            return cls(centres, scales)
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise IndexDamaged(
                f"{path} cannot be read: {error}", "Build the index again: python ingest.py --rebuild"
            ) from error

    def save(self, path: Path) -> None:
        path.write_text(json.dumps(asdict(self), indent=1) + "\n", encoding="utf-8")


@cache
def trained_weights() -> tuple[float, Features]:
    """Return intercept and one weight a feature, as tests/bench/train_coverage.py trained them."""
    stored = json.loads((resources.files("assistant") / "rules" / "coverage.json").read_text(encoding="utf-8"))
    return stored["intercept"], np.array([stored["weights"][name] for name in FEATURES])


def features(query: Query, hits: Sequence[Hit], retriever: Retriever, unasked: str = "") -> Features:
    """Return the features named in FEATURES, shape (len(FEATURES),), from the best documents."""
    top = hits[:5]
    if not top:
        return np.zeros(len(FEATURES))
    lexical = retriever.lexical
    return np.array(
        [
            max(hit.question_cosine for hit in top),
            max(carried(query, hit, lexical, unasked) for hit in top[:3]),
            foreign(query, lexical),
            top[0].score,
        ]
    )


def carried(query: Query, hit: Hit, lexical: LexicalIndex, unasked: str = "") -> float:
    """Return the share, 0..1, of the question's idf mass whose terms stand in the document or its questions."""
    return lexical_share(query, _present(hit, unasked), lexical)


def elsewhere(query: Query, hits: Sequence[Hit]) -> bool:
    """Tell whether the question names a part of the body that none of the best documents mentions."""
    meanings, present = query.reading.meanings, frozenset[str]().union(*(_present(hit) for hit in hits[:3]))
    named = sites(query.reading)
    return bool(named) and not any(meanings[site] & present for site in named)


def _present(hit: Hit, unasked: str = "") -> frozenset[str]:
    document = hit.document
    worded = (text for text in (document.question, *document.also_asked) if text != unasked)
    return frozenset(terms("\n".join((*worded, document.text))))


def foreign(query: Query, lexical: LexicalIndex) -> float:
    """Return the share, 0..1, of the question's idf mass whose terms the whole corpus knows under no name."""
    meanings = query.reading.meanings
    mass = sum(lexical.idf(term) for term in meanings)
    return (
        sum(lexical.idf(term) for term, same in meanings.items() if not any(map(lexical.knows, same))) / mass
        if mass
        else 1.0
    )


def fit(rows: Features, covered: npt.NDArray[np.bool_]) -> tuple[float, Features]:
    """Return intercept and weights by ridge-penalised maximum likelihood; rows (n, features), covered (n,)."""
    from scipy.optimize import minimize
    from scipy.special import expit

    inputs = np.column_stack([np.ones(len(rows)), rows])

    def loss(weights: Features) -> tuple[float, Features]:
        logits = inputs @ weights
        gradient = inputs.T @ (expit(logits) - covered)
        gradient[1:] += RIDGE * weights[1:]
        return float(
            np.logaddexp(0, logits).sum() - logits[covered].sum() + RIDGE * weights[1:] @ weights[1:] / 2
        ), gradient

    found = minimize(loss, np.zeros(inputs.shape[1]), jac=True, method="L-BFGS-B").x
    return float(found[0]), found[1:]


def calibrate(retriever: Retriever) -> Calibration:
    """Measure on the questions of the corpus that ``retriever`` searches."""
    within, without = [], []
    for document, wording, vector in _sample(retriever):
        query = Query(wording, vector, retriever.read(wording))
        hits = retriever.search(query, RESCORED, unasked=wording)
        within.append(features(query, hits, retriever, wording))
        other = [hit for hit in hits if hit.document.page != document.page and hit.question_cosine < SAME_SUBJECT]
        without.append(features(query, other, retriever, wording))
    if not within:
        return Calibration((0.0,) * len(FEATURES), (1.0,) * len(FEATURES))
    covered, uncovered = np.array(within), np.array(without)
    spread = np.vstack([covered, uncovered]).std(axis=0)
    scales = np.maximum(np.abs(covered.mean(axis=0) - uncovered.mean(axis=0)) / 2, np.maximum(spread / 2, LEAST_SCALE))
    return Calibration(tuple(((covered.mean(axis=0) + uncovered.mean(axis=0)) / 2).tolist()), tuple(scales.tolist()))


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
