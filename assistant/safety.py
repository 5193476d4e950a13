"""Urgent symptoms come first: a deterministic screen that runs before anything is looked up.

The rules are data, in rules/urgent.yaml and rules/scope.yaml, so that a clinician can read and correct them; this room
only interprets them. A rule fires when its word groups (site, symptom) stand near each other, its background (a fall,
an operation) is anywhere in the talk, and no frame (negation, resolved history, somebody else's past, a general
question) takes the symptom away. What no rule foresaw gets a second opinion from rules/word_points.yaml. No clinician
has reviewed any of it. How the rules are written: docs/safety.md.
"""

import re
import unicodedata
from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple

RULES = Path(__file__).parent / "rules"
GAP = {"...": 4, "..": 1}  # words that a gap in a phrase may skip
NEAR = 20  # words that may lie between the parts of a rule, unless the rule says otherwise
BESIDE = 8  # words within which a softening group counts
NEGATION_REACH = 7  # words after a negation that it can take away
STRETCH, STRIDE = 30, 10  # words that the second opinion looks at together, and its steps
SECOND_OPINION = "Words that together are typical of urgent questions"
REMEMBERED_TURNS = 4  # earlier questions that count
LONGEST_REPAIRED = 16  # letters
MEANINGS = 6  # words that one misspelt word may stand for
NEGATIONS = frozenset({"no", "not", "isnt", "arent", "wasnt", "werent", "without", "never", "nor", "neither"})
CONTRASTS = frozenset({"but", "however", "though", "although", "yet", "except"})
MASKED = "\x00"


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
    """What a professional has to answer instead of quoted experts."""

    NONE = "none"
    DOSE = "dose"
    MEDICINE = "medicine"
    DIAGNOSIS = "diagnosis"
    STOP_MEDICINE = "stop_medicine"
    PERSONAL_DECISION = "personal_decision"
    TEST_RESULT = "test_result"


@dataclass(frozen=True)
class Finding:
    """One rule that fired."""

    rule: str
    family: str
    level: Level
    meaning: str
    matched: tuple[str, ...]  # the words of the person, after spelling repair


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


@dataclass(frozen=True)
class UrgentCard:
    """What is shown first: whole sentences that hold in any country."""

    heading: str
    what_to_do: tuple[str, ...]
    warning_families: tuple[str, ...]


# Reading text


class Token(NamedTuple):
    word: str
    turn: int
    sentence: int
    clause: int
    others: tuple[str, ...] = ()  # what a misspelt word may have meant as well

    @property
    def readings(self) -> tuple[str, ...]:
        return (self.word, *self.others)


class Break(Enum):
    CLAUSE = 1
    SENTENCE = 2


_PIECE = re.compile(r"\d+(?:\.\d+)?|[a-z]+(?:'[a-z]+)*|[.!?;\n]|[,:()\u2013\u2014]| - ")
_SHORT_IS = {"it's", "he's", "she's", "that's", "what's", "there's", "who's", "where's", "how's", "let's"}


def normalise(text: str) -> str:
    """Compatibility forms, lower case, no accents, straight apostrophes: 'I CAN\u2019T' -> "i can't"."""
    plain = unicodedata.normalize("NFKD", unicodedata.normalize("NFKC", text)).lower()
    kept = "".join(c for c in plain if unicodedata.category(c) not in ("Mn", "Cf"))
    return re.sub("[\u2018\u2019\u02bc\u00b4\u2032`]", "'", kept)


def _pieces(text: str) -> Iterator[str | Break]:
    for piece in _PIECE.findall(normalise(text).replace("&", " and ")):
        if piece in ".!?;\n":
            yield Break.SENTENCE
        elif not piece[0].isalnum():
            yield Break.CLAUSE
        else:
            yield _without_apostrophe(piece)


def _without_apostrophe(word: str) -> str:
    if word.endswith(("'ll", "'d")) or (word.endswith("'s") and word not in _SHORT_IS):
        word = word.rpartition("'")[0]
    return word.replace("'", "")


