"""Sixty requests that a hostile page, program or neighbour sends to the chat, and the statuses that refuse them."""

from dataclasses import dataclass, field

SECRET = "{secret}"  # stands for the path of a file that nobody may read
_CALL = "/gradio_api/call/ask"


@dataclass(frozen=True)
class Request:
    path: str
    status: tuple[int, ...] = (400, 403, 404)
    method: str = "GET"
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""


_PATHS = (
    *(f"/gradio_api/file={SECRET}", f"/gradio_api/file/{SECRET}", "/gradio_api/file=/proc/self/environ", f"/file={SECRET}"),
    *("/gradio_api/file=../../../../etc/passwd", "/gradio_api/file=%2e%2e%2f%2e%2e%2fetc%2fpasswd", "/gradio_api/file=file:///etc/passwd"),
    *("/gradio_api/file=http://192.0.2.1/x", "/gradio_api/proxy=http://192.0.2.1/x", "/gradio_api/stream/x/y/z/playlist.m3u8"),
    *("/assets/../../../../etc/passwd", "/assets/%2e%2e/%2e%2e/%2e%2e/etc/passwd", "/assets/..%2f..%2f..%2fetc%2fpasswd"),
    *("/assets/....//....//etc/passwd", "/assets/%252e%252e/etc/passwd", "/static/../app.py", "/static/..%5c..%5capp.py"),
    *(f"/assets/{SECRET}", f"/static/{SECRET}", "/svelte/../../../etc/passwd", "/gradio_api/../../etc/passwd", "//etc/passwd"),
    *("/.git/config", "/.env", "/app.py", "/feedback/feedback.jsonl", "/index/CURRENT", "/corpus/gate.yaml", "/monitoring"),
    *("/gradio_api/runs", "/gradio_api/deep_link", "/gradio_api/component_server", "/docs", "/openapi.json", "/login", "/logout"),
)  # fmt: skip
_HOSTS = (
    "evil.example",
    "127.0.0.1.evil.example",
    "evil.example:80",
    "127.0.0.1@evil.example",
    "[::1",
    "",
    "192.0.2.1",
    "xn--lcalhost-2fb",
)
_ORIGINS = (
    "http://evil.example",
    "https://127.0.0.1.evil.example",
    "null",
    "file://",
    "http://127.0.0.1:1",
    "http://localhost.evil.example",
)
_UPLOAD = b"--x\r\nContent-Disposition: form-data; name=files; filename=../../x.py\r\n\r\nprint()\r\n--x--\r\n"
_FORM = {"Content-Type": "multipart/form-data; boundary=x"}

REQUESTS = (
    *(Request(path) for path in _PATHS),
    *(Request("/", (400,), headers={"Host": host}) for host in _HOSTS),
    *(Request(_CALL, (403,), "POST", {"Origin": origin}, b'{"data": ["plank", null]}') for origin in _ORIGINS),
    Request("/gradio_api/upload", (404,), "POST", _FORM, _UPLOAD),
    Request("/gradio_api/upload?upload_id=1", (404,), "POST", _FORM, _UPLOAD),
    Request("/upload", (404,), "POST", _FORM, _UPLOAD),
    Request(_CALL, (413,), "POST", {"Content-Length": "300000000"}),
    Request(_CALL, (400, 413), "POST", {"Content-Length": "-1"}),
    Request("/", (400, 403, 405), "TRACE"),
    Request("/", (400, 403, 404, 405), "PUT", {}, b"x"),
    Request("/gradio_api/queue/join", (400, 404, 422), "POST", {"Content-Type": "application/json"}, b"[" * 50_000),
    Request("/gradio_api/queue/join", (400, 422), "POST", {"Content-Type": "application/json"}, b'{"fn_index": 99999, "data": []}'),
    Request("/gradio_api/run/../call/starter", (404, 422, 500), "POST", {"Content-Type": "application/json"}, b"{}"),
)  # fmt: skip
