"""Search for words in the lexical index and in the vocabulary. Owns these queries; the database is opened above."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping

import numpy as np
from numpy.typing import NDArray

from rag import schema
from rag.records import Language
from rag.schema import Connection, listed
from rag.variants import keys as spelling_keys

# The note that says how long passages are; BM25 asks for it at every question.
MEAN_LENGTH = "mean length"


class WordSearch:
    """What the words of one generation's passages can be asked."""

    def __init__(self, connection: Connection) -> None:
        """Read over ``connection``, which is inside a transaction."""
        self._words = connection

    def containing(
        self, stems: Mapping[Language, Collection[str]], limit: int, within: NDArray[np.int64] | None = None
    ) -> list[int]:
        """Return up to ``limit`` ids of passages of a language that contain any of its stems, the best match first.

        Given ``within`` (n,), only passages with these ids are looked at.
        """
        if not (expression := schema.match_expression(stems)) or limit <= 0:
            return []
        # The plus keeps SQLite from asking the lexical index for each id by itself.
        only = "" if within is None else "AND +rowid IN (SELECT value FROM json_each(?))"
        query = f"SELECT rowid FROM passages_fts WHERE passages_fts MATCH ? {only} ORDER BY rank, rowid LIMIT ?"  # noqa: S608
        ids = () if within is None else (listed(within.tolist()),)
        return [row[0] for row in self._words.execute(query, (expression, *ids, limit))]

    def stems(self, ids: Collection[int]) -> dict[int, tuple[Language, Counter[str]]]:
        """Return for each passage the language it was taken for, and its stems with their counts."""
        rows = self._words.execute(
            "SELECT rowid, de, en FROM passages_fts WHERE rowid IN (SELECT value FROM json_each(?))", (listed(ids),)
        )
        return {passage_id: ("de" if de else "en", Counter((de or en).split(" "))) for passage_id, de, en in rows}

    def frequencies(self, stems: Collection[str]) -> dict[Language, dict[str, int]]:
        """Return in how many passages of each language each of ``stems`` occurs, for those that do."""
        found: dict[Language, dict[str, int]] = {"de": {}, "en": {}}
        for stem in stems:
            rows = self._words.execute("SELECT col, doc FROM vocabulary WHERE term = ?", (stem,))
            for language, count in rows:
                found[language][stem] = count
        return found

    def spelled(self, keys: Collection[str]) -> dict[str, list[str]]:
        """Return for each key the words of the vocabulary that have a key which begins with it, at most 500 of each."""
        query = "SELECT DISTINCT word FROM spellings WHERE key >= ? AND key < ? LIMIT 500"
        # U+10FFFF sorts after every character that a word can have.
        return {key: [row[0] for row in self._words.execute(query, (key, key + "\U0010ffff"))] for key in keys}

    def holds(self, stems: Collection[str]) -> set[str]:
        """Return those of ``stems`` that are words of the vocabulary."""
        query = "SELECT key FROM spellings WHERE key = word AND key IN (SELECT value FROM json_each(?))"
        return {row[0] for row in self._words.execute(query, (listed(stems),))}

    def mean_length(self) -> float:
        """Return how many words a passage has on average, function words not counted."""
        row = self._words.execute("SELECT value FROM notes WHERE name = ?", (MEAN_LENGTH,)).fetchone()
        return float(row[0]) if row else 0.0


def refresh_vocabulary(connection: Connection) -> None:
    """Make the vocabulary and the mean length fit the passages that are stored now."""
    connection.execute("DELETE FROM spellings WHERE word NOT IN (SELECT term FROM vocabulary)")
    new = connection.execute("SELECT DISTINCT term FROM vocabulary WHERE term NOT IN (SELECT word FROM spellings)")
    rows = [(key, word) for (word,) in list(new) for key in spelling_keys(word)]
    connection.executemany("INSERT INTO spellings VALUES (?, ?)", rows)
    mean = "SELECT ?, total(cnt) / max(1, (SELECT count(*) FROM passages)) FROM vocabulary"
    connection.execute(f"INSERT INTO notes {mean}", (MEAN_LENGTH,))
