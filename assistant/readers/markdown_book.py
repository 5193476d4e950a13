"""A book in Markdown: ``##`` chapters, ``### Heading {#id}`` sections; one document a section. See docs/corpus.md."""

import re
from dataclasses import replace

from assistant.readers.fields import Block, read_block, split_front_matter
from assistant.readers.loaded import Loaded, Problem, Raw
from assistant.readers.markdown_page import no_front_matter, split_fields, split_sections, stored_text, without_comments
from assistant.readers.sources import SOURCE_FIELDS, source_of
from assistant.readers.text import decode, is_cut, lacks_list, page_of, slug
from assistant.schema import Document, Source, SourceKind

BOOK_FIELDS = (*SOURCE_FIELDS, "author", "topics", "body_parts", "note", "disclaimer")
SECTION_FIELDS = ("also_asked", "topics", "body_parts", "dispute", "urgent", "gaps", "view")

_HEADING = re.compile(r"(#{2,3}\s+.*?)\s*#*\s*")
_IDENTIFIED = re.compile(r"(.*?)\s*\{#([A-Za-z0-9][\w.-]*)\}")


def read(raw: Raw) -> Loaded:
    """Read a book. What cannot be used is named in the problems; the rest is kept. Raises Unreadable."""
    text, problems = decode(raw)
    text, comments = without_comments(text, raw.origin)
    found = [*problems, *comments]
    parts = split_front_matter(text)
    if parts is None:
        return Loaded(problems=(*found, no_front_matter(raw.origin)))
    front, front_line, body, body_line = parts
    book = read_block(front, raw.origin, front_line, BOOK_FIELDS)
    source = None if book.broken else source_of(book, book.text("author"), SourceKind.BOOK, "the book", front_line)
    found += book.problems
    if source is None:
        found.append(Problem(raw.origin, front_line, "the book is refused", "Mend what is named for its front matter."))
        return Loaded(problems=tuple(found))
    opening, sections = split_sections(body, body_line, _HEADING)
    if opening:
        found.append(
            Problem(
                raw.origin, opening, "text before the first heading is not taken in", "Put it below a '###' heading."
            )
        )
    documents: dict[str, Document] = {}
    for section in sections:
        level, _, heading = section.heading.partition(" ")
        if level == "##" and not _IDENTIFIED.fullmatch(heading) and not any(line.strip() for line in section.body):
            continue  # a chapter
        identified = _IDENTIFIED.fullmatch(heading)
        title = (identified[1] if identified else heading).strip()
        identity = identified[2] if identified else f"{page_of(raw)}.{slug(title or 'section')}"
        if not title or identity in documents:
            what = f"the section id {identity!r} is used twice" if title else "a section without a heading is refused"
            found.append(Problem(raw.origin, section.line, what, "Write '### Heading {#an-id-of-its-own}'."))
            continue
        fields, fields_line, lines, text_line = split_fields(section)
        block = read_block(fields, raw.origin, fields_line, SECTION_FIELDS)
        found += block.problems
        stored = "" if block.broken else stored_text(lines, text_line, raw.origin, found)
        if not stored:
            found.append(
                Problem(raw.origin, section.line, f"the section {title!r} is refused", "Mend what is named for it.")
            )
            continue
        documents[identity] = _document(identity, title, stored, raw, book, block, source)
    if not documents:
        found.append(Problem(raw.origin, body_line, "the book holds no section", "Add '### Heading {#id}' and text."))
    return Loaded(tuple(documents.values()), (), tuple(found))


def _document(identity: str, title: str, text: str, raw: Raw, book: Block, block: Block, source: Source) -> Document:
    return Document(
        id=identity,
        page=page_of(raw),
        question=title,
        text=text,
        source=replace(source, view=block.text("view"), truncated=is_cut(text), incomplete=lacks_list(text)),
        also_asked=block.items("also_asked"),
        topics=tuple(dict.fromkeys((*book.items("topics"), *block.items("topics")))),
        body_parts=tuple(dict.fromkeys((*book.items("body_parts"), *block.items("body_parts")))),
        dispute=block.text("dispute"),
        urgent=block.words("urgent"),
        gaps=block.items("gaps"),
        disclaimer=book.text("disclaimer") or book.text("note"),
        origin=raw.origin,
    )
