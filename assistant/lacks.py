"""What an answer might lack, and how likely it is that it does: the gaps that curators noted, and the kinds of thing that
no sentence gives.

Each is a candidate with a few features; a logistic regression gives its probability. The weights are trained by
tests/bench/train_gaps.py on questions whose answer is left out and on questions whose answer is given.
"""

import json
import math
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib import resources

import numpy as np
import numpy.typing as npt

from assistant.asking import Kind, is_noted, kinds
from assistant.coverage import Asked
from assistant.embedding import Vectors
from assistant.entries import Entry
from assistant.lexicon import STOP_WORDS, stem, terms, words
from assistant.retrieval import Query
from assistant.schema import Role
from assistant.unsaid import beyond, unsaid

FEATURES = (
    # Of a gap that a curator noted: how surely the question is covered; its cosine with the question, and by how much that is
    # nearer than the nearest sentence; whether it is about the kind of thing asked for; the share of the question's words in
    # it, and how much more a sentence has; whether its document was found without being quoted, and its place; whether a
    # sentence gives that kind of thing, how much further off it is, whether it is near, whether none does; the share of the
    # gap's own words that the question says, and their number where the source breaks off; whether it is about how something
    # is done; how far it says what the nearest sentence does not carry of the question.
    "noted", "odds noted", "cosine", "lead", "same", "no kind", "carried", "less carried", "other", "rank", "can be given",
    "giver off", "giver near", "no giver", "own", "breaks off", "way", "beyond",
    # Of a kind of thing that no sentence near the question gives: how surely the question is covered; how much further off the
    # nearest that does is, whether none does, the share of the question's words in it and how much more another sentence has,
    # whether one counts what is asked, or none does.
    "kind", "odds kind", "off", "none", "giver carries", "other carries", "counts", "miscounts", "nearest",
    "long", "often", "when", "share", "age", "many", "degree", "reason", "compared", "tested", "person",
    # Of either: how much what the nearest sentence does not carry looks like what answers leave out.
    "unsaid",
)  # fmt: skip
SURE = 5.0  # log odds of 150 to 1 that the question is covered, by which those of each question are divided
FARTHEST = 0.5  # cosine by which a sentence may be further off than the nearest; beyond, it does not count
NEAR = 0.08  # cosine by which a sentence may be further off than the nearest and still be near
REMEMBERED = 2_048  # gaps of which the terms are kept
SAID = 0.7  # share of the question's words from which a sentence is about all of it
TOUCHED = 0.4  # the same, from which it may be about it
UNCERTAIN = "It is not certain that what is quoted here gives just what you ask for."
_COMPARED = re.compile(
    r"([\w'-]+) (?:or|versus|vs) (?:an? |the )?([\w'-]+).*\b(?:better|worse|safer|easier|healthier|best)\b"
    r"|([\w'-]+) (?:any )?(?:better|worse|safer|easier|healthier|stronger) than (?:an? |the )?([\w'-]+)",
    re.IGNORECASE,
)
_PEOPLE = "people men women adults runners persons patients volunteers participants"
_NUMBER = re.compile(
    r"\d[\d.,]*|\b(?:one|two|three|four|five|six|seven|eight|nine|ten|twelve|fifteen|half)\b", re.IGNORECASE
)
# Words in which a curator says that something is missing, and not what.
_SAYING = """page pages notes note noted text part used reported view summary say said says give gives given describe described
read opening copy record leaflet article review study name names named mention mentions nothing show list"""
_BREAKS_OFF = re.compile(r"\b(?:breaks? off|cut off|stops? before|is missing)\b", re.IGNORECASE)
_COUNTED = re.compile(r"\bhow many (?:more |extra )?([\w'-]+(?: [\w'-]+)?)", re.IGNORECASE)


@dataclass(frozen=True)
class Lack:
    """One thing that may be missing."""

    told: str  # a whole sentence, in the project's words
    features: Mapping[str, float]  # those that are not 0, by their names in FEATURES

    def row(self) -> npt.NDArray[np.float64]:
        return np.array([self.features.get(name, 0.0) for name in FEATURES])


@dataclass(frozen=True)
class _Sentence:
    text: str
    cosine: float
    terms: frozenset[str]
    carried: float  # share of the question's words that it says
    opens_list: bool
    by_named: bool  # the question names who says it


def likeliest(lacks: Iterable[Lack]) -> tuple[str, float]:
    """Return the lack that most likely holds and its log odds; empty where there is none."""
    weights = dict(zip(FEATURES, trained_weights().tolist(), strict=True))
    odds = ((lack.told, sum(weights[name] * value for name, value in lack.features.items())) for lack in lacks)
    return max(odds, key=lambda told: told[1], default=("", -9.0))


