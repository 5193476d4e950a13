"""What the running chat gives to programs, and what it refuses them. Needs no browser."""

import http.client
import json
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from assistant.rendering import to_json
from tests.browser.conftest import ROOT
from tests.browser.fake import answer_to


def send(address: str, path: str, method: str = "GET", body: object = None, **headers: str) -> tuple[int, str]:
    connection = http.client.HTTPConnection(urlsplit(address).netloc, timeout=30)
    given = {"Content-Type": "application/json", **headers}
    connection.request(method, path, json.dumps(body) if body is not None else None, given)
    response = connection.getresponse()
    text = response.read().decode()
    connection.close()
    return response.status, text


def ask(address: str, *arguments: Any) -> tuple[str, Any]:
    """Ask through the API as its documentation says: send the question, then fetch the event with the answer."""
    status, text = send(address, "/gradio_api/call/ask", "POST", {"data": list(arguments)})
    assert status == 200, text
    _, stream = send(address, f"/gradio_api/call/ask/{json.loads(text)['event_id']}")
    event, data = stream.strip().split("\n")[:2]
    return event.removeprefix("event: "), json.loads(data.removeprefix("data: "))


@pytest.mark.parametrize("question", ["What should I avoid?", "pizza", "numb", "hostile <b>"])
def test_the_structured_answer_is_the_same_as_from_the_command_line(address: str, question: str) -> None:
    assert ask(address, question, None) == ("complete", [to_json(answer_to(question))])


def test_history_goes_with_the_question(address: str) -> None:
    _, (answer,) = ask(address, "what was before?", ["one", "two"])
    assert answer["related"] == ["one", "two"]


@pytest.mark.parametrize("question", ["", "x" * 2001, 7, None, ["a"], {"b": 1}])
def test_a_question_that_cannot_be_read_gives_a_message_and_no_traceback(address: str, question: object) -> None:
    event, data = ask(address, question, None)
    assert event == "error"
    assert "question" in data["error"]
    assert "Traceback" not in json.dumps(data)


def test_a_failure_inside_tells_a_program_no_detail(address: str) -> None:
    event, data = ask(address, "crash", None)
    assert event == "error"
    assert "secret detail" not in json.dumps(data)


def test_only_ask_is_offered_to_programs(address: str) -> None:
    _, text = send(address, "/gradio_api/info")
    assert list(json.loads(text)["named_endpoints"]) == ["/ask"]


def test_many_questions_at_once_are_all_answered_and_never_mixed(address: str) -> None:
    questions = [f"pizza number {n}" for n in range(50)]
    with ThreadPoolExecutor(10) as pool:
        replies = list(pool.map(lambda question: ask(address, question, None), questions))
    assert [answer["question"] for _, (answer,) in replies] == questions


@pytest.mark.parametrize(
    ("path", "method", "headers", "status"),
    [
        ("/", "GET", {"Host": "evil.org"}, 400),
        ("/gradio_api/call/ask", "POST", {"Origin": "http://evil.org"}, 403),
        ("/gradio_api/call/ask", "OPTIONS", {"Origin": "null"}, 403),
        ("/gradio_api/upload", "POST", {}, 404),
        ("/gradio_api/file=/etc/passwd", "GET", {}, 404),
        ("/assets/../../../../etc/passwd", "GET", {}, 404),
        ("/assets/%2e%2e/%2e%2e/%2e%2e/etc/passwd", "GET", {}, 404),
        ("/monitoring", "GET", {}, 404),
        ("/gradio_api/queue/join", "POST", {"Content-Length": "300000000"}, 413),
    ],
)
def test_what_is_not_for_others_is_refused(
    address: str, path: str, method: str, headers: dict[str, str], status: int
) -> None:
    given, text = send(address, path, method, **headers)
    assert given in (status, 403)
    assert "root:" not in text


def test_ctrl_c_ends_it_without_a_traceback_while_a_page_is_open(feedback: Path) -> None:
    command = [sys.executable, "-m", "tests.browser.fake", "0", str(feedback)]
    pipes: dict[str, Any] = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    with subprocess.Popen(command, cwd=ROOT, **pipes) as server:
        assert server.stdout is not None
        netloc = urlsplit(server.stdout.readline().strip()).netloc
        page = http.client.HTTPConnection(netloc, timeout=30)
        page.request("GET", "/gradio_api/heartbeat/session")
        stream = page.getresponse()
        assert stream.status == 200
        server.send_signal(signal.SIGINT)
        _, errors = server.communicate(timeout=60)
        stream.close()
        page.close()
    assert (server.returncode, errors) == (0, "")


def test_fifty_users_at_once_get_their_own_answers(address: str) -> None:
    def answer(number: int) -> str:
        asked = {"data": [f"Do braces work for user {number % 50} in question {number}?", []]}
        return str(json.loads(send(address, "/gradio_api/run/ask", "POST", asked)[1])["data"][0]["question"])

    with ThreadPoolExecutor(50) as users:
        answers = list(users.map(answer, range(100)))
    assert answers == [f"Do braces work for user {number % 50} in question {number}?" for number in range(100)]
