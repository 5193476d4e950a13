"""The page as a person meets it: a server of its own, headless Chromium, a record of every request that it makes."""

import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
PHONE, TABLET, DESKTOP = (360, 640), (768, 1024), (1280, 800)
FLAGS = (
    "--no-sandbox",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
)
CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)


@pytest.fixture(scope="session")
def feedback(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("chat") / "feedback" / "feedback.jsonl"


@pytest.fixture(scope="session")
def address(feedback: Path) -> Iterator[str]:
    """The chat over the stand-in assistant, at http://127.0.0.1:PORT."""
    command = [sys.executable, "-m", "tests.browser.fake", "0", str(feedback)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        yield server.stdout.readline().strip()
        server.terminate()


@pytest.fixture(scope="session")
def chromium() -> Iterator[Any]:
    from playwright.sync_api import sync_playwright

    if CHROMIUM is None:
        pytest.skip("Chromium is not installed (Debian: apt install chromium)")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=list(FLAGS))
        yield browser
        browser.close()


@pytest.fixture
def open_page(chromium: Any, address: str) -> Iterator[Callable[..., Any]]:
    """Open the chat at a size and in a colour scheme; afterwards, fail on any request or error outside the plan."""
    contexts: list[Any] = []
    foreign: list[str] = []
    errors: list[str] = []

    def opened(size: tuple[int, int] = DESKTOP, scheme: str = "light") -> Any:
        context = chromium.new_context(
            viewport={"width": size[0], "height": size[1]}, color_scheme=scheme, reduced_motion="reduce"
        )
        contexts.append(context)
        own = (address, f"blob:{address}", "data:")
        context.on("request", lambda request: None if request.url.startswith(own) else foreign.append(request.url))
        page = context.new_page()
        page.set_default_timeout(15_000)
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.on("console", lambda message: errors.append(message.text) if message.type == "error" else None)
        page.goto(address)
        page.wait_for_selector(".starters button")
        return page

    yield opened
    for context in contexts:
        context.close()
    assert not foreign, f"the page asked other machines: {foreign}"
    assert not errors, f"the page reported errors: {errors}"


def ask(page: Any, question: str) -> Any:
    """Type the question, press Enter and return the finished turn."""
    turns = page.locator(".turn").count()
    page.get_by_label("Your question").fill(question)
    page.keyboard.press("Enter")
    turn = page.locator(".turn").nth(turns)
    turn.locator(".answer").wait_for()
    return turn
