"""The third opinion: what it looks at, how it and the rules decide together, and the weights that are stored."""

import importlib.util
import json
import sys
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

from assistant import opinion, safety
from assistant.embedding import Embedder
from assistant.opinion import Classifier, Opinion, Senses, classifier, from_json, marks
from assistant.rulebook import RULES, Level, rulebook
from assistant.safety import advice, screen
from assistant.talk import Talk

ROUNDS = Path(__file__).parent / "data" / "urgent_rounds.jsonl"
ORDINARY = "How deep should I squat?"
URGENT_BY_RULE = "my knee is locked and I can't straighten it"
EMERGENCY_BY_RULE = "my chest feels tight when I walk uphill"


def opinion_of(bias: float, marks: dict[str, float] | None = None) -> Classifier:
    """A classifier whose regression thinks the same of every text, but for the marks it is given; only it counts."""
    levels = {
        "fires_above": 0.5,
        "part_fires_above": 0.9,
        "explained_above": 0.95,
        "doubts_above": 0.3,
        "quiet_below": 0.02,
    }
    raw = {
        "fingerprint": "test",
        **levels,
        "reads_above": 0.0,
        "bias": bias,
        "vector": [0.0, 0.0],
        "marks": marks or {},
    }
    return from_json({**raw, "both": [0.0, 1.0, 0.0], "families": ["tendon", "crisis", "clot"]})


@dataclass(frozen=True)
class Reads:
    """Senses that see the same in every text."""

    said: tuple[float, ...] = (0.0, 9.0, 0.0, 0.0)
    seen: list[str] = field(default_factory=list)

    def embed(self, text: str) -> opinion.Vector:
        self.seen.append(text)
        return np.array([1.0, 0.0], dtype=np.float32)

    def read(self, text: str) -> opinion.Vector:
        return np.array(self.said, dtype=np.float32)


SENSES = Reads()


@pytest.fixture
def thinking(monkeypatch: pytest.MonkeyPatch) -> Callable[[Classifier], None]:
    return lambda held: monkeypatch.setattr(safety, "classifier", lambda: held)


def test_a_text_is_seen_as_groups_cues_words_and_pairs() -> None:
    seen = set(marks(Talk(["No fever, but my calf is swollen"], rulebook())))
    assert {"-fever", "+swollen", "f:negation", "!fever", "swollen", "is_swollen"} <= seen
    assert "+fever" not in seen and "fever" not in seen


def test_earlier_turns_and_idioms_are_no_marks_of_the_present_turn() -> None:
    seen = set(marks(Talk(["my calf is swollen", "my quads are on fire"], rulebook())))
    assert not {"+swollen", "swollen", "fire"} & seen


def test_weights_add_up_to_a_probability() -> None:
    held = replace(opinion_of(-1.0, marks={"squat": 3.0}), vector=np.array([2.0, 0.0], dtype=np.float32))
    judged = held.of(Talk([ORDINARY], rulebook()), SENSES)
    assert judged.urgent == pytest.approx(1 / (1 + np.exp(-4.0)))
    assert judged.family == "tendon" and judged.family_share > 0.99


def test_an_opinion_outside_of_probabilities_cannot_exist() -> None:
    with pytest.raises(ValueError, match="not probabilities"):
        Opinion(1.5, "clot", 0.5)


def test_the_tuned_copy_is_asked_where_the_regression_leaves_a_doubt_and_counts_with_it() -> None:
    held = replace(opinion_of(-3.0), reads_above=0.02, both=(0.5, 0.5, 1.0))
    judged = held.of(Talk([ORDINARY], rulebook()), Reads((4.0, 0.0, 9.0, 0.0)))
    assert judged.urgent == pytest.approx(1 / (1 + np.exp(-3.0))) and judged.family == "crisis"
    sure = replace(held, bias=-4.0).of(Talk([ORDINARY], rulebook()), Reads((4.0, 0.0, 9.0, 0.0)))
    assert sure.urgent == pytest.approx(1 / (1 + np.exp(4.0))) and sure.family == ""


