"""Vectors are found by what they are near to, kept by content, and never embedded twice."""

import sqlite3
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from assistant import vectors as vectors_room
from assistant.embedding import Progress, Vectors
from assistant.errors import IndexDamaged
from assistant.vectors import NOTHING, Kind, Nearest, Record, VectorCache, VectorStore
from tests.fake_model import FakeEmbedder

TEXTS = ["the hip turns", "the knee bends", "sleep before a race"]


def records(texts: Sequence[str], owner: str = "d", kind: Kind = Kind.PASSAGE) -> list[Record]:
    return [
        Record(kind, f"{owner}{n}", text, v)
        for n, (text, v) in enumerate(zip(texts, FakeEmbedder().embed(texts), strict=True))
    ]


def vector(text: str) -> Vectors:
    found: Vectors = FakeEmbedder().embed([text])[0]
    return found


@pytest.fixture
def store(tmp_path: Path) -> Iterator[VectorStore]:
    store = VectorStore(tmp_path / "chroma")
    yield store
    store.close()


@pytest.fixture
def cache(tmp_path: Path, embedder: FakeEmbedder) -> Iterator[VectorCache]:
    cache = VectorCache(tmp_path / "vectors.sqlite", embedder)
    yield cache
    cache.close()


def test_the_nearest_owners_come_first_with_their_cosines(store: VectorStore) -> None:
    store.add(records(TEXTS))
    found = store.nearest(vector("knee bends"), 10).passages
    assert next(iter(found)) == "d1" and set(found) == {"d0", "d1", "d2"}
    assert found["d1"] == pytest.approx(float(vector("knee bends") @ vector(TEXTS[1])), abs=1e-5)
    assert list(found.values()) == sorted(found.values(), reverse=True)


def test_an_owner_of_several_vectors_counts_with_its_nearest(store: VectorStore) -> None:
    hip, knee, _ = records(TEXTS)
    store.add([hip, Record(hip.kind, hip.owner, knee.text, knee.vector)])
    assert store.nearest(vector(knee.text), 2).passages == {"d0": pytest.approx(1.0, abs=1e-5)}


def test_a_search_that_is_begun_finds_the_same(store: VectorStore) -> None:
    store.add(records(TEXTS))
    begun = [store.begin(vector(text), 2) for text in TEXTS * 8]  # more than are searched for at once
    assert [future.result() for future in begun] == [store.nearest(vector(text), 2) for text in TEXTS * 8]


def test_whoever_begins_a_search_goes_on_while_chroma_looks(store: VectorStore, monkeypatch: pytest.MonkeyPatch) -> None:
    looked = threading.Event()
    monkeypatch.setattr(store, "nearest", lambda *asked: looked.wait(60) and NOTHING)
    begun = store.begin(vector("hip"), 2)
    assert not begun.done()
    looked.set()
    assert begun.result() == NOTHING


def test_a_search_that_is_begun_and_fails_says_so_to_whoever_waits_for_it(store: VectorStore) -> None:
    store.add(records(TEXTS))
    with pytest.raises(IndexDamaged, match="cannot be read"):
        store.begin(vector("hip")[:3], 2).result()


def test_no_more_vectors_are_looked_at_than_asked_for(store: VectorStore) -> None:
    store.add(records(TEXTS))
    found = store.nearest(vector("hip"), 2)
    assert len(found.passages) == 2 and found.least == min(found.passages.values())


def test_an_empty_store_finds_nothing(store: VectorStore) -> None:
    assert store.nearest(vector("hip"), 5) == Nearest({}, {}, 0.0) and store.count() == 0


def test_questions_and_passages_lie_together_and_are_told_apart(store: VectorStore) -> None:
    store.add([*records(TEXTS[:1], "a: b:", Kind.QUESTION), *records(TEXTS[:2])])
    found = store.nearest(vector(TEXTS[0]), 2)
    assert (list(found.questions), list(found.passages)) == (["a: b:0"], ["d0"]) and store.count() == 3


