"""The language of the rules: "lost ... feeling", "<cant> walk", "swell~", "my? calf|calves", and where it matches.

How phrases are written: docs/safety.md.
"""

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from assistant.utterances import Token

NUMBER = "NUM"  # any number
COMMON = frozenset(
    "a after all am and any are as at back be been but can cant do dont down feel for from get got had has have he her his "
    "i if im in is it its ive just like me more my no not now of off on one or out she so still that the them then they "
    "this to up was went when with you".split()
)  # words that many texts hold: no phrase is looked up by one of them if it has another
GAP = {"...": 4, "..": 1}  # words that a gap in a phrase may skip
NEGATIONS = frozenset({"no", "not", "isnt", "arent", "wasnt", "werent", "without", "never", "nor", "neither"})


class Slot(NamedTuple):
    """One place in a phrase: any of its words, or a gap of so many words."""

    words: frozenset[str]
    optional: bool = False
    gap: int = 0


Phrase = tuple[Slot, ...]


def inflections(word: str) -> set[str]:
    """Forms of swell~ (swells, swelled, swelling), ooz~ (ooze), stab~ (stabbed); misspelt ones do no harm."""
    stem = word[:-1] if word[-1] == "e" else word
    forms = {word, stem + "e", word + "s", stem + "ed", stem + "es", stem + "ing"}
    if word[-1] == "y":
        forms |= {word[:-1] + "ies", word[:-1] + "ied"}
    if word[-1] in "bdgmnprt" and word[-2:-1] in set("aeiou"):
        forms |= {word + word[-1] + "ed", word + word[-1] + "ing"}
    return forms


def _slot(text: str, sets: Mapping[str, frozenset[str]]) -> Slot:
    if text in GAP:
        return Slot(frozenset(), gap=GAP[text])
    words: set[str] = set()
    for choice in text.replace("'", "").removesuffix("?").split("|"):
        if choice.startswith("<"):
            words |= sets[choice.strip("<>")]
        else:
            words |= inflections(choice[:-1]) if choice.endswith("~") else {choice}
    return Slot(frozenset(words), optional=text.endswith("?"))


def _spelled_out(text: str) -> list[str]:
    """'going_to|gonna die' -> ['going to die', 'gonna die']."""
    parts = text.split()
    for at, part in enumerate(parts):
        choices = part.split("|")
        joined = [choice for choice in choices if "_" in choice]
        if joined:
            single = "|".join(choice for choice in choices if "_" not in choice)
            ways = [choice.replace("_", " ") for choice in joined] + ([single] if single else [])
            return [form for way in ways for form in _spelled_out(" ".join([*parts[:at], way, *parts[at + 1 :]]))]
    return [text]


def _phrase(text: str, sets: Mapping[str, frozenset[str]]) -> Phrase:
    phrase = tuple(_slot(part, sets) for part in text.split())
    if not phrase or phrase[0].optional or phrase[0].gap:
        raise ValueError(f"a phrase has to begin with a word that is always there: {text!r}")
    return phrase


def _ends(phrase: Phrase, tokens: Sequence[Token], at: int) -> int:
    """Where the phrase ends when it begins at `at`, or -1; it stays in one sentence."""
    positions = [at]
    for slot in phrase:
        following: list[int] = []
        for p in positions:
            if slot.gap or slot.optional:
                following += _skipping(tokens, p, slot.gap)
            if p < len(tokens) and tokens[p].sentence == tokens[at].sentence and _fits(slot, tokens[p]):
                following.append(p + 1)
        positions = sorted(set(following))
        if not positions:
            return -1
    return next((p for p in positions if p <= len(tokens) and tokens[p - 1].sentence == tokens[at].sentence), -1)


def _skipping(tokens: Sequence[Token], start: int, most: int) -> Iterator[int]:
    """Positions that a gap may reach; it never skips a negation: 'calf ... swollen' is not in 'calf is not swollen'."""
    yield start
    for at in range(start, min(start + most, len(tokens))):
        if tokens[at].word in NEGATIONS:
            return
        yield at + 1


