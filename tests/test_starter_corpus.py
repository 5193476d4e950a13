"""The starter corpus, ingested with the real model: it answers what it should, in its own whole sentences."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from assistant.answering import Assistant
from assistant.ingestion import ingest
from assistant.loading import load_corpus
from assistant.schema import AnswerKind, Document
from assistant.sentences import split_sentences
from assistant.settings import Settings
from assistant.verification import is_whole

ROOT = Path(__file__).parents[1]
CORPUS = ROOT / "corpus"
WELL_COVERED = 0.9  # share of the covered questions of which an expected topic is cited


@pytest.fixture(scope="module")
def assistant(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Assistant]:
    settings = Settings(corpus=CORPUS, index=tmp_path_factory.mktemp("index"))
    ingest(settings)
    yield Assistant.open(settings)


@pytest.fixture(scope="module")
def documents() -> tuple[Document, ...]:
    return load_corpus(CORPUS).documents


def own_questions() -> list[dict[str, object]]:
    return [json.loads(line) for line in (CORPUS / "questions.jsonl").read_text(encoding="utf-8").splitlines()]


def test_every_file_of_the_corpus_is_read_without_a_problem() -> None:
    assert load_corpus(CORPUS).problems == ()


def test_every_topic_and_section_is_there(documents: tuple[Document, ...]) -> None:
    first = {document.id.partition("-")[0] for document in documents}
    assert first == {f"t{number:02}" for number in range(1, 91)} | {f"h{number:02}" for number in range(1, 23)}


def test_a_summary_says_that_it_is_one(documents: tuple[Document, ...]) -> None:
    assert {document.source.wording.value for document in documents} == {"summary"}


def test_no_question_of_the_set_is_a_sentence_of_the_corpus(documents: tuple[Document, ...]) -> None:
    sentences = {d.text[s.start : s.end].casefold() for d in documents for s in split_sentences(d.text)}
    assert not [item["id"] for item in own_questions() if str(item["question"]).casefold() in sentences]


@pytest.mark.model
def test_what_is_shown_is_whole_stored_sentences(assistant: Assistant) -> None:
    for item in own_questions()[::7]:
        answer = assistant.ask(str(item["question"]))
        for citation in answer.citations:
            document = assistant.document(citation.document)
            assert document.text[citation.start : citation.end] == citation.quote
            spans = split_sentences(document.text, document.source.truncated)
            assert citation.start in {span.start for span in spans} and citation.end in {span.end for span in spans}


@pytest.mark.model
def test_covered_questions_cite_an_expected_topic(assistant: Assistant, shared: Path) -> None:
    lines = (shared / "material" / "questions.jsonl").read_text(encoding="utf-8").splitlines()
    covered = [item for item in map(json.loads, lines) if item["kind"] == "covered"]
    right = [item for item in covered if cites(assistant, item["text"], item["expects"])]
    assert len(right) >= WELL_COVERED * len(covered), f"{len(right)} of {len(covered)}"


def cites(assistant: Assistant, question: str, topics: list[str]) -> bool:
    citations = assistant.ask(question).citations
    return any(citation.document.startswith(f"{topic}-") for citation in citations for topic in topics)


@pytest.mark.model
def test_what_is_far_away_is_refused_with_nearby_questions(assistant: Assistant) -> None:
    answer = assistant.ask("How do I file my income tax return?")
    assert answer.kind is AnswerKind.ABSTAINED
    assert not answer.citations


@pytest.mark.model
def test_an_emergency_comes_first_and_quotes_only_warning_signs(assistant: Assistant) -> None:
    answer = assistant.ask("my calf is swollen and hot since the flight and now i am short of breath, which stretch helps?")
    assert answer.kind is AnswerKind.URGENT
    assert answer.notice is not None
    assert all(assistant.document(citation.document).urgent for citation in answer.citations)


def mutants(text: str) -> Iterator[str]:
    """Yield what a careless quotation makes of ``text``."""
    words = text.split()
    yield " ".join(words[1:])
    yield " ".join(words[:-1])
    for negation in (" not ", " no ", " never ", " without ", " cannot "):
        if negation in text:
            yield text.replace(negation, " ", 1)
    for digit in "123456789":
        if digit in text:
            yield text.replace(digit, str((int(digit) + 1) % 10), 1)
            break
    if len(words) > 3:
        yield " ".join([*words[:1], words[2], words[1], *words[3:]])
    if "Olderman" in text:
        yield text.replace("Olderman", "Lincoln")


def test_the_gate_accepts_every_sentence_and_none_of_its_mutants(documents: tuple[Document, ...]) -> None:
    folded = {" ".join(d.text[s.start : s.end].split()) for d in documents for s in split_sentences(d.text)}
    for document in documents:
        for sentence in split_sentences(document.text, document.source.truncated):
            text = document.text[sentence.start : sentence.end]
            if sentence.quotable and sentence.needs is None and not text.endswith(":"):
                assert is_whole(text, [document]), text
            for mutant in mutants(text):
                assert mutant in folded or not is_whole(mutant, [document]), mutant
