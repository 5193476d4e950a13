"""Names and passwords of a shared chat."""

import base64
import time
from pathlib import Path

import pytest

from assistant.authentication import Passwords, Role, entry
from assistant.errors import SettingError

WORDS = "correct horse battery"


def basic(name: str, password: str) -> str:
    return "Basic " + base64.b64encode(f"{name}:{password}".encode()).decode()


@pytest.fixture(scope="module")
def passwords(tmp_path_factory: pytest.TempPathFactory) -> Passwords:
    file = tmp_path_factory.mktemp("auth") / "people"
    lines = (
        "# who may come in",
        "",
        entry("ana", Role.CURATOR, WORDS),
        entry("b\u00f6rn", Role.READER, "p\u00e4ss:word:x"),
    )
    file.write_text("\n".join(lines))
    return Passwords.read(file)


def test_the_right_password_gives_the_role_also_the_second_time(passwords: Passwords) -> None:
    for _ in range(2):
        assert passwords.role(basic("ana", WORDS)) is Role.CURATOR
        assert passwords.role(basic("b\u00f6rn", "p\u00e4ss:word:x")) is Role.READER


@pytest.mark.parametrize(
    "header",
    [
        *(basic("ana", WORDS + " "), basic("ana", ""), basic("nobody", WORDS), basic("", ""), basic("ANA", WORDS)),
        *(
            "",
            "Basic",
            "Basic ???",
            "Basic \u00e4",
            "Bearer x",
            basic("ana", WORDS).replace("Basic", "Bearer"),
            "Basic /w==",
        ),
    ],
)
def test_anything_else_is_refused(passwords: Passwords, header: str) -> None:
    assert passwords.role(header) is None


def test_a_name_that_nobody_has_takes_as_long_as_a_wrong_password(passwords: Passwords) -> None:
    def seconds(name: str) -> float:
        started = time.thread_time()
        assert passwords.role(basic(name, "wrong password")) is None
        return time.thread_time() - started

    known, unknown = (min(seconds(name) for _ in range(3)) for name in ("ana", "nobody"))
    assert unknown > known / 3


def test_the_file_holds_no_password_and_equal_ones_look_different() -> None:
    first, second = entry("ana", Role.READER, WORDS), entry("ana", Role.READER, WORDS)
    assert WORDS not in first
    assert first != second


@pytest.mark.parametrize(
    ("name", "password"), [("a:b", WORDS), ("", WORDS), (" a", WORDS), ("a\n", WORDS), ("ana", "short")]
)
def test_a_bad_name_or_a_short_password_is_refused(name: str, password: str) -> None:
    with pytest.raises(SettingError):
        entry(name, Role.READER, password)


@pytest.mark.parametrize(
    "text", ["ana:curator", "ana:king:scrypt$00$00", "ana:reader:md5$00$00", "ana:reader:scrypt$xx$00"]
)
def test_a_line_that_is_no_entry_is_named_with_the_command_that_makes_one(tmp_path: Path, text: str) -> None:
    file = tmp_path / "people"
    file.write_text(f"# people\n{text}\n")
    with pytest.raises(SettingError, match=r"people:2[^$]*"):
        Passwords.read(file)


def test_an_empty_or_missing_file_lets_nobody_in(tmp_path: Path) -> None:
    (tmp_path / "empty").touch()
    for name in ("empty", "missing"):
        with pytest.raises(SettingError):
            Passwords.read(tmp_path / name)
