"""What is left of a question once the sentence nearest to it is taken away, and whether that tells that nobody answers it.

"What does a private hip replacement cost" lies near every page on hip replacements; what no sentence there carries is the price.
A trained direction says of such a remainder whether people who find their answer leave it (a story, how they feel, plain words
for a thing) or people who do not (a price, a make, another treatment, an errand). Beside the remainder it weighs its squares,
how much is left of each kind whichever way, in what question and sentence agree, what the nearest wording of the best page's
question leaves and agrees in, and how near that wording and that page are. There is one direction for pages whose question
is known in many wordings and one for others, trained together with the other features of coverage; docs/quality.md tells how
well that holds for questions by writers they were not trained on.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources

import numpy as np

from assistant.embedding import Vectors
from assistant.entries import Entry
from assistant.retrieval import Query, Retriever
from assistant.schema import Hit

KINDS = ("bare", "worded")  # of pages: their question stands there in one wording, or is known in many
DOCUMENTS = 3  # the best ones, of which one holds the nearest sentence
LEAST = 1e-6  # squared length, of a sentence that points nowhere
PRODUCT = 14.0  # what the products of two vectors are multiplied by, to be of the size of the vectors
COSINE = 3.0  # the same of a cosine
VECTORS, COSINES = 5, 2  # a remainder's parts


@dataclass(frozen=True)
class Direction:
    """Where answered questions differ from others in what no sentence carries."""

    model: str  # fingerprint of the model in whose space it lies
    vector: Vectors  # (VECTORS times the dimension + COSINES,)
    usual: float  # log odds: what people's questions have along it, from the corpus's own questions on

    def along(self, left: Vectors, model: str) -> float:
        """Return how far a remainder lies along the direction, in log odds; 0 in the space of another model."""
        return float(left @ self.vector) if model == self.model else 0.0

    def usual_from(self, own: float, model: str) -> float:
        """Return what a usual question has along it in a corpus whose own questions have ``own``."""
        return own + self.usual if model == self.model else 0.0


@cache
def trained_directions() -> tuple[Direction, ...]:
    """Return the directions that tests/bench/train_coverage.py trained, one for each of KINDS."""
    stored = json.loads((resources.files("assistant") / "rules" / "remainder.json").read_text(encoding="utf-8"))
    of_kinds = (stored[kind] for kind in KINDS)
    return tuple(Direction(stored["model"], np.array(of["direction"], dtype=np.float32), of["usual"]) for of in of_kinds)


def remainder(query: Query, hits: Sequence[Hit], retriever: Retriever, unasked: str = "") -> Vectors:
    """Return what of the question's vector its nearest sentence leaves, shape (VECTORS times the dimension + COSINES,).

    The part at right angles to that sentence, that part's squares, the products of the two vectors; the part at right angles to
    the nearest wording of the best page's question, and the products with that; the cosines with that wording and with the
    nearest passage of the page. ``unasked``: as if no question of the corpus were worded like this one.
    """
    asked = query.vector
    best = max(hits[:DOCUMENTS], key=lambda hit: hit.sentence_cosine, default=None)
    sentence = wording = passage = np.zeros_like(asked)
    if best:
        sentence = nearest(asked, retriever.catalog.entry(best.document.id).sentence_vectors)
        passage, wording = _of_page(asked, retriever.catalog.entry(hits[0].document.id), unasked)
    left = without(asked, sentence)
    return np.concatenate(
        [
            left,
            PRODUCT * left * left,
            PRODUCT * asked * sentence,
            without(asked, wording),
            PRODUCT * asked * wording,
            [COSINE * float(asked @ wording), COSINE * float(asked @ passage)],
        ],
        dtype=np.float32,
    )


def _of_page(asked: Vectors, entry: Entry, unasked: str) -> tuple[Vectors, Vectors]:
    """Return the nearest passage of ``entry`` and the nearest wording of its question, or where none counts that passage."""
    passage, wordings = nearest(asked, entry.passage_vectors), entry.question_vectors
    if unasked:
        texts = (entry.document.question, *entry.document.also_asked)
        wordings = wordings[[text != unasked for text in texts]]
    return passage, nearest(asked, wordings) if len(wordings) else passage


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
