"""PDF books: sections by the outline, else by the size of the type; every part knows its pages."""

import io
import re
import struct
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from assistant.readers.docx import believed_author
from assistant.readers.loaded import Loaded, Problem, Raw, Unreadable
from assistant.readers.page_lines import Line, assembled, headings_by_size, without_furniture
from assistant.readers.sections import Book, read_sections
from assistant.readers.text import cleansed, folded

MOST_PAGES = 3000
_MOST_OUTLINE = 5000
_OPENING = 60  # lines among which an author's name must stand to be believed
_UNTITLED = re.compile(r"untitled.*|microsoft word.*|.*\.(?:docx?|indd|pdf|tex|qxd)|", re.IGNORECASE)


@dataclass(frozen=True)
class Mark:
    """An entry of the outline."""

    title: str
    page: int  # from 0
    level: int  # from 1


def read(raw: Raw) -> Loaded:
    """Read a book. Raises Unreadable when it is damaged, locked or holds no text."""
    from pypdf import PdfReader
    from pypdf.errors import DeprecationError, PyPdfError

    # What a damaged file makes the library raise, by its tests and by trial.
    broken = (
        PyPdfError, DeprecationError, ValueError, LookupError, TypeError, AttributeError, AssertionError, ArithmeticError,
        RecursionError, NotImplementedError, OSError, EOFError, zlib.error, struct.error,
    )  # fmt: skip
    problems: list[Problem] = []
    try:
        reader = PdfReader(io.BytesIO(raw.data))
        if reader.is_encrypted and not reader.decrypt(""):
            raise Unreadable("locked with a password", "Give a copy without a password.")
        count = len(reader.pages)
        if count > MOST_PAGES:
            raise Unreadable(f"has {count:,} pages, more than {MOST_PAGES:,}", "Split it.")
        labels = _labels(reader, count)
    except broken as error:
        raise Unreadable(f"no whole PDF: {error}", "Save it again, or print it to a new PDF.") from error
    pages: list[list[Line]] = []
    for number in range(count):
        try:
            pages.append(list(_lines(reader.pages[number], number)))
        except broken as error:
            pages.append([])
            problems.append(Problem(raw.origin, None, f"page {number + 1} cannot be read: {error}", "Check the page."))
    try:
        marks = list(_outline(reader))
        title, author = _property(reader, "title"), _property(reader, "author")
    except broken:
        marks, title, author = [], "", ""
    opening = [line.text for page in pages[:5] for line in page][:_OPENING]
    lines = without_furniture(pages)
    lines = _headed(lines, marks) if len(marks) > 1 else headings_by_size(lines)
    name = title if not _UNTITLED.fullmatch(title) else raw.stem
    book = Book(name, believed_author(author, opening, raw, problems))
    loaded = read_sections(assembled(lines, labels), book, raw)
    return Loaded(loaded.documents, loaded.links, (*problems, *loaded.problems))


def _lines(page: Any, number: int) -> Iterator[Line]:
    """The lines of one page with the size of their type and their height on the page."""
    gathered: list[Line] = []
    text, size, height, bold = "", 0.0, 0.0, False

    def visit(piece: str, cm: Sequence[float], tm: Sequence[float], font: Any, font_size: float) -> None:
        nonlocal text, size, height, bold
        for place, part in enumerate(piece.split("\n")):
            if place:
                gathered.append(Line(text, number, size, height, bold))
                text = ""
            if part.strip() and not text.strip():
                scale = abs(tm[3] * cm[3]) or abs(tm[1] * cm[2]) or 1.0
                size, height = round(font_size * scale, 1), tm[5] * cm[3] + cm[5]
                bold = "bold" in str((font or {}).get("/BaseFont", "")).casefold()
            text += part

    page.extract_text(visitor_text=visit)
    gathered.append(Line(text, number, size, height, bold))
    for line in gathered:
        shown = " ".join(cleansed(line.text)[0].split())
        if shown and line.size > 1:  # smaller type is not meant to be read
            yield replace(line, text=shown)


def _labels(reader: Any, count: int) -> list[str]:
    """What the pages call themselves; plain numbers where they say nothing."""
    try:
        labels = [str(label).strip() for label in reader.page_labels]
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError):
        labels = []
    return [(labels[number] if number < len(labels) else "") or str(number + 1) for number in range(count)]


def _outline(reader: Any) -> Iterator[Mark]:
    stack: list[tuple[Any, int]] = [(entry, 1) for entry in reversed(reader.outline)]
    taken = 0
    while stack and taken < _MOST_OUTLINE:
        entry, level = stack.pop()
        if isinstance(entry, list):
            stack += [(inner, level + 1) for inner in reversed(entry)]
            continue
        taken += 1
        page = reader.get_destination_page_number(entry)
        title = " ".join(cleansed(str(entry.title or ""))[0].split())
        if title and page is not None and page >= 0:
            yield Mark(title, page, min(level, 6))


def _headed(lines: list[Line], marks: list[Mark]) -> list[Line]:
    """Make headings of the lines that the outline names; one that is not on its page is put at the page's top."""
    waiting: dict[int, list[Mark]] = {}
    for mark in marks:
        waiting.setdefault(mark.page, []).append(mark)
    by_page: dict[int, list[Line]] = {}
    for line in lines:
        by_page.setdefault(line.page, []).append(line)
    result: list[Line] = []
    for page in sorted({*by_page, *waiting}):
        result += _headed_page(by_page.get(page, []), waiting.get(page, []), page)
    return result


def _headed_page(lines: list[Line], marks: list[Mark], page: int) -> list[Line]:
    for mark in marks:
        wanted = _key(mark.title)
        for start in range(len(lines)):
            # A heading may run over up to three lines.
            length = next(
                (n for n in (1, 2, 3) if _key(" ".join(line.text for line in lines[start : start + n])) == wanted), 0
            )
            if length and not lines[start].level:
                lines = [
                    *lines[:start],
                    replace(lines[start], text=mark.title, level=mark.level),
                    *lines[start + length :],
                ]
                break
        else:
            top = Line(mark.title, page, 0.0, 0.0, False, mark.level)
            after = next((place for place, line in enumerate(lines) if not line.level), len(lines))
            lines = [*lines[:after], top, *lines[after:]]
    return lines


def _key(text: str) -> str:
    return "".join(character for character in folded(text) if character.isalnum())


def _property(reader: Any, name: str) -> str:
    found = getattr(reader.metadata, name, None) if reader.metadata else None
    return " ".join(cleansed(str(found or ""))[0].split())