class Speller:
    """Repairs words that are neither in the rules nor real: 'nummness' -> 'numbness', never 'number' -> 'numb'."""

    def __init__(self, vocabulary: Iterable[str], real: frozenset[str]) -> None:
        self.vocabulary = frozenset(w for w in vocabulary if w.isalpha())
        self.known = self.vocabulary | real
        self._shorter: dict[str, list[str]] = {}
        for word in sorted(self.vocabulary):
            for form in _deletions(word, _edits_allowed(word)):
                self._shorter.setdefault(form, []).append(word)

    def repair(self, word: str) -> tuple[str, ...]:
        """The word itself, or the words of the rules that it may have been meant for, likeliest first."""
        if word in self.known or not word.isalpha() or not 3 <= len(word) <= LONGEST_REPAIRED:
            return (word,)
        if drawn_out := re.search(r"(.)\1\1", word):
            for kept in (drawn_out[1] * 2, drawn_out[1]):  # 'sooore' -> 'soore', 'sore'
                if (once := re.sub(drawn_out[1] + "{3,}", kept, word)) in self.vocabulary:
                    return (once,)
        return self._nearest(word) or (word,)

    def split(self, word: str) -> tuple[str, ...]:
        """The two words that an unknown word runs together: 'chestpain' -> chest, pain; else the word."""
        if word in self.known or len(word) > LONGEST_REPAIRED:
            return (word,)
        cuts = ((word[:i], word[i:]) for i in range(3, len(word) - 2))
        return next((cut for cut in cuts if self.vocabulary.issuperset(cut)), (word,))

    def _nearest(self, word: str) -> tuple[str, ...]:
        allowed = _edits_allowed(word)
        seen = {w for form in _deletions(word, allowed) for w in self._shorter.get(form, ())}
        if len(word) == 3:  # only swapped letters ('hto': hot) or a lost one ('kil': kill)
            seen = {w for w in seen if sorted(w) == sorted(word) or (len(w) == 4 and w[0] == word[0])}
        ranked = sorted((distance(word, w), w[0] != word[0], w[-1] != word[-1], w) for w in seen)
        good = [(d, w) for d, other, _, w in ranked if d <= min(allowed, _edits_allowed(w)) and not (other and d > 1)]
        return tuple(w for d, w in good if d == good[0][0])[:MEANINGS]


def _edits_allowed(word: str) -> int:
    return 2 if len(word) >= 7 else 1


def _deletions(word: str, depth: int) -> set[str]:
    forms = {word}
    for _ in range(depth):
        forms |= {form[:i] + form[i + 1 :] for form in forms for i in range(len(form))}
    return forms


def distance(a: str, b: str) -> int:
    """Optimal string alignment: insertions, deletions, substitutions and swaps of neighbours."""
    before: list[int] = []
    row = list(range(len(b) + 1))
    for i, ca in enumerate(a, 1):
        above, row = row, [i]
        for j, cb in enumerate(b, 1):
            cost = min(above[j] + 1, row[j - 1] + 1, above[j - 1] + (ca != cb))
            if i > 1 and j > 1 and ca == b[j - 2] and a[i - 2] == cb:
                cost = min(cost, before[j - 2] + 1)
            row.append(cost)
        before = above
    return row[-1]


# Phrases: "lost ... feeling", "<cant> walk", "swell~", "my? calf|calves"


class Slot(NamedTuple):
    words: frozenset[str]
    optional: bool = False
    gap: int = 0


Phrase = tuple[Slot, ...]


def inflections(word: str) -> set[str]:
    """Forms of swell~ (swells, swelled, swelling), ooz~ (ooze), stab~ (stabbed); misspelt ones do no harm."""
    stem = word[:-1] if word[-1] == "e" else word
    forms = {word, stem + "e", word + "s", stem + "ed", stem + "es", stem + "ing"}
    if word[-1] == "y":
        forms |= {word[:-1] + "ies", word[:-1] + "ied"}
    if word[-1] in "bdgmnprt" and word[-2:-1] in set("aeiou"):
        forms |= {word + word[-1] + "ed", word + word[-1] + "ing"}
    return forms


def _slot(text: str, sets: Mapping[str, frozenset[str]]) -> Slot:
    if text in GAP:
        return Slot(frozenset(), gap=GAP[text])
    words: set[str] = set()
    for choice in text.replace("'", "").removesuffix("?").split("|"):
        if choice.startswith("<"):
            words |= sets[choice.strip("<>")]
        else:
            words |= inflections(choice[:-1]) if choice.endswith("~") else {choice}
    return Slot(frozenset(words), optional=text.endswith("?"))


