"""A question page in Markdown: front matter with the question, one ``##`` heading an answer. See docs/corpus.md."""

import re
from dataclasses import dataclass, replace

from assistant.readers.fields import Block, read_block, split_front_matter
from assistant.readers.loaded import Loaded, Problem, Raw, Unreadable
from assistant.readers.sources import SOURCE_FIELDS, source_of
from assistant.readers.text import decode, is_cut, lacks_list, page_of, slug, unwrapped
from assistant.schema import Document, Source, SourceKind

UNNAMED = "unnamed"
MOST_SECTIONS = 2000  # headings of one file

PAGE_FIELDS = ("question", "also_asked", "topics", "body_parts", "dispute", "disclaimer")
ANSWER_FIELDS = (*SOURCE_FIELDS, "view", "urgent", "truncated", "gaps")

_HEADING = re.compile(r"##\s+(.*?)\s*#*\s*")
_FIELD = re.compile(r"[A-Za-z_]+:(\s|$)")
_NUMBERED = re.compile(r"(.+?)\s*\((\d+)\)")
_COMMENT = re.compile(r"<!--.*?(?:-->|\Z)", re.DOTALL)
_TAG = re.compile(r"</?[a-zA-Z][a-zA-Z0-9-]*(?:\s[^<>]*)?/?>")


@dataclass(frozen=True)
class Section:
    """The lines below one heading."""

    heading: str
    line: int  # of the heading
    body: tuple[str, ...]


def read(raw: Raw) -> Loaded:
    """Read a question page. What cannot be used is named in the problems; the rest is kept. Raises Unreadable."""
    text, problems = decode(raw)
    text, comments = without_comments(text, raw.origin)
    found = [*problems, *comments]
    parts = split_front_matter(text)
    if parts is None:
        return Loaded(problems=(*found, no_front_matter(raw.origin)))
    front, front_line, body, body_line = parts
    page = read_block(front, raw.origin, front_line, PAGE_FIELDS)
    found += page.problems
    if page.broken or page.missing(["question"]):
        if not page.broken:
            found.append(
                Problem(raw.origin, page.line, "the page has no question", "Add 'question: ...' to the front matter.")
            )
        return Loaded(problems=tuple(found))
    opening, sections = split_sections(body, body_line, _HEADING)
    if opening:
        found.append(
            Problem(
                raw.origin, opening, "text before the first answer is not taken in", "Put it below a '## name' heading."
            )
        )
    if not sections:
        found.append(
            Problem(raw.origin, body_line, "the page holds no answer", "Add '## <name>' with its fields and text.")
        )
    documents: list[Document] = []
    taken: set[str] = set()
    for section in sections:
        document = _answer(section, page, raw, found, taken)
        if document:
            documents.append(document)
            taken.add(document.id)
    return Loaded(tuple(documents), (), tuple(found))


def split_sections(body: str, first_line: int, heading: re.Pattern[str]) -> tuple[int | None, list[Section]]:
    """Cut ``body`` at its headings. Also returns the line of the first text above them, if any."""
    opening: int | None = None
    sections: list[Section] = []
    lines: list[str] = []
    start, title = 0, ""
    for number, line in enumerate(body.split("\n"), first_line):
        match = heading.fullmatch(line)
        if match:
            if start:
                sections.append(Section(title, start, tuple(lines)))
            start, title, lines = number, match[1], []
        elif start:
            lines.append(line)
        elif line.strip() and opening is None:
            opening = number
    if start:
        sections.append(Section(title, start, tuple(lines)))
    if len(sections) > MOST_SECTIONS:
        raise Unreadable(f"{len(sections):,} headings, more than {MOST_SECTIONS:,}", "Split it into several files.")
    return opening, sections


def split_fields(section: Section) -> tuple[str, int, tuple[str, ...], int]:
    """Return the section's fields and the line they begin on, its text and the line that begins on."""
    start = next((number for number, line in enumerate(section.body) if line.strip()), len(section.body))
    if start == len(section.body) or not _FIELD.match(section.body[start]):
        return "", section.line + 1, section.body, section.line + 1
    end = next(
        (number for number in range(start, len(section.body)) if not section.body[number].strip()), len(section.body)
    )
    return "\n".join(section.body[start:end]), section.line + 1 + start, section.body[end:], section.line + 1 + end


