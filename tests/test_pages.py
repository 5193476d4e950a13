"""Pages of the family of the source page, in all the shapes that the readers have to survive; see tests/pages/."""

import pytest

from assistant.readers.loaded import Loaded, Raw, joined
from assistant.readers.merging import merged
from assistant.readers.table import format_of
from tests.page_truths import cases, files_of, taken, wanted

CASES = [case for file in ("text_pages.yaml", "web_pages.yaml", "several_pages.yaml") for case in cases(file)]


def read(files: dict[str, bytes]) -> Loaded:
    every = [Raw(name, data) for name, data in files.items()]
    return merged(joined(format_of(raw).read(raw) for raw in every))


@pytest.mark.parametrize("case", CASES, ids=[case["case"] for case in CASES])
def test_a_page_is_taken_in_exactly(case: dict[str, str]) -> None:
    assert taken(read(files_of(case))) == wanted(case)


def test_there_are_as_many_pages_as_promised() -> None:
    assert len({case["case"] for case in CASES}) == len(CASES) >= 60
