"""The types refuse what breaks their rules, and say which rule."""

from collections.abc import Callable
from dataclasses import FrozenInstanceError, fields, replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.schema import (
    DISCLAIMER,
    Answer,
    AnswerKind,
    AuthorType,
    Citation,
    Document,
    Notice,
    Passage,
    Role,
    Sentence,
    Source,
    SourceKind,
    Statement,
    Tier,
    Views,
    Wording,
)

SOURCE = Source("A page", "Example Press", author="Maren Holt", author_type=AuthorType.PERSON)
DOCUMENT = Document("s01.maren-holt", "s01", "How?", "Do this:\n- Breathe.\nRest.", SOURCE)
CARD = Notice("Get help", ("Call your local emergency number.",))


def cited(number: int, quote: str = "Rest.", document: str = "s01.maren-holt") -> Citation:
    return Citation(number, document, "hash", SOURCE, quote, 0, len(quote))


def said(*numbers: int, text: str = "Rest.", role: Role = Role.SENTENCE) -> Statement:
    return Statement(text, numbers, role)


WHOLE = Answer(AnswerKind.ANSWERED, "How?", (said(1),), (cited(1),), confidence=0.9)


@pytest.mark.parametrize(
    ("make", "rule"),
    [
        (lambda: replace(SOURCE, title=" "), "needs a title"),
        (lambda: replace(SOURCE, author=" "), "not blank"),
        (lambda: replace(SOURCE, author=None), "does not go with author_type 'person'"),
        (
            lambda: replace(SOURCE, author_type=AuthorType.UNNAMED),
            "'Maren Holt' does not go with author_type 'unnamed'",
        ),
        (lambda: replace(DOCUMENT, id=""), "blank or padded"),
        (lambda: replace(DOCUMENT, id="s01 "), "blank or padded"),
        (lambda: replace(DOCUMENT, question="\n"), "has no question"),
        (lambda: replace(DOCUMENT, text=" \n"), "has no text"),
        (lambda: Sentence(3, 3), "span 3:3 is empty"),
        (lambda: Sentence(-1, 3), "negative"),
        (lambda: Sentence(0, 3, Role.ITEM), "a list item needs its lead-in"),
        (lambda: Passage("d", 4, 2), "span 4:2 is empty"),
        (lambda: cited(0), "start at 1, not 0"),
        (lambda: replace(cited(1), end=3), "not as long as its span 0:3"),
        (lambda: said(), "without a citation: 'Rest.'"),
        (lambda: said(1, role=Role.FRAGMENT), "a fragment is never shown"),
        (lambda: Views("navel", ((1,),)), "two sides or more: 'navel'"),
    ],
)
def test_a_part_that_breaks_its_rule_cannot_be_made(make: Callable[[], object], rule: str) -> None:
    with pytest.raises(ValueError, match=rule):
        make()


@pytest.mark.parametrize(
    ("changes", "rule"),
    [
        ({"disclaimer": " "}, "carries the disclaimer"),
        ({"confidence": 1.01}, "confidence 1.01 is outside 0..1"),
        ({"confidence": -0.01}, "confidence -0.01 is outside 0..1"),
        ({"confidence": float("nan")}, "confidence nan is outside 0..1"),
        ({"citations": (cited(2),)}, r"numbered \[2\], not from 1"),
        ({"citations": (cited(1), cited(1))}, r"numbered \[1, 1\], not from 1"),
        ({"citations": (cited(1), cited(2))}, r"statements cite \[1\], citations are \[1, 2\]"),
        ({"statements": (said(1), said(2))}, r"statements cite \[1, 2\], citations are \[1\]"),
        ({"statements": (said(1, text="Rest"),)}, "citation 1 does not carry its statement"),
        ({"statements": (), "citations": ()}, "answered without a statement"),
        (
            {"kind": AnswerKind.PARTIAL, "statements": (), "citations": (), "missing": ("No date.",)},
            "partial without a statement",
        ),
        ({"kind": AnswerKind.PARTIAL}, "partial without naming what is missing"),
        ({"kind": AnswerKind.ABSTAINED}, "abstained, yet statements are shown"),
        ({"kind": AnswerKind.URGENT}, "urgent without the urgent card"),
        ({"statements": (said(1, role=Role.ITEM),)}, "a list item is shown without its lead-in"),
    ],
)
def test_an_answer_that_breaks_a_rule_cannot_be_made(changes: dict[str, Any], rule: str) -> None:
    with pytest.raises(ValueError, match=rule):
        replace(WHOLE, **changes)


def listed(*parts: tuple[Role, str]) -> Answer:
    """An answer that shows ``parts``, each a role and the document it is from."""
    statements = tuple(said(number, role=role) for number, (role, _) in enumerate(parts, 1))
    citations = tuple(cited(number, document=document) for number, (_, document) in enumerate(parts, 1))
    return Answer(AnswerKind.ANSWERED, "How?", statements, citations)


