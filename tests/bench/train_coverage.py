"""Train the weights of assistant/calibration.py on the project's own questions (CC BY 4.0): corpus/questions.jsonl, the near
misses, slang and longer talks of tests/data/questions_near.jsonl, the twenty writers of questions_voices.jsonl,
questions_judged.jsonl, ten sets that the weights of before were judged by, and questions_elsewhere.jsonl, which are about anything
else. All were written before anybody saw which of them fail.

    python tests/bench/train_coverage.py            report, each writer's questions by weights that saw none of that writer's
    python tests/bench/train_coverage.py --write    and write assistant/rules/coverage.json and remainder.json

The features are kept in tests/data/coverage_features.npz, without a word of the questions, so that the weights can be held to them
without model and corpus.

Covered, paraphrased, opposing and follow-up questions to be answered count as covered; those to be refused as not covered, without
those that are referred to a professional before retrieval. What is covered in part is to be answered too, and counts for half:
what it asks for beside what is said is much like what is asked out of scope. A question of corpus/questions.jsonl counts for three,
since its are of all kinds, with judgements pooled over what the search finds; without that its calibration error is .07.

Each of the two sets of weights has a corpus of its own: the starter corpus, of which every question is asked, and the same pages
without what its curators added (other wordings of the questions, gaps, sides), of which every second one is.
"""

import argparse
import json
import re
import tempfile
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any

import numpy as np

from assistant import calibration, coverage, followup, safety
from assistant.answering import Assistant
from assistant.builds import Builds
from assistant.calibration import WEIGHED, fit
from assistant.ingestion import ingest
from assistant.remainder import KINDS, remainder, trained_directions
from assistant.settings import Settings, load_settings

PARTLY, PARTLY_COUNTS = "partial", 0.5
OF_SET_COUNTS = 3.0
OUTSIDE = "out_of_scope"
DATA = Path(__file__).parents[1] / "data"
QUESTIONS = (load_settings().corpus / "questions.jsonl", *(DATA / f"questions_{name}.jsonl" for name in ("near", "voices", "judged", "elsewhere")))
RULES = Path(calibration.__file__).parent / "rules"
WEIGHTS, DIRECTIONS = RULES / "coverage.json", RULES / "remainder.json"
STORED = DATA / "coverage_features.npz"
STEPS = 64  # in 1 of a stored remainder
OF_BARE = 2  # every how many-th question is asked of the bare pages
CUTS = (0.5, 0.6, 0.7, 0.8)
NOTES = re.compile(
    r"^(?:also_asked|gaps|topics|body_parts):\n(?:[ \t]+- .*\n)*|^(?:topics|body_parts|view|dispute):.*\n", re.MULTILINE
)


@dataclass(frozen=True)
class Asked:
    """Questions asked of one corpus."""

    rows: np.ndarray  # (n, len(WEIGHED)), standardised
    remainders: np.ndarray  # (n, width of a remainder), in STEPS: from the mean over the corpus's own questions on
    classes: np.ndarray  # (n,), of str
    writers: np.ndarray  # (n,), of str: the file, of questions_voices.jsonl the letter of the writer, of the last two the set

    @property
    def covered(self) -> np.ndarray:
        covered: np.ndarray = self.classes != OUTSIDE
        return covered

    @property
    def counts(self) -> np.ndarray:
        return np.where(self.classes == PARTLY, PARTLY_COUNTS, 1.0) * np.where(self.of_set, OF_SET_COUNTS, 1.0)

    @property
    def of_set(self) -> np.ndarray:
        of_set: np.ndarray = self.writers == QUESTIONS[0].stem
        return of_set

    @property
    def plain(self) -> np.ndarray:
        """Which questions are either covered or not."""
        plain: np.ndarray = self.classes != PARTLY
        return plain

    @property
    def inputs(self) -> np.ndarray:
        return np.hstack([self.rows, self.remainders.astype(float) / STEPS])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--write", action="store_true", help="write the weights, and the features that they are trained on")
    options = parser.parse_args()
    settings = load_settings()
    with tempfile.TemporaryDirectory() as folder:
        asked = {"bare": examples(bare(settings, Path(folder)), OF_BARE), "worded": examples(settings)}
    for kind, of_kind in asked.items():
        report(f"{kind} pages", of_kind.classes, cross_validated(of_kind))
    weights, directions = trained(asked)
    print(json.dumps(weights))
    if options.write:
        WEIGHTS.write_text(json.dumps(weights, indent=1) + "\n", encoding="utf-8")
        DIRECTIONS.write_text(json.dumps(directions) + "\n", encoding="utf-8")
        arrays = {f"{kind}_{name}": array for kind, of_kind in asked.items() for name, array in vars(of_kind).items()}
        np.savez_compressed(STORED, **arrays)


