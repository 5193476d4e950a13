"""Write docs/answers.md anew: thirty questions as people ask them, with the answers of the live index, to be read critically.

    python tests/bench/answers_page.py --write

Without --write the page is printed. The questions stand in tests/data/questions_read.txt, one a line.
"""

import argparse
import sys
from collections.abc import Iterator
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from assistant.answering import Assistant
from assistant.rendering import markdown_text, to_markdown
from assistant.settings import load_settings

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "answers.md"
QUESTIONS = ROOT / "tests" / "data" / "questions_read.txt"
OPENING = """\
# Thirty questions and their answers
What somebody with a sore hip might type, and what the chat says, word for word as it is exported. No question stands in the
question set, and nothing was tuned on one of them. Written by `python tests/bench/answers_page.py --write`; what a critical
reader found in them, and what was mended, stands in docs/quality-log.md, "Read critically".
"""


def page(assistant: Assistant, questions: list[str]) -> Iterator[str]:
    yield OPENING
    for question in questions:
        yield f"## {markdown_text(question)}\n"
        yield to_markdown(assistant.ask(question))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--write", action="store_true", help=f"write {PAGE.relative_to(ROOT)}")
    options = parser.parse_args()
    questions = QUESTIONS.read_text(encoding="utf-8").split("\n")
    written = "\n".join(page(Assistant(load_settings()), [question for question in questions if question]))
    if options.write:
        PAGE.write_text(written, encoding="utf-8")
    else:
        sys.stdout.write(written)


if __name__ == "__main__":
    main()
