"""What tells whether the documents found for a question answer it: how near they are, and what of it they do not say.

assistant/calibration.py makes a probability of it.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from itertools import chain

import numpy as np
import numpy.typing as npt

from assistant.asking import asks_whether
from assistant.entries import Entry
from assistant.lexical import LexicalIndex
from assistant.lexicon import stem, terms
from assistant.remainder import KINDS, remainder, trained_directions
from assistant.retrieval import Query, Retriever
from assistant.schema import Hit
from assistant.things import named
from assistant.vocabulary import aside_terms, sites

Features = npt.NDArray[np.float64]
MEASURED = (
    "score",
    "sentence",
)  # of the best documents; how large they get depends on the corpus, and is measured on it
SHARES = ("carried", "elsewhere", "strange", "apart", "scattered")  # 0..1 in every corpus
REMAINDERS = tuple(f"remainder {kind}" for kind in KINDS)  # log odds, from a usual question on; weighed where they are made
WORDED = "worded"
FEATURES = (*MEASURED, *SHARES, *REMAINDERS, WORDED)
BEST = 5  # documents that are looked at
MANY_WORDINGS = 20  # other wordings of a page's question, from which it counts as fully worded
_AMOUNT = re.compile(r"\d+\w{0,2}$")  # 65s, 3am, 5k: an age, a time, a distance


def features(query: Query, hits: Sequence[Hit], retriever: Retriever, unasked: str = "", asked: str = "") -> Features:
    """Return the features named in FEATURES, shape (len(FEATURES),), from the best documents.

    ``asked``: the last turn alone, where ``query`` is completed from the turns before it. The documents on their subject
    say what those turns say; whether they say what this one asks is told by its own words.

    "Apart" and "scattered": does a knee brace stop cramp? That is told by a document that speaks of both, not by one on each,
    and rather by one sentence than by two. "Worded": how far the best page's question is known in other words, 0..1.
    """
    top = hits[:BEST]
    if not top:
        return np.zeros(len(FEATURES))
    last = _last_turn(query, asked, retriever)
    wanted = Asked.of(last, retriever.lexical)
    said = [Said.of(retriever.catalog.entry(hit.document.id), unasked) for hit in top]
    strange = wanted.strange([one.everything for one in said[:3]])
    left = remainder(query, hits, retriever, unasked)
    return np.array(
        [
            top[0].score,
            max(hit.sentence_cosine for hit in top),
            max(wanted.carried(wanted.plain, one.everything) for one in said[:3]),
            wanted.elsewhere(said),
            named(wanted.about.intersection(strange)),
            min(named(wanted.strange([one.everything])) for one in said) if asks_whether(last.text) else 0.0,
            wanted.lacking(part for one in said for part in one.parts),
            *(direction.along(left, retriever.model) for direction in trained_directions()),
            min(1.0, len(top[0].document.also_asked) / MANY_WORDINGS),
        ]
    )


def _last_turn(query: Query, asked: str, retriever: Retriever) -> Query:
    """Return ``asked`` as a query where turns before it were put in front of it and it asks about a thing, else ``query``."""
    if not asked or query.text == asked or not query.text.endswith(asked):
        return query
    last = Query(asked, query.vector, retriever.read(asked))
    return last if last.reading.meanings.keys() - aside_terms() else query  # "and how often?" asks about what was asked before


@dataclass(frozen=True)
class Said:
    """The terms of one document: its wordings and sentences apart, and all of them."""

    parts: tuple[tuple[str, ...], ...]
    everything: frozenset[str]

    @classmethod
    def of(cls, entry: Entry, unasked: str = "") -> "Said":
        if not unasked:
            return cls((*entry.wording_terms, *entry.sentence_terms), entry.all_terms)
        texts = (entry.document.question, *entry.document.also_asked)
        wordings = [said for text, said in zip(texts, entry.wording_terms, strict=True) if text != unasked]
        parts = (*wordings, *entry.sentence_terms)
        return cls(parts, frozenset(chain.from_iterable(parts)))


@dataclass(frozen=True)
class Asked:
    """The terms of a question, by what they do in it."""

    plain: tuple[str, ...]  # without the words of a story, unless there are no others
    about: frozenset[str]  # what it asks about
    sites: frozenset[str]  # parts of the body
    worded: frozenset[str]  # terms of its words, without those that only its meaning adds
    meanings: Mapping[str, frozenset[str]]
    mass: Mapping[str, float]  # term -> inverse document frequency

    @classmethod
    def of(cls, query: Query, lexical: LexicalIndex) -> "Asked":
        meanings = query.reading.meanings
        return cls(
            tuple(term for term in meanings if not (term in aside_terms() or _AMOUNT.match(term))) or tuple(meanings),
            frozenset(map(stem, query.focus.about)),
            sites(query.reading),
            frozenset(terms(query.reading.text)),
            meanings,
            {term: lexical.idf(term) for term in meanings},
        )

    def carried(self, wanted: Sequence[str], present: AbstractSet[str]) -> float:
        """Return the share, 0..1, of the mass of ``wanted`` that ``present`` terms carry, in the same or another word.

        Nothing wanted is wholly carried; a question of stop words alone is carried by nothing.
        """
        if not self.meanings:
            return 0.0
        mass = sum(self.mass[term] for term in wanted)
        said = (self.mass[term] for term in wanted if not self.meanings[term].isdisjoint(present))
        return sum(said) / mass if mass else 1.0

    def strange(self, said: Sequence[AbstractSet[str]]) -> list[str]:
        """Return the terms that none of ``said`` holds in the same or another word."""
        asked = (term for term in self.plain if term in self.worded)
        return [term for term in asked if all(self.meanings[term].isdisjoint(present) for present in said)]

    def lacking(self, said: Iterable[Iterable[str]]) -> float:
        """Return how much of the question hangs on a thing that the one of ``said`` that lacks the least does not hold: the share
        of its mass, 0..1, that the weightiest such thing carries."""
        worded = [term for term in self.plain if term in self.worded]
        mass = sum(self.mass[term] for term in worded)
        shares = [(self.mass[term] / mass * named([term]), self.meanings[term]) for term in worded]
        shares.sort(key=lambda share: -share[0])
        left = list(said)
        for share, same in shares:  # the weightiest first: what holds all of them longest lacks the least
            left = [present for present in left if not same.isdisjoint(present)]
            if not left:
                return share
        return 0.0

    def elsewhere(self, said: Sequence[Said]) -> float:
        """Return how surely the question is about a part of the body that the best documents are not about.

        1: none of them mentions it; 0.5: none mentions it together with anything else that is asked; 0: some do.
        """
        if not self.sites:
            return 0.0
        if not any(self.meanings[site] & one.everything for site in self.sites for one in said[:3]):
            return 1.0
        others = [self.meanings[term] for term in self.plain if term not in self.sites]
        for part in (part for one in said for part in one.parts):
            if any(not self.meanings[site].isdisjoint(part) for site in self.sites) and (
                not others or any(not other.isdisjoint(part) for other in others)
            ):
                return 0.0
        return 0.5


def carried(question: Query, hits: Sequence[Hit], retriever: Retriever) -> float:
    """Return how far one of the best documents says what ``question`` says, 0..1."""
    asked = Asked.of(question, retriever.lexical)
    said = (Said.of(retriever.catalog.entry(hit.document.id)) for hit in hits[:BEST])
    return max((asked.carried(asked.plain, one.everything) for one in said), default=0.0)


def unheard(query: Query, lexical: LexicalIndex) -> tuple[str, ...]:
    """Return the words for what is asked about that no document of the corpus holds under any name."""
    meanings = query.reading.meanings
    return tuple(
        word
        for word in query.focus.things
        if (same := meanings.get(stem(word))) is not None and not any(map(lexical.knows, same))
    )
