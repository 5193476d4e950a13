"""Who wrote it, when, where, in which book: told from the record of a source, and everything else left to the search."""

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.answering import Assistant
from assistant.provenance import HEADING, NO_BOOK, Detail, inquiry, told
from assistant.schema import AnswerKind, AuthorType, Source, SourceKind
from tests.corpus_files import FILES, SQUATTING, Expert, book, made, page

HOLT = Source(
    "Breathing in a plank", "Example Press", author="Maren Holt", author_type=AuthorType.PERSON, credential="PT", published="2015-10"
)
UNNAMED = Source("Breathing in a plank", "Example Press")
PRESS = replace(UNNAMED, author="Example Health", author_type=AuthorType.ORGANISATION)


@pytest.mark.parametrize(
    ("question", "detail", "topic"),
    [
        ("When was Rick Olderman's answer written?", Detail.DATE, "Rick Olderman"),
        ("when was the answer about hamstring cramps published", Detail.DATE, "hamstring cramps"),
        ("how old is the advice on stretching before running?", Detail.DATE, "stretching before running"),
        ("Is the page on gluteal pumps still up to date", Detail.DATE, "gluteal pumps"),
        ("what year is the article on squats from", Detail.DATE, "squats"),
        ("when did he write that", Detail.DATE, ""),
        ("who wrote the answer on gluteal pumps", Detail.AUTHOR, "gluteal pumps"),
        ("Who is behind this advice?", Detail.AUTHOR, ""),
        ("whose advice is the bit on planks", Detail.AUTHOR, "planks"),
        ("what are Rick Olderman's credentials?", Detail.CREDENTIAL, "Rick Olderman"),
        ("what qualifications does Wendy Batts have", Detail.CREDENTIAL, "Wendy Batts"),
        ("Is Rick Olderman really a physical therapist?", Detail.CREDENTIAL, "Rick Olderman"),
        ("who is Rick Olderman", Detail.CREDENTIAL, "Rick Olderman"),
        ("where does the advice about foam rolling come from", Detail.PLACE, "foam rolling"),
        ("what is the source for ice or heat", Detail.PLACE, "ice heat"),
        ("which experts talk about knee pain?", Detail.PLACE, "knee pain"),
        ("which book is the text on hip extension from", Detail.BOOK, "hip extension"),
        ("what is the title of the book", Detail.BOOK, ""),
    ],
)
def test_a_question_about_the_sources_is_told_from_others(question: str, detail: Detail, topic: str) -> None:
    about = inquiry(question)
    assert about is not None
    assert (about.detail, about.topic) == (detail, topic)


@pytest.mark.parametrize(
    "question",
    [
        "When should I stretch?", "when was the last time you should eat before a run", "how old is too old to run", "is old cartilage bad",
        "what job does the labrum do in the hip", "where does hip pain come from", "who should not do gluteal pumps",
        "Is it safe to be a runner?", "which exercises are best", "how recent is recent for a strain",
        "where does that come from", "is it normal to fall just because you are old", "Does that old injury count against me later?", "does the old trick with the heavy book work", "",
    ],
)  # fmt: skip
def test_a_question_about_anything_else_is_none(question: str) -> None:
    assert inquiry(question) is None


@given(st.text(max_size=300))
def test_any_text_is_read_without_an_error(text: str) -> None:
    about = inquiry(text)
    assert about is None or about.topic == about.topic.strip()


def test_what_a_record_holds_is_told_and_what_it_leaves_out() -> None:
    assert told(Detail.DATE, [HOLT, UNNAMED]) == (
        ("The record of the answer by Maren Holt at Example Press says: published 2015-10.",),
        ("No date is given for the answer by Unnamed answerer at Example Press.",),
    )
    assert told(Detail.AUTHOR, [HOLT, UNNAMED, PRESS]) == (
        ("Maren Holt, PT, is named as the author of “Breathing in a plank” at Example Press.",),
        (
            "Example Press does not name who gave this answer.",
            "No person is named as the author of “Breathing in a plank”: it is by Example Health.",
        ),
    )
    assert told(Detail.CREDENTIAL, [HOLT, UNNAMED]) == (("Example Press gives with the name of Maren Holt: PT.",), ())
    assert told(Detail.CREDENTIAL, [UNNAMED]) == ((), ("No credentials are given for Unnamed answerer at Example Press.",))


