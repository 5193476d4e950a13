"""Train the weights by which assistant/lacks.py judges what an answer lacks, and the direction of assistant/unsaid.py.

    python tests/bench/train_gaps.py               report: each writer's questions by what was trained on the others'
    python tests/bench/train_gaps.py --write       and write assistant/rules/gaps.json and unsaid.json
    python tests/bench/train_gaps.py --features    first compute the features anew, from the index and the question sets

Questions whose answer is left out and questions whose answer is given: those of corpus/questions.jsonl, and of questions_near,
questions_gaps_dev, questions_gaps_aside, questions_voices and questions_judged in tests/data (all written for the project, CC BY
4.0), as far as they are answered and neither a rule of assistant/gaps.py nor assistant/people.py tells what is missing. Features,
labels and writers are kept in tests/data/gap_features.npz, without a word of the texts, so that all can be trained again without
model and index.

The direction is fitted first. What it says of a question that the weights are trained on comes from a direction that saw no
question of its writer: else they would trust it too much.

Of a question whose answer is left out, one of its candidates is right, and nobody noted which: the likeliest counts, and is chosen
anew with the weights of each round (multiple-instance learning). Of a question whose answer is given all are wrong: the two
likeliest count.
"""

import argparse
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from scipy.optimize import minimize
from scipy.special import expit

from assistant import answering, extraction, followup, gaps, lacks, people, unsaid
from assistant.answering import Assistant
from assistant.coverage import Asked
from assistant.live import COVERED
from assistant.remainder import trained_directions
from assistant.settings import load_settings

DATA = Path(__file__).parents[1] / "data"
RULES = Path(lacks.__file__).parent / "rules"
WEIGHTS, DIRECTION = RULES / "gaps.json", RULES / "unsaid.json"
STORED = DATA / "gap_features.npz"
SETS = ("questions", "near", "gaps_dev", "gaps_aside", "voices", "judged")
START = {"noted": -1.0, "lead": 5.0, "same": 2.0, "kind": -1.0, "off": 5.0, "can be given": -1.0, "giver off": 5.0}
UNSAID = lacks.FEATURES.index("unsaid")
UNSAID_SCALE = 3.0  # log odds of the direction in 1 of its feature
STEPS = 512  # in 1 of what is stored of what is left of a question
ROUNDS = 12
WRONG = 2  # candidates of a question whose answer is given that count
RIDGE = 1.0
DIRECTION_RIDGE = 1.0
OF_SET_COUNTS = 3.0  # a question of the question set, as in train_coverage.py
LEFT_OUT_COUNTS = 2.0  # against a question whose answer is given, for the direction: they are fewer
FOLDS = 4
SHOWN_AT = (gaps.TOLD_FROM - 0.3, gaps.TOLD_FROM, gaps.TOLD_FROM + 0.3)


@dataclass(frozen=True)
class Example:
    """What the answer to one question may lack."""

    features: np.ndarray  # (candidates, features), "unsaid" left open
    left: np.ndarray  # (dimension,): what the nearest sentence does not carry of the question
    due: bool  # something is missing
    writer: str

    @property
    def counts(self) -> float:
        return OF_SET_COUNTS if self.writer == SETS[0] else 1.0


@dataclass(frozen=True)
class Trained:
    """Weights (features,), and direction (dimension,) with what answered questions have along it."""

    weights: np.ndarray
    direction: np.ndarray
    usual: float

    def odds(self, example: Example) -> float:
        """Return the log odds of the likeliest lack."""
        along = float(example.left @ self.direction) - self.usual
        return float((with_unsaid(example, along) @ self.weights).max(initial=-9.0))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--write", action="store_true", help="write the weights and the direction")
    parser.add_argument("--features", action="store_true", help="compute the features anew")
    options = parser.parse_args()
    if options.features:
        store(list(asked()))
    examples = stored()
    odds = by_writer(examples)
    for writer in dict.fromkeys(example.writer for example in examples):
        rows = [row for row, example in enumerate(examples) if example.writer == writer]
        report(writer, odds[rows], [examples[row] for row in rows])
    report("all of these", odds, examples)
    if options.write:
        weights, direction = written(trained(examples))
        WEIGHTS.write_text(json.dumps(weights, indent=1) + "\n", encoding="utf-8")
        DIRECTION.write_text(json.dumps(direction) + "\n", encoding="utf-8")


def report(name: str, odds: np.ndarray, examples: Sequence[Example]) -> None:
    due = np.array([example.due for example in examples])
    print(f"{name}: {due.sum()} left out, {(~due).sum()} given", end="")
    for least in SHOWN_AT:
        told = odds > least
        print(f"; from {least:.1f} told {told[due].mean():.3f}, wrongly {told[~due].mean():.3f}", end="")
    print()


def by_writer(examples: Sequence[Example]) -> np.ndarray:
    """Return the log odds that something is missing, each by what was trained on no question of its writer."""
    odds = np.zeros(len(examples))
    for writer in dict.fromkeys(example.writer for example in examples):
        found = trained([example for example in examples if example.writer != writer])
        for row, example in enumerate(examples):
            if example.writer == writer:
                odds[row] = found.odds(example)
    return odds


