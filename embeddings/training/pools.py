"""Owns what the retrieval stage draws from: questions and passages, each in several wordings."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from tokenizers import Tokenizer

from embeddings.training.lexicon import Lexicon
from embeddings.training.records import Pair
from embeddings.training.vectors import tokenize

Tokens = NDArray[np.int32]

# A parallel text counts as a passage from this many English characters on.
PASSAGE_CHARACTERS = 110
# News of one software project would be most of the passages; this share of it is enough.
SAMPLED = {"debian-webwml": 0.25, "debian-webwml-paragraph": 0.35}
# Shares of words put into German; the natural German of parallel texts needs none.
GLOSS_SHARES = (1.0, 1.0, 0.6)


@dataclass(frozen=True, slots=True)
class Pool:
    """Texts in English and in one or more German wordings, with the teacher's English vectors."""

    english: list[Tokens]
    german: list[tuple[Tokens, ...]]
    vectors: torch.Tensor
    """Float32 of shape (texts, dimensions)."""

    def wording(self, row: int, german_share: float, rng: random.Random) -> Tokens:
        """Draw one wording of a text, German with probability `german_share`."""
        if rng.random() < german_share:
            return rng.choice(self.german[row])
        return self.english[row]


@dataclass(frozen=True, slots=True)
class Pools:
    """Questions and passages; the first `len(answers)` questions know their passage."""

    questions: Pool
    passages: Pool
    answers: NDArray[np.int64]
    """Passage number of each answered question."""
    answering: int
    """How many passages, the first ones, answer a question; the others are parallel texts."""


@dataclass(frozen=True, slots=True)
class TaughtTexts:
    """Pairs with the teacher's vectors of both English texts, or of the one there is."""

    pairs: Sequence[Pair]
    left: NDArray[np.float16]
    right: NDArray[np.float16] | None = None


def build_pools(
    answered: TaughtTexts, parallel: TaughtTexts, tokenizer: Tokenizer, lexicon: Lexicon, seed: int
) -> Pools:
    """Put the question files and the parallel texts' questions and long passages together."""
    if answered.right is None:
        raise ValueError("answered questions need the vectors of their passages")
    rng = random.Random(seed)
    numbers: dict[str, int] = {}
    answers = [numbers.setdefault(pair.right, len(numbers)) for pair in answered.pairs]
    first = np.unique(np.asarray(answers), return_index=True)[1]
    asked = [row for row, pair in enumerate(parallel.pairs) if pair.left.endswith("?")]
    long = [
        row
        for row, pair in enumerate(parallel.pairs)
        if len(pair.left) >= PASSAGE_CHARACTERS and rng.random() < SAMPLED.get(pair.source, 1.0)
    ]
    gloss = _Glosser(tokenizer, lexicon, rng)
    questions = _join(
        gloss.pool([pair.left for pair in answered.pairs], answered.left),
        _parallel_pool(parallel, asked, tokenizer),
    )
    passages = _join(
        gloss.pool(list(numbers), answered.right[first]),
        _parallel_pool(parallel, long, tokenizer),
    )
    return Pools(questions, passages, np.asarray(answers, dtype=np.int64), len(numbers))


@dataclass(frozen=True, slots=True)
class _Glosser:
    tokenizer: Tokenizer
    lexicon: Lexicon
    rng: random.Random

    def pool(self, texts: list[str], vectors: NDArray[np.float16]) -> Pool:
        variants = [
            tokenize(self.tokenizer, [self.lexicon.gloss(text, share, self.rng) for text in texts])
            for share in GLOSS_SHARES
        ]
        german = list(zip(*variants, strict=True))
        return Pool(tokenize(self.tokenizer, texts), german, _tensor(vectors))


def _parallel_pool(parallel: TaughtTexts, rows: list[int], tokenizer: Tokenizer) -> Pool:
    english = tokenize(tokenizer, [parallel.pairs[row].left for row in rows])
    german = tokenize(tokenizer, [parallel.pairs[row].right for row in rows])
    return Pool(english, [(tokens,) for tokens in german], _tensor(parallel.left[rows]))


def _join(first: Pool, second: Pool) -> Pool:
    return Pool(
        first.english + second.english,
        first.german + second.german,
        torch.cat([first.vectors, second.vectors]),
    )


def _tensor(vectors: NDArray[np.float16]) -> torch.Tensor:
    return torch.nn.functional.normalize(torch.from_numpy(vectors.astype(np.float32)), dim=-1)