def _spelled_out(text: str) -> list[str]:
    """'going_to|gonna die' -> ['going to die', 'gonna die']."""
    parts = text.split()
    for at, part in enumerate(parts):
        choices = part.split("|")
        joined = [choice for choice in choices if "_" in choice]
        if joined:
            single = "|".join(choice for choice in choices if "_" not in choice)
            ways = [choice.replace("_", " ") for choice in joined] + ([single] if single else [])
            return [form for way in ways for form in _spelled_out(" ".join([*parts[:at], way, *parts[at + 1 :]]))]
    return [text]


def _phrase(text: str, sets: Mapping[str, frozenset[str]]) -> Phrase:
    phrase = tuple(_slot(part, sets) for part in text.split())
    if not phrase or phrase[0].optional or phrase[0].gap:
        raise ValueError(f"a phrase has to begin with a word that is always there: {text!r}")
    return phrase


def _ends(phrase: Phrase, tokens: Sequence[Token], at: int) -> int:
    """Where the phrase ends when it begins at `at`, or -1; it stays in one sentence."""
    positions = [at]
    for slot in phrase:
        following: list[int] = []
        for p in positions:
            if slot.gap or slot.optional:
                following += _skipping(tokens, p, slot.gap)
            if p < len(tokens) and tokens[p].sentence == tokens[at].sentence and _fits(slot, tokens[p]):
                following.append(p + 1)
        positions = sorted(set(following))
        if not positions:
            return -1
    return next((p for p in positions if p <= len(tokens) and tokens[p - 1].sentence == tokens[at].sentence), -1)


def _skipping(tokens: Sequence[Token], start: int, most: int) -> Iterator[int]:
    """Positions that a gap may reach; it never skips a negation: 'calf ... swollen' is not in 'calf is not swollen'."""
    yield start
    for at in range(start, min(start + most, len(tokens))):
        if tokens[at].word in NEGATIONS:
            return
        yield at + 1


def _fits(slot: Slot, token: Token) -> bool:
    return any(word in slot.words for word in token.readings) or ("NUM" in slot.words and token.word[0].isdigit())


class Match(NamedTuple):
    start: int
    end: int
    turn: int


class PhraseBook:
    """Named groups of phrases, looked up by their first word."""

    def __init__(self, groups: Mapping[str, Sequence[str]], sets: Mapping[str, frozenset[str]]) -> None:
        self._by_first: dict[str, list[tuple[str, Phrase]]] = {}
        self.words: set[str] = set()
        for name, phrases in groups.items():
            for phrase in (_phrase(form, sets) for text in phrases for form in _spelled_out(text)):
                self.words.update(word for slot in phrase for word in slot.words)
                for first in phrase[0].words:
                    self._by_first.setdefault(first, []).append((name, phrase))

    def find(self, tokens: Sequence[Token]) -> dict[str, list[Match]]:
        """Every place of every group, in order of start; each place as long as its longest phrase."""
        found: dict[str, list[Match]] = {}
        possible = self._possible(tokens)
        for at, token in enumerate(tokens):
            ends: dict[str, int] = {}
            for name, phrase in (entry for word in token.readings for entry in possible[word]):
                ends[name] = max(ends.get(name, -1), _ends(phrase, tokens, at))
            for name, end in ends.items():
                if end > at:
                    found.setdefault(name, []).append(Match(at, end, token.turn))
        return found

    def _possible(self, tokens: Sequence[Token]) -> dict[str, list[tuple[str, Phrase]]]:
        """By first word, the phrases whose words all occur in the text: few, so that long texts stay cheap."""
        words = {word for token in tokens for word in token.readings}
        return {first: [p for p in self._starting(first) if _all_occur(p[1], words)] for first in words}

    def _starting(self, first: str) -> Iterator[tuple[str, Phrase]]:
        yield from self._by_first.get(first, ())
        if first[0].isdigit():
            yield from self._by_first.get("NUM", ())


def _all_occur(phrase: Phrase, words: set[str]) -> bool:
    for slot in phrase[1:]:
        if slot.words.isdisjoint(words) and not (slot.gap or slot.optional or "NUM" in slot.words):
            return False
    return True


# Rules


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


@dataclass(frozen=True)
class Points:
    """The second opinion: how alarming each word is (log odds), learned from example phrasings."""

    base: float
    threshold: float
    words: Mapping[str, float]

    def of(self, stretch: Iterable[str]) -> float:
        return self.base + sum(self.words.get(word, 0.0) for word in stretch)


