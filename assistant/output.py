"""All that a page or a terminal is given passes here: what either would obey instead of showing is taken out.

File names, pages, names of experts and questions are somebody else's text. In a terminal an escape sequence among them could
change its title, its clipboard or the lines above, and a direction mark could turn a line around.
"""

import functools
import logging
import re
import sys
import traceback
from collections.abc import Callable, Iterable
from contextlib import redirect_stderr, redirect_stdout
from typing import Any, ParamSpec, TextIO, cast

from assistant.errors import AssistantError

P = ParamSpec("P")

# Lone surrogates cannot be sent as UTF-8; the other controls have no glyph, and NUL ends a string in some readers,
# and a terminal takes some of them for commands.
_UNSHOWABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff]")
# A page keeps a change of direction within its paragraph; a terminal does not. A return writes over the line's beginning.
_OBEYED = re.compile("[\r\u202a-\u202e\u2066-\u2069]")


def showable(text: str) -> str:
    """Replace what no page or JSON stream can carry: control characters and lone surrogates."""
    return _UNSHOWABLE.sub("\ufffd", text)


def printable(text: str, encoding: str | None = None) -> str:
    """Replace what a terminal would obey, and what it cannot show in its ``encoding``."""
    encoding = encoding or "utf-8"
    return _OBEYED.sub("\ufffd", showable(text)).encode(encoding, "replace").decode(encoding)


def one_line(text: str) -> str:
    """Make a name that holds line ends one line, so that it cannot look like lines of our own."""
    return re.sub(r"[\n\r\x0b\x0c\x85\u2028\u2029]", "\ufffd", text)


class _Shown:
    """A text stream whose every character has passed ``printable``; all else is the stream's own."""

    def __init__(self, beneath: TextIO) -> None:
        self.beneath = beneath

    def write(self, text: str) -> int:
        self.beneath.write(printable(text, self.beneath.encoding))
        return len(text)

    def writelines(self, lines: Iterable[str]) -> None:
        for line in lines:
            self.write(line)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.beneath, name)


def door(main: Callable[P, int]) -> Callable[P, int]:
    """Make ``main`` return an exit status, whatever happens, and all it writes harmless: libraries and tracebacks included."""

    @functools.wraps(main)
    def opened(*arguments: P.args, **named: P.kwargs) -> int:
        with redirect_stdout(_shown(sys.stdout)), redirect_stderr(_shown(sys.stderr)):
            try:
                return main(*arguments, **named)
            except AssistantError as error:
                complain(error)
                return error.exit_code
            except Exception:  # noqa: BLE001  the interpreter would print it as it is, and a message may quote what was read
                traceback.print_exc()
                return 1

    return opened


def complain(error: AssistantError) -> None:
    sys.stderr.write(f"error: {error}\n")


def log_failure(error: Exception) -> None:
    """Log where ``error`` was raised and of what kind it is, not its message: that may quote a question."""
    places = "".join(traceback.format_tb(error.__traceback__))
    logging.getLogger(__name__).error("a question could not be answered\n%s%s", places, type(error).__name__)


def _shown(stream: TextIO) -> TextIO:
    return cast(TextIO, _Shown(stream))


def own_marks() -> TextIO:
    """The error stream for what only the program itself writes and a terminal is meant to obey: a progress bar."""
    return cast(TextIO, getattr(sys.stderr, "beneath", sys.stderr))
