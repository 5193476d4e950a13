"""The browser chat: a Gradio page with two tabs, Ask and Browse, and the same ``ask`` as an API.

The page's markup is made in the rooms below, escaped; here events become calls, and calls become what the page shows.
"""

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from assistant.attribution import source_name
from assistant.errors import AssistantError, QuestionError
from assistant.feedback import keep_feedback
from assistant.markup import element
from assistant.reading import Opened, browse_html, panel_html
from assistant.rendering import answer_html, to_json, to_markdown
from assistant.schema import DISCLAIMER, Answer, Document
from assistant.transcript import (
    Conversation,
    Turn,
    Verdict,
    message_html,
    sources_html,
    transcript_html,
)

if TYPE_CHECKING:
    import gradio as gr
    from fastapi import FastAPI

TITLE = "Ask the Experts"
EXAMPLES = 6
CARDS = 20  # documents on one page of Browse
ANY = "Any"
BOX_LIMIT = 20_000  # characters the box takes: far above what is answered, so that a long question is refused in words
SHORT_DISCLAIMER = (
    "General information, not medical advice, diagnosis or treatment; not reviewed by a clinician."
    " Consult your health-care provider; in an emergency call your local emergency number."
)
ASK_TAB, BROWSE_TAB = "ask", "browse"


class Expertise(Protocol):
    """What the chat needs of an assistant."""

    @property
    def build(self) -> str: ...

    def ask(self, question: str, history: Sequence[str] = ()) -> Answer: ...

    def document(self, id: str) -> Document: ...

    def documents(self) -> tuple[Document, ...]: ...

    def examples(self, count: int) -> tuple[str, ...]: ...
