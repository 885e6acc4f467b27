"""Article -> passages of readable length, each an exact slice of the article's text.

Owns where a passage begins and ends. Sentences come from ``rag.sentences``, folding from ``rag.folding``.
"""

from __future__ import annotations

from collections.abc import Iterator

from rag.folding import fold, fold_with_offsets
from rag.records import Article, Block, BlockKind, Passage
from rag.sentences import sentences
from rag.settings import DEFAULTS, Settings

# Raised whenever the same article would give other passages; a stored index of another version is rebuilt.
SPLITTER_VERSION = "2"

# Headings that directly follow one another are shown as a path, of so many at most.
_HEADING_PATH = " › "
_HEADINGS = 6


def split(article: Article, settings: Settings = DEFAULTS) -> list[Passage]:
    """Cut an article into passages, in text order, with ``id`` 0.

    Each paragraph gives one passage, or, where it is longer than ``settings.passage_length`` characters, several of
    about equal length that end where sentences end. Every character of a paragraph that is not white space lies in
    exactly one passage, and ``passage.text == fold(article.text[passage.start:passage.end])``.
    """
    passages: list[Passage] = []
    path: list[str] = []
    under_heading = False
    for block in article.blocks:
        if block.kind is BlockKind.HEADING:
            text = fold(article.text[block.start : block.end])
            path = [text] if under_heading else [*path[1 - _HEADINGS :], text]
            under_heading = False
        elif block.paragraph is not None:
            heading = _HEADING_PATH.join(path)
            passages += [
                Passage(0, article.id, block.paragraph, heading, start, end, fold(article.text[start:end]))
                for start, end in _slices(article.text, block, settings)
            ]
            under_heading = True
    return passages


def sentence_slices(raw: str) -> list[tuple[int, int]]:
    """Return the sentences of a raw slice of text as (start, end) offsets into it."""
    folded, offsets = fold_with_offsets(raw)
    return [(offsets[start], offsets[end - 1] + 1) for start, end in sentences(folded)]


def embedding_text(passage: Passage) -> str:
    """Return what is encoded and searched for a passage: its heading, which often holds the subject, and its text."""
    return f"{passage.heading}\n{passage.text}" if passage.heading else passage.text


def sentence_spans(passage: Passage) -> list[tuple[int, int]]:
    """Return the sentences of a passage, which are embedded too, as (start, end) offsets into ``embedding_text``."""
    before = len(embedding_text(passage)) - len(passage.text)
    return [(before + start, before + end) for start, end in sentences(passage.text)]


def _slices(text: str, block: Block, settings: Settings) -> Iterator[tuple[int, int]]:
    raw = text[block.start : block.end]
    folded, offsets = fold_with_offsets(raw)
    units = [unit for span in sentences(folded) for unit in _units(folded, span, settings.sentence_limit)]
    for first, last in _groups(units, settings.passage_length):
        start, end = units[first][0], units[last][1]
        yield block.start + offsets[start], block.start + offsets[end - 1] + 1


def _units(folded: str, span: tuple[int, int], limit: int) -> Iterator[tuple[int, int]]:
    """Give a sentence whole, or in parts of at most ``limit`` characters, cut between words where there is a space."""
    start, end = span
    while end - start > limit:
        space = folded.rfind(" ", start + 1, start + limit)
        cut = space if space > start else start + limit
        yield start, cut
        start = cut + (folded[cut] == " ")
    yield start, end


def _groups(units: list[tuple[int, int]], length: int) -> Iterator[tuple[int, int]]:
    """Group consecutive units into stretches of about equal length near ``length``; (first, last) of each."""
    if not units:
        return
    whole = units[-1][1] - units[0][0]
    wanted = whole / -(-whole // length)
    first = 0
    for last in range(len(units)):
        size = units[last][1] - units[first][0]
        if last + 1 == len(units):
            yield first, last
        else:
            grown = units[last + 1][1] - units[first][0]
            # Stop here if the next sentence leads further away from the wanted length than stopping does, or too far.
            if grown > length * 1.15 or abs(size - wanted) <= abs(grown - wanted):
                yield first, last
                first = last + 1
