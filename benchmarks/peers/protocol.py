"""What a benchmark tells a system's process, and what that tells back. Owns these values and their files, no clock.

Read in every system's own environment: of Python's library and numpy only.
"""

from __future__ import annotations

import json
import shutil
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Literal, Protocol

import numpy as np
from numpy.typing import NDArray

# "index": from nothing, again with nothing changed, again with some passages changed. "cold": one answer. "answer": all
# questions over the stored index. "vectors": index and search with vectors that are handed in.
Task = Literal["index", "cold", "answer", "vectors"]

Vectors = NDArray[np.float32]

# Passages that are asked for.
K = 10


@dataclass(frozen=True, slots=True)
class Passage:
    """What every system indexes as one: its text, under the name of its place."""

    key: str
    text: str


@dataclass(frozen=True, slots=True)
class Corpus:
    """The same texts twice: passages for systems that take passages, and the folder of articles they were cut from.

    ``changed`` are those of ``passages`` that are not what they were when the index was made. A system that compares by
    itself is not to look at it.
    """

    articles: Path
    passages: tuple[Passage, ...] = ()
    changed: tuple[Passage, ...] = ()


@dataclass(frozen=True, slots=True)
class Job:
    """What one process is to do; ``corpus`` and ``index`` are folders, ``packages`` those whose versions are told.

    Each way of asking gets ``budget`` seconds, but never fewer than 20 questions.
    """

    task: Task
    model: str
    corpus: str
    index: str
    packages: tuple[str, ...] = ()
    k: int = K
    budget: float = 120.0


@dataclass(frozen=True, slots=True)
class Result:
    """What one process saw.

    ``figures`` holds seconds and bytes by name. ``seconds`` holds those of every question, by the way it was asked:
    "ask" end to end, "encode" the question's vector alone, "nearest" from a vector to passages by vectors alone, and
    "search", where that is not all the system does short of encoding. ``ranked`` holds the keys that "nearest" gave.
    """

    figures: dict[str, float] = field(default_factory=dict)
    seconds: dict[str, list[float]] = field(default_factory=dict)
    ranked: list[list[str]] = field(default_factory=list)
    versions: dict[str, str] = field(default_factory=dict)


class System(Protocol):
    """What is measured. Each method is called in one process in this order: load, then what the task is about."""

    def load(self, model: str | None) -> None:
        """Import what is needed and take the model in the folder ``model``; None where vectors are handed in."""

    def build(self, corpus: Corpus, index: Path) -> None:
        """Make the index of a corpus in the empty folder ``index``, so that it is on the disk."""

    def renew(self, corpus: Corpus, index: Path) -> None:
        """Bring the index in the folder up to date with the corpus in the system's own way, on the disk."""

    def open(self, corpus: Corpus, index: Path) -> None:
        """Make the index in the folder ready for questions; ``corpus`` holds no passages here."""

    def encode(self, question: str) -> Vectors:
        """Return the vector (d,) of a question, as ``ask`` makes it."""

    def ask(self, question: str, k: int) -> list[str]:
        """Return the keys of the ``k`` best passages, best first."""

    def nearest(self, vector: Vectors, k: int) -> list[str]:
        """Return the keys of the ``k`` passages nearest to a vector (d,), nearest first."""

    def take(self, corpus: Corpus, vectors: Vectors, index: Path) -> None:
        """As ``build``, with the vectors (n, d) of the passages handed in, and ready for ``nearest``."""


def key(article: str, paragraph: int, start: int, end: int) -> str:
    """Return the name of a passage by its place, which is what a citation of it says."""
    return f"{article}#{paragraph}:{start}-{end}"


def write_passages(path: Path, passages: list[Passage]) -> None:
    """Write passages, one JSON object a line."""
    path.write_text("".join(json.dumps(asdict(one)) + "\n" for one in passages), "utf-8")


def read_passages(path: Path) -> tuple[Passage, ...]:
    """Return what ``write_passages`` wrote."""
    return tuple(Passage(**json.loads(line)) for line in path.read_text("utf-8").splitlines())


def unchanged(folder: Path) -> Corpus:
    """Return the corpus in ``folder`` as it is indexed first, having put its articles back to that."""
    shutil.copytree(folder / "original", folder / "articles", dirs_exist_ok=True, copy_function=shutil.copy)
    return Corpus(folder / "articles", read_passages(folder / "passages.jsonl"))


def changed(folder: Path) -> Corpus:
    """Return the corpus in ``folder`` with some passages changed, having changed its articles."""
    shutil.copytree(folder / "changed", folder / "articles", dirs_exist_ok=True, copy_function=shutil.copy)
    new = {one.key: one for one in read_passages(folder / "changed.jsonl")}
    passages = read_passages(folder / "passages.jsonl")
    return Corpus(folder / "articles", tuple(new.get(one.key, one) for one in passages), tuple(new.values()))


def questions(folder: Path) -> list[str]:
    """Return the questions to the corpus in ``folder``."""
    found: list[str] = json.loads((folder / "questions.json").read_text("utf-8"))
    return found


def write(path: Path, value: Job | Result) -> None:
    """Write a job or a result."""
    path.write_text(json.dumps(asdict(value)), "utf-8")


def read_job(path: Path) -> Job:
    """Return the job in a file."""
    stored: dict[str, Any] = json.loads(path.read_text("utf-8"))
    return Job(**stored | {"packages": tuple(stored["packages"])})


def read_result(path: Path) -> Result:
    """Return the result in a file."""
    return Result(**json.loads(path.read_text("utf-8")))
