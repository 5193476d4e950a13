"""What was taken in from a page, as plain lines that a person can write before any reader has seen the page."""

from collections.abc import Iterator
from pathlib import Path

import yaml

from assistant.readers.loaded import Loaded
from assistant.schema import Document, SourceKind

PAGES = Path(__file__).parent / "pages"


def cases(file: str) -> list[dict[str, str]]:
    """The cases of a file of pages: its name, the files by their names, and what must be read."""
    loaded: list[dict[str, str]] = yaml.safe_load((PAGES / file).read_text(encoding="utf-8"))
    return loaded


def files_of(case: dict[str, str]) -> dict[str, bytes]:
    """A file's name may end in "@" and the encoding that it is stored in."""
    files = {}
    for key, text in case.items():
        if key not in ("case", "open", "reads"):
            name, _, encoding = key.partition("@")
            files[name] = text.encode(encoding or "utf-8")
    return files


def wanted(case: dict[str, str]) -> list[str]:
    return [line for line in case["reads"].split("\n") if line.strip()]


def taken(loaded: Loaded) -> list[str]:
    """Documents in order, then links and disclaimers; blank lines of texts are left out."""
    lines = list(_documents(loaded.documents))
    lines += [f"== link {link.title}" for link in loaded.links]
    lines += [f"== disclaimer {text}" for text in dict.fromkeys(d.disclaimer for d in loaded.documents) if text]
    return lines


def _documents(documents: tuple[Document, ...]) -> Iterator[str]:
    asked = None
    for document in documents:
        source = document.source
        if source.kind is SourceKind.ANSWER and document.question != asked:
            asked = document.question
            yield f"== asked {asked}"
        who = [source.author or "nobody", source.author_type.value if source.author else None, source.credential]
        if source.kind is SourceKind.TEASER:
            who.insert(0, document.question)
        head = [source.title] if source.kind is SourceKind.BLURB else who
        facts = [
            "cut" if source.truncated else None,
            "incomplete" if source.incomplete else None,
            f"at {source.url}" if source.url else None,
            f"published {source.published}" if source.published else None,
            f"reviewed {source.reviewed}" if source.reviewed else None,
        ]
        yield f"== {source.kind.value} " + " | ".join(part for part in [*head, *facts] if part)
        yield from (line for line in document.text.split("\n") if line)
