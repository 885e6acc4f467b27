"""Nearest passages by inner product, and the file that holds them. The only module that knows faiss.

Owns the index in memory and its hash-named file; which file is current is the database's to say. Up to a number of
vectors all are kept as they are, and all are compared. Beyond it each is kept in a byte for each of its numbers, in the
list of the centroid that it is nearest to, and a question is compared with the lists nearest to it (an inverted file;
Sivic and Zisserman 2003, "Video Google", section 4). What is found is scored again by the vectors in the database.
"""

from __future__ import annotations

import hashlib
import os
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import faiss
import numpy as np

from rag import memory
from rag.errors import IndexDamagedError, IndexStoreError
from rag.neighbours import Ids, Probes, Rows, Vectors, gathered, spread

# Lists for so many vectors: of four times the square root, as faiss advises, the next lower power of two. Vectors that
# a centroid is made from, just above the 39 below which faiss warns, and rounds of k-means.
_LISTS, _OF_A_CENTROID, _ROUNDS = 4, 40, 8
# An inverted file is made anew once it holds so many times what its centroids were made for.
_GROWTH = 4
# Vectors that look for their neighbours, as questions would, to see how many lists must be read; and how many of the
# nearest they must find.
_PROBES, _RECALL = 200, 0.995
# Vectors that are added to lists before memory is handed back.
_AT_ONCE = 1_024
# Threads that an index is made with; a search takes one.
_CORES = faiss.omp_get_max_threads()


@dataclass(frozen=True, slots=True)
class StoredVectors:
    """A saved index: the name of its file in the store's folder and the SHA-256 of its bytes, in hexadecimal."""

    file: str
    sha256: str


class VectorIndex:
    """Unit float32 vectors under 64-bit ids; reading is safe from several threads."""

    def __init__(self, index: faiss.Index) -> None:
        """Wrap a faiss index; use ``build`` or ``load``."""
        self._index: Any = index  # of whichever kind: faiss's types know only what all have

    @classmethod
    def build(cls, rows: Rows, dimension: int, *, exact: int) -> VectorIndex:
        """Return an index of ``rows``, whose vectors are so long: as they are, or an inverted file above ``exact``."""
        faiss.omp_set_num_threads(_CORES)
        ids = rows.ids()
        if len(ids) > exact:
            return cls(_inverted(rows, ids, dimension))
        index = faiss.IndexIDMap2(faiss.IndexFlatIP(dimension))
        for batch in rows.batches(ids):
            _add(index, batch)
        return cls(index)

    def followed(self, rows: Rows, *, exact: int) -> VectorIndex:
        """Return an index of ``rows``, of which only those not held are read where that does; this one is then gone."""
        wanted = rows.ids()
        lists = getattr(self._index, "nlist", 0)
        if len(wanted) <= exact or not lists // _GROWTH < _lists(len(wanted)) < lists * _GROWTH:
            dimension, self._index = self.dimension, None
            memory.hand_back()
            return VectorIndex.build(rows, dimension, exact=exact)
        faiss.omp_set_num_threads(_CORES)
        held = _ids(self._index)
        gone = np.setdiff1d(held, wanted)
        self._index.remove_ids(faiss.IDSelectorBatch(gone))
        for batch in rows.batches(np.setdiff1d(wanted, held)):
            _spread_out(self._index, batch)
        return self

    def __len__(self) -> int:
        """Return how many vectors are held."""
        return int(self._index.ntotal)

    @property
    def dimension(self) -> int:
        """Length of every vector."""
        return int(self._index.d)

    @property
    def is_exact(self) -> bool:
        """Whether ``search`` compares a query with every vector as it is."""
        return not hasattr(self._index, "nlist")

    def search(self, query: Vectors, k: int, within: Ids | None = None) -> tuple[Ids, Vectors]:
        """Return the ids and cosines (-1 to 1) of the ``k`` vectors nearest to ``query`` (d,), nearest first.

        Given ``within`` (n,), only vectors with these ids are looked at. Returns fewer where fewer are held. Equal
        cosines are ordered by id. Of an index that is not exact a neighbour may be missing, and cosines are near to
        what they are. Raises ValueError for a query of the wrong length or one that is not finite.
        """
        k = min(k, len(self) if within is None else len(within))
        query = self._checked(query)
        if k <= 0:
            return np.empty(0, dtype=np.int64), np.empty(0, dtype=np.float32)
        among: Any = None
        if within is not None:
            # Named, because what is handed to faiss is not kept alive by it.
            selector = faiss.IDSelectorBatch(np.ascontiguousarray(within, dtype=np.int64))
            among = faiss.SearchParameters() if self.is_exact else faiss.SearchParametersIVF()
            among.sel = selector
            if not self.is_exact:
                # The few that are looked at may be in any of the lists.
                among.nprobe = self._index.nlist
        # One question is searched for in one thread anyway; else every thread that asks would get a team of its own.
        faiss.omp_set_num_threads(1)
        found, nearest = self._index.search(query[np.newaxis], k, params=among)
        # faiss pads with the id -1, which would read as "the last row"; no such id may leave this module.
        held = nearest[0] >= 0
        ids, cosines = nearest[0][held], np.clip(found[0][held], -1.0, 1.0)
        order = np.lexsort((ids, -cosines))
        return ids[order], cosines[order]

    def recall(self, rows: Rows) -> float:
        """Return the share (0 to 1) of the ten nearest to some of ``rows``, which it holds, found among fifty."""
        ids = rows.ids()
        probes = Probes(gathered(rows, spread(ids, _PROBES), self.dimension))
        for batch in rows.batches(ids):
            probes.see(*batch)
        return probes.recall(self._index, rows)

    def save(self, folder: Path) -> StoredVectors:
        """Write the index to a file of ``folder`` that is named after its bytes, flushed to disk and read back.

        Equal indexes give equal files. Raises IndexStoreError if the disk is full or cannot be written; no half
        file is left.
        """
        try:
            return _write(folder, self._index)
        except OSError as error:
            raise IndexStoreError(
                f"The index file in {folder} cannot be written ({error.strerror or error}); "
                "make room on the disk, or make the folder writable, and try again."
            ) from error

    @classmethod
    def load(cls, folder: Path, stored: StoredVectors) -> VectorIndex:
        """Return the index that ``save`` wrote. Raises IndexDamagedError if its file is lost or has changed."""
        path = folder / stored.file
        try:
            with path.open("rb") as file:
                # Hashed before it is parsed: a changed file may parse without error and silently give other neighbours.
                if hashlib.file_digest(file, "sha256").hexdigest() != stored.sha256:
                    raise IndexDamagedError(f"The index file {path} is damaged.")
                file.seek(0)
                return cls(faiss.read_index(faiss.PyCallbackIOReader(file.read)))  # type: ignore[attr-defined]
        except OSError as error:
            raise IndexDamagedError(f"The index file {path} is lost ({error.strerror or error}).") from error

    def _checked(self, query: Vectors) -> Vectors:
        if query.shape != (self.dimension,) or not np.isfinite(query).all():
            raise ValueError(f"a query must be {self.dimension} finite numbers, not an array of shape {query.shape}")
        return np.ascontiguousarray(query, dtype=np.float32)


