"""What somebody typed becomes words: plain spelling, repaired slips, sentences and clauses.

A word that nobody knows is repaired to the nearest word of the rules, so that "nummb" is seen as "numb"; a real word
never is. Where several words are equally near, the token keeps them all.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from functools import lru_cache
from itertools import pairwise
from typing import NamedTuple

LONGEST_REPAIRED = 16  # letters
MEANINGS = 6  # words that one misspelt word may stand for
REMEMBERED = 8192  # words whose readings are kept: a question is read more than once, and its words come again

Reading = tuple[str, ...]  # what one written word may mean, likeliest first
Rewrite = tuple[tuple[str, ...], tuple[str, ...]]  # words as written, and the words that they mean


class Token(NamedTuple):
    """One word of a talk, with the turn, sentence and clause it stands in."""

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
    if text.isascii():  # has no other forms and no accents
        return text.lower().replace("`", "'")
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


@dataclass(frozen=True)
class Reader:
    """What reading needs to know: spelling, other ways to say the same, and the words that begin a clause."""

    speller: Speller
    rewrites: Mapping[str, Sequence[Rewrite]]  # by first written word, longest first
    clause_starts: frozenset[str]
    clause_joins: frozenset[str]  # these begin a clause only before a subject: "and my"
    subjects: frozenset[str]


def tokenise(turns: Sequence[str], reader: Reader) -> list[Token]:
    """Words of all turns after repair, each with its turn, sentence and clause."""
    tokens: list[Token] = []
    sentence = clause = 0
    for turn, text in enumerate(turns):
        sentence, clause = sentence + 1, clause + 1
        for piece in _rewritten(_repaired(text, reader), reader):
            if isinstance(piece, Break):
                clause += 1
                sentence += piece is Break.SENTENCE
            else:
                tokens.append(Token(piece[0], turn, sentence, clause, piece[1:]))
    return _with_clauses(tokens, reader)


def _repaired(text: str, reader: Reader) -> list[Reading | Break]:
    out: list[Reading | Break] = []
    for piece in _pieces(text):
        if isinstance(piece, Break):
            out.append(piece)
        else:
            out.extend(_readings(piece, reader.speller))
    return out


@lru_cache(maxsize=REMEMBERED)
def _readings(word: str, speller: Speller) -> tuple[Reading, ...]:
    meant = speller.repair(word)
    return tuple((part,) for part in speller.split(word)) if meant == (word,) else (meant,)


def _rewritten(pieces: Sequence[Reading | Break], reader: Reader) -> Iterator[Reading | Break]:
    first = [piece if isinstance(piece, Break) else piece[0] for piece in pieces]
    at = 0
    while at < len(pieces):
        word = first[at]
        for written, meant in reader.rewrites.get(word, ()) if isinstance(word, str) else ():
            if tuple(first[at : at + len(written)]) == written:
                yield from ((part,) for part in meant)
                at += len(written)
                break
        else:
            yield pieces[at]
            at += 1


def _with_clauses(tokens: Sequence[Token], reader: Reader) -> list[Token]:
    """Split clauses also where a new statement begins without punctuation: 'and my', 'but'."""
    extra, out = 0, list(tokens[:1])
    for token, following in pairwise([*tokens[1:], None] if tokens else []):
        if token is None:
            break
        joined = token.word in reader.clause_joins and following is not None and following.word in reader.subjects
        extra += token.word in reader.clause_starts or joined
        out.append(token._replace(clause=token.clause + extra) if extra else token)
    return out
