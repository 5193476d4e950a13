"""Time warm questions in one process against one bare embedding of the same questions: the ratio is what counts.

    python tests/bench/ask_latency.py [--questions 100]

Absolute times depend on the machine; both are measured in turn, question by question, so that a busy moment hits both.
"""

import argparse
import json
import time
from collections.abc import Callable
from functools import partial
from statistics import median, quantiles

from assistant.answering import Assistant
from assistant.embedding import load_embedder
from assistant.settings import load_settings


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--questions", type=int, default=100, help="how many questions of the set to ask")
    options = parser.parse_args()
    settings = load_settings()
    assistant = Assistant.open(settings)
    embedder = load_embedder(settings.model, settings.index / "models")
    lines = (settings.corpus / "questions.jsonl").read_text(encoding="utf-8").splitlines()
    questions = [json.loads(line)["question"] for line in lines][:: max(1, len(lines) // options.questions)]
    for question in questions[:10]:
        assistant.ask(question)
    bare, asked = [], []
    for question in questions:
        bare.append(timed(partial(embedder.embed, [question])))
        asked.append(timed(partial(assistant.ask, question)))
    print(f"questions {len(questions)}")
    print(f"bare embedding p50 {1000 * median(bare):6.1f} ms")
    print(f"ask            p50 {1000 * median(asked):6.1f} ms  p95 {1000 * quantiles(asked, n=20)[-1]:6.1f} ms")
    print(f"ratio of medians   {median(asked) / median(bare):6.2f}")


def timed(call: Callable[[], object]) -> float:
    start = time.perf_counter()
    call()
    return time.perf_counter() - start


if __name__ == "__main__":
    main()
