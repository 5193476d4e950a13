"""What the sources leave out although the question asks for it: a noted gap, a number, a name, a thing that nobody mentions."""

import re
from collections.abc import Iterable, Sequence
from itertools import groupby

from assistant import coverage, people, provenance
from assistant.asking import asks_permission, asks_whether
from assistant.coverage import Asked, Said
from assistant.credits import bears
from assistant.entries import Entry
from assistant.focus import asking
from assistant.lacks import lacks, likeliest
from assistant.lexical import LexicalIndex
from assistant.lexicon import STOP_WORDS, stem, terms, words
from assistant.retrieval import Query
from assistant.schema import Source
from assistant.things import named
from assistant.vocabulary import aside_terms

TOLD_FROM = -0.55  # log odds from which what an answer may lack is told
HALF = 0.5  # share of the words of a phrase that a document must carry to speak of it
NAMES = 0.5  # probability from which a word names a thing
SURELY_NAMES = 0.7
MOST = 2  # things that are named where a question is refused
_PAIR = re.compile(  # "in the hip and the thumb"
    r"([\w'-]{3,}),? (?:and|or|nor|plus|&) (?:(?:in|on|for|with|of|from|to|at|my|your|his|her|the|an?|bad|sore) )*([\w'-]{3,})",
    re.IGNORECASE,
)
_NAMES_FIRST = re.compile(r"^\W*(?:do|does|did|is|are|will)\b", re.IGNORECASE)
_ASKS_BRAND = re.compile(r"\b(?:what|which) (?:(?:brand|model)s?|makes? (?:of|is|are|should|do))\b", re.IGNORECASE)
_ASKS_PRICE = re.compile(r"\bhow much .*\bcosts?\b|\b(?:what|the) (?:price|cost)s?\b", re.IGNORECASE)
_WHO = re.compile(
    r"\bwho (?:wrote|said|says|answered|is the (?:author|expert)|gave|is the .* (?:person|answering))\b", re.IGNORECASE
)
_THE_REST = re.compile(
    r"\b(?:what else|anything else|the rest|whole|full|complete|entire|results?|all the|list)\b", re.IGNORECASE
)
_NAME = re.compile(r"(?<![.!?] )(?<!^)\b(?:[A-Z][a-z]{2,}|[A-Z]{2,})\b|^[A-Z]{2,}\b")


def missing(
    question: str,
    query: Query,
    entries: Sequence[Entry],
    others: Sequence[Entry],
    lexical: LexicalIndex,
    confidence: float,
    model: str = "",
    told_before: Sequence[str] = (),
) -> tuple[str, ...]:
    """Return sentences, in the project's words, on what ``question`` asks for and the quoted sources do not give.

    ``entries``: the documents quoted, best first; ``others``: found as well, and not quoted; ``confidence``: the
    probability, above 0 and below 1, that the corpus answers ``question``; ``model``: the fingerprint of the model in use;
    ``told_before``: earlier turns on the same subject, which may tell for whom somebody asks.
    """
    found = by_rule(question, query, entries, others, lexical)
    asked = Asked.of(query, lexical)
    if not found:
        likely, odds = likeliest(lacks(question, query, entries, others, asked, confidence, model))
        found += [likely] if odds > TOLD_FROM else []
    told = (turn for turn in told_before if people.of_same_person(turn, question))
    found += people.unspoken(" ".join((*told, query.text)), [entry.document for entry in entries])
    found += [] if found else _unmentioned(question, query, entries, asked)
    return tuple(dict.fromkeys(found))


def by_rule(
    question: str, query: Query, entries: Sequence[Entry], others: Sequence[Entry], lexical: LexicalIndex
) -> list[str]:
    """Return what is missing for certain: whoever's words are asked for, one of two things, a date, a speaker, the rest of a
    cut source, a name that no document holds, a price."""
    return [
        *_by_others(query, entries),
        *_one_of_two(question, query, entries, lexical),
        *_of_sources(question, entries, others),
        *_unknown_names(question, query, [*entries, *others], lexical),
        *_of_trade(question, "is quoted here", [entry.document.text for entry in entries]),
    ]


