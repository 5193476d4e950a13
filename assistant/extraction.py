"""Choose what to show: which documents, and which of their sentences, in the expert's own order.

Sentences are ranked by a weighted sum of five features, trained on pairs of sentences of one document of which only one
answers (docs/quality.md). Where a sentence stands is not among them: the evidence closes a scientific abstract and opens
a page for patients, and so a weight learned on the one is wrong for the other.
"""

import json
from collections import Counter
from collections.abc import Sequence
from functools import cache
from importlib import resources

import numpy as np
import numpy.typing as npt

from assistant.embedding import Vectors
from assistant.entries import Entry
from assistant.lexical import LexicalIndex
from assistant.lexicon import words
from assistant.retrieval import Query, lexical_shares
from assistant.schema import Hit, Role
from assistant.sentences import with_needed
from assistant.verification import Quote

Features = npt.NDArray[np.float64]

WHOLE_DOCUMENT = 3  # a document of this many sentences or fewer is shown whole rather than chopped
PER_DOCUMENT = 4  # sentences of a longer one
SENTENCE_GAP = 2.0  # a sentence further below the best one of its document (odds of 7 to 1) is not shown
LONGEST_LIST = 10  # items that are shown together
LIST_COUNTS = 3
DOCUMENTS = 5
PER_SPEAKER = 2  # documents of one expert, as long as others have something to say
# Cosine with the question asked; share of its idf mass that the sentence carries; logarithm of the sentence's content words;
# cosine with the document's own question, which a sentence that only repeats it lies nearest to; cosine with the document.
FEATURES = ("cosine", "coverage", "length", "repeats", "central")
SCORE_GAP = 0.25  # a document further below the best one is not shown
_NEGATIONS = frozenset("no not never nor without don't doesn't isn't aren't can't cannot won't shouldn't".split())


def sentence_features(
    query: Query, said: Sequence[Sequence[str]], vectors: Vectors, question: Vectors, lexical: LexicalIndex
) -> Features:
    """Return the features named in FEATURES of the sentences of one document, shape (len(said), len(FEATURES)).

    said are the terms of the sentences, vectors (len(said), dimension) theirs, question (dimension,) that of the document's
    own question.
    """
    middle = vectors.mean(axis=0)
    return np.column_stack(
        [
            vectors @ query.vector,
            lexical_shares(query, map(frozenset, said), lexical),
            np.log([max(len(stems), 1) for stems in said]),
            vectors @ question,
            vectors @ (middle / max(float(np.linalg.norm(middle)), 1e-9)),
        ]
    ).astype(np.float64)


@cache
def trained_weights() -> Features:
    """Return one weight a feature, as tests/bench/train_sentences.py trained them."""
    stored = json.loads((resources.files("assistant") / "rules" / "sentences.json").read_text(encoding="utf-8"))
    return np.array([stored["weights"][name] for name in FEATURES])


def score_sentences(query: Query, entry: Entry, lexical: LexicalIndex) -> Features:
    """Return a score a sentence of ``entry``; a difference of d says with odds of e^d to 1 which of two answers."""
    vectors, question = entry.sentence_vectors, entry.question_vectors[0]
    scores: Features = sentence_features(query, entry.sentence_terms, vectors, question, lexical) @ trained_weights()
    return scores


def choose_hits(hits: Sequence[Hit], limit: int = DOCUMENTS) -> list[Hit]:
    """Return the documents to show: the best, those close behind, and the other sides of a dispute they take part in."""
    if not hits:
        return []
    close = _shared_out([hit for hit in hits if hit.score >= hits[0].score - SCORE_GAP], limit)
    # The sides of a dispute are worded to match on the page they stand on; other pages on the same point word them anew.
    pages = {hit.document.page for hit in close[:2] if hit.document.source.view}
    shown = {(hit.document.page, hit.document.source.view) for hit in close}
    for hit in hits:
        side = (hit.document.page, hit.document.source.view)
        if side[1] and side[0] in pages and side not in shown:
            close.append(hit)
            shown.add(side)
    return _side_by_side(close)


def _side_by_side(hits: Sequence[Hit]) -> list[Hit]:
    """Move the other sides of a dispute up behind the first one shown, so that none is cut off for want of room."""
    first: dict[str, int] = {}  # page -> place of the first side shown of its dispute
    shown: set[tuple[str, str]] = set()
    moved = []
    for place, hit in enumerate(hits):
        page, view = hit.document.page, hit.document.source.view
        new = view is not None and (page, view) not in shown
        moved.append(first.setdefault(page, place) if new else place)
        shown.add((page, view or ""))
    return [hits[place] for place in sorted(range(len(hits)), key=lambda place: (moved[place], place))]


