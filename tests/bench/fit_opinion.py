"""Make the third opinion: `python tests/bench/fit_opinion.py`, which writes assistant/rules/opinion.json.

A regularised logistic regression of urgent or not over the sentence vector, the rules' groups, the words and runs of
letters. The texts are those of tests/data/phrasings.jsonl, voices.jsonl,
asked.jsonl (ordinary wordings of the corpus, and plain aches), urgent_dev.jsonl, urgent_voices.jsonl (many voices, with
near misses), urgent_everyday.jsonl (what people ask about ordinary aches, and danger said as plainly), urgent_rounds.jsonl
(two later rounds of writing, the second by a writer who saw no rule: half of its ordinary texts are twins of urgent ones),
urgent_rounds2.jsonl to urgent_rounds5.jsonl (twenty more rounds by writers who saw no rule: ordinary twins of danger, danger told sideways, long stories),
urgent_questions.jsonl (what was asked of the corpus, none of it urgent), and questions_elsewhere.jsonl (everyday life and other parts of
the body: one in ten had got a card, "forgot my password for the gas account" that for a crisis), some
of them once more with a slip of the fingers or between two ordinary questions, so that neither hides a symptom. With `--batches` it prints how each batch of texts is judged by weights that have not seen it. The model has to be
installed; about nine minutes on two cores. The tuned copy that reads with it is made by tests/bench/tune_urgency.py, from the same texts.
"""

import argparse
import hashlib
import json
import random
import re
import sys
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy
import numpy.typing as npt

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from assistant import urgency
from assistant.embedding import Embedder, load_embedder
from assistant.exported import BUILT_IN_MODEL
from assistant.opinion import LETTERS, marks
from assistant.rulebook import RULES, rulebook
from assistant.talk import Talk

DATA = Path(__file__).resolve().parents[1] / "data"
FILES = (
    "phrasings.jsonl",
    "voices.jsonl",
    "asked.jsonl",
    "urgent_dev.jsonl",
    "urgent_voices.jsonl",
    "urgent_everyday.jsonl",
    "urgent_rounds.jsonl",
    "urgent_rounds2.jsonl",
    "urgent_rounds3.jsonl",
    "urgent_rounds4.jsonl",
    "urgent_rounds5.jsonl",
    "urgent_questions.jsonl",
    "questions_elsewhere.jsonl",
)
GIVEN_FAMILIES = FILES[1:2] + FILES[4:]
BATCHES = (("A", 1574), ("B", 1674), ("C", 3174))  # the writers of phrasings.jsonl, by line
FIRES_ABOVE = 0.5
PART_FIRES_ABOVE = 0.85
EXPLAINED_ABOVE = 0.95
DOUBTS_ABOVE = 0.4
QUIET_BELOW = 0.05
READS_ABOVE = 0.02  # of 2,007 urgent texts by writers left out four lay below
BOTH = (-1.0, 0.6, 0.7)  # constant, regression, tuned copy: logistic regression over what each says of writers it has not seen
RARE, RARE_LETTERS = 2, 8  # texts a mark has to occur in, and a run of letters
VECTOR_SCALE, MARK_SCALE, LETTERS_SCALE = 4.0, 0.7, 0.4  # how dear a weight of each kind is to the penalty
RIDGE = 3.3  # penalty
SLIPS, SURROUNDED = 0.2, 0.4  # shares of the texts that are trained on once more, so changed

Matrix = npt.NDArray[numpy.float64]


@dataclass(frozen=True)
class Text:
    text: str
    history: tuple[str, ...]
    urgent: bool
    batch: str  # who wrote it
    family: str = ""

    @property
    def joined(self) -> str:
        return " ".join((*self.history, self.text))


