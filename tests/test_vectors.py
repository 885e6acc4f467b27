"""Exact search against brute force, and a file that is either whole or reported."""

from __future__ import annotations

import errno
import hashlib
import os
import re
import weakref
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from rag import memory
from rag.errors import IndexDamagedError, IndexStoreError
from rag.vectors import StoredVectors, VectorIndex, remove_other_files
from tests.heldrows import Held, built

FULL = (
    r"^The index file in .* cannot be written \(No space left on device\); "
    r"make room on the disk, or make the folder writable, and try again\.$"
)


def unit_rows(count: int, dimension: int, seed: int) -> NDArray[np.float32]:
    rows = np.random.default_rng(seed).normal(size=(count, dimension)).astype(np.float32)
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


def example(count: int = 20, dimension: int = 8) -> tuple[NDArray[np.int64], NDArray[np.float32], VectorIndex]:
    ids = np.arange(count, dtype=np.int64) * 3 + 5
    vectors = unit_rows(count, dimension, seed=1)
    return ids, vectors, built(ids, vectors)


@given(st.integers(1, 60), st.integers(1, 12), st.integers(0, 80), st.integers(0, 2**32))
def test_search_finds_what_brute_force_finds(count: int, dimension: int, k: int, seed: int) -> None:
    vectors = unit_rows(count, dimension, seed)
    ids = np.random.default_rng(seed).permutation(10 * count)[:count].astype(np.int64)
    query = unit_rows(1, dimension, seed + 1)[0]
    found, cosines = built(ids, vectors).search(query, k)
    exact = vectors @ query
    assert len(found) == len(cosines) == min(k, count)
    np.testing.assert_allclose(cosines, np.sort(exact)[::-1][: len(found)], atol=1e-6)
    cosine_of = dict(zip(ids.tolist(), exact.tolist(), strict=True))
    np.testing.assert_allclose(cosines, [cosine_of[i] for i in found.tolist()], atol=1e-6)


@given(st.integers(1, 60), st.integers(0, 80), st.integers(0, 2**32), st.data())
def test_search_within_some_ids_finds_what_brute_force_over_them_finds(
    count: int, k: int, seed: int, data: st.DataObject
) -> None:
    vectors = unit_rows(count, 8, seed)
    ids = np.random.default_rng(seed).permutation(10 * count)[:count].astype(np.int64)
    some = np.array(sorted(data.draw(st.sets(st.sampled_from(range(count))))), dtype=np.int64)
    query = unit_rows(1, 8, seed + 1)[0]
    found, cosines = built(ids, vectors).search(query, k, ids[some])
    exact = vectors[some] @ query
    assert len(found) == min(k, len(some))
    np.testing.assert_allclose(cosines, np.sort(exact)[::-1][: len(found)], atol=1e-6)
    cosine_of = dict(zip(ids[some].tolist(), exact.tolist(), strict=True))
    np.testing.assert_allclose(cosines, [cosine_of[i] for i in found.tolist()], atol=1e-6)


def test_more_neighbours_than_vectors_gives_every_id_once_and_never_minus_one() -> None:
    ids, vectors, index = example(count=3)
    found, cosines = index.search(vectors[0], 1_000)
    assert sorted(found.tolist()) == ids.tolist()
    assert np.isfinite(cosines).all()


@pytest.mark.parametrize("k", [0, -1])
def test_no_neighbours_wanted_gives_none(k: int) -> None:
    _, vectors, index = example()
    found, cosines = index.search(vectors[0], k)
    assert found.shape == cosines.shape == (0,)
    assert (found.dtype, cosines.dtype) == (np.int64, np.float32)


def test_a_query_may_be_of_any_kind_of_number() -> None:
    ids, vectors, index = example()
    query = vectors[3].astype(np.float64)
    assert index.search(query, 3)[0].tolist() == index.search(vectors[3], 3)[0].tolist()
    some = index.search(vectors[3], 3, ids[:5])
    np.testing.assert_array_equal(index.search(vectors[3], 3, ids[:5].astype(np.int32)), some)


def test_equal_vectors_come_in_the_order_of_their_ids() -> None:
    index = built(np.array([9, 2, 7], dtype=np.int64), np.repeat(unit_rows(1, 4, 0), 3, axis=0))
    assert index.search(unit_rows(1, 4, 0)[0], 3)[0].tolist() == [2, 7, 9]


