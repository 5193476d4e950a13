"""How surely a word names a thing: "turmeric" does, "often" does not.

An answer may say "usually" where the question says "often", but what says nothing of turmeric is no answer about it. The words
themselves tell the two apart without a list: a logistic regression over the vector of the word alone, trained by
tests/bench/train_things.py on the examples in tests/data/words.yaml.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources

import numpy as np

from assistant.embedding import Embedder, Vectors

REMEMBERED = 20_000  # words whose probability is kept


@dataclass(frozen=True)
class Weights:
    """What tests/bench/train_things.py trained, of vectors of one model."""

    fingerprint: str
    bias: float
    vector: Vectors  # (dimension,)


class Things:
    """Judges words by the vectors of ``embedder``. Safe to share between threads."""

    def __init__(self, embedder: Embedder) -> None:
        self._embedder = embedder
        # Weights mean nothing to the vectors of another model: no word is then held for a thing.
        self._trained = embedder.fingerprint == trained_weights().fingerprint
        self._known: dict[str, float] = {}

    def named(self, words: Sequence[str]) -> float:
        """Return the probability, 0..1, that the surest of ``words`` names a thing; 0 where there are none."""
        if not words or not self._trained:
            return 0.0
        if new := [word for word in dict.fromkeys(words) if word not in self._known]:
            if len(self._known) > REMEMBERED:
                self._known = {}
            weights = trained_weights()
            logits = self._embedder.embed(new) @ weights.vector + weights.bias
            self._known |= dict(zip(new, (1 / (1 + np.exp(-np.clip(logits, -30, 30)))).tolist(), strict=True))
        known = self._known
        return max(known.get(word, 0.0) for word in words)


@cache
def trained_weights() -> Weights:
    """Return the weights of rules/things.json, read once."""
    stored = json.loads((resources.files("assistant") / "rules" / "things.json").read_text(encoding="utf-8"))
    return Weights(stored["fingerprint"], stored["bias"], np.array(stored["vector"], dtype=np.float32))
