"""The words of a text as lexical search compares them: normalised, without function words, stemmed in both languages.

Pure. Owns what a word is and which spellings are one word; how stems are stored and scored is the database's.
"""

from __future__ import annotations

import re
import threading
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from Stemmer import Stemmer

from rag.functionwords import ENGLISH, GERMAN

# Part of the index's manifest: change it whenever the same text may give other stems, or a stem other keys (see
# rag.variants).
TERMS_VERSION = "1"

# A number with its separators, or a word with the pluses that belong to it ("BRICS+", "C++"). What English puts after
# an apostrophe ("Putin's", "don't") is no word of its own. Hyphens part words: a compound is found by its parts.
_WORD = re.compile(r"(\d+(?:[.,:]\d+)+|[^\W_]+\+*)(?:'(?:s|t|d|m|re|ve|ll)\b)?")
_THOUSANDS = re.compile(r"\d{1,3}(?:([.,])\d{3})(?:\1\d{3})*")
# The same in a text as it is written, where an accent may be a character of its own; the word is the first group.
_WRITTEN = re.compile(r"(\d+(?:[.,:]\d+)+|[^\W_]+(?:[\u0300-\u036f]+[^\W_]*)*\+*)(?:['’](?i:s|t|d|m|re|ve|ll)\b)?")
_SPELLINGS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "’": "'"})


@dataclass(frozen=True, slots=True)
class Stems:
    """The words of a text, stemmed twice: ``german[i]`` and ``english[i]`` come from the same word, in text order."""

    german: tuple[str, ...]
    english: tuple[str, ...]


def words(text: str) -> list[str]:
    """Return the words of ``text`` in lower case, in text order, without function words.

    Umlauts are written out and accents dropped (Jäger = Jaeger, Straße = Strasse, Erdoğan = Erdogan), and whole
    numbers lose their separators (20.000 = 20,000). "BRICS+" gives "brics+" and "brics".
    """
    found: list[str] = []
    for match in _WORD.finditer(_normalised(text)):
        word = match.group(1)
        if _THOUSANDS.fullmatch(word):
            found.append(re.sub("[.,]", "", word))
        elif word not in _STOP_WORDS:
            found.append(word)
            if word.endswith("+"):
                found.append(word.rstrip("+"))
    return found


def written(text: str) -> list[tuple[str, str]]:
    """Return the words of ``text``, each behind the stretch of ``text`` that it was made of: ("Straße", "strasse")."""
    return [(stretch, word) for stretch in _WRITTEN.findall(text) for word in _of_stretch(stretch)]


def stems(text: str) -> Stems:
    """Return the words of ``text`` as the German and the English Snowball stemmer leave them."""
    return stemmed(words(text))


def stemmed(found: Sequence[str]) -> Stems:
    """Return words, as ``words`` gives them, as the German and the English Snowball stemmer leave them."""
    german, english = _stemmers()
    return Stems(tuple(german.stemWords(found)), tuple(english.stemWords(found)))


def german_stems(found: Sequence[str]) -> list[str]:
    """Return the German stems of normalised words, in their order."""
    return list(_stemmers()[0].stemWords(found))


def english_stems(found: Sequence[str]) -> list[str]:
    """Return the English stems of normalised words, in their order."""
    return list(_stemmers()[1].stemWords(found))


# The same words make up most of what is shown. So many take a megabyte; 30, were all as long as a question may be.
@lru_cache(maxsize=4_096)
def _of_stretch(stretch: str) -> tuple[str, ...]:
    if stretch.isascii() and stretch.isalpha():  # as most are: one word, or a function word
        word = stretch.lower()
        return () if word in _STOP_WORDS else (word,)
    return tuple(words(stretch))


def _normalised(text: str) -> str:
    """Return ``text`` with the differences of spelling removed that search must not see."""
    # Most words are ASCII, at the latest once umlauts are written out: they are their own normal form.
    plain = text.casefold()
    if plain.isascii():
        return plain
    plain = unicodedata.normalize("NFKC", text).casefold().translate(_SPELLINGS)
    if plain.isascii():
        return plain
    bare = "".join(c for c in unicodedata.normalize("NFD", plain) if not unicodedata.combining(c))
    return unicodedata.normalize("NFC", bare)


_STOP_WORDS = frozenset(map(_normalised, GERMAN | ENGLISH))
# A stemmer keeps state while it works, so no two threads may share one. Its cache is left out: to keep it from growing
# takes three times as long as to stem anew.
_LOCAL = threading.local()
_NO_CACHE = 0


def _stemmers() -> tuple[Stemmer, Stemmer]:
    """Return this thread's German and English stemmers."""
    if not hasattr(_LOCAL, "stemmers"):
        _LOCAL.stemmers = Stemmer("german", _NO_CACHE), Stemmer("english", _NO_CACHE)
    pair: tuple[Stemmer, Stemmer] = _LOCAL.stemmers
    return pair
