"""Turn text into search terms: lower case, no accents, no stop words, Porter2 stems."""

import re
import unicodedata
from functools import cache, lru_cache
from threading import Lock
from typing import Any

# Function words only: a question is often nothing but these and one word that matters.
STOP_WORDS = frozenset(
    """a about above after again all also am an and any are as at be because been before being below between both but by can
    could did do does doing done down during each else ever every few for from further get gets getting go goes going got had has
    have having he her here hers him his how i if im in into is it its itself ive just let like ll many may me might more most
    much must my myself no nor not of off on once one only or other our ours out over own please re really same shall she should
    so some such than that the their theirs them then there these they this those through til till to too under until up upon us
    ve very was way we were what when where which while who whom why will with without would you your yours yourself
    cant dont doesnt didnt isnt arent wasnt werent wont wouldnt shouldnt couldnt hasnt havent hadnt""".split()
)
_STEMMING = Lock()  # PyStemmer works in one place of memory
_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)?")


def words(text: str) -> list[str]:
    """Return the words of ``text`` in order, lower case and without accents."""
    folded = text.casefold()
    if not folded.isascii():
        folded = "".join(c for c in unicodedata.normalize("NFKD", folded) if not unicodedata.combining(c))
    return _WORD.findall(folded)


@lru_cache(maxsize=5_000)  # whoever asks may type long texts, each of them another
def terms(text: str) -> tuple[str, ...]:
    """Return the stems of the words that carry meaning, in order, repeats kept.

    Kept, since one question and the sentences of its answers are looked at from several sides.
    """
    return tuple(term for word in words(text) if (term := _term(word)))


def content_words(text: str) -> list[tuple[str, str]]:
    """Return (word, stem) for the words that carry meaning, in order, repeats kept."""
    return [(word, term) for word in words(text) if (term := _term(word))]


@lru_cache(maxsize=100_000)
def _term(word: str) -> str:
    """Return the stem of ``word``, or nothing where it is a function word."""
    short = word.replace("’", "'")
    is_stop_word = short.partition("'")[0] in STOP_WORDS or short.replace("'", "") in STOP_WORDS  # she's, wasn't
    return "" if is_stop_word else stem(word)


@lru_cache(maxsize=100_000)  # whoever asks may type any number of words
def stem(word: str) -> str:
    with _STEMMING:
        return str(_stemmer().stemWord(word.replace("’", "'")))


@cache
def _stemmer() -> Any:
    import Stemmer

    return Stemmer.Stemmer("english")
