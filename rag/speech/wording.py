"""The words of a paragraph, a quotation being one. Owns what a single word may be."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from rag.speech.germanwords import (
    AUXILIARIES,
    BODY_ENDINGS,
    DETERMINERS,
    HAVE,
    NOBODY,
    OPENER_ENDINGS,
    OPENERS,
    PREPOSITIONS,
    ROLE_ENDINGS,
    SUBJECT_PRONOUNS,
    SUBORDINATORS,
)

# Every alternative fails at the next opening mark, so that unmatched marks cost one look each.
_QUOTATION = re.compile(r"„[^„“”\"]*(?:[“”\"]|\Z)|“[^“”]*”|\"[^\"]*\"|»[^»«]*(?:«|\Z)|«[^«»]*»")
_WORD = re.compile(
    r"(?:Dr|Prof|St|Mr|Mrs|Ms|(?:[A-ZÄÖÜ]\.){0,4}[A-ZÄÖÜ])\.(?=\s)|[^\W_]+(?:[-.’'′&/][^\W_]+)*(?:\+|-(?=\s))?|\S"
)
# Longer quotations are speech; up to this many words without a comma may be a title: „Der Spiegel“.
_TITLE_WORDS = 4
_ADJECTIVE = re.compile(r"[^\W\d_-][^\W_]*(?:-[^\W\d_]+)*(?:e|en|er|es|em)\Z")
_NO_ADJECTIVE = (
    PREPOSITIONS
    | SUBORDINATORS
    | NOBODY
    | SUBJECT_PRONOUNS
    | HAVE
    | frozenset(
        """
oder aber auch jedoch wurde wurden werde heute gestern bisher später weiter immer dagegen sondern hingegen ihnen deren
dessen unterdessen indessen inzwischen wieder eher ferner bereits
""".split()  # noqa: SIM905 - data reads better as words
    )
)
SMALL_WORDS = PREPOSITIONS | SUBORDINATORS | NOBODY | SUBJECT_PRONOUNS | DETERMINERS | AUXILIARIES | HAVE
# After these a word has a capital whatever it is.
_SENTENCE_ENDS = frozenset(".:!?•◦▪‣")
# "ndr.de", "d'Italia", "al-Omair".
_INNER_NAME = re.compile(r"[^\W\d_]\.[^\W\d_]{2}|['’-][A-ZÄÖÜ]")


@dataclass(frozen=True, slots=True)
class Word:
    """A word, a punctuation mark, or a whole quotation as one; ``start`` and ``end`` are offsets into the paragraph.

    ``low`` is it in lower case. ``capital`` says that it can be part of a name: a capital, a site's name, a title in
    quotation marks.
    """

    text: str
    start: int
    end: int
    low: str
    capital: bool
    quotation: bool = False

    @property
    def adjective(self) -> bool:
        """Whether it may be a declined adjective."""
        return _is_adjective(self.text)


Line = Sequence[Word]


def words(text: str) -> list[Word]:
    """Return the words of a folded paragraph in order; each quotation is one word."""
    found: list[Word] = []
    position = 0
    for match in _QUOTATION.finditer(text):
        found += _plain(text, position, match.start())
        title = _is_title(match.group()[1:-1], found[-2:])
        found.append(Word(match.group(), *match.span(), match.group().lower(), title, quotation=True))
        position = match.end()
    return found + _plain(text, position, len(text))


def _plain(text: str, start: int, end: int) -> list[Word]:
    found: list[Word] = []
    opens = True
    for match in _WORD.finditer(text, start, end):
        word = match.group()
        found.append(Word(word, *match.span(), word.lower(), _is_capital(word, opens=opens)))
        opens = word in _SENTENCE_ENDS
    return found


def _is_title(inside: str, before: Line) -> bool:
    """Say whether what is quoted may be a name: „Der Spiegel“; after "Vertreter der" also „con energy ag“."""
    named = len(before) == 2 and before[1].low in {"der", "des", "dem"} and before[0].capital
    short = len(inside.split()) <= _TITLE_WORDS and not any(mark in inside for mark in ",.!?;:")
    return short and (inside[:1].isupper() or named)


# The same few hundred words make up most of a text.
@lru_cache(maxsize=8_192)
def _is_capital(text: str, *, opens: bool) -> bool:
    """Say whether a word can be part of a name; where it ``opens`` a sentence, adverbs have a capital as well."""
    if text[0].isupper():
        low = text.lower()
        adverb = opens and (low in OPENERS or (len(text) > 6 and low.endswith(OPENER_ENDINGS)))
        return not (adverb or low in SMALL_WORDS) or (len(text) > 1 and text.isupper())
    if text[0].isdigit():
        return any(letter.isupper() for letter in text)
    return _INNER_NAME.search(text) is not None


@lru_cache(maxsize=8_192)
def _is_adjective(text: str) -> bool:
    return text[0].islower() and _ADJECTIVE.match(text) is not None and text not in _NO_ADJECTIVE


def ends_in(word: str, endings: tuple[str, ...]) -> bool:
    """Say whether a word, or the last part of a compound, is or ends in one of ``endings``."""
    low = word.lower()
    return low.endswith(endings) or low.removesuffix("s").endswith(endings)


def is_role(word: Word) -> bool:
    """Say whether the word tells what somebody is, not who: "US-Außenminister"."""
    return word.capital and not word.quotation and ends_in(word.text, ROLE_ENDINGS)


def is_body(word: Word) -> bool:
    """Say whether a word is a body's name: an abbreviation, a title, a noun that ends like one."""
    abbreviation = word.text.isupper() and word.text.isalpha() and len(word.text) > 1
    return word.quotation or abbreviation or ends_in(word.text, BODY_ENDINGS)
