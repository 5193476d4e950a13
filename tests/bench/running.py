"""The real chat, started for a measurement and stopped after it."""

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).parents[2]


@contextmanager
def running_chat(address: str | None = None) -> Iterator[str]:
    """Yield ``address``, or that of a chat started on a free port with the settings of the environment."""
    if address:
        yield address.rstrip("/")
        return
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = str(server.getsockname()[1])
    command = [sys.executable, "app.py"]
    environment = {**os.environ, "ASSISTANT_PORT": port}
    with subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True) as chat:
        assert chat.stdout is not None
        line = chat.stdout.readline()
        if not line:
            raise SystemExit(chat.wait())
        try:
            yield f"http://127.0.0.1:{port}"
        finally:
            chat.terminate()
