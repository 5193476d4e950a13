"""What the browser keeps of a conversation: nothing, unless the person switches it on."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.browser.conftest import ask

pytestmark = pytest.mark.browser
CANARY = "zqcanaryzq"
STORED = """async () => {
    const read = (store) => Object.entries(store).flat().join(" ");
    const databases = (await indexedDB.databases()).map((database) => database.name);
    const cached = await caches.keys();
    return [read(localStorage), read(sessionStorage), document.cookie, ...databases, ...cached, location.href,
        JSON.stringify(history.state)].join(" ");
}"""


def test_a_question_is_in_no_storage_cookie_or_address_of_the_browser(open_page: Callable[..., Any]) -> None:
    page = open_page(anew=True)
    turn = ask(page, f"What should I avoid? {CANARY}")
    turn.locator("a.cite").first.click()
    assert CANARY in page.locator(".conversation").inner_text()
    assert CANARY not in page.evaluate(STORED)
    assert CANARY not in str(page.context.storage_state(indexed_db=True))
    page.evaluate("words => localStorage.setItem('control', words)", CANARY)
    assert CANARY in page.evaluate(STORED)
    page.evaluate("localStorage.removeItem('control')")
