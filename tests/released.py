"""Databases as earlier versions of the program left them, without checksums on their pages: by Python's SQLite."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from contextlib import closing
from pathlib import Path
from typing import Any

# The statements that led to versions 1, 2 and 3 of the schema, as they were released.
RELEASED: tuple[tuple[str, ...], ...] = (
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


def build(path: Path, version: int, vectors: Iterable[tuple[Any, ...]] = ()) -> None:
    """Make the database of ``version`` at ``path``, with something in every table and the rows ``vectors``."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA journal_mode = WAL")
        for statements in RELEASED[:version]:
            for statement in statements:
                connection.execute(statement)
        columns = {
            table: len(connection.execute(f"PRAGMA table_info({table})").fetchall())
            for table in ("vectors", "articles", "passages", "manifest", "notes")
        }
        for table, count in columns.items():
            connection.execute(f"INSERT INTO {table} VALUES ({', '.join('?' * count)})", ["1"] * count)
        connection.execute("DELETE FROM vectors WHERE key = '1'")
        connection.executemany(f"INSERT INTO vectors VALUES ({', '.join('?' * columns['vectors'])})", vectors)
        connection.execute("INSERT INTO passages_fts (rowid) VALUES (1)")
        connection.execute(f"PRAGMA user_version = {version}")
        connection.commit()
