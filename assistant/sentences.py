"""Cut a document's text into the units that are quoted: whole sentences and whole list items.

Lines are cut first (stored text holds one paragraph or list item a line), then sentences within a line with syntok.
A list item is one unit whatever it holds, so that a remedy stays with the fault it belongs to.
"""

import re
from bisect import bisect_left
from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache
from itertools import chain, islice, pairwise

from assistant.schema import Role, Sentence

_ITEM = re.compile(r"\s*(?:[-*•‣◦–]|\(?\d{1,2}[.)]|\(?[a-z]\))\s+(?=\S)")
_LINE = re.compile(r"[^\n]+")
_CLOSED = re.compile(r"[.!?:;)\]\"'”’»][\s\"'”’)\]]*$")
_CUT = re.compile(r"(?:\.\.\.|…)\s*$")
# A sentence that opens with one of these points back to the one before it and is not quoted without it.
_LEANS = re.compile(
    r"(?:this|these|that|those|it|its|they|their|them|he|she|his|her|such|both|either|neither|then|also|but|however|instead"
    r"|otherwise|therefore|thus|so|and|or|if (?:this|so|not|that|it|they)|in (?:this|that|these|such) (?:case|way)s?"
    r"|for (?:this|that) reason|because of (?:this|that)|as a result|by doing (?:so|this)|after (?:this|that)"
    r"|when (?:this|that|it|they)|the (?:same|latter|former|other|others|first|second)|another"
    r"|keep (?:it|them|this)|doing (?:so|this)"
    r"|(?:please )?(?:do not|don['’]t|never|avoid|stop|try|repeat|skip|limit) (?:(?:to )?(?:do|use|try)(?:ing)? )?"
    r"(?:this|that|it|these|those|them|so)"
    r"|to (?:avoid|check|correct|do|ease|fix|help|prevent|relieve|solve|stop|treat) (?:this|that|it|these|those|them|so))\b",
    re.IGNORECASE,
)
# An instruction that follows a fault or another condition is the remedy for that, and means nothing without it.
_CONDITION = re.compile(r"(?:if|when|whenever|should|in case)\b", re.IGNORECASE)
_INSTRUCTION = re.compile(
    r"(?:please |simply |just |try to |gently |slowly )*(?:add|adjust|apply|avoid|bend|breathe|bring|change|check|cut|do not"
    r"|don['’]t|draw|drop|ease|engage|extend|focus|go|hold|keep|lie|lift|lower|make|move|never|perform|place|press|pull|push|put|raise"
    r"|reduce|relax|repeat|reset|rest|return|see|shift|shorten|sit|slow|squeeze|stabili[sz]e|stand|start|stay|step|stop|straighten"
    r"|stretch|strengthen|switch|take|tighten|try|turn|use|wait|walk|wear)\b",
    re.IGNORECASE,
)


@lru_cache(maxsize=1000)
def split_sentences(text: str, truncated: bool = False) -> tuple[Sentence, ...]:
    """Cut ``text`` into sentences in order; spans never overlap and hold no surrounding white space.

    ``truncated``: the source breaks off at the end of the text, so an unclosed last sentence is a fragment.
    """
    return _cut(_lines(text), truncated, _spans)


def cut_again(text: str, truncated: bool, stored: Sequence[Sentence], positions: Iterable[int]) -> tuple[Sentence, ...]:
    """Cut ``text`` where it is quoted from, and return its sentences; ``stored``: those it was cut into before.

    Whoever shows those at ``positions``, neighbours of one line together, shows whole sentences as the text gives them now.
    A line of which everything is quoted, or nothing, need not be cut for that, and cutting takes longer than everything else
    that is done with a document.
    """
    if any(before.end > after.start for before, after in pairwise(stored)):
        return split_sentences(text, truncated)
    wanted = {position for position in positions if 0 <= position < len(stored)}
    lines = _lines(text)
    held = _by_line(lines, stored)
    quoted = {number for number, places in enumerate(held) if not wanted.isdisjoint(places)}
    for number in tuple(quoted):  # what an item needs is told by the line above its list
        while number > 0 and _ITEM.match(lines[number].group()):
            number -= 1
        quoted.add(number)
    kept = {line.start(): [stored[place] for place in places] for line, places in zip(lines, held, strict=True)}
    for number in quoted:
        start, may_be_cut_off = lines[number].start(), truncated and lines[number] is lines[-1]
        whole = wanted.issuperset(held[number]) and _shown_as_one(lines[number], kept[start])
        if may_be_cut_off or not whole:
            kept[start] = []

    def spans(line: re.Match[str]) -> Sequence[tuple[int, int]]:
        return [(sentence.start, sentence.end) for sentence in kept[line.start()]] or _spans(line)

    sentences = _cut(lines, truncated, spans)
    as_stored = len(sentences) == len(stored) and all(sentences[place] == stored[place] for place in wanted)
    return sentences if as_stored else split_sentences(text, truncated)


