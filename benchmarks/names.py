"""``python -m benchmarks.names``: how often two spellings of one name meet, and how often two names do.

Owns the figures of ``rag.names`` and of its check in ``rag.variants``. The pairs in ``names.tsv`` were written before
anything was tried on them and divided by a hash of the English spelling; none stands in the sample articles.
"""

from __future__ import annotations

import csv
import json
from bisect import bisect_left
from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from itertools import product
from pathlib import Path
from typing import Annotated, Literal

import typer

from rag import names, variants
from rag.settings import DEFAULTS
from rag.terms import stems, words
from rag.translations import Translations

FILE = Path(__file__).with_name("names.tsv")
# What makes a name meet another: with the translations, which know some names, and without them.
_NAMES = replace(DEFAULTS, compound_weight=0.0, part_weight=0.0)
_SPELLINGS = replace(_NAMES, translation_weight=0.0, untranslated_weight=0.0)
Split = Literal["dev", "test"]
# Sorts after every character of a key.
_LAST = "\U0010ffff"


@dataclass(frozen=True, slots=True)
class Shares:
    """Of ``pairs`` spellings of one name ``meeting``, of ``others`` pairs of two names ``wrong`` meet (counts)."""

    pairs: int
    meeting: int
    others: int
    wrong: int


@dataclass(frozen=True, slots=True)
class Found:
    """What ``names`` find in a vocabulary of ``words``: ``right`` of them the name's other spelling.

    It may be found by its translation too; ``wrong`` counts the words found as spellings that are neither one.
    """

    words: int
    names: int
    right: int
    wrong: int


class WordList:
    """A vocabulary in memory, for ``rag.variants``."""

    def __init__(self, known: Iterable[str]) -> None:
        """Hold the ``known`` words."""
        self._words = set(known)
        self._keys = sorted({(key, word) for word in self._words for key in variants.keys(word)})

    def spelled(self, keys: Collection[str]) -> dict[str, list[str]]:
        """Return for each key the words that have a key which begins with it."""
        return {key: [word for _, word in self._keys[self._place(key) : self._place(key + _LAST)]] for key in keys}

    def holds(self, stems: Collection[str]) -> set[str]:
        """Return those of ``stems`` that are words of the vocabulary."""
        return self._words & set(stems)

    def _place(self, key: str) -> int:
        return bisect_left(self._keys, (key, ""))


def load(split: Split) -> list[tuple[str, str]]:
    """Return the pairs of a split, English and German spelling as ``rag.terms`` writes words."""
    with FILE.open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file, delimiter="\t") if row["split"] == split]
    return [(words(row["English"])[0], words(row["German"])[0]) for row in rows]


def meet(one: str, other: str) -> bool:
    """Say whether two words are taken for spellings of one name."""
    return bool(names.codes(one) & names.codes(other)) and names.alike(one, other)


def across(pairs: Collection[tuple[str, str]]) -> Shares:
    """Compare every English spelling with every German one."""
    crossed = [(left, right) for left, right in product(pairs, pairs) if left != right]
    return Shares(
        len(pairs),
        sum(meet(*pair) for pair in pairs),
        len(crossed),
        sum(meet(left[0], right[1]) for left, right in crossed),
    )


def among(pairs: Collection[tuple[str, str]], vocabulary: Collection[str]) -> Found:
    """Look for each spelling among the words of ``vocabulary``, to which the names are added."""
    held = WordList({*vocabulary, *(stem for pair in pairs for name in pair for stem in _stemmed(name))})
    translations = Translations()
    right = wrong = 0
    for pair in pairs:
        for name, other in (pair, pair[::-1]):
            [term] = variants.terms(name, held, translations, _NAMES)
            right += bool(_stemmed(other) & {*term.de, *term.en})
            [term] = variants.terms(name, held, translations, _SPELLINGS)
            wrong += len(held.holds([*term.de, *term.en]) - _stemmed(name) - _stemmed(other))
    return Found(len(vocabulary), 2 * len(pairs), right, wrong)


def _stemmed(text: str) -> set[str]:
    found = stems(text)
    return {*found.german, *found.english, *words(text)}


def markdown(split: Split, dev: Path | None) -> str:
    """Return the figures of ``split`` as Markdown; with ``dev`` also those among the words of its wikinews.jsonl."""
    pairs = load(split)
    shares = across(pairs)
    lines = [
        f"- {shares.meeting} of {shares.pairs} names meet in their English and German spellings "
        f"({shares.meeting / shares.pairs:.0%}), {shares.wrong} of {shares.others} pairs of two names "
        f"({shares.wrong / shares.others:.2%}).",
    ]
    if dev is not None:
        texts = [json.loads(line)["text"] for line in (dev / "wikinews.jsonl").read_text("utf-8").splitlines()]
        found = among(pairs, {stem for text in texts for stem in stems(text).german})
        lines.append(
            f"- Among the {found.words:,} words of Wikinews {found.right} of {found.names} spellings find the other "
            f"({found.right / found.names:.0%}), and {found.wrong / found.names:.2f} words that are neither."
        )
    return "\n".join(lines) + "\n"


def main(
    *,
    split: Annotated[Split, typer.Option(help="Half of the pairs.")] = "dev",
    dev: Annotated[Path | None, typer.Option(help="Folder with wikinews.jsonl.")] = None,
) -> None:
    """Print the share of names whose spellings meet, and of wrong ones that do."""
    print(markdown(split, dev))


if __name__ == "__main__":
    typer.run(main)
