"""Scores of both arms are added, and ranked without surprise."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from rag.fusion import best, fuse

scores = st.lists(st.floats(-1, 1, width=32), min_size=1, max_size=30)


@given(scores)
def test_without_shared_words_the_order_is_the_dense_order(dense: list[float]) -> None:
    values = np.array(dense, dtype=np.float32)
    assert (fuse(values, np.zeros_like(values), 0.03) == values).all()


@given(scores, st.integers(1, 40))
def test_the_best_are_those_a_full_sort_puts_first(values: list[float], k: int) -> None:
    array = np.array(values, dtype=np.float32)
    expected = sorted(range(len(values)), key=lambda i: (-array[i], i))[:k]
    assert best(array, k).tolist() == expected


def test_a_shared_rare_word_outweighs_a_small_difference_in_likeness() -> None:
    fused = fuse(np.array([0.50, 0.45], dtype=np.float32), np.array([0.0, 4.0], dtype=np.float32), 0.03)
    assert best(fused, 1).tolist() == [1]
