"""The evaluate command, from the question set to the exit code, over a fake assistant."""

import json
import re
import shutil
import stat
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from assistant.comparison import GATE, NAMES, Bound, Shortfall, Threshold, compare, differences, read_gate, shortfalls
from assistant.curation import Complaint, curate, next_id, read_complaints
from assistant.errors import EvaluationError, IndexDamaged, QuestionError
from assistant.evaluation import SearchFolder, _parser, main
from assistant.measures import Observation, Outcome
from assistant.questions import Category, parse_question, read_questions
from assistant.report import html_page
from assistant.runs import ALL, Run, load_run, result_of, summarise
from assistant.schema import DISCLAIMER, Answer, Document
from assistant.settings import Settings
from tests.small_world import CORPUS, CRAMP, MCGILL, OLDERMAN, answer, document, partial, refusal, urgent

ROOT = Path(__file__).parents[1]
NAVEL, BRACE = (OLDERMAN, "Pull the navel in."), (MCGILL, "Brace the whole wall.")
LEAD = (CRAMP, "Here is what to do:")

SET = (
    {"id": "q1", "class": "covered", "question": "back arches", "kind": "answered", "documents": {"t02": 2}},
    {"id": "q2", "class": "covered", "question": "hamstring cramps", "kind": "answered", "documents": {"t03": 2}},
    {"id": "q3", "class": "out_of_scope", "question": "tax return", "kind": "abstained", "documents": {}},
    {"id": "q4", "class": "urgent", "question": "numb saddle", "kind": "urgent", "documents": {"t87": 2}},
    {
        "id": "q5",
        "class": "opposing",
        "question": "in or out",
        "kind": "answered",
        "documents": {"t02": 2},
        "views": ["in", "out"],
    },
    {
        "id": "q6",
        "class": "partial",
        "question": "what date",
        "kind": "partial",
        "documents": {"t02": 1},
        "missing": "the date",
    },
)
RIGHT = {
    "back arches": answer(NAVEL),
    "hamstring cramps": answer(LEAD),
    "tax return": refusal(),
    "numb saddle": urgent(),
    "in or out": answer(NAVEL, BRACE),
    "what date": partial(NAVEL),
}
GATE_LINES = """
all:
  exact-quote: ">= 1"
covered:
  cited-right: ">= 0.95"
  nDCG@10: ">= 0.9"
out_of_scope:
  false-answer: "<= 0.05"
"""


@dataclass(frozen=True)
class FakeHit:
    document: Document


@dataclass
class FakeEngine:
    """Answers from a table; a callable in it is called instead."""

    answers: dict[str, Any]
    ranking: dict[str, Sequence[Document]] = field(default_factory=lambda: {"hamstring cramps": [CRAMP]})
    corpus: tuple[Document, ...] = CORPUS
    asked: list[str] = field(default_factory=list)

    def warm(self) -> None:
        assert not self.asked, "warmed after the first question"

    def ask(self, question: str, history: Sequence[str] = ()) -> Answer:
        self.asked.append(question)
        given = self.answers[question]
        result: Answer = given() if callable(given) else given
        return result

    def search(self, question: str, limit: int = 20) -> list[FakeHit]:
        return [FakeHit(found) for found in self.ranking.get(question, [OLDERMAN])][:limit]

    def documents(self) -> tuple[Document, ...]:
        return self.corpus


Evaluate = Callable[..., int]


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    corpus = tmp_path / "corpus"
    corpus.mkdir()
    (corpus / "questions.jsonl").write_text("".join(json.dumps(line) + "\n" for line in SET), encoding="utf-8")
    (corpus / GATE).write_text(GATE_LINES, encoding="utf-8")
    return Settings(corpus=corpus, runs=tmp_path / "runs")


@pytest.fixture
def evaluate(settings: Settings) -> Evaluate:
    def run(*argv: str, engine: FakeEngine | None = None, search: SearchFolder | None = None) -> int:
        return main(argv, settings, lambda _: engine or FakeEngine(dict(RIGHT)), search)

    return run


def reports(settings: Settings) -> list[Path]:
    return sorted(settings.runs.glob("*/report.json"))


def report(settings: Settings) -> dict[str, Any]:
    fields: dict[str, Any] = json.loads(reports(settings)[-1].read_text(encoding="utf-8"))
    return fields


