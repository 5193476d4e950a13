"""Serve the chat to this machine and keep everyone else out: the socket, the server, and a guard before every request.

The guard stands outside the web framework, so that no route, error page or preflight answer escapes it.
"""

import asyncio
import logging
import os
import re
import secrets
import socket
from collections.abc import Awaitable, Callable, Iterable, MutableMapping
from contextlib import suppress
from typing import Any

from assistant.addresses import host_name, is_address, is_loopback, origin_host
from assistant.authentication import REALM, Passwords, Role
from assistant.errors import SettingError
from assistant.turnstile import Turnstile

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]
Headers = list[tuple[bytes, bytes]]

LARGEST_REQUEST = 1_000_000  # bytes; a question has at most 2,000 characters
LARGEST_UPLOAD = 12_000_000  # bytes, from a curator
UPLOADS_GO_TO = re.compile(r"/gradio_api/run/.*")
CURATES = "x-curates"  # header that tells the page's code of a curator; taken off whatever comes from outside
WILDCARDS = frozenset({"0.0.0.0", "::", ""})
# What the page and the API use. Left out: uploads, stored files, proxying, monitoring, run history, code editing.
OPEN_PATHS = re.compile(
    r"/|/config/?|/theme\.css|/favicon\.ico|/manifest\.json|/robots\.txt|/(assets|static|svelte)/.*"
    r"|/gradio_api/(info|openapi\.json|app_id|theme\.css|startup-events|queue/(join|data)|cancel|reset)/?"
    r"|/gradio_api/(call|run|api|heartbeat|mcp)/.*"
)
QUEUE_JOIN, QUEUE_DATA = "/gradio_api/queue/join", "/gradio_api/queue/data"
HEADERS = {
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), microphone=(), geolocation=(), payment=(), usb=()",
}
# Scripts run from our own files or with this response's nonce; a script or handler in injected markup does not.
# The page's framework compiles its templates (unsafe-eval) and writes style attributes (unsafe-inline).
POLICY = (
    "default-src 'self'; script-src 'self' 'nonce-{nonce}' 'unsafe-eval'; style-src 'self' 'unsafe-inline';"
    " img-src 'self' data:; font-src 'self'; connect-src 'self'; object-src 'none'; frame-src 'none';"
    " base-uri 'self'; form-action 'self'; frame-ancestors 'none'"
)
LOGIN: Headers = [(b"www-authenticate", f'Basic realm="{REALM}", charset="UTF-8"'.encode())]
_SCRIPT = re.compile(rb"<script(?=[ >])")


def quiet_environment(environment: MutableMapping[str, str] | None = None) -> None:
    """Make libraries private whatever the environment says; call before they are imported.

    Every GRADIO_ variable is dropped (a shared tunnel, other addresses, more readable folders, saved runs), and what
    sends usage or questions out is switched off.
    """
    target = os.environ if environment is None else environment
    for name in [name for name in target if name.startswith(("GRADIO_", "LANGSMITH_", "LANGCHAIN_"))]:
        del target[name]
    target.update(
        GRADIO_ANALYTICS_ENABLED="False",
        LANGSMITH_TRACING="false",
        LANGCHAIN_TRACING_V2="false",
        ANONYMIZED_TELEMETRY="False",
        HF_HUB_DISABLE_TELEMETRY="1",
        DO_NOT_TRACK="1",
    )