@dataclass(frozen=True)
class Rulebook:
    book: PhraseBook
    frames: PhraseBook
    idioms: PhraseBook
    speller: Speller
    rewrites: dict[str, list[tuple[tuple[str, ...], tuple[str, ...]]]]
    sites: frozenset[str]
    backgrounds: frozenset[str]
    rules: tuple[Rule, ...]
    cards: Mapping[str, Mapping[str, Any]]
    sets: Mapping[str, frozenset[str]]
    kept: frozenset[str] = field(default_factory=frozenset)  # symptom groups


def _load(name: str) -> dict[str, Any]:
    import yaml

    loader = getattr(yaml, "CBaseLoader", yaml.BaseLoader)  # BaseLoader: 'no', 'on' and '2' stay words
    with (RULES / name).open(encoding="utf-8") as file:
        loaded: dict[str, Any] = yaml.load(file, Loader=loader)
    return loaded


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


@cache
def _real_words() -> frozenset[str]:
    lines = (RULES / "real_words.txt").read_text(encoding="utf-8").splitlines()
    return frozenset(line for line in lines if not line.startswith("#"))


@cache
def word_points() -> Points:
    """The points of rules/word_points.yaml, read once."""
    raw = _load("word_points.yaml")
    return Points(float(raw["base"]), float(raw["threshold"]), {word: float(n) for word, n in raw["points"].items()})


@cache
def rulebook() -> Rulebook:
    """The urgent rules, read once."""
    raw = _load("urgent.yaml")
    sets = _sets(raw["words"])
    book = PhraseBook({**raw["sites"], **raw["symptoms"], **raw["background"]}, sets)
    frames = PhraseBook({name: cues for name, cues in raw["frames"].items() if name != "idiom"}, sets)
    idioms = PhraseBook({"idiom": raw["frames"]["idiom"]}, sets)
    rules = tuple(_rule(r) for r in raw["rules"])
    named = {*raw["sites"], *raw["symptoms"], *raw["background"]}
    for rule in rules:
        unknown = {g for way in rule.ways for g in way.groups} | set(rule.softened_by + rule.unless)
        unknown |= {g for sign in rule.signs for g in sign}
        if unknown - named:
            raise ValueError(f"rule {rule.id} names unknown groups: {sorted(unknown - named)}")
    return Rulebook(
        book,
        frames,
        idioms,
        Speller(book.words | frames.words | idioms.words | set(" ".join(raw["rewrites"]).split()), _real_words()),
        _rewrites(raw["rewrites"]),
        frozenset(raw["sites"]),
        frozenset(raw["background"]),
        rules,
        raw["cards"],
        sets,
        frozenset(raw["symptoms"]),
    )


def _sets(raw: Mapping[str, Sequence[str]]) -> dict[str, frozenset[str]]:
    sets: dict[str, frozenset[str]] = {}
    for name, words in raw.items():
        sets[name] = frozenset().union(*(_slot(word, sets).words for word in words))
    return sets


def _rewrites(raw: Mapping[str, str]) -> dict[str, list[tuple[tuple[str, ...], tuple[str, ...]]]]:
    by_first: dict[str, list[tuple[tuple[str, ...], tuple[str, ...]]]] = {}
    for written, meant in raw.items():
        words = tuple(written.split())
        by_first.setdefault(words[0], []).append((words, tuple(meant.split())))
    for options in by_first.values():
        options.sort(key=lambda option: -len(option[0]))
    return by_first


# From text to tokens


Reading = tuple[str, ...]  # what one written word may mean, likeliest first


def tokenise(turns: Sequence[str], rules: Rulebook) -> list[Token]:
    """Words of all turns after repair, each with its turn, sentence and clause."""
    tokens: list[Token] = []
    sentence = clause = 0
    for turn, text in enumerate(turns):
        sentence, clause = sentence + 1, clause + 1
        for piece in _rewritten(_repaired(text, rules), rules):
            if isinstance(piece, Break):
                clause += 1
                sentence += piece is Break.SENTENCE
            else:
                tokens.append(Token(piece[0], turn, sentence, clause, piece[1:]))
    return _with_clauses(tokens, rules)


