"""What an answer lacks is judged by trained weights, which are those that the script gives."""

import importlib.util
import sys
from pathlib import Path
from typing import Any

import pytest

from assistant.lacks import FEATURES, Lack, likeliest, trained_weights
from assistant.unsaid import trained_direction


def test_the_likeliest_of_two_lacks_is_told_and_nothing_of_none() -> None:
    near = Lack("How long is not said.", {"noted": 1.0, "cosine": 0.8, "lead": 0.3, "same": 1.0, "own": 1.0})
    far = Lack("Who wrote it is not said.", {"noted": 1.0, "cosine": 0.1, "lead": -0.5, "less carried": 1.0})
    assert likeliest([far, near])[0] == near.told
    assert likeliest([far, near])[1] > likeliest([far])[1]
    assert likeliest([]) == ("", -9.0)


def test_the_weights_point_the_right_way() -> None:
    by_name = dict(zip(FEATURES, trained_weights(), strict=True))
    assert by_name["unsaid"] > 0 and by_name["beyond"] > 0
    assert by_name["lead"] > 0 and by_name["same"] > 0 and by_name["none"] > 0 and by_name["miscounts"] > 0
    assert by_name["other"] < 0 and by_name["counts"] < 0 and by_name["giver near"] < 0


def test_the_weights_and_the_direction_are_what_the_script_trains() -> None:
    training = bench("train_gaps")
    weights, direction = training.written(training.trained(training.stored()))
    assert weights["weights"] == pytest.approx(dict(zip(FEATURES, trained_weights(), strict=True)), abs=0.02)
    assert direction["direction"] == pytest.approx(trained_direction().vector.tolist(), abs=0.01)
    assert direction["usual"] == pytest.approx(trained_direction().usual, abs=0.01)


def bench(name: str) -> Any:
    path = Path(__file__).parent / "bench" / f"{name}.py"
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec and spec.loader
    module = sys.modules[name] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