def remove_other_files(folder: Path, kept: str) -> None:
    """Remove every index file of ``folder`` but ``kept``: those of earlier generations and of interrupted writers."""
    for path in folder.glob("vectors-*"):
        if path.name != kept:
            path.unlink(missing_ok=True)


def _lists(count: int) -> int:
    """Return how many lists an inverted file of ``count`` vectors has."""
    return 1 << int(np.log2(_LISTS * np.sqrt(count)))


def _inverted(rows: Rows, ids: Ids, dimension: int) -> faiss.Index:
    """Return an inverted file of ``rows``, whose ids these are, that reads as many lists as it takes."""
    lists = _lists(len(ids))
    index = faiss.IndexIVFScalarQuantizer(
        faiss.IndexFlatIP(dimension),
        dimension,
        lists,
        faiss.ScalarQuantizer.QT_8bit_uniform,
        faiss.METRIC_INNER_PRODUCT,
    )
    index.cp.niter, index.cp.max_points_per_centroid, index.cp.spherical = _ROUNDS, _OF_A_CENTROID, True
    index.train(gathered(rows, spread(ids, lists * _OF_A_CENTROID), dimension))
    probes = Probes(gathered(rows, spread(ids, _PROBES), dimension))
    for batch in rows.batches(ids):
        _spread_out(index, batch)
        probes.see(*batch)
    index.nprobe = 1
    while index.nprobe < lists and probes.recall(index, rows) < _RECALL:
        index.nprobe *= 2
    return index


def _spread_out(index: faiss.Index, batch: tuple[Ids, Vectors]) -> None:
    """Add vectors to the lists of ``index``, as ``_add`` does.

    A list that grows is copied to where there is room for twice as much; what they leave would soon be as large as all.
    """
    ids, vectors = batch
    for start in range(0, len(ids), _AT_ONCE):
        _add(index, (ids[start : start + _AT_ONCE], vectors[start : start + _AT_ONCE]))
        memory.hand_back()


def _add(index: faiss.Index, batch: tuple[Ids, Vectors]) -> None:
    """Add vectors to ``index``. Raises ValueError where they do not fit it or are not finite."""
    ids, vectors = batch
    if vectors.shape != (len(ids), index.d):
        raise ValueError(f"{ids.shape} ids do not fit vectors of shape {vectors.shape}; each has {index.d} numbers")
    if not np.isfinite(vectors).all():
        raise ValueError("a vector is not finite")
    index.add_with_ids(np.ascontiguousarray(vectors, dtype=np.float32), np.ascontiguousarray(ids, dtype=np.int64))


def _ids(index: Any) -> Ids:  # noqa: ANN401 - an inverted file
    """Return the ids (n,) that an inverted file holds."""
    lists = index.invlists
    sizes = [lists.list_size(number) for number in range(lists.nlist)]
    return np.concatenate(
        [faiss.rev_swig_ptr(lists.get_ids(number), size).copy() for number, size in enumerate(sizes) if size]
    )


def _write(folder: Path, index: faiss.Index) -> StoredVectors:
    """Write ``index`` so that its file either holds all of it, on the disk, or is not there. Raises OSError."""
    handle, name = tempfile.mkstemp(prefix="vectors-", suffix=".tmp", dir=folder)
    temporary = Path(name)
    try:
        digest = hashlib.sha256()
        with os.fdopen(handle, "wb") as file:

            def take(data: bytes) -> None:
                file.write(data)
                digest.update(data)

            # faiss itself reports no error when the disk is full, so it only makes the bytes.
            faiss.write_index(index, faiss.PyCallbackIOWriter(take))  # type: ignore[attr-defined]
            file.flush()
            os.fsync(file.fileno())
        sha256 = digest.hexdigest()
        with temporary.open("rb") as written:
            if hashlib.file_digest(written, "sha256").hexdigest() != sha256:
                raise OSError("the file does not read back as it was written")
        stored = StoredVectors(f"vectors-{sha256}.faiss", sha256)
        temporary.replace(folder / stored.file)
        _flush_folder(folder)
        return stored
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