@cache
def trained_weights() -> npt.NDArray[np.float64]:
    """Return one weight a feature, as tests/bench/train_gaps.py trained them."""
    stored = json.loads((resources.files("assistant") / "rules" / "gaps.json").read_text(encoding="utf-8"))
    return np.array([stored["weights"][name] for name in FEATURES])


@lru_cache(maxsize=REMEMBERED)
def _gap_terms(gap: str) -> tuple[frozenset[str], frozenset[str]]:
    """Return the terms of ``gap``, and those of them that are not how a curator says that something is missing."""
    said = frozenset(terms(gap))
    return said, said - _stems(_SAYING)


@cache
def _stems(words: str) -> frozenset[str]:
    return frozenset(map(stem, words.split()))


def lacks(
    question: str,
    query: Query,
    entries: Sequence[Entry],
    others: Sequence[Entry],
    asked: Asked,
    confidence: float,
    model: str = "",
) -> Iterator[Lack]:
    """Yield what an answer to ``question`` that quotes ``entries`` may lack; ``others`` were found and are not quoted.

    ``confidence``: the probability, above 0 and below 1, that the corpus answers the question; ``model``: the fingerprint of the
    model that its vectors are from.
    """
    question = _as_read(question, query)
    wanted = kinds(question)
    if not wanted and not any(entry.document.gaps for entry in (*entries, *others)):
        return
    sentences = [sentence for entry in entries for sentence in _sentences(entry, query, question, asked)]
    givers = {kind.name: found for kind in wanted if (found := _giver(kind, question, asked, sentences))}
    odds = math.log(confidence / (1 - confidence)) / SURE
    left = beyond(query.vector, np.vstack([entry.sentence_vectors for entry in entries]))
    shared = {"unsaid": unsaid(left, model)}
    yield from _of_kinds(question, asked, sentences, givers, odds, shared)
    yield from _noted(query, asked, entries, others, sentences, wanted, givers, odds, left, shared)


def _as_read(question: str, query: Query) -> str:
    """Return ``question`` with the words that it was repaired to: who asks how meny asks for a number."""
    read_as = dict(query.reading.repaired)
    if not read_as:
        return question
    return re.sub(r"[\w'-]+", lambda typed: read_as.get(typed.group().casefold(), typed.group()), question)


def _sentences(entry: Entry, query: Query, question: str, asked: Asked) -> Iterator[_Sentence]:
    """Yield what can be quoted; an item of a list is as near as the line that announces it."""
    cosines = (entry.sentence_vectors @ query.vector).astype(float).tolist()
    source = entry.document.source
    named = {name.removesuffix("'s") for name in words(question)} & (set(words(source.name)) - STOP_WORDS)
    for place, sentence in enumerate(entry.sentences):
        text = entry.document.text[sentence.start : sentence.end]
        near = cosines[place]
        if sentence.role is Role.ITEM and sentence.needs is not None:
            near = max(near, cosines[sentence.needs])
        anonymous = text.replace(source.name, "").replace(source.publisher, "")
        said = frozenset(entry.sentence_terms[place])
        carried = asked.carried(asked.plain, said)
        yield _Sentence(anonymous, near, said, carried, sentence.role is Role.LEAD_IN, bool(named))


def _giver(
    kind: Kind, question: str, asked: Asked, sentences: Sequence[_Sentence]
) -> tuple[Kind, list[_Sentence]] | None:
    """Return ``kind`` with the sentences that give such a thing; None where that cannot be told by words."""
    if kind.name == "compared":
        pair = _COMPARED.search(question)
        sides = [_meant(word, asked) for word in pair.groups() if word] if pair else []
        if not all(sides) or not sides or re.match(r"\W*why\b", question, re.IGNORECASE):
            return None
        return kind, [s for s in sentences if all(side & s.terms for side in sides)]
    if kind.name == "way":  # steps are given as a list, by whoever is asked about
        own = [sentence for sentence in sentences if sentence.by_named] or sentences
        return kind, [sentence for sentence in own if sentence.opens_list]
    if kind.given is None:
        return None
    return kind, [sentence for sentence in sentences if kind.given.search(sentence.text)]


def _off(found: Sequence[_Sentence], sentences: Sequence[_Sentence]) -> float:
    """Return by how much the nearest of ``found`` is further off than the nearest of all."""
    nearest = max(sentence.cosine for sentence in sentences)
    return min(nearest - max((sentence.cosine for sentence in found), default=-1.0), FARTHEST)


