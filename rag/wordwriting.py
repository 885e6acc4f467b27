"""The lexical index while the next generation is written. Owns its rows; which passages come and go is decided above.

Words are gathered and written in the order of the table, many passages at once: what is written costs as much as the
lists of the words that changed, and not as the index.
"""

from __future__ import annotations

from array import array
from collections import Counter, defaultdict
from collections.abc import Sequence

from rag import postings, schema
from rag.errors import IndexDamagedError
from rag.records import Language
from rag.schema import Connection, Tally
from rag.variants import keys

_Key = tuple[Language, str, int]


def _numbers() -> array[int]:
    return array("I")


class WordWriter:
    """Writes the words of passages. Nothing of it can be searched before ``finish``."""

    def __init__(self, connection: Connection, tally: Tally, most: int) -> None:
        """Write over ``connection``, which is inside a transaction, gathering ``most`` words at a time in memory.

        Rows that come and go are counted in ``tally``.
        """
        self._rows = connection
        self._tally = tally
        self._most = most
        note = connection.execute("SELECT * FROM notes WHERE name = ?", (schema.SIZE,)).fetchone()
        self._passages, self._words = schema.size_of(note)
        self._new: defaultdict[_Key, array[int]] = defaultdict(_numbers)
        self._gone: defaultdict[_Key, array[int]] = defaultdict(_numbers)
        self._gathered = 0

    def add(self, passage_id: int, language: Language, words: Sequence[str]) -> None:
        """Add a passage with the stems ``words``; its id is above that of every passage there ever was."""
        self._gather(self._new, passage_id, language, words)
        self._passages += 1
        self._words += min(len(words), postings.MOST_LENGTH)

    def remove(self, passage_id: int, language: Language, words: Sequence[str]) -> None:
        """Remove a passage that was added with just these. Raises IndexDamagedError, at the latest at ``finish``."""
        if self._new:
            self._write()
        self._gather(self._gone, passage_id, language, words)
        self._passages -= 1
        self._words -= min(len(words), postings.MOST_LENGTH)

    def clear(self) -> None:
        """Remove all passages, however their words were found."""
        self._new.clear()
        self._gone.clear()
        self._gathered = self._passages = self._words = 0
        self._tally.went(self._rows.execute("DELETE FROM postings RETURNING seal"))
        self._tally.all_spelled(self._rows, gone=True)
        self._rows.execute("DELETE FROM spellings")

    def finish(self) -> None:
        """Write what is left, and the note, of which there is none, that says how much there is.

        Raises IndexDamagedError.
        """
        self._write()
        note = self._tally.sealed((schema.SIZE, f"{self._passages} {self._words}"))
        self._rows.execute("INSERT INTO notes VALUES (?, ?, ?)", note)

    def _gather(
        self, gathered: defaultdict[_Key, array[int]], passage_id: int, language: Language, words: Sequence[str]
    ) -> None:
        for stem, count in Counter(words).items():
            block, place = postings.place(passage_id, count, len(words))
            gathered[language, stem, block].append(place)
            self._gathered += 1
        if self._gathered >= self._most:
            self._write()

    def _write(self) -> None:
        """Write what was gathered."""
        for key in sorted(self._gone.keys() | self._new.keys()):
            self._change(key, sorted(self._gone.get(key, ())), self._new.get(key, _numbers()))
        self._gone.clear()
        self._new.clear()
        self._gathered = 0

    def _change(self, key: _Key, gone: Sequence[int], new: Sequence[int]) -> None:
        """Take from a row and add to it; the vocabulary follows where the row comes or goes."""
        query = (
            "DELETE FROM postings WHERE language = ? AND stem = ? AND block = ? "
            "RETURNING language, stem, block, places, seal"
        )
        old = self._tally.went(self._rows.execute(query, key))
        held: bytes = schema.unsealed(old[0])[3] if old else b""
        try:
            places = postings.changed(held, gone, new)
        except ValueError as error:
            raise IndexDamagedError(
                f"The index has lost passages with the word {key[1]}; delete the index's folder, and it is built anew."
            ) from error
        if places:
            query = "INSERT INTO postings (language, stem, block, places, seal) VALUES (?, ?, ?, ?, ?)"
            self._rows.execute(query, self._tally.sealed((*key, places)))
        if not held:
            self._learn(key[1])
        elif not places:
            self._forget(key[1])

    def _learn(self, word: str) -> None:
        """See to it that ``word`` is in the vocabulary."""
        query = "SELECT 1 FROM spellings WHERE key = ?1 AND word = ?1"
        if self._rows.execute(query, (word,)).fetchone() is None:
            rows = [(key, word) for key in keys(word)]
            self._rows.executemany("INSERT INTO spellings VALUES (?, ?)", rows)
            self._tally.spelled(rows)

    def _forget(self, word: str) -> None:
        """Take ``word`` out of the vocabulary if no passage has it any more."""
        query = "SELECT 1 FROM postings WHERE language IN ('de', 'en') AND stem = ?"
        if self._rows.execute(query, (word,)).fetchone() is None:
            rows = [(key, word) for key in keys(word)]
            self._rows.executemany("DELETE FROM spellings WHERE key = ? AND word = ?", rows)
            self._tally.spelled(rows, gone=True)
