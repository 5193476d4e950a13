"""Run a door of the product as a user does, with the fake model in place of the real one.

    python -m tests.with_fake_model [--seconds S] ingest.py --dry-run
    python -m tests.with_fake_model [--seconds S] -m assistant ask "..."

``--seconds`` makes every call of the model last that long.
"""

import runpy
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from assistant import answering, ingestion
from assistant.embedding import Embedder, Progress, Vectors
from tests.fake_model import FakeEmbedder


class SlowEmbedder(FakeEmbedder):
    def __init__(self, seconds: float) -> None:
        super().__init__()
        self.seconds = seconds

    def embed(self, texts: Sequence[str], progress: Progress | None = None) -> Vectors:
        if texts:
            time.sleep(self.seconds)
        return super().embed(texts, progress)


def main(arguments: list[str]) -> None:
    seconds = 0.0
    if arguments[0] == "--seconds":
        seconds, arguments = float(arguments[1]), arguments[2:]

    def load(model: str, cache: Path) -> Embedder:
        return SlowEmbedder(seconds)

    answering.load_embedder = ingestion.load_embedder = load  # type: ignore[attr-defined]
    if arguments[0] == "-m":
        sys.argv = arguments[1:]
        runpy.run_module(arguments[1], run_name="__main__", alter_sys=True)
    else:
        sys.argv = arguments
        runpy.run_path(str(Path(__file__).parents[1] / arguments[0]), run_name="__main__")


if __name__ == "__main__":
    main(sys.argv[1:])
