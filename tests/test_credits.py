"""Whose words a question asks for is told apart from what it asks."""

import pytest

from assistant.credits import Names, bears

NAMES = Names([("Anna Vogel", True), ("Dr Jonas Berg", True), ("Berg and Vogel", True), ("Hill Clinic", False), ("Ward", False)])


@pytest.mark.parametrize(
    ("question", "topic", "name"),
    [
        ("what did Anna Vogel say about cramps?", "cramps?", "Anna Vogel"),
        ("What does Dr. Berg think of cold baths", "cold baths", "Berg"),
        ("does vogel ever mention stairs", "stairs", "vogel"),
        ("what is Vogel's view on the warm-up", "the warm-up", "Vogel"),
        ("Hill Clinic on sitting", "sitting", "Hill Clinic"),
        ("When is a knee urgent, according to the Hill Clinic", "When is a knee urgent,", "Hill Clinic"),
        ("How deep should I squat? what does Anna Vogel say?", "How deep should I squat? ?", "Anna Vogel"),
        ("any advice on stairs by Jonas Berg", "any advice on stairs", "Jonas Berg"),
    ],
)  # fmt: skip
def test_the_name_and_the_verb_of_saying_are_taken_out(question: str, topic: str, name: str) -> None:
    credited = NAMES.credited(question)
    assert (credited.topic, credited.name) == (topic, name)


@pytest.mark.parametrize(
    "question",
    [
        "Is the Hill Clinic far",  # about it, not in its words
        "who is Anna Vogel",
        "how do I leave the ward with a new hip",
        "what did Karl Maier say about cramps",  # nobody here
        "",
    ],
)
def test_a_question_that_asks_for_nobodys_words_is_left_alone(question: str) -> None:
    credited = NAMES.credited(question)
    assert (credited.topic, credited.name) == (question, "")


def test_what_asks_for_nothing_but_the_name_is_searched_as_it_is() -> None:
    assert NAMES.credited("what does Anna Vogel say").topic == "what does Anna Vogel say"


def test_a_source_bears_a_part_of_its_name_word_by_word() -> None:
    assert bears("Berg", "Dr Jonas Berg") and bears("hill clinic", "Hill Clinic North") and bears("Vogel", "Vogel's")
    assert not bears("Hill", "Hilltop Clinic")
