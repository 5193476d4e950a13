"""Lines of printed pages to paragraphs: running heads go, broken words are joined, big type makes headings."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from assistant.readers.sections import Paragraph
from assistant.readers.text import is_item

_BIGGER = 1.14  # a heading's type over that of the text
_LONGEST_HEADING = 120  # characters
_EDGE = 2  # lines at the top and at the bottom among which running heads are looked for
_PAGE_NUMBER = re.compile(r"\W*(?:page\s*)?(?:\d{1,4}|[ivxlc]{1,7})(?:\s*(?:of|/)\s*\d{1,4})?\W*", re.IGNORECASE)
_TERMINATED = re.compile(r"[.?!:…][\"”’)\]]*$")
# Before these a hyphen at the end of a line is most likely part of the word.
_PREFIXES = frozenset(
    {"self", "non", "well", "long", "short", "low", "high", "half", "cross", "full", "weight", "ex", "anti"}
)


@dataclass(frozen=True)
class Line:
    """One printed line."""

    text: str
    page: int  # from 0
    size: float  # of the type, points
    height: float  # of the line on its page, points
    bold: bool = False
    level: int = 0  # of the heading, from 1; 0 for text


def without_furniture(pages: Sequence[Sequence[Line]]) -> list[Line]:
    """All lines but page numbers and the small lines that repeat at the edges of many pages."""
    body = _body_size([line for page in pages for line in page])
    edges = Counter(key for page in pages for key in {_repeated(line) for line in (*page[:_EDGE], *page[-_EDGE:])})
    often = max(3, len(pages) // 4)
    kept = []
    for page in pages:
        for place, line in enumerate(page):
            at_edge = place < _EDGE or place >= len(page) - _EDGE
            furniture = line.size <= body * _BIGGER and not _TERMINATED.search(line.text)
            repeats = furniture and edges[_repeated(line)] >= often
            if not (at_edge and (repeats or _PAGE_NUMBER.fullmatch(line.text))):
                kept.append(line)
    return kept


def headings_by_size(lines: list[Line]) -> list[Line]:
    """Make headings of short lines in bigger or, where all type is one size, in bold type."""
    body = _body_size(lines)
    bold_tells = sum(len(line.text) for line in lines if line.bold) * 5 < sum(len(line.text) for line in lines)
    sizes = sorted({line.size for line in lines if _is_big(line, body)}, reverse=True)
    result: list[Line] = []
    for line in lines:
        level = 0
        if _is_big(line, body):
            level = min(sizes.index(line.size) + 1, 4)
        elif bold_tells and line.bold and len(line.text) <= _LONGEST_HEADING and not _TERMINATED.search(line.text):
            level = min(len(sizes) + 1, 5)
        previous = result[-1] if result else None
        goes_on = (
            previous and level and previous.level == level and previous.page == line.page and previous.size == line.size
        )
        if previous and goes_on and abs(previous.height - line.height) < 2.2 * line.size:
            result[-1] = replace(previous, text=f"{previous.text} {line.text}", height=line.height)
        else:
            result.append(replace(line, level=level))
    return result


def assembled(lines: Sequence[Line], labels: Sequence[str]) -> Iterator[Paragraph]:
    """Join lines to paragraphs; ``labels`` are the names of the pages."""
    words = Counter(word for line in lines for word in re.findall(r"[^\W\d_]+(?:-[^\W\d_]+)*", line.text.casefold()))
    steps = Counter(round(one.height - two.height) for one, two in pairwise(lines) if one.page == two.page)
    step = next((height for height, _ in steps.most_common() if height > 0), 0)
    widest = sorted(len(line.text) for line in lines)[int(len(lines) * 0.9)] if lines else 0
    text, first, last = "", 0, 0
    previous: Line | None = None
    for line in lines:
        if line.level or not text or _begins(line, previous, text, step, widest):
            if text:
                yield Paragraph(text, 0, labels[first], labels[last])
            text, first, last = line.text, line.page, line.page
            if line.level:
                yield Paragraph(line.text, line.level, labels[line.page], labels[line.page])
                text = ""
        else:
            text, last = _joined(text, line.text, words), line.page
        previous = line
    if text:
        yield Paragraph(text, 0, labels[first], labels[last])


def _body_size(lines: Sequence[Line]) -> float:
    """The size of most of the type."""
    weights: Counter[float] = Counter()
    for line in lines:
        weights[line.size] += len(line.text)
    return weights.most_common(1)[0][0] if weights else 0.0


def _begins(line: Line, previous: Line | None, text: str, step: int, widest: int) -> bool:
    """Whether a paragraph begins with this line."""
    if is_item(line.text) or previous is None:
        return True
    ended = _TERMINATED.search(text) is not None
    if line.page != previous.page:
        return ended
    drop = previous.height - line.height
    if step and drop > 1.4 * step:
        return ended or line.text[0].isupper()
    return ended and len(previous.text) < 0.75 * widest


def _joined(text: str, line: str, words: Counter[str]) -> str:
    broken = re.search(r"([^\W\d_]+)[-\u2010]$", text)
    following = re.match(r"[^\W\d_]+", line)
    if not broken or not following or not line[0].islower():
        return f"{text} {line}"
    whole = (broken[1] + following[0]).casefold()
    hyphened = f"{broken[1]}-{following[0]}".casefold()
    keeps = words[hyphened] > words[whole] or (not words[whole] and broken[1].casefold() in _PREFIXES)
    return text + line if keeps else text[:-1] + line


def _is_big(line: Line, body: float) -> bool:
    return line.size > body * _BIGGER and len(line.text) <= _LONGEST_HEADING and any(map(str.isalpha, line.text))


def _repeated(line: Line) -> str:
    return re.sub(r"\d+", "#", line.text.casefold())
