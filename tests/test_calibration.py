"""What counts as covered is measured on the corpus itself, and the probability moves the way the evidence points."""

import json
from collections.abc import Iterator
from importlib import resources
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.builds import Builds
from assistant.calibration import UNMEASURED, WEIGHED, Calibration, calibrate, fit, trained_weights
from assistant.coverage import FEATURES, MEASURED, features
from assistant.errors import IndexDamaged
from assistant.live import COVERED
from assistant.remainder import KINDS
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
SOME = Calibration((1.4, 0.5), (0.4, 0.2), (0.0, 0.0))


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    return made(tmp_path_factory.mktemp("calibration"))


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
    assert list(stored) == list(KINDS)
    for of_kind, intercept, weights in zip(stored.values(), *trained_weights(), strict=True):
        assert set(of_kind["weights"]) == set(WEIGHED)
        by_name = dict(zip(WEIGHED, weights, strict=True))
        assert np.isfinite([intercept, *weights]).all()
        assert all(by_name[name] > 0 for name in ("score", "sentence", "carried"))
        assert all(by_name[name] < 0 for name in ("elsewhere", "strange", "apart", "scattered"))


def test_a_page_of_few_wordings_is_weighed_between_those_of_one_and_of_many() -> None:
    rows = np.random.default_rng(0).normal(size=(200, len(FEATURES)))
    for row in rows:
        bare, between, worded = (SOME.probability(np.array([*row[:-1], share])) for share in (0.0, 0.5, 1.0))
        assert min(bare, worded) <= between <= max(bare, worded)
        odds = [np.log(probability / (1 - probability)) for probability in (bare, between, worded)]
        assert odds[1] == pytest.approx((odds[0] + odds[2]) / 2, abs=1e-6)


def test_measured_features_count_half_by_the_corpus_and_half_by_what_is_typical() -> None:
    rows = np.zeros((7, len(FEATURES)))
    assert SOME.standardised(rows).shape == rows.shape
    one, other = SOME, Calibration((2.4, 0.5), (0.4, 0.2), (0.0, 0.0))
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


def test_the_weights_are_what_the_script_gives() -> None:
    from tests.bench import train_coverage

    written = json.loads(train_coverage.WEIGHTS.read_text(encoding="utf-8"))
    directions = json.loads(train_coverage.DIRECTIONS.read_text(encoding="utf-8"))
    given, given_directions = train_coverage.trained(train_coverage.stored())
    assert given_directions["model"] == directions["model"]
    for kind in KINDS:
        assert given[kind]["intercept"] == pytest.approx(written[kind]["intercept"], abs=0.01)
        assert given[kind]["weights"] == pytest.approx(written[kind]["weights"], abs=0.01)
        assert given_directions[kind]["direction"] == pytest.approx(directions[kind]["direction"], abs=0.01)
        assert given_directions[kind]["usual"] == pytest.approx(directions[kind]["usual"], abs=0.01)


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
    assert calibrate(retriever) == UNMEASURED == Calibration((0.0, 0.0), (1.0, 1.0), (0.0, 0.0))
    retriever.close()


@pytest.mark.parametrize(
    "content", [b"", b"{", b"[]", b"{}", b'{"centres": 1, "scales": 2}', b"\xff", b'{"centres": [1, 2], "scales": [1], "remainders": [0, 0]}', b'{"centres": [1, 2], "scales": [1, 2], "remainders": 0}']
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
