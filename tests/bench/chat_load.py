"""Many users at once: each asks its questions one after the other through the page's API; every answer must be its own.

    python -m tests.bench.chat_load [--users 50] [--questions 10] [--address http://127.0.0.1:7860]

Without --address the real chat is started on a free port. Exit code 1 when an answer is lost, mixed up or an error.
"""

import argparse
import http.client
import json
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from statistics import median, quantiles
from urllib.parse import urlsplit

from tests.bench.running import running_chat


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--users", type=int, default=50)
    parser.add_argument("--questions", type=int, default=10, help="questions of each user")
    parser.add_argument("--address", help="a chat that is running")
    options = parser.parse_args()
    with running_chat(options.address) as address, ThreadPoolExecutor(options.users) as users:
        ask(address, "Why do my hamstrings cramp in bridges?")  # loads the model
        started = time.perf_counter()
        results = list(users.map(lambda user: one_user(address, user, options.questions), range(options.users)))
        seconds = time.perf_counter() - started
    times = [milliseconds for done, _ in results for milliseconds in done]
    problems = [problem for _, found in results for problem in found]
    print(
        f"{options.users} users x {options.questions} questions: {len(times)} right answers, {len(problems)} problems"
    )
    print(
        f"{len(times) / seconds:.1f} answers a second, p50 {median(times):.0f} ms, p95 {quantiles(times, n=20)[-1]:.0f} ms"
    )
    for problem in problems[:10]:
        print(problem)
    return 1 if problems else 0


def one_user(address: str, user: int, count: int) -> tuple[list[float], list[str]]:
    """The milliseconds of the right answers, and what went wrong."""
    times, problems = [], []
    for number in range(count):
        question = f"Do knee braces work for user {user} in question {number}?"
        started = time.perf_counter()
        try:
            answer = ask(address, question)
        except (OSError, ValueError, KeyError, http.client.HTTPException) as error:
            problems.append(f"{question} {type(error).__name__}: {error}")
            continue
        if answer["question"] == question and answer["disclaimer"]:
            times.append(1000 * (time.perf_counter() - started))
        else:
            problems.append(f"{question} got the answer to {answer['question']!r}")
    return times, problems


def ask(address: str, question: str) -> dict[str, str]:
    connection = http.client.HTTPConnection(urlsplit(address).netloc, timeout=120)
    body = json.dumps({"data": [question, []]})
    connection.request("POST", "/gradio_api/run/ask", body, {"Content-Type": "application/json"})
    answer: dict[str, str] = json.loads(connection.getresponse().read())["data"][0]
    connection.close()
    return answer


if __name__ == "__main__":
    sys.exit(main())
