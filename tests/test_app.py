"""The door to the chat: quick to explain itself, clear about what keeps it shut."""

import os
import socket
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]


def run(*arguments: str, **settings: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, **settings}
    command = [sys.executable, *arguments]
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False, timeout=60)


def test_help_needs_nothing_heavy() -> None:
    script = (
        "import runpy, sys\n"
        "sys.argv = ['app.py', '--help']\n"
        "try:\n    runpy.run_path('app.py', run_name='__main__')\n"
        "except SystemExit as end:\n    assert end.code == 0\n"
        "heavy = {'gradio', 'torch', 'chromadb', 'onnxruntime', 'uvicorn'} & set(sys.modules)\n"
        "assert not heavy, heavy\n"
    )
    finished = run("-c", script)
    assert finished.returncode == 0, finished.stderr
    assert "ASSISTANT_PORT" in finished.stdout


def test_a_port_in_use_is_named_with_the_setting_that_changes_it() -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        finished = run("app.py", ASSISTANT_PORT=str(port))
    assert finished.returncode == 2
    assert f"port {port} on 127.0.0.1 cannot be used (Address already in use)" in finished.stderr
    assert "ASSISTANT_PORT=" in finished.stderr
    assert "Traceback" not in finished.stderr


def test_without_an_index_the_door_names_the_command_that_builds_it(tmp_path: Path) -> None:
    finished = run("app.py", ASSISTANT_INDEX=str(tmp_path / "none"), ASSISTANT_PORT=free_port())
    assert finished.returncode == 2
    assert "ingest.py" in finished.stderr
    assert "Traceback" not in finished.stderr


def test_a_setting_of_the_wrong_kind_is_named() -> None:
    finished = run("app.py", ASSISTANT_PORT="many")
    assert finished.returncode == 2
    assert "ASSISTANT_PORT is 'many'" in finished.stderr


def free_port() -> str:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return str(server.getsockname()[1])
