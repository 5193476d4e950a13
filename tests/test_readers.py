"""Each format by itself: what the reader takes, what it leaves out, and that wording stays as it was."""

import io
import json
import re
import textwrap
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assistant.errors import SourceError
from assistant.readers import (
    archive,
    docx,
    epub,
    html_page,
    markdown_book,
    markdown_page,
    medquad,
    pdf,
    records,
    saved_page,
)
from assistant.readers.fields import read_block
from assistant.readers.loaded import Loaded, Raw, Unreadable, from_json, to_json
from assistant.readers.names import expert, name_in, undoubled
from assistant.readers.sources import NEEDED_FIELDS
from assistant.readers.table import FORMATS, format_of
from assistant.readers.text import cleansed, decode, is_cut, lacks_list, slug, unwrapped, without_cut
from assistant.schema import AuthorType, Document, SourceKind, Tier, Wording
from tests.book_files import epub_bytes, pdf_bytes, zip_bytes

PAGES = Path(__file__).parent / "pages"
SEED = Path(__file__).parents[2] / "shared" / "seed" / "000_2800bc9e9fab34bc.txt"

MARKDOWN_PAGE = """---
question: Is ice good for an ankle?
also_asked:
  - ice or no ice
topics: [ice, ankle]
dispute: ice
---

## Oda Fennimore
credential: Podiatry
author_type: person
publisher: Foot Site
title: Ice and ankles
address: https://foot.example/ice
tier: C
licence: facts-only
wording: summary
view: Ice early
urgent: cold-limb, fracture
gaps:
  - The page does not say for how long.

Ice eases the first pain
of a sprain.
Ice also numbs the skin.

Two rules for ice:
- A cloth between ice
  and skin.
- Ten minutes.

## unnamed
author_type: unnamed
publisher: Foot Site
title: Ice and ankles
tier: C
licence: facts-only
wording: verbatim
truncated: yes

Never mind the ice...
"""

MARKDOWN_BOOK = """---
title: Steady Feet
author: Maro Tindale
author_type: person
publisher: Made Up Press
tier: C
licence: CC BY 4.0
wording: summary
note: Made up for a test.
---

## Ankles

### The ankle joint {#h01-ankle}
also_asked:
  - what is an ankle

The ankle is a hinge.

### Arches

The arch is a spring.
"""

PAGE_WITH_DATA = """<!doctype html><html><head><title>x | Foot Site</title>
<meta property="og:site_name" content="Foot Site"><link rel="canonical" href="https://foot.example/q">
<script type="application/ld+json">{"@type": "QAPage", "mainEntity": {"@type": "Question", "answerCount": 1,
"name": "Why do ankles give way?", "acceptedAnswer": {"@type": "Answer", "dateCreated": "2026-11-01",
"text": "An ankle gives way when the foot has lost its feel of the floor. It helps to prac",
"author": {"@type": "Person", "name": "Maro Tindale"}}}}</script></head>
<body><nav>Home</nav><main><h1>Why do ankles give way?</h1><h3>Maro Tindale</h3><div>Physical Therapy</div>
<p>An ankle gives way when the foot has lost its feel of the floor. It helps to practise on one leg.</p>
<p>Two things matter:</p><ul><li>Time.</li><li>Calm.</li></ul>
<h3>Oda Fennimore</h3><p>Old sprains leave slack bands. Tape helps some people.</p>
<h2>Related questions</h2><a>How do I tape an ankle?</a></main></body></html>"""


def raw(name: str, data: str | bytes) -> Raw:
    return Raw(name, data.encode() if isinstance(data, str) else data)


def page(name: str) -> Loaded:
    return saved_page.read(Raw(name, (PAGES / name).read_bytes()))


def saved(text: str) -> Loaded:
    return saved_page.read(raw("page.txt", text))


def html(body: str) -> Loaded:
    return html_page.read(raw("page.html", body))


def said(documents: Sequence[Document]) -> list[tuple[str | None, str]]:
    return [(document.source.author, document.text) for document in documents]


def whats(loaded: Loaded) -> str:
    return "\n".join(str(problem) for problem in loaded.problems)


# Markdown


def test_a_markdown_answer_keeps_every_field() -> None:
    first, second = markdown_page.read(raw("ice.md", MARKDOWN_PAGE)).documents
    assert (first.id, first.page, first.question) == ("ice.oda-fennimore", "ice", "Is ice good for an ankle?")
    assert first.also_asked == ("ice or no ice",) and first.topics == ("ice", "ankle") and first.dispute == "ice"
    assert first.urgent == ("cold-limb", "fracture") and first.gaps == ("The page does not say for how long.",)
    source = first.source
    assert (source.author, source.author_type, source.credential) == ("Oda Fennimore", AuthorType.PERSON, "Podiatry")
    assert (source.tier, source.wording, source.view) == (Tier.CLINIC, Wording.SUMMARY, "Ice early")
    assert (second.source.author, second.source.truncated) == (None, True)


def test_markdown_text_is_unwrapped_to_one_paragraph_or_item_a_line() -> None:
    first = markdown_page.read(raw("ice.md", MARKDOWN_PAGE)).documents[0]
    assert first.text == (
        "Ice eases the first pain of a sprain. Ice also numbs the skin.\n\n"
        "Two rules for ice:\n- A cloth between ice and skin.\n- Ten minutes."
    )


