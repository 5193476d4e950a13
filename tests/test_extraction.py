"""What is shown: the best documents and the other side of their dispute, whole sentences in the expert's order, no more than fits."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

import pytest

from assistant.builds import Builds
from assistant.extraction import (
    DOCUMENTS,
    PER_DOCUMENT,
    SCORE_GAP,
    choose_hits,
    choose_sentences,
    first,
    score_sentences,
    whole,
)
from assistant.retrieval import Retriever
from assistant.schema import AuthorType, Document, Hit, Passage, Role, Source
from assistant.verification import Quote
from tests.corpus_files import BREATHE, NEVER_HOLD, World, entry, made
from tests.fake_model import FakeEmbedder


@pytest.fixture(scope="module")
def retriever(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Retriever]:
    world: World = made(tmp_path_factory.mktemp("extraction"))
    retriever = Retriever(Builds(world.index).current(), FakeEmbedder())
    yield retriever
    retriever.close()


def hit(id: str, score: float, page: str = "p", view: str | None = None) -> Hit:
    source = Source("T", "P", author="A", author_type=AuthorType.PERSON, view=view)
    document = Document(id, page, f"{page}?", "Rest.", source, dispute="navel" if view else None)
    return Hit(document, score, 0.5, 0.5, 0.5, 1.0, Passage(id, 0, 5))


def chosen(*hits: Hit) -> list[str]:
    return [one.document.id for one in choose_hits(hits)]


def test_documents_far_behind_the_best_are_not_shown() -> None:
    assert chosen(hit("a", 2.0), hit("b", 2.0 - 0.9 * SCORE_GAP), hit("c", 2.0 - 1.1 * SCORE_GAP)) == ["a", "b"]


def test_no_more_documents_are_shown_than_fit() -> None:
    assert chosen(*(hit(f"d{number}", 2.0) for number in range(DOCUMENTS + 3))) == [
        f"d{number}" for number in range(DOCUMENTS)
    ]


def test_the_other_side_of_a_dispute_is_shown_however_far_behind() -> None:
    far = hit("against", 0.1, view="Brace")
    assert chosen(hit("for", 2.0, view="Draw in"), hit("x", 1.0, "q"), far) == ["for", "against"]


def test_a_side_that_is_shown_is_not_added_again() -> None:
    hits = [hit("for", 2.0, view="Draw in"), hit("against", 1.9, view="Brace"), hit("too", 0.5, view="Brace")]
    assert chosen(*hits) == ["for", "against"]


def test_the_sides_of_another_pages_dispute_are_not_added() -> None:
    assert chosen(hit("a", 2.0), hit("for", 0.5, "q", "Draw in"), hit("against", 0.4, "q", "Brace")) == ["a"]


def test_of_no_hits_none_is_chosen() -> None:
    assert choose_hits([]) == []


def quoted(retriever: Retriever, question: str, id: str = "s01-plank-breathing.maren-holt") -> list[str]:
    stored = retriever.catalog.entry(id)
    quote = choose_sentences(retriever.query(question), stored, retriever.lexical)
    assert quote.document == id and list(quote.positions) == sorted(set(quote.positions))
    return [stored.document.text[stored.sentences[p].start : stored.sentences[p].end] for p in quote.positions]


def test_a_short_answer_is_shown_whole(retriever: Retriever) -> None:
    text = " ".join(quoted(retriever, "hips", "s02-navel-or-brace.teo-brandt"))
    assert text == retriever.catalog.entry("s02-navel-or-brace.teo-brandt").document.text


def test_of_a_long_answer_the_sentences_that_answer_are_shown(retriever: Retriever) -> None:
    said = quoted(retriever, "should the voice count breaths aloud instead of seconds")
    assert "Count the breaths aloud instead of the seconds. The count ends when the voice gives out." in said
    assert "Slow breathing keeps the trunk quiet in a plank." not in said


def test_an_item_is_shown_under_its_lead_in(retriever: Retriever) -> None:
    said = quoted(retriever, "never hold the breath for the whole plank")
    lead_in = "Here are some things to avoid in a plank:"
    assert said.index(lead_in) < said.index(NEVER_HOLD)
    assert BREATHE not in said or "Here are three ways to keep breathing in a plank:" in said


@pytest.mark.parametrize(
    "question", ["plank", "belly sag", "trunk quiet", "knees", "avoid", "?", "too hard it also shows"]
)
def test_whatever_is_asked_each_sentence_stands_on_what_is_shown_before_it(retriever: Retriever, question: str) -> None:
    for stored in retriever.catalog.entries():
        quote = choose_sentences(retriever.query(question), stored, retriever.lexical)
        for position in quote.positions:
            sentence = stored.sentences[position]
            assert sentence.quotable and (sentence.needs is None or sentence.needs in quote.positions)
        leads = {p for p in quote.positions if stored.sentences[p].role is Role.LEAD_IN}
        assert leads <= {stored.sentences[p].needs for p in quote.positions}


def test_a_long_answer_is_cut_to_a_few_sentences_with_what_they_need(retriever: Retriever) -> None:
    text = " ".join(f"Plank number {number} is a plank." for number in range(30))
    long = entry(Document("long", "p", "Planks?", text, Source("T", "P")))
    assert len(choose_sentences(retriever.query("plank"), long, retriever.lexical).positions) == PER_DOCUMENT


@pytest.mark.parametrize("id", ["s03-squat-depth.unnamed"])
def test_of_an_answer_that_cannot_be_quoted_nothing_is_chosen(retriever: Retriever, id: str) -> None:
    assert quoted(retriever, "sore kneecap signs", id) == []


def test_the_whole_of_an_answer_is_all_that_can_be_quoted(retriever: Retriever) -> None:
    stored = retriever.catalog.entry("s04-wall-sit.oskar-veen")
    assert whole(stored) == Quote("s04-wall-sit.oskar-veen", (0,))  # the second sentence is cut off in the source
    stored = retriever.catalog.entry("s01-plank-breathing.maren-holt")
    assert len(whole(stored).positions) == len(stored.sentences)


def test_a_sentence_scores_by_nearness_context_and_words(retriever: Retriever) -> None:
    query = retriever.query("belly sag")
    texts = ["The belly must not sag.", "Sleep early.", "Sleep early.", "Sleep early."]
    vectors = FakeEmbedder().embed(texts)
    scores = score_sentences(query, texts, vectors, retriever.lexical)
    assert scores.cosine == pytest.approx(vectors @ query.vector)
    assert scores.coverage.tolist() == [1.0, 0.0, 0.0, 0.0]
    assert scores.context[1] > scores.context[3]  # its neighbour is near to the question
    assert scores.fused.argmax() == 0 and scores.fused.shape == (4,)


def lengths(quotes: Sequence[Quote]) -> list[int]:
    return [len(quote.positions) for quote in quotes]


@pytest.mark.parametrize(
    ("given", "room", "expected"),
    [([3, 3, 3], 8, [3, 3, 3]), ([3, 3, 3], 6, [3, 3]), ([9, 1], 8, [9]), ([2], 1, [2]), ([], 5, [])],
)
def test_quotes_are_shown_until_there_is_no_room_and_none_is_broken_off(
    given: list[int], room: int, expected: list[int]
) -> None:
    quotes = [Quote(f"d{number}", tuple(range(count))) for number, count in enumerate(given)]
    assert lengths(first(quotes, room)) == expected


def test_sides_of_one_page_differ_by_page_not_by_dispute() -> None:
    other = replace(hit("b", 0.2, "q", "Brace"))
    assert chosen(hit("a", 2.0, "p", "Draw in"), other) == ["a"]