def noted(missing: Iterable[str], question: str, entries: Sequence[Entry], others: Sequence[Entry]) -> bool:
    """Tell whether a curator noted what is ``missing``, or the record of a source shows it: then that source was asked about."""
    recorded = {gap for entry in entries for gap in entry.document.gaps}.union(_of_sources(question, entries, others))
    return any(sentence in recorded for sentence in missing)


def unfound(question: str, query: Query, nearest: Sequence[Entry], lexical: LexicalIndex) -> tuple[str, ...]:
    """Return sentences on the things that ``question`` is refused for: those that no document holds, else those that none of
    the ``nearest`` holds, at most MOST of them."""
    told = _unheard(coverage.unheard(query, lexical), question) or _not_nearby(question, query, nearest, lexical)
    return (*told, *_of_trade(question, "was found"))


def _unheard(names: Iterable[str], question: str) -> list[str]:
    """Return a sentence for each of ``names``, which no document holds."""
    typed = (_as_typed([name], question) for name in names)
    return [f"“{name}” is not mentioned in any of the stored answers." for name in dict.fromkeys(typed)]


def _not_nearby(question: str, query: Query, nearest: Sequence[Entry], lexical: LexicalIndex) -> list[str]:
    """Return a sentence for each word that names a thing and that none of ``nearest`` holds."""
    strange = Asked.of(query, lexical).strange([Said.of(entry).everything for entry in nearest])
    # Not the "e" of "e-bike".
    told = (word for word in dict.fromkeys(words(query.reading.text)) if len(word) > 1 and stem(word) in strange)
    names = [word for word in told if named(terms(word)) >= NAMES]
    typed = {better: word for word, better in query.reading.repaired}
    shown = [_as_typed([typed.get(name, name)], question) for name in names[:MOST]]
    return [f"“{name}” is not mentioned in the answers nearest to this." for name in shown]


def _of_trade(question: str, where: str, texts: Sequence[str] = ()) -> Iterable[str]:
    """Yield that no brand, and no sum of money, is given in ``texts``."""
    if _ASKS_BRAND.search(question):
        yield f"No make or brand is named in what {where}."
    if _ASKS_PRICE.search(question) and not any(re.search(r"[£$€] ?\d", text) for text in texts):
        yield f"No price is given in what {where}."


def _as_typed(phrase: Sequence[str], question: str) -> str:
    """Return the words of ``phrase`` as ``question`` spells them, with what stands between them where that is little: an MRI
    is not an mri, and "ride a horse" is not "ride horse"."""
    between = r"\W+(?:\w+\W+){0,2}?"
    if found := re.search(rf"\b{between.join(map(re.escape, phrase))}\b", question, re.IGNORECASE):
        return found.group()
    words = (re.search(rf"\b{re.escape(word)}\b", question, re.IGNORECASE) for word in phrase)
    return " ".join(match.group() if match else word for match, word in zip(words, phrase, strict=True))


def _unmentioned(question: str, query: Query, entries: Sequence[Entry], asked: Asked) -> Iterable[str]:
    """Yield that nobody speaks of what is asked about, or of it together with the setting it is asked for.

    Only where the question asks what something does, or whether it may be done: there a silent source is no answer.
    """
    about = query.focus
    said = [Said.of(entry).everything for entry in entries]
    subject, beside, shown = about.main, about.setting, about.main[:3]
    first = about.things[0] if about.things[:1] == about.main[:1] and about.things else ""
    surely_named = stem(first) in asked.plain and named(terms(first)) >= SURELY_NAMES and first not in _credited(entries)
    if surely_named and _NAMES_FIRST.search(question) and not any(asked.meanings[stem(first)] & terms for terms in said):
        yield f"“{_as_typed(shown, question)}” is not mentioned in what is quoted here."
        return
    if asks_whether(question):
        subject, beside = _first_thing_and_others(_clause(query), asked)
        shown = subject
    elif not asks_permission(question):
        return
    main, setting = ([stem(w) for w in phrase if stem(w) in asked.meanings] for phrase in (subject, beside))
    if not (main and setting):
        return
    carries = [[asked.carried(phrase, terms) >= HALF for phrase in (main, setting)] for terms in said]
    if any(both == [True, True] for both in carries):
        return
    if asks_permission(question) and len(setting) == 1 and not any(of_setting for _, of_setting in carries):
        return  # one word that nobody uses: it is likely said in another word
    told = f"“{_as_typed(shown, question)}”"
    if any(of_main for of_main, _ in carries):
        yield f"None of the answers quoted here speaks of {told} together with “{_as_typed(beside, question)}”."
    else:
        yield f"{told} is not mentioned in what is quoted here."


