"""What the sources leave out although the question asks for it: a noted gap, a number, a name, a thing that nobody mentions."""

import re
from collections.abc import Iterable, Sequence

from assistant.catalog import Entry
from assistant.coverage import Asked, Said
from assistant.focus import focus
from assistant.lexical import LexicalIndex
from assistant.lexicon import STOP_WORDS, stem, words
from assistant.retrieval import Query
from assistant.schema import Role

LEAD = 0.05  # by how much a gap noted for a quoted document must be nearer to the question than the nearest sentence (cosine)
SAME_LEAD = (
    -0.3
)  # the same where question and gap speak of the same kind of thing: a duration, a number, the way it is done
OTHER_LEAD = 0.1  # by how much more a gap must be nearer that was noted for a document that was found and is not quoted
FLOOR = 0.45  # cosine below which a noted gap is about something else
SAME_FLOOR = 0.3  # the same where both speak of the same kind of thing
NEAR = 0.25  # the same, to hold that a noted gap is filled by another source
BESIDE = 0.1  # by how much the nearest sentence with the number asked for may be further off than the nearest of all (cosine)
HALF = 0.5  # share of the words of a phrase that a document must carry to speak of it
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
            r"\bhow many (?:more )?years\b|\byears (?:until|before|does|do|will)\b",
            rf"\b{_NUMBERS}\b.*\b(?:years?|decades?)\b|lifelong|for life",
        ),
        (
            r"\bhow many (?:more )?(?:weeks|wks|months)\b|\b(?:weeks|months) (?:until|before|off)\b",
            rf"\b{_NUMBERS}\b.*\b(?:weeks?|months?|years?)\b|\ba matter of months\b",
        ),
        (
            r"\bhow many (?:more )?(?:seconds|minutes|mins)\b",
            rf"\b{_NUMBERS}\b.*\b(?:seconds?|minutes?|hours?)\b",
        ),
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
# Kinds of thing: how a question asks for one, and how a gap says that it is not given.
_KINDS = tuple(
    (re.compile(asked, re.IGNORECASE), re.compile(noted, re.IGNORECASE))
    for asked, noted in (
        (
            rf"\bhow (?:long|soon|quickly|fast)\b|\bhow (?:many|much) {_TIMES}\b|\bwhen can\b|{_TIMES} (?:until|before|off)\b"
            r"|recovery time",
            rf"\b(?:how|so) (?:long|soon|quickly)\b|how many {_TIMES}(?! a week)|recovery|\blasts?\b|\blasting\b",
        ),
        (
            r"\bhow (?:often|many times)\b|\b(?:days|times) (?:a|per|of the) (?:day|week|wk)\b|\bwhat days?\b",
            r"\bhow often\b|days a week|times a (?:day|week)",
        ),
        (
            r"\bhow (?:many|much|heavy|hot)\b|\bnumber\b|\b(?:sets|reps|repeats|repetitions)\b|\b(?:what|which) weight\b",
            rf"\bhow (?:many|much)\b(?! {_TIMES})|\bno number\b|\bno figure\b|\brepetitions\b|\bmeasure\b",
        ),
        (r"\bhow (?:high|deep)\b|\bheight\b", r"\bhow (?:high|deep)\b|\bheight\b"),
        (r"\bhow (?:far|hard)\b", r"\bhow (?:far|hard)\b"),
        (
            r"\bhow (?:do|does|can|could|should|to|exactly|is|are)\b|\bwhich way\b|\bhow .* (?:done|go)\b",
            r"\b(?:not|never) (?:\w+ )?(?:describe[ds]?|show|explain)|without explaining|\bhow to\b"
            r"|\bhow [\w ]+ (?:done|treated|diagnosed)\b",
        ),
        (
            r"\b(?:which|what) (?:exercises?|sports?|medicines?|drugs?|sedatives?|foods?|diseases?|movements?|injur\w+"
            r"|treatments?|changes?)\b|\blist\b",
            r"\b(?:not|no) (?:name|list|single|particular)|\bnot (?:name|list|describe)d?\b|\bnames? (?:no|nothing|them)\b"
            r"|\bwhich\b|\blist\b|\bexercises [\w ]*not (?:described|given)|\bwhat to (?:change|do)\b",
        ),
        (
            r"\bwho\b|\bwhich (?:person|people|expert|therapist|physical therapist|doctor)\b",
            r"\bwho\b|names? nobody|no name|which of the people|not named",
        ),
        (
            r"\b(?:trials?|study|studies|tested|evidence|proof|proven|results?|find|found)\b",
            r"\b(?:no trial|trials?|results?|stud(?:y|ies)|figures?)\b",
        ),
        (
            r"\b(?:what else|anything else|the rest|next step|comes? after|whole|full|complete|entire|results?|all the|list)\b",
            r"breaks? off|cut off|stops? before|is missing|\blost\b|the rest",
        ),
        (
            r"\bwhen (?:is|should|do|does)\b|\bemergency\b",
            r"\bwhen (?:a|an|the|to|it|someone|muscle|\w+ cramps)\b|emergency",
        ),
        (
            r"\bhow (?:do|can|would) (?:i|you|we|they) (?:tell|know)\b|\bdifference\b",
            r"\btold apart\b|\bhow to tell\b|\bdiffers?\b|in comparison",
        ),
    )
)
_ALLOWED = re.compile(
    r"\b(?:safe|ok|okay|alright|all right|fine|allowed)\b|\b(?:can|may|could) (?:i|you|we|he|she|they)\b", re.IGNORECASE
)
_NAMES_FIRST = re.compile(r"^\W*(?:do|does|did|is|are|will)\b", re.IGNORECASE)
_ASKS_BRAND = re.compile(r"\b(?:what|which) (?:make|brand|model)s?\b", re.IGNORECASE)
_ASKS_PRICE = re.compile(r"\bhow much .*\bcosts?\b|\b(?:what|the) (?:price|cost)s?\b", re.IGNORECASE)
_WHEN = re.compile(
    r"\bwhen (?:was|were|did) .*\b(?:written|write|publish|published|say|said|answered?|updated|reviewed|posted)\b"
    r"|\b(?:what|which) (?:date|year)\b|\bhow (?:old|recent) is (?:this|the|that) (?:answer|page|advice|information)\b",
    re.IGNORECASE,
)
_WHO = re.compile(
    r"\bwho (?:wrote|said|says|answered|is the (?:author|expert)|gave|is the .* (?:person|answering))\b", re.IGNORECASE
)
_HOW_TO = re.compile(r"\bhow (?:do|does|can|could|should|to|exactly|is|are)\b|\bhow .* (?:done|go)\b", re.IGNORECASE)
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
    found = [
        *_of_sources(question, entries),
        *_unknown_names(question, query, [*entries, *others], lexical),
        *_noted(question, query, entries, others),
    ]
    found += _of_trade(question, "is quoted here", [entry.document.text for entry in entries])
    if not found:
        found += _unmentioned(question, query, entries, lexical)
    if not found and _number_lacks(question, query, entries):
        found.append("No number is given for this in what is quoted here.")
    return tuple(dict.fromkeys(found))


