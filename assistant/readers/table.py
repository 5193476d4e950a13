"""The one table of formats: which reader takes which file."""

from collections.abc import Callable
from dataclasses import dataclass

from assistant.errors import SourceError
from assistant.readers import markdown_book, markdown_page, saved_page
from assistant.readers.fields import split_front_matter
from assistant.readers.loaded import Loaded, Raw
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


FORMATS = (
    Format("Markdown", frozenset({".md", ".markdown"}), _markdown, trusted=True),
    Format("saved page", frozenset({".txt", ".text"}), saved_page.read, trusted=True),
)


def format_of(raw: Raw) -> Format:
    """The format of a file. Raises SourceError when no reader takes it."""
    for known in FORMATS:
        if raw.suffix in known.suffixes:
            return known
    raise SourceError(f"{raw.origin}: no reader for {raw.suffix or 'a file without a suffix'!r}", f"Formats: {suffixes()}.")


def suffixes() -> str:
    """All suffixes that are read, for messages."""
    return ", ".join(sorted(suffix for known in FORMATS for suffix in known.suffixes))
