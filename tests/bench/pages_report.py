"""What the readers make of written pages, line by line: `python tests/bench/pages_report.py mixed_pages_8.yaml`.

tests/test_pages.py says whether a page is read exactly, links and notices included. This says what became of the experts' own
lines: lost, under no name, under a wrong one, and lines of the site that were taken for theirs.
"""

import argparse
import sys
import tempfile
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from assistant.loading import load_corpus
from tests.page_truths import PAGES, cases, files_of, taken, wanted

Answers = list[tuple[str, list[str]]]  # of each answer its name and its lines


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("files", nargs="+", metavar="FILE", help=f"files of {PAGES.relative_to(PAGES.parents[1])}/")
    for file in parser.parse_args().files:
        counts = [counted(case) for case in cases(file)]
        print(file, ", ".join(f"{name} {sum(count[name] for count in counts)}" for name in counts[0]))


def counted(case: dict[str, str]) -> Counter[str]:
    """Count one page: its answers and what became of them and of their lines."""
    due, found = wanted(case), read(case)
    theirs, ours = answers(due), answers(found)
    names, taken_in = ({line: name for name, lines in given for line in lines} for given in (theirs, ours))
    kept = [line for line in names if line in taken_in]
    return Counter(
        {
            "pages": 1,
            "exact": int(due == found),
            "answers": len(theirs),
            "whole, alone and named right": sum(answer in ours for answer in theirs),
            "lines": len(names),
            "lost": len(names) - len(kept),
            "under no name": sum(taken_in[line] == "nobody" != names[line] for line in kept),
            "under a wrong name": sum(taken_in[line] not in ("nobody", names[line]) for line in kept),
            "of the site": sum(line not in names for line in taken_in),
        }
    )


def read(case: dict[str, str]) -> list[str]:
    with tempfile.TemporaryDirectory() as folder:
        for name, content in files_of(case).items():
            path = Path(folder) / "answers" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
        return taken(load_corpus(Path(folder)))


def answers(lines: Sequence[str]) -> Answers:
    found: Answers = []
    within = False
    for line in lines:
        if line.startswith("== "):
            within = line.startswith("== answer ")
            if within:
                found.append((line.removeprefix("== answer ").partition(" | ")[0], []))
        elif within:
            found[-1][1].append(line)
    return found


if __name__ == "__main__":
    main()
