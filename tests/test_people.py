"""For whom somebody asks, and that nothing quoted speaks of such people: told where it is so, and nowhere else."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.people import asked_for, groups, of_same_person, unspoken
from assistant.schema import AnswerKind, Document, Source
from tests.corpus_files import FILES, SQUATTING, Expert, made, page

SQUATS = Document("squats.a", "squats", "Are deep squats bad for the knees?", "Deep squats do no harm to a healthy knee.", Source("T", "P"))
GROWING = Document("growing.a", "growing", "May children squat?", "Squats of light weight suit most children.", Source("T", "P"))
GROUPS = {  # what questions_people.jsonl calls them; those that are not here are no groups of people.yaml
    "child": {"children"}, "old": {"older people"}, "pregnant": {"pregnancy", "the time after a birth"}, "osteoporosis": {"osteoporosis"},
    "replaced_joint": {"people with a replaced joint"}, "after_surgery": {"people who had an operation"}, "diabetes": {"diabetes"},
    "heavy": {"people with much weight to carry"}, "wheelchair": {"wheelchair users"}, "hypermobile": {"joints that bend too far"},
    "menopause": {"menopause"},
}


def told(question: str) -> set[str]:
    return {group.told for group in asked_for(question)}


@pytest.fixture
def items() -> Iterator[list[dict[str, str | None]]]:
    lines = (Path(__file__).parent / "data" / "questions_people.jsonl").read_text(encoding="utf-8").splitlines()
    yield [json.loads(line) for line in lines]


@pytest.mark.parametrize(
    ("question", "group"),
    [
        ("My 12 yr old plays football, may he do deep squats?", "children"),
        ("daughter (9) has clicking knees", "children"),
        ("She is only ten, can she lift weights?", "children"),
        ("Dad’s eighty-one. Are squats wise?", "older people"),
        ("deep squats at 80, sensible?", "older people"),
        ("I’M 34 WEEKS, CAN I PLANK", "pregnancy"),
        ("gave birth ten weeks ago, when may I run?", "the time after a birth"),
        ("deep squats with a new knee", "people with a replaced joint"),
        ("had my meniscus trimmed in May, may I squat", "people who had an operation"),
        ("are planks safe with osteoporosis", "osteoporosis"),
        ("type 2 here, do I stretch first?", "diabetes"),
        ("I weigh 22 stone, can I jog", "people with much weight to carry"),
        ("wheelchair user, which stretch for the hips", "wheelchair users"),
        ("hypermobile, should I stretch", "joints that bend too far"),
        ("perimenopause, how often do I train", "menopause"),
        ("I have angina, may I run", "heart disease"),
        ("are clamshells any good with parkinson's", "diseases of the brain and the nerves"),
        ("fibro flares after every walk, pace it how?", "fibromyalgia"),
    ],
)
def test_whom_it_is_for_is_told_from_how_it_is_asked(question: str, group: str) -> None:
    assert group in told(question)


@pytest.mark.parametrize(
    "question",
    [
        "my knees feel 80 years old", "talk me through it like I'm five", "Three people gave me three names for it", "a 30 week plan",
        "Dad is 81 and I'm 38, is my hip worn?", "I carry my toddler all day", "my toddler won't let me stretch", "after 70 minutes in the car my leg tingles", "10,000 steps a day",
        "I'm 9 stone, can I squat", "my trainers are 7 years old", "bend to 90 degrees", "he's 5 minutes behind me", "hip-hop", "",
    ],
)
def test_whoever_is_of_no_group_is_taken_for_none(question: str) -> None:
    assert not told(question)


def test_an_answer_that_does_not_speak_of_the_group_says_so_and_one_that_does_does_not() -> None:
    asked = "Can my 12 year old do deep squats?"
    assert unspoken(asked, [SQUATS]) == ["Nothing that is quoted here speaks of children."]
    assert unspoken(asked, [SQUATS, GROWING]) == []
    assert unspoken("Can I do deep squats?", [SQUATS]) == []


@pytest.mark.parametrize(
    ("before", "question", "same"),
    [
        ("I'm 20 weeks pregnant", "can I squat?", True),
        ("I'm 20 weeks pregnant", "are squats ok?", True),
        ("my mum is 82 and wobbly", "can she squat?", True),
        ("my mum is 82 and wobbly", "are squats ok?", True),
        ("my mum is 82 and wobbly", "which shoes should I run in?", False),
        ("my mum is 82 and wobbly", "should I let her squat?", True),
        ("I'm 20 weeks pregnant", "can my mum squat?", False),
    ],
)
def test_what_was_told_of_one_person_is_not_taken_for_another(before: str, question: str, same: bool) -> None:
    assert of_same_person(before, question) is same


def test_a_blind_writers_questions_are_met(items: list[dict[str, str | None]]) -> None:
    """130 questions with a group and 70 look-alikes, which the patterns were then written with: 99 of 108 and no false one."""
    asked = [(GROUPS[item["group"]], told(item["question"])) for item in items if item["question"] and item["group"] in GROUPS]
    assert sum(bool(wanted & met) for wanted, met in asked) >= 0.9 * len(asked)
    assert not [item["question"] for item in items if item["question"] and not item["group"] and told(item["question"])]


def test_every_group_has_a_name_of_its_own() -> None:
    assert len({group.told for group in groups()}) == len(groups()) >= 12


@given(st.text(max_size=300))
def test_any_text_is_read(text: str) -> None:
    asked_for(text)


def test_in_the_chat_the_answer_is_partial_for_them(tmp_path: Path) -> None:
    squats = page(SQUATTING, Expert("Nina Quist", "A deep squat loads the kneecap. Stop above the depth that hurts."))
    assistant = made(tmp_path, files=FILES | {"answers/s03-squat-depth.md": squats}).assistant()
    plain, for_a_child = assistant.ask(SQUATTING), assistant.ask(f"{SQUATTING} My daughter is 12.")
    told_of = "Nothing that is quoted here speaks of children."
    assert plain.statements and told_of not in plain.missing
    assert for_a_child.kind is AnswerKind.PARTIAL and told_of in for_a_child.missing
    her = "How low may she squat when her kneecap aches?"  # stands by itself
    assert told_of in assistant.ask(her, ["My daughter is 12."]).missing and told_of not in assistant.ask(her).missing


def test_whom_a_turn_before_named_is_still_asked_for(tmp_path: Path) -> None:
    squats = page(SQUATTING, Expert("Nina Quist", "A deep squat loads the kneecap. Stop above the depth that hurts."))
    assistant = made(tmp_path, files=FILES | {"answers/s03-squat-depth.md": squats}).assistant()
    answer = assistant.ask("and how deep?", [f"{SQUATTING} My daughter is 12."])
    assert "Nothing that is quoted here speaks of children." in answer.missing