@pytest.mark.parametrize("field", NEEDED_FIELDS)
def test_an_answer_without_a_needed_field_is_refused_by_line_and_the_others_are_kept(field: str) -> None:
    text = re.sub(rf"^{field}: .*\n", "", MARKDOWN_PAGE, count=1, flags=re.MULTILINE)
    loaded = markdown_page.read(raw("ice.md", text))
    assert [document.id for document in loaded.documents] == ["ice.unnamed"]
    problem = loaded.problems[0]
    assert problem.line == 9 and field in problem.what and field in problem.cure


def test_an_unknown_field_is_named_with_what_was_meant() -> None:
    loaded = markdown_page.read(raw("ice.md", MARKDOWN_PAGE.replace("credential:", "credentail:")))
    assert len(loaded.documents) == 2
    assert loaded.problems[0].line == 10 and "Did you mean 'credential'?" in loaded.problems[0].cure


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("tier: C", "tier: Z", "tier is 'Z'"),
        ("wording: summary", "wording: sumary", "Did you mean 'summary'?"),
        ("author_type: person", "author_type: unnamed", "does not go with"),
        ("title: Ice and ankles", "title: Ice: and ankles", "into quotes"),
        ("## Oda Fennimore", "## ", "names nobody"),
        ("Ice eases the first pain\n", "Ice <b style='display:none'>obey</b> eases\n", "HTML in the text"),
    ],
)
def test_a_wrong_value_refuses_its_answer_alone(old: str, new: str, expected: str) -> None:
    loaded = markdown_page.read(raw("ice.md", MARKDOWN_PAGE.replace(old, new, 1)))
    assert [document.id for document in loaded.documents] == ["ice.unnamed"]
    assert expected in whats(loaded)


def test_an_address_that_could_run_a_script_is_left_out() -> None:
    loaded = markdown_page.read(raw("ice.md", MARKDOWN_PAGE.replace("https://foot.example/ice", "javascript:alert(1)")))
    assert loaded.documents[0].source.url is None and "no web address" in whats(loaded)


def test_numbered_headings_keep_their_ids_when_answers_change_places() -> None:
    head, first, second = re.split(
        r"(?=^## )", MARKDOWN_PAGE.replace("## unnamed", "## unnamed (2)"), flags=re.MULTILINE
    )
    one = markdown_page.read(raw("ice.md", head + first + "\n" + second)).documents
    other = markdown_page.read(raw("ice.md", head + second + "\n" + first)).documents
    assert {document.id: document.text for document in one} == {document.id: document.text for document in other}
    assert {document.id for document in one} == {"ice.oda-fennimore", "ice.unnamed-2"}


def test_one_name_twice_without_numbers_gets_two_ids_and_a_warning() -> None:
    text = MARKDOWN_PAGE + MARKDOWN_PAGE[MARKDOWN_PAGE.index("## unnamed") :]
    loaded = markdown_page.read(raw("ice.md", text))
    assert [document.id for document in loaded.documents][1:] == ["ice.unnamed", "ice.unnamed-2"]
    assert "answers twice" in whats(loaded)


def test_a_hidden_comment_is_left_out_and_named() -> None:
    loaded = markdown_page.read(raw("ice.md", MARKDOWN_PAGE.replace("of a sprain.", "of a <!-- obey --> sprain.")))
    assert "obey" not in "".join(document.text for document in loaded.documents)
    assert "hidden comment" in whats(loaded)


def test_a_lead_in_that_lost_its_list_marks_the_answer_incomplete() -> None:
    text = MARKDOWN_PAGE.replace("- A cloth between ice\n  and skin.\n- Ten minutes.\n", "")
    loaded = markdown_page.read(raw("ice.md", text))
    assert loaded.documents[0].source.incomplete and "no list follows" in whats(loaded)


def test_a_book_gives_a_document_a_section_with_the_id_in_braces() -> None:
    loaded = markdown_book.read(raw("steady.md", MARKDOWN_BOOK))
    assert [(d.id, d.page, d.question, d.text) for d in loaded.documents] == [
        ("h01-ankle", "steady", "The ankle joint", "The ankle is a hinge."),
        ("steady.arches", "steady", "Arches", "The arch is a spring."),
    ]
    first = loaded.documents[0]
    assert first.also_asked == ("what is an ankle",) and first.source.kind is SourceKind.BOOK
    assert not loaded.problems


def test_front_matter_tells_a_book_from_a_page() -> None:
    for text, kind in ((MARKDOWN_BOOK, SourceKind.BOOK), (MARKDOWN_PAGE, SourceKind.ANSWER)):
        file = raw("x.md", text)
        assert format_of(file).read(file).documents[0].source.kind is kind


# Saved pages


def test_a_saved_page_gives_the_named_answer_with_lead_in_and_both_items() -> None:
    loaded = page("made_up_heron_stand.txt")
    first = loaded.documents[0]
    source = first.source
    assert first.question == source.title == "What should I watch for when I practise the heron stand?"
    assert (source.author, source.credential, source.author_type) == (
        "Maro Tindale",
        "Physical Therapy",
        AuthorType.PERSON,
    )
    assert (source.publisher, source.tier, source.wording) == ("Saved page", Tier.UNLISTED, Wording.VERBATIM)
    lines = first.text.split("\n")
    assert lines[2] == "Here are some things to watch for when you practise the heron stand:"
    assert [line[:6] for line in lines if line.startswith("•")] == ["• Your", "• If y"]
    assert lines[-1].endswith("if your foot still cramps.")


