"""The doctor finds what is wrong, names the command that cures it, and after a repair finds nothing."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest

from assistant import __main__ as command_line
from assistant import doctor as doctor_room
from assistant import ingestion
from assistant.builds import Builds
from assistant.catalog import Catalog
from assistant.doctor import Finding, Remedy, examine, repair
from assistant.schema import AnswerKind
from assistant.vectors import VectorStore
from tests.corpus_files import DRAW_IN, FILES, SQUATTING, World, copied, made
from tests.fake_model import FakeEmbedder

BREATHING_FILE, NAVEL_FILE = "answers/s01-plank-breathing.md", "answers/s02-navel-or-brace.md"


@pytest.fixture(scope="module")
def indexed(tmp_path_factory: pytest.TempPathFactory) -> World:
    return made(tmp_path_factory.mktemp("indexed"))


@pytest.fixture
def world(indexed: World, tmp_path: Path) -> World:
    return copied(indexed, tmp_path)


def found(world: World) -> list[Finding]:
    return examine(world.settings, world.embedder)


def reseal(world: World) -> None:
    """Let the build say that its files are as they should be: damage that no checksum shows."""
    build = Builds(world.index).current()
    Builds(world.index).seal(build)


def edit_file(world: World) -> None:
    path = world.corpus / NAVEL_FILE
    path.write_text(path.read_text(encoding="utf-8").replace(DRAW_IN, "Breathe."), encoding="utf-8")


def remove_file(world: World) -> None:
    (world.corpus / BREATHING_FILE).unlink()


def break_pointer(world: World) -> None:
    (world.index / "CURRENT").write_text("nowhere", encoding="utf-8")


def flip_catalog(world: World) -> None:
    path = world.build / "catalog.sqlite"
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 0xFF
    path.write_bytes(content)


def alter_text(world: World) -> None:
    with closing(sqlite3.connect(world.build / "catalog.sqlite")) as db, db:
        db.execute("update entries set document = replace(document, 'Never hold', 'Always hold')")
    reseal(world)


def swap_vectors(world: World) -> None:
    with closing(sqlite3.connect(world.build / "catalog.sqlite")) as db, db:
        db.execute("update entries set passage_vectors = zeroblob(length(passage_vectors)) where id like 's05%'")
    reseal(world)


def lose_a_vector(world: World) -> None:
    store = VectorStore(world.build / "chroma")
    store.delete([min(store.ids())])
    store.close()
    reseal(world)


def drop_full_text(world: World) -> None:
    (world.build / "lexical.npz").write_bytes(b"")


def scribble_cache(world: World) -> None:
    (world.index / "vectors.sqlite").write_bytes(b"no database" * 500)


def leave_half_a_build(world: World) -> None:
    Builds(world.index).begin()


DAMAGES: list[tuple[Callable[[World], None], str, Remedy]] = [
    (edit_file, "1 corpus files changed since the build: answers/s02-navel-or-brace.md", Remedy.INGEST),
    (remove_file, "1 corpus files removed since the build: answers/s01-plank-breathing.md", Remedy.INGEST),
    (break_pointer, "points to the build 'nowhere'", Remedy.REBUILD),
    (flip_catalog, "catalog.sqlite of the build", Remedy.REBUILD),
    (alter_text, "documents of the catalog are not what was stored: s01-plank-breathing.maren-holt", Remedy.REBUILD),
    (
        swap_vectors,
        "the stored vectors of s05-back-pain-signs.ida-lindqvist are not those of their texts",
        Remedy.REBUILD,
    ),
    (lose_a_vector, "1 vectors are missing and 0 belong to nothing", Remedy.REBUILD),
    (drop_full_text, "lexical.npz of the build", Remedy.REBUILD),
    (scribble_cache, "vectors.sqlite, which only saves time, is damaged", Remedy.REPAIR),
    (leave_half_a_build, "a killed ingest left", Remedy.REPAIR),
]


def test_a_sound_index_has_no_finding(indexed: World) -> None:
    assert found(indexed) == []


@pytest.mark.parametrize(("damage", "what", "remedy"), DAMAGES, ids=lambda value: getattr(value, "__name__", None))
def test_what_is_wrong_is_named_with_its_cure_and_a_repair_mends_it(
    world: World, damage: Callable[[World], None], what: str, remedy: Remedy
) -> None:
    damage(world)
    findings = found(world)
    assert any(what in finding.what and finding.remedy is remedy for finding in findings), findings
    assert remedy.value in "\n".join(map(str, findings))
    repair(world.settings, findings, world.embedder)
    assert found(world) == []
    assert world.assistant().ask(SQUATTING).kind is AnswerKind.ANSWERED
    assert {document.origin for document in world.documents().values()} == {
        path.relative_to(world.corpus).as_posix() for path in world.corpus.rglob("*.md")
    }


def test_a_cache_of_which_sqlite_quotes_unreadable_bytes_is_damaged(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Quoting(sqlite3.Connection):
        def execute(self, *given: object) -> sqlite3.Cursor:
            raise UnicodeDecodeError("utf-8", b"\xb9", 0, 1, "invalid start byte")

    connect = sqlite3.connect
    monkeypatch.setattr(sqlite3, "connect", lambda *given, **more: connect(*given, **more, factory=Quoting))
    assert doctor_room._is_damaged(world.index / "vectors.sqlite")


def test_a_repair_embeds_nothing_that_is_known(world: World) -> None:
    drop_full_text(world)
    repair(world.settings, found(world), world.embedder)
    assert not set(world.embedder.embedded[: -doctor_room.SAMPLED * 4])  # only what the doctor embeds to compare


def test_another_model_is_a_reason_to_rebuild(world: World) -> None:
    other = FakeEmbedder()
    other.fingerprint = "fake:other"
    findings = examine(world.settings, other)
    assert [finding.remedy for finding in findings] == [Remedy.REBUILD] and "fake:other" in findings[0].what


def test_an_altered_model_of_the_same_name_is_noticed_by_its_vectors(world: World) -> None:
    class Altered(FakeEmbedder):
        def embed(self, *given: object, **more: object) -> "np.ndarray[tuple[int, ...], np.dtype[np.float32]]":
            return np.roll(super().embed(*given, **more), 1, axis=1)  # type: ignore[arg-type]

    assert any("are not those of their texts" in finding.what for finding in examine(world.settings, Altered()))


def test_a_refused_file_is_named_and_no_command_is_promised_to_cure_it(world: World) -> None:
    (world.corpus / "answers" / "s08-broken.md").write_text("no front matter", encoding="utf-8")
    world.ingest()
    findings = found(world)
    assert [finding.remedy for finding in findings] == [Remedy.BY_HAND] and "s08-broken.md" in findings[0].what


def test_without_an_index_nothing_is_made_and_the_first_command_is_named(tmp_path: Path) -> None:
    world = World(tmp_path)
    assert [finding.remedy for finding in found(world)] == [Remedy.INGEST]
    assert not world.index.exists()


def test_too_little_room_for_the_next_build_is_said(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shutil.disk_usage", lambda folder: type("Usage", (), {"free": 0})())
    assert any("0 MiB are free" in finding.what for finding in found(world))


@pytest.fixture
def run(
    world: World, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Iterator[Callable[..., str]]:
    for module in (doctor_room, ingestion):
        monkeypatch.setattr(module, "load_embedder", lambda model, cache: world.embedder)
    monkeypatch.setenv("ASSISTANT_CORPUS", str(world.corpus))
    monkeypatch.setenv("ASSISTANT_INDEX", str(world.index))

    def command(*arguments: str) -> str:
        status = command_line.main(["doctor", *arguments])
        return f"{status} {capsys.readouterr().out}"

    yield command


def test_the_command_says_what_is_wrong_repairs_it_and_ends_with_status_0(
    world: World, run: Callable[..., str]
) -> None:
    assert run().startswith("0 corpus, catalog, vectors and model agree")
    remove_file(world)
    assert run().startswith("1 1 corpus files removed since the build") and len(world.documents()) == len(FILES) + 3
    repaired = run("--repair")
    assert repaired.startswith("0 ") and "after the repair:\ncorpus, catalog, vectors and model agree" in repaired
    assert run().startswith("0 ")


def test_the_catalog_of_a_sound_world_can_be_read_row_by_row(indexed: World) -> None:
    with closing(Catalog(Builds(indexed.index).current().catalog)) as catalog:
        assert [catalog.page(id) for id in catalog.origins()] == [entry.document.page for entry in catalog.entries()]
