"""A corpus folder as a whole: good files are taken, bad ones named, nothing is mixed up, nothing hangs."""

import json
import os
import signal
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from assistant import loading
from assistant.errors import SourceError
from assistant.loading import Loader, Problem, combine, corpus_files, load_corpus, load_file
from assistant.readers.loaded import Loaded, Raw
from assistant.readers.saved_page import read as read_saved_page
from assistant.readers.table import format_of
from assistant.sandbox import Limits, Overtime, Sandbox, SandboxError
from assistant.schema import Document, SourceKind, Tier
from tests.book_files import epub_bytes, pdf_bytes, zip_bytes
from tests.hostile_files import NAMED, bombs, good_files, malformed_files

ROOT = Path(__file__).parents[1]
PAGES = Path(__file__).parent / "pages"
WITHOUT_CREDENTIAL = NAMED.replace("Podiatry\n", "")
WITHOUT_NAME = NAMED.replace("Oda Fennimore\nPodiatry\n\n", "")
TEASER = (
    "How do I roll?\n\nMaro Tindale\n\nRoll slowly.\n\nRelated questions\n\n"
    "Is ice good for an ankle?\nOda FennimoreOda Fennimore\nIce eases the first pain. It nu...\nMore Answers\n"
)
MOST_SECONDS = 20  # a file may take, whatever it holds


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    (tmp_path / "answers").mkdir()
    return tmp_path


def put(corpus: Path, name: str, data: str | bytes) -> Path:
    path = corpus / "answers" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data.encode() if isinstance(data, str) else data)
    return path


def whats(problems: tuple[Problem, ...]) -> str:
    return "\n".join(str(problem) for problem in problems)


def authors(loaded: Loaded) -> list[str | None]:
    return [document.source.author for document in loaded.documents]


def test_the_starter_corpus_is_read_without_a_problem() -> None:
    loaded = load_corpus(ROOT / "corpus")
    assert not loaded.problems, whats(loaded.problems)
    assert len({document.id for document in loaded.documents}) == len(loaded.documents) > 300


def test_a_folder_without_answers_or_books_is_an_error_with_a_cure(tmp_path: Path) -> None:
    with pytest.raises(SourceError) as error:
        load_corpus(tmp_path)
    assert str(tmp_path) in error.value.message and "answers" in error.value.cure


def test_every_format_of_a_folder_is_read_and_the_question_set_is_not(corpus: Path) -> None:
    put(corpus, "a.txt", NAMED)
    put(corpus, "b.html", "<h1>Is heat good?</h1><p>Later.</p>")
    put(corpus, "c.jsonl", '{"question": "Is tape good?", "answer": "Yes."}')
    put(corpus, "deep/down/d.epub", epub_bytes({"1.xhtml": "<h1>Ankles</h1><p>The ankle is a hinge.</p>"}))
    put(corpus, ".hidden.txt", "Is it?\n\nNo.")
    (corpus / "questions.jsonl").write_text('{"question": "Is it?", "answer": "No."}')
    loaded = load_corpus(corpus)
    assert [document.origin for document in loaded.documents] == [
        "answers/a.txt", "answers/b.html", "answers/c.jsonl", "answers/deep/down/d.epub",
    ]  # fmt: skip
    assert not loaded.problems


