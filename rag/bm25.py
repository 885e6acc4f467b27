"""What the words that a question and a passage share are worth. Pure: owns the formula, knows nothing of databases."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import log

import numpy as np
from numpy.typing import NDArray

from rag.postings import MOST_COUNT, MOST_LENGTH, Postings

# As in Robertson and Zaragoza (2009), "The Probabilistic Relevance Framework: BM25 and Beyond", and in SQLite.
K1, B = 1.2, 0.75


@dataclass(frozen=True, slots=True)
class Scores:
    """What every passage of a language is worth that has a word of the question; the others are worth nothing.

    ``ids`` (n,) are ascending; ``values`` (n,) are BM25 scores, above 0, and ``coverage`` (n,) the shares of the
    question, 0 to 1, that the passages cover.
    """

    ids: NDArray[np.int64]
    values: NDArray[np.float64]
    coverage: NDArray[np.float64]


def best(some: Sequence[Scores], k: int, within: NDArray[np.int64] | None = None) -> list[int]:
    """Return the ids of at most ``k`` of the passages that ``some`` are about, each of others.

    The best come first, of equals the one with the lower id. Given ``within`` (m,), only passages with these ids are
    looked at.
    """
    found: list[tuple[float, int]] = []
    for scores in some if k > 0 else ():
        ids, values = scores.ids, scores.values
        if within is not None:
            inside = np.isin(ids, within)
            ids, values = ids[inside], values[inside]
        if len(ids) > k:
            # All that are as good as the last one that is taken.
            good = values >= np.partition(values, -k)[-k]
            ids, values = ids[good], values[good]
        found += zip((-values).tolist(), ids.tolist(), strict=True)
    return [passage_id for _, passage_id in sorted(found)[: max(k, 0)]]


def of(some: Sequence[Scores], ids: NDArray[np.int64]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Return the score and the coverage (m,) of each of the passages ``ids`` (m,) by ``some``, each of others."""
    values, coverage = np.zeros(len(ids), dtype=np.float32), np.zeros(len(ids), dtype=np.float32)
    for scores in some:
        here, at = _places(scores, ids)
        values[here], coverage[here] = scores.values[at], scores.coverage[at]
    return values, coverage


def among(scores: Scores, ids: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Say of each of the passages ``ids`` (m,) whether ``scores`` are about it, too."""
    return _places(scores, ids)[0]


def _places(scores: Scores, ids: NDArray[np.int64]) -> tuple[NDArray[np.bool_], NDArray[np.int64]]:
    """Return which of ``ids`` (m,) are among the ids of ``scores``, and where those are."""
    if not len(scores.ids):
        return np.zeros(len(ids), dtype=bool), np.empty(0, dtype=np.int64)
    at = np.minimum(scores.ids.searchsorted(ids), len(scores.ids) - 1)
    here = scores.ids[at] == ids
    return here, at[here]


class Scorer:
    """Scores passages for one question. All that stands for one of its words counts as one word.

    The frequencies of what stands for a word are added up by weight, in a passage and over all passages (Darwish and
    Oard 2003, "Probabilistic structured query methods").
    """

    def __init__(
        self, terms: Sequence[Mapping[str, float]], frequencies: Mapping[str, int], passages: int, mean_length: float
    ) -> None:
        """Prepare for ``terms``, which hold for each word of the question what stands for it, stem to weight.

        ``frequencies`` says in how many of the ``passages`` a stem occurs, ``mean_length`` how many words these have.
        """
        self._terms = [{stem: share for stem, share in term.items() if stem in frequencies} for term in terms]
        self._weights = [
            _inverse_frequency(sum(share * frequencies[stem] for stem, share in term.items()), passages)
            for term in self._terms
        ]
        self._mean_length = mean_length

    def score(self, words: Mapping[str, int]) -> tuple[float, float]:
        """Return the BM25 score, 0 upwards, of a passage, and the share of the question that it covers, 0 to 1.

        ``words`` holds the passage's stems with their counts. Rare words are a greater share of the question.
        """
        total = covered = 0.0
        dampening = float(self._dampening(np.array(float(min(sum(words.values()), MOST_LENGTH)))))
        for term, weight in zip(self._terms, self._weights, strict=True):
            found = [(min(words[stem], MOST_COUNT), share) for stem, share in term.items() if stem in words]
            if found:
                frequency = sum(count * share for count, share in found)
                total += weight * frequency * (K1 + 1) / (frequency + dampening)
                covered += weight * min(1.0, max(share for _, share in found))
        return total, covered / sum(self._weights) if covered else 0.0

    def scores(self, postings: Postings) -> Scores:
        """Return what ``score`` says of every passage in ``postings``, those of all stems that have a frequency."""
        ids, rows = _rows(postings.ids)
        lengths, values, covered = (np.zeros(len(ids)) for _ in range(3))
        lengths[rows] = postings.lengths
        dampening = self._dampening(lengths)
        for term, weight in zip(self._terms, self._weights, strict=True):
            spans = [postings.spans[stem] for stem in term]
            if len(spans) == 1:
                # No passage twice, and most words of a question in one of the languages are of this kind.
                [(start, stop)], [alone] = spans, term.values()
                at = rows[start:stop]
                values[at] += _worth(weight, postings.counts[start:stop] * alone, dampening[at])
                covered[at] += weight * min(1.0, alone)
            elif spans:
                at = np.concatenate([rows[start:stop] for start, stop in spans])
                counts = np.concatenate([postings.counts[start:stop] for start, stop in spans])
                shares = np.repeat(list(term.values()), [stop - start for start, stop in spans])
                frequencies, best = np.zeros(len(ids)), np.zeros(len(ids))
                np.add.at(frequencies, at, counts * shares)
                np.maximum.at(best, at, shares)
                values += _worth(weight, frequencies, dampening)
                covered += weight * np.minimum(1.0, best)
        return Scores(ids, values, covered / (sum(self._weights) or 1.0))

    def _dampening(self, lengths: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return what the frequency of a word is held against in passages of so many words (n,)."""
        return K1 * (1 - B + B * (lengths / self._mean_length if self._mean_length else np.ones_like(lengths)))


def _worth(weight: float, frequencies: NDArray[np.float64], dampening: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the BM25 score (n,) of a word that occurs so often in each of some passages."""
    return weight * (K1 + 1) * frequencies / (frequencies + dampening)


def _rows(ids: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the distinct ``ids`` (n,), ascending, and for each of ``ids`` where it is among them."""
    if not len(ids):
        return ids, ids
    first = ids.min()
    ids = ids - first
    # Sorting would take several times as long as a table of all ids between the first and the last.
    there = np.zeros(ids.max() + 1, dtype=bool)
    there[ids] = True
    found = np.flatnonzero(there)
    row = np.empty(len(there), dtype=np.int32)
    row[found] = np.arange(len(found), dtype=np.int32)
    return found + first, row[ids].astype(np.int64)


def _inverse_frequency(frequency: float, passages: int) -> float:
    """Return log(1 + (N - n + 0.5) / (n + 0.5)), above 0."""
    frequency = min(frequency, passages)
    return log(1 + (passages - frequency + 0.5) / (frequency + 0.5))
