"""Finding stored answers by words and tags."""

from assistant.browsing import ANY, Filter, Shelf
from tests.browser.fake import DOCUMENTS


def ids(sought: Filter) -> list[str]:
    return [document.id for document in sought.found_in(DOCUMENTS)]


def test_a_field_that_was_cleared_asks_for_nothing() -> None:
    assert Filter.filled_in(None, None, "", ANY, None) == Filter()
    assert Filter.filled_in("hip", "Rick Olderman", None) == Filter("hip", "Rick Olderman")


def test_an_empty_filter_finds_everything_in_order() -> None:
    assert ids(Filter()) == [document.id for document in DOCUMENTS]


def test_every_word_must_occur_whatever_its_case() -> None:
    assert ids(Filter("hollowing BELLY")) == ["t13.grenier-and-mcgill"]
    assert ids(Filter("hollowing elephant")) == []


def test_a_hit_in_the_question_comes_first() -> None:
    assert ids(Filter("belly"))[0] == "t13.grenier-and-mcgill"


def test_tags_narrow_the_search() -> None:
    assert ids(Filter(expert="Rick Olderman")) == ["t01.rick-olderman", "b01.blurb"]
    assert ids(Filter(expert="Rick Olderman", body_part="low back")) == ["t01.rick-olderman"]
    assert ids(Filter(topic="core")) == ["t13.grenier-and-mcgill"]
    assert ids(Filter(expert="Nobody")) == []


def test_a_year_leaves_out_what_is_older_or_undated() -> None:
    assert ids(Filter(since="2010")) == ["t01.rick-olderman"]
    assert ids(Filter(since="2007")) == ["t01.rick-olderman", "t13.grenier-and-mcgill"]
    assert Shelf.of(DOCUMENTS).years == (ANY, "2010", "2007")


def test_the_shelf_lists_each_tag_once_after_any() -> None:
    shelf = Shelf.of(DOCUMENTS[:3])
    assert shelf.experts == (ANY, "Grenier and McGill", "Rick Olderman", "Unnamed answerer")
    assert shelf.topics == (ANY, "core", "gluteal-pumps")
    assert shelf.body_parts == (ANY, "abdomen", "hip", "low back")
    assert Shelf.of(()) == Shelf()
