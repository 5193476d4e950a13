"""BM25F over three fields: right by the formula, kept up to date document by document, refused when damaged."""

from collections.abc import Sequence
from dataclasses import replace
from math import log
from pathlib import Path

import numpy as np
import pytest

from assistant.errors import IndexDamaged
from assistant.lexical import FIELD_WEIGHTS, K1, B, LexicalIndex, TermCounts, asks
from assistant.lexicon import stem, terms
from assistant.schema import Document, Source


def document(id: str, text: str, question: str = "How?", also_asked: Sequence[str] = ()) -> Document:
    return Document(id, id, question, text, Source("T", "P"), also_asked=tuple(also_asked))


HIP = document("hip", "The hip turns. The hip bends.", "What does the hip do?", ["hip movement"])
KNEE = document("knee", "The knee bends.", "What does the knee do?")
REST = document("rest", "Sleep well and long before a race day in a cool dark room.", "How should I rest?")


def counted(*documents: Document, onto: TermCounts | None = None) -> TermCounts:
    return (onto or TermCounts.empty()).updated({document.id: document.hash for document in documents}, documents)


def index(*documents: Document) -> LexicalIndex:
    return LexicalIndex(counted(*documents))


def scored(of: LexicalIndex, question: str) -> dict[str, float]:
    scores = of.scores({term: 1.0 for term in terms(question)})
    return {id: float(score) for id, score in zip(of.ids, scores, strict=True)}


def headed(of: LexicalIndex, question: str) -> dict[str, float]:
    return {id: float(share) for id, share in zip(of.ids, of.headed(terms(question)), strict=True)}


def test_scores_are_what_the_formula_gives() -> None:
    lengths = {"question": {"hip": 1, "knee": 1}, "asked": {"hip": 2, "knee": 0}, "text": {"hip": 4, "knee": 2}}
    counts = {"question": 1, "asked": 1, "text": 2}  # of "hip" in the fields of HIP
    frequency = sum(
        FIELD_WEIGHTS[name] * counts[name] / (1 - B + B * lengths[name]["hip"] / (sum(lengths[name].values()) / 2))
        for name in FIELD_WEIGHTS
    )
    idf = log(1 + (2 - 1 + 0.5) / (1 + 0.5))
    expected = idf * frequency * (K1 + 1) / (frequency + K1)
    assert scored(index(HIP, KNEE), "hip") == pytest.approx({"hip": expected, "knee": 0.0}, rel=1e-5)


def test_a_word_in_the_question_counts_more_than_one_in_the_text() -> None:
    scores = scored(index(document("a", "Rest.", "Why hips?"), document("b", "Hips.", "Why rest?"), KNEE), "hips")
    assert scores["a"] > scores["b"] > 0


def test_a_rare_word_counts_more_than_a_common_one() -> None:
    scores = scored(index(HIP, KNEE, REST), "bends")
    assert scored(index(HIP, KNEE, REST), "sleep")["rest"] > scores["knee"] > 0 == scores["rest"]


def test_scores_add_up_over_the_terms_by_weight() -> None:
    of = index(HIP, KNEE, REST)
    both = of.scores({"knee": 1.0, "bend": 0.5})
    assert both == pytest.approx(of.scores({"knee": 1.0}) + 0.5 * of.scores({"bend": 1.0}))


def test_a_word_that_no_document_holds_scores_nothing_and_is_the_rarest() -> None:
    of = index(HIP, KNEE)
    assert not of.scores({"football": 1.0}).any() and not of.knows("football")
    assert of.idf("football") > of.idf("bend") and of.knows("bend")


def test_each_term_is_spelt_as_a_word_of_the_corpus() -> None:
    assert {stem(word) for word in index(REST).words} == set(
        terms("How should I rest? Sleep well and long before a race day in a cool dark room.")
    )


def test_an_empty_index_scores_nobody() -> None:
    of = LexicalIndex(TermCounts.empty())
    assert of.scores({"hip": 1.0}).shape == of.headed(["hip"]).shape == (0,) and of.ids == () and of.idf("hip") >= 0


def test_only_changed_documents_are_counted_and_the_rest_kept() -> None:
    before = counted(HIP, KNEE, REST)
    changed = document("knee", "The knee glides.", "What does the knee do?")
    hashes = {d.id: d.hash for d in (HIP, changed, REST)}
    after = before.updated(hashes, [changed])
    assert dict(zip(after.ids, after.hashes, strict=True)) == hashes
    of = LexicalIndex(after)
    assert scored(of, "glides")["knee"] > 0
    assert scored(of, "bends")["knee"] == 0 < scored(of, "bends")["hip"]


def test_an_index_brought_up_to_date_equals_one_made_afresh() -> None:
    changed = document("knee", "The knee glides.", "What does the knee do?")
    hashes = {d.id: d.hash for d in (HIP, changed)}
    updated, fresh = LexicalIndex(counted(HIP, KNEE, REST).updated(hashes, [changed])), index(HIP, changed)
    for word in ("hip", "knee", "glides", "bends", "sleep"):
        assert scored(updated, word) == pytest.approx(scored(fresh, word))
        assert headed(updated, word) == pytest.approx(headed(fresh, word))
        assert updated.knows(stem(word)) == fresh.knows(stem(word))
        assert updated.idf(stem(word)) == pytest.approx(fresh.idf(stem(word)))
    assert set(updated.words) == set(fresh.words)


