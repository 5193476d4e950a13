"""Names and passwords for a shared chat: one line a person in a file, checked in constant time.

``ana:curator:scrypt$<salt>$<hash>`` lets Ana in and lets her add answers; ``reader`` in its place lets her ask only.
"""

import base64
import hashlib
import hmac
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from threading import Lock

from assistant.errors import SettingError

REALM = "Ask the Experts"
COMMAND = "Add a person: python -m assistant password NAME"
SHORTEST = 10  # characters of a password
REMEMBERED = 1_000  # credentials that were right and need no second scrypt
_COST = {"n": 2**14, "r": 8, "p": 1, "dklen": 32}  # 16 MiB and about 50 ms a guess


class Role(StrEnum):
    CURATOR = "curator"
    READER = "reader"


@dataclass(frozen=True)
class Person:
    role: Role
    salt: bytes
    digest: bytes


@dataclass
class Passwords:
    """Who may come in. Safe to share between threads; one password is worked out at a time, so guessing stays slow."""

    people: Mapping[str, Person]
    _key: bytes = field(default_factory=lambda: secrets.token_bytes(32))
    _known: dict[bytes, Role] = field(default_factory=dict)
    _one_at_a_time: Lock = field(default_factory=Lock)

    @classmethod
    def read(cls, file: str | Path) -> "Passwords":
        """Read the file; raise SettingError with file and line for what is no entry, and where nobody is in it."""
        try:
            lines = Path(file).read_text(encoding="utf-8").splitlines()
        except (OSError, UnicodeDecodeError) as error:
            raise SettingError(f"the password file {file} cannot be read: {error}", COMMAND) from error
        people: dict[str, Person] = {}
        for number, line in enumerate(lines, 1):
            if line.strip() and not line.startswith("#"):
                try:
                    name, role, stored = line.strip().split(":")
                    scheme, salt, digest = stored.split("$")
                    if scheme != "scrypt" or not name or name in people:
                        raise ValueError
                    people[name] = Person(Role(role), bytes.fromhex(salt), bytes.fromhex(digest))
                except ValueError as error:
                    raise SettingError(
                        f"{file}:{number} is not NAME:ROLE:scrypt$SALT$HASH, or a name twice", COMMAND
                    ) from error
        if not people:
            raise SettingError(f"nobody is in the password file {file}", COMMAND)
        return cls(people)

    def role(self, authorization: str) -> Role | None:
        """The role behind a Basic Authorization header; None where name or password is wrong. May take 50 ms."""
        scheme, _, encoded = authorization.partition(" ")
        try:
            given = base64.b64decode(encoded, validate=True)
            name, _, password = given.decode("utf-8").partition(":")
        except ValueError:  # no base64, or no UTF-8
            return None
        if scheme.casefold() != "basic":
            return None
        seen = hmac.digest(self._key, given, "sha256")  # the password itself is not kept in memory
        if seen in self._known:
            return self._known[seen]
        # A name that nobody has costs as much time as one that somebody has.
        person = self.people.get(name, Person(Role.READER, b"", b""))
        with self._one_at_a_time:
            digest = _digest(password, person.salt)
        if not hmac.compare_digest(digest, person.digest):
            return None
        if len(self._known) < REMEMBERED:
            self._known[seen] = person.role
        return person.role


def entry(name: str, role: Role, password: str) -> str:
    """The line of the password file for a person; raises SettingError."""
    if not name or any(sign in name for sign in ":\n\r#") or name != name.strip():
        raise SettingError(f"the name {name!r} is empty, padded or holds ':' or '#'")
    if len(password) < SHORTEST:
        raise SettingError(f"the password has {len(password)} characters; at least {SHORTEST} are needed")
    salt = secrets.token_bytes(16)
    return f"{name}:{role.value}:scrypt${salt.hex()}${_digest(password, salt).hex()}"


def _digest(password: str, salt: bytes) -> bytes:
    return hashlib.scrypt(password.encode("utf-8", "replace"), salt=salt, **_COST)
