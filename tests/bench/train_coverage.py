"""Train the weights of assistant/coverage.py on the project's own question set (corpus/questions.jsonl, CC BY 4.0).

    python tests/bench/train_coverage.py            report, by five-fold cross-validation
    python tests/bench/train_coverage.py --write    and write assistant/rules/coverage.json

Covered, paraphrased, opposing and follow-up questions count as covered; out-of-scope ones as not covered, without those that
are referred to a professional before retrieval. Questions of the other classes are left out: they are partly covered.
"""

import argparse
import json
from pathlib import Path

import numpy as np

from assistant import coverage, followup, safety
from assistant.answering import Assistant
from assistant.settings import load_settings

COVERED = ("covered", "paraphrase", "opposing", "follow_up")
WEIGHTS = Path(coverage.__file__).parent / "rules" / "coverage.json"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--write", action="store_true", help="write the weights")
    options = parser.parse_args()
    classes, rows = examples()
    covered = np.isin(classes, COVERED)
    probabilities = cross_validated(rows, covered)
    for name in sorted(set(classes)):
        of_class = probabilities[classes == name]
        print(
            f"{name:13}{len(of_class):4}  below .4/.5/.6/.7:",
            *(f"{(of_class < cut).mean():.3f}" for cut in (0.4, 0.5, 0.6, 0.7)),
        )
    print(f"AUROC {auroc(probabilities, covered):.3f}  ECE {calibration_error(probabilities, covered):.3f}")
    intercept, weights = coverage.fit(rows, covered)
    named = {name: round(float(weight), 4) for name, weight in zip(coverage.FEATURES, weights, strict=True)}
    print(json.dumps({"intercept": round(intercept, 4), "weights": named}))
    if options.write:
        WEIGHTS.write_text(
            json.dumps({"intercept": round(intercept, 4), "weights": named}, indent=1) + "\n", encoding="utf-8"
        )


def examples() -> tuple[np.ndarray, np.ndarray]:
    """Return the class of each question (n,) and its standardised features (n, features)."""
    settings = load_settings()
    live = Assistant.open(settings)._live()
    classes, rows = [], []
    for line in (settings.corpus / "questions.jsonl").read_text(encoding="utf-8").splitlines():
        item = json.loads(line)
        outside = item["class"] == "out_of_scope" and safety.referral(item["question"]) is safety.Referral.NONE
        if item["class"] in COVERED or outside:
            query = live.retriever.query(followup.completed(item["question"], item.get("history", []), live.covered))
            rows.append(coverage.features(query, live.retriever.search(query), live.retriever))
            classes.append(item["class"])
    return np.array(classes), live.calibration.standardised(np.array(rows))


def cross_validated(rows: np.ndarray, covered: np.ndarray, folds: int = 5) -> np.ndarray:
    """Return each question's probability by a model that did not see it."""
    order = np.random.default_rng(0).permutation(len(rows))
    probabilities = np.zeros(len(rows))
    for fold in range(folds):
        held = order[fold::folds]
        seen = np.setdiff1d(order, held)
        intercept, weights = coverage.fit(rows[seen], covered[seen])
        probabilities[held] = 1 / (1 + np.exp(-(intercept + rows[held] @ weights)))
    return probabilities


def auroc(probabilities: np.ndarray, covered: np.ndarray) -> float:
    wins = probabilities[covered][:, None] - probabilities[~covered][None, :]
    return float((wins > 0).mean() + (wins == 0).mean() / 2)


def calibration_error(probabilities: np.ndarray, covered: np.ndarray, bins: int = 10) -> float:
    bin_of = np.minimum((probabilities * bins).astype(int), bins - 1)
    parts = [bin_of == number for number in range(bins) if (bin_of == number).any()]
    return float(sum(part.mean() * abs(probabilities[part].mean() - covered[part].mean()) for part in parts))


if __name__ == "__main__":
    main()