def test_every_stored_line_of_a_saved_page_stands_in_the_file_character_for_character() -> None:
    for path in PAGES.glob("*.txt"):
        text = path.read_text(encoding="utf-8")
        for document in page(path.name).documents:
            assert all(line in text for line in document.text.split("\n"))


def test_the_unnamed_second_answer_stands_on_its_own() -> None:
    second = page("made_up_heron_stand.txt").documents[1]
    assert second.source.author is None and second.id.endswith(".unnamed")
    assert second.text.startswith("When people practise") and "put he other foot down" in second.text


def test_the_advertised_book_is_a_cut_blurb_and_no_part_of_the_list() -> None:
    loaded = page("made_up_heron_stand.txt")
    (blurb,) = (document for document in loaded.documents if document.source.kind is SourceKind.BLURB)
    assert blurb.source.title.startswith("Steady Feet: Ankles & Arches: Home practice") and blurb.source.truncated
    assert blurb.text.endswith("it begins with...")
    assert "Steady Feet" not in loaded.documents[0].text


def test_related_entries_are_cut_teasers_and_the_one_without_text_a_link() -> None:
    loaded = page("made_up_heron_stand.txt")
    teasers = [document for document in loaded.documents if document.source.kind is SourceKind.TEASER]
    assert [(document.question, document.source.author) for document in teasers] == [
        ("Ask the Expert: Balance Troubles", None),
        ("How do I keep from falling on ice?", "Lantern Bay Foot Association"),
        ("Why do my ankles click when I stand up?", "Oda Fennimore"),
    ]
    assert all(document.source.truncated for document in teasers)
    assert [link.title for link in loaded.links] == ["Can Barefoot Walking Help Me Balance Better?"]


def test_the_disclaimer_goes_with_the_documents_and_is_none_itself() -> None:
    loaded = page("made_up_heron_stand.txt")
    assert {document.disclaimer or "" for document in loaded.documents} == {
        "Important: This page and everybody on it are made up for a test. It should not be used for medical advice, "
        "diagnosis or treatment. Ask your own healthcare provider."
    }
    assert not any("made up for a test" in document.text for document in loaded.documents)
    assert {document.topics for document in loaded.documents} == {("balance & falls",)}


def test_furniture_of_the_page_is_dropped() -> None:
    text = "\n".join(document.text for document in page("made_up_heron_stand.txt").documents)
    assert not re.search(r"Advertisement|Read More|More Answers|Continue Learning|About this Book", text)


def test_names_below_their_answers_are_given_to_the_text_above() -> None:
    documents = page("made_up_names_after.txt").documents
    assert [(d.source.author, d.source.credential, d.text.split()[0]) for d in documents] == [
        ("Dr. Ilse Varga", "MD", "A"),
        ("Copper Hill Sports Clinic", None, "Wood"),
    ]
    assert documents[1].source.author_type is AuthorType.ORGANISATION


def test_a_first_answer_above_a_name_stays_unnamed_and_a_problem_says_so() -> None:
    loaded = page("made_up_first_unnamed.txt")
    assert [document.source.author for document in loaded.documents] == [None, "Maro Tindale"]
    assert "stands between two texts" in whats(loaded)
    assert loaded.documents[1].source.incomplete  # its list was lost
    assert not loaded.documents[1].source.truncated  # the single character … is ordinary punctuation here


def test_a_heading_in_the_shape_of_a_name_attributes_nothing() -> None:
    loaded = saved("How do I roll?\n\nMaro Tindale\n\nUse foam rolling daily.\n\nFoam Rolling\n\nRoll slowly.")
    assert said(loaded.documents) == [("Maro Tindale", "Use foam rolling daily.\n\nFoam Rolling\n\nRoll slowly.")]


def test_blank_lines_may_be_missing_altogether() -> None:
    loaded = saved("Is it?\nMaro Tindale\nPhysical Therapy\nYes, it is.\nOda Fennimore\nNo, it is not.")
    assert said(loaded.documents) == [("Maro Tindale", "Yes, it is."), ("Oda Fennimore", "No, it is not.")]


@pytest.mark.parametrize(
    "advert", ["", "Advertisement\n\n", "ADVERTISEMENT\n", "Share\nPrint\n\nContent is loading...\n"]
)
def test_the_same_page_with_and_without_furniture_reads_the_same(advert: str) -> None:
    body = "Is it?\n\nMaro Tindale\n\nYes, it is."
    assert said(saved(advert + body).documents) == said(saved(body).documents)


def test_related_entries_are_found_without_their_heading() -> None:
    loaded = saved("Is it?\n\nMaro Tindale\n\nYes, it is.\n\nWhy not?\nOda FennimoreOda Fennimore\nIt may be too co...")
    assert [document.source.kind for document in loaded.documents] == [SourceKind.ANSWER, SourceKind.TEASER]


def test_a_profession_without_a_name_stays_a_credential_of_nobody() -> None:
    (document,) = saved("Is it?\n\nPhysical Therapy\n\nYes, it is.").documents
    assert (document.source.author, document.source.credential, document.text) == (
        None,
        "Physical Therapy",
        "Yes, it is.",
    )


