"""What no sentence found carries of a question."""

from collections.abc import Iterator

import numpy as np
import pytest

from assistant.builds import Builds
from assistant.embedding import Vectors
from assistant.remainder import COSINE, COSINES, PRODUCT, VECTORS, Direction, remainder, trained_directions
from assistant.retrieval import Retriever
from tests.corpus_files import made
from tests.fake_model import FakeEmbedder

ALONG = Direction("a", np.array([1.0, 0.0], dtype=np.float32), 0.25)


@pytest.fixture(scope="module")
def retriever(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Retriever]:
    retriever = Retriever(Builds(made(tmp_path_factory.mktemp("remainder")).index).current(), FakeEmbedder())
    yield retriever
    retriever.close()


def parts(left: Vectors) -> tuple[list[Vectors], list[float]]:
    """The vectors and the cosines of a remainder."""
    return np.split(left[:-COSINES], VECTORS), (left[-COSINES:] / COSINE).tolist()


def test_it_is_at_right_angles_to_the_nearest_sentence_and_completes_it(retriever: Retriever) -> None:
    query = retriever.query("does the kneecap hurt in a squat on a Tuesday")
    hits = retriever.search(query)
    (left, squares, agreed, *_), _ = parts(remainder(query, hits, retriever))
    sentences = np.concatenate([retriever.catalog.entry(hit.document.id).sentence_vectors for hit in hits[:3]])
    nearest = sentences[int(np.argmax(sentences @ query.vector))].astype(float)
    assert left @ nearest == pytest.approx(0, abs=1e-3)
    assert squares == pytest.approx(PRODUCT * left**2) and agreed.sum() == pytest.approx(PRODUCT * nearest @ query.vector, abs=1e-2)
    assert np.linalg.norm(left) == pytest.approx(np.sqrt(1 - (nearest @ query.vector) ** 2), abs=1e-2)


def test_it_holds_what_the_nearest_wording_of_the_best_page_leaves_and_how_near_that_is(retriever: Retriever) -> None:
    query = retriever.query("does the kneecap hurt in a squat on a Tuesday")
    hits = retriever.search(query)
    (*_, left, agreed), (of_wording, of_passage) = parts(remainder(query, hits, retriever))
    assert of_wording == pytest.approx(hits[0].question_cosine, abs=1e-5)
    assert of_passage == pytest.approx(hits[0].passage_cosine, abs=1e-5)
    assert agreed.sum() == pytest.approx(PRODUCT * hits[0].question_cosine, abs=1e-3)
    assert np.linalg.norm(left) == pytest.approx(np.sqrt(1 - hits[0].question_cosine**2), abs=1e-3)


def test_a_wording_that_is_asked_does_not_count(retriever: Retriever) -> None:
    entry = next(entry for entry in retriever.catalog.entries() if entry.document.also_asked)
    query = retriever.query(entry.document.also_asked[0])
    hits = [hit for hit in retriever.search(query) if hit.document.id == entry.document.id]
    _, (as_asked, _) = parts(remainder(query, hits, retriever))
    _, (otherwise, _) = parts(remainder(query, hits, retriever, unasked=query.text))
    others = np.delete(entry.question_vectors, 1, axis=0)
    assert as_asked == pytest.approx(1.0, abs=1e-3) and otherwise == pytest.approx(float((others @ query.vector).max()), abs=1e-3)


def test_where_a_page_has_no_other_wording_its_nearest_passage_takes_its_place(retriever: Retriever) -> None:
    entry = next(entry for entry in retriever.catalog.entries() if not entry.document.also_asked)
    query = retriever.query(entry.document.question)
    hits = [hit for hit in retriever.search(query) if hit.document.id == entry.document.id]
    _, (of_wording, of_passage) = parts(remainder(query, hits, retriever, unasked=query.text))
    assert of_wording == of_passage == pytest.approx(hits[0].passage_cosine, abs=1e-3)


def test_a_question_that_a_sentence_says_leaves_nothing(retriever: Retriever) -> None:
    entry = retriever.catalog.entry(retriever.search(retriever.query("kneecap in a squat"))[0].document.id)
    sentence = entry.sentences[0]
    query = retriever.query(entry.document.text[sentence.start : sentence.end])
    (left, *_), _ = parts(remainder(query, retriever.search(query), retriever))
    assert np.linalg.norm(left) < 0.1


def test_where_nothing_is_found_all_is_left(retriever: Retriever) -> None:
    query = retriever.query("kneecap")
    (left, squares, agreed, of_wording, agreed_with_it), cosines = parts(remainder(query, [], retriever))
    assert (left == query.vector).all() and squares.sum() == pytest.approx(PRODUCT) and not agreed.any()
    assert (of_wording == query.vector).all() and not agreed_with_it.any() and cosines == [0.0, 0.0]


def test_a_direction_counts_in_the_space_of_its_own_model_only() -> None:
    left = np.array([0.5, 3.0], dtype=np.float32)
    assert (ALONG.along(left, "a"), ALONG.along(left, "b")) == (0.5, 0.0)
    assert (ALONG.usual_from(1.0, "a"), ALONG.usual_from(1.0, "b")) == (1.25, 0.0)


def test_the_trained_directions_are_of_the_width_of_the_built_in_model() -> None:
    for direction in trained_directions():
        assert direction.vector.shape == (VECTORS * 384 + COSINES,) and np.linalg.norm(direction.vector) > 1
