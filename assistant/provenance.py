"""Questions about the sources themselves: who wrote it, when, where, in which book, with what credentials.

"When was the answer on hamstring cramps written?" is no question on writing. What is left without the words that ask is searched
for, and of what is found the record is told, in the project's words: a record holds no sentence that could be quoted.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import Enum
from functools import lru_cache

from assistant.schema import Answer, AuthorType, Source, SourceKind

HEADING = "About the sources"
NO_BOOK = "None of what is shown here is from a book."
REMEMBERED = 64  # questions
BOOKS = frozenset({SourceKind.BOOK, SourceKind.BLURB})


class Detail(Enum):
    """What is asked of a source."""

    DATE = "date"
    BOOK = "book"
    PLACE = "place"
    AUTHOR = "author"
    SPEAKER = "speaker"
    CREDENTIAL = "credential"


_WORK = (
    r"(?:answer|repl(?:y|ie)|advice|guidance|info(?:rmation)?|page|site|article|text|piece|post|entry|passage|section|quote|tip"
    r"|leaflet|stud(?:y|ie)|trial|review|paper|survey|blog|research|card|stuff|thing|bit|figure|handbook|book)s?"
)
_IT = r"(?:that|this|it|he|she|they|you|ya|u|your|ur|you['’]?ve)"
_BOOK = r"(?:hand)?books?"
_REALLY = r"(?: actually| even| really| exactly)?"
_IS = r"(?:is|r|['’]?s|are|was|were|isn['’]?t|do|does|did|['’]?d)"
_OUT = r"(?:written|write|published?|posted|dated|updated?|review(?:ed)?|c[oa]me out|put (?:up|out|online)|say|said)"
_MEANT = rf"(?:that|this|it|(?:the|any|these|those|all|your|ur)(?: [\w'’-]+){{0,5}} {_WORK})\b"
_FRESH = r"(?:recent|current|new(?:er)?|old|ancient|dated|outdated|(?:up[- ]to|out[- ]of)[- ]date)"
_NOT_OF_PEOPLE = r"(?<!are )(?<!re )(?<!m )(?<!get )(?<!getting )"  # "because you are old"
_SAYS = r"(?:says?|said|reckons?|claims?|claimed|told|tells|recommends?|advises?)"
_WROTE = r"(?:wrote|writes|gave|answered|published|put together|made)"
_EXPERT = r"(?:experts?|researchers?|authors?|writers?|scientists?)"
_HOST = r"(?:web ?site|site|journal|hospital|podcast|clinic|magazine|leaflet|publisher|organi[sz]ation|source)s?"
_DOCTOR = r"(?:doctor|dr|gp|physio(?:therapist)?|physical therapist|surgeon|scientist|coach|trainer|nurse|medic)s?"
# By detail, the words that ask for it; what they leave of the question is its topic.
_CUES = {
    Detail.DATE: (
        rf"\bwhen(?: (?:is|was|were|did)|['’]?s)\b(?=.*\b(?:{_OUT}|from)\b)",
        rf"\bhow (?:{_FRESH}|long ago) {_IS}\b",
        rf"\b{_IS} (?={_MEANT})(?=.*\b{_NOT_OF_PEOPLE}{_FRESH}(?: (?:or|by|then|now|enough|and)\b|\W*(?:[?.,!]|$)))",
        r"\b(?:what|which|the|publication|publishing) (?:publication )?(?:date|year|yr)\b",
        rf"\b(?:any|some|no)thing (?:more )?{_FRESH}\b(?! or\b)|\b(?:more recent|newer)(?= than\b|\W*$)",
        r"\b(?:no|a|any) date\b(?! (?:for|with|when))|\b(?:been|last) (?:updated|revised|reviewed)\b"
        r"|\bfrom the last \w+ years\b|\bnewer version\b",
        r"\bwhen\b(?=.*\b(?:written|published|posted|updated)\b)|\b(?:reviewed|updated?|changed?)\b(?=.*\b(?:recently|lately)\b)",
        r"\bfrom (?:like )?(?:the )?(?:\d0['’]?s|(?:19|20)\d\d)\b|^\W*(?:what |which |the )?(?:year|date|last updated)\W*$",
    ),
    Detail.BOOK: (
        rf"\b(?:what['’]?s?|which)(?: [\w'’-]+){{0,3}} {_BOOK}\b(?! (?:an?|in|my|me)\b)",
        rf"\b{_BOOK} (?:is |was )?(?:called|titled|named|by|about it|out)\b",
        rf"\b(?:out of|from|in|got|there) (?:an?|any|the|his|her|that|which) {_BOOK}\b",
        rf"\b(?:name|title|author) of (?:[\w'’-]+ ){{1,3}}{_BOOK}\b",
        rf"\bwho(?: {_IS}|['’]?s)? (?:wrote|it by|behind)\b(?=.* {_BOOK}\b)",
    ),
    Detail.PLACE: (
        rf"\bwhere(?:['’]?[sd]| {_IS}| you| u)\b(?=.*\b(?:{_WORK}|you|u)\b)"
        r"(?=.*\b(?:from|come|came|get|got|f[io]u?nd|take|published)\w*\b)",
        r"\b(?:sources?|references?|citations?) (?:for|to|on|behind|of (?:the|this|that) (?:advice|claim|tip|idea|figure))\b",
        r"^\W*(?:sources?|links?|references?)(?: please| pls)?\W*$|\blink (?:please|pls)\b",
        r"\blinks? to (?:the|that|this)\b|\bgot (?:an? |any )?(?:sources?|references?|links?)\b|\boff wikipedia\b",
        rf"\b(?:which|what) (?:\w+ )?{_HOST}\b"
        rf"(?=.*\b(?:from|off|out of|sa(?:id|ys?)|supports?|regards?|thinks?|was|were|{_IT})\b)(?!.* best\b)",
        r"\b(?:which|what) (?:journals?|podcasts?|magazines?|newspapers?|web ?sites?)\b",
        r"\bor (?:just|only|is it)(?: just)? (?:some |a |the )?(?:random )?\w*(?:blogs?|web ?sites?|mail|clinics?)\b",
        rf"\b{_IS} (?={_MEANT})(?=.*\b(?:from|off|out of) (?:(?:an?|the|some|actual|real) )*(?:nhs|nice|{_HOST}|{_WORK})\b)",
        rf"\b(?:which|what) {_EXPERT} (?:talk|speak|are (?:for|against)|cover|mention)\w*",
    ),
    Detail.AUTHOR: (
        rf"\b(?:who|hu)(?:['’]?s| {_IS})?{_REALLY} (?:{_WROTE}|rote|it by|behind)\b|^\W*(?:author|by who|who by)\W*$",
        rf"\b(?:names? of |name |who are |{_IS} )?the (?:authors?|writers?|researchers?) (?:of|behind)\b"
        rf"|\bnames? of the (?:person|people|one)\b|^\W*names? (?:pls|please)\b",
        r"\b(?:written|wrote|write)\b(?=.*\b(?:human|person|computer|chatgpt|ai|machine|bot|robot)\b)",
        rf"\bwhose (?:{_WORK}|opinion|view|idea|claim|words?)\b",
    ),
    Detail.SPEAKER: (
        rf"\bwho(?:['’]?s| {_IS})?(?: it| the \w+)?(?: that| who)?{_REALLY} {_SAYS}\b",
        r"\baccording to (?:who|whom)\b|\bsays who\b",
        rf"\b(?:which|what|whose) {_EXPERT}\b(?! is| are| can| should| with| get| need| who)",
    ),
    Detail.CREDENTIAL: (
        r"\b(?:credentials?|qualif\w+|legit|trustworthy|profession|background|training|degree|after [\w'’]+ name)\b",
        rf"\b(?:is|are|was|he|she|they)\b(?=.*{_DOCTOR})|\b(?:an? )?(?:\w+ )?{_DOCTOR}\W*$",
        rf"\b(?:proper|real|actual) {_DOCTOR}\b|\bwho(?: the \w+| tf| on earth| even)?(?:['’]?s| {_IS})\b|\btrust\b",
    ),
}
_PATTERNS = {detail: re.compile("|".join(f"(?:{cue})" for cue in cues), re.IGNORECASE) for detail, cues in _CUES.items()}
_NAMES_A_WORK = re.compile(rf"\b(?:{_WORK}|{_IT})\b", re.IGNORECASE)
_NAMES_A_BOOK = re.compile(r"\b(?:the|this|that|these|his|her|their|your|ur) (?:\w+ )?books?\b|\bhandbooks?\b", re.IGNORECASE)
# What is left around the topic: "the answer on gluteal pumps", "her page about cramps", "Rick Olderman's answer".
_AROUND_TOPIC = re.compile(
    rf"\b(?:{_WORK}|{_IT}|{_OUT}|{_FRESH}|{_HOST}|{_BOOK}|{_SAYS}|{_EXPERT}|{_IS}|what|which"
    r"|the|these|those|his|her|their|here|on|about|for|of|to|from|by|in|off|an?|even|actually|really|still|way|year"
    r"|called|titled?|has|have|had|got|get|come|comes|came|behind|or|just|some|ok|hm|pls|please|then|lol)\b|[^\w\s'’-]",
    re.IGNORECASE,
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


@lru_cache(maxsize=REMEMBERED)
def inquiry(question: str) -> Inquiry | None:
    """Return what ``question`` asks about sources; None where it asks about anything else."""
    for detail, cues in _PATTERNS.items():
        if cues.search(question) and (detail is not Detail.DATE or _NAMES_A_WORK.search(question)):
            topic = " ".join(_AROUND_TOPIC.sub(" ", cues.sub(" ", question)).split())
            return Inquiry(detail, topic, detail is not Detail.DATE and bool(_NAMES_A_BOOK.search(question)))
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


def is_told(answer: Answer) -> bool:
    """Tell whether ``answer`` holds what the records of sources say, or that they do not say it."""
    by_record = answer.notice is not None and answer.notice.heading == HEADING
    sources = [citation.source for citation in answer.citations]
    left_out = {lacks(source) for _, lacks in _TOLD.values() if lacks for source in sources} | {NO_BOOK}
    return by_record or not left_out.isdisjoint(answer.missing)


def _by(source: Source) -> str:
    return f"the answer by {source.name}{_at(source)}"


def _at(source: Source) -> str:
    """Return where it stands, unless that is named like whoever wrote it."""
    return "" if source.author and source.publisher.startswith(source.author) else f" at {source.publisher}"


def _dated(source: Source) -> str:
    dates = [f"published {source.published}"] if source.published else []
    dates += [f"reviewed {source.reviewed}"] if source.reviewed else []
    return f"The record of {_by(source)} says: {', '.join(dates)}." if dates else ""


def _authored(source: Source) -> str:
    if source.author_type is not AuthorType.PERSON:
        return ""
    credential = f", {source.credential}," if source.credential else ""
    return f"{source.author}{credential} is named as the author of “{source.title}” at {source.publisher}."


def _spoken(source: Source) -> str:
    """Whom the answer quotes: whether they say just what is asked, their own sentences tell."""
    credential = f", {source.credential}," if source.credential else ""
    return f"Shown here is {source.author}{credential}{_at(source)}." if source.author else ""


def _unnamed(source: Source) -> str:
    return f"{source.publisher} does not name who gave this answer."


def _nobody(source: Source) -> str:
    if source.author is None:
        return _unnamed(source)
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
    Detail.SPEAKER: (_spoken, _unnamed),
    Detail.CREDENTIAL: (_credited, lambda source: f"No credentials are given for {source.name}{_at(source)}."),
    Detail.PLACE: (_placed, None),
    Detail.BOOK: (_booked, None),
}
