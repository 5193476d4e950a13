"""How questions about the sources themselves are met: `python tests/bench/sources_report.py tests/data/questions_sources.jsonl`.

One JSON object a line: id, question, about ("date", "author", "credential", "place", "book", or "none" for a look-alike that asks
nothing of a source), topic (the page that it is about, or null), history (earlier questions, optional).
"""

import argparse
import json
from collections import Counter
from pathlib import Path

from assistant.answering import Assistant
from assistant.provenance import is_told
from assistant.settings import load_settings


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("questions", type=Path)
    parser.add_argument("--names", action="store_true", help="also list the questions that went wrong")
    options = parser.parse_args()
    assistant = Assistant.open(load_settings())
    asked, told, cited = Counter[str](), Counter[str](), Counter[str]()
    for item in map(json.loads, options.questions.read_text(encoding="utf-8").splitlines()):
        answer = assistant.ask(item["question"], item.get("history", []))
        about, record = item["about"], is_told(answer)
        asked[about] += 1
        told[about] += record
        cited[about] += record and any(c.document.startswith(item["topic"] or "") for c in answer.citations)
        if options.names and record is (about == "none"):
            print(f"{about:10} {answer.kind.value:10} {item['question']}")
    print(f"{'about':10} asked  record told  on its page")
    for about in sorted(asked):
        print(f"{about:10} {asked[about]:5} {told[about]:12} {cited[about]:12}")


if __name__ == "__main__":
    main()
