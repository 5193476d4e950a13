"""Take in new or changed expert answers: python ingest.py [PATH ...]."""

import argparse
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from assistant.errors import AssistantError
from assistant.settings import load_settings


def main() -> int:
    parser = argparse.ArgumentParser(description="Bring the index up to date with the corpus, after taking in PATHs.")
    parser.add_argument("paths", nargs="*", type=Path, metavar="PATH", help="file or folder to copy into the corpus")
    parser.add_argument("--dry-run", action="store_true", help="show what would change; change nothing")
    parser.add_argument("--rebuild", action="store_true", help="build from scratch; known vectors are kept")
    parser.add_argument("--allow-empty", action="store_true", help="accept a corpus without a single answer")
    parser.add_argument("--if-changed", action="store_true", help="do and say nothing when the index is up to date")
    options = parser.parse_args()
    try:
        settings = load_settings()
        from assistant.console import report_text
        from assistant.ingestion import corpus_changed, ingest

        if options.if_changed and not corpus_changed(settings):
            return 0
        report = ingest(
            settings,
            options.paths,
            dry_run=options.dry_run,
            rebuild=options.rebuild,
            allow_empty=options.allow_empty,
            progress=_bars(),
        )
    except AssistantError as error:
        sys.stderr.write(f"error: {error}\n")
        return error.exit_code
    except KeyboardInterrupt:
        sys.stderr.write("\nstopped; the index is as it was, and the next run goes on from here\n")
        return 130
    sys.stdout.write(report_text(report) + "\n")
    return 1 if report.refused else 0


def _bars() -> Callable[[str, int, int], None]:
    from tqdm import tqdm

    bars: dict[str, Any] = {}

    def progress(stage: str, done: int, total: int) -> None:
        bar = bars.setdefault(stage, tqdm(total=total, desc=stage, file=sys.stderr, leave=False))
        bar.update(done - bar.n)

    return progress


if __name__ == "__main__":
    sys.exit(main())
