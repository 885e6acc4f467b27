"""Dense and lexical scores -> one ranking. Owns the rule that combines them."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def fuse(dense: NDArray[np.float32], lexical: NDArray[np.float32], weight: float) -> NDArray[np.float32]:
    """Return ``dense + weight * lexical`` for each passage.

    ``dense`` are cosines (n,), ``lexical`` BM25 scores (n,), both exact for every candidate. Scores and not ranks are
    added because BM25 is small where a question shares only accidental words with a passage, as an English question
    does with German text; ranks would give the best of these accidents as much weight as a true match.
    """
    return (dense + np.float32(weight) * lexical).astype(np.float32)


def best(scores: NDArray[np.float32], k: int) -> NDArray[np.int64]:
    """Return the positions of the ``k`` highest scores, best first; equal scores keep their order."""
    return np.argsort(-scores, kind="stable")[:k].astype(np.int64)
