"""What is written on this machine is for the eyes of its owner only."""

import os
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def private_files() -> Iterator[None]:
    """Whatever is made meanwhile, by libraries too, gets mode 0600, and folders 0700; also usable as a decorator.

    The mask belongs to the whole process: another thread's new files become private as well.
    """
    before = os.umask(0o077)
    try:
        yield
    finally:
        os.umask(before)
