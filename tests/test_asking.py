"""The kind of thing a question asks for is told from its words, and so is a sentence that gives one."""

import pytest

from assistant.asking import KINDS, asks_permission, asks_whether, kinds


@pytest.mark.parametrize(
    ("question", "names"),
    [
        ("how long does it last", {"long"}),
        ("how often should I stretch", {"often"}),
        ("how many lifts", {"many"}),
        ("why does it hurt", {"reason"}),
        ("is heat better than cold", {"compared"}),
        ("how deep should I squat", {"degree"}),
        ("who was the doctor", {"person", "who"}),
        ("knee pain", set()),
    ],
)
def test_a_question_is_told_by_what_it_asks_for(question: str, names: set[str]) -> None:
    assert {kind.name for kind in kinds(question)} >= names
    assert bool(kinds(question)) is bool(names)


def test_a_kind_is_asked_for_once_in_the_unit_that_comes_first() -> None:
    [long] = [kind for kind in kinds("how many weeks until I can run, how long") if kind.name == "long"]
    assert long.given and long.given.search("after six weeks") and not long.given.search("for ten seconds")


@pytest.mark.parametrize(
    ("name", "gives", "silent"),
    [
        ("often", "Do this every day.", "Do this with care."),
        ("many", "Do twelve of them.", "Do them with care."),
        ("degree", "Go only as high as is comfortable.", "Lift the leg."),
        ("reason", "It hurts because the tendon is pressed.", "The tendon hurts."),
        ("person", "The name goes back to Ida Lindqvist.", "The name goes back to a doctor."),
        ("age", "It strikes people in their forties.", "It strikes people."),
    ],
)
def test_a_sentence_gives_a_kind_of_thing_or_not(name: str, gives: str, silent: str) -> None:
    given = [kind.given for kind in KINDS if kind.name == name and kind.given]
    assert any(pattern.search(gives) for pattern in given) and not any(pattern.search(silent) for pattern in given)


def test_what_is_told_is_a_whole_sentence() -> None:
    assert all(kind.told[0].isupper() and kind.told.endswith(".") for kind in KINDS if kind.told)
    told = {kind.name for kind in KINDS if kind.told}
    assert all(kind.name in told for kind in KINDS if kind.given)  # asked for in few words, it is told only where a curator noted it


@pytest.mark.parametrize(
    ("question", "whether", "permission"),
    [
        ("does a brace stop cramp", True, False),
        ("My knee is sore. Isn’t that arthritis?", True, False),
        ("so, will it heal?", True, False),
        ("what does a brace do", False, False),
        ("how is it done", False, False),
        ("can I run with a sore hip", False, True),
        ("is it safe to run", False, True),
        ("", False, False),
    ],
)
def test_whether_something_is_so_and_whether_it_may_be_done_are_asked_apart(
    question: str, whether: bool, permission: bool
) -> None:
    assert (asks_whether(question), asks_permission(question)) == (whether, permission)
