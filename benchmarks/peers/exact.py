"""What a search by vectors should find: the exact nearest, by numpy, with the model in float32.

Owns neither files nor a clock but that of the model alone.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.peers.protocol import Vectors
from rag.encoder import HashingEncoder

# Cosines that differ by less are equal: sums of float32 in another order differ by about a tenth of it.
_TIE = 1e-5


@dataclass(frozen=True, slots=True)
class Encoded:
    """Unit vectors (n, d) of passages and (q, d) of questions, and the seconds that the passages took."""

    passages: Vectors
    questions: Vectors
    seconds: float


def encode(model: str, passages: Sequence[str], questions: Sequence[str]) -> Encoded:
    """Encode with the model in a folder as sentence-transformers does by itself, in float32."""
    if model == HashingEncoder.name:
        hashing = HashingEncoder()
        begun = time.perf_counter()
        told = hashing.encode_passages(passages)
        return Encoded(told, hashing.encode_queries(questions), time.perf_counter() - begun)
    from sentence_transformers import SentenceTransformer

    loaded = SentenceTransformer(model, device="cpu", local_files_only=True).float()
    asked = unit(loaded.encode_query(list(questions)))
    begun = time.perf_counter()
    told = unit(loaded.encode_document(list(passages)))
    return Encoded(told, asked, time.perf_counter() - begun)


def unit(vectors: NDArray[np.floating[Any]]) -> Vectors:
    """Return rows (n, d) of length 1."""
    return np.asarray(vectors / np.linalg.norm(vectors, axis=1, keepdims=True), dtype=np.float32)


def overlap(ranked: Sequence[Sequence[str]], keys: Sequence[str], encoded: Encoded, k: int) -> float:
    """Return the mean share of the exact best ``k`` among the keys found for each question, 0 to 1.

    ``keys`` (n,) are those of the passages. What is as near as the last of the ``k`` best is as good.
    """
    rows = {name: row for row, name in enumerate(keys)}
    k = min(k, len(keys))
    shares = []
    for found, question in zip(ranked, encoded.questions, strict=False):
        cosines = encoded.passages @ question
        least = np.partition(cosines, -k)[-k] - _TIE
        shares.append(sum(cosines[rows[name]] >= least for name in set(found[:k])) / k)
    return float(np.mean(shares)) if shares else 0.0
