"""Text is cut into whole sentences and list items, verbatim, and each knows what it cannot stand without."""

import re
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.schema import Role
from assistant.sentences import split_sentences, with_needed

LIST = "Three rules hold:\n- Breathe out slowly. It calms.\n- Rest.\n\nThat is all."


def cut(text: str, truncated: bool = False) -> list[tuple[str, Role, int | None]]:
    return [(text[s.start : s.end], s.role, s.needs) for s in split_sentences(text, truncated)]


def texts(text: str, truncated: bool = False) -> list[str]:
    return [text[s.start : s.end] for s in split_sentences(text, truncated)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Breathe out. Hold the plank!", ["Breathe out.", "Hold the plank!"]),
        ("Is it sore? Rest it.", ["Is it sore?", "Rest it."]),
        ("Dr. Holt rests, e.g. on the knees. Teo walks.", ["Dr. Holt rests, e.g. on the knees.", "Teo walks."]),
        ("Hold for 2.5 minutes. Rest for 30 s.", ["Hold for 2.5 minutes.", "Rest for 30 s."]),
        ("  Padded.  \n\n  Second line.\t", ["Padded.", "Second line."]),
        ("No full stop", ["No full stop"]),
        ('She said "rest now." Then she left.', ['She said "rest now."', "Then she left."]),
        ("Rest. ", ["Rest."]),
        ("\n \n", []),
        ("", []),
    ],
)
def test_sentences_end_where_a_reader_would_end_them(text: str, expected: list[str]) -> None:
    assert texts(text) == expected


def test_a_list_is_a_lead_in_with_items_that_need_it() -> None:
    assert cut(LIST) == [
        ("Three rules hold:", Role.LEAD_IN, None),
        ("Breathe out slowly. It calms.", Role.ITEM, 0),
        ("Rest.", Role.ITEM, 0),
        ("That is all.", Role.SENTENCE, None),
    ]


@pytest.mark.parametrize("marker", ["-", "*", "•", "‣", "◦", "–", "1.", "12)", "(3)", "a)", "(b)"])
def test_every_usual_marker_opens_an_item(marker: str) -> None:
    assert cut(f"Do this:\n{marker} Rest.") == [("Do this:", Role.LEAD_IN, None), ("Rest.", Role.ITEM, 0)]


def test_a_lead_in_may_close_a_paragraph_of_sentences() -> None:
    roles = [role for _, role, _ in cut("Planks are hard. Avoid these:\n- Sagging.\n- Haste.")]
    assert roles == [Role.SENTENCE, Role.LEAD_IN, Role.ITEM, Role.ITEM]


def test_a_blank_line_may_stand_between_the_lead_in_and_its_list() -> None:
    assert [needs for _, _, needs in cut("Do this:\n\n- Rest.\n\n- Walk.")] == [None, 0, 0]


def test_a_list_that_nothing_announces_holds_sentences() -> None:
    assert [role for _, role, _ in cut("Rest.\n- Walk.\n- Swim.")] == [Role.SENTENCE] * 3


def test_a_paragraph_between_the_lead_in_and_the_list_takes_the_lead_in_away() -> None:
    pieces = cut("Avoid these:\nFirst a word.\n- Sagging.")
    assert [role for _, role, _ in pieces] == [Role.FRAGMENT, Role.SENTENCE, Role.SENTENCE]


@pytest.mark.parametrize("text", ["Avoid these:", "Rest. Avoid these:", "Avoid these:\n\nRest."])
def test_an_announcement_without_a_list_is_a_fragment(text: str) -> None:
    announced = next(piece for piece in cut(text) if piece[0] == "Avoid these:")
    assert announced[1] is Role.FRAGMENT


@pytest.mark.parametrize("text", ["Take time...", "Take time…", "Take time, and suppor", "Take ti"])
def test_what_the_source_cuts_off_is_a_fragment(text: str) -> None:
    assert [role for _, role, _ in cut(f"Rest first. {text}", truncated=True)] == [Role.SENTENCE, Role.FRAGMENT]
    assert [role for _, role, _ in cut(f"Do:\n- Rest.\n- {text}", truncated=True)][1:] == [Role.ITEM, Role.FRAGMENT]


def test_a_cut_source_may_end_with_a_whole_sentence() -> None:
    assert [role for _, role, _ in cut("Rest first. Walk.", truncated=True)] == [Role.SENTENCE, Role.SENTENCE]


def test_only_the_end_of_a_cut_source_is_cut() -> None:
    assert [role for _, role, _ in cut("A title\nRest first.", truncated=True)] == [Role.SENTENCE, Role.SENTENCE]


@pytest.mark.parametrize(
    "leaning",
    [
        "This helps.",
        "It helps.",
        "They help.",
        "However, rest.",
        "If not, rest.",
        "After this, rest.",
        "Such rest helps.",
        "Otherwise stop.",
        "Do not do this.",
        "Don't use them.",
        "Avoid it.",
        "To fix this, sit.",
    ],
)
def test_a_sentence_that_points_back_needs_the_one_before(leaning: str) -> None:
    assert cut(f"Rest. {leaning}")[1] == (leaning, Role.SENTENCE, 0)


