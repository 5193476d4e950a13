"""The words of the project as frozen types. A value that breaks its rules cannot be built: ValueError.

Offsets are character positions in ``Document.text``: ``text[start:end]`` is the quote, character for character.
"""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass, fields
from enum import StrEnum
from functools import cached_property

DISCLAIMER = (
    "Important: this content reflects information from various individuals and organisations and may offer alternative or"
    " opposing points of view. It is for general information and is not medical advice, diagnosis or treatment. It has not"
    " been reviewed by a clinician. Always consult your health-care provider about your own needs; in an emergency call"
    " your local emergency number."
)


class SourceKind(StrEnum):
    ANSWER = "answer"  # an expert's answer to a question
    BOOK = "book"  # a section of a book
    BLURB = "blurb"  # a publisher's description: promotion, not an answer
    TEASER = "teaser"  # the cut-off opening of an answer that stands elsewhere


class AuthorType(StrEnum):
    PERSON = "person"
    ORGANISATION = "organisation"
    SPONSOR = "sponsor"
    UNNAMED = "unnamed"


class Wording(StrEnum):
    VERBATIM = "verbatim"  # the source's own words
    SUMMARY = "summary"  # the project's words for what the source says


class Tier(StrEnum):
    PUBLIC = "A"  # public body or professional guideline
    PROFESSIONAL = "B"  # journal, hospital, professional association
    CLINIC = "C"  # clinic, press, other expert
    MACHINE = "D"  # machine-written: verify
    SHARECARE = "S"  # the question-and-answer site of the seed page
    UNLISTED = "U"  # nobody has placed it yet


@dataclass(frozen=True)
class Source:
    """Who said it and where."""

    title: str
    publisher: str
    kind: SourceKind = SourceKind.ANSWER
    author: str | None = None  # None: the source names nobody
    author_type: AuthorType = AuthorType.UNNAMED
    credential: str | None = None
    url: str | None = None
    published: str | None = None  # date as the source gives it: 2015, 2015-10, 2015-10-02
    reviewed: str | None = None
    accessed: str | None = None
    tier: Tier = Tier.UNLISTED
    licence: str = "quote"
    wording: Wording = Wording.VERBATIM
    read: str | None = None  # how much of the source was read, where not the whole
    view: str | None = None  # the side taken on a disputed point
    truncated: bool = False  # the text breaks off in the source
    incomplete: bool = False  # a list or part was lost: a paragraph ends in ":" and nothing follows

    def __post_init__(self) -> None:
        _require(bool(self.title.strip()), "a source needs a title")
        _require(self.author is None or bool(self.author.strip()), "an author is a name or None, not blank")
        _require(
            (self.author is None) == (self.author_type is AuthorType.UNNAMED),
            f"author {self.author!r} does not go with author_type {self.author_type.value!r}",
        )

    @property
    def name(self) -> str:
        """The name to show: the author's, or that there is none."""
        return self.author or "Unnamed answerer"


@dataclass(frozen=True)
class Document:
    """One expert's answer, or one section of a book."""

    id: str  # "<page>.<author>"
    page: str  # id of the question page or book it stands on
    question: str  # the page's question, or the section's heading path
    text: str
    source: Source
    also_asked: tuple[str, ...] = ()  # the question in other people's words
    topics: tuple[str, ...] = ()
    body_parts: tuple[str, ...] = ()
    dispute: str | None = None  # shared by all answers on one disputed point
    urgent: tuple[str, ...] = ()  # families of urgent symptoms whose warning signs the text gives
    gaps: tuple[str, ...] = ()  # sentences on what the source leaves out
    disclaimer: str | None = None  # found on the page; shown with it, never quoted as an answer
    origin: str = ""  # corpus file, relative to the corpus folder

    def __post_init__(self) -> None:
        _require(bool(self.id) and self.id == self.id.strip(), f"document id {self.id!r} is blank or padded")
        _require(bool(self.question.strip()), f"document {self.id} has no question")
        _require(bool(self.text.strip()), f"document {self.id} has no text")

    @cached_property
    def asked(self) -> str:
        """Key of the question it answers: answers to one question on one page share it."""
        return f"{self.page}#{_digest(self.question)[:8]}"

    @cached_property
    def hash(self) -> str:
        """sha256 over everything that is stored: equal hashes need no new work."""
        # Not asdict, which copies every value: it takes three times as long, and a corpus has thousands of documents.
        return _digest({name: getattr(self, name) for name in _STORED} | {"source": vars(self.source)})

    @cached_property
    def text_hash(self) -> str:
        """sha256 of the text with white space folded: the same answer met on two pages."""
        return _digest(" ".join(self.text.split()).casefold())


_STORED = tuple(field.name for field in fields(Document))


class Role(StrEnum):
    SENTENCE = "sentence"
    LEAD_IN = "lead-in"  # announces a list and ends in ":"
    ITEM = "item"  # a whole list item, whatever its number of sentences
    FRAGMENT = "fragment"  # cut off or left hanging: never quoted


