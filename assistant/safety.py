"""Urgent symptoms come first: a deterministic screen that runs before anything is looked up.

Behind it: utterances (what was typed, as words), phrases (the language of the rules), rulebook (the rules, which are
data in rules/), frames (what takes a symptom away), talk (what the rules find). No clinician has reviewed any of it.
How the screen works and what it is known to miss: docs/safety.md.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

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
    "UrgentCard",
    "advice",
    "referral",
    "referral_text",
    "screen",
]

REMEMBERED_TURNS = 4  # earlier questions that count


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
        """Whether a rule found it, and not only the second opinion on the words."""
        return any(f.rule != "second-opinion" and f.level.value >= Level.URGENT.value for f in self.findings)


@dataclass(frozen=True)
class UrgentCard:
    """What is shown first: whole sentences that hold in any country."""

    heading: str
    what_to_do: tuple[str, ...]
    warning_families: tuple[str, ...]


def screen(question: str, history: Sequence[str] = ()) -> Screening:
    """Screen a question with the person's earlier questions: pure, deterministic, no model.

    What was urgent in the turn before stays urgent where the question leans on it ("so can I still run?"), until the
    person says that it was seen to; an unrelated question ("how do I bake bread?") starts afresh.
    Families and signs follow the NHS, NICE-based and specialist pages named with each rule in rules/urgent.yaml.
    """
    earlier = list(history)[-REMEMBERED_TURNS:]
    talk = Talk([*earlier, question], rulebook())
    findings = talk.findings()
    if earlier and not talk.settled:
        before = Talk(earlier, rulebook()).findings()
        if talk.leans_on(before.values()):
            findings = before | findings
    ordered = sorted(findings.values(), key=lambda f: -f.level.value)
    return Screening(ordered[0].level if ordered else Level.NONE, tuple(ordered))


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
    return UrgentCard(card.heading, tuple(dict.fromkeys(told)), labels)


def referral(question: str) -> Referral:
    """What quoted experts cannot answer: a dose, a personal diagnosis or decision, a task of another kind."""
    limits = scope()
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
