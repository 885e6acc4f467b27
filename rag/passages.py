"""The one database of a built corpus: articles, passages, vectors, lexical search. The only module that knows sqlite3.

Owns queries, transactions and what is said of a damaged database. What is stored, and when, is decided above.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import astuple
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from rag import schema
from rag.articletable import ArticleTable
from rag.errors import IndexDamagedError, IndexStoreError
from rag.language import guess
from rag.records import Article, Passage
from rag.schema import Manifest, listed, vector_key
from rag.splitting import embedding_text
from rag.terms import stems
from rag.wordsearch import WordSearch, refresh_vocabulary

_FILE = "index.sqlite3"
# Seconds a short write (a note, a batch of vectors) waits for another one to be committed.
_PATIENCE = 60.0
# What SQLite reports when the disk or the rights are at fault and the stored data is not.
_OUTSIDE = {"PERM", "BUSY", "LOCKED", "NOMEM", "READONLY", "IOERR", "FULL", "CANTOPEN"}


class Snapshot(ArticleTable, WordSearch):
    """One generation, unchanged as long as the snapshot is open, whatever is published meanwhile.

    Any thread may use it, but only one at a time. Every method raises IndexDamagedError where the stored rows cannot be
    trusted. Lists of ids go to SQLite as one JSON text, because it limits the number of parameters.
    """

    def __init__(self, connection: sqlite3.Connection) -> None:
        """Read over ``connection``, which is inside a transaction; use ``PassageStore.snapshot``."""
        ArticleTable.__init__(self, connection)
        WordSearch.__init__(self, connection)
        self._connection = connection
        row = connection.execute("SELECT * FROM manifest").fetchone()
        #: What this generation was made of; None before anything was indexed.
        self.manifest: Manifest | None = Manifest(*schema.unsealed(row)) if row else None

    def require_manifest(self) -> Manifest:
        """Return what this generation was made of. Raises IndexStoreError before anything was indexed."""
        if self.manifest is None:
            raise IndexStoreError("Nothing has been indexed yet; bring the index up to date first.")
        return self.manifest

    def passages(self, ids: Sequence[int]) -> list[Passage]:
        """Return the passages under ``ids``, in that order. Raises IndexDamagedError if one is missing."""
        rows = self._connection.execute(
            "SELECT * FROM passages WHERE id IN (SELECT value FROM json_each(?))", (listed(ids),)
        )
        found = {row[0]: Passage(*schema.unsealed(row)[:-1]) for row in rows}
        if missing := set(ids) - set(found):
            raise IndexDamagedError(f"The index has lost the passages {sorted(missing)}.")
        return [found[i] for i in ids]

    def passage_count(self) -> int:
        """Return how many passages there are."""
        return int(self._connection.execute("SELECT count(*) FROM passages").fetchone()[0])

    def vectors(self) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
        """Return all passage ids (n,), ascending, and their unit vectors (n, d)."""
        rows = self._connection.execute(
            "SELECT passages.id, key, vector, sentences, vectors.seal "
            "FROM passages LEFT JOIN vectors ON key = vector_key "
            "ORDER BY passages.id"
        )
        count = self.passage_count()
        ids, vectors = np.empty(count, dtype=np.int64), np.empty((count, 0), dtype=np.float32)
        for position, (passage_id, *row) in enumerate(rows):
            _, data, _ = schema.unsealed(row)
            if position == 0:
                vectors = np.empty((count, len(data) // 4), dtype=np.float32)
            ids[position], vectors[position] = passage_id, np.frombuffer(data, dtype="<f4")
        return ids, vectors

    def sentence_vectors(self, ids: Collection[int]) -> dict[int, NDArray[np.float32]]:
        """Return for each passage the unit vectors (s, d) of its sentences, in their order."""
        rows = self._connection.execute(
            "SELECT passages.id, key, vector, sentences, vectors.seal FROM passages JOIN vectors ON key = vector_key "
            "WHERE passages.id IN (SELECT value FROM json_each(?))",
            (listed(ids),),
        )
        found = {}
        for passage_id, *row in rows:
            _, vector, sentences = schema.unsealed(row)
            found[passage_id] = np.frombuffer(sentences, dtype="<f2").astype(np.float32).reshape(-1, len(vector) // 4)
        return found

    def note(self, name: str) -> str | None:
        """Return what ``PassageStore.set_note`` stored under ``name``, None if nothing was."""
        row = self._connection.execute("SELECT value FROM notes WHERE name = ?", (name,)).fetchone()
        return row[0] if row else None


class Draft(Snapshot):
    """The next generation while it is written. Nobody sees it until the transaction it lives in is committed."""

    def remove(self, article_ids: Iterable[str]) -> None:
        """Remove these articles and all that was made of them; those not stored are ignored."""
        for article_id in article_ids:
            self._connection.execute(
                "DELETE FROM passages_fts WHERE rowid IN (SELECT id FROM passages WHERE article_id = ?)", (article_id,)
            )
            self._connection.execute("DELETE FROM passages WHERE article_id = ?", (article_id,))
            self._connection.execute("DELETE FROM texts WHERE article_id = ?", (article_id,))
            self._connection.execute("DELETE FROM articles WHERE id = ?", (article_id,))

    def add(self, article: Article, passages: Iterable[Passage], fingerprint: str) -> None:
        """Add an article that is not stored, with passages whose vectors are, under keys of ``fingerprint``."""
        self._insert("articles", schema.article_row(article))
        self._insert("texts", schema.text_row(article))
        for passage in passages:
            searched = embedding_text(passage)
            place = (passage.article_id, passage.paragraph, passage.heading, passage.start, passage.end)
            passage_id = self._next_passage_id()
            self._insert("passages", (passage_id, *place, passage.text, vector_key(fingerprint, searched)))
            found = stems(searched)
            german = guess(passage.text) == "de"
            self._connection.execute(
                "INSERT INTO passages_fts (rowid, de, en) VALUES (?, ?, ?)",
                (passage_id, " ".join(found.german) if german else "", "" if german else " ".join(found.english)),
            )

    def publish(self, manifest: Manifest, *, complete: bool = True) -> None:
        """Make ``manifest`` current; drop the notes on the last one and, if it is ``complete``, vectors out of use."""
        self._connection.execute("DELETE FROM manifest")
        self._insert("manifest", astuple(manifest))
        self._connection.execute("DELETE FROM notes")
        if complete:
            self._connection.execute("DELETE FROM vectors WHERE key NOT IN (SELECT vector_key FROM passages)")
        refresh_vocabulary(self._connection)
        self.manifest = manifest

    def _next_passage_id(self) -> int:
        """Return an id that no passage ever had: the seal needs it before the row is written."""
        row = self._connection.execute("SELECT seq FROM sqlite_sequence WHERE name = 'passages'").fetchone()
        return int(row[0]) + 1 if row else 1

    def _insert(self, table: str, values: tuple[object, ...]) -> None:
        marks = ", ".join("?" * (len(values) + 1))
        self._connection.execute(f"INSERT INTO {table} VALUES ({marks})", (*values, schema.seal(values)))  # noqa: S608


class PassageStore:
    """The database in a folder, made when it is first used. Any number of readers, one writer at a time.

    Every method raises IndexDamagedError if the database is damaged, and IndexStoreError if it cannot be used.
    """

    def __init__(self, folder: Path) -> None:
        """Name the store in ``folder``; nothing is touched yet."""
        self.folder = folder

    @contextmanager
    def snapshot(self) -> Iterator[Snapshot]:
        """Open the current generation for reading."""
        with self._connected() as connection:
            connection.execute("BEGIN")
            yield Snapshot(connection)

    @contextmanager
    def draft(self) -> Iterator[Draft]:
        """Open the next generation for writing: committed when the block ends, undone when it raises."""
        with self._writing() as connection:
            yield Draft(connection)

    def missing_keys(self, keys: Iterable[bytes]) -> set[bytes]:
        """Return those of ``keys`` under which no vector is stored."""
        with self._connected() as connection:
            query = "SELECT 1 FROM vectors WHERE key = ?"
            return {key for key in keys if connection.execute(query, (key,)).fetchone() is None}

    def store_vectors(
        self, keys: Sequence[bytes], vectors: NDArray[np.float32], sentences: Sequence[NDArray[np.float32]]
    ) -> None:
        """Store unit vectors under ``keys``, committed at once; readers do not see them before a passage does.

        ``vectors`` (n, d) are those of the passages; ``sentences`` holds n arrays (s, d), those of each passage's
        sentences, which are kept in half precision: their cosines change by less than 0.001.
        """
        rows = [
            (key, vector.astype("<f4").tobytes(), inner.astype("<f2").tobytes())
            for key, vector, inner in zip(keys, vectors, sentences, strict=True)
        ]
        with self._writing() as connection:
            connection.executemany(
                "INSERT OR REPLACE INTO vectors VALUES (?, ?, ?, ?)", [(*row, schema.seal(row)) for row in rows]
            )

    def set_note(self, name: str, value: str) -> None:
        """Note ``value`` on the current generation under ``name``, replacing an earlier one; publishing drops all."""
        with self._writing() as connection:
            connection.execute("INSERT OR REPLACE INTO notes VALUES (?, ?)", (name, value))

    def discard(self) -> None:
        """Delete the database. The file goes before its log, which SQLite then takes for what it is: of no use."""
        try:
            for suffix in ("", "-wal", "-shm"):
                (self.folder / f"{_FILE}{suffix}").unlink(missing_ok=True)
        except OSError as error:
            raise IndexStoreError(f"The damaged index in {self.folder} cannot be deleted: {error.strerror}.") from error

    @contextmanager
    def _writing(self) -> Iterator[sqlite3.Connection]:
        """Open a write transaction: committed when the block ends, undone when it raises."""
        with self._connected() as connection:
            connection.execute("BEGIN IMMEDIATE")
            yield connection
            connection.execute("COMMIT")

    @contextmanager
    def _connected(self) -> Iterator[sqlite3.Connection]:
        """Open a connection of its own; closing it undoes what was not committed. Translates what SQLite raises."""
        path = self.folder / _FILE
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            connection = sqlite3.connect(path, timeout=_PATIENCE, isolation_level=None, check_same_thread=False)
        except (OSError, sqlite3.Error) as error:
            raise IndexStoreError(f"The index {path} cannot be opened ({error}); make its folder writable.") from error
        try:
            _prepare(connection, path)
            yield connection
        except (sqlite3.ProgrammingError, sqlite3.InterfaceError):
            raise
        except sqlite3.Error as error:
            raise _translated(error, path) from error
        finally:
            connection.close()


def _prepare(connection: sqlite3.Connection, path: Path) -> None:
    """Set what each connection needs and bring the schema up to date. Raises IndexStoreError if it is too new."""
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("PRAGMA foreign_keys = ON")
    version = _version(connection)
    if version == len(schema.MIGRATIONS):
        return
    if version > len(schema.MIGRATIONS):
        raise IndexStoreError(
            f"The index {path} was made by a newer version of this program; bring the program up to date, "
            f"or delete the folder {path.parent}, and it is built anew."
        )
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("BEGIN IMMEDIATE")
    # Asked again inside the transaction: another process may have been faster.
    for number, statements in enumerate(schema.MIGRATIONS[_version(connection) :], start=_version(connection) + 1):
        for statement in statements:
            connection.execute(statement)
        connection.execute(f"PRAGMA user_version = {number}")
    connection.execute("COMMIT")


def _version(connection: sqlite3.Connection) -> int:
    return int(connection.execute("PRAGMA user_version").fetchone()[0])


def _translated(error: sqlite3.Error, path: Path) -> IndexStoreError:
    """Return what to raise for ``error``: a disk that is full is no damage, a page that makes no sense is."""
    # "SQLITE_IOERR_WRITE" and the like; errors of Python's own, as over bytes that are not UTF-8, have no name.
    if getattr(error, "sqlite_errorname", "SQLITE_CORRUPT").split("_")[1] in _OUTSIDE:
        return IndexStoreError(
            f"The index {path} cannot be used ({error}); make room on the disk, make the folder writable, "
            "or wait for another program to let go of it, and try again."
        )
    return IndexDamagedError(
        f"The index {path} is damaged ({error}); delete the folder {path.parent}, and it is built anew."
    )
