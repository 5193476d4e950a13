"""Names of files, pages and fields that would command a terminal, through every door that prints them."""

import json
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress

import pytest

import ingest
from assistant import __main__ as command_line
from assistant import answering, doctor, ingestion
from tests.corpus_files import BREATHING, FILES, World, made
from tests.fake_model import FakeEmbedder

OSC8 = "\x1b]8;;http://192.0.2.1/\x07click\x1b]8;;\x07"
COMMANDS = ("\x1b[2J", "\x1b]0;owned\x07", OSC8, "\x9b31m", "\u202egpj", "\u2066", "\r", "\x08", "\nerror: forged")
OBEYED = set("\x1b\x9b\x07\x08\r\x00\u202e\u2066")

Run = Callable[..., str]


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    """A corpus whose file names and whose fields are all commands; some files can be read and some cannot."""
    world = made(tmp_path_factory.mktemp("terminal"), {"answers/s01.md": FILES["answers/s01-plank-breathing.md"]})
    for number, command in enumerate(COMMANDS):
        words = f"{number} {command} words"
        record = {
            name: words
            for name in (
                "expert",
                "credential",
                "publisher",
                "title",
                "published",
                "reviewed",
                "licence",
                "url",
                "view",
            )
        }
        record |= {"question": f"Is {words} good?", "answer": f"It is {words}. It is good."}
        safe = command.replace("/", "")
        (world.corpus / "answers" / f"q{number}{safe}.jsonl").write_text(json.dumps(record))
        (world.corpus / "answers" / f"bad{number}{safe}.json").write_text("{" + words)
        (world.corpus / "answers" / f"page{number}{safe}.md").write_text(f"---\nquestion: {words}\n{words}: x\n---\n")
    return world


@pytest.fixture
def run(world: World, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Iterator[Run]:
    """Run a door and return all that it printed."""
    monkeypatch.setenv("ASSISTANT_CORPUS", str(world.corpus))
    monkeypatch.setenv("ASSISTANT_INDEX", str(world.index))
    for room in (answering, doctor, ingestion):
        monkeypatch.setattr(room, "load_embedder", lambda model, cache: FakeEmbedder())

    def run(main: Callable[[], int], *arguments: str) -> str:
        monkeypatch.setattr(sys, "argv", ["door", *arguments])
        with suppress(SystemExit):  # argparse
            main()
        printed = capsys.readouterr()
        return printed.out + printed.err

    yield run


def test_no_door_hands_a_command_to_the_terminal(world: World, run: Run) -> None:
    names = [os.path.basename(path) for path in (world.corpus / "answers").iterdir()]
    said = {
        "dry run": run(ingest.main, "--dry-run"),
        "ingest": run(ingest.main),
        "log": run(ingest.main, "--log"),
        "no such file": run(ingest.main, *COMMANDS),
        "no such name": run(ingest.main, *(word for command in COMMANDS for word in ("--remove", command))),
        "unknown option": run(ingest.main, *(f"--{command}" for command in COMMANDS)),
        "doctor": run(command_line.main, "doctor"),
        "no such document": run(command_line.main, "show", OSC8),
        "show": "".join(run(command_line.main, "show", id) for id in list(world.documents())[:2]),
        "ask": run(command_line.main, "ask", BREATHING, *COMMANDS),
        "json": run(command_line.main, "ask", "--json", f"{BREATHING} {OSC8}"),
        "removed": run(ingest.main, *(word for name in names if "jsonl" in name for word in ("--remove", name))),
    }
    assert {what: sorted(obeyed) for what, text in said.items() if (obeyed := OBEYED & set(text))} == {}
    forged = {what for what, text in said.items() if "error: forged" in text.splitlines() and what != "show"}
    assert forged == set()
    assert all(f"q{number}" in said["ingest"] and f"bad{number}" in said["ingest"] for number in range(len(COMMANDS)))