def test_however_sure_the_regression_is_it_outvotes_the_copy_only_so_far() -> None:
    held = replace(opinion_of(-60.0), both=(0.0, 0.5, 1.0))
    judged = held.of(Talk([ORDINARY], rulebook()), Reads((5.0, 9.0, 0.0, 0.0)))
    assert judged.urgent == pytest.approx(1 / (1 + np.exp(-1.0)))


def test_what_no_rule_caught_fires_with_the_card_of_its_family(thinking: Callable[[Classifier], None]) -> None:
    thinking(opinion_of(3.0))
    found = screen(ORDINARY, (), SENSES)
    assert found.level is Level.URGENT and found.families == ("tendon",) and not found.by_rule


def test_a_crisis_gets_its_own_wording_also_without_a_rule(thinking: Callable[[Classifier], None]) -> None:
    thinking(opinion_of(3.0))
    found = screen(ORDINARY, (), Reads((0.0, 0.0, 9.0, 0.0)))
    assert found.level is Level.CRISIS and found.by_rule  # no referral comes before it
    assert any("crisis line" in sentence for sentence in advice(found).what_to_do)


def test_an_unsure_family_gets_the_card_for_several_signs(thinking: Callable[[Classifier], None]) -> None:
    thinking(opinion_of(3.0))
    assert screen(ORDINARY, (), Reads((0.0, 1.0, 1.0, 1.0))).families == ("several_signs",)


def test_an_urgent_rule_is_softened_by_a_sure_no_an_emergency_by_a_surer_one_and_a_crisis_never(
    thinking: Callable[[Classifier], None],
) -> None:
    assert screen(URGENT_BY_RULE).level is Level.URGENT
    thinking(opinion_of(-4.6))  # 1 %
    assert screen(URGENT_BY_RULE, (), SENSES).level is Level.CAUTION
    assert screen(EMERGENCY_BY_RULE, (), SENSES).level is Level.EMERGENCY
    thinking(opinion_of(-9.0))
    assert screen(EMERGENCY_BY_RULE, (), SENSES).level is Level.CAUTION
    assert screen("I want to end my life", (), SENSES).level is Level.CRISIS
    assert screen(f"{EMERGENCY_BY_RULE} I want to end my life", (), SENSES).level is Level.CRISIS


def test_a_doubt_softens_no_rule(thinking: Callable[[Classifier], None]) -> None:
    thinking(opinion_of(-1.0))
    assert screen(URGENT_BY_RULE, (), SENSES).level is Level.URGENT


def test_beside_a_plain_cause_the_opinion_has_to_be_surer(thinking: Callable[[Classifier], None]) -> None:
    text = "My chest is sore after bench press, is it DOMS?"
    thinking(opinion_of(2.5))  # 92 %
    assert screen(ORDINARY, (), SENSES).is_urgent
    assert screen(text, (), SENSES).level is Level.CAUTION
    thinking(opinion_of(4.0))  # 98 %
    assert screen(text, (), SENSES).is_urgent


def test_a_finding_from_several_turns_is_not_softened_by_a_look_at_one(thinking: Callable[[Classifier], None]) -> None:
    thinking(opinion_of(-9.0))
    assert screen("it's stuck bent since this morning", ["my knee hurts"], SENSES).is_urgent


def test_a_symptom_among_exercises_is_judged_by_itself(thinking: Callable[[Classifier], None]) -> None:
    thinking(opinion_of(-9.0, marks={"throbbing": 15.0, "sets": -8.0}))
    assert not screen("it is throbbing and sets", (), SENSES).is_urgent
    assert screen("Three sets a week. It is throbbing. Which next, and how many sets?", (), SENSES).is_urgent
    assert screen("no rash but it is throbbing", (), SENSES).is_urgent


