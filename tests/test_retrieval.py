"""The right document comes first, for the reasons that the formula gives, in an order that never depends on storage."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant import retrieval
from assistant.builds import Builds
from assistant.credits import bears
from assistant.entries import Embedded
from assistant.errors import IndexDamaged
from assistant.lexicon import stem
from assistant.retrieval import Retriever, lexical_shares
from assistant.schema import Hit, SourceKind
from tests.corpus_files import BRACING, BREATHING, FILES, SQUATTING, WALL, Expert, World, copied, made, page
from tests.fake_model import FakeEmbedder


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    return made(tmp_path_factory.mktemp("retrieval"))


def opened(world: World) -> Retriever:
    return Retriever(Builds(world.index).current(), FakeEmbedder())


@pytest.fixture(scope="module")
def retriever(world: World) -> Iterator[Retriever]:
    retriever = opened(world)
    yield retriever
    retriever.close()


def found(retriever: Retriever, question: str, limit: int = 20) -> list[Hit]:
    return retriever.search(retriever.query(question), limit)


@pytest.mark.parametrize(
    ("question", "page"),
    [
        (BREATHING, "s01"),
        ("do I hold my breath when planking", "s01"),
        ("voice gives out while counting", "s01"),
        ("navel in or brace for planks", "s02"),
        (SQUATTING, "s03"),
        ("sqaut deppth with knecap pain", "s03"),  # misspelt
        (WALL, "s04"),
        ("numbness between the legs", "s05"),
        ("diaphragm lower ribs", "handbook"),
        ("HOW LOW MAY I SQUAT", "s03"),
    ],
)
def test_the_document_that_answers_comes_first(retriever: Retriever, question: str, page: str) -> None:
    assert found(retriever, question)[0].document.page.startswith(page)


def scored_by_parts(hit: Hit) -> float:
    nearer, other = max(hit.question_cosine, hit.passage_cosine), min(hit.question_cosine, hit.passage_cosine)
    return (
        retrieval.NEARER_WEIGHT * nearer
        + retrieval.OTHER_WEIGHT * other
        + retrieval.LEXICAL_WEIGHT * hit.lexical
        + retrieval.SENTENCE_WEIGHT * hit.sentence_cosine
        - retrieval.DEMOTED[hit.document.source.kind]
        - (0 if hit.document.source.author else retrieval.UNNAMED)
    )


def test_the_score_of_a_hit_is_what_its_parts_give(retriever: Retriever) -> None:
    for hit in found(retriever, BRACING):
        assert hit.score == pytest.approx(scored_by_parts(hit), abs=1e-5)


def test_cosines_are_of_the_nearest_wording_passage_and_sentence(retriever: Retriever) -> None:
    embed = FakeEmbedder().embed
    (vector,) = embed(["when to breathe in planks"])
    hit = found(retriever, "when to breathe in planks")[0]
    assert hit.question_cosine == pytest.approx(1.0, abs=1e-5)
    document = hit.document
    slice_text = f"{document.question}\n{document.text[hit.passage.start : hit.passage.end]}"
    assert hit.passage_cosine == pytest.approx(float(embed([slice_text])[0] @ vector), abs=1e-5)
    said = [document.text[s.start : s.end] for s in retriever.catalog.entry(document.id).sentences]
    assert hit.sentence_cosine == pytest.approx(float((embed(said) @ vector).max()), abs=1e-3)


def test_cosines_are_right_for_each_of_several_answers_to_one_question(retriever: Retriever) -> None:
    query = retriever.query(BREATHING)
    hits = retriever.search(query)
    assert len({hit.document.asked for hit in hits}) < len(hits)
    for hit in hits:
        stored = retriever.catalog.entry(hit.document.id)
        for found, vectors in zip(
            (hit.question_cosine, hit.passage_cosine, hit.sentence_cosine),
            (stored.question_vectors, stored.passage_vectors, stored.sentence_vectors),
            strict=True,
        ):
            assert found == pytest.approx(float((vectors @ query.vector).max()), abs=1e-6)


def test_hits_come_best_first_and_no_more_than_asked_for(retriever: Retriever) -> None:
    scores = [hit.score for hit in found(retriever, "plank")]
    assert scores == sorted(scores, reverse=True) and len(scores) == 9
    assert found(retriever, "plank", 2) == found(retriever, "plank")[:2]
    assert found(retriever, "plank", 0) == []


def test_the_same_question_gives_the_same_hits_each_time(retriever: Retriever, world: World) -> None:
    again = opened(world)
    assert found(again, BRACING) == found(retriever, BRACING) == found(retriever, BRACING)
    again.close()


def test_the_order_does_not_depend_on_the_order_of_storage(tmp_path: Path) -> None:
    same = {f"answers/{name}.md": page("Same?", Expert(f"Expert {name}", f"{name} says the same.")) for name in "abc"}
    first = made(tmp_path / "first", same)
    later = made(tmp_path / "later", {"answers/c.md": same["answers/c.md"]})
    for name in ("b", "a"):
        (later.corpus / f"answers/{name}.md").write_text(same[f"answers/{name}.md"], encoding="utf-8")
        later.ingest()
    one, other = opened(first), opened(later)
    ids = [hit.document.id for hit in found(one, "same")]
    assert [hit.document.id for hit in found(other, "same")] == ids == sorted(ids)
    one.close()
    other.close()


def test_a_named_expert_goes_before_nobody_an_answer_before_a_book_and_a_cut_text_comes_last() -> None:
    demoted = [retrieval._demotion(kind, True) for kind in (SourceKind.ANSWER, SourceKind.BOOK, SourceKind.TEASER)]
    assert demoted == sorted(demoted) and demoted[0] == 0 and len(set(demoted)) == 3
    assert retrieval._demotion(SourceKind.ANSWER, False) > 0


def test_the_demotion_of_a_document_is_that_of_its_source(retriever: Retriever) -> None:
    told = {id: tuple(source) for id, *source in retriever.catalog.sources()}
    sources = {document.id: document.source for document in retriever.catalog.documents()}
    assert told == {id: (source.kind, source.author or "", source.author_type) for id, source in sources.items()}
    assert {bool(author) for _, author, _ in told.values()} == {True, False}


def test_a_name_is_not_searched_for_and_its_bearer_is_preferred(retriever: Retriever) -> None:
    documents = {document.id: document for document in retriever.catalog.documents()}
    author = next(document.source.author for document in documents.values() if document.source.author)
    query = retriever.query(f"what does {author} say about breathing")
    assert query.text == "breathing" and query.name == author
    assert (query.vector == retriever.query("breathing").vector).all()
    ids = retriever.lexical.ids
    lost = dict(zip(ids, np.asarray(retriever._by_others(query)), strict=True))
    assert all((lost[id] == 0) == bears(author, document.source.author or "") for id, document in documents.items())
    assert retriever._by_others(retriever.query("breathing")) == 0


@pytest.mark.parametrize("question", [BREATHING, WALL, "diaphragm lower ribs", "?"])
@pytest.mark.parametrize("limit", [1, 20, retrieval.RESCORED + 1])
def test_a_search_that_was_begun_ends_as_one_that_was_not(retriever: Retriever, question: str, limit: int) -> None:
    begun = retriever.begin(question)
    assert begun.begun and begun.text == question
    assert retriever.search(begun, limit) == found(retriever, question, limit)
    assert retriever.search(begun, limit) == found(retriever, question, limit)  # and once more


def test_a_search_that_was_begun_is_not_done_twice(retriever: Retriever, monkeypatch: pytest.MonkeyPatch) -> None:
    begun = retriever.begin(BREATHING)
    monkeypatch.setattr(retriever._store, "nearest", None)
    assert retriever.search(begun)[0].document.question == BREATHING


@pytest.mark.parametrize("limit", [1, 3])
def test_those_far_behind_by_the_approximate_score_are_not_computed(
    retriever: Retriever, limit: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    wanted = [hit.document.id for hit in found(retriever, BREATHING, limit)]
    computed: list[list[str]] = []
    vectors_of = retriever.catalog.vectors_of

    def noting(ids: list[str]) -> list[Embedded]:
        computed.append(ids)
        return vectors_of(ids)

    monkeypatch.setattr(retriever.catalog, "vectors_of", noting)
    monkeypatch.setattr(retrieval, "MARGIN", 2 * retrieval.MARGIN)
    assert [hit.document.id for hit in found(retriever, BREATHING, limit)] == wanted
    monkeypatch.setattr(retrieval, "MARGIN", np.inf)
    assert [hit.document.id for hit in found(retriever, BREATHING, limit)] == wanted
    assert limit <= len(computed[0]) < len(computed[1]) == len(retriever.lexical.ids)


def test_a_question_can_be_searched_as_if_nobody_had_worded_it_so(retriever: Retriever) -> None:
    query = retriever.query("how should I breathe while I hold a plank")
    worded, unworded = retriever.search(query)[0], retriever.search(query, unasked=BREATHING)[0]
    assert worded.document == unworded.document
    assert unworded.question_cosine < 0.95 * worded.question_cosine


def test_a_page_without_another_wording_has_no_question_left_then(retriever: Retriever) -> None:
    query = retriever.query("The diaphragm")
    hits = {hit.document.id: hit for hit in retriever.search(query, unasked="The diaphragm")}
    assert hits["b01-diaphragm"].question_cosine == -1.0


def test_a_rare_word_finds_its_document_among_more_than_are_scored_exactly(tmp_path: Path) -> None:
    many = {
        f"answers/m{number:03}.md": page(
            f"What is drill number {number}?", Expert("Teo Brandt", f"Drill {number} is a drill for the hip.")
        )
        for number in range(2 * retrieval.RESCORED)
    }
    many["answers/rare.md"] = page("Which tool is round?", Expert("Teo Brandt", "A kettlebell is round."))
    retriever = opened(made(tmp_path, many))
    assert found(retriever, "is a kettlebell round")[0].document.id == "rare.teo-brandt"
    retriever.close()


def test_an_empty_index_finds_nothing(tmp_path: Path, world: World) -> None:
    empty = copied(world, tmp_path)
    for origin in FILES:
        (empty.corpus / origin).unlink()
    empty.ingest(allow_empty=True)
    retriever = opened(empty)
    assert found(retriever, BREATHING) == []
    retriever.close()


@pytest.mark.parametrize(
    "question", ["", "?!", "🦵🦵", "\x00", "\ud800", "to be or not to be", "x" * 2000, "plank " * 300]
)
def test_any_question_can_be_searched(retriever: Retriever, question: str) -> None:
    assert len(found(retriever, question)) == 9


def test_vectors_that_lead_nowhere_are_named_as_damage(tmp_path: Path, world: World) -> None:
    broken = copied(world, tmp_path)
    retriever = opened(broken)
    retriever._asked.pop(retriever.catalog.entry("b01-diaphragm").document.asked)
    with pytest.raises(IndexDamaged, match=r"lead to 'handbook#.*which it does not hold"):
        found(retriever, BREATHING)
    retriever.close()


def test_missing_vectors_are_named_as_damage(retriever: Retriever) -> None:
    manifest = retriever.build.manifest()
    retriever.check(manifest)
    with pytest.raises(IndexDamaged, match=r"holds \d+ vectors, not \d+"):
        retriever.check(replace(manifest, vectors=manifest.vectors + 1))


def test_the_share_of_a_question_that_a_text_carries_counts_rare_words_more(retriever: Retriever) -> None:
    query, lexical = retriever.query("diaphragm plank"), retriever.lexical
    rare, common, nothing = lexical_shares(query, [{stem("diaphragm")}, {stem("plank")}, set()], lexical)
    assert rare > common > 0 and rare + common == pytest.approx(1.0)
    assert nothing == 0
    assert lexical_shares(retriever.query("?"), [{"plank"}], lexical) == [0]


def test_a_word_carries_what_it_means_too(retriever: Retriever) -> None:
    query = retriever.query("patella")
    assert lexical_shares(query, [{stem("kneecap")}], retriever.lexical) == [1.0]


@given(st.lists(st.integers(0, 5), max_size=40), st.integers(0, 50))
def test_the_best_are_those_of_a_whole_sort(scores: list[int], count: int) -> None:
    count = min(count, len(scores))
    found = retrieval._best(np.array(scores, dtype=np.float64), count)
    assert found.tolist() == sorted(range(len(scores)), key=lambda place: (-scores[place], place))[:count]


def test_a_document_that_does_not_mention_the_part_of_the_body_falls_back(tmp_path: Path) -> None:
    knee = page("Does it matter when a joint clicks?", Expert("Ann Lee", "A knee that clicks is mostly harmless."))
    hip = page("What does a noisy joint mean?", Expert("Bob Ray", "A hip that snaps is a tendon that slides."))
    world = made(tmp_path, {"answers/s01-clicks.md": knee, "answers/s02-noises.md": hip})
    retriever = Retriever(Builds(world.index).current(), FakeEmbedder())
    lost = retriever._elsewhere(retriever.query("Does it matter when a hip clicks?"))
    assert {id[:3]: loss for id, loss in zip(retriever.lexical.ids, lost.tolist(), strict=True)} == {
        "s01": retrieval.ELSEWHERE,
        "s02": 0.0,
    }
    assert not retriever._elsewhere(retriever.query("Does an elbow click?")).any()  # nobody mentions it: coverage tells
    assert not retriever._elsewhere(retriever.query("Does it click?")).any()
    kept = {hit.document.id: hit.score for hit in found(retriever, "Does it matter when a joint clicks?")}
    fallen = {hit.document.id: hit.score for hit in found(retriever, "Does it matter when a hip clicks?")}
    assert max(kept, key=kept.__getitem__)[:3] == "s01" and len(fallen) == 2
    retriever.close()
