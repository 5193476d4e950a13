"""What the project writes is readable by its owner only, and a question is in none of it."""

import os
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from assistant.feedback import Notebook
from assistant.privacy import private_files
from assistant.runs import write_private
from tests.corpus_files import World, write


@pytest.fixture(autouse=True)
def usual_mask() -> Iterator[None]:
    """What most systems set: files that everyone may read."""
    before = os.umask(0o022)
    yield
    os.umask(before)


def too_open(folder: Path) -> list[str]:
    """The files and folders below ``folder`` that others may look into."""
    paths = [folder, *folder.rglob("*")]
    return [f"{stat.filemode(path.stat().st_mode)} {path}" for path in paths if path.stat().st_mode & 0o077]


def test_the_whole_index_and_what_is_copied_into_the_corpus_is_private(tmp_path: Path) -> None:
    world = World(tmp_path)
    write(world.corpus)
    page = tmp_path / "pool.txt"
    page.write_text("How warm should the pool be?\n\nPia Sund\n\nThe pool is warm enough when nobody shivers.\n")
    world.ingest([page])
    world.assistant().ask("How warm should the pool be?")
    assert len(list(world.index.rglob("*"))) > 8
    assert too_open(world.index) == []
    assert too_open(world.corpus / "added") == []


def test_reports_and_feedback_are_private(tmp_path: Path) -> None:
    write_private(tmp_path / "runs" / "one" / "report.json", "{}")
    Notebook(tmp_path / "feedback").keep_verdict("helpful", [], "build")
    Notebook(tmp_path / "feedback").note_question("Why?", "build")
    assert too_open(tmp_path / "runs") == too_open(tmp_path / "feedback") == []


def test_without_the_mask_the_same_files_would_be_open(tmp_path: Path) -> None:
    (tmp_path / "open").write_text("")
    with private_files():
        (tmp_path / "closed").write_text("")
    (tmp_path / "open again").write_text("")
    assert {line.split("/")[-1] for line in too_open(tmp_path)} == {"open", "open again"}


@pytest.mark.model
def test_the_exported_model_is_private(tmp_path: Path) -> None:
    from assistant.embedding import load_embedder
    from assistant.exported import BUILT_IN_MODEL

    load_embedder(BUILT_IN_MODEL, tmp_path / "models")
    assert len(list((tmp_path / "models").rglob("*.onnx"))) == 1
    assert too_open(tmp_path / "models") == []
