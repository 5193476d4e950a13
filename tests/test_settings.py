"""Settings come from the environment by name; what cannot be meant is refused with the name and the value."""

from dataclasses import FrozenInstanceError, fields
from pathlib import Path

import pytest

from assistant.errors import SettingError
from assistant.settings import PREFIX, Settings, load_settings

GIVEN = {
    "corpus": ("elsewhere/corpus", Path("elsewhere/corpus")),
    "index": ("elsewhere/index", Path("elsewhere/index")),
    "model": ("some/model", "some/model"),
    "host": ("::1", "::1"),
    "port": ("8080", 8080),
    "statements": ("3", 3),
    "llm": ("ollama:tiny", "ollama:tiny"),
    "runs": ("elsewhere/runs", Path("elsewhere/runs")),
    "tiers": ("ABCS", "ABCS"),
    "auth": ("elsewhere/passwords", "elsewhere/passwords"),
}


def test_without_a_variable_every_setting_has_its_default() -> None:
    assert load_settings({"PATH": "/bin", "NOT_ASSISTANT_PORT": "x"}) == Settings()


def test_every_setting_is_read_from_its_variable() -> None:
    assert set(GIVEN) == {field.name for field in fields(Settings)}
    settings = load_settings({PREFIX + name.upper(): text for name, (text, _) in GIVEN.items()})
    assert {name: getattr(settings, name) for name in GIVEN} == {name: value for name, (_, value) in GIVEN.items()}


def test_the_environment_of_the_process_is_what_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ASSISTANT_PORT", "9000")
    assert load_settings().port == 9000


def test_every_setting_says_what_it_does() -> None:
    assert all(len(field.metadata["about"]) > 10 for field in fields(Settings))


def test_nothing_leaves_the_machine_unless_somebody_says_so() -> None:
    assert Settings().host == "127.0.0.1" and Settings().llm == ""


def test_a_setting_that_nobody_knows_is_refused_with_the_known_ones() -> None:
    with pytest.raises(SettingError, match="no setting is called ASSISTANT_PROT") as caught:
        load_settings({"ASSISTANT_PROT": "80"})
    assert "ASSISTANT_PORT" in caught.value.cure


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("PORT", "eighty", "ASSISTANT_PORT is 'eighty': a whole number is needed"),
        ("PORT", "", "ASSISTANT_PORT is ''"),
        ("PORT", "80.5", "'80.5': a whole number"),
        ("PORT", "0", "ASSISTANT_PORT is 0: a port lies between 1 and 65535"),
        ("PORT", "65536", "ASSISTANT_PORT is 65536"),
        ("STATEMENTS", "0", "ASSISTANT_STATEMENTS is 0: between 1 and 50"),
        ("STATEMENTS", "51", "ASSISTANT_STATEMENTS is 51"),
        ("STATEMENTS", "-1", "ASSISTANT_STATEMENTS is -1"),
        ("TIERS", "", "ASSISTANT_TIERS is ''; it holds letters of ABCDSU"),
        ("TIERS", "ABX", "ASSISTANT_TIERS is 'ABX'; it holds letters of ABCDSU"),
    ],
)
def test_a_value_of_the_wrong_kind_or_size_is_refused_by_name(name: str, value: str, message: str) -> None:
    with pytest.raises(SettingError, match=message):
        load_settings({PREFIX + name: value})


@pytest.mark.parametrize(("name", "value"), [("port", 1), ("port", 65535), ("statements", 1), ("statements", 50)])
def test_the_ends_of_a_range_belong_to_it(name: str, value: int) -> None:
    assert getattr(load_settings({PREFIX + name.upper(): str(value)}), name) == value


def test_settings_are_frozen() -> None:
    with pytest.raises(FrozenInstanceError):
        Settings().port = 80  # type: ignore[misc]
