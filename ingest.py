"""Take in new or changed expert answers: python ingest.py [PATH ...]."""

import argparse
import sys
from pathlib import Path

from assistant.output import door
from assistant.settings import load_settings


@door
def main() -> int:
    parser = argparse.ArgumentParser(description="Bring the index up to date with the corpus, after taking in PATHs.")
    about = "file, folder, pattern or zip to copy into the corpus; - for standard input"
    parser.add_argument("paths", nargs="*", type=Path, metavar="PATH", help=about)
    parser.add_argument("--as", dest="name", metavar="NAME", help="the file name of what - reads, such as answer.txt")
    parser.add_argument(
        "--dry-run", action="store_true", help="show what would change, sentence by sentence; change nothing"
    )
    parser.add_argument(
        "--remove", action="append", metavar="NAME", default=[], help="move a file out of the corpus first"
    )
    parser.add_argument("--rebuild", action="store_true", help="build from scratch; known vectors are kept")
    parser.add_argument("--allow-empty", action="store_true", help="accept a corpus without a single answer")
    parser.add_argument("--if-changed", action="store_true", help="do and say nothing when the index is up to date")
    parser.add_argument("--watch", action="store_true", help="go on, and take in every change as it comes")
    parser.add_argument(
        "--rollback", action="store_true", help="go back to the build before; the corpus stays as it is"
    )
    parser.add_argument("--log", action="store_true", help="list the builds with what each changed")
    options = parser.parse_args()
    try:
        from assistant.taking_in import run

        return run(options, load_settings())
    except KeyboardInterrupt:
        sys.stderr.write("\nstopped; the index is as it was, and the next run goes on from here\n")
        return 130


if __name__ == "__main__":
    sys.exit(main())
