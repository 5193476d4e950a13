"""The doors as a user opens them: what they print, how they exit, and that nothing heavy is loaded before it is needed."""

import io
import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import ingest
from assistant import __main__ as door
from assistant import answering, embedding, ingestion, taking_in
from assistant.builds import Builds
from assistant.feedback import Notebook
from assistant.rendering import to_json
from assistant.schema import DISCLAIMER
from tests.corpus_files import BREATHING, DRAW_IN, FILES, NEVER_HOLD, Expert, World, copied, made, page, write
from tests.fake_model import FakeEmbedder

ROOT = Path(__file__).parents[1]
HEAVY = [
    "bs4", "chromadb", "docx", "gradio", "langchain", "langchain_chroma", "langchain_core", "numpy", "onnxruntime", "pypdf", "scipy",
    "sentence_transformers", "syntok", "tokenizers", "torch", "transformers", "yaml",
]  # fmt: skip


@pytest.fixture(scope="module")
def indexed(tmp_path_factory: pytest.TempPathFactory) -> World:
    return made(tmp_path_factory.mktemp("cli"))


@pytest.fixture
def world(indexed: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> World:
    """A world that the settings name, asked with the fake model."""
    world = copied(indexed, tmp_path)
    monkeypatch.setenv("ASSISTANT_CORPUS", str(world.corpus))
    monkeypatch.setenv("ASSISTANT_INDEX", str(world.index))
    for room in (answering, ingestion):
        monkeypatch.setattr(room, "load_embedder", lambda model, cache: FakeEmbedder())
    return world


class Ran:
    """One call of a door."""

    def __init__(self, status: int, printed: tuple[str, str]) -> None:
        self.status = status
        self.out, self.err = printed

    @property
    def objects(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.out.splitlines()]


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Any:
    """Run ``python -m assistant`` or, with "ingest.py" first, that script."""

    def run(*arguments: str) -> Ran:
        monkeypatch.setattr(sys, "argv", ["door", *arguments[arguments[0] == "ingest.py" :]])
        try:
            status = ingest.main() if arguments[0] == "ingest.py" else door.main()
        except SystemExit as stopped:  # argparse
            status = int(stopped.code or 0)
        captured = capsys.readouterr()
        assert "Traceback" not in captured.err
        return Ran(status, (captured.out, captured.err))

    return run


def batch(tmp_path: Path, *lines: str | bytes) -> str:
    path = tmp_path / "batch.jsonl"
    path.write_bytes(b"\n".join(line if isinstance(line, bytes) else line.encode() for line in lines) + b"\n")
    return str(path)


# python -m assistant ask


def test_a_question_is_answered_with_its_sources_and_the_disclaimer(world: World, run: Any) -> None:
    ran = run("ask", *BREATHING.split())
    assert ran.status == 0 and ran.err == ""
    assert NEVER_HOLD in ran.out and "Maren Holt" in ran.out and "https://www.example.org/plank" in ran.out
    assert "not medical advice" in " ".join(ran.out.split())


def test_the_structured_answer_has_the_fields_that_others_rely_on(world: World, run: Any) -> None:
    ran = run("ask", "--json", BREATHING)
    (answer,) = ran.objects
    assert answer["kind"] == "answered" and answer["disclaimer"] == DISCLAIMER and isinstance(answer["related"], list)
    for statement in answer["statements"]:
        assert {"text", "citations"} <= statement.keys()
    for number, citation in enumerate(answer["citations"], 1):
        assert {"number", "quote", "document", "start", "end", "source"} <= citation.keys() and citation[
            "number"
        ] == number
        assert {"title", "author", "credential", "publisher", "url", "kind", "truncated"} <= citation["source"].keys()
        document = world.documents()[citation["document"]]
        assert citation["version"] == document.hash[:12]
        text = document.text
        assert text[citation["start"] : citation["end"]] == citation["quote"]
    assert {number for statement in answer["statements"] for number in statement["citations"]} == {
        citation["number"] for citation in answer["citations"]
    }


@pytest.mark.parametrize(
    ("question", "kind"),
    [
        (BREATHING, "answered"),
        ("how many squats to do for a sore kneecap", "partial"),
        ("who won the football cup", "abstained"),
        ("my legs are numb between and I cannot pee", "urgent"),
    ],
)
def test_every_kind_of_answer_carries_the_disclaimer_in_text_and_json(
    world: World, run: Any, question: str, kind: str
) -> None:
    (answer,) = run("ask", "--json", question).objects
    assert (answer["kind"], answer["disclaimer"]) == (kind, DISCLAIMER)
    assert "not medical advice" in " ".join(run("ask", question).out.split())


def test_earlier_questions_are_given_oldest_first(world: World, run: Any) -> None:
    (answer,) = run(
        "ask", "--json", "--history", "does the wall sit train thighs", "--history", BREATHING, "and for how long?"
    ).objects
    assert answer["citations"][0]["document"].startswith("s01")


@pytest.mark.parametrize(
    ("question", "message"),
    [
        ([], "the question is empty"),
        ([" "], "the question is empty"),
        (["x" * 10_000], "has 10,000 characters; at most 2,000"),
    ],
)
def test_a_question_that_cannot_be_asked_is_a_clear_error(
    world: World, run: Any, question: list[str], message: str
) -> None:
    ran = run("ask", *question)
    assert ran.status == 2 and ran.out == "" and ran.err.startswith("error: ") and message in ran.err


def test_without_an_index_the_command_that_builds_it_is_named(world: World, run: Any) -> None:
    (world.index / "CURRENT").unlink()
    for arguments in (("ask", BREATHING), ("ask", "--batch", os.devnull), ("show", "s01")):
        ran = run(*arguments)
        assert ran.status == 2 and "there is no index" in ran.err and "python ingest.py" in ran.err


def test_a_damaged_index_is_named_with_its_cure(world: World, run: Any) -> None:
    (world.build / "catalog.sqlite").write_bytes(b"")
    ran = run("ask", BREATHING)
    assert ran.status == 2 and "is not as it was written" in ran.err and "ingest.py --rebuild" in ran.err


def test_an_unknown_setting_is_named(world: World, run: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ASSISTANT_PROT", "80")
    for arguments in (("ask", BREATHING), ("ingest.py",)):
        ran = run(*arguments)
        assert ran.status == 2 and "no setting is called ASSISTANT_PROT" in ran.err and "ASSISTANT_PORT" in ran.err


@pytest.mark.parametrize("arguments", [("aks",), (), ("ask", "--jsn", "x"), ("show",), ("ingest.py", "--rebuld")])
def test_a_command_that_there_is_not_gets_the_usage(
    run: Any, arguments: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    ran = run(*(arguments or ("",)))
    assert ran.status == 2 and "usage:" in ran.err


# python -m assistant ask --batch


def test_a_batch_prints_one_answer_a_line_with_the_ids_that_were_given(world: World, run: Any, tmp_path: Path) -> None:
    lines = [
        json.dumps({"id": "q1", "question": BREATHING}),
        "",
        json.dumps({"question": "and for how long?", "history": [BREATHING], "id": 7}),
        json.dumps({"question": "who won the football cup"}),
        json.dumps({"id": None, "question": BREATHING, "history": None, "more": "left alone"}),
    ]
    ran = run("ask", "--batch", batch(tmp_path, *lines))
    assert ran.status == 0 and [answer.get("id") for answer in ran.objects] == ["q1", 7, None, None]
    assert ran.objects[1]["citations"][0]["document"].startswith("s01") and ran.objects[2]["kind"] == "abstained"
    assert ran.objects[0]["statements"] == ran.objects[3]["statements"]


BROKEN = [
    "not json",
    '{"question": "cut',
    "[]",
    '"plank"',
    "3",
    "null",
    "{}",
    '{"id": "x"}',
    '{"question": null}',
    '{"question": 3}',
    '{"question": ["plank"]}',
    '{"question": ""}',
    '{"question": "?"}',
    json.dumps({"question": "x" * 3000}),
    '{"question": "plank", "history": 5}',
    '{"question": "plank", "history": "a plank"}',
    '{"question": "plank", "history": {"a": 1}}',
    "[" * 100_000,
    '{"question": ' * 10_000,
    b"\xff\xfe\x00",
    "\x00",
]


@pytest.mark.parametrize("line", BROKEN, ids=range(len(BROKEN)))
def test_a_broken_line_of_a_batch_gives_an_error_and_the_others_are_answered(
    world: World, run: Any, tmp_path: Path, line: str | bytes
) -> None:
    good = json.dumps({"id": "good", "question": BREATHING})
    ran = run("ask", "--batch", batch(tmp_path, good, line, good))
    before, error, after = ran.objects
    assert ran.status == 1 and before == after and before["kind"] == "answered"
    assert error["error"].startswith("line 2: ") and "line 2: line 2" not in error["error"] and "kind" not in error


@pytest.mark.parametrize(
    "line",
    [
        '{"question": "plank breathing", "history": ["", " ", "?", 3, null]}',
        '{"question": "plank breathing\\u0000\\ud800"}',
        '{"question": "plank breathing", "id": "\\ud800"}',
        '{"question": "plank breathing", "id": {"deep": [1, NaN]}}',
        b'{"question": "plank breathing \xff"}',
        '  {"question": "plank breathing"}  ',
    ],
    ids=range(6),
)
def test_an_odd_line_of_a_batch_is_answered_all_the_same(
    world: World, run: Any, tmp_path: Path, line: str | bytes
) -> None:
    ran = run("ask", "--batch", batch(tmp_path, line))
    assert ran.status == 0 and ran.objects[0]["kind"] == "answered"


def test_a_batch_file_that_is_not_there_is_named(world: World, run: Any, tmp_path: Path) -> None:
    for name in (str(tmp_path / "nowhere.jsonl"), str(tmp_path)):
        ran = run("ask", "--batch", name)
        assert ran.status == 2 and name in ran.err and "cannot be read" in ran.err


# python -m assistant show


def test_a_stored_document_is_shown_whole(world: World, run: Any) -> None:
    ran = run("show", "s01-plank-breathing.maren-holt")
    assert ran.status == 0 and world.documents()["s01-plank-breathing.maren-holt"].text in ran.out


@pytest.mark.parametrize("id", ["nobody", "", "\x00", "../catalog", "s01"])
def test_a_document_that_there_is_not_is_named(world: World, run: Any, id: str) -> None:
    ran = run("show", id)
    assert ran.status == 2 and f"no document is called {id!r}" in ran.err


# python ingest.py


def test_an_ingest_says_what_changed_and_what_the_index_holds(world: World, run: Any) -> None:
    (world.corpus / "answers/s01-plank-breathing.md").unlink()
    ran = run("ingest.py")
    assert ran.status == 0 and "removed   answers/s01-plank-breathing.md" in ran.out
    assert "answers: 8 in all, 0 added, 0 changed, 1 removed" in ran.out and "0 texts embedded anew" in ran.out


def test_an_ingest_if_changed_says_nothing_when_nothing_is_to_be_done(world: World, run: Any) -> None:
    ran = run("ingest.py", "--if-changed")
    assert (ran.status, ran.out, ran.err) == (0, "", "")
    (world.corpus / "answers/s01-plank-breathing.md").unlink()
    assert "1 removed" in run("ingest.py", "--if-changed").out


def test_an_ingest_if_changed_mends_a_damaged_index(world: World, run: Any) -> None:
    (world.build / "lexical.npz").write_bytes(b"")
    assert run("ingest.py", "--if-changed").status == 0
    assert run("ask", BREATHING).status == 0


def test_a_refused_file_is_named_and_the_status_says_so(world: World, run: Any, tmp_path: Path) -> None:
    (world.corpus / "answers/bad.md").write_text("nothing", encoding="utf-8")
    ran = run("ingest.py")
    assert ran.status == 1 and "refused   answers/bad.md: no front matter" in ran.out


def test_a_dry_run_changes_nothing(world: World, run: Any) -> None:
    (world.corpus / "answers/s01-plank-breathing.md").unlink()
    build = world.build
    ran = run("ingest.py", "--dry-run")
    assert ran.status == 0 and "1 would be removed" in ran.out and world.build == build


def test_an_emptied_corpus_needs_a_word_more(world: World, run: Any) -> None:
    for origin in FILES:
        (world.corpus / origin).unlink()
    ran = run("ingest.py")
    assert ran.status == 2 and "holds no answer" in ran.err and "--allow-empty" in ran.err
    assert run("ingest.py", "--allow-empty").status == 0


def test_a_path_that_is_not_there_is_named(world: World, run: Any, tmp_path: Path) -> None:
    ran = run("ingest.py", str(tmp_path / "nowhere.md"))
    assert ran.status == 2 and "there is no file or folder" in ran.err and "nowhere.md" in ran.err


def test_an_ingest_that_is_under_way_is_named(world: World, run: Any) -> None:
    with Builds(world.index).lock():
        ran = run("ingest.py")
    assert ran.status == 2 and f"another ingest (process {os.getpid()})" in ran.err


def pasted(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(text.encode())))


NEW = page("Is the crab walk hard?", Expert("Teo Brandt", "The crab walk is hard."))


def test_standard_input_is_taken_in_under_the_name_it_is_given(
    world: World, run: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    pasted(monkeypatch, NEW)
    assert "no file name" in run("ingest.py", "-").err
    pasted(monkeypatch, NEW)
    ran = run("ingest.py", "-", "--as", "../crab.md")
    assert ran.status == 0 and "added     added/crab.md" in ran.out
    assert (world.corpus / "added/crab.md").read_text(encoding="utf-8") == NEW
    assert "The crab walk is hard." in run("ask", "Is the crab walk hard?").out


def test_a_dry_run_shows_the_sentences_that_come_and_go(
    world: World, run: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = world.corpus / "answers/s02-navel-or-brace.md"
    path.write_text(path.read_text(encoding="utf-8").replace(DRAW_IN, "Maren Holt breathes."), encoding="utf-8")
    pasted(monkeypatch, NEW)
    ran = run("ingest.py", "--dry-run", "-", "--as", "crab.md")
    assert f"  - {DRAW_IN}\n  + Maren Holt breathes.\n    Then the plank starts." in ran.out
    assert (
        "added crab.teo-brandt: Is the crab walk hard?\n  Teo Brandt" in ran.out
        and "  + The crab walk is hard." in ran.out
    )
    assert "1 would be added, 1 would be changed, 0 would be removed" in ran.out
    assert not (world.corpus / "added").exists()


def test_a_removed_file_leaves_the_answers_and_lies_where_the_command_says(world: World, run: Any) -> None:
    ran = run("ingest.py", "--remove", "s01-plank-breathing")
    assert ran.status == 0 and "removed   answers/s01-plank-breathing.md" in ran.out
    place = Path(ran.out.splitlines()[0].partition(" to ")[2])
    assert place.read_text(encoding="utf-8") == FILES["answers/s01-plank-breathing.md"]
    assert "s01-plank-breathing.maren-holt" not in world.documents()
    assert "no corpus file is called" in run("ingest.py", "--remove", "s01-plank-breathing").err
    assert run("ingest.py", "--dry-run", "--remove", "s02-navel-or-brace").status == 2


def test_going_back_makes_the_build_before_live_and_holds_until_somebody_asks_for_an_ingest(
    world: World, run: Any
) -> None:
    first = world.build.name
    run("ingest.py", "--remove", "s01-plank-breathing")
    second = world.build.name
    ran = run("ingest.py", "--rollback")
    assert ran.status == 0 and f"build {first}" in ran.out and world.build.name == first
    assert "s01-plank-breathing.maren-holt" in world.documents()
    assert run("ingest.py", "--if-changed").out == "" and world.build.name == first
    log = run("ingest.py", "--log").out.splitlines()
    assert f"{second}  kept   8 answers: 0 added, 0 changed, 1 removed; 0 texts embedded" in log
    assert any(line.startswith(f"{first}  live ") for line in log)
    assert "    removed   answers/s01-plank-breathing.md" in log
    assert "1 removed" in run("ingest.py").out and "s01-plank-breathing.maren-holt" not in world.documents()


def test_there_is_no_going_back_behind_the_first_build(world: World, run: Any) -> None:
    ran = run("ingest.py", "--rollback")
    assert ran.status == 2 and "there is no whole build older than" in ran.err and "--log" in ran.err


def test_a_watcher_takes_in_each_change_and_says_an_error_once(
    world: World, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    changes: list[Callable[[], object]] = [
        lambda: (world.corpus / "answers/s10-crab.md").write_text(NEW, encoding="utf-8"),
        lambda: None,
        lambda: shutil.rmtree(world.corpus),
        lambda: None,
        lambda: write(world.corpus),
    ]
    monkeypatch.setattr(time, "sleep", lambda seconds: changes.pop(0)())
    taking_in.watch(world.settings, len(changes))
    printed = capsys.readouterr()
    assert printed.out.count("answers: ") == 2 and "1 added" in printed.out and "1 removed" in printed.out
    assert printed.err.count("holds neither answers/ nor books/") == 1
    assert "s10-crab.teo-brandt" not in world.documents()


# Processes of their own.


def process(*arguments: str, given: str | None = None, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=ROOT,
        env={**os.environ, **environment},
        input=given,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def test_another_process_answers_a_batch_to_the_last_digit_alike(indexed: World) -> None:
    asked = [BREATHING, "broken", "how does Pilates brace or draw the navel in a plank", "膝が痛い plank breathing"]
    lines = "\n".join(one if one == "broken" else json.dumps({"question": one}) for one in asked)
    arguments = ("-m", "tests.with_fake_model", "-m", "assistant", "ask", "--batch", "-")
    ran = process(*arguments, given=lines, ASSISTANT_INDEX=str(indexed.index), PYTHONIOENCODING="ascii")
    assert ran.returncode == 1 and ran.stderr == ""
    first, error, *others = [json.loads(line) for line in ran.stdout.splitlines()]
    assert "line 2" in error["error"] and "“Pilates”" in others[0]["missing"][0] and DRAW_IN in json.dumps(others[0])
    assistant = indexed.assistant()  # of this process, whose sets come in another order
    assert [first, *others] == [to_json(assistant.ask(one)) for one in asked if one != "broken"]


def test_a_terminal_that_cannot_show_every_character_gets_the_rest(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    terminal = io.TextIOWrapper(io.BytesIO(), encoding="ascii")
    monkeypatch.setattr(sys, "stdout", terminal)
    assert door.main(["ask", "does Pilates help the navel or brace in a plank"]) == 0
    terminal.flush()
    assert b"?Pilates?" in terminal.buffer.getvalue()


def loaded_by(script: str) -> set[str]:
    ran = process(
        "-c", f"{script}\nimport sys; sys.stderr.write('LOADED ' + ' '.join(set(sys.modules) & set({HEAVY!r})))"
    )
    assert ran.returncode == 0, ran.stderr
    return set(ran.stderr.rpartition("LOADED ")[2].split())


AS_MAIN = """
import runpy, sys
sys.argv = {arguments!r}
try:
    runpy.{run}({what!r}, run_name="__main__")
except SystemExit as stopped:
    assert not stopped.code, stopped.code
"""


def test_importing_the_package_loads_nothing_heavy() -> None:
    assert loaded_by("import assistant, assistant.errors, assistant.settings, assistant.schema") == set()


@pytest.mark.parametrize("arguments", [["assistant", "--help"], ["assistant", "ask", "--help"]])
def test_asking_for_help_loads_nothing_heavy(arguments: list[str]) -> None:
    assert loaded_by(AS_MAIN.format(arguments=arguments, run="run_module", what="assistant")) == set()


def test_asking_the_ingest_for_help_loads_nothing_heavy() -> None:
    assert (
        loaded_by(AS_MAIN.format(arguments=["ingest.py", "--help"], run="run_path", what=str(ROOT / "ingest.py")))
        == set()
    )


def test_a_reader_that_goes_away_is_no_error(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    class Gone(io.StringIO):
        def write(self, text: str) -> int:
            raise BrokenPipeError

        def fileno(self) -> int:
            return os.open(os.devnull, os.O_WRONLY)

    monkeypatch.setattr(sys, "stdout", Gone())
    assert door.main(["ask", BREATHING]) == 0


def test_a_question_stopped_by_the_keyboard_ends_quietly(
    world: World, monkeypatch: pytest.MonkeyPatch, run: Any
) -> None:
    def stop(self: object, question: str, history: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(answering.Assistant, "ask", stop)
    ran = run("ask", BREATHING)
    assert ran.status == 130 and ran.err == "stopped\n"


def test_what_somebody_noted_gives_no_command_to_the_terminal(
    world: World, run: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(embedding, "load_embedder", lambda model, cache: FakeEmbedder())
    noted = Notebook(tmp_path / "notes")
    noted.note_question("How warm should the pool be?\x1b]0;owned\x07\x9b2J\rgone", "build")
    ran = run("gaps", "--folder", str(noted.folder))
    assert ran.status == 0
    assert "How warm should the pool be?" in ran.out
    assert not set("\x1b\x07\x9b\r") & set(ran.out)