def test_items_follow_the_lead_in_of_their_own_document() -> None:
    listed((Role.LEAD_IN, "a"), (Role.ITEM, "a"), (Role.ITEM, "a"), (Role.LEAD_IN, "b"), (Role.ITEM, "b"))


@pytest.mark.parametrize(
    "parts",
    [
        [(Role.LEAD_IN, "a"), (Role.ITEM, "b")],
        [(Role.LEAD_IN, "a"), (Role.SENTENCE, "a"), (Role.ITEM, "a")],
        [(Role.LEAD_IN, "a"), (Role.ITEM, "a"), (Role.SENTENCE, "b"), (Role.ITEM, "a")],
    ],
    ids=["another's lead-in", "a sentence between", "a sentence of another between two items"],
)
def test_an_item_under_no_lead_in_of_its_own_is_refused(parts: list[tuple[Role, str]]) -> None:
    with pytest.raises(ValueError, match="without its lead-in"):
        listed(*parts)


@pytest.mark.parametrize(
    "answer",
    [
        WHOLE,
        Answer(AnswerKind.ABSTAINED, "How?"),
        Answer(AnswerKind.URGENT, "How?", notice=CARD),
        replace(WHOLE, kind=AnswerKind.PARTIAL, missing=("No date is given.",)),
        replace(WHOLE, kind=AnswerKind.URGENT, notice=CARD),
    ],
    ids=lambda answer: answer.kind.value,
)
def test_every_kind_of_answer_carries_the_disclaimer(answer: Answer) -> None:
    assert answer.disclaimer == DISCLAIMER
    assert "not medical advice" in DISCLAIMER and "health-care provider" in DISCLAIMER


def test_values_are_frozen() -> None:
    for value, name in ((SOURCE, "title"), (DOCUMENT, "text"), (WHOLE, "disclaimer"), (cited(1), "quote")):
        with pytest.raises(FrozenInstanceError):
            setattr(value, name, "changed")


def test_a_source_without_a_name_says_so() -> None:
    assert SOURCE.name == "Maren Holt"
    assert replace(SOURCE, author=None, author_type=AuthorType.UNNAMED).name == "Unnamed answerer"


OTHER: dict[str, object] = {
    "id": "s02.maren-holt", "page": "s02", "question": "Why?", "text": "Rest now.", "source": replace(SOURCE, title="B"),
    "also_asked": ("how come",), "topics": ("plank",), "body_parts": ("hip",), "dispute": "navel", "urgent": ("clot",),
    "gaps": ("No date.",), "disclaimer": "Ask your doctor.", "origin": "answers/s02.md",
}  # fmt: skip
OTHER_SOURCE: dict[str, object] = {
    "title": "B", "publisher": "Other Press", "kind": SourceKind.BOOK, "author": "Teo Brandt",
    "author_type": AuthorType.ORGANISATION, "credential": "Yoga", "url": "https://www.example.org", "published": "2019",
    "reviewed": "2020", "accessed": "2021", "tier": Tier.PUBLIC, "licence": "CC BY 4.0", "wording": Wording.SUMMARY,
    "read": "abstract", "view": "Brace", "truncated": True, "incomplete": True,
}  # fmt: skip


def test_the_hash_of_a_document_covers_everything_that_is_stored() -> None:
    assert set(OTHER) == {field.name for field in fields(Document)}
    assert set(OTHER_SOURCE) == {field.name for field in fields(Source)}
    changed = [replace(DOCUMENT, **{name: value}) for name, value in OTHER.items()]  # type: ignore[arg-type]
    changed += [
        replace(DOCUMENT, source=replace(SOURCE, **{name: value}))  # type: ignore[arg-type]
        for name, value in OTHER_SOURCE.items()
    ]
    hashes = {document.hash for document in [DOCUMENT, *changed]}
    assert len(hashes) == len(changed)  # a source with another title is among both lists
    assert replace(DOCUMENT).hash == DOCUMENT.hash


def test_the_same_answer_in_other_white_space_and_case_has_the_same_text_hash() -> None:
    assert replace(DOCUMENT, text="DO this:\n\n- breathe.  Rest.\n").text_hash == DOCUMENT.text_hash
    assert replace(DOCUMENT, text="Do this:\n- Breathe. Rest").text_hash != DOCUMENT.text_hash


def test_answers_to_one_question_on_one_page_share_its_key() -> None:
    assert replace(DOCUMENT, id="s01.other", text="No.").asked == DOCUMENT.asked
    assert replace(DOCUMENT, page="s02").asked != DOCUMENT.asked != replace(DOCUMENT, question="Why?").asked


@given(st.text(min_size=1).filter(str.strip))
def test_any_text_has_a_hash(text: str) -> None:
    document = replace(DOCUMENT, text=text)
    assert len(document.hash) == len(document.text_hash) == 64
    assert document.hash == replace(document).hash
