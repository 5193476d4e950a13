"""Who says what: the words that credit a source, and an answer's statements grouped by who said them."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby

from assistant.schema import Answer, AuthorType, Citation, Role, Source, SourceKind, Statement, Tier, Wording

TIER_WORDS = {
    Tier.PUBLIC: "public body or professional guideline",
    Tier.PROFESSIONAL: "journal, hospital or professional association",
    Tier.CLINIC: "clinic, press or other expert",
    Tier.MACHINE: "machine-written: check it elsewhere",
    Tier.SHARECARE: "Sharecare, a question-and-answer site",
    Tier.UNLISTED: "not yet placed by the curators",
}
WORDING_WORDS = {Wording.SUMMARY: "summary by this project", Wording.VERBATIM: "verbatim"}
KIND_WORDS = {
    SourceKind.BOOK: "from a book",
    SourceKind.BLURB: "from the book's description",
    SourceKind.TEASER: "opening only",
}
MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)
DIFFER_WORDS = "The experts differ"


def badges(source: Source) -> tuple[str, ...]:
    """What a reader should know before trusting the words: "summary by this project", "cut off in the source"."""
    words = [WORDING_WORDS[source.wording]]
    if source.kind in KIND_WORDS:
        words.append(KIND_WORDS[source.kind])
    if source.author_type is AuthorType.SPONSOR:
        words.append("sponsor")
    if source.tier is Tier.MACHINE:
        words.append("machine-written")
    if source.tier is Tier.UNLISTED:
        words.append("unlisted source")
    if source.truncated:
        words.append("cut off in the source")
    if source.incomplete:
        words.append("a part is missing in the source")
    return tuple(words)


def published_words(source: Source) -> str:
    """The publisher, unless it is the author, and the date: "Sharecare, 2 October 2015"."""
    publisher = "" if source.publisher == source.author else source.publisher
    return ", ".join(part for part in (publisher, date_words(source)) if part)


def date_words(source: Source) -> str:
    if source.reviewed:
        return f"reviewed {spelled_date(source.reviewed)}"
    return spelled_date(source.published) if source.published else "undated"


def spelled_date(date: str) -> str:
    """2015-10-02 -> 2 October 2015; 2015-10 -> October 2015; anything else as it stands."""
    match = re.fullmatch(r"(\d{4})-(0[1-9]|1[0-2])(?:-(\d\d))?", date)
    if not match:
        return date
    year, month, day = match.groups()
    return " ".join(([str(int(day))] if day else []) + [MONTHS[int(month) - 1], year])


@dataclass(frozen=True)
class Block:
    """A paragraph, or a list under the lead-in that announces it."""

    sentences: tuple[Statement, ...]
    items: tuple[Statement, ...] = ()


@dataclass(frozen=True)
class Said:
    """What one document contributes to an answer."""

    source: Source
    statements: tuple[Statement, ...]

    @property
    def blocks(self) -> tuple[Block, ...]:
        found: list[Block] = []
        for is_item, run in groupby(self.statements, key=lambda statement: statement.role is Role.ITEM):
            if is_item and found:
                found[-1] = Block(found[-1].sentences, tuple(run))
            else:
                found.extend(_paragraphs(tuple(run)))
        return tuple(found)


@dataclass(frozen=True)
class Comparison:
    """Opposing answers on one point, one tuple a side."""

    point: str
    sides: tuple[tuple[Said, ...], ...]

    @property
    def heading(self) -> str:
        """ "The experts differ", with the point where it says more than the views below it do."""
        if any(said.source.view and said.source.view in self.point for side in self.sides for said in side):
            return DIFFER_WORDS
        return f"{DIFFER_WORDS}: {self.point if ' ' in self.point else self.point.replace('-', ' ')}"


def _paragraphs(statements: tuple[Statement, ...]) -> Iterator[Block]:
    for is_lead_in, run in groupby(statements, key=lambda statement: statement.role is Role.LEAD_IN):
        if is_lead_in:
            yield from (Block((statement,)) for statement in run)
        else:
            yield Block(tuple(run))


def arranged(answer: Answer) -> tuple[Said | Comparison, ...]:
    """Group the statements by document, in the answer's order; answers that differ stand together."""
    parts: list[Said | Comparison] = []
    groups = list(_said(answer))
    placed: set[int] = set()
    for position, said in enumerate(groups):
        if position in placed:
            continue
        point, sides = _sides_with(position, answer, groups, placed)
        if len(sides) >= 2:
            placed.update(index for side in sides for index in side)
            parts.append(Comparison(point, tuple(tuple(groups[index] for index in side) for side in sides)))
        else:
            placed.add(position)
            parts.append(said)
    return tuple(parts)


def _said(answer: Answer) -> Iterator[Said]:
    def first(statement: Statement) -> Citation:
        return answer.citations[statement.citations[0] - 1]

    for _, run in groupby(answer.statements, key=lambda statement: first(statement).document):
        statements = tuple(run)
        yield Said(first(statements[0]).source, statements)


def _sides_with(position: int, answer: Answer, groups: list[Said], placed: set[int]) -> tuple[str, list[list[int]]]:
    """Find the dispute that the group at ``position`` takes part in: its point, and the groups of each side."""
    for views in answer.views:
        free = set(range(len(groups))) - placed
        sides: list[list[int]] = []
        for numbers in views.citations:
            side = [index for index in sorted(free) if _cites(groups[index], numbers)]
            free.difference_update(side)
            sides.append(side)
        sides = [side for side in sides if side]
        if any(position in side for side in sides):
            return views.point, sides
    return "", []


def _cites(said: Said, numbers: tuple[int, ...]) -> bool:
    return any(number in numbers for statement in said.statements for number in statement.citations)