def test_a_books_title_alone_ends_the_answer_above_it() -> None:
    loaded = saved(
        "Is it?\n\nMaro Tindale\n\nTwo things:\n\n• Rest.\n• Time.\nSteady Feet: Ankles & Arches\n\nNo, it is not."
    )
    assert said(loaded.documents) == [("Maro Tindale", "Two things:\n\n• Rest.\n• Time."), (None, "No, it is not.")]
    assert [link.title for link in loaded.links] == ["Steady Feet: Ankles & Arches"]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("Maro Tindale\n", "Maro TindaleMaro Tindale\n"),
        ("Maro Tindale\nPhysical Therapy\n", "Maro Tindale, Physical Therapy\n"),
        ("Advertisement\n\n", ""),
        ("circ...\nMore Answers", "circ...More Answers"),
        ("Read More\n", ""),
        ("Continue Learning about Balance & Falls\n", "Related articles\n"),
        ("\n", "\r\n"),
    ],
)
def test_copies_that_differ_in_form_give_the_same_answers(old: str, new: str) -> None:
    text = (PAGES / "made_up_heron_stand.txt").read_text(encoding="utf-8")
    assert old in text
    assert said(saved(text.replace(old, new)).documents) == said(page("made_up_heron_stand.txt").documents)


def test_a_copy_wrapped_to_a_width_gives_the_same_answers() -> None:
    text = (PAGES / "made_up_heron_stand.txt").read_text(encoding="utf-8")
    wrapped = "\n".join(textwrap.fill(line, 76) if len(line) > 76 else line for line in text.split("\n"))
    assert said(saved(wrapped).documents) == said(page("made_up_heron_stand.txt").documents)


def test_a_disclaimer_may_stand_first() -> None:
    loaded = saved("Important: Not to be used for medical advice.\n\nIs it?\n\nMaro Tindale\n\nYes, it is.")
    assert [(d.question, d.disclaimer) for d in loaded.documents] == [
        ("Is it?", "Important: Not to be used for medical advice.")
    ]


def test_advice_to_see_a_doctor_is_no_disclaimer() -> None:
    loaded = saved("Is it?\n\nMaro Tindale\n\nYes, it is.\n\nImportant: get medical advice if it swells.")
    assert loaded.documents[0].text.endswith("swells.") and loaded.documents[0].disclaimer is None


def test_headings_between_answers_part_them() -> None:
    loaded = saved("Is it?\n\n2 Answers\n\nBest Answer\nMaro Tindale\nYes, it is.\n\nOther Answers\nNo, it is not.")
    assert said(loaded.documents) == [("Maro Tindale", "Yes, it is."), (None, "No, it is not.")]


def test_a_signature_names_the_text_above_it() -> None:
    loaded = saved("Is it?\n\nYes, it is.\n\n— Maro Tindale\n\nNo, it is not.")
    assert said(loaded.documents) == [("Maro Tindale", "Yes, it is."), (None, "No, it is not.")]


def test_front_matter_says_where_a_saved_page_comes_from() -> None:
    notes = "---\npublisher: Foot Site\ntier: S\naddress: https://foot.example/q\naccessed: 2026-11-01\n---\n"
    source = saved(notes + "Is it?\n\nMaro Tindale\n\nYes, it is.").documents[0].source
    assert (source.publisher, source.tier, source.url) == ("Foot Site", Tier.SHARECARE, "https://foot.example/q")


def test_hard_wrapped_lines_are_joined_and_short_lines_are_not() -> None:
    wrapped = "The ankle is a hinge that also tilts a little to each side, so it\ngives way on rough ground.\n"
    loaded = saved(f"Is it?\n\nMaro Tindale\n\n{wrapped}\nThings to try:\nA chair\nA wall\n")
    assert loaded.documents[0].text == (
        "The ankle is a hinge that also tilts a little to each side, so it gives way on rough ground.\n\n"
        "Things to try:\nA chair\nA wall"
    )


def test_a_page_without_an_answer_is_a_link() -> None:
    loaded = saved("Is it?\n")
    assert not loaded.documents and [link.title for link in loaded.links] == ["Is it?"]


def test_html_in_a_text_file_is_refused() -> None:
    loaded = saved("Is it?\n\nYes <span style='display:none'>obey</span> it is.")
    assert not loaded.documents and "HTML" in whats(loaded)


@pytest.fixture(scope="module")
def seed() -> Loaded:
    if not SEED.is_file():
        pytest.skip("the saved page (../shared/seed) is not beside this checkout")
    return saved_page.read(Raw("answers/seed.txt", SEED.read_bytes()))


def test_the_source_page_is_taken_in_exactly_as_it_is(seed: Loaded) -> None:
    kinds = [document.source.kind for document in seed.documents]
    assert kinds == [SourceKind.ANSWER] * 2 + [SourceKind.BLURB] + [SourceKind.TEASER] * 3
    first, second = seed.documents[:2]
    assert (first.source.author, first.source.credential) == ("Rick Olderman", "Physical Therapy")
    assert (second.source.author, second.source.author_type) == (None, AuthorType.UNNAMED)
    assert len(first.text.split("\n\n")) == 3 and first.text.count("\n• ") == 2
    assert not seed.problems and len(seed.links) == 1


def test_no_character_of_the_source_page_is_changed(seed: Loaded) -> None:
    text = SEED.read_text(encoding="utf-8")
    lines = [line for document in seed.documents for line in document.text.split("\n") if line]
    assert len(lines) == 9 and all(line in text for line in lines)


# HTML


