"""A talk and what the rules find in it, turn by turn.

A rule fires when its word groups (site, symptom) stand near each other, its background (a fall, an operation) is
anywhere in the talk, and no frame takes the symptom away. What no rule foresaw gets a second opinion from
rules/word_points.yaml.
"""

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from assistant.frames import Frames
from assistant.phrases import Match, apart, apart_from_each_other, nearest
from assistant.rulebook import Level, Rule, Rulebook, Way, word_points
from assistant.utterances import Token, tokenise

BESIDE = 8  # words within which a softening group counts
PARTS_APART = 2  # ends of sentences between the parts of a rule: a sentence further on is about something else
BEHIND = 3  # the same for what stands behind: the operation, the fall
FEW = 3  # words of a turn that says nothing by itself: "since this morning", "are you sure?"
TELLING = 4  # letters of a word that two turns may have in common
STRETCH, STRIDE = 30, 10  # words that the second opinion looks at together, and its steps
SECOND_OPINION = "Words that together are typical of urgent questions"
CONTRASTS = frozenset({"but", "however", "though", "although", "yet", "except"})
LISTING = frozenset({"or", "nor"})  # "no tingling or loss of power" is a list, not "no power"
MASKED = "\x00"


@dataclass(frozen=True)
class Finding:
    """One rule that fired."""

    rule: str
    family: str
    level: Level
    meaning: str
    matched: tuple[str, ...]  # the words of the person, after spelling repair
    explained: bool = False  # whether a plain cause beside it made it CAUTION

    def softened(self) -> "Finding":
        """Worth checking, and no more than that."""
        return replace(self, level=min(self.level, Level.CAUTION))


