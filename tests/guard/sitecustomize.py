"""Refuse every connection and name look-up outside this machine, in this process and in each Python that it starts.

Python imports a module of this name at start when its folder is on PYTHONPATH; tests/conftest.py puts it there. Refused
attempts are written to the file named by OFFLINE_GUARD_LOG, so that one that a library swallows still fails its test.
An audit hook sees what no patched method does: the calls below Python's own socket class. It does not see native code
(uvloop, gRPC, Chromium).
"""

import os
import sys

LOG_VARIABLE = "OFFLINE_GUARD_LOG"

# socket audit event -> position of the address or host among its arguments
_WATCHED = {
    "socket.bind": 1,
    "socket.connect": 1,
    "socket.getaddrinfo": 0,
    "socket.gethostbyaddr": 0,
    "socket.gethostbyname": 0,
    "socket.getnameinfo": 0,
    "socket.sendmsg": 1,
    "socket.sendto": 1,
}


class ConnectionOutside(PermissionError):
    """Raised in place of a connection that would leave this machine."""


def _refuse(event: str, arguments: tuple[object, ...]) -> None:
    if event not in _WATCHED:
        return
    address = arguments[_WATCHED[event]]
    host = address[0] if isinstance(address, tuple) else address
    # Addresses of Unix sockets are plain strings, but a host name looked up is one too.
    is_unix = not isinstance(address, tuple) and event in ("socket.bind", "socket.connect", "socket.sendto")
    if is_unix or not isinstance(host, (str, bytes)) or _is_this_machine(os.fsdecode(host)):
        return
    attempt = f"{event} {host!r}"
    if log := os.environ.get(LOG_VARIABLE):
        with open(log, "a", encoding="utf-8") as file:
            file.write(attempt + "\n")
    raise ConnectionOutside(f"tests make no connection outside this machine: {attempt}")


def _is_this_machine(host: str) -> bool:
    import ipaddress

    try:
        return ipaddress.ip_address(host.partition("%")[0]).is_loopback
    except ValueError:
        return host == "localhost"


sys.addaudithook(_refuse)
