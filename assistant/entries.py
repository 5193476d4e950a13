"""What the index holds of one document, and the row that it is stored as."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
from itertools import chain
from typing import Any

import numpy as np

from assistant import packed
from assistant.embedding import Vectors
from assistant.lexicon import terms
from assistant.schema import AuthorType, Document, Passage, Role, Sentence, Source, SourceKind, Tier, Wording


@dataclass(frozen=True)
class Entry:
    """A document and what the index holds of it."""

    document: Document
    sentences: tuple[Sentence, ...]
    passages: tuple[Passage, ...]
    question_vectors: Vectors  # (1 + len(also_asked), dimension)
    passage_vectors: Vectors  # (len(passages), dimension)
    sentence_vectors: Vectors  # (len(sentences), dimension), stored in half precision
    gap_vectors: Vectors  # (len(document.gaps), dimension), stored in half precision

    @cached_property
    def wording_terms(self) -> tuple[tuple[str, ...], ...]:
        """The terms of each wording of its question."""
        return tuple(map(terms, (self.document.question, *self.document.also_asked)))

    @cached_property
    def all_terms(self) -> frozenset[str]:
        """The terms of its wordings and sentences."""
        return frozenset(chain.from_iterable((*self.wording_terms, *self.sentence_terms)))

    @cached_property
    def sentence_terms(self) -> tuple[tuple[str, ...], ...]:
        """The terms of each sentence, in order, repeats kept."""
        return tuple(terms(self.document.text[sentence.start : sentence.end]) for sentence in self.sentences)


@dataclass(frozen=True)
class Embedded:
    """The vectors of one document as they are stored; see Entry."""

    questions: bytes
    passages: bytes
    sentences: bytes


class Stored(Entry):
    """An entry as it is stored: what is in it is made when it is first asked for, which of most it never is."""

    def __init__(self, row: Sequence[Any], embedded: Embedded, dimension: int) -> None:
        _, document, self._sentences, self._passages, self._wording_terms, self._sentence_terms, self._gaps = row
        vars(self)["document"] = to_document(json.loads(document))
        self._embedded, self._dimension = embedded, dimension

    @cached_property
    def question_vectors(self) -> Vectors:
        return packed.vectors(self._embedded.questions, self._dimension)

    @cached_property
    def passage_vectors(self) -> Vectors:
        return packed.vectors(self._embedded.passages, self._dimension)

    @cached_property
    def sentence_vectors(self) -> Vectors:
        return packed.widened(packed.halves(self._embedded.sentences, self._dimension))

    @cached_property
    def gap_vectors(self) -> Vectors:
        return packed.widened(packed.halves(self._gaps, self._dimension))

    @cached_property
    def sentences(self) -> tuple[Sentence, ...]:
        return tuple(Sentence(start, end, Role(role), need) for start, end, role, need in json.loads(self._sentences))

    @cached_property
    def wording_terms(self) -> tuple[tuple[str, ...], ...]:
        return _terms_in(self._wording_terms)

    @cached_property
    def sentence_terms(self) -> tuple[tuple[str, ...], ...]:
        return _terms_in(self._sentence_terms)

    @cached_property
    def passages(self) -> tuple[Passage, ...]:
        return tuple(Passage(self.document.id, start, end) for start, end in json.loads(self._passages))


def to_row(entry: Entry) -> tuple[Any, ...]:
    document = entry.document
    return (
        document.id,
        document.page,
        document.asked,
        document.hash,
        json.dumps(asdict(document), ensure_ascii=False),
        json.dumps([(s.start, s.end, s.role, s.needs) for s in entry.sentences]),
        json.dumps([(p.start, p.end) for p in entry.passages]),
        _told(entry.wording_terms),
        _told(entry.sentence_terms),
        entry.gap_vectors.astype(np.float16).tobytes(),
        entry.question_vectors.astype(np.float32).tobytes(),
        entry.passage_vectors.astype(np.float32).tobytes(),
        entry.sentence_vectors.astype(np.float16).tobytes(),
    )


def _told(said: Iterable[Sequence[str]]) -> str:
    """Return terms as they are stored, a line each: cheaper to read than to work out, and small."""
    return "\n".join(map(" ".join, said))


def _terms_in(told: str) -> tuple[tuple[str, ...], ...]:
    return tuple(tuple(line.split()) for line in told.split("\n"))


def to_document(fields: dict[str, Any]) -> Document:
    source = fields.pop("source")
    source |= {
        "kind": SourceKind(source["kind"]),
        "author_type": AuthorType(source["author_type"]),
        "tier": Tier(source["tier"]),
        "wording": Wording(source["wording"]),
    }
    fields |= {name: tuple(fields[name]) for name in ("also_asked", "topics", "body_parts", "urgent", "gaps")}
    return Document(source=Source(**source), **fields)
