"""Estimates over a whole run: intervals, separation, calibration, percentiles and the paired test.

Plain numbers in, plain numbers out.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

BINS = 10
FEW = 20 * BINS  # below this many answers, bins of equal width would stand nearly empty
NORMAL_QUANTILE = 1.959964  # of a 95 % interval
RESAMPLES = 9999


def wilson(mean: float, count: int) -> tuple[float, float]:
    """Return the 95 % Wilson score interval of a rate over ``count`` questions."""
    if count == 0:
        return 0.0, 1.0
    z2 = NORMAL_QUANTILE**2
    centre = (mean + z2 / (2 * count)) / (1 + z2 / count)
    half = NORMAL_QUANTILE * math.sqrt(mean * (1 - mean) / count + z2 / (4 * count**2)) / (1 + z2 / count)
    return max(0.0, centre - half), min(1.0, centre + half)


def auroc(positive: Sequence[float], negative: Sequence[float]) -> float | None:
    """Return the chance that a positive scores above a negative, ties counting half; None without both."""
    from scipy.stats import rankdata

    if not positive or not negative:
        return None
    ranks = rankdata([*positive, *negative])[: len(positive)]
    wins = float(ranks.sum()) - len(positive) * (len(positive) + 1) / 2
    return wins / (len(positive) * len(negative))


@dataclass(frozen=True)
class Bin:
    """Answers of like confidence: a point of the reliability curve."""

    confidence: float  # mean, 0..1
    share: float  # of them that were answerable, 0..1
    count: int


def reliability(confidences: Sequence[float], answerable: Sequence[bool]) -> tuple[Bin, ...]:
    """Group answers by confidence: ten bins of equal width, or of equal numbers where there are fewer than FEW."""
    pairs = sorted(zip(confidences, answerable, strict=True), key=lambda pair: pair[0])
    if len(pairs) >= FEW:
        places = [min(int(confidence * BINS), BINS - 1) for confidence, _ in pairs]
    else:
        places = [position * BINS // len(pairs) for position in range(len(pairs))]
    bins: dict[int, list[tuple[float, bool]]] = {}
    for place, pair in zip(places, pairs, strict=True):
        bins.setdefault(place, []).append(pair)
    return tuple(
        Bin(sum(c for c, _ in group) / len(group), sum(a for _, a in group) / len(group), len(group))
        for group in bins.values()
    )


def calibration_error(bins: Sequence[Bin]) -> float | None:
    """Return the expected calibration error: the mean gap between confidence and share, weighted by count."""
    total = sum(bin.count for bin in bins)
    return sum(bin.count * abs(bin.confidence - bin.share) for bin in bins) / total if total else None


def percentile(values: Sequence[float], percent: float) -> float | None:
    """Return the value below which ``percent`` of ``values`` lie, linear between neighbours; None without values."""
    import numpy

    return float(numpy.percentile(values, percent)) if values else None


def paired_p(before: Sequence[float], after: Sequence[float], seed: int = 0) -> float:
    """Return the two-sided p-value of a paired permutation test on the difference of means.

    Exact up to 13 pairs, else from RESAMPLES seeded permutations.
    """
    import numpy
    from scipy.stats import permutation_test

    differences = numpy.asarray(after, dtype=float) - numpy.asarray(before, dtype=float)
    if numpy.count_nonzero(differences) < 2:
        return 1.0  # one difference is as likely the other way round
    # Swapping the two runs of a question turns the sign of its difference; equal ones change nothing and are left out.
    # The sum stands for the mean, rounded so that equal sums do not differ in the last bit.
    result = permutation_test(
        (differences[differences != 0],),
        lambda sample, axis: numpy.round(sample.sum(axis=axis), 9),
        permutation_type="samples",
        vectorized=True,
        n_resamples=RESAMPLES,
        batch=1000,
        rng=numpy.random.default_rng(seed),
    )
    return float(result.pvalue)
