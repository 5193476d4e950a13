"""Words become search terms: without case, accents, function words and endings."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.lexicon import STOP_WORDS, content_words, stem, terms, words


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Hold the Plank!", ["hold", "the", "plank"]),
        ("Don't sag; DON’T hurry.", ["don't", "sag", "don’t", "hurry"]),
        ("naïve café Straße", ["naive", "cafe", "strasse"]),
        ("L4-L5, 2.5 kg", ["l4", "l5", "2", "5", "kg"]),
        ("snake_case", ["snake", "case"]),
        ("膝が痛い", ["膝か痛い"]),  # the mark of the voiced sound is a combining one, folded like an accent
        ("?! … 🦵", []),
        ("", []),
    ],
)
def test_words_are_found_in_lower_case_without_accents(text: str, expected: list[str]) -> None:
    assert words(text) == expected


def test_terms_are_the_stems_of_words_that_carry_meaning() -> None:
    assert terms("Why are the hamstrings cramping when I am bridging?") == ("hamstr", "cramp", "bridg")


def test_a_term_is_kept_as_often_as_it_is_said() -> None:
    assert terms("planks, a plank and planking") == ("plank", "plank", "plank")


def test_content_words_pair_each_word_with_its_stem() -> None:
    assert content_words("The Muscles cramp") == [("muscles", "muscl"), ("cramp", "cramp")]


@pytest.mark.parametrize("word", ["I'm", "it's", "they’ve", "what's", "you'll"])
def test_a_contraction_of_function_words_carries_no_meaning(word: str) -> None:
    assert terms(word) == ()


@pytest.mark.parametrize("word", ["knee", "pain", "left", "right", "no pain", "hot"])
def test_words_that_questions_turn_on_are_no_function_words(word: str) -> None:
    assert terms(word)


def test_both_apostrophes_give_one_stem() -> None:
    assert stem("runner's") == stem("runner’s")


def test_function_words_are_written_as_words_are_found() -> None:
    assert all(words(word) == [word] for word in STOP_WORDS)


@given(st.text())
def test_any_text_gives_words_without_white_space_case_or_marks(text: str) -> None:
    for word in words(text):
        assert word and not any(character.isspace() or unicodedata.combining(character) for character in word)
    assert len(content_words(text)) <= len(words(text))


@given(st.text())
def test_case_makes_no_difference_to_terms(text: str) -> None:
    assert terms(text.casefold()) == terms(text)
