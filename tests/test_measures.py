"""Every measure against figures worked out by hand."""

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.estimates import Bin, auroc, calibration_error, paired_p, percentile, reliability, wilson
from assistant.measures import MEASURES, Observation, Outcome, collapse, outcome, retrieval_scores, score
from assistant.questions import Category, Question
from assistant.schema import Answer, AnswerKind, Document
from tests.small_world import CRAMP, MCGILL, OLDERMAN, SIGNS, answer, document, moved, partial, refusal, urgent

COVERED = Question("q1", Category.COVERED, "why?", AnswerKind.ANSWERED, {"t02": 2, "t09": 1})
KEYED = Question("q2", Category.COVERED, "why?", AnswerKind.ANSWERED, {"t02": 2}, key=("Pull the navel", "Brace the"))
PARTIAL = Question("q3", Category.PARTIAL, "when?", AnswerKind.PARTIAL, {"t02": 2}, missing="the date")
OUTSIDE = Question("q4", Category.OUT_OF_SCOPE, "tax?", AnswerKind.ABSTAINED)
OPPOSING = Question("q5", Category.OPPOSING, "in or out?", AnswerKind.ANSWERED, {"t02": 2}, views=("in", "out"))
FOLLOWING = Question("q6", Category.FOLLOW_UP, "and then?", AnswerKind.ANSWERED, {"t03": 2}, history=("cramp?",))
LEAVING = Question("q7", Category.FOLLOW_UP, "my back?", AnswerKind.ANSWERED, {"t02": 2}, ("cramp?",), True)
URGENT = Question("q8", Category.URGENT, "numb down there", AnswerKind.URGENT, {"t87": 2})

NAVEL, LIFT = (OLDERMAN, "Pull the navel in."), (OLDERMAN, "Do not raise the leg quite so high.")
BRACE, SPARES = (MCGILL, "Brace the whole wall."), (MCGILL, "It spares the back.")
LEAD, RELAX = (CRAMP, "Here is what to do:"), (CRAMP, "Relax the hamstring.")
NUMB = (SIGNS, "Numbness between the legs needs help at once.")
ELSEWHERE = document("t09-hip-drop.nhs", "Stand on one leg.")


def seen(question: Question, given: Answer | None, found: Sequence[Document] = ()) -> Observation:
    stored = (OLDERMAN, MCGILL, CRAMP, SIGNS)
    cited = {c.document: d for c in (given.citations if given else ()) for d in stored if d.id == c.document}
    return Observation(question, given, tuple(found), cited)


