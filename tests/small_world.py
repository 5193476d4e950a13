"""A corpus of two pages and answers made from it, small enough to work every figure out by hand."""

from collections.abc import Sequence
from dataclasses import replace

from assistant.schema import (
    Answer,
    AnswerKind,
    AuthorType,
    Citation,
    Document,
    Notice,
    Role,
    Source,
    Statement,
)

CARD = Notice("Get urgent help now", ("Call your local emergency number.",))


def document(
    id: str, text: str, view: str | None = None, urgent: Sequence[str] = (), truncated: bool = False
) -> Document:
    """A document on the page that its id names up to the dot."""
    author = id.partition(".")[2].capitalize() or None
    kind = AuthorType.PERSON if author else AuthorType.UNNAMED
    source = Source(
        title=f"Title of {id}", publisher="P", author=author, author_type=kind, view=view, truncated=truncated
    )
    page = id.partition(".")[0]
    return Document(id=id, page=page, question=f"{page}?", text=text, source=source, urgent=tuple(urgent))


OLDERMAN = document(
    "t02-back-arches.olderman", "Pull the navel in. Do not raise the leg quite so high.", view="Draw in"
)
MCGILL = document("t02-back-arches.mcgill", "Brace the whole wall. It spares the back.", view="Brace")
CRAMP = document("t03-hamstring-cramp.olderman", "Here is what to do:\n- Relax the hamstring.\n- Squeeze the buttock.")
SIGNS = document("t87-cauda-equina.nhs", "Numbness between the legs needs help at once.", urgent=["cauda equina"])
CORPUS = (OLDERMAN, MCGILL, CRAMP, SIGNS)


def answer(
    *quotes: tuple[Document, str],
    kind: AnswerKind = AnswerKind.ANSWERED,
    missing: Sequence[str] = (),
    confidence: float = 0.9,
) -> Answer:
    """An answer made of ``quotes``, each a document and words of its text."""
    citations = []
    for number, (source, words) in enumerate(quotes, 1):
        start = source.text.index(words)
        citations.append(Citation(number, source.id, source.hash, source.source, words, start, start + len(words)))
    return Answer(
        kind,
        "asked",
        tuple(Statement(citation.quote, (citation.number,), role_of(citation.quote)) for citation in citations),
        tuple(citations),
        missing=tuple(missing),
        notice=CARD if kind is AnswerKind.URGENT else None,
        confidence=confidence,
    )


def role_of(words: str) -> Role:
    return (
        Role.LEAD_IN
        if words.endswith(":")
        else Role.ITEM
        if words in ("Relax the hamstring.", "Squeeze the buttock.")
        else Role.SENTENCE
    )


def partial(*quotes: tuple[Document, str]) -> Answer:
    return answer(*quotes, kind=AnswerKind.PARTIAL, missing=["The page gives no date."])


def refusal(confidence: float = 0.1) -> Answer:
    return answer(kind=AnswerKind.ABSTAINED, confidence=confidence)


def urgent(*quotes: tuple[Document, str]) -> Answer:
    return answer(*quotes, kind=AnswerKind.URGENT, confidence=1.0)


def moved(given: Answer, by: int) -> Answer:
    """The same answer with its first citation pointing ``by`` characters beside the place."""
    first = given.citations[0]
    return replace(given, citations=(replace(first, start=first.start + by, end=first.end + by), *given.citations[1:]))