def failing(error: BaseException) -> Callable[[], Answer]:
    def fail() -> Answer:
        raise error

    return fail


def test_a_run_in_which_all_is_right_holds_the_gate(
    evaluate: Evaluate, capsys: pytest.CaptureFixture[str], settings: Settings
) -> None:
    assert evaluate() == 0
    shown = capsys.readouterr().out
    assert "gate: 4 of 4 thresholds hold" in shown
    assert re.search(r"^right +1\.000 +1\.000", shown, re.MULTILINE)
    assert [result["outcome"] for result in report(settings)["results"]] == ["right"] * 6
    assert report(settings)["complete"] is True


def test_a_damaged_retriever_fails_the_gate_which_names_what_fell_short_and_by_how_much(
    evaluate: Evaluate, capsys: pytest.CaptureFixture[str]
) -> None:
    broken = dict.fromkeys(RIGHT, answer(LEAD))
    assert evaluate("--gate", engine=FakeEngine(broken, ranking={asked: [CRAMP] for asked in RIGHT})) == 1
    shown = capsys.readouterr().out
    assert "covered cited-right >= 0.95: 0.5, short by 0.45" in shown
    assert "covered nDCG@10 >= 0.9: 0.5, short by 0.4" in shown
    assert "out_of_scope false-answer <= 0.05: 1, short by 0.95" in shown


def test_without_the_gate_option_only_the_count_is_shown(
    evaluate: Evaluate, capsys: pytest.CaptureFixture[str]
) -> None:
    assert evaluate(engine=FakeEngine(RIGHT | {"tax return": answer(NAVEL)})) == 1
    assert "gate: 3 of 4 thresholds hold; --gate names the others\n" in capsys.readouterr().out


@pytest.mark.parametrize("error", [ZeroDivisionError("by nothing"), QuestionError("the question is empty")])
def test_a_question_that_crashes_scores_worst_and_is_listed(
    evaluate: Evaluate, settings: Settings, capsys: pytest.CaptureFixture[str], error: Exception
) -> None:
    assert evaluate(engine=FakeEngine(RIGHT | {"back arches": failing(error)})) == 1
    assert (
        f"no result: q1 {'' if isinstance(error, QuestionError) else 'ZeroDivisionError: '}{error}"
        in capsys.readouterr().out
    )
    crashed = report(settings)["results"][0]
    assert (crashed["outcome"], crashed["kind"]) == ("no result", None)
    assert isinstance(error, QuestionError) or re.search(r" \(test_evaluation\.py:\d+\)$", crashed["error"])
    assert crashed["scores"]["cited-right"] == 0.0 and crashed["scores"]["false-refusal"] == 1.0
    assert report(settings)["summary"]["covered"]["cited-right"]["mean"] == 0.5


def test_a_broken_index_stops_the_run_and_keeps_what_is_done(evaluate: Evaluate, settings: Settings) -> None:
    with pytest.raises(IndexDamaged):
        evaluate(engine=FakeEngine(RIGHT | {"tax return": failing(IndexDamaged("the index does not open"))}))
    assert report(settings)["complete"] is False
    assert len(report(settings)["results"]) == 2


