"""The untrusted half of loading: what runs in the child process. Requests and replies are JSON."""

import json
from dataclasses import asdict
from pathlib import Path

from assistant.readers import archive
from assistant.readers.files import read_bytes
from assistant.readers.loaded import Loaded, Problem, Raw, Unreadable, to_json
from assistant.readers.table import format_of

TASK = "assistant.readers.child:answer"


def answer(request: str) -> str:
    """Read one file or one member of an archive, or list an archive.

    ``{"path", "origin", "member" or null}`` gives what ``to_json`` writes, ``{"path", "origin", "list": true}`` gives
    ``{"names", "problems"}``.
    """
    asked = json.loads(request)
    path, origin = Path(asked["path"]), asked["origin"]
    if asked.get("list"):
        return _listed(path, origin)
    try:
        member = asked["member"]
        data = read_bytes(path) if member is None else archive.member(path, member)
        raw = Raw(origin, data)
        return to_json(format_of(raw).read(raw))
    except Unreadable as error:
        return to_json(Loaded(problems=(Problem(origin, error.line, error.message, error.cure),)))


def _listed(path: Path, origin: str) -> str:
    names: list[str] = []
    try:
        names, problems = archive.listed(path, origin)
    except Unreadable as error:
        problems = [Problem(origin, error.line, error.message, error.cure)]
    return json.dumps({"names": names, "problems": [asdict(problem) for problem in problems]})
