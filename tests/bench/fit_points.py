"""Make the second opinion: `python tests/bench/fit_points.py > points.yaml`, to be moved to rules/word_points.yaml.

Each word gets points by logistic regression on the phrasings that were written with the rules
(tests/data/phrasings.jsonl), the rules' own examples and the development items. With `--folds` it prints what
five-fold cross-validation says instead.
"""

import json
import random
import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy.typing as npt

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from assistant.rulebook import Level, Points, Rule, rulebook
from assistant.talk import Talk

HERE = Path(__file__).resolve().parent.parent
RIDGE = 0.25  # penalty of the regression
RARE = 2  # texts a word has to occur in
MOST = 2.0  # points of one word: a single word never decides
THRESHOLD = 0.8  # points above which the second opinion fires: about 3 % of ordinary questions in cross-validation

# Words that say nothing of the body: left out, so that the style of a text earns no points.
STYLE_WORDS = """
    a an and any are as at be been being but by did do does doing done for from get gets getting got had has have
    having he her him his how i if im in into is it its ive just like lot me more much my of on one or our out
    really she should so some still than that the their them then there these they thing this those to too u up us
    very was we were what when where which while who why will with would you your yes no not ok please thanks lol
    also about again all am can could think thinking since bit other only even because down over off back go goes
    going went gone
"""
STYLE = frozenset(STYLE_WORDS.split())

Vector = npt.NDArray[Any]
Text = tuple[list[frozenset[str]], bool]  # the words of each stretch, and whether it is urgent


def read(paths: Sequence[Path]) -> list[Text]:
    """Texts without history, as stretches of words that no frame takes away."""
    rows = [json.loads(line) for path in paths for line in path.read_text(encoding="utf-8").splitlines()]
    rows = [row for row in rows if not row.get("history")]
    return [(Talk([row["text"]], rulebook()).stretches(), row["label"] == "urgent") for row in rows]


def examples() -> list[Text]:
    """The rules' own examples and counter-examples."""
    said = [(text, urgent) for rule in rulebook().rules for urgent in (True, False) for text in _of(rule, urgent)]
    return [(Talk([text], rulebook()).stretches(), urgent) for text, urgent in said]


def _of(rule: Rule, urgent: bool) -> tuple[str, ...]:
    return () if urgent and rule.level is Level.CAUTION else rule.fires if urgent else rule.quiet


def fit(texts: Sequence[Text]) -> Points:
    """Points for each word; a long ordinary text counts once for each of its stretches."""
    import numpy
    from scipy.optimize import minimize
    from scipy.special import expit

    counts = Counter(word for stretches, _ in texts for word in frozenset().union(*stretches))
    words = sorted(w for w, count in counts.items() if count >= RARE and w not in STYLE)
    column = {word: at for at, word in enumerate(words)}
    rows = [(s, urgent) for stretches, urgent in texts for s in (stretches[:1] if urgent else stretches)]
    table = numpy.zeros((len(rows), len(words)))
    for at, (stretch, _) in enumerate(rows):
        table[at, [column[word] for word in stretch if word in column]] = 1
    is_urgent = numpy.array([float(urgent) for _, urgent in rows])
    share = is_urgent.mean()
    weight = numpy.where(is_urgent == 1, 0.5 / share, 0.5 / (1 - share))  # both kinds count the same together

    def loss(weights: Vector) -> tuple[float, Vector]:
        logits = weights[0] + table @ weights[1:]
        off = weight * (expit(logits) - is_urgent)
        value = weight @ (numpy.logaddexp(0, logits) - is_urgent * logits) + RIDGE / 2 * weights[1:] @ weights[1:]
        return float(value), numpy.concatenate([[off.sum()], table.T @ off + RIDGE * weights[1:]])

    found = minimize(loss, numpy.zeros(len(words) + 1), jac=True, method="L-BFGS-B").x
    points = {w: round(max(-MOST, min(MOST, float(v))), 1) for w, v in zip(words, found[1:], strict=True)}
    return Points(round(float(found[0]), 1), THRESHOLD, {w: p for w, p in points.items() if abs(p) >= 0.2})


def folds(texts: list[Text], count: int = 5) -> str:
    """Cross-validated shares of urgent and ordinary texts above the threshold."""
    random.Random(3).shuffle(texts)
    fired: dict[bool, list[bool]] = {True: [], False: []}
    for k in range(count):
        points = fit([text for at, text in enumerate(texts) if at % count != k])
        for stretches, urgent in texts[k::count]:
            fired[urgent].append(any(points.of(s) > points.threshold for s in stretches))
    return "\n".join(f"{'urgent' if u else 'ordinary'}: {sum(f)}/{len(f)} fire" for u, f in fired.items())


def main(arguments: Sequence[str]) -> int:
    texts = examples() + read([HERE / "data" / "phrasings.jsonl", HERE / "data" / "urgent_dev.jsonl"])
    if "--folds" in arguments:
        sys.stdout.write(folds(texts) + "\n")
        return 0
    points = fit(texts)
    head = (
        "# The second opinion: how alarming each word is. A stretch of thirty words whose points, with `base`,\n"
        "# pass `threshold` is shown as urgent even when no rule fires. Made by tests/bench/fit_points.py;\n"
        "# a clinician may change any number. No clinician has reviewed it.\n"
    )
    lines = [f"base: {points.base}", f"threshold: {points.threshold}", "points:"]
    ordered = sorted(points.words.items(), key=lambda item: (-item[1], item[0]))
    lines += [f"  {word}: {value}" for word, value in ordered]
    sys.stdout.write(head + "\n".join(lines) + "\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