@dataclass(frozen=True)
class Sentence:
    """The unit that is quoted: ``document.text[start:end]``."""

    start: int
    end: int
    role: Role = Role.SENTENCE
    needs: int | None = (
        None  # position of the sentence it cannot stand without: an item's lead-in, or what "this" means
    )

    def __post_init__(self) -> None:
        _require(0 <= self.start < self.end, f"sentence span {self.start}:{self.end} is empty or negative")
        _require(self.role is not Role.ITEM or self.needs is not None, "a list item needs its lead-in")

    @property
    def quotable(self) -> bool:
        return self.role is not Role.FRAGMENT


@dataclass(frozen=True)
class Passage:
    """The slice of a document that is embedded and retrieved."""

    document: str
    start: int
    end: int

    def __post_init__(self) -> None:
        _require(0 <= self.start < self.end, f"passage span {self.start}:{self.end} is empty or negative")


@dataclass(frozen=True)
class Hit:
    """A document that retrieval found, with its scores."""

    document: Document
    score: float  # fused; comparable within one question
    question_cosine: float  # best over the phrasings of its question, -1..1
    passage_cosine: float  # best over its passages, -1..1
    sentence_cosine: float  # best over its sentences, -1..1
    lexical: float  # full-text score: BM25F, and in its points how much of its own question is asked; may be below 0
    passage: Passage  # the passage nearest to the question


@dataclass(frozen=True)
class Citation:
    """A number in the answer and the exact place it stands for."""

    number: int  # from 1
    document: str
    document_hash: str
    source: Source
    quote: str
    start: int
    end: int

    def __post_init__(self) -> None:
        _require(self.number >= 1, f"citation numbers start at 1, not {self.number}")
        _require(
            len(self.quote) == self.end - self.start, f"the quote is not as long as its span {self.start}:{self.end}"
        )


@dataclass(frozen=True)
class Statement:
    """What is shown: whole sentences, character for character, with the citations that carry them."""

    text: str
    citations: tuple[int, ...]
    role: Role = Role.SENTENCE

    def __post_init__(self) -> None:
        _require(bool(self.citations), f"a statement without a citation: {self.text[:60]!r}")
        _require(self.role is not Role.FRAGMENT, "a fragment is never shown")


class AnswerKind(StrEnum):
    ANSWERED = "answered"
    PARTIAL = "partial"  # part of it is covered; `missing` names the rest
    ABSTAINED = "abstained"  # the experts do not cover it
    URGENT = "urgent"  # see to the symptom first


@dataclass(frozen=True)
class Notice:
    """The project's own words above an answer: an urgent card, a caution, a referral."""

    heading: str
    sentences: tuple[str, ...]


@dataclass(frozen=True)
class Views:
    """Answers on one disputed point, to be shown side by side."""

    point: str
    citations: tuple[tuple[int, ...], ...]  # one tuple of citation numbers a side

    def __post_init__(self) -> None:
        _require(len(self.citations) >= 2, f"a dispute has two sides or more: {self.point!r}")


@dataclass(frozen=True)
class Answer:
    """One reply, whole: whoever shows it has all that must be shown."""

    kind: AnswerKind
    question: str
    statements: tuple[Statement, ...] = ()
    citations: tuple[Citation, ...] = ()
    views: tuple[Views, ...] = ()
    missing: tuple[str, ...] = ()
    related: tuple[str, ...] = ()
    notice: Notice | None = None
    confidence: float = 0.0  # calibrated probability that the corpus answers the question, 0..1; 0 where it is referred
    disclaimer: str = DISCLAIMER

    def __post_init__(self) -> None:
        _require(bool(self.disclaimer.strip()), "an answer carries the disclaimer")
        _require(0.0 <= self.confidence <= 1.0, f"confidence {self.confidence} is outside 0..1")
        numbers = [citation.number for citation in self.citations]
        _require(
            numbers == list(range(1, len(numbers) + 1)), f"citations are numbered {numbers}, not from 1 without a gap"
        )
        used = {number for statement in self.statements for number in statement.citations}
        _require(used == set(numbers), f"statements cite {sorted(used)}, citations are {numbers}")
        for statement in self.statements:
            for number in statement.citations:
                _require(
                    self.citations[number - 1].quote == statement.text,
                    f"citation {number} does not carry its statement",
                )
        shown = bool(self.statements)
        _require(
            shown or self.kind not in (AnswerKind.ANSWERED, AnswerKind.PARTIAL),
            f"{self.kind.value} without a statement",
        )
        _require(not shown or self.kind is not AnswerKind.ABSTAINED, "abstained, yet statements are shown")
        _require(self.notice is not None or self.kind is not AnswerKind.URGENT, "urgent without the urgent card")
        _require(bool(self.missing) or self.kind is not AnswerKind.PARTIAL, "partial without naming what is missing")
        _require(all(self._items_led_in()), "a list item is shown without its lead-in")

    def _items_led_in(self) -> Iterator[bool]:
        document = None  # of the list that is open
        for statement in self.statements:
            cited = self.citations[statement.citations[0] - 1].document
            if statement.role is Role.LEAD_IN:
                document = cited
            elif statement.role is Role.ITEM:
                yield document == cited
            else:
                document = None


def _require(condition: bool, message: str) -> None:
    if not condition:
        raise ValueError(message)


def _digest(value: object) -> str:
    return hashlib.sha256(json.dumps(value, sort_keys=True, ensure_ascii=True).encode()).hexdigest()