def test_a_part_of_what_is_surely_ordinary_as_a_whole_has_to_be_surer(thinking: Callable[[Classifier], None]) -> None:
    story = "Three sets. It was throbbing. All fine since."
    thinking(replace(opinion_of(-9.0, marks={"throbbing": 13.0, "sets": -10.0}), reads_above=0.02))  # 98 % of the part
    assert not screen(story, (), SENSES).is_urgent
    thinking(replace(opinion_of(-9.0, marks={"throbbing": 14.0, "sets": -10.0}), reads_above=0.02))  # 99.3 %
    assert screen(story, (), SENSES).is_urgent


def test_a_long_text_is_read_in_few_parts(thinking: Callable[[Classifier], None]) -> None:
    thinking(opinion_of(-9.0))
    noting = Reads()
    screen("one two. " * 200, (), noting)
    assert len(noting.seen) == 1 + safety.MOST_PARTS
    noting.seen.clear()
    screen(("one two " * 20 + ". ") * 6, (), noting)
    assert len(noting.seen) == 4 and sum(map(len, noting.seen[1:])) <= safety.PART_LETTERS


def test_of_a_long_text_the_parts_with_the_most_alarming_words_are_read(
    thinking: Callable[[Classifier], None],
) -> None:
    thinking(opinion_of(-9.0, marks={"throbbing": 15.0, "sets": -8.0}))
    filler = "Three sets of squats and then three more sets of lunges on the other leg. "
    assert screen(filler * 20 + "It is throbbing. " + filler * 5, (), SENSES).is_urgent


def test_one_part_that_is_too_long_is_read_all_the_same(thinking: Callable[[Classifier], None]) -> None:
    thinking(opinion_of(-9.0, marks={"throbbing": 15.0, "sets": -8.0}))
    assert screen("one two. " + "word " * 200 + "throbbing and sets but " + "throbbing " * 200, (), SENSES).is_urgent


def test_a_doubt_about_an_ordinary_text_is_a_softer_warning(thinking: Callable[[Classifier], None]) -> None:
    thinking(opinion_of(-0.4))
    found = screen(ORDINARY, (), SENSES)
    assert found.level is Level.CAUTION and not found.is_urgent
    thinking(opinion_of(-2.0))
    assert screen(ORDINARY, (), SENSES).level is Level.NONE


def test_runs_of_letters_are_marks_as_they_were_typed() -> None:
    seen = set(marks(Talk(["Nummb foot"], rulebook())))
    assert {"~ nu", "~mmb ", "~foot"} <= seen and "~numb" not in seen


def test_a_short_turn_is_judged_together_with_the_one_before(thinking: Callable[[Classifier], None]) -> None:
    thinking(opinion_of(-9.0, marks={"boot": 6.0, "throbbing": 6.0}))
    assert screen("now it is throbbing", ["I have worn a boot for a month"], SENSES).is_urgent
    assert not screen("now it is throbbing", (), SENSES).is_urgent


def test_a_fragment_that_is_ordinary_with_the_turn_before_is_no_alarm(thinking: Callable[[Classifier], None]) -> None:
    thinking(opinion_of(-9.0, marks={"manage": 13.0, "squats": -15.0, "stretches": -1.0}))
    assert screen("and if she cant manage that?", (), SENSES).is_urgent
    assert screen("and if she cant manage that?", ["which squats"], SENSES).level is Level.NONE
    assert screen("and if she cant manage that?", ["which stretches"], SENSES).is_urgent


def test_an_earlier_turn_that_was_urgent_does_not_make_an_unrelated_one_urgent(
    thinking: Callable[[Classifier], None],
) -> None:
    thinking(opinion_of(-9.0, marks={"throbbing": 20.0}))
    assert screen("how do I bake bread?", ["now it is throbbing"], SENSES).level is Level.NONE
    assert screen("so can I still squat?", ["now it is throbbing"], SENSES).is_urgent


