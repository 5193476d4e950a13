"""Who says what: words that credit a source, and statements grouped by who said them."""

from dataclasses import replace

import pytest

from assistant.attribution import Comparison, Said, arranged, badges, published_words, spelled_date
from assistant.schema import Answer, AnswerKind, AuthorType, Role, SourceKind, Tier, Views, Wording
from tests.browser.fake import BACK, CRAMP, LEAD_IN, OLDERMAN, STUDY, UNNAMED, answer_to


def group(answer: Answer, name: str) -> Said:
    parts = arranged(answer)
    groups = [part for part in parts if isinstance(part, Said)]
    groups += [said for part in parts if isinstance(part, Comparison) for side in part.sides for said in side]
    return next(said for said in groups if said.source.name == name)


@pytest.mark.parametrize(
    ("date", "words"),
    [("2015-10-02", "2 October 2015"), ("2015-10", "October 2015"), ("2015", "2015"), ("2015-13", "2015-13")],
)
def test_a_date_is_spelled_out_as_far_as_the_source_gives_it(date: str, words: str) -> None:
    assert spelled_date(date) == words


def test_the_publisher_is_named_once_and_the_newest_date_shown() -> None:
    assert published_words(OLDERMAN) == "Sharecare, 2 October 2010"
    assert published_words(replace(OLDERMAN, publisher="Rick Olderman")) == "2 October 2010"
    assert published_words(replace(OLDERMAN, reviewed="2020-01")) == "Sharecare, reviewed January 2020"
    assert published_words(UNNAMED) == "Sharecare, undated"


def test_badges_say_what_to_know_before_trusting_the_words() -> None:
    assert badges(OLDERMAN) == ("verbatim",)
    assert badges(UNNAMED) == ("summary by this project", "cut off in the source")
    worst = replace(
        STUDY,
        kind=SourceKind.BLURB,
        author_type=AuthorType.SPONSOR,
        tier=Tier.MACHINE,
        incomplete=True,
        wording=Wording.VERBATIM,
    )
    assert badges(worst) == (
        "verbatim",
        "from the book's description",
        "sponsor",
        "machine-written",
        "a part is missing in the source",
    )


def test_a_list_belongs_to_its_lead_in() -> None:
    blocks = group(answer_to("avoid"), "Rick Olderman").blocks
    assert [statement.text for statement in blocks[1].sentences] == [LEAD_IN]
    assert [statement.text for statement in blocks[1].items] == [BACK, CRAMP]
    assert all(statement.role is Role.SENTENCE for statement in blocks[0].sentences)


def test_opposing_answers_stand_together_in_the_order_of_the_views() -> None:
    comparison, alone = arranged(answer_to("avoid"))
    assert isinstance(comparison, Comparison)
    assert [side[0].source.name for side in comparison.sides] == ["Grenier and McGill", "Rick Olderman"]
    assert isinstance(alone, Said)
    assert alone.source.author is None


def test_every_statement_is_shown_once_whatever_the_views() -> None:
    answer = answer_to("avoid")
    for views in (((1,), (5,)), ((5,), (6,)), ((1, 5), (6,)), ((1,), (2,)), ((5,), (5,))):
        parts = arranged(replace(answer, views=(Views("p", views),)))
        groups = [s for part in parts for s in ((part,) if isinstance(part, Said) else sum(part.sides, ()))]
        shown = [statement for said in groups for statement in said.statements]
        assert sorted(shown, key=lambda s: s.citations) == sorted(answer.statements, key=lambda s: s.citations)


def test_a_dispute_with_one_side_in_the_answer_is_no_comparison() -> None:
    answer = replace(answer_to("avoid"), views=(Views("p", ((1,), (2,))),))
    assert all(isinstance(part, Said) for part in arranged(answer))


def test_a_dispute_is_named_in_words_unless_its_views_name_it() -> None:
    sides = tuple((group(answer_to("avoid"), name),) for name in ("Rick Olderman", "Grenier and McGill"))
    assert Comparison("draw-in-or-brace", sides).heading == "The experts differ: draw in or brace"
    assert Comparison("Brace the whole abdominal wall / Draw the navel in", sides).heading == "The experts differ"


def test_an_abstention_has_no_parts() -> None:
    assert arranged(Answer(AnswerKind.ABSTAINED, "q")) == ()