def test_a_folder_that_cannot_be_read_is_refused_by_its_name(corpus: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    put(corpus, "a.txt", "Is it safe?\n\nMaro Tindale, PT\n\nYes, it is.\n")
    put(corpus, "closed/b.txt", "Is it wise?\n\nMaro Tindale, PT\n\nYes, it is.\n")
    scan = os.scandir

    def shut(folder: Path) -> Iterator[os.DirEntry[str]]:
        if folder.name == "closed":
            raise PermissionError(13, "Permission denied", str(folder))
        return scan(folder)

    monkeypatch.setattr(os, "scandir", shut)
    loaded = load_corpus(corpus)
    assert [document.origin for document in loaded.documents] == ["answers/a.txt"]
    assert [problem.origin for problem in loaded.problems] == ["answers/closed"]


def test_a_lone_file_is_read_like_one_of_the_corpus(corpus: Path) -> None:
    path = put(corpus, "a.txt", NAMED)
    assert load_file(path, "answers/a.txt") == load_corpus(corpus)


# The same thing met twice


def test_one_page_with_and_without_its_credential_is_one_document(corpus: Path) -> None:
    put(corpus, "a.txt", WITHOUT_CREDENTIAL)
    put(corpus, "b.txt", "Advertisement\n\n" + NAMED)
    (document,) = load_corpus(corpus).documents
    assert (document.source.author, document.source.credential, document.origin) == (
        "Oda Fennimore", "Podiatry", "answers/a.txt",
    )  # fmt: skip


def test_one_page_with_and_without_its_name_is_one_document_with_the_name(corpus: Path) -> None:
    put(corpus, "a.txt", WITHOUT_NAME)
    put(corpus, "b.txt", NAMED)
    (document,) = load_corpus(corpus).documents
    assert document.source.author == "Oda Fennimore" and document.id == "is-ice-good-for-an-ankle.oda-fennimore"


def test_one_text_under_two_names_stays_two_documents(corpus: Path) -> None:
    put(corpus, "a.txt", NAMED)
    put(corpus, "b.txt", NAMED.replace("Oda Fennimore", "Ilse Varga"))
    put(corpus, "c.txt", WITHOUT_NAME)
    assert sorted(authors(load_corpus(corpus)), key=str) == ["Ilse Varga", None, "Oda Fennimore"]


def test_one_answer_below_two_questions_stays_two_documents(corpus: Path) -> None:
    put(corpus, "a.txt", NAMED)
    put(corpus, "b.txt", NAMED.replace("Is ice good for an ankle?", "Does ice ease pain?"))
    one, other = load_corpus(corpus).documents
    assert one.text_hash == other.text_hash and one.page != other.page


def test_a_teaser_gives_way_to_its_whole_answer(corpus: Path) -> None:
    put(corpus, "a.txt", TEASER)
    assert [d.source.kind for d in load_corpus(corpus).documents] == [SourceKind.ANSWER, SourceKind.TEASER]
    put(corpus, "b.txt", NAMED)
    loaded = load_corpus(corpus)
    assert [d.source.kind for d in loaded.documents] == [SourceKind.ANSWER, SourceKind.ANSWER]
    assert "gives way" in whats(loaded.problems)


def test_a_teaser_of_another_text_stays(corpus: Path) -> None:
    put(corpus, "a.txt", TEASER.replace("It nu...", "It hea..."))
    put(corpus, "b.txt", NAMED)
    assert SourceKind.TEASER in [document.source.kind for document in load_corpus(corpus).documents]


def test_a_copy_that_runs_two_answers_together_gives_way_to_the_one_that_keeps_them_apart(corpus: Path) -> None:
    put(corpus, "a.txt", NAMED + "\n\nNever mind the ice.")
    put(corpus, "b.txt", NAMED + "\n\nIlse Varga\n\nNever mind the ice.")
    loaded = load_corpus(corpus)
    assert [(d.source.author, d.origin) for d in loaded.documents] == [
        ("Oda Fennimore", "answers/b.txt"),
        ("Ilse Varga", "answers/b.txt"),
    ]
    assert "runs together" in whats(loaded.problems)


def test_a_link_goes_when_its_question_is_answered(corpus: Path) -> None:
    put(corpus, "a.txt", "Is ice good for an ankle?\n")
    assert load_corpus(corpus).links
    put(corpus, "b.txt", NAMED)
    assert not load_corpus(corpus).links


def test_two_answers_that_would_share_an_id_get_one_each(corpus: Path) -> None:
    put(corpus, "x/a.txt", NAMED)
    put(corpus, "y/a.txt", NAMED.replace("It numbs", "It also numbs"))
    ids = [document.id for document in load_corpus(corpus).documents]
    assert len(set(ids)) == 2 and all(id.startswith("is-ice-good-for-an-ankle.oda-fennimore-") for id in ids)


@given(st.permutations(range(6)))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=30, deadline=None)
def test_the_order_of_the_files_does_not_matter(order: list[int]) -> None:
    texts = [
        NAMED,
        WITHOUT_NAME,
        WITHOUT_CREDENTIAL,
        TEASER,
        NAMED.replace("eases", "dulls"),
        "Is heat good?\n\nLater.",
    ]
    parts = [read_saved_page(Raw(f"answers/{number}.txt", text.encode())) for number, text in enumerate(texts)]
    assert _facts(combine(parts)) == _facts(combine([parts[number] for number in order]))