@cache
def script(name: str) -> ModuleType:
    """A script of tests/bench, which is no module of the package."""
    spec = importlib.util.spec_from_file_location(name, Path(__file__).parent / "bench" / f"{name}.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


def test_the_stored_weights_were_trained_on_the_texts_that_are_here() -> None:
    raw, fit = json.loads((RULES / "opinion.json").read_text(encoding="utf-8")), script("fit_opinion")
    assert raw["trained_on"] == fit.data_fingerprint(), "run tests/bench/fit_opinion.py again"


def test_no_text_is_both_trained_on_and_held_out() -> None:
    data = Path(__file__).parent / "data"
    held_out = {
        json.loads(line)["text"].lower()
        for name in sorted(data.glob("urgent_heldout*.jsonl"))
        for line in name.read_text(encoding="utf-8").splitlines()
    }
    fit = script("fit_opinion")
    assert not [t.text for t in fit.read() if len(t.text) > 20 and t.text.lower() in held_out]


def test_the_script_fits_weights_that_tell_two_kinds_of_texts_apart() -> None:
    fit = script("fit_opinion")
    kinds = [("my calf is swollen and hot", True), ("which shoes for hills", False)] * 30
    texts = [fit.Text(text, (), urgent, "V", "clot" if urgent else "") for text, urgent in kinds]
    data = fit.table(texts, Halves())
    weights = fit.fit(data)
    assert weights["marks"]["swollen"] > 0 > weights["marks"]["shoes"] and weights["vector"][0] > 0
    likely = fit.probabilities(weights, data)
    assert likely[0] > 0.9 and likely[1] < 0.1
    assert fit.fit(data) == weights


class Halves:
    """An embedder that tells calves from everything else."""

    def embed(self, texts: list[str]) -> opinion.Vector:
        return np.array([[float("calf" in text), float("calf" not in text)] for text in texts], dtype=np.float32)


def test_a_changed_text_is_always_changed_in_the_same_way() -> None:
    fit = script("fit_opinion")
    texts = [fit.Text(f"my ankle is swollen and purple number {n}", (), True, "V") for n in range(40)]
    texts += [fit.Text(f"which stretches number {n}", (), False, "V") for n in range(40)]
    changed = fit.more(texts)
    assert changed == fit.more(texts)
    assert any(t.text not in {u.text for u in texts} for t in changed)


@pytest.mark.model
def test_the_stored_weights_judge_their_own_texts_as_the_script_says(real: Embedder, reads: Senses) -> None:
    fit = script("fit_opinion")
    raw = json.loads((RULES / "opinion.json").read_text(encoding="utf-8"))
    assert raw["fingerprint"] == real.fingerprint
    alone = replace(classifier(), reads_above=1.0)  # the regression without the tuned copy
    texts = [t for t in fit.read() if not t.history][::60]
    likely = fit.probabilities(raw, fit.table(texts, real))
    for text, expected in zip(texts, likely, strict=True):
        judged = alone.of(Talk([text.text], rulebook()), reads)
        assert judged.urgent == pytest.approx(expected, abs=0.01), text.text
    assert np.mean([(p > raw["fires_above"]) == t.urgent for p, t in zip(likely, texts, strict=True)]) > 0.95


@pytest.mark.model
def test_the_family_is_told_often_enough_that_its_own_card_is_shown(reads: Senses) -> None:
    items = [i for i in script("screen_report").read_items(ROUNDS) if i.urgent][::4]
    judged = [(i.family, classifier().of(Talk([i.text], rulebook()), reads)) for i in items]
    sure = [(family, opinion) for family, opinion in judged if opinion.family_share >= safety.SURE_OF_FAMILY]
    assert len(sure) / len(judged) > 0.35
    assert sum(family == opinion.family for family, opinion in sure) / len(sure) > 0.85


@pytest.mark.model
def test_with_the_model_the_development_items_keep_the_bar(reads: Senses) -> None:
    report = script("screen_report")
    items = report.read_items(Path(__file__).parent / "data" / "urgent_dev.jsonl")

    def fires(item: object) -> bool:
        return bool(report.fires(item, reads))

    urgent, quiet = [i for i in items if i.urgent], [i for i in items if not i.urgent]
    assert [i.id for i in urgent if i.immediate and not fires(i)] == []
    assert sum(map(fires, urgent)) / len(urgent) >= 238 / 240
    assert sum(not fires(i) for i in quiet) / len(quiet) >= 285 / 300
