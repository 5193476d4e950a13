"""Turn an Answer into JSON, Markdown, plain text or HTML. Pure functions: the same answer, the same output.

``turn`` numbers the question within a conversation: citation 3 of turn 2 links to ``#c-2-3`` and has the id ``r-2-3``.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from enum import Enum, auto
from itertools import groupby
from typing import Any

from assistant.attribution import Block, Comparison, Said, arranged, badges, date_words, published_words
from assistant.markup import Html, credit_html, element, html, join, question_button
from assistant.output import showable
from assistant.schema import Answer, AnswerKind, Citation, Notice, Source, Statement

ABSTAINED_HEADING = "The experts here do not cover this"
ABSTAINED_WORDS = "None of the stored answers fits your question, so none is shown rather than one that guesses."
MISSING_HEADING = "What the sources do not say"
RELATED_HEADING = "Questions the experts do answer"
NOTE_WORDS = "Note this question for the curators"
AT_ONCE = 1_600  # characters of an answer that are shown before the rest is folded
_MARKDOWN_SIGNS = re.compile(r"([\\`*_\[\]|~])")
_MARKDOWN_OPENINGS = re.compile(r"^(\s*\d*)([#>+=.)-])")  # would start a heading, a quotation or a list


def to_json(answer: Answer) -> dict[str, Any]:
    """The stable structured form, of plain JSON values."""
    return {
        "kind": answer.kind.value,
        "question": showable(answer.question),
        "statements": [
            {"text": s.text, "citations": list(s.citations), "role": s.role.value} for s in answer.statements
        ],
        "citations": [_citation_json(citation) for citation in answer.citations],
        "views": [{"point": v.point, "citations": [list(side) for side in v.citations]} for v in answer.views],
        "missing": list(answer.missing),
        "related": list(answer.related),
        "notice": answer.notice and {"heading": answer.notice.heading, "sentences": list(answer.notice.sentences)},
        "confidence": answer.confidence,
        "disclaimer": answer.disclaimer,
    }


def _citation_json(citation: Citation) -> dict[str, Any]:
    source = citation.source
    return {
        "number": citation.number,
        "quote": citation.quote,
        "document": citation.document,
        "version": citation.document_hash[:12],
        "start": citation.start,
        "end": citation.end,
        "source": {
            "title": source.title,
            "author": source.author,
            "author_type": source.author_type.value,
            "credential": source.credential,
            "publisher": source.publisher,
            "url": source.url,
            "kind": source.kind.value,
            "truncated": source.truncated,
            "incomplete": source.incomplete,
            "wording": source.wording.value,
            "tier": source.tier.value,
            "published": source.published,
            "view": source.view,
        },
    }


def to_markdown(answer: Answer) -> str:
    """The answer with its citations, sources and disclaimer; signs that Markdown acts on are escaped in every text."""
    marks = {_Level.HEADING: "### ", _Level.TEXT: "", _Level.ITEM: "- ", _Level.NOTE: "> "}
    return _laid_out((level, marks[level] + text) for level, text in _outline(answer, markdown_text))


def to_text(answer: Answer) -> str:
    """The answer for a terminal."""
    marks = {_Level.HEADING: "", _Level.TEXT: "  ", _Level.ITEM: "    - ", _Level.NOTE: ""}
    return _laid_out((level, marks[level] + text) for level, text in _outline(answer, showable))


class _Level(Enum):
    HEADING = auto()
    TEXT = auto()
    ITEM = auto()
    NOTE = auto()


def _outline(answer: Answer, plain: Callable[[str], str]) -> Iterator[tuple[_Level, str]]:
    if answer.notice:
        yield _Level.HEADING, plain(answer.notice.heading)
        yield from ((_Level.TEXT, plain(sentence)) for sentence in answer.notice.sentences)
    if _is_uncovered(answer):
        yield _Level.HEADING, ABSTAINED_HEADING
        yield _Level.TEXT, ABSTAINED_WORDS
    if answer.missing:
        yield _Level.HEADING, MISSING_HEADING
        yield from ((_Level.ITEM, plain(sentence)) for sentence in answer.missing)
    for part in arranged(answer):
        if isinstance(part, Comparison):
            yield _Level.HEADING, plain(part.heading)
        for said in _experts(part):
            yield _Level.HEADING, plain(_credit(said.source))
            for block in said.blocks:
                yield _Level.TEXT, " ".join(_cited(statement, plain) for statement in block.sentences)
                yield from ((_Level.ITEM, _cited(statement, plain)) for statement in block.items)
    if answer.related and answer.kind is not AnswerKind.URGENT:
        yield _Level.HEADING, RELATED_HEADING
        yield from ((_Level.ITEM, plain(question)) for question in answer.related)
    if answer.citations:
        yield _Level.HEADING, "Sources"
        yield from ((_Level.ITEM, line) for line in _source_lines(answer, plain))
    yield _Level.NOTE, plain(answer.disclaimer)


def _is_uncovered(answer: Answer) -> bool:
    """Whether nothing is quoted and no notice says why."""
    return answer.kind is AnswerKind.ABSTAINED and answer.notice is None


def _laid_out(lines: Iterable[tuple[_Level, str]]) -> str:
    """One line each, items close together, everything else a blank line apart."""
    laid = ""
    before: _Level | None = None
    for level, line in lines:
        gap = "" if before is None else "\n" if level is _Level.ITEM and before is _Level.ITEM else "\n\n"
        laid, before = laid + gap + " ".join(line.splitlines()), level
    return laid + "\n"


def _experts(part: Said | Comparison) -> tuple[Said, ...]:
    return (part,) if isinstance(part, Said) else tuple(said for side in part.sides for said in side)


def _credit(source: Source) -> str:
    who = ", ".join(part for part in (source.name, source.credential, published_words(source)) if part)
    view = f": \u201c{source.view}\u201d" if source.view else ""
    return f"{who} ({', '.join(badges(source))}){view}"


def _cited(statement: Statement, plain: Callable[[str], str]) -> str:
    return plain(statement.text) + " " + "".join(f"[{number}]" for number in statement.citations)


def _source_lines(answer: Answer, plain: Callable[[str], str]) -> Iterator[str]:
    for document, run in groupby(sorted(answer.citations, key=_first_seen(answer)), key=lambda c: c.document):
        cited = list(run)
        source = cited[0].source
        words = ", ".join(part for part in (source.name, source.credential, source.title) if part)
        published = f"{source.publisher}, {date_words(source)}"
        numbers = "".join(f"[{citation.number}]" for citation in cited)
        yield f"{numbers} {plain(words)}. {plain(published)}. {plain(source.url or document)}"


def _first_seen(answer: Answer) -> Callable[[Citation], int]:
    order = {citation.document: citation.number for citation in reversed(answer.citations)}
    return lambda citation: order[citation.document]


def markdown_text(text: str) -> str:
    """Escape what Markdown or HTML would act on."""
    escaped = _MARKDOWN_SIGNS.sub(r"\\\1", showable(text).replace("&", "&amp;").replace("<", "&lt;"))
    return _MARKDOWN_OPENINGS.sub(r"\1\\\2", escaped)


def answer_html(answer: Answer, turn: int) -> Html:
    """The reply to one question, complete: notice, what is missing, experts, related questions, disclaimer."""
    return element(
        "div",
        _notice_html(answer.notice, answer.kind) if answer.notice else "",
        _abstained_html(answer.question) if _is_uncovered(answer) else "",
        _listed(MISSING_HEADING, "missing", (html(sentence) for sentence in answer.missing)),
        *_folded(arranged(answer), turn),
        _related_html(answer),
        element("p", answer.disclaimer, class_="disclaimer"),
        class_=f"answer {answer.kind.value}",
    )


def _notice_html(notice: Notice, kind: AnswerKind) -> Html:
    urgent = kind is AnswerKind.URGENT
    return element(
        "div",
        element("h3", notice.heading),
        *(element("p", sentence) for sentence in notice.sentences),
        class_="notice urgent-card" if urgent else "notice",
        role="alert" if urgent else "note",
    )


def _abstained_html(question: str) -> Html:
    note = element("button", NOTE_WORDS, type="button", class_="quiet", data_note=question)
    about = " It is kept on this machine, and only if you press this."
    return join(
        element("h3", ABSTAINED_HEADING),
        element("p", ABSTAINED_WORDS),
        element("p", note, element("span", about, class_="small"), class_="note", role="status"),
    )


def _folded(parts: Sequence[Said | Comparison], turn: int) -> Iterator[Html]:
    """The parts, of a long answer the later ones folded; the sides of a dispute are one part and stay together."""
    length, first = 0, 0
    while first < len(parts) and (first == 0 or length < AT_ONCE):
        length += sum(len(statement.text) for said in _experts(parts[first]) for statement in said.statements)
        first += 1
    yield from (_part_html(part, turn) for part in parts[:first])
    rest = parts[first:]
    if rest:
        count = sum(1 for part in rest for _ in _experts(part))
        words = "Show all: 1 more source" if count == 1 else f"Show all: {count} more sources"
        yield element("details", element("summary", words), *(_part_html(part, turn) for part in rest), class_="rest")


def _part_html(part: Said | Comparison, turn: int) -> Html:
    if isinstance(part, Said):
        return _said_html(part, turn, heading="h3", show_view=True)
    sides = (_side_html(side, turn) for side in part.sides)
    return element("div", element("h3", part.heading), element("div", *sides, class_="sides"), class_="comparison")


def _side_html(side: tuple[Said, ...], turn: int) -> Html:
    view = side[0].source.view
    return element(
        "div",
        element("p", view, class_="view") if view else "",
        *(_said_html(said, turn, heading="h4", show_view=said.source.view != view) for said in side),
        class_="side",
    )


def _said_html(said: Said, turn: int, heading: str, show_view: bool) -> Html:
    source = said.source
    return element(
        "div",
        credit_html(source, heading),
        element("p", source.view, class_="view") if show_view and source.view else "",
        *(_block_html(block, said, turn) for block in said.blocks),
        class_="said",
    )


def _block_html(block: Block, said: Said, turn: int) -> Html:
    paragraph = element("p", *(_statement_html(statement, said, turn) for statement in block.sentences))
    items = (element("li", _statement_html(statement, said, turn)) for statement in block.items)
    return join(paragraph, element("ul", *items)) if block.items else paragraph


def _statement_html(statement: Statement, said: Said, turn: int) -> Html:
    links = (citation_link(turn, number, said.source) for number in statement.citations)
    # The no-break space keeps a citation on the line of the word before it.
    return join(element("span", statement.text, class_="words"), "\u00a0", *links, " ")


def citation_link(turn: int, number: int, source: Source) -> Html:
    return element(
        "a",
        element("span", "Source ", class_="unseen"),
        f"[{number}]",
        class_="cite",
        id=f"r-{turn}-{number}",
        href=f"#c-{turn}-{number}",
        title=source.name,
    )


def _related_html(answer: Answer) -> Html:
    if answer.kind is AnswerKind.URGENT:  # the questions lead to exercises
        return Html("")
    return _listed(RELATED_HEADING, "related", (question_button(question) for question in answer.related))


def _listed(heading: str, class_: str, items: Iterable[Html]) -> Html:
    listed = [element("li", item) for item in items]
    return element("div", element("h3", heading), element("ul", *listed), class_=class_) if listed else Html("")
