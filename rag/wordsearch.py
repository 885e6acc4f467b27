"""Search for words in the lexical index and in the vocabulary. Owns these queries; the database is opened above."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from rag import postings, schema
from rag.postings import Postings
from rag.records import Language
from rag.schema import Connection, listed


class WordSearch:
    """What the words of one generation's passages can be asked."""

    def __init__(self, connection: Connection) -> None:
        """Read over ``connection``, which is inside a transaction."""
        self._words = connection

    def postings(self, stems: Mapping[Language, Collection[str]]) -> dict[Language, Postings]:
        """Return for the ``stems`` of each language the passages of that language that hold them.

        Raises IndexDamagedError where a row cannot be trusted.
        """
        query = (
            "SELECT language, stem, block, places, seal FROM postings "
            "WHERE language = ? AND stem IN (SELECT value FROM json_each(?)) ORDER BY stem, block"
        )
        return {
            language: postings.read(
                (stem, block, places)
                for _, stem, block, places in map(
                    schema.unsealed, self._words.execute(query, (language, listed(wanted)))
                )
            )
            for language, wanted in stems.items()
        }

    def frequencies(self, stems: Mapping[Language, Collection[str]]) -> dict[Language, dict[str, int]]:
        """Return in how many passages of each language its ``stems`` occur, for those that do.

        The passages themselves are not read.
        """
        query = (
            "SELECT stem, sum(length(places)) FROM postings "
            "WHERE language = ? AND stem IN (SELECT value FROM json_each(?)) GROUP BY stem"
        )
        return {
            language: {
                stem: postings.size(held) for stem, held in self._words.execute(query, (language, listed(wanted)))
            }
            for language, wanted in stems.items()
        }

    def spelled(self, keys: Collection[str]) -> dict[str, list[str]]:
        """Return for each key the words of the vocabulary that have a key which begins with it, at most 50 of each.

        They are the shortest: a compound of two words is more likely meant than one of three. In a million passages
        some words begin a thousand others, each of which has to be looked up; the slowest hundredth of questions takes
        0.7 of the time that it takes with 100.
        """
        # No two keys of a word begin alike: no word comes twice.
        query = "SELECT word FROM spellings WHERE key >= ? AND key < ? ORDER BY length(word), word LIMIT 50"
        # U+10FFFF sorts after every character that a word can have.
        return {key: [row[0] for row in self._words.execute(query, (key, key + "\U0010ffff"))] for key in keys}

    def holds(self, stems: Collection[str]) -> set[str]:
        """Return those of ``stems`` that are words of the vocabulary."""
        query = "SELECT key FROM spellings WHERE key = word AND key IN (SELECT value FROM json_each(?))"
        return {row[0] for row in self._words.execute(query, (listed(stems),))}

    def size(self) -> tuple[int, float]:
        """Return how many passages there are, and how many words one has on average, function words not counted."""
        row = self._words.execute("SELECT * FROM notes WHERE name = ?", (schema.SIZE,)).fetchone()
        passages, words = schema.size_of(row)
        return passages, words / passages if passages else 0.0
