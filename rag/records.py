"""The vocabulary: plain, frozen values that cross the borders between modules. Owns no behaviour."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum


class BlockKind(StrEnum):
    """What a stretch of an article is to its reader."""

    TITLE = "title"
    BYLINE = "byline"
    HEADING = "heading"
    PARAGRAPH = "paragraph"
    NOISE = "noise"


@dataclass(frozen=True, slots=True)
class Block:
    """A stretch ``text[start:end]`` of an article.

    ``paragraph`` is the 1-based number of a PARAGRAPH block, None for every other kind.
    Blocks of an article are in text order, do not overlap, and leave only white space between them.
    """

    kind: BlockKind
    start: int
    end: int
    paragraph: int | None = None


@dataclass(frozen=True, slots=True)
class Article:
    """One source file as it was read.

    ``id`` is the path relative to the corpus folder, with forward slashes. ``text`` is exactly what was decoded
    from the file (for HTML and Markdown: what was extracted from it); every offset in the product counts
    characters of it. ``title_derived`` says that the source has no title and ``title`` was made from its first
    sentence. ``content_hash`` is the SHA-256 of the file's bytes, in hexadecimal.
    """

    id: str
    title: str
    text: str
    blocks: tuple[Block, ...]
    content_hash: str
    title_derived: bool = False
    author: str | None = None
    published: date | None = None
    reading_minutes: int | None = None
    encoding: str = "utf-8"


@dataclass(frozen=True, slots=True)
class Passage:
    """A slice ``article.text[start:end]`` that is embedded, searched and quoted as one.

    ``text`` is that slice folded (see ``rag.folding``). ``paragraph`` is the 1-based number of the paragraph it
    stands in; a long paragraph gives several passages. ``heading`` is the heading above it, "" where there is none.
    ``id`` is the database row id and the FAISS id, 0 before the passage is stored.
    """

    id: int
    article_id: str
    paragraph: int
    heading: str
    start: int
    end: int
    text: str


@dataclass(frozen=True, slots=True)
class Citation:
    """Where a quote stands: ``quote`` is ``article.text[start:end]`` folded, ``paragraph`` its 1-based number."""

    article_id: str
    title: str
    paragraph: int
    start: int
    end: int
    quote: str


@dataclass(frozen=True, slots=True)
class Hit:
    """A passage found for a question.

    ``score`` ranks hits of one question, higher is better: ``dense`` plus weighted ``lexical`` and, for the first ten,
    the likeness of their word pieces (see ``rag.retrieval``); it has no unit and is not a probability. A reranker gives
    the first ten an order of its own. ``dense`` is the mean of two cosines, -1 to 1: of the question with the passage,
    and with the passage's best sentence. ``lexical`` is the BM25 score of the passage, 0 (no word shared) upwards;
    translations, compounds and other spellings of a word count as that word. ``coverage`` is the share of the
    question's words, 0 to 1, that the passage has in one of these forms; rare words count more.
    """

    passage: Passage
    score: float
    dense: float
    lexical: float
    coverage: float
    citation: Citation


@dataclass(frozen=True, slots=True)
class Attribution:
    """Who says what a statement quotes or reports.

    ``speaker`` is ``article.text[start:end]`` folded: the name as the article has it, which may stand in an earlier
    sentence than the statement ("Er sagte ..."). ``direct`` is True for words in quotation marks („…“), False for
    reported speech ("..., dass ..."; "..., sei ...").
    """

    speaker: str
    start: int
    end: int
    direct: bool


@dataclass(frozen=True, slots=True)
class Statement:
    """A verbatim sentence of an answer, with the citation that proves it and the hit it was taken from.

    ``hit`` is the 0-based position in ``Answer.hits`` of the passage the sentence stands in. ``said`` names the
    speaker, None where the sentence is the article's own or nothing sure can be said. ``also`` are places in other
    articles that say the same.
    """

    text: str
    citation: Citation
    hit: int
    said: Attribution | None = None
    also: tuple[Citation, ...] = ()


@dataclass(frozen=True, slots=True)
class Answer:
    """What is shown for a question: cited sentences and the passages behind them.

    ``hits`` begin with the passages that statements stand in, in the statements' order; the others follow, best first.
    No statements means "not in the articles"; ``hits`` are then merely the nearest passages. ``standalone`` is the
    question as it was searched for, after earlier questions of the conversation were taken into account; it is
    ``question`` itself where they were not. ``confidence`` is the estimated probability, 0 to 1, that the best passage
    answers the question.
    """

    question: str
    standalone: str
    statements: tuple[Statement, ...]
    hits: tuple[Hit, ...]
    confidence: float = 0.0


@dataclass(frozen=True, slots=True)
class Skipped:
    """A file that was not indexed, and why, in a sentence for the user."""

    path: str
    reason: str


@dataclass(frozen=True, slots=True)
class Progress:
    """A step of long work: ``done`` of ``total`` units of ``stage`` ("reading", "encoding", "publishing", "asking")."""

    stage: str
    done: int
    total: int
    item: str = ""


ProgressCallback = Callable[[Progress], None]


@dataclass(frozen=True, slots=True)
class IndexReport:
    """What bringing an index up to date did.

    ``added``, ``changed``, ``unchanged`` and ``removed`` count articles; ``encoded`` counts the passages that were
    encoded this time. ``generation`` grows by one whenever something changed. ``notices`` are sentences for the user.
    """

    articles: int
    passages: int
    added: int
    changed: int
    unchanged: int
    removed: int
    encoded: int
    generation: int
    skipped: tuple[Skipped, ...] = ()
    notices: tuple[str, ...] = ()
