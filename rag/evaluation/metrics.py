"""What rankings and shares are worth, and how sure that is. Pure: owns the formulas, knows no engines and no files.

``relevant`` is a ranking, best first: is the hit at this rank a right one?
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import log2

import numpy as np
from numpy.typing import NDArray

# How often chance is played through, and with which draws: the same figures come out every time. With 2,000 an end of
# an interval is good to about a twentieth of its width.
RESAMPLES = 2_000
SEED = 0
# Bins of equal width for the calibration error, as in Guo et al. (2017), "On Calibration of Modern Neural Networks",
# who take 15 for ten thousand cases; the questions people write are fewer.
BINS = 10


def recall_at(relevant: Sequence[bool], k: int) -> float:
    """Return 1 if a right hit is among the first ``k``, else 0: its mean is the share of questions that find one."""
    return float(any(relevant[:k]))


def reciprocal_rank(relevant: Sequence[bool], k: int) -> float:
    """Return 1 / rank (from 1) of the first right hit among the first ``k``, 0 if there is none."""
    return next((1 / rank for rank, right in enumerate(relevant[:k], 1) if right), 0.0)


def ndcg_at(relevant: Sequence[bool], k: int, *, total: int) -> float:
    """Return the discounted cumulative gain of the first ``k`` as a share of the best possible, 0 to 1.

    ``total`` counts the right hits that could have been found. Gain 1 for a right hit, discount log2(rank + 1), after
    Järvelin and Kekäläinen (2002), "Cumulated gain-based evaluation of IR techniques". Raises ValueError for a total
    below the right hits there are among the first ``k``, or below 1.
    """
    if total < max(1, sum(relevant[:k])):
        raise ValueError(f"{total} right hits in all is fewer than there are, or none")
    ideal = sum(_discount(rank) for rank in range(1, min(k, total) + 1))
    return sum(_discount(rank) for rank, right in enumerate(relevant[:k], 1) if right) / ideal


@dataclass(frozen=True, slots=True, eq=False)
class Ratio:
    """A figure over n cases: the sum of the cases' ``parts``, made positive column by column, over that of ``weights``.

    ``parts`` is (n, c) and ``weights`` (n,), not negative; a case of weight 0 has parts 0 and says nothing. With one
    column of positive parts this is a mean or a share.
    """

    parts: NDArray[np.float64]
    weights: NDArray[np.float64]

    @property
    def value(self) -> float | None:
        """The figure; None where no case says anything."""
        return float(np.abs(self.parts.sum(axis=0)).sum() / self.weights.sum()) if self.weights.any() else None

    @property
    def cases(self) -> int:
        """How many cases say something."""
        return int(np.count_nonzero(self.weights))


def bin_of(probability: float) -> int:
    """Return the bin, 0 to ``BINS`` - 1, that a probability from 0 to 1 belongs to."""
    return min(int(probability * BINS), BINS - 1)


def calibration_parts(probability: float, *, right: bool) -> list[float]:
    """Return a case's parts, one a bin: their ``Ratio`` with weights 1 is the expected calibration error (ECE).

    That is the distance between the mean probability and the share of right cases, averaged over the bins in
    proportion to their cases; 0 is perfect.
    """
    parts = [0.0] * BINS
    parts[bin_of(probability)] = right - probability
    return parts


def interval(ratio: Ratio) -> tuple[float, float] | None:
    """Return the 95% interval of a figure, None where it has no value.

    By the percentile bootstrap: cases are drawn with replacement, ``RESAMPLES`` times as many as there are.
    """
    if ratio.value is None:
        return None
    # Cases that say nothing must not be drawn: a sample of them alone would have no figure.
    some = ratio.weights > 0
    n = int(some.sum())
    drawn = np.random.default_rng(SEED).multinomial(n, np.full(n, 1 / n), size=RESAMPLES)
    values = np.abs(drawn @ ratio.parts[some]).sum(axis=1) / (drawn @ ratio.weights[some])
    low, high = np.percentile(values, [2.5, 97.5])
    return float(low), float(high)


def chance(one: Ratio, other: Ratio) -> float | None:
    """Return how likely chance alone sets two figures over the same cases as far apart as they are, None without both.

    By the paired randomisation test (Smucker, Allan and Carterette 2007, "A comparison of statistical significance
    tests for information retrieval evaluation"): if the settings made no difference, each case's two results could as
    well be swapped. Two-sided; at least 1 / (``RESAMPLES`` + 1).
    """
    if one.value is None or other.value is None:
        return None
    swapped = np.random.default_rng(SEED).integers(2, size=(RESAMPLES, len(one.weights)))
    kept = 1 - swapped

    def mixed(stays: Ratio, comes: Ratio) -> NDArray[np.float64]:
        parts: NDArray[np.float64] = np.abs(kept @ stays.parts + swapped @ comes.parts).sum(axis=1)
        return parts / (kept @ stays.weights + swapped @ comes.weights)

    # Where all weights went to one side there is no figure; "not below" counts such a draw against the difference.
    with np.errstate(invalid="ignore", divide="ignore"):
        apart = np.abs(mixed(one, other) - mixed(other, one))
    as_far = np.count_nonzero(~(apart < abs(one.value - other.value) - 1e-12))
    return (1 + as_far) / (RESAMPLES + 1)


def _discount(rank: int) -> float:
    return 1 / log2(rank + 1)
