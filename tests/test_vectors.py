"""Exact search against brute force, and a file that is either whole or reported."""

from __future__ import annotations

import errno
import hashlib
import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from rag.errors import IndexDamagedError, IndexStoreError
from rag.vectors import StoredVectors, VectorIndex, remove_other_files


def unit_rows(count: int, dimension: int, seed: int) -> NDArray[np.float32]:
    rows = np.random.default_rng(seed).normal(size=(count, dimension)).astype(np.float32)
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


def example(count: int = 20, dimension: int = 8) -> tuple[NDArray[np.int64], NDArray[np.float32], VectorIndex]:
    ids = np.arange(count, dtype=np.int64) * 3 + 5
    vectors = unit_rows(count, dimension, seed=1)
    return ids, vectors, VectorIndex.build(ids, vectors)


@given(st.integers(1, 60), st.integers(1, 12), st.integers(0, 80), st.integers(0, 2**32))
def test_search_finds_what_brute_force_finds(count: int, dimension: int, k: int, seed: int) -> None:
    vectors = unit_rows(count, dimension, seed)
    ids = np.random.default_rng(seed).permutation(10 * count)[:count].astype(np.int64)
    query = unit_rows(1, dimension, seed + 1)[0]
    found, cosines = VectorIndex.build(ids, vectors).search(query, k)
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
    found, cosines = VectorIndex.build(ids, vectors).search(query, k, ids[some])
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


def test_equal_vectors_come_in_the_order_of_their_ids() -> None:
    index = VectorIndex.build(np.array([9, 2, 7], dtype=np.int64), np.repeat(unit_rows(1, 4, 0), 3, axis=0))
    assert index.search(unit_rows(1, 4, 0)[0], 3)[0].tolist() == [2, 7, 9]


def test_a_cosine_never_exceeds_one() -> None:
    vectors = unit_rows(500, 5, seed=3)
    index = VectorIndex.build(np.arange(500, dtype=np.int64), vectors)
    assert max(float(index.search(vector, 1)[1][0]) for vector in vectors) <= 1.0


@pytest.mark.parametrize("query", [np.full(8, np.nan), np.full(8, np.inf), np.zeros(7), np.zeros((1, 8))])
def test_a_query_that_is_not_finite_or_of_another_length_is_refused(query: NDArray[np.float64]) -> None:
    ids, _, index = example()
    with pytest.raises(ValueError, match="8 finite numbers"):
        index.search(query.astype(np.float32), 3)
    with pytest.raises(ValueError, match="8 finite numbers"):
        index.scores(query.astype(np.float32), ids)


def test_scores_are_the_cosines_in_the_order_asked_for() -> None:
    ids, vectors, index = example()
    order = np.array([7, 0, 19, 7])
    np.testing.assert_allclose(index.scores(vectors[4], ids[order]), (vectors @ vectors[4])[order], atol=1e-6)
    assert index.scores(vectors[4], np.empty(0, dtype=np.int64)).shape == (0,)


def test_scores_of_an_id_that_is_not_held_is_a_key_error() -> None:
    _, vectors, index = example()
    with pytest.raises(KeyError):
        index.scores(vectors[0], np.array([4], dtype=np.int64))


@pytest.mark.parametrize(
    ("ids", "vectors"),
    [
        ([1, 1], np.eye(2)),
        ([1], np.eye(2)),
        ([1, 2], np.zeros(2)),
        ([1, 2], [[np.nan, 0], [0, 1]]),
    ],
)
def test_vectors_that_make_no_index_are_refused(ids: list[int], vectors: NDArray[np.float64]) -> None:
    with pytest.raises(ValueError, match=r"ids|finite"):
        VectorIndex.build(np.array(ids, dtype=np.int64), np.array(vectors, dtype=np.float32))


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
    np.testing.assert_array_equal(loaded.scores(vectors[3], ids), index.scores(vectors[3], ids))


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
    with pytest.raises(IndexDamagedError, match="damaged"):
        VectorIndex.load(folder, stored)


def test_a_lost_file_is_reported_by_name(tmp_path: Path) -> None:
    with pytest.raises(IndexDamagedError, match=r"vectors-0\.faiss"):
        VectorIndex.load(tmp_path, StoredVectors("vectors-0.faiss", "0"))


@pytest.mark.parametrize("failing", ["fsync", "replace"])
def test_a_full_disk_is_an_error_and_leaves_no_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, failing: str
) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    index = example()[2]
    monkeypatch.setattr(os if failing == "fsync" else Path, failing, full)
    with pytest.raises(IndexStoreError, match=r"No space left on device.*make room"):
        index.save(tmp_path)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is always full")
def test_a_disk_that_takes_no_byte_is_noticed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.mkstemp", lambda **_: (os.open("/dev/full", os.O_WRONLY), str(tmp_path / "gone")))
    with pytest.raises(IndexStoreError, match="No space left on device"):
        example()[2].save(tmp_path)


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
