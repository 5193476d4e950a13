"""What a hostile curator, or a page that borrows one's browser, might hand to *Add answers*: nothing leads out, nothing hangs."""

import base64
import io
import json
import stat
import time
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from assistant import ingestion
from assistant.workbench import Offered, Workbench
from tests.book_files import pdf_bytes, zip_bytes
from tests.corpus_files import FILES, World, copied, made
from tests.fake_model import FakeEmbedder

PAGE = FILES["answers/s02-navel-or-brace.md"].replace("navel", "waist").encode()
LONGEST = 20.0  # seconds for one upload


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    return made(tmp_path_factory.mktemp("shop") / "shop", {"answers/s01.md": FILES["answers/s01-plank-breathing.md"]})


def offered(*files: tuple[str, bytes]) -> Offered:
    return Offered([(name, base64.b64encode(data).decode()) for name, data in files])


def shown(world: World, *files: tuple[str, bytes]) -> str:
    """The preview of an upload."""
    started = time.monotonic()
    markup = Workbench(world.settings).preview(offered(*files), curates=True)
    assert time.monotonic() - started < LONGEST
    return markup


def linked(name: str, target: str) -> bytes:
    """An archive whose member is a symbolic link."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        member = zipfile.ZipInfo(name)
        member.external_attr = (stat.S_IFLNK | 0o777) << 16
        archive.writestr(member, target)
        archive.writestr("good.md", PAGE)
    return buffer.getvalue()


ARCHIVES = {
    "up": (zip_bytes({"../../evil.md": PAGE, "good.md": PAGE}), "its path leaves the archive"),
    "root": (zip_bytes({"/tmp/evil.md": PAGE, "good.md": PAGE}), "its path leaves the archive"),
    "backslash": (zip_bytes({"a\\..\\evil.md": PAGE, "good.md": PAGE}), "its path leaves the archive"),
    "drive": (zip_bytes({"C:evil.md": PAGE, "good.md": PAGE}), "its path leaves the archive"),
    "link": (linked("evil.md", "/etc/passwd"), "it is a link"),
    "ratio": (zip_bytes({"evil.md": b"# a\n" * 700_000, "good.md": PAGE}), "times its size"),
    "nested": (zip_bytes({"evil.zip": zip_bytes({"a.md": PAGE}), "good.md": PAGE}), "an archive inside an archive"),
}  # fmt: skip


@pytest.mark.parametrize("attack", ARCHIVES)
def test_of_an_archive_only_the_harmless_member_is_offered(world: World, attack: str) -> None:
    data, why = ARCHIVES[attack]
    markup = shown(world, (f"{attack}.zip", data))
    assert why in markup and "2 added" in markup and "root:" not in markup


def test_an_archive_of_many_files_ends_in_time(world: World) -> None:
    files = {f"a{number}.md": b"" for number in range(2_000)} | {"good.md": PAGE}  # 10,000 take five times as long
    assert "2 added" in shown(world, ("many.zip", zip_bytes(files)))


NAMES = (
    "../../evil.md", "/etc/cron.d/evil.md", "..\\..\\evil.md", "C:\\evil.md", "~/evil.md", "a/../../evil.md", ".evil.md", "-evil.md",
    "evil\u202egpj.md", "evil\x1b[2J.md", "evil\n.md", "evil\x00.md", "e" * 5_000 + ".md", "evil.yaml.md", "evil.md/", "%2e%2e%2fevil.md",
    "evil.MD", "CON.md", "\ud800evil.md", "<img src=x>.md", "evil.md::$DATA.md",
)  # fmt: skip


def test_a_name_leads_nowhere_and_is_plain(world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ingestion, "load_embedder", lambda model, cache: FakeEmbedder())
    world = copied(world, tmp_path / "shop")
    # Each with a question of its own: copies of one answer would be taken for one.
    files = [(name, PAGE.replace(b"question: ", b"question: %d " % number)) for number, name in enumerate(NAMES)]
    before = set(tmp_path.rglob("*"))
    markup = shown(world, *files)
    assert "<img" not in markup and "\u202e" not in markup
    taken = Workbench(world.settings).take(
        offered(*files), markup.partition('data-confirm="')[2].partition('"')[0], True
    )
    assert "Taken in" in taken and "evil.md is refused: another file of this name" in taken
    assert "/evil.md is refused" not in taken  # where it lay meanwhile is nobody's business
    fresh = {path for path in set(tmp_path.rglob("*")) - before if world.index not in path.parents}
    assert {path.parent for path in fresh} <= {world.corpus, world.corpus / "added"} and len(fresh) > 10
    for path in fresh:
        assert path.name.isprintable() and not path.name.startswith((".", "-")) and len(path.name) <= 130


CONTENTS: dict[str, Callable[[], bytes]] = {
    "pdf and zip.zip": lambda: pdf_bytes([[("Arches", 18, 720)]]) + zip_bytes({"good.md": PAGE}),
    "zip as text.txt": lambda: zip_bytes({"good.md": PAGE}),
    "html as md.md": lambda: b"<html><body><script>alert(1)</script><h1>Is it?</h1><p>Yes.</p></body></html>",
    "long head.md": lambda: b"---\nquestion: " + b"a" * 6_000_000 + b"\n---\n",
    "many fields.md": lambda: b"---\n" + b"".join(b"field%d: x\n" % n for n in range(100_000)) + b"---\n",
    "many aliases.md": lambda: b"---\nquestion: a\nalso_asked:\n" + b"  - b\n" * 200_000 + b"---\n\n## A\n\nYes.\n",
    "anchors.md": lambda: b"---\na: &a [x]\n" + b"".join(b"a%d: &a%d [*a,*a]\n" % (n, n) for n in range(99)) + b"---\n",
    "one quote.csv": lambda: b'question,answer\n"' + b"a,b\n" * 1_500_000,
    "deep.json": lambda: b"[" * 3_000_000,
    "wide.jsonl": lambda: b"".join(json.dumps({"question": f"q{n}?", "answer": "Yes."}).encode() + b"\n" for n in range(500)),
    "headings.txt": lambda: b"Is it?\n\n" + b"A B\nMD\n\nYes it is.\n\n" * 40_000,
}  # fmt: skip


@pytest.mark.parametrize("name", CONTENTS)
def test_content_that_lies_or_never_ends_is_answered_in_words(world: World, name: str) -> None:
    markup = shown(world, (name, CONTENTS[name]()))
    assert "<script" not in markup and "Traceback" not in markup
    assert "What would be taken in" in markup or "Nothing was taken in" in markup
