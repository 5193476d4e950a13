"""A question that leans on the turns before it is completed from them; one that changes the subject is left alone."""

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.followup import CARRIED, STANDS, Lean, completed, lean, subject, told_before

PLANK = "How should I breathe while I hold a plank?"
SQUAT = "How deep should I squat with a sore kneecap?"


def nothing_is_covered(question: str) -> float:
    return 0.0


def all_is_carried(searched: str, question: str) -> float:
    return 1.0


@pytest.mark.parametrize(
    "question",
    [
        "Why?", "why not?", "How long?", "how often", "And for runners?", "what about my knees", "How about the other leg?",
        "Is it safe?", "does this hurt the back", "Can they be done daily?", "tell me more", "what else?", "more", "Really?",
        "why not sit", "does the milder one heal", "and the slower ones?", "is it OK", "is that the same as a strain",
        "or on the knees", "but is that enough?", "which one is better", "the second one?", "When?", "should I do those with weights",
    ],
)  # fmt: skip
def test_a_question_that_points_back_takes_the_subject_with_it(question: str) -> None:
    assert lean(question) is Lean.SURELY
    assert completed(question, [SQUAT, PLANK], nothing_is_covered, all_is_carried) == f"{PLANK} {question}"


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
    assert completed(question, [PLANK], nothing_is_covered, all_is_carried) == question


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
    assert completed(question, [PLANK], nothing_is_covered, all_is_carried) == alone


def test_nothing_but_a_change_of_subject_stays_as_it_is() -> None:
    assert completed("Something else", [PLANK], nothing_is_covered, all_is_carried) == "Something else"


def test_without_an_earlier_turn_there_is_nothing_to_lean_on() -> None:
    assert completed("Why?", [], nothing_is_covered, all_is_carried) == "Why?"


@pytest.mark.parametrize(
    "question",
    [
        "my knee clicks a lot, is it bad", "is it too late to start", "what causes IT band trouble", "should i roll my it band",
        "a knee that keeps giving way", "do physios agree that planks help", "is jumper's knee the same as tendinitis",
        "hello there", "dad broke a hip, when does he walk",
    ],
)  # fmt: skip
def test_a_pronoun_with_its_noun_at_hand_does_not_surely_point_back(question: str) -> None:
    assert lean(question) is Lean.PERHAPS


@pytest.mark.parametrize(
    ("alone", "joined", "carried", "leans"),
    [
        (STANDS, 1.0, 1.0, False),
        (0.3, 0.2, 1.0, False),
        (0.3, 0.6, CARRIED, True),
        (0.3, 0.99, CARRIED - 0.1, False),  # as with a question on something that the corpus does not know
    ],
)
def test_what_the_words_leave_open_is_settled_by_the_corpus(
    alone: float, joined: float, carried: float, leans: bool
) -> None:
    question, whole = "stretches for the kneecap", f"{PLANK} stretches for the kneecap"
    assert lean(question) is Lean.PERHAPS
    found = completed(question, [PLANK], {question: alone, whole: joined}.__getitem__, lambda searched, said: carried)
    assert found == (whole if leans else question)


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
    assert subject(history, nothing_is_covered, all_is_carried) == expected


def test_a_subject_that_leans_itself_brings_along_what_it_leans_on() -> None:
    def covered(question: str) -> float:
        return 0.9 if question.startswith(SQUAT) else 0.1

    asked = completed("and sitting?", [SQUAT, "how should I sleep?"], covered, all_is_carried)
    assert asked == f"{SQUAT} how should I sleep? and sitting?"


NAMED = "What does Jane Example say about planks?"


@pytest.mark.parametrize(
    ("earlier", "question", "expected"),
    [
        (NAMED, "what did she say about squats?", "what did Jane Example say about squats?"),
        (NAMED, "who is she?", "who is Jane Example?"),
        (NAMED, "is her view on squats disputed", "is Jane Example's view on squats disputed"),
        (NAMED, "does she recommend it for runners?", f"{NAMED} does she recommend it for runners?"),
        (NAMED, "what does she recommend?", f"{NAMED} what does she recommend?"),
        ("Does Example like planks?", "does he like squats", "does Example like squats"),
        (PLANK, "does he like squats", f"{PLANK} does he like squats"),
    ],
)
def test_a_name_stands_in_for_he_or_she_where_that_is_all_the_question_lacks(
    earlier: str, question: str, expected: str
) -> None:
    assert completed(question, [earlier], nothing_is_covered, all_is_carried) == expected


def test_three_turns_keep_the_subject_of_the_first() -> None:
    assert completed("How often?", [PLANK, "Is it safe?"], nothing_is_covered, all_is_carried) == f"{PLANK} How often?"


@given(st.text(max_size=80), st.lists(st.text(max_size=40).map(str.lower), max_size=4))
def test_without_a_name_whatever_was_said_before_the_question_stays_part_of_what_is_asked(
    question: str, history: list[str]
) -> None:
    asked = completed(question, history, nothing_is_covered, all_is_carried)
    assert asked == question or asked.endswith(question.strip()) or question.endswith(asked) or asked in question


def test_what_was_told_before_reaches_back_to_where_the_subject_changed() -> None:
    assert list(told_before(PLANK, [])) == []
    assert list(told_before(PLANK, ["I am pregnant", SQUAT])) == ["I am pregnant", SQUAT]
    assert list(told_before(f"Another question: {PLANK}", ["I am pregnant", SQUAT])) == []
    assert list(told_before(PLANK, ["I am pregnant", f"something else, {SQUAT}", "why?"])) == [f"something else, {SQUAT}", "why?"]