def test_a_cosine_never_exceeds_one() -> None:
    vectors = unit_rows(500, 5, seed=3)
    index = built(np.arange(500, dtype=np.int64), vectors)
    assert max(float(index.search(vector, 1)[1][0]) for vector in vectors) <= 1.0
    far = built(np.array([1], dtype=np.int64), 3 * vectors[:1])
    assert [far.search(sign * vectors[0], 1)[1].tolist() for sign in (1, -1)] == [[1.0], [-1.0]]


@pytest.mark.parametrize("query", [np.full(8, np.nan), np.full(8, np.inf), np.zeros(7), np.zeros((1, 8))])
def test_a_query_that_is_not_finite_or_of_another_length_is_refused(query: NDArray[np.float64]) -> None:
    _, _, index = example()
    told = rf"^a query must be 8 finite numbers, not an array of shape {re.escape(str(query.shape))}$"
    with pytest.raises(ValueError, match=told):
        index.search(query.astype(np.float32), 3)


@pytest.mark.parametrize(
    ("ids", "vectors", "told"),
    [
        ([1, 2], np.eye(2, 3), "(2,) ids do not fit vectors of shape (2, 3); each has 2 numbers"),
        ([1, 2], [[np.nan, 0], [0, 1]], "a vector is not finite"),
    ],
)
def test_vectors_that_make_no_index_are_refused(ids: list[int], vectors: NDArray[np.float64], told: str) -> None:
    with pytest.raises(ValueError, match=f"^{re.escape(told)}$"):
        VectorIndex.build(Held(np.array(ids), np.array(vectors, dtype=np.float32)), 2, exact=10)


def test_a_saved_index_is_named_after_its_bytes_and_answers_as_before(tmp_path: Path) -> None:
    ids, vectors, index = example()
    stored = index.save(tmp_path)
    data = (tmp_path / stored.file).read_bytes()
    assert stored.sha256 == hashlib.sha256(data).hexdigest()
    assert stored.file == f"vectors-{stored.sha256}.faiss"
    assert [path.name for path in tmp_path.iterdir()] == [stored.file]
    loaded = VectorIndex.load(tmp_path, stored)
    assert len(loaded) == len(ids)
    assert loaded.dimension == 8
    for before, after in zip(index.search(vectors[3], 5), loaded.search(vectors[3], 5), strict=True):
        assert before.tolist() == after.tolist()


def test_equal_indexes_give_equal_files(tmp_path: Path) -> None:
    assert example()[2].save(tmp_path) == example()[2].save(tmp_path)


@given(st.data())
def test_any_change_to_the_file_is_noticed(tmp_path_factory: pytest.TempPathFactory, data: st.DataObject) -> None:
    folder = tmp_path_factory.mktemp("index")
    stored = example()[2].save(folder)
    path = folder / stored.file
    content = bytearray(path.read_bytes())
    position = data.draw(st.integers(0, len(content) - 1))
    if data.draw(st.booleans()):
        content[position] ^= 1 << data.draw(st.integers(0, 7))
    else:
        del content[position:]
    path.write_bytes(content)
    with pytest.raises(IndexDamagedError, match=rf"^The index file {re.escape(str(path))} is damaged\.$"):
        VectorIndex.load(folder, stored)


def test_a_lost_file_is_reported_by_name(tmp_path: Path) -> None:
    with pytest.raises(
        IndexDamagedError, match=r"^The index file .*vectors-0\.faiss is lost \(No such file or directory\)\.$"
    ):
        VectorIndex.load(tmp_path, StoredVectors("vectors-0.faiss", "0"))


@pytest.mark.parametrize("failing", ["fsync", "replace"])
def test_a_full_disk_is_an_error_and_leaves_no_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, failing: str
) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    index = example()[2]
    monkeypatch.setattr(os if failing == "fsync" else Path, failing, full)
    with pytest.raises(IndexStoreError, match=FULL):
        index.save(tmp_path)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is always full")
def test_a_disk_that_takes_no_byte_is_noticed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.mkstemp", lambda **_: (os.open("/dev/full", os.O_WRONLY), str(tmp_path / "gone")))
    with pytest.raises(IndexStoreError, match=FULL):
        example()[2].save(tmp_path)