def _repaired(text: str, rules: Rulebook) -> list[Reading | Break]:
    repaired: dict[str, tuple[Reading, ...]] = {}
    out: list[Reading | Break] = []
    for piece in _pieces(text):
        if isinstance(piece, Break):
            out.append(piece)
            continue
        if piece not in repaired:
            repaired[piece] = _readings(piece, rules.speller)
        out.extend(repaired[piece])
    return out


def _readings(word: str, speller: Speller) -> tuple[Reading, ...]:
    meant = speller.repair(word)
    return tuple((part,) for part in speller.split(word)) if meant == (word,) else (meant,)


def _rewritten(pieces: Sequence[Reading | Break], rules: Rulebook) -> Iterator[Reading | Break]:
    first = [piece if isinstance(piece, Break) else piece[0] for piece in pieces]
    at = 0
    while at < len(pieces):
        word = first[at]
        for written, meant in rules.rewrites.get(word, ()) if isinstance(word, str) else ():
            if tuple(first[at : at + len(written)]) == written:
                yield from ((part,) for part in meant)
                at += len(written)
                break
        else:
            yield pieces[at]
            at += 1


def _with_clauses(tokens: Sequence[Token], rules: Rulebook) -> list[Token]:
    """Split clauses also where a new statement begins without punctuation: 'and my', 'but'."""
    always, joining, subjects = (rules.sets[name] for name in ("clause_start", "clause_join", "subject"))
    extra, out = 0, list(tokens[:1])
    for token, following in pairwise([*tokens[1:], None] if tokens else []):
        if token is None:
            break
        joined = token.word in joining and following is not None and following.word in subjects
        extra += token.word in always or joined
        out.append(token._replace(clause=token.clause + extra))
    return out


# Frames: what takes a symptom away


class Frames:
    """For each word of the talk, the frames it stands in: negated, past, elsewhere, general."""

    def __init__(self, tokens: Sequence[Token], rules: Rulebook, covered: set[int]) -> None:
        self.tokens, self.rules = tokens, rules
        self.cues = rules.frames.find(tokens)
        self.of: list[set[str]] = [set() for _ in tokens]
        self._clauses = _spans(tokens, lambda t: t.clause)
        self._sentences = _spans(tokens, lambda t: t.sentence)
        self._negate(covered)
        self._put_in_past()
        self._put_elsewhere()
        self._make_general()

    def _mark(self, start: int, end: int, frame: str) -> None:
        for at in range(start, end):
            self.of[at].add(frame)

    def _has(self, cue: str, start: int, end: int) -> bool:
        places = self.cues.get(cue, [])
        at = bisect_left(places, (start,))
        return at < len(places) and places[at].start < end

    def _negate(self, covered: set[int]) -> None:
        exempt = {at for m in self.cues.get("not_a_negation", []) for at in range(m.start, m.end)}
        for cue in self.cues.get("negation", []):
            if cue.start not in exempt and cue.start not in covered:
                self._mark(cue.start, self._negation_end(cue), "negated")
        for cue in self.cues.get("negation_after", []):
            if cue.start not in covered:
                self._mark(max(self._clauses[cue.start][0], cue.start - 6), cue.start, "negated")

    def _negation_end(self, cue: Match) -> int:
        """Seven words at most; a comma ends it, unless a list with 'or' goes on; a new subject or 'but' ends it."""
        stops, at = self.rules.sets["negation_stop"], cue.end
        last = min(self._sentences[cue.start][1], cue.end + NEGATION_REACH)
        while at < last and self.tokens[at].word not in stops:
            if self.tokens[at].clause != self.tokens[cue.start].clause and not self._or_follows(at, last):
                break
            at += 1
        return at

    def _or_follows(self, at: int, last: int) -> bool:
        for token in self.tokens[at:last]:
            if token.word in self.rules.sets["negation_stop"]:
                return False
            if token.word in ("or", "nor"):
                return True
        return False

    def _put_in_past(self) -> None:
        """Clauses that say when it was, or are in the past tense beside one that does; never one in the present."""
        for start, end in set(self._sentences):
            if not self._has("long_ago", start, end):
                continue
            for first, last in {self._clauses[at] for at in range(start, end)}:
                told = self._has("long_ago", first, last) or self._has("past_tense", first, last)
                if told and not self._has("present", first, last) and not self._has("recent", first, last):
                    self._mark(first, last, "past")
        if self.cues.get("resolved"):
            self._mark_past_tense("past")

    def _mark_past_tense(self, frame: str) -> None:
        for first, last in set(self._clauses):
            if self._has("past_tense", first, last) and not (
                self._has("present", first, last) or self._has("recent", first, last)
            ):
                self._mark(first, last, frame)

    def _put_elsewhere(self) -> None:
        """Fiction by the sentence; another person's finished story by the clause."""
        for cue in self.cues.get("fiction", []):
            self._mark(*self._sentences[cue.start], "elsewhere")
        if not self.cues.get("finished_story"):
            return
        for first, last in set(self._clauses):
            told = self._has("other_person", first, last) and not self._has("myself", first, last)
            if told and not self._has("present", first, last) and not self._has("recent", first, last):
                self._mark(first, last, "elsewhere")

    def _make_general(self) -> None:
        """'What are the signs of ...' up to the end of the sentence, unless somebody's body comes into it."""
        for cue in self.cues.get("research", []):
            end = self._sentences[cue.start][1]
            if not self._has("personal", cue.end, end):
                self._mark(cue.start, end, "general")
        for cue in self.cues.get("hypothetical", []):
            self._mark(cue.start, self._sentences[cue.start][1], "general")


