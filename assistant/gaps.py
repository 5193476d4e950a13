"""What the sources leave out although the question asks for it: noted gaps, a number that nobody gives, a name nobody uses."""

import re
from collections.abc import Iterable, Sequence

from assistant.catalog import Entry
from assistant.lexical import LexicalIndex
from assistant.lexicon import STOP_WORDS, stem
from assistant.retrieval import Query
from assistant.schema import Source

LEAD = 0.05  # by how much a noted gap must be nearer to the question than the nearest sentence (cosine)
FLOOR = 0.5  # cosine below which a noted gap is about something else
_NUMBER = re.compile(
    r"\d|\b(?:one|two|three|four|five|six|seven|eight|nine|ten|twelve|fifteen|twenty|thirty|forty|fifty|sixty|hundred|thousand|half|third|quarter"
    r"|once|twice|daily|weekly|double|single|dozen|first|second|couple|every|each day|minutes?|hours?|days?|weeks?|months?|years?)\b",
    re.IGNORECASE,
)
_ASKS_NUMBER = re.compile(
    r"\bhow (?:many|often|heavy|hot|cold|fast|old|far)\b|\bhow long\b(?! (?:term|lasting))|\bhow much (?:weight|time|pressure|water|force)\b"
    r"|\b(?:what|which) (?:weight|number|pace|speed|temperature|angle|percentage|age|heart rate|size)\b|\bhow (?:soon|late)\b",
    re.IGNORECASE,
)
_ASKS_BRAND = re.compile(r"\b(?:what|which) (?:make|brand|model)s?\b", re.IGNORECASE)
_WHEN = re.compile(
    r"\bwhen (?:was|were|did) .*\b(?:written|write|publish|published|say|said|answered?|updated|reviewed|posted)\b"
    r"|\b(?:what|which) (?:date|year)\b|\bhow (?:old|recent) is (?:this|the|that) (?:answer|page|advice|information)\b",
    re.IGNORECASE,
)
_WHO = re.compile(r"\bwho (?:wrote|said|says|answered|is the (?:author|expert)|gave|is the .* (?:person|answering))\b", re.IGNORECASE)
_NAME = re.compile(r"(?<![.!?] )(?<!^)\b(?:[A-Z][a-z]{2,}|[A-Z]{2,})\b|^[A-Z]{2,}\b")


def missing(question: str, query: Query, entries: Sequence[Entry], shown: str, lexical: LexicalIndex) -> tuple[str, ...]:
    """Return sentences, in the project's words, on what ``question`` asks for and the quoted sources do not give.

    ``entries``: the documents quoted, best first; ``shown``: all that is quoted of them.
    """
    source = entries[0].document.source
    found = [*_noted(query, entries), *_of_source(question, source), *_unknown_names(question, query, lexical)]
    if _ASKS_BRAND.search(question):
        found.append("No make or brand is named in what is quoted here.")
    elif not found and _ASKS_NUMBER.search(question) and not _NUMBER.search(shown):
        found.append("No number is given for this in what is quoted here.")
    return tuple(dict.fromkeys(found))


def _noted(query: Query, entries: Sequence[Entry]) -> Iterable[str]:
    """Yield the gap noted by a curator that lies nearer to the question than anything that is said."""
    said = max(float((entry.sentence_vectors @ query.vector).max()) for entry in entries)
    noted = [
        (float(cosine), gap)
        for entry in entries
        for gap, cosine in zip(entry.document.gaps, entry.gap_vectors @ query.vector, strict=True)
    ]
    nearest, gap = max(noted, default=(0.0, ""))
    if nearest > max(said + LEAD, FLOOR):
        yield gap


def _of_source(question: str, source: Source) -> Iterable[str]:
    """Yield what the source does not tell about itself: its date, or who speaks."""
    if _WHEN.search(question) and not (source.published or source.reviewed):
        yield f"No date is given for the answer by {source.name} at {source.publisher}."
    if _WHO.search(question) and source.author is None:
        yield f"{source.publisher} does not name who gave this answer."


def _unknown_names(question: str, query: Query, lexical: LexicalIndex) -> Iterable[str]:
    """Yield the abbreviations and proper names of the question that no document holds."""
    repaired = {typed for typed, _ in query.reading.repaired}
    shouted = question.isupper()
    for name in dict.fromkeys(_NAME.findall(question)):
        word = name.casefold()
        if not shouted and word not in repaired and word not in STOP_WORDS and not lexical.knows(stem(word)):
            yield f"“{name}” is not mentioned in any of the stored answers."
