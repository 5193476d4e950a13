"""Markup is safe by construction: a string is escaped, wherever it is put."""

from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.markup import Html, element, html, is_web, join, web_link
from assistant.output import showable


class Seen(HTMLParser):
    """What a browser would find in a piece of markup."""

    def __init__(self, markup: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.text = ""
        self.feed(markup)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes.extend(attrs)

    def handle_data(self, data: str) -> None:
        self.text += data

    def handle_comment(self, data: str) -> None:
        raise AssertionError(f"a comment came out of plain text: {data!r}")


@given(st.text(), st.text())
def test_any_string_comes_back_as_text_and_as_attribute(text: str, value: str) -> None:
    seen = Seen(element("p", text, data_value=value))
    assert seen.tags == ["p"]
    assert seen.text == showable(text)
    assert seen.attributes == [("data-value", showable(value))]


def test_html_is_not_escaped_twice() -> None:
    assert element("p", html("a < b")) == "<p>a &lt; b</p>"
    assert join(Html("<br>"), "<br>") == "<br>&lt;br&gt;"


def test_an_attribute_without_a_value_is_left_out() -> None:
    assert element("p", "x", id=None, class_="small") == '<p class="small">x</p>'


@pytest.mark.parametrize(
    "url", ["javascript:alert(1)", "data:text/html,x", "//example.org", "http:", "file:///x", "http://["]
)
def test_only_web_addresses_become_links(url: str) -> None:
    assert not is_web(url)
    assert "<a" not in web_link(url)


def test_a_link_opens_apart_and_tells_the_other_site_nothing() -> None:
    assert web_link("https://example.org/?a=1&b=2") == (
        '<a href="https://example.org/?a=1&amp;b=2" rel="noopener noreferrer" target="_blank">'
        "https://example.org/?a=1&amp;b=2</a>"
    )


def test_no_address_gives_nothing() -> None:
    assert web_link(None) == ""


def test_controls_and_lone_surrogates_are_replaced_so_that_the_page_can_be_sent() -> None:
    assert showable("a\x00b\ud800c\td\x9b2J") == "a\ufffdb\ufffdc\td\ufffd2J"
    showable("".join(map(chr, range(0xD7F0, 0xE010)))).encode()
