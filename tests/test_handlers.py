"""No handler is given a file, and no failure says what was typed."""

import asyncio
from types import SimpleNamespace
from typing import Any

import pytest

from assistant.handlers import FAILED, NO_FILES, holds_mapping, shield

FILE = {"path": "http://192.0.2.1/x", "meta": {"_type": "gradio.FileData"}}


class Told(Exception):
    print_exception = False


def answered(inputs: list[Any], failing: Exception | None = None) -> Any:
    async def process_api(block_fn: int, inputs: list[Any]) -> list[Any]:
        if failing:
            raise failing
        return inputs

    page = SimpleNamespace(process_api=process_api)
    shield(page, Told)
    return asyncio.run(page.process_api(block_fn=0, inputs=inputs))


def test_text_and_lists_of_text_pass() -> None:
    assert answered(["plank", ["before"], None]) == ["plank", ["before"], None]


@pytest.mark.parametrize("value", [FILE, [FILE], [[FILE]], {}], ids=["alone", "in a list", "deeper", "empty"])
def test_what_could_stand_for_a_file_is_refused(value: object) -> None:
    with pytest.raises(Told, match=NO_FILES):
        answered(["plank", value])


def test_depth_is_no_way_around() -> None:
    nested: list[Any] = [FILE]
    for _ in range(100_000):
        nested = [nested]
    assert holds_mapping(nested)


def test_a_failure_is_told_and_logged_without_what_was_typed(caplog: pytest.LogCaptureFixture) -> None:
    with pytest.raises(Told, match=FAILED):
        answered([], ValueError("Received inputs: my secret knee"))
    assert "ValueError" in caplog.text and "secret" not in caplog.text


def test_what_is_meant_for_the_caller_is_passed_on(caplog: pytest.LogCaptureFixture) -> None:
    with pytest.raises(Told, match="the question is empty"):
        answered([], Told("the question is empty"))
    assert not caplog.records
