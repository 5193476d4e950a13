"""The third opinion: how likely a text is urgent, from its meaning as well as its words.

First a regularised logistic regression, trained by tests/bench/fit_opinion.py, over three views of one text: the sentence
vector of the built-in model; which groups of the rules stand in it, taken away by a frame or not; and its words, pairs of
words and runs of letters, which survive a misspelling. Where it is not sure that the text is ordinary, a copy of the model
that was tuned to urgent texts (assistant/urgency.py) reads the text as well, and both are weighed. What the regression and
the weighing hold stands in rules/opinion.json. No clinician has reviewed it; how well it does: docs/safety.md.
"""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from itertools import pairwise
from math import exp, fsum
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from assistant.rulebook import RULES
from assistant.talk import MASKED, Talk
from assistant.utterances import normalise

Vector = npt.NDArray[np.float32]
LETTERS = "~"  # what begins the mark of a run of letters
REMEMBERED = 8192  # words whose runs of letters are kept
SUREST = 8.0  # log odds that the regression counts for at most beside the tuned copy


@dataclass(frozen=True)
class Opinion:
    """What the classifier thinks of one text."""

    urgent: float  # probability, 0..1
    family: str  # the family of signs that it is nearest to
    family_share: float  # how sure of the family, 0..1

    def __post_init__(self) -> None:
        if not (0.0 <= self.urgent <= 1.0 and 0.0 <= self.family_share <= 1.0):
            raise ValueError(f"not probabilities: {self.urgent}, {self.family_share}")


class Senses(Protocol):
    """How the models read one text."""

    def embed(self, text: str) -> Vector:
        """The unit vector of the model that the regression was trained on, shape (dimension,)."""

    def read(self, text: str) -> Vector:
        """What the tuned copy says: log odds that it is urgent, then one number for each family, shape (1 + families,)."""


@dataclass(frozen=True)
class Classifier:
    """The weights of rules/opinion.json."""

    fingerprint: str  # of the model whose vectors it was trained on
    fires_above: float  # probability from which a text that no rule caught is urgent
    part_fires_above: float  # the same for one sentence that is read without the others
    explained_above: float  # the same for a text, or a sentence, where a rule saw a plain cause beside the symptom
    doubts_above: float  # probability from which it is worth a softer warning
    quiet_below: float  # probability under which a rule that is no emergency is not believed
    reads_above: float  # probability of the regression from which the tuned copy is asked as well
    bias: float
    vector: Vector  # (dimension,)
    marks: Mapping[str, float]  # what marks() yields -> log odds
    both: tuple[float, float, float]  # constant, weight of the regression's log odds, weight of the tuned copy's
    families: tuple[str, ...]  # in the order of the tuned copy

    def of(self, talk: Talk, senses: Senses) -> Opinion:
        """Judge the present turn of ``talk``."""
        text = talk.turns[talk.now]
        first = self.of_words(talk) + float(self.vector @ senses.embed(text))
        if _probability(first) < self.reads_above:
            return Opinion(_probability(first), "", 0.0)
        reading = senses.read(text)
        constant, of_first, of_second = self.both
        shares = np.exp(reading[1:] - reading[1:].max())
        nearest = int(shares.argmax())
        return Opinion(
            _probability(constant + of_first * max(-SUREST, min(first, SUREST)) + of_second * float(reading[0])),
            self.families[nearest],
            float(shares[nearest] / shares.sum()),
        )

    def of_words(self, talk: Talk) -> float:
        """The log odds of the present turn without its vector."""
        return self.bias + fsum(self.marks[mark] for mark in self.marks.keys() & set(marks(talk)))  # exact in any order


def marks(talk: Talk) -> Iterator[str]:
    """What the present turn holds beside its vector.

    '+numb' a group that counts, '-numb' one that a frame takes away, 'f:negation' a frame's cue, 'feel' a word, '!feel' a
    word in a frame, 'cant_feel' two neighbours, '~nu' a run of letters as it was typed.
    """
    for group, places in talk.matches.items():  # in order: the last is of the latest turn
        if places[-1].turn == talk.now:
            counting = talk.counting(group, ())
            yield ("+" if counting and counting[-1].turn == talk.now else "-") + group
    for cue, places in talk.frames.cues.items():
        if places[-1].turn == talk.now:
            yield "f:" + cue
    said = [
        "!" * bool(frames) + token.word
        for token, frames in zip(talk.tokens, talk.frames.of, strict=True)
        if token.turn == talk.now and token.word != MASKED
    ]
    yield from said
    yield from (f"{a}_{b}" for a, b in pairwise(said))
    for word in re.findall("[a-z]+", normalise(talk.turns[talk.now])):
        yield from _runs(f" {word} ")


@lru_cache(maxsize=REMEMBERED)
def _runs(word: str) -> tuple[str, ...]:
    """The marks of each three and four letters in a row; a blank is where the word begins or ends."""
    return tuple(LETTERS + word[at : at + length] for length in (3, 4) for at in range(len(word) - length + 1))


def _probability(log_odds: float) -> float:
    return 1.0 / (1.0 + exp(-min(max(log_odds, -50.0), 50.0)))


def from_json(raw: Mapping[str, Any]) -> Classifier:
    """The classifier that ``raw`` describes."""
    constant, first, second = raw["both"]
    return Classifier(
        raw["fingerprint"],
        raw["fires_above"],
        raw["part_fires_above"],
        raw["explained_above"],
        raw["doubts_above"],
        raw["quiet_below"],
        raw["reads_above"],
        raw["bias"],
        np.array(raw["vector"], dtype=np.float32),
        raw["marks"],
        (constant, first, second),
        tuple(raw["families"]),
    )


@cache
def classifier() -> Classifier:
    """The weights of rules/opinion.json, read once."""
    return from_json(json.loads((RULES / "opinion.json").read_text(encoding="utf-8")))
