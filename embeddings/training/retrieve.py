"""Owns the retrieval stage: questions find passages as the teacher does, in both languages."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch.nn.functional import cross_entropy
from transformers import PreTrainedModel

from embeddings.training.distil import relation_loss
from embeddings.training.pools import Pool, Pools
from embeddings.training.vectors import embed, pad

Rows = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class RetrieveSettings:
    """A step's make-up and the weights of the stage's losses."""

    answered: int = 40
    """Questions with a known passage in a step."""
    asked: int = 24
    """Questions from the parallel texts in a step."""
    passage_tokens: int = 4_800
    answer_share: float = 0.5
    """Share of the passage tokens given to passages that answer the step's questions."""
    german_questions: float = 0.6
    german_passages: float = 0.7
    bank: int = 8_192
    """Teacher vectors, of questions and of passages, that each text is compared with."""
    scale: float = 20.0
    cosine_weight: float = 3.0
    pair_weight: float = 0.2
    seed: int = 13


@dataclass(frozen=True, slots=True)
class Step:
    """Rows of one step in the pools; `positives` are columns among the step's passages or -1."""

    questions: Rows
    passages: Rows
    positives: Rows


@dataclass(frozen=True, slots=True)
class Encoded:
    """A step's unit vectors, float32: the student's and the teacher's of the same texts."""

    questions: torch.Tensor
    passages: torch.Tensor
    asked: torch.Tensor
    """The teacher's vectors of the questions."""
    told: torch.Tensor
    """The teacher's vectors of the passages."""
    positives: Rows


def draw_step(pools: Pools, settings: RetrieveSettings, draw: np.random.Generator) -> Step:
    """Draw questions, then passages: some that answer them, some from the parallel texts."""
    known = draw.choice(len(pools.answers), size=settings.answered, replace=False)
    asked = draw.integers(len(pools.answers), len(pools.questions.vectors), size=settings.asked)
    columns: dict[int, int] = {}
    positives = []
    budget = settings.passage_tokens * settings.answer_share
    for question in known:
        passage = int(pools.answers[question])
        length = len(pools.passages.english[passage])
        if passage in columns or budget >= length:
            budget -= 0 if passage in columns else length
            positives.append(columns.setdefault(passage, len(columns)))
        else:
            positives.append(-1)
    budget += settings.passage_tokens * (1.0 - settings.answer_share)
    while budget > 0:
        passage = int(draw.integers(pools.answering, len(pools.passages.vectors)))
        columns.setdefault(passage, len(columns))
        budget -= len(pools.passages.german[passage][0])
    return Step(
        np.concatenate([known, asked]),
        np.asarray(list(columns), dtype=np.int64),
        np.asarray(positives + [-1] * settings.asked, dtype=np.int64),
    )


def losses(model: PreTrainedModel, pools: Pools, settings: RetrieveSettings, step: int) -> Iterator[torch.Tensor]:
    """Yield a loss a step for ever; `step` is where a resumed stage stands."""
    rng = random.Random(settings.seed + step)
    draw = np.random.default_rng(settings.seed + step)
    while True:
        rows = draw_step(pools, settings, draw)
        encoded = Encoded(
            questions=_embed_rows(model, pools.questions, rows.questions, settings.german_questions, rng),
            passages=_embed_rows(model, pools.passages, rows.passages, settings.german_passages, rng),
            asked=pools.questions.vectors[rows.questions],
            told=pools.passages.vectors[rows.passages],
            positives=rows.positives,
        )
        question_bank = _bank(pools.questions, settings.bank, draw)
        passage_bank = _bank(pools.passages, settings.bank, draw)
        yield retrieval_loss(encoded, question_bank, passage_bank, settings)


def with_parallel_steps(
    retrieval: Iterator[torch.Tensor], parallel: Iterator[torch.Tensor], every: int
) -> Iterator[torch.Tensor]:
    """Yield retrieval losses with a distillation loss as every `every`-th step.

    The question files know few words; the parallel texts keep teaching the others.
    """
    while True:
        for _ in range(every - 1):
            yield next(retrieval)
        yield next(parallel)


def retrieval_loss(
    encoded: Encoded,
    question_bank: torch.Tensor,
    passage_bank: torch.Tensor,
    settings: RetrieveSettings,
) -> torch.Tensor:
    """Add up distance to the teacher, relations to the banks and within the step, true pairs.

    The banks are teacher vectors, float32 of shape (entries, dimensions).
    """
    questions, passages = encoded.questions, encoded.passages
    asked, told, scale = encoded.asked, encoded.told, settings.scale
    distance = 1.0 - torch.cat([(questions * asked).sum(1), (passages * told).sum(1)]).mean()
    relations = (
        relation_loss(questions, asked, torch.cat([told, passage_bank]), scale)
        + relation_loss(passages, told, torch.cat([asked, question_bank]), scale)
        + relation_loss(passages, told, torch.cat([told, passage_bank]), scale)
    )
    within = (
        _mutual(questions @ passages.T, asked @ told.T, scale)
        + _mutual(passages @ questions.T, told @ asked.T, scale)
        + _mutual(passages @ passages.T, told @ told.T, scale)
    )
    pairs = _pair_loss(questions, passages, encoded.positives, scale)
    return settings.cosine_weight * distance + relations + within + settings.pair_weight * pairs


def _mutual(student: torch.Tensor, teacher: torch.Tensor, scale: float) -> torch.Tensor:
    return cross_entropy(scale * student, torch.softmax(scale * teacher, dim=1))


def _pair_loss(questions: torch.Tensor, passages: torch.Tensor, positives: Rows, scale: float) -> torch.Tensor:
    known = torch.from_numpy(np.flatnonzero(positives >= 0))
    target = torch.from_numpy(positives[positives >= 0])
    return cross_entropy(scale * questions[known] @ passages.T, target)


def _bank(pool: Pool, size: int, draw: np.random.Generator) -> torch.Tensor:
    return pool.vectors[draw.integers(len(pool.vectors), size=size)]


def _embed_rows(
    model: PreTrainedModel, pool: Pool, rows: Rows, german_share: float, rng: random.Random
) -> torch.Tensor:
    tokens = [pool.wording(int(row), german_share, rng) for row in rows]
    # Two batches, of the shorter and the longer half, waste less on padding than one.
    order = np.argsort([len(row) for row in tokens])
    halves = np.array_split(order, 2)
    vectors = [embed(model, pad([tokens[row] for row in half])) for half in halves]
    return torch.cat(vectors)[np.argsort(order)]
