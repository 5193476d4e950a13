"""What is installed is pinned, whole, and free of CUDA on a machine that cannot use it."""

import json
import os
import re
import shutil
import subprocess
import tomllib
from importlib import metadata
from pathlib import Path

import pytest

from tests.bench.audit import findings
from tests.bench.audit import main as audit

ROOT = Path(__file__).parents[1]
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
PROJECT = PYPROJECT["project"]
LINES = re.findall(r"^[^#\n].*$", (ROOT / "constraints.txt").read_text(encoding="utf-8"), re.MULTILINE)

# A stand-in for the Python of .venv: writes down how pip is called, and answers a trial run with what pip would bring.
STUB = """#!/bin/sh
echo "$*" >> "$CALLS"
case "$*" in
    *--dry-run*) printf '{"install": [{"metadata": {"metadata_version": "2.4", "name": "%s"}}]}' "$TRIAL" ;;
    *"pip list"*) echo "$INSTALLED" ;;
esac
"""


def canonical(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


PINS = {canonical(line.partition("==")[0]): line.partition("==")[2] for line in LINES}


def requirements() -> list[str]:
    extras = PROJECT["optional-dependencies"].values()
    return [*PROJECT["dependencies"], *(requirement for extra in extras for requirement in extra)]


def test_every_constraint_is_one_public_version() -> None:
    assert not [line for line in LINES if not re.fullmatch(r"[A-Za-z0-9._-]+==[0-9][A-Za-z0-9.]*", line)]


def test_constraints_are_sorted_and_named_once() -> None:
    names = [canonical(line.partition("==")[0]) for line in LINES]
    assert names == sorted(set(names))


def test_no_constraint_is_for_cuda() -> None:
    assert not [line for line in LINES if re.match("nvidia|cuda|triton", line)]


@pytest.mark.parametrize("requirement", requirements())
def test_a_direct_dependency_is_pinned_to_the_same_version_in_both_files(requirement: str) -> None:
    name, _, version = requirement.partition("==")
    assert PINS.get(canonical(name)) == version


def test_every_file_of_the_package_that_is_not_code_is_packaged() -> None:
    package = ROOT / "assistant"
    patterns = PYPROJECT["tool"]["setuptools"]["package-data"]["assistant"]
    packaged = {path for pattern in patterns for path in package.glob(pattern)}
    assert {path for path in package.rglob("*.*") if path.suffix not in (".py", ".pyc")} <= packaged


def test_everything_a_dependency_needs_is_pinned() -> None:
    seen: set[str] = set()
    waiting = [canonical(re.split(r"[^\w.-]", requirement)[0]) for requirement in requirements()]
    while waiting:
        name = waiting.pop()
        if name in seen:
            continue
        seen.add(name)
        assert name in PINS, f"{name} is installed but constraints.txt does not pin it"
        try:
            needed = metadata.requires(name) or []
        except metadata.PackageNotFoundError:
            continue  # of another platform, or of an extra that is not installed
        unconditional = [line for line in needed if ";" not in line]
        waiting += [canonical(re.split(r"[^\w.-]", line)[0]) for line in unconditional]


def test_what_is_installed_is_what_is_pinned() -> None:
    installed = {canonical(found.name): found.version.partition("+")[0] for found in metadata.distributions()}
    differing = {
        name: (installed[name], pin) for name, pin in PINS.items() if name in installed and installed[name] != pin
    }
    assert differing == {}, "installed and pinned versions differ: make setup"
    assert len(PINS.keys() & installed.keys()) > 100


AUDITED = {"name": "sound", "version": "1.0", "vulns": []}
UNSOUND = {"name": "unsound", "version": "1.0", "vulns": [{"id": "CVE-1", "fix_versions": ["1.1"]}]}
UNKNOWN = {"name": "unknown", "skip_reason": "not found"}


@pytest.mark.parametrize(
    ("packages", "status", "words"),
    [
        ([AUDITED], 0, "1 packages looked up, 0 advisories"),
        ([AUDITED, UNSOUND], 1, "unsound 1.0: CVE-1, mended in 1.1"),
        ([UNKNOWN, AUDITED], 0, "not looked up: unknown"),
        ([UNKNOWN], 3, "The advisories could not be had"),
        ([], 3, "The advisories could not be had"),
    ],
)
def test_an_audit_without_data_is_no_good_news(packages: list[dict[str, object]], status: int, words: str) -> None:
    found = findings(json.dumps({"dependencies": packages}))
    assert found.status == status and words in str(found)


def test_an_audit_without_its_tool_says_how_to_get_it(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PATH", "")
    assert audit(["--tool", "nowhere/pip-audit"]) == 2
    assert "pip install pip-audit==" in capsys.readouterr().err


@pytest.mark.skipif(shutil.which("make") is None, reason="make is not installed")
@pytest.mark.parametrize(
    ("trial", "cpu_index"), [("nvidia-cublas", True), ("cuda-toolkit", True), ("triton", True), ("sympy", False)]
)
def test_set_up_takes_the_cpu_index_where_pip_would_bring_cuda(trial: str, cpu_index: bool, tmp_path: Path) -> None:
    finished, calls = set_up(tmp_path, trial=trial, installed="torch 2.13.0")
    assert finished.returncode == 0, finished.stdout + finished.stderr
    torch = next(call for call in calls if "--no-deps" in call)
    assert ("--index-url https://download.pytorch.org/whl/cpu" in torch) is cpu_index


@pytest.mark.skipif(shutil.which("make") is None, reason="make is not installed")
def test_set_up_fails_and_names_the_packages_when_cuda_came_all_the_same(tmp_path: Path) -> None:
    finished, _ = set_up(tmp_path, trial="sympy", installed="nvidia-cublas 13.0")
    assert finished.returncode != 0
    assert "nvidia-cublas 13.0" in finished.stdout
    assert not (tmp_path / "venv" / ".installed").exists()


@pytest.mark.skipif(shutil.which("make") is None, reason="make is not installed")
def test_set_up_happens_once(tmp_path: Path) -> None:
    _, first = set_up(tmp_path, trial="sympy", installed="torch 2.13.0")
    _, second = set_up(tmp_path, trial="sympy", installed="torch 2.13.0")
    assert first == second


def set_up(folder: Path, trial: str, installed: str) -> tuple[subprocess.CompletedProcess[str], list[str]]:
    """Run ``make setup`` with a stub for Python, without a GPU or a working uv; return the outcome and all calls."""
    fails = "#!/bin/sh\nexit 1\n"
    for path, text in (("venv/bin/python", STUB), ("bin/nvidia-smi", fails), ("bin/uv", fails)):
        program = folder / path
        program.parent.mkdir(parents=True, exist_ok=True)
        program.write_text(text)
        program.chmod(0o755)
    calls = folder / "calls"
    path = f"{folder / 'bin'}:{os.environ['PATH']}"
    finished = subprocess.run(
        ["make", "setup", f"VENV={folder / 'venv'}"],
        cwd=ROOT,
        env={**os.environ, "PATH": path, "CALLS": str(calls), "TRIAL": trial, "INSTALLED": installed},
        capture_output=True,
        text=True,
        check=False,
    )
    return finished, calls.read_text().splitlines()
