"""What counts as covered is measured on the corpus itself, and the probability moves the way the evidence points."""

import json
from collections.abc import Iterator
from dataclasses import replace
from importlib import resources
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.builds import Builds
from assistant.coverage import (
    FEATURES,
    MEASURED,
    REMAINDER,
    Asked,
    Calibration,
    Said,
    calibrate,
    features,
    fit,
    trained_weights,
    unheard,
)
from assistant.errors import IndexDamaged
from assistant.lexicon import stem
from assistant.live import COVERED, SAME_WORDING, SURELY, surely_covered
from assistant.retrieval import Retriever
from assistant.things import UNKNOWN
from tests.corpus_files import BRACING, BREATHING, FILES, NUMB, SQUATTING, WALL, World, copied, made
from tests.fake_model import FakeEmbedder

OUTSIDE = [
    "who won the football cup",
    "best pizza in town",
    "how do I file my taxes",
    "capital of France",
    "fix a leaking tap",
]
SOME = Calibration((1.4, 0.5), (0.4, 0.2), 0.0)


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    return made(tmp_path_factory.mktemp("coverage"))


@pytest.fixture(scope="module")
def retriever(world: World) -> Iterator[Retriever]:
    retriever = Retriever(Builds(world.index).current(), FakeEmbedder())
    yield retriever
    retriever.close()


def probability(retriever: Retriever, question: str) -> float:
    query = retriever.query(question)
    calibration = Calibration.load(retriever.build.calibration)
    return calibration.probability(features(query, retriever.search(query), retriever))


@pytest.mark.parametrize(
    "question", [BREATHING, BRACING, SQUATTING, WALL, NUMB, "breath in planks", "squat with an aching kneecap"]
)
def test_what_the_corpus_answers_counts_as_covered(retriever: Retriever, question: str) -> None:
    assert probability(retriever, question) > 0.8


@pytest.mark.parametrize("question", OUTSIDE)
def test_what_it_does_not_answer_does_not(retriever: Retriever, question: str) -> None:
    assert probability(retriever, question) < COVERED


def test_the_weights_belong_to_the_features_and_point_the_right_way() -> None:
    stored = json.loads((resources.files("assistant") / "rules" / "coverage.json").read_text(encoding="utf-8"))
    assert set(stored["weights"]) == set(FEATURES) - {REMAINDER}  # which is weighed where it is made
    intercept, weights = trained_weights()
    by_name = dict(zip(FEATURES, weights, strict=True))
    assert np.isfinite([intercept, *weights]).all()
    assert all(by_name[name] > 0 for name in ("score", "sentence", "carried"))
    assert all(by_name[name] < 0 for name in ("elsewhere", "strange", "apart", "scattered"))


def test_measured_features_count_half_by_the_corpus_and_half_by_what_is_typical() -> None:
    rows = np.zeros((7, len(FEATURES)))
    assert SOME.standardised(rows).shape == rows.shape
    one, other = SOME, Calibration((2.4, 0.5), (0.4, 0.2), 0.0)
    moved = one.standardised(rows[0]) - other.standardised(rows[0])
    assert (
        moved[0] == pytest.approx(1 / 0.4 / 4) and not moved[1:].any()
    )  # a quarter of the distance between the centres
    assert not SOME.standardised(rows)[:, len(MEASURED) :].any()  # shares are left as they are


@given(st.lists(st.floats(-1e6, 1e6), min_size=len(FEATURES), max_size=len(FEATURES)))
def test_a_probability_is_one_whatever_the_features(values: list[float]) -> None:
    assert 0.0 <= SOME.probability(np.array(values)) <= 1.0


@given(st.sampled_from(["score", "sentence", "carried"]), st.floats(0, 1), st.floats(0.01, 1))
def test_nearer_questions_are_never_less_covered(feature: str, value: float, more: float) -> None:
    less_near, nearer = np.zeros(len(FEATURES)), np.zeros(len(FEATURES))
    position = FEATURES.index(feature)
    less_near[position], nearer[position] = value, value + more
    assert SOME.probability(nearer) >= SOME.probability(less_near)


def test_without_a_document_every_feature_is_zero(retriever: Retriever) -> None:
    assert features(retriever.query(BREATHING), [], retriever).tolist() == [0.0] * len(FEATURES)


def test_features_are_those_of_the_best_documents(retriever: Retriever) -> None:
    query = retriever.query(BREATHING)
    hits = retriever.search(query)
    found = dict(zip(FEATURES, features(query, hits, retriever), strict=True))
    assert found["carried"] == pytest.approx(1.0)
    assert found["strange"] == found["scattered"] == found["elsewhere"] == 0.0
    assert found["score"] == hits[0].score and found["sentence"] == max(hit.sentence_cosine for hit in hits[:5])


