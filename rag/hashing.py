"""A text as counts of its hashed words and letter trigrams. Pure; owns the features, knows no encoder."""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterable, Iterator

import numpy as np
from numpy.typing import NDArray


def feature_counts(texts: Iterable[str], dimension: int) -> NDArray[np.float32]:
    """Return the signed counts (n, dimension) float32 of the features of ``texts``, the same on every machine."""
    rows = [_counts(text, dimension) for text in texts]
    return np.array(rows, dtype=np.float32).reshape(-1, dimension)


def _counts(text: str, dimension: int) -> NDArray[np.float64]:
    hashes = [zlib.crc32(feature.encode("utf-8", "surrogatepass")) for feature in _features(text)]
    slots = np.array(hashes, dtype=np.int64)
    # The top bit is the sign, so that features that meet in one slot cancel as often as they add.
    signs = 1.0 - 2.0 * (slots >> 31)
    return np.bincount(slots % dimension, signs, dimension).astype(np.float64)


def _features(text: str) -> Iterator[str]:
    """Yield the words of ``text`` and their letter trigrams; the empty feature once, so that no text is without any."""
    yield ""
    for word in re.findall(r"\w+", text.casefold()):
        marked = f"<{word}>"
        yield marked
        for start in range(len(marked) - 2):
            yield marked[start : start + 3]
