"""Noted questions, grouped for the curators."""

from assistant.errors import QuestionError
from assistant.feedback import Noted
from assistant.schema import Answer, AnswerKind
from assistant.unanswered import grouped, groups_text
from tests.browser.fake import EXAMPLES, answer_to
from tests.fake_model import FakeEmbedder


class Expert:
    """Covers everything but pizza."""

    def ask(self, question: str) -> Answer:
        if not question:
            raise QuestionError("the question is empty")
        return answer_to(question) if "pizza" in question else answer_to("blurb")


def noted(*questions: str) -> list[Noted]:
    return [Noted(question, f"2026-01-{day:02}T12:00:00+00:00") for day, question in enumerate(questions, 1)]


def test_questions_alike_are_one_group_and_the_most_wanted_comes_first() -> None:
    questions = noted("knee brace for skiing", "does pizza help a sore hip", "does pizza help my sore hip")
    groups = grouped(questions, Expert(), FakeEmbedder())
    assert [[each.question for each in group.questions] for group in groups] == [
        ["does pizza help a sore hip", "does pizza help my sore hip"],
        ["knee brace for skiing"],
    ]
    assert [group.answered for group in groups] == [False, True]
    assert groups[0].latest == "2026-01-03T12:00:00+00:00"


def test_a_question_that_cannot_be_asked_any_more_is_still_listed() -> None:
    (group,) = grouped(noted(""), Expert(), FakeEmbedder())
    assert not group.answered


def test_the_text_names_the_count_the_wordings_the_date_and_what_is_nearest() -> None:
    assert answer_to("pizza").kind is AnswerKind.ABSTAINED
    text = groups_text(
        grouped(noted("does pizza help", "does pizza help", "Does pizza help?"), Expert(), FakeEmbedder())
    )
    assert text.startswith("3 questions noted, 1 group\n\n3 x  does pizza help\n      Does pizza help?\n")
    assert "last noted 3 January 2026" in text
    assert f"nearest that is answered: {EXAMPLES[0]}" in text


def test_nothing_noted_is_said_so() -> None:
    assert groups_text(grouped([], Expert(), FakeEmbedder())).startswith("No question has been noted.")
