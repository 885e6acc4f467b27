"""Nearest passages by exact inner product, and the file that holds them. The only module that knows faiss.

Owns the index in memory and its hash-named file; which file is current is the database's to say.
"""

from __future__ import annotations

import hashlib
import os
import tempfile
from dataclasses import dataclass
from pathlib import Path

import faiss
import numpy as np
from numpy.typing import NDArray

from rag.errors import IndexDamagedError, IndexStoreError


@dataclass(frozen=True, slots=True)
class StoredVectors:
    """A saved index: the name of its file in the store's folder and the SHA-256 of its bytes, in hexadecimal."""

    file: str
    sha256: str


class VectorIndex:
    """Unit float32 vectors under 64-bit ids; reading is safe from several threads."""

    def __init__(self, index: faiss.Index) -> None:
        """Wrap a faiss index; use ``build`` or ``load``."""
        self._index = index

    @classmethod
    def build(cls, ids: NDArray[np.int64], vectors: NDArray[np.float32]) -> VectorIndex:
        """Return an index of ``vectors`` (n, d), finite unit rows, under ``ids`` (n,), all different."""
        if vectors.ndim != 2 or ids.shape != vectors.shape[:1] or len(np.unique(ids)) != len(ids):
            raise ValueError(f"{ids.shape} ids do not fit vectors of shape {vectors.shape}, or are not all different")
        if not np.isfinite(vectors).all():
            raise ValueError("a vector is not finite")
        index = faiss.IndexIDMap2(faiss.IndexFlatIP(vectors.shape[1]))
        index.add_with_ids(np.ascontiguousarray(vectors, dtype=np.float32), np.ascontiguousarray(ids, dtype=np.int64))
        return cls(index)

    def __len__(self) -> int:
        """Return how many vectors are held."""
        return int(self._index.ntotal)

    @property
    def dimension(self) -> int:
        """Length of every vector."""
        return int(self._index.d)

    def search(
        self, query: NDArray[np.float32], k: int, within: NDArray[np.int64] | None = None
    ) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
        """Return the ids and cosines (-1 to 1) of the ``k`` vectors nearest to ``query`` (d,), nearest first.

        Given ``within`` (n,), only vectors with these ids are looked at. Returns fewer where fewer are held. Equal
        cosines are ordered by id. Raises ValueError for a query of the wrong length or one that is not finite.
        """
        k = min(k, len(self) if within is None else len(within))
        query = self._checked(query)
        if k <= 0:
            return np.empty(0, dtype=np.int64), np.empty(0, dtype=np.float32)
        among = None
        if within is not None:
            # Named, because what is handed to faiss is not kept alive by it.
            selector = faiss.IDSelectorBatch(np.ascontiguousarray(within, dtype=np.int64))
            among = faiss.SearchParameters()
            among.sel = selector
        found, nearest = self._index.search(query[np.newaxis], k, params=among)
        # faiss pads with the id -1, which would read as "the last row"; no such id may leave this module.
        held = nearest[0] >= 0
        ids, cosines = nearest[0][held], np.clip(found[0][held], -1.0, 1.0)
        order = np.lexsort((ids, -cosines))
        return ids[order], cosines[order]

    def scores(self, query: NDArray[np.float32], ids: NDArray[np.int64]) -> NDArray[np.float32]:
        """Return the cosines between ``query`` (d,) and the vectors under ``ids`` (n,). Raises KeyError for others."""
        query = self._checked(query)
        if len(ids) == 0:
            return np.empty(0, dtype=np.float32)
        try:
            vectors = self._index.reconstruct_batch(np.ascontiguousarray(ids, dtype=np.int64))
        except RuntimeError as error:
            raise KeyError(f"an id is not in the index: {ids.tolist()}") from error
        cosines: NDArray[np.float32] = np.clip(vectors @ query, -1.0, 1.0)
        return cosines

    def save(self, folder: Path) -> StoredVectors:
        """Write the index to a file of ``folder`` that is named after its bytes, flushed to disk and read back.

        Equal indexes give equal files. Raises IndexStoreError if the disk is full or cannot be written; no half
        file is left.
        """
        # faiss itself reports no error when the disk is full, so it only makes the bytes.
        data = faiss.serialize_index(self._index).tobytes()
        sha256 = hashlib.sha256(data).hexdigest()
        stored = StoredVectors(f"vectors-{sha256}.faiss", sha256)
        try:
            _write(folder / stored.file, data, sha256)
        except OSError as error:
            raise IndexStoreError(
                f"The index file {folder / stored.file} cannot be written ({error.strerror or error}); "
                "make room on the disk, or make the folder writable, and try again."
            ) from error
        return stored

    @classmethod
    def load(cls, folder: Path, stored: StoredVectors) -> VectorIndex:
        """Return the index that ``save`` wrote. Raises IndexDamagedError if its file is lost or has changed."""
        path = folder / stored.file
        try:
            data = path.read_bytes()
        except OSError as error:
            raise IndexDamagedError(f"The index file {path} is lost ({error.strerror or error}).") from error
        # Hashed before it is parsed: a changed file may parse without error and silently give other neighbours.
        if hashlib.sha256(data).hexdigest() != stored.sha256:
            raise IndexDamagedError(f"The index file {path} is damaged.")
        return cls(faiss.deserialize_index(np.frombuffer(data, dtype=np.uint8)))

    def _checked(self, query: NDArray[np.float32]) -> NDArray[np.float32]:
        if query.shape != (self.dimension,) or not np.isfinite(query).all():
            raise ValueError(f"a query must be {self.dimension} finite numbers, not an array of shape {query.shape}")
        return np.ascontiguousarray(query, dtype=np.float32)


def remove_other_files(folder: Path, kept: str) -> None:
    """Remove every index file of ``folder`` but ``kept``: those of earlier generations and of interrupted writers."""
    for path in folder.glob("vectors-*"):
        if path.name != kept:
            path.unlink(missing_ok=True)


def _write(path: Path, data: bytes, sha256: str) -> None:
    """Write ``data`` so that ``path`` either holds all of it, on the disk, or is as it was. Raises OSError."""
    handle, name = tempfile.mkstemp(prefix="vectors-", suffix=".tmp", dir=path.parent)
    temporary = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        with temporary.open("rb") as file:
            if hashlib.file_digest(file, "sha256").hexdigest() != sha256:
                raise OSError("the file does not read back as it was written")
        temporary.replace(path)
        _flush_folder(path.parent)
    finally:
        temporary.unlink(missing_ok=True)


def _flush_folder(folder: Path) -> None:
    """Put the folder's own entries on the disk, so that a rename survives a power cut. Needless on Windows."""
    if os.name == "posix":
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
