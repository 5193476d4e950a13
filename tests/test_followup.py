"""A question that leans on the turns before it is completed from them; one that changes the subject is left alone."""

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.followup import STANDS, Lean, completed, lean, subject

PLANK = "How should I breathe while I hold a plank?"
SQUAT = "How deep should I squat with a sore kneecap?"


def nothing_is_covered(question: str) -> float:
    return 0.0


@pytest.mark.parametrize(
    "question",
    [
        "Why?", "why not?", "How long?", "how often", "And for runners?", "what about my knees", "How about the other leg?",
        "Is it safe?", "does this hurt the back", "Can they be done daily?", "tell me more", "what else?", "more", "Really?",
        "or on the knees", "but is that enough?", "which one is better", "the second one?", "When?", "should I do those with weights",
    ],
)  # fmt: skip
def test_a_question_that_points_back_takes_the_subject_with_it(question: str) -> None:
    assert lean(question) is Lean.SURELY
    assert completed(question, [SQUAT, PLANK], nothing_is_covered) == f"{PLANK} {question}"


@pytest.mark.parametrize(
    "question",
    [
        "Which muscles does the bent-knee lift on hands and knees train most?",
        "How should I warm up my hamstrings before a long run in winter?",
        "Does swimming twice a week help with stiff shoulders after rowing?",
    ],
)
def test_a_question_that_names_its_own_subject_is_left_alone(question: str) -> None:
    assert lean(question) is Lean.NONE
    assert completed(question, [PLANK], nothing_is_covered) == question


@pytest.mark.parametrize(
    ("question", "alone"),
    [
        ("Different question: is it normal to ache?", "is it normal to ache?"),
        ("ok, another thing - does walking help?", "does walking help?"),
        ("Forget that. What about squats?", "What about squats?"),
        ("never mind, how do I stretch?", "how do I stretch?"),
        ("Changing the subject: knees?", "knees?"),
        ("something else, is yoga good?", "is yoga good?"),
    ],
)
def test_a_change_of_subject_leaves_the_earlier_turns_behind(question: str, alone: str) -> None:
    assert lean(question) is Lean.NONE
    assert completed(question, [PLANK], nothing_is_covered) == alone


def test_nothing_but_a_change_of_subject_stays_as_it_is() -> None:
    assert completed("Something else", [PLANK], nothing_is_covered) == "Something else"


def test_without_an_earlier_turn_there_is_nothing_to_lean_on() -> None:
    assert completed("Why?", [], nothing_is_covered) == "Why?"


def test_what_the_words_leave_open_is_settled_by_what_is_covered() -> None:
    question = "stretches for the kneecap"
    assert lean(question) is Lean.PERHAPS

    def judged(alone: float, joined: float) -> str:
        return completed(question, [PLANK], lambda asked: alone if asked == question else joined)

    assert judged(STANDS, 1.0) == question
    assert judged(0.3, 0.2) == question
    assert judged(0.3, 0.6) == f"{PLANK} {question}"


@pytest.mark.parametrize(
    ("history", "expected"),
    [
        ([PLANK], PLANK),
        ([SQUAT, PLANK], PLANK),
        ([PLANK, "Why?", "and for runners?"], PLANK),
        (["Why?", "How long?"], "Why?"),
        ([PLANK, SQUAT, "is it safe?"], SQUAT),
    ],
)
def test_the_subject_is_the_latest_question_that_stands_by_itself(history: Sequence[str], expected: str) -> None:
    assert subject(history) == expected


def test_three_turns_keep_the_subject_of_the_first() -> None:
    assert completed("How often?", [PLANK, "Is it safe?"], nothing_is_covered) == f"{PLANK} How often?"


@given(st.text(max_size=80), st.lists(st.text(max_size=40), max_size=4))
def test_whatever_was_said_before_the_question_stays_part_of_what_is_asked(question: str, history: list[str]) -> None:
    asked = completed(question, history, nothing_is_covered)
    assert asked == question or asked.endswith(question.strip()) or question.endswith(asked) or asked in question
