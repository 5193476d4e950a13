"""What the chat does, whatever framework shows it: answer as the next turn, open sources, keep a verdict, browse."""

from collections.abc import Sequence
from itertools import groupby
from pathlib import Path
from typing import Any, Protocol

from assistant.browsing import Filter, Shelf
from assistant.errors import AssistantError
from assistant.feedback import keep_feedback
from assistant.markup import Html
from assistant.reading import Opened, browse_html, panel_html
from assistant.rendering import answer_html, markdown_text, to_json, to_markdown
from assistant.schema import Answer, Citation, Document
from assistant.transcript import Conversation, Turn, Verdict, message_html

EXAMPLES = 6


class Expertise(Protocol):
    """What the chat needs of an assistant."""

    @property
    def build(self) -> str: ...

    def ask(self, question: str, history: Sequence[str] = ()) -> Answer: ...

    def document(self, id: str) -> Document: ...

    def documents(self) -> tuple[Document, ...]: ...

    def examples(self, count: int) -> tuple[str, ...]: ...


class Dialogue:
    """Holds nothing about anyone: conversations are passed in and out."""

    def __init__(self, expertise: Expertise, feedback: Path) -> None:
        self._expertise = expertise
        self._feedback = feedback

    def reply(self, question: str, conversation: Conversation) -> Conversation:
        """Answer the question, or say why it cannot be answered, as the next turn."""
        number = conversation.next_number
        try:
            answer = self._expertise.ask(question, conversation.history)
            turn = Turn(
                number,
                answer.question,
                answer_html(answer, number),
                panel_html(number, self._opened(answer)),
                f"## {markdown_text(answer.question)}\n\n{to_markdown(answer)}",
                tuple(dict.fromkeys(citation.document for citation in answer.citations)),
            )
        except AssistantError as error:
            turn = _refusal(number, question, "That could not be answered", f"{_sentence(error.message)}\n{error.cure}")
        return conversation.with_turn(turn)

    def failed(self, conversation: Conversation) -> Conversation:
        """Say that the program failed; the details belong to its terminal, not to the page."""
        words = "Something in the program went wrong; its terminal shows what. Ask again, or reload the page."
        number, question = conversation.next_number, conversation.waiting or ""
        return conversation.with_turn(_refusal(number, question, "No answer this time", words))

    def ask(self, question: str, history: Sequence[str]) -> dict[str, Any]:
        """The structured answer; raises AssistantError."""
        return to_json(self._expertise.ask(question, history))

    def rate(self, conversation: Conversation, number: int, verdict: Verdict, include: bool) -> Conversation:
        """Keep the verdict on this machine; the question only where the person chose to include it."""
        turn = conversation.turn(number)
        if turn is None:
            return conversation
        question = turn.question if include else None
        keep_feedback(self._feedback, verdict.value, turn.documents, self._expertise.build, question)
        return conversation.with_verdict(number, verdict)

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


def _refusal(number: int, question: str, heading: str, words: str) -> Turn:
    return Turn(number, question, message_html(heading, words), panel_html(number, ()), follows_up=False)


def _sentence(message: str) -> str:
    return f"{message[:1].upper()}{message[1:]}."
