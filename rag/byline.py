"""The short lines around the beginning of an article -> author, date, reading time. Owns which lines these are."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from rag import dates, noise
from rag.dates import DateLine

_BY = re.compile(r"(?i)\A(?:von|by|autor(?:in)?|author)\s*:?\Z")
_BY_NAME = re.compile(r"\A(?:[Vv]on|VON|[Bb]y|BY|Autor(?:in)?:?|Author:?)\s+(?P<name>\S.*)\Z")
_NAME = re.compile(r"\A(?:[^\W\d_][\w.'’-]*\s+){1,3}[^\W\d_][\w.'’-]*\Z")
# What parts a name from the date behind it.
_PARTING = re.compile(r"\s*[,|·•–]\s*|\s+-\s+")
_READING_TIME = re.compile(
    r"(?i)\A(?:lesezeit:?\s*(?:ca\.\s*)?)?"
    r"(?P<minutes>\d{1,3})\s*(?:min(?:uten?|utes?|\.)?)(?:\s+(?:lesezeit|read(?:ing time)?))?\Z"
)


@dataclass(frozen=True, slots=True)
class Byline:
    """What the byline says, and the positions of its ``lines``. ``reading_minutes`` is in minutes."""

    author: str | None
    published: date | None
    reading_minutes: int | None
    lines: frozenset[int]


def read(lines: Sequence[str]) -> Byline:
    """Read the byline from an article's folded lines and paragraphs, in order; "" stands for one to be passed over.

    Author and reading time stand above the first paragraph. A line that is a date may also stand between the first,
    which may be a lead, and the second; failing that, the first may begin with a dateline.
    """
    parted = [_parted(line) for line in lines]
    texts = [text for text, _ in parted]
    paragraphs = [i for i, text in enumerate(texts) if noise.ends_sentence(text) and not _READING_TIME.match(text)]
    first, second = [*paragraphs, len(lines), len(lines)][:2]
    author, minutes, taken = _author(texts[:first])
    # Bare dates that differ are headings of a chronicle, or stand above readers' comments.
    bare = {found.day for _, found in parted if found and not found.labelled}
    dated = {i: f for i, (_, f) in enumerate(parted[:second]) if f and (f.labelled or len(bare) == 1)}
    best = min(dated, key=lambda i: (dated[i].updated, i), default=None)
    published = dated[best].day if best is not None else dates.dateline(texts[first]) if paragraphs else None
    return Byline(author, published, minutes, frozenset(taken | dated.keys()))


def _parted(line: str) -> tuple[str, DateLine | None]:
    """Part a line into text and date: one of both, or an author and the date behind ("By Jane Doe, May 3, 2021")."""
    found = dates.line(line)
    if found:
        return "", found
    name, *rest = _PARTING.split(line, maxsplit=1)
    named = _BY_NAME.match(name)
    found = dates.line(rest[0]) if rest and named and _NAME.match(named["name"]) else None
    return (name, found) if found else (line, None)


def _author(lines: Sequence[str]) -> tuple[str | None, int | None, set[int]]:
    """Return author and reading time, and the positions of the lines that say so."""
    author: str | None = None
    minutes: int | None = None
    taken: set[int] = set()
    expects_name = False
    for i, line in enumerate(lines):
        if not line:
            continue
        named = _BY_NAME.match(line)
        name = named["name"] if named else line if expects_name else ""
        time = _READING_TIME.match(line)
        expects_name = bool(_BY.match(line))
        if time:
            minutes = int(time["minutes"])
        elif author is None and _NAME.match(name):
            author = name
        elif not expects_name:
            continue
        taken.add(i)
    return author, minutes, taken
