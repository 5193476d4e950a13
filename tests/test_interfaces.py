"""What the README and docs/chat.md tell programs to do, done as it stands there against the running chat."""

import asyncio
import json
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from assistant.rendering import to_json
from tests.browser.conftest import ROOT, address, feedback
from tests.browser.fake import answer_to

__all__ = ["address", "feedback"]  # fixtures: a chat of its own

USUAL = "http://127.0.0.1:7860"
README = (ROOT / "README.md").read_text(encoding="utf-8")


def block(opening: str, words: str) -> str:
    """The fenced block of the README that contains ``words``."""
    found = [text for text in re.findall(rf"^```{opening}\n(.*?)^```", README, re.M | re.S) if words in text]
    assert len(found) == 1, f"{len(found)} blocks with {words}"
    return str(found[0])


def test_the_curl_of_the_readme_gives_the_structured_answer(address: str) -> None:
    command = shlex.split(block("", "curl").replace(USUAL, address))
    question = json.loads(command[-1])["data"][0]
    finished = subprocess.run([*command, "--silent"], capture_output=True, text=True, check=True, timeout=60)
    assert json.loads(finished.stdout)["data"] == [to_json(answer_to(question))]


def test_the_python_client_of_the_readme_works_and_calls_nobody_else(address: str) -> None:
    script = block("python", "gradio_client").replace(USUAL, address) + "import json\nprint(json.dumps(answer))\n"
    finished = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, timeout=60)
    assert json.loads(finished.stdout.splitlines()[-1]) == to_json(answer_to("Is a clicking hip dangerous?"))


def test_the_mcp_tool_gives_the_same_answer_as_json(address: str) -> None:
    pytest.importorskip("mcp", reason="the optional mcp package is not installed")
    from mcp import ClientSession
    from mcp.client.streamable_http import streamable_http_client

    path = re.search(rf"`{USUAL}(/\S+)`, over streamable HTTP", Path(ROOT / "docs/chat.md").read_text(encoding="utf-8"))
    assert path

    async def called() -> tuple[list[str], str]:
        async with streamable_http_client(address + path[1]) as (read, write, _), ClientSession(read, write) as session:
            await session.initialize()
            tools = [tool.name for tool in (await session.list_tools()).tools]
            result = await session.call_tool("ask", {"question": "pizza", "history": ["one"]})
            return tools, str(getattr(result.content[0], "text", ""))

    tools, text = asyncio.run(called())
    assert tools == ["ask"]
    assert json.loads(text) == to_json(answer_to("pizza"))
