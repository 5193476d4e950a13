"""What takes a symptom away: negation, resolved history, somebody else's past, fiction, a general question."""

from bisect import bisect_left
from collections.abc import Callable, Sequence
from itertools import pairwise

from assistant.phrases import Match
from assistant.rulebook import Rulebook
from assistant.utterances import Token

NEGATION_REACH = 7  # words after a negation that it can take away
STORY = 40  # words from when it was to how it ended
ANSWERED = 5  # words of a question that is answered with one of these
DENYING = frozenset({"no", "or", "nor", "any", "without"})
NOES = frozenset({"no", "nope", "none", "nah", "never", "negative", "neither"})


class Frames:
    """For each word of the talk, the frames it stands in: negated, past (long ago), over (it has passed), elsewhere, general."""

    def __init__(self, tokens: Sequence[Token], rules: Rulebook, covered: set[int]) -> None:
        self.tokens, self.rules = tokens, rules
        self.cues = rules.frames.find(tokens)
        self._forget_since()
        self.of: list[set[str]] = [set() for _ in tokens]
        self._clauses = _spans(tokens, lambda t: t.clause)
        self._sentences = _spans(tokens, lambda t: t.sentence)
        self._negate(covered)
        self._put_in_past()
        self._close_stories()
        self._put_elsewhere()
        self._make_general()

    def _forget_since(self) -> None:
        """'Never since' and 'never again' are no sign that something is going on."""
        exempt = {at for m in self.cues.get("not_now", []) for at in range(m.start, m.end)}
        for cue in ("present", "recent") if exempt else ():
            kept = [m for m in self.cues.pop(cue, []) if m.start not in exempt]
            self.cues |= {cue: kept} if kept else {}

    def _mark(self, start: int, end: int, frame: str) -> None:
        for at in range(start, end):
            self.of[at].add(frame)

    def _has(self, cue: str, start: int, end: int) -> bool:
        places = self.cues.get(cue, [])
        at = bisect_left(places, (start,))
        return at < len(places) and places[at].start < end

    def _going_on(self, first: int, last: int) -> bool:
        """Whether a clause is in the present or of today; 'today' begins a clause: 'hit my head today'."""
        if self.tokens[last : last + 1] and self.tokens[last].word == "today":
            return self.tokens[last].sentence == self.tokens[first].sentence
        return self._has("present", first, last) or self._has("recent", first, last)

    def _negate(self, covered: set[int]) -> None:
        exempt = {at for m in self.cues.get("not_a_negation", []) for at in range(m.start, m.end)}
        for cue in self.cues.get("negation", []):
            if cue.start not in exempt and cue.start not in covered:
                self._mark(cue.start, self._negation_end(cue), "negated")
        for cue in self.cues.get("negation_after", []):
            if cue.start not in covered:
                self._mark(max(self._clauses[cue.start][0], cue.start - 6), cue.start, "negated")
        self._negate_answered()

    def _negate_answered(self) -> None:
        """'Swelling? None.' A short sentence without a person in it that the next one answers with no."""
        sentences = sorted(set(self._sentences))
        for (start, middle), (_, end) in pairwise(sentences):
            answer = {token.word for token in self.tokens[middle:end]}
            if middle - start <= ANSWERED and answer <= NOES and not self._has("personal", start, middle):
                self._mark(start, middle, "negated")

    def _negation_end(self, cue: Match) -> int:
        """Seven words at most; a comma ends it, unless a list with 'or' goes on; a new subject or 'but' ends it."""
        stops, at = self.rules.negation_stops, cue.end
        if self.tokens[cue.start].word == "neither":
            stops = stops - {"is", "are"}  # neither leg is weak
        last = min(self._sentences[cue.start][1], cue.end + NEGATION_REACH)
        while at < last and (self.tokens[at].word not in stops or self._is_listed(at)):
            further = self.tokens[at].clause != self.tokens[cue.start].clause
            if further and not self._or_follows(at, last) and not self._is_listed(at):
                break
            at += 1
        return at

    def _is_listed(self, at: int) -> bool:
        """'No numbness or trouble peeing': 'trouble', read as 'barely', is what is denied."""
        return self.tokens[at].word == "barely" and self.tokens[at - 1].word in DENYING

    def _or_follows(self, at: int, last: int) -> bool:
        for token in self.tokens[at:last]:
            if token.word in self.rules.negation_stops:
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
                if told and not self._going_on(first, last):
                    self._mark(first, last, "past")
        if self.cues.get("resolved"):
            self._mark_past_tense("over")

    def _close_stories(self) -> None:
        """'In 2009, numb saddle, couldn't pee, operated the same night': from when it was to how it ended."""
        ends = self.cues.get("story_end", [])
        for begin in [*self.cues.get("long_ago", []), *self.cues.get("story_begin", [])] if ends else ():
            at = bisect_left(ends, (begin.end,))
            told = at < len(ends) and ends[at].turn == begin.turn and ends[at].start - begin.end <= STORY
            start = self._sentences[begin.start][0]
            if told and not self._has("fresh", start, ends[at].end):
                self._mark_told(start, ends[at].end)
        for cue in self.cues.get("that_was", []):
            if cue.start and self.tokens[cue.start - 1].turn == cue.turn:
                self._mark_told(self._sentences[cue.start - 1][0], cue.start)

    def _mark_told(self, start: int, end: int) -> None:
        """Every clause up to the end that is not in the present tense."""
        for first, last in {self._clauses[at] for at in range(start, end)}:
            if not self._going_on(first, last):
                self._mark(first, last, "past")

    def _mark_past_tense(self, frame: str) -> None:
        for first, last in set(self._clauses):
            if self._has("past_tense", first, last) and not self._going_on(first, last):
                self._mark(first, last, frame)

    def _put_elsewhere(self) -> None:
        """Fiction by the sentence; another person's finished story by the clause."""
        for cue in self.cues.get("fiction", []):
            self._mark(*self._sentences[cue.start], "elsewhere")
        if not self.cues.get("finished_story"):
            return
        for first, last in set(self._clauses):
            told = self._has("other_person", first, last) and not self._of_myself(first, last)
            if told and not self._going_on(first, last):
                self._mark(first, last, "elsewhere")

    def _of_myself(self, first: int, last: int) -> bool:
        """Whether the clause is about the person; 'my neighbour' is not, where the story says how it came out."""
        others = {m.start for m in self.cues["other_person"]}
        closed = bool(self.cues.get("outcome")) and not self.cues.get("recent")
        mine = (m.start for m in self.cues.get("myself", []) if first <= m.start < last)
        return any(not (closed and self.tokens[at].word == "my" and at + 1 in others) for at in mine)

    def _make_general(self) -> None:
        """'What are the signs of ...' up to the end of the sentence, unless somebody's body comes into it."""
        for cue in self.cues.get("research", []):
            end = self._sentences[cue.start][1]
            if not self._has("personal", cue.end, end):
                self._mark(cue.start, end, "general")
        for cue in self.cues.get("impersonal", []):
            start, end = self._sentences[cue.start]
            if not self._has("personal", start, end):
                self._mark(start, end, "general")
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