class Talk:
    """The words of a talk with every group match, and whether each match counts."""

    def __init__(self, turns: Sequence[str], rules: Rulebook) -> None:
        self.rules, self.turns = rules, tuple(turns)
        said = tokenise(turns, rules.reader)
        self.now = len(turns) - 1
        self.tokens = self._without_idioms(said)
        self.matches = rules.book.find(self.tokens)
        self._counting: dict[tuple[str, ...], list[Match]] = {}
        covered = {
            at
            for group, places in self.matches.items()
            if group in rules.symptoms
            for m in places
            if m.end - m.start > 1 and self._is_one_statement(m)
            for at in range(m.start, m.end)
        }
        self.frames = Frames(said, rules, covered)

    def _is_one_statement(self, match: Match) -> bool:
        """Whether a phrase with a negation in it means what it says: not across a comma, and not in a list."""
        said = self.tokens[match.start : match.end]
        return said[0].clause == said[-1].clause and all(token.word not in LISTING for token in said)

    def _without_idioms(self, said: Sequence[Token]) -> list[Token]:
        """For the word groups; the frames read on: "back in 2010" is no back, but it is a year."""
        tokens = list(said)
        for m in self.rules.idioms.find(said).get("idiom", []):
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
        pardon = {*ignores, "past", "over"} if group in self.rules.backgrounds else set(ignores)
        if group in self.rules.events:
            pardon.discard("past")
        return [m for m in places if not self.frames.of[m.start] - pardon]

    def words(self, match: Match) -> str:
        return " ".join(t.word for t in self.tokens[match.start : match.end])

    @property
    def settled(self) -> bool:
        """Whether the present turn says that somebody has seen to the earlier ones."""
        return any(m.turn == self.now for m in self.frames.cues.get("settled", ()))

    def leans_on(self, earlier: Iterable[Finding]) -> bool:
        """Whether the present turn goes on about what was found before: by its wording, its words, or its brevity."""
        said = {token.word for token in self.tokens if token.turn == self.now}
        matched = {word for finding in earlier for text in finding.matched for word in text.split()}
        if any(len(word) >= TELLING for word in said & matched):
            return True
        if any(m.turn == self.now for m in self.frames.cues.get("leaning", ())):
            return True
        return len(said) <= FEW and not any(m.turn == self.now for m in self.frames.cues.get("research", ()))

    def findings(self) -> dict[str, Finding]:
        """What the rules find, by rule."""
        possible = {at for group in self.matches for at in self.rules.rules_of.get(group, ())}
        rules = (self.rules.rules[at] for at in sorted(possible))
        return {rule.id: finding for rule in rules if (finding := self.finding(rule))}

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
        alarming = [word for word in worst if points.words.get(word, 0.0) > 0]
        telling = sorted(alarming, key=lambda word: (-points.words[word], word))[:5]
        return Finding("second-opinion", "several_signs", Level.URGENT, SECOND_OPINION, tuple(telling))

    def _finding(self, rule: Rule, level: Level, found: Sequence[Match]) -> Finding:
        matched = tuple(self.words(m) for m in found)
        return Finding(rule.id, rule.family, level, rule.meaning, matched, level is not rule.level)

    def _signs(self, rule: Rule) -> list[Match]:
        """The first stretch of the present turn that holds enough different signs, one match for each."""
        matches = ([m for group in sign for m in self.counting(group, rule.ignores)] for sign in rule.signs)
        kinds = (sorted(m for m in sign if m.turn == self.now) for sign in matches)
        ordered = [kind for kind in kinds if kind]
        for anchor in sorted(m for kind in ordered for m in kind) if len(ordered) >= rule.at_least else ():
            after = [kind[at] for kind in ordered if (at := bisect_left(kind, anchor)) < len(kind)]
            close = (m for m in after if m.start - anchor.start <= rule.within and self._close(anchor, m))
            near = apart_from_each_other(close)
            if len(near) >= rule.at_least:
                return near
        return []

    def _found(self, way: Way, rule: Rule) -> list[Match]:
        for need in way.needs:
            if self.matches.keys().isdisjoint(need):
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
        behind = [m for m in behind if any(m.turn != place.turn or self._close(m, place, BEHIND) for place in found)]
        return found + behind[:1] if behind or not way.background else []

    def _together(self, needs: Sequence[Sequence[Match]], within: int) -> list[Match]:
        """One match of each need in the present turn, each near the first."""
        present = [[m for m in need if m.turn == self.now] for need in needs]
        for anchor in present[0] if all(present) else ():
            further = [_beyond(anchor, others) for others in present[1:]]
            near = [nearest(anchor, others) for others in further if others]
            if len(near) == len(further) and all(apart(anchor, m) <= within and self._close(anchor, m) for m in near):
                return [anchor, *near]
        return []

    def _across_turns(self, way: Way, needs: Sequence[Sequence[Match]]) -> list[Match]:
        """Parts from earlier turns, at least one from the present; a site only where the present turn names none."""
        if self.now == 0 or len(needs) < 2 or self.settled:
            return []
        paired = list(zip(needs, way.needs, strict=True))
        symptoms = [m for need, groups in paired if not self._all_sites(groups) for m in need]
        names_site = any(
            m.turn == self.now and any(s.turn == self.now and apart(m, s) <= BESIDE for s in symptoms)
            for site in self.rules.sites
            for m in self.matches.get(site, ())
        )
        found: list[Match] = []
        for need, groups in paired:
            allowed = [m for m in need if m.turn == self.now or not (names_site and self._all_sites(groups))]
            found += allowed[-1:]
        turns = {m.turn for m in found}
        return found if len(found) == len(needs) and self.now in turns and len(turns) > 1 else []

    def _close(self, a: Match, b: Match, sentences: int = PARTS_APART) -> bool:
        """Whether two matches tell of the same: few words apart, or in neighbouring sentences."""
        between = abs(self.tokens[a.start].sentence - self.tokens[b.start].sentence)
        return between <= sentences or apart(a, b) <= BESIDE

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
            and self._explains(m, found)
            for group in groups
            for m in self.matches.get(group, ())
        )

    def _explains(self, m: Match, found: Sequence[Match]) -> bool:
        """Whether what softens stands near, and no 'but' cuts it off: 'midwife said normal, but contractions' does not."""
        others = [f for f in found if f.end <= m.start or m.end <= f.start] or found
        near = (f for f in found if apart(m, f) <= BESIDE)
        return any(not self._contrast(m, f) for f in near) and any(not self._contrast(m, f) for f in others)


def _beyond(anchor: Match, others: Sequence[Match]) -> Sequence[Match]:
    """The others, without the very word of the anchor: 'grey' is no cold sweat and a faint at once."""
    return others if anchor.end - anchor.start > 1 or anchor not in others else [m for m in others if m != anchor]
