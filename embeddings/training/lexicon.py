"""Owns a word lexicon learnt from the parallel texts, and the word-for-word German made with it."""

from __future__ import annotations

import json
import logging
import random
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from embeddings.training.records import Pair

_log = logging.getLogger(__name__)

_TOKEN = re.compile(r"\w+|[^\w\s]")
_WORD = re.compile(r"\w+")
MAX_PHRASE = 4
Numbers = NDArray[np.int64]
Entry = tuple[tuple[str, ...], tuple[float, ...]]
DICTIONARIES = frozenset({"wiktionary-en-de", "wiktionary-glossed", "cldr-names"})


@dataclass(frozen=True, slots=True)
class LexiconSettings:
    """How translation probabilities are learnt and which are kept."""

    iterations: int = 6
    max_words: int = 24
    """Longer sentences cost much (words times words) and say little more."""
    floor: float = 0.08
    """Least probability of the German word given the English one."""
    reverse_floor: float = 0.03
    """Least probability the other way: keeps out function words that stand beside everything."""
    at_most: int = 4


@dataclass(frozen=True, slots=True)
class Lexicon:
    """German words and weights for every English word or phrase, all in lower case."""

    entries: dict[str, Entry]

    def gloss(self, text: str, share: float, rng: random.Random) -> str:
        """Return the text with about `share` of its known words put into German.

        The longest known phrase is taken first, so that "waiting list" becomes one compound.
        """
        tokens = _TOKEN.findall(text.lower())
        out: list[str] = []
        start = 0
        while start < len(tokens):
            length, entry = self._longest(tokens, start)
            if entry is not None and rng.random() < share:
                out.append(rng.choices(entry[0], entry[1])[0])
            else:
                out += tokens[start : start + length]
            start += length
        return " ".join(out)

    def _longest(self, tokens: list[str], start: int) -> tuple[int, Entry | None]:
        for length in range(MAX_PHRASE, 0, -1):
            entry = self.entries.get(" ".join(tokens[start : start + length]))
            if entry is not None and start + length <= len(tokens):
                return length, entry
        return 1, None


@dataclass(frozen=True, slots=True)
class Probabilities:
    """What each distinct pair of words is worth; all arrays of shape (pairs,)."""

    english_words: list[str]
    german_words: list[str]
    english: Numbers
    """English word number of each pair."""
    german: Numbers
    forward: NDArray[np.float64]
    """Probability of the German word given the English one."""
    reverse: NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class _Links:
    """Every English word beside every German word of its sentence; int64 of shape (links,)."""

    english_words: list[str]
    german_words: list[str]
    kind: Numbers
    """Which distinct word pair a link is of."""
    english_slot: Numbers
    """Which English occurrence the link starts from, over all sentences."""
    german_slot: Numbers
    kind_english: Numbers
    """English word number of each distinct pair, shape (kinds,)."""
    kind_german: Numbers


def learn_lexicon(pairs: Sequence[Pair], settings: LexiconSettings) -> Lexicon:
    """Learn translation probabilities in both directions (IBM model 1) and keep what agrees."""
    texts = [(_WORD.findall(pair.left.lower()), _WORD.findall(pair.right.lower())) for pair in pairs]
    learnt = learn_probabilities(texts, settings)
    chosen = np.flatnonzero((learnt.forward >= settings.floor) & (learnt.reverse >= settings.reverse_floor))
    found: dict[str, list[tuple[float, str]]] = {}
    for kind in chosen:
        word = learnt.english_words[learnt.english[kind]]
        if len(word) == 1:  # a stray letter or the "s" of a genitive has no translation
            continue
        german = learnt.german_words[learnt.german[kind]]
        found.setdefault(word, []).append((float(learnt.forward[kind]), german))
    entries = _dictionary(pairs)
    for word, options in found.items():
        best = sorted(options, reverse=True)[: settings.at_most]
        entries[word] = (tuple(option[1] for option in best), tuple(option[0] for option in best))
    _log.info("lexicon: %d English words", len(entries))
    return Lexicon(entries)