def listen(host: str, port: int) -> socket.socket:
    """Take the address, so that a port in use is known before anything slow is loaded. Port 0 takes a free one."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host or None, port, type=socket.SOCK_STREAM)[0]
        taken = socket.socket(family, kind, protocol)
    except (OSError, UnicodeError) as error:
        raise SettingError(
            f"ASSISTANT_HOST is {host!r}, which is no address of this machine ({error})",
            "Unset ASSISTANT_HOST to listen on 127.0.0.1.",
        ) from error
    try:
        taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        taken.bind(address)
        taken.listen(2048)
    except OSError as error:
        taken.close()
        raise SettingError(
            f"port {port} on {host} cannot be used ({error.strerror})",
            f"Stop the program that uses it, or choose another port: ASSISTANT_PORT={port % 65535 + 1} python app.py",
        ) from error
    return taken


def serve(
    app: App, taken: socket.socket, host: str, ready: Callable[[str], None], passwords: Passwords | None = None
) -> None:
    """Serve ``app`` behind the guard until Ctrl-C; call ``ready`` with the address once requests are answered."""
    import uvicorn

    port = taken.getsockname()[1]
    shown = "127.0.0.1" if host in WILDCARDS else f"[{host}]" if ":" in host else host

    class Server(uvicorn.Server):
        async def startup(self, sockets: list[socket.socket] | None = None) -> None:
            await super().startup(sockets=sockets)
            if self.started:
                ready(f"http://{shown}:{port}")

        async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
            # An open page holds a stream, which is cut here: expected, and no reason for a traceback at Ctrl-C.
            logging.getLogger("uvicorn.error").setLevel(logging.CRITICAL)
            await super().shutdown(sockets=sockets)

    config = uvicorn.Config(
        Guard(app, host, passwords),
        log_level="warning",
        use_colors=False,  # they would be commands to the terminal
        access_log=False,  # a log line holds who asked when
        server_header=False,
        timeout_graceful_shutdown=1,  # open pages keep a stream open for ever
    )
    with suppress(KeyboardInterrupt):  # raised once more after everything has been closed
        Server(config).run(sockets=[taken])


class Guard:
    """Refuse foreign hosts, origins, paths and oversized bodies; add the security headers to every response."""

    def __init__(self, app: App, host: str, passwords: Passwords | None = None) -> None:
        self._app = app
        self._turnstile = Turnstile()
        self._passwords = passwords
        self._is_private = is_loopback(host)
        self._any_address = host in WILDCARDS
        self._names = {"127.0.0.1", "localhost", "::1", host.strip("[]").casefold()} - WILDCARDS
        if self._any_address:
            self._names.add(socket.gethostname().casefold())

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        if scope["type"] != "http":  # no part of the page opens a web socket
            await send({"type": "websocket.close", "code": 1008})
            return
        nonce = secrets.token_urlsafe(16)
        send = _with_headers(send, nonce)
        refusal = self._refusal(scope)
        if refusal:
            await _refuse(send, *refusal)
            return
        role = await self._role(scope)
        if role is None:
            await _refuse(send, 401, "A name and a password are needed.", LOGIN)
            return
        curates = role is Role.CURATOR
        most = LARGEST_UPLOAD if curates and UPLOADS_GO_TO.fullmatch(scope["path"]) else LARGEST_REQUEST
        if _announced(scope) > most:
            await _refuse(send, 413, "The request is too large; a question has at most 2,000 characters.")
            return
        scope = _marked(scope, curates)
        if scope["path"] == "/":
            await self._app(_unencoded(scope), receive, _with_nonce(send, nonce))
        elif scope["path"] == QUEUE_DATA:
            with self._turnstile.reading(scope.get("query_string", b"")):
                await self._app(scope, receive, send)
        elif scope["path"] == QUEUE_JOIN:
            await self._join(scope, _limited(receive, most), send)
        else:
            await self._app(scope, _limited(receive, most), send)

    async def _role(self, scope: Scope) -> Role | None:
        """Who asks: without passwords a curator on this machine, a reader elsewhere; None for a wrong password."""
        if self._passwords is None:
            return Role.CURATOR if self._is_private else Role.READER
        given = [value.decode("latin-1") for name, value in scope["headers"] if name == b"authorization"]
        return await asyncio.to_thread(self._passwords.role, given[0]) if len(given) == 1 else None

    async def _join(self, scope: Scope, receive: Receive, send: Send) -> None:
        message = await receive()
        body = bytearray(message.get("body", b""))
        while message.get("more_body"):
            message = await receive()
            body.extend(message.get("body", b""))
        if not self._turnstile.admits(bytes(body)):
            await _refuse(send, 429, "Too many questions without reading a reply.")
            return

        waiting = [{"type": "http.request", "body": bytes(body)} if message["type"] == "http.request" else message]

        async def again() -> Message:
            return waiting.pop() if waiting else await receive()

        await self._app(scope, again, send)

    def _refusal(self, scope: Scope) -> tuple[int, str] | None:
        given = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
        hosts = [value for name, value in scope["headers"] if name == b"host"]
        host = given.get("host", "")
        if len(hosts) != 1 or not self._is_own(host):
            return 400, "This chat answers to its own address only; ASSISTANT_HOST sets another."
        origin = given.get("origin")
        if origin is not None and origin_host(origin) != host.casefold():
            return 403, "Requests from other sites are refused."
        if not OPEN_PATHS.fullmatch(scope["path"]):
            return 404, "There is nothing at this address."
        return None

    def _is_own(self, host: str) -> bool:
        name = host_name(host)
        return name in self._names or (self._any_address and is_address(name))


def _announced(scope: Scope) -> int:
    """The length of the body as its header gives it; more than any limit where that is no number."""
    length = next((value.decode("latin-1") for name, value in scope["headers"] if name == b"content-length"), "0")
    return int(length) if length.isdecimal() and len(length) < 12 else LARGEST_UPLOAD + 1


def _marked(scope: Scope, curates: bool) -> Scope:
    """Tell the page's code whether a curator asks; what the request itself says of that is dropped."""
    kept = [(name, value) for name, value in scope["headers"] if name.lower() != CURATES.encode()]
    return {**scope, "headers": kept + ([(CURATES.encode(), b"yes")] if curates else [])}


