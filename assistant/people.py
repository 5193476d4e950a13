"""For whom somebody asks, and whether what is quoted speaks of such people: a child, a person of eighty, a new knee, a pregnancy.

What holds for people in general need not hold for them, and no sentence of a general answer says so. The groups are data
(rules/people.yaml); no clinician has reviewed them.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from assistant.rulebook import read_rules
from assistant.schema import Document
from assistant.utterances import normalise

_TENS = {name: 10 * tens for tens, name in enumerate("twenty thirty forty fifty sixty seventy eighty ninety".split(), start=2)}
_TEENS = (
    "two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen"
)
_NUMBERS = {name: number for number, name in enumerate(_TEENS.split(), start=2)} | _TENS
_AGE = rf"(\d{{1,3}}|(?:{'|'.join(_TENS)})(?:[ -](?:one|{'|'.join(_TEENS.split()[:8])}))?|{'|'.join(_NUMBERS)})"
_KIN = (
    r"(?:son|daughter|lad|lass|boy|girl|kid|child|teen(?:ager)?|grand\w+|nan|nana|nanna|gran|granny|mum|mam|mom|mother|dad|da|father"
    r"|uncle|aunt|auntie|neighbou?r|wife|husband|partner|brother|sister|man|woman|lady|gentleman|bloke|pensioner)"
)
_UNITS = (
    r"weeks?|wks?|months?|mths?|days?|hours?|hrs?|min\w*|sec\w*|st(?:one)?|kg|kilos?|lbs?|pounds?|miles?|km|k|cm|mm|mg|ft|foot"
    r"|%|degrees?|o'clock|am|pm|bpm|years? (?:ago|later|back|of)|of|or|out"
    r"|(?!(?:has|is|does|was|its|his|years|yrs)\b)\w+s"  # most that is counted
)
_N = rf"{_AGE}\b(?! ?(?:{_UNITS})\b|\d|['.:/]\d|'|-(?:to-|week|mile|day|minute))"  # an age, and not a number of other things
_JUST = r"(?: (?:only|now|nearly|almost|just|about|a fit))?"
_THINGS = r"(?:injury|tear|sprain|scar|shoes?|trainers|knees?|hips?|joint|brace|problem|bike|mattress)"
_OWN_AGE = re.compile(rf"(?<!like )\b(?:i'?m|i am|i'?ve turned|me,){_JUST},? {_N}")
_AGES = tuple(
    re.compile(pattern)
    for pattern in (
        _OWN_AGE.pattern,
        rf"\b{_AGE}[- ]?(?:year|yr|y)[- /.]?(?:old|o)\b(?! {_THINGS})",
        rf"\b(?:he|she|who)(?: is|'s|s){_JUST} {_N}",
        rf"\b{_KIN}(?:'?s| is|,? who is| aged)?{_JUST} (?:aged? |\()?{_N}",
        rf"\b{_KIN},? (\d\d?)(?=,|\.|\)| (?:and|who|with)\b)",
        rf"\b(?:lady|man|woman|gentleman|boy|girl) of {_N}",
        rf"\b(?:aged?|turned|turning) {_N}",
        rf"\bat (?=[3-9]\d\b){_N}",
        rf"^(?:nearly |almost )?{_AGE}(?=, | (?:and|with|here|yr|yo)\b)",
        rf"\b(?:nearly|almost) {_AGE}(?=,|\.)",
    )
)


_OF_KIN = re.compile(rf"\b{_KIN}\b")
_OF_SELF = re.compile(r"\b(?:i|i'm|i've|me|my|mine|myself)\b")
_OF_OTHERS = re.compile(rf"\b(?:he|him|his|she|her|they|them|their|{_KIN})\b")


@dataclass(frozen=True)
class Group:
    """People for whom what holds in general may not hold."""

    told: str  # what they are called
    asked: re.Pattern[str]  # in a question, normalised
    never: re.Pattern[str] | None
    said: re.Pattern[str]  # in a document
    ages: range

    @classmethod
    def of(cls, raw: dict[str, Any]) -> "Group":
        asked, never, said = (_any(raw[name]) if name in raw else None for name in ("asked", "never", "said"))
        if not (asked and said):
            raise ValueError(f"the group {raw['told']!r} of people.yaml needs how it is asked and said")
        first, last = map(int, raw.get("ages", (1, 0)))
        return cls(raw["told"], asked, never, said, range(first, last + 1))

    def holds(self, question: str, ages: Sequence[int]) -> bool:
        """Tell whether ``question``, normalised, is asked for one of the group; ``ages``: those that it tells."""
        if any(age in self.ages for age in ages):
            return True
        if self.ages and ages:  # of another age
            return False
        return bool(self.asked.search(question)) and not (self.never and self.never.search(question))


def asked_for(question: str) -> list[Group]:
    """Return the groups of whoever ``question`` is asked for."""
    text = normalise(question)
    ages = _ages(text)
    return [group for group in groups() if group.holds(text, ages)]


def of_same_person(before: str, question: str) -> bool:
    """Tell whether ``question`` is likely asked for whom the turn ``before`` spoke of: not for oneself after one's mother."""
    before, question = normalise(before), normalise(question)
    if _OF_KIN.search(before):
        return bool(_OF_OTHERS.search(question)) or not _OF_SELF.search(question)
    return not _OF_KIN.search(question)


def unspoken(question: str, documents: Iterable[Document]) -> list[str]:
    """Return a sentence for each group that ``question`` is asked for and that none of ``documents`` speaks of."""
    wanted = asked_for(question)
    texts = [f"{document.question}\n{document.text}" for document in documents] if wanted else []
    return [
        f"Nothing that is quoted here speaks of {group.told}."
        for group in wanted
        if not any(group.said.search(text) for text in texts)
    ]


def _ages(text: str) -> list[int]:
    """Return the ages that ``text`` tells of people; its writer's own alone, where it tells that."""
    own = [_number(age) for age in _OWN_AGE.findall(text)]
    return own or [_number(age) for pattern in _AGES for age in pattern.findall(text)]


def _number(word: str) -> int:
    """Return the number that ``word`` names: 7, seven, seventy, seventy-seven."""
    if word.isdigit():
        return int(word)
    tens, _, ones = word.replace("-", " ").partition(" ")
    return _NUMBERS[tens] + ({"one": 1} | _NUMBERS).get(ones, 0)


def _any(patterns: Iterable[str]) -> re.Pattern[str]:
    """Return what finds one of ``patterns`` between ends of words."""
    return re.compile(rf"\b(?:{'|'.join(patterns)})\b", re.IGNORECASE)


@cache
def groups() -> tuple[Group, ...]:
    """The groups of rules/people.yaml, read once."""
    return tuple(map(Group.of, read_rules("people.yaml")["groups"]))
