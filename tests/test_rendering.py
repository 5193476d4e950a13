"""An answer as JSON, Markdown, plain text and HTML: whole, in order, and never as markup of somebody else's."""

import json
import re
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.output import showable
from assistant.rendering import answer_html, markdown_text, to_json, to_markdown, to_text
from assistant.schema import (
    DISCLAIMER,
    Answer,
    AnswerKind,
    AuthorType,
    Citation,
    Notice,
    Role,
    Source,
    SourceKind,
    Statement,
    Tier,
    Views,
    Wording,
)
from tests.browser.fake import BACK, CRAMP, EXAMPLES, LEAD_IN, answer_to
from tests.test_markup import Seen

QUESTIONS = ("avoid", "caution", "pizza", "dose", "numb", "hostile", "blurb")
every_kind = pytest.mark.parametrize("question", QUESTIONS)

# Text with many of the signs that HTML and Markdown act on.
nasty = st.one_of(
    st.text(min_size=1),
    st.text(alphabet="<>&\"'`/=[](){}!#*_-~|\\:;\n ax1", min_size=1, max_size=30),
    st.sampled_from(["<script>", "</p><img src=x onerror=y>", "<!-- ", "&lt;b&gt;", "[x](javascript:1)", "\ud800"]),
).filter(lambda text: bool(text.strip()))
maybe = st.none() | nasty


@st.composite
def sources(draw: st.DrawFn) -> Source:
    author = draw(maybe)
    named = st.sampled_from([kind for kind in AuthorType if kind is not AuthorType.UNNAMED])
    return Source(
        draw(nasty),
        draw(nasty),
        draw(st.sampled_from(SourceKind)),
        author,
        draw(named) if author else AuthorType.UNNAMED,
        credential=draw(maybe),
        url=draw(maybe | st.just("javascript:alert(1)") | st.just("https://example.org")),
        published=draw(maybe),
        tier=draw(st.sampled_from(Tier)),
        wording=draw(st.sampled_from(Wording)),
        view=draw(maybe),
        truncated=draw(st.booleans()),
        incomplete=draw(st.booleans()),
    )


@st.composite
def answers(draw: st.DrawFn) -> Answer:
    statements: list[Statement] = []
    citations: list[Citation] = []
    for document in range(draw(st.integers(1, 3))):
        source = draw(sources())
        roles = draw(st.sampled_from([[Role.SENTENCE], [Role.LEAD_IN, Role.ITEM, Role.ITEM], [Role.SENTENCE] * 2]))
        for role in roles:
            number, text = len(citations) + 1, draw(nasty)
            statements.append(Statement(text, (number,), role))
            citations.append(Citation(number, f"d{document}", "hash", source, text, 0, len(text)))
    views = (Views(draw(nasty), ((1,), (len(citations),))),) if draw(st.booleans()) else ()
    notice = draw(st.none() | st.builds(Notice, nasty, st.tuples(nasty)))
    return Answer(
        AnswerKind.PARTIAL,
        draw(nasty),
        tuple(statements),
        tuple(citations),
        views,
        missing=(draw(nasty),),
        related=tuple(draw(st.lists(nasty, max_size=2))),
        notice=notice,
    )


ALLOWED_TAGS = {"div", "h3", "h4", "p", "ul", "li", "a", "span", "button"}
ALLOWED_ATTRIBUTES = {"class", "id", "href", "title", "role", "type", "data-ask"}


@given(answers())
def test_no_field_becomes_markup(answer: Answer) -> None:
    seen = Seen(answer_html(answer, 1))
    assert set(seen.tags) <= ALLOWED_TAGS
    assert {name for name, _ in seen.attributes} <= ALLOWED_ATTRIBUTES
    assert all(re.fullmatch(r"#c-1-\d+", value or "") for name, value in seen.attributes if name == "href")
    for statement in answer.statements:
        assert showable(statement.text) in seen.text


@given(answers())
def test_every_statement_is_followed_by_its_citations(answer: Answer) -> None:
    text = Seen(answer_html(answer, 1)).text
    for statement in answer.statements:
        marks = "".join(f"Source [{number}]" for number in statement.citations)
        assert f"{showable(statement.text)}\u00a0{marks}" in text


@given(answers())
def test_the_structured_answer_is_plain_json(answer: Answer) -> None:
    loaded = json.loads(json.dumps(to_json(answer)))
    assert loaded["question"] == showable(answer.question)
    assert [statement["text"] for statement in loaded["statements"]] == [s.text for s in answer.statements]
    assert loaded["disclaimer"] == DISCLAIMER


@given(nasty)
def test_no_text_acts_as_markdown_or_html(text: str) -> None:
    escaped = markdown_text(text)
    assert "<" not in escaped
    assert not re.search(r"(?<!\\)(?:\\\\)*[\[\]`*_]", escaped)
    assert not re.match(r"\s*(#|>|-|\+|\d+[.)])", escaped)


