"""What the chat does, whatever framework shows it: answer as the next turn, open sources, keep a verdict, browse."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any, Protocol

from assistant.browsing import Filter, Shelf
from assistant.errors import AssistantError
from assistant.feedback import Notebook
from assistant.markup import Html
from assistant.reading import Opened, browse_html, panel_html
from assistant.rendering import answer_html, markdown_text, to_json, to_markdown
from assistant.schema import Answer, Citation, Document
from assistant.transcript import REASON_LIMIT, Turn, Verdict, message_html

EXAMPLES = 6
QUESTION_KEPT = 2_000  # characters; longer ones are not answered either


class Expertise(Protocol):
    """What the chat needs of an assistant."""

    @property
    def build(self) -> str: ...

    def ask(self, question: str, history: Sequence[str] = ()) -> Answer: ...

    def document(self, id: str) -> Document: ...

    def documents(self) -> tuple[Document, ...]: ...

    def examples(self, count: int) -> tuple[str, ...]: ...


@dataclass(frozen=True)
class Opinion:
    """What a person sends about one reply."""

    verdict: Verdict
    documents: tuple[str, ...]  # ids of the documents it cites
    answer: str = ""  # the key of its turn
    question: str | None = None  # None: not included
    comment: str = ""


class Dialogue:
    """Holds nothing about anyone: the conversation lives in the page."""

    def __init__(self, expertise: Expertise, notebook: Notebook) -> None:
        self._expertise = expertise
        self._notebook = notebook

    def reply(self, number: int, question: str, history: Sequence[str] = ()) -> Turn:
        """Answer the question, or say why it cannot be answered, as turn ``number`` of a conversation."""
        try:
            answer = self._expertise.ask(question, history)
            return Turn(
                number,
                answer.question,
                answer_html(answer, number),
                panel_html(number, self._opened(answer)),
                f"## {markdown_text(answer.question)}\n\n{to_markdown(answer)}",
                tuple(dict.fromkeys(citation.document for citation in answer.citations)),
                key=secrets.token_hex(6),
            )
        except AssistantError as error:
            words = f"{_sentence(error.message)}\n{error.cure}"
            reply = message_html("That could not be answered", words)
            return Turn(number, question, reply, panel_html(number, ()), follows_up=False)

    def ask(self, question: str, history: Sequence[str]) -> dict[str, Any]:
        """The structured answer; raises AssistantError."""
        return to_json(self._expertise.ask(question, history))

    def rate(self, opinion: Opinion) -> None:
        """Keep the verdict on this machine; raises OSError when it cannot be written."""
        stored = {document.id for document in self._expertise.documents()}
        documents = [id for id in opinion.documents if id in stored]  # the page may send anything
        question, comment = opinion.question and opinion.question[:QUESTION_KEPT], opinion.comment[:REASON_LIMIT]
        self._notebook.keep_verdict(
            opinion.verdict.value, documents, self._expertise.build, opinion.answer[:32], question, comment
        )

    def note(self, question: str) -> None:
        """Keep a question for the curators on this machine; raises OSError when it cannot be written."""
        if question.strip():
            self._notebook.note_question(question[:QUESTION_KEPT], self._expertise.build)

    def examples(self) -> tuple[str, ...]:
        """Questions to start from; none where the index cannot be read, which the first question will explain."""
        try:
            return self._expertise.examples(EXAMPLES)
        except AssistantError:
            return ()

    def browse(self, sought: Filter, cards: int) -> Html:
        """The cards of the documents that fit, at most ``cards`` of them."""
        try:
            found = sought.found_in(self._expertise.documents())
        except AssistantError as error:
            return message_html(_sentence(error.message), error.cure)
        return browse_html(found[:cards], len(found))

    def shelf(self) -> Shelf:
        """The tags to browse by."""
        try:
            return Shelf.of(self._expertise.documents())
        except AssistantError:
            return Shelf()

    def _opened(self, answer: Answer) -> list[Opened]:
        order = {citation.document: citation.number for citation in reversed(answer.citations)}
        cited = sorted(answer.citations, key=lambda citation: order[citation.document])
        return [self._open(tuple(run)) for _, run in groupby(cited, key=lambda citation: citation.document)]

    def _open(self, citations: tuple[Citation, ...]) -> Opened:
        try:
            document = self._expertise.document(citations[0].document)
        except KeyError:
            return Opened(citations)
        if any(document.text[cited.start : cited.end] != cited.quote for cited in citations):
            return Opened(citations)
        others = (other for other in self._expertise.documents() if other.page == document.page)
        return Opened(citations, document, tuple(other for other in others if other.id != document.id))


def _sentence(message: str) -> str:
    return f"{message[:1].upper()}{message[1:]}."
