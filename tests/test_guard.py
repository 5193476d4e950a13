"""The tests' own floor: nothing leaves this machine, and the fake model behaves like a model."""

import os
import socket
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.embedding import Embedder
from assistant.settings import Settings, load_settings
from tests.conftest import FakeEmbedder
from tests.guard.sitecustomize import LOG_VARIABLE

ATTEMPTS = (
    "with socket.socket() as tcp: tcp.connect(('192.0.2.1', 80))",
    "with socket.socket() as tcp: tcp.connect_ex(('192.0.2.1', 80))",
    "with socket.socket(socket.AF_INET6) as tcp: tcp.connect(('2001:db8::1', 80))",
    "with socket.socket(type=socket.SOCK_DGRAM) as udp: udp.sendto(b'?', ('192.0.2.1', 53))",
    "with socket.socket() as server: server.bind(('0.0.0.0', 0))",
    "socket.create_connection(('example.org', 80), timeout=1)",
    "socket.getaddrinfo('example.org', 443)",
    "socket.gethostbyname('example.org')",
    "socket.gethostbyname('127.0.0.1.example.org')",
)


@pytest.mark.parametrize("attempt", ATTEMPTS)
def test_an_attempt_to_leave_the_machine_is_refused_and_written_down(
    attempt: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = tmp_path / "refused"
    monkeypatch.setenv(LOG_VARIABLE, str(log))  # so that this test does not fail for it
    with pytest.raises(PermissionError, match="no connection outside this machine"):
        exec(attempt, {"socket": socket})
    assert log.read_text().count("\n") == 1


def test_a_python_started_by_a_test_is_guarded_too(tmp_path: Path) -> None:
    log = tmp_path / "refused"
    finished = subprocess.run(
        [sys.executable, "-c", f"import socket\n{ATTEMPTS[0]}"],
        env={**os.environ, LOG_VARIABLE: str(log)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert finished.returncode == 1
    assert "ConnectionOutside" in finished.stderr
    assert log.read_text() == "socket.connect '192.0.2.1'\n"


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_this_machine_can_be_reached(host: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server, socket.create_connection(server.getsockname()) as client:
        assert client.getpeername()[0] == "127.0.0.1"
    assert socket.getaddrinfo(host, 80)


def test_settings_of_whoever_runs_the_tests_do_not_reach_them() -> None:
    assert load_settings() == Settings()


def test_texts_that_share_words_are_nearer_than_texts_that_do_not(embedder: FakeEmbedder) -> None:
    model: Embedder = embedder
    hip, hips, tea = model.embed(["strengthening the hip muscles", "strengthen a hip muscle", "tea is served at four"])
    assert hip @ hips > 0.7 > 0.4 > hip @ tea


@given(st.lists(st.text()))
def test_every_text_gets_the_same_unit_vector_each_time(texts: list[str]) -> None:
    vectors = FakeEmbedder().embed(texts)
    assert vectors.shape == (len(texts), 64)
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1)
    assert np.array_equal(vectors, FakeEmbedder().embed(texts))