def read(names: Sequence[str] = FILES) -> list[Text]:
    """Every training text, in the order of the files."""
    texts: list[Text] = []
    for name in names:
        for at, line in enumerate((DATA / name).read_text(encoding="utf-8").splitlines()):
            row = json.loads(line)
            batch = row.get("batch") or row.get("writer") or next((b for b, end in BATCHES if name == FILES[0] and at < end), "D")
            urgent = row.get("label") == "urgent"
            family = (row.get("family") or "") if name in GIVEN_FAMILIES else ""
            texts.append(Text(row.get("text") or row["question"], tuple(row.get("history") or ()), urgent, batch, family))
    return texts


def more(texts: Sequence[Text], seed: int = 5) -> list[Text]:
    """Some of the texts once more: with slips of the fingers, or between ordinary questions of the same batch."""
    ordinary = {b: [t.text for t in texts if t.batch == b and not t.urgent] for b in {t.batch for t in texts}}
    out: list[Text] = []
    for t in texts:
        dice = random.Random(f"{seed} {t.text}")  # of its own, so that one text more leaves the others as they are
        if dice.random() < SLIPS:
            out.append(Text(slipped(t.text, dice), t.history, t.urgent, t.batch, t.family))
        if dice.random() < SURROUNDED and ordinary[t.batch]:
            around = dice.sample(ordinary[t.batch], k=min(2, len(ordinary[t.batch])))
            parts = [around[0], t.text, *around[1 : dice.randint(1, 2)]]
            dice.shuffle(parts)
            out.append(Text(". ".join(parts), (), t.urgent, t.batch, t.family))
    return out


def slipped(text: str, dice: random.Random) -> str:
    """One letter dropped, doubled or swapped in about every fifth longer word."""
    words = text.split(" ")
    for at, word in enumerate(words):
        if re.fullmatch(r"[A-Za-z]{5,}[.,?!]?", word) and dice.random() < 0.2:
            k = dice.randrange(1, len(word.rstrip(".,?!")) - 1)
            kinds = (
                word[:k] + word[k + 1 :],
                word[: k + 1] + word[k:],
                word[:k] + word[k + 1] + word[k] + word[k + 2 :],
            )
            words[at] = dice.choice(kinds)
    return " ".join(words)


@dataclass(frozen=True)
class Table:
    """The texts as numbers."""

    texts: tuple[Text, ...]
    vectors: Matrix  # (texts, dimension)
    marks: tuple[frozenset[str], ...]

    def take(self, chosen: Sequence[int]) -> "Table":
        def of(values: Sequence[Any]) -> tuple[Any, ...]:
            return tuple(values[i] for i in chosen)

        return Table(of(self.texts), self.vectors[list(chosen)], of(self.marks))


def table(texts: Sequence[Text], embedder: Embedder) -> Table:
    """Earlier turns are read as the beginning of the text: the screen asks about both together as well."""
    talks = [Talk([t.joined], rulebook()) for t in texts]
    vectors = embedder.embed([t.joined for t in texts]).astype(float)
    return Table(tuple(texts), vectors, tuple(frozenset(marks(talk)) for talk in talks))