def stored_text(lines: tuple[str, ...], first_line: int, origin: str, found: list[Problem]) -> str:
    """The section's text as it is stored; empty, with a problem noted, when it cannot be used."""
    kept = []
    for number, line in enumerate(lines, first_line):
        if _TAG.search(line):
            cure = "Write it as plain text, without tags."
            found.append(Problem(origin, number, f"HTML in the text: {line.strip()[:60]!r}; it was refused", cure))
            return ""
        if re.match(r"#{1,6}\s", line):
            what = f"the heading {line.strip()[:60]!r} inside a text is left out"
            found.append(Problem(origin, number, what, "Write it as a sentence, or leave it out."))
            line = ""
        kept.append(line)
    text = unwrapped(kept)
    if not text:
        found.append(Problem(origin, first_line, "no text below the heading", "Write the text, or remove the heading."))
    elif lacks_list(text):
        what = "a paragraph ends in ':' and no list follows; the answer is marked incomplete"
        found.append(
            Problem(origin, first_line, what, "Add the list, each item on a line of its own that begins with '- '.")
        )
    return text


def without_comments(text: str, origin: str) -> tuple[str, tuple[Problem, ...]]:
    """Drop HTML comments, which nobody sees on the page, keeping the number of lines."""
    if "<!--" not in text:
        return text, ()
    line = text[: text.index("<!--")].count("\n") + 1
    stripped = _COMMENT.sub(lambda match: "\n" * match[0].count("\n"), text)
    return stripped, (Problem(origin, line, "a hidden comment was left out", "Remove it, or write it as text."),)


def no_front_matter(origin: str) -> Problem:
    return Problem(
        origin,
        1,
        "no front matter",
        "Begin the file with a block of fields between two '---' lines; see docs/corpus.md.",
    )


def _answer(section: Section, page: Block, raw: Raw, found: list[Problem], taken: set[str]) -> Document | None:
    fields, fields_line, lines, text_line = split_fields(section)
    block = read_block(fields, raw.origin, fields_line, ANSWER_FIELDS)
    source = None if block.broken else _source(section, block)
    found += block.problems
    text = stored_text(lines, text_line, raw.origin, found) if source else ""
    if not source or not text:
        cure = "Mend what is named for this answer; the other answers of the page are taken in."
        found.append(Problem(raw.origin, section.line, f"the answer of {section.heading!r} is refused", cure))
        return None
    identity = _identity(section, source, raw, found, taken)
    return Document(
        id=identity,
        page=page_of(raw),
        question=page.text("question") or "",
        text=text,
        source=replace(source, truncated=source.truncated or is_cut(text), incomplete=lacks_list(text)),
        also_asked=page.items("also_asked"),
        topics=page.items("topics"),
        body_parts=page.items("body_parts"),
        dispute=page.text("dispute"),
        urgent=block.words("urgent"),
        gaps=block.items("gaps"),
        disclaimer=page.text("disclaimer"),
        origin=raw.origin,
    )


def _identity(section: Section, source: Source, raw: Raw, found: list[Problem], taken: set[str]) -> str:
    wanted = "-".join(part for part in (slug(source.author or UNNAMED), _numbered(section.heading)[1]) if part)
    identity, number = f"{page_of(raw)}.{wanted}", 2
    if identity in taken:
        cure = f"Number them: '## {section.heading} (2)'."
        found.append(Problem(raw.origin, section.line, f"{section.heading!r} answers twice on this page", cure))
    while identity in taken:
        identity, number = f"{page_of(raw)}.{wanted}-{number}", number + 1
    return identity


def _source(section: Section, block: Block) -> Source | None:
    name = _numbered(section.heading)[0]
    if not name:
        block.problems.append(
            Problem(block.origin, section.line, "the heading names nobody", "Write '## <name>' or '## unnamed'.")
        )
        return None
    author = None if name.casefold() == UNNAMED else name
    return source_of(block, author, SourceKind.ANSWER, f"the answer of {section.heading!r}", section.line)


def _numbered(heading: str) -> tuple[str, str]:
    """``NHS (2)`` to the name and the number, ``NHS`` to the name and nothing."""
    match = _NUMBERED.fullmatch(heading)
    return (match[1].strip(), match[2]) if match else (heading.strip(), "")
