"""What the Host and Origin headers of a request say, read with suspicion."""

import ipaddress
import re
from urllib.parse import urlsplit


def host_name(host: str) -> str | None:
    """The name in a Host header, without its port: "[::1]:80" -> "::1"; None when it is malformed."""
    match = re.fullmatch(r"(?:\[([0-9a-fA-F:.]+)\]|([A-Za-z0-9._-]+))(?::\d{1,5})?", host)
    return (match[1] or match[2]).casefold() if match else None


def origin_host(origin: str) -> str | None:
    """The host and port of an Origin header; None for "null" and anything that is not http or https."""
    try:
        parts = urlsplit(origin)
    except ValueError:
        return None
    return parts.netloc.casefold() if parts.scheme in {"http", "https"} else None


def is_address(name: str | None) -> bool:
    """Whether it is a number and not a name: a hostile site can point its name here, but not a number."""
    try:
        ipaddress.ip_address(name or "")
    except ValueError:
        return False
    return True


def is_loopback(host: str) -> bool:
    """Whether only this machine can reach ``host``."""
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return host.casefold() == "localhost"
