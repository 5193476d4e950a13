"""EPUB books: the spine's documents, sections by headings, page numbers where the book marks them."""

import posixpath
import re
import zipfile
from collections.abc import Iterator
from typing import Any
from urllib.parse import unquote

from assistant.readers.archive import opened_document, unpacked
from assistant.readers.loaded import Loaded, Problem, Raw, Unreadable
from assistant.readers.markup import blocks, parsed, strip_hidden, take_footers
from assistant.readers.names import UNNAMED_EXPERT, expert
from assistant.readers.sections import Book, Paragraph, read_sections
from assistant.readers.text import cleansed, decode

_CONTAINER = "META-INF/container.xml"
_PAGE = re.compile("\ue000([^\ue000\ue001]*)\ue001")  # marks of private use: no text has them
_DATE = re.compile(r"\d{4}(?:-\d\d(?:-\d\d)?)?")


def read(raw: Raw) -> Loaded:
    """Read a book. Raises Unreadable when it is damaged, copy-protected or holds no text."""
    with opened_document(raw) as archive:
        package_path = _package_path(archive)
        package = _xml(archive, package_path)
        problems: list[Problem] = []
        book = _book(package, raw)
        paragraphs = list(_paragraphs(archive, package, package_path, raw, problems))
    loaded = read_sections(paragraphs, book, raw)
    return Loaded(loaded.documents, loaded.links, (*problems, *loaded.problems))


def _paragraphs(
    archive: zipfile.ZipFile, package: Any, package_path: str, raw: Raw, problems: list[Problem]
) -> Iterator[Paragraph]:
    protected = _protected(archive)
    page: str | None = None
    for path in _spine(package, package_path):
        if path in protected:
            raise Unreadable("copy-protected", "Give a copy without protection.")
        try:
            text, _ = decode(Raw(path, unpacked(archive, path)))
        except (KeyError, Unreadable) as error:
            problems.append(
                Problem(raw.origin, None, f"its chapter {path[:100]!r} cannot be read: {error}", "Save the book again.")
            )
            continue
        soup = parsed(text)
        _mark_pages(soup)
        strip_hidden(soup)
        take_footers(soup)
        for block in blocks(soup.body or soup):
            marks = _PAGE.findall(block.text)
            clean = " ".join(cleansed(_PAGE.sub(" ", block.text))[0].split())
            before = page
            page = marks[-1] if marks else page
            if clean:
                # A mark at the very start of a paragraph says where the paragraph begins.
                first = marks[0] if marks and block.text.lstrip("-•0123456789. ").startswith("\ue000") else before
                yield Paragraph(clean, min(block.level, 6), first, page)


def _mark_pages(soup: Any) -> None:
    for element in soup.find_all(True):
        kind = f"{element.get('epub:type') or ''} {element.get('role') or ''}"
        if "pagebreak" in kind:
            shown = element.get("title") or element.get("aria-label") or element.get_text() or element.get("id") or ""
            label = re.search(r"[0-9]+|\b[ivxlcdm]+\b", str(shown), re.IGNORECASE)
            element.attrs = {}
            element.name = "span"
            element.string = f"\ue000{label[0]}\ue001" if label else ""


def _spine(package: Any, package_path: str) -> Iterator[str]:
    folder = posixpath.dirname(package_path)
    items = {
        item.get("id"): posixpath.normpath(posixpath.join(folder, unquote(item.get("href") or "")))
        for item in package.findall(".//{*}item")
        if "html" in (item.get("media-type") or "") and "nav" not in (item.get("properties") or "").split()
    }
    for reference in package.findall(".//{*}itemref"):
        path = items.get(reference.get("idref"))
        if path and reference.get("linear") != "no":
            yield path


def _book(package: Any, raw: Raw) -> Book:
    def first(name: str) -> str:
        found = next((element.text or "" for element in package.findall(f".//{{*}}{name}")), "")
        return " ".join(cleansed(found)[0].split())

    creators = [" ".join((element.text or "").split()) for element in package.findall(".//{*}creator")]
    named = [creator for creator in creators if expert(creator).name]
    date = _DATE.match(first("date"))
    return Book(
        title=first("title") or raw.stem,
        expert=expert(" and ".join(named)) if named else UNNAMED_EXPERT,
        publisher=first("publisher") or None,
        published=date[0] if date else None,
    )


def _package_path(archive: zipfile.ZipFile) -> str:
    container = _xml(archive, _CONTAINER)
    path = next((root.get("full-path") for root in container.findall(".//{*}rootfile")), None)
    if not path:
        raise Unreadable("names no package file", "Save the book again.")
    return str(path)


def _protected(archive: zipfile.ZipFile) -> set[str]:
    if "META-INF/encryption.xml" not in archive.namelist():
        return set()
    listed = unpacked(archive, "META-INF/encryption.xml").decode("utf-8", "replace")
    return {unquote(path) for path in re.findall(r"CipherReference[^>]{0,200}URI=\"([^\"]{1,500})\"", listed)}


def _xml(archive: zipfile.ZipFile, path: str) -> Any:
    from xml.etree.ElementTree import ParseError

    from defusedxml import DefusedXmlException  # type: ignore[import-untyped]
    from defusedxml.ElementTree import fromstring  # type: ignore[import-untyped]

    try:
        return fromstring(unpacked(archive, path))
    except KeyError as error:
        raise Unreadable(f"no EPUB: {path[:100]} is missing", "Save the book again.") from error
    except (DefusedXmlException, ParseError, ValueError, LookupError) as error:
        raise Unreadable(f"{path[:100]} cannot be read: {error}", "Save the book again.") from error
