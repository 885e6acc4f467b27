"""Whether a text is German or English, from its function words. Owns the guess; the word lists are a library's."""

from __future__ import annotations

import re
from functools import cache
from typing import Literal

from stop_words import get_stop_words

Language = Literal["de", "en"]

_WORD = re.compile(r"[^\W\d_]+")
# More than this many characters change no guess and only cost time.
_ENOUGH = 2_000


def guess(text: str) -> Language:
    """Return "de" or "en": whichever has more of its function words in ``text``; "de" where neither shows."""
    german, english = _function_words()
    words = _WORD.findall(text[:_ENOUGH].casefold())
    in_german = sum(word in german or any(letter in "äöüß" for letter in word) for word in words)
    in_english = sum(word in english for word in words)
    return "en" if in_english > in_german else "de"


@cache
def _function_words() -> tuple[frozenset[str], frozenset[str]]:
    """German and English function words; words of both lists ("was", "die", "in", "will") tell nothing and are out."""
    german, english = set(get_stop_words("de")), set(get_stop_words("en"))
    return frozenset(german - english), frozenset(english - german)
