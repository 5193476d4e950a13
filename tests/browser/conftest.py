"""The page as a person meets it: a server of its own, headless Chromium, a record of every request that it makes."""

import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
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
    return tmp_path_factory.mktemp("chat") / "feedback"


@pytest.fixture(scope="session")
def address(feedback: Path) -> Iterator[str]:
    """The chat over the stand-in assistant, at http://127.0.0.1:PORT."""
    command = [sys.executable, "-m", "tests.browser.fake", "0", str(feedback)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        yield server.stdout.readline().strip()
        server.terminate()


@pytest.fixture(scope="package")  # no longer: while it is open, no other test can run an event loop of its own
def chromium() -> Iterator[Any]:
    from playwright.sync_api import sync_playwright

    if CHROMIUM is None:
        pytest.skip("Chromium is not installed (Debian: apt install chromium)")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=list(FLAGS))
        yield browser
        browser.close()


@dataclass
class Tab:
    """An open page with what it did that it should not."""

    page: Any
    foreign: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)


@pytest.fixture(scope="package")
def tabs() -> dict[object, Tab]:
    return {}


@pytest.fixture
def open_page(chromium: Any, address: str, tabs: dict[object, Tab]) -> Iterator[Callable[..., Any]]:
    """Open the chat at a size and in a colour scheme; afterwards, fail on any request or error outside the plan.

    A page is kept for later tests, which begin a new conversation in it: loading it takes longer than most of them.
    """
    used: list[Tab] = []

    def opened(size: tuple[int, int] = DESKTOP, scheme: str = "light", anew: bool = False) -> Any:
        if anew:
            tabs.pop((size, scheme), None)
        elif (size, scheme) in tabs:
            _start_afresh(tabs[size, scheme].page)
        tab = tabs.get((size, scheme)) or _opened(chromium, address, size, scheme)
        tabs[size, scheme] = tab
        used.append(tab)
        return tab.page

    yield opened
    foreign = [url for tab in used for url in tab.foreign]
    errors = [error for tab in used for error in tab.errors]
    for tab in used:
        tab.foreign.clear()
        tab.errors.clear()
    assert not foreign, f"the page asked other machines: {foreign}"
    assert not errors, f"the page reported errors: {errors}"


def _opened(chromium: Any, address: str, size: tuple[int, int], scheme: str) -> Tab:
    context = chromium.new_context(
        viewport={"width": size[0], "height": size[1]}, color_scheme=scheme, reduced_motion="reduce"
    )
    own = (address, f"blob:{address}", "data:")
    tab = Tab(context.new_page())
    tab.page.set_default_timeout(40_000)  # a busy machine
    context.on("request", lambda request: None if request.url.startswith(own) else tab.foreign.append(request.url))
    tab.page.on("pageerror", lambda error: tab.errors.append(str(error)))
    tab.page.on("console", lambda message: tab.errors.append(message.text) if message.type == "error" else None)
    tab.page.goto(address)
    tab.page.wait_for_selector("#starters button")
    return tab


def _start_afresh(page: Any) -> None:
    page.emulate_media(media="screen")
    page.get_by_role("tab", name="Ask").click()
    page.get_by_label("Your question").fill("")
    restart = page.get_by_role("button", name="New conversation")
    if restart.count():
        restart.click()
        page.locator(".welcome").wait_for()
    page.evaluate("history.replaceState(null, '', '/'); scrollTo(0, 0); document.activeElement.blur()")


def ask(page: Any, question: str) -> Any:
    """Type the question, press Enter and return the finished turn."""
    turns = page.locator(".turn").count()
    page.get_by_label("Your question").fill(question)
    page.keyboard.press("Enter")
    turn = page.locator(".turn").nth(turns)
    turn.locator(".answer").wait_for()
    return turn
