"""The guard before every request, without a server; the real one is tested with the page."""

import asyncio
import base64
import re
import socket
from collections.abc import MutableMapping
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.addresses import host_name
from assistant.authentication import Passwords, Role, entry
from assistant.errors import SettingError
from assistant.serving import CURATES, HEADERS, LARGEST_REQUEST, LARGEST_UPLOAD, Guard, listen, quiet_environment
from assistant.turnstile import Turnstile, Unread, remember_few

PAGE = b"<html><script>1</script><script type=x>2</script><p>\\u003cscript>"


async def app(scope: MutableMapping[str, Any], receive: Any, send: Any) -> None:
    """Reads the whole body, then answers with a page in two pieces."""
    more = scope["method"] == "POST"
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ConnectionError("cut off")
        more = message.get("more_body", False)
    headers = [(b"content-type", b"text/html"), (b"content-length", b"%d" % len(PAGE)), (b"x-frame-options", b"ALLOW")]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": PAGE[:9], "more_body": True})
    await send({"type": "http.response.body", "body": PAGE[9:]})


def request(
    path: str = "/",
    host: str | None = "127.0.0.1:7860",
    origin: str | None = None,
    method: str = "GET",
    chunks: tuple[bytes, ...] = (),
    listening: str = "127.0.0.1",
    guarded: Any = None,
    passwords: Passwords | None = None,
    **headers: str,
) -> tuple[int, dict[str, str], bytes]:
    """Send one request through the guard; return the status, the headers and the body."""
    given = {"host": host, "origin": origin, **{name.replace("_", "-"): value for name, value in headers.items()}}
    raw = [(name.encode(), value.encode("latin-1")) for name, value in given.items() if value is not None]
    waiting = [{"type": "http.request", "body": chunk, "more_body": True} for chunk in chunks]
    waiting.append({"type": "http.request", "body": b"", "more_body": False})
    sent: list[MutableMapping[str, Any]] = []

    async def receive() -> MutableMapping[str, Any]:
        return waiting.pop(0)

    async def send(message: MutableMapping[str, Any]) -> None:
        sent.append(message)

    guard = Guard(guarded or app, listening, passwords)
    asyncio.run(guard({"type": "http", "method": method, "path": path, "headers": raw}, receive, send))
    start, body = sent[0], b"".join(message.get("body", b"") for message in sent[1:])
    return start["status"], {name.decode(): value.decode() for name, value in start["headers"]}, body


@pytest.mark.parametrize("host", ["127.0.0.1", "127.0.0.1:7860", "localhost:1", "LOCALHOST", "[::1]:7860", "my.box"])
def test_own_names_are_served(host: str) -> None:
    assert request(host=host, listening="my.box")[0] == 200


@pytest.mark.parametrize(
    "host",
    [
        *("evil.org", "127.0.0.1.evil.org", "evil.org:7860", "localhost.evil.org", "127.0.0.1@evil.org", "", None),
        *("localhost:7860:1", "localhost/", "localhost:", "[::1", "192.168.0.7", "loc\u00e4lhost", "localhost\n"),
    ],
)
def test_foreign_and_malformed_hosts_are_refused(host: str | None) -> None:
    assert request(host=host)[0] == 400


def test_on_all_addresses_numbers_are_served_and_names_are_not() -> None:
    for host, status in (("192.168.0.7:7860", 200), ("[fe80::1]", 200), (socket.gethostname(), 200), ("evil.org", 400)):
        assert request(host=host, listening="0.0.0.0")[0] == status


@given(st.text(max_size=30))
def test_any_host_header_is_read_without_an_error(host: str) -> None:
    name = host_name(host)
    assert name is None or re.fullmatch(r"[a-z0-9._:-]+", name)


@pytest.mark.parametrize(
    "origin", ["http://evil.org", "null", "http://127.0.0.1:7861", "file://", "http://[", "https://"]
)
def test_other_sites_are_refused(origin: str) -> None:
    for method in ("GET", "POST", "OPTIONS"):
        assert request("/gradio_api/call/ask", origin=origin, method=method)[0] == 403


def test_the_page_itself_may_ask() -> None:
    assert request("/gradio_api/call/ask", origin="http://127.0.0.1:7860", method="POST")[0] == 200


