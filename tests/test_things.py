"""Words that name a thing are told from words of doing, time and manner."""

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from assistant.embedding import Progress, Vectors, load_embedder
from assistant.things import Things, trained_weights
from tests.fake_model import FakeEmbedder


class Trained:
    """Vectors that the weights hold for a thing, or for none."""

    dimension = len(trained_weights().vector)
    fingerprint = trained_weights().fingerprint
    words: frozenset[str] = frozenset()

    def __init__(self) -> None:
        self.asked: list[str] = []

    def embed(self, texts: Sequence[str], progress: Progress | None = None) -> Vectors:
        self.asked += texts
        along = trained_weights().vector / np.linalg.norm(trained_weights().vector)
        return np.array([along if text == "horse" else -along for text in texts], dtype=np.float32)


def test_the_surest_word_counts_and_a_word_is_embedded_once() -> None:
    embedder = Trained()
    things = Things(embedder)
    assert things.named(["often", "horse"]) > 0.9 > 0.1 > things.named(["often"])
    assert things.named([]) == 0.0
    assert embedder.asked == ["often", "horse"]


def test_vectors_of_another_model_hold_no_word_for_a_thing() -> None:
    assert Things(FakeEmbedder()).named(["horse", "turmeric"]) == 0.0


@pytest.mark.model
def test_the_weights_are_what_the_script_gives_and_carry_over_to_words_that_it_never_saw(model_cache: Path) -> None:
    from tests.bench import train_things

    embedder = load_embedder("all-MiniLM-L6-v2", model_cache)
    vectors, named = train_things.examples(embedder)
    given = train_things.trained(embedder, vectors, named)
    stored = json.loads(train_things.WEIGHTS.read_text(encoding="utf-8"))
    assert given["bias"] == pytest.approx(stored["bias"], abs=0.02)
    assert given["vector"] == pytest.approx(stored["vector"], abs=0.05)
    assert train_things.told_apart(vectors, named) > 0.9
