"""A saved question page as plain text: blank lines lie, names come before or after their answer or not at all.

The page is cut into zones (answers, book, related entries, disclaimer), the answers at the names. A name is given to a
text only where the page's own order says so; what nobody is named for belongs to the unnamed answerer.
"""

import re
from collections import Counter
from collections.abc import Sequence, Set
from dataclasses import dataclass, replace

from assistant.readers.asides import without_asides
from assistant.readers.columns import split_columns, with_full_names, with_speaker
from assistant.readers.fields import NOTE_FIELDS, apply_notes, read_block, split_front_matter
from assistant.readers.furniture import Line, visible_lines
from assistant.readers.loaded import Link, Loaded, Problem, Raw, Unreadable, joined
from assistant.readers.names import (
    UNNAMED_EXPERT,
    Expert,
)
from assistant.readers.notices import without_disclaimer
from assistant.readers.related import read_related
from assistant.readers.signing import Name, Text, names_come_after, pieces_of
from assistant.readers.site_lines import says_something, without_site_end, without_site_lines
from assistant.readers.site_odds import without_likely_site_lines, without_site_links
from assistant.readers.text import (
    arranged,
    cleansed,
    decode,
    folded,
    is_cut,
    lacks_list,
    markup_in,
    resolved,
    slug,
)
from assistant.readers.zones import (
    ENDS_ENTRY,
    Book,
    address_in,
    meaningful,
    split_books,
    split_closing_links,
    split_question,
    split_related,
    spoken_in,
)
from assistant.schema import Document, Source, SourceKind

PUBLISHER = "Saved page"
MOST_LINES = 20_000
_OF_ASKER = re.compile(r"\b(?:I|I['’](?:m|ve|d|ll)|[Mm]y|me)\b")
_TO_READER = re.compile(r"\byou(?:r|['’]re|['’]ve)?\b", re.IGNORECASE)


@dataclass(frozen=True)
class Given:
    """One answer: who gave it and its lines."""

    expert: Expert
    lines: tuple[Line, ...]


def read(raw: Raw) -> Loaded:
    """Read a saved page. Front matter at its top may say where it comes from. Raises Unreadable."""
    text, problems = decode(raw)
    text = cleansed(resolved(text))[0]
    if markup := markup_in(text):
        what = f"HTML or a fetched picture in a plain-text page: {markup[:60]!r}; it was refused"
        line = text[: text.index(markup)].count("\n") + 1
        return Loaded(
            problems=(*problems, Problem(raw.origin, line, what, "Save it with the suffix .html, or remove that."))
        )
    parts, first_line, notes = split_front_matter(text), 1, None
    if parts:
        front, front_line, text, first_line = parts
        notes = read_block(front, raw.origin, front_line, NOTE_FIELDS)
    loaded = read_lines(text.split("\n"), raw, first_line)
    loaded = replace(loaded, problems=(*problems, *loaded.problems))
    return apply_notes(loaded, notes) if notes else loaded


def read_lines(lines: Sequence[str], raw: Raw, first_line: int = 1, wrapped: bool = True) -> Loaded:
    """Read the visible lines of a question page, in whatever format they came. Raises Unreadable for too many.

    ``wrapped``: somebody may have broken the lines at a width.
    """
    if len(lines) > MOST_LINES:
        raise Unreadable(
            f"{len(lines):,} lines, more than a question page has ({MOST_LINES:,})", "Split it into pages."
        )
    kept = without_site_lines(visible_lines(with_full_names(lines), first_line, wrapped))
    spoken = spoken_in(kept)
    kept, disclaimer = without_disclaimer(without_asides(kept, spoken))
    if not kept:
        return Loaded(
            problems=(Problem(raw.origin, None, "the page is empty", "Save the page again, or remove the file."),)
        )
    main, related, topic = split_related(kept)
    main, links = split_closing_links(without_likely_site_lines(main, spoken, meaningful(main)))
    related = [*links, *without_site_links(related)]
    sections = split_columns(main, spoken)
    source = Source(title=sections[0][0].text, publisher=PUBLISHER, url=address_in(lines))
    loaded = joined(_question(section, spoken, source, raw) for section in sections)
    page = slug(split_question(sections[0], spoken)[0])
    teasers = read_related([line.text for line in related], ENDS_ENTRY, spoken, source, raw, page)
    topics = (topic.casefold(),) if topic else ()
    documents = (*loaded.documents, *teasers.documents)
    return Loaded(
        tuple(replace(document, disclaimer=disclaimer, topics=topics) for document in documents),
        (*loaded.links, *teasers.links),
        (*loaded.problems, *teasers.problems),
    )


