"""Do two sentences of two experts contradict each other? Told from cues, where no curator has noted a dispute.

Two sentences on the same thing (near in meaning, with words in common) differ when an odd number of these differ: what is
said or denied of a word that both use; the side that each takes on an axis such as before and after, ice and heat, safe and
harmful. An even number cancels out: "weak glutes let the knee fall inward" and "strong glutes keep it from falling" agree.
They differ, too, when both name a time or a frequency and the two do not meet. Cues in the manner of de Marneffe, Rafferty
and Manning 2008, "Finding contradictions in text": negation, antonyms, numbers.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from itertools import combinations
from math import inf

import numpy as np

from assistant.embedding import Vectors
from assistant.entries import Entry
from assistant.lexicon import STOP_WORDS, stem
from assistant.schema import Citation, Hit, Role, Views

NEAR = 0.7  # cosine from which two sentences may be on the same thing
SHARED = 0.4  # share of the words of the shorter sentence that the other one has, too
APART = 1.5  # how many times as long as the other a time must be, to be another time
MOST = 2  # disputes of an answer
SCOPE = 3  # words that matter after a denial, and are denied by it

_AXES = (  # sides that exclude each other
    "before / after afterwards",
    "ice cold cool icing / heat warm warmth hot",
    "rest resting bed immobilise sling / move moving movement exercise active activity walk",
    "safe safely harmless fine okay help helps helpful helped benefit beneficial improve improves protects protect prevents"
    " prevent reduce reduces relieve relieves ease eases good / harm harms harmful unsafe dangerous damage damages damaging"
    " worsen worsens hurts bad wears",
    "more increase increases longer / less fewer decrease shorter",
    "straight straighten extended / bent bend bending flexed",
    "inward inwards / outward outwards / ahead",
    "strong stronger strength strengthen strengthens / weak weaker weaken weakens weakness",
    "hard firm / soft",
    "wide / narrow",
    "slow slowly / fast quickly quick rush hurry",
    "inhale / exhale",
    "upright / lean leaning",
    "old older elderly / young younger",
)
_DENIES_NEXT = frozenset(
    "not no never cannot without avoid avoids avoiding rarely seldom hardly neither nor nothing don't doesn't isn't aren't can't"
    " won't shouldn't mustn't wasn't weren't didn't discourages discourage".split()
)
_DENIES_BEFORE = re.compile(
    r"\b(?:(?:should|must|is|are|be|best) (?:\w+ )?(?:avoided|left out|omitted|skipped|discouraged)"
    r"|(?:do|does|did|makes?|made) nothing|makes? no difference|nothing|(?:is|are) not recommended)\b"
)
_STOPS = frozenset(
    "in on at with during for of while when if because although though but so which who whether as by into before after until and"
    " or that".split()
)
# "Better than ice" and "keeps the knee from falling" deny what follows, too.
_PREFERRED = re.compile(
    r".*\b(?:better than|rather than|instead of|(?:keeps?|stops?|prevents?|protects?)\b[^.,;:]*\bfrom)", re.DOTALL
)
_BREATHS = {"in": "inhale", "out": "exhale"}
_BREATH = re.compile(r"\bbreath(?:e|es|ing) (in|out)\b")
_ENDS = re.compile(r"[.,;:!?()]| but ")
_RATHER = re.compile(r"[^.;:!?]* but ")  # "not here but there"
_LIMITED = re.compile(
    r"\b(?:than|too|unless|until|only|beyond|always|every|all)\b"
)  # "not higher than" allows what is lower
_TOKEN = re.compile(r"[a-z]+(?:['’]t)?|[.,;:!?()]")
_NUMBER_WORDS = {
    "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9, "ten": 10, "twelve": 12,
    "fifteen": 15, "twenty": 20, "thirty": 30, "forty": 40, "sixty": 60,
}  # fmt: skip
_SECONDS = {"second": 1, "minute": 60, "hour": 3600, "day": 86400, "week": 604800, "month": 2629800, "year": 31557600}
_NUMBER = rf"(\d+(?:\.\d+)?|{'|'.join(_NUMBER_WORDS)}|an?)"
_TIME = re.compile(
    rf"\b{_NUMBER}(?:(?: to | or |-|–){_NUMBER})? (second|minute|hour|day|week|month|year)s?\b(?! (?:old|a|per)\b)"
    r"( or (?:longer|more))?"
)
_TIMES_A_WEEK = re.compile(
    rf"\b(?:(once|twice|{_NUMBER[1:-1]})(?: (?:times|days))?(?:,| on)? (?:a|per|each|of the) week|(every day|daily|each day)"
    r"|(every other day))\b"
)


@dataclass(frozen=True)
class Said:
    """What one sentence says, as far as cues tell."""

    denied: dict[str, bool]  # stem -> whether it is denied; words of an axis left out
    sides: dict[int, frozenset[int]]  # number of an axis -> the sides taken on it
    seconds: tuple[float, float] | None  # the one time that is named, from and to
    weekly: float | None  # the one frequency that is named, times a week

    @classmethod
    def of(cls, sentence: str) -> "Said":
        text = _BREATH.sub(lambda match: _BREATHS[match.group(1)], sentence.casefold().replace("’", "'"))
        words = list(_words(text))
        # One denial turns one thing round: "do not lock the knee straight" is about straight, and denies no knee.
        turned = {denial for word, denial in words if any(len(_sides()[number]) == 2 for number, _ in _axes_of(word))}
        denied, sides = dict[str, bool](), dict[int, set[int]]()
        for word, denial in words:
            for number, side in _axes_of(word):
                if not denial:
                    sides.setdefault(number, set()).add(side)
                elif len(_sides()[number]) == 2:
                    sides.setdefault(number, set()).add(1 - side)
            if not _axes_of(word):
                is_denied = denial is not None and denial not in turned
                denied[stem(word)] = denied.get(stem(word), False) or is_denied
        return cls(denied, {number: frozenset(taken) for number, taken in sides.items()}, _time(text), _frequency(text))


@lru_cache(maxsize=1000)
def _said(sentence: str) -> Said:
    return Said.of(sentence)


def point(one: str, other: str) -> str:
    """Return what ``one`` and ``other``, two sentences on the same thing, differ in, or an empty text where they do not."""
    first, second = _said(one), _said(other)
    common = first.denied.keys() & second.denied.keys()
    axes = first.sides.keys() & second.sides.keys()
    fewest = min(len(first.denied) + len(first.sides), len(second.denied) + len(second.sides))
    if len(common) + len(axes) < SHARED * fewest:
        return ""
    opposed = [number for number in sorted(axes) if not first.sides[number] & second.sides[number]]
    contrary = [root for root in common if first.denied[root] != second.denied[root]]
    if (len(opposed) + bool(contrary)) % 2:
        return "one says what another denies" if contrary else "they advise or report opposite things"
    if not opposed and not contrary and _times_differ(first, second):
        return "they name different times"
    return ""


def views(citations: Sequence[Citation], hits: Sequence[Hit], entries: Sequence[Entry]) -> tuple[Views, ...]:
    """Return the views that stand beside each other: those that a curator noted, then those that contradict each other.

    ``hits``, ``entries``: the documents found, and those that are quoted.
    """
    return (*_noted_views(citations, hits), *disputes(citations, entries))


def _noted_views(citations: Sequence[Citation], hits: Sequence[Hit]) -> tuple[Views, ...]:
    """Group the citations by page and side; sides in the order in which they are cited."""
    page = {hit.document.id: hit.document.page for hit in hits}
    points: dict[str, dict[str, list[int]]] = {}
    for citation in citations:
        if citation.source.view:
            sides = points.setdefault(page[citation.document], {})
            sides.setdefault(citation.source.view, []).append(citation.number)
    return tuple(
        Views(" / ".join(sides), tuple(map(tuple, sides.values()))) for sides in points.values() if len(sides) >= 2
    )


def disputes(citations: Sequence[Citation], entries: Sequence[Entry]) -> tuple[Views, ...]:
    """Return where citations of two sources that carry no view of a curator's contradict each other, in their order."""
    by_id = {entry.document.id: entry for entry in entries}
    cited = [citation for citation in citations if not citation.source.view and citation.document in by_id]
    quoted = [(citation, *_sentences(citation, by_id[citation.document])) for citation in cited]
    found: dict[tuple[str, str], Views] = {}  # names of the two sources -> the first point they differ in
    for (one, said, here), (other, told, there) in combinations(quoted, 2):
        names = (one.source.name, other.source.name)
        if names[0] == names[1] or names in found:
            continue
        near = np.argwhere(here @ there.T >= NEAR).tolist()
        if differ_in := next(filter(None, (point(said[row], told[column]) for row, column in near)), ""):
            found[names] = Views(differ_in, ((one.number,), (other.number,)))
    return tuple(found.values())[:MOST]


