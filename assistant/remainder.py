"""What is left of a question once the sentence nearest to it is taken away, and whether that tells that nobody answers it.

"What does a private hip replacement cost" lies near every page on hip replacements; what no sentence there carries is the price.
A trained direction says of such a remainder whether people who find their answer leave it (a story, how they feel, plain words
for a thing) or people who do not (a price, a make, another treatment, an errand). Beside the remainder it weighs its squares,
how much is left of each kind whichever way, and in what question and sentence agree. It is trained together with the other
features of coverage; docs/quality.md tells how well that holds for questions by writers it was not trained on.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources

import numpy as np

from assistant.embedding import Vectors
from assistant.retrieval import Query, Retriever
from assistant.schema import Hit

DOCUMENTS = 3  # the best ones, of which one holds the nearest sentence
LEAST = 1e-6  # squared length, of a sentence that points nowhere
PRODUCT = 14.0  # what the products of two vectors are multiplied by, to be of the size of the vectors


@dataclass(frozen=True)
class Direction:
    """Where answered questions differ from others in what no sentence carries."""

    model: str  # fingerprint of the model in whose space it lies
    vector: Vectors  # (3 times the dimension,)
    usual: float  # log odds: what people's questions have along it, from the corpus's own questions on

    def along(self, left: Vectors, model: str) -> float:
        """Return how far a remainder lies along the direction, in log odds; 0 in the space of another model."""
        return float(left @ self.vector) if model == self.model else 0.0

    def usual_from(self, own: float, model: str) -> float:
        """Return what a usual question has along it in a corpus whose own questions have ``own``."""
        return own + self.usual if model == self.model else 0.0


@cache
def trained_direction() -> Direction:
    """Return the direction that tests/bench/train_coverage.py trained."""
    stored = json.loads((resources.files("assistant") / "rules" / "remainder.json").read_text(encoding="utf-8"))
    return Direction(stored["model"], np.array(stored["direction"], dtype=np.float32), stored["usual"])


def remainder(query: Query, hits: Sequence[Hit], retriever: Retriever) -> Vectors:
    """Return the part of the question's vector that is at right angles to its nearest sentence, that part's squares, and the
    products of the two vectors, shape (3 times the dimension,)."""
    asked = query.vector
    best = max(hits[:DOCUMENTS], key=lambda hit: hit.sentence_cosine, default=None)
    none = np.zeros((0, len(asked)), dtype=np.float32)
    sentence = nearest(asked, retriever.catalog.entry(best.document.id).sentence_vectors if best else none)
    left = without(asked, sentence)
    return np.concatenate([left, PRODUCT * left * left, PRODUCT * asked * sentence])


def nearest(vector: Vectors, sentences: Vectors) -> Vectors:
    """Return the one of ``sentences`` (n, dimension) that is nearest to ``vector`` (dimension,); zeros where there is none."""
    if not len(sentences):
        return np.zeros_like(vector)
    found: Vectors = sentences[int(np.argmax(sentences @ vector))]
    return found


def without(vector: Vectors, sentence: Vectors) -> Vectors:
    """Return the part of ``vector`` that is at right angles to ``sentence``, both (dimension,)."""
    left: Vectors = vector - (sentence @ vector) / max(float(sentence @ sentence), LEAST) * sentence
    return left
