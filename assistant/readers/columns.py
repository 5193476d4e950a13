"""Pages that answer several questions: letters marked Q and A, and lists of questions without any mark."""

import re
from collections.abc import Sequence, Set
from dataclasses import replace

from assistant.readers.furniture import Line
from assistant.readers.names import expert, is_credential, is_sure_name, name_in, undoubled
from assistant.readers.text import folded, is_item
from assistant.readers.zones import without_site

_ASKS = re.compile(r"(?:Q\.?(?: ?#?\d{1,3})?|(?i:question)(?: ?#?\d{1,3})?)(?::\s*|[.)]\s+|\s+[–—|-]\s+)(?=\S)")
_ANSWERS = re.compile(r"(?:A\.?(?: ?#?\d{1,3})?|(?i:answer)(?: ?#?\d{1,3})?)(?::\s*|[.)]\s+|\s+[–—|-]\s+)(?=\S)")
_NUMBER = re.compile(r"\d{1,2}[.)]\s+")
# A title or letters must show that somebody speaks here: "Warm Up: ..." begins an answer, too.
_SPEAKER = re.compile(r"((?:Dr|Prof)\.? [A-Z][^:.?!,]{3,40}|[A-Z][^:.?!,]{3,40}, [A-Z][A-Za-z.]{1,6}): ([A-Z].*[.?!])")
_SENT_BY = re.compile(
    r"(?<=[.?!])\s+[—–-]{1,2}\s?[A-Z][\w'’. -]{1,30}(?:, [\w'’. -]{2,30})?$"
)  # who asks, behind the question
_INTRODUCED = re.compile(r"(?:[^:]{2,40}: )?((?:[A-Z][\w'’.-]+ ){1,4}[A-Z][\w'’.-]+), ([A-Z][^.?!:]{1,60})")
_HEADER = 6  # lines of a page among which its first question stands
_LONGEST = 160  # characters of a question that is a heading
_FEWEST_WORDS = 3


def split_columns(lines: list[Line], spoken: Set[str]) -> list[list[Line]]:
    """The page cut at its questions, each section its question first; the page whole where it asks but one thing.

    Who is named above the first question answers them all.
    """
    marked = [place for place, line in enumerate(lines) if _ASKS.match(line.text)]
    answered = any(_ANSWERS.match(line.text) for line in lines)
    if marked and (answered or len(marked) > 1):
        above = names_above(lines[: marked[0]], spoken)
        ends = zip(marked, [*marked[1:], len(lines)], strict=True)
        return _without_imprint([_marked(lines[start:end], above) for start, end in ends], spoken)
    asked = _headings(lines, spoken)
    if not asked:
        return [lines]
    above = names_above(lines[: asked[0]], spoken)
    ends = zip(asked, [*asked[1:], len(lines)], strict=True)
    return _without_imprint(
        [
            [replace(lines[start], text=_NUMBER.sub("", lines[start].text)), *above, *lines[start + 1 : end]]
            for start, end in ends
        ],
        spoken,
    )


def _without_imprint(sections: list[list[Line]], spoken: Set[str]) -> list[list[Line]]:
    """The sections without a name at the page's end where no other ends in one: whether it signs all cannot be told."""
    signed = [name_in(section[-1].text, spoken) is not None for section in sections]
    if len(sections) > 1 and signed[-1] and not any(signed[:-1]):
        return [*sections[:-1], sections[-1][:-1]]
    return sections


def _marked(section: list[Line], names: list[Line]) -> list[Line]:
    """A section without its letters: all above the answer's letter is the question."""
    answer = next((place for place, line in enumerate(section) if _ANSWERS.match(line.text)), None)
    above = section[:answer] if answer else section[:1]
    asked = _ASKS.sub("", " ".join(line.text for line in above), count=1)
    question = Line(section[0].number, _SENT_BY.sub("", asked, count=1), section[0].gap)
    below = section[len(above) :]
    if answer:
        below = [Line(below[0].number, _ANSWERS.sub("", below[0].text, count=1), True), *below[1:]]
    return [question, *names, *below]


def _headings(lines: list[Line], spoken: Set[str]) -> list[int]:
    """The lines that ask, on a page whose title does not."""
    if not lines or without_site(lines[0].text).endswith("?"):
        return []
    asked = [place for place in range(1, len(lines)) if _is_heading(lines, place)]
    return asked if len(asked) > 1 and asked[0] < _HEADER else []


def _is_heading(lines: list[Line], place: int) -> bool:
    text = _NUMBER.sub("", lines[place].text)
    if not text.endswith("?") or not text[0].isupper() or is_item(text) or len(text) > _LONGEST:
        return False
    numbered = _NUMBER.match(lines[place].text) is not None
    if place + 1 == len(lines) or (re.search(r"[.!?] ", text) and not numbered) or len(text.split()) < _FEWEST_WORDS:
        return False
    below = lines[place + 1].text
    return lines[place].gap and folded(below) != folded(text) and undoubled(below) == below


def names_above(header: list[Line], spoken: Set[str]) -> list[Line]:
    """The names, with their credentials, that stand between a page's title and its first question."""
    kept: list[Line] = []
    for place, line in enumerate(header):
        is_name = place > 0 and name_in(line.text, spoken) is not None
        belongs = kept and kept[-1] is header[place - 1] and is_credential(line.text, not line.gap)
        if is_name or belongs:
            kept.append(line)
    return kept


def with_full_names(lines: Sequence[str]) -> list[str]:
    """Lines of a page, each "Maro Tindale:" with the letters or the field of work that the page gives that name elsewhere."""
    full: dict[str, str] = {}
    for line in lines:
        told = _INTRODUCED.fullmatch(line.strip()) if len(line) < _LONGEST else None
        if told and is_sure_name(f"{told[1]}, {told[2]}", False, frozenset()):
            full.setdefault(f"{told[1]}:", f"{told[1]}, {told[2]}")
    return [full.get(line.strip(), line) for line in lines] if full else list(lines)


def with_speaker(lines: list[Line], spoken: Set[str]) -> list[Line]:
    """The lines with the name apart that the first of them begins with: "Dr. Maro Tindale: Yes, it is."."""
    said = _SPEAKER.fullmatch(lines[0].text) if lines else None
    if not said or expert(said[1]).name is None or not name_in(said[1], spoken):
        return lines
    return [replace(lines[0], text=said[1]), replace(lines[0], text=said[2], gap=False), *lines[1:]]
