"""What the words that a question and a passage share are worth. Pure: owns the formula, knows nothing of databases."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import log

# As in Robertson and Zaragoza (2009), "The Probabilistic Relevance Framework: BM25 and Beyond", and in SQLite.
K1, B = 1.2, 0.75


class Scorer:
    """Scores passages for one question. All that stands for one of its words counts as one word.

    The frequencies of what stands for a word are added up by weight, in a passage and over all passages (Darwish and
    Oard 2003, "Probabilistic structured query methods").
    """

    def __init__(
        self, terms: Sequence[Mapping[str, float]], frequencies: Mapping[str, int], passages: int, mean_length: float
    ) -> None:
        """Prepare for ``terms``, which hold for each word of the question what stands for it, stem to weight.

        ``frequencies`` says in how many of the ``passages`` a stem occurs, ``mean_length`` how many words these have.
        """
        self._terms = [{stem: share for stem, share in term.items() if stem in frequencies} for term in terms]
        self._weights = [
            _inverse_frequency(sum(share * frequencies[stem] for stem, share in term.items()), passages)
            for term in self._terms
        ]
        self._mean_length = mean_length

    def score(self, words: Mapping[str, int]) -> tuple[float, float]:
        """Return the BM25 score, 0 upwards, of a passage, and the share of the question that it covers, 0 to 1.

        ``words`` holds the passage's stems with their counts. Rare words are a greater share of the question.
        """
        total = covered = 0.0
        length = sum(words.values()) / self._mean_length if self._mean_length else 1.0
        for term, weight in zip(self._terms, self._weights, strict=True):
            found = [(words[stem], share) for stem, share in term.items() if stem in words]
            if found:
                frequency = sum(count * share for count, share in found)
                total += weight * frequency * (K1 + 1) / (frequency + K1 * (1 - B + B * length))
                covered += weight * min(1.0, max(share for _, share in found))
        return total, covered / sum(self._weights) if covered else 0.0


def _inverse_frequency(frequency: float, passages: int) -> float:
    """Return log(1 + (N - n + 0.5) / (n + 0.5)), above 0."""
    frequency = min(frequency, passages)
    return log(1 + (passages - frequency + 0.5) / (frequency + 0.5))
