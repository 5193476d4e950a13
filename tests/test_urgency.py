"""The tuned copy of the model: made from its weights as its script means them, and what it says of plain cases."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from assistant import urgency
from assistant.embedding import Embedder
from assistant.exported import export_is_whole, package_folder
from assistant.opinion import Senses, classifier
from assistant.urgency import ModelSenses, about, prepare, senses
from tests.bench import tune_urgency
from tests.bench.fit_opinion import Text, data_fingerprint
from tests.fake_model import FakeEmbedder

URGENT = (
    "my bum is numb and i cant pee",
    "is leg day ok if my chest feels like someones parked a van on it since breakfast",
    "im a burden and everyone would be better off without me",
)
ORDINARY = (
    "how do i stretch my calf",
    "how long after a hip fracture can i drive",
    "my quads are on fire after leg day",
)


def test_the_weights_were_trained_on_the_texts_that_are_here() -> None:
    assert about()["trained_on"] == data_fingerprint(), "run tests/bench/tune_urgency.py again"


def test_the_families_are_those_that_the_opinion_names() -> None:
    assert tuple(about()["families"].split(",")) == classifier().families


def test_another_model_gets_no_senses_and_nothing_is_made(tmp_path: Path) -> None:
    assert senses(FakeEmbedder(), tmp_path / "models") is None
    assert not (tmp_path / "models").exists()


def test_a_text_is_read_once(monkeypatch: pytest.MonkeyPatch) -> None:
    class Counting:
        read = 0

        def tokens(self, texts: list[str]) -> list[list[int]]:
            return [[1]]

        def run(self, tokens: list[list[int]]) -> tuple[Any, None]:
            self.read += 1
            return np.zeros((1, 3), dtype=np.float32), None

    counting: Any = Counting()
    both = ModelSenses(FakeEmbedder(), lambda: counting)
    assert both.read("one").shape == both.read("one").shape == both.read("two").shape == (3,)
    assert counting.read == 2


def test_steps_take_every_text_once_an_epoch_and_texts_of_one_length_together() -> None:
    texts = tuple(Text("word", (), False, "V") for _ in range(200))
    data = tune_urgency.Data(texts, tuple((1,) * (n % 40 + 1) for n in range(200)), ())
    taken = list(tune_urgency.steps(data, range(200), 2, np.random.default_rng(0)))
    assert sorted(at for step in taken for at in step) == sorted([*range(200)] * 2)
    assert max(len({len(data.ids[at]) for at in step}) for step in taken) < 20


@pytest.mark.model
@pytest.mark.parametrize(("texts", "urgent"), [(URGENT, True), (ORDINARY, False)], ids=["urgent", "ordinary"])
def test_plain_cases_are_read_as_they_are(reads: Senses, texts: tuple[str, ...], urgent: bool) -> None:
    assert [float(reads.read(text)[0]) > 0 for text in texts] == [urgent] * len(texts)


@pytest.mark.model
def test_the_copy_is_made_once_and_not_before_it_is_asked(real: Embedder, tmp_path: Path) -> None:
    first = senses(real, tmp_path / "models")
    assert first is not None and not (tmp_path / "models").exists()
    prepare(real, tmp_path / "models")
    (folder,) = (tmp_path / "models").glob("urgency-*")
    assert export_is_whole(folder)
    written = (folder / "model.onnx").stat().st_mtime_ns
    assert first.read(URGENT[0])[0] > 0 and (folder / "model.onnx").stat().st_mtime_ns == written


@pytest.mark.model
def test_what_is_exported_says_what_was_trained(
    real: Embedder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A few steps of training, saved and exported: the same numbers, so that the network is put together as its script means it."""
    from safetensors.torch import save_file

    texts = [
        *(Text(text, (), True, "V", "clot") for text in URGENT),
        *(Text(text, (), False, "V") for text in ORDINARY),
    ]
    data = tune_urgency.tokenised(texts * 8, package_folder())
    options = tune_urgency.options(["--epochs", "2", "--rank", "4"])
    net = tune_urgency.trained(data, range(len(data.texts)), package_folder(), options)
    said = tune_urgency.judged(net, data, range(6), "cpu")
    save_file(tune_urgency.tensors(net), str(tmp_path / "weights.safetensors"))
    monkeypatch.setattr(urgency, "WEIGHTS", tmp_path / "weights.safetensors")
    copy = senses(real, tmp_path / "models")
    assert copy is not None
    read = [float(copy.read(text.text)[0]) for text in texts]
    assert read == pytest.approx(said.tolist(), abs=0.02)  # the weights are kept in half precision
    assert np.ptp(said) > 0.02
