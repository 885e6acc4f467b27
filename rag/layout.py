"""Plain text as it was copied from a page -> title, byline and blocks. Owns what a line break means.

Leaves to others: what counts as noise (``rag.noise``) or as byline (``rag.byline``), and how a block is read
(``rag.folding``).
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date

from rag import byline, dates, noise
from rag.byline import Byline
from rag.folding import fold
from rag.records import Block, BlockKind
from rag.sentences import sentences

# Text is taken as hard-wrapped when no line is longer than this; unwrapped paragraphs of articles nearly always are.
_WRAP_LIMIT = 120
_HEADING_LENGTH = 150
_TITLE_LENGTH = 250
_QUESTION_HEADING_LENGTH = 100
_DERIVED_LENGTH = 90
_DERIVED_FROM = 2_000
# So much of what stands in front is looked at to see whether a paragraph runs on.
_END = 300

_LINE = re.compile("[^\n\r\v\f\x1c\x1d\x1e\x85\u2028\u2029]+")
# What stands between one line and the next.
_LINE_ENDS = {"", "\r\n", *"\n\r\v\f\x1c\x1d\x1e\x85\u2028\u2029"}
_BULLET = re.compile(r"\s*(?:[•◦▪‣*]|-)\s+\S")
_NUMBER = re.compile(r"\s*\d{1,2}[.)]\s+\S")
_OPENING_QUOTE = tuple("„“\"»«‚‘'")


@dataclass(frozen=True, slots=True)
class Layout:
    """What the plain text of an article says about itself. ``reading_minutes`` is in minutes."""

    title: str
    title_derived: bool
    author: str | None
    published: date | None
    reading_minutes: int | None
    blocks: tuple[Block, ...]


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of text that stands apart on the page, ``read`` being the stretch folded."""

    start: int
    end: int
    read: str
    kind: BlockKind = BlockKind.PARAGRAPH
    item: bool = False


def analyse(text: str) -> Layout:
    """Find title, byline, headings, paragraphs and noise in ``text``.

    The blocks cover every character of ``text`` that is not white space.
    """
    lines = list(_lines(text))
    wrapped = _is_wrapped(text, lines)
    pieces = _healed(text, list(_pieces(text, lines, wrapped=wrapped)), wrapped=wrapped)
    pieces = _headings(_noise(pieces))
    pieces, title = _title(pieces)
    pieces, above = with_byline(pieces)
    blocks = arranged(pieces)
    return Layout(
        title or derived_title(text, blocks), not title, above.author, above.published, above.reading_minutes, blocks
    )


def with_byline(pieces: Sequence[Piece]) -> tuple[list[Piece], Byline]:
    """Read the byline of an article and give its lines their kind."""
    passed_over = (BlockKind.TITLE, BlockKind.NOISE)
    above = byline.read(["" if piece.kind in passed_over else piece.read for piece in pieces])
    return [replace(p, kind=BlockKind.BYLINE) if i in above.lines else p for i, p in enumerate(pieces)], above


def arranged(pieces: Sequence[Piece]) -> tuple[Block, ...]:
    """Make blocks of pieces whose kinds are known: lists join their introduction, paragraphs are numbered from 1."""
    blocks: list[Block] = []
    paragraph = 0
    for piece in _introductions(_trailing_headings(_noise(pieces))):
        number = None
        if piece.kind is BlockKind.PARAGRAPH:
            paragraph += 1
            number = paragraph
        blocks.append(Block(piece.kind, piece.start, piece.end, number))
    return tuple(blocks)


def derived_title(text: str, blocks: Sequence[Block]) -> str:
    """Make a title from the first sentence of an article that has none, cut at a clause and marked with "…"."""
    first = next((block for block in blocks if block.kind is BlockKind.PARAGRAPH), None)
    if first is None:
        return ""
    paragraph = fold(text[first.start : min(first.end, first.start + _DERIVED_FROM)])
    start, end = sentences(paragraph)[0]
    sentence = paragraph[start:end]
    if len(sentence) <= _DERIVED_LENGTH:
        return sentence.rstrip(".")
    head = sentence[:_DERIVED_LENGTH]
    comma = head.rfind(", ")
    cut = comma if comma > _DERIVED_LENGTH // 2 else head.rfind(" ")
    return (head[:cut] if cut > 0 else head).rstrip(" ,;:–-") + " …"


