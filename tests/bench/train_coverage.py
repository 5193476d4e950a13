"""Train the weights of assistant/coverage.py on the project's own questions (CC BY 4.0): corpus/questions.jsonl, and the near
misses, slang and longer talks of tests/data/questions_near.jsonl, which were written before anybody saw which of them fail.

    python tests/bench/train_coverage.py            report, by five-fold cross-validation
    python tests/bench/train_coverage.py --write    and write assistant/rules/coverage.json

The features are kept in tests/data/coverage_features.npz, without a word of the questions, so that the weights can be held to them
without model and corpus.

Covered, paraphrased, opposing and follow-up questions count as covered; out-of-scope ones as not covered, without those that
are referred to a professional before retrieval. Questions of the other classes are left out: they are partly covered.

Every question is asked of two corpora: the starter corpus, and the same pages without what its curators added (other wordings
of the questions, gaps, sides), so that the weights also suit a corpus of bare pages.
"""

import argparse
import json
import re
import tempfile
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from assistant import coverage, followup, safety
from assistant.answering import Assistant
from assistant.builds import Builds
from assistant.ingestion import ingest
from assistant.settings import Settings, load_settings

COVERED = ("covered", "paraphrase", "opposing", "follow_up")
QUESTIONS = (load_settings().corpus / "questions.jsonl", Path(__file__).parents[1] / "data" / "questions_near.jsonl")
WEIGHTS = Path(coverage.__file__).parent / "rules" / "coverage.json"
STORED = Path(__file__).parents[1] / "data" / "coverage_features.npz"
CUTS = (0.5, 0.6, 0.7, 0.8)
NOTES = re.compile(
    r"^(?:also_asked|gaps|topics|body_parts):\n(?:[ \t]+- .*\n)*|^(?:topics|body_parts|view|dispute):.*\n", re.MULTILINE
)


@dataclass(frozen=True)
class Asked:
    """Questions asked of the two corpora, one after the other; n: questions times two."""

    rows: np.ndarray  # (n, features), standardised
    classes: np.ndarray  # (n,), of str
    questions: np.ndarray  # (n,), the number of the question
    usual: np.ndarray  # (n,), bool: from the question set, whose share of covered questions counts

    @property
    def covered(self) -> np.ndarray:
        covered: np.ndarray = np.isin(self.classes, COVERED)
        return covered


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--write", action="store_true", help="write the weights, and the features that they are trained on")
    options = parser.parse_args()
    settings = load_settings()
    with tempfile.TemporaryDirectory() as folder:
        parts = [examples(settings), examples(bare(settings, Path(folder)))]
    asked = Asked(*(np.concatenate([part[column] for part in parts]) for column in range(4)))
    probabilities = cross_validated(asked)
    half = len(asked.rows) // 2
    for title, part in (("starter corpus", slice(half)), ("bare pages", slice(half, None))):
        report(title, asked.classes[part], probabilities[part], asked.covered[part])
    weights = trained(asked)
    print(json.dumps(weights))
    if options.write:
        WEIGHTS.write_text(json.dumps(weights, indent=1) + "\n", encoding="utf-8")
        np.savez_compressed(STORED, **vars(asked))


def stored() -> Asked:
    """Return what the weights were trained on, without a word of the questions."""
    with np.load(STORED) as arrays:
        return Asked(**arrays)


def trained(asked: Asked) -> dict[str, object]:
    """Return intercept and weights, as they are written.

    Near misses are many among what is trained on: the intercept is moved to the share of covered questions that the question
    set has (King and Zeng 2001), which is what the probability is held against.
    """
    intercept, weights = coverage.fit(asked.rows, asked.covered)
    intercept += log_odds(asked.covered[asked.usual].mean()) - log_odds(asked.covered.mean())
    named = {name: round(float(weight), 4) for name, weight in zip(coverage.FEATURES, weights, strict=True)}
    return {"intercept": round(intercept, 4), "weights": named}


def report(title: str, classes: np.ndarray, probabilities: np.ndarray, covered: np.ndarray) -> None:
    print(f"{title}: AUROC {auroc(probabilities, covered):.3f}  ECE {calibration_error(probabilities, covered):.3f}")
    print(f"{'':18}below " + "  ".join(f"{cut:.1f} " for cut in CUTS))
    for name in sorted(set(classes)):
        of_class = probabilities[classes == name]
        print(f"{name:13}{len(of_class):4}       " + " ".join(f"{(of_class < cut).mean():.3f}" for cut in CUTS))


def bare(settings: Settings, folder: Path) -> Settings:
    """Return settings of an index over the same pages without their curators' notes; no text is embedded anew."""
    stripped = replace(settings, corpus=folder / "corpus", index=folder / "index")
    for path in sorted(settings.corpus.glob("*/*.md")):
        target = stripped.corpus / path.relative_to(settings.corpus)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(NOTES.sub("", path.read_text(encoding="utf-8")), encoding="utf-8")
    stripped.index.mkdir()
    (stripped.index / "vectors.sqlite").write_bytes((settings.index / "vectors.sqlite").read_bytes())
    ingest(stripped)
    return stripped


def examples(settings: Settings) -> tuple[np.ndarray, ...]:
    """Return the columns of Asked for one corpus."""
    Builds(settings.index).current()
    live = Assistant.open(settings)._live()
    classes, rows, usual = [], [], []
    lines = [(path, line) for path in QUESTIONS for line in path.read_text(encoding="utf-8").splitlines()]
    for path, line in lines:
        item = json.loads(line)
        if usable(item):
            asked = item["question"]
            query = live.retriever.query(followup.completed(asked, item.get("history", []), live.covered, live.carried))
            rows.append(coverage.features(query, live.found(query, asked), live.retriever, asked=asked))
            classes.append(item["class"])
            usual.append(path == QUESTIONS[0])
    standardised = live.calibration.standardised(np.array(rows))
    return standardised, np.array(classes), np.arange(len(classes)), np.array(usual)


def usable(item: dict[str, str]) -> bool:
    """Tell whether a question is clearly covered or clearly not, and reaches retrieval."""
    outside = item["class"] == "out_of_scope" and safety.referral(item["question"]) is safety.Referral.NONE
    return item["class"] in COVERED or outside


def log_odds(share: float) -> float:
    return float(np.log(share / (1 - share)))


def cross_validated(asked: Asked, folds: int = 5) -> np.ndarray:
    """Return each question's probability by a model that saw it on no corpus."""
    fold_of = np.random.default_rng(0).permutation(asked.questions.max() + 1)[asked.questions] % folds
    probabilities = np.zeros(len(asked.rows))
    for fold in range(folds):
        held = fold_of == fold
        intercept, weights = coverage.fit(asked.rows[~held], asked.covered[~held])
        probabilities[held] = 1 / (1 + np.exp(-(intercept + asked.rows[held] @ weights)))
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