def test_what_is_worded_like_a_question_of_the_corpus_and_lacks_nothing_is_surely_covered(retriever: Retriever) -> None:
    query = retriever.query(BREATHING)
    hits = retriever.search(query)
    found = features(query, hits, retriever)
    assert surely_covered(hits, found) == SURELY
    assert surely_covered([replace(hits[0], question_cosine=SAME_WORDING - 0.01), *hits[1:]], found) == 0.0
    for name, value in (("carried", 0.9), ("elsewhere", 0.5), ("strange", 0.2), ("apart", 0.2), ("scattered", 0.1)):
        lacking = found.copy()
        lacking[FEATURES.index(name)] = value
        assert surely_covered(hits, lacking) == 0.0, name


def test_words_of_a_story_need_not_be_said(retriever: Retriever) -> None:
    def plain(question: str) -> tuple[str, ...]:
        return Asked.of(retriever.query(question), retriever.lexical).plain

    assert plain("my nan says to plank on a monday") == (stem("plank"),)
    assert plain("my nan")  # there is nothing else


@pytest.mark.parametrize(
    ("question", "words"),
    [
        ("does turmeric help a sore kneecap", ("turmeric",)),
        ("What is chromodynamics?", ("chromodynamics",)),
        ("does the plank help", ()),
        ("does the patella hurt in a squat", ()),  # the corpus says kneecap
        ("lorry driver, kneecap sore in squats", ()),  # told by the way
    ],
)
def test_what_is_asked_about_and_nobody_mentions_is_unheard(
    retriever: Retriever, question: str, words: tuple[str, ...]
) -> None:
    assert unheard(retriever.query(question), retriever.lexical) == words


def said(retriever: Retriever, page: str) -> Said:
    entries = (retriever.catalog.entry(id) for id in retriever.lexical.ids)
    return Said.of(next(entry for entry in entries if entry.document.page == page))


def test_a_document_carries_the_words_of_its_text_and_of_its_questions(retriever: Retriever) -> None:
    asked = Asked.of(retriever.query("planking voice"), retriever.lexical)
    assert asked.carried(asked.plain, said(retriever, "s01-plank-breathing").everything) == pytest.approx(1.0)
    assert asked.carried(asked.plain, frozenset()) == 0.0
    assert asked.carried((), frozenset()) == 1.0  # nothing wanted


def test_the_wording_that_is_asked_does_not_carry_itself(retriever: Retriever) -> None:
    asked = Asked.of(retriever.query("low"), retriever.lexical)
    entry = retriever.catalog.entry("s03-squat-depth.ida-lindqvist")
    assert asked.carried(asked.plain, Said.of(entry).everything) == 1.0
    worded = Said.of(entry, unasked="how low may I squat when my kneecap aches")
    assert asked.carried(asked.plain, worded.everything) == 0.0


def test_a_part_of_the_body_that_no_document_mentions_is_elsewhere(retriever: Retriever) -> None:
    def elsewhere(question: str) -> float:
        query = retriever.query(question)
        asked = Asked.of(query, retriever.lexical)
        return asked.elsewhere([Said.of(retriever.catalog.entry(h.document.id)) for h in retriever.search(query)[:5]])

    assert elsewhere("my elbow hurts in a plank") == elsewhere("why does my shoulder hurt") == 1.0
    assert elsewhere("my kneecap hurts when I squat") == elsewhere("patella hurts in squats") == 0.0
    assert elsewhere("how to breathe") == 0.0
    assert elsewhere("kneecap chromodynamics") == 0.5  # mentioned, and never together with the rest


def test_the_weights_are_what_the_script_gives() -> None:
    from tests.bench import train_coverage

    written = json.loads(train_coverage.WEIGHTS.read_text(encoding="utf-8"))
    direction = json.loads(train_coverage.DIRECTION.read_text(encoding="utf-8"))
    given, given_direction = train_coverage.trained(train_coverage.stored())
    assert given["intercept"] == pytest.approx(written["intercept"], abs=0.01)
    assert given["weights"] == pytest.approx(written["weights"], abs=0.01)
    assert given_direction["direction"] == pytest.approx(direction["direction"], abs=0.01)
    assert given_direction["usual"] == pytest.approx(direction["usual"], abs=0.01)
    assert given_direction["model"] == direction["model"]


