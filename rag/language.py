"""Whether a text is German or English, judged by its function words. Owns the guess, not the words."""

from __future__ import annotations

import re

from rag.functionwords import ENGLISH, GERMAN
from rag.records import Language

_WORD = re.compile(r"[^\W\d_]+")
# More than this many characters change no guess and only cost time.
_ENOUGH = 2_000
# Words of both languages ("die", "in", "will") tell nothing.
_ONLY_GERMAN, _ONLY_ENGLISH = GERMAN - ENGLISH, ENGLISH - GERMAN


def guess(text: str) -> Language:
    """Return "de" or "en": whichever has more of its function words in ``text``; "de" where neither shows."""
    german, english = evidence(text)
    return "en" if english > german else "de"


def evidence(text: str) -> tuple[int, int]:
    """Return how many words of ``text`` are German only, and how many English only, as far as function words tell."""
    words = _WORD.findall(text[:_ENOUGH].casefold())
    german = sum(word in _ONLY_GERMAN or any(letter in "äöüß" for letter in word) for word in words)
    english = sum(word in _ONLY_ENGLISH for word in words)
    return german, english
