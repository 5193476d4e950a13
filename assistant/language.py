"""Is a question in another language than the stored answers and the screen for urgent symptoms?"""

import re
import unicodedata
from collections import Counter
from functools import cache
from itertools import chain

from assistant.lexicon import STOP_WORDS
from assistant.rulebook import read_rules

FEWEST = 2  # small words of another language, so that a borrowed one makes no difference
_ENGLISH = STOP_WORDS | frozenset(
    "chi come den die dies dove fare hat hay hoe hot mag mal male men once pain sin son var war was".split()
)
# "l'anca", "j'ai", "d'épaule" hold a small word before the apostrophe; "it's" and "don't" do not.
_WORD = re.compile(r"\b(?:[ldjqnsm]|qu)'(?=[^\W\d_]{2})|[^\W\d_]+(?:'[^\W\d_]+)?")


def is_foreign(text: str) -> bool:
    """Tell whether ``text`` is in no Latin script, or has more small words of another language than of English."""
    letters = [] if text.isascii() else [c for c in text if c.isalpha()]
    if 2 * sum(not unicodedata.name(c, "").startswith("LATIN") for c in letters) > len(letters):
        return True
    words, languages = _WORD.findall(text.casefold().replace("’", "'")), _languages()
    small = [languages[word] for word in words if word in languages]
    if len(small) < FEWEST:
        return False
    most = max(Counter(chain.from_iterable(small)).values())
    return most >= FEWEST and most > sum(word in _ENGLISH for word in words)


@cache
def _languages() -> dict[str, tuple[str, ...]]:
    """Return small word -> the languages that have it, without those that English has."""
    known: dict[str, tuple[str, ...]] = {
        "l'": ("fr", "it"),
        "d'": ("fr", "it"),
        "j'": ("fr",),
        "qu'": ("fr",),
        "s'": ("fr",),
    }
    for language, said in read_rules("languages.yaml").items():
        for word in {word for word in said.split() if len(word) > 1 or not word.isascii()} - _ENGLISH:
            known[word] = (*known.get(word, ()), language)
    return known