def test_ctrl_c_keeps_what_is_done_and_resume_asks_only_the_rest(
    evaluate: Evaluate, settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    assert evaluate(engine=FakeEngine(RIGHT | {"numb saddle": failing(KeyboardInterrupt())})) == 2
    name = reports(settings)[0].parent.name
    said = capsys.readouterr().err
    assert "Stopped after 3 of 6 questions" in said
    assert f"python -m assistant evaluate --resume {name}\n" in said
    assert report(settings)["complete"] is False
    rest = FakeEngine(dict(RIGHT))
    assert evaluate("--resume", name, engine=rest) == 0
    assert rest.asked == ["numb saddle", "in or out", "what date"]
    assert len(reports(settings)) == 1 and len(report(settings)["results"]) == 6


def test_resuming_over_another_corpus_is_refused(evaluate: Evaluate, settings: Settings) -> None:
    evaluate()
    other = FakeEngine(dict(RIGHT), corpus=(*CORPUS, document("t99-new.nhs", "New words.")))
    with pytest.raises(EvaluationError, match=r"asked corpus .* now they are"):
        evaluate("--resume", reports(settings)[0].parent.name, engine=other)


def test_resuming_a_whole_run_shows_it_again_and_asks_nothing(evaluate: Evaluate, settings: Settings) -> None:
    evaluate()
    again = FakeEngine({})
    assert evaluate("--resume", reports(settings)[0].parent.name, engine=again) == 0
    assert again.asked == []


def test_a_changed_question_is_asked_again_on_resume(evaluate: Evaluate, settings: Settings) -> None:
    evaluate()
    path = settings.corpus / "questions.jsonl"
    path.write_text(path.read_text().replace("tax return", "tax form"))
    again = FakeEngine({"tax form": refusal()})
    assert evaluate("--resume", reports(settings)[0].parent.name, engine=again) == 0
    assert again.asked == ["tax form"]


def test_a_comparison_shows_what_flipped_both_ways_with_p_values(
    evaluate: Evaluate, settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    evaluate(engine=FakeEngine(RIGHT | {"tax return": answer(NAVEL)}))
    capsys.readouterr()
    evaluate("--compare", "last", engine=FakeEngine(RIGHT | {"back arches": refusal()}))
    shown = capsys.readouterr().out
    assert "gained 1\n  q3  tax return\n        answered, though not covered -> right" in shown
    assert "lost 1\n  q1  back arches\n        right -> refused, though covered" in shown
    assert re.search(r"^all false-answer +1 -> 0  \(-1\)  p=1\.000  n=1$", shown, re.MULTILINE)
    assert re.search(r"^all AUROC ", shown, re.MULTILINE)


def test_a_comparison_leaves_out_questions_that_were_changed(evaluate: Evaluate, settings: Settings) -> None:
    evaluate()
    run = load_run(reports(settings)[0])
    first = run.results[0]
    changed = replace(run, results=(replace(first, question=replace(first.question, text="new")), *run.results[1:]))
    assert compare(run, changed).left_out == 2
    assert all(difference.p in (1.0, None) for difference in compare(run, run).differences)
    with pytest.raises(EvaluationError, match="no question in common"):
        compare(replace(run, results=(first,)), replace(changed, results=changed.results[:1]))


def test_a_measure_that_arose_in_no_common_question_is_not_compared() -> None:
    rows = differences(
        "all", {"q1": {"right": 1.0, "exact-quote": 1.0}}, {"q1": {"right": 0.0, "urgent-no-advice": 1.0}}
    )
    assert [(row.measure, row.before, row.after, row.count) for row in rows] == [("right", 1.0, 0.0, 1)]


def test_part_of_the_set_is_not_held_to_thresholds_on_the_rest(evaluate: Evaluate, settings: Settings) -> None:
    assert evaluate("--class", "covered", "--class", "urgent") == 0
    assert [result["question"]["id"] for result in report(settings)["results"]] == ["q1", "q2", "q4"]
    assert evaluate("--limit", "2") == 0
    assert len(report(settings)["results"]) == 2


def test_a_threshold_on_what_nothing_measures_is_not_met() -> None:
    threshold = Threshold("urgent", "urgent-sensitivity", Bound.AT_LEAST, 0.99)
    assert shortfalls({}, [threshold], restricted=False) == (Shortfall(threshold, None),)
    assert shortfalls({}, [threshold], restricted=True) == ()
    assert "not measured" in str(Shortfall(threshold, None))


def test_a_mean_that_floating_point_puts_just_below_the_limit_holds() -> None:
    assert Threshold(ALL, "right", Bound.AT_LEAST, 0.3).holds(0.1 + 0.1 + 0.1 - 1e-12)
    assert not Threshold(ALL, "right", Bound.AT_LEAST, 0.3).holds(0.2999)


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (
            'covered:\n  cited-right: ">= 0.9"\n  cited-rigth: ">= 0.9"\n',
            r"gate\.yaml:3: unknown measure 'cited-rigth'; .*did you mean 'cited-right'",
        ),
        ('coverd:\n  cited-right: ">= 0.9"\n', r"gate\.yaml:2: unknown class 'coverd'; expected one of all, covered"),
        ("covered:\n  cited-right: 0.9\n", r'gate\.yaml:2: cited-right is \'0\.9\'; expected ">= 0\.95"'),
        ("- covered\n", r"gate\.yaml:1: expected class, then measure"),
        ("covered: [", r"gate\.yaml is not YAML"),
        ("# nothing\n", "holds no threshold"),
        ("covered:\n", "holds no threshold"),
        ("covered: 0.9\n", r"gate\.yaml:1: expected class, then measure"),
    ],
)
def test_a_bad_gate_is_refused_with_file_and_line(
    evaluate: Evaluate, settings: Settings, content: str, expected: str
) -> None:
    (settings.corpus / GATE).write_text(content, encoding="utf-8")
    with pytest.raises(EvaluationError, match=expected):
        evaluate()
    assert not reports(settings), "something was asked although the gate cannot be read"