def test_what_is_saved_is_what_is_loaded(tmp_path: Path) -> None:
    counts = counted(HIP, KNEE, REST)
    counts.save(tmp_path / "lexical.npz")
    loaded = TermCounts.load(tmp_path / "lexical.npz")
    assert (loaded.ids, loaded.hashes, loaded.vocabulary, loaded.spelled) == (
        counts.ids,
        counts.hashes,
        counts.vocabulary,
        counts.spelled,
    )
    assert np.array_equal(LexicalIndex(loaded).scores({"hip": 1.0}), LexicalIndex(counts).scores({"hip": 1.0}))
    assert headed(LexicalIndex(loaded), "hip") == headed(LexicalIndex(counts), "hip")


def test_an_empty_index_can_be_saved_and_filled_later(tmp_path: Path) -> None:
    TermCounts.empty().save(tmp_path / "lexical.npz")
    filled = counted(HIP, onto=TermCounts.load(tmp_path / "lexical.npz"))
    assert scored(LexicalIndex(filled), "hip")["hip"] > 0


@pytest.mark.parametrize("damage", [b"", b"PK\x03\x04", bytes(500)], ids=["emptied", "cut", "zeroed"])
def test_a_damaged_file_is_refused_with_the_command_that_cures_it(tmp_path: Path, damage: bytes) -> None:
    (tmp_path / "lexical.npz").write_bytes(damage)
    with pytest.raises(IndexDamaged, match=r"lexical.npz cannot be read") as caught:
        TermCounts.load(tmp_path / "lexical.npz")
    assert "ingest.py --rebuild" in caught.value.cure


def test_every_cut_of_the_file_is_noticed(tmp_path: Path) -> None:
    path = tmp_path / "lexical.npz"
    counted(HIP, KNEE, REST).save(path)
    whole = path.read_bytes()
    for length in range(0, len(whole), len(whole) // 40):
        path.write_bytes(whole[:length])
        with pytest.raises(IndexDamaged):
            TermCounts.load(path)


def test_every_changed_byte_is_noticed_or_makes_no_difference(tmp_path: Path) -> None:
    path = tmp_path / "lexical.npz"
    counts = counted(HIP, KNEE, REST)
    counts.save(path)
    whole = path.read_bytes()
    for place in range(0, len(whole), len(whole) // 200):
        path.write_bytes(whole[:place] + bytes([whole[place] ^ 0xFF]) + whole[place + 1 :])
        try:
            loaded = TermCounts.load(path)
        except IndexDamaged:
            continue
        assert (loaded.ids, loaded.vocabulary) == (counts.ids, counts.vocabulary)
        assert np.array_equal(LexicalIndex(loaded).scores({"hip": 1.0}), LexicalIndex(counts).scores({"hip": 1.0}))


def test_a_heading_that_asks_nothing_counts_no_more_than_another_wording() -> None:
    heading, question = document("heading", "Rest.", "Knee pain"), document("question", "Rest.", "Knee pain?")
    other = document("wording", "Rest.", "How?", also_asked=["Knee pain"])
    scores = scored(index(heading, question, other), "knee pain")
    assert scores["question"] > scores["heading"] == pytest.approx(scores["wording"], rel=0.05)


@pytest.mark.parametrize(
    ("heading", "question"),
    [
        ("Is it safe to run?", True),
        ("is it safe to run", True),
        ("Sore hip after running, what now?", True),
        ("Which shoes", True),
        ("Running shoes", False),
        ("Whichever shoes", False),
        ("", False),
    ],
)
def test_a_question_opens_or_ends_like_one(heading: str, question: bool) -> None:
    assert asks(heading) is question


def test_how_much_of_a_heading_is_said_is_the_share_of_its_squared_rarity() -> None:
    child = document("child", "Rest.", "How is the hip of a child looked after?")
    of = index(HIP, child)
    hip, other = of.idf("hip") ** 2, of.idf("child") ** 2
    # What is said most of counts: of "what does the hip do" all is said, of "hip movement" a part.
    assert headed(of, "hip") == pytest.approx({"hip": 0.5, "child": hip / (hip + 2 * other) - 0.5}, rel=1e-4)
    assert headed(of, "movement")["hip"] == pytest.approx(other / (hip + other) - 0.5, rel=1e-4)
    assert headed(of, "hip of a child, looked after")["child"] == pytest.approx(0.5, rel=1e-4)
    assert headed(of, "football") == {"hip": -0.5, "child": -0.5}


def test_what_is_said_of_a_heading_that_asks_nothing_is_neither_for_nor_against_it() -> None:
    paper = document("paper", "Rest.", "Outcomes of hip surgery")
    for question in ("hip", "outcomes of hip surgery", "football"):
        assert headed(index(HIP, paper), question)["paper"] == 0.0


def test_which_documents_hold_one_of_several_terms_is_told() -> None:
    found = index(HIP, KNEE, REST)
    assert found.holding([stem("hip"), stem("nobody"), stem("race")]).tolist() == [True, False, True]
    assert not found.holding(["unheard of"]).any() and not found.holding([]).any()


def test_answers_to_one_question_share_its_wordings_and_no_others() -> None:
    second = replace(HIP, id="second", text="It bends.")
    reworded = replace(HIP, id="reworded", also_asked=("what a joint is for",))
    of = index(HIP, reworded, KNEE, second)
    assert of._headings.tolist() == [0, 1, 2, 0]
    assert headed(of, "hip movement")["second"] == headed(of, "hip movement")["hip"] == 0.5
    assert headed(of, "a joint is for")["reworded"] == 0.5 > headed(of, "a joint is for")["second"]
    assert headed(of, "what does the knee do") == pytest.approx({"hip": -0.5, "reworded": -0.5, "knee": 0.5, "second": -0.5})