def test_a_file_that_does_not_read_back_as_it_was_written_is_not_taken(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    flush = os.fsync

    def forget(handle: int) -> None:
        os.ftruncate(handle, 10)
        flush(handle)

    monkeypatch.setattr(os, "fsync", forget)
    with pytest.raises(IndexStoreError, match=r"\(the file does not read back as it was written\); make room"):
        example()[2].save(tmp_path)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(("system", "flushed"), [("posix", 2), ("nt", 1)])
def test_the_folder_is_put_on_the_disk_too_where_that_can_be_done(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, system: str, flushed: int
) -> None:
    handles: list[int] = []
    index = example()[2]
    monkeypatch.setattr("rag.vectors.os", SimpleNamespace(**{**vars(os), "name": system, "fsync": handles.append}))
    stored = index.save(tmp_path)
    monkeypatch.undo()
    assert len(handles) == flushed
    assert len(VectorIndex.load(tmp_path, stored)) == len(index)


def test_a_folder_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(IndexStoreError, match="cannot be written"):
        example()[2].save(tmp_path / "missing")


def test_only_index_files_of_other_generations_are_removed(tmp_path: Path) -> None:
    for name in ("vectors-1.faiss", "vectors-2.faiss", "vectors-x.tmp", "index.sqlite3", "mine.txt"):
        (tmp_path / name).touch()
    remove_other_files(tmp_path, "vectors-2.faiss")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["index.sqlite3", "mine.txt", "vectors-2.faiss"]


def test_threads_search_one_index_together() -> None:
    _, vectors, index = example(count=200)
    expected = [index.search(vector, 4)[0].tolist() for vector in vectors]
    with ThreadPoolExecutor(8) as pool:
        assert [found.tolist() for found, _ in pool.map(lambda vector: index.search(vector, 4), vectors)] == expected


def clustered(count: int, seed: int = 5) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
    """Vectors of as many subjects as texts have, some of them twice, under ids with gaps."""
    random = np.random.default_rng(seed)
    rows = unit_rows(60, 24, seed)[random.integers(0, 60, count)] + 0.6 * unit_rows(count, 24, seed + 1)
    rows[1::50] = rows[::50][: len(rows[1::50])]
    return np.arange(count, dtype=np.int64) * 2 + 1, rows / np.linalg.norm(rows, axis=1, keepdims=True)


def found_of_the_nearest(index: VectorIndex, ids: NDArray[np.int64], vectors: NDArray[np.float32]) -> float:
    """The share of the ten nearest to some questions, or of others as near, among the fifty that are found."""
    cosine_of = {}
    found = 0
    queries = unit_rows(60, 24, 5) + 0.4 * unit_rows(60, 24, 99)
    for query in queries.astype(np.float32):
        cosines = vectors @ query
        cosine_of = dict(zip(ids.tolist(), cosines.tolist(), strict=True))
        tenth = np.sort(cosines)[-10]
        near = [i for i in index.search(query, 50)[0].tolist() if cosine_of[i] >= tenth - 1e-6]
        found += min(10, len(near))
    return found / (10 * len(queries))


def test_of_many_vectors_the_nearest_are_found_without_all_being_compared(tmp_path: Path) -> None:
    ids, vectors = clustered(6_000)
    index = built(ids, vectors, exact=1_000)
    assert not index.is_exact
    assert len(index) == 6_000
    assert found_of_the_nearest(index, ids, vectors) >= 0.99
    # Nearly as many are found when it was saved: how many lists are read is kept.
    again = VectorIndex.load(tmp_path, index.save(tmp_path))
    assert not again.is_exact
    assert again.search(vectors[7], 20)[0].tolist() == index.search(vectors[7], 20)[0].tolist()
    # A byte for each number instead of four.
    [file] = tmp_path.iterdir()
    assert file.stat().st_size < vectors.nbytes / 2


def test_of_many_vectors_those_within_some_ids_are_all_looked_at() -> None:
    ids, vectors = clustered(6_000)
    index = built(ids, vectors, exact=1_000)
    some = ids[::500]
    assert sorted(index.search(vectors[3], 50, some)[0].tolist()) == some.tolist()
    nearest = some[np.argmax(vectors[::500] @ vectors[1000])]
    assert index.search(vectors[1000], 1, some)[0].tolist() == [nearest]


def test_an_index_of_many_follows_its_rows_and_reads_only_those_that_are_new() -> None:
    ids, vectors = clustered(6_000)
    index = built(ids[:5_000], vectors[:5_000], exact=1_000)
    asked: list[int] = []

    class Watched(Held):
        def batches(self, ids: NDArray[np.int64]) -> Iterator[tuple[NDArray[np.int64], NDArray[np.float32]]]:
            asked.extend(ids.tolist())
            return super().batches(ids)

    kept = np.r_[ids[300:5_000], ids[5_000:5_400]]
    index = index.followed(Watched(kept, vectors[300:5_400]), exact=1_000)
    assert asked == ids[5_000:5_400].tolist()
    assert len(index) == len(kept)
    assert set(index.search(vectors[0], len(ids), None)[0].tolist()) <= set(kept.tolist())
    assert found_of_the_nearest(index, kept, vectors[300:5_400]) >= 0.98
    assert index.search(vectors[5_399], 1)[0].tolist() == [ids[5_399]]


@pytest.mark.parametrize(("count", "exact"), [(600, 1_000), (17_000, 1_000), (6_000, 10_000)])
def test_an_index_is_made_anew_where_it_holds_far_more_or_less_than_it_was_made_for(count: int, exact: int) -> None:
    ids, vectors = clustered(3_000)
    index = built(ids, vectors, exact=1_000)
    ids, vectors = clustered(count, seed=8)
    index = index.followed(Held(ids, vectors, batch=10_000), exact=exact)
    assert index.is_exact == (count <= exact)
    assert len(index) == count
    assert index.search(vectors[17], 1)[1][0] > 0.99


@pytest.mark.parametrize("exact", [1_000, 10_000])
def test_an_index_that_is_made_anew_is_not_held_beside_the_new_one(exact: int) -> None:
    ids, vectors = clustered(3_000)
    index = built(ids, vectors, exact=1_000)
    # No index of faiss can be watched by weak reference: its proxy can.
    old = weakref.ref(index._index)
    held: list[bool] = []

    class Watched(Held):
        def batches(self, ids: NDArray[np.int64]) -> Iterator[tuple[NDArray[np.int64], NDArray[np.float32]]]:
            held.append(old() is not None)
            return super().batches(ids)

    ids, vectors = clustered(17_000 if exact == 1_000 else 6_000)
    assert len(index.followed(Watched(ids, vectors, batch=10_000), exact=exact)) == len(ids)
    assert held
    assert not any(held)


def test_memory_that_growing_lists_leave_is_handed_back_while_they_grow(monkeypatch: pytest.MonkeyPatch) -> None:
    ids, vectors = clustered(6_000)
    index = built(ids[:3_000], vectors[:3_000], exact=1_000)
    held: list[int] = []
    monkeypatch.setattr(memory, "hand_back", lambda: held.append(len(index)))
    index.followed(Held(ids, vectors, batch=2_500), exact=1_000)
    assert held == [4_024, 5_048, 5_500, 6_000]


def test_an_index_of_the_vectors_as_they_are_is_made_anew() -> None:
    ids, vectors, index = example()
    other = index.followed(Held(ids[5:], vectors[5:]), exact=100)
    assert sorted(other.search(vectors[0], 100)[0].tolist()) == ids[5:].tolist()


def test_the_share_of_the_nearest_that_is_found_is_what_brute_force_says() -> None:
    ids, vectors = clustered(6_000)
    rows = Held(ids, vectors, batch=1_000)
    index = built(ids, vectors, exact=1_000)
    index._index.nprobe = 2
    found = 0
    for query in vectors[::30]:
        cosines = vectors @ query
        there = index.search(query, 50)[0] // 2
        found += min(10, int(np.count_nonzero(cosines[there] >= np.sort(cosines)[-10] - 1e-6)))
    assert index.recall(rows) == pytest.approx(found / 2_000)
    assert 0.2 < found / 2_000 < 0.98
    assert built(ids, vectors).recall(rows) == 1.0
    few = Held(ids[:3], vectors[:3])
    assert built(ids[:3], vectors[:3]).recall(few) == 1.0