def _question(lines: list[Line], spoken: Set[str], source: Source, raw: Raw) -> Loaded:
    """One question of the page, which stands on its first lines, with its answers and the books between them."""
    question, main = split_question(lines, spoken)
    problems: list[Problem] = []
    links: list[Link] = []
    segments, books = split_books(with_speaker(main, spoken))
    parts = [pieces_of(segment, spoken) for segment in segments]
    before = any(isinstance(pieces[0], Name) and len(pieces) > 1 for pieces in parts)
    given = [answer for pieces in parts for answer in _answers(pieces, before, raw, problems)]
    saying = [one for one in given if one.expert is not UNNAMED_EXPERT or _tells(one.lines)]
    given = saying or given  # titles and buttons alone are nobody's answer beside another
    page, source = slug(question), replace(source, title=question)
    taken: Counter[str] = Counter()
    documents = [_answer(answer, page, question, source, raw, problems, taken) for answer in given]
    if not documents:
        links.append(Link(question, raw.origin, page))
        what = "the page holds no answer; its question is kept as a link"
        problems.append(Problem(raw.origin, None, what, "Save the page with its answers, or leave it."))
    for book in books:
        if book.lines:
            documents.append(_blurb(book, page, source, raw))
        elif not any(folded(book.title) == folded(other.title) for other in books if other.lines):
            links.append(Link(book.title, raw.origin, page))
    return Loaded(tuple(documents), tuple(links), tuple(problems))


def _answers(pieces: list[Name | Text], before: bool, raw: Raw, problems: list[Problem]) -> list[Given]:
    names_after = names_come_after(pieces, before, raw, problems)
    given: list[Given] = []
    pending: Name | None = None  # a name that waits for its text
    for position, piece in enumerate(pieces):
        if isinstance(piece, Text):
            following = pieces[position + 1] if position + 1 < len(pieces) else None
            owner = following if names_after and isinstance(following, Name) else None if names_after else pending
            who = owner.expert if owner else UNNAMED_EXPERT
            given.append(Given(who, without_site_end(piece.lines, who.name or "")))
            pending = None
        else:
            if pending and not names_after:
                problems.append(_no_text(pending, raw))
            pending = piece
    if pending and not names_after:
        problems.append(_no_text(pending, raw))
    if given and given[0].expert is UNNAMED_EXPERT:
        given[0] = replace(given[0], lines=_without_asking(given[0].lines))
    return [answer for answer in given if answer.lines]


def _tells(lines: tuple[Line, ...]) -> bool:
    return says_something([line for line in lines if not line.text.endswith("?")])


def _without_asking(lines: tuple[Line, ...]) -> tuple[Line, ...]:
    """The lines without those at their head in which somebody asks for himself: "My knee clicks. Am I wearing it out?"."""
    for place, line in enumerate(lines):
        own = _OF_ASKER.search(line.text) is not None and "?" in line.text
        if not own or _TO_READER.search(line.text):
            return lines[place:]
    return ()


def _no_text(name: Name, raw: Raw) -> Problem:
    what = f"{name.expert.name!r} stands there without an answer"
    return Problem(raw.origin, name.number, what, "Check the saved page.")


def _answer(
    answer: Given, page: str, question: str, source: Source, raw: Raw, problems: list[Problem], taken: Counter[str]
) -> Document:
    text = arranged((line.text, line.gap) for line in answer.lines)
    incomplete = lacks_list(text)
    if incomplete:
        what = "a paragraph ends in ':' and no list follows; the answer is marked incomplete"
        problems.append(
            Problem(raw.origin, answer.lines[0].number, what, "Save the page again, or add the list by hand.")
        )
    who = answer.expert
    wanted = f"{page}.{slug(who.name or 'unnamed')}"
    same = taken[wanted]
    taken[wanted] += 1
    return Document(
        id=f"{wanted}-{same + 1}" if same else wanted,
        page=page,
        question=question,
        text=text,
        source=replace(
            source,
            author=who.name,
            author_type=who.kind,
            credential=who.credential,
            truncated=is_cut(text),
            incomplete=incomplete,
        ),
        origin=raw.origin,
    )


def _blurb(book: Book, page: str, source: Source, raw: Raw) -> Document:
    text = arranged((line.text, line.gap) for line in book.lines)
    return Document(
        id=f"{page}.book-{slug(book.title, 50)}",
        page=page,
        question=book.title,
        text=text,
        source=replace(source, title=book.title, kind=SourceKind.BLURB, truncated=is_cut(text, soft=True)),
        origin=raw.origin,
    )