def asked() -> Iterator[Example]:
    settings = load_settings()
    live = Assistant.open(settings)._live()
    lexical, entry = live.retriever.lexical, live.retriever.catalog.entry
    for name in SETS:
        path = settings.corpus / "questions.jsonl" if name == "questions" else DATA / f"questions_{name}.jsonl"
        for line in path.read_text(encoding="utf-8").splitlines():
            item = json.loads(line)
            if item["kind"] not in ("answered", "partial"):
                continue
            question = item["question"]
            query = live.retriever.query(
                followup.completed(question, item.get("history", []), live.covered, live.carried)
            )
            hits = live.found(query, question)
            confidence = live.confidence(query, hits, question)
            if confidence < COVERED:
                continue
            chosen = extraction.choose_hits(hits)
            entries = [entry(hit.document.id) for hit in chosen]
            others = [entry(hit.document.id) for hit in hits[: answering.FOUND] if hit not in chosen]
            told = people.unspoken(query.text, [entry.document for entry in entries])
            if told or gaps.by_rule(question, query, entries, others, lexical):
                continue
            wanted = Asked.of(query, lexical)
            rows = [lack.row() for lack in lacks.lacks(question, query, entries, others, wanted, confidence)]
            left = unsaid.beyond(query.vector, np.vstack([entry.sentence_vectors for entry in entries]))
            writer = item["id"][0] if name == "voices" else item.get("writer", name)
            yield Example(np.array(rows).reshape(-1, len(lacks.FEATURES)), left, item["kind"] == "partial", writer)


def store(examples: Sequence[Example]) -> None:
    left = np.array([example.left for example in examples])
    np.savez_compressed(
        STORED,
        features=np.vstack([example.features for example in examples]).astype(np.float32),
        lengths=np.array([len(example.features) for example in examples], dtype=np.int16),
        left=np.clip(np.rint(left * STEPS), -127, 127).astype(np.int8),
        due=np.array([example.due for example in examples]),
        writers=np.array([example.writer for example in examples]),
    )


def stored() -> list[Example]:
    """Return the examples as ``store`` kept them."""
    with np.load(STORED, allow_pickle=False) as arrays:
        rows = np.split(arrays["features"].astype(np.float64), np.cumsum(arrays["lengths"])[:-1])
        left = arrays["left"].astype(np.float64) / STEPS
        parts = zip(rows, left, arrays["due"], arrays["writers"], strict=True)
        return [Example(features, rest, bool(due), str(writer)) for features, rest, due, writer in parts]


def trained(examples: Sequence[Example]) -> Trained:
    """Return the direction from all of ``examples``, and weights that take it as it does on writers whom it has not seen."""
    writers = list(dict.fromkeys(example.writer for example in examples))
    fold = {writer: number % FOLDS for number, writer in enumerate(writers)}
    rows: list[np.ndarray] = [np.empty(0)] * len(examples)
    for held in range(FOLDS):
        direction, usual = fitted_direction([example for example in examples if fold[example.writer] != held])
        for row, example in enumerate(examples):
            if fold[example.writer] == held:
                rows[row] = with_unsaid(example, float(example.left @ direction) - usual)
    return Trained(fitted_weights(rows, examples), *fitted_direction(examples))


def with_unsaid(example: Example, along: float) -> np.ndarray:
    features = example.features.copy()
    features[:, UNSAID] = along
    return features


def fitted_direction(examples: Sequence[Example]) -> tuple[np.ndarray, float]:
    """Return the direction (dimension,) that tells the two kinds of question apart, and what answered ones have along it."""
    left, due = np.array([example.left for example in examples]), np.array([example.due for example in examples])
    inputs = np.column_stack([np.ones(len(left)), left])
    counts = np.where(due, LEFT_OUT_COUNTS, 1.0) * [example.counts for example in examples]
    weights = _fitted(inputs, due, counts, np.zeros(inputs.shape[1]), DIRECTION_RIDGE)
    direction = weights[1:] / UNSAID_SCALE
    return direction, float((left[~due] @ direction).mean())


def fitted_weights(rows: Sequence[np.ndarray], examples: Sequence[Example]) -> np.ndarray:
    """Return one weight a feature; ``rows``: of each of ``examples`` (candidates, features)."""
    weights = np.array([START.get(name, 0.0) for name in lacks.FEATURES])
    most = [1 if example.due else WRONG for example in examples]
    for _ in range(ROUNDS):
        best = [of[np.argsort(-(of @ weights), kind="stable")[:count]] for of, count in zip(rows, most, strict=True)]
        sizes = [len(of) for of in best]
        right = np.repeat([example.due for example in examples], sizes)
        counts = np.repeat([example.counts for example in examples], sizes) * np.where(right, 1.0, 1.4 / WRONG)
        weights = _fitted(np.vstack(best), right, counts, weights, RIDGE)
    return weights


def _fitted(rows: np.ndarray, right: np.ndarray, counts: np.ndarray, start: np.ndarray, ridge: float) -> np.ndarray:
    """Return weights by ridge-penalised maximum likelihood."""

    def loss(weights: np.ndarray) -> tuple[float, np.ndarray]:
        odds = rows @ weights
        value = counts @ (np.logaddexp(0, odds) - odds * right)
        return float(value + ridge * weights @ weights / 2), rows.T @ (counts * (expit(odds) - right)) + ridge * weights

    return np.asarray(minimize(loss, start, jac=True, method="L-BFGS-B").x)


def written(found: Trained) -> tuple[dict[str, object], dict[str, object]]:
    """Return what is written to gaps.json and to unsaid.json."""
    weights = {name: round(float(weight), 3) for name, weight in zip(lacks.FEATURES, found.weights, strict=True)}
    direction = [round(float(part), 3) for part in found.direction]
    return {"weights": weights}, {"model": trained_directions()[0].model, "usual": round(found.usual, 4), "direction": direction}


if __name__ == "__main__":
    main()
