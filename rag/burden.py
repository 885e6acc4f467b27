"""How much there is in a file, counted before it is read. Owns the counts that bound the time and memory of reading.

Every count takes time in proportion to the text. Where the limits come from is told in ``rag.settings``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from rag.errors import ArticleError
from rag.settings import DEFAULTS

_LINE_ENDS = re.compile(r"[\n\r\v\f\x1c\x1d\x1e\x85\u2028\u2029]+")
# A tag's inside is taken once and never given back, so that no unclosed quote makes the search begin anew.
_TAG = re.compile(r"<[A-Za-z](?:[^<>\"']++|\"[^\"]*+\"|'[^']*+'|<)*+")
_QUOTED = re.compile(r"\"[^\"]*+\"|'[^']*+'")
# What can open or close something within a line of Markdown.
_MARKS = "*_`[]<>&!\\|~"

Count = tuple[str, int, int]


def check(name: str, counts: Iterator[Count]) -> None:
    """Raise ArticleError, naming the file, for the first of the ``counts`` (what, how many, limit) above its limit."""
    for what, count, limit in counts:
        if count > limit:
            raise ArticleError(f"{name} has {count:,} {what}; at most {limit:,} are read. Divide it.")


def of_text(text: str) -> Iterator[Count]:
    """Count what makes plain text long to read."""
    yield "characters", len(text), DEFAULTS.text_limit
    yield "lines", sum(1 for _ in _LINE_ENDS.finditer(text)), DEFAULTS.line_limit


def of_markdown(text: str) -> Iterator[Count]:
    """Count what makes Markdown long to read."""
    yield "characters", len(text), DEFAULTS.text_limit
    yield "lines", text.count("\n"), DEFAULTS.line_limit
    yield "marks", sum(map(text.count, _MARKS)), DEFAULTS.mark_limit


def of_html(text: str) -> Iterator[Count]:
    """Count what makes a page long to read; pictures that are embedded in it are none of it."""
    yield "characters", len(text), DEFAULTS.text_limit
    yield "tags", text.count("<"), DEFAULTS.tag_limit
    # Every cell makes the extractor count all those in front of it.
    rows = (row.count("<td") + row.count("<th") for row in text.lower().split("<tr"))
    yield "cells in one row", max(rows), DEFAULTS.cell_limit
    attributes = (len(_QUOTED.sub("", tag[0]).split()) - 1 for tag in _TAG.finditer(text))
    yield "attributes in one tag", max(attributes, default=0), DEFAULTS.attribute_limit