ANY = answer(NAVEL)
# The ranking t03, t02 (twice), t09 collapses to t03, t02, t09; grades 0, 2, 1.
RANKED = seen(COVERED, ANY, [CRAMP, OLDERMAN, MCGILL, ELSEWHERE])
EXAMPLES: dict[str, list[tuple[Observation, float | None]]] = {
    # DCG 2/log2(3) + 1/log2(4) = 1.7619 over the ideal 2/log2(2) + 1/log2(3) = 2.6309
    "nDCG@10": [(RANKED, 0.66967), (seen(COVERED, ANY), 0.0), (seen(FOLLOWING, ANY), None), (seen(OUTSIDE, ANY), None)],
    "R@5": [(RANKED, 1.0), (seen(COVERED, ANY, [OLDERMAN]), 0.5)],
    "R@20": [(RANKED, 1.0), (seen(COVERED, ANY, [CRAMP]), 0.0)],
    "RR": [(RANKED, 0.5), (seen(COVERED, ANY, [MCGILL]), 1.0)],
    "P@1": [(RANKED, 0.0), (seen(COVERED, ANY, [MCGILL]), 1.0)],
    "right": [(seen(COVERED, ANY), 1.0), (seen(COVERED, refusal()), 0.0), (seen(OUTSIDE, refusal()), 1.0)],
    "kind-right": [(seen(COVERED, ANY), 1.0), (seen(COVERED, partial(NAVEL)), 0.0), (seen(URGENT, urgent()), 1.0)],
    "cited-right": [
        (seen(PARTIAL, partial(LEAD)), 0.0),
        (seen(COVERED, answer(LEAD, RELAX, NAVEL)), 1.0),
        (seen(COVERED, refusal()), 0.0),
        (seen(OUTSIDE, ANY), None),
    ],
    "first-citation-right": [
        (seen(COVERED, refusal()), 0.0),
        (seen(COVERED, answer(LEAD, RELAX, NAVEL)), 0.0),
        (seen(COVERED, answer(NAVEL, LEAD)), 1.0),
    ],
    # Three documents are cited, however many sentences each gives; two of them are on a judged page.
    "citation-precision": [(seen(COVERED, answer(NAVEL, LIFT, BRACE, LEAD)), 2 / 3), (seen(COVERED, refusal()), 0.0)],
    "key-recall": [
        (seen(KEYED, answer(NAVEL, LIFT)), 0.5),
        (seen(KEYED, answer(BRACE, NAVEL)), 1.0),
        (seen(COVERED, ANY), None),
    ],
    # Of the two sentences that are no lead-in, one is key.
    "key-precision": [(seen(KEYED, answer(NAVEL, LEAD, RELAX)), 0.5), (seen(KEYED, refusal()), 0.0)],
    "exact-quote": [
        (seen(COVERED, answer(NAVEL, LEAD, RELAX)), 1.0),
        (seen(COVERED, answer(NAVEL, (OLDERMAN, "raise the leg quite so high."))), 0.0),
        (seen(COVERED, answer((OLDERMAN, OLDERMAN.text))), 1.0),  # two whole sentences
        (seen(COVERED, answer((OLDERMAN, "raise the leg quite so high."))), 0.0),  # the "do not" is dropped
        (seen(COVERED, answer((OLDERMAN, "Pull the navel in"))), 0.0),  # the full stop is dropped
        (seen(COVERED, moved(answer(NAVEL), by=1)), 0.0),
        (seen(COVERED, answer((ELSEWHERE, "Stand on one leg."))), 0.0),  # no such document is stored
        (seen(COVERED, refusal()), None),
    ],
    "views-shown": [
        (seen(OPPOSING, answer(NAVEL, BRACE)), 1.0),
        (seen(OPPOSING, answer(NAVEL, LIFT)), 0.0),
        (seen(COVERED, ANY), None),
    ],
    "gap-stated": [(seen(PARTIAL, partial(NAVEL)), 1.0), (seen(PARTIAL, ANY), 0.0), (seen(COVERED, ANY), None)],
    "subject-kept": [(seen(FOLLOWING, answer(LEAD)), 1.0), (seen(FOLLOWING, ANY), 0.0), (seen(LEAVING, ANY), None)],
    "subject-left": [(seen(LEAVING, ANY), 1.0), (seen(LEAVING, answer(LEAD)), 0.0), (seen(FOLLOWING, ANY), None)],
    "false-answer": [
        (seen(OUTSIDE, ANY), 1.0),
        (seen(OUTSIDE, partial(NAVEL)), 1.0),
        (seen(OUTSIDE, refusal()), 0.0),
        (seen(COVERED, ANY), None),
    ],
    "false-refusal": [(seen(COVERED, refusal()), 1.0), (seen(COVERED, ANY), 0.0), (seen(OUTSIDE, refusal()), None)],
    "urgent-sensitivity": [(seen(URGENT, urgent()), 1.0), (seen(URGENT, ANY), 0.0), (seen(COVERED, ANY), None)],
    "urgent-specificity": [
        (seen(COVERED, urgent()), 0.0),
        (seen(OUTSIDE, refusal()), 1.0),
        (seen(URGENT, urgent()), None),
    ],
    "urgent-no-advice": [
        (seen(URGENT, urgent(NUMB)), 1.0),
        (seen(URGENT, urgent(NUMB, NAVEL)), 0.0),
        (seen(URGENT, ANY), None),
    ],
    "disclaimer": [
        (seen(COVERED, ANY), 1.0),
        (seen(COVERED, Answer(AnswerKind.ABSTAINED, "x", disclaimer="Be well.")), 0.0),
    ],
    "crashed": [(seen(COVERED, ANY), 0.0), (seen(COVERED, None), 1.0)],
}


@pytest.mark.parametrize(
    ("name", "observation", "expected"),
    [(name, *example) for name, examples in EXAMPLES.items() for example in examples],
)
def test_a_measure_gives_the_figure_worked_by_hand(name: str, observation: Observation, expected: float | None) -> None:
    assert score(observation).get(name) == (None if expected is None else pytest.approx(expected, abs=1e-5))


def test_every_measure_has_an_example_worked_by_hand() -> None:
    assert set(EXAMPLES) == {measure.name for measure in MEASURES}


@pytest.mark.parametrize("question", [COVERED, KEYED, PARTIAL, OUTSIDE, OPPOSING, FOLLOWING, LEAVING, URGENT])
def test_a_question_without_a_result_gets_the_worst_of_every_measure_that_applies(question: Question) -> None:
    applying = {measure.name: measure.worst for measure in MEASURES if measure.applies(question)}
    assert score(seen(question, None)) == applying
    less_is_better = {"false-answer", "false-refusal", "crashed"}
    assert all(value == (1.0 if name in less_is_better else 0.0) for name, value in applying.items())


@pytest.mark.parametrize(
    ("observation", "expected"),
    [
        (seen(COVERED, None), Outcome.CRASHED),
        (seen(COVERED, ANY), Outcome.RIGHT),
        (seen(COVERED, partial(NAVEL)), Outcome.HEDGED),
        (seen(COVERED, answer(LEAD)), Outcome.WRONG_SOURCE),
        (seen(COVERED, refusal()), Outcome.REFUSED),
        (seen(COVERED, urgent()), Outcome.FALSE_ALARM),
        (seen(OPPOSING, ANY), Outcome.ONE_SIDED),
        (seen(OPPOSING, answer(NAVEL, BRACE)), Outcome.RIGHT),
        (seen(PARTIAL, ANY), Outcome.GAP_HIDDEN),
        (seen(PARTIAL, partial(NAVEL)), Outcome.RIGHT),
        (seen(OUTSIDE, ANY), Outcome.FALSE_ANSWER),
        (seen(OUTSIDE, urgent()), Outcome.FALSE_ALARM),
        (seen(URGENT, ANY), Outcome.URGENT_MISSED),
        (seen(URGENT, urgent()), Outcome.RIGHT),
    ],
)
def test_an_outcome_says_what_to_mend(observation: Observation, expected: Outcome) -> None:
    assert outcome(observation) is expected


