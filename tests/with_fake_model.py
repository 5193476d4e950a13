"""Run a door of the product as a user does, with the fake model in place of the real one.

    python -m tests.with_fake_model [--until FILE] ingest.py --dry-run
    python -m tests.with_fake_model [--until FILE] -m assistant ask "..."

``--until`` makes the model wait until there is such a file.
"""

import runpy
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from assistant import answering, ingestion
from assistant.embedding import Embedder, Progress, Vectors
from tests.fake_model import FakeEmbedder


class WaitingEmbedder(FakeEmbedder):
    def __init__(self, file: Path) -> None:
        super().__init__()
        self.file = file

    def embed(self, texts: Sequence[str], progress: Progress | None = None) -> Vectors:
        while texts and not self.file.exists():
            time.sleep(0.02)
        return super().embed(texts, progress)


def main(arguments: list[str]) -> None:
    file = Path(__file__)
    if arguments[0] == "--until":
        file, arguments = Path(arguments[1]), arguments[2:]

    def load(model: str, cache: Path) -> Embedder:
        return WaitingEmbedder(file)

    answering.load_embedder = ingestion.load_embedder = load  # type: ignore[attr-defined]
    if arguments[0] == "-m":
        sys.argv = arguments[1:]
        runpy.run_module(arguments[1], run_name="__main__", alter_sys=True)
    else:
        sys.argv = arguments
        runpy.run_path(str(Path(__file__).parents[1] / arguments[0]), run_name="__main__")


if __name__ == "__main__":
    main(sys.argv[1:])
