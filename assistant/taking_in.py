"""The uses of ``python ingest.py``: take in, preview, remove, watch, go back, list."""

import argparse
import sys
import time
from pathlib import Path
from typing import Any

from assistant.builds import Builds
from assistant.console import log_text, preview_text, report_text
from assistant.errors import AssistantError, IngestRefused
from assistant.history import records
from assistant.indexing import Progress
from assistant.ingestion import Given, corpus_changed, ingest, preview, remove, roll_back
from assistant.output import own_marks
from assistant.settings import Settings

POLLED = 1.0  # seconds between two looks at the corpus

_STDIN = Path("-")


def run(options: argparse.Namespace, settings: Settings) -> int:
    """Do what the command line asks for; return the exit status."""
    if options.log:
        builds = Builds(settings.index)
        live = builds.current().name
        _say(log_text(records(settings.index), live, (build.name for build in builds.all())))
        return 0
    if options.rollback:
        _say(
            f"live again: build {roll_back(settings)}. The corpus files are as they were: the next ingest takes them in."
        )
        return 0
    if options.if_changed and not corpus_changed(settings):
        return 0
    paths = [path for path in options.paths if path != _STDIN]
    given = [_standard_input(options.name)] if _STDIN in options.paths else []
    if options.dry_run:
        if options.remove:
            raise IngestRefused("--remove moves a file, and --dry-run changes nothing", "Give one of the two.")
        shown = preview(settings, paths, given)
        _say(preview_text(shown))
        return 1 if shown.refused else 0
    for origin, place in remove(settings, options.remove) if options.remove else ():
        _say(f"moved {origin} to {place}")
    report = ingest(
        settings, paths, given=given, rebuild=options.rebuild, allow_empty=options.allow_empty, progress=bars()
    )
    _say(report_text(report))
    if options.watch:
        watch(settings)
    return 1 if report.refused else 0


def watch(settings: Settings, rounds: int | None = None) -> None:
    """Take in every change of the corpus until Ctrl-C, or for ``rounds`` looks; an error is said and waited out."""
    _say(f"watching {settings.corpus}; Ctrl-C ends it")
    said = ""
    while rounds is None or rounds > 0:
        rounds = rounds - 1 if rounds is not None else None
        time.sleep(POLLED)
        try:
            if corpus_changed(settings):
                _say(report_text(ingest(settings)))
            said = ""
        except AssistantError as error:
            if str(error) != said:  # once, not every second
                said = str(error)
                sys.stderr.write(f"error: {said}\n")


def bars() -> Progress:
    """Return what draws a bar a stage on the terminal."""
    from tqdm import tqdm

    drawn: dict[str, Any] = {}

    def progress(stage: str, done: int, total: int) -> None:
        bar = drawn.setdefault(stage, tqdm(total=total, desc=stage, file=own_marks(), leave=False, disable=None))
        bar.update(done - bar.n)

    return progress


def _standard_input(name: str | None) -> Given:
    if not name:
        raise IngestRefused("what - reads has no file name", "Give it one: python ingest.py - --as answer.txt")
    return Given(name, sys.stdin.buffer.read())


def _say(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()
