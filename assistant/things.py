"""How surely a word names a thing: "turmeric" does, "often" does not.

An answer may say "usually" where the question says "often", but what says nothing of turmeric is no answer about it.
rules/things.json tells the two apart: word stems by the probability, in tenths, that a word of that stem names a thing. They
are the words that the built-in model knows, judged by tests/bench/train_things.py, which learned from the examples in
tests/data/words.yaml; as a list they cost a question no look at the model, and anybody can put one of them right.
"""

import json
from collections.abc import Iterable, Mapping
from functools import cache
from importlib import resources

UNKNOWN = 0.5  # the probability of a stem that is not listed: half of them misspelt or foreign, half of them rare things


def named(stems: Iterable[str]) -> float:
    """Return the probability, 0..1, that the surest of ``stems`` names a thing; 0 where there are none."""
    listed = probabilities()
    return max((listed.get(stem, UNKNOWN) for stem in stems), default=0.0)


@cache
def probabilities() -> Mapping[str, float]:
    """Return stem -> probability, read once."""
    stored = json.loads((resources.files("assistant") / "rules" / "things.json").read_text(encoding="utf-8"))
    return {stem: float(probability) for probability, stems in stored.items() for stem in stems.split()}
