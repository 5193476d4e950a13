"""SQLite files that only save time: what they hold can be made again, so a damaged one is thrown away and begun anew."""

import os
import sqlite3
from pathlib import Path

_PATIENCE = 30.0  # seconds to wait for another process that is writing


def open_cache(path: Path, schema: str) -> sqlite3.Connection:
    """Open ``path``, made with ``schema`` where there is none. Raises sqlite3.OperationalError where nobody may write."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    try:
        return _opened(path, schema)
    except sqlite3.OperationalError:
        raise  # locked, or no room: the file itself may be whole
    except (sqlite3.DatabaseError, UnicodeDecodeError):  # the latter: what SQLite says of it quotes damaged bytes
        discard(path)
        return _opened(path, schema)


def discard(path: Path) -> None:
    """Remove a cache with what SQLite keeps beside it. Nothing is lost but time."""
    for part in (path, Path(f"{path}-wal"), Path(f"{path}-shm")):
        part.unlink(missing_ok=True)


def _opened(path: Path, schema: str) -> sqlite3.Connection:
    os.close(os.open(path, os.O_CREAT | os.O_WRONLY, 0o600))  # SQLite would let others read it
    db = sqlite3.connect(path, timeout=_PATIENCE)
    try:
        db.execute("pragma journal_mode = wal")
        db.executescript(schema)
    except (sqlite3.Error, UnicodeDecodeError):
        db.close()
        raise
    return db