@pytest.mark.parametrize(
    "standing",
    ["Italy is far.", "Thistles grow.", "The hip turns.", "Andrew rests.", "Sofas help.", "Avoid salt.", "Sit."],
)
def test_a_sentence_that_names_its_subject_stands_by_itself(standing: str) -> None:
    assert cut(f"Rest. {standing}")[1] == (standing, Role.SENTENCE, None)


@pytest.mark.parametrize(
    ("sentences", "needs"),
    [
        ("If the back arches, the leg is too high. Draw the navel in.", 0),
        ("If the back arches, the leg is too high. Gently lower it.", 0),
        ("If the back arches, the leg is too high. Arching tires the back.", None),
        ("The back arches easily. Draw the navel in.", None),
        ("If the back arches, the leg is too high.\nDraw the navel in.", None),
    ],
)
def test_a_remedy_needs_its_fault(sentences: str, needs: int | None) -> None:
    assert cut(sentences)[1][2] == needs


def test_the_first_sentence_of_a_paragraph_leans_on_nothing() -> None:
    assert cut("Rest.\nThis helps.")[1] == ("This helps.", Role.SENTENCE, None)


def test_what_a_sentence_needs_comes_before_it_as_far_back_as_it_takes() -> None:
    sentences = split_sentences("Rest. This helps. It lasts. Walk.")
    assert with_needed(sentences, 2) == (0, 1, 2)
    assert with_needed(sentences, 3) == (3,)
    assert with_needed(split_sentences(LIST), 2) == (0, 2)


def test_a_sentence_that_leans_on_a_fragment_cannot_be_quoted() -> None:
    sentences = split_sentences("Two rules hold: This helps.")
    for position, sentence in enumerate(sentences):
        if sentence.needs is not None and not sentences[sentence.needs].quotable:
            assert with_needed(sentences, position) == ()


def test_an_item_that_announces_a_list_of_its_own_takes_that_list_out_of_reach() -> None:
    # Stored text has no indentation, so nobody can tell which items belong to "but avoid:"; none may be shown as advice.
    pieces = cut("Try these:\n- Walk.\n- Stretch, but avoid:\n- Twisting.\n- Jumping.\n\nRest.")
    assert [(text, role) for text, role, _ in pieces] == [
        ("Try these:", Role.LEAD_IN),
        ("Walk.", Role.ITEM),
        ("Stretch, but avoid:", Role.FRAGMENT),
        ("Twisting.", Role.FRAGMENT),
        ("Jumping.", Role.FRAGMENT),
        ("Rest.", Role.SENTENCE),
    ]


PIECES = st.one_of(
    st.text(max_size=30),
    st.sampled_from(
        [
            "Rest.",
            "This helps.",
            "Avoid these:",
            "- ",
            "1. ",
            "\n",
            "\n\n",
            " ",
            "...",
            "e.g. ",
            "Dr. ",
            "…",
            ":",
            "\r",
            "\u2028",
            "\x00",
            "\ud800",
            "•\t",
        ]
    ),
)
TEXTS = st.lists(PIECES, max_size=12).map("".join)


@given(TEXTS, st.booleans())
def test_spans_are_in_order_never_overlap_and_hold_every_visible_character(text: str, truncated: bool) -> None:
    sentences = split_sentences(text, truncated)
    assert all(before.end <= after.start for before, after in pairwise(sentences))
    ends = [0, *(end for s in sentences for end in (s.start, s.end)), len(text)]
    between = "".join(text[ends[i] : ends[i + 1]] for i in range(0, len(ends), 2))
    assert not re.sub(
        r"(?m)[-*•‣◦–]|\(?(?:\d{1,2}|[a-z])[.)]", "", between
    ).strip()  # the markers of items are nobody's words


@given(TEXTS, st.booleans())
def test_a_span_has_no_white_space_at_its_ends_and_no_line_end_inside(text: str, truncated: bool) -> None:
    for piece in texts(text, truncated):
        assert piece == piece.strip() != ""
        assert "\n" not in piece


@given(TEXTS, st.booleans())
def test_what_a_sentence_needs_stands_before_it(text: str, truncated: bool) -> None:
    sentences = split_sentences(text, truncated)
    for position, sentence in enumerate(sentences):
        if sentence.needs is not None:
            assert 0 <= sentence.needs < position
            needed = sentences[sentence.needs]
            assert sentence.role is not Role.ITEM or needed.role is Role.LEAD_IN
        chain = with_needed(sentences, position)
        assert chain == () or (chain[-1] == position and list(chain) == sorted(set(chain)))


@given(TEXTS)
def test_every_lead_in_ends_in_a_colon_and_a_list_follows(text: str) -> None:
    sentences = split_sentences(text)
    for position, sentence in enumerate(sentences):
        if sentence.role is Role.LEAD_IN:
            assert text[sentence.start : sentence.end].endswith(":")
            following = sentences[position + 1]
            assert following.role is Role.FRAGMENT or (following.role is Role.ITEM and following.needs == position)


@given(TEXTS)
def test_cutting_is_the_same_each_time(text: str) -> None:
    assert split_sentences(text) == split_sentences(text)
