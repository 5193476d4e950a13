"""The ``ask`` of the page as a tool for language-model programs (Model Context Protocol), by way of Gradio's own server."""

import json
from collections.abc import Sequence
from importlib.util import find_spec
from typing import Any

from assistant.errors import SettingError


def require_mcp() -> None:
    """Raise SettingError where the optional package is absent; Gradio itself would only print so."""
    if find_spec("mcp") is None:
        raise SettingError("the mcp package is not installed", "Install it: pip install -c constraints.txt '.[mcp]'")


def speak_json(server: Any) -> None:
    """Let ``server`` give each answer as JSON text; its own way is Python's spelling, which no program reads."""

    def as_json(data: Sequence[object], root_url: str) -> list[Any]:
        return [server.types.TextContent(type="text", text=json.dumps(output, ensure_ascii=False)) for output in data]

    server.postprocess_output_data = as_json
