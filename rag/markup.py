"""HTML and Markdown -> title, metadata, text and blocks. Owns the two parsers [trafilatura, markdown_it].

The text of such an article is what was extracted here; offsets count characters of it. Layout rules that hold for
every format (noise, lists, numbering) stay in ``rag.layout``.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

import yaml
from htmldate import find_date
from lxml.etree import _Element
from markdown_it import MarkdownIt
from markdown_it.token import Token
from mdit_py_plugins.front_matter import front_matter_plugin
from trafilatura import bare_extraction, load_html

from rag import dates
from rag.folding import fold
from rag.layout import Piece, arranged, derived_title, with_byline
from rag.records import Block, BlockKind, Dated

logging.getLogger("trafilatura").setLevel(logging.CRITICAL)
logging.getLogger("htmldate").setLevel(logging.CRITICAL)

# CommonMark and tables; inline HTML is off, so that tags in a Markdown file stay visible text.
_MARKDOWN = MarkdownIt("commonmark", {"html": False}).enable("table").use(front_matter_plugin)
# Where the front matter of the usual site generators has the date of an article, the surest first.
_FRONT_DATES = ("date", "published", "publishDate")


@dataclass(frozen=True, slots=True)
class Extract:
    """What was extracted from a marked-up file."""

    title: str
    title_derived: bool
    text: str
    blocks: tuple[Block, ...]
    author: str | None
    published: date | None
    dated: Dated | None


@dataclass(slots=True)
class _Builder:
    """Collects extracted stretches into one text, a blank line between any two."""

    text: str = ""
    pieces: list[Piece] = field(default_factory=list)

    def add(self, stretch: str, kind: BlockKind = BlockKind.PARAGRAPH, *, item: bool = False) -> None:
        stretch = stretch.strip()
        if stretch:
            start = len(self.text) + 2 if self.text else 0
            self.text = f"{self.text}\n\n{stretch}" if self.text else stretch
            self.pieces.append(Piece(start, start + len(stretch), fold(stretch), kind, item))

    def extract(self, title: str, author: str | None, published: date | None, dated: Dated) -> Extract:
        """Finish: the first heading that repeats the title, or stands first where there is none, becomes the title.

        What is known of author and date, the latter from ``dated``, comes before what the text says.
        """
        first = next((i for i, piece in enumerate(self.pieces) if piece.kind is BlockKind.HEADING), None)
        if first is not None and (self.pieces[first].read == title or (not title and first == 0)):
            piece = self.pieces[first]
            title = piece.read
            self.pieces[first] = Piece(piece.start, piece.end, piece.read, BlockKind.TITLE)
        pieces, above = with_byline(self.pieces)
        blocks = arranged(self.text, pieces)
        return Extract(
            title or derived_title(self.text, blocks),
            not title,
            self.text,
            blocks,
            author or above.author,
            published or above.published,
            dated if published else Dated.TEXT if above.published else None,
        )


def from_html(source: str) -> Extract | None:
    """Extract the article from an HTML page; None where the page holds none."""
    # The date is looked for below: asked to, the library takes one from anywhere in the text.
    document = bare_extraction(
        source,
        include_comments=False,
        include_tables=True,
        with_metadata=True,
        date_extraction_params={"extensive_search": False},
    )
    if document is None or isinstance(document, dict) or document.body is None:
        return None
    builder = _Builder()
    for element in document.body:
        _add_element(builder, element)
    return builder.extract(fold(document.title or ""), document.author or None, _metadata_date(source), Dated.METADATA)


def from_markdown(source: str) -> Extract:
    """Extract the text of a Markdown file; title, author and date come from its front matter."""
    tokens = _MARKDOWN.parse(source)
    builder = _Builder()
    front: dict[str, Any] = {}
    opened: list[str] = []
    for token in tokens:
        if token.type == "front_matter":
            front = _front_matter(token.content)
        elif token.type == "inline":
            heading = bool(opened) and opened[-1] == "heading_open"
            kind = BlockKind.HEADING if heading else BlockKind.PARAGRAPH
            builder.add(_inline(token), kind, item="list_item_open" in opened)
        elif token.type in ("fence", "code_block"):
            builder.add(token.content)
        elif token.nesting == 1:
            opened.append(token.type)
        elif token.nesting == -1:
            opened.pop()
    author = front.get("author")
    published = next(filter(None, (_date(front.get(name)) for name in _FRONT_DATES)), None)
    title = fold(str(front.get("title") or ""))
    return builder.extract(title, str(author) if author else None, published, Dated.FRONT_MATTER)


def _add_element(builder: _Builder, element: _Element) -> None:
    """Add an element of trafilatura's document: head, p, quote, list, table and their like."""
    if element.tag == "list":
        for item in element.iter("item"):
            builder.add(_text(item), item=True)
    elif element.tag == "quote" and len(element):
        builder.add(element.text or "")
        for child in element:
            _add_element(builder, child)
            builder.add(child.tail or "")
    elif element.tag == "table":
        for row in element.iter("row"):
            builder.add(" ".join(filter(None, (_text(cell).strip() for cell in row))))
    elif element.tag != "graphic":
        builder.add(_text(element), BlockKind.HEADING if element.tag == "head" else BlockKind.PARAGRAPH)


def _text(element: _Element) -> str:
    """Return the text below an element, with its line breaks; nested list items are left to their own turn."""

    def walk(node: _Element) -> Iterator[str]:
        yield node.text or ""
        for child in node:
            if child.tag == "lb":
                yield "\n"
            elif child.tag not in ("graphic", "list"):
                yield from walk(child)
            yield child.tail or ""

    return "".join(walk(element))


def _inline(token: Token) -> str:
    """Return what a reader sees of inline Markdown: marks, link targets and pictures are left out."""
    parts: list[str] = []
    for child in token.children or ():
        if child.type in ("text", "code_inline"):
            parts.append(child.content)
        elif child.type in ("softbreak", "hardbreak"):
            parts.append("\n")
    return "".join(parts)


def _front_matter(content: str) -> dict[str, Any]:
    try:
        values = yaml.safe_load(content)
    except (yaml.YAMLError, ValueError):
        return {}
    return values if isinstance(values, dict) else {}


def _date(value: object) -> date | None:
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date):
        return value
    found = dates.line(fold(str(value)))
    return found.day if found else None


def _metadata_date(source: str) -> date | None:
    """Return the date in a page's metadata: in its head, its linked data, or the first element that marks a time."""
    page = load_html(source)
    if page is None:
        return None
    marked = [*page.iterfind(".//body//script[@type='application/ld+json']"), page.find(".//body//time[@datetime]")]
    for body in page.iterfind(".//body"):
        body.clear()
        body.extend(element for element in marked if element is not None)
    found = find_date(page, extensive_search=False, original_date=True, min_date="1900-01-01")
    return date.fromisoformat(found) if found else None
