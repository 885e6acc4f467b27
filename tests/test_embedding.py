"""Word pieces as they are kept: nearly as like each other as they were, and the same for everybody."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.embedding import WIDTH, no_pieces, one_by_one, packed, projected, unit, unpacked

# The widths of encoders' word pieces that are in use, and small ones of tests.
WIDTHS = [8, 63, 64, 65, 256, 384, 768, 1_024]
# Where the eighth of 384 directions is projected to: its first three numbers.
KEPT = [-0.077199, 0.169521, 0.079075]


def rows(count: int, width: int, seed: int = 0) -> np.ndarray:
    return unit(np.random.default_rng(seed).standard_normal((count, width)).astype(np.float32))


@pytest.mark.parametrize("width", WIDTHS)
def test_projected_rows_have_one_length_and_nearly_the_cosines_that_they_had(width: int) -> None:
    some = rows(200, width)
    # Rows of every likeness to each other.
    other = unit(some + np.linspace(0, 4, 200, dtype=np.float32)[:, None] * rows(200, width, 1))
    found, beside = projected(some), projected(other)
    assert found.shape == (200, WIDTH)
    assert found.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(found, axis=1), 1.0, atol=1e-5)
    errors = np.sum(found * beside, axis=1) - np.sum(some * other, axis=1)
    # A random projection to 64 numbers is off by 1 / 8 where vectors have nothing to do with each other, and by less
    # where they are alike; one of no more than 64 numbers loses nothing.
    assert np.sqrt(np.mean(errors**2)) < (1e-5 if width <= WIDTH else 1 / 8)
    assert abs(errors.mean()) < 0.05


def test_a_direction_is_not_seen_better_than_another() -> None:
    # Were the numbers of a piece only picked out, two pieces that differ in a single one would be alike or opposite.
    found = projected(np.eye(384, dtype=np.float32))
    cosines = found @ found.T - np.eye(384)
    assert np.abs(cosines).max() < 0.6


def test_the_projection_is_the_same_in_every_process_and_was_always_this_one() -> None:
    code = "import numpy as np; from rag.embedding import projected; print(projected(np.eye(384, dtype='f'))[7, :3])"
    told = {
        subprocess.run(
            [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=Path(__file__).parents[1]
        ).stdout
        for _ in range(2)
    }
    assert told == {f"{projected(np.eye(384, dtype=np.float32))[7, :3]}\n"}
    # What is kept in an index has to be read by the next version, too.
    np.testing.assert_allclose(projected(np.eye(384, dtype=np.float32))[7, :3], KEPT, atol=1e-5)


@given(counts=st.lists(st.integers(0, 40), max_size=6), seed=st.integers(0, 99))
def test_packed_pieces_come_back_sentence_by_sentence_each_number_near_what_it_was(
    counts: list[int], seed: int
) -> None:
    pieces = [projected(rows(count, 384, seed)) for count in counts]
    data = packed(pieces)
    assert len(data) == 2 + 2 * len(counts) + 32 * sum(counts)
    back = unpacked(data)
    assert [len(some) for some in back] == counts
    for some, exact in zip(back, pieces, strict=True):
        assert some.dtype == np.float32
        usual = np.abs(exact) < 0.37
        assert np.abs(some - exact)[usual].max(initial=0.0) < 0.024
        assert (np.sign(some) == np.sign(exact))[exact != 0].all()
        assert (np.sum(unit(some) * exact, axis=1) > 0.98).all()


def test_extreme_numbers_keep_their_sign_and_the_largest_size_there_is() -> None:
    piece = np.zeros((2, WIDTH), dtype=np.float32)
    piece[0, 5], piece[1, 6] = 1.0, -1.0
    [back] = unpacked(packed([piece]))
    assert back[0, 5] == back.max() == -back[1, 6] > 0.35


def test_no_pieces_are_none_and_no_sentences_are_none() -> None:
    assert no_pieces().shape == (0, WIDTH)
    assert unpacked(packed([])) == []
    assert [some.shape for some in unpacked(packed([no_pieces(), no_pieces()]))] == [(0, WIDTH)] * 2


def test_a_row_of_zeros_has_no_direction_and_no_error() -> None:
    np.testing.assert_array_equal(projected(np.zeros((1, 384), dtype=np.float32)), np.zeros((1, WIDTH)))


def test_sentences_that_are_encoded_one_by_one_are_encoded_once_each() -> None:
    seen: list[str] = []

    def encode(texts):
        seen.extend(texts)
        return rows(len(texts), 8)

    whole, parts = ["One. Two.", "One.", ""], [[(0, 4), (5, 9)], [(0, 4)], []]
    found = one_by_one(encode, whole, parts)
    assert seen == ["One. Two.", "One.", "", "Two."]
    expected = dict(zip(seen, rows(4, 8), strict=True))
    for text, spans, one in zip(whole, parts, found, strict=True):
        np.testing.assert_array_equal(one.vector, expected[text])
        np.testing.assert_array_equal(
            one.sentences, np.array([expected[text[start:end]] for start, end in spans]).reshape(-1, 8)
        )
        assert [some.shape for some in one.pieces] == [(0, WIDTH)] * len(spans)