def test_the_longer_of_data_and_visible_text_is_taken() -> None:
    first = html(PAGE_WITH_DATA).documents[0]
    assert first.text.endswith("practise on one leg.\n\nTwo things matter:\n\n- Time.\n- Calm.")
    assert (first.source.author, first.source.credential) == ("Maro Tindale", "Physical Therapy")
    assert (first.source.publisher, first.source.url) == ("Foot Site", "https://foot.example/q")
    assert first.source.published is None  # dateCreated may be the time of the visit


def test_a_visible_answer_that_the_data_forgot_is_taken_when_it_is_named() -> None:
    loaded = html(PAGE_WITH_DATA)
    assert said(loaded.documents)[1] == ("Oda Fennimore", "Old sprains leave slack bands. Tape helps some people.")
    assert [link.title for link in loaded.links] == ["How do I tape an ankle?"]


def test_data_longer_than_the_visible_text_is_taken() -> None:
    whole = "For a day, and then never again. " + "Cold slows healing, some say. " * 4
    data = {"@type": "FAQPage", "mainEntity": [_asked("Is ice good?", whole), _asked("Is heat good?", "Later.")]}
    loaded = html(
        _with_data("<h2>Is ice good?</h2><p>For a day, and then...</p><h2>Is heat good?</h2><p>Later.</p>", data)
    )
    assert loaded.documents[0].text == whole.strip()


@pytest.mark.parametrize(
    "author", [{"@type": "Person", "name": "Oda Fennimore"}, "Oda Fennimore", "Oda Fennimore (podiatrist)"]
)
def test_an_author_may_be_an_object_or_a_string(author: object) -> None:
    document = html(_with_data("<h1>Is ice good?</h1><p>Yes.</p>", _asked("Is ice good?", "Yes.", author))).documents[0]
    assert document.source.author == "Oda Fennimore" and document.source.author_type is AuthorType.PERSON


@pytest.mark.parametrize("author", [None, "", "Demo User", "Admin", {}, [], [{"name": "A B"}, {"name": "C D"}], 7])
def test_no_name_a_placeholder_or_several_name_nobody(author: object) -> None:
    document = html(_with_data("<h1>Is ice good?</h1><p>Yes.</p>", _asked("Is ice good?", "Yes.", author))).documents[0]
    assert document.source.author is None


def test_the_same_question_in_a_graph_twice_is_taken_once_with_its_author() -> None:
    faq = {"@type": "FAQPage", "mainEntity": [_asked("Is ice good?", "<p>Yes.</p>")]}
    page = {"@type": ["https://schema.org/QAPage"], "mainEntity": _asked("Is ice good?", "Yes.", "Oda Fennimore")}
    loaded = html(_with_data("<h1>Is ice good?</h1><p>Yes.</p>", {"@graph": [faq, page]}))
    assert said(loaded.documents) == [("Oda Fennimore", "Yes.")]


@pytest.mark.parametrize(
    "broken", ["{", "__QUESTIONS_AND_ANSWERS__", "[" * 100_000, "", '{"@type": "QAPage", "mainEntity": 3}']
)
def test_broken_data_falls_back_to_what_is_shown(broken: str) -> None:
    script = f'<script type="application/ld+json">{broken}</script>'
    assert said(html(f"{script}<h1>Is ice good?</h1><p>Yes.</p>").documents) == [(None, "Yes.")]


def test_microdata_gives_question_answer_and_author() -> None:
    scope = 'itemscope itemtype="https://schema.org/'
    body = f"""<div {scope}Question"><h1 itemprop="name">Is ice good?</h1>
      <div itemprop="suggestedAnswer" {scope}Answer"><div itemprop="text"><p>Yes.</p><p>Briefly.</p></div>
      <b itemprop="author" {scope}Person"><i itemprop="name">Oda Fennimore</i></b></div></div>"""
    assert said(html(body).documents) == [("Oda Fennimore", "Yes.\n\nBriefly.")]


def test_headings_that_ask_make_a_page_of_several_questions() -> None:
    loaded = html("<h1>Foot FAQ</h1><h2>Is ice good?</h2><p>Yes.</p><h2>Is heat good?</h2><p>Later.</p>")
    assert [(d.question, d.text) for d in loaded.documents] == [("Is ice good?", "Yes."), ("Is heat good?", "Later.")]


HIDING = [
    "<p hidden>obey me now please</p>",
    "<!-- obey me now please -->",
    "<script>obey</script>",
    "<template><p>obey</p></template>",
    "<noscript>obey</noscript>",
    '<p style="display:none">obey</p>',
    '<p style="visibility: hidden">obey</p>',
    '<p style="font-size:0">obey</p>',
    '<p style="opacity:0">obey</p>',
    '<p style="color:#fff">obey</p>',
    '<p style="position:absolute;left:-9999px">obey</p>',
    '<p style="height:0;overflow:hidden">obey</p>',
    '<p class="sr-only">obey</p>',
    '<p aria-hidden="true">obey</p>',
    '<style>.x{display:none}</style><p class="x">obey</p>',
    '<style>#y, .z { color: red; visibility:hidden }</style><p id="y">obey</p>',
    '<img alt="obey">',
    '<input value="obey">',
    "<svg><text>obey</text></svg>",
    '<iframe srcdoc="obey">obey</iframe>',
    "<div hidden><div><p>obey</p></div></div>",
]


@pytest.mark.parametrize("hidden", HIDING)
def test_hidden_text_is_never_taken_in(hidden: str) -> None:
    loaded = html(f"<h1>Is ice good?</h1><p>Yes.</p>{hidden}<p>Briefly.</p>")
    assert [document.text for document in loaded.documents] == ["Yes.\n\nBriefly."]


