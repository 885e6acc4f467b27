"""The shape of the database: tables, keys, rows and their seals.

Pure. Owns how things are written down; ``rag.passages`` does the writing and the reading.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Protocol, TypeVar

from rag.errors import IndexDamagedError
from rag.records import Article, ArticleSummary, Block, BlockKind, Dated

# The statements that lead to each version of the schema from the one before; PRAGMA user_version names the one a file
# has. Never change an entry that was released, add one. Files of versions 1 to 3 have no checksums on their pages and
# are made anew. A seal is a hash over the other columns of its row, for what a page's checksum leaves open: a page that
# is nothing but zeros passes, and so does one written in the wrong place. Of postings the seal comes before what may be
# long, so that all seals are read without it.
MIGRATIONS: dict[int, tuple[str, ...]] = {
    4: (
        """CREATE TABLE manifest (
            generation INTEGER NOT NULL, model TEXT NOT NULL, fingerprint TEXT NOT NULL, dimension INTEGER NOT NULL,
            reader_version TEXT NOT NULL, splitter_version TEXT NOT NULL, terms_version TEXT NOT NULL,
            corpus TEXT NOT NULL, vectors_file TEXT NOT NULL, vectors_sha256 TEXT NOT NULL, seal BLOB NOT NULL)""",
        """CREATE TABLE articles (
            id TEXT PRIMARY KEY, title TEXT NOT NULL, title_derived INTEGER NOT NULL, author TEXT, published TEXT,
            dated TEXT, language TEXT NOT NULL, reading_minutes INTEGER, encoding TEXT NOT NULL,
            content_hash TEXT NOT NULL, seal BLOB NOT NULL)""",
        """CREATE TABLE texts (
            article_id TEXT PRIMARY KEY REFERENCES articles (id), text TEXT NOT NULL, blocks TEXT NOT NULL,
            seal BLOB NOT NULL)""",
        """CREATE TABLE vectors (
            key BLOB PRIMARY KEY, vector BLOB NOT NULL, sentences BLOB NOT NULL, seal BLOB NOT NULL)""",
        "CREATE TABLE pieces (key BLOB PRIMARY KEY REFERENCES vectors (key), pieces BLOB NOT NULL, seal BLOB NOT NULL)",
        """CREATE TABLE passages (
            id INTEGER PRIMARY KEY AUTOINCREMENT, article_id TEXT NOT NULL REFERENCES articles (id),
            paragraph INTEGER NOT NULL, heading TEXT NOT NULL, start INTEGER NOT NULL, stop INTEGER NOT NULL,
            text TEXT NOT NULL, vector_key BLOB NOT NULL REFERENCES vectors (key), seal BLOB NOT NULL)""",
        "CREATE INDEX passages_by_article ON passages (article_id)",
        "CREATE INDEX passages_by_vector ON passages (vector_key)",
        """CREATE TABLE postings (
            language TEXT NOT NULL, stem TEXT NOT NULL, block INTEGER NOT NULL, seal BLOB NOT NULL,
            places BLOB NOT NULL, PRIMARY KEY (language, stem, block)) WITHOUT ROWID""",
        "CREATE TABLE spellings (key TEXT, word TEXT, PRIMARY KEY (key, word)) WITHOUT ROWID",
        "CREATE TABLE notes (name TEXT PRIMARY KEY, value TEXT NOT NULL, seal BLOB NOT NULL)",
    ),
}
# The note that says how many passages there are and how many words they have together; BM25 asks for it every time.
SIZE = "size"


_Found = TypeVar("_Found")


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
    parts = [value if isinstance(value, bytes) else repr(value).encode("utf-8", "surrogatepass") for value in values]
    # At once, because a question reads hundreds of rows.
    return hashlib.blake2b(b"\0".join([*parts, b""]), digest_size=8).digest()


def sealed(values: Sequence[Any]) -> tuple[Any, ...]:
    """Return the row that ``values`` make with their seal."""
    return *values, seal(values)


def unsealed(row: Sequence[Any]) -> Sequence[Any]:
    """Return the row without its seal, the last column. Raises IndexDamagedError if they do not agree."""
    if seal(row[:-1]) != row[-1]:
        raise _damaged_row()
    return row[:-1]


def _damaged_row() -> IndexDamagedError:
    return IndexDamagedError("A row of the index is damaged; delete the index's folder, and it is built anew.")


class Tally:
    """What tells the rows of a generation from those of all others: the sum of their seals, in whatever order.

    So it is known after a change without reading what stays. The rows of ``spellings`` have no seals and count with
    their lengths, which the database adds up by itself.
    """

    def __init__(self, noted: str | None = None) -> None:
        """Go on from what ``str`` gave, or from no rows."""
        self._sum = int(noted, 16) if noted else 0

    def sealed(self, values: Sequence[Any]) -> tuple[Any, ...]:
        """Return the row that ``values`` make with their seal, counted in."""
        row = sealed(values)
        self._sum += _number(row)
        return row

    def came(self, rows: Iterable[Sequence[Any]]) -> None:
        """Count in stored rows, or the last columns of them. Raises IndexDamagedError, as ``went`` does."""
        self._sum += sum(map(_number, rows))

    def went(self, rows: Iterable[Sequence[Any]]) -> list[Sequence[Any]]:
        """Return ``rows``, or the last columns of them, counted out."""
        gone = list(rows)
        self._sum -= sum(map(_number, gone))
        return gone

    def spelled(self, rows: Iterable[Sequence[str]], *, gone: bool = False) -> None:
        """Count in, or out, rows of ``spellings``."""
        weight = sum(2**32 + len(key) * len(word) for key, word in rows)
        self._sum += -weight if gone else weight

    def all_spelled(self, connection: Connection, *, gone: bool = False) -> None:
        """Count in, or out, all rows of ``spellings``."""
        query = "SELECT coalesce(sum(4294967296 + length(key) * length(word)), 0) FROM spellings"
        [[weight]] = connection.execute(query)
        self._sum += -weight if gone else weight

    def __str__(self) -> str:
        """Return 16 hexadecimal digits."""
        return f"{self._sum % 2**64:016x}"


def _number(row: Sequence[Any]) -> int:
    """Return the seal of ``row`` as a number. Raises IndexDamagedError if it is none."""
    if not isinstance(row[-1], bytes):
        raise _damaged_row()
    return int.from_bytes(row[-1], "little")


def complete(found: dict[int, _Found], ids: Collection[int]) -> dict[int, _Found]:
    """Return what was ``found`` of passages. Raises IndexDamagedError if something was not for one of ``ids``."""
    if missing := set(ids) - set(found):
        raise IndexDamagedError(
            f"The index has lost the passages {sorted(missing)}; delete the index's folder, and it is built anew."
        )
    return found


def size_of(note: Sequence[Any] | None) -> tuple[int, int]:
    """Return how many passages there are, and how many words they have together, as the note ``SIZE`` says.

    None stands for the note of an index in which nothing is.
    """
    if note is None:
        return 0, 0
    passages, words = unsealed(note)[1].split()
    return int(passages), int(words)


def listed(values: Collection[object]) -> str:
    """Return ``values`` as one JSON text, because SQLite limits the number of parameters."""
    return json.dumps(list(values))
