"""The benchmarks' own questions and the articles they are asked about. Owns their files, runs nothing.

``questions.jsonl`` is about the five articles, ``newsroom.jsonl`` about them and a sample of Wikinews; README.md beside
this tells how they were written. Expected answers have the format of ``rag.evaluation.questionfile``.
"""

from __future__ import annotations

import json
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from rag import paths
from rag.evaluation.questionfile import Question, parse

FILES = tuple(Path(__file__).with_name(name) for name in ("questions.jsonl", "newsroom.jsonl"))

Language = Literal["en", "de"]
Kind = Literal["answerable", "near-miss", "unrelated"]
Corpus = Literal["seeds", "wikinews"]
Split = Literal["dev", "test"]


@dataclass(frozen=True, slots=True)
class Asked:
    """A question with what was decided about it when it was written.

    ``corpus`` says what it was written about: the five articles or the Wikinews ones.
    """

    question: Question
    kind: Kind
    corpus: Corpus
    split: Split


def load(split: Split | Literal["all"] = "all", files: tuple[Path, ...] = FILES) -> list[Asked]:
    """Return the questions of a split in the order of the files."""
    asked = []
    for path in files:
        lines = path.read_bytes()
        records = [json.loads(line) for line in lines.splitlines()]
        read = parse(lines)
        if read.faults:
            raise ValueError(f"{path}: {read.faults[0]}")
        for question, record in zip(read.questions, records, strict=True):
            asked.append(Asked(question, record["kind"], record["corpus"], record["split"]))
    return [one for one in asked if split in ("all", one.split)]


def write_newsroom(dev: Path, folder: Path) -> None:
    """Write the five articles and, below ``wikinews/``, those of ``wikinews.jsonl`` in ``dev``: title, blank, text."""
    (folder / "wikinews").mkdir(parents=True)
    for article in paths.sample_corpus().glob("*.txt"):
        shutil.copy(article, folder / article.name)
    for line in (dev / "wikinews.jsonl").read_text(encoding="utf-8").splitlines():
        record = json.loads(line)
        text = f"{record['title']}\n\n{record['text']}\n"
        (folder / "wikinews" / f"{record['id']}.txt").write_text(text, encoding="utf-8")
