"""Stored documents as HTML: the whole text, the quoted words marked and no others."""

import re

from hypothesis import given
from hypothesis import strategies as st

from assistant.markup import html
from assistant.reading import Opened, Span, browse_html, panel_html, text_html
from tests.browser.fake import BACK, CRAMP, DOCUMENTS, HOSTILE, LEAD_IN, answer_to
from tests.test_markup import Seen

GLUTEAL, UNNAMED = DOCUMENTS[0], DOCUMENTS[1]


def opened(question: str = "avoid") -> Opened:
    citations = tuple(c for c in answer_to(question).citations if c.document == GLUTEAL.id)
    return Opened(citations, GLUTEAL, (UNNAMED,))


@given(
    st.text(alphabet="ab. \n-\u2022<&", min_size=1, max_size=80),
    st.lists(st.tuples(st.integers(0, 80), st.integers(1, 40)), max_size=4),
)
def test_marking_loses_no_character_and_marks_only_what_is_quoted(text: str, places: list[tuple[int, int]]) -> None:
    spans = [Span(start, min(start + length, len(text)), f"c-{n}", n) for n, (start, length) in enumerate(places)]
    spans = [span for span in spans if span.start < span.end]
    markup = text_html(text, spans)
    assert re.sub(r"[\s\u2022-]", "", Seen(markup).text) == re.sub(r"[\s\u2022-]", "", text)
    quoted = {position for span in spans for position in range(span.start, span.end)}
    marked = "".join(Seen(part).text for part in re.findall(r"<mark[^>]*>(.*?)</mark>", markup, re.DOTALL))
    expected = "".join(text[position] for position in sorted(quoted))
    assert re.sub(r"[\s\u2022-]", "", marked) == re.sub(r"[\s\u2022-]", "", expected)
    ids = re.findall(r'id="([^"]+)"', markup)
    assert len(ids) == len(set(ids))


def test_a_quoted_item_is_marked_inside_its_list() -> None:
    markup = panel_html(1, [opened()])
    assert f'<ul><li><mark id="c-1-3" data-number="3" tabindex="-1">{html(BACK)}</mark></li>' in markup
    assert f'<p><mark id="c-1-2" data-number="2" tabindex="-1">{LEAD_IN}</mark></p>' in markup


def test_overlapping_quotations_can_each_be_reached() -> None:
    markup = text_html("one two three", [Span(0, 13, "c-1", 1), Span(4, 7, "c-2", 2), Span(0, 13, "c-3", 3)])
    assert re.findall(r'id="([^"]+)"', markup) == ["c-1", "c-3", "c-2"]
    assert Seen(markup).text == "one two three"


def test_a_source_shows_who_when_where_and_how_it_is_worded() -> None:
    text = Seen(panel_html(1, [opened()])).text
    for part in (
        "Rick Olderman",
        "Physical Therapy",
        "Sharecare, a question-and-answer site",
        "2 October 2010",
        "https://www.example.org/gluteal-pumps",
        "verbatim",
        "This page is not medical advice.",
        "Other answers on this page",
        UNNAMED.text,
        "Back to [3]",
    ):
        assert part in text


def test_a_source_that_is_gone_or_changed_still_shows_its_quotation() -> None:
    markup = panel_html(4, [Opened(opened().citations)])
    assert "This source has changed since it was quoted" in markup
    assert 'id="c-4-4"' in markup
    assert CRAMP in Seen(markup).text


def test_an_answer_without_sources_says_so() -> None:
    assert "Answer 3 quotes no source." in panel_html(3, [])


def test_hostile_documents_stay_text() -> None:
    markup = browse_html(DOCUMENTS[4:5], 1)
    seen = Seen(markup)
    assert HOSTILE in seen.text
    assert not {"script", "img", "style", "a"} & set(seen.tags)
    assert not [name for name, _ in seen.attributes if name.startswith("on") or name in ("style", "href")]


def test_browse_says_how_many_there_are_and_offers_the_rest() -> None:
    assert "35 answers; the first 2 are shown." in browse_html(DOCUMENTS[:2], 35)
    assert 'data-more="2"' in browse_html(DOCUMENTS[:2], 35)
    assert "data-more" not in browse_html(DOCUMENTS[:2], 2)
    assert "No answer fits." in browse_html([], 0)
