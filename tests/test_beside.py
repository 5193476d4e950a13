"""A call beside another gives what it gives by itself, whoever makes it, and leaves no thread behind."""

import subprocess
import sys
import threading
from collections.abc import Callable
from functools import partial

import pytest

from assistant.beside import THREADS, beside

PATIENCE = 30.0  # seconds


class Panic(BaseException):
    """No Exception, like a panic of Chroma's."""


def test_both_calls_run_at_once() -> None:
    meeting = threading.Barrier(2, timeout=PATIENCE)
    result = beside(meeting.wait)
    assert {meeting.wait(), result()} == {0, 1}


def test_what_the_call_raises_reaches_whoever_waits_for_it() -> None:
    def fails() -> None:
        raise Panic("no index")

    with pytest.raises(Panic, match="no index"):
        beside(fails)()


def test_a_call_that_no_thread_has_begun_is_made_by_whoever_waits_for_it() -> None:
    free, begun = threading.Event(), threading.Barrier(THREADS + 1, timeout=PATIENCE)

    def busy() -> bool:
        begun.wait()
        return free.wait(PATIENCE)

    others: list[Callable[[], bool]] = [beside(busy) for _ in range(THREADS)]
    begun.wait()
    assert beside(threading.get_ident)() == threading.get_ident()
    free.set()
    assert all(result() for result in others)


def test_many_that_ask_at_once_all_get_theirs() -> None:
    got: dict[int, int] = {}

    def asks(number: int) -> None:
        result = beside(partial(pow, number, 2))
        got[number] = result()

    threads = [threading.Thread(target=asks, args=(number,)) for number in range(50)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE)
    assert got == {number: number**2 for number in range(50)}


def test_a_process_ends_that_has_called_beside() -> None:
    code = "from assistant.beside import beside; import time; beside(int)(); result = beside(lambda: time.sleep(0.1))"
    assert subprocess.run([sys.executable, "-c", code], timeout=PATIENCE, check=False).returncode == 0
