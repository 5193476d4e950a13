"""A question is read as an expert would: spelt right, and lay words joined by the experts' words where those are needed."""

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.lexicon import STOP_WORDS, stem, terms
from assistant.vocabulary import ASIDE, SAME_MEANING, Reading, Spelling, lie_apart, read, sites

CORPUS = "gluteal pumps strengthen gluteus maximus hamstrings cramp bridges kneecap patella exercise breathing".split()


def knows(corpus: list[str]) -> Callable[[str], bool]:
    held = set(terms(" ".join(corpus)))
    return lambda term: term in held


def spelling(corpus: list[str] = CORPUS) -> Spelling:
    held = knows(corpus)
    return Spelling(corpus, lambda word: held(stem(word)))


def reading(question: str, corpus: list[str] = CORPUS) -> Reading:
    return read(question, knows(corpus), spelling(corpus))


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("hamstirngs", "hamstrings"),  # two neighbours swapped
        ("hamsrings", "hamstrings"),  # a letter lost
        ("hammstrings", "hamstrings"),  # a letter doubled
        ("hamstrinks", "hamstrings"),  # a letter replaced
        ("brethingg", "breathing"),  # two slips in a long word
        ("pumsp", "pumps"),
        ("kneacap", "kneecap"),
    ],
)
def test_a_misspelt_word_is_read_as_the_word_of_the_corpus(typed: str, meant: str) -> None:
    assert spelling().repair(typed) == meant


@pytest.mark.parametrize(
    "word",
    [
        "cramps",  # another form of a word the corpus holds
        "hip",  # too short to be sure
        "crypt",  # two edits in a short word
        "football",  # like nothing in the corpus
        "l4l5",  # not letters alone
        "",
    ],
)
def test_a_word_is_left_alone_where_nothing_is_near_enough(word: str) -> None:
    assert spelling().repair(word) == word


def test_a_misspelt_function_word_is_not_read_as_a_word_of_the_corpus() -> None:
    assert Spelling(["wear"], lambda word: False).repair("whar") == "what"


@pytest.mark.parametrize(
    ("question", "repaired"),
    [
        ("does KNECAP pain pass", ()),  # an abbreviation, for all that is known
        ("does mRPUMS help", ()),
        ("does Knecap pain pass", (("knecap", "kneecap"),)),
        ("DOES KNECAP PAIN PASS", (("knecap", "kneecap"),)),  # shouting abbreviates nothing
    ],
)
def test_a_word_of_several_capitals_is_a_name_and_not_misspelt(
    question: str, repaired: tuple[tuple[str, str], ...]
) -> None:
    assert reading(question).repaired == repaired


def test_a_word_that_the_model_knows_is_not_repaired() -> None:
    spelt = Spelling(["cramp"], lambda word: word in ("cramp", "clamp"))
    assert spelt.repair("clamp") == "clamp"
    assert spelt.repair("cremp") == "cramp"


def test_of_two_words_as_near_the_one_with_the_same_first_letter_is_meant() -> None:
    assert Spelling(["bramp", "cramp"], lambda word: False).repair("cromp") == "cramp"


def test_whatever_is_one_letter_left_out_of_each_away_is_looked_at() -> None:
    words = ["cramp", "cramps", "camp", "crimp", "ramps", "strämp", "scamper", "tramps", "ramp"]

    def forms(word: str) -> set[str]:
        return {word, *(word[:place] + word[place + 1 :] for place in range(len(word)))}

    for typed in ("cramp", "crump", "crampp", "rcamp", "stramp", "amp", "ümramp"):
        near = {word for word in {*words, *STOP_WORDS} if len(word) >= 4 and forms(word) & forms(typed)}
        assert set(Spelling(words, lambda word: False)._near(typed)) == near


def test_repairs_are_told_and_the_text_is_rewritten() -> None:
    found = reading("Do my hamstirngs cramp?")
    assert found.repaired == (("hamstirngs", "hamstrings"),)
    assert found.text == "do my hamstrings cramp"


