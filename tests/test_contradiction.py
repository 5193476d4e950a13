"""Two experts who contradict each other are found from what they say, and two who agree in other words are not."""

import json
from pathlib import Path

import numpy as np
import pytest

from assistant.contradiction import NEAR, disputes, point
from assistant.embedding import load_embedder
from assistant.exported import BUILT_IN_MODEL
from assistant.schema import AuthorType, Citation, Document, Source, Views
from tests.corpus_files import entry

PAIRS = [
    json.loads(line)
    for line in (Path(__file__).parent / "data" / "contradictions.jsonl").read_text(encoding="utf-8").splitlines()
]


@pytest.mark.parametrize("pair", PAIRS, ids=lambda pair: pair["one"][:40])
def test_the_order_of_two_sentences_does_not_matter(pair: dict[str, str]) -> None:
    assert point(pair["one"], pair["other"]) == point(pair["other"], pair["one"])
    assert not point(pair["one"], pair["one"])


@pytest.mark.parametrize("which", ["dev", "held", "last"])
def test_contradictions_are_told_from_other_words_for_the_same(which: str) -> None:
    told = [(pair["differ"], bool(point(pair["one"], pair["other"]))) for pair in PAIRS if pair["set"] == which]
    assert sum(found for differ, found in told if differ) >= 0.9 * sum(differ for differ, _ in told)
    assert sum(found for differ, found in told if not differ) <= 1


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ("Hold the stretch for 10 seconds.", "Hold the stretch for 30 seconds or longer.", "they name different times"),
        ("Hold the stretch for 20 to 40 seconds.", "Hold the stretch for 30 seconds.", ""),
        ("Do the bridge twice a week.", "Do the bridge daily.", "they name different times"),
        ("Do the bridge 3 days a week.", "Do the bridge every other day.", ""),
        ("It takes 8 weeks to heal.", "It takes two months to heal.", ""),
        ("Ice eases the pain.", "Heat eases the pain.", "they advise or report opposite things"),
        ("Foam rolling lengthens the band.", "Foam rolling cannot lengthen the band.", "one says what another denies"),
        ("Foam rolling lengthens the band.", "The kneecap glides in a groove.", ""),
        ("Do not lift the leg higher than the hip.", "Lift the leg as high as the hip.", ""),
        ("Breathe in while you lift.", "Breathe out while you lift.", "they advise or report opposite things"),
    ],
)
def test_what_they_differ_in_is_named(one: str, other: str, expected: str) -> None:
    assert point(one, other) == expected


def cited(*said: tuple[str, str, str | None]) -> tuple[Views, ...]:
    """The disputes of documents (author, text, view), each of them cited whole."""
    documents = [
        Document(
            f"d{number}", "p", "Why?", text, Source("T", "P", author=who, author_type=AuthorType.PERSON, view=view),
            dispute="p" if view else None,
        )
        for number, (who, text, view) in enumerate(said)
    ]  # fmt: skip
    citations = [
        Citation(number, document.id, document.hash, document.source, document.text, 0, len(document.text))
        for number, document in enumerate(documents, 1)
    ]
    return disputes(citations, [entry(document) for document in documents])


ICE, HEAT = "Ice eases a sore knee after a run.", "Heat eases a sore knee after a run."


def test_experts_who_contradict_each_other_make_two_sides() -> None:
    assert cited(("Ann", ICE, None), ("Bob", HEAT, None)) == (
        Views("they advise or report opposite things", ((1,), (2,))),
    )


@pytest.mark.parametrize(
    "said",
    [
        (("Ann", ICE, None), ("Ann", HEAT, None)),  # nobody is in dispute with herself
        (("Ann", ICE, "Cool it"), ("Bob", HEAT, None)),  # a curator has looked at this
        (("Ann", ICE, None), ("Bob", "Ice and heat are two things.", None)),
    ],
)
def test_no_dispute_is_made_up(said: tuple[tuple[str, str, str | None], ...]) -> None:
    assert cited(*said) == ()


def test_two_sources_are_set_against_each_other_once() -> None:
    found = cited(("Ann", f"{ICE} Ice is safe.", None), ("Bob", f"{HEAT} Ice is harmful.", None))
    assert [views.citations for views in found] == [((1,), (2,))]


@pytest.mark.model
def test_sentences_that_contradict_each_other_lie_near(model_cache: Path) -> None:
    embedder = load_embedder(BUILT_IN_MODEL, model_cache / "models")
    pairs = [pair for pair in PAIRS if pair["differ"]]
    one, other = (embedder.embed([pair[side] for pair in pairs]) for side in ("one", "other"))
    assert np.mean((one * other).sum(axis=1) >= NEAR) >= 0.9
