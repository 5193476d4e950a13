"""What the urgent rules do on texts that are labelled: `python tests/bench/screen_rules.py`.

For each rule of level URGENT or worse: how many urgent and how many ordinary texts it fires on, and on how many it is the
only one, so that nothing but it (and the opinions) decides; then the rules that fire on single words, and the ways that no
text and no example of the rule fulfils. The texts are those the classifier is trained on; the held-out ones are not read.
"""

import json
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from assistant.rulebook import Level, Rule, Way, rulebook
from assistant.talk import Talk

DATA = Path(__file__).resolve().parents[1] / "data"


def texts() -> Iterator[tuple[tuple[str, ...], bool]]:
    """The turns of each labelled text, and whether it is urgent."""
    for path in sorted(DATA.glob("urgent_*.jsonl")):
        if "heldout" not in path.name:
            for row in map(json.loads, path.read_text(encoding="utf-8").splitlines()):
                yield (*(row.get("history") or ()), row["text"]), row["label"] == "urgent"


def urgent_rules(talk: Talk) -> set[str]:
    return {name for name, finding in talk.findings().items() if finding.level.value >= Level.URGENT.value}


def counts(read: Sequence[tuple[Talk, bool]]) -> list[str]:
    """A line for each rule: urgent texts, of these alone, ordinary texts, of these alone."""
    fired: Counter[tuple[str, bool, bool]] = Counter()
    for talk, urgent in read:
        found = urgent_rules(talk)
        fired.update((name, urgent, alone) for name in found for alone in {False, len(found) == 1})
    kinds = ((True, False), (True, True), (False, False), (False, True))
    lines = [(rule.id, [fired[rule.id, *kind] for kind in kinds]) for rule in rulebook().rules if _is_urgent(rule)]
    return [f"{name:<30} {' '.join(f'{n:>6}' for n in numbers)}" for name, numbers in sorted(lines, key=lambda x: x[1])]


def _is_urgent(rule: Rule) -> bool:
    return rule.level.value >= Level.URGENT.value


def never(read: Sequence[tuple[Talk, bool]]) -> list[str]:
    """The ways that nothing fulfils, not even an example of the rule itself."""
    idle = {(rule.id, at): (rule, way) for rule in rulebook().rules for at, way in enumerate(rule.ways)}
    examples = [Talk([text], rulebook()) for rule in rulebook().rules for text in rule.fires]
    for talk in (*examples, *(talk for talk, urgent in read if urgent)):
        idle = {key: (rule, way) for key, (rule, way) in idle.items() if not talk.finding(_only(rule, way))}
    return [f"{rule.id}: {way.needs} with {way.background}" for rule, way in idle.values()]


def _only(rule: Rule, way: Way) -> Rule:
    return replace(rule, ways=(way,), at_least=0)


def single_words() -> list[str]:
    """By rule, the words that fire it with nothing beside them."""
    found: dict[str, list[str]] = {}
    for word in sorted(rulebook().reader.speller.known):
        for name in urgent_rules(Talk([word], rulebook())):
            found.setdefault(name, []).append(word)
    return [f"{name}: {' '.join(words)}" for name, words in sorted(found.items())]


def main() -> int:
    read = [(Talk(turns, rulebook()), urgent) for turns, urgent in texts()]
    titles = {
        "rule: urgent texts, of these alone, ordinary texts, of these alone": counts(read),
        "single words that fire": single_words(),
        "ways that nothing fulfils": never(read),
    }
    for title, lines in titles.items():
        sys.stdout.write("\n".join([f"## {title} ({len(lines)})", *lines, ""]))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
