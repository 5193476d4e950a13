"""Is it covered? The calibrated probability that the corpus answers a question.

A small logistic regression over how near the best documents are. It is fitted at each build on the corpus itself: its own
questions, each asked once as if worded differently (its own wording taken out of the index) and once with its page taken out.
"""

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from assistant.errors import IndexDamaged
from assistant.lexical import LexicalIndex
from assistant.lexicon import terms
from assistant.catalog import Entry
from assistant.embedding import Vectors
from assistant.retrieval import Query, Retriever
from assistant.schema import Document, Hit

Features = npt.NDArray[np.float64]
FEATURES = ("question", "passage", "sentence", "carried", "score")
GAP_LEAD = 0.05  # by how much a noted gap must be nearer to the question than the nearest sentence
GAP_FLOOR = 0.5
SAMPLED = 400  # wordings asked at a build
_RIDGE = 1.0


@dataclass(frozen=True)
class Calibration:
    """Weights of the logistic regression; a feature is centred and scaled first."""

    intercept: float
    weights: tuple[float, ...]  # one a feature
    centres: tuple[float, ...]
    scales: tuple[float, ...]

    def probability(self, features: Features) -> float:
        """Return the probability, 0..1, that a question with these features is covered."""
        standardised = (features - np.array(self.centres)) / np.array(self.scales)
        logit = self.intercept + float(standardised @ np.array(self.weights))
        return float(1 / (1 + np.exp(-np.clip(logit, -30, 30))))

    @classmethod
    def load(cls, path: Path) -> "Calibration":
        try:
            stored = json.loads(path.read_text(encoding="utf-8"))
            return cls(stored["intercept"], *(tuple(stored[name]) for name in ("weights", "centres", "scales")))
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise IndexDamaged(f"{path} cannot be read: {error}", "Build the index again: python ingest.py --rebuild") from error

    def save(self, path: Path) -> None:
        path.write_text(json.dumps(asdict(self), indent=1) + "\n", encoding="utf-8")


def features(query: Query, hits: Sequence[Hit], lexical: LexicalIndex, unasked: str = "") -> Features:
    """Return the features named in FEATURES, shape (len(FEATURES),), from the best documents."""
    top = hits[:5]
    if not top:
        return np.zeros(len(FEATURES))
    return np.array(
        [
            max(hit.question_cosine for hit in top),
            max(hit.passage_cosine for hit in top),
            max(hit.sentence_cosine for hit in top),
            max(carried(query, hit, lexical, unasked) for hit in top[:3]),
            top[0].score,
        ]
    )


def carried(query: Query, hit: Hit, lexical: LexicalIndex, unasked: str = "") -> float:
    """Return the share, 0..1, of the question's idf mass whose terms stand in the document or its questions."""
    document = hit.document
    worded = (text for text in (document.question, *document.also_asked) if text != unasked)
    present = set(terms("\n".join((*worded, document.text))))
    mass = sum(lexical.idf(term) for term in query.terms)
    return sum(lexical.idf(term) for term in query.terms if term in present) / mass if mass else 0.0


def fit(rows: Features, covered: npt.NDArray[np.bool_]) -> Calibration:
    """Fit by ridge-penalised maximum likelihood; rows (n, len(FEATURES)), covered (n,)."""
    from scipy.optimize import minimize
    from scipy.special import expit

    centres, scales = rows.mean(axis=0), np.maximum(rows.std(axis=0), 1e-6)
    inputs = np.column_stack([np.ones(len(rows)), (rows - centres) / scales])

    def loss(weights: Features) -> tuple[float, Features]:
        logits = inputs @ weights
        penalty = _RIDGE * weights[1:] @ weights[1:] / 2
        gradient = inputs.T @ (expit(logits) - covered)
        gradient[1:] += _RIDGE * weights[1:]
        return float(np.logaddexp(0, logits).sum() - logits[covered].sum() + penalty), gradient

    found = minimize(loss, np.zeros(inputs.shape[1]), jac=True, method="L-BFGS-B").x
    return Calibration(float(found[0]), tuple(found[1:].tolist()), tuple(centres.tolist()), tuple(scales.tolist()))


def calibrate(retriever: Retriever, off_topic: Sequence[Query]) -> Calibration:
    """Fit on the questions of the corpus ``retriever`` searches and on ``off_topic`` ones that no such corpus answers."""
    rows, covered = [], []
    for document, wording, vector in _sample(retriever):
        query = Query(wording, vector, Counter(terms(wording)))
        hits = retriever.search(query, unasked=wording)
        without = [hit for hit in hits if hit.document.page != document.page]
        rows += [features(query, hits, retriever.lexical, wording), features(query, without, retriever.lexical, wording)]
        covered += [True, False]
    for query in off_topic:
        rows.append(features(query, retriever.search(query), retriever.lexical))
        covered.append(False)
    return fit(np.array(rows), np.array(covered))


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


def missing(query: Query, entries: Sequence[Entry]) -> tuple[str, ...]:
    """Return the noted gap that answers the question better than anything that is said, if there is one."""
    said = max((float((entry.sentence_vectors @ query.vector).max()) for entry in entries), default=0.0)
    noted = [
        (float(cosine), gap)
        for entry in entries
        for gap, cosine in zip(entry.document.gaps, entry.gap_vectors @ query.vector, strict=True)
    ]
    best, gap = max(noted, default=(0.0, ""))
    return (gap,) if best > max(said + GAP_LEAD, GAP_FLOOR) else ()
