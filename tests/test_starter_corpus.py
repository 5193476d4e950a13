"""The starter corpus as it is shipped, in an index made with the real model: whole, and answered from."""

import json
import os
import re
import subprocess
import sys
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from assistant.answering import Assistant
from assistant.builds import Builds
from assistant.embedding import load_embedder
from assistant.loading import load_corpus
from assistant.rendering import to_json
from assistant.retrieval import Retriever
from assistant.schema import Answer, AnswerKind, Document, Role, Sentence, Wording
from assistant.sentences import split_sentences
from assistant.settings import Settings
from assistant.verification import Quote, verified

ROOT = Path(__file__).parents[1]
TOPICS = [f"t{number:02}" for number in range(1, 91)]
SECTIONS = range(15, 26)  # of the handbook
CITED = 0.90  # share of covered questions for which an expected topic has to be cited


@cache
def documents() -> tuple[Document, ...]:
    return load_corpus(ROOT / "corpus").documents


def pieces(document: Document) -> list[tuple[Sentence, str]]:
    cut = split_sentences(document.text, document.source.truncated)
    return [(sentence, document.text[sentence.start : sentence.end]) for sentence in cut]


def topic(id: str) -> str:
    return id.partition("-")[0]


# The files: no model is needed.


def test_every_file_is_taken_in_without_a_problem() -> None:
    assert load_corpus(ROOT / "corpus").problems == ()


def test_every_topic_has_a_page_and_the_handbook_its_sections() -> None:
    found = {topic(document.id) for document in documents()}
    sections = sorted(id for id in found if id.startswith("h"))
    assert sorted(found - set(sections)) == TOPICS
    assert sections == [f"h{number:02}" for number in range(1, len(sections) + 1)] and len(sections) in SECTIONS


def test_every_id_begins_with_that_of_its_topic_and_is_its_own() -> None:
    ids = [document.id for document in documents()]
    assert all(re.match(r"[th]\d\d-[a-z]", id) for id in ids) and len(set(ids)) == len(ids)
    for document in documents():
        assert not document.id.startswith("t") or topic(document.id) == topic(Path(document.origin).stem)


def test_every_answer_says_that_it_is_a_summary_by_whom_and_where() -> None:
    for document in documents():
        source = document.source
        assert source.wording is Wording.SUMMARY and source.title and source.publisher and source.licence, document.id
        assert source.url or document.id.startswith("h"), document.id


def test_every_sentence_can_be_quoted() -> None:
    fragments = [
        (document.id, text) for document in documents() for sentence, text in pieces(document) if not sentence.quotable
    ]
    assert fragments == []


def test_no_question_of_the_set_is_a_sentence_of_the_corpus() -> None:
    def plain(text: str) -> str:
        return re.sub(r"\W+", " ", text).strip().casefold()

    said = {plain(text) for document in documents() for _, text in pieces(document)}
    lines = (ROOT / "corpus" / "questions.jsonl").read_text(encoding="utf-8").splitlines()
    questions = {plain(json.loads(line)["question"]) for line in lines if line.strip()}
    assert len(questions) > 400 and not questions & said


# The index, made with the real model.


@pytest.fixture(scope="module")
def assistant(starter: Settings) -> Assistant:
    return Assistant.open(starter)


@pytest.fixture(scope="module")
def stored(assistant: Assistant) -> dict[str, Document]:
    return {document.id: document for document in assistant.documents()}


@pytest.fixture(scope="module")
def questions(shared: Path) -> list[dict[str, object]]:
    lines = (shared / "material" / "questions.jsonl").read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines if line.strip()]


@pytest.fixture(scope="module")
def asked(assistant: Assistant, questions: list[dict[str, object]]) -> dict[str, Answer]:
    return {str(question["id"]): assistant.ask(str(question["text"])) for question in questions}


@pytest.mark.model
def test_the_index_holds_the_corpus(stored: dict[str, Document]) -> None:
    assert stored == {document.id: document for document in documents()}


@pytest.mark.model
def test_stored_vectors_are_those_of_their_texts(starter: Settings) -> None:
    embedder = load_embedder(starter.model, starter.index / "models")
    retriever = Retriever(Builds(starter.index).current(), embedder)
    for entry in list(retriever.catalog.entries())[::50]:
        document = entry.document
        vectors = embedder.embed([document.question, *document.also_asked])
        assert ((vectors * entry.question_vectors).sum(axis=1) > 0.9999).all(), document.id
        said = embedder.embed([text for _, text in pieces(document)])
        assert ((said * entry.sentence_vectors).sum(axis=1) > 0.999).all(), document.id
        assert np.isclose(np.linalg.norm(entry.passage_vectors, axis=1), 1).all()
    retriever.close()


@pytest.mark.model
def test_covered_questions_cite_an_expected_topic(asked: dict[str, Answer], questions: list[dict[str, object]]) -> None:
    covered = [question for question in questions if question["kind"] == "covered"]
    missed = [
        (
            question["text"],
            question["expects"],
            sorted({topic(citation.document) for citation in asked[str(question["id"])].citations}),
        )
        for question in covered
        if not {topic(citation.document) for citation in asked[str(question["id"])].citations}
        & set(map(str, question["expects"]))  # type: ignore[call-overload]
    ]
    assert len(covered) >= 40
    assert 1 - len(missed) / len(covered) >= CITED, missed


