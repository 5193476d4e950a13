"""What was typed, made readable: or refused with a reason."""

from collections.abc import Sequence
from contextlib import suppress

from assistant.errors import QuestionError

LONGEST_QUESTION = 2_000  # characters
REMEMBERED_TURNS = 6  # earlier questions that are looked at


def checked(question: str) -> str:
    """Return ``question`` without what cannot be read; raise QuestionError when nothing is left or it is too long."""
    if not isinstance(question, str):
        raise QuestionError(f"a question is text, not {type(question).__name__}")
    if len(question) > LONGEST_QUESTION:
        raise QuestionError(
            f"the question has {len(question):,} characters; at most {LONGEST_QUESTION:,} can be read",
            "Ask the main point in a few sentences.",
        )
    readable = "".join(c if c.isprintable() else " " for c in question)  # a half is not printable
    if not any(c.isalnum() for c in readable):
        raise QuestionError("the question is empty", "Type a question, such as: Why do my hamstrings cramp in bridges?")
    return " ".join(readable.split())


def readable(history: Sequence[str]) -> list[str]:
    """Return the latest earlier questions, without those that cannot be read: they are no reason to refuse this one."""
    earlier = []
    for turn in list(history)[-REMEMBERED_TURNS:]:
        with suppress(QuestionError):
            earlier.append(checked(turn))
    return earlier
