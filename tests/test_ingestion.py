"""An ingest touches what changed and nothing else, says what it did, and leaves the old index alone until the new one is whole."""

import multiprocessing
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
import zipfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from assistant import ingestion, ledger, survey, vectors
from assistant.builds import Builds
from assistant.changes import Line
from assistant.embedding import Progress, Vectors
from assistant.errors import AssistantError, IndexDamaged, IndexUnwritable, IngestRefused, ModelError, SourceError
from assistant.indexing import records_of
from assistant.ingestion import Change, Given, IngestReport, Preview, corpus_changed, ingest
from assistant.loading import Loaded, Loader
from assistant.retrieval import Retriever
from assistant.schema import AnswerKind
from assistant.vectors import Record, VectorStore
from tests.bench import ingest_faults
from tests.bench.kill_ingest import Killer
from tests.corpus_files import BREATHING, DRAW_IN, FILES, NEVER_HOLD, Expert, World, copied, made, page, write
from tests.fake_model import FakeEmbedder

ROOT = Path(__file__).parents[1]
KILLS = 20  # in this file; tests/bench/kill_ingest.py does as many as it is told to
BREATHING_FILE, NAVEL_FILE = "answers/s01-plank-breathing.md", "answers/s02-navel-or-brace.md"


@pytest.fixture(scope="module")
def indexed(tmp_path_factory: pytest.TempPathFactory) -> World:
    """An index that no test changes; those that do work on a copy."""
    return made(tmp_path_factory.mktemp("indexed"))


@pytest.fixture
def world(indexed: World, tmp_path: Path) -> World:
    return copied(indexed, tmp_path)


def changes(report: IngestReport | Preview) -> dict[str, Change]:
    """The files of which something is to be said."""
    return {file.origin: file.change for file in report.files if file.change is not Change.UNCHANGED}


def rows(world: World) -> dict[str, bytes]:
    """Each document's row in the catalog, whole."""
    with sqlite3.connect(world.build / "catalog.sqlite") as db:
        found = {row[0]: repr(row).encode() for row in db.execute("select * from entries")}
    db.close()
    return found


def edit(world: World, origin: str, before: str, after: str) -> None:
    path = world.corpus / origin
    text = path.read_text(encoding="utf-8")
    assert before in text
    path.write_text(text.replace(before, after), encoding="utf-8")


def test_the_first_ingest_takes_in_every_file(tmp_path: Path) -> None:
    world = World(tmp_path)
    write(world.corpus)
    report = world.ingest()
    assert changes(report) == dict.fromkeys(FILES, Change.ADDED)
    assert report.documents == len(report.added) == 9 and not report.changed and not report.removed
    assert report.embedded == len(set(world.embedder.embedded)) > 30
    assert report.build == world.build.name


def test_an_unchanged_corpus_embeds_nothing_and_keeps_build_and_manifest(world: World) -> None:
    before = (world.build / "build.json").read_bytes(), world.build
    report = world.ingest()
    assert report.embedded == 0 and world.embedder.embedded == []
    assert changes(report) == {} and report.count(Change.UNCHANGED) == len(FILES)
    assert ((world.build / "build.json").read_bytes(), world.build) == before


def test_a_rebuild_of_an_unchanged_corpus_gives_the_same_manifest_without_embedding(world: World) -> None:
    before, build = (world.build / "build.json").read_bytes(), world.build
    report = world.ingest(rebuild=True)
    assert world.build != build and (world.build / "build.json").read_bytes() == before
    assert report.embedded == 0
    assert world.assistant().ask(BREATHING) == World(world.folder).assistant().ask(BREATHING)


def test_an_edited_answer_changes_its_own_row_only(world: World) -> None:
    before = rows(world)
    edit(world, NAVEL_FILE, DRAW_IN, "Maren Holt now has people breathe before the plank begins.")
    report = world.ingest()
    after = rows(world)
    assert changes(report) == {NAVEL_FILE: Change.CHANGED}
    assert report.changed == ("s02-navel-or-brace.maren-holt",) and not report.added and not report.removed
    assert {id for id in before if before[id] != after[id]} == {"s02-navel-or-brace.maren-holt"}
    assert (
        all("breathe before" in text for text in world.embedder.embedded) and report.embedded == 2
    )  # sentence, passage


