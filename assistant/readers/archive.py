"""Zip files: which members are worth reading, within limits on number, size and compression."""

import functools
import io
import re
import stat
import zipfile
import zlib
from pathlib import Path, PurePosixPath

from assistant.readers.files import LARGEST
from assistant.readers.loaded import Loaded, Problem, Raw, Unreadable

MOST_MEMBERS = 20_000
LARGEST_SUM = 1_000_000_000  # bytes of all members unpacked
LARGEST_RATIO = 200  # unpacked to packed; text seldom passes 20
_RATIO_MATTERS = 1_000_000  # bytes: a small member may shrink as much as it likes
# What a damaged zip file makes its reader raise.
BROKEN = (
    zipfile.BadZipFile, zipfile.LargeZipFile, NotImplementedError, RuntimeError, OSError, EOFError, ValueError, zlib.error,
)  # fmt: skip


def read(raw: Raw) -> Loaded:
    """An archive met inside an archive, or where its members cannot be asked for one by one: refused."""
    raise Unreadable("an archive inside an archive", "Unpack it and give its files.")


def listed(path: Path, origin: str) -> tuple[list[str], list[Problem]]:
    """The names of the members to read, and those that are refused. Raises Unreadable for the whole archive."""
    with _opened(path.read_bytes()) as archive:
        members = archive.infolist()
        if len(members) > MOST_MEMBERS:
            raise Unreadable(f"holds {len(members):,} members, more than {MOST_MEMBERS:,}", "Split it.")
        if (total := sum(member.file_size for member in members)) > LARGEST_SUM:
            raise Unreadable(f"unpacks to {total:,} bytes, more than {LARGEST_SUM:,}", "Split it.")
        names: dict[str, None] = {}
        problems = []
        for member in members:
            if member.is_dir() or _is_rubbish(member.filename):
                continue
            reason = _refusal(member) or ("its name stands there twice" if member.filename in names else "")
            if reason:
                what = f"{reason}; it was refused"
                problems.append(
                    Problem(f"{origin}!/{member.filename[:200]}", None, what, "Unpack it and look at the file.")
                )
            else:
                names[member.filename] = None
        return sorted(names), problems


def member(path: Path, name: str) -> bytes:
    """The bytes of one member. Raises Unreadable."""
    archive = _kept_open(str(path), path.stat().st_mtime_ns)
    try:
        data = unpacked(archive, name)
    except KeyError as error:
        raise Unreadable("not in the archive", "Make the archive again.") from error
    if not data.strip():
        raise Unreadable("the file is empty", "Write its text, or remove it.")
    return data


def unpacked(archive: zipfile.ZipFile, name: str) -> bytes:
    """One member's bytes within the limits. Raises Unreadable, KeyError for a name that is not there."""
    info = archive.getinfo(name)
    if reason := _refusal(info):
        raise Unreadable(f"{name[:200]}: {reason}", "Make the file again.")
    try:
        with archive.open(info) as file:
            data = file.read(LARGEST + 1)
    except BROKEN as error:
        raise Unreadable(f"{name[:200]} is damaged: {error}", "Make the file again.") from error
    if len(data) > LARGEST:
        raise Unreadable(f"{name[:200]} unpacks to more than {LARGEST:,} bytes", "Split it into smaller files.")
    return data


def opened_document(raw: Raw) -> zipfile.ZipFile:
    """The zip that an EPUB or Word file is, its sizes checked. Raises Unreadable."""
    archive = _opened(raw.data)
    members = archive.infolist()
    for info in members:
        reason = _refusal(info)
        if reason and not reason.startswith(_ESCAPES):
            raise Unreadable(f"its part {info.filename[:80]!r} is refused: {reason}", "Save the book again.")
    if len(members) > MOST_MEMBERS or sum(info.file_size for info in members) > LARGEST_SUM // 4:
        raise Unreadable("unpacks to far more than a book", "Save the book again, without pictures.")
    return archive


_ESCAPES = "its path leaves"


def _opened(data: bytes) -> zipfile.ZipFile:
    try:
        return zipfile.ZipFile(io.BytesIO(data))
    except BROKEN as error:
        raise Unreadable(f"not a whole zip file: {error}", "Make it again.") from error


@functools.lru_cache(maxsize=1)
def _kept_open(path: str, changed: int) -> zipfile.ZipFile:
    # Opening reads the whole directory: doing so for every member would cost the square of their number.
    return _opened(Path(path).read_bytes())


def _is_rubbish(name: str) -> bool:
    parts = PurePosixPath(name).parts
    return any(part == "__MACOSX" or (part.startswith(".") and part not in (".", "..")) for part in parts)


def _refusal(info: zipfile.ZipInfo) -> str:
    name = info.filename
    parts = PurePosixPath(name).parts
    if name.startswith("/") or "\\" in name or ".." in parts or re.match(r"[A-Za-z]:", name):
        return f"{_ESCAPES} the archive"
    if stat.S_ISLNK(info.external_attr >> 16):
        return "it is a link"
    if info.flag_bits & 1:
        return "it is encrypted"
    if info.file_size > LARGEST:
        return f"it unpacks to {info.file_size:,} bytes, more than {LARGEST:,}"
    if info.file_size > _RATIO_MATTERS and info.file_size > LARGEST_RATIO * max(1, info.compress_size):
        return f"it unpacks to {info.file_size // max(1, info.compress_size):,} times its size"
    return ""
