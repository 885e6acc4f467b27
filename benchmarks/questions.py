"""The questions with their expected answers, read from ``questions.jsonl``. Owns the file's format, runs nothing."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

QUESTIONS = Path(__file__).with_name("questions.jsonl")

Language = Literal["en", "de"]
Kind = Literal["answerable", "near-miss", "unrelated"]
Style = Literal["easy", "paraphrase", "detail"]
Split = Literal["dev", "test"]


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of one paragraph that answers a question: verbatim text of the folded article called ``article``."""

    article: str
    text: str


@dataclass(frozen=True, slots=True)
class Question:
    """A question and every place in the five articles that answers it.

    ``style`` says how an answerable question was written and is None for the others, which have no ``spans`` and no
    ``article``. ``article`` is the one the question was written about, that of the first span.
    """

    id: str
    language: Language
    question: str
    kind: Kind
    style: Style | None
    article: str | None
    spans: tuple[Span, ...]
    split: Split


def load(path: Path = QUESTIONS) -> list[Question]:
    """Return the questions of a file with one JSON object a line, in its order."""
    return [_question(json.loads(line)) for line in path.read_text(encoding="utf-8").splitlines()]


def _question(record: dict[str, Any]) -> Question:
    spans = tuple(Span(**span) for span in record.pop("spans"))
    return Question(**record, spans=spans)