def test_an_added_file_is_embedded_and_the_rest_left_alone(world: World) -> None:
    before = rows(world)
    (world.corpus / "answers" / "s06-new.md").write_text(
        page("Is the crab walk hard?", Expert("Teo Brandt", "The crab walk is hard.")), encoding="utf-8"
    )
    report = world.ingest()
    assert changes(report) == {"answers/s06-new.md": Change.ADDED} and report.added == ("s06-new.teo-brandt",)
    assert {id: row for id, row in rows(world).items() if id in before} == before
    assert report.embedded == 3
    assert world.assistant().ask("Is the crab walk hard?").kind is AnswerKind.ANSWERED


def test_a_removed_file_takes_its_answers_with_it_and_embeds_nothing(world: World) -> None:
    before = rows(world)
    (world.corpus / BREATHING_FILE).unlink()
    report = world.ingest()
    assert changes(report) == {BREATHING_FILE: Change.REMOVED}
    assert report.removed == ("s01-plank-breathing.maren-holt",) and report.embedded == 0
    assert rows(world) == {id: row for id, row in before.items() if id not in report.removed}


def test_a_renamed_file_is_known_by_its_content_and_embeds_nothing(world: World) -> None:
    renamed = "answers/s07-breathing.md"
    (world.corpus / BREATHING_FILE).rename(world.corpus / renamed)
    report = world.ingest()
    assert changes(report) == {renamed: Change.RENAMED}
    assert next(file.why for file in report.files if file.origin == renamed) == f"was {BREATHING_FILE}"
    assert report.embedded == 0 and world.documents().keys() >= {"s07-breathing.maren-holt"}
    assert "s01-plank-breathing.maren-holt" not in world.documents()


def test_an_index_brought_up_to_date_answers_like_one_made_afresh(world: World, tmp_path: Path) -> None:
    edit(world, NAVEL_FILE, DRAW_IN, "Maren Holt now leaves the navel alone in a plank.")
    (world.corpus / BREATHING_FILE).unlink()
    world.ingest()
    afresh = World(tmp_path / "afresh")
    shutil.copytree(world.corpus, afresh.corpus)
    afresh.ingest()
    assert (world.build / "build.json").read_bytes() == (afresh.build / "build.json").read_bytes()
    assert rows(world) == rows(afresh)
    for question in (BREATHING, "navel in a plank", "voice gives out", "who won the cup?"):
        ours, theirs = world.assistant().ask(question), afresh.assistant().ask(question)
        assert (ours.kind, ours.statements, ours.citations, ours.related) == (
            theirs.kind,
            theirs.statements,
            theirs.citations,
            theirs.related,
        )


def test_every_stored_vector_is_that_of_its_text_and_finds_itself(indexed: World) -> None:
    retriever = Retriever(Builds(indexed.index).current(), FakeEmbedder())
    embed = FakeEmbedder().embed
    for entry in retriever.catalog.entries():
        document = entry.document
        said = [document.text[sentence.start : sentence.end] for sentence in entry.sentences]
        assert ((embed([document.question, *document.also_asked]) * entry.question_vectors).sum(axis=1) > 0.9999).all()
        assert ((embed(said) * entry.sentence_vectors).sum(axis=1) > 0.999).all()
        assert retriever.search(retriever.query(document.question))[0].document.asked == document.asked
    assert np.isfinite(retriever.query("x").vector).all()
    entries = list(retriever.catalog.entries())
    retriever.close()
    store = VectorStore(Builds(indexed.index).current().chroma)
    held = store._collection.get(include=["embeddings"])
    records = records_of(entries)
    assert set(held["ids"]) == set(records)
    for id, vector in zip(held["ids"], held["embeddings"], strict=True):
        assert float(vector @ records[id].vector) > 0.9999
    store.close()


def test_an_emptied_corpus_is_refused_and_the_index_stays(world: World) -> None:
    build = world.build
    for origin in FILES:
        (world.corpus / origin).unlink()
    with pytest.raises(IngestRefused, match="holds no answer that can be taken in") as caught:
        world.ingest()
    assert "--allow-empty" in caught.value.cure
    assert world.build == build and world.assistant().ask(BREATHING).kind is AnswerKind.ANSWERED


