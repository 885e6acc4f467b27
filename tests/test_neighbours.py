"""Rows are taken evenly from all, as many as are wanted."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.neighbours import gathered, spread
from tests.heldrows import Held


@given(st.integers(0, 300), st.integers(1, 400))
def test_as_many_are_taken_as_are_wanted_and_evenly(there: int, wanted: int) -> None:
    ids = np.arange(there, dtype=np.int64) * 3
    taken = spread(ids, wanted).tolist()
    assert len(set(taken)) == len(taken) == min(there, wanted)
    assert set(taken) <= set(ids.tolist())
    steps = set(np.diff(taken).tolist())
    assert not steps or max(steps) - min(steps) <= 3


@pytest.mark.parametrize("batch", [1, 7, 50])
def test_what_is_gathered_lies_in_the_order_of_the_ids(batch: int) -> None:
    vectors = np.random.default_rng(0).normal(size=(50, 4)).astype(np.float32)
    rows = Held(np.arange(50, dtype=np.int64), vectors, batch)
    np.testing.assert_array_equal(gathered(rows, np.arange(5, 45, 2), 4), vectors[5:45:2])
    assert gathered(rows, np.arange(0), 4).shape == (0, 4)
