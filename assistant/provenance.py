"""Questions about the sources themselves: who wrote it, when, where, in which book, with what credentials.

"When was the answer on hamstring cramps written?" is no question on writing. What is left without the words that ask is searched
for, and of what is found the record is told, in the project's words: a record holds no sentence that could be quoted.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import Enum

from assistant.schema import AuthorType, Source, SourceKind

HEADING = "About the sources"
NO_BOOK = "None of what is shown here is from a book."
BOOKS = frozenset({SourceKind.BOOK, SourceKind.BLURB})
_WORK = (
    r"(?:answer|repl(?:y|ie)|advice|guidance|information|page|site|article|text|post|entry|passage|section|quote|source|tip|leaflet|expert|author"
    r"|book)s?"
)
_THIS = r"(?:the|this|that|these|those|it|his|her|their|your)"
_WRITTEN = r"(?:written|published|posted|updated|reviewed|dated|put (?:up|out|online)|made|given)"
_SPEAK = r"(?:talk|speak|write|wrote|say|recommend|advise|answer|mention)\w*"
_FRESH = r"(?:recent|old|new|current|dated|outdated|(?:up[- ]to|out[- ]of)[- ]date)"
_AUTHOR = r"(?:wrote|gave|answered|published|is behind|(?:is|was) the (?:author|writer|expert) (?:of|behind))"
_TRAINING = r"(?:credentials?|qualifications?|profession)"
_DOCTOR = r"(?:doctor|physio\w*|physical therapist|surgeon|expert|professional|trainer|nurse|scientist|researcher)"
_WORKS = re.compile(rf"\b{_WORK}\b|^(?:(?:this|that|it|he|she|they|published|written)\W*)+$", re.IGNORECASE)
_BOOK = re.compile(r"\bbooks?\b", re.IGNORECASE)
# What is left of "the answer on gluteal pumps", "her page about cramps", "Rick Olderman's answer".
_AROUND_TOPIC = re.compile(
    rf"\b(?:{_WORK}|{_THIS}|{_SPEAK}|here|he|she|they|on|about|for|of|to|from|by|in|regarding|concerning|an?|was|were|is|are)\b|[?.!,]",
    re.IGNORECASE,
)


class Detail(Enum):
    """What is asked of a source."""

    DATE = "date"
    AUTHOR = "author"
    CREDENTIAL = "credential"
    PLACE = "place"
    BOOK = "book"


_PATTERNS = tuple(
    (detail, re.compile(pattern, re.IGNORECASE))
    for detail, *patterns in (
        (
            Detail.DATE,
            rf"\bwhen (?:was|were|is|did) (?P<topic>.+?) (?:first |last |get )?{_WRITTEN}\b(?P<more>.*)",
            r"\bwhen did (?P<topic>.+?) (?:say|write|answer|publish|post)\b(?P<more>.*)",
            rf"\bhow {_FRESH} (?:is|are) (?P<topic>(?!he\b|she\b|they\b).+)",
            rf"^\W*(?:is|are) (?P<topic>.+?) (?:still )?{_FRESH}\W*$",
            r"\b(?:what|which|the) (?:date|year) (?:of|is|was|are|were|does|did) (?P<topic>.+)",
        ),
        (Detail.AUTHOR, rf"\bwho {_AUTHOR} (?P<topic>.+)", rf"\bwhose (?P<topic>{_WORK} (?:is|was|are|were) .+)"),
        (
            Detail.CREDENTIAL,
            rf"\bwhat (?:are|is|were|was) (?:the )?{_TRAINING} of (?P<topic>.+)",
            rf"\bwhat(?:['’]s| are| is| were| was) (?P<topic>.+?) {_TRAINING}\b",
            rf"\bwhat {_TRAINING} (?:does|do|has|have) (?P<topic>.+)",
            rf"^\W*(?:is|are|was) (?P<topic>.+?) (?:really |actually |even )?(?:qualified|an? (?:\w+ )?{_DOCTOR})\W*$",
            r"^\W*who(?: is|['’]s| was) (?P<topic>[^?]+?)\W*$",
        ),
        (
            Detail.PLACE,
            rf"\bwhere (?:do|did|is|was|are)\w* (?P<topic>.*\b{_WORK}\b.*?) (?:come|comes|from|published|taken|stand|appear)\b",
            rf"\bwhere did you (?:get|find|take) (?P<topic>.*\b{_WORK}\b.*?)(?: from)?\W*$",
            r"\bwhat(?:['’]s| is| are) (?P<topic>the (?:original )?sources? (?:for|of|behind|on) .+)",
            rf"\b(?:which|what) (?P<topic>(?:experts?|sources?|authors?) (?:\w+ )?{_SPEAK} .+)",
        ),
        (
            Detail.BOOK,
            r"\b(?:what|which) (?P<topic>book (?:is|was|are|does|do) .+?) (?:from|in|taken|come|comes|stand)\b",
            r"\b(?:name|title) of (?P<topic>(?:the|this|that|his|her) book)\b",
            r"\bwhat(?:['’]s| is) (?P<topic>(?:the|this|that|his|her) book) called",
        ),
    )
    for pattern in patterns
)


@dataclass(frozen=True)
class Inquiry:
    """A question about sources."""

    detail: Detail
    topic: str  # what they speak of, or who; empty: those of the turn before
    of_book: bool

    @property
    def needs_name(self) -> bool:
        """Whether it asks about a person: nothing else has credentials."""
        return self.detail is Detail.CREDENTIAL


def inquiry(question: str) -> Inquiry | None:
    """Return what ``question`` asks about sources; None where it asks about anything else."""
    for detail, pattern in _PATTERNS:
        if (found := pattern.search(question)) is None:
            continue
        topic = " ".join(filter(None, found.groupdict().values())).strip(" ?.!")
        if detail is Detail.CREDENTIAL or _WORKS.search(topic):
            return Inquiry(detail, " ".join(_AROUND_TOPIC.sub(" ", topic).split()), bool(_BOOK.search(topic)))
    return None


def told(detail: Detail, sources: Sequence[Source]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return sentences on what the records of ``sources`` hold, and on what they leave out, each once.

    Of credentials it is not told who gives none where another does; where no book is found it is told where the text stands.
    """
    holds, lacks = _TOLD[detail]
    said, missing = dict[str, None](), dict[str, None]()
    for source in sources:
        if sentence := holds(source):
            said[sentence] = None
        elif lacks:
            missing[lacks(source)] = None
    if detail is Detail.BOOK and not said:
        return told(Detail.PLACE, sources)[0], (NO_BOOK,)
    return tuple(said), () if said and detail is Detail.CREDENTIAL else tuple(missing)


