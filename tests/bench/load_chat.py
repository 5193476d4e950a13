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
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import suppress
from dataclasses import dataclass
from http.client import HTTPException
from pathlib import Path
from typing import TypeVar

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from tests.attacks.running import Running, running
from tests.corpus_files import made

Reply = TypeVar("Reply")

USABLE_WITHIN = 30.0  # seconds after a flood
GROWTH = 100.0  # MB
ASKING_LIMIT = 100.0  # seconds for everybody's questions; those not asked by then are errors
FLOOD_LIMIT = 300.0  # seconds of one flood, after which it is broken off
SENDERS = 16  # of a flood, each over one connection that stays open
SAY_EVERY = 10.0  # seconds between two lines of progress


@dataclass(frozen=True)
class Report:
    asked: int
    errors: tuple[str, ...]
    leaks: int
    seconds: float  # of all people's questions
    slowest: float  # seconds for one answer
    usable: tuple[float, ...]  # seconds after each flood until a question was answered
    joined: int  # questions thrown into the queue, of ``joins``
    joins: int
    flooding: float  # seconds of all floods
    growth: float  # MB of resident memory, from before the floods to after them

    @property
    def holds(self) -> bool:
        return (
            not self.errors
            and not self.leaks
            and self.joined == self.joins
            and max(self.usable, default=0) <= USABLE_WITHIN
            and self.growth <= GROWTH
        )

    def __str__(self) -> str:
        usable = ", ".join(f"{seconds:.1f}" for seconds in self.usable)
        lines = [
            f"{self.asked} questions in {self.seconds:.0f} s, the slowest after {self.slowest:.1f} s: {len(self.errors)} errors, {self.leaks} leaks",
            f"{self.joined} of {self.joins} joins in {len(self.usable)} floods and {self.flooding:.0f} s:"
            f" usable after {usable} s; memory grew by {self.growth:.0f} MB",
        ]
        return "\n".join([*lines, *self.errors[:5]])


class Page:
    """One person's open page, asked as the browser asks."""

    def __init__(self, chat: Running, name: str) -> None:
        self._chat = chat
        self._name = name
        self._asking, self._part, _ = _events(chat)

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


def load(
    chat: Running, users: int, questions: int, floods: int, joins: int, say: Callable[[str], None] = lambda line: None
) -> Report:
    """Put the load on ``chat``; ``say`` is told how far it is."""
    crowd = Crowd(chat, users, questions)
    started = time.monotonic()
    with ThreadPoolExecutor(users) as pool:
        asking = [pool.submit(crowd.person, number) for number in range(users)]
        while wait(asking, SAY_EVERY).not_done:
            say(f"{time.monotonic() - started:4.0f} s: {crowd.progress}")
    for each in asking:
        each.result()
    seconds = time.monotonic() - started
    say(f"{seconds:4.0f} s: {crowd.progress}")
    before = chat.memory()
    usable, joined, flooding = [], 0, 0.0
    for number in range(floods):
        begun = time.monotonic()
        answered = _flood(chat, number, joins)
        flooding += time.monotonic() - begun
        joined += answered.total()
        usable.append(_usable_after(chat))
        told = ", ".join(f"{count} x {status}" for status, count in sorted(answered.items()))
        growth = chat.memory() - before
        say(f"{time.monotonic() - started:4.0f} s: flood {number + 1} of {floods} ({told}), memory {growth:+.0f} MB")
    return Report(
        users * questions * 2,
        tuple(crowd.errors),
        crowd.leaks,
        seconds,
        max(crowd.waits, default=0),
        tuple(usable),
        joined,
        floods * joins,
        flooding,
        chat.memory() - before,
    )


class Crowd:
    """People who ask at the same time, and what came of it."""

    def __init__(self, chat: Running, users: int, questions: int) -> None:
        self._chat = chat
        self._users = users
        self._questions = questions
        self._until = time.monotonic() + ASKING_LIMIT
        self.errors: list[str] = []
        self.waits: list[float] = []  # seconds for an answer, of the page and of the API
        self.leaks = 0

    @property
    def progress(self) -> str:
        done, longest = len(self.waits), max(self.waits, default=0)
        all_of_them = self._users * self._questions * 2
        return f"{done} of {all_of_them} answers, the slowest after {longest:.1f} s, {len(self.errors)} errors"

    def person(self, number: int) -> None:
        """Ask as person ``number``, on a page of their own and through the API."""
        page = Page(self._chat, f"person{number}")
        for turn in range(self._questions):
            question = f"How should I breathe while I hold a plank? {mark(number)} {turn}"
            if time.monotonic() > self._until:
                self.errors.append(f"person {number} had no time to ask question {turn} within {ASKING_LIMIT:.0f} s")
                continue
            try:
                seen = self._timed(page.ask, question)
                answer = self._timed(self._chat.ask, question)
                if mark(number) not in seen or answer["question"] != question:
                    self.errors.append(f"person {number} did not get an answer of their own: {seen[:300]}")
                self.leaks += bool(strangers(seen + json.dumps(answer), number, self._users))
            except (OSError, ValueError, HTTPException) as error:
                self.errors.append(f"person {number}: {type(error).__name__} {error}")

    def _timed(self, ask: Callable[[str], Reply], question: str) -> Reply:
        started = time.monotonic()
        reply = ask(question)
        self.waits.append(time.monotonic() - started)
        return reply


def mark(number: int) -> str:
    """A word that only person ``number`` types."""
    return f"zq{number:04}zq"


def strangers(seen: str, number: int, users: int) -> list[int]:
    """Return the people whose word stands in what person ``number`` was shown."""
    return [other for other in range(users) if other != number and mark(other) in seen]


def _flood(chat: Running, number: int, joins: int) -> Counter[int]:
    """Join the queue ``joins`` times from pages that read no reply; return how often each status came back."""
    until = time.monotonic() + FLOOD_LIMIT
    api = _events(chat)[2]

    def one(part: range) -> Counter[int]:
        statuses: Counter[int] = Counter()
        connection = chat.connection()
        for turn in part:
            # Half of them come from one page, the others each from a page of its own.
            name = f"flood{number}-{turn if turn % 2 else part.start}"
            body = json.dumps({"data": ["plank", []], "fn_index": api, "session_hash": name})
            while time.monotonic() < until:
                try:
                    connection.request("POST", "/gradio_api/queue/join", body, {"Content-Type": "application/json"})
                    response = connection.getresponse()
                    response.read()
                except (OSError, HTTPException):  # the server closed it: the next try opens another
                    connection.close()
                    continue
                statuses[response.status] += 1
                break
        connection.close()
        return statuses

    with ThreadPoolExecutor(SENDERS) as pool:
        return sum(pool.map(one, _parts(joins, SENDERS)), Counter())


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


def _say(line: str) -> None:
    print(line, flush=True)


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
            report = load(chat, options.users, options.questions, options.floods, options.joins, _say)
            said = (folder / "stderr").read_text(encoding="utf-8")
    print(report, said[-2_000:], sep="\n")
    return 0 if report.holds else 1


if __name__ == "__main__":
    sys.exit(main())
