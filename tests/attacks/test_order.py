"""The order of experts who differ does not depend on how, or in which order, they were stored."""

from pathlib import Path

from assistant.schema import Answer
from tests.corpus_files import BRACING, FILES, World, made, write

DISPUTED = "answers/s02-navel-or-brace.md"


def order(answer: Answer) -> list[tuple[int, str, str]]:
    assert len(answer.views) == 1
    return [(citation.number, citation.document, citation.quote) for citation in answer.citations]


def test_sides_come_in_the_same_order_however_they_were_taken_in(tmp_path: Path) -> None:
    head, first, second = FILES[DISPUTED].split("\n## ")
    ways = {
        "at once": [FILES],
        "the dispute first": [{DISPUTED: FILES[DISPUTED]}, FILES],
        "the dispute last": [{name: text for name, text in FILES.items() if name != DISPUTED}, FILES],
        "one expert after the other": [FILES | {DISPUTED: f"{head}\n## {second}"}, FILES],
        "the experts exchanged": [FILES | {DISPUTED: "\n## ".join((head, second.rstrip("\n") + "\n", first))}],
        "files in reverse": [dict(reversed(FILES.items()))],
    }
    orders = {}
    for way, steps in ways.items():
        world = World(tmp_path / way)
        for files in steps:
            write(world.corpus, files)
            world.ingest()
        orders[way] = order(world.assistant().ask(BRACING))
    assert {way: found for way, found in orders.items() if found != orders["at once"]} == {}


def test_another_order_of_the_same_quotations_would_be_noticed(tmp_path: Path) -> None:
    found = order(made(tmp_path).assistant().ask(BRACING))
    assert len({document for _, document, _ in found}) >= 2 and found != found[::-1]
