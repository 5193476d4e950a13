"""Complete a question that leans on the turns before it; leave one that changes the subject alone."""

import re
from collections.abc import Sequence

from assistant.lexicon import terms, words

# Openings and words that point back. A question without them stands by itself unless it is a bare fragment.
_OPENS_BACK = re.compile(
    r"^(?:and|but|or|so|also|then|what about|how about|what if|why(?: not| is that)?\b\W*$|how (?:long|often|much|many|come|so)\b"
    r"|which one|is (?:it|that|this)\b|does (?:it|that|this)\b|can (?:it|that|this|they)\b|should (?:it|that|this)\b"
    r"|for (?:how|runners|me|older)|when\W*$|really\W*$|any (?:other|more)|what else|tell me more|more\W*$|ok(?:ay)?\b|the (?:same|other|second|first))",
    re.IGNORECASE,
)
_POINTS_BACK = frozenset("it its that this these those they them their he him his she her hers one ones there same such instead".split())
_FEW_TERMS = 2


def leans(question: str) -> bool:
    """Tell whether ``question`` points back to an earlier turn."""
    said = words(question)
    if _OPENS_BACK.match(question.strip()):
        return True
    if len(terms(question)) <= _FEW_TERMS and len(said) <= 4:
        return True
    return len(terms(question)) <= 4 and bool(_POINTS_BACK & set(said[:8]))


def standalone(question: str, history: Sequence[str]) -> str:
    """Return ``question`` with the subject of the turn it leans on, or as it is."""
    if not history or not leans(question):
        return question
    for earlier in reversed(history):
        if not leans(earlier) or earlier is history[0]:
            return f"{earlier.strip()} {question.strip()}"
    return question