def _spans(tokens: Sequence[Token], key: Callable[[Token], int]) -> list[tuple[int, int]]:
    """For each word, the start and end of the run of words that share its key."""
    spans: list[tuple[int, int]] = []
    start = 0
    for at in range(1, len(tokens) + 1):
        if at == len(tokens) or key(tokens[at]) != key(tokens[start]):
            spans += [(start, at)] * (at - start)
            start = at
    return spans


# Screening


class Talk:
    """The words of a talk with every group match, and whether each match counts."""

    def __init__(self, turns: Sequence[str], rules: Rulebook) -> None:
        self.rules = rules
        self.tokens = tokenise(turns, rules)
        self.now = len(turns) - 1
        self.tokens = self._without_idioms()
        self.matches = rules.book.find(self.tokens)
        self._counting: dict[tuple[str, ...], list[Match]] = {}
        covered = {
            at
            for group, places in self.matches.items()
            if group in rules.kept
            for m in places
            if m.end - m.start > 1
            for at in range(m.start, m.end)
        }
        self.frames = Frames(self.tokens, rules, covered)

    def _without_idioms(self) -> list[Token]:
        tokens = list(self.tokens)
        for m in self.rules.idioms.find(tokens).get("idiom", []):
            for at in range(m.start, m.end):
                tokens[at] = tokens[at]._replace(word=MASKED, others=())
        return tokens

    def counting(self, group: str, ignores: Sequence[str]) -> list[Match]:
        """The matches of a group that no frame takes away; sites are never taken away, background may be long past."""
        if group not in self.matches:
            return []
        if (group, *ignores) not in self._counting:
            self._counting[group, *ignores] = self._unframed(group, ignores)
        return self._counting[group, *ignores]

    def _unframed(self, group: str, ignores: Sequence[str]) -> list[Match]:
        places = self.matches.get(group, [])
        if group in self.rules.sites:
            return places
        pardon = {*ignores, "past"} if group in self.rules.backgrounds else set(ignores)
        return [m for m in places if not self.frames.of[m.start] - pardon]

    def words(self, match: Match) -> str:
        return " ".join(t.word for t in self.tokens[match.start : match.end])

    @property
    def settled(self) -> bool:
        """Whether the present turn says that somebody has seen to the earlier ones."""
        return any(m.turn == self.now for m in self.frames.cues.get("settled", ()))

    def findings(self) -> dict[str, Finding]:
        found = {rule.id: finding for rule in self.rules.rules if (finding := self.finding(rule))}
        if not any(f.level.value >= Level.URGENT.value for f in found.values()) and (doubt := self.second_opinion()):
            found[doubt.rule] = doubt
        return found

    def finding(self, rule: Rule) -> Finding | None:
        for way in rule.ways:
            found = self._found(way, rule)
            if found:
                level = self._level(rule, found)
                if level is not Level.NONE:
                    return self._finding(rule, level, found)
        signs = self._signs(rule) if rule.at_least else []
        return self._finding(rule, rule.level, signs) if signs else None

    def stretches(self) -> list[frozenset[str]]:
        """The words of the present turn, thirty at a time, without idioms and without what a frame takes away."""
        words = [
            "" if frames or token.word == MASKED else token.word
            for token, frames in zip(self.tokens, self.frames.of, strict=True)
            if token.turn == self.now
        ]
        starts = range(0, max(1, len(words) - STRETCH + STRIDE), STRIDE)
        return [frozenset(w for w in words[at : at + STRETCH] if w.isalpha()) for at in starts]

    def second_opinion(self) -> Finding | None:
        """A finding from the points of the words alone, for what no rule has foreseen."""
        points = word_points()
        worst = max(self.stretches(), key=points.of)
        if points.of(worst) <= points.threshold:
            return None
        telling = sorted(worst, key=lambda word: (-points.words.get(word, 0.0), word))[:5]
        return Finding("second-opinion", "several_signs", Level.URGENT, SECOND_OPINION, tuple(telling))

    def _finding(self, rule: Rule, level: Level, found: Sequence[Match]) -> Finding:
        return Finding(rule.id, rule.family, level, rule.meaning, tuple(self.words(m) for m in found))

    def _signs(self, rule: Rule) -> list[Match]:
        """The first stretch of the present turn that holds enough different signs, one match for each."""
        matches = ([m for group in sign for m in self.counting(group, rule.ignores)] for sign in rule.signs)
        kinds = (sorted(m for m in sign if m.turn == self.now) for sign in matches)
        ordered = [kind for kind in kinds if kind]
        for anchor in sorted(m for kind in ordered for m in kind) if len(ordered) >= rule.at_least else ():
            after = [kind[at] for kind in ordered if (at := bisect_left(kind, anchor)) < len(kind)]
            near = _apart_from_each_other(m for m in after if m.start - anchor.start <= rule.within)
            if len(near) >= rule.at_least:
                return near
        return []

    def _found(self, way: Way, rule: Rule) -> list[Match]:
        if not all(any(group in self.matches for group in need) for need in way.needs):
            return []
        behind = [m for group in way.background for m in self.counting(group, rule.ignores)]
        if way.background and not behind:
            return []
        needs = [sorted(m for group in need for m in self.counting(group, rule.ignores)) for need in way.needs]
        if not all(needs):
            return []
        found = self._together(needs, rule.within) or self._across_turns(way, needs)
        if not found and behind and len(needs) == 1 and any(m.turn == self.now for m in behind):
            found = needs[0][:1]
        return found + behind[:1] if found else []

    def _together(self, needs: Sequence[Sequence[Match]], within: int) -> list[Match]:
        """One match of each need in the present turn, each near the first."""
        present = [[m for m in need if m.turn == self.now] for need in needs]
        for anchor in present[0] if all(present) else ():
            near = [_nearest(anchor, others) for others in present[1:]]
            if all(_apart(anchor, m) <= within for m in near):
                return [anchor, *near]
        return []

    def _across_turns(self, way: Way, needs: Sequence[Sequence[Match]]) -> list[Match]:
        """Parts from earlier turns, at least one from the present; a site only where the present turn names none."""
        if self.now == 0 or len(needs) < 2 or self.settled:
            return []
        paired = list(zip(needs, way.needs, strict=True))
        symptoms = [m for need, groups in paired if not self._all_sites(groups) for m in need]
        names_site = any(
            m.turn == self.now and any(s.turn == self.now and _apart(m, s) <= BESIDE for s in symptoms)
            for site in self.rules.sites
            for m in self.matches.get(site, ())
        )
        found: list[Match] = []
        for need, groups in paired:
            allowed = [m for m in need if m.turn == self.now or not (names_site and self._all_sites(groups))]
            found += allowed[-1:]
        turns = {m.turn for m in found}
        return found if len(found) == len(needs) and self.now in turns and len(turns) > 1 else []

    def _contrast(self, a: Match, b: Match) -> bool:
        """Whether 'but' or the like stands between: 'no trouble on stairs but I can't breathe'."""
        between = self.tokens[min(a.end, b.end) : max(a.start, b.start)]
        return any(token.word in CONTRASTS for token in between)

    def _all_sites(self, groups: Sequence[str]) -> bool:
        return self.rules.sites.issuperset(groups)

    def _level(self, rule: Rule, found: Sequence[Match]) -> Level:
        if self._beside(rule.unless, found):
            return Level.NONE
        return min(rule.level, Level.CAUTION) if self._beside(rule.softened_by, found) else rule.level

    def _beside(self, groups: Sequence[str], found: Sequence[Match]) -> bool:
        """Whether one of the groups stands, not negated, close to what was found and in its sentence."""
        sentence = {self.tokens[m.start].sentence for m in found}
        return any(
            self.tokens[m.start].sentence in sentence
            and "negated" not in self.frames.of[m.start]
            and any(_apart(m, other) <= BESIDE and not self._contrast(m, other) for other in found)
            for group in groups
            for m in self.matches.get(group, ())
        )


