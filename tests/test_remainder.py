"""What no sentence found carries of a question."""

from collections.abc import Iterator

import numpy as np
import pytest

from assistant.builds import Builds
from assistant.remainder import PRODUCT, Direction, remainder, trained_direction
from assistant.retrieval import Retriever
from tests.corpus_files import made
from tests.fake_model import FakeEmbedder

ALONG = Direction("a", np.array([1.0, 0.0], dtype=np.float32), 0.25)


@pytest.fixture(scope="module")
def retriever(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Retriever]:
    retriever = Retriever(Builds(made(tmp_path_factory.mktemp("remainder")).index).current(), FakeEmbedder())
    yield retriever
    retriever.close()


def test_it_is_at_right_angles_to_the_nearest_sentence_and_completes_it(retriever: Retriever) -> None:
    query = retriever.query("does the kneecap hurt in a squat on a Tuesday")
    hits = retriever.search(query)
    left, squares, agreed = np.split(remainder(query, hits, retriever), 3)
    sentences = np.concatenate([retriever.catalog.entry(hit.document.id).sentence_vectors for hit in hits[:3]])
    nearest = sentences[int(np.argmax(sentences @ query.vector))].astype(float)
    assert left @ nearest == pytest.approx(0, abs=1e-3)
    assert squares == pytest.approx(PRODUCT * left**2) and agreed.sum() == pytest.approx(PRODUCT * nearest @ query.vector, abs=1e-2)
    assert np.linalg.norm(left) == pytest.approx(np.sqrt(1 - (nearest @ query.vector) ** 2), abs=1e-2)


def test_a_question_that_a_sentence_says_leaves_nothing(retriever: Retriever) -> None:
    entry = retriever.catalog.entry(retriever.search(retriever.query("kneecap in a squat"))[0].document.id)
    sentence = entry.sentences[0]
    query = retriever.query(entry.document.text[sentence.start : sentence.end])
    assert np.linalg.norm(np.split(remainder(query, retriever.search(query), retriever), 3)[0]) < 0.1


def test_where_nothing_is_found_all_is_left(retriever: Retriever) -> None:
    query = retriever.query("kneecap")
    left, squares, agreed = np.split(remainder(query, [], retriever), 3)
    assert (left == query.vector).all() and squares.sum() == pytest.approx(PRODUCT) and not agreed.any()


def test_a_direction_counts_in_the_space_of_its_own_model_only() -> None:
    left = np.array([0.5, 3.0], dtype=np.float32)
    assert (ALONG.along(left, "a"), ALONG.along(left, "b")) == (0.5, 0.0)
    assert (ALONG.usual_from(1.0, "a"), ALONG.usual_from(1.0, "b")) == (1.25, 0.0)


def test_the_trained_direction_is_of_the_width_of_the_built_in_model() -> None:
    assert trained_direction().vector.shape == (3 * 384,) and np.linalg.norm(trained_direction().vector) > 1