def unheard(names: Iterable[str], question: str) -> tuple[str, ...]:
    """Return a sentence for each word of ``question`` that is asked about and that no document holds."""
    typed = (_as_typed([name], question) for name in names)
    said = (f"“{name}” is not mentioned in any of the stored answers." for name in dict.fromkeys(typed))
    return (*said, *_of_trade(question, "was found"))


def _of_trade(question: str, where: str, texts: Sequence[str] = ()) -> Iterable[str]:
    """Yield that no brand, and no sum of money, is given in ``texts``."""
    if _ASKS_BRAND.search(question):
        yield f"No make or brand is named in what {where}."
    if _ASKS_PRICE.search(question) and not any(re.search(r"[£$€] ?\d", text) for text in texts):
        yield f"No price is given in what {where}."


def _as_typed(phrase: Sequence[str], question: str) -> str:
    """Return the words of ``phrase`` as ``question`` spells them: an MRI is not an mri."""
    found = (re.search(rf"\b{re.escape(word)}\b", question, re.IGNORECASE) for word in phrase)
    return " ".join(match.group() if match else word for match, word in zip(found, phrase, strict=True))


def _number_lacks(question: str, query: Query, entries: Sequence[Entry]) -> bool:
    """Tell whether ``question`` asks for a time or an amount that no sentence near to it gives."""
    asks = any(asked.search(question) for asked, _ in _ASKED_AND_GIVEN)
    return asks and not _gives_number(question, query, entries, BESIDE)


def _gives_number(question: str, query: Query, entries: Sequence[Entry], beside: float) -> bool:
    """Tell whether ``question`` asks for a time or an amount that a sentence near to it gives."""
    given = next((given for asked, given in _ASKED_AND_GIVEN if asked.search(question)), None)
    if given is None:
        return False
    said = [
        (float(cosine), bool(re.search(given, entry.document.text[sentence.start : sentence.end], re.IGNORECASE)))
        for entry in entries
        for sentence, cosine in zip(entry.sentences, entry.sentence_vectors @ query.vector, strict=True)
    ]
    nearest = max(cosine for cosine, _ in said)
    return max((cosine for cosine, gives in said if gives), default=-1.0) >= nearest - beside