def _nearest(anchor: Match, others: Sequence[Match]) -> Match:
    at = bisect_left(others, anchor)
    return min(others[max(0, at - 1) : at + 2], key=lambda m: _apart(anchor, m))


def _apart_from_each_other(matches: Iterable[Match]) -> list[Match]:
    """Matches that share no word, so that one phrase never counts as two signs."""
    kept: list[Match] = []
    for m in sorted(matches):
        if not kept or kept[-1].end <= m.start:
            kept.append(m)
    return kept


def _apart(a: Match, b: Match) -> int:
    return max(0, b.start - a.end, a.start - b.end)


def screen(question: str, history: Sequence[str] = ()) -> Screening:
    """Screen a question with the person's earlier questions: pure, deterministic, no model.

    What was urgent in the turn before stays urgent ("so can I still run?") until the person says that it was seen to.
    Families and signs follow the NHS, NICE-based and specialist pages named with each rule in rules/urgent.yaml.
    """
    earlier = list(history)[-REMEMBERED_TURNS:]
    talk = Talk([*earlier, question], rulebook())
    findings = talk.findings()
    if earlier and not talk.settled:
        findings = Talk(earlier, rulebook()).findings() | findings
    ordered = sorted(findings.values(), key=lambda f: -f.level.value)
    return Screening(ordered[0].level if ordered else Level.NONE, tuple(ordered))


