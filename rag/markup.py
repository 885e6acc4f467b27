"""HTML and Markdown -> title, metadata, text and blocks. Owns the two parsers [trafilatura, markdown_it].

The text of such an article is what was extracted here; offsets count characters of it. Layout rules that hold for
every format (noise, lists, numbering) stay in ``rag.layout``.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date

import yaml
from htmldate import find_date
from lxml.etree import _Element
from lxml.html import HtmlElement
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

# Where the front matter of the usual site generators has the date of an article, the surest first.
_FRONT_DATES = ("date", "published", "publishDate")
# Longer front matter says nothing of the article, and what is longer than a heading is none.
_FRONT_LENGTH = 50_000
_HEADING_LENGTH = 500
# The parser goes no deeper than 256 elements, and leaves out whatever comes then.
_DEPTH = 250
# In prose nobody writes a thousand letters of this.
_EMBEDDED = re.compile(r"data:[\w.+-]{1,40}/[\w.+-]{1,60};base64,[A-Za-z0-9+/=]{1000,}+")
# On a page of more tags no other extractor is asked for a second opinion: the time that takes grows as their square.
_MANY_TAGS = 10_000
# The other parser is told how deep to go, and leaves out the rest, too.
_NESTING = 40
TOO_DEEP = "nested too deeply"

# CommonMark and tables; inline HTML is off, so that tags in a Markdown file stay visible text.
_MARKDOWN = MarkdownIt("commonmark", {"html": False, "maxNesting": _NESTING}).enable("table").use(front_matter_plugin)


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
    """Collects extracted stretches for one text, a blank line between any two. ``length`` is that of the text."""

    stretches: list[str] = field(default_factory=list)
    pieces: list[Piece] = field(default_factory=list)
    length: int = 0

    def add(self, stretch: str, kind: BlockKind = BlockKind.PARAGRAPH, *, item: bool = False) -> None:
        stretch = stretch.strip()
        if stretch:
            start = self.length + 2 if self.stretches else 0
            self.length = start + len(stretch)
            self.stretches.append(stretch)
            # A heading is repeated by every passage under it; what is as long as this is a paragraph.
            if len(stretch) > _HEADING_LENGTH:
                kind = BlockKind.PARAGRAPH
            self.pieces.append(Piece(start, self.length, fold(stretch), kind, item))

    def extract(self, title: str, author: str, published: date | None, dated: Dated) -> Extract:
        """Finish: the first heading that repeats the title, or stands first where there is none, becomes the title.

        What is known of author and date, the latter from ``dated``, comes before what the text says.
        """
        first = next((i for i, piece in enumerate(self.pieces) if piece.kind is BlockKind.HEADING), None)
        if first is not None and (self.pieces[first].read == title or (not title and first == 0)):
            piece = self.pieces[first]
            title = piece.read
            self.pieces[first] = Piece(piece.start, piece.end, piece.read, BlockKind.TITLE)
        pieces, above = with_byline(self.pieces)
        text, blocks = "\n\n".join(self.stretches), arranged(pieces)
        return Extract(
            _shortened(title) or derived_title(text, blocks),
            not title,
            text,
            blocks,
            _shortened(author) or above.author,
            published or above.published,
            dated if published else Dated.TEXT if above.published else None,
        )


def without_pictures(source: str) -> str:
    """Return a page without the pictures and fonts that are embedded in it, which are most of many a saved page."""
    return _EMBEDDED.sub("data:,", source)


def from_html(source: str) -> Extract | None:
    """Extract the article from an HTML page; None where the page holds none.

    Raises ValueError where it is nested so deeply that the parser would leave out the rest of it.
    """
    page = load_html(source)
    if page is None:
        return None
    if page.xpath(f"boolean(//*[count(ancestor::*) > {_DEPTH}])"):
        raise ValueError(TOO_DEEP)
    # The date is looked for below: asked to, the library takes one from anywhere in the text.
    document = bare_extraction(
        source,
        fast=source.count("<") > _MANY_TAGS,
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
    return builder.extract(_said(document.title), _said(document.author), _metadata_date(page), Dated.METADATA)


def from_markdown(source: str) -> Extract:
    """Extract the text of a Markdown file; title, author and date come from its front matter.

    Raises ValueError where it is nested so deeply that the parser leaves out the rest of it.
    """
    tokens = _MARKDOWN.parse(source)
    builder = _Builder()
    front: dict[object, object] = {}
    opened: list[str] = []
    number = ""
    if any(token.level >= _NESTING - 1 for token in tokens):
        raise ValueError(TOO_DEEP)
    for token in tokens:
        if token.type == "front_matter":
            front = _front_matter(token.content)
        elif token.type == "inline":
            heading = bool(opened) and opened[-1] == "heading_open"
            kind = BlockKind.HEADING if heading else BlockKind.PARAGRAPH
            text, item = _inline(token), "list_item_open" in opened
            # To Markdown "18. November 2025" is the 18th item of a list.
            if item and dates.line(f"{number}. {text}"):
                text, item = f"{number}. {text}", False
            builder.add(text, kind, item=item)
        elif token.type in ("fence", "code_block"):
            builder.add(token.content)
        elif token.nesting == 1:
            opened.append(token.type)
            number = token.info if token.type == "list_item_open" else number
        elif token.nesting == -1:
            opened.pop()
    days = (dates.line(_said(front.get(name))) for name in _FRONT_DATES)
    published = next((found.day for found in days if found), None)
    return builder.extract(_said(front.get("title")), _said(front.get("author")), published, Dated.FRONT_MATTER)


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


def _front_matter(content: str) -> dict[object, object]:
    """Return what front matter says; nothing where it is broken, or longer than any.

    Every value is taken as it is written: what YAML makes of it ("yes" is true, 1:30 is 90) nobody meant who wrote it.
    """
    if len(content) > _FRONT_LENGTH:
        return {}
    try:
        values = yaml.BaseLoader(content).get_single_data()
    except (yaml.YAMLError, ValueError, RecursionError):
        return {}
    return values if isinstance(values, dict) else {}


def _said(value: object) -> str:
    """Return what metadata says, folded; "" where it is no text. Escapes may stand for what no text can hold."""
    if not isinstance(value, str):
        return ""
    return fold(value.encode("utf-8", "ignore").decode().replace("\0", ""))


def _shortened(said: str) -> str:
    return said if len(said) <= _HEADING_LENGTH else said[:_HEADING_LENGTH].rstrip() + " …"


def _metadata_date(page: HtmlElement) -> date | None:
    """Return the date in a page's metadata: in its head, its linked data, or the first element that marks a time.

    The body of the page is cleared of all else.
    """
    marked = [*page.iterfind(".//body//script[@type='application/ld+json']"), page.find(".//body//time[@datetime]")]
    for body in page.iterfind(".//body"):
        body.clear()
        body.extend(element for element in marked if element is not None)
    found = find_date(page, extensive_search=False, original_date=True, min_date="1900-01-01")
    return date.fromisoformat(found) if found else None
