"""What is shown: the best documents and the other side of their dispute, whole sentences in the expert's order, no more than fits."""

import importlib.util
import sys
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from assistant.builds import Builds
from assistant.entries import Entry
from assistant.extraction import (
    DOCUMENTS,
    FEATURES,
    LONGEST_LIST,
    PER_DOCUMENT,
    SCORE_GAP,
    choose_hits,
    choose_sentences,
    first,
    sentence_features,
    trained_weights,
    whole,
    with_whole_lists,
    without_repeats,
)
from assistant.lexicon import terms
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


def test_the_sides_of_a_dispute_are_shown_in_a_row() -> None:
    hits = [hit("for", 2.0, view="Draw in"), hit("too", 1.99, view="Draw in"), hit("x", 1.98, "q")]
    assert chosen(*hits, hit("against", 1.9, view="Brace")) == ["for", "against", "too", "x"]


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


def features_of(retriever: Retriever, question: str, texts: Sequence[str], title: str) -> dict[str, list[float]]:
    embed = FakeEmbedder().embed
    said = list(map(terms, texts))
    rows = sentence_features(retriever.query(question), said, embed(texts), embed([title])[0], retriever.lexical)
    assert rows.shape == (len(texts), len(FEATURES))
    return dict(zip(FEATURES, rows.T.tolist(), strict=True))


def test_a_sentence_is_described_by_nearness_words_length_repetition_and_place_in_the_whole(
    retriever: Retriever,
) -> None:
    texts = ["The belly must not sag.", "Sleep early.", "Sleep early, in a cool dark room.", "Sleep early."]
    features = features_of(retriever, "belly sag", texts, "The belly must not sag.")
    embed = FakeEmbedder().embed
    assert features["cosine"] == pytest.approx((embed(texts) @ retriever.query("belly sag").vector).tolist(), abs=1e-5)
    assert features["coverage"] == [1.0, 0.0, 0.0, 0.0]
    assert features["length"] == pytest.approx(np.log([2, 2, 5, 2]))
    assert features["repeats"][0] == pytest.approx(1.0) and max(features["repeats"][1:]) < 0.9
    assert features["central"][1] == features["central"][3] > features["central"][0]


def test_the_weights_belong_to_the_features_and_point_the_right_way() -> None:
    by_name = dict(zip(FEATURES, trained_weights(), strict=True))
    assert by_name["cosine"] > 0 and by_name["coverage"] > 0 and by_name["length"] > 0
    assert by_name["repeats"] < 0  # to say the question again answers nothing


def test_the_weights_are_what_the_script_trains() -> None:
    training = bench("train_sentences")
    examples = training.stored()
    assert training.named(training.fit(examples)) == pytest.approx(
        dict(zip(FEATURES, trained_weights(), strict=True)), abs=0.01
    )
    scores = {name: float(scores.mean()) for name, scores in training.cross_validated(examples).items()}
    assert scores["scifact"] >= 0.70 and scores["own"] >= 0.77


def bench(name: str) -> Any:
    path = Path(__file__).parent / "bench" / f"{name}.py"
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec and spec.loader
    module = sys.modules[name] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def by(author: str, id: str, score: float) -> Hit:
    one = hit(id, score, page=id)
    return replace(one, document=replace(one.document, source=replace(one.document.source, author=author)))


def test_one_expert_does_not_crowd_out_the_others() -> None:
    hits = [by("A", f"a{number}", 2.0 - number / 100) for number in range(DOCUMENTS)] + [by("B", "b", 1.9)]
    assert chosen(*hits) == ["a0", "a1", "a2", "a3", "b"]
    assert chosen(*hits[:-1]) == ["a0", "a1", "a2", "a3", "a4"]
    others = [by(name, name, 1.9 - number / 100) for number, name in enumerate("BCDE")]
    assert chosen(*hits[:-1], *others) == ["a0", "a1", "B", "C", "D"]


def told(*texts: str) -> list[tuple[str, tuple[int, ...]]]:
    entries = [entry(Document(f"d{n}", f"p{n}", "How?", text, Source("T", "P"))) for n, text in enumerate(texts)]
    quotes = [Quote(e.document.id, tuple(range(len(e.sentences)))) for e in entries]
    return [(quote.document, quote.positions) for quote in without_repeats(quotes, entries)]


def test_what_was_said_in_the_same_words_is_not_said_again() -> None:
    assert told("Bend the knees. Walk.", "Bend your knee. Run.") == [("d0", (0, 1)), ("d1", (1,))]
    assert told("Bend the knees.", "Bend your knee.") == [("d0", (0,))]


@pytest.mark.parametrize(
    "again",
    [
        "Bend the knees.",  # the very same: one quotation, two citations
        "Never bend the knees.",
        "Don’t bend the knees.",
        "Bend the knees twice.",
        "Bend your knee. This helps.",
    ],
)
def test_what_differs_by_a_word_or_is_needed_is_said(again: str) -> None:
    assert told("Bend the knees.", again)[1:] == [("d1", tuple(range(again.count("."))))]


def lengths(quotes: Sequence[Quote]) -> list[int]:
    return [len(quote.positions) for quote in quotes]


def all_of(number: int, text: str) -> tuple[Quote, Entry]:
    found = entry(Document(f"d{number}", f"p{number}", "Why?", text, Source("T", "P")))
    return Quote(f"d{number}", tuple(range(len(found.sentences)))), found


@pytest.mark.parametrize(
    ("given", "room", "expected"),
    [([3, 3, 3], 8, [3, 3, 3]), ([3, 3, 3], 6, [3, 3]), ([9, 1], 8, [9]), ([2], 1, [2]), ([], 5, [])],
)
def test_quotes_are_shown_until_there_is_no_room_and_none_is_broken_off(
    given: list[int], room: int, expected: list[int]
) -> None:
    made = [all_of(number, " ".join(["Walk on."] * count)) for number, count in enumerate(given)]
    assert lengths(first([quote for quote, _ in made], [one for _, one in made], room)) == expected


STEPS = "The stretch goes like this:\n"


def steps(count: int) -> str:
    return STEPS + "\n".join(f"- Step number {number}." for number in range(count))


def test_a_long_list_leaves_room_for_the_next_document() -> None:
    made = [all_of(0, steps(LONGEST_LIST)), all_of(1, "Walk on. Rest.")]
    assert lengths(first([quote for quote, _ in made], [one for _, one in made], 8)) == [1 + LONGEST_LIST, 2]


@pytest.mark.parametrize("chosen", [(0, 1), (0, 3), (0, 2, 4)])
def test_a_list_is_shown_whole_or_not_at_all(chosen: tuple[int, ...]) -> None:
    _, found = all_of(0, steps(4) + "\nRest afterwards.")
    assert with_whole_lists(Quote("d0", chosen), found).positions == (0, 1, 2, 3, 4)
    assert with_whole_lists(Quote("d0", (5,)), found).positions == (5,)


def test_a_very_long_list_is_not_completed() -> None:
    _, found = all_of(0, steps(LONGEST_LIST + 1))
    assert with_whole_lists(Quote("d0", (0, 2)), found).positions == (0, 2)


def test_sides_of_one_page_differ_by_page_not_by_dispute() -> None:
    other = replace(hit("b", 0.2, "q", "Brace"))
    assert chosen(hit("a", 2.0, "p", "Draw in"), other) == ["a"]
