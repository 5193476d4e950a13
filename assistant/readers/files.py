"""The bytes of one file, if it is a regular file of bearable size."""

import os
import stat
from pathlib import Path

from assistant.readers.loaded import Unreadable

LARGEST = 50_000_000  # bytes of one file


def read_bytes(path: Path, largest: int = LARGEST, most: int | None = None) -> bytes:
    """Return the file's bytes, or the first ``most``. Raises Unreadable for what cannot or should not be read."""
    try:
        # Opening a named pipe would wait for a writer for ever; O_NONBLOCK does not.
        descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
        with open(descriptor, "rb") as file:
            found = os.fstat(descriptor)
            if not stat.S_ISREG(found.st_mode):
                raise Unreadable("not a regular file", "Remove it from the corpus.")
            if found.st_size > largest:
                raise Unreadable(f"{found.st_size:,} bytes, more than {largest:,}", "Split it into smaller files.")
            data = file.read(largest if most is None else most)
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        raise Unreadable(f"cannot be read: {reason}", "Check the file and its permissions.") from error
    if not data.strip():
        raise Unreadable("the file is empty", "Write its text, or remove it.")
    return data
