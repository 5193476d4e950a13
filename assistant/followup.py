"""Complete a question that leans on the turns before it; leave one that changes the subject alone."""

import re
from collections.abc import Callable, Sequence
from enum import Enum, auto
from functools import cache

from assistant.credits import SAYS
from assistant.lexicon import STOP_WORDS, stem, terms, words

STANDS = 0.88  # probability of being covered from which a question that may lean is left alone
CARRIED = 0.6  # share of what it says that the documents on its subject must say too, or it is about something else
Covered = Callable[[str], float]
Carried = Callable[[str, str], float]
_CHANGES_SUBJECT = re.compile(
    r"^\W*(?:(?:ok(?:ay)?|now|right|so|and|well|thanks?(?: you)?)\W+)*"
    r"(?:(?:a |one )?(?:different|other|another|new|separate|unrelated) (?:thing|question|subject|topic)"
    r"|something else|on (?:another|a different) note|(?:chang|switch)ing (?:the )?(?:subject|topic)s?|change of subject"
    r"|moving on|forget (?:that|it|about \w+|\w+)|never mind)\b\W*",
    re.IGNORECASE,
)
_OPENS_BACK = re.compile(
    r"^\W*(?:and|but|or|even|what about|how about|what if (?:it|that|they)\w*|so what"
    r"|why(?: is (?:it|that))?\W*$|why not|for (?:how|runners?|me|older|women|men|kids)"
    r"|what else|anything else|tell me more|more\W*$|which (?:one|of)|the (?:same|other|second|first)|really\W*$|when\W*$"
    r"|how (?:long|often|many|much)(?: for)?\W*$)(?:\b|$)",
    re.IGNORECASE,
)
_POINTS_BACK = frozenset(
    "it its that this these those they them their he him his she her hers ones such instead then same".split()
)
_ONE_OF_THEM = re.compile(
    r"\bthe (?:(?:\w+ )?ones?|others?|(?:other|opposite|second|newer|older|first) (?:\w+)|latter|former|two)\b", re.IGNORECASE
)
_NO_POINTER = re.compile(  # "it band", "is it too late to start", "the same as a strain"
    r"\b(?:[Ii]t bands?|IT|[Ii]t(?= (?:\w+ ){1,3}to \w)|same(?= as))\b"
)
_THAT = re.compile(r"(\w+) that(?= \w)")  # after a noun or a verb it opens a clause: "a knee that gives way"
_CLAUSE = re.compile(r"[.?!;,:]+|\b(?:and|or|but|how|what|why|when|if)\b", re.IGNORECASE)
_NOUN_AT_HAND = 2  # terms in earlier clauses, among which a pronoun probably has its noun
_PERSON = frozenset("he him his she her".split())
_SAYS = SAYS | {"anything"}
# What was found by whom: "what did the trial find" asks about what was asked about before.
_STUDIES = "trial trials study studies review reviews research evidence lab find finds found show shows experts"
_CAPITALS = re.compile(r"\b[A-Z][a-z]+(?:[ -][A-Z][a-z]+)*")
_FEW = 4  # terms; with more, a question usually names its own subject


class Lean(Enum):
    """How far a question points back to earlier turns."""

    NONE = auto()
    PERHAPS = auto()
    SURELY = auto()


def lean(question: str) -> Lean:
    """Tell from its words alone how far ``question`` points back."""
    if _CHANGES_SUBJECT.match(question):
        return Lean.NONE
    own = len(set(terms(question)) - _saying())
    if _OPENS_BACK.match(question) and own <= 2 * _FEW:
        return Lean.SURELY
    if own == 0 or (own <= _FEW and _points_back(question)):
        return Lean.SURELY
    return Lean.PERHAPS if own <= _FEW else Lean.NONE


def told_before(question: str, history: Sequence[str]) -> Sequence[str]:
    """Return the turns before ``question`` back to where the subject last changed: who was pregnant then is so now."""
    turns = [*history, question]
    start = max((place for place, turn in enumerate(turns) if _CHANGES_SUBJECT.match(turn)), default=0)
    return turns[start:-1]


def subject(history: Sequence[str], covered: Covered, carried: Carried) -> str:
    """Return the latest earlier question that does not surely lean, or only on a name, with what it leans on; else the first."""
    for position in range(len(history) - 1, 0, -1):
        if named := _with_name(history[position], history[:position]):
            return named
        if lean(history[position]) is not Lean.SURELY:
            return completed(history[position], history[:position], covered, carried)
    return history[0]


def completed(question: str, history: Sequence[str], covered: Covered, carried: Carried) -> str:
    """Return ``question`` with the subject it leans on, or as it is.

    What the words leave open is settled by the corpus: ``covered`` gives the probability that it answers a question, and
    ``carried`` how far the documents found for its first argument say what its second one says.
    """
    alone = _CHANGES_SUBJECT.sub("", question, count=1).strip() or question
    if not history or (leaning := lean(question)) is Lean.NONE:
        return alone
    if named := _with_name(question, history):
        return named
    if leaning is Lean.PERHAPS and (standing := covered(question)) >= STANDS:
        return question
    joined = f"{subject(history, covered, carried).strip()} {question.strip()}"
    if leaning is Lean.SURELY:
        return joined
    # Joined to something covered, whatever is asked looks covered: so its own words have to be said there too.
    return joined if covered(joined) > standing and carried(joined, question) >= CARRIED else question


@cache
def _saying() -> frozenset[str]:
    """Return the terms of words that say who says or found something, and not what."""
    return frozenset(map(stem, (*_SAYS, *_STUDIES.split())))


def _points_back(question: str) -> bool:
    """Tell whether a pronoun stands in ``question`` that has no noun at hand in a clause before its own."""
    if _ONE_OF_THEM.search(question):
        return True
    said = question if question.isupper() else _NO_POINTER.sub("", question)
    said = _THAT.sub(lambda match: match[1] if terms(match[1]) else match[0], said)
    meant = 0
    for clause in _CLAUSE.split(said):
        if _POINTS_BACK.intersection(words(clause)):
            return True
        meant += len(terms(clause))
        if meant >= _NOUN_AT_HAND:
            return False
    return False


def _with_name(question: str, history: Sequence[str]) -> str:
    """Return ``question`` with the latest name in ``history`` for its "he" or "she"; empty where that is not all it lacks."""
    said = words(question)
    person = _PERSON.intersection(said)
    rest = terms(" ".join(word for word in said if word not in _SAYS))
    if len(person) != 1 or (_POINTS_BACK - _PERSON).intersection(said) or not (rest or said[0] == "who"):
        return ""
    if not _points_back(question) or not (name := next(filter(None, map(_name, reversed(history))), "")):
        return ""
    owns = "'s" if person & {"his", "her"} else ""
    return re.sub(rf"\b{next(iter(person))}\b", name + owns, question, flags=re.IGNORECASE)


def _name(turn: str) -> str:
    """Return the last name of a person in ``turn``, told by its capitals, or nothing."""
    found = ""
    for match in _CAPITALS.finditer(turn):
        parts = match[0].split(" ")
        name = [part for part in parts if part.casefold() not in STOP_WORDS]
        opens = not turn[: match.start()].strip() or turn[: match.start()].rstrip()[-1] in ".?!"
        if len(name) > 1 or (name and (name != parts or not opens)):
            found = " ".join(name)
    return found