def _lines(text: str) -> Iterator[tuple[int, int]]:
    """Offsets of each line without its line end and the white space before that.

    Any number of empty lines, or lines of white space alone, is given as one empty line.
    """
    last = 0
    for found in _LINE.finditer(text):
        start, end = found.span()
        end -= len(found[0]) - len(found[0].rstrip())
        if start == end:
            continue
        if text[last:start] not in _LINE_ENDS:
            yield last, last
        yield start, end
        last = found.end()


def _is_wrapped(text: str, lines: list[tuple[int, int]]) -> bool:
    """Say whether line ends are those of a column, not of paragraphs: no long line, most run on into the next."""
    if any(end - start > _WRAP_LIMIT for start, end in lines):
        return False
    inner = [text[a:b] for (a, b), (c, d) in itertools.pairwise(lines) if a < b and c < d]
    return bool(inner) and sum(not noise.ends_sentence(line) for line in inner) > len(inner) / 2


def _pieces(text: str, lines: list[tuple[int, int]], *, wrapped: bool) -> Iterator[Piece]:
    width = max((end - start for start, end in lines), default=0)
    run: list[tuple[int, int]] = []
    for line in [*lines, (len(text), len(text))]:
        start, end = line
        if run and (start == end or not wrapped or _stands_apart(text, run[-1], line)):
            yield from _divided(text, run, width if wrapped else 0)
            run = []
        if start < end:
            run.append(line)


def _stands_apart(text: str, before: tuple[int, int], line: tuple[int, int]) -> bool:
    if any(dates.line(text[start:end].strip()) for start, end in (before, line)):
        return True
    if _BULLET.match(text, *line):
        return True
    # "am⏎20. Januar" is no list item: a number opens one only where a sentence could begin.
    previous = text[before[0] : before[1]]
    return bool(_NUMBER.match(text, *line)) and (noise.ends_sentence(previous) or previous.endswith(":"))


def _divided(text: str, run: list[tuple[int, int]], width: int) -> Iterator[Piece]:
    """Give a run of lines as one piece, or as two where a heading stands on top of a paragraph without a blank line."""
    top = _heading_lines(text, run, width)
    for part in (run[:top], run[top:]):
        if part:
            start, end = part[0][0], part[-1][1]
            start += len(text[start:end]) - len(text[start:end].lstrip())
            item = bool(_BULLET.match(text, start, end) or _NUMBER.match(text, start, end))
            yield Piece(start, end, fold(text[start:end]), item=item)


def _heading_lines(text: str, run: list[tuple[int, int]], width: int) -> int:
    """Count the lines of a heading on top of ``run``: all end well before the column does, with room for a word."""
    top = 0
    for (start, end), (next_start, next_end) in itertools.pairwise(run):
        word = text[next_start:next_end].split(maxsplit=1)[0]
        if end - start > 0.65 * width or end - start + 1 + len(word) > 0.75 * width:
            break
        top += 1
    # A heading is followed by a full line that begins something; three lines of heading are the most one sees.
    if not 1 <= top <= 3 or top >= len(run) - 1:
        return 0
    heading = text[run[0][0] : run[top - 1][1]]
    following = text[run[top][0] : run[top][1]].lstrip()
    return 0 if noise.ends_sentence(heading) or following[:1].islower() else top


def _healed(text: str, pieces: list[Piece], *, wrapped: bool) -> list[Piece]:
    """Join the halves of a paragraph that a page break divided."""
    healed: list[Piece] = []
    joined: set[int] = set()
    for piece in pieces:
        if healed and not piece.item and _runs_on(healed[-1], piece, wrapped=wrapped):
            before = healed.pop()
            joined.add(before.start)
            # Whether it runs on is seen at its end; to fold all of it for each of its parts would take long.
            piece = replace(before, end=piece.end, read=f"{before.read} {piece.read}"[-_END:])
        healed.append(piece)
    return [replace(p, read=fold(text[p.start : p.end])) if p.start in joined else p for p in healed]