def test_what_is_deleted_is_found_no_more(store: VectorStore) -> None:
    hip, knee, race = records(TEXTS)
    store.add([hip, knee, race])
    store.delete([knee.id])
    assert store.ids() == {hip.id, race.id}
    assert "d1" not in store.nearest(knee.vector, 10).passages


def test_vectors_outlive_the_store_that_wrote_them(tmp_path: Path) -> None:
    first = VectorStore(tmp_path / "chroma")
    first.add(records(TEXTS))
    first.close()
    second = VectorStore(tmp_path / "chroma")
    assert list(second.nearest(vector(TEXTS[2]), 1).passages) == ["d2"]
    second.close()


def test_more_records_than_chroma_takes_in_one_call_go_in(store: VectorStore, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(vectors_room, "_BATCH", 2)
    made = records([f"text number {number}" for number in range(5)])
    store.add(made)
    assert store.count() == 5
    store.delete([record.id for record in made])
    assert store.count() == 0


def test_a_record_that_is_not_there_is_named_as_lost(store: VectorStore) -> None:
    hip, knee, _ = records(TEXTS)
    store.add([hip])
    assert store.lost([hip]) == []
    assert store.lost([hip, knee]) == [knee.id]


@pytest.mark.parametrize("count", [60, 96])
def test_texts_that_differ_in_one_word_are_all_found_by_themselves(store: VectorStore, count: int) -> None:
    alike = [f"What is drill number {number}? Drill {number} is a drill for the hip." for number in range(count)]
    near = records(alike)
    store.add(near)
    assert store.lost(near) == []


def test_of_two_records_with_one_text_neither_is_lost(store: VectorStore) -> None:
    both = [*records(TEXTS[:1], "a"), *records(TEXTS[:1], "b")]
    store.add(both)
    assert store.lost(both) == []


def test_an_id_tells_kind_owner_and_text_apart() -> None:
    texts = ("x", "y", "\ud800")
    ids = {Record(kind, owner, text, vector("x")).id for kind in Kind for owner in ("a", "b") for text in texts}
    assert len(ids) == 12


@pytest.mark.parametrize(
    "content", [b"", bytes(8192), b"SQLite format 3\x00" + bytes(4000)], ids=["emptied", "zeroed", "head"]
)
def test_a_store_that_cannot_be_opened_is_refused_with_the_command_that_cures_it(
    tmp_path: Path, content: bytes
) -> None:
    store = VectorStore(tmp_path / "chroma")
    store.add(records(TEXTS))
    store.close()
    (tmp_path / "chroma" / "chroma.sqlite3").write_bytes(content)
    try:
        again = VectorStore(tmp_path / "chroma")
    except IndexDamaged as error:
        assert "chroma cannot be read" in error.message and "ingest.py --rebuild" in error.cure
    else:  # an empty file is an empty store to Chroma: whoever opened it has to count
        assert content == b"" and again.count() == 0
        again.close()


def test_a_panic_of_compiled_code_is_told_as_a_damaged_store(tmp_path: Path) -> None:
    store = VectorStore(tmp_path / "chroma")
    store.add(records(TEXTS))
    store.close()
    path = tmp_path / "chroma" / "chroma.sqlite3"
    whole = path.read_bytes()
    path.write_bytes(whole[:4096] + bytes(4096) + whole[8192:])
    with pytest.raises(IndexDamaged, match="chroma cannot be read") as caught:
        VectorStore(tmp_path / "chroma").count()
    assert not isinstance(caught.value.__cause__, Exception), "this damage does not panic any more: find one that does"


def test_a_text_is_embedded_once_however_often_it_is_asked_for(cache: VectorCache, embedder: FakeEmbedder) -> None:
    first = cache.vectors([*TEXTS, TEXTS[0]])
    again = cache.vectors(TEXTS)
    assert sorted(embedder.embedded) == sorted(TEXTS) and cache.computed == 3
    assert np.array_equal(first[:3], again) and np.array_equal(first[0], first[3])


def test_cached_vectors_are_those_of_the_model_in_the_order_asked(cache: VectorCache) -> None:
    cache.vectors(TEXTS[1:2])
    assert np.array_equal(cache.vectors(TEXTS), FakeEmbedder().embed(TEXTS))


def test_the_cache_outlives_the_process_that_filled_it(
    tmp_path: Path, cache: VectorCache, embedder: FakeEmbedder
) -> None:
    cache.vectors(TEXTS)
    later = VectorCache(tmp_path / "vectors.sqlite", FakeEmbedder())
    assert np.array_equal(later.vectors(TEXTS), cache.vectors(TEXTS)) and later.computed == 0
    later.close()


def test_another_model_shares_no_vector(tmp_path: Path, cache: VectorCache) -> None:
    cache.vectors(TEXTS)
    other = FakeEmbedder()
    other.fingerprint = "fake:other"
    later = VectorCache(tmp_path / "vectors.sqlite", other)
    later.vectors(TEXTS)
    assert later.computed == 3
    later.close()


def test_no_text_gives_no_vector_of_the_right_width(cache: VectorCache) -> None:
    assert cache.vectors([]).shape == (0, 64)


def test_odd_texts_have_vectors_too(cache: VectorCache) -> None:
    assert cache.vectors(["", "\x00", "\ud800", "🦵", "x" * 100_000]).shape == (5, 64)


def test_progress_counts_every_text_once(cache: VectorCache) -> None:
    cache.vectors(TEXTS[:1])
    told: list[int] = []
    cache.vectors(TEXTS, told.append)
    assert sum(told) == 3


class Failing(FakeEmbedder):
    """Fails at the second call."""

    def embed(self, texts: Sequence[str], progress: Progress | None = None) -> Vectors:
        if self.embedded:
            raise KeyboardInterrupt
        return super().embed(texts, progress)


def test_a_stopped_run_keeps_what_it_had_embedded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(vectors_room, "_EMBED_BATCH", 2)
    stopped = VectorCache(tmp_path / "vectors.sqlite", Failing())
    with pytest.raises(KeyboardInterrupt):
        stopped.vectors(TEXTS)
    stopped.close()
    later = VectorCache(tmp_path / "vectors.sqlite", FakeEmbedder())
    later.vectors(TEXTS)
    assert later.computed == 1
    later.close()


@pytest.mark.parametrize(
    "content",
    [bytes(4096), b"not a database at all", b"SQLite format 3\x00" + bytes(200)],
    ids=["zeroed", "text", "head"],
)
def test_a_damaged_cache_is_made_anew_because_it_only_saves_time(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "vectors.sqlite").write_bytes(content)
    cache = VectorCache(tmp_path / "vectors.sqlite", FakeEmbedder())
    assert np.array_equal(cache.vectors(TEXTS), FakeEmbedder().embed(TEXTS))
    cache.close()


@pytest.mark.parametrize(
    "damage",
    ["substr(vector, 1, 9)", "zeroblob(256)", "randomblob(256)", "7", "(select max(vector) from vectors)"],
    ids=["cut", "zeroed", "scribbled", "a number", "of another text"],
)
def test_a_damaged_cached_vector_is_embedded_anew(tmp_path: Path, cache: VectorCache, damage: str) -> None:
    cache.vectors(TEXTS)
    with sqlite3.connect(tmp_path / "vectors.sqlite") as db:
        db.execute(f"update vectors set vector = {damage}")
    db.close()
    assert np.array_equal(cache.vectors(TEXTS), FakeEmbedder().embed(TEXTS))


@given(place=st.integers(0, 2000), bit=st.integers(0, 7))
@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_single_bit_of_a_cached_vector_that_turned_is_noticed(cache: VectorCache, place: int, bit: int) -> None:
    cache.vectors(["A sentence."])
    ((key, stored),) = cache._db.execute("select key, vector from vectors").fetchall()
    turned = bytearray(stored)
    turned[place % len(stored)] ^= 1 << bit
    cache._db.execute("update vectors set vector = ?", (bytes(turned),))
    assert not cache._known([key])
    cache._db.execute("update vectors set vector = ?", (stored,))
    assert cache._known([key])
