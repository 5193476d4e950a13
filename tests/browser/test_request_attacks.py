"""Sixty hostile requests to the running chat: each is refused, tells nothing, and its answer carries the security headers."""

import http.client
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from assistant.serving import HEADERS
from tests.attacks.requests import REQUESTS, SECRET, Request

CANARY = "secret-4410"
# What would show that something was told: our own file, the system's, the program's.
TOLD = (CANARY, "root:", "Traceback", "PATH=", "[core]", "site-packages", "assistant/", 'File "')


def sent(address: str, request: Request, secret: Path) -> tuple[int, dict[str, str], str]:
    """Send it as it is: no client tidies its path or its headers."""
    connection = http.client.HTTPConnection(urlsplit(address).netloc, timeout=30)
    connection.putrequest(
        request.method,
        request.path.replace(SECRET, str(secret)),
        skip_host="Host" in request.headers,
        skip_accept_encoding=True,
    )
    length = {"Content-Length": str(len(request.body))} if request.body else {}
    for name, value in (length | request.headers).items():
        connection.putheader(name, value)
    connection.endheaders(request.body or None)
    response = connection.getresponse()
    text = response.read().decode("utf-8", "replace")
    connection.close()
    return response.status, {name.lower(): value for name, value in response.getheaders()}, text


def test_sixty_hostile_requests_are_refused_and_tell_nothing(address: str, tmp_path: Path) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text(CANARY)
    wrong = []
    for request in REQUESTS:
        status, headers, text = sent(address, request, secret)
        told = [word for word in TOLD if word in text]
        lacking = [name for name, value in HEADERS.items() if headers.get(name) != value]
        lacking += [] if "frame-ancestors 'none'" in headers.get("content-security-policy", "") else ["policy"]
        by_server = status == 400 and text == "Invalid HTTP request received."  # refused before the guard is asked
        if (
            status not in request.status
            or told
            or (lacking and not by_server)
            or "access-control-allow-origin" in headers
        ):
            wrong.append((request.method, request.path, request.headers, status, told, lacking))
    assert wrong == []
    assert len(REQUESTS) == 60


@pytest.mark.parametrize("name", ["GET", "POST"])
def test_the_chats_own_requests_are_served(name: str, address: str, tmp_path: Path) -> None:
    """The control: the same way of asking gets an answer where nothing is hostile."""
    own = {"Origin": address, "Content-Type": "application/json"}
    body = b'{"data": ["pizza", null]}' if name == "POST" else b""
    path = "/gradio_api/call/ask" if name == "POST" else "/config"
    status, headers, text = sent(address, Request(path, method=name, headers=own, body=body), tmp_path)
    assert status == 200 and ("event_id" in text or "components" in text)
    assert headers["x-content-type-options"] == "nosniff"
