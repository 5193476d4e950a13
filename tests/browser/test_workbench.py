"""The curators' tabs in a real browser: what would be taken in is shown before it is, and the latest evaluation."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from assistant.runs import save_run
from tests.browser.conftest import DESKTOP, PHONE, TABLET
from tests.browser.fake import PAGE
from tests.corpus_files import BREATHING, NEVER_HOLD
from tests.test_quality import run

pytestmark = pytest.mark.browser
OpenPage = Callable[..., Any]


def overflow(page: Any) -> int:
    return int(page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth"))


@pytest.mark.parametrize("size", [PHONE, TABLET, DESKTOP], ids=["phone", "tablet", "desktop"])
def test_an_answer_is_previewed_confirmed_and_then_nothing_is_left_to_take_in(
    open_page: OpenPage, size: tuple[int, int], tmp_path: Path, feedback: Path
) -> None:
    page = open_page(size)
    question = f"{BREATHING[:-1]} at {size[0]} pixels?"
    file = tmp_path / f"plank-{size[0]}.md"
    file.write_text(PAGE.replace(BREATHING, question).replace(NEVER_HOLD, "Never hold it."))
    stored = feedback / "corpus" / "added" / file.name
    page.get_by_role("tab", name="Add answers").click()
    page.get_by_label("Or paste a page").fill("")  # where another test may have left one
    page.get_by_label("Files:").set_input_files(file)
    page.get_by_role("button", name="Show what would be taken in").click()
    shown = page.locator(".edit")
    page.locator(".edit h4").get_by_text(question).wait_for()  # what another test was shown may stand there until then
    assert shown.locator("h4").inner_text() == f"added {question}"
    assert shown.get_by_role("heading", name="Maren Holt").count() == 1
    assert "Never hold it." in shown.locator(".difference .added").all_inner_texts()[-2]
    assert overflow(page) <= 0
    assert not stored.exists()
    page.get_by_role("button", name="Take in exactly this").click()
    page.get_by_role("heading", name="Taken in", exact=True).wait_for()
    assert stored.exists()
    page.get_by_role("button", name="Show what would be taken in").click()
    page.get_by_text("Nothing changes").wait_for()
    page.get_by_label("Files:").set_input_files([])


def test_a_form_with_nothing_in_it_is_refused_in_words(open_page: OpenPage) -> None:
    page = open_page()
    page.get_by_role("tab", name="Add answers").click()
    page.get_by_label("Or paste a page").fill("")
    page.get_by_role("button", name="Show what would be taken in").click()
    page.get_by_text("No file was chosen and no text was pasted.").wait_for()


@pytest.mark.parametrize("size", [PHONE, TABLET, DESKTOP], ids=["phone", "tablet", "desktop"])
def test_the_latest_evaluation_is_shown(open_page: OpenPage, size: tuple[int, int], feedback: Path) -> None:
    page = open_page(size)
    save_run(run("2026-01-02T00-00-00", crashed=1), feedback / "runs")
    page.get_by_role("tab", name="Quality").click()
    page.get_by_text("Run 2026-01-02T00-00-00").wait_for()
    assert page.locator(".figures strong").first.inner_text() == "75.0 %"
    assert page.get_by_role("img", name="Reliability").is_visible()
    assert overflow(page) <= 0