def _facts(loaded: Loaded) -> set[tuple[str, str, str]]:
    return {(document.id, document.hash, document.origin) for document in loaded.documents}


# Notes beside a file


def test_notes_beside_a_file_say_where_it_comes_from(corpus: Path) -> None:
    put(corpus, "a.txt", NAMED)
    put(corpus, "a.txt.yaml", "publisher: Foot Site\ntier: C\ntopics: [ice]\n")
    (document,) = load_corpus(corpus).documents
    assert (document.source.publisher, document.source.tier, document.topics) == ("Foot Site", Tier.CLINIC, ("ice",))


def test_notes_may_name_the_author_of_a_book_but_not_of_a_page(corpus: Path) -> None:
    notes = "author: Maro Tindale\nauthor_type: person\n"
    put(corpus, "a.pdf", pdf_bytes([[("The arch is a spring.", 11, 690)]]))
    put(corpus, "a.pdf.yaml", notes)
    put(corpus, "b.txt", WITHOUT_NAME)
    put(corpus, "b.txt.yaml", notes)
    assert authors(load_corpus(corpus)) == ["Maro Tindale", None]


# Bad files

SOME = 5  # every so many of the malformed files are read here, all of them by tests/bench/hostile_files.py


def test_no_malformed_file_stops_the_good_ones_and_each_is_named_with_a_cure(corpus: Path) -> None:
    good, bad = good_files(), dict(list(malformed_files().items())[::SOME])
    assert len(malformed_files()) >= 240 and len(bombs()) >= 30
    for name, data in {**good, **bad}.items():
        put(corpus, name, data)
    with Loader() as loader:
        alone = {name: loader.load(corpus / "answers" / name, name) for name in bad}
    assert all(one.documents or one.links or one.problems for one in alone.values())
    assert all(problem.what and problem.cure for one in alone.values() for problem in one.problems)
    loaded = load_corpus(corpus)
    read = {document.origin.removeprefix("answers/").partition("!/")[0] for document in loaded.documents}
    named = {problem.origin.removeprefix("answers/").partition("!/")[0] for problem in loaded.problems}
    assert set(good) <= read
    assert {name for name, one in alone.items() if not one.documents} <= named