def test_zero_width_and_bidi_entities_are_removed_and_named() -> None:
    loaded = html("<h1>Is ice good?</h1><p>Y&#8203;e&#x202E;s.</p>")
    assert loaded.documents[0].text == "Yes." and "invisible" in whats(loaded)


def test_lists_keep_markers_and_numbers() -> None:
    loaded = html("<h1>How?</h1><p>Steps:</p><ol start=3><li>Sit.<li>Rise.</ol><ul><li>Rest.</ul>")
    assert loaded.documents[0].text == "Steps:\n\n3. Sit.\n4. Rise.\n\n- Rest."


def _asked(question: str, answer: str, author: object = None) -> dict[str, object]:
    reply = {"@type": "Answer", "text": answer, "author": author}
    return {"@type": "Question", "name": question, "acceptedAnswer": reply}


def _with_data(body: str, data: object) -> str:
    return f'<html><body>{body}<script type="application/ld+json">{json.dumps(data)}</script></body></html>'


# Records


def test_json_lines_give_documents_and_name_the_bad_lines() -> None:
    lines = [
        '{"id": "q7", "question": "Is ice good?", "answer": "Yes.", "expert": "Oda Fennimore, RN", "tier": "C"}',
        "not json",
        '{"question": "Is heat good?", "answer": ""}',
        '["a"]',
        '{"question": "Is tape good?", "answers": [{"text": "<p>Yes<script>x</script>.</p>"},'
        ' {"text": "No.", "expert": "NHS"}]}',
    ]
    loaded = records.read(raw("r.jsonl", "\n".join(lines)))
    assert [(d.id, d.text) for d in loaded.documents] == [
        ("q7.oda-fennimore", "Yes."),
        ("is-tape-good.unnamed", "Yes."),
        ("is-tape-good.nhs", "No."),
    ]
    assert loaded.documents[0].source.credential == "RN" and loaded.documents[0].source.tier is Tier.CLINIC
    assert [problem.line for problem in loaded.problems] == [2, 3, 4]
    assert [link.title for link in loaded.links] == ["Is heat good?"]


RECORD = {"question": "Is ice good?", "answer": "Yes.", "author": {"name": "NHS", "type": "organisation"}}


@pytest.mark.parametrize("data", [[RECORD], {"questions": [RECORD]}, RECORD])
def test_json_may_be_a_list_an_envelope_or_one_record(data: object) -> None:
    assert said(records.read(raw("r.json", json.dumps(data))).documents) == [("NHS", "Yes.")]


@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_a_table_may_use_any_usual_separator(separator: str) -> None:
    rows = [["Question", "Answer", "Expert"], ["Is ice good?", '"Yes;\n\nbriefly, too."', "Oda Fennimore"]]
    loaded = records.read(raw("r.csv", "\n".join(separator.join(row) for row in rows)))
    assert said(loaded.documents) == [("Oda Fennimore", "Yes;\n\nbriefly, too.")]


def test_a_table_without_the_needed_columns_is_refused() -> None:
    with pytest.raises(Unreadable, match="no columns for question and answer"):
        records.read(raw("r.csv", "a,b\n1,2\n"))


def test_a_row_with_too_many_cells_is_named_and_the_rest_is_kept() -> None:
    loaded = records.read(raw("r.csv", "question,answer\nIs it?,Yes, it is.\nIs it not?,No.\n"))
    assert said(loaded.documents) == [(None, "No.")] and loaded.problems[0].line == 2


# Books


def test_pdf_sections_come_from_big_type_with_page_numbers_and_whole_words() -> None:
    first = [("Steady Feet", 24, 720), ("by Maro Tindale", 12, 680)]
    second = [("Ankles", 18, 720), ("The ankle is a hinge that tilts a lit-", 11, 690), ("tle to each side.", 11, 677),
              ("Two things help:", 11, 650), ("- Short steps.", 11, 637), ("2", 9, 40)]  # fmt: skip
    third = [("Arches", 18, 720), ("The arch is a spring.", 11, 690), ("3", 9, 40)]
    loaded = pdf.read(raw("b.pdf", pdf_bytes([first, second, third], "/Title (Steady Feet) /Author (Maro Tindale)")))
    assert [(d.id, d.question, d.source.title, d.text) for d in loaded.documents] == [
        ("b.01-ankles", "Ankles", "Steady Feet, p. 2",
         "The ankle is a hinge that tilts a little to each side.\n\nTwo things help:\n- Short steps."),
        ("b.02-arches", "Arches", "Steady Feet, p. 3", "The arch is a spring."),
    ]  # fmt: skip
    assert {d.source.author for d in loaded.documents} == {"Maro Tindale"}


def test_pdf_sections_come_from_the_outline_where_there_is_one() -> None:
    pages = [[("Ankles", 11, 720), ("The ankle is a hinge.", 11, 690)], [("The arch is a spring.", 11, 690)]]
    loaded = pdf.read(raw("b.pdf", pdf_bytes(pages, outline=[("Ankles", 0), ("Arches", 1)])))
    assert [(d.question, d.text) for d in loaded.documents] == [
        ("Ankles", "The ankle is a hinge."),
        ("Arches", "The arch is a spring."),
    ]


