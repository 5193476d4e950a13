"""What is stored of a document is what is read back, whoever reads it and however often."""

import sqlite3
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from assistant import catalog as catalog_room
from assistant import packed
from assistant.catalog import Catalog
from assistant.entries import Entry
from assistant.errors import IndexDamaged
from assistant.lexicon import terms
from assistant.schema import AuthorType, Document, Role, Source, SourceKind, Tier, Wording
from tests.corpus_files import entry

FULL = Document(
    "s01.holt",
    "s01",
    "Wie? “Why?”\n",
    "Rest, naïve 🦵 one:\n- Breathe.\n- Walk.\n\nThis is it. It helps.",
    Source(
        "A page", "Press", SourceKind.BOOK, "Maren Holt", AuthorType.PERSON, "Physio", "https://www.example.org", "2015",
        "2016-02", "2017-03-04", Tier.CLINIC, "CC BY 4.0", Wording.SUMMARY, "abstract", "Brace", True, True,
    ),
    ("how", "why"), ("plank",), ("hip", "knee"), "navel", ("clot",), ("No date.", "No number."), "Ask.", "answers/s01.md",
)  # fmt: skip
PLAIN = Document("s02.unnamed", "s02", "Why?", "Rest.", Source("T", "P"))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "catalog.sqlite"


@pytest.fixture
def catalog(path: Path) -> Iterator[Catalog]:
    catalog = Catalog(path, writable=True)
    yield catalog
    catalog.close()


def filled(catalog: Catalog, *documents: Document) -> Catalog:
    catalog.put(map(entry, documents))
    return catalog


def test_a_document_with_every_field_is_read_back_as_it_was_stored(catalog: Catalog) -> None:
    assert filled(catalog, FULL, PLAIN).entry("s01.holt").document == FULL
    assert catalog.entry("s01.holt").document.hash == FULL.hash
    assert catalog.entry("s02.unnamed").document == PLAIN


def test_sentences_and_passages_are_read_back_with_roles_and_needs(catalog: Catalog) -> None:
    stored, read = entry(FULL), filled(catalog, FULL).entry("s01.holt")
    assert (read.sentences, read.passages) == (stored.sentences, stored.passages)
    assert {sentence.role for sentence in read.sentences} == {Role.LEAD_IN, Role.ITEM, Role.SENTENCE}


def test_the_terms_of_wordings_and_sentences_are_read_back_as_their_texts_give_them(catalog: Catalog) -> None:
    wordless = replace(FULL, id="s03", text="Rest.\nAnd so on.\n?!\nWalk, walk.")
    filled(catalog, FULL, wordless)
    for document in (FULL, wordless):
        texts = [document.text[s.start : s.end] for s in entry(document).sentences]
        assert catalog.entry(document.id).sentence_terms == tuple(map(terms, texts))
        assert catalog.entry(document.id).wording_terms == tuple(map(terms, (document.question, *document.also_asked)))
    assert catalog.entry("s03").sentence_terms == (("rest",), (), (), ("walk", "walk"))


def test_vectors_are_read_back_whole_and_those_of_sentences_to_half_precision(catalog: Catalog) -> None:
    stored, read = entry(FULL), filled(catalog, FULL).entry("s01.holt")
    assert np.array_equal(read.question_vectors, stored.question_vectors)
    assert np.array_equal(read.passage_vectors, stored.passage_vectors)
    assert np.allclose(read.sentence_vectors, stored.sentence_vectors, atol=1e-3)
    assert read.gap_vectors.shape == (2, 64) and np.allclose(read.gap_vectors, stored.gap_vectors, atol=1e-3)


def test_answers_to_one_question_have_the_vectors_of_its_wordings_in_common(catalog: Catalog) -> None:
    second, reworded = replace(FULL, id="s01.ray"), replace(FULL, id="s01.lee", also_asked=("how",))
    filled(catalog, FULL, second, reworded)
    one, other, apart = catalog.vectors_of(["s01.holt", "s01.ray", "s01.lee"])
    assert one.questions is other.questions and apart.questions != one.questions
    for document in (FULL, second, reworded):
        assert np.array_equal(catalog.entry(document.id).question_vectors, entry(document).question_vectors)


def test_numbers_in_half_precision_are_the_same_in_single_precision() -> None:
    every = np.arange(2**16, dtype=np.uint16).view(np.float16)
    finite = every[np.isfinite(every)]
    assert np.array_equal(packed.widened(finite).view(np.int32), finite.astype(np.float32).view(np.int32))  # -0 is not 0
    assert packed.widened(finite[:0].reshape(0, 64)).shape == (0, 64)


