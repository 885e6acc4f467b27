"""What a ranking is worth. Pure: owns the formulas, knows nothing of engines or files.

``relevant`` is a ranking, best first: is the hit at this rank a right one?
"""

from __future__ import annotations

from collections.abc import Sequence
from math import log2


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


def _discount(rank: int) -> float:
    return 1 / log2(rank + 1)
