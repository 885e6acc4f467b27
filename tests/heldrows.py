"""Vectors that are held in memory, for an index that is built of rows."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from rag.passages import Snapshot
from rag.vectors import VectorIndex

# More vectors than these tests have: the index is exact.
EXACT = 100_000


@dataclass(frozen=True, slots=True)
class Held:
    """Rows in any order of their ids, given in batches of so many."""

    names: NDArray[np.int64]
    vectors: NDArray[np.float32]
    batch: int = 7

    def ids(self) -> NDArray[np.int64]:
        return np.sort(self.names)

    def batches(self, ids: NDArray[np.int64]) -> Iterator[tuple[NDArray[np.int64], NDArray[np.float32]]]:
        order = np.argsort(self.names)
        for start in range(0, len(ids), self.batch):
            some = np.sort(ids[start : start + self.batch])
            yield some, self.vectors[order[np.searchsorted(self.names, some, sorter=order)]]


def built(ids: NDArray[np.int64], vectors: NDArray[np.float32], *, exact: int = EXACT) -> VectorIndex:
    """An index of ``vectors`` (n, d) under ``ids`` (n,)."""
    return VectorIndex.build(Held(ids, vectors), vectors.shape[1], exact=exact)


def stored(snapshot: Snapshot) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
    """The ids (n,) of all passages that are stored, ascending, and their vectors (n, d)."""
    ids = snapshot.ids()
    return ids, np.concatenate([np.empty((0, 0), np.float32)] * (not len(ids)) + [v for _, v in snapshot.batches(ids)])
