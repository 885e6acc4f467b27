"""Owns the figures of the training curve: XQuAD retrieval in four directions, nothing else."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

Encode = Callable[[Sequence[str]], NDArray[np.float32]]
DIRECTIONS = (("en", "de"), ("de", "en"), ("de", "de"), ("en", "en"))


@dataclass(frozen=True, slots=True)
class Xquad:
    """Questions and distinct passages in two languages, and each question's passage number."""

    questions: dict[str, list[str]]
    passages: dict[str, list[str]]
    gold: NDArray[np.int64]


def read_xquad(path: Path) -> Xquad:
    """Read the JSONL whose rows hold q_en, q_de, p_en, p_de."""
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    numbers: dict[str, int] = {}
    gold = [numbers.setdefault(row["p_en"], len(numbers)) for row in rows]
    first = {row["p_en"]: row for row in reversed(rows)}
    return Xquad(
        questions={code: [row[f"q_{code}"] for row in rows] for code in ("en", "de")},
        passages={code: [first[text][f"p_{code}"] for text in numbers] for code in ("en", "de")},
        gold=np.asarray(gold, dtype=np.int64),
    )


def ndcg_at_10(questions: NDArray[np.float32], passages: NDArray[np.float32], gold: NDArray[np.int64]) -> float:
    """Mean nDCG@10 with one right passage a question; vectors of unit length."""
    scores = questions @ passages.T
    right = scores[np.arange(len(gold)), gold][:, None]
    ranks = (scores > right).sum(axis=1)
    gains = np.where(ranks < 10, 1.0 / np.log2(ranks + 2.0), 0.0)
    return float(gains.mean())


def xquad_figures(xquad: Xquad, encode: Encode) -> dict[str, float]:
    """Return nDCG@10 by direction, question's language first: "en-de" and so on."""
    questions = {code: encode(texts) for code, texts in xquad.questions.items()}
    passages = {code: encode(texts) for code, texts in xquad.passages.items()}
    return {f"{left}-{right}": ndcg_at_10(questions[left], passages[right], xquad.gold) for left, right in DIRECTIONS}
