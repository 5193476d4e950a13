"""Word documents (.docx): sections by heading styles, page numbers as Word last laid the pages out."""

import io
import re
from collections.abc import Iterator
from typing import Any

from assistant.readers.archive import BROKEN, opened_document
from assistant.readers.loaded import Loaded, Problem, Raw, Unreadable
from assistant.readers.names import UNNAMED_EXPERT, Expert, expert
from assistant.readers.sections import Book, Paragraph, read_sections
from assistant.readers.text import cleansed, folded, is_item

_HEADING = re.compile(r"heading\s?(\d)")
_OPENING = 12  # paragraphs among which an author's name must stand to be believed


def read(raw: Raw) -> Loaded:
    """Read a document. Raises Unreadable when it is damaged."""
    import docx
    from docx.opc.exceptions import OpcError

    opened_document(raw).close()
    problems: list[Problem] = []
    try:
        document = docx.Document(io.BytesIO(raw.data))
        title, paragraphs = _paragraphs(document, raw, problems)
        properties = document.core_properties
        shown_title, author = properties.title or "", properties.author or ""
    # The library meets a damaged file with whatever its parts raise; XML errors are SyntaxErrors.
    except (*BROKEN, OpcError, SyntaxError, LookupError, TypeError, AttributeError, AssertionError) as error:
        raise Unreadable(f"no whole Word document: {error}", "Open it in Word and save it again.") from error
    name = " ".join(cleansed(title or shown_title)[0].split()) or raw.stem
    who = believed_author(author, [paragraph.text for paragraph in paragraphs[:_OPENING]], raw, problems)
    loaded = read_sections(paragraphs, Book(name, who), raw)
    return Loaded(loaded.documents, loaded.links, (*problems, *loaded.problems))


def believed_author(author: str, opening: list[str], raw: Raw, problems: list[Problem]) -> Expert:
    """The author of the file's properties, if the text's opening names the same: often it is only who typed it."""
    name = " ".join(cleansed(author)[0].split())
    found = expert(name)
    if not found.name:
        return UNNAMED_EXPERT
    if any(folded(found.name) in folded(text) for text in opening):
        return found
    what = f"the file's properties name {name!r}, its opening does not; no author was taken"
    notes = f"{raw.stem}{raw.suffix}.yaml"
    cure = f"If that is the author, write 'author: {name}' and 'author_type: person' into {notes} beside it."
    problems.append(Problem(raw.origin, None, what, cure))
    return UNNAMED_EXPERT


def _paragraphs(document: Any, raw: Raw, problems: list[Problem]) -> tuple[str, list[Paragraph]]:
    title = ""
    result: list[Paragraph] = []
    tables = 0
    has_pages = next(document.element.body.iter(_w("lastRenderedPageBreak")), None) is not None
    page, number = 1, 0
    for block in document.iter_inner_content():
        element = block._element
        if element.tag == _w("tbl"):
            tables += 1
            page += sum(1 for _ in element.iter(_w("lastRenderedPageBreak")))
            continue
        style = (block.style.name or "").casefold() if block.style is not None else ""
        starts = page + _breaks_before_text(element)
        page += sum(1 for _ in element.iter(_w("lastRenderedPageBreak")))
        text = " ".join(cleansed("".join(_shown(element)))[0].split())
        number = number + 1 if style.startswith("list number") else 0
        if not text:
            continue
        heading = _HEADING.match(style)
        if style == "title" and not title:
            title = text
            continue
        if (
            not heading
            and not is_item(text)
            and (style.startswith("list") or element.find(f".//{_w('numPr')}") is not None)
        ):
            text = f"{number}. {text}" if number else f"- {text}"
        pages = (str(starts), str(page)) if has_pages else (None, None)
        result.append(Paragraph(text, int(heading[1]) if heading else 0, *pages))
    if tables:
        problems.append(
            Problem(raw.origin, None, f"{tables} tables were left out", "Write what they say as sentences.")
        )
    return title, result


def _shown(element: Any) -> Iterator[str]:
    """The text of the runs that are shown: not deleted, not hidden, not white, not too small to see."""
    for run in element.iter(_w("r")):
        if any(parent.tag in (_w("del"), _w("moveFrom"), _FALLBACK) for parent in run.iterancestors()) or _is_hidden(
            run
        ):
            continue
        for part in run:
            if part.tag == _w("t"):
                yield part.text or ""
            elif part.tag in (_w("tab"), _w("br"), _w("cr")):
                yield " "
            elif part.tag == _w("noBreakHyphen"):
                yield "-"


def _is_hidden(run: Any) -> bool:
    properties = run.find(_w("rPr"))
    if properties is None:
        return False
    vanish, colour, size = (properties.find(_w(name)) for name in ("vanish", "color", "sz"))
    if vanish is not None and vanish.get(_w("val")) not in ("0", "false"):
        return True
    if colour is not None and (colour.get(_w("val")) or "").casefold() == "ffffff":
        return True
    return size is not None and (size.get(_w("val")) or "").isdecimal() and int(size.get(_w("val"))) <= 4  # half points


def _breaks_before_text(element: Any) -> int:
    count = 0
    for part in element.iter(_w("lastRenderedPageBreak"), _w("t")):
        if part.tag == _w("t") and (part.text or "").strip():
            break
        count += part.tag == _w("lastRenderedPageBreak")
    return count


def _w(name: str) -> str:
    return f"{{http://schemas.openxmlformats.org/wordprocessingml/2006/main}}{name}"


_FALLBACK = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"