@every_kind
def test_every_form_carries_the_disclaimer(question: str) -> None:
    answer = answer_to(question)
    assert to_json(answer)["disclaimer"] == DISCLAIMER
    assert DISCLAIMER in to_markdown(answer)
    assert DISCLAIMER in to_text(answer)
    assert DISCLAIMER in Seen(answer_html(answer, 1)).text


def test_the_structured_answer_has_exactly_the_agreed_keys() -> None:
    answer = to_json(answer_to("caution"))
    assert list(answer) == [
        *("kind", "question", "statements", "citations", "views", "missing", "related", "notice", "confidence"),
        "disclaimer",
    ]
    assert answer["kind"] == "partial"
    assert answer["statements"][2] == {"text": BACK, "citations": [3], "role": "item"}
    assert answer["views"] == [
        {"point": "Brace the whole abdominal wall / Draw the navel in", "citations": [[5], [1, 2, 3, 4]]}
    ]
    assert answer["related"] == list(EXAMPLES[1:4])
    assert answer["notice"]["heading"] == "Before you try this"
    citation = answer["citations"][2]
    assert citation["quote"] == BACK
    assert citation["end"] - citation["start"] == len(BACK)
    assert citation["source"] == {
        "title": "What should I avoid when doing the gluteal pumps exercise?",
        "author": "Rick Olderman",
        "author_type": "person",
        "credential": "Physical Therapy",
        "publisher": "Sharecare",
        "url": "https://www.example.org/gluteal-pumps",
        "kind": "answer",
        "truncated": False,
        "incomplete": False,
        "wording": "verbatim",
        "tier": "S",
        "published": "2010-10-02",
        "view": "Draw the navel in",
    }


def test_an_answer_without_a_notice_has_none() -> None:
    assert to_json(answer_to("avoid"))["notice"] is None


def test_markdown_keeps_lists_citations_and_sources() -> None:
    lines = to_markdown(answer_to("avoid")).splitlines()
    assert lines[0] == "### What the sources do not say"
    assert "### The experts differ" in lines
    lead_in = lines.index(f"{LEAD_IN} [2]")
    assert lines[lead_in + 2 : lead_in + 4] == [f"- {BACK} [3]", f"- {CRAMP} [4]"]
    assert (
        "- [1][2][3][4] Rick Olderman, Physical Therapy, What should I avoid when doing the gluteal pumps exercise?."
        " Sharecare, 2 October 2010. https://www.example.org/gluteal-pumps" in lines
    )


def test_plain_text_reads_without_any_markup() -> None:
    text = to_text(answer_to("avoid"))
    assert f"  {LEAD_IN} [2]\n\n    - {BACK} [3]\n    - {CRAMP} [4]\n" in text
    assert "Rick Olderman, Physical Therapy, Sharecare, 2 October 2010 (verbatim): \u201cDraw" in text
    # Nobody reads what is missing below a long answer.
    assert text.index("What the sources do not say") < text.index(LEAD_IN)
    assert not re.search(r"^#|<|&amp;", text, re.MULTILINE)


@every_kind
def test_the_same_answer_gives_the_same_output(question: str) -> None:
    first, second = answer_to(question), answer_to(question)
    assert answer_html(first, 2) == answer_html(second, 2)
    assert to_markdown(first) == to_markdown(second)


def test_an_urgent_answer_begins_with_its_card_and_offers_no_other_question() -> None:
    answer = replace(answer_to("numb"), related=EXAMPLES)
    markup = answer_html(answer, 1)
    assert markup.startswith('<div class="answer urgent"><div class="notice urgent-card" role="alert"><h3>Get medical')
    for form in (markup, to_markdown(answer), to_text(answer)):
        assert EXAMPLES[0] not in form


def test_an_uncovered_question_says_so_and_offers_what_is_answered() -> None:
    answer = answer_to("pizza")
    for form in (Seen(answer_html(answer, 1)).text, to_markdown(answer), to_text(answer)):
        assert "The experts here do not cover this" in form
        assert EXAMPLES[0] in form


def test_a_referral_is_not_called_uncovered() -> None:
    assert "do not cover" not in answer_html(answer_to("dose"), 1)


def test_the_views_of_a_comparison_have_equal_rank() -> None:
    markup = answer_html(answer_to("avoid"), 1)
    side = r'<div class="side"><p class="view">([^<]+)</p><div class="said"><div class="credit"><h4'
    sides = re.findall(side, markup)
    assert sides == ["Brace the whole abdominal wall", "Draw the navel in"]


def test_citations_are_numbered_links_with_an_address_of_their_own() -> None:
    markup = answer_html(answer_to("avoid"), 7)
    links = re.findall(r'id="(r-7-\d)" href="#(c-7-\d)"', markup)
    assert links == [(f"r-7-{n}", f"c-7-{n}") for n in (5, 1, 2, 3, 4, 6)]
