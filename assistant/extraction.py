"""Choose what to show: which documents, and which of their sentences, in the expert's own order."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from assistant.catalog import Entry
from assistant.embedding import Vectors
from assistant.lexical import LexicalIndex
from assistant.lexicon import terms
from assistant.retrieval import Query, lexical_share
from assistant.schema import Hit, Role
from assistant.sentences import with_needed
from assistant.verification import Quote

WHOLE_DOCUMENT = 3  # a document of this many sentences or fewer is shown whole rather than chopped
PER_DOCUMENT = 4  # sentences of a longer one
SENTENCE_GAP = 0.35  # a sentence further below the best one of its document is not shown
DOCUMENTS = 5
SCORE_GAP = 0.2  # a document further below the best one is not shown


@dataclass(frozen=True)
class SentenceScores:
    """One row a sentence; every column is larger where the sentence answers better."""

    cosine: npt.NDArray[np.float32]  # with the question
    context: npt.NDArray[np.float32]  # of the sentence with its neighbours
    coverage: npt.NDArray[np.float32]  # share of the question's idf mass that its terms carry

    @property
    def fused(self) -> npt.NDArray[np.float32]:
        total: npt.NDArray[np.float32] = self.cosine + 0.5 * self.context + 0.3 * self.coverage
        return total


def score_sentences(query: Query, texts: Sequence[str], vectors: Vectors, lexical: LexicalIndex) -> SentenceScores:
    """Score the sentences ``texts`` of one document, vectors (len(texts), dimension)."""
    padded = np.pad(vectors, ((1, 1), (0, 0)))
    context = padded[:-2] + 2 * vectors + padded[2:]
    context = context / np.maximum(np.linalg.norm(context, axis=1, keepdims=True), 1e-9)
    carried = [lexical_share(query, set(terms(text)), lexical) for text in texts]
    return SentenceScores(vectors @ query.vector, context @ query.vector, np.array(carried, dtype=np.float32))


def choose_hits(hits: Sequence[Hit], limit: int = DOCUMENTS) -> list[Hit]:
    """Return the documents to show: the best, those close behind, and the other sides of a dispute they take part in."""
    if not hits:
        return []
    close = [hit for hit in hits if hit.score >= hits[0].score - SCORE_GAP][:limit]
    # The sides of a dispute are worded to match on the page they stand on; other pages on the same point word them anew.
    pages = {hit.document.page for hit in close[:2] if hit.document.source.view}
    shown = {(hit.document.page, hit.document.source.view) for hit in close}
    for hit in hits:
        side = (hit.document.page, hit.document.source.view)
        if side[1] and side[0] in pages and side not in shown:
            close.append(hit)
            shown.add(side)
    return close


def choose_sentences(query: Query, entry: Entry, lexical: LexicalIndex) -> Quote:
    """Return the sentences of ``entry`` to show, each with what it needs to stand."""
    texts = [entry.document.text[s.start : s.end] for s in entry.sentences]
    quotable = [p for p, s in enumerate(entry.sentences) if s.role in (Role.SENTENCE, Role.ITEM)]
    if len(quotable) > WHOLE_DOCUMENT:
        scores = _with_lead_ins(score_sentences(query, texts, entry.sentence_vectors, lexical).fused, entry)
        best = sorted(quotable, key=lambda p: -scores[p])[:PER_DOCUMENT]
        quotable = [p for p in best if scores[p] >= scores[best[0]] - SENTENCE_GAP]
    chosen = {p for position in quotable for p in with_needed(entry.sentences, position)}
    return Quote(entry.document.id, tuple(sorted(chosen)))


def whole(entry: Entry) -> Quote:
    """Return all that can be quoted of ``entry``: a list of warning signs is not shortened."""
    chosen = {p for position in range(len(entry.sentences)) for p in with_needed(entry.sentences, position)}
    return Quote(entry.document.id, tuple(sorted(chosen)))


def _with_lead_ins(scores: npt.NDArray[np.float32], entry: Entry) -> npt.NDArray[np.float32]:
    """Let a list item score as well as the line that announces it: "things to avoid" is answered by what is listed."""
    raised = scores.copy()
    for position, sentence in enumerate(entry.sentences):
        if sentence.role is Role.ITEM and sentence.needs is not None:
            raised[position] = max(scores[position], scores[sentence.needs])
    return raised


def first(quotes: Sequence[Quote], sentences: int) -> list[Quote]:
    """Return the quotes that fit into about ``sentences`` sentences; the last is not broken off, and the first always shown."""
    shown: list[Quote] = []
    for quote in quotes:
        if sum(len(one.positions) for one in shown) >= sentences:
            break
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
