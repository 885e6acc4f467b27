"""Dense and lexical scores -> one ranking. Owns the rule that combines them."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def dense(passages: NDArray[np.float32], sentences: NDArray[np.float32], share: float) -> NDArray[np.float32]:
    """Return ``(1 - share) * passages + share * sentences``: what a passage is about, and the best it says.

    Both are cosines (n,), of the question with each passage and with that passage's best sentence; ``share`` is from 0
    to 1. A long passage that answers in one sentence is found by that sentence, and not by a sentence alone.
    """
    return ((1 - np.float32(share)) * passages + np.float32(share) * sentences).astype(np.float32)


def fuse(dense: NDArray[np.float32], lexical: NDArray[np.float32], weight: float) -> NDArray[np.float32]:
    """Return ``dense + weight * lexical`` for each passage.

    ``dense`` are cosines (n,), ``lexical`` BM25 scores (n,), both exact for every candidate. Scores and not ranks are
    added because BM25 is small where a question shares only accidental words with a passage; ranks would give the best
    of these accidents as much weight as a true match.
    """
    return (dense + np.float32(weight) * lexical).astype(np.float32)


def likeness(question: NDArray[np.float32], passage: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return for each word piece of a question (t, d) its cosine with the most alike piece of a passage (s, d).

    Unit rows in, (t,) out, empty where there is nothing to compare. The mean is the late interaction of Khattab and
    Zaharia (2020), "ColBERT": an exact name or number counts where one vector for the whole passage blurs it.
    """
    if not len(question) or not len(passage):
        return np.empty(0, dtype=np.float32)
    nearest: NDArray[np.float32] = np.max(question @ passage.T, axis=1).astype(np.float32)
    return nearest


def best(scores: NDArray[np.float32], k: int) -> NDArray[np.int64]:
    """Return the positions of the ``k`` highest scores, best first; equal scores keep their order."""
    return np.argsort(-scores, kind="stable")[:k].astype(np.int64)
