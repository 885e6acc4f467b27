"""Vectors -> the nearest of each, by comparing with all; to see what an index finds of them. Pure, knows no index."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

Ids = NDArray[np.int64]
Vectors = NDArray[np.float32]

# How many of the nearest are looked for, among so many times as many that are found.
_NEAREST, _SURPLUS = 10, 5
# Cosines that differ by less are equal but for rounding.
_SAME = 1e-6


class Rows(Protocol):
    """Unit vectors under ids that are all different, perhaps too many to be held at once."""

    def ids(self) -> Ids:
        """Return all ids (n,), ascending."""

    def batches(self, ids: Ids) -> Iterator[tuple[Ids, Vectors]]:
        """Give the vectors under ``ids``, ascending and some at a time: their ids (m,), and the vectors (m, d)."""


class Searched(Protocol):
    """An index."""

    def search(self, queries: Vectors, k: int, /) -> tuple[Any, Any]:
        """Return the cosines and the ids (n, k) of what is found for each query (n, d), padded with ids below 0."""


class Probes:
    """Vectors that look for their neighbours among all, as questions do; what they find first is themselves."""

    def __init__(self, vectors: Vectors) -> None:
        """Take ``vectors`` (n, d)."""
        self._vectors = vectors
        self._best = np.full((len(self._vectors), _NEAREST), -np.inf, dtype=np.float32)  # where there are fewer

    def see(self, _: Ids, vectors: Vectors) -> None:
        """Compare the probes with some of all vectors."""
        cosines = np.concatenate([self._best, self._vectors @ vectors.T], axis=1)
        self._best = -np.partition(-cosines, _NEAREST - 1, axis=1)[:, :_NEAREST]

    def recall(self, index: Searched, rows: Rows) -> float:
        """Return the share (0 to 1) of the nearest of all vectors seen, ``rows``, that ``index`` finds.

        Others as near count as well.
        """
        _, found = index.search(self._vectors, _NEAREST * _SURPLUS)
        there = np.unique(found[found >= 0])
        vectors = dict(zip(there.tolist(), gathered(rows, there, self._vectors.shape[1]), strict=True))
        hits = wanted = 0
        for probe, ids, best in zip(self._vectors, found, self._best, strict=True):
            near = np.array([vectors[i] for i in ids[ids >= 0].tolist()]) @ probe
            there_are = best[np.isfinite(best)]
            wanted += len(there_are)
            hits += min(len(there_are), int(np.count_nonzero(near >= there_are.min() - _SAME)))
        return hits / wanted


def gathered(rows: Rows, ids: Ids, dimension: int) -> Vectors:
    """Return the vectors (n, d) under ``ids`` (n,), which are never held twice."""
    found = np.empty((len(ids), dimension), dtype=np.float32)
    start = 0
    for some, vectors in rows.batches(ids):
        found[start : start + len(some)] = vectors
        start += len(some)
    return found


def spread(ids: Ids, count: int) -> Ids:
    """Return ``count`` of ``ids``, evenly spread, or all where there are no more."""
    return ids[np.arange(count) * len(ids) // count] if count < len(ids) else ids
