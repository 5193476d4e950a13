"""Each protection that tests/bench/break_protections.py takes away still stands where it looks, and has its test."""

import ast
import re
from pathlib import Path

import pytest

from tests.bench.break_protections import ROOT, Breakage, protections

ROWS = protections()


@pytest.mark.parametrize("row", ROWS, ids=lambda row: str(row.what))
def test_the_line_stands_in_its_file_and_the_test_is_there(row: Breakage) -> None:
    assert row.line in (ROOT / "assistant" / row.file).read_text(encoding="utf-8")
    assert row.broken != row.line
    file, *chosen = row.test.split(" ", 2)
    tree = ast.parse((ROOT / "tests" / file).read_text(encoding="utf-8"))
    names = {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")}
    words = chosen[-1] if chosen else "test"
    assert any(re.search(words, f"{Path(file).stem} {name}") for name in names), f"no test of {file} is called {words}"


def test_no_protection_is_listed_twice() -> None:
    assert len({row.what for row in ROWS}) == len(ROWS)