def _by_line(lines: Sequence[re.Match[str]], sentences: Sequence[Sentence]) -> list[range]:
    """Return the places of the sentences that begin in each line; they are in order."""
    begins = [bisect_left(sentences, line.start(), key=lambda sentence: sentence.start) for line in lines]
    return [range(begin, end) for begin, end in pairwise([*begins, len(sentences)])]


def _shown_as_one(line: re.Match[str], sentences: Sequence[Sentence]) -> bool:
    """Tell whether ``sentences`` hold, one behind the other, all of ``line`` but white space, and none is ever left out."""
    gaps = pairwise([line.start(), *chain.from_iterable((s.start, s.end) for s in sentences), line.end()])
    filled = all(start <= end and not line.string[start:end].strip() for start, end in islice(gaps, 0, None, 2))
    return filled and (len(sentences) == 1 or all(sentence.role is Role.SENTENCE for sentence in sentences))


def _lines(text: str) -> list[re.Match[str]]:
    return [match for match in _LINE.finditer(text) if match.group().strip()]


def _cut(
    lines: Sequence[re.Match[str]], truncated: bool, spans_of: Callable[[re.Match[str]], Sequence[tuple[int, int]]]
) -> tuple[Sentence, ...]:
    """Cut ``lines`` into sentences; ``spans_of`` gives start and end of those of a line that is no item."""
    sentences: list[Sentence] = []
    lead_in: int | None = None  # position of the lead-in of the list that is open
    nested = False  # an item of the open list announced a list of its own
    for number, line in enumerate(lines):
        is_item = bool(_ITEM.match(line.group()))
        list_follows = number + 1 < len(lines) and bool(_ITEM.match(lines[number + 1].group()))
        last = number + 1 == len(lines)
        if is_item:
            # Stored text has no indentation: nobody can tell where the inner list ends, so the rest of both is lost.
            nested = nested or line.group().rstrip().endswith(":")
            sentences.append(_item(line, lead_in, nested or (last and truncated and _unfinished(line.group()))))
            continue
        nested = False
        text, spans = line.string, spans_of(line)
        first = len(sentences)
        for position, (start, end) in enumerate(spans):
            closing = position + 1 == len(spans)
            role = _role(text[start:end], closing and list_follows, closing and last and truncated)
            before = text[slice(*spans[position - 1])] if position else ""
            leans = bool(before) and role is Role.SENTENCE and _leans(text[start:end], before)
            sentences.append(Sentence(start, end, role, first + position - 1 if leans else None))
        lead_in = len(sentences) - 1 if sentences[-1].role is Role.LEAD_IN else None
    return tuple(sentences)


def with_needed(sentences: tuple[Sentence, ...], position: int) -> tuple[int, ...]:
    """Return the positions to quote so that ``position`` stands: what it needs, in order, then itself.

    Empty when one of them cannot be quoted.
    """
    chain = [position]
    while (needs := sentences[chain[0]].needs) is not None:
        chain.insert(0, needs)
    return tuple(chain) if all(sentences[i].quotable for i in chain) else ()


def _leans(sentence: str, before: str) -> bool:
    """Tell whether ``sentence`` is not understood without the one before it."""
    remedy = _CONDITION.match(before) and _INSTRUCTION.match(sentence)
    return bool(_LEANS.match(sentence) or remedy)


def _item(line: re.Match[str], lead_in: int | None, lost: bool) -> Sentence:
    # The marker belongs to the page's layout, not to the words that are quoted.
    marker = _ITEM.match(line.group())
    skipped = marker.end() if marker else 0
    start, end = _stripped(line.group()[skipped:], line.start() + skipped)
    if lost:
        return Sentence(start, end, Role.FRAGMENT)
    if lead_in is None:
        return Sentence(start, end)  # a list that nothing announces: each item stands by itself
    return Sentence(start, end, Role.ITEM, lead_in)


def _role(sentence: str, list_follows: bool, cut: bool) -> Role:
    if sentence.rstrip().endswith(":"):
        return Role.LEAD_IN if list_follows else Role.FRAGMENT
    return Role.FRAGMENT if cut and _unfinished(sentence) else Role.SENTENCE


def _unfinished(sentence: str) -> bool:
    return bool(_CUT.search(sentence)) or not _CLOSED.search(sentence)


def _spans(line: re.Match[str]) -> list[tuple[int, int]]:
    offset = line.start()
    return [(offset + start, offset + end) for start, end in _spans_within(line.group())]


@lru_cache(maxsize=4000)
def _spans_within(line: str) -> tuple[tuple[int, int], ...]:
    from syntok import segmenter  # type: ignore[import-untyped]

    # syntok's tokens carry offsets; a sentence runs to where the next begins, so nothing between two is lost.
    starts = [sentence[0].offset for paragraph in segmenter.analyze(line) for sentence in paragraph if sentence]
    return tuple(
        _stripped(line[start:stop], start)
        for start, stop in zip([0, *starts[1:]], [*starts[1:], len(line)], strict=False)
        if line[start:stop].strip()
    )


def _stripped(piece: str, offset: int) -> tuple[int, int]:
    start = offset + len(piece) - len(piece.lstrip())
    return start, start + len(piece.strip())
