"""What one generation's vectors can be asked. Owns these queries; the database is opened above."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from rag import schema
from rag.embedding import Embedding, unpacked
from rag.schema import Connection, listed

Cosines = NDArray[np.float32]

# Vectors that are read at once: 6 MB of them.
_BATCH = 4_096
_QUERY = (
    "SELECT passages.id, key, vector, sentences, vectors.seal FROM passages LEFT JOIN vectors ON key = vector_key "
    "WHERE passages.id IN (SELECT value FROM json_each(?)) ORDER BY passages.id"
)
_PIECES = (
    "SELECT passages.id, key, pieces, pieces.seal FROM passages LEFT JOIN pieces ON key = vector_key "
    "WHERE passages.id IN (SELECT value FROM json_each(?))"
)


class VectorTable:
    """The vectors of one generation's passages. Raises IndexDamagedError where the stored rows cannot be trusted."""

    def __init__(self, connection: Connection) -> None:
        """Read over ``connection``, which is inside a transaction."""
        self._vectors = connection

    def ids(self) -> NDArray[np.int64]:
        """Return the ids (n,) of all passages, ascending."""
        return np.array([row[0] for row in self._vectors.execute("SELECT id FROM passages ORDER BY id")], np.int64)

    def embeddings(self, ids: Collection[int]) -> dict[int, Embedding]:
        """Return what the model made of each of these passages."""
        found, pieces = {}, self.pieces(ids)
        for passage_id, (vector, sentences) in self._stored(ids).items():
            whole = np.frombuffer(vector, dtype="<f4").astype(np.float32)
            parts = np.frombuffer(sentences, dtype="<f2").astype(np.float32).reshape(-1, len(whole))
            found[passage_id] = Embedding(whole, parts, pieces[passage_id])
        return found

    def pieces(self, ids: Collection[int]) -> dict[int, list[NDArray[np.float32]]]:
        """Return the word pieces of each of these passages, for each of its sentences an array (t, 64)."""
        rows = self._vectors.execute(_PIECES, (listed(ids),))
        found = {passage_id: schema.unsealed(row) for passage_id, *row in rows}
        return {passage_id: unpacked(row[1]) for passage_id, row in schema.complete(found, ids).items()}

    def cosines(self, ids: Sequence[int], query: NDArray[np.float32]) -> tuple[Cosines, Cosines]:
        """Return the cosines (n,) of ``query``, a unit vector (d,), with each of these passages, ascending, 1 or more.

        First with its own vector, then with that of its nearest sentence.
        """
        rows = self._stored(ids).values()
        whole = np.frombuffer(b"".join(vector for vector, _ in rows), dtype="<f4").reshape(len(ids), -1)
        parts = np.frombuffer(b"".join(sentences for _, sentences in rows), dtype="<f2").astype(np.float32)
        ends = np.cumsum([len(sentences) // (2 * len(query)) for _, sentences in rows])
        return whole @ query, np.maximum.reduceat(parts.reshape(-1, len(query)) @ query, [0, *ends[:-1]])

    def batches(self, ids: NDArray[np.int64]) -> Iterator[tuple[NDArray[np.int64], NDArray[np.float32]]]:
        """Give the vectors under ``ids``, ascending and some at a time: their ids (m,), and the vectors (m, d)."""
        for start in range(0, len(ids), _BATCH):
            some = np.sort(ids[start : start + _BATCH])
            found = self._stored(some.tolist()).values()
            yield some, np.frombuffer(b"".join(vector for vector, _ in found), dtype="<f4").reshape(len(some), -1)

    def _stored(self, ids: Collection[int]) -> dict[int, tuple[bytes, bytes]]:
        """Return what is stored of each of these passages: its vector, and those of its sentences."""
        rows = self._vectors.execute(_QUERY, (listed(ids),))
        found = {passage_id: schema.unsealed(row) for passage_id, *row in rows}
        return schema.complete({passage_id: (row[1], row[2]) for passage_id, row in found.items()}, ids)
