"""Owns paragraphs put together from related sentences of sources that have no order."""

from __future__ import annotations

import random
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from embeddings.training.records import Pair

# Prose about the world, which the ordered sources (project news, privacy law) are not.
SOURCES = frozenset({"mlqe-pe-wiki", "ntrex", "ud-pud", "tatoeba-challenge-test"})
MIN_CHARACTERS = 50
NEIGHBOURS = 6


def related_paragraphs(pairs: Sequence[Pair], vectors: NDArray[np.float16], seed: int) -> list[Pair]:
    """Join each sentence with two to four of its nearest, by the teacher's vectors of the English.

    `vectors` has shape (pairs, dimensions). Natural German of a paragraph's length on one theme.
    """
    rng = random.Random(seed)
    rows = [row for row, pair in enumerate(pairs) if pair.source in SOURCES and len(pair.left) >= MIN_CHARACTERS]
    chosen = vectors[rows].astype(np.float32)
    paragraphs = []
    for position, row in enumerate(rows):
        similarities = chosen @ chosen[position]
        nearest = np.argpartition(-similarities, NEIGHBOURS)[: NEIGHBOURS + 1].tolist()
        others = [rows[other] for other in nearest if other != position]
        members = [row, *rng.sample(others, rng.randint(2, 4))]
        rng.shuffle(members)
        left = " ".join(pairs[member].left for member in members)
        right = " ".join(pairs[member].right for member in members)
        paragraphs.append(Pair(left, right, "related-paragraph"))
    return paragraphs
