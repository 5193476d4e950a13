"""How long an answer takes to be on the screen: covered questions, typed and sent in headless Chromium.

    python -m tests.bench.browser_latency [--questions 60] [--address http://127.0.0.1:7860]

Also how soon the address is printed and the page takes a question. Without --address the real chat is started on a free port.
Each question is timed in the page, from the click on Ask to the frame after the answer stands there; the first five, which
warm things up, are left out. Processor time beside it tells a slow page from a busy machine.
"""

import argparse
import json
import os
import shutil
import time
from statistics import median, quantiles

from assistant.settings import load_settings
from tests.bench.running import running_chat

WARM_UP = 5
ANSWERED = """number => new Promise(done => {
    const started = performance.now();
    let asked = 0;
    const look = () => {
        const turn = document.querySelectorAll(".turn")[number];
        if (turn && !asked) asked = performance.now() - started;
        if (turn && turn.querySelector(".answer")) {
            requestAnimationFrame(() => setTimeout(() => done([asked, performance.now() - started])));
        } else requestAnimationFrame(look);
    };
    document.querySelector("#box button").click();
    look();
})"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--questions", type=int, default=60)
    parser.add_argument("--address", help="a chat that is running")
    options = parser.parse_args()
    lines = (load_settings().corpus / "questions.jsonl").read_text(encoding="utf-8").splitlines()
    records = [json.loads(line) for line in lines]
    questions = [record["question"] for record in records if record["class"] == "covered" and not record.get("history")]
    questions = questions[:: max(1, len(questions) // (options.questions + WARM_UP))][: options.questions + WARM_UP]

    started = time.perf_counter()
    with running_chat(options.address) as address:
        if not options.address:
            print(f"address printed      {time.perf_counter() - started:6.2f} s")
        asked, answered, load = measured(address, questions)
    print(f"load average         {os.getloadavg()[0]:6.2f} on {os.cpu_count()} processors")
    print(f"page takes questions {load:6.2f} s after it was opened")
    print(f"question shown   p50 {median(asked):6.0f} ms  p95 {quantiles(asked, n=20)[-1]:6.0f} ms")
    print(
        f"answer shown     p50 {median(answered):6.0f} ms  p95 {quantiles(answered, n=20)[-1]:6.0f} ms  n {len(answered)}"
    )


def measured(address: str, questions: list[str]) -> tuple[list[float], list[float], float]:
    """Milliseconds until each question and each answer is shown, seconds until the page can be used."""
    from playwright.sync_api import sync_playwright

    chromium = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": 1280, "height": 800})
        started = time.perf_counter()
        page.goto(address)
        page.wait_for_selector("#starters button")
        load = time.perf_counter() - started
        times = []
        for number, question in enumerate(questions):
            page.get_by_label("Your question").fill(question)
            times.append(page.evaluate(ANSWERED, min(number, 39)))
        browser.close()
    kept = times[WARM_UP:]
    return [asked for asked, _ in kept], [answered for _, answered in kept], load


if __name__ == "__main__":
    main()
