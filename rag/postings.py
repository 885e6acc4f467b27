"""In which passages a word stands, and how that is written down. Pure: owns the packed form and nothing of databases.

A stem's passages are stored in blocks of consecutive ids, so that a new passage touches the end of a list only. In a
block each passage is one little-endian number of 32 bits, ascending: from the top its place in the block (18 bits), how
often it holds the stem (6) and how many words it has (8).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

# So many ids are a block. Larger ones give fewer rows to read and more bytes to write for each change.
BLOCK = 1 << 18
# What is above counts as this: to BM25 a word that stands there 63 times is worth 1.5% less than one without end, and a
# passage of the usual length has hardly a hundred words.
MOST_COUNT, MOST_LENGTH = 63, 255
_COUNT_BITS, _LENGTH_BITS = 6, 8
_SIZE = 4


@dataclass(frozen=True, slots=True)
class Postings:
    """The passages that hold each of some stems, one stem's after the other.

    Those of a stem are ``ids[start:stop]``, ascending, if ``spans`` has (start, stop) for it. ``counts`` (n,) says how
    often the passage holds the stem, ``lengths`` (n,) how many words it has.
    """

    spans: Mapping[str, tuple[int, int]]
    ids: NDArray[np.int64]
    counts: NDArray[np.float64]
    lengths: NDArray[np.float64]

    def frequencies(self) -> dict[str, int]:
        """Return in how many passages each stem is."""
        return {stem: stop - start for stem, (start, stop) in self.spans.items()}


def place(passage_id: int, count: int, length: int) -> tuple[int, int]:
    """Return the block of a passage and the number that stands there for it."""
    block, position = divmod(passage_id, BLOCK)
    packed = position << _COUNT_BITS | min(count, MOST_COUNT)
    return block, packed << _LENGTH_BITS | min(length, MOST_LENGTH)


def read(rows: Iterable[tuple[str, int, bytes]]) -> Postings:
    """Return what stands in ``rows`` of a stem, a block's number and the block; those of a stem are ascending."""
    spans: dict[str, tuple[int, int]] = {}
    firsts, sizes, blocks = [], [], []
    total = 0
    for stem, block, data in rows:
        start, _ = spans.get(stem, (total, total))
        total += size(len(data))
        spans[stem] = start, total
        firsts.append(block * BLOCK)
        sizes.append(size(len(data)))
        blocks.append(data)
    # All at once: most stems are in a few passages only.
    packed = np.frombuffer(b"".join(blocks), dtype="<u4")
    ids = (packed >> (_COUNT_BITS + _LENGTH_BITS)).astype(np.int64) + np.repeat(np.array(firsts, dtype=np.int64), sizes)
    counts = (packed >> _LENGTH_BITS & MOST_COUNT).astype(np.float64)
    return Postings(spans, ids, counts, (packed & MOST_LENGTH).astype(np.float64))


def size(data_bytes: int) -> int:
    """Return how many passages so many bytes stand for."""
    return data_bytes // _SIZE


def changed(data: bytes, gone: Sequence[int], new: Sequence[int]) -> bytes:
    """Return the block ``data`` without the numbers ``gone`` and with ``new`` ones, which lie behind all that stay.

    Both are ascending. Raises ValueError if one of ``gone`` is not there.
    """
    if gone:
        held, lost = np.frombuffer(data, dtype="<u4"), np.array(gone, dtype="<u4")
        at = held.searchsorted(lost)
        if len(held) == 0 or (held[np.minimum(at, len(held) - 1)] != lost).any():
            raise ValueError("what is to be taken out is not there")
        stays = np.ones(len(held), dtype=bool)
        stays[at] = False
        data = held[stays].tobytes()
    return data + np.array(new, dtype="<u4").tobytes() if new else data
