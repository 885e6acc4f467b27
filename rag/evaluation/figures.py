"""From what happened to each question to the figures of an evaluation. Pure: owns which figures there are.

The formulas are in ``rag.evaluation.metrics``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from rag.evaluation.metrics import (
    BINS,
    Ratio,
    bin_of,
    calibration_parts,
    chance,
    interval,
    ndcg_at,
    recall_at,
    reciprocal_rank,
)

# Ranks that are looked at; nobody reads further.
DEPTH = 10
# A difference that chance alone brings about less often than this is said to be more than noise: the usual limit.
SIGNIFICANT = 0.05

Verdict = Literal["noise", "better", "worse", "different"]
_NOISE: Verdict = "noise"
_VERDICTS: dict[int, Verdict] = {1: "better", -1: "worse", 0: "different"}


@dataclass(frozen=True, slots=True)
class Result:
    """What the engine did with a question.

    ``expected`` counts the passages that answer it, 0 if the articles do not. ``ranks`` are the ranks, from 1, of those
    among the first ``DEPTH`` hits. ``cited`` counts the statements of the answer, ``cited_right`` those that stand in
    an expected place; ``confidence`` is that of the answer, 0 to 1.
    """

    id: str
    language: str
    question: str
    expected: int
    ranks: tuple[int, ...]
    cited: int
    cited_right: int
    confidence: float

    @property
    def answerable(self) -> bool:
        """Whether the articles answer the question."""
        return self.expected > 0

    @property
    def refused(self) -> bool:
        """Whether the engine gave no answer."""
        return self.cited == 0

    @property
    def best_right(self) -> bool:
        """Whether the best passage answers the question: what ``confidence`` is the probability of."""
        return 1 in self.ranks

    @property
    def relevant(self) -> tuple[bool, ...]:
        """Is the passage at this rank a right one? For each of the first ``DEPTH`` ranks."""
        return tuple(rank in self.ranks for rank in range(1, DEPTH + 1))


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure, 0 to 1, and its 95% interval, over the ``questions`` questions that say something of it; or None."""

    name: str
    value: float | None
    interval: tuple[float, float] | None
    questions: int


@dataclass(frozen=True, slots=True)
class Bin:
    """The ``questions`` whose confidence lies between two tenths: its mean, and the share whose best passage is right.

    Together the bins are the reliability curve: where both figures are equal the confidence is a probability.
    """

    questions: int
    confidence: float
    right: float


@dataclass(frozen=True, slots=True)
class Group:
    """The figures of the questions in one language, None for all."""

    language: str | None
    answerable: int
    unanswerable: int
    figures: tuple[Figure, ...]
    reliability: tuple[Bin, ...]


@dataclass(frozen=True, slots=True)
class Difference:
    """A figure under two settings. ``chance`` is how likely noise alone sets them as far apart, None without both.

    ``verdict`` is "noise" where that is too likely, else "better" or "worse" for the other setting; "different" where
    a higher figure is neither.
    """

    language: str | None
    name: str
    one: float | None
    other: float | None
    chance: float | None
    verdict: Verdict


@dataclass(frozen=True, slots=True)
class Measure:
    """How a figure is made of results: the parts and the weight of each, see ``rag.evaluation.metrics.Ratio``.

    ``better`` is 1 where higher is better, -1 where lower is, 0 where neither is.
    """

    name: str
    better: int
    parts: Callable[[Result], Sequence[float]]
    weight: Callable[[Result], float]

    def ratio(self, results: Sequence[Result]) -> Ratio:
        """Return the figure over ``results``."""
        weights = np.array([float(self.weight(result)) for result in results])
        parts = np.array([self.parts(result) for result in results], dtype=float)
        return Ratio(parts * (weights > 0)[:, None], weights)


def _answerable(result: Result) -> float:
    return result.answerable


def _unanswerable(result: Result) -> float:
    return not result.answerable


def _every(_: Result) -> float:
    return 1


MEASURES = (
    Measure("Recall@1", 1, lambda result: [recall_at(result.relevant, 1)], _answerable),
    Measure("Recall@5", 1, lambda result: [recall_at(result.relevant, 5)], _answerable),
    Measure("Recall@10", 1, lambda result: [recall_at(result.relevant, 10)], _answerable),
    Measure("MRR@10", 1, lambda result: [reciprocal_rank(result.relevant, DEPTH)], _answerable),
    Measure("nDCG@10", 1, lambda result: [ndcg_at(result.relevant, DEPTH, total=max(result.expected, 1))], _answerable),
    Measure("Citation precision", 1, lambda result: [result.cited_right], lambda r: r.cited * r.answerable),
    Measure("False refusals", -1, lambda result: [result.refused], _answerable),
    Measure("False answers", -1, lambda result: [not result.refused], _unanswerable),
    Measure("Mean confidence", 0, lambda result: [result.confidence], _every),
    Measure("Best passage right", 0, lambda result: [result.best_right], _every),
    Measure(
        "Calibration error", -1, lambda result: calibration_parts(result.confidence, right=result.best_right), _every
    ),
)


def groups(results: Sequence[Result]) -> tuple[Group, ...]:
    """Return the figures over all results, then over those of each language."""
    return tuple(_group(language, some) for language, some in _by_language(results))


def compare(one: Sequence[Result], other: Sequence[Result]) -> tuple[Difference, ...]:
    """Return for each group and figure what it is under two settings, over the questions that both could be asked."""
    others = {result.id: result for result in other}
    both = [result for result in one if result.id in others]
    return tuple(
        _difference(language, measure, measure.ratio(some), measure.ratio([others[result.id] for result in some]))
        for language, some in (_by_language(both) if both else ())
        for measure in MEASURES
    )


def _difference(language: str | None, measure: Measure, one: Ratio, other: Ratio) -> Difference:
    likely, verdict = chance(one, other), _NOISE
    if one.value is not None and other.value is not None and likely is not None and likely < SIGNIFICANT:
        verdict = _VERDICTS[measure.better * (1 if other.value > one.value else -1)]
    return Difference(language, measure.name, one.value, other.value, likely, verdict)


def _by_language(results: Sequence[Result]) -> Iterator[tuple[str | None, list[Result]]]:
    yield None, list(results)
    for language in sorted({result.language for result in results}):
        yield language, [result for result in results if result.language == language]


def _group(language: str | None, results: Sequence[Result]) -> Group:
    figures: list[Figure] = []
    for measure in MEASURES if results else ():
        ratio = measure.ratio(results)
        figures.append(Figure(measure.name, ratio.value, interval(ratio), ratio.cases))
    answerable = sum(result.answerable for result in results)
    return Group(language, answerable, len(results) - answerable, tuple(figures), _reliability(results))


def _reliability(results: Sequence[Result]) -> tuple[Bin, ...]:
    binned = [[result for result in results if bin_of(result.confidence) == number] for number in range(BINS)]
    return tuple(
        Bin(
            len(some),
            sum(result.confidence for result in some) / len(some),
            sum(result.best_right for result in some) / len(some),
        )
        for some in binned
        if some
    )