def _sentences(citation: Citation, entry: Entry) -> tuple[list[str], Vectors]:
    """Return the sentences of a citation and their unit vectors, lead-ins aside."""
    places = [
        place
        for place, s in enumerate(entry.sentences)
        if citation.start <= s.start and s.end <= citation.end and s.role is not Role.LEAD_IN
    ]
    texts = [entry.document.text[entry.sentences[place].start : entry.sentences[place].end] for place in places]
    vectors = entry.sentence_vectors[places]
    return texts, vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


def _words(text: str) -> Iterator[tuple[str, int | None]]:
    """Yield the words that matter, each with the place of what denies it; numbers and units of time are left out.

    So are words of which only a part is denied, as in "not always" and "no higher than", and what "without" sets as a condition.
    """
    ends = [match.start() for match in _ENDS.finditer(text)] + [len(text)]
    left_out = [match.start() for match in _DENIES_BEFORE.finditer(text)]
    denial, room, in_part = 0, 0, False  # the last denial, the words that it still reaches
    for match in _TOKEN.finditer(text):
        word, end = match.group(), min(end for end in ends if end >= match.start())
        if word in _DENIES_NEXT or _PREFERRED.fullmatch(text, 0, match.end()):
            denial, room = match.end(), SCOPE
            in_part = word == "without" or bool(
                _LIMITED.search(text, match.end(), end) or _RATHER.match(text, match.end())
            )
            continue
        if word in _STOPS or match.start() == end:
            room = 0
        if _matters(word) and not (room > 0 and in_part):
            after = next((-place for place in left_out if match.start() < place <= end), None)
            yield word, denial if room > 0 else after
        room -= _matters(word)


