"""What the sources leave out although the question asks for it: noted gaps, a number that nobody gives, a name nobody uses."""

import re
from collections.abc import Iterable, Sequence

from assistant.catalog import Entry
from assistant.lexical import LexicalIndex
from assistant.lexicon import STOP_WORDS, stem, words
from assistant.retrieval import Query
from assistant.schema import Source

LEAD = 0.05  # by how much a gap noted for a quoted document must be nearer to the question than the nearest sentence (cosine)
REST_LEAD = -0.1  # the same where the question asks for the rest, the results, the whole list
OTHER_LEAD = 0.1  # the same for a document that was found and is not quoted
FLOOR = 0.45  # cosine below which a noted gap is about something else
BESIDE = 0.1  # by how much the nearest sentence with the number asked for may be further off than the nearest of all (cosine)
_NUMBERS = (
    r"(?:\d[\d.,]*|one|two|three|four|five|six|seven|eight|nine|ten|twelve|fifteen|twenty|thirty|forty|fifty|sixty|hundred|thousand"
    r"|half|quarter|third|tenth|dozen|couple|few|several|an?)"
)
_TIMES = r"(?:seconds?|minutes?|mins?|hours?|days?|nights?|weeks?|wks?|months?|years?|yrs?)"
_MEASURES = (
    r"(?:kilos?|kg|pounds?|lbs?|stone|degrees?|cm|centimetres?|inches|miles?|kilomet(?:re|er)s?|km|percent|steps)"
)
# What a question asks for -> what a sentence that gives it holds.
_ASKED_AND_GIVEN = tuple(
    (re.compile(asked, re.IGNORECASE), given)
    for asked, given in (
        (
            rf"\bhow (?:long|soon|late)\b(?! term)|\bhow (?:many|much) (?:more )?{_TIMES}\b",
            rf"\b{_NUMBERS}\b.*\b{_TIMES}\b|overnight|lifelong|for life",
        ),
        (
            r"\bhow often\b|\bhow many times\b",
            r"\b(?:times|every|each|daily|weekly|once|twice|regularly)\b|\ba (?:day|week|month)\b|miles|months",
        ),
        (rf"\bhow (?:many|much) {_MEASURES}\b|\bin {_MEASURES}\b", _MEASURES),
        (
            r"\bhow (?:many|heavy|hot|cold|fast|old)\b"
            r"|\b(?:what|which|right) (?:weight|number|pace|speed|temperature|angle|percentage|age|heart rate|size)\b",
            rf"\d|%|\b{_NUMBERS}\b(?<!\ba)(?<!\ban)",
        ),
    )
)  # fmt: skip
_ASKS_BRAND = re.compile(r"\b(?:what|which) (?:make|brand|model)s?\b", re.IGNORECASE)
_WHEN = re.compile(
    r"\bwhen (?:was|were|did) .*\b(?:written|write|publish|published|say|said|answered?|updated|reviewed|posted)\b"
    r"|\b(?:what|which) (?:date|year)\b|\bhow (?:old|recent) is (?:this|the|that) (?:answer|page|advice|information)\b",
    re.IGNORECASE,
)
_WHO = re.compile(
    r"\bwho (?:wrote|said|says|answered|is the (?:author|expert)|gave|is the .* (?:person|answering))\b", re.IGNORECASE
)
_THE_REST = re.compile(
    r"\b(?:what else|anything else|the rest|whole|full|complete|entire|results?|all the|list)\b", re.IGNORECASE
)
_NAME = re.compile(r"(?<![.!?] )(?<!^)\b(?:[A-Z][a-z]{2,}|[A-Z]{2,})\b|^[A-Z]{2,}\b")


def missing(
    question: str, query: Query, entries: Sequence[Entry], others: Sequence[Entry], lexical: LexicalIndex
) -> tuple[str, ...]:
    """Return sentences, in the project's words, on what ``question`` asks for and the quoted sources do not give.

    ``entries``: the documents quoted, best first; ``others``: found as well, and not quoted.
    """
    source = entries[0].document.source
    found = [
        *_noted(question, query, entries, others),
        *_of_source(question, source),
        *_unknown_names(question, query, [*entries, *others], lexical),
    ]
    if _ASKS_BRAND.search(question):
        found.append("No make or brand is named in what is quoted here.")
    elif not found and _number_lacks(question, query, entries):
        found.append("No number is given for this in what is quoted here.")
    return tuple(dict.fromkeys(found))


def _number_lacks(question: str, query: Query, entries: Sequence[Entry]) -> bool:
    """Tell whether ``question`` asks for a time or an amount that no sentence near to it gives."""
    given = next((given for asked, given in _ASKED_AND_GIVEN if asked.search(question)), None)
    if given is None:
        return False
    said = [
        (float(cosine), bool(re.search(given, entry.document.text[sentence.start : sentence.end], re.IGNORECASE)))
        for entry in entries
        for sentence, cosine in zip(entry.sentences, entry.sentence_vectors @ query.vector, strict=True)
    ]
    nearest = max(cosine for cosine, _ in said)
    return max((cosine for cosine, gives in said if gives), default=-1.0) < nearest - BESIDE


def _noted(question: str, query: Query, entries: Sequence[Entry], others: Sequence[Entry]) -> Iterable[str]:
    """Yield the gap noted by a curator that lies nearer to the question than anything that is said.

    Who asks for the rest of something is told of a gap that lies almost as near.
    """
    lead = REST_LEAD if _THE_REST.search(question) else LEAD
    said = max(float((entry.sentence_vectors @ query.vector).max()) for entry in entries)
    noted = [
        (float(cosine) - ahead, gap)
        for ahead, documents in ((lead, entries), (OTHER_LEAD, others))
        for entry in documents
        for gap, cosine in zip(entry.document.gaps, entry.gap_vectors @ query.vector, strict=True)
    ]
    nearest, gap = max(noted, default=(0.0, ""))
    if nearest > max(said, FLOOR):
        yield gap


def _of_source(question: str, source: Source) -> Iterable[str]:
    """Yield what the source does not tell about itself: its date, or who speaks."""
    if _WHEN.search(question) and not (source.published or source.reviewed):
        yield f"No date is given for the answer by {source.name} at {source.publisher}."
    if _THE_REST.search(question) and (source.truncated or source.incomplete):
        yield f"The source breaks off here: {source.publisher} gives no more of {source.name}'s answer."
    if _WHO.search(question) and source.author is None:
        yield f"{source.publisher} does not name who gave this answer."


def _unknown_names(question: str, query: Query, found: Sequence[Entry], lexical: LexicalIndex) -> Iterable[str]:
    """Yield the abbreviations and proper names of the question that no document holds and no source that was found bears."""
    repaired = {typed for typed, _ in query.reading.repaired}
    sources = {entry.document.source for entry in found}
    credited = {word for s in sources for word in words(f"{s.name} {s.credential} {s.publisher} {s.title}")}
    shouted = question.isupper()
    for name in dict.fromkeys(_NAME.findall(question)):
        word = name.casefold()
        if shouted or word in repaired or word in STOP_WORDS or word in credited:
            continue
        if not lexical.knows(stem(word)):
            yield f"“{name}” is not mentioned in any of the stored answers."
