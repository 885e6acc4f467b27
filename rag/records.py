"""The vocabulary: plain, frozen values that cross the borders between modules. Owns no behaviour."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Literal

Language = Literal["de", "en"]


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


class Dated(StrEnum):
    """Where the date of an article was read."""

    TEXT = "text"
    METADATA = "metadata"
    FRONT_MATTER = "front matter"
    FILE = "file"


@dataclass(frozen=True, slots=True)
class Article:
    """One source file as it was read.

    ``id`` is the path relative to the corpus folder, with forward slashes. ``text`` is exactly what was decoded
    from the file (for HTML and Markdown: what was extracted from it); every offset in the product counts
    characters of it. ``title_derived`` says that the source has no title and ``title`` was made from its first
    sentence. ``content_hash`` is the SHA-256 of the file's bytes, in hexadecimal. ``dated`` says where ``published``
    was read, None where there is no date; ``language`` is the one most of the text is in.
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
    dated: Dated | None = None
    language: Language = "de"


@dataclass(frozen=True, slots=True)
class Filter:
    """Which articles a question is put to; the empty filter lets all through.

    An article passes if it is one of ``articles`` (ids) or lies in one of ``folders`` (relative to the corpus, with
    forward slashes) or both are empty; if its date is not before ``since`` nor after ``until``; and if it is in
    ``language``. An article without a date does not pass a limit of dates.
    """

    articles: tuple[str, ...] = ()
    folders: tuple[str, ...] = ()
    since: date | None = None
    until: date | None = None
    language: Language | None = None


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


class Standing(StrEnum):
    """What has become of a cited quote, seen from the file as it is now.

    EXACT: the file is the one that was indexed. CHANGED: the file has changed, the quote is still in it. LOST: it has
    changed and the quote is no longer in it, or it can no longer be read as an article. GONE: there is no such file.
    """

    EXACT = "exact"
    CHANGED = "changed"
    LOST = "lost"
    GONE = "gone"


class Whereabouts(StrEnum):
    """Where a permalink's paragraph was found.

    SAME: where it was. MOVED: the same text, under another number or in another article. CHANGED: its text is nowhere;
    what stands in its place in the article is shown instead.
    """

    SAME = "same"
    MOVED = "moved"
    CHANGED = "changed"


@dataclass(frozen=True, slots=True)
class Located:
    """What a permalink leads to: ``citation`` of the whole paragraph, and how it was ``found``."""

    citation: Citation
    found: Whereabouts


@dataclass(frozen=True, slots=True)
class Match:
    """A word of the question and the word of the passage that was taken for it, each as it is written there."""

    asked: str
    found: str


@dataclass(frozen=True, slots=True)
class Hit:
    """A passage found for a question.

    ``score`` ranks hits of one question, higher is better: ``dense`` plus weighted ``lexical`` and, for the first ten,
    the likeness of their word pieces (see ``rag.retrieval``); it has no unit and is not a probability. A reranker gives
    the first ten an order of its own. ``dense`` is the mean of two cosines, -1 to 1: of the question with the passage,
    and with the passage's best sentence. ``lexical`` is the BM25 score of the passage, 0 (no word shared) upwards;
    translations, compounds and other spellings of a word count as that word. ``coverage`` is the share of the
    question's words, 0 to 1, that the passage has in one of these forms; rare words count more. ``matches`` are these
    words, in the question's order.
    """

    passage: Passage
    score: float
    dense: float
    lexical: float
    coverage: float
    citation: Citation
    matches: tuple[Match, ...] = ()


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
    answers the question. ``filter`` says which articles were asked.
    """

    question: str
    standalone: str
    statements: tuple[Statement, ...]
    hits: tuple[Hit, ...]
    confidence: float = 0.0
    filter: Filter = Filter()


@dataclass(frozen=True, slots=True)
class ArticleSummary:
    """What a list of articles shows of one; ``folder`` is the folder part of ``id``, "" at the top."""

    id: str
    title: str
    folder: str
    author: str | None
    published: date | None
    dated: Dated | None
    language: Language
    passages: int


@dataclass(frozen=True, slots=True)
class Skipped:
    """A file that was not indexed, and why, in a sentence for the user."""

    path: str
    reason: str


@dataclass(frozen=True, slots=True)
class Pending:
    """A file that is new or has changed since it was indexed: its article id, and its size in bytes."""

    id: str
    bytes: int


@dataclass(frozen=True, slots=True)
class Progress:
    """A step of long work: ``done`` of ``total`` units of ``stage`` ("reading", "encoding", "publishing", "asking").

    ``item`` is the file that is read now, "" where none has to be read, or the question that is asked.
    """

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
    ``waiting`` counts new or changed files that were left for a later update.
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
    waiting: int = 0