def test_without_a_gate_file_a_run_passes_unless_the_gate_is_asked_for(evaluate: Evaluate, settings: Settings) -> None:
    (settings.corpus / GATE).unlink()
    assert evaluate(engine=FakeEngine(dict.fromkeys(RIGHT, refusal()))) == 0
    with pytest.raises(EvaluationError, match=r"gate\.yaml cannot be read"):
        evaluate("--gate")


def test_the_gate_of_the_project_can_be_read() -> None:
    gate = read_gate(ROOT / "corpus" / GATE)
    assert {"covered", "out_of_scope", "urgent"} <= {threshold.group for threshold in gate}


@pytest.mark.parametrize("argv", [["--class", "coverd"], ["--limit", "0"], ["--limit", "x"], ["--nonsense"]])
def test_a_wrong_option_ends_with_2(evaluate: Evaluate, argv: list[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        evaluate(*argv)
    assert caught.value.code == 2


def test_a_run_that_cannot_be_read_is_refused_before_anything_is_asked(evaluate: Evaluate, settings: Settings) -> None:
    with pytest.raises(EvaluationError, match="no complete run is in"):
        evaluate("--compare", "last")
    evaluate()
    path = reports(settings)[0]
    whole = path.read_text()
    for damaged in (whole[:-40], "[]", "{}", whole.replace('"outcome": "right"', '"outcome": "rihgt"')):
        path.write_text(damaged)
        engine = FakeEngine(dict(RIGHT))
        with pytest.raises(EvaluationError, match="is not a whole report"):
            evaluate("--compare", path.parent.name, engine=engine)
        assert not engine.asked


def test_a_run_is_read_back_as_it_was_written(evaluate: Evaluate, settings: Settings) -> None:
    evaluate()
    run = load_run(reports(settings)[0])
    results = [result_of(Observation(result.question, RIGHT[result.question.text])) for result in run.results]
    assert [result.kind for result in run.results] == [result.kind for result in results]
    assert [result.statements for result in run.results] == [result.statements for result in results]
    assert summarise(run.results)["covered"]["cited-right"].mean == 1.0


def test_confidence_is_judged_on_clear_questions_only(evaluate: Evaluate, settings: Settings) -> None:
    evaluate()
    values = report(settings)["summary"]["all"]
    # q1, q2 and q5 are covered at 0.9, q3 is not at 0.1: four bins of one, each 0.1 off.
    assert (values["AUROC"]["mean"], values["AUROC"]["count"]) == (1.0, 4)
    assert values["ECE"]["mean"] == pytest.approx(0.1)
    assert values["cited-right"]["low"] == pytest.approx(0.51, abs=0.01)


def test_a_crash_counts_as_wholly_mistaken_confidence(evaluate: Evaluate, settings: Settings) -> None:
    crash = failing(ValueError("odd"))
    evaluate(engine=FakeEngine(RIGHT | {"back arches": crash, "tax return": crash}))
    values = report(settings)["summary"]["all"]
    # q1 counts as 0 and q3 as 1; q2 and q5 stand between them: of three pairs none is in the right order.
    assert values["AUROC"]["mean"] == 0.0
    assert values["ECE"]["mean"] == pytest.approx((1.0 + 1.0 + 0.1 + 0.1) / 4)


def test_the_whole_set_is_held_to_a_threshold_that_none_of_it_asks_for(evaluate: Evaluate, settings: Settings) -> None:
    (settings.corpus / GATE).write_text('truncated:\n  gap-stated: ">= 0.5"\n', encoding="utf-8")
    assert evaluate() == 1
    assert evaluate("--limit", "5") == 0


def test_reports_are_for_their_owner_only(evaluate: Evaluate, settings: Settings) -> None:
    evaluate()
    folder = reports(settings)[0].parent
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert {stat.S_IMODE(file.stat().st_mode) for file in folder.iterdir()} == {0o600}
    assert {file.name for file in folder.iterdir()} == {"report.json", "report.html"}


def test_json_is_one_object_with_summary_gate_and_comparison(
    evaluate: Evaluate, capsys: pytest.CaptureFixture[str]
) -> None:
    evaluate()
    capsys.readouterr()
    evaluate("--json", "--compare", "last")
    fields = json.loads(capsys.readouterr().out)
    assert fields["summary"]["all"]["right"]["mean"] == 1.0
    assert fields["gate"] == {"thresholds": 4, "missed": []}
    assert fields["comparison"]["gained"] == []
    assert fields["confusion"]["urgent"]["urgent"] == 1


class Tags(HTMLParser):
    """Collects the tags and attributes of a page."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += attrs


def hostile_page() -> str:
    bad = "<img src=x onerror=alert(1)></script><script>alert(2)</script>\"'&\x00\ud800"
    said = document("t02-back-arches.olderman", f"Pull the navel in {bad}.")
    line = json.dumps(
        {"id": f"q{bad}", "class": "covered", "question": bad, "kind": "answered", "documents": {"t02": 2}, "note": bad}
    )
    question = parse_question(line)
    given = replace(answer((said, said.text)), missing=(bad,))
    results = (
        result_of(Observation(question, given, (said,), {said.id: said}), 3.0),
        result_of(Observation(question, None), error=bad),
    )
    run = Run(bad, bad, "digest", "set.jsonl", ("a", "b"), False, results)
    return html_page(run, (), (), compare(run, replace(run, results=results[::-1])))


def test_the_page_escapes_whatever_it_shows() -> None:
    page = Tags(hostile_page())
    assert page.tags.count("script") == 1 and "img" not in page.tags
    assert not [name for name, _ in page.attributes if name.startswith("on")]


def test_the_page_needs_nothing_from_outside() -> None:
    page = hostile_page()
    tags = Tags(page)
    assert not {name for name, _ in tags.attributes} & {"src", "href", "srcset", "action"}
    assert not {"link", "iframe", "object", "base"} & set(tags.tags)
    assert "url(" not in page and "@import" not in page
    assert "default-src 'none'" in page


def test_the_page_shows_question_expectation_answer_and_citation(evaluate: Evaluate, settings: Settings) -> None:
    evaluate(engine=FakeEngine(RIGHT | {"back arches": answer(LEAD)}))
    page = (reports(settings)[0].parent / "report.html").read_text(encoding="utf-8")
    for words in (
        "back arches",
        "Judged documents (grade): t02 (2)",
        "Here is what to do:",
        "[1] Olderman, Title of t03",
    ):
        assert words in page
    assert 'data-class="covered" data-outcome="wrong source"' in page
    assert DISCLAIMER in page
    assert page.count("<svg") == 3
    assert page.count(">not judged relevant<") == 1 and page.count(">judged relevant<") == 4


@pytest.mark.browser
def test_the_page_filters_by_class_and_failure_in_a_browser(evaluate: Evaluate, settings: Settings) -> None:
    from playwright.sync_api import sync_playwright

    chromium = shutil.which("chromium")
    if not chromium:
        pytest.skip("no chromium is installed")
    evaluate(engine=FakeEngine(RIGHT | {"back arches": answer(LEAD), "tax return": answer(NAVEL)}))
    with sync_playwright() as browsers:
        browser = browsers.chromium.launch(executable_path=chromium)
        page = browser.new_page()
        errors: list[str] = []
        page.on("console", lambda message: errors.append(message.text))
        page.goto((reports(settings)[0].parent / "report.html").as_uri())
        counts = [page.locator("details.q:visible").count()]
        page.select_option("#outcome", "any failure")
        counts.append(page.locator("details.q:visible").count())
        page.select_option("#class", "covered")
        counts.append(page.locator("details.q:visible").count())
        words = page.locator("#shown").text_content()
        browser.close()
    assert (counts, words, errors) == ([6, 2, 1], "1 of 6 questions", [])


@pytest.fixture
def public(tmp_path: Path) -> Path:
    folder = tmp_path / "tiny"
    (folder / "qrels").mkdir(parents=True)
    (folder / "qrels" / "test.tsv").write_text("query-id\tcorpus-id\tscore\nu1\td1\t1\nu2\td2\t1\n")
    (folder / "queries.jsonl").write_text('{"_id": "u1", "text": "one"}\n{"_id": "u2", "text": "two"}\n')
    (folder / "corpus.jsonl").write_text(
        '{"_id": "d1", "title": "T", "text": "A."}\n{"_id": "d2", "title": "T", "text": "B."}\n'
    )
    return folder


def in_order(*ids: str) -> SearchFolder:
    def prepare(documents: Iterable[Document], settings: Settings) -> Callable[[str, int], list[tuple[str, float]]]:
        assert {document.id for document in documents} == {"d1", "d2"}
        return lambda question, limit: [(id, 1.0 - place / 10) for place, id in enumerate(ids)][:limit]

    return prepare


def test_a_public_set_is_measured_and_compared(
    evaluate: Evaluate, public: Path, settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    assert evaluate("--beir", str(public), search=in_order("d1")) == 0
    assert re.search(r"^RR +0\.5000$", capsys.readouterr().out, re.MULTILINE)
    assert evaluate("--beir", str(public), "--compare", "last", search=in_order("d1", "d2")) == 0
    assert re.search(r"^tiny RR +0\.5 -> 0\.75  \(\+0\.25\)  p=1\.000  n=2$", capsys.readouterr().out, re.MULTILINE)
    assert report(settings)["scores"]["u2"]["RR"] == 0.5


def test_a_run_over_a_public_set_is_not_taken_for_one_over_the_question_set(
    evaluate: Evaluate, public: Path, settings: Settings
) -> None:
    evaluate("--beir", str(public), search=in_order("d1"))
    with pytest.raises(EvaluationError, match="no complete run"):
        evaluate("--compare", "last")
    with pytest.raises(EvaluationError, match="is a run over a public set"):
        evaluate("--compare", reports(settings)[0].parent.name)


def test_ctrl_c_during_a_public_set_ends_with_2_and_marks_the_report(
    evaluate: Evaluate, public: Path, settings: Settings
) -> None:
    def prepare(documents: Iterable[Document], settings: Settings) -> Callable[[str, int], list[tuple[str, float]]]:
        def search(question: str, limit: int) -> list[tuple[str, float]]:
            if question == "two":
                raise KeyboardInterrupt
            return [("d1", 1.0)]

        return search

    assert evaluate("--beir", str(public), search=prepare) == 2
    assert report(settings)["complete"] is False and list(report(settings)["scores"]) == ["u1"]


FEEDBACK = (
    {"verdict": "not helpful", "question": "old one"},
    {"verdict": "helpful", "question": "liked"},
    {"verdict": "not helpful"},
    {"verdict": "not helpful", "question": "Back  ARCHES"},
    {"verdict": "not helpful", "question": "my spine dips", "comment": "wrong page"},
)


@pytest.fixture
def feedback(tmp_path: Path) -> Path:
    path = tmp_path / "feedback.jsonl"
    path.write_text("".join(json.dumps(entry) + "\n" for entry in FEEDBACK), encoding="utf-8")
    return path


def typing(*lines: str) -> Callable[[str], str]:
    given: Iterator[str] = iter(lines)

    def prompt(words: str) -> str:
        try:
            return next(given)
        except StopIteration:
            raise EOFError from None

    return prompt


def test_a_thumbs_down_becomes_a_question_after_a_curator_has_judged_it(feedback: Path, settings: Settings) -> None:
    path, said = settings.corpus / "questions.jsonl", list[str]()
    typed = typing("1", "coverd", "t02=2", "covered", "t02", "covered", "t02=2, t03=1", "y")
    assert curate(read_complaints(feedback), path, CORPUS, typed, said.append) == 1
    added = read_questions(path, CORPUS)[-1]
    assert (added.id, added.text, dict(added.documents)) == ("q007", "my spine dips", {"t02": 2, "t03": 1})
    assert added.note == "from feedback: wrong page"
    assert "did you mean 'covered'" in "".join(said) and "'t02' has no grade" in "".join(said)


def test_only_a_thumbs_down_with_a_question_that_is_not_in_the_set_is_offered(
    feedback: Path, settings: Settings
) -> None:
    assert [complaint.question for complaint in read_complaints(feedback)] == [
        "my spine dips",
        "Back  ARCHES",
        "old one",
    ]
    said: list[str] = []
    curate(read_complaints(feedback), settings.corpus / "questions.jsonl", CORPUS, typing(), said.append)
    assert said == ["  1  my spine dips  (wrong page)\n", "  2  old one\n"]


@pytest.mark.parametrize(
    "typed", [(), ("",), ("9",), ("1",), ("1", "covered", "t02=2"), ("1", "covered", "t02=2", "n")]
)
def test_nothing_is_added_without_a_yes(feedback: Path, settings: Settings, typed: tuple[str, ...]) -> None:
    path = settings.corpus / "questions.jsonl"
    before = path.read_bytes()
    assert curate(read_complaints(feedback), path, CORPUS, typing(*typed), lambda words: None) == 0
    assert path.read_bytes() == before


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        (("1", "out_of_scope", "y"), {"class": "out_of_scope", "kind": "abstained", "documents": {}}),
        (("1", "urgent", "t87=2", "y"), {"class": "urgent", "kind": "urgent", "documents": {"t87": 2}}),
        (("1", "partial", "t02=1", "the date", "y"), {"class": "partial", "kind": "partial", "missing": "the date"}),
        (("1", "opposing", "t02=2", "in; out", "y"), {"class": "opposing", "kind": "answered", "views": ["in", "out"]}),
        (("1", "follow_up", "t02=2", "y"), {"class": "follow_up", "history": ["cramp?"]}),
    ],
)
def test_each_class_asks_for_what_it_needs(
    settings: Settings, typed: tuple[str, ...], expected: dict[str, Any]
) -> None:
    path = settings.corpus / "questions.jsonl"
    path.write_bytes(path.read_bytes().rstrip(b"\n"))  # a set whose last line is not ended
    complaint = Complaint("and then?", ("cramp?",))
    assert curate([complaint], path, CORPUS, typing(*typed), lambda words: None) == 1
    added = json.loads(path.read_text(encoding="utf-8").splitlines()[-1])
    assert expected.items() <= added.items()


def test_the_command_says_when_no_feedback_waits(
    evaluate: Evaluate, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "none.jsonl"
    path.write_text('{"verdict": "helpful", "question": "liked"}\n')
    assert evaluate("--from-feedback", "--feedback", str(path)) == 0
    assert capsys.readouterr().out.startswith("No thumbs-down with a question is waiting.\n0 questions added")


def test_broken_feedback_is_refused_with_file_and_line(tmp_path: Path) -> None:
    path = tmp_path / "feedback.jsonl"
    path.write_text('{"verdict": "helpful"}\n{"verdict"\n')
    with pytest.raises(EvaluationError, match=r"feedback\.jsonl:2: broken JSON"):
        read_complaints(path)


def test_a_new_question_gets_the_next_number(settings: Settings) -> None:
    questions = read_questions(settings.corpus / "questions.jsonl", CORPUS)
    assert next_id(questions) == "q007"
    assert next_id([replace(questions[0], id="odd")]) == "q001"


def test_every_outcome_has_a_colour_in_light_and_dark() -> None:
    style = (ROOT / "assistant" / "plots.css").read_text(encoding="utf-8")
    for place in range(len(Outcome)):
        assert style.count(f"--v{place}:") == 2
        assert f".tag.v{place}{{" in style


def test_the_documentation_names_every_measure_class_and_option() -> None:
    words = (ROOT / "docs" / "evaluation.md").read_text(encoding="utf-8")
    options = re.findall(r"(?<!\S)(--[a-z-]+)", _parser().format_help())
    for name in (*NAMES, *Category, *Outcome, *set(options) - {"--help"}):
        assert f"`{name}" in words, f"docs/evaluation.md does not name {name}"
