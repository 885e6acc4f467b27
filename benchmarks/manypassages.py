"""Any number of passages, German and English in turn, made of real ones: text to measure size with, not quality.

A passage is three to five sentences that follow each other in a real paragraph (XQuAD, MLQA, Wikinews, TyDi QA). So
that a million of them are not the same words over and over, what makes the vocabulary of real archives grow is made
up anew: names, compounds and numbers. A word is replaced if it begins with a capital and no dictionary has it; in one
passage always by the same. Of 5 such words 1 stays, so that real questions find the names they ask for.

The number of a name is drawn from a Lomax distribution whose tail falls with the power 0.25: of n draws about n to the
0.8 are distinct, which is how the vocabulary of texts grows (Heaps' law); compounds join two words of the dictionary.
Everything follows from the seed, whatever the count.
"""

from __future__ import annotations

import json
import random
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from rag.language import guess
from rag.records import Language
from rag.sentences import sentences
from rag.terms import german_stems, stems, words
from rag.translations import Translations

_SLOT = re.compile(r"\d[\d.,]*\d|\d+|[^\W\d_]{3,}")
_KEPT = 0.2
# Where the frequent names end and the tail begins, and how slowly it falls.
_FREQUENT, _POWER = 100.0, 0.25
# German words that no dictionary has are compounds rather than names from this length on.
_COMPOUND = 11
_LANGUAGES: tuple[Language, ...] = ("de", "en")
_SYLLABLES = [consonant + vowel for consonant in "bdfgklmnprstvwzhj" for vowel in "aeiou"]


@dataclass(frozen=True, slots=True)
class _Sentence:
    """A sentence cut where its slots are: every second part is what may be replaced, with its kind."""

    parts: tuple[str, ...]
    kinds: tuple[str, ...]


class ManyPassages:
    """Draws passages from the texts in a folder as ``benchmarks/README.md`` describes it."""

    def __init__(self, data: Path) -> None:
        """Read the paragraphs of ``data``, which holds ``dev`` and ``train``."""
        self._translations = Translations()
        paragraphs = [[_cut(one, self._translations) for one in some] for some in map(_split, _texts(data))]
        languages = [guess("".join("".join(s.parts) for s in paragraph)) for paragraph in paragraphs]
        self._paragraphs: dict[Language, list[list[_Sentence]]] = {
            language: [p for p, own in zip(paragraphs, languages, strict=True) if own == language]
            for language in _LANGUAGES
        }
        long = {w for p in self._paragraphs["de"] for s in p for part in s.parts[::2] for w in re.findall(r"\w+", part)}
        self._nouns: list[str] = sorted(
            w
            for w in long
            if w[0].isupper() and len(w) > 3 and german_stems([w.lower()])[0] in self._translations.stems("de")
        )

    def passages(self, count: int, seed: int = 0) -> Iterator[str]:
        """Yield ``count`` passages."""
        draw = random.Random(seed)
        for number in range(count):
            paragraph = draw.choice(self._paragraphs[_LANGUAGES[number % 2]])
            length = min(len(paragraph), draw.randint(3, 5))
            start = draw.randrange(len(paragraph) - length + 1)
            made: dict[str, str] = {}
            yield " ".join(self._filled(s, made, draw) for s in paragraph[start : start + length])

    def _filled(self, sentence: _Sentence, made: dict[str, str], draw: random.Random) -> str:
        parts = list(sentence.parts)
        for position, kind in enumerate(sentence.kinds):
            word = parts[2 * position + 1]
            if word not in made:
                made[word] = word if draw.random() < _KEPT else self._drawn(kind, draw)
            parts[2 * position + 1] = made[word]
        return "".join(parts)

    def _drawn(self, kind: str, draw: random.Random) -> str:
        if kind == "number":
            return str(draw.randint(1700, 2026) if draw.random() < 0.5 else int(10 ** draw.uniform(0, 6)))
        if kind == "compound":
            return draw.choice(self._nouns) + draw.choice(("", "s", "n")) + draw.choice(self._nouns).lower()
        # 1 - random() is never 0.
        return name(int(_FREQUENT * ((1 - draw.random()) ** (-1 / _POWER) - 1)) % 2**40)


def name(number: int) -> str:
    """Return the name with this number; no two numbers have the same."""
    found = ""
    number += len(_SYLLABLES)
    while number:
        number, digit = divmod(number, len(_SYLLABLES))
        found += _SYLLABLES[digit]
    return found.capitalize() + "n"


def _texts(data: Path) -> Iterator[str]:
    """Yield the distinct paragraphs of ``data``, always in the same order."""
    xquad = [json.loads(line) for line in (data / "dev" / "xquad.jsonl").read_text("utf-8").splitlines()]
    mlqa = [json.loads(line) for line in (data / "dev" / "mlqa-de-de.jsonl").read_text("utf-8").splitlines()]
    news = [json.loads(line)["text"] for line in (data / "dev" / "wikinews.jsonl").read_text("utf-8").splitlines()]
    tydi = (data / "train" / "tydiqa-en-question-passage.tsv").read_text("utf-8").splitlines()
    found = [row[key] for row in xquad for key in ("p_de", "p_en")] + [row["context_de"] for row in mlqa]
    found += [paragraph for text in news for paragraph in text.split("\n")] + [line.split("\t")[1] for line in tydi]
    yield from dict.fromkeys(found)


def _split(text: str) -> list[str]:
    return [text[start:end] for start, end in sentences(text)]


def _cut(sentence: str, translations: Translations) -> _Sentence:
    parts, kinds, last = [], [], 0
    for match in _SLOT.finditer(sentence):
        if kind := _kind(match[0], translations):
            parts += [sentence[last : match.start()], match[0]]
            kinds.append(kind)
            last = match.end()
    return _Sentence((*parts, sentence[last:]), tuple(kinds))


def _kind(word: str, translations: Translations) -> str:
    """Return what ``word`` is replaced by: another "number", "name" or "compound"; "" where it stays."""
    if word[0].isdigit():
        return "number"
    if not word[0].isupper() or not words(word) or _known(word, translations):
        return ""
    return "compound" if len(word) >= _COMPOUND else "name"


@cache
def _known(word: str, translations: Translations) -> bool:
    found = stems(word)
    return not (
        translations.stems("de").isdisjoint(found.german) and translations.stems("en").isdisjoint(found.english)
    )


def questions(data: Path) -> Sequence[str]:
    """Return real questions: XQuAD's in both languages and MLQA's, in an order that mixes them."""
    xquad = [json.loads(line) for line in (data / "dev" / "xquad.jsonl").read_text("utf-8").splitlines()]
    mlqa = [json.loads(line) for line in (data / "dev" / "mlqa-de-de.jsonl").read_text("utf-8").splitlines()]
    found = [row[key] for row in xquad for key in ("q_de", "q_en")] + [row["question_de"] for row in mlqa]
    distinct = list(dict.fromkeys(found))
    random.Random(0).shuffle(distinct)
    return distinct