def test_a_corpus_of_nothing_but_broken_files_is_refused_too(world: World) -> None:
    for origin in FILES:
        (world.corpus / origin).write_text("no front matter", encoding="utf-8")
    with pytest.raises(IngestRefused):
        world.ingest()


def test_an_emptied_corpus_is_accepted_when_asked_for_and_can_be_filled_again(world: World) -> None:
    for origin in FILES:
        (world.corpus / origin).unlink()
    report = world.ingest(allow_empty=True)
    assert report.documents == 0 and len(report.removed) == 9
    assert world.assistant().ask(BREATHING).kind is AnswerKind.ABSTAINED
    (world.corpus / BREATHING_FILE).write_text(FILES[BREATHING_FILE], encoding="utf-8")
    assert world.ingest().embedded == 0
    assert world.assistant().ask(BREATHING).kind is AnswerKind.ANSWERED


def test_a_missing_corpus_folder_says_what_to_make(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="holds neither answers/ nor books/") as caught:
        World(tmp_path).ingest()
    assert "ASSISTANT_CORPUS" in caught.value.cure
    assert not (tmp_path / "index" / "CURRENT").exists()


def test_a_broken_file_is_named_with_its_reason_and_the_others_go_in(world: World) -> None:
    edit(world, NAVEL_FILE, "question:", "qestion:")
    (world.corpus / "answers" / "s08-latin.md").write_bytes(b"---\nquestion: caf\xe9?\n---\n")
    report = world.ingest()
    assert changes(report) == {NAVEL_FILE: Change.REFUSED, "answers/s08-latin.md": Change.REFUSED}
    refused = {file.origin: file.why for file in report.refused}
    assert "unknown field 'qestion'" in refused[NAVEL_FILE] and "not UTF-8" in refused["answers/s08-latin.md"]
    assert any(problem.line == 2 for problem in report.problems if problem.origin == NAVEL_FILE)
    assert set(report.removed) == {"s02-navel-or-brace.maren-holt", "s02-navel-or-brace.teo-brandt"}
    assert world.assistant().ask(BREATHING).kind is AnswerKind.ANSWERED


def test_a_file_that_was_refused_is_named_again_by_the_next_run(world: World) -> None:
    (world.corpus / "answers" / "s08-broken.md").write_text("no front matter", encoding="utf-8")
    assert [file.origin for file in world.ingest().refused] == ["answers/s08-broken.md"]
    assert [file.origin for file in world.ingest().refused] == ["answers/s08-broken.md"]


def test_a_dry_run_tells_what_would_change_and_changes_nothing(world: World, tmp_path: Path) -> None:
    build = world.build
    edit(world, NAVEL_FILE, DRAW_IN, "Maren Holt breathes.")
    (world.corpus / BREATHING_FILE).unlink()
    given = tmp_path / "s09-given.md"
    given.write_text(page("Is a lunge deep?", Expert("unnamed", "A lunge is deep.")), encoding="utf-8")
    shown = world.preview([given])
    assert world.embedder.embedded == []
    assert changes(shown) == {
        NAVEL_FILE: Change.CHANGED,
        BREATHING_FILE: Change.REMOVED,
        "added/s09-given.md": Change.ADDED,
    }
    assert {edit.document: edit.change for edit in shown.edits} == {
        "s09-given.unnamed": Change.ADDED,
        "s02-navel-or-brace.maren-holt": Change.CHANGED,
        "s01-plank-breathing.maren-holt": Change.REMOVED,
    }
    assert (shown.added, shown.changed, shown.removed, shown.more) == (1, 1, 1, 0)
    assert world.build == build and not (world.corpus / "added").exists()
    assert len(list((world.index / "builds").iterdir())) == 1


def test_files_and_folders_from_elsewhere_are_copied_in_and_stay(world: World, tmp_path: Path) -> None:
    folder = tmp_path / "given"
    folder.mkdir()
    for name in ("s10-a", "s10-b"):
        (folder / f"{name}.md").write_text(
            page(f"What of {name}?", Expert("unnamed", f"{name} is fine.")), encoding="utf-8"
        )
    report = world.ingest([folder, world.corpus / BREATHING_FILE])
    assert changes(report) == {"added/s10-a.md": Change.ADDED, "added/s10-b.md": Change.ADDED}
    shutil.rmtree(folder)
    assert changes(world.ingest()) == {} and "s10-a.unnamed" in world.documents()