def _noted(question: str, query: Query, entries: Sequence[Entry], others: Sequence[Entry]) -> Iterable[str]:
    """Yield the gap noted by a curator that lies nearest to the question, where it lies nearer than what is said.

    A gap about the kind of thing that is asked for need not be nearer, unless another source gives just that.
    """
    said = max(float((entry.sentence_vectors @ query.vector).max()) for entry in entries)
    kinds = [noted for asked, noted in _KINDS if asked.search(question)]
    counted, shown = _gives_number(question, query, entries, NEAR), _gives_steps(question, query, entries)
    nearest, told = 0.0, ""
    for behind, documents in ((0.0, entries), (OTHER_LEAD, others)):
        for entry in documents:
            for gap, cosine in zip(entry.document.gaps, entry.gap_vectors @ query.vector, strict=True):
                same = any(noted.search(gap) for noted in kinds)
                if same and counted and not behind:
                    continue
                lead, floor = (0.0 if shown else SAME_LEAD, SAME_FLOOR) if same else (LEAD, FLOOR)
                if cosine - behind > max(said + lead, floor, nearest):
                    nearest, told = float(cosine) - behind, gap
    if told:
        yield told


def _gives_steps(question: str, query: Query, entries: Sequence[Entry]) -> bool:
    """Tell whether who asks how something is done is shown a list of steps near to it, by the expert who is asked about."""
    if not _HOW_TO.search(question):
        return False
    named = set(words(question))
    own = [e for e in entries if named & {w for n in words(e.document.source.name) for w in (n, f"{n}'s")} - STOP_WORDS]
    nearest = max(float((entry.sentence_vectors @ query.vector).max()) for entry in entries)
    return any(
        sentence.role is Role.LEAD_IN and float(cosine) >= nearest - NEAR
        for entry in own or entries
        for sentence, cosine in zip(entry.sentences, entry.sentence_vectors @ query.vector, strict=True)
    )


def _unmentioned(question: str, query: Query, entries: Sequence[Entry], lexical: LexicalIndex) -> Iterable[str]:
    """Yield that nobody speaks of what is asked about, or of it together with the setting it is asked for.

    Only where the question asks what something does, or whether it may be done: there a silent source is no answer.
    """
    asked, about = Asked.of(query, lexical), focus(query.text, query.reading.repaired)
    said = [Said.of(entry).everything for entry in entries]
    main, setting = ([stem(w) for w in phrase if stem(w) in asked.meanings] for phrase in (about.main, about.setting))
    named = f"“{_as_typed(about.main[:3], question)}”"
    credited = _credited(entries)
    first = about.things[0] if about.things[:1] == about.main[:1] and about.things else ""
    if first and first not in credited and _NAMES_FIRST.search(question):
        meant = asked.meanings.get(stem(first), frozenset())
        if not any(meant & terms for terms in said):
            yield f"{named} is not mentioned in what is quoted here."
            return
    if not (_ALLOWED.search(question) and main and setting):
        return
    carries = [[asked.carried(phrase, terms) >= HALF for phrase in (main, setting)] for terms in said]
    if any(both == [True, True] for both in carries):
        return
    if len(setting) == 1 and not any(of_setting for _, of_setting in carries):
        return  # one word that nobody uses: it is likely said in another word
    if any(of_main for of_main, _ in carries):
        yield f"None of the answers quoted here speaks of {named} together with “{_as_typed(about.setting, question)}”."
    else:
        yield f"{named} is not mentioned in what is quoted here."


def _of_sources(question: str, entries: Sequence[Entry]) -> Iterable[str]:
    """Yield what the sources do not tell about themselves: their date, who speaks, the part that is cut off."""
    source = entries[0].document.source
    if _WHEN.search(question):
        asked = set(words(question))
        source = next((s for s in (e.document.source for e in entries) if asked & set(words(s.name)[-1:])), source)
        if not (source.published or source.reviewed):
            yield f"No date is given for the answer by {source.name} at {source.publisher}."
    if _THE_REST.search(question):
        for cut in (entry.document.source for entry in entries):
            if cut.truncated or cut.incomplete:
                yield f"The source breaks off here: {cut.publisher} gives no more of {cut.name}'s answer."
                break
    if _WHO.search(question):
        for unnamed in (entry.document.source for entry in entries[:2]):
            if unnamed.author is None:
                yield f"{unnamed.publisher} does not name who gave this answer."
                break


def _unknown_names(question: str, query: Query, found: Sequence[Entry], lexical: LexicalIndex) -> Iterable[str]:
    """Yield the abbreviations and proper names of the question that no document holds and no source that was found bears."""
    repaired = {typed for typed, _ in query.reading.repaired}
    credited = _credited(found)
    shouted = question.isupper()
    for name in dict.fromkeys(_NAME.findall(question)):
        word = name.casefold()
        if shouted or word in repaired or word in STOP_WORDS or word in credited:
            continue
        if not lexical.knows(stem(word)):
            yield from unheard([name], question)


def _credited(entries: Iterable[Entry]) -> set[str]:
    """Return the words of the names, credentials, publishers and titles of sources."""
    sources = {entry.document.source for entry in entries}
    return {word for s in sources for word in words(f"{s.name} {s.credential} {s.publisher} {s.title}")}