def _matters(word: str) -> bool:
    if not word[0].isalpha() or word in _NUMBER_WORDS or word.rstrip("s") in _SECONDS:
        return False
    return word not in STOP_WORDS or bool(_axes_of(word))


@cache
def _axes_of(word: str) -> tuple[tuple[int, int], ...]:
    """Return number and side of the axes that ``word`` lies on."""
    return tuple(
        (number, side) for number, axis in enumerate(_sides()) for side, roots in enumerate(axis) if stem(word) in roots
    )


@cache
def _sides() -> tuple[tuple[frozenset[str], ...], ...]:
    """Return the stems of each side of each axis."""
    return tuple(tuple(frozenset(stem(word) for word in side.split()) for side in axis.split(" / ")) for axis in _AXES)


def _time(text: str) -> tuple[float, float] | None:
    found = [
        (low * _SECONDS[unit], inf if more else max(low, high) * _SECONDS[unit])
        for least, most, unit, more in (match.groups() for match in _TIME.finditer(text))
        for low, high in [(_number(least), _number(most or least))]
    ]
    return found[0] if len(found) == 1 else None


def _frequency(text: str) -> float | None:
    found = [
        7.0 if daily else 3.5 if alternate else {"once": 1.0, "twice": 2.0}.get(times) or _number(times)
        for times, daily, alternate in (match.groups() for match in _TIMES_A_WEEK.finditer(text))
    ]
    return found[0] if len(found) == 1 else None


def _number(word: str) -> float:
    return 1.0 if word in ("a", "an") else float(_NUMBER_WORDS.get(word) or word)


def _times_differ(first: Said, second: Said) -> bool:
    if first.weekly and second.weekly:
        return max(first.weekly, second.weekly) >= APART * min(first.weekly, second.weekly)
    if not (first.seconds and second.seconds):
        return False
    earlier, later = sorted((first.seconds, second.seconds))
    return later[0] >= APART * earlier[1]