def test_a_given_file_that_holds_no_answer_is_refused_and_not_copied(world: World, tmp_path: Path) -> None:
    bad = tmp_path / "bad.md"
    bad.write_text("nothing here", encoding="utf-8")
    report = world.ingest([bad])
    assert [(file.origin, file.change) for file in report.refused] == [(str(bad), Change.REFUSED)]
    assert "no front matter" in report.refused[0].why
    assert not (world.corpus / "added").exists()
    assert world.ingest().refused == ()  # it is not in the corpus


def test_a_path_that_is_not_there_stops_before_anything_is_copied(world: World, tmp_path: Path) -> None:
    good = tmp_path / "s11-good.md"
    good.write_text(page("Good?", Expert("unnamed", "Good.")), encoding="utf-8")
    with pytest.raises(IngestRefused, match=r"there is no file or folder .*nowhere\.md"):
        world.ingest([good, tmp_path / "nowhere.md"])
    assert not (world.corpus / "added").exists()


PASTED = "question,answer,expert,credential\nIs a lunge deep?,A lunge is deep. It is long.,Maren Holt,Physiotherapy\n"


def test_what_is_confirmed_is_what_the_preview_showed(world: World) -> None:
    given = [Given("lunge.csv", PASTED.encode(), {"publisher": "Example: Press", "tier": "C"})]
    shown = world.preview(given=given)
    (edit,) = shown.edits
    assert (edit.change, edit.question, edit.source.name) == (Change.ADDED, "Is a lunge deep?", "Maren Holt")
    assert (edit.source.credential, edit.source.publisher) == ("Physiotherapy", "Example: Press")
    assert edit.lines == (Line("+", "A lunge is deep."), Line("+", "It is long."))
    assert changes(shown) == {"added/lunge.csv": Change.ADDED} and not (world.corpus / "added").exists()
    report = world.ingest(given=given, expect=shown.token)
    assert report.added == (edit.document,)
    assert world.documents()[edit.document].source == edit.source
    again = world.preview(given=[Given("lunge.csv", PASTED.replace("long", "slow").encode(), given[0].notes)])
    assert again.edits[0].change is Change.CHANGED
    assert again.edits[0].lines == (Line(" ", "A lunge is deep."), Line("-", "It is long."), Line("+", "It is slow."))


def test_what_nobody_has_seen_is_not_confirmed(world: World) -> None:
    given = [Given("lunge.csv", PASTED.encode())]
    shown = world.preview(given=given)
    edit(world, NAVEL_FILE, DRAW_IN, "Maren Holt breathes.")
    with pytest.raises(IngestRefused, match="something else has changed since the preview"):
        world.ingest(given=given, expect=shown.token)
    assert not (world.corpus / "added").exists() and DRAW_IN in shown_to(world)
    world.ingest(given=given, expect=world.preview(given=given).token)
    assert DRAW_IN not in shown_to(world)


def shown_to(world: World) -> str:
    return "\n".join(document.text for document in world.documents().values())


def test_a_preview_names_other_things_that_change(world: World) -> None:
    edit(world, BREATHING_FILE, "credential: Physiotherapy", "credential: Manual Therapy")
    (only,) = world.preview().edits
    assert only.fields == ("credential: Physiotherapy -> Manual Therapy",) and {line.sign for line in only.lines} == {
        " "
    }


def test_a_preview_of_many_answers_is_cut_and_counted(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ingestion, "PREVIEWED", 2)
    for origin in (BREATHING_FILE, NAVEL_FILE):
        (world.corpus / origin).unlink()
    shown = world.preview()
    assert (len(shown.edits), shown.more, shown.removed) == (2, 1, 3)


def test_a_preview_without_an_index_shows_everything_as_new(tmp_path: Path) -> None:
    world = World(tmp_path)
    write(world.corpus)
    assert (world.preview().added, len(world.preview().edits)) == (9, 9)
    assert not (world.index / "CURRENT").exists()


