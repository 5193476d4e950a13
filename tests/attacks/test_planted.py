"""Files that somebody has planted: an index or a model folder is read as data and never run."""

import json
import pickle
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from assistant.errors import AssistantError, ModelError
from assistant.schema import Answer
from tests.corpus_files import BREATHING, World, copied, made


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> World:
    return made(tmp_path_factory.mktemp("whole"))


class Payload:
    """Makes the file ``marker`` when it is unpickled."""

    def __init__(self, marker: Path) -> None:
        self._marker = marker

    def __reduce__(self) -> tuple[Any, ...]:
        return (Path.touch, (self._marker,))


def asked(world: World) -> Answer | AssistantError:
    try:
        return world.assistant().ask(BREATHING)
    except AssistantError as error:
        return error


@pytest.fixture
def built(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[object]]:
    """What Chroma was made to build from a configuration that lay in a store."""
    from chromadb.utils import embedding_functions

    configurations: list[object] = []

    class Planted:
        @staticmethod
        def build_from_config(configuration: object) -> None:
            configurations.append(configuration)
            raise ValueError("built")

    monkeypatch.setitem(embedding_functions.known_embedding_functions, "sentence_transformer", Planted)
    yield configurations


def plant_embedding_function(world: World, folder: str) -> None:
    """Say in every place of the store that a model with code of its own embeds its texts."""
    planted = {
        "type": "known",
        "name": "sentence_transformer",
        "config": {"model_name": folder, "kwargs": {"trust_remote_code": True}},
    }
    db = sqlite3.connect(world.build / "chroma" / "chroma.sqlite3")
    for id, configuration, schema in db.execute("select id, config_json_str, schema_str from collections").fetchall():
        config = json.loads(configuration or "{}") | {"embedding_function": planted}
        schema = _with_embedding_function(json.loads(schema), planted) if schema else None
        db.execute(
            "update collections set config_json_str = ?, schema_str = ? where id = ?",
            (json.dumps(config), json.dumps(schema) if schema else None, id),
        )
    db.commit()
    db.close()


def _with_embedding_function(part: Any, planted: object) -> Any:
    if isinstance(part, dict):
        return {
            name: planted if name == "embedding_function" else _with_embedding_function(value, planted)
            for name, value in part.items()
        }
    return [_with_embedding_function(value, planted) for value in part] if isinstance(part, list) else part


def test_an_embedding_function_planted_in_the_store_is_never_built(
    whole: World, built: list[object], tmp_path: Path
) -> None:
    world = copied(whole, tmp_path / "planted")
    plant_embedding_function(world, str(tmp_path))
    outcome = asked(world)
    assert built == []
    assert isinstance(outcome, AssistantError) or outcome.statements


def test_the_planted_function_would_be_built_by_whoever_looks_at_it(
    whole: World, built: list[object], tmp_path: Path
) -> None:
    """The control: this is how Chroma itself treats such a store."""
    import chromadb

    world = copied(whole, tmp_path / "planted")
    plant_embedding_function(world, str(tmp_path))
    client: Any = chromadb.PersistentClient(str(world.build / "chroma"))
    with pytest.raises(ValueError, match="built"):
        client.get_collection("vectors", embedding_function=None).configuration  # noqa: B018
    client.close()
    assert built


def test_a_pickle_planted_in_the_store_is_never_loaded(whole: World, tmp_path: Path) -> None:
    world, marker = copied(whole, tmp_path / "planted"), tmp_path / "ran"
    db = sqlite3.connect(world.build / "chroma" / "chroma.sqlite3")
    segments = [id for (id,) in db.execute("select id from segments")]
    db.close()
    for segment in segments:
        folder = world.build / "chroma" / segment
        folder.mkdir(exist_ok=True)
        (folder / "index_metadata.pickle").write_bytes(pickle.dumps(Payload(marker)))
    asked(world)
    world.ingest(rebuild=True)
    assert segments and not marker.exists()
    pickle.loads(pickle.dumps(Payload(marker)))
    assert marker.exists(), "the payload does nothing even when it is loaded"


@pytest.mark.parametrize("name", ["catalog.sqlite", "lexical.npz", "calibration.json", "build.json"])
def test_a_file_of_the_build_that_was_exchanged_is_refused_by_name(whole: World, name: str, tmp_path: Path) -> None:
    world, marker = copied(whole, tmp_path / "planted"), tmp_path / "ran"
    (world.build / name).write_bytes(pickle.dumps(Payload(marker)))
    outcome = asked(world)
    assert isinstance(outcome, AssistantError) and name in outcome.message and "ingest.py --rebuild" in outcome.cure
    assert not marker.exists()


@pytest.mark.model
def test_a_model_folder_with_a_pickle_or_with_code_is_refused(tmp_path: Path) -> None:
    from assistant.embedding import load_embedder

    marker = tmp_path / "ran"
    pickled, coded = tmp_path / "pickled", tmp_path / "coded"
    sizes = {
        "hidden_size": 8,
        "num_hidden_layers": 1,
        "num_attention_heads": 1,
        "intermediate_size": 8,
        "vocab_size": 8,
    }
    for folder in (pickled, coded):
        folder.mkdir()
        (folder / "config.json").write_text(json.dumps({"model_type": "bert", "architectures": ["BertModel"], **sizes}))
        (folder / "vocab.txt").write_text("[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\na\nb\nc\n")
        (folder / "pytorch_model.bin").write_bytes(pickle.dumps(Payload(marker)))
    (coded / "planted.py").write_text(f"import pathlib\npathlib.Path({str(marker)!r}).touch()\nclass Evil: pass\n")
    (coded / "modules.json").write_text(json.dumps([{"idx": 0, "name": "0", "path": "", "type": "planted.Evil"}]))
    for folder in (pickled, coded):
        with pytest.raises(ModelError, match="cannot be loaded"):
            load_embedder(str(folder), tmp_path)
    assert not marker.exists()
