"""What the product says of errors and files, in German. Owns how a sentence is recognised; the words are a table's.

A sentence of the product is a text with holes ("{} is empty."); its German has the same holes, in an order of its own
where that is written into them ("{1} ... {0}"). What fills a hole stays as it is, but for numbers and a few phrases.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from rag import germantable

_HOLE = "{}"
_PATH = re.compile(r"/|\\\\|[A-Za-z]:[/\\]")
_NUMBER = re.compile(r"\d{1,3}(?:,\d{3})+")


def _table(written: str) -> dict[str, str]:
    """Return the German of each text of a table of ``rag.germantable``."""
    lines = re.sub(r"\n +", " ", written.strip()).split("\n")
    return {english: told.removeprefix("= ") for english, told in zip(lines[::2], lines[1::2], strict=True)}


SENTENCES = _table(germantable.SENTENCES)
PHRASES = _table(germantable.PHRASES)


def german(sentence: str) -> str:
    """Return a sentence of the product in German, with the values it has; itself where it is none of them."""
    return _told(sentence, SENTENCES) or sentence


def recognised(text: str, table: Mapping[str, str] = SENTENCES) -> tuple[str, list[str]] | None:
    """Return the text of ``table`` that says most of ``text``, and what fills its holes; None where none fits."""
    fitting = [(template, values) for template in table if (values := _values(template, text)) is not None]
    return max(fitting, key=lambda fit: len(fit[0]) - len(_HOLE) * len(fit[1]), default=None)


def _told(text: str, table: Mapping[str, str]) -> str | None:
    found = recognised(text, table)
    return table[found[0]].format(*map(_value, found[1])) if found else None


def _values(template: str, text: str) -> list[str] | None:
    """Return what fills the holes of ``template`` in ``text``; None where it does not fit.

    Each is as short as can be, but a path as long: its folders may be called anything, our words have few brackets.
    """
    first, *others = template.split(_HOLE)
    if not others:
        return [] if text == template else None
    if not text.startswith(first) or not text.endswith(others[-1]):
        return None
    # Looked for from left to right, and from right to left once a path begins: a long text is read twice at most.
    values: list[str] = []
    start, end = len(first), len(text) - len(others[-1])
    for number, piece in enumerate(others[:-1]):
        if _PATH.match(text, start):
            return _before(others[number:-1], text, values, start, end)
        at = text.find(piece, start, end)
        if at < 0:
            return None
        values.append(text[start:at])
        start = at + len(piece)
    return [*values, text[start:end]] if start <= end else None


def _before(pieces: list[str], text: str, values: list[str], start: int, end: int) -> list[str] | None:
    """Return ``values`` and those between ``pieces`` in ``text[start:end]``, the last ones as short as can be."""
    last: list[str] = []
    for piece in reversed(pieces):
        at = text.rfind(piece, start, end)
        if at < 0:
            return None
        last.append(text[at + len(piece) : end])
        end = at
    return [*values, text[start:end], *reversed(last)]


def _value(value: str) -> str:
    if _NUMBER.fullmatch(value):
        return value.replace(",", ".")
    return _told(value, PHRASES) or value
