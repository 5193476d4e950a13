"""How likely a line of a page is the site's own, from its words: what no rule on shape or place can know.

A regularised logistic regression, trained by tests/bench/train_page_lines.py, over the words of a line, pairs of them and
its outer form. What it weighs stands in rules/page_lines.json. A line that ends as a sentence does, or that has the shape of
a name, must be far surer the site's than another before it is dropped.
"""

import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence, Set
from functools import cache
from itertools import pairwise
from math import exp
from pathlib import Path

from assistant.readers.furniture import Line
from assistant.readers.names import is_credential, is_specialty, is_sure_name, name_in, undated
from assistant.readers.text import folded, is_item, without_marker

WEIGHTS = Path(__file__).parents[1] / "rules" / "page_lines.json"
_WORD = re.compile(r"[^\W\d_]+(?:'[a-z]+)?|0|[^\w\s]")
_STOPPED = re.compile(r"[.!…][\"')”’\]]*$")
_PARTS = re.compile(r"\s{2,}|\s[|·•]\s")
_COLUMNS, _FEW = re.compile(r"\s{2,}"), 2  # more in a line of related entries are a menu
_MOST_PARTS, _PART_WORDS = 10, 5  # of a row of links
_CUT = re.compile(r"\.\.\.|…|\?$")
_STEM = 4  # letters by which the forms of a word are alike
_LONGEST = 14  # words; a longer line is a paragraph
# From which probability a line is dropped: standing alone, and beside another line of the site.
_OPEN = (0.6, 0.4)
_ASKS = (0.9, 0.8)
_SENTENCE = (0.9, 0.65)
_NAME = (0.92, 0.8)
_LISTED = (0.9, 0.9)  # below a lead-in whose list lost its markers
_LINK = 0.85  # of a related entry
_OF_SITE = 0.8  # of a line that begins with the site's name
_NAME_WORDS, _MOST_NAMES = 4, 15
_ITEM = (0.75, 0.6)  # of a list all of whose items are the site's


def marks(text: str) -> Iterator[str]:
    """What is weighed of a line: "sign" a word, "sign_in" two neighbours, "~subs" how it begins, "=open" its form."""
    plain = re.sub(r"\d+", "0", text.replace("’", "'"))
    words = _WORD.findall(plain.casefold())
    yield from words
    yield from (f"{one}_{other}" for one, other in pairwise(["^", *words, "$"]))
    yield from ("~" + word[:_STEM] for word in words if len(word) > _STEM)
    end = (
        "ends" if _STOPPED.search(text) else "asks" if text.endswith("?") else "opens" if text.endswith(":") else "open"
    )
    yield f"={end}"
    yield f"={end}{min(len(words) // 3, 5)}"
    capitals = [word[0].isupper() for word in plain.split() if word[0].isalpha()]
    if len(capitals) > 1:
        yield f"=capitals{4 * sum(capitals) // len(capitals)}"
    if text.isupper():
        yield "=loud"


def site_share(text: str) -> float:
    """The probability that a line of these words is the site's."""
    weights = _weights()
    return 1 / (1 + exp(-sum((weights.get(mark, 0.0) for mark in sorted(set(marks(text)))), weights["=bias"])))


@cache
def _weights() -> Mapping[str, float]:
    raw: Mapping[str, str] = json.loads(WEIGHTS.read_text(encoding="utf-8"))
    return {mark: float(weight) for weight, marked in raw.items() for mark in marked.split()}


def without_likely_site_lines(lines: Sequence[Line], spoken: Set[str], kept: Set[int]) -> list[Line]:
    """The lines without those that are most likely the site's. ``kept``: places of lines that mean something to the page."""
    names = _site_names(lines, kept)
    shares = [0.0 if place in kept else _share(line.text, names) for place, line in enumerate(lines)]
    listed = _listed(lines)
    bounds = [_bounds(lines, place, spoken) for place in range(len(lines))]
    bounds = [_LISTED if bound is _OPEN and place in listed else bound for place, bound in enumerate(bounds)]
    sure = [share > bound[0] for share, bound in zip(shares, bounds, strict=True)]
    for places in (range(len(lines)), range(len(lines) - 1, -1, -1)):  # from one line of the site to its neighbours
        for place in places:
            beside = (place > 0 and sure[place - 1]) or place + 1 == len(lines) or sure[place + 1]
            sure[place] = sure[place] or (beside and shares[place] > bounds[place][1])
    _spare_lists(lines, sure)
    if lines and next((place for place, gone in enumerate(sure) if not gone), 0) not in kept:
        sure[0] = False  # a title: below it may stand whom the page names before it asks
    left: list[Line] = []
    dropped = False
    for line, gone in zip(lines, sure, strict=True):
        if not gone:
            left.append(Line(line.number, line.text, line.gap or dropped))
        dropped = gone
    return left


