"""One record of a question and an answer, under whatever names its fields go, to a document."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, TypeVar

from assistant.readers.fields import is_address
from assistant.readers.loaded import Link, Problem
from assistant.readers.markup import plain
from assistant.readers.names import Expert, expert
from assistant.readers.text import cleansed, is_cut, lacks_list, slug
from assistant.schema import AuthorType, Document, Source, SourceKind, Tier, Wording

Choice = TypeVar("Choice", bound=StrEnum)

PUBLISHER = "Imported records"

# field -> the names it goes by
NAMES: Mapping[str, tuple[str, ...]] = {
    "id": ("id", "answer_id", "question_id", "_id", "record_id", "qid"),
    "question": ("question", "q", "query", "prompt", "question_text"),
    "answer": ("answer", "a", "answer_text", "response", "reply", "text", "body"),
    "author": ("author", "expert", "name", "answered_by", "answerer", "author_name", "expert_name", "by"),
    "author_type": ("author_type", "expert_type"),
    "credential": ("credential", "credentials", "specialty", "specialism", "qualification"),
    "publisher": ("publisher", "site", "source", "source_name"),
    "title": ("title", "page_title", "source_title"),
    "url": ("url", "address", "link", "source_url", "uri"),
    "published": ("published", "date_published", "datepublished", "date"),
    "reviewed": ("reviewed", "date_reviewed", "lastreviewed", "last_reviewed"),
    "accessed": ("accessed", "date_accessed"),
    "tier": ("tier", "source_tier"),
    "licence": ("licence", "license"),
    "wording": ("wording",),
    "read": ("read",),
    "view": ("view",),
    "kind": ("kind",),
    "truncated": ("truncated",),
    "incomplete": ("incomplete",),
    "also_asked": ("also_asked", "question_aliases", "aliases", "paraphrases"),
    "topics": ("topics", "topic_tags", "topic", "tags"),
    "body_parts": ("body_parts",),
    "dispute": ("dispute", "stance_group"),
    "urgent": ("urgent",),
    "gaps": ("gaps",),
    "disclaimer": ("disclaimer",),
}
_FIELD_OF = {name: field for field, names in NAMES.items() for name in names}
_TRUE = frozenset({"yes", "true", "1", "y"})
_DATE = re.compile(r"\d{4}(-\d\d(-\d\d)?)?")


@dataclass(frozen=True)
class Record:
    """One record, its fields under our names, and where it stands."""

    values: Mapping[str, Any]
    line: int | None
    place: str  # how messages begin: "record 3: ", or empty where the line says enough


@dataclass
class Harvest:
    """What has been gathered from one file so far."""

    origin: str
    documents: list[Document] = field(default_factory=list)
    links: list[Link] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    invisible: int = 0  # characters taken out

    def complain(self, line: int | None, what: str, cure: str) -> None:
        self.problems.append(Problem(self.origin, line, what, cure))

    def refuse(self, record: Record, what: str, cure: str) -> None:
        self.complain(record.line, record.place + what, cure)


def field_of(name: str) -> str | None:
    """The field that a column or key of this name gives, or None."""
    return _FIELD_OF.get(re.sub(r"[\s-]+", "_", name.strip().casefold()))


def take(record: Record, harvest: Harvest) -> None:
    """Add the record's document, its link or its problem to the harvest."""
    question = " ".join(_text(record, "question", harvest).split())
    text = _text(record, "answer", harvest)
    if not question:
        harvest.refuse(record, "no question", "Give it a 'question'.")
        return
    page = slug(_line(record, "id") or question)
    if not text:
        harvest.links.append(Link(question, harvest.origin, page))
        harvest.refuse(record, "no answer; the question is kept as a link", "Give it an 'answer'.")
        return
    source = _source(record, question, text, harvest)
    if source is None:
        return
    harvest.documents.append(
        Document(
            id=f"{page}.{slug(source.author or 'unnamed')}",
            page=page,
            question=question,
            text=text,
            source=source,
            also_asked=_list(record, "also_asked"),
            topics=_list(record, "topics"),
            body_parts=_list(record, "body_parts"),
            dispute=_line(record, "dispute"),
            urgent=_list(record, "urgent"),
            gaps=_list(record, "gaps"),
            disclaimer=_line(record, "disclaimer"),
            origin=harvest.origin,
        )
    )


