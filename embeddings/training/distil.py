"""Owns the distillation stage: a German text goes where the teacher puts its translation."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch.nn.functional import cross_entropy
from transformers import PreTrainedModel

from embeddings.training.vectors import TOKENS_PER_BATCH, batches_by_length, embed, pad

# How many times a source's rows are seen in a round; 1 where nothing is said.
ROUNDS = {
    "mlqe-pe-wiki": 3.0,
    "ntrex": 2.0,
    "ud-pud": 2.0,
    "ntrex-paragraph": 3.0,
    "ud-pud-paragraph": 3.0,
    "datenanfragen-paragraph": 2.0,
    "debian-webwml-paragraph": 0.5,
    "debian-webwml": 0.7,
    "ms-business-central": 0.7,
}
GERMAN_SHARE = 0.75


@dataclass(frozen=True, slots=True)
class ParallelTexts:
    """Tokenised translations with the teacher's vector of each pair's English side."""

    english: Sequence[NDArray[np.int32]]
    german: Sequence[NDArray[np.int32]]
    targets: NDArray[np.float16]
    sources: Sequence[str]


@dataclass(frozen=True, slots=True)
class DistilSettings:
    """Weights of the stage's losses."""

    cosine_weight: float = 5.0
    scale: float = 20.0
    bank: int = 4_096
    """Teacher vectors, drawn anew each step, that a text's own must stand out from."""
    seed: int = 13


def relation_loss(student: torch.Tensor, teacher: torch.Tensor, bank: torch.Tensor, scale: float) -> torch.Tensor:
    """Cross-entropy between the teacher's and the student's softmax similarities to a bank.

    All float32 unit vectors: student and teacher (texts, dimensions), bank (entries, dimensions).
    """
    target = torch.softmax(scale * teacher @ bank.T, dim=1)
    return cross_entropy(scale * student @ bank.T, target)


def distil_loss(
    student: torch.Tensor, teacher: torch.Tensor, others: torch.Tensor, settings: DistilSettings
) -> torch.Tensor:
    """Cosine distance to the teacher's vectors, and their relation to the batch and `others`."""
    distance = 1.0 - (student * teacher).sum(dim=1).mean()
    bank = torch.cat([teacher, others])
    relation = relation_loss(student, teacher, bank, settings.scale)
    return settings.cosine_weight * distance + relation


def losses(model: PreTrainedModel, texts: ParallelTexts, settings: DistilSettings, step: int) -> Iterator[torch.Tensor]:
    """Yield a loss a batch for ever; `step` is where a resumed stage stands."""
    rng = random.Random(settings.seed + step)
    draw = np.random.default_rng(settings.seed + step)
    while True:
        rows = _round(texts.sources, rng)
        streams = [
            _endless(texts.german, rows, rng),
            _endless(texts.english, rows, rng),
        ]
        seen = 0
        while seen < len(rows):
            german = rng.random() < GERMAN_SHARE
            side = texts.german if german else texts.english
            batch = next(streams[0 if german else 1])
            targets = torch.from_numpy(texts.targets[batch].astype(np.float32))
            others = texts.targets[draw.integers(len(texts.targets), size=settings.bank)]
            student = embed(model, pad([side[row] for row in batch]))
            bank = torch.from_numpy(others.astype(np.float32))
            yield distil_loss(student, targets, bank, settings)
            seen += len(batch) if german else 0


def _round(sources: Sequence[str], rng: random.Random) -> list[int]:
    rows: list[int] = []
    for row, source in enumerate(sources):
        times = ROUNDS.get(source, 1.0)
        whole = int(times)
        rows += [row] * (whole + (rng.random() < times - whole))
    return rows


def _endless(side: Sequence[NDArray[np.int32]], rows: list[int], rng: random.Random) -> Iterator[list[int]]:
    lengths = [len(side[row]) for row in rows]
    while True:
        for batch in batches_by_length(lengths, TOKENS_PER_BATCH, rng):
            yield [rows[position] for position in batch]