def test_without_a_repair_the_question_stays_as_it_was_typed() -> None:
    found = reading("Do my Hamstrings cramp?")
    assert found.text == "Do my Hamstrings cramp?" and found.repaired == ()


def test_chat_spellings_are_read_out() -> None:
    assert reading("wot shud i do b4 bridges").text == "what should i do before bridges"


def test_a_lay_word_that_the_corpus_lacks_is_joined_by_the_expert_word() -> None:
    found = reading("my bum cramps")
    assert found.weights[stem("bum")] == 1.0
    assert found.weights[stem("gluteal")] == SAME_MEANING
    assert {stem("bum"), stem("gluteal")} <= found.meanings[stem("bum")]


def test_a_word_that_the_corpus_uses_brings_no_others() -> None:
    assert set(reading("kneecap").weights) == {stem("kneecap")}
    assert stem("patella") in reading("kneecap").meanings[stem("kneecap")]


def test_only_words_that_the_corpus_holds_are_added() -> None:
    assert set(reading("bum", ["buttock"]).weights) == {"bum", stem("buttock")}


def test_a_listed_phrase_is_read_as_one() -> None:
    found = reading("pain at the back of my thigh", ["hamstrings"])
    assert found.weights.get(stem("hamstrings")) == SAME_MEANING


def test_a_word_said_twice_is_asked_once_and_a_word_of_a_story_counts_less() -> None:
    assert reading("plank plank plank").weights == {"plank": 1.0}
    assert reading("my brother asked about a plank").weights == {"brother": ASIDE, "ask": ASIDE, "plank": 1.0}


def test_the_parts_of_the_body_in_a_question_are_named() -> None:
    assert sites(reading("why does my knee hurt")) == {"knee"}
    assert sites(reading("who wrote this")) == frozenset()


@pytest.mark.parametrize(
    ("one", "other", "apart"),
    [
        ("my knee popped", "a broken hip", True),
        ("my shoulder looks wrong", "a broken hip", True),
        ("my groin hurts after a fall", "a broken hip", False),  # as good as one place
        ("my kneecap popped", "when is knee pain urgent", False),
        ("my hip and my knee hurt", "when is knee pain urgent", False),
        ("my knee popped", "a broken bone or a bruise", False),  # of any place
        ("my bladder fails", "a broken hip", False),  # no place that has bones and joints of its own
        ("it popped", "a broken hip", False),
    ],
)
def test_places_lie_apart_where_both_are_named_and_none_is_in_common(one: str, other: str, apart: bool) -> None:
    assert lie_apart(sites(reading(one)), sites(reading(other))) is apart is lie_apart(sites(reading(other)), sites(reading(one)))


def test_a_question_without_words_has_no_terms() -> None:
    found = reading("?!")
    assert found.text == "?!" and not found.weights and not found.meanings


@given(st.text(max_size=60))
def test_any_question_can_be_read_the_same_way_each_time(question: str) -> None:
    found = reading(question)
    assert found == reading(question)
    assert set(found.meanings) <= set(found.weights)
    assert all(weight in (1.0, ASIDE) for term, weight in found.weights.items() if term in found.meanings)
    assert all(term in same for term, same in found.meanings.items())


@given(st.sampled_from([word for word in CORPUS if len(word) >= 8]), st.data())
def test_one_slip_in_a_long_word_is_repaired_to_the_word_or_one_as_near(word: str, data: st.DataObject) -> None:
    place = data.draw(st.integers(1, len(word) - 2))
    slip = data.draw(st.sampled_from(["lose", "swap", "double", "replace"]))
    typed = {
        "lose": word[:place] + word[place + 1 :],
        "swap": word[:place] + word[place + 1] + word[place] + word[place + 2 :],
        "double": word[:place] + word[place] + word[place:],
        "replace": f"{word[:place]}q{word[place + 1 :]}",
    }[slip]
    known = knows(CORPUS)
    assert spelling().repair(typed) == (typed if known(stem(typed)) else word)
