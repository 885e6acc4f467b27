"""What a model makes of a passage, and how its word pieces are kept. Pure: owns the projection and the packed form.

A word piece has as many numbers as the model is wide, and a passage has over a hundred of them. What is compared is
their cosine, which a random projection keeps nearly (Johnson and Lindenstrauss 1984); here one that is the same
everywhere: signs, a cosine transform, and 64 of its frequencies (Ailon and Chazelle 2006, "Approximate nearest
neighbors and the fast Johnson-Lindenstrauss transform"). Half a byte is kept of each number.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

Rows = NDArray[np.float32]
# Parts of a text, as (start, end) offsets into it.
Spans = Sequence[tuple[int, int]]

# Raised whenever the same model would give a passage another embedding; a stored index of another version is encoded
# anew.
EMBEDDING_VERSION = "1"
# Numbers that a piece has once it is projected.
WIDTH = 64
# Sixteen steps over three times the usual size of a number of a unit vector, each kept as its middle.
_STEP = 3.0 / 8 / WIDTH**0.5
_LEVELS = ((np.arange(16) - 7.5) * _STEP).astype(np.float32)
# The two numbers of every byte, as one number of twice the size, so that a passage is unpacked by one look-up.
_PAIRS = np.stack([np.repeat(_LEVELS, 16), np.tile(_LEVELS, 16)], axis=1).view(np.complex64)[:, 0]


@dataclass(frozen=True, slots=True)
class Embedding:
    """The unit vector (d,) of a passage and those (s, d) of its sentences, with the word pieces of each sentence.

    ``pieces`` holds s arrays (t, 64) of unit rows, t as many as the sentence has pieces: all 0 with a model whose
    pieces mean nothing.
    """

    vector: Rows
    sentences: Rows
    pieces: Sequence[Rows]


def no_pieces() -> Rows:
    """Return the word pieces of a text that has none: an array (0, 64)."""
    return np.empty((0, WIDTH), dtype=np.float32)


def one_by_one(
    encode: Callable[[Sequence[str]], Rows], texts: Sequence[str], sentences: Sequence[Spans]
) -> list[Embedding]:
    """Return what ``encode``, which gives each text a unit row, makes of ``texts`` and of each of their ``sentences``.

    Without pieces. What stands there more than once is encoded once.
    """
    parts = [[text[start:end] for start, end in spans] for text, spans in zip(texts, sentences, strict=True)]
    # A passage of one sentence and no heading is that sentence.
    rows = {text: row for row, text in enumerate(dict.fromkeys([*texts, *(part for some in parts for part in some)]))}
    vectors = encode(list(rows))
    return [
        Embedding(vectors[rows[text]], vectors[[rows[part] for part in some]], [no_pieces() for _ in some])
        for text, some in zip(texts, parts, strict=True)
    ]


def projected(rows: Rows) -> Rows:
    """Return word pieces (t, d) as unit rows (t, 64), whose cosines are nearly those of ``rows``."""
    return unit((rows @ _projection(rows.shape[1])).astype(np.float32))


def unit(rows: Rows) -> Rows:
    """Return ``rows`` (n, d) at length 1, those of zeros as they are."""
    found: Rows = rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), np.float32(1e-12))
    return found


def packed(pieces: Sequence[Rows]) -> bytes:
    """Return the word pieces of each sentence as ``unpacked`` reads them.

    How many sentences there are, how many pieces each has (16 bits, little-endian), then half a byte for each number.
    """
    every = np.concatenate([no_pieces(), *pieces])
    steps = (np.clip(np.floor(every / _STEP), -8, 7) + 8).astype(np.uint8)
    counts = np.array([len(pieces), *map(len, pieces)], dtype="<u2")
    pairs: NDArray[np.uint8] = steps[:, 0::2] << 4 | steps[:, 1::2]
    return counts.tobytes() + pairs.tobytes()


def unpacked(data: bytes) -> list[Rows]:
    """Return what ``packed`` was given: for each sentence rows (t, 64), numbers below 0.37 within 0.024 of theirs."""
    sentences = int.from_bytes(data[:2], "little")
    counts = np.frombuffer(data, dtype="<u2", count=sentences, offset=2)
    pairs = np.frombuffer(data, dtype=np.uint8, offset=2 + 2 * sentences)
    rows: Rows = _PAIRS.take(pairs).view(np.float32).reshape(-1, WIDTH)
    return np.split(rows, np.cumsum(counts)[:-1]) if sentences else []


@lru_cache(maxsize=4)
def _projection(width: int) -> Rows:
    """Return the projection (width, 64), orthonormal columns, of zeros where there are fewer than 64."""
    signs = np.unpackbits(np.frombuffer(hashlib.shake_256(b"signs").digest(-(-width // 8)), dtype=np.uint8))[:width]
    drawn = np.frombuffer(hashlib.shake_256(b"frequencies").digest(4 * width), dtype="<u4")
    frequencies = np.argsort(drawn, kind="stable")[:WIDTH]
    waves = np.cos(np.pi / width * (np.arange(width)[:, None] + 0.5) * frequencies)
    columns = np.zeros((width, WIDTH), dtype=np.float32)
    columns[:, : len(frequencies)] = (signs[:, None] * 2.0 - 1.0) * waves / np.linalg.norm(waves, axis=0)
    return columns
