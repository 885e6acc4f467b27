"""The shape of the database: tables, keys, rows and their seals, lexical queries and scores.

Pure. Owns how things are written down; ``rag.passages`` does the writing and the reading.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Protocol

from rag.errors import IndexDamagedError
from rag.records import Article, ArticleSummary, Block, BlockKind, Dated, Language

# One entry for each version of the schema, in order; PRAGMA user_version counts those applied. Never change an entry
# that was released, add one. A seal is a hash over the other columns of its row, because SQLite finds little of
# what a failing disk does. In the lexical index every byte above 127 belongs to a word, and so do "+", "." and the
# like: rag.terms has cut the words, and only spaces may part them.
MIGRATIONS: tuple[tuple[str, ...], ...] = (
    (
        """CREATE TABLE manifest (
            generation INTEGER NOT NULL, model TEXT NOT NULL, fingerprint TEXT NOT NULL, dimension INTEGER NOT NULL,
            reader_version TEXT NOT NULL, splitter_version TEXT NOT NULL, terms_version TEXT NOT NULL,
            corpus TEXT NOT NULL, vectors_file TEXT NOT NULL, vectors_sha256 TEXT NOT NULL, seal BLOB NOT NULL)""",
        """CREATE TABLE articles (
            id TEXT PRIMARY KEY, title TEXT NOT NULL, text TEXT NOT NULL, blocks TEXT NOT NULL,
            content_hash TEXT NOT NULL, title_derived INTEGER NOT NULL, author TEXT, published TEXT,
            reading_minutes INTEGER, encoding TEXT NOT NULL, seal BLOB NOT NULL)""",
        "CREATE TABLE vectors (key BLOB PRIMARY KEY, vector BLOB NOT NULL, seal BLOB NOT NULL)",
        """CREATE TABLE passages (
            id INTEGER PRIMARY KEY AUTOINCREMENT, article_id TEXT NOT NULL REFERENCES articles (id),
            paragraph INTEGER NOT NULL, heading TEXT NOT NULL, start INTEGER NOT NULL, stop INTEGER NOT NULL,
            text TEXT NOT NULL, vector_key BLOB NOT NULL REFERENCES vectors (key), seal BLOB NOT NULL)""",
        "CREATE INDEX passages_by_article ON passages (article_id)",
        "CREATE INDEX passages_by_vector ON passages (vector_key)",
        """CREATE VIRTUAL TABLE passages_fts USING fts5 (
            german, english, tokenize = "ascii tokenchars '+.,:'")""",
        "CREATE TABLE notes (name TEXT PRIMARY KEY, value TEXT NOT NULL)",
    ),
    # Sentences get vectors, a passage is stemmed in its own language only, and the vocabulary can be searched. All that
    # was stored is let go of: it has to be made again in any case.
    (
        "DELETE FROM manifest",
        "DELETE FROM notes",
        "DROP TABLE passages_fts",
        "DROP TABLE passages",
        "DROP TABLE vectors",
        "DELETE FROM articles",
        """CREATE TABLE vectors (
            key BLOB PRIMARY KEY, vector BLOB NOT NULL, sentences BLOB NOT NULL, seal BLOB NOT NULL)""",
        """CREATE TABLE passages (
            id INTEGER PRIMARY KEY AUTOINCREMENT, article_id TEXT NOT NULL REFERENCES articles (id),
            paragraph INTEGER NOT NULL, heading TEXT NOT NULL, start INTEGER NOT NULL, stop INTEGER NOT NULL,
            text TEXT NOT NULL, vector_key BLOB NOT NULL REFERENCES vectors (key), seal BLOB NOT NULL)""",
        "CREATE INDEX passages_by_article ON passages (article_id)",
        "CREATE INDEX passages_by_vector ON passages (vector_key)",
        """CREATE VIRTUAL TABLE passages_fts USING fts5 (de, en, tokenize = "ascii tokenchars '+.,:'")""",
        "CREATE VIRTUAL TABLE vocabulary USING fts5vocab (passages_fts, col)",
        "CREATE TABLE spellings (key TEXT, word TEXT, PRIMARY KEY (key, word)) WITHOUT ROWID",
    ),
    # Articles say where their date was read and which language they are in, and their texts are kept apart, so that a
    # list of articles is read without them. Every article has to be read again; the vectors stay, nothing is encoded.
    (
        "DELETE FROM manifest",
        "DELETE FROM notes",
        "DELETE FROM passages_fts",
        "DELETE FROM passages",
        "DROP TABLE articles",
        """CREATE TABLE articles (
            id TEXT PRIMARY KEY, title TEXT NOT NULL, title_derived INTEGER NOT NULL, author TEXT, published TEXT,
            dated TEXT, language TEXT NOT NULL, reading_minutes INTEGER, encoding TEXT NOT NULL,
            content_hash TEXT NOT NULL, seal BLOB NOT NULL)""",
        """CREATE TABLE texts (
            article_id TEXT PRIMARY KEY REFERENCES articles (id), text TEXT NOT NULL, blocks TEXT NOT NULL,
            seal BLOB NOT NULL)""",
    ),
)


class Rows(Protocol):
    """The rows that a query gives."""

    def __iter__(self) -> Iterator[Any]:
        """Give them one by one."""

    def fetchone(self) -> Any:  # noqa: ANN401 - a row holds what was stored
        """Return the next one, None if there is none."""


class Connection(Protocol):
    """An open database."""

    def execute(self, query: str, parameters: tuple[Any, ...] = ..., /) -> Rows:
        """Run ``query``."""

    def executemany(self, query: str, rows: Iterable[tuple[Any, ...]], /) -> object:
        """Run ``query`` once for each of ``rows``."""


@dataclass(frozen=True, slots=True)
class Manifest:
    """What the current generation was made of, and the file that holds its vectors."""

    generation: int
    model: str
    fingerprint: str
    dimension: int
    reader_version: str
    splitter_version: str
    terms_version: str
    corpus: str
    vectors_file: str
    vectors_sha256: str


def vector_key(fingerprint: str, text: str) -> bytes:
    """Return the 32-byte name of the vector that the encoder ``fingerprint`` gives ``text``."""
    return hashlib.sha256(f"{fingerprint}\0{text}".encode("utf-8", "surrogatepass")).digest()


def article_row(article: Article) -> tuple[object, ...]:
    """Return all but the text of ``article`` as the columns of its table."""
    return (
        article.id,
        article.title,
        int(article.title_derived),
        article.author,
        article.published.isoformat() if article.published else None,
        article.dated.value if article.dated else None,
        article.language,
        article.reading_minutes,
        article.encoding,
        article.content_hash,
    )


def text_row(article: Article) -> tuple[object, ...]:
    """Return the text of ``article`` as the columns of its table."""
    blocks = [(block.kind, block.start, block.end, block.paragraph) for block in article.blocks]
    return article.id, article.text, json.dumps(blocks)


def article_of(row: Sequence[Any], text_row: Sequence[Any]) -> Article:
    """Return the article that ``article_row`` and ``text_row`` wrote down."""
    name, title, derived, author, published, dated, language, minutes, encoding, content_hash = row
    _, text, blocks = text_row
    return Article(
        id=name,
        title=title,
        text=text,
        blocks=tuple(Block(BlockKind(kind), start, end, number) for kind, start, end, number in json.loads(blocks)),
        content_hash=content_hash,
        title_derived=bool(derived),
        author=author,
        published=date.fromisoformat(published) if published else None,
        reading_minutes=minutes,
        encoding=encoding,
        dated=Dated(dated) if dated else None,
        language=language,
    )


def summary_of(row: Sequence[Any], passages: int) -> ArticleSummary:
    """Return what ``article_row`` wrote down as an entry of a list; the article has so many ``passages``."""
    name, title, _, author, published, dated, language, *_ = row
    return ArticleSummary(
        id=name,
        title=title,
        folder=name.rpartition("/")[0],
        author=author,
        published=date.fromisoformat(published) if published else None,
        dated=Dated(dated) if dated else None,
        language=language,
        passages=passages,
    )


def seal(values: Iterable[Any]) -> bytes:
    """Return an 8-byte hash over the values of a row."""
    digest = hashlib.blake2b(digest_size=8)
    for value in values:
        digest.update(value if isinstance(value, bytes) else repr(value).encode("utf-8", "surrogatepass"))
        digest.update(b"\0")
    return digest.digest()


def unsealed(row: Sequence[Any]) -> Sequence[Any]:
    """Return the row without its seal, the last column. Raises IndexDamagedError if they do not agree."""
    if seal(row[:-1]) != row[-1]:
        raise IndexDamagedError("A row of the index is damaged; delete the index's folder, and it is built anew.")
    return row[:-1]


def match_expression(stems: Mapping[Language, Collection[str]]) -> str:
    """Return an FTS5 expression that finds passages of a language with any of its stems, "" if there are none.

    Every stem is quoted, so no text of a user is ever read as an operator.
    """
    columns = []
    for language, found in stems.items():
        if found:
            either = " OR ".join(f'"{stem}"' for stem in found)
            columns.append(f"({{{language}}} : ({either}))")
    return " OR ".join(columns)


def listed(values: Collection[object]) -> str:
    """Return ``values`` as one JSON text, because SQLite limits the number of parameters."""
    return json.dumps(list(values))