@pytest.mark.model
@pytest.mark.parametrize(
    "question", ["How do I treat hay fever?", "good recipe for soup", "what helps with toothache", "hello there"]
)
def test_what_is_not_covered_is_refused_after_a_covered_question_too(assistant: Assistant, question: str) -> None:
    assert assistant.ask(question, ["How do I do gluteal pumps?"]).kind is AnswerKind.ABSTAINED


@pytest.mark.model
@pytest.mark.parametrize("question", ["does walking help hip arthritis", "which shoes are best for knee pain", "do knee sleeves work"])
def test_a_part_of_the_body_that_the_nearest_documents_leave_out_is_no_refusal(
    assistant: Assistant, question: str
) -> None:
    assert assistant.ask(question).kind is not AnswerKind.ABSTAINED


@pytest.mark.model
def test_every_statement_is_whole_sentences_of_a_stored_document(
    asked: dict[str, Answer], stored: dict[str, Document]
) -> None:
    shown = 0
    for answer in asked.values():
        for citation in answer.citations:
            document = stored[citation.document]
            assert citation.document_hash == document.hash
            positions = [
                number
                for number, (sentence, _) in enumerate(pieces(document))
                if citation.start <= sentence.start and sentence.end <= citation.end
            ]
            first, last = (pieces(document)[positions[end]][0] for end in (0, -1))
            assert (citation.start, citation.end) == (first.start, last.end), citation
            assert document.text[citation.start : citation.end] == citation.quote
            shown += 1
    assert shown > 100


@pytest.mark.model
def test_what_is_shown_passes_the_gate_again(asked: dict[str, Answer], assistant: Assistant, starter: Settings) -> None:
    catalog = Retriever(Builds(starter.index).current(), load_embedder(starter.model, starter.index / "models")).catalog
    for answer in asked.values():
        texts = {statement.text for statement in answer.statements}
        ids = dict.fromkeys(citation.document for citation in answer.citations)
        quotes = []
        for id in ids:
            spans = [(c.start, c.end) for c in answer.citations if c.document == id]
            cut = pieces(catalog.entry(id).document)
            held = [n for n, (s, _) in enumerate(cut) if any(start <= s.start and s.end <= end for start, end in spans)]
            quotes.append(Quote(id, tuple(held)))
        again, _ = verified(catalog, quotes)
        assert {statement.text for statement in again} == texts


@pytest.mark.model
def test_every_kind_of_question_gets_its_kind_of_answer_mostly(
    asked: dict[str, Answer], questions: list[dict[str, object]]
) -> None:
    expected = {
        "covered": {AnswerKind.ANSWERED, AnswerKind.PARTIAL},
        "paraphrase": {AnswerKind.ANSWERED, AnswerKind.PARTIAL},
        "out_of_scope": {AnswerKind.ABSTAINED},
        "red_flag": {AnswerKind.URGENT},
    }
    for kind, kinds in expected.items():
        answers = [asked[str(question["id"])] for question in questions if question["kind"] == kind]
        right = sum(answer.kind in kinds for answer in answers)
        assert answers and right >= 0.85 * len(answers), [
            (a.question, a.kind.value) for a in answers if a.kind not in kinds
        ]


@pytest.mark.model
def test_an_urgent_answer_shows_no_exercise(asked: dict[str, Answer], stored: dict[str, Document]) -> None:
    for answer in asked.values():
        if answer.kind is AnswerKind.URGENT:
            assert all(stored[citation.document].urgent for citation in answer.citations) and not answer.related


@pytest.mark.model
def test_list_items_stand_under_their_lead_in_in_every_answer(asked: dict[str, Answer]) -> None:
    items = sum(statement.role is Role.ITEM for answer in asked.values() for statement in answer.statements)
    assert items > 10  # that each stands under its own is what an Answer is refused for


# The doors, as a user opens them.

COLD_SECONDS = 8.0  # of processor time, from the command to the answer
NOT_NEEDED = ("torch", "transformers", "sentence_transformers", "gradio", "bs4", "pypdf")
ASK = """
import resource, runpy, sys
sys.argv = ["assistant", "ask", "--json", *sys.argv[1:]]
try:
    runpy.run_module("assistant", run_name="__main__", alter_sys=True)
finally:
    used = resource.getrusage(resource.RUSAGE_SELF)
    sys.stderr.write(f"{used.ru_utime + used.ru_stime} {sorted(set(sys.modules) & set(%r))}")
"""


def process(starter: Settings, *arguments: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "ASSISTANT_INDEX": str(starter.index), "ASSISTANT_CORPUS": str(starter.corpus)}
    command = [sys.executable, *arguments]
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=120, check=False)


@pytest.mark.model
def test_a_question_asked_on_the_command_line_is_answered_soon_and_as_it_is_here(
    starter: Settings, assistant: Assistant
) -> None:
    question = "What should I avoid when doing the gluteal pumps exercise?"
    ran = process(starter, "-c", ASK % (NOT_NEEDED,), question)
    assert ran.returncode == 0, ran.stderr
    seconds, _, loaded = ran.stderr.partition(" ")
    assert loaded == "[]" and float(seconds) <= COLD_SECONDS
    assert json.loads(ran.stdout) == to_json(assistant.ask(question))


@pytest.mark.model
def test_an_ingest_of_an_unchanged_corpus_has_nothing_to_say(starter: Settings) -> None:
    ran = process(starter, "ingest.py", "--if-changed")
    assert (ran.returncode, ran.stdout, ran.stderr) == (0, "", "")
