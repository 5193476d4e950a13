"""Urgent symptoms come first: a deterministic screen that runs before anything that was found is looked at.

Behind it: utterances (what was typed, as words), phrases (the language of the rules), rulebook (the rules, which are
data in rules/), frames (what takes a symptom away), talk (what the rules find), opinion (a trained classifier that sees
what they miss). No clinician has reviewed any of it.
How the screen works and what it is known to miss: docs/safety.md.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate

from assistant.opinion import Opinion, Senses, classifier
from assistant.phrases import Match, apart, nearest
from assistant.rulebook import NEAR, Level, Referral, ReferralText, Way, rulebook, scope
from assistant.talk import Finding, Talk
from assistant.utterances import tokenise

__all__ = [
    "Finding",
    "Level",
    "Referral",
    "ReferralText",
    "Screening",
    "Senses",
    "UrgentCard",
    "advice",
    "opinion_model",
    "referral",
    "referral_text",
    "screen",
]

REMEMBERED_TURNS = 4  # earlier questions that count
DOUBT = "third-opinion"
THIRD_OPINION = "A description that is like those of urgent problems"
SHORTEST_PART, MOST_PARTS = 2, 16  # words of a part that is read by itself; how many are
PART_LETTERS = 500  # of the parts together: a vector for every part of a long text would be dear
_BETWEEN_PARTS = re.compile(
    r"(?<=[.!?;\n])\s+|,?\s+but\s+|\s+(?=(?:Which|What|How|Should|Can|Is|Are|Do|Does|When|Where|Why)\b)"
)
SURE_OF_TWO_TURNS = 0.7  # probability from which two turns put together, a text that nobody wrote, are urgent
NOTHING_OF_TWO_TURNS = (
    0.005  # under which they take an alarm away that the present one alone gave; 0.05 took three of 1,684
)
SURELY_ORDINARY = 0.005  # probability under which an emergency that a rule sees is none
SURE_OF_A_PART = 0.99  # probability from which one sentence of a text that is ordinary as a whole is urgent
SURE_OF_FAMILY = 0.5  # share from which the card of a family is shown, and not the one for several signs


@dataclass(frozen=True)
class Screening:
    """What the screen found; findings are worst first."""

    level: Level
    findings: tuple[Finding, ...] = ()

    def __post_init__(self) -> None:
        if self.level != max((f.level for f in self.findings), default=Level.NONE):
            raise ValueError(f"level {self.level} is not the worst of {[f.level for f in self.findings]}")

    @property
    def families(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(f.family for f in self.findings))

    @property
    def is_urgent(self) -> bool:
        return self.level.value >= Level.URGENT.value

    @property
    def by_rule(self) -> bool:
        """Whether a rule found it, and not only an opinion on the text as a whole; a crisis needs no second witness."""
        opinions = {"second-opinion", DOUBT}
        found_by_rule = any(f.rule not in opinions and f.level.value >= Level.URGENT.value for f in self.findings)
        return found_by_rule or self.level is Level.CRISIS


@dataclass(frozen=True)
class UrgentCard:
    """What is shown first: whole sentences that hold in any country."""

    heading: str
    what_to_do: tuple[str, ...]
    warning_families: tuple[str, ...]


def screen(question: str, history: Sequence[str] = (), senses: Senses | None = None) -> Screening:
    """Screen a question with the person's earlier questions: deterministic, before anything found is looked at.

    What was urgent in the turn before stays urgent where the question leans on it ("so can I still run?"), until the
    person says that it was seen to; an unrelated question ("how do I bake bread?") starts afresh.
    ``senses`` read it with the models that the third opinion was trained with; without them the words have to do.
    Families and signs follow the NHS, NICE-based and specialist pages named with each rule in rules/urgent.yaml.
    """
    earlier = list(history)[-REMEMBERED_TURNS:]
    talk = Talk([*earlier, question], rulebook())
    findings = _judged(talk, senses)
    if earlier and not talk.settled:
        before = _judged(Talk(earlier, rulebook()), senses)
        if talk.leans_on(before.values()):
            findings = before | findings
        seen = {rule: found for rule, found in findings.items() if rule != DOUBT}
        if senses and not _is_urgent(seen | before):
            opinion = classifier().of(Talk([f"{earlier[-1]} {question}"], rulebook()), senses)
            if opinion.urgent > SURE_OF_TWO_TURNS:
                findings = seen | {DOUBT: _finding(opinion)}
            elif opinion.urgent < NOTHING_OF_TWO_TURNS:
                findings = seen  # "and if she can't manage that?" says little without what it follows
    ordered = sorted(findings.values(), key=lambda f: -f.level.value)
    return Screening(ordered[0].level if ordered else Level.NONE, tuple(ordered))


def opinion_model() -> str:
    """The fingerprint of the model that ``screen`` can use."""
    return classifier().fingerprint


def _is_urgent(findings: Mapping[str, Finding], level: Level = Level.URGENT) -> bool:
    return any(f.level.value >= level.value for f in findings.values())


def _judged(talk: Talk, senses: Senses | None) -> dict[str, Finding]:
    """What the rules find, with a second or a third opinion on what they do not; a crisis is never doubted."""
    findings = talk.findings()
    if senses is None:
        doubt = None if _is_urgent(findings) else talk.second_opinion()
        return findings | {doubt.rule: doubt} if doubt else findings
    if _is_urgent(findings, Level.CRISIS):
        return findings
    opinion = classifier().of(talk, senses)
    if not _is_urgent(findings):
        explained = any(f.explained for f in findings.values())
        doubt = _doubt(opinion, _parts(talk.turns[talk.now]), senses, explained)
        return findings | {doubt.rule: doubt} if doubt else findings
    if talk.now == 0 and opinion.urgent < _quiet_below(findings):  # parts of other turns are not in its text
        return {rule: f.softened() for rule, f in findings.items()}
    return findings


def _quiet_below(findings: Mapping[str, Finding]) -> float:
    """The probability under which what the rules found is worth a softer warning and no card."""
    return SURELY_ORDINARY if _is_urgent(findings, Level.EMERGENCY) else classifier().quiet_below


def _doubt(opinion: Opinion, parts: Sequence[str], senses: Senses, explained: bool) -> Finding | None:
    """A finding where the text, or one part of it taken alone, is like an urgent one; a softer one where it may be.

    It has to be surer where a rule saw the symptom and a plain cause beside it (``explained``), and of a part where the
    whole is surely ordinary: a story that ended well is told in sentences that did not.
    """
    held = classifier()
    whole, part = (held.explained_above,) * 2 if explained else (held.fires_above, held.part_fires_above)
    if opinion.urgent < held.reads_above:
        part = SURE_OF_A_PART
    if opinion.urgent > whole:
        return _finding(opinion)
    alone = (held.of(talk, senses) for talk in _most_alarming(parts))
    worst = max(alone, key=lambda o: o.urgent, default=opinion)
    if worst.urgent > part:
        return _finding(worst)
    return _finding(opinion).softened() if opinion.urgent > held.doubts_above else None


def _parts(text: str) -> list[str]:
    """Its sentences, and what follows a 'but' or comes before a question: a symptom among exercises is read by itself."""
    parts = [part for part in _BETWEEN_PARTS.split(text) if len(part.split()) >= SHORTEST_PART]
    return parts if len(parts) > 1 else []


def _most_alarming(parts: Sequence[str]) -> list[Talk]:
    """The parts; of many or long ones those whose words alone weigh most, as many as may be given a vector."""
    talks = [Talk([part], rulebook()) for part in parts]
    if len(talks) <= MOST_PARTS and sum(map(len, parts)) <= PART_LETTERS:
        return talks
    ranked = sorted(talks, key=classifier().of_words, reverse=True)[:MOST_PARTS]
    ends = accumulate(len(talk.turns[0]) for talk in ranked)
    return [talk for talk, end in zip(ranked, ends, strict=True) if end <= PART_LETTERS] or ranked[:1]


def _finding(opinion: Opinion) -> Finding:
    """A finding with the card of the nearest family, as fast as most rules of that family ask for."""
    if opinion.family_share < SURE_OF_FAMILY:
        return Finding(DOUBT, "several_signs", Level.URGENT, THIRD_OPINION, ())
    levels = [rule.level for rule in rulebook().rules if rule.family == opinion.family]
    level = max(Level.URGENT, sorted(levels)[len(levels) // 2])
    return Finding(DOUBT, opinion.family, level, THIRD_OPINION, ())


def advice(screening: Screening) -> UrgentCard:
    """The card for a screening that found something.

    Raises ValueError when there is nothing to warn of.
    """
    if screening.level is Level.NONE:
        raise ValueError("advice was asked for a screening that found nothing")
    rules = rulebook()
    card = rules.cards[screening.findings[0].family] if screening.is_urgent else rules.caution
    told = [*rules.by_level[screening.level], *card.what_to_do, *rules.always]
    labels = tuple(rules.cards[family].label for family in screening.families)
    heading = card.heading.replace("{when}", rules.when.get(screening.level, ""))
    return UrgentCard(heading, tuple(dict.fromkeys(told)), labels)


def referral(question: str) -> Referral:
    """What quoted experts cannot answer: a dose, a personal diagnosis or decision, a task of another kind, a greeting."""
    limits = scope()
    if " ".join(re.findall(r"[a-z']+", question.casefold().replace("’", "'"))) in limits.greetings:
        return Referral.GREETING
    matches = limits.book.find(tokenise([question], limits.reader))
    for rule in limits.rules:
        if any(_all_near(way, matches) for way in rule.ways) and not any(name in matches for name in rule.unless):
            return rule.referral
    return Referral.NONE


def _all_near(way: Way, matches: Mapping[str, Sequence[Match]]) -> bool:
    needs = [sorted(m for group in need for m in matches.get(group, ())) for need in way.needs]
    if not all(needs):
        return False
    return any(all(apart(a, nearest(a, others)) <= NEAR for others in needs[1:]) for a in needs[0])


def referral_text(kind: Referral) -> ReferralText:
    """What is said instead of an answer, without any number.

    Raises ValueError for NONE: such a question is answered.
    """
    if kind is Referral.NONE:
        raise ValueError("a referral text was asked for a question that is not referred")
    return scope().texts[kind]
