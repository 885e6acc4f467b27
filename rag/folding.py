"""The one definition of folding: what turns a slice of an article into the text a person reads.

Owns line ends, white space and words divided at a line end. Changes nothing else, so that every quote stays verbatim.
"""

from __future__ import annotations

import re
from array import array
from collections.abc import Sequence

# Every character that str.splitlines treats as the end of a line, form feed (a page break) included.
_LINE_ENDS = re.compile("[\n\r\v\f\x1c\x1d\x1e\x85\u2028\u2029]")
# White space that does not stay as it is: all but a single space.
_GAP = re.compile(r"\s{2,}|[^\S ]")
# A hyphen directly after a letter or digit, then white space, then a letter or digit. U+2010 is what PDF tools emit
# for a hyphen at a line end, U+00AD (soft hyphen) marks a place where a word may be divided.
_BEFORE_BREAK = re.compile(r"([^\W_]+)[-\u2010\u00ad]\Z")
_AFTER_BREAK = re.compile(r"[^\W_]+")
_SOFT_HYPHEN = "\u00ad"

# "Ein-⏎und Ausfuhr": the hyphen stands for the shared part of a compound; hyphen and space both stay.
_CONJUNCTIONS = frozenset(
    {"und", "oder", "bzw", "beziehungsweise", "sowie", "bis", "als", "wie", "noch", "and", "or", "to"}
)
# "well-⏎known": English compounds whose hyphen belongs to the word wherever the line ends.
_HYPHENATING = frozenset(
    {"well", "self", "ex", "half", "high", "low", "long", "short", "far", "so", "non", "all", "cross"}
)


def fold(raw: str) -> str:
    """Return ``raw`` as it is read: wrapped lines joined, white space runs made one space, divided words made whole.

    Leading and trailing white space is dropped. Idempotent: ``fold(fold(raw)) == fold(raw)``.
    """
    if _LINE_ENDS.search(raw):
        return fold_with_offsets(raw)[0]
    return " ".join(raw.split())  # the same, and far quicker


def fold_with_offsets(raw: str) -> tuple[str, Sequence[int]]:
    """Return ``fold(raw)`` and, for each of its characters, the offset in ``raw`` it comes from.

    The offsets are strictly increasing and as many as the folded text has characters. A space made of a run of white
    space has the offset of the first character of that run.
    """
    parts: list[str] = []
    offsets = array("i")
    position = 0
    for gap in _GAP.finditer(raw):
        start, end = gap.span()
        dropped, joint = _joint(raw, start, end)
        parts += raw[position : start - dropped], joint
        offsets.extend(range(position, start - dropped))
        offsets.extend([start] * len(joint))
        position = end
    parts.append(raw[position:])
    offsets.extend(range(position, len(raw)))
    joined = "".join(parts)
    folded = joined.lstrip(" ")
    leading = len(joined) - len(folded)
    folded = folded.rstrip(" ")
    return folded, offsets[leading : leading + len(folded)]


def _joint(raw: str, start: int, end: int) -> tuple[bool, str]:
    """Return whether to drop the hyphen before the white space ``raw[start:end]``, and what to put in its place."""
    if not _LINE_ENDS.search(raw, start, end):
        return False, " "
    # 64 characters hold any word's last part; a longer look back would make folding quadratic on hostile text.
    before = _BEFORE_BREAK.search(raw[max(0, start - 64) : start])
    after = _AFTER_BREAK.match(raw[end : end + 64])
    if before is None or after is None:
        return False, " "
    if raw[start - 1] == _SOFT_HYPHEN:
        return True, ""
    head, tail = before.group(1), after.group()
    if tail.casefold() in _CONJUNCTIONS:
        return False, " "
    belongs = (
        not tail[0].islower()  # US-⏎Investoren, COVID-⏎19
        or any(character.isdigit() for character in head)  # 20-⏎jährig
        or (len(head) > 1 and head.isupper())  # US-⏎amerikanisch
        or head.casefold() in _HYPHENATING
    )
    return (False, "") if belongs else (True, "")
