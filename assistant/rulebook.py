"""The rules of rules/*.yaml, read once into frozen types.

They are data so that a clinician can read and correct them; no clinician has reviewed any of it. See docs/safety.md.
"""

import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import Enum
from functools import cache, cached_property, wraps
from itertools import chain
from pathlib import Path
from typing import Any, TypeVar

from assistant.phrases import PhraseBook, word_sets
from assistant.utterances import Reader, Rewrite, Speller

RULES = Path(__file__).parent / "rules"
_T = TypeVar("_T")
_reading = threading.RLock()  # one file may need another
NEAR = 20  # words that may lie between the parts of a rule, unless the rule says otherwise


class Level(Enum):
    """How fast somebody should act; the order is the order of definition."""

    NONE = 0
    CAUTION = 1  # a softer warning above an ordinary answer
    URGENT = 2  # be seen today
    EMERGENCY = 3  # call the local emergency number now
    CRISIS = 4  # thoughts of suicide, or an overdose: wording of its own

    def __lt__(self, other: "Level") -> bool:
        return self.value < other.value

    def __le__(self, other: "Level") -> bool:
        return self.value <= other.value


class Referral(Enum):
    """What quoted experts cannot answer: questions for a professional, and tasks of another kind."""

    NONE = "none"
    DOSE = "dose"
    MEDICINE = "medicine"
    DIAGNOSIS = "diagnosis"
    STOP_MEDICINE = "stop_medicine"
    PERSONAL_DECISION = "personal_decision"
    TEST_RESULT = "test_result"
    OTHER_TASK = "other_task"  # no question to the experts: a poem, a booking, somebody's address
    GREETING = "greeting"  # no question yet
    OTHER_LANGUAGE = "other_language"  # the stored answers and the urgent screen are English


@dataclass(frozen=True)
class Way:
    """One combination: every need near the others, and one background group anywhere (if any is named)."""

    needs: tuple[tuple[str, ...], ...]
    background: tuple[str, ...] = ()

    @classmethod
    def from_text(cls, text: str) -> "Way":
        """'calf + swollen | red with surgery' -> needs ((calf,), (swollen, red)), background (surgery,)."""
        needs, _, background = text.partition(" with ")
        alternatives = tuple(tuple(n.strip() for n in need.split("|")) for need in needs.split("+"))
        return cls(alternatives, tuple(b.strip() for b in background.split("|")) if background else ())

    @property
    def groups(self) -> set[str]:
        return {name for need in self.needs for name in need} | set(self.background)


@dataclass(frozen=True)
class Rule:
    """One rule of urgent.yaml: what has to be found, how fast to act then, and what takes it away."""

    id: str
    family: str
    level: Level
    meaning: str
    ways: tuple[Way, ...]
    source: str
    within: int = NEAR  # words
    signs: tuple[tuple[str, ...], ...] = ()  # alternatives that count as one sign each
    at_least: int = 0  # signs of different kinds that together make the rule fire; 0: the rule counts none
    softened_by: tuple[str, ...] = ()  # groups that, in the same sentence, make it CAUTION
    unless: tuple[str, ...] = ()  # groups that, in the same sentence, take it away
    ignores: tuple[str, ...] = ()  # frames that do not quieten it
    fires: tuple[str, ...] = ()
    quiet: tuple[str, ...] = ()

    @property
    def groups(self) -> set[str]:
        """Names of every group the rule looks for."""
        return set(chain(self.softened_by, self.unless, *self.signs, *(way.groups for way in self.ways)))


@dataclass(frozen=True)
class Points:
    """The second opinion: how alarming each word is (log odds), learned from example phrasings."""

    base: float
    threshold: float
    words: Mapping[str, float]

    def of(self, stretch: Iterable[str]) -> float:
        """The points of these words together; rounded, because a set adds them up in another order in each process."""
        return round(self.base + sum(self.words.get(word, 0.0) for word in stretch), 6)


@dataclass(frozen=True)
class Card:
    """What a family of findings tells the person."""

    label: str
    heading: str  # with {when} where it says how soon
    what_to_do: tuple[str, ...]


@dataclass(frozen=True)
class Rulebook:
    """Everything in urgent.yaml."""

    book: PhraseBook
    frames: PhraseBook
    idioms: PhraseBook
    reader: Reader
    negation_stops: frozenset[str]  # words that a negation does not reach past
    sites: frozenset[str]  # names of groups, as the next three
    symptoms: frozenset[str]
    backgrounds: frozenset[str]
    events: frozenset[str]  # of the backgrounds, what no longer counts when it was long ago
    rules: tuple[Rule, ...]
    cards: Mapping[str, Card]  # by family
    caution: Card
    when: Mapping[Level, str]  # how soon, for the heading of a card
    by_level: Mapping[Level, tuple[str, ...]]  # said first, before what the card says
    always: tuple[str, ...]  # said last

    @cached_property
    def rules_of(self) -> Mapping[str, Sequence[int]]:
        """By group, the places of the rules that may fire where it stands; a site alone is not asked."""
        places: dict[str, list[int]] = {}
        for at, rule in enumerate(self.rules):
            told = (next((n for n in way.needs if not self.sites.issuperset(n)), way.needs[0]) for way in rule.ways)
            for group in set(chain(*told, *rule.signs)):
                places.setdefault(group, []).append(at)
        return places


@dataclass(frozen=True)
class ReferralRule:
    """Ways in which a question asks for what quoted experts cannot give, and groups that take it away."""

    referral: Referral
    ways: tuple[Way, ...]
    unless: tuple[str, ...]


