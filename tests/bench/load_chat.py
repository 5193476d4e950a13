"""Fifty people at once, then floods that nobody waits for: `python tests/bench/load_chat.py`.

Starts the chat on this machine over a small corpus with the fake model. Each of USERS people has a page of their own and asks
QUESTIONS questions there, and the same through the API; whatever reaches one must hold nothing of another's. Then FLOODS times
JOINS questions are thrown into the queue without reading a reply. Bounded in count and in time; exit status 1 where a bar is missed.
"""

import argparse
import json
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from copy import copy
from dataclasses import dataclass
from http.client import HTTPException
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from tests.attacks.running import Running, running
from tests.corpus_files import made

USABLE_WITHIN = 30.0  # seconds after a flood
GROWTH = 100.0  # MB
HARDER_LIMIT = 120.0  # seconds of one flood, after which it is broken off


@dataclass(frozen=True)
class Report:
    asked: int
    errors: tuple[str, ...]
    leaks: int
    seconds: float  # of all people's questions
    usable: tuple[float, ...]  # seconds after each flood until a question was answered
    joined: int  # questions thrown into the queue
    growth: float  # MB of resident memory, from before the floods to after them

    @property
    def holds(self) -> bool:
        return (
            not self.errors
            and not self.leaks
            and max(self.usable, default=0) <= USABLE_WITHIN
            and self.growth <= GROWTH
        )

    def __str__(self) -> str:
        usable = ", ".join(f"{seconds:.1f}" for seconds in self.usable)
        lines = [
            f"{self.asked} questions in {self.seconds:.0f} s: {len(self.errors)} errors, {self.leaks} leaks",
            f"{self.joined} joins in {len(self.usable)} floods: usable after {usable} s; memory grew by {self.growth:.0f} MB",
        ]
        return "\n".join([*lines, *self.errors[:5]])


class Page:
    """One person's open page, asked as the browser asks."""

    def __init__(self, chat: Running, name: str) -> None:
        self._chat = chat
        self._name = name
        self._asking, self._part, self._api = _events(chat)

    def renamed(self, name: str) -> "Page":
        other = copy(self)
        other._name = name
        return other

    def ask(self, question: str) -> str:
        """Ask and return all that the page gets."""
        asked = {"question": question, "number": "1", "history": []}
        body = {
            "data": [], "fn_index": self._asking, "session_hash": self._name, "trigger_id": self._part, "event_data": asked,
        }  # fmt: skip
        status, text = self._chat.post("/gradio_api/run/predict", body)
        if status != 200:
            raise ValueError(f"{status}: {text[:200]}")
        return text

    def join(self, question: str) -> None:
        """Put the question into the queue of the API, whose reply nobody reads; raise ValueError where it is full."""
        body = {"data": [question, []], "fn_index": self._api, "session_hash": self._name}
        status, text = self._chat.post("/gradio_api/queue/join", body)
        if status != 200:
            raise ValueError(f"{status}: {text[:200]}")


def _events(chat: Running) -> tuple[int, int, int]:
    """Return the numbers of the event that asks, of the part of the page that it comes from, and of the API's ``ask``."""
    connection = chat.connection()
    connection.request("GET", "/config")
    config = json.loads(connection.getresponse().read())
    connection.close()
    asking = [(one["id"], part) for one in config["dependencies"] for part, event in one["targets"] if event == "ask"]
    api = [one["id"] for one in config["dependencies"] if one["api_name"] == "ask"]
    if len(asking) != 1 or len(api) != 1:
        raise ValueError(f"the page asks by the events {asking} and the API by {api}; expected one of each")
    return int(asking[0][0]), int(asking[0][1]), int(api[0])


def load(chat: Running, users: int, questions: int, floods: int, joins: int) -> Report:
    started = time.monotonic()
    with ThreadPoolExecutor(users) as pool:
        outcomes = list(pool.map(lambda number: _person(chat, number, users, questions), range(users)))
    seconds = time.monotonic() - started
    errors = [error for found, _ in outcomes for error in found]
    before = chat.memory()
    usable, joined = [], 0
    for number in range(floods):
        joined += _flood(chat, number, joins)
        usable.append(_usable_after(chat))
    growth = chat.memory() - before
    return Report(
        users * questions * 2,
        tuple(errors),
        sum(leaks for _, leaks in outcomes),
        seconds,
        tuple(usable),
        joined,
        growth,
    )


def _person(chat: Running, number: int, users: int, questions: int) -> tuple[list[str], int]:
    """Ask as person ``number``; return the errors, and how often another's words were seen."""
    errors, leaks = [], 0
    page = Page(chat, f"person{number}")
    for turn in range(questions):
        question = f"How should I breathe while I hold a plank? {mark(number)} {turn}"
        try:
            seen = page.ask(question) + json.dumps(answer := chat.ask(question))
            if mark(number) not in seen or answer["question"] != question:
                errors.append(f"person {number} did not get an answer of their own")
            leaks += bool(strangers(seen, number, users))
        except (OSError, ValueError, HTTPException) as error:
            errors.append(f"person {number}: {type(error).__name__} {error}")
    return errors, leaks


def mark(number: int) -> str:
    """A word that only person ``number`` types."""
    return f"zq{number:04}zq"


def strangers(seen: str, number: int, users: int) -> list[int]:
    """Return the people whose word stands in what person ``number`` was shown."""
    return [other for other in range(users) if other != number and mark(other) in seen]


def _flood(chat: Running, number: int, joins: int) -> int:
    """Join the queue ``joins`` times from sessions that nobody reads; return how often the chat took or refused it."""
    until = time.monotonic() + HARDER_LIMIT

    def one(part: range) -> int:
        page = Page(chat, f"flood{number}-{part.start}")
        done = 0
        for turn in part:
            if time.monotonic() > until:
                break
            # Half of them come from one page, the others each from a page of its own.
            page = page.renamed(f"flood{number}-{turn if turn % 2 else part.start}")
            with suppress(OSError, ValueError, HTTPException):  # the queue is full
                page.join("plank")
            done += 1
        return done

    with ThreadPoolExecutor(16) as pool:
        return sum(pool.map(one, _parts(joins, 16)))


def _parts(count: int, parts: int) -> Iterator[range]:
    for part in range(parts):
        yield range(count * part // parts, count * (part + 1) // parts)


def _usable_after(chat: Running) -> float:
    """Return the seconds until a question is answered; infinite where none is within twice the bar."""
    started = time.monotonic()
    while time.monotonic() - started < 2 * USABLE_WITHIN:
        with suppress(OSError, ValueError, HTTPException):
            chat.ask("How should I breathe while I hold a plank?")
            return time.monotonic() - started
        time.sleep(0.2)
    return float("inf")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--users", type=int, default=50)
    parser.add_argument("--questions", type=int, default=10)
    parser.add_argument("--floods", type=int, default=5)
    parser.add_argument("--joins", type=int, default=3_000)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        made(folder)
        with running(folder) as chat:
            report = load(chat, options.users, options.questions, options.floods, options.joins)
    print(report)
    return 0 if report.holds else 1


if __name__ == "__main__":
    sys.exit(main())