def test_words_that_no_document_says_are_strange_unless_they_are_numbers(retriever: Retriever) -> None:
    query = retriever.query("does chromodynamics help my kneecap at 65s")
    hits = retriever.search(query)
    said = [Said.of(retriever.catalog.entry(h.document.id)).everything for h in hits[:5]]
    assert Asked.of(query, retriever.lexical).strange(said) == [stem("chromodynamics")]
    found = dict(zip(FEATURES, features(query, hits, retriever), strict=True))
    assert found["strange"] == UNKNOWN


def test_a_strange_word_counts_only_where_it_is_what_is_asked_about(retriever: Retriever) -> None:
    query = retriever.query("I read on chromodynamics, does the kneecap hurt in a squat")
    found = dict(zip(FEATURES, features(query, retriever.search(query), retriever), strict=True))
    assert found["strange"] == 0.0


def test_things_that_only_different_sentences_speak_of_are_scattered(retriever: Retriever) -> None:
    asked = Asked.of(retriever.query("kneecap and bladder"), retriever.lexical)
    kneecap, bladder = frozenset({stem("kneecap")}), frozenset({stem("bladder")})
    assert asked.lacking([kneecap | bladder]) == 0.0
    assert 0.0 < asked.lacking([kneecap]) < 1.0 and 0.0 < asked.lacking([bladder]) < 1.0
    assert asked.lacking([set(), kneecap, bladder]) == min(asked.lacking([kneecap]), asked.lacking([bladder]))


@pytest.mark.parametrize(
    ("question", "apart"),
    [
        ("does the kneecap hurt in a squat", False),
        ("does the bladder hurt in a squat", True),  # each is spoken of, in another answer
        ("do planks help the bladder", True),
        ("why does the bladder hurt in a squat", False),  # not asked whether
    ],
)
def test_two_things_that_only_different_documents_speak_of_are_apart(
    retriever: Retriever, question: str, apart: bool
) -> None:
    query = retriever.query(question)
    found = features(query, retriever.search(query), retriever)[FEATURES.index("apart")]
    assert bool(found > 0.5) is apart


def test_a_completed_question_is_judged_by_what_its_last_turn_says(retriever: Retriever) -> None:
    last = "and chromodynamics?"
    query = retriever.query(f"{BREATHING} {last}")
    hits = retriever.search(query)
    whole, own = (
        dict(zip(FEATURES, features(query, hits, retriever, asked=asked), strict=True)) for asked in ("", last)
    )
    assert own["carried"] < whole["carried"] and own["score"] == whole["score"]


def test_calibration_is_the_same_each_time_and_survives_being_stored(retriever: Retriever, tmp_path: Path) -> None:
    calibration = calibrate(retriever)
    assert calibration == calibrate(retriever) == Calibration.load(retriever.build.calibration)
    calibration.save(tmp_path / "calibration.json")
    assert Calibration.load(tmp_path / "calibration.json") == calibration
    assert all(scale > 0 for scale in calibration.scales) and len(calibration.centres) == len(MEASURED)


def test_an_empty_corpus_covers_nothing_and_can_be_calibrated(world: World, tmp_path: Path) -> None:
    empty = copied(world, tmp_path)
    for origin in FILES:
        (empty.corpus / origin).unlink()
    empty.ingest(allow_empty=True)
    retriever = Retriever(Builds(empty.index).current(), FakeEmbedder())
    assert calibrate(retriever) == Calibration((0.0, 0.0), (1.0, 1.0), 0.0)
    retriever.close()


@pytest.mark.parametrize(
    "content", [b"", b"{", b"[]", b"{}", b'{"centres": 1, "scales": 2}', b"\xff", b'{"centres": [1, 2], "scales": [1]}']
)
def test_a_calibration_that_is_none_is_refused_with_the_command_that_cures_it(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "calibration.json").write_bytes(content)
    with pytest.raises(IndexDamaged, match=r"calibration\.json cannot be read") as caught:
        Calibration.load(tmp_path / "calibration.json")
    assert "ingest.py --rebuild" in caught.value.cure


def test_fitting_finds_what_separates_two_groups() -> None:
    rng = np.random.default_rng(0)
    rows = rng.normal(size=(400, 4))
    covered = rows[:, 0] + 0.5 * rng.normal(size=400) > 0.3
    intercept, weights = fit(rows, covered)
    predicted = intercept + rows @ weights > 0
    assert (predicted == covered).mean() > 0.8
    assert weights[0] > 5 * np.abs(weights[1:]).max() and intercept < 0
