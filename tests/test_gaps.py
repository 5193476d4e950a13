"""What the question asks for and no source gives is named, in whole sentences, and nothing else is."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from assistant.builds import Builds
from assistant.entries import Entry
from assistant.gaps import missing, noted, unfound
from assistant.retrieval import Retriever
from assistant.schema import AuthorType, Document
from tests.corpus_files import BRACING, BREATHING, SQUATTING, WALL, entry, made
from tests.fake_model import FakeEmbedder

CONFIDENCE = 0.98  # as of most questions that are answered
NOTED = "The page does not say how many squats to do for a sore kneecap."
NOT_GIVEN = (
    "No number is given for this in what is quoted here.",
    "How long is not said in what is quoted here.",
    "How often is not said in what is quoted here.",
    "How far or how much is not said in what is quoted here.",
)
SQUAT, BREATH, SIT = "s03-squat-depth.ida-lindqvist", "s01-plank-breathing.maren-holt", "s04-wall-sit.oskar-veen"


@pytest.fixture(scope="module")
def retriever(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Retriever]:
    world = made(tmp_path_factory.mktemp("gaps"))
    retriever = Retriever(Builds(world.index).current(), FakeEmbedder())
    yield retriever
    retriever.close()


def named(retriever: Retriever, question: str, *quoted: str | Entry, others: tuple[str, ...] = ()) -> tuple[str, ...]:
    entries = [one if isinstance(one, Entry) else retriever.catalog.entry(one) for one in quoted]
    rest = [retriever.catalog.entry(id) for id in others]
    return missing(question, retriever.query(question), entries, rest, retriever.lexical, CONFIDENCE)


def changed(retriever: Retriever, id: str, text: str) -> Entry:
    return entry(replace(retriever.catalog.entry(id).document, text=text, gaps=()))


@pytest.mark.parametrize(
    "question", [BREATHING, BRACING, SQUATTING, WALL, "breath in planks", "squat depth with kneecap pain"]
)
def test_what_is_answered_lacks_nothing(retriever: Retriever, question: str) -> None:
    assert named(retriever, question, retriever.search(retriever.query(question))[0].document.id) == ()


def test_a_gap_that_a_curator_noted_is_told_to_who_asks_for_it(retriever: Retriever) -> None:
    assert named(retriever, "how many squats to do for a sore kneecap", SQUAT) == (NOTED,)


def test_a_gap_of_a_document_that_was_found_and_not_quoted_is_told_too(retriever: Retriever) -> None:
    assert named(retriever, "how many squats to do for a sore kneecap", BREATH, others=(SQUAT,)) == (NOTED,)


def test_of_two_things_asked_about_the_one_that_nobody_speaks_of_is_told(retriever: Retriever) -> None:
    told = "“thumb” is not mentioned in what is quoted here."
    assert told in named(retriever, "squats with a sore kneecap and a sore thumb", SQUAT)
    assert told in named(retriever, "thumb or kneecap, do squats hurt it", SQUAT)
    for question in ("squats and kneecap", "squats and whatever", "thumb and elbow in squats"):  # none of the two, or no thing
        assert told not in named(retriever, question, SQUAT)


def test_a_gap_about_something_else_is_not_told(retriever: Retriever) -> None:
    assert NOTED not in named(retriever, "does the wall sit train thighs", SQUAT)


def test_who_asks_whether_two_things_go_together_is_told_where_each_stands_in_another_answer(
    retriever: Retriever,
) -> None:
    told = named(retriever, "do squats bother the breath", BREATH, SQUAT)
    assert told == ("None of the answers quoted here speaks of “squats” together with “breath”.",)
    assert named(retriever, "do squats bother the kneecap", BREATH, SQUAT) == ()


@pytest.mark.parametrize(
    ("question", "text", "lacking"),
    [
        ("how many planks should I do", "Do the planks slowly.", True),
        ("how many planks should I do", "Do twelve planks.", False),
        ("how many planks should I do", "Do 3 planks.", False),
        ("how long should I hold a plank", "Hold the plank long.", True),
        ("how long should I hold a plank", "Hold the plank for 30 seconds.", False),
        ("how often should I hold a plank", "Hold the plank with care.", True),
        ("how often should I plank", "Plank every day.", False),
        ("how much weight should I hold in a plank", "Hold a light weight in the plank.", True),
        ("why is the plank hard", "The plank is hard.", False),
    ],
)
def test_a_number_that_is_asked_for_and_not_given_is_named(
    retriever: Retriever, question: str, text: str, lacking: bool
) -> None:
    told = named(retriever, question, changed(retriever, BREATH, text))
    assert bool(set(NOT_GIVEN) & set(told)) is lacking


def test_no_brand_is_named(retriever: Retriever) -> None:
    assert named(retriever, "what brand of mat for planks", BREATH) == (
        "No make or brand is named in what is quoted here.",
    )


def test_what_makes_something_happen_is_no_question_about_a_make(retriever: Retriever) -> None:
    assert not any("brand" in line for line in named(retriever, "what makes a plank hard", BREATH))


@pytest.mark.parametrize(
    "question",
    ["my daughter is a nurse, does the plank help", "25 and in a band, does the plank help", "mate reckons a plank hurts, is he right?"],
)
def test_what_is_told_by_the_way_is_not_called_unmentioned(retriever: Retriever, question: str) -> None:
    assert named(retriever, question, BREATH) == ()


def test_a_misspelt_word_asks_for_the_same_kind_of_thing(retriever: Retriever) -> None:
    assert named(retriever, "how meny squats to do for a sore kneecap", SQUAT) == (NOTED,)


@pytest.mark.parametrize("question", ["how much does a mat for planks cost", "what price is a plank mat"])
def test_a_price_that_is_asked_for_and_not_given_is_named(retriever: Retriever, question: str) -> None:
    told = "No price is given in what is quoted here."
    assert told in named(retriever, question, BREATH)
    assert told not in named(retriever, question, changed(retriever, BREATH, "A mat for planks costs £20."))
    assert unfound(question, retriever.query(question), [], retriever.lexical)[-1] == "No price is given in what was found."


def test_a_refusal_names_what_no_document_holds_else_what_none_of_the_nearest_holds(retriever: Retriever) -> None:
    def told(question: str) -> tuple[str, ...]:
        return unfound(question, retriever.query(question), [retriever.catalog.entry(SQUAT)], retriever.lexical)

    assert told("does turmeric help a kneecap in squats") == ("“turmeric” is not mentioned in any of the stored answers.",)
    assert told("do squats hurt the bladder") == ("“bladder” is not mentioned in the answers nearest to this.",)
    assert told("do squats hurt the kneecap") == ()


@pytest.mark.parametrize(
    "question",
    ["when was this written", "when did he say that", "how old is this advice", "what date was it published"],
)
def test_who_asks_for_a_date_that_the_source_does_not_give_is_told_so(retriever: Retriever, question: str) -> None:
    assert "No date is given for the answer by Ida Lindqvist at Example Press." in named(retriever, question, SQUAT)
    assert not any("No date" in line for line in named(retriever, question, BREATH))  # it gives one


def test_who_asks_for_a_name_that_the_source_does_not_give_is_told_so(retriever: Retriever) -> None:
    assert "Example Press does not name who gave this answer." in named(
        retriever, "who said this", "s03-squat-depth.unnamed"
    )
    assert not any("does not name" in line for line in named(retriever, "who said this", SQUAT))


def test_who_asks_for_the_rest_of_a_cut_source_is_told_that_it_breaks_off(retriever: Retriever) -> None:
    assert any("breaks off here" in line for line in named(retriever, "what else about the wall sit", SIT))
    assert not any("breaks off" in line for line in named(retriever, "what else about squats", SQUAT))


@pytest.mark.parametrize(
    ("question", "names"),
    [
        ("does Pilates help a plank", ["Pilates"]),
        ("is TRX good for planks", ["TRX"]),
        ("TRX planks", ["TRX"]),
        ("Does the plank help?", []),  # a capital at the start is no name
        ("what does Maren Holt say about planks", None),  # an expert of the corpus
        ("PLANKS WITH TRX", []),  # somebody who shouts names nobody
        ("plank with Pilates and Pilates", ["Pilates"]),  # once
        ("I do Pilates. Does a plank help?", []),  # told by the way
        ("can I plank on Sunday", []),  # a day
    ],
)
def test_names_that_no_document_holds_are_named(retriever: Retriever, question: str, names: list[str] | None) -> None:
    found = named(retriever, question, BREATH)
    if names is None:
        assert not any("Plank" in line or "plank" in line for line in found)
    else:
        assert found == tuple(f"“{name}” is not mentioned in any of the stored answers." for name in names)


@pytest.mark.parametrize(
    ("question", "told"),
    [
        ("is yoga good for planks", "“yoga” is not mentioned in what is quoted here."),
        (
            "can I plank after a heavy breakfast",
            "None of the answers quoted here speaks of “plank” together with “heavy breakfast”.",
        ),
        ("can I plank after a hip operation", "Nothing that is quoted here speaks of people who had an operation."),
        ("can I swim after plank exercises", "“swim” is not mentioned in what is quoted here."),
        ("does the plank help", None),
        ("can I plank on a mat", None),
    ],
)
def test_who_asks_whether_something_may_be_done_is_told_where_nobody_speaks_of_it(
    retriever: Retriever, question: str, told: str | None
) -> None:
    assert named(retriever, question, BREATH) == ((told,) if told else ())


@pytest.mark.parametrize(
    ("question", "text", "lacking"),
    [
        ("how many years does it last", "It lasts three weeks.", True),
        ("how many years does it last", "It lasts ten years.", False),
        ("how many minutes should I plank", "Plank for two weeks.", True),
        ("how many minutes should I plank", "Plank for two minutes.", False),
        ("how many weeks until I can plank", "Plank after six weeks.", False),
        ("how many weeks until I can plank", "Plank for ten seconds.", True),
    ],
)
def test_a_number_of_another_unit_is_no_answer(retriever: Retriever, question: str, text: str, lacking: bool) -> None:
    told = named(retriever, question, changed(retriever, BREATH, text))
    assert bool(set(NOT_GIVEN) & set(told)) is lacking


def test_a_gap_about_the_kind_of_thing_asked_for_is_told_unless_another_source_gives_it(retriever: Retriever) -> None:
    gap = "How long to hold a plank is not said."
    silent = entry(replace(retriever.catalog.entry(BREATH).document, text="Breathe in a plank.", gaps=(gap,)))
    giving = changed(retriever, SIT, "How long I should hold a plank: 30 seconds.")
    assert named(retriever, "how long should I hold a plank", silent) == (gap,)
    assert gap not in named(retriever, "how long should I hold a plank", silent, giving)


@pytest.mark.parametrize(
    "question", ["Does Ida say so?", "What does Oskar Veen think of wall sits?", "is that from Example Press"]
)
def test_an_expert_or_publisher_who_is_quoted_is_not_called_unmentioned(retriever: Retriever, question: str) -> None:
    assert not any("not mentioned" in line for line in named(retriever, question, SQUAT, SIT))


@pytest.mark.parametrize("question", ["?", "", "\ud800", "WHEN", "how many", "🦵"])
def test_any_question_can_be_held_against_any_document(retriever: Retriever, question: str) -> None:
    for stored in retriever.catalog.entries():
        for line in named(retriever, question, stored):
            assert line[0].isupper() or line[0] == "“"
            assert line.endswith(".")


def test_nothing_is_named_twice(retriever: Retriever) -> None:
    document: Document = retriever.catalog.entry(SQUAT).document
    double = entry(replace(document, gaps=(NOTED, NOTED)))
    assert named(retriever, "how many squats to do for a sore kneecap", double) == (NOTED,)
    assert document.source.author_type is AuthorType.PERSON


def test_what_a_curator_noted_is_told_apart_from_what_only_nobody_mentions(retriever: Retriever) -> None:
    entry = next(entry for entry in retriever.catalog.entries() if entry.document.gaps)
    assert noted([entry.document.gaps[0]], "squats?", [entry], [])
    assert not noted(["“Squats” is not mentioned in what is quoted here."], "squats?", [entry], [])


def test_a_thing_that_is_not_nearby_is_named_as_it_was_typed(retriever: Retriever) -> None:
    query = retriever.query("does the bladdr help the kneecap")
    nearest = [entry for entry in retriever.catalog.entries() if "bladder" not in entry.document.text.lower()][:3]
    assert ("bladdr", "bladder") in query.reading.repaired
    told = unfound("does the bladdr help the kneecap", query, nearest, retriever.lexical)
    assert "“bladdr” is not mentioned in the answers nearest to this." in told
