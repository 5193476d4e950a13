"""Judge which words name a thing, for assistant/things.py, by the examples of tests/data/words.yaml (CC BY 4.0).

    python tests/bench/train_things.py            report, by five-fold cross-validation
    python tests/bench/train_things.py --write    and write assistant/rules/things.json

A logistic regression over the vector of the word alone learns from the examples and judges every word that the model has a
token for (half a minute); of the words of one stem the surest counts.
"""

import argparse
import json
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import yaml

from assistant import things
from assistant.calibration import fit
from assistant.embedding import Embedder, load_embedder
from assistant.lexicon import stem
from assistant.settings import load_settings

WORDS = Path(__file__).parents[1] / "data" / "words.yaml"
JUDGED = Path(things.__file__).parent / "rules" / "things.json"
SCALE = 4.0  # of unit vectors, so that the penalty on the weights leaves room to tell words apart
FOLDS = 5


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--write", action="store_true", help="write the weights")
    options = parser.parse_args()
    settings = load_settings()
    embedder = load_embedder(settings.model, settings.index / "models")
    vectors, named = examples(embedder)
    print(f"{named.sum()} things, {(~named).sum()} others: {told_apart(vectors, named):.3f} told apart, {FOLDS}-fold")
    if options.write:
        words = sorted(word for word in embedder.words if word.isascii() and word.islower())
        judged = by_stem(words, judge(embedder, vectors, named)(words)) | as_told()
        JUDGED.write_text(json.dumps(in_tenths(judged), indent=0) + "\n", encoding="utf-8")


def examples(embedder: Embedder) -> tuple[np.ndarray, np.ndarray]:
    """Return the vectors of the words (n, dimension), scaled, and which of them name a thing (n,)."""
    listed = told()
    words = [*listed["things"], *listed["others"]]
    return embedder.embed(words) * SCALE, np.arange(len(words)) < len(listed["things"])


def told() -> dict[str, list[str]]:
    return {kind: text.split() for kind, text in yaml.safe_load(WORDS.read_text(encoding="utf-8")).items()}


def as_told() -> dict[str, float]:
    """Return the stems of the examples by what is told of them; a stem of both kinds names a thing."""
    listed = told()
    return {stem(word): 0.0 for word in listed["others"]} | {stem(word): 1.0 for word in listed["things"]}


def told_apart(vectors: np.ndarray, named: np.ndarray) -> float:
    """Return the share of the words that weights which never saw them put on the right side."""
    fold_of = np.random.default_rng(0).permutation(len(named)) % FOLDS
    right = np.zeros(len(named), dtype=bool)
    for fold in range(FOLDS):
        held = fold_of == fold
        bias, weights = fit(vectors[~held], named[~held])
        right[held] = (vectors[held] @ weights + bias > 0) == named[held]
    return float(right.mean())


def judge(embedder: Embedder, vectors: np.ndarray, named: np.ndarray) -> Callable[[Sequence[str]], np.ndarray]:
    """Return what gives the probability (n,) of n words, learned from the examples."""
    bias, weights = fit(vectors, named)
    return lambda words: 1 / (1 + np.exp(-(embedder.embed(words) * SCALE @ weights + bias)))


def by_stem(words: Sequence[str], probabilities: np.ndarray) -> dict[str, float]:
    judged: dict[str, float] = {}
    for word, probability in zip(words, probabilities, strict=True):
        judged[stem(word)] = max(judged.get(stem(word), 0.0), float(probability))
    return judged


def in_tenths(judged: dict[str, float]) -> dict[str, str]:
    """Return probability -> stems, in the order of both."""
    stems: dict[str, list[str]] = {}
    for name in sorted(judged):
        stems.setdefault(f"{judged[name]:.1f}", []).append(name)
    return {probability: " ".join(stems[probability]) for probability in sorted(stems)}


if __name__ == "__main__":
    main()
