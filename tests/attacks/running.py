"""The chat as a person starts it, in a folder of its own with the fake model: its address, its process and what it leaves behind."""

import http.client
import json
import os
import re
import socket
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

ROOT = Path(__file__).parents[2]


@dataclass
class Running:
    """A chat that answers, and the folder that is its home, its place for temporary files and its working directory."""

    address: str
    process: int  # id
    folder: Path

    def post(self, path: str, body: object) -> tuple[int, str]:
        connection = self.connection()
        connection.request("POST", path, json.dumps(body), {"Content-Type": "application/json"})
        response = connection.getresponse()
        text = response.read().decode()
        connection.close()
        return response.status, text

    def connection(self) -> http.client.HTTPConnection:
        return http.client.HTTPConnection(urlsplit(self.address).netloc, timeout=60)

    def ask(self, question: str, history: Sequence[str] = ()) -> dict[str, Any]:
        """Ask through the documented API; raise ValueError where the reply is no answer."""
        status, text = self.post("/gradio_api/call/ask", {"data": [question, list(history)]})
        if status != 200:
            raise ValueError(f"{status}: {text[:200]}")
        connection = self.connection()
        connection.request("GET", f"/gradio_api/call/ask/{json.loads(text)['event_id']}")
        stream = connection.getresponse().read().decode()
        connection.close()
        event, data = stream.strip().split("\n")[:2]
        if event != "event: complete":
            raise ValueError(stream[:200])
        answer: dict[str, Any] = json.loads(data.removeprefix("data: "))[0]
        return answer

    def memory(self) -> float:
        """Resident memory in MB."""
        status = Path(f"/proc/{self.process}/status").read_text(encoding="utf-8")
        found = re.search(r"VmRSS:\s+(\d+) kB", status)
        assert found
        return int(found[1]) / 1024


@contextmanager
def running(folder: Path, before: Sequence[str] = (), **environment: str) -> Iterator[Running]:
    """Start app.py over the index in ``folder``; ``before`` is put before the command. Its output goes to files there."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    (folder / "home").mkdir()
    (folder / "tmp").mkdir()
    given: Mapping[str, str] = {
        **os.environ, "HOME": str(folder / "home"), "TMPDIR": str(folder / "tmp"), "ASSISTANT_PORT": str(port),
        "XDG_CACHE_HOME": str(folder / "home"), "PYTHONDONTWRITEBYTECODE": "1", "PYTHONPATH": f"{ROOT}:{os.environ.get('PYTHONPATH', '')}",
        "ASSISTANT_CORPUS": str(folder / "corpus"), "ASSISTANT_INDEX": str(folder / "index"), **environment,
    }  # fmt: skip
    command = [*before, sys.executable, "-m", "tests.with_fake_model", "app.py"]
    with (folder / "stderr").open("w") as errors:
        server = subprocess.Popen(command, cwd=folder, env=given, stdout=subprocess.PIPE, stderr=errors, text=True)
    try:
        assert server.stdout is not None
        line = server.stdout.readline()
        (folder / "stdout").write_text(line, encoding="utf-8")
        found = re.search(r"http://\S+", line)
        if not found:
            raise RuntimeError(f"the chat did not start: {line}{(folder / 'stderr').read_text(encoding='utf-8')}")
        yield Running(found[0], server.pid, folder)
    finally:
        server.terminate()
        server.wait(timeout=60)
        assert server.stdout is not None
        server.stdout.close()
