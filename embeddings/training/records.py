"""Owns reading and writing of the training texts; knows nothing of models or vectors."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

PARALLEL_FILES = ("parallel-attribution.tsv", "parallel-sharealike.tsv")
GLOSSED_FILE = "wiktionary-glossed.tsv"
QUESTION_FILES = {
    "tydiqa": "tydiqa-en-question-passage.tsv",
    "selqa": "selqa-en-question-passage.tsv",
    "squad": "squad-en-question-sentence.tsv",
}


@dataclass(frozen=True, slots=True)
class Pair:
    """Two texts that belong together: English and German, or a question and its passage."""

    left: str
    right: str
    source: str


def read_columns(path: Path) -> Iterator[list[str]]:
    """Yield the tab-separated fields of every line of a UTF-8 file."""
    with path.open(encoding="utf-8", newline="\n") as lines:
        for line in lines:
            yield line.rstrip("\n").split("\t")


def read_pairs(path: Path, source: str = "") -> list[Pair]:
    """Read left, right and, where the file has a third column, the source's name."""
    pairs = []
    for columns in read_columns(path):
        name = columns[2] if len(columns) > 2 else source
        pairs.append(Pair(columns[0].strip(), columns[1].strip(), name))
    return pairs


def write_pairs(path: Path, pairs: Iterable[Pair]) -> None:
    """Write one pair a line: left, right, source."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8", newline="\n") as lines:
        for pair in pairs:
            lines.write(f"{_flat(pair.left)}\t{_flat(pair.right)}\t{pair.source}\n")


def _flat(text: str) -> str:
    return " ".join(text.split())
