"""The command line: python -m assistant ask | show | evaluate | gaps | password | doctor."""

import argparse
import json
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from assistant.errors import QuestionError
from assistant.output import door, printable
from assistant.settings import Settings, load_settings

EPILOGUE = "Settings are environment variables with the prefix ASSISTANT_; the README lists them."


@door
def main(arguments: list[str] | None = None) -> int:
    """Run one command; return its exit status. Errors that a user can cure are shown without a traceback."""
    # Questions never leave the machine, whatever the environment asks for.
    os.environ["LANGSMITH_TRACING"] = os.environ["LANGCHAIN_TRACING_V2"] = "false"
    given = sys.argv[1:] if arguments is None else arguments
    try:
        settings = load_settings()
        if given[:1] == ["evaluate"]:
            from assistant.evaluation import main as evaluate
            from assistant.scratch_index import search_folder

            return evaluate(given[1:], settings, search_folder=search_folder)
        options = _parser().parse_args(given)
        return int(options.run(options, settings))
    except KeyboardInterrupt:
        sys.stderr.write("stopped\n")
        return 130
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m assistant", description=__doc__, epilog=EPILOGUE)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    ask = commands.add_parser("ask", help="answer a question with cited quotations", epilog=EPILOGUE)
    ask.add_argument("question", nargs="*", help="the question; its words need no quotes")
    ask.add_argument(
        "--history", action="append", default=[], metavar="QUESTION", help="an earlier question; oldest first"
    )
    ask.add_argument("--json", action="store_true", help="print the structured answer")
    ask.add_argument(
        "--batch", metavar="FILE", help="read one JSON object a line ('-' for standard input), print one answer a line"
    )
    ask.set_defaults(run=_ask)
    show = commands.add_parser("show", help="print a stored document whole", epilog=EPILOGUE)
    show.add_argument("document", help="its id, as a citation gives it")
    show.set_defaults(run=_show)
    doctor = commands.add_parser(
        "doctor", help="compare files, catalog, vectors and model with each other", epilog=EPILOGUE
    )
    doctor.add_argument("--repair", action="store_true", help="do what the findings call for, then look again")
    doctor.set_defaults(run=_doctor)
    gaps = commands.add_parser("gaps", help="group the questions that people noted for the curators", epilog=EPILOGUE)
    gaps.add_argument("--folder", type=Path, default=Path("feedback"), help="where the chat keeps them")
    gaps.set_defaults(run=_gaps)
    password = commands.add_parser("password", help="print a person's line for the file that ASSISTANT_AUTH names")
    password.add_argument("name")
    password.add_argument("--curator", action="store_true", help="may add answers as well as ask")
    password.set_defaults(run=_password)
    commands.add_parser("evaluate", help="ask a fixed question set and measure the answers (see evaluate --help)")
    return parser


def _ask(options: argparse.Namespace, settings: Settings) -> int:
    from assistant.answering import Assistant
    from assistant.rendering import to_json, to_text

    if options.batch:
        return _batch(options.batch, Assistant.open(settings))
    answer = Assistant.open(settings).ask(" ".join(options.question), options.history)
    _print(_dumped(to_json(answer)) if options.json else to_text(answer))
    return 0


def _batch(name: str, assistant: Any) -> int:
    """Answer every line; a line that cannot be answered gives an object with ``error`` and the rest goes on."""
    from assistant.rendering import to_json

    failed = False
    for number, line in _lines(name):
        reply: dict[str, Any]
        id = None
        try:
            asked = json.loads(line)
            if not isinstance(asked, dict) or "question" not in asked:
                raise QuestionError(f'expected an object with "question", got {line[:80]!r}')
            id, history = asked.get("id"), asked.get("history") or []
            if not isinstance(history, list):
                raise QuestionError(f"history is {history!r:.80}; expected a list of earlier questions")
            reply = to_json(assistant.ask(asked["question"], history))
        except (QuestionError, json.JSONDecodeError, RecursionError) as error:
            reply, failed = {"error": f"line {number}: {error}"}, True
        _print(_dumped(({"id": id} if id is not None else {}) | reply))
        sys.stdout.flush()
    return 1 if failed else 0


def _lines(name: str) -> Iterator[tuple[int, str]]:
    try:
        with open(0 if name == "-" else Path(name), encoding="utf-8", errors="replace") as file:
            for number, line in enumerate(file, 1):
                if line.strip():
                    yield number, line
    except OSError as error:
        raise QuestionError(f"the questions {name} cannot be read: {error.strerror}") from error


def _show(options: argparse.Namespace, settings: Settings) -> int:
    from assistant.answering import Assistant
    from assistant.console import document_text

    try:
        _print(document_text(Assistant.open(settings).document(options.document)))
    except KeyError as error:
        raise QuestionError(
            f"no document is called {options.document!r}",
            "The ids stand in the answers of: python -m assistant ask --json",
        ) from error
    return 0


def _doctor(options: argparse.Namespace, settings: Settings) -> int:
    from assistant.console import findings_text
    from assistant.doctor import examine, repair

    found = examine(settings)
    if options.repair and found:
        _print(findings_text(found))
        repair(settings, found)
        found = examine(settings)
        _print("after the repair:")
    _print(findings_text(found))
    return 1 if found else 0


def _gaps(options: argparse.Namespace, settings: Settings) -> int:
    from assistant.answering import Assistant
    from assistant.embedding import load_embedder
    from assistant.feedback import Notebook
    from assistant.unanswered import grouped, groups_text

    noted = Notebook(options.folder).noted()
    embedder = load_embedder(settings.model, settings.index / "models")
    _print(groups_text(grouped(noted, Assistant.open(settings), embedder) if noted else ()))
    return 0


def _password(options: argparse.Namespace, settings: Settings) -> int:
    from getpass import getpass

    from assistant.authentication import Role, entry

    typed = getpass() if sys.stdin.isatty() else sys.stdin.readline().rstrip("\n")
    _print(entry(options.name, Role.CURATOR if options.curator else Role.READER, typed))
    return 0


def _dumped(value: dict[str, Any]) -> str:
    text = json.dumps(value, ensure_ascii=False)
    # What the terminal cannot show, and halves of characters, are written as JSON's own escapes.
    return text if text == printable(text, sys.stdout.encoding) else json.dumps(value)


def _print(text: str) -> None:
    sys.stdout.write(text + "\n")


if __name__ == "__main__":
    sys.exit(main())
