"""Words that name a thing are told from words of doing, time and manner."""

from pathlib import Path

import numpy as np
import pytest

from assistant.embedding import load_embedder
from assistant.lexicon import stem
from assistant.things import UNKNOWN, named, probabilities

CHECKED = 40  # one in so many words is judged anew


def test_the_surest_word_counts() -> None:
    assert named([stem("often"), stem("horse")]) > 0.8 > 0.3 > named([stem("often")])
    assert named([]) == 0.0


def test_a_word_that_is_not_listed_may_be_either() -> None:
    assert named(["spatchcock"]) == UNKNOWN


def test_every_listed_probability_is_one() -> None:
    assert all(0.0 <= probability <= 1.0 for probability in probabilities().values())


@pytest.mark.model
def test_the_list_is_what_the_script_gives_and_carries_over_to_words_that_it_never_saw(model_cache: Path) -> None:
    from tests.bench import train_things

    embedder = load_embedder("all-MiniLM-L6-v2", model_cache)
    vectors, things = train_things.examples(embedder)
    assert train_things.told_apart(vectors, things) > 0.9
    known = sorted(word for word in embedder.words if word.isascii() and word.islower())
    told = train_things.as_told()
    words = [word for word in known if word == stem(word) and word not in told][::CHECKED]
    judged = train_things.judge(embedder, vectors, things)(words)
    listed = np.array([probabilities()[word] for word in words])
    assert all(probabilities().get(name, told[name]) == told[name] for name in told)  # an example is what it is said to be
    assert (listed >= judged - 0.06).all()  # of the words of one stem the surest counts
    assert np.mean(listed <= judged + 0.06) > 0.6
