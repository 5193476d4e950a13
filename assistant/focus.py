"""What a question asks about, told from its words alone: "turmeric" in "does turmeric help sore knees", not "lorry" in
"lorry driver, hips stiff from the cab, any stretch".

No grammar is parsed. A word that opens a question is followed by what it asks about, up to the first word that ends a phrase;
what stands in other clauses is told by the way.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from assistant.lexicon import STOP_WORDS, words
from assistant.vocabulary import asides

LONGEST = 5  # words of a phrase
NAMED = 2  # words at the front of a phrase that name the thing; a verb may follow
SHORT = 4  # words; a remark of so few is asked about as a whole
LINK = 3  # words after a phrase among which the word that leads to its object is looked for
_CLAUSE = re.compile(r"[.?!;,:()\n]+|\s[-–—=]+\s")
_ELSEWHERE = frozenset("when whenever since because cos coz while if although though but unless till until so".split())
_QUESTION = frozenset("what whats which who whos whose how hows where wheres when why whys".split())
_OPENS = frozenset(
    "is are was were do does did can could will would should shall has have may might must isnt arent doesnt dont cant".split()
)
_SOMEBODY = frozenset(
    "i you we they he she it people someone somebody anyone anybody one to my mum dad nan wife husband".split()
)
_BEFORE = frozenset("so and but or also then ok okay well please hi hello".split())  # may stand before what opens a question
_ENDS = frozenset(
    """for in on at with without after before during from than as by about against into over under through between or
    like because while if when that which who where whether is are was were be been do does did can could will would should
    has have had may might must mean means stand stands help helps helped work works cause causes cure cures treat treats
    bring brings lead leads give gives turn turns make makes affect affects spread spreads prevent prevents agree agrees disagree
    increase increases reduce reduces raise raises ease eases protect protects damage damages ruin ruins
    good bad better worse worth safe ok okay okey fine normal right true any really actually use useful best to
    alright dangerous harmful harmless risky necessary essential important likely possible common alone""".split()
)
_FOR = frozenset("for with against of help helps cure cures treat treats".split())
_SETS = frozenset("for with after during in while despite if".split())
_SKIPPED = frozenset(
    """the a an my your his her our their this that these those some any i you we they he she it me best good kind type sort of
    on with much many long often soon far high low get got rid go going be to do use using make need want would
    just really actually
    so then ok okay right now please some exactly buy brand brands make makes model models number""".split()
)
_ASKS_FOR = re.compile(r"\b(?:for|any (?:good|use|help)|worth|treatments?)\b")


@dataclass(frozen=True)
class Focus:
    """What a question is about; both empty where the words do not tell."""

    about: tuple[str, ...] = ()  # every word of it
    things: tuple[str, ...] = ()  # those of them that name a thing rather than what is done with it
    main: tuple[
        str, ...
    ] = ()  # those of the phrase that comes first: "gluteal pumps" in "are gluteal pumps safe after a hip operation"
    setting: tuple[str, ...] = ()  # what it is asked for: "hip operation"


def asking(question: str, repaired: Iterable[tuple[str, str]] = ()) -> list[tuple[str, ...]]:
    """Return the words of each clause of ``question`` that asks something, read as ``repaired`` says; of every clause where none
    opens like a question. "My mate swears by it. Is he right?" tells of a mate, and asks nothing about one."""
    clauses = [tuple(clause) for clause in _clauses(question, repaired) if clause]
    return [clause for clause in clauses if _opens_question(clause)] or clauses


def _opens_question(clause: Sequence[str]) -> bool:
    """Tell whether a question word stands in ``clause``, or what opens one: at its front, or before somebody."""
    front = next((word for word in clause if word not in _BEFORE), "")
    inverted = any(first in _OPENS and then in _SOMEBODY for first, then in pairwise(clause))
    return front in _OPENS or inverted or any(_is_question_word(clause, position) for position in range(len(clause)))


def _is_question_word(clause: Sequence[str], position: int) -> bool:
    """Tell whether a question word stands there: "when can i run", not "it hurts when i run"."""
    if clause[position] not in _QUESTION:
        return False
    somebody, then = (*clause[position + 1 : position + 3], "", "")[:2]
    return clause[position] != "when" or somebody not in _SOMEBODY or then in _OPENS


def _clauses(question: str, repaired: Iterable[tuple[str, str]]) -> list[list[str]]:
    """Return the words of each clause, as they were read."""
    read_as = dict(repaired)
    parts = _CLAUSE.split(question)
    return [[word for typed in words(part) for word in read_as.get(typed, typed).split()] for part in parts]


def focus(question: str, repaired: Iterable[tuple[str, str]] = ()) -> Focus:
    """Return what ``question`` asks about, in the words that it was read as; ``repaired``: pairs of typed and read as."""
    clauses = _clauses(question, repaired)
    for clause in clauses:
        for position, word in enumerate(clause):
            opens = _is_question_word(clause, position) or (position == 0 and word in _OPENS)
            if opens and (found := _asked(clause[position:])).about:
                return found
    return next(
        (found for clause in clauses if (found := _remark(clause, sum(map(bool, clauses)) == 1)).about), Focus()
    )


def _asked(clause: Sequence[str]) -> Focus:
    """Read a clause from the word on that opens a question."""
    first, *rest = clause
    if first in _QUESTION and first != "which" and rest and rest[0] in _OPENS:
        first, *rest = rest
    found, after = _phrase(rest)
    somebody = next((position for position, word in enumerate(rest[:2]) if word in _SOMEBODY), None)
    if somebody is not None and found and rest[somebody + 1 : somebody + 2] == [found[0]]:
        things = found[1 : 1 + NAMED]  # a verb comes first: how do I sprain-proof an ankle
    else:
        things = found[: 1 if clause[0] in _OPENS and somebody is None else NAMED]
    return _with_object(found, things, rest[after:])


def _remark(clause: Sequence[str], alone: bool) -> Focus:
    """Read a clause without a question word: what stands before "for" names a thing; a short one is taken whole."""
    text = " ".join(clause)
    if match := _ASKS_FOR.search(text):
        before, _ = _phrase(text[: match.start()].split())
        return _with_object(before, before, text[match.start() :].split())
    plain = tuple(word for word in clause if _tells(word))
    return Focus(plain, main=plain) if alone and len(plain) <= SHORT else Focus()


def _with_object(found: tuple[str, ...], things: tuple[str, ...], rest: Sequence[str]) -> Focus:
    """Add what it is for: "treatment" and "shingles"."""
    aim = _after(rest, _FOR)
    return Focus((*found, *aim), (*things, *aim[:NAMED]), found, _after(rest, _SETS))


def _after(rest: Sequence[str], links: frozenset[str]) -> tuple[str, ...]:
    """Return the phrase that one of ``links`` opens, where it stands near the front."""
    link = next((position for position, word in enumerate(rest[:LINK]) if word in links), None)
    return _phrase(rest[link + 1 :])[0] if link is not None else ()


def _phrase(rest: Sequence[str]) -> tuple[tuple[str, ...], int]:
    """Return the phrase that ``rest`` opens with, and the position after it."""
    found: list[str] = []
    for position, word in enumerate(rest):
        if found and (word in _ENDS or word in _ELSEWHERE or len(found) == LONGEST):
            return tuple(found), position
        if _tells(word):
            found.append(word)
    return tuple(found), len(rest)


def _tells(word: str) -> bool:
    return not (word in _SKIPPED or word in STOP_WORDS or word in _ENDS or word in asides() or word.isdigit())
