"""Paragraphs of a book, in whatever format it came, to documents: a section by headings, cut where a page ends."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from assistant.readers.loaded import Loaded, Problem, Raw
from assistant.readers.names import UNNAMED_EXPERT, Expert
from assistant.readers.text import folded, is_item, lacks_list, page_of, slug
from assistant.schema import AuthorType, Document, Source, SourceKind

_SKIPPED = re.compile(
    r"(?:table of )?contents|index|copyright(?: .*)?|bibliography|references|(?:list of )?(?:figures|tables)|"
    r"dedication|acknowledge?ments|colophon",
    re.IGNORECASE,
)
_LEADERS = re.compile(r"(?:\.\s?){4,}\s*\d*$")  # a line of a table of contents
_SENTENCE_END = re.compile(r"[.?!:…][\"”’)\]]*$")


@dataclass(frozen=True)
class Paragraph:
    """A heading, a paragraph or a list item of a book."""

    text: str
    level: int = 0  # of the heading, from 1; 0 for text
    page: str | None = None  # label of the page it begins on
    last_page: str | None = None  # label of the page it ends on, where that is another


@dataclass(frozen=True)
class Book:
    """What a book's own file says of it."""

    title: str
    expert: Expert = UNNAMED_EXPERT
    publisher: str | None = None
    url: str | None = None
    published: str | None = None
    licence: str = "quote"


@dataclass
class _Section:
    path: tuple[str, ...]
    paragraphs: list[Paragraph] = field(default_factory=list)


def read_sections(paragraphs: Iterable[Paragraph], book: Book, raw: Raw) -> Loaded:
    """One document a section; a section that runs over pages is cut at the paragraphs where a page begins."""
    documents: list[Document] = []
    problems: list[Problem] = []
    for section in _sections(paragraphs, book.title):
        if any(_SKIPPED.fullmatch(part) for part in section.path[-1:]):
            what = f"the section {section.path[-1]!r} is not taken in"
            problems.append(Problem(raw.origin, None, what, "Nothing needs doing: it holds no advice."))
            continue
        for part in _by_page(section.paragraphs):
            text = _text(part)
            if any(_SENTENCE_END.search(paragraph.text) for paragraph in part):
                documents.append(_document(text, section.path, part, book, raw, len(documents) + 1))
    if not documents:
        what = "no text in it: it may be made of pictures of pages"
        problems.append(Problem(raw.origin, None, what, "Run text recognition (OCR) on it, or give the text."))
    return Loaded(tuple(documents), (), tuple(problems))


def _sections(paragraphs: Iterable[Paragraph], title: str) -> Iterator[_Section]:
    headings: dict[int, str] = {}
    section = _Section((title,))
    for paragraph in paragraphs:
        if paragraph.level:
            yield section
            headings = {level: text for level, text in headings.items() if level < paragraph.level}
            headings[paragraph.level] = paragraph.text
            path = tuple(headings.values())
            section = _Section(path[1:] if len(path) > 1 and folded(path[0]) == folded(title) else path)
        elif not _LEADERS.search(paragraph.text):
            section.paragraphs.append(paragraph)
    yield section


def _by_page(paragraphs: list[Paragraph]) -> Iterator[list[Paragraph]]:
    """Cut where a paragraph begins on a new page, but never between a lead-in and its list, nor inside a list."""
    part: list[Paragraph] = []
    for paragraph in paragraphs:
        begins_page = bool(part) and paragraph.page != _end(part[-1])
        if begins_page and not is_item(paragraph.text) and not part[-1].text.endswith(":"):
            yield part
            part = []
        part.append(paragraph)
    if part:
        yield part


def _text(paragraphs: list[Paragraph]) -> str:
    pieces: list[str] = []
    for paragraph in paragraphs:
        if pieces:
            pieces.append("\n" if is_item(paragraph.text) else "\n\n")
        pieces.append(paragraph.text)
    return "".join(pieces)


def _document(text: str, path: tuple[str, ...], part: list[Paragraph], book: Book, raw: Raw, number: int) -> Document:
    page = page_of(raw)
    source = Source(
        title=book.title + _pages(part[0].page, _end(part[-1])),
        publisher=book.publisher or book.title,
        kind=SourceKind.BOOK,
        author=book.expert.name,
        author_type=book.expert.kind if book.expert.name else AuthorType.UNNAMED,
        credential=book.expert.credential,
        url=book.url,
        published=book.published,
        licence=book.licence,
        incomplete=lacks_list(text),
    )
    identity = f"{page}.{number:02}-{slug(path[-1], 60)}"
    return Document(identity, page, " › ".join(path), text, source, origin=raw.origin)


def _end(paragraph: Paragraph) -> str | None:
    return paragraph.last_page or paragraph.page


def _pages(first: str | None, last: str | None) -> str:
    if first is None:
        return ""
    return f", p. {first}" if last in (None, first) else f", pp. {first}-{last}"
