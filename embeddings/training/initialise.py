"""Owns the student before training: the teacher, with input vectors for the German pieces."""

from __future__ import annotations

import logging
import random
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch.nn.functional import cross_entropy, normalize

from embeddings.training.vectors import input_table, load_model

_log = logging.getLogger(__name__)

Tokens = NDArray[np.int32]


@dataclass(frozen=True, slots=True)
class StaticSettings:
    """How the bilingual static space is learnt."""

    dimensions: int = 256
    scale: float = 20.0
    epochs: int = 4
    batch: int = 2_048
    learning_rate: float = 0.01
    seed: int = 13


@dataclass(frozen=True, slots=True)
class StaticSpace:
    """One vector a piece and language; float32 of shape (pieces, dimensions)."""

    english: torch.Tensor
    german: torch.Tensor
    english_use: torch.Tensor
    """How often each piece occurs in the English texts; int64 of shape (pieces,)."""


def learn_static_space(
    english: Sequence[Tokens], german: Sequence[Tokens], size: int, settings: StaticSettings
) -> StaticSpace:
    """Learn piece vectors whose mean over a sentence equals the mean over its translation."""
    torch.manual_seed(settings.seed)
    rng = random.Random(settings.seed)
    bags = [torch.nn.EmbeddingBag(size, settings.dimensions, mode="mean", sparse=True) for _ in range(2)]
    for bag in bags:
        torch.nn.init.normal_(bag.weight, std=0.1)
    optimizer = torch.optim.SparseAdam([bag.weight for bag in bags], lr=settings.learning_rate)
    order = list(range(len(english)))
    for epoch in range(settings.epochs):
        rng.shuffle(order)
        total, steps = 0.0, 0
        for start in range(0, len(order) - settings.batch + 1, settings.batch):
            rows = order[start : start + settings.batch]
            left = _bag(bags[0], [english[row] for row in rows])
            right = _bag(bags[1], [german[row] for row in rows])
            similarities = settings.scale * left @ right.T
            target = torch.arange(len(rows))
            loss = cross_entropy(similarities, target) + cross_entropy(similarities.T, target)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            total, steps = total + float(loss.detach()), steps + 1
        _log.info("static space, epoch %d: loss %.3f", epoch + 1, total / max(steps, 1))
    use = torch.bincount(torch.from_numpy(np.concatenate(english)).long(), minlength=size)
    return StaticSpace(bags[0].weight.detach(), bags[1].weight.detach(), use)


def _bag(bag: torch.nn.EmbeddingBag, rows: Sequence[Tokens]) -> torch.Tensor:
    # [CLS] and [SEP], first and last, are in every text and say nothing.
    inner = [row[1:-1] if len(row) > 2 else row for row in rows]
    offsets = np.cumsum([0, *(len(row) for row in inner[:-1])])
    flat = torch.from_numpy(np.concatenate(inner)).long()
    vectors: torch.Tensor = bag(flat, torch.from_numpy(offsets).long())
    return normalize(vectors, dim=-1)


def initial_embeddings(
    space: StaticSpace,
    teacher: torch.Tensor,
    *,
    neighbours: int = 8,
    temperature: float = 0.05,
    min_use: int = 5,
) -> torch.Tensor:
    """Return input vectors for all pieces: the teacher's rows, then a row per German piece.

    A German piece becomes the softmax-weighted mean of the teacher's vectors of its nearest
    English pieces in the static space. Float32 of shape (pieces, hidden size).
    """
    known = len(teacher)
    frequent = torch.nonzero(space.english_use[:known] >= min_use).squeeze(1)
    english = normalize(space.english[frequent], dim=-1)
    german = normalize(space.german[known:], dim=-1)
    similarities, nearest = (german @ english.T).topk(neighbours, dim=1)
    weights = torch.softmax(similarities / temperature, dim=1)
    fresh = (weights.unsqueeze(-1) * teacher[frequent[nearest]]).sum(dim=1)
    return torch.cat([teacher, fresh])


def initialise(teacher: Path, space: StaticSpace, out: Path) -> None:
    """Write the untrained student: the teacher's transformer with the longer embedding table."""
    model = load_model(teacher)
    table = input_table(model).detach()
    longer = initial_embeddings(space, table)
    model.resize_token_embeddings(len(longer), mean_resizing=False)
    with torch.no_grad():
        input_table(model).copy_(longer)
    model.save_pretrained(out)