def _source(record: Record, question: str, text: str, harvest: Harvest) -> Source | None:
    who = _expert(record, harvest)
    kind = _choice(record, "kind", SourceKind, harvest) or SourceKind.ANSWER
    if who is None:
        return None
    address = _line(record, "url")
    if address and not is_address(address):
        harvest.refuse(record, f"{address[:80]!r} is no web address; it was left out", "Begin it with https://.")
        address = None
    organisation = who.name if who.kind is AuthorType.ORGANISATION else None
    return Source(
        title=_line(record, "title") or question,
        publisher=_line(record, "publisher") or organisation or PUBLISHER,
        kind=kind,
        author=who.name,
        author_type=who.kind,
        credential=who.credential,
        url=address,
        published=_date(record, "published", harvest),
        reviewed=_date(record, "reviewed", harvest),
        accessed=_date(record, "accessed", harvest),
        tier=_choice(record, "tier", Tier, harvest) or Tier.UNLISTED,
        licence=_line(record, "licence") or "quote",
        wording=_choice(record, "wording", Wording, harvest) or Wording.VERBATIM,
        read=_line(record, "read"),
        view=_line(record, "view"),
        truncated=_flag(record, "truncated") or is_cut(text, soft=kind is SourceKind.TEASER),
        incomplete=_flag(record, "incomplete") or lacks_list(text),
    )


def _expert(record: Record, harvest: Harvest) -> Expert | None:
    who = expert(_line(record, "author"), _line(record, "credential"))
    kind = _choice(record, "author_type", AuthorType, harvest)
    if kind in (None, who.kind):
        return who
    if kind is AuthorType.UNNAMED or who.name is None:
        cure = "Name the expert and give person, organisation or sponsor; or leave both out."
        harvest.refuse(record, f"author_type {kind!s} does not go with the expert {who.name!r}", cure)
        return None
    return Expert(who.name, kind, who.credential)


def _choice(record: Record, name: str, choices: type[Choice], harvest: Harvest) -> Choice | None:
    value = _line(record, name)
    try:
        return choices(value) if value else None
    except ValueError:
        harvest.refuse(record, f"{name} is {value!r}; it was left out", f"Use one of: {', '.join(choices)}.")
        return None


def _date(record: Record, name: str, harvest: Harvest) -> str | None:
    value = _line(record, name)
    if value is None:
        return None
    match = _DATE.match(value)
    if not match:
        harvest.refuse(
            record, f"{name} is {value[:40]!r}, which is no date; it was left out", "Write 2015, 2015-10 or 2015-10-02."
        )
        return None
    return match[0]


def _text(record: Record, name: str, harvest: Harvest) -> str:
    value = record.values.get(name)
    if not isinstance(value, str):
        return ""
    cleaned, removed = cleansed(value)
    harvest.invisible += removed
    return plain(cleaned)


def _line(record: Record, name: str) -> str | None:
    value = record.values.get(name)
    if not isinstance(value, (str, int, float)) or isinstance(value, bool):
        return None
    return " ".join(cleansed(str(value))[0].split()) or None


def _flag(record: Record, name: str) -> bool:
    value = record.values.get(name)
    return value is True or str(value).strip().casefold() in _TRUE


def _list(record: Record, name: str) -> tuple[str, ...]:
    value = record.values.get(name)
    parts = value if isinstance(value, list) else re.split(r"[;|\n]", value) if isinstance(value, str) else []
    cleaned = (" ".join(cleansed(part)[0].split()) for part in parts if isinstance(part, str))
    return tuple(dict.fromkeys(part for part in cleaned if part))