def test_an_author_that_only_the_files_properties_name_is_not_believed() -> None:
    loaded = pdf.read(raw("b.pdf", pdf_bytes([[("The arch is a spring.", 11, 690)]], "/Author (Office Clerk)")))
    assert loaded.documents[0].source.author is None and "'Office Clerk'" in whats(loaded)


def test_running_heads_and_page_numbers_are_dropped() -> None:
    pages = [
        [("Steady Feet", 9, 760), (f"Sentence number {n} ends here.", 11, 700), (str(n), 9, 30)] for n in range(1, 6)
    ]
    text = " ".join(document.text for document in pdf.read(raw("b.pdf", pdf_bytes(pages))).documents)
    assert "Steady Feet" not in text and text.startswith("Sentence number 1 ends here.")


def test_an_epub_gives_sections_with_its_page_marks() -> None:
    one = (
        "<h1>Ankles</h1><p><span epub:type='pagebreak' title='7'/>The ankle is a hinge.</p><p hidden='hidden'>Obey.</p>"
    )
    two = "<h1>Feet</h1><h2>Arches</h2><p>Two things help:</p><ul><li>Rest.</li><li>Time.</li></ul>"
    loaded = epub.read(raw("b.epub", epub_bytes({"1.xhtml": one, "2.xhtml": two})))
    assert [(d.id, d.question, d.source.title, d.text) for d in loaded.documents] == [
        ("b.01-ankles", "Ankles", "Steady Feet, p. 7", "The ankle is a hinge."),
        ("b.02-arches", "Feet › Arches", "Steady Feet, p. 7", "Two things help:\n- Rest.\n- Time."),
    ]
    assert (loaded.documents[0].source.author, loaded.documents[0].source.publisher) == (
        "Maro Tindale",
        "Made Up Press",
    )


def test_a_word_document_gives_sections_lists_and_nothing_hidden() -> None:
    import docx as word

    document = word.Document()
    document.core_properties.title, document.core_properties.author = "Steady Feet", "Maro Tindale"
    document.add_paragraph("By Maro Tindale")
    document.add_heading("Ankles", 1)
    document.add_paragraph("Two things help:")
    document.add_paragraph("Rest.", style="List Bullet")
    document.add_paragraph("Time.", style="List Bullet")
    document.add_paragraph("Seen. ").add_run("Hidden.").font.hidden = True
    buffer = io.BytesIO()
    document.save(buffer)
    loaded = docx.read(raw("b.docx", buffer.getvalue()))
    assert [(d.id, d.question, d.text) for d in loaded.documents] == [
        ("b.01-ankles", "Ankles", "Two things help:\n- Rest.\n- Time.\n\nSeen.")
    ]
    assert loaded.documents[0].source.author == "Maro Tindale"


# MedQuAD and archives

MEDQUAD = """<?xml version="1.0"?><Document id="0000051" source="NIHSeniorHealth" url="http://a.example/b">
<Focus>Sore Feet</Focus><QAPairs><QAPair pid="1"><Question qid="0000051-1">What are sore feet ?</Question>
<Answer>Feet get sore for reasons:  - long walks  - tight shoes. long walks tight shoes. Rest helps.</Answer></QAPair>
<QAPair pid="2"><Question qid="0000051-2">What helps ?</Question><Answer/></QAPair></QAPairs></Document>"""


def test_medquad_answers_are_credited_laid_out_and_the_empty_ones_are_links() -> None:
    loaded = medquad.read(raw("m.xml", MEDQUAD))
    (document,) = loaded.documents
    assert document.id == "nihseniorhealth-0000051-1.nih-seniorhealth"
    assert (document.source.author, document.source.licence, document.source.read) == (
        "NIH SeniorHealth", "CC BY 4.0", "copy in MedQuAD",
    )  # fmt: skip
    assert [link.title for link in loaded.links] == ["What helps ?"]


def test_a_list_that_medquad_repeats_as_text_is_stored_once() -> None:
    text = medquad.laid_out("Signs are  - a warm knee  - a red knee  a warm knee a red knee. See a doctor.")
    assert text == "Signs are\n- a warm knee\n- a red knee\n\nSee a doctor."


@pytest.mark.parametrize("declaration", ['<!DOCTYPE a [<!ENTITY x "y">]>', '<!DOCTYPE a SYSTEM "file:///etc/passwd">'])
def test_xml_with_a_document_type_is_refused(declaration: str) -> None:
    with pytest.raises(SourceError, match="document type"):
        medquad.read(raw("m.xml", MEDQUAD.replace("<Document ", declaration + "<Document ")))


def test_an_archive_inside_an_archive_is_refused() -> None:
    with pytest.raises(Unreadable, match="inside an archive"):
        archive.read(raw("a.zip", zip_bytes({"a.txt": b"x"})))


def test_every_format_is_in_the_table_once() -> None:
    suffixes = [suffix for known in FORMATS for suffix in known.suffixes]
    assert len(suffixes) == len(set(suffixes))


@pytest.mark.parametrize(
    ("name", "data", "expected"),
    [
        ("a.txt", b"<!DOCTYPE html><p>x", "web page"),
        ("a.dat", b"%PDF-1.4", "PDF"),
        ("a.txt", b"%PDF-1.4", "PDF"),
        ("a.bin", b"PK\x03\x04", "zip archive"),
        ("a.epub", b"PK\x03\x04", "EPUB"),
        ("a.TXT", b"Is it?", "saved page"),
    ],
)
def test_content_tells_the_format_where_the_suffix_lies(name: str, data: bytes, expected: str) -> None:
    assert format_of(Raw(name, data)).name == expected