def advice(screening: Screening) -> UrgentCard:
    """The card for a screening that found something.

    Raises ValueError when there is nothing to warn of.
    """
    if screening.level is Level.NONE:
        raise ValueError("advice was asked for a screening that found nothing")
    cards = rulebook().cards
    card = cards[screening.findings[0].family if screening.is_urgent else "caution"]
    levels = cards["levels"]
    told = [*levels[screening.level.name], *card["what_to_do"], *levels["ALWAYS"]]
    labels = tuple(cards[family]["label"] for family in screening.families)
    return UrgentCard(card["heading"], tuple(dict.fromkeys(told)), labels)


# Scope: what a professional has to answer


@dataclass(frozen=True)
class Scope:
    book: PhraseBook
    ways: tuple[tuple[Referral, tuple[Way, ...], tuple[str, ...]], ...]
    texts: Mapping[str, Sequence[str]]
    reading: Rulebook


@cache
def scope() -> Scope:
    """The referral rules, read once."""
    raw = _load("scope.yaml")
    sets = _sets(raw["words"])
    urgent = rulebook()
    book = PhraseBook(raw["groups"], sets)
    ways = tuple(
        (Referral[r["referral"]], tuple(map(Way.from_text, r["ways"])), tuple(r.get("unless", ())))
        for r in raw["rules"]
    )
    speller = Speller(urgent.speller.vocabulary | book.words, _real_words())
    reading = Rulebook(
        book, urgent.frames, urgent.idioms, speller, urgent.rewrites, frozenset(), frozenset(), (), {}, urgent.sets
    )
    return Scope(book, ways, raw["texts"], reading)


def referral(question: str) -> Referral:
    """What a professional has to answer: a dose, a medicine, a personal diagnosis or decision, a test result."""
    rules = scope()
    tokens = tokenise([question], rules.reading)
    matches = rules.book.find(tokens)
    for kind, ways, unless in rules.ways:
        if any(_all_near(way, matches) for way in ways) and not any(name in matches for name in unless):
            return kind
    return Referral.NONE


def _all_near(way: Way, matches: Mapping[str, Sequence[Match]]) -> bool:
    needs = [sorted(m for group in need for m in matches.get(group, ())) for need in way.needs]
    if not all(needs):
        return False
    return any(all(_apart(a, _nearest(a, others)) <= NEAR for others in needs[1:]) for a in needs[0])


def referral_text(kind: Referral) -> tuple[str, ...]:
    """Whole sentences that refer to a professional and give no number; empty for NONE."""
    return tuple(scope().texts[kind.value]) if kind is not Referral.NONE else ()
