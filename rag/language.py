"""Whether a text is German or English, judged by its function words. Owns the guess, not the words."""

from __future__ import annotations

import re

from rag.functionwords import ENGLISH, GERMAN
from rag.records import Language

_WORD = re.compile(r"[^\W\d_]+")
# More than this many characters change no guess and only cost time.
_ENOUGH = 2_000
# Words of both languages ("die", "in", "will") tell nothing.
_UMLAUTS = frozenset("äöüß")
_ONLY_GERMAN, _ONLY_ENGLISH = GERMAN - ENGLISH, ENGLISH - GERMAN


def guess(text: str) -> Language:
    """Return "de" or "en": whichever has more of its function words in ``text``; "de" where neither shows."""
    german, english = evidence(text)
    return "en" if english > german else "de"


def evidence(text: str) -> tuple[int, int]:
    """Return how many words of ``text`` are German only, and how many English only, as far as function words tell."""
    beginning = text[:_ENOUGH].casefold()
    words = _WORD.findall(beginning)
    german = sum(map(_ONLY_GERMAN.__contains__, words))
    if not _UMLAUTS.isdisjoint(beginning):
        german += sum(word not in _ONLY_GERMAN and not _UMLAUTS.isdisjoint(word) for word in words)
    return german, sum(map(_ONLY_ENGLISH.__contains__, words))