@pytest.mark.parametrize(
    "path",
    [
        *("/gradio_api/upload", "/gradio_api/upload/", "/gradio_api/upload_progress", "/gradio_api/file=/etc/passwd"),
        *("/gradio_api/file/etc/passwd", "/gradio_api/proxy=http://192.0.2.1", "/monitoring", "/gradio_api/runs"),
        *("/gradio_api/run-history/records", "/gradio_api/vibe-edit", "/gradio_api/process_recording", "/docs"),
        *("/gradio_api/deep_link", "/gradio_api/dev/reload", "/gradio_api/stream/x", "/openapi.json", "/etc/passwd"),
        *("/gradio_api/component_server", "/gradio_api/custom_component/x", "//", "/config/x"),
    ],
)
def test_what_the_page_does_not_need_is_closed(path: str) -> None:
    assert request(path, method="POST")[0] == 404


@pytest.mark.parametrize("path", ["/", "/config", "/assets/x.js", "/theme.css", "/gradio_api/queue/join"])
def test_what_the_page_needs_is_open(path: str) -> None:
    assert request(path)[0] == 200


def test_every_response_carries_the_security_headers() -> None:
    for answer in (request(), request(host="evil.org"), request("/gradio_api/upload"), request("/assets/x")):
        headers = answer[1]
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["x-frame-options"] == "DENY"
        assert headers["referrer-policy"] == "no-referrer"
        assert {name: headers[name] for name in HEADERS} == HEADERS
        policy = headers["content-security-policy"]
        assert "default-src 'self'" in policy
        assert "frame-ancestors 'none'" in policy
        assert "'unsafe-inline'" not in policy.partition("script-src")[2].partition(";")[0]


def test_the_pages_own_scripts_carry_a_nonce_that_is_new_each_time() -> None:
    nonces = set()
    for _ in range(2):
        _, headers, body = request(accept_encoding="br")
        (nonce,) = set(re.findall(r'<script nonce="([^"]+)"', body.decode()))
        assert body.count(b"nonce=") == 2
        assert f"'nonce-{nonce}'" in headers["content-security-policy"]
        assert int(headers["content-length"]) == len(body)
        nonces.add(nonce)
    assert len(nonces) == 2


def test_other_files_are_passed_on_as_they_are() -> None:
    assert request("/assets/x")[2] == PAGE


@pytest.mark.parametrize("length", [str(LARGEST_REQUEST + 1), "-1", "x"])
def test_a_body_announced_as_too_large_is_refused(length: str) -> None:
    status, _, body = request("/gradio_api/queue/join", method="POST", content_length=length)
    assert status == 413
    assert b"at most 2,000 characters" in body


def test_a_body_that_grows_too_large_is_cut_off() -> None:
    with pytest.raises(ConnectionError, match="cut off"):
        request("/gradio_api/queue/join", method="POST", chunks=(b"x" * 600_000,) * 2)


def test_a_web_socket_is_closed() -> None:
    sent: list[MutableMapping[str, Any]] = []

    async def send(message: MutableMapping[str, Any]) -> None:
        sent.append(message)

    asyncio.run(Guard(app, "127.0.0.1")({"type": "websocket", "path": "/", "headers": []}, None, send))  # type: ignore[arg-type]
    assert [message["type"] for message in sent] == ["websocket.close"]


def test_a_port_in_use_is_named_with_the_cure() -> None:
    with listen("127.0.0.1", 0) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(SettingError, match=f"port {port} on 127.0.0.1") as raised:
            listen("127.0.0.1", port)
    assert f"ASSISTANT_PORT={port + 1}" in raised.value.cure


