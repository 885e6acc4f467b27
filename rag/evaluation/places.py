"""Where in an article an expected answer stands, and what counts as finding it. Pure: owns that rule and no more."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from rag.evaluation.questionfile import Expected
from rag.folding import fold_with_offsets
from rag.records import Article, Block, Citation, Passage


@dataclass(frozen=True, slots=True)
class Place:
    """A stretch ``[start:end]`` of the text of an article, within one paragraph."""

    article_id: str
    start: int
    end: int

    def found_by(self, found: Passage | Citation) -> bool:
        """Say whether ``found`` overlaps the place for at least half of the shorter of the two."""
        if found.article_id != self.article_id:
            return False
        overlap = min(found.end, self.end) - max(found.start, self.start)
        return 2 * overlap >= min(found.end - found.start, self.end - self.start)


def locate(expected: Expected, article: Article) -> list[Place]:
    """Return every place of ``article`` that ``expected`` means, none where it is not there; ``article`` is not asked.

    Words are looked for in paragraphs, folded; headings and what was set aside answer nothing.
    """
    blocks = paragraphs(article)
    if expected.paragraph is not None:
        blocks = [block for block in blocks if block.paragraph == expected.paragraph]
    if expected.text is None:
        return [Place(article.id, block.start, block.end) for block in blocks]
    return [place for block in blocks for place in _occurrences(expected.text, article, block)]


def paragraphs(article: Article) -> list[Block]:
    """Return the paragraphs of ``article``, which alone can answer."""
    return [block for block in article.blocks if block.paragraph is not None]


def _occurrences(words: str, article: Article, block: Block) -> Iterator[Place]:
    folded, offsets = fold_with_offsets(article.text[block.start : block.end])
    start = folded.find(words)
    while start >= 0:
        last = start + len(words) - 1
        yield Place(article.id, block.start + offsets[start], block.start + offsets[last] + 1)
        start = folded.find(words, last + 1)
