"""Which sources are quoted: placed ones, named ones, and on an urgent topic no doubtful one."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from assistant.answering import Assistant
from assistant.errors import SourceError
from assistant.policy import Policy
from assistant.safety import Finding, Level, Screening
from assistant.schema import Answer, AnswerKind, Document, Source, Tier
from assistant.settings import Settings
from tests.corpus_files import World, made
from tests.fake_model import FakeEmbedder

QUESTION = "How warm should the pool be for walking lengths?"
WARM = "The pool feels right for walking lengths when nobody shivers."
URGENT = "I have back pain and numbness between the legs, and I cannot feel when I pass urine."
CAUTION = Screening(Level.CAUTION, (Finding("some-rule", "clot", Level.CAUTION, "Some sign", ("calf",)),))


def record(tier: str | None, **fields: object) -> str:
    """One line of an imported file about the pool."""
    given = {
        "question": QUESTION,
        "answer": WARM,
        "expert": "Pia Sund",
        "author_type": "person",
        "publisher": "Pool Press",
    }
    return json.dumps(given | ({"tier": tier} if tier else {}) | fields) + "\n"


def document(tier: Tier, origin: str = "added/pool.jsonl", urgent: tuple[str, ...] = ()) -> Document:
    return Document("p.pia", "p", QUESTION, WARM, Source("T", "Pool Press", tier=tier), urgent=urgent, origin=origin)


def imported(folder: Path, *lines: str, names: str | None = None, tiers: str = Settings.tiers) -> Assistant:
    """An assistant whose corpus holds ``lines`` as an imported file and, where given, the curators' list."""
    world = made(folder)
    file = folder / "pool.jsonl"
    file.write_text("".join(lines))
    if names is not None:
        (world.corpus / "sources.yaml").write_text(names)
    world.ingest([file])
    return Assistant(replace(world.settings, tiers=tiers), world.embedder)


def quotes_the_pool(answer: Answer) -> bool:
    return any(citation.source.publisher == "Pool Press" for citation in answer.citations)


def test_an_unlisted_source_is_quoted_and_marked_unless_the_setting_says_otherwise(tmp_path: Path) -> None:
    from assistant.rendering import to_text

    assistant = imported(tmp_path, record(None))
    answer = assistant.ask(QUESTION)
    assert quotes_the_pool(answer)
    assert "Pia Sund, Pool Press, undated (verbatim, unlisted source)" in to_text(answer)
    strict = Assistant(replace(World(tmp_path).settings, tiers="ABCS"), FakeEmbedder())
    answer = strict.ask(QUESTION)
    assert not quotes_the_pool(answer)
    assert QUESTION not in answer.related
    assert not [one for one in strict.documents() if one.source.publisher == "Pool Press"]
    assert not [hit for hit in strict.search(QUESTION) if hit.document.source.publisher == "Pool Press"]
    assert strict.ask("How should I breathe while I hold a plank?").kind is AnswerKind.ANSWERED


def test_where_no_source_may_be_quoted_every_question_is_refused_and_danger_still_gets_its_card(tmp_path: Path) -> None:
    strict = Assistant(replace(made(tmp_path).settings, tiers="D"), FakeEmbedder())
    assert strict.documents() == () and strict.search(QUESTION) == []
    for question in ("How should I breathe while I hold a plank?", QUESTION):
        assert strict.ask(question, ["Is a wall sit hard?"]).kind is AnswerKind.ABSTAINED
    assert strict.ask(URGENT).kind is AnswerKind.URGENT


@pytest.mark.parametrize(
    ("names", "quoted"),
    [
        ("- pool press\n", True),
        ("- added/pool*\n", True),
        ("- Other Press\n", False),
        ("", False),
        ("- added/\n", False),
    ],
)
def test_with_a_list_an_imported_file_is_quoted_only_where_it_is_named(
    names: str, quoted: bool, tmp_path: Path
) -> None:
    assistant = imported(tmp_path, record("A"), names=names, tiers="ABCS")
    assert quotes_the_pool(assistant.ask(QUESTION)) is quoted
    assert (
        assistant.ask("How should I breathe while I hold a plank?").kind is AnswerKind.ANSWERED
    )  # the curators' own page


@pytest.mark.parametrize("tier", list(Tier))
def test_a_doubtful_source_is_never_quoted_beside_a_warning(tier: Tier) -> None:
    doubtful = tier in (Tier.UNLISTED, Tier.MACHINE)
    for policy in (Policy(), Policy(named=("Pool Press",))):
        assert policy.quotes(document(tier))
        assert policy.quotes_on_urgent_topic(document(tier)) is not doubtful
        assert policy.quotes(document(tier, urgent=("clot",))) is not doubtful


@pytest.mark.parametrize("tier", ["C", "U"])
def test_a_caution_withholds_only_a_doubtful_source(tier: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assistant = imported(tmp_path, record(tier))
    assert quotes_the_pool(assistant.ask(QUESTION))
    monkeypatch.setattr("assistant.safety.screen", lambda question, history, embed: CAUTION)
    answer = assistant.ask(QUESTION)
    assert quotes_the_pool(answer) is (tier == "C")
    assert answer.notice


@pytest.mark.parametrize(
    ("tier", "names", "quoted"), [("A", None, False), ("A", "- Pool Press\n", True), (None, "- Pool Press\n", False)]
)
def test_a_file_that_calls_itself_a_list_of_warning_signs_is_not_believed(
    tier: str | None, names: str | None, quoted: bool, tmp_path: Path
) -> None:
    claims = record(tier, question="Numbness between the legs with back pain?", urgent=["cauda_equina"])
    answer = imported(tmp_path, claims, names=names).ask(URGENT)
    assert answer.kind is AnswerKind.URGENT
    assert quotes_the_pool(answer) is quoted


def test_what_the_curators_wrote_themselves_may_stand_under_an_urgent_card() -> None:
    assert Policy().quotes_under_urgent_card(document(Tier.CLINIC, "answers/p.md", ("clot",)))
    assert not Policy().quotes_under_urgent_card(document(Tier.UNLISTED, "answers/p.md", ("clot",)))
    assert not Policy().quotes_under_urgent_card(document(Tier.PUBLIC, "added/p.zip!/p.md", ("clot",)))
    assert Policy(named=("added/p.zip",)).quotes_under_urgent_card(
        document(Tier.PUBLIC, "added/p.zip!/p.md", ("clot",))
    )


@pytest.mark.parametrize("content", ["a: b", "- [a]", "- ''", "[", "- a: b", "word", "[" * 60_000])
def test_a_list_that_cannot_be_read_is_named_with_the_cure(content: str, tmp_path: Path) -> None:
    (tmp_path / "sources.yaml").write_text(content)
    with pytest.raises(SourceError, match=r"(?s)sources\.yaml.*- Example Health"):
        Policy.load("A", tmp_path)


def test_without_a_list_every_tier_that_is_allowed_is_quoted(tmp_path: Path) -> None:
    assert Policy.load("ABCDSU", tmp_path) == Policy() and Policy().is_open
    assert not Policy.load("ABCS", tmp_path).is_open
    (tmp_path / "sources.yaml").write_text("# nobody yet\n")
    assert not Policy.load("ABCDSU", tmp_path).is_open
