"""The real door, started in a hostile environment: nothing leaves the machine, and a question is written nowhere."""

import re
import shutil
from collections.abc import Iterator

import pytest

from tests.attacks.running import Running, running
from tests.bench.load_chat import load, mark, strangers
from tests.corpus_files import made

CANARY = "zqcanaryzq"
QUESTION = f"How should I breathe while I hold a plank? {CANARY}"
# Added to what tests/conftest.py sets for every test.
HOSTILE = {
    "GRADIO_SERVER_PORT": "80", "GRADIO_ROOT_PATH": "/elsewhere", "GRADIO_MCP_SERVER": "true", "GRADIO_TEMP_DIR": "/tmp/open",
    "GRADIO_DEFAULT_CONCURRENCY_LIMIT": "1", "HTTP_PROXY": "http://192.0.2.1:80", "HTTPS_PROXY": "http://192.0.2.1:80",
    "CHROMA_API_IMPL": "chromadb.api.fastapi.FastAPI", "CHROMA_SERVER_HOST": "192.0.2.1", "HF_TOKEN": "not-a-token",
}  # fmt: skip
STRACE = shutil.which("strace")


@pytest.fixture(scope="module")
def chat(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """The chat after a few questions, one of which holds the canary; every connection of its process is on record."""
    folder = tmp_path_factory.mktemp("running")
    made(folder)
    traced = (
        [STRACE, "-D", "-f", "--seccomp-bpf", "-qq", "-e", "trace=connect,sendto,bind", "-o", str(folder / "calls")]
        if STRACE
        else []
    )
    with running(folder, traced, **HOSTILE) as started:
        answer = started.ask(QUESTION, [f"{CANARY} before"])
        assert CANARY in answer["question"] and answer["statements"]
        yield started


def test_it_listens_on_loopback_and_connects_to_nobody(chat: Running) -> None:
    assert re.fullmatch(r"http://127\.0\.0\.1:\d+", chat.address)
    if not STRACE:
        pytest.skip("strace is not installed (Debian: apt install strace)")
    calls = (chat.folder / "calls").read_text(errors="replace")
    addresses = re.findall(r'(connect|sendto|bind)\(.*?inet6?_(?:addr|pton)\((?:AF_INET6?, )?"([^"]+)"', calls)
    assert ("bind", "127.0.0.1") in addresses, "nothing was recorded"
    assert {address for _, address in addresses} <= {"127.0.0.1", "::1"}


def test_the_question_is_in_no_file_and_no_output(chat: Running) -> None:
    held = [
        path.relative_to(chat.folder).as_posix()
        for path in chat.folder.rglob("*")
        if path.is_file() and path.name != "calls" and CANARY.encode() in path.read_bytes()
    ]
    assert held == []
    assert len(list(chat.folder.rglob("*"))) > 20
    (chat.folder / "home" / "control").write_text(QUESTION)
    assert [
        path for path in (chat.folder / "home").rglob("*") if path.is_file() and CANARY.encode() in path.read_bytes()
    ]


def test_it_says_nothing_but_its_address(chat: Running) -> None:
    assert (chat.folder / "stdout").read_text() == f"Ask the Experts is at {chat.address} (Ctrl-C stops it)\n"
    assert (chat.folder / "stderr").read_text() == ""


def test_what_no_handler_is_made_for_fetches_nothing_and_is_written_nowhere(chat: Running) -> None:
    far = {"path": f"http://192.0.2.1/{CANARY}", "meta": {"_type": "gradio.FileData"}}
    for data in ([far, []], [[far], []], [CANARY], [{CANARY: 1}, 7], [f"\ud800{CANARY}", {}]):
        status, text = chat.post("/gradio_api/run/ask", {"data": data})
        assert status >= 400 and CANARY not in text and "Traceback" not in text
    assert CANARY not in (chat.folder / "stderr").read_text()
    if STRACE:
        assert "192.0.2.1" not in (chat.folder / "calls").read_text(errors="replace")


def test_many_people_at_once_and_a_flood_in_small(chat: Running) -> None:
    """tests/bench/load_chat.py does the same with 50 people, 10 questions and five floods of 3,000."""
    report = load(chat, users=4, questions=2, floods=1, joins=100)
    assert report.holds, str(report)
    assert (report.asked, report.joined) == (16, 100)


def test_a_leak_between_people_would_be_noticed() -> None:
    assert strangers(f"plank {mark(1)} {mark(3)}", 1, 4) == [3]
    assert strangers(f"plank {mark(1)}", 1, 4) == []