def _runs_on(before: Piece, after: Piece, *, wrapped: bool) -> bool:
    if noise.ends_sentence(before.read) or dates.line(before.read) or dates.line(after.read):
        return False
    if before.read.endswith((",", ";")) or re.search(r"[^\W\d_]-\Z", before.read[-2:]):
        runs = True
    elif before.read.endswith(":") or (not wrapped and len(before.read) <= _HEADING_LENGTH):
        runs = False
    elif after.read[:1].islower():
        runs = True
    else:
        runs = wrapped and not _looks_like_heading(before.read) and noise.ends_sentence(after.read)
    return runs and not noise.is_noise(before.read) and not noise.is_noise(after.read)


def _looks_like_heading(read: str) -> bool:
    if len(read) > _HEADING_LENGTH or read.endswith((":", ",", ";")) or read[:1].islower():
        return False
    if noise.ends_sentence(read) and not (
        read.endswith(("?", "!", "?“", "!“")) and len(read) <= _QUESTION_HEADING_LENGTH
    ):
        return False
    return len(sentences(read)) == 1 or len(read) <= _QUESTION_HEADING_LENGTH


def _noise(pieces: Sequence[Piece]) -> list[Piece]:
    marked = [
        replace(p, kind=BlockKind.NOISE) if p.kind is not BlockKind.TITLE and noise.is_noise(p.read) else p
        for p in pieces
    ]
    prose = [i for i, p in enumerate(marked) if p.kind is not BlockKind.NOISE and noise.ends_sentence(p.read)]
    # A footer begins only after the last whole sentence: a newsletter box in the middle ends nothing.
    tail = prose[-1] + 1 if prose else len(marked)
    footer = next((i for i in range(tail, len(marked)) if noise.opens_footer(marked[i].read)), len(marked))
    return [replace(p, kind=BlockKind.NOISE) if i >= footer else p for i, p in enumerate(marked)]


def _headings(pieces: list[Piece]) -> list[Piece]:
    return [
        replace(p, kind=BlockKind.HEADING)
        if p.kind is BlockKind.PARAGRAPH and not p.item and _looks_like_heading(p.read)
        else p
        for p in pieces
    ]


def _title(pieces: list[Piece]) -> tuple[list[Piece], str]:
    """Take the first heading-like piece as title if prose follows, and set aside its repetition."""
    real = [i for i, p in enumerate(pieces) if p.kind is not BlockKind.NOISE and not dates.line(p.read)]
    if len(real) < 2 or not any(p.kind is BlockKind.PARAGRAPH for p in pieces):
        return pieces, ""
    first, second = real[0], real[1]
    title = pieces[first].read
    longer_than_heading = len(title) <= _TITLE_LENGTH and not noise.ends_sentence(title) and len(sentences(title)) == 1
    if pieces[first].item or not (pieces[first].kind is BlockKind.HEADING or longer_than_heading):
        return pieces, ""
    pieces = [replace(p, kind=BlockKind.TITLE) if i == first else p for i, p in enumerate(pieces)]
    if pieces[second].read.casefold() == title.casefold():
        pieces[second] = replace(pieces[second], kind=BlockKind.NOISE)
    return pieces, title


def _trailing_headings(pieces: list[Piece]) -> list[Piece]:
    """Make paragraphs of headings with nothing under them: every sentence must be found in some passage."""
    last = max((i for i, p in enumerate(pieces) if p.kind is BlockKind.PARAGRAPH), default=-1)
    return [
        replace(p, kind=BlockKind.PARAGRAPH) if p.kind is BlockKind.HEADING and i > last else p
        for i, p in enumerate(pieces)
    ]


def _introductions(pieces: list[Piece]) -> list[Piece]:
    """Keep list items, and a quotation set apart, with the words that introduce them ("... teilte mit:")."""
    joined: list[Piece] = []
    open_list = False
    for piece in pieces:
        before = joined[-1] if joined else None
        introduced = (
            before is not None
            and before.kind is BlockKind.PARAGRAPH
            and piece.kind is BlockKind.PARAGRAPH
            and (before.read.endswith(":") or open_list)
            and (piece.item or (not open_list and piece.read.startswith(_OPENING_QUOTE)))
        )
        if before is not None and introduced:
            # Of what is read only the end still matters; folding all of a growing list for each item would take long.
            joined[-1] = replace(before, end=piece.end, read=piece.read)
            open_list = piece.item
        else:
            joined.append(piece)
            open_list = False
    return joined
