"""Builds are swapped in whole, old ones are swept, damage is noticed, and one ingest works at a time."""

import os
import signal
import stat
import subprocess
import sys
import time
from itertools import pairwise
from pathlib import Path

import pytest

from assistant.builds import KEPT_BUILDS, Build, Builds, Manifest
from assistant.caches import open_cache
from assistant.errors import IndexBusy, IndexDamaged, IndexMissing

MANIFEST = Manifest("fake:64|chunker", {"a": "1", "b": "2"}, {"answers/a.md": "3"}, 4, 5)


def published(builds: Builds, text: str = "content") -> Build:
    build = builds.begin()
    for path in (build.catalog, build.lexical, build.calibration):
        path.write_text(text)
    saved = build.chroma / "graph"
    saved.mkdir(parents=True)
    for name in ("index_metadata.pickle", "link_lists.bin"):
        (saved / name).write_text(text)
    (build.chroma / "chroma.sqlite3").write_text(text)
    builds.publish(build, MANIFEST)
    return build


@pytest.fixture
def builds(tmp_path: Path) -> Builds:
    builds = Builds(tmp_path / "index")
    with builds.lock():
        pass
    return builds


def test_an_index_that_was_never_built_says_which_command_builds_it(tmp_path: Path) -> None:
    with pytest.raises(IndexMissing, match="there is no index in") as caught:
        Builds(tmp_path / "nowhere").current()
    assert "python ingest.py" in caught.value.cure
    assert not (tmp_path / "nowhere").exists()


def test_a_published_build_is_the_live_one_with_its_manifest(builds: Builds) -> None:
    build = published(builds)
    assert builds.current() == build and build.complete
    assert builds.current().manifest() == MANIFEST
    build.check()


def test_what_is_published_or_lost_between_two_questions_is_noticed_at_the_next(builds: Builds) -> None:
    asked = Builds(builds.index)
    first = published(builds)
    assert asked.current() == asked.current() == first
    second = published(builds)
    assert asked.current() == asked.current() == second
    builds.point_to(first)
    assert asked.current() == first
    (first.folder / "COMPLETE").unlink()
    with pytest.raises(IndexDamaged, match="not whole"):
        asked.current()


def test_a_build_under_way_is_nobodys(builds: Builds) -> None:
    before = published(builds)
    begun = builds.begin()
    assert builds.current() == before and builds.all() == [before] and not begun.complete


def test_builds_are_newest_first_and_never_share_a_name(builds: Builds) -> None:
    made = [published(builds) for _ in range(3)]
    assert builds.all() == made[::-1] and len({build.name for build in made}) == 3
    assert all(before.name < after.name for before, after in pairwise(made))


def test_old_builds_and_unfinished_ones_are_swept_and_the_live_one_stays(builds: Builds) -> None:
    begun = builds.begin()
    left_over = builds.index / "CURRENT.123"
    left_over.write_text("half")
    made = [published(builds) for _ in range(KEPT_BUILDS + 2)]
    assert builds.all() == made[: -KEPT_BUILDS - 1 : -1]
    assert not begun.folder.exists() and not left_over.exists()


def test_a_roll_back_points_to_an_older_build_and_a_sweep_keeps_it(builds: Builds) -> None:
    oldest, *_ = made = [published(builds) for _ in range(KEPT_BUILDS)]
    builds.point_to(oldest)
    assert builds.current() == oldest
    builds.sweep()
    assert set(builds.all()) == set(made)


def test_equal_manifests_are_equal_byte_for_byte_and_come_back_as_they_were(tmp_path: Path) -> None:
    other = Manifest("fake:64|chunker", {"b": "2", "a": "1"}, {"answers/a.md": "3"}, 4, 5)
    assert other.dump() == MANIFEST.dump()
    (tmp_path / "build.json").write_text(MANIFEST.dump(), encoding="utf-8")
    assert Manifest.load(tmp_path / "build.json") == MANIFEST


@pytest.mark.parametrize("content", [b"", b"{", b"null", b"[]", b'{"fingerprint": "x"}', b"\xff\xfe", bytes(40)])
def test_a_manifest_that_is_none_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "build.json").write_bytes(content)
    with pytest.raises(IndexDamaged, match=r"build\.json cannot be read"):
        Manifest.load(tmp_path / "build.json")


@pytest.mark.parametrize(
    "content",
    [b"", b"\n", b"never-built\n", b"../..\n", b"/etc\n", bytes(24), b"\xff\xfe\x00", b"x" * 5000],
    ids=["empty", "blank", "unknown", "above", "elsewhere", "zeros", "not text", "long"],
)
def test_a_pointer_that_leads_nowhere_is_refused_with_the_command_that_cures_it(builds: Builds, content: bytes) -> None:
    published(builds)
    (builds.index / "CURRENT").write_bytes(content)
    with pytest.raises(IndexDamaged) as caught:
        builds.current()
    assert "ingest.py --rebuild" in caught.value.cure


