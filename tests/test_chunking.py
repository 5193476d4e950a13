"""Passages are verbatim slices of whole sentences that together hold every sentence once."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.chunking import PASSAGE_CHARACTERS, passage_text, split_passages
from assistant.schema import Document, Passage, Source
from assistant.sentences import split_sentences

WORDS = "plank hip knee rest breathe slowly walk stretch hold turn".split()


def document(text: str) -> Document:
    return Document("d", "d", "How?", text, Source("T", "P"))


def passages(text: str) -> tuple[Passage, ...]:
    return split_passages(document(text), split_sentences(text))


def test_a_short_answer_is_one_passage_from_its_first_to_its_last_sentence() -> None:
    text = "  Rest now. Walk later.\n\nDo this:\n- Breathe.\n"
    assert passages(text) == (Passage("d", 2, len(text) - 1),)


def test_a_long_answer_is_cut_between_sentences() -> None:
    sentence = "x" * 399 + "."
    found = passages("\n".join([sentence] * 5))
    assert [(passage.start, passage.end) for passage in found] == [(0, 801), (802, 1603), (1604, 2004)]


def test_a_sentence_longer_than_a_passage_is_cut_between_words() -> None:
    text = "Rest. " + ("hold the plank and " * 120).strip() + "."
    pieces = [text[passage.start : passage.end] for passage in passages(text)]
    assert len(pieces) > 2
    assert " ".join(pieces) == text


def test_a_word_longer_than_a_passage_is_cut_where_it_must_be() -> None:
    found = passages("y" * (2 * PASSAGE_CHARACTERS + 10))
    assert [passage.end - passage.start for passage in found] == [PASSAGE_CHARACTERS, PASSAGE_CHARACTERS, 10]


def test_what_is_embedded_is_the_question_and_the_slice() -> None:
    assert passage_text(document("Rest now. Walk."), Passage("d", 0, 9)) == "How?\nRest now."


@pytest.mark.parametrize("count", [0, 1, 7])
def test_no_sentence_gives_no_passage_and_each_passage_names_its_document(count: int) -> None:
    sentences = split_sentences("Rest now. " * count)
    found = split_passages(document("Rest now. " * 7), sentences)
    assert [passage.document for passage in found] == ["d"] * min(count, 1)


LONG_TEXTS = st.lists(
    st.one_of(
        st.sampled_from(["Rest. ", "\n", "\n- ", ":\n- ", "\u00a0", "\t"]),
        st.builds(lambda word, count: f"{word} " * count, st.sampled_from(WORDS), st.integers(1, 300)),
        st.text(max_size=40),
    ),
    max_size=8,
).map("".join)


@given(LONG_TEXTS)
def test_passages_are_in_order_apart_short_enough_and_hold_every_sentence(text: str) -> None:
    if not text.strip():
        return
    sentences = split_sentences(text)
    found = split_passages(document(text), sentences)
    assert all(before.end <= after.start for before, after in pairwise(found))
    assert all(0 < passage.end - passage.start <= PASSAGE_CHARACTERS for passage in found)
    held = {place for passage in found for place in range(passage.start, passage.end)}
    for sentence in sentences:
        whole = sentence.end - sentence.start <= PASSAGE_CHARACTERS
        assert any(p.start <= sentence.start and sentence.end <= p.end for p in found) or not whole
        assert all(place in held or text[place].isspace() for place in range(sentence.start, sentence.end))
