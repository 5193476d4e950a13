"""Train the weights by which assistant/lacks.py judges what an answer lacks.

    python tests/bench/train_gaps.py               report, by five-fold cross-validation over pages
    python tests/bench/train_gaps.py --write       and write assistant/rules/gaps.json
    python tests/bench/train_gaps.py --features    first compute the features anew, from the index and the question sets

Questions whose answer is left out and questions whose answer is given: those of corpus/questions.jsonl, of questions_near.jsonl
and of questions_gaps_dev.jsonl (all written for the project, CC BY 4.0), as far as they are answered and no rule of
assistant/gaps.py tells what is missing. questions_gaps_aside.jsonl is reported by weights that have not seen it; the weights that are written have. Features, labels and pages are
kept in tests/data/gap_features.npz, without a word of the texts, so that the weights can be trained again without model and index.

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

from assistant import answering, extraction, followup, gaps, lacks
from assistant.answering import Assistant
from assistant.live import COVERED
from assistant.settings import load_settings

DATA = Path(__file__).parents[1] / "data"
WEIGHTS = Path(lacks.__file__).parent / "rules" / "gaps.json"
STORED = DATA / "gap_features.npz"
SETS = ("questions", "near", "gaps_dev", "gaps_aside")
ASIDE = SETS.index("gaps_aside")
START = {"noted": -1.0, "lead": 5.0, "same": 2.0, "kind": -1.0, "off": 5.0, "can be given": -1.0, "giver off": 5.0}
ROUNDS = 12
WRONG = 2  # candidates of a question whose answer is given that count
RIDGE = 1.0
FOLDS = 5
SHOWN_AT = (gaps.TOLD_FROM - 0.3, gaps.TOLD_FROM, gaps.TOLD_FROM + 0.3)


@dataclass(frozen=True)
class Example:
    """What the answer to one question may lack."""

    features: np.ndarray  # (candidates, features)
    due: bool  # something is missing
    group: str  # questions on one page fall into one fold
    of: int  # the set, by its place in SETS


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--write", action="store_true", help="write the weights")
    parser.add_argument("--features", action="store_true", help="compute the features anew")
    options = parser.parse_args()
    if options.features:
        store(list(asked()))
    examples = stored()
    seen = [example for example in examples if example.of != ASIDE]
    odds = cross_validated(seen)
    for number, name in enumerate(SETS[:ASIDE]):
        rows = [row for row, example in enumerate(seen) if example.of == number]
        report(name, odds[rows], [seen[row] for row in rows])
    report("all of these", odds, seen)
    unseen = fit(seen)
    aside = [example for example in examples if example.of == ASIDE]
    report("gaps_aside", np.array([highest(example, unseen) for example in aside]), aside)
    fields = {"weights": named(fit(examples))}
    print(json.dumps(fields))
    if options.write:
        WEIGHTS.write_text(json.dumps(fields, indent=1) + "\n", encoding="utf-8")


def report(name: str, odds: np.ndarray, examples: Sequence[Example]) -> None:
    due = np.array([example.due for example in examples])
    print(f"{name}: {due.sum()} left out, {(~due).sum()} given", end="")
    for least in SHOWN_AT:
        told = odds > least
        print(f"; from {least:.1f} told {told[due].mean():.3f}, wrongly {told[~due].mean():.3f}", end="")
    print()


def asked() -> Iterator[Example]:
    settings = load_settings()
    live = Assistant.open(settings)._live()
    lexical, entry = live.retriever.lexical, live.retriever.catalog.entry
    for number, name in enumerate(SETS):
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
            if gaps.by_rule(question, query, entries, others, lexical):
                continue
            rows = [lack.row() for lack in lacks.lacks(question, query, entries, others, lexical, confidence)]
            page = (
                max(item["documents"], key=item["documents"].get) if item.get("documents") else entries[0].document.page
            )
            yield Example(np.array(rows).reshape(-1, len(lacks.FEATURES)), item["kind"] == "partial", page[:3], number)


def store(examples: Sequence[Example]) -> None:
    groups = {group: number for number, group in enumerate(dict.fromkeys(example.group for example in examples))}
    np.savez_compressed(
        STORED,
        features=np.vstack([example.features for example in examples]).astype(np.float32),
        lengths=np.array([len(example.features) for example in examples], dtype=np.int16),
        due=np.array([example.due for example in examples]),
        groups=np.array([groups[example.group] for example in examples], dtype=np.int16),
        of=np.array([example.of for example in examples], dtype=np.int8),
    )


def stored() -> list[Example]:
    """Return the examples as ``store`` kept them."""
    with np.load(STORED, allow_pickle=False) as arrays:
        rows = np.split(arrays["features"].astype(np.float64), np.cumsum(arrays["lengths"])[:-1])
        parts = zip(rows, arrays["due"], arrays["groups"], arrays["of"], strict=True)
        return [Example(features, bool(due), str(group), int(of)) for features, due, group, of in parts]


def fit(examples: Sequence[Example]) -> np.ndarray:
    """Return one weight a feature."""
    weights = np.array([START.get(name, 0.0) for name in lacks.FEATURES])
    for _ in range(ROUNDS):
        rows, right = [], []
        for example in examples:
            best = np.argsort(-(example.features @ weights), kind="stable")[: 1 if example.due else WRONG]
            rows.append(example.features[best])
            right += [example.due] * len(best)
        weights = _fitted(np.vstack(rows), np.array(right), weights)
    return weights


def _fitted(rows: np.ndarray, right: np.ndarray, start: np.ndarray) -> np.ndarray:
    share = np.where(right, 1.0, 1.4 / WRONG)

    def loss(weights: np.ndarray) -> tuple[float, np.ndarray]:
        odds = rows @ weights
        value = share @ (np.logaddexp(0, odds) - odds * right) + RIDGE * weights @ weights / 2
        return float(value), rows.T @ (share * (expit(odds) - right)) + RIDGE * weights

    return np.asarray(minimize(loss, start, jac=True, method="L-BFGS-B").x)


def highest(example: Example, weights: np.ndarray) -> float:
    return float((example.features @ weights).max(initial=-9.0))


def named(weights: np.ndarray) -> dict[str, float]:
    return {name: round(float(weight), 3) for name, weight in zip(lacks.FEATURES, weights, strict=True)}


def cross_validated(examples: Sequence[Example]) -> np.ndarray:
    """Return the log odds that something is missing, each by weights that saw no question on its page."""
    names = sorted({example.group for example in examples})
    fold = dict(zip(names, np.random.default_rng(0).permutation(len(names)) % FOLDS, strict=True))
    odds = np.zeros(len(examples))
    for held in range(FOLDS):
        weights = fit([example for example in examples if fold[example.group] != held])
        for row, example in enumerate(examples):
            if fold[example.group] == held:
                odds[row] = highest(example, weights)
    return odds


if __name__ == "__main__":
    main()
