"""Train the weights by which assistant/extraction.py ranks the sentences of a document.

    python tests/bench/train_sentences.py                    report, by five-fold cross-validation over documents
    python tests/bench/train_sentences.py --write            and write assistant/rules/sentences.json
    python tests/bench/train_sentences.py --features FILE    first compute the features anew, from FILE and the question set

FILE holds one JSON object a line (question, title, sentences, labels): evidence sentences of SciFact (claims CC BY 4.0,
abstracts ODC-By; scifact.train.jsonl). The other half of the data are the key sentences of corpus/questions.jsonl (CC BY 4.0)
in documents of more than WHOLE_DOCUMENT sentences: shorter ones are shown whole. Features, labels and groups are kept in
tests/data/sentence_features.npz, without a word of the texts, so that the weights can be trained again without model and data.

A pair is a sentence that answers and one of the same document that does not. Weights are those of a logistic regression on
the differences of their features, without intercept, ridge-penalised; each example counts once within its set.
"""

import argparse
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from scipy.optimize import minimize
from scipy.special import expit

from assistant import extraction, followup
from assistant.answering import Assistant
from assistant.embedding import load_embedder
from assistant.lexical import LexicalIndex, TermCounts
from assistant.lexicon import terms
from assistant.questions import folded
from assistant.retrieval import Query
from assistant.schema import Document, Source
from assistant.settings import load_settings
from assistant.vectors import VectorCache
from assistant.vocabulary import Spelling, read

WEIGHTS = Path(extraction.__file__).parent / "rules" / "sentences.json"
STORED = Path(__file__).parents[1] / "data" / "sentence_features.npz"
SHARES = {
    "scifact": 1.0,
    "own": 3.0,
}  # what a set counts for: with equal shares the larger one's habits cost the other .01 more
RIDGE = 0.01  # of the standardised weights, beside a mean loss
FOLDS = 5


@dataclass(frozen=True)
class Example:
    """The sentences of one document, and which of them answer one question."""

    features: np.ndarray  # (sentences, features)
    answers: np.ndarray  # (sentences,), bool
    group: str  # examples of one document fall into one fold


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--write", action="store_true", help="write the weights")
    parser.add_argument("--features", type=Path, metavar="FILE", help="compute the features anew")
    options = parser.parse_args()
    if options.features:
        store({"scifact": list(scifact(options.features)), "own": list(own())})
    examples = stored()
    for name, scores in cross_validated(examples).items():
        alone = [average_precision(e.features[:, 0], e.answers) for e in examples[name]]
        print(f"{name:8} {len(scores):4} examples  MAP {np.mean(scores):.3f}  by cosine alone {np.mean(alone):.3f}")
    fields = {"weights": named(fit(examples))}
    print(json.dumps(fields))
    if options.write:
        WEIGHTS.write_text(json.dumps(fields, indent=1) + "\n", encoding="utf-8")


def scifact(path: Path) -> Iterator[Example]:
    settings = load_settings()
    embedder = load_embedder(settings.model, settings.index / "models")
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    said = [[sentence.strip() for sentence in row["sentences"]] for row in rows]
    texts = {"\n".join(sentences): row["title"] for row, sentences in zip(rows, said, strict=True)}
    documents = [Document(str(n), str(n), q, text, Source(q, "")) for n, (text, q) in enumerate(texts.items())]
    lexical = LexicalIndex(TermCounts.empty().updated({d.id: d.hash for d in documents}, documents))
    cache = VectorCache(settings.index / "vectors.sqlite", embedder)
    for row, sentences in zip(rows, said, strict=True):
        asked, title, *vectors = cache.vectors([row["question"], row["title"], *sentences])
        query = Query(row["question"], asked, read(row["question"], lexical.knows, Spelling((), lexical.knows)))
        features = extraction.sentence_features(query, list(map(terms, sentences)), np.array(vectors), title, lexical)
        yield Example(features, np.array(row["labels"], dtype=bool), "\n".join(sentences))
    cache.close()


def own() -> Iterator[Example]:
    settings = load_settings()
    live = Assistant.open(settings)._live()
    entries = [entry for entry in live.retriever.catalog.entries() if len(entry.sentences) > extraction.WHOLE_DOCUMENT]
    for line in (settings.corpus / "questions.jsonl").read_text(encoding="utf-8").splitlines():
        item = json.loads(line)
        keys = tuple(folded(key) for key in item.get("key", ()))
        query = live.retriever.query(
            followup.completed(item["question"], item.get("history", []), live.covered, live.carried)
        )
        for entry in entries if keys else ():
            texts = [entry.document.text[s.start : s.end] for s in entry.sentences]
            answers = np.array([folded(text).startswith(keys) for text in texts])
            vectors, question = entry.sentence_vectors, entry.question_vectors[0]
            said = entry.sentence_terms
            features = extraction.sentence_features(query, said, vectors, question, live.retriever.lexical)
            yield Example(features, answers, entry.document.page)


