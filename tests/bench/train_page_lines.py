"""Learn which lines are a site's, for assistant/readers/site_odds.py, from written examples and pages with truths.

    python tests/bench/train_page_lines.py            report, each round of pages judged by weights that never saw it
    python tests/bench/train_page_lines.py --write    and write assistant/rules/page_lines.json

The examples are those of tests/data/page_lines.yaml (CC BY 4.0), the lines of the plain-text pages of tests/pages, the
sentences of the starter corpus, and sentences and lines of MedQuAD's answers (CC BY 4.0), which are nobody's site and have to
lie in ../shared; half of MedQuAD's are kept aside to count what would be lost. Half a minute.
"""

import argparse
import json
import random
import sys
import tarfile
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import yaml

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from assistant.loading import load_corpus
from assistant.readers.loaded import Raw
from assistant.readers.site_odds import WEIGHTS, marks
from assistant.readers.table import format_of
from assistant.readers.text import folded
from assistant.sentences import split_sentences
from tests.page_truths import cases, files_of, wanted

ROOT = Path(__file__).resolve().parents[2]
EXAMPLES = ROOT / "tests" / "data" / "page_lines.yaml"
MEDQUAD = ROOT.parent / "shared" / "eval" / "medquad-xml.tar.xz"
ROUNDS = ("text_pages", *(f"text_pages_{number}" for number in range(2, 7)), "mixed_pages_7", "mixed_pages_8")
RIDGE = 1.0
FEWEST = 2  # lines that hold a mark which is weighed
LEAST = 0.1  # weight that is worth storing
OF_MEDQUAD = 8  # one file in so many
SENTENCES, LINES, LONGEST = 6000, 2000, 25  # of MedQuAD, and the words of the longest
MEDQUAD_COUNTS = 0.7


@dataclass(frozen=True)
class Example:
    text: str
    site: bool
    counts: float = 1.0


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--write", action="store_true", help="write the weights")
    options = parser.parse_args()
    written, (real, aside) = own_examples(), medquad_examples(MEDQUAD)
    for left_out in ROUNDS[1:]:
        others = [example for name in ROUNDS if name != left_out for example in page_examples(name)]
        weights = learned([*written, *real, *others])
        held = page_examples(left_out)
        caught = [share(weights, one.text) > 0.6 for one in held if one.site]
        lost = [one.text for one in held if not one.site and share(weights, one.text) > 0.6]
        print(f"{left_out}: {sum(caught)} of {len(caught)} lines of the site, {len(lost)} of the experts' {lost[:4]}")
    weights = from_all()
    for bound in (0.6, 0.9):
        taken = sum(share(weights, one.text) > bound for one in aside)
        print(f"MedQuAD, kept aside: {taken} of {len(aside)} lines above {bound}")
    if options.write:
        WEIGHTS.write_text(json.dumps(in_hundredths(weights), indent=0) + "\n", encoding="utf-8")


def from_all() -> dict[str, float]:
    """The weights that all examples together give."""
    pages = [example for name in ROUNDS for example in page_examples(name)]
    return learned([*own_examples(), *medquad_examples(MEDQUAD)[0], *pages])


def own_examples() -> list[Example]:
    """The lines that were written as examples, and the sentences of the starter corpus."""
    written = yaml.safe_load(EXAMPLES.read_text(encoding="utf-8"))
    lines = [Example(line, kind == "site") for kind in ("site", "expert") for line in written[kind].splitlines()]
    texts = [document.text for document in load_corpus(ROOT / "corpus").documents]
    said = sorted({one.removeprefix("- ") for text in texts for one in _sentences(text)})
    return [*lines, *(Example(one, False) for one in said)]


def page_examples(name: str) -> list[Example]:
    """The lines of a round's plain-text pages; a line of which nothing is taken in is the site's."""
    found = []
    for case in cases(f"{name}.yaml"):
        truth = [folded(line) for line in wanted(case)]
        parts = [part for line in truth if line.startswith("== ") for part in _parts(line)]
        texts = [line for line in truth if not line.startswith("== ")]
        pages = [data for file, data in files_of(case).items() if file.endswith(".txt")]
        for line in (line.strip() for page in pages for line in page.decode("utf-8", "replace").split("\n")):
            said = folded(line)
            taken = any(said in text or (len(text) > 25 and text in said) for text in texts)
            told = any(len(part) > 5 and (part in said or said in part) for part in parts)
            if line:
                found.append(Example(line, not taken and not told))
    return found