def test_an_address_of_another_machine_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(*_: object, **__: object) -> None:
        raise socket.gaierror(-2, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    with pytest.raises(SettingError, match=r"'elsewhere\.example'.*Name or service not known"):
        listen("elsewhere.example", 7860)


def test_the_environment_cannot_open_the_chat_to_others_or_send_questions_out() -> None:
    environment = {
        "GRADIO_SHARE": "true",
        "GRADIO_SERVER_NAME": "0.0.0.0",
        "GRADIO_ALLOWED_PATHS": "/",
        "GRADIO_ANALYTICS_ENABLED": "True",
        "LANGSMITH_TRACING": "true",
        "LANGSMITH_API_KEY": "x",
        "PATH": "/bin",
    }
    quiet_environment(environment)
    assert environment["GRADIO_ANALYTICS_ENABLED"] == "False"
    assert environment["LANGSMITH_TRACING"] == "false"
    assert environment["PATH"] == "/bin"
    assert not {"GRADIO_SHARE", "GRADIO_SERVER_NAME", "GRADIO_ALLOWED_PATHS", "LANGSMITH_API_KEY"} & set(environment)


# who may do what


def told(host: str, passwords: Passwords | None = None, **headers: Any) -> tuple[int, bool, dict[str, str]]:
    """The status, whether the page's code is told of a curator, and the headers of the reply."""
    seen: list[bool] = []

    async def page(scope: MutableMapping[str, Any], receive: Any, send: Any) -> None:
        seen.append((CURATES.encode(), b"yes") in scope["headers"])
        await app(scope, receive, send)

    status, given, _ = request("/config", listening=host, guarded=page, passwords=passwords, **headers)
    return status, any(seen), given


@pytest.mark.parametrize(
    ("host", "curates"),
    [("127.0.0.1", True), ("localhost", True), ("::1", True), ("0.0.0.0", False), ("my.box", False)],
)
def test_without_passwords_only_this_machine_curates_whatever_a_request_says(host: str, curates: bool) -> None:
    assert told(host)[:2] == told(host, x_curates="yes")[:2] == (200, curates)


def test_with_passwords_a_name_is_needed_and_gives_its_role(tmp_path: Path) -> None:
    file = tmp_path / "people"
    lines = [entry(name, role, "a long password") for name, role in (("ana", Role.CURATOR), ("ben", Role.READER))]
    file.write_text("\n".join(lines))
    passwords = Passwords.read(file)
    ana, ben, wrong = (
        "Basic " + base64.b64encode(text.encode()).decode()
        for text in ("ana:a long password", "ben:a long password", "ana:another password")
    )
    assert told("127.0.0.1", passwords, authorization=ana)[:2] == (200, True)
    assert told("0.0.0.0", passwords, authorization=ben, x_curates="yes")[:2] == (200, False)
    for header in (None, wrong, "Basic"):
        status, reached, reply = told("127.0.0.1", passwords, authorization=header)
        assert (status, reached) == (401, False)
        assert reply["www-authenticate"].startswith('Basic realm="Ask the Experts"')
        assert reply["x-frame-options"] == "DENY"


def test_only_a_curator_may_send_much_and_only_where_files_go() -> None:
    upload: dict[str, Any] = {"content_length": "5000000", "method": "POST"}
    assert request("/gradio_api/run/predict", listening="127.0.0.1", **upload)[0] == 200
    assert request("/gradio_api/run/predict", listening="0.0.0.0", **upload)[0] == 413
    assert request("/gradio_api/queue/join", listening="127.0.0.1", **upload)[0] == 413
    upload["content_length"] = str(LARGEST_UPLOAD + 1)
    assert request("/gradio_api/run/predict", listening="127.0.0.1", **upload)[0] == 413
    turnstile = Turnstile()
    with turnstile.reading(b"session_hash=a"), turnstile.reading(b"session_hash=a"):
        assert all(turnstile.admits(b'{"session_hash": "a"}') for _ in range(100))
    assert not all(turnstile.admits(b'{"session_hash": "a"}') for _ in range(100))


def test_replies_that_nobody_fetches_are_kept_for_the_last_pages_only() -> None:
    replies = Unread(2)
    for page in ("a", "b", "a", "c"):
        replies[page] = replies.get(page) or page
    assert list(replies) == ["a", "c"]


def test_pages_that_come_and_go_are_forgotten() -> None:
    page = SimpleNamespace(_queue=SimpleNamespace(), state_session_capacity=10_000)
    remember_few(page)
    assert page.state_session_capacity <= 512
    for number in range(1_000):
        page._queue.pending_messages_per_session[str(number)] = []
    assert len(page._queue.pending_messages_per_session) <= 256
