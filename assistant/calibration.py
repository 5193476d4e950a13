"""Is it covered? The calibrated probability that the corpus answers a question.

A logistic regression over the features of assistant/coverage.py. What counts as near is measured at each build on the corpus
itself: its own questions are asked as if nobody had worded them so, once with their page in the index and once with their
subject taken out. Features count in half the distance between the two, and so the same few weights serve every corpus.

There are two sets of weights, for pages whose question is known in many wordings and for pages that have it in one: to be near
to one of fifty tells more than to be near to a title. What lies between is weighed between. docs/quality.md tells how they were
trained and how well they are calibrated.
"""

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from functools import cache
from importlib import resources
from math import exp
from pathlib import Path

import numpy as np
import numpy.typing as npt

from assistant.coverage import MEASURED, REMAINDERS, SHARES, Features, features
from assistant.embedding import Vectors
from assistant.errors import IndexDamaged
from assistant.remainder import KINDS, trained_directions
from assistant.retrieval import RESCORED, Query, Retriever
from assistant.schema import Document, Hit

WEIGHED = (*MEASURED, *SHARES)  # features that have a weight in each set
_REMAINDERS = slice(len(WEIGHED), len(WEIGHED) + len(REMAINDERS))
SAMPLED = 400  # wordings asked at a build
LEAST_SCALE = 0.1  # of a measured feature
TYPICAL_CENTRES, TYPICAL_SCALES = (1.6, 0.55), (0.4, 0.12)  # of the measured features in corpora of different kinds
SAME_SUBJECT = 0.6  # cosine of questions from which a page counts as being on the same subject
RIDGE = 1.0
MOST_ODDS = 30.0  # log odds beyond which nothing is told apart


@dataclass(frozen=True)
class Calibration:
    """Where the features of covered and uncovered questions typically lie in one corpus."""

    centres: tuple[float, ...]  # one a measured feature
    scales: tuple[float, ...]
    remainders: tuple[float, ...]  # those features of a usual question

    def standardised(self, features: Features) -> Features:
        """Return features (..., len(FEATURES)), the measured ones in half distances between covered and uncovered.

        A corpus has few questions of its own to measure them by, so they count half by it and half by what is typical.
        """
        rows = np.array(features, dtype=np.float64)
        measured = rows[..., : len(MEASURED)]
        by_corpus = (measured - np.array(self.centres)) / np.array(self.scales)
        typically = (measured - np.array(TYPICAL_CENTRES)) / np.array(TYPICAL_SCALES)
        rows[..., : len(MEASURED)] = (by_corpus / 2 + typically) / 2
        rows[..., _REMAINDERS] -= self.remainders
        return rows

    def probability(self, features: Features) -> float:
        """Return the probability, 0..1, that a question with these features is covered."""
        *rows, worded = self.standardised(features).tolist()
        intercepts, weights = trained_weights()
        bare_odds, worded_odds = intercepts + weights @ rows[: len(WEIGHED)] + rows[_REMAINDERS]
        log_odds = (1 - worded) * bare_odds + worded * worded_odds
        return float(1 / (1 + exp(-min(max(log_odds, -MOST_ODDS), MOST_ODDS))))

    @classmethod
    def load(cls, path: Path) -> "Calibration":
        try:
            stored = json.loads(path.read_text(encoding="utf-8"))
            centres, scales, remainders = (tuple(map(float, stored[name])) for name in ("centres", "scales", "remainders"))
            if not (len(centres), len(scales), len(remainders)) == (len(MEASURED), len(MEASURED), len(REMAINDERS)):
                raise ValueError(f"{len(centres)} centres, {len(scales)} scales and {len(remainders)} remainders")
            return cls(centres, scales, remainders)
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise IndexDamaged(
                f"{path} cannot be read: {error}", "Build the index again: python ingest.py --rebuild"
            ) from error

    def save(self, path: Path) -> None:
        path.write_text(json.dumps(asdict(self), indent=1) + "\n", encoding="utf-8")


UNMEASURED = Calibration((0.0,) * len(MEASURED), (1.0,) * len(MEASURED), (0.0,) * len(REMAINDERS))  # of an empty corpus


@cache
def trained_weights() -> tuple[Features, Features]:
    """Return what tests/bench/train_coverage.py trained: an intercept for each of KINDS, and a weight for each of WEIGHED, shape
    (len(KINDS), len(WEIGHED)); that of a remainder is 1."""
    stored = json.loads((resources.files("assistant") / "rules" / "coverage.json").read_text(encoding="utf-8"))
    weights = [[stored[kind]["weights"][name] for name in WEIGHED] for kind in KINDS]
    return np.array([stored[kind]["intercept"] for kind in KINDS]), np.array(weights)


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
    if not within:
        return UNMEASURED
    own = np.mean(within, axis=0)[_REMAINDERS].tolist()
    usual = [direction.usual_from(of_own, retriever.model) for direction, of_own in zip(trained_directions(), own, strict=True)]
    covered, uncovered = (np.array(rows)[:, : len(MEASURED)] for rows in (within, without))
    spread = np.vstack([covered, uncovered]).std(axis=0)
    apart = np.abs(covered.mean(axis=0) - uncovered.mean(axis=0))
    scales = np.maximum(apart / 2, np.maximum(spread / 2, LEAST_SCALE))
    centres = (covered.mean(axis=0) + uncovered.mean(axis=0)) / 2
    return Calibration(tuple(centres.tolist()), tuple(scales.tolist()), tuple(usual))


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
