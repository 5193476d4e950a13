"""Which lines of an answers' zone name somebody, and whether names stand above or below what they sign."""

import re
from collections.abc import Set
from dataclasses import dataclass

from assistant.readers.furniture import Line
from assistant.readers.loaded import Problem, Raw
from assistant.readers.names import Expert, expert, is_credential, is_specialty, is_sure_name, name_in, undated
from assistant.readers.site_lines import says_something
from assistant.readers.text import is_item, without_marker
from assistant.readers.zones import TERMINATED

_PLACE = re.compile(r"[A-Z][\w.' -]{2,30}, [A-Z][\w. -]{1,30}")  # "Fernhill, Ontario" below a name and its credential


@dataclass(frozen=True)
class Name:
    """A name line of the page, with its credential line if it has one."""

    expert: Expert
    number: int
    gap_before: bool
    gap_after: bool
    signed: bool = False  # "— Name": below what it signs


@dataclass(frozen=True)
class Text:
    """Lines between two names."""

    lines: tuple[Line, ...]


def pieces_of(segment: list[Line], spoken: Set[str]) -> list[Name | Text]:
    """The zone cut at its names: each name, and the lines between two of them."""
    pieces: list[Name | Text] = []
    run: list[Line] = []
    position = 0
    while position < len(segment):
        line = segment[position]
        after = segment[position + 1] if position + 1 < len(segment) else None
        if not run and not pieces and after and is_specialty(line.text) and not name_in(line.text, spoken):
            pieces.append(Name(Expert(credential=line.text), line.number, line.gap, after.gap))
            position += 1
            continue
        signed = _is_signature(line, run)
        told = after is not None and not after.gap and is_specialty(after.text)
        sure = not is_item(after.text if after else "") and is_sure_name(line.text, told, spoken)
        menu = sure and not pieces and after is not None and not says_something(run)  # above the first name
        led_to = bool(run) and run[-1].text.endswith((":", ","))
        apart = _is_set_apart(line, after, told) or (sure and line.gap and not led_to)
        may_name = menu or ((signed or sure or not is_item(line.text)) and (_is_closed(run) or apart))
        found = name_in(without_marker(line.text) if sure else line.text, spoken, told) if may_name else None
        if not found:
            run.append(line)
            position += 1
            continue
        if run and not menu:
            pieces.append(Text(tuple(run)))
        run = []
        has_credential = after is not None and not is_item(after.text) and is_credential(after.text, not after.gap)
        below = segment[position + 2] if position + 2 < len(segment) else None
        if (
            has_credential
            and after
            and below
            and not below.gap
            and is_specialty(below.text)
            and not is_specialty(after.text)
        ):
            position, after = position + 1, below  # an award or a place above the field of work
        credential = undated(after.text) if after and has_credential else None
        position += 2 if credential else 1
        if (
            credential
            and position < len(segment)
            and not segment[position].gap
            and _PLACE.fullmatch(segment[position].text)
        ):
            position += 1
        following = segment[position] if position < len(segment) else None
        gap_after = following is None or following.gap
        pieces.append(Name(expert(found, credential), line.number, line.gap, gap_after, signed))
    if run:
        pieces.append(Text(tuple(run)))
    return pieces


def _is_closed(run: list[Line]) -> bool:
    """Whether the lines so far are done: below an open line stands its list, or the rest of it, and no name."""
    return not run or is_item(run[-1].text) or TERMINATED.search(run[-1].text) is not None


def _is_set_apart(line: Line, after: Line | None, told: bool) -> bool:
    """Whether a line below a lead-in may be a name all the same, as where the lead-in's list was lost."""
    return line.gap and after is not None and (told or (after.gap and TERMINATED.search(after.text) is not None))


def _is_signature(line: Line, run: list[Line]) -> bool:
    """Whether the line is "— Name" below a text, and no item of a list with dashes."""
    return line.text.startswith(("—", "–")) and bool(run) and not is_item(run[-1].text)


def names_come_after(pieces: list[Name | Text], before: bool, raw: Raw, problems: list[Problem]) -> bool:
    """Whether names stand below the answers here; where the order does not tell, a problem says so.

    ``before``: another part of the page begins with a name, so that names stand above.
    """
    if not pieces or isinstance(pieces[0], Name):
        return False
    names = [piece for piece in pieces if isinstance(piece, Name)]
    if any(name.signed for name in names):
        return True
    if isinstance(pieces[-1], Name):
        return not before and not isinstance(pieces[-2], Name)  # several names in a row are a list of people
    if names and all(not name.gap_before and name.gap_after for name in names):
        return True
    for name in names:
        if name.gap_before == name.gap_after:
            what = f"{name.expert.name!r} stands between two texts: given to the text below, the one above is unnamed"
            problems.append(Problem(raw.origin, name.number, what, "Where that is wrong, write the page as Markdown."))
    return False
