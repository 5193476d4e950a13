"""What stands around every handler of the page and of the API, whoever calls it."""

from collections.abc import Callable
from typing import Any

from assistant.output import log_failure

NO_FILES = "A question is text, and earlier questions are a list of texts; nothing else is taken."
FAILED = "Something in the program went wrong; its terminal shows what."


def shield(page: Any, told: Callable[[str], Exception]) -> None:
    """Let no handler be given a file, and no failure say what was typed; call before the page is served.

    By itself the framework fetches any address that an argument names as a file, and prints its errors with the arguments in
    them. ``told`` makes an error that the caller is told; the framework marks its own with ``print_exception``.
    """
    process = page.process_api

    async def shielded(*arguments: Any, **named: Any) -> Any:
        if holds_mapping([*arguments, named.get("inputs")]):
            raise told(NO_FILES)
        try:
            return await process(*arguments, **named)
        except Exception as error:
            if not getattr(error, "print_exception", True):
                raise
            log_failure(error)
            raise told(FAILED) from None

    page.process_api = shielded


def holds_mapping(values: object) -> bool:
    """Tell whether there is a mapping, which could stand for a file, at any depth of lists."""
    waiting = [values]
    while waiting:
        value = waiting.pop()
        if isinstance(value, dict):
            return True
        if isinstance(value, list | tuple):
            waiting.extend(value)
    return False