def test_who_is_quoted_is_told_without_a_claim_on_what_they_say() -> None:
    own = replace(PRESS, publisher="Example Health")
    assert told(Detail.SPEAKER, [HOLT, UNNAMED, own]) == (
        ("Shown here is Maren Holt, PT, at Example Press.", "Shown here is Example Health."),
        ("Example Press does not name who gave this answer.",),
    )
    assert told(Detail.DATE, [own]) == ((), ("No date is given for the answer by Example Health.",))
    elsewhere = replace(own, publisher="Example Health (on a shelf)")
    assert told(Detail.SPEAKER, [elsewhere])[0] == ("Shown here is Example Health.",)


def test_no_book_is_made_of_a_page() -> None:
    handbook = replace(HOLT, title="Planks", kind=SourceKind.BOOK)
    assert told(Detail.BOOK, [handbook]) == (("The book is “Planks” by Maren Holt, Example Press.",), ())
    assert told(Detail.BOOK, [HOLT]) == (("What is shown of Maren Holt stands at Example Press, “Breathing in a plank”.",), (NO_BOOK,))


@pytest.fixture(scope="module")
def assistant(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Assistant]:
    squats = Expert("Nina Quist", "A deep squat loads the kneecap. Stop above the depth that hurts.", {"published": "2019-05", "credential": "PT"})
    added = {"answers/s03-squat-depth.md": page(SQUATTING, squats), "books/b09.md": book("On Planks", {"one": ("A plank", "A plank is a hold.")})}
    yield made(tmp_path_factory.mktemp("provenance"), files=FILES | added).assistant()


def test_the_record_stands_above_the_sentences_that_were_asked_about(assistant: Assistant) -> None:
    answer = assistant.ask("When was the answer on how deep I should squat with a sore kneecap written?")
    assert answer.notice is not None
    assert (answer.kind, answer.notice.heading) == (AnswerKind.ANSWERED, HEADING)
    assert answer.notice.sentences == ("The record of the answer by Nina Quist at Example Press says: published 2019-05.",)
    assert "deep squat" in answer.statements[0].text


def test_a_question_that_leans_on_the_turn_before_is_told_of_what_that_was_answered_with(assistant: Assistant) -> None:
    answer = assistant.ask("when was this written", [SQUATTING])
    assert answer.notice is not None
    assert answer.notice.sentences == ("The record of the answer by Nina Quist at Example Press says: published 2019-05.",)


def test_whoever_is_asked_about_is_told_of_and_nobody_else(assistant: Assistant) -> None:
    answer = assistant.ask("what are Nina Quist's credentials")
    assert answer.notice is not None
    assert answer.notice.sentences == ("Example Press gives with the name of Nina Quist: PT.",)
    assert assistant.ask("who is the prime minister of france").kind is AnswerKind.ABSTAINED


def test_an_urgent_symptom_comes_before_the_record(assistant: Assistant) -> None:
    answer = assistant.ask("who wrote the answer on squats, my legs are numb between and I cannot pee since this morning")
    assert answer.kind is AnswerKind.URGENT


@pytest.mark.parametrize(("about", "least", "most"), [("a source", 0.85, 1.0), ("anything else", 0.0, 0.1)])
def test_questions_of_people_who_saw_no_pattern_are_told_apart(about: str, least: float, most: float) -> None:
    """Of those who ask for credentials the rest is told by the name: who bears none that is known is asked about nothing."""
    lines = (Path(__file__).parent / "data" / "questions_sources.jsonl").read_text(encoding="utf-8").splitlines()
    asked = [one for one in map(json.loads, lines) if (one["about"] == "none") is (about == "anything else")]
    found = [inquiry(one["question"]) for one in asked]
    share = sum(one is not None and (not one.needs_name or about == "a source") for one in found) / len(asked)
    assert least <= share <= most
