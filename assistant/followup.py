"""Complete a question that leans on the turns before it; leave one that changes the subject alone."""

import re
from collections.abc import Callable, Sequence
from enum import Enum, auto

from assistant.lexicon import terms, words

STANDS = 0.8  # probability of being covered from which a question that may lean is left alone
_CHANGES_SUBJECT = re.compile(
    r"^\W*(?:(?:ok(?:ay)?|now|right|so|and|well|thanks?(?: you)?)\W+)*"
    r"(?:(?:a |one )?(?:different|other|another|new|separate|unrelated) (?:thing|question|subject|topic)"
    r"|something else|on another note|changing the subject|change of subject|forget (?:that|it|about \w+|\w+)|never mind)\b\W*",
    re.IGNORECASE,
)
_OPENS_BACK = re.compile(
    r"^\W*(?:and|but|or|even|what about|how about|what if (?:it|that|they)\w*|so what"
    r"|why(?: not)?(?: is (?:it|that))?\W*$|for (?:how|runners?|me|older|women|men|kids)"
    r"|what else|anything else|tell me more|more\W*$|which (?:one|of)|the (?:same|other|second|first)|really\W*$|when\W*$"
    r"|how (?:long|often|many|much)(?: for)?\W*$)(?:\b|$)",
    re.IGNORECASE,
)
_POINTS_BACK = frozenset(
    "it its that this these those they them their he him his she her hers ones there such instead then same".split()
)
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
    own = len(set(terms(question)))
    if _OPENS_BACK.match(question) and own <= 2 * _FEW:
        return Lean.SURELY
    if own == 0 or (own <= _FEW and _POINTS_BACK & set(words(question))):
        return Lean.SURELY
    return Lean.PERHAPS if own <= _FEW else Lean.NONE


def subject(history: Sequence[str]) -> str:
    """Return the latest earlier question that stands by itself, else the first."""
    return next((turn for turn in reversed(history) if lean(turn) is not Lean.SURELY), history[0])


def completed(question: str, history: Sequence[str], covered: Callable[[str], float]) -> str:
    """Return ``question`` with the subject it leans on, or as it is.

    ``covered`` gives the probability that the corpus answers a question; it settles what the words alone leave open.
    """
    alone = _CHANGES_SUBJECT.sub("", question, count=1).strip() or question
    leaning = lean(question)
    if not history or leaning is Lean.NONE:
        return alone
    joined = f"{subject(history).strip()} {question.strip()}"
    if leaning is Lean.SURELY:
        return joined
    standing = covered(question)
    return question if standing >= STANDS or standing >= covered(joined) else joined