def learn_probabilities(
    texts: Iterable[tuple[Sequence[str], Sequence[str]]], settings: LexiconSettings
) -> Probabilities:
    """Learn what each word of a text is in its translation (IBM model 1, Brown et al. 1993), in both directions.

    ``texts`` are pairs of an English text's words and a German text's words.
    """
    links = _link(texts, settings.max_words)
    _log.info("lexicon: %d links, %d word pairs", len(links.kind), len(links.kind_english))
    return Probabilities(
        links.english_words,
        links.german_words,
        links.kind_english,
        links.kind_german,
        _model_one(links.kind, links.german_slot, links.kind_english, settings.iterations),
        _model_one(links.kind, links.english_slot, links.kind_german, settings.iterations),
    )


def write_lexicon(path: Path, lexicon: Lexicon) -> None:
    """Write the entries as one JSON object."""
    path.write_text(json.dumps(lexicon.entries, ensure_ascii=False), encoding="utf-8")


def read_lexicon(path: Path) -> Lexicon:
    """Read what `write_lexicon` wrote."""
    entries: dict[str, list[list[str | float]]] = json.loads(path.read_text(encoding="utf-8"))
    return Lexicon(
        {word: (tuple(map(str, german)), tuple(map(float, weights))) for word, (german, weights) in entries.items()}
    )


def _dictionary(pairs: Sequence[Pair]) -> dict[str, Entry]:
    """Take words and phrases as the dictionaries have them, all translations equally likely."""
    found: dict[str, dict[str, None]] = {}
    for pair in pairs:
        if pair.source in DICTIONARIES:
            phrase = " ".join(_TOKEN.findall(pair.left.split(":")[0].lower()))
            if len(phrase) > 1 and phrase.count(" ") < MAX_PHRASE:
                found.setdefault(phrase, {})[pair.right.lower()] = None
    return {phrase: (tuple(words), (1.0,) * len(words)) for phrase, words in found.items()}


def _model_one(kind: Numbers, slot: Numbers, given: Numbers, iterations: int) -> NDArray[np.float64]:
    """Return the probability of each word pair's word given its `given` word, shape (kinds,)."""
    probability = np.ones(len(given))
    for _ in range(iterations):
        mass = probability[kind]
        share = mass / np.maximum(np.bincount(slot, weights=mass)[slot], 1e-12)
        counts = np.bincount(kind, weights=share, minlength=len(given))
        totals = np.bincount(given, weights=counts)
        probability = counts / np.maximum(totals[given], 1e-12)
    return probability


def _link(texts: Iterable[tuple[Sequence[str], Sequence[str]]], max_words: int) -> _Links:
    english: dict[str, int] = {}
    german: dict[str, int] = {}
    lefts, rights, left_slots, right_slots = [], [], [], []
    left_count = right_count = 0
    for left_words, right_words in texts:
        left = [english.setdefault(word, len(english)) for word in left_words]
        right = [german.setdefault(word, len(german)) for word in right_words]
        if not left or not right or max(len(left), len(right)) > max_words:
            continue
        lefts.append(np.repeat(left, len(right)))
        rights.append(np.tile(right, len(left)))
        left_slots.append(np.repeat(np.arange(len(left)) + left_count, len(right)))
        right_slots.append(np.tile(np.arange(len(right)) + right_count, len(left)))
        left_count += len(left)
        right_count += len(right)
    key = np.concatenate(lefts).astype(np.int64) * len(german) + np.concatenate(rights)
    kinds, kind = np.unique(key, return_inverse=True)
    return _Links(
        english_words=list(english),
        german_words=list(german),
        kind=kind.astype(np.int64),
        english_slot=np.concatenate(left_slots).astype(np.int64),
        german_slot=np.concatenate(right_slots).astype(np.int64),
        kind_english=kinds // len(german),
        kind_german=kinds % len(german),
    )