@pytest.mark.parametrize(("name", "data"), [("a.pdf", b"hello"), ("a.docx", b"hello"), ("a.xyz", b"x"), ("a", b"x")])
def test_a_file_that_no_reader_takes_is_refused_with_the_reason(name: str, data: bytes) -> None:
    with pytest.raises(Unreadable) as refused:
        format_of(Raw(name, data))
    assert refused.value.cure


# Text


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        ("é’".encode(), "é’"),
        (b"\xef\xbb\xbfabc", "abc"),
        ("é’".encode("utf-16"), "é’"),
        ("a’b".encode("cp1252"), "a’b"),
        (b"a\r\nb\rc", "a\nb\nc"),
        ("a\u200bb\u202ec\x00d".encode(), "abcd"),
    ],
)
def test_text_is_decoded_and_freed_of_invisible_characters(data: bytes, expected: str) -> None:
    assert decode(Raw("a.txt", data))[0] == expected


def test_windows_text_is_read_with_a_warning_only_where_it_is_usual() -> None:
    data = "a’b".encode("cp1252")
    assert "Windows-1252" in decode(Raw("a.txt", data))[1][0].what
    with pytest.raises(Unreadable, match="not UTF-8"):
        decode(Raw("a.md", data))


@given(st.text(max_size=200))
def test_cleansing_removes_nothing_that_can_be_seen(text: str) -> None:
    cleaned, _ = cleansed(text)
    assert "".join(cleaned.split()) == "".join(c for c in "".join(text.split()) if c in cleaned)
    assert cleansed(cleaned) == (cleaned, 0)


@given(st.lists(st.text("ab -.\n:•", max_size=30), max_size=12))
def test_unwrapping_keeps_every_word_in_order(lines: list[str]) -> None:
    assert unwrapped(lines).split() == " ".join(lines).split()


@given(st.text("ab:.\n -•", max_size=80))
def test_looking_for_lost_lists_never_fails(text: str) -> None:
    assert lacks_list(text) in (True, False)


@pytest.mark.parametrize("cut", ["look at...", "look on ...", "Take time...", "a suppor..."])
def test_all_four_cuts_are_seen(cut: str) -> None:
    assert is_cut(cut) and not without_cut(cut).endswith((".", " "))


@given(st.text(max_size=300))
def test_a_slug_is_short_plain_and_never_empty(text: str) -> None:
    assert re.fullmatch(r"[a-z0-9-]{1,80}", slug(text))


@pytest.mark.parametrize(
    ("line", "name"),
    [
        ("Sadie DoeSadie Doe", "Sadie Doe"),
        ("Ilse Varga, Coach TrainerIlse Varga, Coach Trainer", "Ilse Varga, Coach Trainer"),
        ("Dr. Ilse Varga, MDDr. Ilse Varga, MD", "Dr. Ilse Varga, MD"),
        ("Bora Bora", "Bora Bora"),
        ("haha", "haha"),
    ],
)
def test_doubled_names_are_halved(line: str, name: str) -> None:
    assert undoubled(line) == name


@pytest.mark.parametrize(
    "line", ["What to do instead", "Level 1 Stretch", "Is It Safe?", "Foam Rolling", "see Maro", ""]
)
def test_a_heading_is_no_name(line: str) -> None:
    assert name_in(line, {"foam", "rolling"}) is None


@pytest.mark.parametrize(
    ("line", "kind", "name", "credential"),
    [
        ("Ilse Varga, MD", AuthorType.PERSON, "Ilse Varga", "MD"),
        ("Lantern Bay Foot Association", AuthorType.ORGANISATION, "Lantern Bay Foot Association", None),
        ("Ilse Varga (podiatrist)", AuthorType.PERSON, "Ilse Varga", "podiatrist"),
        ("Anonymous", AuthorType.UNNAMED, None, None),
    ],
)
def test_an_expert_is_a_person_an_organisation_or_nobody(
    line: str, kind: AuthorType, name: str | None, credential: str | None
) -> None:
    found = expert(line)
    assert (found.kind, found.name, found.credential) == (kind, name, credential)


# Whatever the input

READERS = [markdown_page.read, markdown_book.read, saved_page.read, records.read, html_page.read, medquad.read]


@pytest.mark.parametrize("reader", READERS)
@given(data=st.one_of(st.binary(max_size=200), st.text(max_size=300).map(lambda text: text.encode("utf-8", "replace"))))
@settings(deadline=None)  # the first page imports the parser
def test_a_reader_refuses_or_reads_but_never_fails(reader: object, data: bytes) -> None:
    assert callable(reader)
    for suffix in (".txt", ".jsonl", ".csv"):
        try:
            loaded = reader(Raw(f"x{suffix}", data))
        except Unreadable:
            continue
        assert from_json(to_json(loaded)) == loaded


@given(st.text("ab?.: \n•-#", max_size=200))
def test_pages_made_of_structure_alone_are_read(text: str) -> None:
    loaded = saved(text)
    words = set(text.split())
    assert all(word in words for document in loaded.documents for word in document.text.split())


@given(st.text("a:[]{}-&*!|>'\" \n#,", max_size=120))
def test_fields_never_fail(text: str) -> None:
    assert read_block(text, "x.md", 1, ("a",)).line == 1