def test_a_reader_that_fails_stops_no_other_file(corpus: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def read(raw: Raw) -> Loaded:
        if raw.origin.endswith("odd.txt"):
            raise IndexError("tuple index out of range")
        return read_saved_page(raw)

    found = format_of(Raw("page.txt", NAMED.encode()))
    assert found.trusted
    monkeypatch.setattr(loading, "format_of", lambda raw: replace(found, read=read))
    (corpus / "answers" / "odd.txt").write_text(NAMED, encoding="utf-8")
    (corpus / "answers" / "good.txt").write_text(NAMED, encoding="utf-8")
    loaded = load_corpus(corpus)
    assert len(loaded.documents) == 1
    [problem] = loaded.problems
    assert (problem.origin, problem.what) == (
        "answers/odd.txt",
        "could not be read: IndexError: tuple index out of range",
    )


def test_what_is_no_plain_file_is_refused_without_waiting(corpus: Path) -> None:
    outside = corpus.parent / f"{corpus.name}-outside.txt"
    outside.write_text(NAMED)
    folder = corpus / "answers"
    os.mkfifo(folder / "pipe.txt")
    (folder / "out.txt").symlink_to(outside)
    (folder / "nowhere.txt").symlink_to(corpus / "missing")
    (folder / "device.txt").symlink_to("/dev/zero")
    (folder / "up").symlink_to(corpus.parent)
    with (folder / "huge.txt").open("wb") as file:
        file.truncate(60_000_000)
    put(corpus, "good.txt", NAMED)
    loaded = load_corpus(corpus)
    assert [document.origin for document in loaded.documents] == ["answers/good.txt"]
    assert {problem.origin.removeprefix("answers/") for problem in loaded.problems} == {
        "pipe.txt", "out.txt", "nowhere.txt", "device.txt", "up", "huge.txt",
    }  # fmt: skip


def test_odd_file_names_are_read(corpus: Path) -> None:
    for name in ("a b.txt", "é’.txt", "x\ny.txt", "-rf.txt", "a" * 240 + ".txt"):
        put(corpus, name, NAMED.replace("ice", f"ice {name!r}"))
    with open(os.fsencode(corpus / "answers") + b"/\xff\xfe.txt", "wb") as file:
        file.write(WITHOUT_NAME.replace("ice", "heat").encode())
    loaded = load_corpus(corpus)
    assert len(loaded.documents) == 6 and not loaded.problems
    assert all(document.origin.encode() for document in loaded.documents)


# Bombs

BOMBS = (
    "nested-div.html", "nested-b.html", "nested.xml", "nested.json", "nested.md", "nested.epub", "laughs.xml", "outside.xml",
    "ratio.zip", "nest.zip", "many.zip", "sum.zip", "ratio.epub", "flate.pdf",
)  # fmt: skip


@pytest.mark.parametrize("name", BOMBS)
def test_a_bomb_is_stopped_in_time_and_named(name: str, tmp_path: Path) -> None:
    path = tmp_path / name
    path.write_bytes(bombs()[name]())
    start = time.monotonic()
    loaded = load_file(path, name)
    assert time.monotonic() - start < MOST_SECONDS
    assert not loaded.documents and loaded.problems


def test_a_bomb_in_an_archive_does_not_take_its_neighbours_with_it(tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    members = {"a.txt": NAMED.encode(), "b.html": bombs()["nested-div.html"](), "c.txt": b"Is heat good?\n\nLater."}
    path.write_bytes(zip_bytes({**members, "d.txt": b"0" * 5_000_000}))
    loaded = load_file(path, "a.zip")
    assert [document.origin for document in loaded.documents] == ["a.zip!/a.txt", "a.zip!/c.txt"]
    assert {problem.origin for problem in loaded.problems} == {"a.zip!/b.html", "a.zip!/d.txt"}


def test_an_archive_of_slow_members_is_stopped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loading, "ARCHIVE_SECONDS", 1.0)
    slow = bombs()["selectors.html"]()
    path = tmp_path / "a.zip"
    path.write_bytes(zip_bytes({f"{number}.html": slow for number in range(4)}))
    start = time.monotonic()
    loaded = load_file(path, "a.zip")
    assert time.monotonic() - start < MOST_SECONDS
    assert not loaded.documents and len(loaded.problems) == 4
    assert "used up the archive's time" in loaded.problems[-1].what


# The child process


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with Sandbox("builtins:eval", Limits(seconds=5, memory=200 << 20, output=1 << 20)) as child:
        yield child


def test_a_child_answers_many_requests(sandbox: Sandbox) -> None:
    assert [sandbox.run(f"'{n}' * {n}") for n in range(4)] == ["", "1", "22", "333"]


@pytest.mark.parametrize(
    ("request_", "expected"),
    [
        ("'a' * (1 << 30)", "needs more than 200 MiB"),
        ("'a' * (2 << 20)", "made 2,097,152 bytes"),
        ("__import__('os').kill(__import__('os').getpid(), 11)", "crash"),
        ("1 / 0", "crash"),
        ("'a' * 40000" + " " * 40_000, "too long a name"),
    ],
)
def test_a_child_that_breaks_is_reported_and_replaced(sandbox: Sandbox, request_: str, expected: str) -> None:
    with pytest.raises(SandboxError, match=expected):
        sandbox.run(request_)
    assert sandbox.run("'next'") == "next"


def test_a_child_that_hangs_is_stopped(sandbox: Sandbox) -> None:
    sandbox.run("'warm'")
    with pytest.raises(Overtime, match=r"more than 0\.3 s"):
        sandbox.run("__import__('time').sleep(60)", seconds=0.3)
    assert sandbox.run("'next'") == "next"


def test_a_child_writes_no_file_and_prints_nothing_into_the_replies(sandbox: Sandbox, tmp_path: Path) -> None:
    assert sandbox.run("print('noise') or 'reply'") == "reply"
    path = tmp_path / "x"
    with pytest.raises(SandboxError):
        sandbox.run(f"str(__import__('pathlib').Path({str(path)!r}).write_text('x' * 9))")
    assert not path.exists() or path.stat().st_size == 0


def test_a_child_whose_parent_is_gone_ends_itself() -> None:
    child = Sandbox("builtins:eval", Limits(seconds=0.4))._start()
    assert child.stdin and child.stdout
    request = b"__import__('time').sleep(60)"
    child.stdin.write(len(request).to_bytes(8, "big") + request)
    assert child.wait(30) == -signal.SIGALRM
    child.stdin.close()
    child.stdout.close()


def test_memory_that_earlier_files_left_behind_is_not_held_against_the_next(sandbox: Sandbox) -> None:
    sandbox.run("str(__import__('sys').modules.update(kept='a' * (90 << 20)))")
    assert sandbox.run("str(len('b' * (120 << 20)))") == str(120 << 20)


def test_one_child_serves_a_whole_batch(corpus: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    starts = []
    start = Sandbox._start

    def counted(self: Sandbox) -> object:
        starts.append(self)
        return start(self)

    monkeypatch.setattr(Sandbox, "_start", counted)
    for number in range(30):
        put(corpus, f"{number}.html", f"<h1>Is {number} good?</h1><p>Yes.</p>")
    assert len(load_corpus(corpus).documents) == 30 and len(starts) == 1


def test_text_alone_starts_no_child(corpus: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Sandbox, "_start", lambda self: pytest.fail("a child was started"))
    put(corpus, "a.txt", NAMED)
    assert load_corpus(corpus).documents


# Whatever the input


@given(data=st.binary(max_size=300), suffix=st.sampled_from([".txt", ".md"]))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60, deadline=None)
def test_loading_a_file_never_raises(data: bytes, suffix: str, tmp_path: Path) -> None:
    path = tmp_path / f"x{suffix}"
    path.write_bytes(data)
    loaded = load_file(path, f"answers/x{suffix}")
    assert loaded.documents or loaded.links or loaded.problems


@given(data=st.binary(max_size=300), suffix=st.sampled_from([".html", ".json", ".csv", ".xml", ".pdf", ".zip"]))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60, deadline=None)
def test_loading_an_untrusted_file_never_raises(data: bytes, suffix: str, tmp_path: Path, loader: Loader) -> None:
    path = tmp_path / f"x{suffix}"
    path.write_bytes(data)
    loaded = loader.load(path, f"answers/x{suffix}")
    assert not any("crash" in problem.what for problem in loaded.problems)


@pytest.fixture(scope="module")
def loader() -> Iterator[Loader]:
    with Loader() as one:
        yield one


def test_files_are_listed_by_their_place_in_the_corpus(corpus: Path) -> None:
    for name in ("b.txt", "a/z.txt", "a.txt"):
        put(corpus, name, NAMED)
    files, problems = corpus_files(corpus)
    assert [file.origin for file in files] == ["answers/a.txt", "answers/a/z.txt", "answers/b.txt"]
    assert not problems


def test_documents_pass_between_processes_unchanged(corpus: Path) -> None:
    put(corpus, "a.jsonl", json.dumps({"question": "Is ice “good”?", "answer": "Yes—it is.\n\n- É", "gaps": ["None."]}))
    (document,) = load_corpus(corpus).documents
    assert isinstance(document, Document) and document.text == "Yes—it is.\n\n- É" and document.gaps == ("None.",)
    assert replace(document, text="x").hash != document.hash
