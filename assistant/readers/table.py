"""The one table of formats: which reader takes which file."""

from collections.abc import Callable
from dataclasses import dataclass

from assistant.readers import (
    archive,
    docx,
    epub,
    html_page,
    markdown_book,
    markdown_page,
    medquad,
    pdf,
    records,
    saved_page,
)
from assistant.readers.fields import split_front_matter
from assistant.readers.loaded import Loaded, Raw, Unreadable
from assistant.readers.text import decode

Reader = Callable[[Raw], Loaded]


@dataclass(frozen=True)
class Format:
    """A format the corpus may hold."""

    name: str
    suffixes: frozenset[str]
    read: Reader
    trusted: bool = False  # plain text that no library parses: read without a child process


def _markdown(raw: Raw) -> Loaded:
    parts = split_front_matter(decode(raw)[0])
    names = {line.partition(":")[0].strip() for line in parts[0].split("\n")} if parts else set()
    return markdown_book.read(raw) if "title" in names and "question" not in names else markdown_page.read(raw)


MARKDOWN = Format("Markdown", frozenset({".md", ".markdown"}), _markdown, trusted=True)
SAVED_PAGE = Format("saved page", frozenset({".txt", ".text"}), saved_page.read, trusted=True)
WEB_PAGE = Format("web page", frozenset({".html", ".htm", ".xhtml"}), html_page.read)
RECORDS = Format("records", frozenset({".jsonl", ".ndjson", ".json", ".csv", ".tsv"}), records.read)
PDF = Format("PDF", frozenset({".pdf"}), pdf.read)
EPUB = Format("EPUB", frozenset({".epub"}), epub.read)
WORD = Format("Word document", frozenset({".docx"}), docx.read)
MEDQUAD = Format("MedQuAD XML", frozenset({".xml"}), medquad.read)
ARCHIVE = Format("zip archive", frozenset({".zip"}), archive.read)
FORMATS = (MARKDOWN, SAVED_PAGE, WEB_PAGE, RECORDS, PDF, EPUB, WORD, MEDQUAD, ARCHIVE)

_BINARY = frozenset({PDF, EPUB, WORD, ARCHIVE})


def format_of(raw: Raw) -> Format:
    """The format of a file, by its first bytes where they tell, else by its suffix. Raises Unreadable for others."""
    named = next((known for known in FORMATS if raw.suffix in known.suffixes), None)
    chosen = _by_content(raw, named) or (named if named not in _BINARY else None)
    if chosen:
        return chosen
    if named:
        raise Unreadable(f"called {raw.suffix} but is no {named.name}", "Give it its own suffix.")
    what = f"no reader for {raw.suffix or 'a file without a suffix'!r}"
    raise Unreadable(what, f"Formats: {suffixes()}.")


def suffixes() -> str:
    """All suffixes that are read, for messages."""
    return ", ".join(sorted(suffix for known in FORMATS for suffix in known.suffixes))


def _by_content(raw: Raw, named: Format | None) -> Format | None:
    head = raw.data[:1024].lstrip(b"\xef\xbb\xbf \t\r\n")
    if b"%PDF-" in head:
        return PDF
    if head.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return named if named in (EPUB, WORD) else ARCHIVE
    if named in (SAVED_PAGE, MEDQUAD, None) and head[:15].lower().startswith((b"<!doctype html", b"<html")):
        return WEB_PAGE
    return None
