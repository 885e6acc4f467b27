"""What the words that a question and a passage share are worth. Pure: owns the formula, knows nothing of databases."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import log

# As in Robertson and Zaragoza (2009), "The Probabilistic Relevance Framework: BM25 and Beyond", and in SQLite.
K1, B = 1.2, 0.75


def inverse_frequency(frequency: float, passages: int) -> float:
    """Return log(1 + (N - n + 0.5) / (n + 0.5)) for a word in ``frequency`` of ``passages`` passages; above 0."""
    frequency = min(frequency, passages)
    return log(1 + (passages - frequency + 0.5) / (frequency + 0.5))


def score(
    variants: Sequence[Mapping[str, float]],
    weights: Sequence[float],
    words: Mapping[str, int],
    mean_length: float,
) -> tuple[float, float]:
    """Return the BM25 score of a passage, 0 upwards, and the share of the question that it covers, 0 to 1.

    ``variants`` holds for each word of the question what stands for it, stem to weight: all that stands for one word
    counts as one word, its frequencies added up by weight (Darwish and Oard 2003, "Probabilistic structured query
    methods"). ``weights`` holds the words' inverse frequencies, ``words`` the passage's stems with their counts.
    """
    total = covered = 0.0
    longer = K1 * (1 - B + B * sum(words.values()) / mean_length) if mean_length else K1
    for variant, weight in zip(variants, weights, strict=True):
        found = [(words[stem], share) for stem, share in variant.items() if stem in words]
        if found:
            frequency = sum(count * share for count, share in found)
            total += weight * frequency * (K1 + 1) / (frequency + longer)
            covered += weight * min(1.0, max(share for _, share in found))
    return total, covered / sum(weights) if covered else 0.0