def stored() -> dict[str, Asked]:
    """Return what the weights were trained on, without a word of the questions."""
    with np.load(STORED) as arrays:
        return {kind: Asked(*(arrays[f"{kind}_{field.name}"] for field in fields(Asked))) for kind in KINDS}


def trained(asked: dict[str, Asked]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return for each of KINDS intercept and weights, and its direction of assistant/remainder.py, as they are written.

    The intercept is left as it was fitted. Moved to the share of covered questions that the question set has, as it once was,
    the probability suited that set, and was too high by a tenth for every writer left out.
    """
    weights, directions = dict[str, Any](), dict[str, Any]({"model": trained_directions()[0].model})
    for kind, of_kind in asked.items():
        intercept, found = fit(of_kind.inputs, of_kind.covered, of_kind.counts)
        own, along = found[: len(WEIGHED)], found[len(WEIGHED) :]
        usual = float((of_kind.inputs[of_kind.plain & of_kind.of_set, len(WEIGHED) :] @ along).mean())
        named = {name: round(float(weight), 4) for name, weight in zip(WEIGHED, own, strict=True)}
        weights[kind] = {"intercept": round(intercept + usual, 4), "weights": named}
        directions[kind] = {"usual": round(usual, 4), "direction": [round(float(weight), 3) for weight in along]}
    return weights, directions


def report(title: str, classes: np.ndarray, probabilities: np.ndarray) -> None:
    plain, covered = classes != PARTLY, classes != OUTSIDE
    found = probabilities[plain], covered[plain]
    print(f"{title}: AUROC {auroc(*found):.3f}  ECE {calibration_error(*found):.3f}")
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


def examples(settings: Settings, every: int = 1) -> Asked:
    """Ask a corpus every ``every``-th question."""
    Builds(settings.index).current()
    live = Assistant.open(settings)._live()
    own = np.mean([remainder(query, hits, live.retriever, query.text) for _, query, hits in calibration.own_questions(live.retriever)], axis=0)
    classes, rows, remainders, writers = [], [], [], []
    for path in QUESTIONS:
        for item in list(filter(usable, map(json.loads, path.read_text(encoding="utf-8").splitlines())))[::every]:
            asked = item["question"]
            query = live.retriever.query(followup.completed(asked, item.get("history", []), live.covered, live.carried))
            hits = live.found(query, asked)
            rows.append(coverage.features(query, hits, live.retriever, asked=asked))
            remainders.append(remainder(query, hits, live.retriever) - own)
            classes.append(item["class"] if item["kind"] == "answered" else {"partial": PARTLY}.get(item["kind"], OUTSIDE))
            writers.append(item["id"][0] if path.stem == "questions_voices" else item.get("writer", path.stem))
    standardised = live.calibration.standardised(np.array(rows))[:, : len(WEIGHED)]
    steps = np.clip(np.rint(np.array(remainders) * STEPS), -127, 127).astype(np.int8)
    return Asked(standardised, steps, np.array(classes), np.array(writers))


def usable(item: dict[str, str]) -> bool:
    """Tell whether a question is clearly covered or clearly not, and reaches retrieval."""
    if item["kind"] == "abstained":
        return safety.referral(item["question"]) is safety.Referral.NONE
    return item["kind"] in ("answered", "partial") and item["class"] != "urgent"


def cross_validated(asked: Asked) -> np.ndarray:
    """Return each question's probability by weights that saw no question of its writer."""
    probabilities, inputs = np.zeros(len(asked.rows)), asked.inputs
    for writer in sorted(set(asked.writers)):
        held = asked.writers == writer
        intercept, weights = fit(inputs[~held], asked.covered[~held], asked.counts[~held])
        probabilities[held] = 1 / (1 + np.exp(-(intercept + inputs[held] @ weights)))
        told = held & asked.plain
        if asked.covered[told].any():
            print(f"{writer:18} {told.sum():5}  AUROC {auroc(probabilities[told], asked.covered[told]):.3f}")
        else:
            print(f"{writer:18} {told.sum():5}  below .6 {(probabilities[told] < 0.6).mean():.3f}")
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
