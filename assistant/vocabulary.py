"""Read a question the way an expert would: misspellings repaired, lay words joined by the experts' words."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

import numpy as np
import numpy.typing as npt

from assistant.lexicon import STOP_WORDS, stem, terms, words

SAME_MEANING = 0.5  # weight of a word that means the same as one that was typed
ASIDE = 0.7  # weight of a word of a story
_SHORTEST_REPAIR = 4  # letters; shorter words are repaired only by the list of chat spellings


@dataclass(frozen=True)
class Reading:
    """What a question was taken to say."""

    text: str  # with misspellings repaired
    repaired: tuple[tuple[str, str], ...]  # (typed, read as)
    weights: Mapping[str, float]  # term -> weight: 1 or ASIDE for typed terms, SAME_MEANING for added ones
    meanings: Mapping[str, frozenset[str]]  # typed term -> terms that mean the same, itself included


def read(question: str, known: Callable[[str], bool], spelling: "Spelling") -> Reading:
    """Repair and widen ``question``; ``known`` tells whether the corpus holds a term."""
    repaired: list[tuple[str, str]] = []
    said = []
    named = _names(question)
    for word in words(question):
        better = word if word in named else _listed()["spellings"].get(word) or spelling.repair(word)
        if better != word:
            repaired.append((word, better))
        said.append(better)
    text = " ".join(said) if repaired else question
    typed = terms(text)
    weights = {term: ASIDE if term in aside_terms() else 1.0 for term in typed}  # said twice is asked once
    meanings = {term: {term} for term in weights}
    for phrase in _phrases_in(tuple(typed)):
        same = {term for group in _groups()[phrase] for term in group if known(term)}
        for term in phrase:
            meanings[term] |= same
        if not any(known(term) for term in phrase):
            # A word that the corpus uses finds its documents by itself; more words for it only blur the search.
            for term in sorted(same):  # in one order, so that sums are the same in every process
                weights.setdefault(term, SAME_MEANING)
    return Reading(text, tuple(repaired), weights, {term: frozenset(same) for term, same in meanings.items()})


def _names(question: str) -> frozenset[str]:
    """Return the words with more than one capital, lower case: RUNX1 is no misspelling of anything. Shouting has none."""
    if question.isupper():
        return frozenset()
    return frozenset(word for typed in question.split() if sum(map(str.isupper, typed)) > 1 for word in words(typed))


class Spelling:
    """Repairs a word that is not ``known``, to a function word or one of ``corpus_words`` by one edit or two."""

    def __init__(self, corpus_words: Iterable[str], known: Callable[[str], bool]) -> None:
        self._known = known
        self._words = [word for word in sorted(STOP_WORDS.union(corpus_words)) if len(word) >= _SHORTEST_REPAIR]
        # Which letters each word holds, shape (words,): what is near holds nearly the same. A table of near spellings
        # would answer sooner, but takes half a second and 30 MB in every process that opens a large corpus.
        self._letters = _letters(self._words)

    def repair(self, word: str) -> str:
        """Return the corpus word meant by ``word``, or ``word``."""
        if len(word) < _SHORTEST_REPAIR or not word.isalpha() or word in STOP_WORDS or self._known(word):
            return word
        allowed = 1 if len(word) < 7 else 2
        ranked = sorted(
            (_distance(word, found), found[0] != word[0], found not in STOP_WORDS, found) for found in self._near(word)
        )
        return ranked[0][-1] if ranked and ranked[0][0] <= allowed else word

    def _near(self, word: str) -> list[str]:
        """Return the words that are ``word`` once at most one letter is left out of each."""
        differing = np.bitwise_count(self._letters ^ _letters([word])[0])
        forms = {word, *_deletions(word)}
        alike = [self._words[place] for place in np.flatnonzero(differing <= _OTHER_LETTERS).tolist()]
        return [
            found
            for found in alike
            if abs(len(found) - len(word)) <= 1 and not forms.isdisjoint((found, *_deletions(found)))
        ]


_OTHER_LETTERS = 2  # letters that stand in only one of two words which are the same with one left out of each


def _letters(words: Sequence[str]) -> npt.NDArray[np.uint32]:
    """Return a bit for every letter that a word holds, shape (words,); letters beyond a to z share theirs."""
    longest = max(map(len, words), default=1)
    held = np.zeros(len(words), dtype=np.uint32)
    codes = np.array(words, dtype=f"U{longest}").view(np.uint32).reshape(len(words), longest)
    for column in codes.T:  # 0 where a word has ended
        held |= np.where(column > 0, np.uint32(1) << (column & 31), np.uint32(0))
    return held


def _deletions(word: str) -> set[str]:
    return {word[:i] + word[i + 1 :] for i in range(len(word))}


def _distance(a: str, b: str) -> int:
    """Edits between two words: insert, delete, replace, or swap two neighbours (optimal string alignment)."""
    before: list[int] = []
    row = list(range(len(b) + 1))
    for i, x in enumerate(a, 1):
        older, before, row = before, row, [i]
        for j, y in enumerate(b, 1):
            cost = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (x != y))
            if i > 1 and j > 1 and x == b[j - 2] and a[i - 2] == y:
                cost = min(cost, older[j - 2] + 1)
            row.append(cost)
    return row[-1]


def _phrases_in(typed: tuple[str, ...]) -> list[tuple[str, ...]]:
    """Return the listed phrases in ``typed``; a word inside a longer listed phrase is not taken by itself."""
    found = []
    position = 0
    while position < len(typed):
        for length in (4, 3, 2, 1):
            if (phrase := typed[position : position + length]) in _groups() and len(phrase) == length:
                found.append(phrase)
                position += length - 1
                break
        position += 1
    return found


def sites(reading: Reading) -> frozenset[str]:
    """Return the terms of ``reading`` that name a part of the body."""
    return frozenset(reading.meanings.keys() & _sites())


def lie_apart(some: AbstractSet[str], others: AbstractSet[str]) -> bool:
    """Tell whether two groups of parts of the body, as ``sites`` gives them, name regions and none in common."""
    one, other = ({n for n, region in enumerate(_regions()) if region & parts} for parts in (some, others))
    return bool(one and other) and one.isdisjoint(other)


@cache
def _regions() -> tuple[frozenset[str], ...]:
    return tuple(frozenset(term for site in region for term in terms(site)) for region in _listed()["regions"])


@cache
def _sites() -> frozenset[str]:
    return frozenset(term for site in _listed()["sites"] for term in terms(str(site)))


@cache
def asides() -> frozenset[str]:
    """Return the words with which people tell their story rather than ask; see rules/vocabulary.yaml."""
    return frozenset(str(word) for word in _listed()["asides"])


@cache
def aside_terms() -> frozenset[str]:
    return frozenset(stem(word) for word in asides())


@cache
def _listed() -> Mapping[str, Any]:
    import yaml

    listed: Mapping[str, Any] = yaml.safe_load(
        (resources.files("assistant") / "rules" / "vocabulary.yaml").read_text(encoding="utf-8")
    )
    return listed


@cache
def _groups() -> dict[tuple[str, ...], tuple[tuple[str, ...], ...]]:
    """Return phrase (as terms) -> the phrases that mean the same."""
    same: dict[tuple[str, ...], tuple[tuple[str, ...], ...]] = {}
    for group in _listed()["groups"]:
        phrases = tuple(dict.fromkeys(tuple(terms(str(phrase))) for phrase in group))
        for phrase in phrases:
            same[phrase] = (*same.get(phrase, ()), *phrases)
    same.pop((), None)
    return same
