"""Owns the choice of training texts: what is kept, joined to paragraphs, dropped."""

from __future__ import annotations

import json
import logging
import random
import re
from dataclasses import dataclass
from pathlib import Path

from embeddings.training.overlap import DevelopmentText, read_development_texts, without_overlap
from embeddings.training.records import (
    GLOSSED_FILE,
    PARALLEL_FILES,
    QUESTION_FILES,
    Pair,
    read_pairs,
    write_pairs,
)

_log = logging.getLogger(__name__)

# Menu strings and code manuals teach little about prose: a sample is enough.
SAMPLED_SOURCES = {"ms-business-central": 8_000, "php-manual": 0}
# Sources whose consecutive rows are consecutive sentences.
ORDERED_SOURCES = frozenset({"debian-webwml", "datenanfragen", "ntrex", "ud-pud"})
MAX_CHARACTERS = 1_400


@dataclass(frozen=True, slots=True)
class PreparedFiles:
    """Where the prepared texts lie."""

    folder: Path

    @property
    def pairs(self) -> Path:
        """Parallel sentences, words and paragraphs: English, German, source."""
        return self.folder / "pairs.tsv"

    @property
    def questions(self) -> Path:
        """English questions with the passage that answers them."""
        return self.folder / "questions.tsv"

    @property
    def related(self) -> Path:
        """Paragraphs of related parallel sentences."""
        return self.folder / "related.tsv"

    @property
    def counts(self) -> Path:
        """Rows kept and dropped, by source."""
        return self.folder / "counts.json"


def join_paragraphs(rows: list[Pair], seed: int) -> list[Pair]:
    """Join two to five consecutive rows of the ordered sources, every row used about twice."""
    rng = random.Random(seed)
    paragraphs: list[Pair] = []
    for source in sorted(ORDERED_SOURCES):
        sentences = [row for row in rows if row.source == source]
        for _ in range(2):
            start = 0
            while start + 2 <= len(sentences):
                chunk = sentences[start : start + rng.randint(2, 5)]
                start += len(chunk)
                left = " ".join(row.left for row in chunk)
                right = " ".join(row.right for row in chunk)
                if 80 <= len(right) <= MAX_CHARACTERS:
                    paragraphs.append(Pair(left, right, f"{source}-paragraph"))
    return paragraphs


def select_parallel(rows: list[Pair], seed: int) -> list[Pair]:
    """Sample the technical sources, drop empty, overlong and repeated rows."""
    rng = random.Random(seed)
    shuffled = list(rows)
    rng.shuffle(shuffled)
    taken: dict[str, int] = {}
    seen: set[tuple[str, str]] = set()
    kept: list[Pair] = []
    for row in shuffled:
        key = (row.left.casefold(), row.right.casefold())
        too_long = max(len(row.left), len(row.right)) > MAX_CHARACTERS
        if not row.left or not row.right or too_long or key in seen:
            continue
        if taken.get(row.source, 0) >= SAMPLED_SOURCES.get(row.source, len(rows)):
            continue
        taken[row.source] = taken.get(row.source, 0) + 1
        seen.add(key)
        kept.append(row)
    return kept


def prepare(train: Path, dev: Path, out: Path, seed: int) -> PreparedFiles:
    """Write the prepared texts and their counts; `dev` is read only to keep its texts out."""
    development = read_development_texts(dev)
    parallel = [row for name in PARALLEL_FILES for row in read_pairs(train / name)]
    parallel += read_pairs(train / GLOSSED_FILE, "wiktionary-glossed")
    parallel += join_paragraphs(parallel, seed)
    pairs, dropped_pairs = without_overlap(select_parallel(parallel, seed), development)
    questions, dropped_questions = _questions(train, development)
    files = PreparedFiles(out)
    write_pairs(files.pairs, pairs)
    write_pairs(files.questions, questions)
    counts = {
        "kept": _by_source(pairs + questions),
        "dropped_as_evaluation_text": dropped_pairs | dropped_questions,
    }
    files.counts.write_text(json.dumps(counts, indent=2) + "\n", encoding="utf-8")
    _log.info("%d pairs, %d questions; %s", len(pairs), len(questions), counts)
    return files


def detokenize(text: str) -> str:
    """Undo the Penn Treebank spelling of brackets, quotation marks and punctuation."""
    for token, natural in (("-lrb-", "("), ("-rrb-", ")"), ("``", '"'), ("''", '"')):
        text = text.replace(token, natural)
    text = re.sub(r" (n't|'s|'re|'ve|'d|'ll|'m)\b", r"\1", text)
    text = re.sub(r"([(]) ", r"\1", text)
    return re.sub(r" ([).,;:?!%])", r"\1", text)


def _questions(train: Path, development: DevelopmentText) -> tuple[list[Pair], dict[str, int]]:
    rows = [row for source, name in QUESTION_FILES.items() for row in read_pairs(train / name, source)]
    natural = [Pair(detokenize(row.left), detokenize(row.right), row.source) for row in rows]
    complete = [row for row in dict.fromkeys(natural) if row.left and row.right]
    return without_overlap(complete, development)


def _by_source(pairs: list[Pair]) -> dict[str, int]:
    counts: dict[str, int] = {}
    for pair in pairs:
        counts[pair.source] = counts.get(pair.source, 0) + 1
    return dict(sorted(counts.items()))