def fit(data: Table) -> dict[str, Any]:
    """The weights, as they stand in opinion.json."""
    from scipy.optimize import minimize
    from scipy.sparse import csr_matrix, hstack
    from scipy.special import expit

    counts = Counter(mark for found in data.marks for mark in found)
    names = sorted(n for n, count in counts.items() if count >= (RARE_LETTERS if n.startswith(LETTERS) else RARE))
    scales = numpy.array([LETTERS_SCALE if name.startswith(LETTERS) else MARK_SCALE for name in names])
    column = {name: at for at, name in enumerate(names)}
    cells = [(row, column[m]) for row, found in enumerate(data.marks) for m in sorted(found) if m in column]
    rows, columns = zip(*cells, strict=True)
    seen = csr_matrix((scales[list(columns)], (rows, columns)), shape=(len(data.texts), len(names)))
    matrix = hstack([csr_matrix(data.vectors * VECTOR_SCALE), seen]).tocsr()
    urgent = numpy.array([float(t.urgent) for t in data.texts])

    def loss(weights: Matrix) -> tuple[float, Matrix]:
        logits = weights[0] + matrix @ weights[1:]
        off = expit(logits) - urgent
        value = (numpy.logaddexp(0, logits) - urgent * logits).sum() + RIDGE / 2 * weights[1:] @ weights[1:]
        return float(value), numpy.concatenate([[off.sum()], matrix.T @ off + RIDGE * weights[1:]])

    found = minimize(loss, numpy.zeros(matrix.shape[1] + 1), jac=True, method="L-BFGS-B", options={"maxiter": 400}).x
    dimension = data.vectors.shape[1]
    weighed = zip(names, found[1 + dimension :] * scales, strict=True)
    return {
        "bias": round(float(found[0]), 3),
        "vector": [round(float(v), 3) for v in found[1 : 1 + dimension] * VECTOR_SCALE],
        "marks": {name: round(float(w), 2) for name, w in weighed if abs(w) >= 0.01},
    }


def data_fingerprint(names: Sequence[str] = FILES) -> str:
    """Of the texts that weights were trained on: other texts ask for other weights."""
    digest = hashlib.sha256()
    for name in names:
        digest.update((DATA / name).read_bytes())
    return digest.hexdigest()[:16]


def probabilities(weights: Mapping[str, Any], data: Table) -> Matrix:
    """How likely each text is urgent."""
    seen = numpy.array([sum(weights["marks"].get(mark, 0.0) for mark in found) for found in data.marks])
    shares: Matrix = 1 / (1 + numpy.exp(-(weights["bias"] + data.vectors @ numpy.array(weights["vector"]) + seen)))
    return shares


def batches(texts: Sequence[Text], changed: Sequence[Text], embedder: Embedder) -> str:
    """Each batch judged by weights trained on the others: another writer's texts are never among near copies of its own."""
    data = table([*texts, *changed], embedder)
    lines = []
    for name in sorted({t.batch for t in texts}):
        train = [at for at, t in enumerate(data.texts) if t.batch != name]
        judged = data.take([at for at, t in enumerate(data.texts[: len(texts)]) if t.batch == name])
        likely = probabilities(fit(data.take(train)), judged)
        urgent = numpy.array([t.urgent for t in judged.texts])
        caught, quiet = (likely[urgent] > FIRES_ABOVE).sum(), (likely[~urgent] <= FIRES_ABOVE).sum()
        lines.append(f"{name}: {caught}/{urgent.sum()} urgent fire, {quiet}/{(~urgent).sum()} ordinary stay quiet")
    return "\n".join(lines)


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(description="Make the third opinion.")
    parser.add_argument("--batches", action="store_true", help="only print how each batch is judged by the others")
    parser.add_argument("--models", type=Path, default=Path("index/models"), help="where the model's ONNX form is kept")
    options = parser.parse_args(arguments)
    embedder = load_embedder(BUILT_IN_MODEL, options.models)
    texts = read()
    changed = more(texts)
    if options.batches:
        sys.stdout.write(batches(texts, changed, embedder) + "\n")
        return 0
    weights = {
        "about": "The third opinion: see assistant/opinion.py. Made by tests/bench/fit_opinion.py.",
        "fingerprint": embedder.fingerprint,
        "trained_on": data_fingerprint(),
        "fires_above": FIRES_ABOVE,
        "part_fires_above": PART_FIRES_ABOVE,
        "explained_above": EXPLAINED_ABOVE,
        "doubts_above": DOUBTS_ABOVE,
        "quiet_below": QUIET_BELOW,
        "reads_above": READS_ABOVE,
        "both": BOTH,
        "families": urgency.about()["families"].split(","),
        **fit(table([*texts, *changed], embedder)),
    }
    (RULES / "opinion.json").write_text(json.dumps(weights, separators=(",", ":")) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
