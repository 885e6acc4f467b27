"""Search for words in the lexical index and in the vocabulary. Owns these queries; the database is opened above."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any, Protocol

from rag import schema
from rag.records import Language
from rag.variants import keys as spelling_keys

# The note that says how long passages are; BM25 asks for it at every question.
MEAN_LENGTH = "mean length"


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


class WordSearch:
    """What the words of one generation's passages can be asked."""

    def __init__(self, connection: Connection) -> None:
        """Read over ``connection``, which is inside a transaction."""
        self._words = connection

    def containing(self, stems: Mapping[Language, Collection[str]], limit: int) -> list[int]:
        """Return up to ``limit`` ids of passages of a language that contain any of its stems, the best match first."""
        if not (expression := schema.match_expression(stems)) or limit <= 0:
            return []
        query = "SELECT rowid FROM passages_fts WHERE passages_fts MATCH ? ORDER BY rank, rowid LIMIT ?"
        return [row[0] for row in self._words.execute(query, (expression, limit))]

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


def listed(values: Collection[object]) -> str:
    """Return ``values`` as one JSON text, because SQLite limits the number of parameters."""
    return json.dumps(list(values))
