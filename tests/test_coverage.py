"""What tells whether a question is covered: what the documents found for it say of it, and what they do not."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from assistant.builds import Builds
from assistant.coverage import FEATURES, MANY_WORDINGS, WORDED, Asked, Said, features, unheard
from assistant.lexicon import stem
from assistant.live import SAME_WORDING, SURELY, surely_covered
from assistant.retrieval import Retriever
from assistant.things import UNKNOWN
from tests.corpus_files import BREATHING, World, made
from tests.fake_model import FakeEmbedder


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    return made(tmp_path_factory.mktemp("coverage"))


@pytest.fixture(scope="module")
def retriever(world: World) -> Iterator[Retriever]:
    retriever = Retriever(Builds(world.index).current(), FakeEmbedder())
    yield retriever
    retriever.close()


def test_without_a_document_every_feature_is_zero(retriever: Retriever) -> None:
    assert features(retriever.query(BREATHING), [], retriever).tolist() == [0.0] * len(FEATURES)


def test_features_are_those_of_the_best_documents(retriever: Retriever) -> None:
    query = retriever.query(BREATHING)
    hits = retriever.search(query)
    found = dict(zip(FEATURES, features(query, hits, retriever), strict=True))
    assert found["carried"] == pytest.approx(1.0)
    assert found["strange"] == found["scattered"] == found["elsewhere"] == 0.0
    assert found["score"] == hits[0].score and found["sentence"] == max(hit.sentence_cosine for hit in hits[:5])


def test_what_is_worded_like_a_question_of_the_corpus_and_lacks_nothing_is_surely_covered(retriever: Retriever) -> None:
    query = retriever.query(BREATHING)
    hits = retriever.search(query)
    found = features(query, hits, retriever)
    assert surely_covered(hits, found) == SURELY
    assert surely_covered([replace(hits[0], question_cosine=SAME_WORDING - 0.01), *hits[1:]], found) == 0.0
    for name, value in (("carried", 0.9), ("elsewhere", 0.5), ("strange", 0.2), ("apart", 0.2), ("scattered", 0.1)):
        lacking = found.copy()
        lacking[FEATURES.index(name)] = value
        assert surely_covered(hits, lacking) == 0.0, name


@pytest.mark.parametrize(("wordings", "worded"), [(0, 0.0), (5, 0.25), (MANY_WORDINGS, 1.0), (50, 1.0)])
def test_how_far_a_question_is_known_in_other_words_counts_up_to_a_limit(
    retriever: Retriever, wordings: int, worded: float
) -> None:
    query = retriever.query(BREATHING)
    best, *others = retriever.search(query)
    known = replace(best, document=replace(best.document, also_asked=tuple(f"wording {n}" for n in range(wordings))))
    assert features(query, [known, *others], retriever)[FEATURES.index(WORDED)] == worded


def test_words_of_a_story_need_not_be_said(retriever: Retriever) -> None:
    def plain(question: str) -> tuple[str, ...]:
        return Asked.of(retriever.query(question), retriever.lexical).plain

    assert plain("my nan says to plank on a monday") == (stem("plank"),)
    assert plain("my nan")  # there is nothing else


@pytest.mark.parametrize(
    ("question", "words"),
    [
        ("does turmeric help a sore kneecap", ("turmeric",)),
        ("What is chromodynamics?", ("chromodynamics",)),
        ("does the plank help", ()),
        ("does the patella hurt in a squat", ()),  # the corpus says kneecap
        ("lorry driver, kneecap sore in squats", ()),  # told by the way
    ],
)
def test_what_is_asked_about_and_nobody_mentions_is_unheard(
    retriever: Retriever, question: str, words: tuple[str, ...]
) -> None:
    assert unheard(retriever.query(question), retriever.lexical) == words


def said(retriever: Retriever, page: str) -> Said:
    entries = (retriever.catalog.entry(id) for id in retriever.lexical.ids)
    return Said.of(next(entry for entry in entries if entry.document.page == page))


def test_a_document_carries_the_words_of_its_text_and_of_its_questions(retriever: Retriever) -> None:
    asked = Asked.of(retriever.query("planking voice"), retriever.lexical)
    assert asked.carried(asked.plain, said(retriever, "s01-plank-breathing").everything) == pytest.approx(1.0)
    assert asked.carried(asked.plain, frozenset()) == 0.0
    assert asked.carried((), frozenset()) == 1.0  # nothing wanted


def test_the_wording_that_is_asked_does_not_carry_itself(retriever: Retriever) -> None:
    asked = Asked.of(retriever.query("low"), retriever.lexical)
    entry = retriever.catalog.entry("s03-squat-depth.ida-lindqvist")
    assert asked.carried(asked.plain, Said.of(entry).everything) == 1.0
    worded = Said.of(entry, unasked="how low may I squat when my kneecap aches")
    assert asked.carried(asked.plain, worded.everything) == 0.0


def test_a_part_of_the_body_that_no_document_mentions_is_elsewhere(retriever: Retriever) -> None:
    def elsewhere(question: str) -> float:
        query = retriever.query(question)
        asked = Asked.of(query, retriever.lexical)
        return asked.elsewhere([Said.of(retriever.catalog.entry(h.document.id)) for h in retriever.search(query)[:5]])

    assert elsewhere("my elbow hurts in a plank") == elsewhere("why does my shoulder hurt") == 1.0
    assert elsewhere("my kneecap hurts when I squat") == elsewhere("patella hurts in squats") == 0.0
    assert elsewhere("how to breathe") == 0.0
    assert elsewhere("kneecap chromodynamics") == 0.5  # mentioned, and never together with the rest


def test_words_that_no_document_says_are_strange_unless_they_are_numbers(retriever: Retriever) -> None:
    query = retriever.query("does chromodynamics help my kneecap at 65s")
    hits = retriever.search(query)
    said = [Said.of(retriever.catalog.entry(h.document.id)).everything for h in hits[:5]]
    assert Asked.of(query, retriever.lexical).strange(said) == [stem("chromodynamics")]
    found = dict(zip(FEATURES, features(query, hits, retriever), strict=True))
    assert found["strange"] == UNKNOWN


def test_a_strange_word_counts_only_where_it_is_what_is_asked_about(retriever: Retriever) -> None:
    query = retriever.query("I read on chromodynamics, does the kneecap hurt in a squat")
    found = dict(zip(FEATURES, features(query, retriever.search(query), retriever), strict=True))
    assert found["strange"] == 0.0


def test_things_that_only_different_sentences_speak_of_are_scattered(retriever: Retriever) -> None:
    asked = Asked.of(retriever.query("kneecap and bladder"), retriever.lexical)
    kneecap, bladder = frozenset({stem("kneecap")}), frozenset({stem("bladder")})
    assert asked.lacking([kneecap | bladder]) == 0.0
    assert 0.0 < asked.lacking([kneecap]) < 1.0 and 0.0 < asked.lacking([bladder]) < 1.0
    assert asked.lacking([set(), kneecap, bladder]) == min(asked.lacking([kneecap]), asked.lacking([bladder]))


@pytest.mark.parametrize(
    ("question", "apart"),
    [
        ("does the kneecap hurt in a squat", False),
        ("does the bladder hurt in a squat", True),  # each is spoken of, in another answer
        ("do planks help the bladder", True),
        ("why does the bladder hurt in a squat", False),  # not asked whether
    ],
)
def test_two_things_that_only_different_documents_speak_of_are_apart(
    retriever: Retriever, question: str, apart: bool
) -> None:
    query = retriever.query(question)
    found = features(query, retriever.search(query), retriever)[FEATURES.index("apart")]
    assert bool(found > 0.5) is apart


def test_a_completed_question_is_judged_by_what_its_last_turn_says(retriever: Retriever) -> None:
    last = "and chromodynamics?"
    query = retriever.query(f"{BREATHING} {last}")
    hits = retriever.search(query)
    whole, own = (
        dict(zip(FEATURES, features(query, hits, retriever, asked=asked), strict=True)) for asked in ("", last)
    )
    assert own["carried"] < whole["carried"] and own["score"] == whole["score"]