def _near(given: Iterable[Sequence[_Sentence]], sentences: Sequence[_Sentence]) -> Iterator[list[_Sentence]]:
    """Yield those of each of ``given`` that are hardly further off than the nearest of all."""
    nearest = max(sentence.cosine for sentence in sentences)
    for found in given:
        yield [sentence for sentence in found if sentence.cosine >= nearest - NEAR]


def _most(sentences: Iterable[_Sentence]) -> float:
    return max((sentence.carried for sentence in sentences), default=0.0)


def _meant(word: str, asked: Asked) -> frozenset[str]:
    """Return the terms that mean the same as ``word``."""
    return frozenset(same for term in terms(word) for same in asked.meanings.get(term, frozenset({term})))


def _counts(question: str, asked: Asked, found: Iterable[_Sentence]) -> dict[str, float]:
    """Tell whether one of ``found`` holds a number right before what ``question`` counts."""
    counted = _COUNTED.search(question)
    wanted = frozenset(same for word in counted[1].split() for same in _meant(word, asked)) if counted else frozenset()
    if not wanted:
        return {}
    if wanted & _stems(_PEOPLE):
        wanted |= _stems(_PEOPLE)
    for sentence in found:
        for number in _NUMBER.finditer(sentence.text):
            if wanted.intersection(terms(" ".join(sentence.text[number.end() :].split()[:4]))):
                return {"counts": 1.0}
    return {"miscounts": 1.0}


def _of_kinds(
    question: str,
    asked: Asked,
    sentences: Sequence[_Sentence],
    givers: Mapping[str, tuple[Kind, list[_Sentence]]],
    odds: float,
    shared: Mapping[str, float],
) -> Iterator[Lack]:
    nearest, most = max(0.0, *(sentence.cosine for sentence in sentences)), _most(sentences)
    for name, (kind, found) in ((name, giver) for name, giver in givers.items() if giver[0].told):
        carries = _most(found)
        yield Lack(
            UNCERTAIN if carries >= TOUCHED else kind.told,  # "how long is not said" might be untrue
            {
                "kind": 1.0,
                "odds kind": odds,
                name: 1.0,
                "off": _off(found, sentences),
                "none": float(not found),
                "giver carries": carries,
                "other carries": most - carries,
                **_counts(question, asked, found),
                "nearest": nearest,
                **shared,
            },
        )


def _noted(
    query: Query,
    asked: Asked,
    entries: Sequence[Entry],
    others: Sequence[Entry],
    sentences: Sequence[_Sentence],
    wanted: Sequence[Kind],
    givers: Mapping[str, tuple[Kind, list[_Sentence]]],
    odds: float,
    left: Vectors,
    shared: Mapping[str, float],
) -> Iterator[Lack]:
    nearest, most = max(sentence.cosine for sentence in sentences), _most(sentences)
    meant = frozenset[str]().union(*asked.meanings.values())
    vectors = np.vstack([np.zeros((0, len(left)), np.float32), *(e.gap_vectors for e in (*entries, *others) if e.document.gaps)])
    along_both = zip((vectors @ query.vector).tolist(), (vectors @ left).tolist(), strict=True)
    for behind, documents in ((0.0, entries), (1.0, others)):
        for rank, entry in enumerate(documents):
            for gap in entry.document.gaps:
                cosine, along = next(along_both)
                same = [kind for kind in wanted if is_noted(kind, gap)]
                given = [givers[kind.name][1] for kind in same if kind.name in givers]
                off = min((_off(found, sentences) for found in given), default=0.0)
                said, own = _gap_terms(gap)
                carried = asked.carried(asked.plain, said)
                answered = len(given) == len(same) and off <= NEAR
                if answered and any(_most(near) >= max(carried, SAID) for near in _near(given, sentences)):
                    continue  # another source says it in as many of the question's words
                yield Lack(
                    gap,
                    {
                        "noted": 1.0,
                        "odds noted": odds,
                        "cosine": cosine,
                        "lead": cosine - nearest,
                        "same": float(bool(same)),
                        "no kind": float(not wanted),
                        "carried": carried,
                        "less carried": most - carried,
                        "other": behind,
                        "rank": min(rank, 5) / 5,
                        "can be given": float(bool(given)),
                        "giver off": off,
                        "giver near": float(bool(given) and off <= NEAR),
                        "no giver": float(any(not found for found in given)),
                        "own": len(own & meant) / max(len(own), 1),
                        "breaks off": len(own & meant) if _BREAKS_OFF.search(gap) else 0.0,
                        "way": float(any(kind.name == "way" for kind in same)),
                        "beyond": along,
                        **shared,
                    },
                )