@pytest.mark.parametrize("rows", [1, 256, 257, 1000])
def test_vectors_in_half_precision_are_multiplied_as_in_single_precision(rows: int) -> None:
    chance = np.random.default_rng(rows)
    halves, vector = chance.standard_normal((rows, 64)).astype(np.float16), chance.standard_normal(64).astype(np.float32)
    assert np.allclose(packed.widened_times(halves, vector), halves.astype(np.float32) @ vector, rtol=1e-4, atol=1e-5)


def test_a_document_without_gaps_has_no_gap_vectors(catalog: Catalog) -> None:
    assert filled(catalog, PLAIN).entry("s02.unnamed").gap_vectors.shape == (0, 64)


def test_entries_come_in_the_order_of_ids_however_they_were_stored(catalog: Catalog) -> None:
    filled(catalog, PLAIN, FULL)
    assert [one.document.id for one in catalog.entries()] == ["s01.holt", "s02.unnamed"]
    assert list(catalog.hashes().items()) == [("s01.holt", FULL.hash), ("s02.unnamed", PLAIN.hash)]
    assert list(catalog.asked()) == [("s01.holt", FULL.asked), ("s02.unnamed", PLAIN.asked)]


def test_storing_an_id_again_replaces_it_also_for_who_has_read_it(catalog: Catalog) -> None:
    assert filled(catalog, FULL).entry("s01.holt").document.text == FULL.text
    changed = replace(FULL, text="Walk.")
    assert filled(catalog, changed).entry("s01.holt").document == changed
    assert len(catalog.hashes()) == 1


def test_a_deleted_document_is_gone_also_for_who_has_read_it(catalog: Catalog) -> None:
    filled(catalog, FULL, PLAIN).entry("s01.holt")
    catalog.delete(["s01.holt", "never-there"])
    with pytest.raises(KeyError, match=r"s01\.holt"):
        catalog.entry("s01.holt")
    assert list(catalog.hashes()) == ["s02.unnamed"]


def test_a_page_gives_its_own_documents_only(catalog: Catalog) -> None:
    filled(catalog, FULL, PLAIN, replace(FULL, id="s01.a"))
    assert [one.document.id for one in catalog.on_page("s01")] == ["s01.a", "s01.holt"]
    assert catalog.on_page("s0") == []


def test_an_id_is_looked_up_as_it_stands(catalog: Catalog) -> None:
    filled(catalog, FULL)
    for id in ("s01", "S01.HOLT", "' or '1'='1", "%", "\x00", ""):
        with pytest.raises(KeyError):
            catalog.entry(id)


def test_a_failed_write_leaves_what_was_there(catalog: Catalog) -> None:
    filled(catalog, FULL)

    def entries() -> Iterator[Entry]:
        yield entry(PLAIN)
        raise OSError("disk full")

    with pytest.raises(OSError, match="disk full"):
        catalog.put(entries())
    assert list(catalog.hashes()) == ["s01.holt"]


def test_a_reader_cannot_write(catalog: Catalog, path: Path) -> None:
    filled(catalog, FULL)
    reader = Catalog(path)
    with pytest.raises(sqlite3.OperationalError, match="readonly"):
        reader.put([entry(PLAIN)])
    reader.close()


def test_threads_that_read_more_than_is_remembered_all_get_theirs(
    catalog: Catalog, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(catalog_room, "_REMEMBERED", 1)
    documents = [replace(PLAIN, id=f"d{number}") for number in range(4)]
    filled(catalog, *documents)
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda number: catalog.entry(f"d{number % 4}").document.id, range(2000)))
    assert found == [f"d{number % 4}" for number in range(2000)]


@pytest.mark.parametrize(
    "content", [b"", bytes(4096), b"SQLite format 3\x00" + bytes(200), b"text"], ids=["empty", "zeros", "head", "text"]
)
def test_a_file_that_is_no_catalog_is_refused_with_the_command_that_cures_it(path: Path, content: bytes) -> None:
    path.write_bytes(content)
    with pytest.raises(IndexDamaged, match=r"catalog\.sqlite cannot be read") as caught:
        Catalog(path)
    assert "ingest.py --rebuild" in caught.value.cure


def test_a_missing_catalog_is_refused_and_not_made(path: Path) -> None:
    with pytest.raises(IndexDamaged, match="unable to open"):
        Catalog(path)
    assert not path.exists()


def test_a_catalog_damaged_after_it_was_opened_says_so(catalog: Catalog, path: Path) -> None:
    filled(catalog, *(replace(FULL, id=f"d{number}", text=f"Rest {number}. " * 200) for number in range(20)))
    reader = Catalog(path)
    path.write_bytes(path.read_bytes()[:4096] + bytes(path.stat().st_size - 4096))
    with pytest.raises(IndexDamaged, match="is damaged"):
        list(reader.entries())
    reader.close()
