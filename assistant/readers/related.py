"""The related entries below a question page: openings of answers that stand elsewhere, cut off in any of four ways."""

from collections.abc import Set
from dataclasses import dataclass, field, replace

from assistant.readers.loaded import Link, Loaded, Raw
from assistant.readers.names import UNNAMED_EXPERT, Expert, expert, name_in, undoubled
from assistant.readers.text import folded, is_cut, is_item, slug, without_marker
from assistant.readers.zones import TERMINATED
from assistant.schema import Document, Source, SourceKind

_LONGEST_TITLE = 120  # characters


@dataclass
class Entry:
    """One related entry while it is read."""

    title: str
    expert: Expert = UNNAMED_EXPERT
    text: list[str] = field(default_factory=list)

    @property
    def bare(self) -> bool:
        return not self.text and self.expert is UNNAMED_EXPERT


def read_related(lines: list[str], ends: Set[str], spoken: Set[str], source: Source, raw: Raw, page: str) -> Loaded:
    """Read the entries: with text a TEASER document, without one a link. ``ends``: lines that close an entry."""
    documents: dict[str, Document] = {}
    links: list[Link] = []
    for entry in _entries(lines, ends, spoken):
        if not entry.text:
            links.append(Link(entry.title, raw.origin, page))
            continue
        document = _teaser(entry, source, raw)
        documents.setdefault(document.id, document)
    return Loaded(tuple(documents.values()), tuple(links))


def _entries(lines: list[str], ends: Set[str], spoken: Set[str]) -> list[Entry]:
    entries: list[Entry] = []
    entry: Entry | None = None
    for position, line in enumerate(lines):
        following = lines[position + 1] if position + 1 < len(lines) else ""
        line, closed = _without_end(line, ends)
        if closed and not line:
            entry = None
        elif entry is None or _opens(entry, line, following, spoken):
            entry = Entry(undoubled(without_marker(line)))
            entries.append(entry)
        elif not entry.text and folded(line) == folded(entry.title):
            continue  # the title, met twice
        elif entry.bare and (name := name_in(line, spoken)):
            entry.expert = expert(name)
        else:
            entry.text.append(line)
            if closed or is_cut(line, soft=True):
                entry = None
    return _without_footer(entries)


def _without_footer(entries: list[Entry]) -> list[Entry]:
    """The entries, the last without a whole text that nobody signs: an opening is cut off, a site's last words are not."""
    if entries and entries[-1].text and entries[-1].expert is UNNAMED_EXPERT:
        last, others = entries[-1], [entry for entry in entries[:-1] if entry.text]
        if not any(_is_opening(one) for one in last.text) and all(_is_opening(entry.text[-1]) for entry in others):
            last.text.clear()
    return entries


def _is_opening(text: str) -> bool:
    return is_cut(text, soft=True) or not TERMINATED.search(text)


def _without_end(line: str, ends: Set[str]) -> tuple[str, bool]:
    """The line without a closing mark, which may stand alone or be run into the text; and whether there was one."""
    for end in ends:
        if line.casefold() == end:
            return "", True
        if line.casefold().endswith(end) and is_cut(line[: -len(end)], soft=True):
            return line[: -len(end)].rstrip(), True
    return line, False


def _opens(entry: Entry, line: str, following: str, spoken: Set[str]) -> bool:
    """Whether the next entry begins although nothing closed this one."""
    if not entry.text and folded(line) == folded(entry.title):
        return False
    if entry.bare and _is_title(line, spoken):
        return True  # a list of links: below a title stands the next
    if is_item(line):
        return False
    if folded(line) == folded(following) or (line.endswith("?") and undoubled(following) != following):
        return True
    return line.endswith("?") and bool(entry.text) and name_in(following, spoken) is not None


def _is_title(line: str, spoken: Set[str]) -> bool:
    if name_in(line, spoken):
        return False
    return len(line) <= _LONGEST_TITLE and (line.endswith("?") or line[-1].isalnum())


def _teaser(entry: Entry, source: Source, raw: Raw) -> Document:
    text = "\n\n".join(entry.text)
    # A blurb speaks of the book by its title; an article's opening does not.
    book = not entry.title.endswith("?") and text.startswith(f"{entry.title} ") and entry.expert is UNNAMED_EXPERT
    kind = SourceKind.BLURB if book else SourceKind.TEASER
    page = slug(entry.title)
    return Document(
        id=f"{page}.{slug(entry.expert.name or 'unnamed')}-teaser",
        page=page,
        question=entry.title,
        text=text,
        source=replace(
            source,
            title=entry.title,
            kind=kind,
            author=entry.expert.name,
            author_type=entry.expert.kind,
            credential=entry.expert.credential,
            truncated=is_cut(text, soft=True),
        ),
        origin=raw.origin,
    )