def _fits(slot: Slot, token: Token) -> bool:
    if token.word in slot.words or (NUMBER in slot.words and token.word[0].isdigit()):
        return True
    return any(word in slot.words for word in token.others)


class Match(NamedTuple):
    """Where a phrase stands: tokens from start to end, in one turn."""

    start: int
    end: int
    turn: int


class Entry(NamedTuple):
    """A phrase of a group, and what has to stand in a text that holds it beside the word it is looked up by."""

    group: str
    phrase: Phrase
    needed: tuple[frozenset[str], ...]  # the words of each other place that is always there


class PhraseBook:
    """Named groups of phrases, looked up by their rarest word."""

    def __init__(self, groups: Mapping[str, Sequence[str]], sets: Mapping[str, frozenset[str]]) -> None:
        phrases = [
            (name, _phrase(form, sets))
            for name, texts in groups.items()
            for text in texts
            for form in _spelled_out(text)
        ]
        self.words: set[str] = set()
        self._by_rarest: dict[str, list[Entry]] = {}
        for name, phrase in phrases:
            self.words.update(word for slot in phrase for word in slot.words)
            always = [slot.words for slot in phrase if not (slot.gap or slot.optional)]
            rarest, *needed = sorted(always, key=lambda words: (len(words & COMMON), len(words)))
            for word in rarest:
                self._by_rarest.setdefault(word, []).append(Entry(name, phrase, tuple(needed)))

    def find(self, tokens: Sequence[Token]) -> dict[str, list[Match]]:
        """Every place of every group, in order of start; each place as long as its longest phrase."""
        found: dict[str, list[Match]] = {}
        possible = self._possible(tokens)
        for at, token in enumerate(tokens):
            ends: dict[str, int] = {}
            for word in token.readings if token.others else (token.word,):
                for group, phrase, _ in possible.get(word, ()):
                    end = _ends(phrase, tokens, at) if len(phrase) > 1 else at + 1
                    if end > ends.get(group, at):
                        ends[group] = end
            for group, end in ends.items():
                found.setdefault(group, []).append(Match(at, end, token.turn))
        return found

    def _possible(self, tokens: Sequence[Token]) -> dict[str, list[Entry]]:
        """By first word, the phrases whose words all occur in the text: few, so that long texts stay cheap."""
        words = {token.word for token in tokens}.union(*(token.others for token in tokens if token.others))
        numbers = [word for word in words if word[0].isdigit()]
        if numbers:
            words.add(NUMBER)
        possible: dict[str, list[Entry]] = {}
        for word in words:
            for entry in self._by_rarest.get(word, ()):
                for needed in entry.needed:
                    if words.isdisjoint(needed):
                        break
                else:
                    begins = entry.phrase[0].words
                    for first in words & begins if NUMBER not in begins else [*(words & begins), *numbers]:
                        possible.setdefault(first, []).append(entry)
        return possible


def nearest(anchor: Match, others: Sequence[Match]) -> Match:
    """The nearest of the others, which are in order and at least one."""
    at = bisect_left(others, anchor)
    return min(others[max(0, at - 1) : at + 2], key=lambda m: apart(anchor, m))


def apart_from_each_other(matches: Iterable[Match]) -> list[Match]:
    """Matches that share no word, so that one phrase never counts as two signs."""
    kept: list[Match] = []
    for m in sorted(matches):
        if not kept or kept[-1].end <= m.start:
            kept.append(m)
    return kept


def apart(a: Match, b: Match) -> int:
    """Words that lie between two matches."""
    return max(0, b.start - a.end, a.start - b.end)


def word_sets(raw: Mapping[str, Sequence[str]]) -> dict[str, frozenset[str]]:
    """The named sets that phrases use as <name>; a later set may use an earlier one."""
    sets: dict[str, frozenset[str]] = {}
    for name, words in raw.items():
        sets[name] = frozenset().union(*(_slot(word, sets).words for word in words))
    return sets
