"""What a question asks beyond the nearest sentence that is quoted, and whether it looks like what answers leave out.

"That stretch you hold for twenty seconds, do I do it once a day or what" lies near the sentence on how to hold it; what that
sentence does not carry is how often. A direction in the space of the model says of such a rest whether questions leave it whose
answer lacks a part (how many, which ones, for how long) or questions that are answered (a story, plain words for a thing).
tests/bench/train_gaps.py trains it; it is one feature among others of what an answer may lack (assistant/lacks.py).
"""

import json
from functools import cache
from importlib import resources

import numpy as np

from assistant.embedding import Vectors
from assistant.remainder import Direction, nearest, without


def beyond(question: Vectors, sentences: Vectors) -> Vectors:
    """Return the part of ``question`` (dimension,) at right angles to the nearest of ``sentences`` (n, dimension)."""
    return without(question, nearest(question, sentences))


def unsaid(left: Vectors, model: str) -> float:
    """Return how far ``left`` lies along the direction, from answered questions on; 0 in the space of another model."""
    direction = trained_direction()
    return direction.along(left, model) - direction.usual if model == direction.model else 0.0


@cache
def trained_direction() -> Direction:
    """Return the direction that tests/bench/train_gaps.py trained."""
    stored = json.loads((resources.files("assistant") / "rules" / "unsaid.json").read_text(encoding="utf-8"))
    return Direction(stored["model"], np.array(stored["direction"], dtype=np.float32), stored["usual"])
