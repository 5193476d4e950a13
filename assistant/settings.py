"""Settings: one frozen object, read from environment variables with the prefix ASSISTANT_."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

from assistant.errors import SettingError
from assistant.schema import Tier

PREFIX = "ASSISTANT_"


@dataclass(frozen=True)
class Settings:
    """Each field is the environment variable ASSISTANT_<NAME IN CAPITALS>; its metadata says what it does."""

    corpus: Path = field(default=Path("corpus"), metadata={"about": "folder of answers, books and questions.jsonl"})
    index: Path = field(
        default=Path("index"), metadata={"about": "folder of the built index; can always be deleted and made again"}
    )
    model: str = field(
        default="all-MiniLM-L6-v2",
        metadata={"about": "embedding model: the built-in one, a sentence-transformers folder or a hub name"},
    )
    host: str = field(default="127.0.0.1", metadata={"about": "address the chat listens on"})
    port: int = field(default=7860, metadata={"about": "port the chat listens on"})
    auth: str = field(default="", metadata={"about": "password file of a shared chat; empty: everyone may ask"})
    statements: int = field(default=8, metadata={"about": "most sentences and list items shown at first"})
    llm: str = field(
        default="",
        metadata={
            "about": "language model that chooses sentences, as provider:model; empty: none, nothing leaves the machine"
        },
    )
    tiers: str = field(
        default="ABCDSU",
        metadata={
            "about": "letters of the source tiers that may be quoted; without U, no source that nobody has placed"
        },
    )
    runs: Path = field(default=Path("runs"), metadata={"about": "folder of evaluation reports"})

    def __post_init__(self) -> None:
        if not 1 <= self.port <= 65535:
            raise SettingError(f"{PREFIX}PORT is {self.port}: a port lies between 1 and 65535")
        if not 1 <= self.statements <= 50:
            raise SettingError(f"{PREFIX}STATEMENTS is {self.statements}: between 1 and 50 sentences can be shown")
        if not self.tiers or set(self.tiers) - set(Tier):
            raise SettingError(
                f"{PREFIX}TIERS is {self.tiers!r}; it holds letters of {''.join(Tier)}",
                "Unset it to quote every source, or leave some out: ABCS quotes none that nobody has placed.",
            )


def load_settings(environment: Mapping[str, str] | None = None) -> Settings:
    """Read the environment; raise SettingError for a name nobody knows or a value of the wrong kind."""
    given = os.environ if environment is None else environment
    known: dict[str, Any] = {PREFIX + f.name.upper(): f for f in fields(Settings)}
    values: dict[str, Any] = {}
    for name, value in given.items():
        if not name.startswith(PREFIX):
            continue
        if name not in known:
            raise SettingError(f"no setting is called {name}", "Known settings: " + ", ".join(sorted(known)))
        values[known[name].name] = _converted(name, value, type(known[name].default))
    return Settings(**values)


def _converted(name: str, value: str, kind: type) -> Any:
    if kind is int:
        try:
            return int(value)
        except ValueError as error:
            raise SettingError(f"{name} is {value!r}: a whole number is needed") from error
    return Path(value) if issubclass(kind, Path) else value
