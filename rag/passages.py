"""The one database of a built corpus: articles, passages, vectors, lexical search.

Owns what is written and in which order rows are read; the file is ``rag.database``'s. What is stored, and when, is
decided above.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import astuple
from pathlib import Path

from rag import schema
from rag.articletable import ArticleTable
from rag.database import Database
from rag.embedding import Embedding, packed
from rag.errors import IndexDamagedError, IndexStoreError
from rag.language import guess
from rag.records import Article, Language, Passage
from rag.schema import Connection, Manifest, Tally, listed, vector_key
from rag.settings import DEFAULTS
from rag.splitting import embedding_text
from rag.terms import stems
from rag.vectortable import VectorTable
from rag.wordsearch import WordSearch
from rag.wordwriting import WordWriter

_FILE = "index.sqlite3"
# The state of that file in which it was last examined and found whole.
_EXAMINED = "examined"
# Seconds a note waits for another writer: it saves work, and a question must not wait for long for that.
_NOTE_PATIENCE = 1.0
# The note that holds the digest of a generation, and the rows it is made of. No id of a passage is ever used again.
_DIGEST = "digest"
_TELLING = (
    "SELECT seal FROM manifest",
    "SELECT seal FROM articles",
    "SELECT seal FROM texts",
    "SELECT seal FROM passages",
    "SELECT seal FROM postings",
    "SELECT seal FROM notes WHERE name = 'size'",
)
# What is stored of an article, from what refers to it to itself.
_REMOVING = (
    "DELETE FROM passages WHERE article_id = ? RETURNING seal",
    "DELETE FROM texts WHERE article_id = ? RETURNING seal",
    "DELETE FROM articles WHERE id = ? RETURNING seal",
)


class Snapshot(ArticleTable, VectorTable, WordSearch):
    """One generation, unchanged as long as the snapshot is open, whatever is published meanwhile.

    Any thread may use it, but only one at a time. Every method raises IndexDamagedError where the stored rows cannot be
    trusted. Lists of ids go to SQLite as one JSON text, because it limits the number of parameters.
    """

    def __init__(self, connection: Connection) -> None:
        """Read over ``connection``, which is inside a transaction; use ``PassageStore.snapshot``."""
        ArticleTable.__init__(self, connection)
        VectorTable.__init__(self, connection)
        WordSearch.__init__(self, connection)
        self._connection = connection
        row = connection.execute("SELECT * FROM manifest").fetchone()
        #: What this generation was made of; None before anything was indexed.
        self.manifest: Manifest | None = Manifest(*schema.unsealed(row)) if row else None

    def examine(self) -> None:
        """Raise IndexDamagedError unless all that is stored is of one generation and agrees with itself.

        A page's checksum cannot tell that the page was written in the wrong place, or that a later one was not written
        at all. This reads everything, which takes about a hundredth of the time in which it was made.
        """
        [[verdict]] = self._connection.execute("PRAGMA integrity_check(1)")
        if verdict == "ok" and self.manifest and self.note(_DIGEST) != self._digest():
            verdict = "its parts are not of one generation"
        if verdict != "ok":
            raise IndexDamagedError(f"The index is damaged ({verdict}); delete its folder, and it is built anew.")

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
        found = schema.complete({row[0]: Passage(*schema.unsealed(row)[:-1]) for row in rows}, ids)
        return [found[i] for i in ids]

    def passage_count(self) -> int:
        """Return how many passages there are."""
        return int(self._connection.execute("SELECT count(*) FROM passages").fetchone()[0])

    def note(self, name: str) -> str | None:
        """Return what ``PassageStore.set_note`` stored under ``name``, None if nothing was."""
        row = self._connection.execute("SELECT * FROM notes WHERE name = ?", (name,)).fetchone()
        return schema.unsealed(row)[1] if row else None

    def _digest(self) -> str:
        """Return what tells this generation from all others, from all of its rows."""
        tally = Tally()
        for query in _TELLING:
            tally.came(self._connection.execute(query))
        tally.all_spelled(self._connection)
        return str(tally)


class Draft(Snapshot):
    """The next generation while it is written. Nobody sees it until the transaction it lives in is committed."""

    def __init__(self, connection: Connection) -> None:
        """Write over ``connection``, which is inside a transaction; use ``PassageStore.draft``."""
        super().__init__(connection)
        self._tally = Tally(self.note(_DIGEST))
        self._written = WordWriter(connection, self._tally, DEFAULTS.words_at_once)

    def remove(self, article_ids: Iterable[str]) -> None:
        """Remove these articles and all that was made of them; those not stored are ignored."""
        gone = list(article_ids)
        query = "SELECT EXISTS (SELECT 1 FROM articles WHERE id NOT IN (SELECT value FROM json_each(?)))"
        [[some_stay]] = self._connection.execute(query, (listed(gone),))
        if not some_stay:
            # Whatever words an earlier version of the program found in them.
            self._written.clear()
        for article_id in gone:
            for passage in self.passages(self.passage_ids([article_id]).tolist()) if some_stay else ():
                self._written.remove(passage.id, *_words(passage))
            for query in _REMOVING:
                self._tally.went(self._connection.execute(query, (article_id,)))

    def add(self, article: Article, passages: Iterable[Passage], fingerprint: str) -> None:
        """Add an article that is not stored, with passages whose vectors are, under keys of ``fingerprint``."""
        row = self._tally.sealed(schema.article_row(article))
        self._connection.execute("INSERT INTO articles VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", row)
        self._connection.execute("INSERT INTO texts VALUES (?, ?, ?, ?)", self._tally.sealed(schema.text_row(article)))
        for passage in passages:
            key = vector_key(fingerprint, embedding_text(passage))
            place = (passage.article_id, passage.paragraph, passage.heading, passage.start, passage.end)
            passage_id = self._next_passage_id()
            row = self._tally.sealed((passage_id, *place, passage.text, key))
            self._connection.execute("INSERT INTO passages VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", row)
            self._written.add(passage_id, *_words(passage))

    def publish(self, manifest: Manifest, *, complete: bool = True) -> None:
        """Make ``manifest`` current; drop the notes on the last one and, if it is ``complete``, vectors out of use."""
        self._tally.went(self._connection.execute("DELETE FROM manifest RETURNING seal"))
        row = self._tally.sealed(astuple(manifest))
        self._connection.execute("INSERT INTO manifest VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", row)
        query = "DELETE FROM notes WHERE name = ? RETURNING seal"
        self._tally.went(self._connection.execute(query, (schema.SIZE,)))
        self._connection.execute("DELETE FROM notes")
        if complete:
            self._connection.execute("DELETE FROM pieces WHERE key NOT IN (SELECT vector_key FROM passages)")
            self._connection.execute("DELETE FROM vectors WHERE key NOT IN (SELECT vector_key FROM passages)")
        self._written.finish()
        note = schema.sealed((_DIGEST, str(self._tally)))
        self._connection.execute("INSERT INTO notes VALUES (?, ?, ?)", note)
        self.manifest = manifest

    def _next_passage_id(self) -> int:
        """Return an id that no passage ever had: the seal needs it before the row is written."""
        row = self._connection.execute("SELECT seq FROM sqlite_sequence WHERE name = 'passages'").fetchone()
        return int(row[0]) + 1 if row else 1


def _words(passage: Passage) -> tuple[Language, Sequence[str]]:
    """Return the language a passage is taken for, and its stems."""
    found = stems(embedding_text(passage))
    return ("de", found.german) if guess(passage.text) == "de" else ("en", found.english)


class PassageStore:
    """The database in a folder, made when it is first used. Any number of readers, one writer at a time.

    Every method raises IndexDamagedError if the database is damaged, and IndexStoreError if it cannot be used.
    """

    def __init__(self, folder: Path) -> None:
        """Name the store in ``folder``; nothing is touched yet."""
        self.folder = folder
        self._database = Database(folder / _FILE)
        self._examined = False

    @contextmanager
    def snapshot(self) -> Iterator[Snapshot]:
        """Open the current generation for reading."""
        with self._database.reading() as connection:
            yield Snapshot(connection)

    @contextmanager
    def draft(self) -> Iterator[Draft]:
        """Open the next generation for writing: committed when the block ends, undone when it raises."""
        with self._database.writing() as connection:
            yield Draft(connection)

    def missing_keys(self, keys: Iterable[bytes]) -> set[bytes]:
        """Return those of ``keys`` under which no vector is stored."""
        with self._database.reading() as connection:
            query = "SELECT 1 FROM vectors WHERE key = ?"
            return {key for key in keys if connection.execute(query, (key,)).fetchone() is None}

    def store_embeddings(self, embeddings: Mapping[bytes, Embedding]) -> None:
        """Store embeddings under their keys, committed at once; readers do not see them before a passage does.

        Sentences are kept in half precision, which changes their cosines by less than 0.001, and word pieces packed.
        """
        vectors = [
            (key, one.vector.astype("<f4").tobytes(), one.sentences.astype("<f2").tobytes())
            for key, one in embeddings.items()
        ]
        pieces = [(key, packed(one.pieces)) for key, one in embeddings.items()]
        with self._database.writing() as connection:
            connection.executemany("INSERT OR REPLACE INTO vectors VALUES (?, ?, ?, ?)", map(schema.sealed, vectors))
            connection.executemany("INSERT OR REPLACE INTO pieces VALUES (?, ?, ?)", map(schema.sealed, pieces))

    def set_note(self, name: str, value: str) -> None:
        """Note ``value`` on the current generation under ``name``, replacing an earlier one; publishing drops all.

        Raises IndexStoreError soon where another writer is at work.
        """
        with self._database.writing(_NOTE_PATIENCE) as connection:
            connection.execute("INSERT OR REPLACE INTO notes VALUES (?, ?, ?)", schema.sealed((name, value)))
        self.trust()

    def examine(self) -> None:
        """Examine what is stored, as ``Snapshot.examine`` does, when the store is first used.

        Not where nothing has been written since somebody did: every page that is read has its checksum, and what is
        written from then on is this program's.
        """
        if self._examined:
            return
        with suppress(OSError, UnicodeDecodeError):
            state = self._database.state()
            self._examined = state is not None and (self.folder / _EXAMINED).read_text("ascii") == state
        if not self._examined:
            with self.snapshot() as snapshot:
                snapshot.examine()
            self._examined = True
            self.trust()

    def trust(self) -> None:
        """Note for the next start that what is stored was examined, if it was: all since is written by this program."""
        state = self._database.state() if self._examined else None
        if state is not None:
            with suppress(OSError):  # a note that cannot be kept costs time at the next start, no more
                (self.folder / _EXAMINED).write_text(state, "ascii")

    def discard(self) -> None:
        """Delete the database. Raises IndexStoreError if that cannot be done."""
        self._database.discard()
