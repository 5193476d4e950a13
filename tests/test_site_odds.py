"""The classifier of lines: what it knows of a site's lines, that it leaves experts' alone, and that it is what the script makes."""

from pathlib import Path

import pytest

from assistant.loading import load_corpus
from assistant.readers.furniture import Line
from assistant.readers.site_odds import site_share, without_likely_site_lines
from assistant.readers.zones import spoken_in
from tests.bench import train_page_lines

ROOT = Path(__file__).parents[1]


def left(*texts: str, kept: tuple[int, ...] = (0,)) -> list[str]:
    """The lines that are left; one that begins with a line break has a blank line above it."""
    lines = [Line(number, text.strip(), text.startswith("\n")) for number, text in enumerate(texts)]
    return [line.text for line in without_likely_site_lines(lines, spoken_in(lines), set(kept))]


@pytest.mark.parametrize(
    "text",
    ["Sign in to reply to this thread", "Get our free weekly tips", "Order a printed copy", "14 readers follow this"],
)
def test_a_line_of_a_site_that_no_example_holds_is_known_by_its_words(text: str) -> None:
    assert text not in train_page_lines.EXAMPLES.read_text(encoding="utf-8")
    assert site_share(text) > 0.6
    assert left("How do I begin?", "\nWalk a little every day.", f"\n{text}", "\nRest in between.") == [
        "How do I begin?", "Walk a little every day.", "Rest in between.",
    ]  # fmt: skip


def test_names_headings_orders_and_lists_stay() -> None:
    page = [
        "How do I begin?", "\nOrla Tindall, PT", "Walk a little every day.", "\nWhat to bring", "Good shoes, and a friend.",
        "\nDo these:", "Walk", "Sign up", "\nContact the floor with both feet", "- Share the load", "- Print your steps",
    ]  # fmt: skip
    assert left(*page) == [text.strip() for text in page]


def test_no_line_of_the_starter_corpus_is_taken_for_a_sites() -> None:
    for document in load_corpus(ROOT / "corpus").documents:
        texts = [text for text in document.text.split("\n") if text]
        assert left(document.question, *texts) == [document.question, *texts]


def test_the_weights_are_what_the_script_makes_of_its_examples(shared: Path) -> None:
    learned = train_page_lines.from_all()
    assert abs(train_page_lines.stored()["=bias"] - learned["=bias"]) < 0.05
    for text in ("Sign in to reply to this thread", "Walk a little every day.", "Orla Tindall", "Page 2 of 9"):
        assert site_share(text) == pytest.approx(train_page_lines.share(learned, text), abs=0.02)