def test_a_pointer_cannot_lead_out_of_the_index(builds: Builds, tmp_path: Path) -> None:
    published(builds)
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "COMPLETE").touch()
    (builds.index / "CURRENT").write_text("../../outside")
    with pytest.raises(IndexDamaged):
        builds.current()


@pytest.mark.parametrize(
    "name", ["catalog.sqlite", "lexical.npz", "calibration.json", "build.json", "chroma/graph/link_lists.bin"]
)
def test_every_file_that_should_not_change_is_checked(builds: Builds, name: str) -> None:
    path = published(builds).folder / name
    whole = path.read_bytes()
    for damaged in (b"", whole[:-1], bytes(len(whole)), bytes([whole[0] ^ 1]) + whole[1:]):
        path.write_bytes(damaged)
        with pytest.raises(IndexDamaged, match=f"{name} of the build .* is not as it was written") as caught:
            builds.current().check()
        assert "ingest.py --rebuild" in caught.value.cure
    path.write_bytes(whole)
    builds.current().check()
    path.unlink()
    with pytest.raises(IndexDamaged):
        builds.current().check()


def test_a_damage_is_told_before_what_it_led_to_while_the_build_was_opened(builds: Builds) -> None:
    build = published(builds)
    with pytest.raises(KeyError), build.checked_meanwhile():
        raise KeyError("the build is whole: this is another matter")
    build.lexical.write_text("damaged")
    with pytest.raises(IndexDamaged, match="lexical"), build.checked_meanwhile():
        raise KeyError("what was read of it made no sense")
    with pytest.raises(IndexDamaged), build.checked_meanwhile():
        pass  # nothing looked at what is damaged


def test_hashes_that_are_known_already_are_written_down_as_they_are(builds: Builds) -> None:
    build = published(builds)
    sealed = (build.folder / "COMPLETE").read_bytes()
    known = {name: digest for name, digest in build.digests().items() if name not in build.small()}
    builds.seal(build, known)
    assert (build.folder / "COMPLETE").read_bytes() == sealed
    builds.seal(build, known | {"catalog.sqlite": "another"})
    with pytest.raises(IndexDamaged, match="catalog"):
        build.check()


def test_what_chroma_writes_whenever_it_opens_is_not_checked(builds: Builds) -> None:
    build = published(builds)
    (build.chroma / "chroma.sqlite3").write_text("touched")
    build.check()


def test_a_build_without_its_mark_is_not_whole(builds: Builds) -> None:
    build = published(builds)
    (build.folder / "COMPLETE").unlink()
    with pytest.raises(IndexDamaged, match="is not whole"):
        builds.current()


def test_nobody_else_can_look_into_the_index(builds: Builds) -> None:
    build = published(builds)
    for folder in (builds.index, build.folder):
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_a_second_ingest_in_the_same_process_is_refused(builds: Builds) -> None:
    with builds.lock(), pytest.raises(IndexBusy, match=rf"process {os.getpid()}"), Builds(builds.index).lock():
        pass
    with Builds(builds.index).lock():
        pass


HOLDER = """
import sys, time
from pathlib import Path
from assistant.builds import Builds
with Builds(Path(sys.argv[1])).lock():
    sys.stdout.write("held\\n"); sys.stdout.flush(); time.sleep(60)
"""


def test_the_lock_of_a_killed_process_is_free_at_once_and_until_then_names_its_holder(builds: Builds) -> None:
    command = [sys.executable, "-c", HOLDER, str(builds.index)]
    with subprocess.Popen(command, cwd=Path(__file__).parents[1], stdout=subprocess.PIPE, text=True) as holder:
        assert holder.stdout is not None and holder.stdout.readline() == "held\n"
        started = time.monotonic()
        with pytest.raises(IndexBusy, match=f"process {holder.pid}") as caught, builds.lock():
            pass
        assert time.monotonic() - started < 2 and "Wait until it is done" in caught.value.cure
        holder.send_signal(signal.SIGKILL)
        holder.wait()
        with builds.lock():
            pass


def test_a_cache_whose_names_are_damaged_is_thrown_away_and_begun_anew(tmp_path: Path) -> None:
    path, schema = tmp_path / "cache.sqlite", "create table if not exists kept (word text);"
    open_cache(path, schema).close()
    path.write_bytes(
        path.read_bytes().replace(b"CREATE TABLE kept", b"CREATE \xb9ABLE kept").replace(b"kept", b"k\xb9pt")
    )
    cache = open_cache(path, schema)
    assert cache.execute("select count(*) from kept").fetchone() == (0,)
    cache.close()