def without_site_links(lines: Sequence[Line]) -> list[Line]:
    """The lines of related entries without those that most surely are the site's. What stands twice is an entry's title."""
    texts = Counter(line.text for line in lines)
    return [
        line
        for line in lines
        if _CUT.search(line.text)
        or (len(_COLUMNS.split(line.text)) <= _FEW and (texts[line.text] > 1 or _share(line.text) <= _LINK))
    ]


def _site_names(lines: Sequence[Line], kept: Set[int]) -> frozenset[str]:
    """What stands above the question of a page in a few words: the site's name, a topic."""
    above = lines[: min(min(kept, default=0), _MOST_NAMES)]
    return frozenset(folded(line.text) for line in above if len(line.text.split()) <= _NAME_WORDS)


def _share(text: str, names: Set[str] = frozenset()) -> float:
    words = undated(without_marker(text) if is_item(text) else text)
    if len(words.split()) > _LONGEST or text.endswith((":", ";", ",")):
        return 0.0
    parts = [part for part in _PARTS.split(words) if part]
    if 1 < len(parts) < _MOST_PARTS and all(len(part.split()) <= _PART_WORDS for part in parts):
        return max(site_share(words), sum(map(site_share, parts)) / len(parts))  # a row of links
    own = any(text.startswith(f"{name} ") and name != text for text in (folded(words),) for name in names)
    return max(site_share(words), _OF_SITE if own else 0.0)


def _bounds(lines: Sequence[Line], place: int, spoken: Set[str]) -> tuple[float, float]:
    line = lines[place]
    if is_item(line.text):
        return (1.0, 1.0) if is_sure_name(line.text, False, spoken) else _ITEM
    if is_sure_name(undated(line.text), False, spoken) or _is_led(lines, place):
        return 1.0, 1.0
    if name_in(line.text, spoken) or is_specialty(line.text) or _is_below_name(lines, place, spoken):
        return _NAME
    if _STOPPED.search(line.text):
        return _SENTENCE
    if line.text.endswith("?"):
        return _ASKS
    return _OPEN


def _is_led(lines: Sequence[Line], place: int) -> bool:
    """Whether the line is a row of a table, or leads to the list below it."""
    text, below = lines[place].text, lines[place + 1 : place + 2]
    beside = [*lines[max(place - 1, 0) : place], *below]
    row = any(sign in text and any(sign in other.text for other in beside) for sign in (" | ", "\t"))
    return row or (bool(below) and is_item(below[0].text))


def _is_below_name(lines: Sequence[Line], place: int, spoken: Set[str]) -> bool:
    line = lines[place]
    return (
        place > 0
        and not line.gap
        and is_credential(line.text, False)
        and name_in(lines[place - 1].text, spoken) is not None
    )


def _listed(lines: Sequence[Line]) -> set[int]:
    """Places of the lines below a lead-in, up to the next blank line: a list whose markers were lost."""
    found = set()
    led = False
    for place, line in enumerate(lines):
        led = led and not line.gap
        if led and not is_item(line.text):
            found.add(place)
        led = led or line.text.endswith(":")
    return found


def _spare_lists(lines: Sequence[Line], sure: list[bool]) -> None:
    """Keep a list whole: of its items all go or none, and none below a lead-in."""
    start = 0
    while start < len(lines):
        end = start
        while end < len(lines) and is_item(lines[end].text):
            end += 1
        led = start > 0 and lines[start - 1].text.endswith(":")
        if end > start and (led or not all(sure[start:end])):
            sure[start:end] = [False] * (end - start)
        start = max(end, start + 1)
