"""Who asks must read: a program that puts questions into the queue and fetches no reply would fill the memory with replies."""

import json
from collections import OrderedDict
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import parse_qs

MOST_UNREAD = 16  # questions that a page may send while it reads nothing; a real page opens its stream after the first
_REMEMBERED = 4_096  # pages; the oldest are forgotten first
_UNREAD_PAGES = 256  # pages with replies that have not been fetched; the oldest lose theirs first
# Pages of which the framework remembers what their parts look like: some 60 kB each, and by itself it keeps 10,000. To one
# that it has forgotten the tab Browse must be opened anew.
_KNOWN_PAGES = 512


class Turnstile:
    """Counts for every page, by its session, what it has sent since it last read. Belongs to one event loop."""

    def __init__(self) -> None:
        self._unread: dict[str, int] = {}
        self._reading: dict[str, int] = {}  # session -> open streams

    def admits(self, body: bytes) -> bool:
        """Count a question sent to the queue; tell whether it may go on. What cannot be read is left to the framework."""
        try:
            session = str(json.loads(body)["session_hash"])
        except (ValueError, KeyError, TypeError, RecursionError):
            return True
        if session in self._reading:
            return True
        count = self._unread.pop(session, 0) + 1
        self._unread[session] = min(count, MOST_UNREAD + 1)
        if len(self._unread) > _REMEMBERED:
            del self._unread[next(iter(self._unread))]
        return count <= MOST_UNREAD

    @contextmanager
    def reading(self, query: bytes) -> Iterator[None]:
        """For as long as a page's stream is open, it may send what it likes."""
        session = parse_qs(query.decode("latin-1")).get("session_hash", [""])[0]
        self._unread.pop(session, None)
        self._reading[session] = self._reading.get(session, 0) + 1
        try:
            yield
        finally:
            self._reading[session] -= 1
            if not self._reading[session]:
                del self._reading[session]


def remember_few(page: Any) -> None:
    """Bound what the framework keeps of pages that come and go; call before the page is served."""
    page._queue.pending_messages_per_session = Unread(_UNREAD_PAGES)
    page.state_session_capacity = _KNOWN_PAGES


class Unread(OrderedDict[str, Any]):
    """Session -> the replies that wait for it, for the ``most`` pages that were busy last.

    The framework's own keeps 2,000, and drops the page that came first even while it is being answered.
    """

    def __init__(self, most: int) -> None:
        super().__init__()
        self._most = most

    def __getitem__(self, session: str) -> Any:
        replies = super().__getitem__(session)
        self.move_to_end(session)
        return replies

    def __setitem__(self, session: str, replies: Any) -> None:
        super().__setitem__(session, replies)
        self.move_to_end(session)
        while len(self) > self._most:
            del self[next(iter(self))]
