"""The chat in a real browser, with a stand-in for the assistant that gives every kind of answer."""

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from assistant.schema import DISCLAIMER
from tests.browser.conftest import DESKTOP, PHONE, TABLET, ask
from tests.browser.fake import AVOID, BACK, CRAMP, EXAMPLES, HOSTILE, LEAD_IN, OPENING, PAGE

pytestmark = pytest.mark.browser
OpenPage = Callable[..., Any]

FIRST = OPENING.split(". ")[0] + "."
every_size = pytest.mark.parametrize("size", [PHONE, TABLET, DESKTOP], ids=["phone", "tablet", "desktop"])


def in_view(page: Any, locator: Any) -> bool:
    """Whether all of the element can be seen without scrolling, with nothing over its middle."""
    return bool(
        locator.evaluate(
            """element => {
                const box = element.getBoundingClientRect();
                const top = document.elementFromPoint(box.x + box.width / 2, box.y + box.height / 2);
                return box.width > 0 && box.top >= 0 && box.left >= 0 && box.bottom <= innerHeight
                    && box.right <= innerWidth && (element.contains(top) || top.contains(element));
            }"""
        )
    )


def overflow(page: Any) -> int:
    return int(page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth"))


@every_size
def test_the_first_view_holds_the_box_the_disclaimer_and_a_question_to_start_from(
    open_page: OpenPage, size: tuple[int, int]
) -> None:
    page = open_page(size)
    assert page.locator("h1").all_inner_texts() == ["Ask the Experts"]
    assert in_view(page, page.get_by_label("Your question"))
    assert in_view(page, page.get_by_text(DISCLAIMER).locator("visible=true"))
    assert in_view(page, page.locator("#notice p").locator("visible=true"))
    assert in_view(page, page.locator("#starters button").first)
    assert overflow(page) <= 0


def test_an_answer_names_each_expert_above_their_own_words(open_page: OpenPage) -> None:
    turn = ask(open_page(), "What should I avoid?")
    said = turn.locator(".said").filter(has_text="Rick Olderman")
    text = said.inner_text()
    order = ["Rick Olderman", "Physical Therapy", "Sharecare, 2 October 2010", "verbatim", FIRST]
    assert sorted(order, key=text.index) == order
    assert "summary by this project" in turn.locator(".said").filter(has_text="Grenier").inner_text()
    assert "cut off in the source" in turn.locator(".said").filter(has_text="Unnamed answerer").inner_text()


def test_a_list_stands_under_its_lead_in(open_page: OpenPage) -> None:
    turn = ask(open_page(), "What should I avoid?")
    items = turn.locator(f"p:has-text('{LEAD_IN}') + ul > li .words")
    assert items.all_inner_texts() == [BACK, CRAMP]


def test_opposing_views_stand_side_by_side_on_a_desktop_and_one_under_the_other_on_a_phone(open_page: OpenPage) -> None:
    for size, beside in ((DESKTOP, True), (PHONE, False)):
        sides = ask(open_page(size), "What should I avoid?").locator(".side")
        assert sides.locator("> .view").all_inner_texts() == ["Brace the whole abdominal wall", "Draw the navel in"]
        first, second = (sides.nth(n).bounding_box() for n in (0, 1))
        assert (first["y"] == second["y"]) is beside
        assert abs(first["width"] - second["width"]) < 1


def test_an_answer_says_what_is_missing_and_offers_questions_that_are_answered(open_page: OpenPage) -> None:
    page = open_page()
    turn = ask(page, "What should I avoid?")
    missing = turn.locator(".missing")
    assert missing.locator("h3").inner_text() == "What the sources do not say"
    assert missing.locator("li").first.inner_text() == "How many repetitions to do."
    turn.locator(".related button").first.click()
    page.locator("#t-2 .answer").wait_for()
    assert page.locator("#t-2 > h2").inner_text().endswith(EXAMPLES[1])


@pytest.mark.parametrize("question", ["What should I avoid?", "pizza", "what dose?", "numb", "", "x" * 2001])
def test_every_reply_carries_the_disclaimer(open_page: OpenPage, question: str) -> None:
    assert ask(open_page(), question).locator(".answer .disclaimer").inner_text() == DISCLAIMER


@pytest.mark.parametrize("size", [PHONE, DESKTOP], ids=["phone", "desktop"])
def test_a_citation_opens_the_whole_source_at_the_marked_words_and_back_returns(
    open_page: OpenPage, size: tuple[int, int]
) -> None:
    page = open_page(size)
    turn = ask(page, "What should I avoid?")
    link = turn.locator("a.cite", has_text="[3]")
    link.click()
    mark = page.locator("#c-1-3")
    assert mark.inner_text() == BACK
    assert mark.evaluate("mark => mark === document.activeElement")
    assert in_view(page, mark)
    source = page.locator(".source", has=mark)
    for part in ("Rick Olderman", OPENING.split(". ")[1], "Kind of source", "verbatim", "Other answers on this page"):
        assert part in source.inner_text()
    address = source.get_by_role("link", name="https://www.example.org/gluteal-pumps")
    assert address.get_attribute("rel") == "noopener noreferrer"
    source.get_by_role("link", name="Back to [3]").click()
    assert link.evaluate("link => link === document.activeElement")
    assert in_view(page, link)


def test_on_a_phone_a_source_lies_over_its_answer_and_closes_where_it_was_opened(open_page: OpenPage) -> None:
    page = open_page(PHONE)
    link = ask(page, "What should I avoid?").locator("a.cite", has_text="[3]")
    button = page.get_by_role("button", name="Close")
    for by_key in (False, True):
        link.click()
        before = page.evaluate("scrollY")
        assert in_view(page, page.locator("#c-1-3"))
        assert in_view(page, button)
        assert in_view(page, page.locator("#notice p").locator("visible=true"))
        assert overflow(page) <= 0
        page.keyboard.press("Escape") if by_key else button.click()
        assert not button.is_visible()
        assert link.evaluate("link => link === document.activeElement")
        assert in_view(page, link) and abs(page.evaluate("scrollY") - before) < 640


def test_the_browsers_own_back_returns_to_the_citation(open_page: OpenPage) -> None:
    page = open_page(PHONE)
    link = ask(page, "What should I avoid?").locator("a.cite", has_text="[5]")
    link.click()
    assert in_view(page, page.locator("#c-1-5"))
    page.go_back()
    page.wait_for_function("document.activeElement.id === 'r-1-5'")
    assert in_view(page, link)


def test_the_whole_task_works_by_keyboard(open_page: OpenPage) -> None:
    page = open_page(anew=True)

    def tab_to(selector: str, presses: int = 60) -> None:
        for _ in range(presses):
            if page.evaluate("selector => document.activeElement.matches(selector)", selector):
                return
            page.keyboard.press("Tab")
        raise AssertionError(f"{selector} is not reached by Tab")

    tab_to("a.skip", presses=3)
    tab_to("#box textarea")
    page.keyboard.type("What should I avoid?")
    page.keyboard.press("Enter")
    page.locator("#t-1 .answer").wait_for()
    page.keyboard.press("Shift+Tab")
    page.locator(".turn h2").first.evaluate("heading => getSelection().collapse(heading)")  # where a reader would be
    tab_to("a.cite")
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.matches('mark#c-1-5')")
    tab_to(".back-link")
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.matches('a.cite#r-1-5')")


def test_a_link_to_a_citation_marks_it_without_any_script(open_page: OpenPage) -> None:
    page = open_page()
    ask(page, "What should I avoid?")
    ask(page, "pizza")
    assert not page.locator("#c-1-2").is_visible()
    page.evaluate("location.hash = '#c-1-2'")
    assert page.locator("#c-1-2").is_visible()
    resting = page.locator("#c-1-1").evaluate("mark => getComputedStyle(mark).backgroundColor")
    assert page.locator("#c-1-2").evaluate("mark => getComputedStyle(mark).backgroundColor") != resting


def test_the_sources_of_an_earlier_answer_come_back_with_its_citation(open_page: OpenPage) -> None:
    page = open_page()
    ask(page, "What should I avoid?")
    ask(page, "blurb")
    assert page.locator(".turn-sources:visible").count() == 1
    assert "from the book's description" in page.locator(".turn-sources:visible").inner_text()
    page.locator("#r-1-1").click()
    assert page.locator("#c-1-1").is_visible()
    assert page.locator(".turn-sources:visible").count() == 1
    ask(page, "blurb")
    assert page.locator(".turn-sources[data-turn='3']").is_visible()


def test_an_uncovered_question_is_refused_plainly_with_questions_that_are_answered(open_page: OpenPage) -> None:
    turn = ask(open_page(), "Does pizza help?")
    assert turn.locator("h3").first.inner_text() == "The experts here do not cover this"
    assert turn.locator(".related button").all_inner_texts() == list(EXAMPLES[:3])
    assert turn.locator(".said").count() == 0


@every_size
def test_the_urgent_card_comes_first_and_leads_to_no_exercise(open_page: OpenPage, size: tuple[int, int]) -> None:
    page = open_page(size)
    turn = ask(page, "I am numb between the legs")
    card = turn.get_by_role("alert")
    assert in_view(page, card)
    assert turn.locator(".answer > *").first.evaluate("first => first.matches('.urgent-card')")
    assert "local emergency number" in card.inner_text()
    assert turn.locator(".related, .said, button.ask").count() == 0


def test_a_caution_stands_above_an_ordinary_answer(open_page: OpenPage) -> None:
    turn = ask(open_page(), "What should I avoid? caution")
    assert turn.locator(".answer > *").first.get_attribute("role") == "note"
    assert turn.locator(".said").count() == 3


def test_a_question_for_a_professional_is_not_called_uncovered(open_page: OpenPage) -> None:
    turn = ask(open_page(), "what dose?")
    assert turn.locator("h3").first.inner_text() == "A question for a professional who knows you"
    assert "do not cover" not in turn.inner_text()


def test_a_question_that_cannot_be_answered_gets_a_reply_in_words(open_page: OpenPage) -> None:
    page = open_page()
    assert "The question has 2,500 characters; at most 2,000 can be read." in ask(page, "x" * 2500).inner_text()
    assert "The question is empty." in ask(page, " ").inner_text()


def test_a_failure_inside_shows_no_detail_and_the_chat_goes_on(open_page: OpenPage) -> None:
    page = open_page()
    turn = ask(page, "crash")
    assert "its terminal shows what" in turn.inner_text()
    assert "secret detail" not in page.content()
    assert ask(page, "pizza").locator(".related button").count() == 3


def test_earlier_questions_go_with_a_follow_up_but_not_those_that_failed(open_page: OpenPage) -> None:
    page = open_page()
    for question in ("What should I avoid?", "crash", "pizza"):
        ask(page, question)
    assert ask(page, "before?").locator(".related button").all_inner_texts() == ["What should I avoid?", "pizza"]


def test_a_new_conversation_starts_afresh(open_page: OpenPage) -> None:
    page = open_page()
    ask(page, "What should I avoid?")
    page.get_by_role("button", name="New conversation").click()
    page.locator(".welcome").wait_for()
    assert page.locator(".turn").count() == 0
    assert page.locator("#starters button").first.is_visible()
    assert ask(page, "before?").locator(".related button").count() == 0


def test_the_question_is_shown_as_plain_text(open_page: OpenPage) -> None:
    question = "**bold** <b>b</b> [link](http://192.0.2.1) \u202eidib"
    heading = ask(open_page(), question).locator("h2")
    assert heading.locator("span").last.text_content() == question
    assert heading.locator("b, strong, a").count() == 0


@pytest.mark.parametrize("size", [PHONE, DESKTOP], ids=["phone", "desktop"])
def test_hostile_markup_in_every_field_stays_text(open_page: OpenPage, size: tuple[int, int]) -> None:
    page = open_page(size)
    turn = ask(page, f"hostile {HOSTILE}")
    turn.locator("a.cite").first.click()
    assert turn.locator(".said .words").inner_text() == HOSTILE
    page.get_by_role("tab", name="Browse").click()
    page.locator("#cards summary", has_text="Is this safe?").click()
    page.wait_for_timeout(200)
    assert page.evaluate("window.pwned") is None
    assert page.locator("gradio-app img").count() == 0
    assert page.locator("[href^='javascript']").count() == 0
    assert overflow(page) <= 0


def test_the_same_markup_unescaped_would_have_been_noticed(chromium: Any) -> None:
    page = chromium.new_page()
    asked: list[str] = []

    def refuse(route: Any) -> None:
        asked.append(route.request.url)
        route.abort()

    page.route("**/*", refuse)
    page.set_content(f"<body>{HOSTILE}")
    page.wait_for_function("window.pwned === 2")
    assert asked == ["http://192.0.2.1/x.png"]
    page.close()


def test_markup_that_slipped_through_would_not_run(chromium: Any, address: str) -> None:
    page = chromium.new_page()
    asked: list[str] = []

    def refuse(route: Any) -> None:
        asked.append(route.request.url)
        route.abort()

    page.route("http://192.0.2.1/**", refuse)
    page.goto(address)
    page.wait_for_selector("#starters button")
    page.evaluate("markup => { document.querySelector('.welcome').innerHTML = markup }", HOSTILE)
    page.wait_for_timeout(300)
    assert page.evaluate("window.pwned") is None
    assert asked == []
    page.close()


def saved(page: Any, how: str, path: Path) -> str:
    page.locator(".menu summary").click()
    with page.expect_download() as download:
        page.get_by_role("button", name=how).click()
    download.value.save_as(path)
    return f"{download.value.suggested_filename}\n{path.read_text()}"


def test_a_conversation_is_saved_with_its_citations_sources_and_disclaimer(open_page: OpenPage, tmp_path: Path) -> None:
    page = open_page()
    ask(page, "What should I avoid?")
    ask(page, "pizza")
    text = saved(page, "As text (Markdown)", tmp_path / "saved.md")
    parts = ("ask-the-experts.md\n# Ask the Experts", "## What should I avoid?", f"- {CRAMP} [4]", "### Sources")
    assert [part for part in (*parts, "https://www.example.org/bracing", "## pizza") if part not in text] == []
    assert text.count(DISCLAIMER) == 2


def test_a_conversation_saved_as_a_page_opens_by_itself_and_its_citations_lead_to_the_sources(
    open_page: OpenPage, chromium: Any, tmp_path: Path
) -> None:
    page = open_page()
    ask(page, f"What should I avoid? {HOSTILE[:60]}")
    ask(page, "What should I avoid?")
    saved(page, "As a web page", tmp_path / "saved.html")
    alone = chromium.new_page(java_script_enabled=False)
    alone.route(re.compile("^(?!file:)"), lambda route: route.abort())
    alone.goto((tmp_path / "saved.html").as_uri())
    assert alone.locator("h1").inner_text() == "Ask the Experts"
    assert alone.get_by_text(DISCLAIMER).count() == 2
    assert alone.locator("button, form, script, img, iframe, .tools, .related").count() == 0
    alone.locator("#r-2-3").click()
    assert alone.locator("#c-2-3").inner_text() == BACK
    assert alone.locator(".source").first.is_visible()
    assert alone.get_by_role("link", name="https://www.example.org/bracing").count() == 1
    alone.close()


def test_an_answer_is_copied_as_text(open_page: OpenPage) -> None:
    page = open_page()
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    turn = ask(page, "What should I avoid?")
    turn.get_by_role("button", name="Copy").click()
    turn.get_by_text("Copied.").wait_for()
    copied = page.evaluate("navigator.clipboard.readText()")
    assert BACK in copied
    assert DISCLAIMER in copied


def test_a_verdict_is_stored_when_pressed_and_its_reason_and_the_question_when_sent(
    open_page: OpenPage, feedback: Path
) -> None:
    page = open_page()
    file = feedback / "feedback.jsonl"
    turn = ask(page, "What should I avoid?")
    assert not file.exists()
    assert not turn.get_by_label("Why?").is_visible()
    turn.get_by_role("button", name="Not helpful").click()
    turn.get_by_text("Noted on this machine.").wait_for()
    assert turn.get_by_role("button", name="Not helpful").get_attribute("aria-pressed") == "true"
    (silent,) = (json.loads(line) for line in file.read_text().splitlines())
    assert (silent["verdict"], silent["documents"]) == (
        "not helpful",
        ["t01.rick-olderman", "t13.grenier-and-mcgill", "t01.unnamed"],
    )
    assert {"question", "comment"} & set(silent) == set()
    turn.get_by_label("Why?").fill("The date is missing")
    turn.get_by_label("include my question").check()
    turn.get_by_label("Why?").press("Enter")
    page.wait_for_function("document.querySelector('.why').hidden")
    while len(lines := file.read_text().splitlines()) < 2:
        page.wait_for_timeout(50)
    reason = json.loads(lines[1])
    assert (reason["comment"], reason["question"]) == ("The date is missing", "What should I avoid?")
    assert reason["answer"] == silent["answer"]
    assert file.stat().st_mode & 0o777 == 0o600


def test_an_uncovered_question_is_noted_for_the_curators_only_on_request(open_page: OpenPage, feedback: Path) -> None:
    page = open_page()
    turn = ask(page, "Does pizza help?")
    assert not (feedback / "questions.jsonl").exists()
    turn.get_by_role("button", name="Note this question for the curators").click()
    turn.locator(".note", has_text="Noted on this machine.").wait_for()
    (noted,) = (json.loads(line) for line in (feedback / "questions.jsonl").read_text().splitlines())
    assert noted["question"] == "Does pizza help?"
    for covered in ("What should I avoid?", "what dose?", "numb"):
        assert ask(page, covered).locator(".note").count() == 0


def test_questions_stay_in_the_browser_only_once_that_is_switched_on(open_page: OpenPage) -> None:
    page = open_page(anew=True)
    kept = "localStorage.getItem('ask-the-experts.questions')"
    ask(page, "pizza")
    assert page.evaluate(kept) is None
    page.get_by_role("button", name="New conversation").click()
    page.get_by_label("Keep my questions in this browser").check()
    ask(page, "blurb")
    ask(page, "numb")
    page.reload()
    earlier = page.locator(".past button")
    earlier.first.wait_for()
    assert earlier.all_inner_texts() == ["numb", "blurb"]
    earlier.last.click()
    page.locator("#t-1 .answer").wait_for()
    page.get_by_role("button", name="New conversation").click()
    page.get_by_role("button", name="Clear them").click()
    assert earlier.count() == 0
    assert page.evaluate(kept) == "[]"
    page.get_by_label("Keep my questions in this browser").uncheck()
    assert page.evaluate(kept) is None


@every_size
def test_a_long_answer_is_folded_after_its_first_sources_and_shown_whole_on_request(
    open_page: OpenPage, size: tuple[int, int]
) -> None:
    page = open_page(size)
    turn = ask(page, "a long answer")
    assert turn.locator(".said:visible").count() == 1
    turn.get_by_text("Show all: 2 more sources").click()
    assert turn.locator(".said:visible").count() == 3
    assert overflow(page) <= 0
    page.emulate_media(media="screen")


def test_while_an_answer_is_on_its_way_the_question_stands_there_and_no_second_one_is_sent(open_page: OpenPage) -> None:
    page = open_page()
    page.get_by_label("Your question").fill("a slow question")
    page.keyboard.press("Enter")
    assert page.locator("#t-1 > h2").inner_text().endswith("a slow question")
    assert page.locator("#t-1 .waiting").inner_text().startswith("Looking through")
    assert page.get_by_label("Your question").input_value() == ""
    page.get_by_label("Your question").fill("pizza")
    page.keyboard.press("Enter")
    page.locator("#t-1 .answer").wait_for()
    assert page.locator(".turn").count() == 1
    assert page.get_by_label("Your question").input_value() == "pizza"


def test_browse_finds_filters_and_shows_answers_whole(open_page: OpenPage) -> None:
    page = open_page()
    page.get_by_role("tab", name="Browse").click()
    cards = page.locator("#cards .folded")
    page.get_by_text("35 answers; the first 20 are shown.").wait_for()
    page.get_by_role("button", name="Show more answers").click()
    page.get_by_text("35 answers.").wait_for()
    assert cards.count() == 35
    page.get_by_label("Words in the answer").fill("hollowing BELLY")
    page.get_by_text("1 answer.").wait_for()
    cards.locator("summary").click()
    assert "Sentence number 59 of a long discussion follows here." in cards.inner_text()
    page.get_by_label("Words in the answer").fill("")
    page.get_by_text("35 answers").wait_for()
    page.get_by_label("Since").click()
    page.get_by_role("option", name="2007").click()
    page.get_by_text("2 answers.").wait_for()
    page.get_by_label("Since").click()
    page.get_by_role("option", name="Any").click()
    page.get_by_label("Expert").click()
    page.get_by_role("option", name="Rick Olderman").click()
    page.get_by_text("2 answers.").wait_for()
    page.get_by_label("Body part").click()
    page.get_by_role("option", name="low back").click()
    page.get_by_text("1 answer.").wait_for()
    cards.locator("summary").click()
    page.get_by_role("button", name="Ask about this").click()
    page.locator("#t-1 .answer").wait_for()
    assert page.locator("#t-1 > h2").inner_text().endswith(AVOID)
    assert page.get_by_role("tab", name="Ask").get_attribute("aria-selected") == "true"


@every_size
@pytest.mark.parametrize("question", ["What should I avoid? caution", "pizza", "what dose?", "bracing", "x" * 1900])
def test_no_reply_scrolls_sideways_and_the_box_stays_in_view(
    open_page: OpenPage, size: tuple[int, int], question: str
) -> None:
    page = open_page(size)
    ask(page, question)
    assert overflow(page) <= 0
    assert in_view(page, page.get_by_label("Your question"))
    assert in_view(page, page.locator("#notice p").locator("visible=true"))


def test_a_new_question_is_read_from_its_top(open_page: OpenPage) -> None:
    page = open_page(PHONE)
    for number in (1, 2, 3):
        ask(page, f"What should I avoid? {number}")
    page.wait_for_timeout(200)
    assert in_view(page, page.locator("#t-3 > h2"))


def test_the_page_does_not_jump_while_it_loads(open_page: OpenPage) -> None:
    page = open_page(PHONE, anew=True)
    page.wait_for_timeout(500)
    shifts = page.evaluate(
        """() => new Promise(resolve => new PerformanceObserver(list => resolve(list.getEntries()
            .reduce((sum, entry) => sum + entry.value, 0))).observe({ type: "layout-shift", buffered: true })
            || setTimeout(() => resolve(0), 500))"""
    )
    assert shifts < 0.1


def test_the_page_follows_the_colour_scheme_of_the_system(open_page: OpenPage) -> None:
    light, dark = (open_page(scheme=scheme) for scheme in ("light", "dark"))
    for page, bright in ((light, True), (dark, False)):
        colour = page.evaluate("getComputedStyle(document.body).backgroundColor")
        assert (int(re.findall(r"\d+", colour)[0]) > 128) is bright


def test_printing_holds_the_answer_and_every_source_without_the_controls(open_page: OpenPage) -> None:
    page = open_page()
    ask(page, "What should I avoid?")
    ask(page, "blurb")
    page.emulate_media(media="print")
    for selector in ("#t-1 .said", "#t-2 .said", ".turn-sources[data-turn='1']", ".turn-sources[data-turn='2']"):
        assert page.locator(selector).first.is_visible()
    for selector in ("#composer", ".tools", ".toolbar", "[role=tablist]"):
        assert not page.locator(selector).first.is_visible()
    panel = page.locator(".panel").evaluate("panel => [panel.scrollHeight, panel.clientHeight]")
    assert panel[0] == panel[1]


@pytest.mark.parametrize(
    ("size", "scheme"),
    [(PHONE, "light"), (PHONE, "dark"), (TABLET, "light"), (DESKTOP, "light"), (DESKTOP, "dark")],
    ids=["phone", "phone-dark", "tablet", "desktop", "desktop-dark"],
)
def test_axe_finds_nothing_serious(open_page: OpenPage, size: tuple[int, int], scheme: str) -> None:
    from axe_playwright_python.sync_playwright import Axe

    page = open_page(size, scheme)
    found: dict[str, set[str]] = {}

    def check(state: str) -> None:
        for violation in Axe().run(page).response["violations"]:
            if violation["impact"] in ("serious", "critical"):
                found.setdefault(state, set()).update(
                    f"{violation['id']}: {node['html'][:160]}" for node in violation["nodes"]
                )

    check("empty")
    ask(page, "What should I avoid? caution").locator("a.cite").nth(2).click()
    check("answer with an open source")
    ask(page, "numb")
    check("urgent")
    ask(page, "pizza").get_by_role("button", name="Not helpful").click()
    page.get_by_text("Noted on this machine.").wait_for()
    check("abstained")
    page.get_by_role("tab", name="Browse").click()
    page.locator("#cards summary").first.click()
    check("browse")
    page.get_by_role("tab", name="Add answers").click()
    page.get_by_label("Or paste a page").fill(PAGE)
    page.get_by_role("button", name="Show what would be taken in").click()
    page.locator(".adding").wait_for()
    check("add answers")
    page.get_by_role("tab", name="Quality").click()
    page.locator(".figures, .quality code").first.wait_for()
    check("quality")
    assert found == {}
