"""Whitening evens out the spread of directions and nothing else."""

from __future__ import annotations

import numpy as np
import pytest

from embeddings.training.whitening import whitening


@pytest.mark.parametrize("power", [0.0, 0.3, 1.0])
def test_each_principal_direction_is_divided_by_its_spread_to_the_power(power: float) -> None:
    draw = np.random.default_rng(1)
    turned, _ = np.linalg.qr(draw.normal(size=(4, 4)))
    spread = np.array([8.0, 4.0, 2.0, 1.0])
    vectors = (draw.permutation(np.vstack([np.diag(spread), -np.diag(spread)])) @ turned).astype(np.float32)
    matrix = whitening(vectors, power)
    np.testing.assert_allclose(matrix, matrix.T, atol=1e-6)
    expected = turned.T @ np.diag((spread / 8.0) ** -power) @ turned
    np.testing.assert_allclose(matrix, expected, atol=1e-5)
