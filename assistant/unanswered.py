"""Group the questions that people noted for the curators: what the corpus lacks, most wanted first."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from assistant.attribution import spelled_date
from assistant.embedding import Embedder
from assistant.errors import QuestionError
from assistant.feedback import Noted
from assistant.schema import Answer, AnswerKind

ALIKE = 0.65  # cosine from which two questions ask for the same answer


class Answering(Protocol):
    """What is needed of an assistant."""

    def ask(self, question: str) -> Answer: ...


@dataclass(frozen=True)
class Group:
    """Questions that ask for much the same, in the order of their noting."""

    questions: tuple[Noted, ...]  # at least one
    answered: bool  # whether the corpus answers the first of them by now
    nearest: str = ""  # the nearest question that is answered, where any is near

    @property
    def latest(self) -> str:
        return max(noted.time for noted in self.questions)


def grouped(noted: Sequence[Noted], assistant: Answering, embedder: Embedder) -> tuple[Group, ...]:
    """Group by meaning: what is still not answered first, the most asked before the others."""
    vectors = embedder.embed([each.question for each in noted])
    groups: list[list[int]] = []
    for position in range(len(noted)):
        near = [float(np.dot(vectors[position], vectors[group[0]])) for group in groups]
        if near and max(near) >= ALIKE:
            groups[near.index(max(near))].append(position)
        else:
            groups.append([position])
    found = [_group(assistant, tuple(noted[position] for position in group)) for group in groups]
    return tuple(sorted(found, key=lambda group: (group.answered, -len(group.questions))))


def groups_text(groups: Sequence[Group]) -> str:
    """The groups for a terminal."""
    if not groups:
        return "No question has been noted. The chat offers to note one when the experts do not cover it."
    count = sum(len(group.questions) for group in groups)
    lines = [f"{_counted(count, 'question')} noted, {_counted(len(groups), 'group')}"]
    for group in groups:
        first, *others = dict.fromkeys(noted.question for noted in group.questions)
        lines.append(f"\n{len(group.questions)} x  {first}")
        lines += [f"      {other}" for other in others]
        lines.append(
            f"      last noted {spelled_date(group.latest[:10])}" + (", answered by now" if group.answered else "")
        )
        if group.nearest and not group.answered:
            lines.append(f"      nearest that is answered: {group.nearest}")
    return "\n".join(lines)


def _group(assistant: Answering, questions: tuple[Noted, ...]) -> Group:
    try:
        answer = assistant.ask(questions[0].question)
    except QuestionError:  # noted before the limits were what they are
        return Group(questions, answered=False)
    answered = answer.kind in (AnswerKind.ANSWERED, AnswerKind.PARTIAL)
    return Group(questions, answered, next(iter(answer.related), ""))


def _counted(count: int, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"