def _shared_out(hits: Sequence[Hit], limit: int) -> list[Hit]:
    """Return ``limit`` of ``hits``, best first; one expert takes the places of others only where those are free."""
    taken: Counter[tuple[str | None, str]] = Counter()
    turns = []
    for hit in hits:
        speaker = (hit.document.source.author, hit.document.source.publisher if not hit.document.source.author else "")
        turns.append(taken[speaker] >= PER_SPEAKER)
        taken[speaker] += 1
    first_come = sorted(range(len(hits)), key=lambda place: (turns[place], place))[:limit]
    return [hits[place] for place in sorted(first_come)]


def without_repeats(quotes: Sequence[Quote], entries: Sequence[Entry]) -> list[Quote]:
    """Leave out what an earlier document says in the same words but for their order, endings and function words.

    The very same sentence stays: it is shown once, with both its citations. So does what another sentence needs.
    """
    said: dict[tuple[object, ...], tuple[str, str]] = {}  # words that matter -> document and text that first said them
    by_id = {entry.document.id: entry for entry in entries}
    left = []
    for quote in quotes:
        entry = by_id[quote.document]
        needed = {entry.sentences[p].needs for p in quote.positions}
        kept = []
        for position in quote.positions:
            text = entry.document.text[entry.sentences[position].start : entry.sentences[position].end]
            told = frozenset(entry.sentence_terms[position]), _NEGATIONS.intersection(words(text.replace("’", "'")))
            by, wording = said.setdefault(told, (quote.document, text))
            if position in needed or by == quote.document or wording == text or not told[0]:
                kept.append(position)
        if kept:
            left.append(Quote(quote.document, tuple(kept)))
    return left


def choose_sentences(query: Query, entry: Entry, lexical: LexicalIndex) -> Quote:
    """Return the sentences of ``entry`` to show, each with what it needs to stand."""
    quotable = [p for p, s in enumerate(entry.sentences) if s.role in (Role.SENTENCE, Role.ITEM)]
    if len(quotable) > WHOLE_DOCUMENT:
        scores = _with_lead_ins(score_sentences(query, entry, lexical), entry)
        best = sorted(quotable, key=lambda p: -scores[p])[:PER_DOCUMENT]
        quotable = [p for p in best if scores[p] >= scores[best[0]] - SENTENCE_GAP]
    chosen = {p for position in quotable for p in with_needed(entry.sentences, position)}
    return Quote(entry.document.id, tuple(sorted(chosen)))


def with_whole_lists(quote: Quote, entry: Entry) -> Quote:
    """Add the items that stand in a list with a quoted one: who sees some steps or warnings takes them for all."""
    lists: dict[int, set[int]] = {}
    for position, sentence in enumerate(entry.sentences):
        if sentence.role is Role.ITEM and sentence.needs is not None:
            lists.setdefault(sentence.needs, set()).add(position)
    chosen = set(quote.positions)
    begun = [items for items in lists.values() if items & chosen and len(items) <= LONGEST_LIST]
    return Quote(quote.document, tuple(sorted(chosen.union(*begun))))


def whole(entry: Entry) -> Quote:
    """Return all that can be quoted of ``entry``: a list of warning signs is not shortened."""
    chosen = {p for position in range(len(entry.sentences)) for p in with_needed(entry.sentences, position)}
    return Quote(entry.document.id, tuple(sorted(chosen)))


def _with_lead_ins(scores: Features, entry: Entry) -> Features:
    """Let a list item score as well as the line that announces it: "things to avoid" is answered by what is listed."""
    raised = scores.copy()
    for position, sentence in enumerate(entry.sentences):
        if sentence.role is Role.ITEM and sentence.needs is not None:
            raised[position] = max(scores[position], scores[sentence.needs])
    return raised


def first(quotes: Sequence[Quote], entries: Sequence[Entry], sentences: int) -> list[Quote]:
    """Return the quotes that fit into about ``sentences`` sentences; the last is not broken off, and the first always shown.

    Items are short: those of one document count as ``LIST_COUNTS`` sentences at most.
    """
    by_id = {entry.document.id: entry for entry in entries}
    shown, room = list[Quote](), sentences
    for quote in quotes:
        if room <= 0:
            break
        roles = [by_id[quote.document].sentences[p].role for p in quote.positions]
        room -= len(roles) - max(roles.count(Role.ITEM) - LIST_COUNTS, 0)
        shown.append(quote)
    return shown


def twins(quotes: Sequence[Quote], hits: Sequence[Hit]) -> list[Quote]:
    """Return the same sentences in the found documents that say the same text on other pages: both are cited."""
    found = {hit.document.id: hit.document for hit in hits}
    quoted = {quote.document for quote in quotes}
    return [
        Quote(other.id, quote.positions)
        for quote in quotes
        for other in found.values()
        if other.id not in quoted and quote.document in found and other.text == found[quote.document].text
    ]