def test_a_pattern_a_folder_below_and_a_zip_file_are_taken_in(world: World, tmp_path: Path) -> None:
    folder = tmp_path / "given"
    for name in ("one", "two"):
        (folder / name).mkdir(parents=True)
        text = page(f"What of {name}?", Expert("unnamed", f"{name} is fine."))
        (folder / name / "same.md").write_text(text, encoding="utf-8")
        (folder / f"{name}.txt").write_text(text, encoding="utf-8")
    with zipfile.ZipFile(tmp_path / "more.zip", "w") as archive:
        archive.writestr("three.md", page("What of three?", Expert("unnamed", "three is fine.")))
    report = world.ingest([folder / "*", tmp_path / "more.zip"])
    assert [file.why for file in report.refused if "same.md" in file.origin] == [
        "another file of this name was given; rename one of them"
    ]
    assert {document.origin for document in world.documents().values() if document.origin.startswith("added")} >= {
        "added/more.zip!/three.md"
    }
    assert changes(world.ingest([folder])).keys() >= {"added/one/same.md", "added/two/same.md"}
    with pytest.raises(IngestRefused, match="there is no file or folder"):
        world.ingest([folder / "*.nothing"])


def test_a_changed_file_is_the_only_one_that_is_read_again(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[str] = []
    load = Loader.load

    def listening(loader: Loader, path: Path, origin: str) -> Loaded:
        read.append(origin)
        return load(loader, path, origin)

    monkeypatch.setattr(Loader, "load", listening)
    edit(world, NAVEL_FILE, DRAW_IN, "Maren Holt breathes.")
    world.ingest()
    assert read == [NAVEL_FILE]


def test_other_readers_read_every_file_again(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    build = world.build
    for room in (ledger, ingestion, survey):
        monkeypatch.setattr(room, "readers_digest", lambda: "other")
    assert corpus_changed(world.settings)
    report = world.ingest()
    assert world.build != build and report.embedded == 0 and changes(report) == {}
    assert not corpus_changed(world.settings)


def test_a_teaser_gives_way_to_its_whole_answer_when_that_comes_in_later(world: World) -> None:
    teaser = page("Is a lunge deep?", Expert("Maren Holt", "A lunge is deep. It is...", {"truncated": "yes"}))
    (world.corpus / "answers/t.md").write_text(teaser, encoding="utf-8")
    world.ingest()
    whole = page("Is a lunge deep?", Expert("Maren Holt", "A lunge is deep. It is long."))
    (world.corpus / "answers/w.md").write_text(whole, encoding="utf-8")
    world.ingest()
    afresh = World(world.folder / "afresh")
    shutil.copytree(world.corpus, afresh.corpus)
    afresh.ingest()
    assert world.documents() == afresh.documents()


@pytest.mark.parametrize("second", ["answers/same.md", "added/same.md"])
def test_ids_that_two_questions_share_are_told_apart_whichever_came_first(tmp_path: Path, second: str) -> None:
    files = {
        "books/same.md": page("Is a lunge deep?", Expert("Maren Holt", "A lunge is deep.")),
        second: page("Is a squat deep?", Expert("Maren Holt", "A squat is deep.")),
    }
    together = made(tmp_path / "together", FILES | files)
    worlds = [made(tmp_path / origin.replace("/", "-"), FILES | {origin: files[origin]}) for origin in files]
    for world in worlds:
        write(world.corpus, FILES | files)
        world.ingest()
        assert world.documents() == together.documents()
        assert (world.build / "build.json").read_bytes() == (together.build / "build.json").read_bytes()
    assert len(together.documents()) == 11
    write(together.corpus, FILES)
    together.ingest()
    assert len(together.documents()) == 9


def test_a_running_chat_answers_from_the_new_build_at_once(world: World) -> None:
    assistant = world.assistant()
    assert DRAW_IN in "".join(
        s.text for s in assistant.ask("Should I draw the navel in or brace during a plank?").statements
    )
    edit(world, NAVEL_FILE, DRAW_IN, "Maren Holt draws the navel out during the plank.")
    began = time.process_time()  # a busy machine may take longer by the clock
    ingest(world.settings, embedder=FakeEmbedder())
    said = "".join(s.text for s in assistant.ask("Should I draw the navel in or brace during a plank?").statements)
    assert "draws the navel out" in said and DRAW_IN not in said
    assert time.process_time() - began < 5


class Killed(FakeEmbedder):
    """Stops the process, as a power cut does, at the third batch."""

    def __init__(self) -> None:
        super().__init__()
        self.batches = 0

    def embed(self, texts: Sequence[str], progress: Progress | None = None) -> Vectors:
        self.batches += 1
        if self.batches == 3:
            os.kill(os.getpid(), signal.SIGKILL)
        return super().embed(texts, progress)


def ingest_until_killed(folder: str) -> None:
    vectors._EMBED_BATCH = 5
    World(Path(folder), Killed()).ingest()


def test_a_killed_run_goes_on_from_what_it_had_embedded(tmp_path: Path) -> None:
    world = World(tmp_path / "killed")
    write(world.corpus)
    process = multiprocessing.get_context("forkserver").Process(target=ingest_until_killed, args=(str(world.folder),))
    process.start()
    process.join()
    assert process.exitcode == -signal.SIGKILL
    every = made(tmp_path / "whole").embedder.embedded
    report = world.ingest()
    assert report.embedded == len(set(every)) - 10  # two batches of five were kept
    assert (
        len(world.embedder.embedded) == report.embedded and world.documents() == World(tmp_path / "whole").documents()
    )


@pytest.mark.parametrize("fault", ["swaps", "races", "damages", "disk", "again"])
def test_a_fault_of_any_kind_ends_well(tmp_path: Path, fault: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The shortened form of tests/bench/ingest_faults.py."""
    for bar in ("VISIBLE", "LOSER", "MENDED"):  # seconds are for a machine that does nothing else
        monkeypatch.setattr(ingest_faults, bar, 100.0)
    rounds = {"damages": 2, "disk": 3, "again": 6}.get(fault, 2)
    assert ingest_faults.run(fault, tmp_path / fault, rounds, seed=7) == []


def test_a_damaged_record_of_what_was_read_is_thrown_away_and_said(world: World) -> None:
    with sqlite3.connect(world.index / "files.sqlite") as db:
        db.execute("update documents set document = replace(document, 'Never hold', 'Always hold')")
    db.close()
    edit(world, BREATHING_FILE, "quiet", "calm")
    with pytest.raises(IndexDamaged, match=r"files\.sqlite was damaged and has been thrown away"):
        world.ingest()
    world.ingest()
    assert "Never hold the breath" in world.documents()["s01-plank-breathing.maren-holt"].text


def test_two_given_files_of_one_name_are_both_kept_or_one_is_named_as_refused(world: World, tmp_path: Path) -> None:
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "s12.md").write_text(page(f"{name}?", Expert("unnamed", f"{name} it is.")), encoding="utf-8")
    report = world.ingest([tmp_path / "one" / "s12.md", tmp_path / "two" / "s12.md"])
    taken = {document.question for document in world.documents().values()} & {"one?", "two?"}
    assert len(taken) + len(report.refused) == 2


def test_a_build_made_with_another_model_is_made_anew(world: World) -> None:
    other = FakeEmbedder()
    other.fingerprint = "fake:other"
    with pytest.raises(ModelError, match=r"built with fake:64, the model in use is fake:other") as caught:
        World(world.folder, other).assistant().ask(BREATHING)
    assert "ingest.py --rebuild" in caught.value.cure
    report = World(world.folder, other).ingest()
    assert report.embedded == len(set(other.embedded)) > 30 and len(report.added) == 9
    assert World(world.folder, other).assistant().ask(BREATHING).kind is AnswerKind.ANSWERED


def test_a_corpus_is_changed_until_it_was_taken_in(world: World) -> None:
    assert not corpus_changed(world.settings)
    edit(world, NAVEL_FILE, DRAW_IN, "Maren Holt breathes.")
    assert corpus_changed(world.settings)
    world.ingest()
    assert not corpus_changed(world.settings)
    (world.index / "CURRENT").unlink()
    assert corpus_changed(world.settings)


DAMAGES = ["deleted", "truncated", "zeroed", "scribbled"]


def hurt(path: Path, damage: str) -> None:
    content = path.read_bytes()
    if damage == "deleted":
        path.unlink()
        return
    spoilt = {
        "truncated": content[: len(content) // 2],
        "zeroed": bytes(len(content)),
        "scribbled": bytes(byte ^ (0xD5 if place % 97 == 20 else 0) for place, byte in enumerate(content)),
    }
    path.write_bytes(spoilt[damage])


STORES = ["catalog.sqlite", "lexical.npz", "calibration.json", "build.json", "chroma/chroma.sqlite3", "CURRENT"]


def damaged(world: World, name: str, damage: str) -> World:
    hurt(world.index / name if name == "CURRENT" else world.build / name, damage)
    return world


@pytest.mark.parametrize("damage", DAMAGES)
@pytest.mark.parametrize("name", STORES)
def test_a_damaged_store_is_named_with_its_cure(world: World, name: str, damage: str) -> None:
    with pytest.raises(AssistantError) as caught:
        damaged(world, name, damage).assistant().ask(BREATHING)
    assert "python ingest.py" in caught.value.cure


def test_a_word_that_was_changed_in_a_store_is_noticed_though_everything_can_be_read(world: World) -> None:
    catalog = world.build / "catalog.sqlite"
    content = catalog.read_bytes()
    assert NEVER_HOLD.encode() in content
    catalog.write_bytes(content.replace(b"Never hold the breath", b"Often hold the breath"))
    with pytest.raises(IndexDamaged, match=r"catalog\.sqlite"):
        world.assistant().ask(BREATHING)


def test_what_a_killed_run_left_is_swept_also_where_nothing_changed(world: World) -> None:
    build = world.build
    (world.index / "builds" / "20000101T000000.000000Z").mkdir()  # killed while its files were being removed
    (world.index / "CURRENT.17").write_text("x", encoding="utf-8")
    world.ingest()
    assert world.build == build and Builds(world.index).left_over() == []


def test_no_graph_is_loaded_before_it_was_compared_with_its_hash(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Chroma reads a graph in compiled code: a scribbled header ends the whole process there."""
    for header in world.build.glob("chroma/*/header.bin"):
        hurt(header, "scribbled")
    loaded: list[str] = []
    for name in ("count", "nearest", "ids"):
        monkeypatch.setattr(VectorStore, name, lambda *given, name=name: loaded.append(name))
    with pytest.raises(IndexDamaged, match=r"header\.bin"):
        world.assistant().ask(BREATHING)
    assert loaded == []


@pytest.mark.parametrize("name", STORES)
def test_the_next_ingest_mends_a_damaged_store(world: World, name: str) -> None:
    # Chroma's own file changes whenever it is opened, so only reading it shows that it is damaged.
    report = damaged(world, name, "scribbled").ingest(rebuild=name.startswith("chroma"))
    assert report.embedded == 0
    assert world.assistant().ask(BREATHING).kind is AnswerKind.ANSWERED


def test_a_damaged_cache_of_vectors_costs_time_and_nothing_else(world: World) -> None:
    (world.index / "vectors.sqlite").write_bytes(bytes(5000))
    assert world.ingest(rebuild=True).embedded > 30
    assert world.assistant().ask(BREATHING).kind is AnswerKind.ANSWERED


@pytest.mark.parametrize("step", ["shutil.copytree", "numpy.savez", "os.fsync", "os.replace"])
def test_an_error_of_the_disk_at_any_step_leaves_the_old_index_and_the_next_run_clears_up(
    world: World, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    build = world.build
    edit(world, NAVEL_FILE, DRAW_IN, "Maren Holt breathes.")

    def fail(*given: object, **more: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as broken:
        broken.setattr(step, fail)
        with pytest.raises(IndexUnwritable, match="No space left"):
            world.ingest()
    assert world.build == build
    assert DRAW_IN in shown(world, "Should I draw the navel in or brace during a plank?")
    world.ingest()
    assert all((folder / "COMPLETE").exists() for folder in (world.index / "builds").iterdir())
    assert not list(world.index.glob("CURRENT.*"))


def shown(world: World, question: str) -> str:
    return "\n".join(statement.text for statement in world.assistant().ask(question).statements)


def test_a_build_that_does_not_find_its_vectors_is_thrown_away(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    build = world.build
    edit(world, NAVEL_FILE, DRAW_IN, "Maren Holt breathes.")
    monkeypatch.setattr("assistant.vectors.VectorStore.add", lambda store, records: None)
    with pytest.raises(IndexDamaged, match="not found by themselves"):
        world.ingest()
    assert world.build == build


def test_a_build_that_lacks_an_answer_of_the_corpus_is_thrown_away(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    build = world.build
    edit(world, NAVEL_FILE, DRAW_IN, "Maren Holt breathes.")
    monkeypatch.setattr("assistant.catalog.Catalog.put", lambda catalog, entries: None)
    with pytest.raises(IndexDamaged, match="or their hashes differ"):
        world.ingest()
    assert world.build == build


def test_a_vector_that_does_not_find_itself_is_put_in_once_more(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    add, dropped = VectorStore.add, list[Record]()

    def forgetful(store: VectorStore, records: Sequence[Record]) -> None:
        if dropped:
            add(store, records)
        dropped.extend(records)

    edit(world, NAVEL_FILE, DRAW_IN, "Maren Holt breathes.")
    monkeypatch.setattr(VectorStore, "add", forgetful)
    world.ingest()
    assert dropped
    assert "Maren Holt breathes." in shown(world, "Should I draw the navel in or brace during a plank?")


def started(world: World, until: Path) -> subprocess.Popen[str]:
    """An ingest in a process of its own whose model waits until there is a file ``until``."""
    command = [sys.executable, "-m", "tests.with_fake_model", "--until", str(until), "ingest.py"]
    environment = {**os.environ, "ASSISTANT_CORPUS": str(world.corpus), "ASSISTANT_INDEX": str(world.index)}
    return subprocess.Popen(
        command,
        cwd=ROOT,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        # Tests that a shell runs in the background hand on that Ctrl-C is ignored.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )


def at_work(process: subprocess.Popen[str], world: World) -> subprocess.Popen[str]:
    """Wait until ``process`` embeds."""
    cache = world.index / "vectors.sqlite-wal"
    while process.poll() is None and not (locked_by(world) == process.pid and cache.exists()):
        time.sleep(0.02)
    return process


def stopped(process: subprocess.Popen[str]) -> str:
    """Press Ctrl-C, and again where nothing came of it: Python drops one that comes while it clears something away."""
    process.send_signal(signal.SIGINT)
    try:
        return process.communicate(timeout=20)[1]
    except subprocess.TimeoutExpired:
        process.send_signal(signal.SIGINT)
    try:
        return process.communicate(timeout=40)[1]
    finally:
        process.kill()


def locked_by(world: World) -> int:
    lock = world.index / "lock"
    return int(lock.read_text() or 0) if lock.exists() else 0


def test_of_two_ingests_at_once_one_wins_and_the_other_says_why_not(tmp_path: Path) -> None:
    world = World(tmp_path)
    write(world.corpus)
    winner = at_work(started(world, tmp_path / "go on"), world)
    loser = started(world, tmp_path)
    _, errors = loser.communicate(timeout=60)
    assert loser.returncode == 2 and f"another ingest (process {winner.pid})" in errors
    assert "Wait until it is done" in errors and "Traceback" not in errors
    (tmp_path / "go on").touch()
    printed, errors = winner.communicate(timeout=60)
    assert winner.returncode == 0 and "9 in all" in printed, errors
    assert world.assistant().ask(BREATHING).kind is AnswerKind.ANSWERED


def test_a_stopped_ingest_says_so_and_the_next_one_goes_on(world: World, tmp_path: Path) -> None:
    edit(world, NAVEL_FILE, DRAW_IN, "Maren Holt breathes.")
    process = at_work(started(world, tmp_path / "never"), world)
    errors = stopped(process)
    # Started with -m, Python may end itself by the signal although it was met; a shell reports 130 for both.
    assert process.returncode in (130, -signal.SIGINT)
    assert "stopped; the index is as it was" in errors and "Traceback" not in errors
    assert DRAW_IN in shown(world, "Should I draw the navel in or brace during a plank?")
    assert world.ingest().changed == ("s02-navel-or-brace.maren-holt",)


def test_an_ingest_killed_at_any_moment_leaves_a_whole_index_and_the_next_run_finishes(tmp_path: Path) -> None:
    with Killer(tmp_path, seed=1) as killer:
        rounds = [killer.round() for _ in range(KILLS)]
    assert all(one.problem == "" for one in rounds), rounds
    assert sum(one.killed for one in rounds) >= KILLS // 2  # the others had finished before
