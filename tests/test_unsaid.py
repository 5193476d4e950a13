"""What a question asks beyond the nearest sentence that is quoted."""

import numpy as np
import pytest

from assistant.unsaid import beyond, trained_direction, unsaid

SENTENCES = np.array([[1.0, 0.0, 0.0], [0.0, 1.0, 0.0]], dtype=np.float32)


def test_what_is_left_is_at_right_angles_to_the_nearest_sentence() -> None:
    left = beyond(np.array([0.8, 0.1, 0.6], dtype=np.float32), SENTENCES)
    assert left == pytest.approx([0.0, 0.1, 0.6])


def test_of_a_question_without_a_sentence_all_is_left() -> None:
    question = np.array([0.6, 0.8, 0.0], dtype=np.float32)
    assert np.array_equal(beyond(question, SENTENCES[:0]), question)


def test_it_counts_from_answered_questions_on_and_in_the_space_of_its_own_model_only() -> None:
    direction = trained_direction()
    along = direction.vector / (direction.vector @ direction.vector)
    assert unsaid(along * 3, direction.model) == pytest.approx(3 - direction.usual, abs=1e-4)
    assert unsaid(along * 3, "another") == 0.0 == unsaid(np.ones(3, dtype=np.float32), "")