def _parts(head: str) -> list[str]:
    """The names, questions and titles of "== answer Maro Tindale | person | PT"."""
    words = head.removeprefix("== ").partition(" ")[2]
    return [
        part for part in words.split(" | ") if part not in ("person", "organisation", "sponsor", "unnamed", "nobody")
    ]


def medquad_examples(archive: Path) -> tuple[list[Example], list[Example]]:
    """Sentences and lines of real answers: those to learn from, and those kept aside."""
    lines: set[str] = set()
    sentences: set[str] = set()
    with tarfile.open(archive) as packed:
        for place, member in enumerate(packed):  # in the archive's own order: to go back in it costs minutes
            opened = packed.extractfile(member) if place % OF_MEDQUAD == 0 and member.name.endswith(".xml") else None
            if opened is None:
                continue
            raw = Raw(Path(member.name).name, opened.read())
            for document in format_of(raw).read(raw).documents:
                lines.update(line for line in document.text.split("\n") if 0 < len(line.split()) <= LONGEST)
                sentences.update(one for one in _sentences(document.text) if len(one.split()) <= LONGEST)
    learnt, aside = [], []
    for texts, most in ((sentences, SENTENCES), (lines, LINES)):
        shuffled = random.Random(1).sample(sorted(texts), len(texts))
        learnt += [Example(text, False, MEDQUAD_COUNTS) for text in shuffled[:most]]
        aside += [Example(text, False) for text in shuffled[most : 2 * most]]
    return learnt, aside


def _sentences(text: str) -> Iterator[str]:
    return (text[one.start : one.end] for one in split_sentences(text))


def learned(examples: Sequence[Example]) -> dict[str, float]:
    """The weights of the marks that occur often enough, and "=bias"."""
    from scipy.optimize import minimize
    from scipy.sparse import csr_matrix
    from scipy.special import expit

    marked = [sorted(set(marks(example.text))) for example in examples]
    often = Counter(mark for of_one in marked for mark in of_one)
    places = {
        mark: place for place, mark in enumerate(sorted(mark for mark, count in often.items() if count >= FEWEST))
    }
    rows = [(row, places[mark]) for row, of_one in enumerate(marked) for mark in of_one if mark in places]
    inputs = csr_matrix((np.ones(len(rows)), tuple(zip(*rows, strict=True))), shape=(len(examples), len(places)))
    site = np.array([example.site for example in examples], dtype=float)
    counts = np.array([example.counts for example in examples])

    def loss(weights: np.ndarray) -> tuple[float, np.ndarray]:
        logits = inputs @ weights[1:] + weights[0]
        residual = (expit(logits) - site) * counts
        gradient = np.concatenate([[residual.sum()], inputs.T @ residual + RIDGE * weights[1:]])
        fit = (counts * (np.logaddexp(0, logits) - site * logits)).sum()
        return float(fit + RIDGE * weights[1:] @ weights[1:] / 2), gradient

    found = minimize(loss, np.zeros(len(places) + 1), jac=True, method="L-BFGS-B", options={"maxiter": 500}).x
    weights = {mark: float(found[place + 1]) for mark, place in places.items() if abs(found[place + 1]) >= LEAST}
    return {"=bias": float(found[0]), **weights}


def share(weights: Mapping[str, float], text: str) -> float:
    return float(1 / (1 + np.exp(-sum((weights.get(mark, 0.0) for mark in set(marks(text))), weights["=bias"]))))


def stored() -> dict[str, float]:
    raw = json.loads(WEIGHTS.read_text(encoding="utf-8"))
    return {mark: float(weight) for weight, marked in raw.items() for mark in marked.split()}


def in_hundredths(weights: Mapping[str, float]) -> dict[str, str]:
    """Return weight -> marks, in the order of both."""
    marked: dict[float, list[str]] = {}
    for mark in sorted(weights):
        marked.setdefault(round(weights[mark], 2), []).append(mark)
    return {f"{weight:.2f}": " ".join(marked[weight]) for weight in sorted(marked)}


if __name__ == "__main__":
    main()
