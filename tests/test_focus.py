"""What a question is about is told from its words; what is told by the way is not taken for it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.focus import Focus, asking, focus


@pytest.mark.parametrize(
    ("question", "things"),
    [
        ("does turmeric help sore knees", {"turmeric", "sore", "knees"}),
        ("Is robotic surgery better?", {"robotic"}),
        ("What is a neutral spine?", {"neutral", "spine"}),
        ("whats a bursa and why is mine angry", {"bursa"}),
        ("best pillow for sleep apnea", {"pillow", "sleep", "apnea"}),
        ("how do i treat a bunion", {"bunion"}),
        ("can I get compensation for asthma", {"compensation", "asthma"}),
        ("Can acupuncture cure hay fever?", {"acupuncture", "hay", "fever"}),
        ("kneecap aches after sitting in the cinema", set()),
        ("lorry driver, hips stiff from the cab", set()),
        ("can i swim", set()),  # that is done, and names no thing
    ],
)
def test_the_thing_that_is_asked_about_is_named(question: str, things: set[str]) -> None:
    assert set(focus(question).things) == things


@pytest.mark.parametrize(
    ("question", "main", "setting"),
    [
        ("Are planks safe after a hip operation?", ("planks",), ("hip", "operation")),
        ("When can I drive after a hip replacement?", ("drive",), ("hip", "replacement")),
        ("Can I foam roll with osteoporosis?", ("foam", "roll"), ("osteoporosis",)),
        ("does yoga help", ("yoga",), ()),
    ],
)
def test_what_is_asked_and_what_it_is_asked_for_are_told_apart(
    question: str, main: tuple[str, ...], setting: tuple[str, ...]
) -> None:
    found = focus(question)
    assert (found.main, found.setting) == (main, setting)


def test_a_short_remark_is_taken_whole_and_a_long_one_not_at_all() -> None:
    assert focus("hamstrings cramp in bridges").about == ("hamstrings", "cramp", "bridges")
    assert focus("hamstrings cramp in bridges, planks, squats, lunges and deadlifts on gym mats") == Focus()


def test_repaired_words_are_read_as_repaired() -> None:
    assert focus("wot is a bursa", [("wot", "what")]).things == ("bursa",)


@given(st.text(max_size=120))
def test_any_text_can_be_read_and_nothing_is_made_up(text: str) -> None:
    found = focus(text)
    assert set(found.things) <= set(found.about)


@pytest.mark.parametrize("question", ["when was Fixing You: Hip and Knee Pain published", "how do I", "what can you"])
def test_a_question_that_ends_at_the_person_it_names_can_be_read(question: str) -> None:
    assert set(focus(question).things) <= set(focus(question).about)


@pytest.mark.parametrize(
    ("question", "clauses"),
    [
        ("My mate swears by it. Is he right?", ["is he right"]),
        ("lay floors for a living, can all that kneeling inflame them", ["can all that kneeling inflame them"]),
        ("so is it the beach", ["so is it the beach"]),
        ("after the race can i swim, mum asks", ["after the race can i swim"]),
        ("groin strain, healing", ["groin strain", "healing"]),  # none opens like a question
        ("", []),
    ],
)
def test_the_clauses_that_ask_are_told_from_those_that_tell_a_story(question: str, clauses: list[str]) -> None:
    assert [" ".join(clause) for clause in asking(question)] == clauses
