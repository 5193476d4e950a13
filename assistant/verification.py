"""The quotation gate: nothing is shown that is not, character for character, whole sentences of a stored document.

The stored text is read and cut again here, wherever it is quoted from, so that a mistake made while choosing cannot reach
the page.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from assistant.catalog import Catalog
from assistant.entries import Entry
from assistant.schema import Citation, Document, Role, Sentence, Statement
from assistant.sentences import cut_again, split_sentences


@dataclass(frozen=True)
class Quote:
    """Sentences of one document that are to be shown together, by position."""

    document: str
    positions: tuple[int, ...]


def verified(catalog: Catalog, quotes: Iterable[Quote]) -> tuple[tuple[Statement, ...], tuple[Citation, ...]]:
    """Return the statements that may be shown, in order, with their numbered citations.

    A sentence that needs another (an item its lead-in, "this" what it means) is left out when that one is not shown before
    it. Words already shown are not repeated: the first statement takes the second place's citation too. An item is repeated
    below another lead-in, but not where a whole text is met a second time. A sentence that two documents share makes a
    statement of its own for that, and parts the run it stands in.
    """
    entries = [(quote, catalog.entry(quote.document)) for quote in quotes]
    cuts = [_Cut.of(entry, quote.positions) for quote, entry in entries]
    shared = _shared(cuts)
    statements: list[tuple[str, Role, list[Citation]]] = []
    shown: dict[str, int] = {}  # folded text -> position in statements
    whole: set[str] = set()  # texts of the documents quoted so far
    number = 0
    for cut in cuts:
        document, sentences = cut.document, cut.sentences
        twin = document.text in whole
        whole.add(document.text)
        if apart := shared & cut.alone():  # a line of which all is quoted is parted
            sentences = split_sentences(document.text, document.source.truncated)
        for run in _runs(document, sentences, cut.positions, apart):
            start, end = sentences[run[0]].start, sentences[run[-1]].end
            text = document.text[start:end]
            number += 1
            citation = Citation(number, document.id, document.hash, document.source, text, start, end)
            if (known := shown.get(text)) is not None and (twin or sentences[run[0]].role is Role.SENTENCE):
                statements[known][2].append(citation)
            else:
                shown[text] = len(statements)
                statements.append((text, sentences[run[0]].role, [citation]))
    return _numbered(statements)


def is_whole(text: str, documents: Iterable[Document]) -> bool:
    """Tell whether ``text`` is one or more whole sentences in a row of one of ``documents`` that may stand alone.

    Only white space may differ.
    """
    return any(_standing(document, quote) for document, quote in _places(text, documents))


def located(text: str, documents: Iterable[Document]) -> Quote | None:
    """Return where ``text`` stands as whole, quotable sentences in a row; only white space may differ.

    This is what text from a language model must pass. A list item is found by itself; ``verified`` shows it only under
    its lead-in.
    """
    return next((quote for _, quote in _places(text, documents)), None)


def _places(text: str, documents: Iterable[Document]) -> Iterator[tuple[Document, Quote]]:
    wanted = _folded(text)
    for document in documents if wanted else ():
        sentences = split_sentences(document.text, document.source.truncated)
        for first in range(len(sentences)):
            for last in range(first, len(sentences)):
                run = _folded(document.text[sentences[first].start : sentences[last].end])
                if len(run) > len(wanted) or not wanted.startswith(run):
                    break
                if run == wanted and all(sentence.quotable for sentence in sentences[first : last + 1]):
                    yield document, Quote(document.id, tuple(range(first, last + 1)))


def _standing(document: Document, quote: Quote) -> bool:
    """Tell whether every sentence of ``quote`` has before it what it needs, and no lead-in ends it."""
    sentences = split_sentences(document.text, document.source.truncated)
    needs = [sentences[position].needs for position in quote.positions]
    led_in = sentences[quote.positions[-1]].role is not Role.LEAD_IN
    return led_in and all(need is None or need in quote.positions for need in needs)


def _folded(text: str) -> str:
    return re.sub(r"\s+", " ", text).strip()


@dataclass(frozen=True)
class _Cut:
    """A document that is quoted, with its sentences as its text gives them now where it is quoted."""

    document: Document
    sentences: tuple[Sentence, ...]
    positions: tuple[int, ...]

    @classmethod
    def of(cls, entry: Entry, positions: tuple[int, ...]) -> "_Cut":
        document = entry.document
        sentences = cut_again(document.text, document.source.truncated, entry.sentences, positions)
        return cls(document, sentences, positions)

    def alone(self) -> set[str]:
        """Return the quoted sentences that neither need another one nor are needed."""
        sentences = self.sentences
        chosen = {p for p in self.positions if 0 <= p < len(sentences)}
        tied = {p for p in chosen if sentences[p].needs is not None} | {sentences[p].needs for p in chosen}
        return {self.document.text[sentences[p].start : sentences[p].end] for p in chosen - tied}


def _shared(cuts: Sequence[_Cut]) -> frozenset[str]:
    """Return the sentences that stand in more than one of ``cuts``, and in each by themselves.

    A sentence that points to the one before it means something else elsewhere, and one that is pointed to stays where it is.
    """
    texts: dict[str, set[str]] = {}  # a text met a second time is one, and its runs stay whole
    for cut in cuts:
        texts.setdefault(cut.document.text, set()).update(cut.alone())
    said = Counter(text for sentences in texts.values() for text in sentences)
    return frozenset(text for text, times in said.items() if times > 1)


def _runs(
    document: Document, sentences: Sequence[Sentence], positions: Iterable[int], apart: AbstractSet[str]
) -> Iterable[list[int]]:
    """Group the positions that may be shown into runs: neighbours in a paragraph make one, an item or lead-in its own.

    A sentence among ``apart`` makes its own, too.
    """
    allowed: list[int] = []
    for position in sorted(set(positions)):
        if not 0 <= position < len(sentences):
            continue
        sentence = sentences[position]
        if sentence.quotable and (sentence.needs is None or sentence.needs in allowed):
            allowed.append(position)
    allowed = [p for p in allowed if sentences[p].role is not Role.LEAD_IN or _has_item(p, allowed, sentences)]

    def joins(pair: tuple[int, int]) -> bool:
        before, after = sentences[pair[0]], sentences[pair[1]]
        gap = document.text[before.end : after.start]
        plain = all(s.role is Role.SENTENCE and document.text[s.start : s.end] not in apart for s in (before, after))
        return pair[1] == pair[0] + 1 and plain and "\n" not in gap

    run: list[int] = []
    for position in allowed:
        if run and not joins((run[-1], position)):
            yield run
            run = []
        run.append(position)
    if run:
        yield run


def _has_item(lead_in: int, allowed: Sequence[int], sentences: Sequence[Sentence]) -> bool:
    return any(sentences[p].needs == lead_in for p in allowed)


def _numbered(
    statements: Sequence[tuple[str, Role, list[Citation]]],
) -> tuple[tuple[Statement, ...], tuple[Citation, ...]]:
    """Number the citations from 1 in the order in which they are shown."""
    made: list[Statement] = []
    citations: list[Citation] = []
    for text, role, found in statements:
        numbers = []
        for one in found:
            citations.append(
                Citation(len(citations) + 1, one.document, one.document_hash, one.source, one.quote, one.start, one.end)
            )
            numbers.append(len(citations))
        made.append(Statement(text, tuple(numbers), role))
    return tuple(made), tuple(citations)
