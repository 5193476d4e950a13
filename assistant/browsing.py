"""Find stored answers by words and tags, for reading them whole."""

from collections.abc import Iterable
from dataclasses import dataclass

from assistant.schema import Document

ANY = "Any"


@dataclass(frozen=True)
class Filter:
    """What is looked for: every word, and each tag unless it is ANY."""

    words: str = ""
    expert: str = ANY
    topic: str = ANY
    body_part: str = ANY
    since: str = ANY  # a year; undated answers do not fit

    @classmethod
    def filled_in(cls, words: str | None, *tags: str | None) -> "Filter":
        """What a form asks for, field by field; one that was cleared holds None and asks for nothing."""
        return cls(words or "", *(tag or ANY for tag in tags))

    def found_in(self, documents: Iterable[Document]) -> list[Document]:
        """The documents that fit; those with a word of the search in their question first."""
        words = self.words.casefold().split()
        found = [document for document in documents if self._has_tags(document) and _has_all(words, document)]
        return sorted(found, key=lambda document: not any(word in document.question.casefold() for word in words))

    def _has_tags(self, document: Document) -> bool:
        return (
            self.expert in (ANY, document.source.name)
            and (self.topic == ANY or self.topic in document.topics)
            and (self.body_part == ANY or self.body_part in document.body_parts)
            and (self.since == ANY or self.since <= _year(document))
        )


@dataclass(frozen=True)
class Shelf:
    """The tags that occur, each list after ANY."""

    experts: tuple[str, ...] = (ANY,)
    topics: tuple[str, ...] = (ANY,)
    body_parts: tuple[str, ...] = (ANY,)
    years: tuple[str, ...] = (ANY,)  # latest first

    @classmethod
    def of(cls, documents: Iterable[Document]) -> "Shelf":
        stored = tuple(documents)
        return cls(
            _choices(document.source.name for document in stored),
            _choices(topic for document in stored for topic in document.topics),
            _choices(part for document in stored for part in document.body_parts),
            (ANY, *sorted({year for document in stored if (year := _year(document))}, reverse=True)),
        )


def _year(document: Document) -> str:
    """The year of the last review, or else of publication: "2015"; empty where the source gives none."""
    date = document.source.reviewed or document.source.published or ""
    return date[:4] if date[:4].isdecimal() and len(date) >= 4 else ""


def _has_all(words: Iterable[str], document: Document) -> bool:
    parts = (document.question, *document.also_asked, document.text, document.source.name, document.source.publisher)
    text = "\n".join(parts).casefold()
    return all(word in text for word in words)


def _choices(names: Iterable[str]) -> tuple[str, ...]:
    return (ANY, *sorted(set(names), key=str.casefold))
