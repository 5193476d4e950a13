"""What the documents say is so: commands run, settings exist, and nothing names the machine it was written on."""

import re
import shlex
import subprocess
import sys
from dataclasses import fields
from functools import cache
from pathlib import Path

import pytest

from assistant.settings import PREFIX, Settings

ROOT = Path(__file__).parents[1]
DOCUMENTS = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
COMMAND = re.compile(r"^(?:\$ )?((?:[A-Z_]+=\S+ )*(?:make|python|python3) [^#|>&\n]+)", re.MULTILINE)
SETTING = re.compile(rf"\b{PREFIX}[A-Z][A-Z_]*\b")
TARGET = re.compile(r"^([a-z][a-z-]*):", re.MULTILINE)

# Paths of one machine; an address's own path does not count, because a letter or a dot stands before it.
MACHINE_PATH = re.compile(r"(?<![\w.])/(?:home|root|Users|work|workspace|builds|mnt)/\w")
CPU_INDEX = re.compile(r"download\.pytorch\.org")
INDEX_ADDRESS = re.compile(rf"https?://[\w.-]+/(?:simple|packages)\b|pypi\.org|pythonhosted\.org|{CPU_INDEX.pattern}")
NAMES_THE_CPU_INDEX = {"Makefile", "tests/test_packaging.py"}


def code_in(document: Path) -> list[str]:
    """The lines of fenced blocks, and what stands between backticks elsewhere."""
    text = document.read_text(encoding="utf-8")
    blocks = re.findall(r"^```\w*\n(.*?)^```", text, re.MULTILINE | re.DOTALL)
    prose = re.sub(r"^```\w*\n.*?^```", "", text, flags=re.MULTILINE | re.DOTALL)
    return [line for block in blocks for line in block.splitlines()] + re.findall(r"`([^`\n]+)`", prose)


def commands() -> list[tuple[str, list[str]]]:
    """Each command of the documents once: where it stands, and its words without the settings before it."""
    found: dict[str, tuple[str, list[str]]] = {}
    for document in filter(Path.exists, DOCUMENTS):
        for match in filter(None, map(COMMAND.match, code_in(document))):
            words = [word for word in shlex.split(match.group(1)) if not re.match(r"[A-Z_]+=", word)]
            found.setdefault(" ".join(words), (f"{document.relative_to(ROOT)}: {match.group(1).strip()}", words))
    return list(found.values())


def targets() -> set[str]:
    return set(TARGET.findall((ROOT / "Makefile").read_text(encoding="utf-8")))


def readme() -> str:
    return (ROOT / "README.md").read_text(encoding="utf-8")


@cache
def help_of(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *words, "--help"], cwd=ROOT, capture_output=True, text=True, timeout=60, check=False
    )


@pytest.mark.parametrize(("where", "words"), [pytest.param(*c, id=c[0]) for c in commands() if c[1][0] == "make"])
def test_a_make_target_in_the_documents_is_real(where: str, words: list[str]) -> None:
    for word in words[1:]:
        assert word.startswith("-") or word in targets(), f"{where}: the Makefile has no target {word!r}"


@pytest.mark.parametrize(("where", "words"), [pytest.param(*c, id=c[0]) for c in commands() if c[1][0] != "make"])
def test_a_python_command_in_the_documents_is_real(where: str, words: list[str]) -> None:
    head = words[1:3] if words[1] == "-m" else words[1:2]
    if head == ["-m", "assistant"] and len(words) > 3 and words[3].isalpha():
        head = words[1:4]  # with the name of the use
    shown = help_of(*head)
    assert shown.returncode == 0, f"{where}: --help ends with {shown.returncode}: {shown.stderr[-500:]}"
    for option in (word.partition("=")[0] for word in words[1 + len(head) :] if word.startswith("--")):
        assert option in shown.stdout, f"{where}: there is no option {option}"


def test_the_readme_shows_the_two_commands_early() -> None:
    start = readme().splitlines()[:25]
    assert any("make chat" in line for line in start)
    assert "make test" in readme()


def test_the_readme_can_be_read_in_one_sitting() -> None:
    assert len(readme().splitlines()) <= 150


def test_every_make_target_is_in_the_readme() -> None:
    named = {word for document in commands() if document[1][0] == "make" for word in document[1][1:]}
    assert targets() <= named, f"not named in the documents: {sorted(targets() - named)}"


def test_make_help_lists_every_target() -> None:
    text = (ROOT / "Makefile").read_text(encoding="utf-8")
    assert set(re.findall(r"^([a-z-]+):.*## \S", text, re.MULTILINE)) == targets()


@pytest.mark.parametrize("field", fields(Settings), ids=lambda field: field.name)
def test_a_setting_has_its_row_with_its_default_in_the_readme(field: object) -> None:
    name, default = PREFIX + str(getattr(field, "name", "")).upper(), str(getattr(field, "default", ""))
    rows = [line for line in readme().splitlines() if line.startswith("|") and f"`{name}`" in line]
    assert len(rows) == 1, f"{name} has {len(rows)} rows in the README's table"
    assert f"`{default}`" in rows[0] or not default, f"{name}: the row does not show the default {default}"


@pytest.mark.parametrize("document", [*DOCUMENTS, ROOT / "CHANGELOG.md", ROOT / "Makefile"], ids=lambda path: path.name)
def test_a_setting_in_the_documents_is_real(document: Path) -> None:
    known = {PREFIX + field.name.upper() for field in fields(Settings)}
    assert set(SETTING.findall(document.read_text(encoding="utf-8"))) <= known


@cache
def tracked() -> list[Path]:
    """The files that git tracks and still has; where this is not a checkout, all but what tools keep for themselves."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=False)
    if listed.returncode != 0:
        tops = [top for top in ROOT.iterdir() if top.name == ".ci" or not top.name.startswith(".")]
        return [path for top in tops for path in (top, *top.rglob("*")) if path.is_file() and path.suffix != ".pyc"]
    return [path for name in filter(None, listed.stdout.split("\0")) if (path := ROOT / name).is_file()]


def lines_with(pattern: re.Pattern[str]) -> list[str]:
    found = []
    for path in tracked():
        for number, line in enumerate(path.read_bytes().decode("utf-8", "ignore").splitlines(), start=1):
            if pattern.search(line):
                found.append(f"{path.relative_to(ROOT).as_posix()}:{number}: {line.strip()[:120]}")
    return found


def test_no_file_names_a_path_of_one_machine() -> None:
    assert not lines_with(MACHINE_PATH)
    assert not lines_with(re.compile(re.escape(str(ROOT)) + r"\b"))


def test_only_the_makefile_names_a_package_index_and_only_the_one_of_cpu_builds() -> None:
    others = [
        line
        for line in lines_with(INDEX_ADDRESS)
        if not (line.partition(":")[0] in NAMES_THE_CPU_INDEX and CPU_INDEX.search(line))
    ]
    assert not others