def _by(source: Source) -> str:
    return f"the answer by {source.name} at {source.publisher}"


def _dated(source: Source) -> str:
    dates = [f"published {source.published}"] if source.published else []
    dates += [f"reviewed {source.reviewed}"] if source.reviewed else []
    return f"The record of {_by(source)} says: {', '.join(dates)}." if dates else ""


def _authored(source: Source) -> str:
    if source.author_type is not AuthorType.PERSON:
        return ""
    credential = f", {source.credential}," if source.credential else ""
    return f"{source.author}{credential} is named as the author of “{source.title}” at {source.publisher}."


def _nobody(source: Source) -> str:
    if source.author is None:
        return f"{source.publisher} does not name who gave this answer."
    return f"No person is named as the author of “{source.title}”: it is by {source.author}."


def _credited(source: Source) -> str:
    return f"{source.publisher} gives with the name of {source.author}: {source.credential}." if source.credential else ""


def _placed(source: Source) -> str:
    address = f", {source.url}" if source.url else ""
    return f"What is shown of {source.name} stands at {source.publisher}, “{source.title}”{address}."


def _booked(source: Source) -> str:
    by = f" by {source.author}" if source.author else ""
    return f"The book is “{source.title}”{by}, {source.publisher}." if source.kind in BOOKS else ""


_TOLD: dict[Detail, tuple[Callable[[Source], str], Callable[[Source], str] | None]] = {
    Detail.DATE: (_dated, lambda source: f"No date is given for {_by(source)}."),
    Detail.AUTHOR: (_authored, _nobody),
    Detail.CREDENTIAL: (_credited, lambda source: f"{source.publisher} gives no credentials of {source.name}."),
    Detail.PLACE: (_placed, None),
    Detail.BOOK: (_booked, None),
}
