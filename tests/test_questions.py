"""The question set: read as written, refused with file and line, and free of the corpus's own sentences."""

import json
import re
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.errors import EvaluationError
from assistant.loading import load_corpus
from assistant.public_sets import MEASURES, read_public_set, score_public_set
from assistant.questions import (
    Category,
    Question,
    folded,
    judged_name,
    names,
    parse_question,
    question_fields,
    read_questions,
    select,
)
from assistant.schema import AnswerKind, Document
from assistant.sentences import split_sentences
from tests.small_world import CORPUS, MCGILL, OLDERMAN, document

CORPUS_FOLDER = Path(__file__).parents[1] / "corpus"
FIELDS: dict[str, Any] = {
    "id": "q1",
    "class": "covered",
    "question": "Why?",
    "kind": "answered",
    "documents": {"t02": 2},
}


def line(**changes: object) -> str:
    return json.dumps({name: value for name, value in (FIELDS | changes).items() if value is not None})


def read(tmp_path: Path, *lines: str) -> tuple[Question, ...]:
    path = tmp_path / "set.jsonl"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return read_questions(path, CORPUS)


def test_a_set_is_read_as_written(tmp_path: Path) -> None:
    follow_up = {"id": "q2", "class": "follow_up", "question": "and then?", "kind": "answered", "documents": {"t03": 1}}
    rest = {"history": ["Why?"], "changes_subject": True, "key": ["Relax the hamstring."], "note": "n"}
    first, second = read(tmp_path, line(), "", json.dumps(follow_up | rest))
    assert first == Question("q1", Category.COVERED, "Why?", AnswerKind.ANSWERED, {"t02": 2})
    assert second.history == ("Why?",) and second.changes_subject and second.key == ("Relax the hamstring.",)


def test_a_line_that_was_read_can_be_written_back() -> None:
    given = FIELDS | {"class": "opposing", "views": ["in", "out"], "note": "n"}
    assert question_fields(parse_question(json.dumps(given))) == given


@pytest.mark.parametrize(
    ("bad", "expected"),
    [
        (line()[:-9], "broken JSON at character"),
        ("[1, 2]", "expected an object in braces"),
        ("[" * 100_000, "nested too deeply"),
        ('{"id": "q1", "id": "q2"}', "'id' is given twice"),
        (line(id=None), "the field 'id' is missing"),
        (line(questoin="Why?"), "unknown field 'questoin'; expected one of .* did you mean 'question'"),
        (line(**{"class": "coverd"}), "unknown class 'coverd'; expected one of covered, .* did you mean 'covered'"),
        (line(kind=["answered"]), "unknown kind"),
        (line(kind="abstained"), "kind 'abstained' does not go with class 'covered'; expected answered"),
        (line(question=" "), "question has 0 characters; expected 1 to 2000"),
        (line(question=7), "question is 7; expected text in quotes"),
        (line(documents=["t02"]), "expected ids with grades"),
        (line(documents={"t02": "2"}), "grade '2'; expected a whole number from 0 to 3"),
        (line(documents={"t02": True}), "grade True; expected a whole number"),
        (line(documents={"t02": 9}), "grade 9; expected a whole number"),
        (line(documents={}), "no document is judged relevant"),
        (line(documents={"t02": 0}), "no document is judged relevant"),
        (line(documents={"t2": 1}), "document 't2' is not in the corpus; expected the id or page"),
        (
            line(documents={"t02-back": 1, "t02-back-arches.mc": 1}),
            "document 't02-back-arches.mc' is not in the corpus",
        ),
        (line(key=["Do raise the leg"]), "key sentence 'Do raise the leg' is in none of the judged documents"),
        (line(key="Pull the navel in."), "expected a list of texts"),
        (line(changes_subject="yes"), "expected true or false"),
        (line(**{"class": "partial", "kind": "partial"}), "expects the field 'missing'"),
        (line(**{"class": "opposing", "views": ["in"]}), "expects two views or more, found 1"),
        (line(**{"class": "follow_up"}), "expects the field 'history'"),
        (line(**{"class": "out_of_scope", "kind": "abstained"}), "kind 'abstained' expects none"),
    ],
)
def test_a_bad_line_is_refused_with_file_line_and_what_was_expected(tmp_path: Path, bad: str, expected: str) -> None:
    with pytest.raises(EvaluationError, match=rf"set\.jsonl:2: .*{expected}"):
        read(tmp_path, line(id="q0"), bad)


def test_an_id_used_twice_names_both_lines(tmp_path: Path) -> None:
    with pytest.raises(EvaluationError, match=r"set\.jsonl:3: id 'q1' is already used in line 1"):
        read(tmp_path, line(), line(id="q2"), line())


def test_every_problem_is_named_at_once_up_to_ten(tmp_path: Path) -> None:
    with pytest.raises(EvaluationError) as caught:
        read(tmp_path, *[line(id=f"q{number}", kind="odd") for number in range(12)])
    assert caught.value.message.count("unknown kind") == 10
    assert caught.value.message.endswith("... and 2 more")


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"", "holds no question"),
        (b"\n \n", "holds no question"),
        (b'{"id":\n\xff', ":2: not UTF-8 text"),
    ],
)
def test_a_file_that_is_no_set_is_refused(tmp_path: Path, content: bytes, expected: str) -> None:
    path = tmp_path / "set.jsonl"
    path.write_bytes(content)
    with pytest.raises(EvaluationError, match=expected):
        read_questions(path, CORPUS)


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(EvaluationError, match=r"none\.jsonl cannot be read: No such file"):
        read_questions(tmp_path / "none.jsonl", CORPUS)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=8,
)