async def _refuse(send: Send, status: int, words: str, more: Headers | None = None) -> None:
    body = words.encode()
    headers = [
        (b"content-type", b"text/plain; charset=utf-8"),
        (b"content-length", str(len(body)).encode()),
        *(more or []),
    ]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


def _with_headers(send: Send, nonce: str) -> Send:
    own = {**HEADERS, "content-security-policy": POLICY.format(nonce=nonce)}

    async def sending(message: Message) -> None:
        if message["type"] == "http.response.start":
            message["headers"] = _replaced(message.get("headers", []), own)
        await send(message)

    return sending


def _replaced(headers: Iterable[tuple[bytes, bytes]], own: dict[str, str]) -> Headers:
    kept = [(name, value) for name, value in headers if name.decode("latin-1").lower() not in own]
    return kept + [(name.encode(), value.encode()) for name, value in own.items()]


def _with_nonce(send: Send, nonce: str) -> Send:
    """Hold the page back until it is whole and give its scripts this response's nonce.

    The framework writes ``<`` in its data as \\u003c, so every ``<script`` in the page is its own.
    """
    start: Message = {}
    body = bytearray()

    async def sending(message: Message) -> None:
        nonlocal start
        if message["type"] == "http.response.start":
            start = message
            return
        body.extend(message.get("body", b""))
        if message.get("more_body"):
            return
        page = _SCRIPT.sub(b'<script nonce="' + nonce.encode() + b'"', bytes(body))
        changed = {"content-length": str(len(page)), "cache-control": "no-store"}
        await send({**start, "headers": _replaced(start["headers"], changed)})
        await send({"type": "http.response.body", "body": page})

    return sending


def _unencoded(scope: Scope) -> Scope:
    """Ask for the page without compression, so that it can be changed on its way."""
    return {**scope, "headers": [(name, value) for name, value in scope["headers"] if name != b"accept-encoding"]}


def _limited(receive: Receive, most: int) -> Receive:
    """End a body that is longer than its header says or that gives no length."""
    taken = 0

    async def receiving() -> Message:
        nonlocal taken
        message = await receive()
        taken += len(message.get("body", b""))
        return message if taken <= most else {"type": "http.disconnect"}

    return receiving
