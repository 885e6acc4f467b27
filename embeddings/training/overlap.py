"""Owns the check that no training text is also evaluation text."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from embeddings.training.records import Pair, read_columns

SHINGLE_WORDS = 10
_WORD = re.compile(r"\w+")
# Tokenised corpora write brackets as -lrb-/-rrb-; they would break a shingle apart.
_BRACKETS = re.compile(r"-[lr][rs]b-")


def words(text: str) -> list[str]:
    """Return the text's words in lower case, without punctuation."""
    return _WORD.findall(_BRACKETS.sub(" ", text.casefold()))


def shingles(text: str, size: int = SHINGLE_WORDS) -> Iterator[int]:
    """Yield a hash of every run of `size` consecutive words."""
    tokens = words(text)
    for start in range(len(tokens) - size + 1):
        yield hash(tuple(tokens[start : start + size]))


@dataclass(frozen=True, slots=True)
class DevelopmentText:
    """Hashes of all evaluation texts: whole texts, and runs of ten words within them."""

    wholes: frozenset[int]
    runs: frozenset[int]

    def shares(self, text: str) -> bool:
        """Say whether the text equals an evaluation text or has ten words in a row in common."""
        return hash(tuple(words(text))) in self.wholes or any(run in self.runs for run in shingles(text))


def read_development_texts(folder: Path) -> DevelopmentText:
    """Read every string of the folder's JSONL files and every column of its TSV files."""
    wholes: set[int] = set()
    runs: set[int] = set()
    for text in _texts(folder):
        wholes.add(hash(tuple(words(text))))
        runs.update(shingles(text))
    return DevelopmentText(frozenset(wholes), frozenset(runs))


def _texts(folder: Path) -> Iterator[str]:
    for path in sorted(folder.glob("*.jsonl")):
        for line in path.read_text(encoding="utf-8").splitlines():
            values: dict[str, object] = json.loads(line)
            yield from (value for value in values.values() if isinstance(value, str))
    for path in sorted(folder.glob("*.tsv")):
        for columns in read_columns(path):
            yield from columns


def without_overlap(pairs: Iterable[Pair], development: DevelopmentText) -> tuple[list[Pair], dict[str, int]]:
    """Drop pairs of which either text is evaluation text; count them by source."""
    kept: list[Pair] = []
    dropped: dict[str, int] = {}
    for pair in pairs:
        if development.shares(pair.left) or development.shares(pair.right):
            dropped[pair.source] = dropped.get(pair.source, 0) + 1
        else:
            kept.append(pair)
    return kept, dropped