@given(st.text() | JSON.map(json.dumps) | st.fixed_dictionaries(dict.fromkeys(FIELDS, JSON)).map(json.dumps))
def test_no_line_whatever_it_holds_fails_in_another_way(text: str) -> None:
    try:
        question = parse_question(text)
    except ValueError:
        return
    assert parse_question(json.dumps(question_fields(question))) == question


@pytest.mark.parametrize("name", ["t02", "t02-back-arches", "t02-back-arches.olderman", "t02-back"])
def test_a_judged_name_means_an_id_or_page_up_to_a_dash_or_dot(name: str) -> None:
    assert names(name, OLDERMAN)


@pytest.mark.parametrize("name", ["t0", "t02-b", "t02-back-arches.older", "T02", ""])
def test_a_judged_name_means_nothing_else(name: str) -> None:
    assert not names(name, OLDERMAN)


def test_the_most_specific_name_gives_the_grade() -> None:
    question = parse_question(line(documents={"t02": 1, "t02-back-arches.mcgill": 3}))
    assert (question.grade(OLDERMAN), question.grade(MCGILL), question.grade(document("t9.x", "Words."))) == (1, 3, 0)
    assert judged_name(question.documents, document("t9.x", "Words.")) is None


def test_a_limit_takes_questions_spread_over_the_set(tmp_path: Path) -> None:
    questions = read(tmp_path, *[line(id=f"q{number}") for number in range(10)])
    assert [question.id for question in select(questions, [], 4)] == ["q0", "q2", "q5", "q7"]
    assert select(questions, [], None) == questions
    assert select(questions, [Category.URGENT], 4) == ()


def beir(folder: Path, qrels: str = "query-id\tcorpus-id\tscore\nu1\td1\t2\n", corpus: str = "") -> Path:
    (folder / "qrels").mkdir()
    (folder / "qrels" / "test.tsv").write_text(qrels, encoding="utf-8")
    (folder / "queries.jsonl").write_text(
        '{"_id": "u1", "text": "why"}\n{"_id": "u2", "text": "unjudged"}\n', encoding="utf-8"
    )
    lines = corpus or '{"_id": "d1", "title": "T", "text": "Words."}\n{"_id": "d2", "text": "No title.\\nMore."}\n'
    (folder / "corpus.jsonl").write_text(lines, encoding="utf-8")
    return folder


def test_a_public_set_is_read_with_its_judged_queries_only(tmp_path: Path) -> None:
    public = read_public_set(beir(tmp_path))
    assert [(d.id, d.question, d.text) for d in public.documents] == [
        ("d1", "T", "Words."),
        ("d2", "No title.", "No title.\nMore."),
    ]
    assert (dict(public.queries), dict(public.judgements)) == ({"u1": "why"}, {"u1": {"d1": 2}})


def test_a_public_set_is_scored_query_by_query(tmp_path: Path) -> None:
    public = read_public_set(beir(tmp_path))
    ((query, scores),) = score_public_set(public, lambda text, limit: [("d2", 0.9), ("d2", 0.8), ("d1", 0.1)])
    assert query == "u1" and tuple(scores) == MEASURES
    # The judged document is second of two: 1/log2(3). Among judged documents alone it is first.
    assert (scores["RR"], scores["nDCG@10"]) == pytest.approx((0.5, 0.63093), abs=1e-5)
    assert scores["nDCG(judged_only=True)@10"] == 1.0


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"qrels": "u1\td1\n"}, r"test\.tsv:1: expected query id, document id and whole score"),
        ({"qrels": "u9\td1\t1\n"}, "lacks query 'u9'"),
        ({"qrels": "query-id\tcorpus-id\tscore\n"}, "0 judged queries"),
        ({"corpus": '{"_id": "d1"}\n'}, r"corpus\.jsonl:1: expected texts under _id, text and title"),
        ({"corpus": '{"_id": "d1", "text": "W."}\n{"_id"\n'}, r"corpus\.jsonl:2: broken JSON"),
    ],
)
def test_a_broken_public_set_is_refused_with_file_and_line(
    tmp_path: Path, changes: dict[str, str], expected: str
) -> None:
    with pytest.raises(EvaluationError, match=expected):
        read_public_set(beir(tmp_path, **changes))


@pytest.fixture(scope="module")
def corpus() -> tuple[Document, ...]:
    return tuple(load_corpus(CORPUS_FOLDER).documents)


@pytest.fixture(scope="module")
def project_set(corpus: tuple[Document, ...]) -> tuple[Question, ...]:
    return read_questions(CORPUS_FOLDER / "questions.jsonl", corpus)


def test_the_project_set_is_large_enough_and_has_every_class(project_set: tuple[Question, ...]) -> None:
    counts = Counter(question.category for question in project_set)
    assert len(project_set) >= 250
    assert not {category.value for category in Category if counts[category] < 8}
    assert counts[Category.FOLLOW_UP] >= 40


def test_no_question_is_a_sentence_of_the_corpus(
    corpus: tuple[Document, ...], project_set: tuple[Question, ...]
) -> None:
    said = {key(d.text[s.start : s.end]) for d in corpus for s in split_sentences(d.text, d.source.truncated)}
    assert not [question.id for question in project_set if key(question.text) in said]


def test_a_disputed_question_has_two_views_to_show(
    corpus: tuple[Document, ...], project_set: tuple[Question, ...]
) -> None:
    for question in project_set:
        if question.category is Category.OPPOSING:
            views = {d.source.view for d in corpus if d.source.view and question.grade(d) > 0}
            assert len(views) >= 2, f"{question.id}: the judged documents have {len(views)} view"


def key(text: str) -> str:
    return re.sub(r"\W+", " ", folded(text).casefold()).strip()
