"""The short text that names a paragraph for good: "p7-3f9a0c1d2e/folder/article.txt". Pure: owns how it is written.

It holds the paragraph's number, a digest of its text and the article's id. The digest finds the paragraph again where
the number or the id does not; the id tells where it stood where the text is no more. Fit for the fragment of a URL.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from urllib.parse import quote, unquote

from rag.errors import QuestionError

# 40 bits: in a corpus of a million paragraphs one in a million links could be mistaken for another.
_DIGITS = 10
_LINK = re.compile(rf"p(?P<paragraph>[1-9][0-9]{{0,8}})-(?P<digest>[0-9a-f]{{{_DIGITS}}})/(?P<article>.+)")


@dataclass(frozen=True, slots=True)
class Place:
    """What a permalink says: the article's id, the paragraph's 1-based number, the digest of its folded text."""

    article_id: str
    paragraph: int
    digest: str


def digest(text: str) -> str:
    """Return the first 10 hexadecimal digits of the SHA-256 of a paragraph's folded text."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:_DIGITS]


def write(place: Place) -> str:
    """Return the permalink of ``place``: ASCII, without a character that means something in a URL's fragment."""
    return f"p{place.paragraph}-{place.digest}/{quote(place.article_id, errors='surrogatepass')}"


def read(link: str) -> Place:
    """Return what ``link`` says. Raises QuestionError where ``write`` cannot have written it."""
    found = _LINK.fullmatch(link)
    if found is not None:
        try:
            return Place(unquote(found["article"], errors="surrogatepass"), int(found["paragraph"]), found["digest"])
        except UnicodeDecodeError:
            pass
    raise QuestionError(
        f"The permalink {link[:80]!r} is none; copy it anew, whole: it begins with p, a number and a hyphen."
    )
