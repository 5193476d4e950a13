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

from assistant.answering import COVERED
from assistant.builds import Builds
from assistant.coverage import (
    FEATURES,
    Calibration,
    calibrate,
    carried,
    elsewhere,
    features,
    fit,
    foreign,
    trained_weights,
)
from assistant.errors import IndexDamaged
from assistant.retrieval import Retriever
from tests.corpus_files import BRACING, BREATHING, FILES, NUMB, SQUATTING, WALL, World, copied, made
from tests.fake_model import FakeEmbedder

OUTSIDE = [
    "who won the football cup",
    "best pizza in town",
    "how do I file my taxes",
    "capital of France",
    "fix a leaking tap",
]
SOME = Calibration((0.5, 0.6, 0.2, 1.4), (0.2, 0.3, 0.1, 0.4))


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
    assert set(stored["weights"]) == set(FEATURES)
    intercept, weights = trained_weights()
    by_name = dict(zip(FEATURES, weights, strict=True))
    assert np.isfinite([intercept, *weights]).all()
    assert by_name["question"] > 0 and by_name["carried"] > 0 and by_name["score"] > 0 > by_name["foreign"]


def test_a_feature_halfway_between_covered_and_uncovered_is_zero() -> None:
    assert SOME.standardised(np.array(SOME.centres)).tolist() == [0.0] * 4
    assert SOME.standardised(np.array(SOME.centres) + np.array(SOME.scales)) == pytest.approx([1.0] * 4)
    assert SOME.standardised(np.zeros((7, 4))).shape == (7, 4)


@given(st.lists(st.floats(-1e6, 1e6), min_size=4, max_size=4))
def test_a_probability_is_one_whatever_the_features(values: list[float]) -> None:
    assert 0.0 <= SOME.probability(np.array(values)) <= 1.0


@given(st.sampled_from([0, 1, 3]), st.floats(0, 1), st.floats(0.01, 1))
def test_nearer_questions_are_never_less_covered(feature: int, value: float, more: float) -> None:
    less_near, nearer = np.array(SOME.centres), np.array(SOME.centres)
    less_near[feature], nearer[feature] = value, value + more
    assert SOME.probability(nearer) >= SOME.probability(less_near)


def test_without_a_document_every_feature_is_zero(retriever: Retriever) -> None:
    assert features(retriever.query(BREATHING), [], retriever).tolist() == [0.0] * len(FEATURES)


def test_features_are_those_of_the_best_documents(retriever: Retriever) -> None:
    query = retriever.query(BREATHING)
    hits = retriever.search(query)
    found = dict(zip(FEATURES, features(query, hits, retriever), strict=True))
    assert found["question"] == pytest.approx(1.0, abs=1e-5) and found["carried"] == pytest.approx(1.0)
    assert found["foreign"] == 0.0 and found["score"] == hits[0].score


def test_the_share_of_words_that_nobody_uses_is_foreign(retriever: Retriever) -> None:
    lexical = retriever.lexical
    assert foreign(retriever.query("plank breathing"), lexical) == 0.0
    assert foreign(retriever.query("quantum chromodynamics"), lexical) == 1.0
    assert 0 < foreign(retriever.query("plank chromodynamics"), lexical) < 1
    assert foreign(retriever.query("patella"), lexical) == 0.0  # the corpus says kneecap
    assert foreign(retriever.query("?"), lexical) == 1.0


def test_a_document_carries_the_words_of_its_text_and_of_its_questions(retriever: Retriever) -> None:
    query = retriever.query("planking voice")
    hit = next(hit for hit in retriever.search(query) if hit.document.page == "s01-plank-breathing")
    assert carried(query, hit, retriever.lexical) == pytest.approx(1.0)
    bare = replace(hit, document=replace(hit.document, text="Rest.", question="Why?", also_asked=()))
    assert carried(query, bare, retriever.lexical) == 0.0


def test_the_wording_that_is_asked_does_not_carry_itself(retriever: Retriever) -> None:
    query = retriever.query("low")
    hit = next(hit for hit in retriever.search(query) if hit.document.page == "s03-squat-depth")
    asked = "how low may I squat when my kneecap aches"
    assert carried(query, hit, retriever.lexical) == 1.0
    assert carried(query, hit, retriever.lexical, unasked=asked) == 0.0


def test_a_part_of_the_body_that_no_document_mentions_is_elsewhere(retriever: Retriever) -> None:
    def asked(question: str) -> bool:
        query = retriever.query(question)
        return elsewhere(query, retriever.search(query))

    assert asked("my elbow hurts in a plank") and asked("why does my shoulder hurt")
    assert (
        not asked("my kneecap hurts when I squat")
        and not asked("patella hurts in squats")
        and not asked("how to breathe")
    )


def test_calibration_is_the_same_each_time_and_survives_being_stored(retriever: Retriever, tmp_path: Path) -> None:
    calibration = calibrate(retriever)
    assert calibration == calibrate(retriever) == Calibration.load(retriever.build.calibration)
    calibration.save(tmp_path / "calibration.json")
    assert Calibration.load(tmp_path / "calibration.json") == calibration
    assert all(scale > 0 for scale in calibration.scales) and len(calibration.centres) == len(FEATURES)


def test_an_empty_corpus_covers_nothing_and_can_be_calibrated(world: World, tmp_path: Path) -> None:
    empty = copied(world, tmp_path)
    for origin in FILES:
        (empty.corpus / origin).unlink()
    empty.ingest(allow_empty=True)
    retriever = Retriever(Builds(empty.index).current(), FakeEmbedder())
    assert calibrate(retriever) == Calibration((0.0,) * 4, (1.0,) * 4)
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
