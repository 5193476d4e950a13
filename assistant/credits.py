"""Whose words a question asks for: "cramps" of Rick Olderman in "what did Rick Olderman say about cramps".

To a model of sentences a name outweighs the topic: every answer of one expert lies nearer than the one on cramps. So the name is
taken out of what is searched for, and the documents of whoever bears it are preferred.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from assistant.lexicon import words

SAYS = frozenset(
    """say says said think thinks thought recommend recommends recommended suggest suggests suggested advise advises advised
    believe believes explain explains mean means tell tells mention mentions argue argues claim claims warn warns""".split()
)
_VIEWS = frozenset("view views advice opinion opinions take thoughts tip tips position stance word words".split())
_ABOUT = frozenset("about on of for that to regarding".split())
_ASIDE = frozenset("anything something ever also actually really".split())
_OPENS = frozenset("what whats which do does did has is are was would can the tell me".split())
_FROM = frozenset("by from to with".split())  # "according to"
_TITLES = frozenset("dr doctor prof professor mr mrs ms".split())
LONGEST = 8  # words of a name that is looked for
REMEMBERED = 8_192  # words of which it is kept what they are without their ending
_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)?")


@dataclass(frozen=True)
class Credited:
    """A question apart from whom it asks for."""

    topic: str  # what is left of the question; the whole of it where nothing else is asked
    name: str = ""  # as it is typed; empty: nobody's words are asked for


class Names:
    """The names that sources bear, whole, and the last names of persons."""

    def __init__(self, named: Iterable[tuple[str, bool]]) -> None:
        """``named``: names, and whether a person bears it."""
        self._known = frozenset(key for name, person in named for key in _keys(name, person))
        self._first = frozenset(key.partition(" ")[0] for key in self._known)

    def credited(self, question: str) -> Credited:
        """Return ``question`` without the names whose bearers' words it asks for, and the last of those names."""
        name, topic = "", question
        while (found := self._asked_for(topic)) is not None:
            name, start, end = found
            topic = f"{topic[:start].rstrip()} {topic[end:].lstrip()}".strip()
        return Credited(topic if words(topic) else question, name)

    def borne(self, text: str) -> Credited:
        """Return ``text`` without the first whole name in it, and that name, whatever is said of it."""
        said = list(_WORD.finditer(text))
        for first, past in self._names_in([_bare(match.group()) for match in said]):
            name = " ".join(re.sub(r"['’]s?$", "", match.group()) for match in said[first:past])
            return Credited(f"{text[: said[first].start()]} {text[said[past - 1].end() :]}".strip(), name)
        return Credited(text)

    def _asked_for(self, question: str) -> tuple[str, int, int] | None:
        """Return a name and the span, in characters, of the words that ask what its bearer says."""
        said = list(_WORD.finditer(question))
        bare = [_bare(match.group()) for match in said]
        for first, past in self._names_in(bare):
            if (span := _span(bare, first, past)) is not None:
                name = " ".join(re.sub(r"['’]s?$", "", match.group()) for match in said[first:past])
                return name, said[span[0]].start(), said[span[1] - 1].end()
        return None

    def _names_in(self, bare: Sequence[str]) -> Iterator[tuple[int, int]]:
        for first in (place for place, word in enumerate(bare) if word in self._first):
            for past in range(min(first + LONGEST, len(bare)), first, -1):
                if " ".join(bare[first:past]) in self._known:
                    yield first, past


def bears(name: str, source: str) -> bool:
    """Tell whether the name of a ``source`` holds the words of ``name``."""
    held, sought = (f" {' '.join(map(_bare, words(text)))} " for text in (source, name))
    return sought in held


@lru_cache(maxsize=REMEMBERED)
def _bare(word: str) -> str:
    """Return ``word`` lower case and without an ending such as in "Olderman's"."""
    return re.sub(r"['’]s?$", "", "".join(words(word)))


def _keys(name: str, person: bool) -> Iterator[str]:
    whole = [word for word in map(_bare, words(name)) if word not in _TITLES]
    if whole:
        yield " ".join(whole)
    if person and len(whole) == 2:  # with more it is rather "Grenier and McGill"
        yield whole[-1]


def _span(bare: Sequence[str], first: int, past: int) -> tuple[int, int] | None:
    """Return which words ask for what the name at ``first`` to ``past`` says; None where nobody's words are asked for."""
    start = first
    while start and bare[start - 1] in _TITLES | {"the"}:
        start -= 1
    after = past
    while after < len(bare) and bare[after] in _ASIDE:
        after += 1
    following = bare[after] if after < len(bare) else ""
    if following in SAYS | _VIEWS:
        after += 1
        while after < len(bare) and bare[after] in _ASIDE:
            after += 1
    elif start and bare[start - 1] in _FROM and (bare[start - 2 : start - 1] == ["according"] or past == len(bare)):
        start -= 2 if bare[start - 2 : start - 1] == ["according"] else 1
        return start, past
    elif not (start == 0 and following in {"on", "about"}):
        return None
    if after < len(bare) and bare[after] in _ABOUT:
        after += 1
    while start and bare[start - 1] in _OPENS:
        start -= 1
    return start, after