def test_ir_measures_keeps_the_order_given_and_counts_grades_as_gains() -> None:
    # 3/log2(2) + 0 + 1/log2(4) = 3.5 over the ideal 3/log2(2) + 2/log2(3) + 1/log2(4) = 4.76186
    assert retrieval_scores(["a", "x", "c"], {"a": 3, "b": 2, "c": 1})["nDCG@10"] == pytest.approx(
        3.5 / 4.76186, abs=1e-5
    )


def test_several_answers_of_one_page_count_as_one_find() -> None:
    assert collapse([OLDERMAN, MCGILL, CRAMP], {"t02": 2}) == ("t02", "t03-hamstring-cramp")


def test_the_most_specific_judgement_of_a_document_counts() -> None:
    judged = {"t02": 1, "t02-back-arches.mcgill": 3}
    assert collapse([OLDERMAN, MCGILL], judged) == ("t02", "t02-back-arches.mcgill")


def test_a_cut_off_sentence_is_no_exact_quote() -> None:
    cut = document("t70-concrete.nhs", "Grass is softer. Take time to", truncated=True)
    whole, torn = answer((cut, "Grass is softer.")), answer((cut, "Take time to"))
    assert score(Observation(COVERED, whole, cited={cut.id: cut}))["exact-quote"] == 1.0
    assert score(Observation(COVERED, torn, cited={cut.id: cut}))["exact-quote"] == 0.0
    both = answer((cut, cut.text))
    assert score(Observation(COVERED, both, cited={cut.id: cut}))["exact-quote"] == 0.0


def test_the_wilson_interval_is_the_textbook_one() -> None:
    assert wilson(0.8, 10) == pytest.approx((0.49016, 0.94331), abs=1e-5)
    assert wilson(0.0, 10) == pytest.approx((0.0, 0.27754), abs=1e-5)
    assert wilson(0.0, 0) == (0.0, 1.0)


@given(st.integers(1, 400).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_a_wilson_interval_holds_the_rate_and_stays_within_0_and_1(counts: tuple[int, int]) -> None:
    rate = counts[0] / counts[1]
    low, high = wilson(rate, counts[1])
    assert 0.0 <= low <= rate + 1e-12 and rate - 1e-12 <= high <= 1.0


def test_auroc_counts_the_pairs_in_the_right_order_and_half_the_ties() -> None:
    assert auroc([0.9, 0.4], [0.5, 0.1]) == pytest.approx(3 / 4)
    assert auroc([0.5, 0.9], [0.5]) == pytest.approx(3 / 4)
    assert auroc([0.5], []) is None


def test_few_answers_are_binned_by_number_and_many_by_width() -> None:
    few = reliability([0.2, 0.4, 0.9], [False, True, True])
    assert few == (Bin(0.2, 0.0, 1), Bin(0.4, 1.0, 1), Bin(0.9, 1.0, 1))
    many = reliability([0.05] * 100 + [0.95] * 99 + [1.0], [False] * 100 + [True] * 100)
    assert [bin.count for bin in many] == [100, 100]


def test_the_calibration_error_is_the_mean_gap_weighted_by_count() -> None:
    # 3 answers with gap 0.1 and 1 with gap 0.5: (3 * 0.1 + 0.5) / 4
    assert calibration_error([Bin(0.9, 1.0, 3), Bin(0.5, 0.0, 1)]) == pytest.approx(0.2)
    assert calibration_error([]) is None


def test_a_percentile_lies_between_its_neighbours() -> None:
    assert percentile([10.0, 20.0, 30.0, 40.0], 50) == pytest.approx(25.0)
    assert percentile([10.0, 20.0], 95) == pytest.approx(19.5)
    assert percentile([], 50) is None


def test_five_gains_without_a_loss_have_the_exact_two_sided_p_of_2_in_32() -> None:
    assert paired_p([0, 0, 0, 0, 0, 1], [1, 1, 1, 1, 1, 1]) == pytest.approx(2 / 32)
    assert paired_p([0, 0, 1], [1, 1, 1]) == pytest.approx(2 / 4)


def test_equal_runs_differ_with_p_1_and_a_seeded_test_repeats() -> None:
    assert paired_p([0.3, 0.7], [0.3, 0.7]) == 1.0
    assert paired_p([0.3, 0.0], [0.3, 1.0]) == 1.0  # a single difference proves nothing
    before, after = [0.0] * 40, [1.0] * 14 + [0.0] * 22 + [-1.0] * 4
    assert paired_p(before, after) == paired_p(before, after)
    assert paired_p(before, after) == pytest.approx(0.0309, abs=0.008)  # the sign test on 14 against 4