def store(examples: Mapping[str, Sequence[Example]]) -> None:
    arrays: dict[str, Any] = {}
    for name, all_of_set in examples.items():
        useful = [example for example in all_of_set if 0 < example.answers.sum() < len(example.answers)]
        groups = {group: number for number, group in enumerate(dict.fromkeys(example.group for example in useful))}
        arrays |= {
            f"{name}_features": np.vstack([example.features for example in useful]).astype(np.float32),
            f"{name}_answers": np.concatenate([example.answers for example in useful]),
            f"{name}_lengths": np.array([len(example.answers) for example in useful], dtype=np.int16),
            f"{name}_groups": np.array([groups[example.group] for example in useful], dtype=np.int16),
        }
    np.savez_compressed(STORED, **arrays)


def stored() -> dict[str, list[Example]]:
    """Return the examples of each set, as ``store`` kept them."""
    with np.load(STORED, allow_pickle=False) as arrays:
        examples = {}
        for name in SHARES:
            ends = np.cumsum(arrays[f"{name}_lengths"])[:-1]
            features, answers = (np.split(arrays[f"{name}_{part}"], ends) for part in ("features", "answers"))
            groups = [str(group) for group in arrays[f"{name}_groups"]]
            examples[name] = [Example(*parts) for parts in zip(features, answers, groups, strict=True)]
        return examples


def fit(examples: Mapping[str, Sequence[Example]]) -> np.ndarray:
    """Return one weight a feature."""
    pairs, shares = [], []
    for name, all_of_set in examples.items():
        weight = SHARES[name] / sum(SHARES.values()) / len(all_of_set)
        for example in all_of_set:
            right, wrong = example.features[example.answers], example.features[~example.answers]
            pairs.append((right[:, None] - wrong[None]).reshape(-1, right.shape[1]).astype(np.float64))
            shares.append(np.full(len(pairs[-1]), weight / len(pairs[-1])))
    share = np.concatenate(shares)
    differences = np.concatenate(pairs)
    scale = np.sqrt(share @ differences**2)
    differences = differences / scale

    def loss(weights: np.ndarray) -> tuple[float, np.ndarray]:
        margins = differences @ weights
        gradient = -(share * expit(-margins)) @ differences + RIDGE * weights
        return float(share @ np.logaddexp(0, -margins) + RIDGE * weights @ weights / 2), gradient

    return np.asarray(minimize(loss, np.zeros(len(scale)), jac=True, method="L-BFGS-B").x / scale)


def named(weights: np.ndarray) -> dict[str, float]:
    return {name: round(float(weight), 3) for name, weight in zip(extraction.FEATURES, weights, strict=True)}


def cross_validated(examples: Mapping[str, Sequence[Example]]) -> dict[str, np.ndarray]:
    """Return the average precision of each example by weights that saw neither it nor its document."""
    folds = {name: fold_of([example.group for example in all_of_set]) for name, all_of_set in examples.items()}
    scores = {name: np.zeros(len(all_of_set)) for name, all_of_set in examples.items()}
    for fold in range(FOLDS):
        seen = {
            name: [e for e, own_fold in zip(examples[name], folds[name], strict=True) if own_fold != fold]
            for name in examples
        }
        weights = fit(seen)
        for name, all_of_set in examples.items():
            for row in np.flatnonzero(folds[name] == fold).tolist():
                example = all_of_set[row]
                scores[name][row] = average_precision(example.features @ weights, example.answers)
    return scores


def fold_of(groups: Sequence[str]) -> np.ndarray:
    names = list(dict.fromkeys(groups))
    chance = np.random.default_rng(0).permutation(len(names)) % FOLDS
    return np.array([chance[names.index(group)] for group in groups])


def average_precision(scores: np.ndarray, answers: np.ndarray) -> float:
    ranked = answers[np.argsort(-scores, kind="stable")]
    return float((np.cumsum(ranked)[ranked] / (np.flatnonzero(ranked) + 1)).mean())


if __name__ == "__main__":
    main()