def _clause(query: Query) -> Sequence[str]:
    """Return the words of the clause that asks whether something is so, the last one where several do."""
    clauses = asking(query.text, query.reading.repaired)
    return next((clause for clause in reversed(clauses) if asks_whether(" ".join(clause))), clauses[-1] if clauses else ())


def _first_thing_and_others(clause: Sequence[str], asked: Asked) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the words of ``clause`` that name the first thing, which stand side by side, and those that name others."""
    things = groupby(clause, lambda word: stem(word) in asked.plain and named(terms(word)) >= SURELY_NAMES)
    first, *others = [tuple(group) for names, group in things if names] or [()]
    return first, tuple(word for group in others for word in group)


def _by_others(query: Query, entries: Sequence[Entry]) -> Iterable[str]:
    """Yield that nothing is quoted of whoever's words are asked for."""
    if query.name and not any(bears(query.name, entry.document.source.name) for entry in entries):
        yield f"Nothing by {query.name} is quoted here."


def _one_of_two(question: str, query: Query, entries: Sequence[Entry], lexical: LexicalIndex) -> Iterable[str]:
    """Yield the thing that no quoted document speaks of, where it is asked about side by side with one of which some do."""
    pairs = _PAIR.findall(query.reading.text)
    if not pairs:
        return
    asked, said = Asked.of(query, lexical), frozenset[str]().union(*(Said.of(entry).everything for entry in entries))
    for pair in pairs:
        if not all(len(stem(word)) > 2 and stem(word) in asked.plain for word in pair):
            continue
        unsaid = [word for word in pair if asked.meanings[stem(word)].isdisjoint(said)]
        if len(unsaid) == 1 and (named(terms(unsaid[0])) >= SURELY_NAMES or stem(unsaid[0]) in asked.sites):
            yield f"“{_as_typed(unsaid, question)}” is not mentioned in what is quoted here."


def _of_sources(question: str, entries: Sequence[Entry], others: Sequence[Entry]) -> Iterable[str]:
    """Yield what the sources do not tell about themselves: their date, who speaks, the part that is cut off."""
    about = provenance.inquiry(question)
    if about and about.detail is provenance.Detail.DATE:
        yield from provenance.told(about.detail, [_named_source(question, [*entries, *others])])[1]
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


def _named_source(question: str, entries: Sequence[Entry]) -> Source:
    """Return the source whose name the question says the most of, else the first one."""
    asked = set(words(question))
    sources = [entry.document.source for entry in entries]
    return max(sources, key=lambda source: len(asked & set(words(f"{source.name} {source.publisher}"))))


def _unknown_names(question: str, query: Query, found: Sequence[Entry], lexical: LexicalIndex) -> Iterable[str]:
    """Yield the abbreviations and proper names of what is asked that no document holds and no source that was found bears."""
    names = [] if question.isupper() else list(dict.fromkeys(_NAME.findall(question)))
    if not names:
        return
    asked = {word for clause in asking(question) for word in clause} - {typed for typed, _ in query.reading.repaired}
    told = asked - STOP_WORDS - _credited(found)
    for name in names:
        word = name.casefold()
        if word in told and stem(word) not in aside_terms() and not lexical.knows(stem(word)) and named([stem(word)]) >= NAMES:
            yield from _unheard([name], question)


def _credited(entries: Iterable[Entry]) -> set[str]:
    """Return the words of the names, credentials, publishers and titles of sources."""
    sources = {entry.document.source for entry in entries}
    return {word for s in sources for word in words(f"{s.name} {s.credential} {s.publisher} {s.title}")}