@dataclass(frozen=True)
class ReferralText:
    """What the person reads instead of an answer: a heading, and whole sentences."""

    heading: str
    said: tuple[str, ...]


@dataclass(frozen=True)
class Scope:
    """Everything in scope.yaml; the first rule that fits decides."""

    book: PhraseBook
    reader: Reader
    rules: tuple[ReferralRule, ...]
    texts: Mapping[Referral, ReferralText]
    greetings: frozenset[str]  # whole questions, in lower case, without marks


def read_rules(name: str) -> dict[str, Any]:
    """A file of rules/ as it is written, every scalar a string."""
    import yaml

    loader = getattr(yaml, "CBaseLoader", yaml.BaseLoader)  # BaseLoader: 'no', 'on' and '2' stay words
    return dict(yaml.load((RULES / name).read_text(encoding="utf-8"), Loader=loader))


def _once(read: Callable[[], _T]) -> Callable[[], _T]:
    """Read at the first call and keep it. Fifty first questions at once would each read with ``cache`` alone."""
    kept = cache(read)

    @wraps(read)
    def reading() -> _T:
        with _reading:
            return kept()

    return reading


@_once
def rulebook() -> Rulebook:
    """The urgent rules, read once.

    Raises ValueError when a rule names a group that the file does not have.
    """
    raw = read_rules("urgent.yaml")
    sets = word_sets(raw["words"])
    book = PhraseBook({**raw["sites"], **raw["symptoms"], **raw["background"]}, sets)
    frames = PhraseBook({name: cues for name, cues in raw["frames"].items() if name != "idiom"}, sets)
    idioms = PhraseBook({"idiom": raw["frames"]["idiom"]}, sets)
    words = book.words | frames.words | idioms.words | set(" ".join(raw["rewrites"]).split())
    return Rulebook(
        book=book,
        frames=frames,
        idioms=idioms,
        reader=Reader(
            speller=Speller(words, _real_words()),
            rewrites=_rewrites(raw["rewrites"]),
            clause_starts=sets["clause_start"],
            clause_joins=sets["clause_join"],
            subjects=sets["subject"],
        ),
        negation_stops=sets["negation_stop"],
        backgrounds=frozenset(raw["background"]),
        **{names: frozenset(raw[names]) for names in ("sites", "symptoms", "events")},
        rules=_rules(raw["rules"], {*raw["sites"], *raw["symptoms"], *raw["background"]}),
        cards={name: _card(card) for name, card in raw["cards"].items() if name not in ("when", "levels", "caution")},
        caution=_card(raw["cards"]["caution"]),
        when={Level[name]: said for name, said in raw["cards"]["when"].items()},
        by_level={Level[name]: tuple(said) for name, said in raw["cards"]["levels"].items() if name != "ALWAYS"},
        always=tuple(raw["cards"]["levels"]["ALWAYS"]),
    )


def _rules(raw: Sequence[Mapping[str, Any]], named: set[str]) -> tuple[Rule, ...]:
    rules = tuple(_rule(r) for r in raw)
    for rule in rules:
        if unknown := rule.groups - named:
            raise ValueError(f"rule {rule.id} names unknown groups: {sorted(unknown)}")
    return rules


def _rule(raw: Mapping[str, Any]) -> Rule:
    return Rule(
        id=raw["id"],
        family=raw["family"],
        level=Level[raw["level"]],
        meaning=raw["meaning"],
        ways=tuple(Way.from_text(text) for text in raw["ways"]),
        source=raw["source"],
        within=int(raw.get("within", NEAR)),
        signs=tuple(tuple(name.strip() for name in text.split("|")) for text in raw.get("signs", ())),
        at_least=int(raw.get("at_least", 0)),
        **{key: tuple(raw.get(key, ())) for key in ("softened_by", "unless", "ignores", "fires", "quiet")},
    )


def _card(raw: Mapping[str, Any]) -> Card:
    return Card(raw["label"], raw["heading"], tuple(raw["what_to_do"]))


def _rewrites(raw: Mapping[str, str]) -> dict[str, list[Rewrite]]:
    by_first: dict[str, list[Rewrite]] = {}
    for written, meant in raw.items():
        words = tuple(written.split())
        by_first.setdefault(words[0], []).append((words, tuple(meant.split())))
    for options in by_first.values():
        options.sort(key=lambda option: -len(option[0]))
    return by_first


@_once
def _real_words() -> frozenset[str]:
    lines = (RULES / "real_words.txt").read_text(encoding="utf-8").splitlines()
    return frozenset(line for line in lines if line[0] != "#")


@_once
def word_points() -> Points:
    """The points of rules/word_points.yaml, read once."""
    raw = read_rules("word_points.yaml")
    return Points(float(raw["base"]), float(raw["threshold"]), {word: float(n) for word, n in raw["points"].items()})


@_once
def scope() -> Scope:
    """The referral rules, read once."""
    raw = read_rules("scope.yaml")
    book = PhraseBook(raw["groups"], word_sets(raw["words"]))
    urgent = rulebook().reader
    return Scope(
        book=book,
        reader=replace(urgent, speller=Speller(urgent.speller.vocabulary | book.words, _real_words())),
        rules=tuple(
            ReferralRule(Referral[r["referral"]], tuple(map(Way.from_text, r["ways"])), tuple(r.get("unless", ())))
            for r in raw["rules"]
        ),
        texts={Referral(kind): ReferralText(t["heading"], tuple(t["said"])) for kind, t in raw["texts"].items()},
        greetings=frozenset(raw["greetings"]),
    )
