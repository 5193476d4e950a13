"""Run one call beside another: the model and Chroma let go of Python's lock, and so one question can use two cores."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from typing import TypeVar

THREADS = 2  # a call that finds them busy with other people's questions is made by whoever wants its result
_Result = TypeVar("_Result")


def beside(call: Callable[[], _Result]) -> Callable[[], _Result]:
    """Begin ``call`` in another thread; return what waits for its result, or raises what it raised."""
    begun = _threads().submit(call)
    return lambda: call() if begun.cancel() else begun.result()


@cache
def _threads() -> ThreadPoolExecutor:
    """Return the threads of this process, begun at the first call; Python ends them when it ends."""
    return ThreadPoolExecutor(THREADS, "beside")
