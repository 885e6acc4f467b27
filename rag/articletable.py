"""What one generation's articles can be asked. Owns these queries; the database is opened above."""

from __future__ import annotations

from collections.abc import Collection

import numpy as np
from numpy.typing import NDArray

from rag import schema
from rag.errors import IndexDamagedError, IndexStoreError
from rag.records import Article, ArticleSummary
from rag.schema import Connection, listed


class ArticleTable:
    """The articles of one generation. Raises IndexDamagedError where the stored rows cannot be trusted."""

    def __init__(self, connection: Connection) -> None:
        """Read over ``connection``, which is inside a transaction."""
        self._articles = connection

    def article(self, article_id: str) -> Article:
        """Return the article as it was indexed. Raises IndexStoreError if there is none of that name."""
        row = self._articles.execute("SELECT * FROM articles WHERE id = ?", (article_id,)).fetchone()
        text = self._articles.execute("SELECT * FROM texts WHERE article_id = ?", (article_id,)).fetchone()
        if row is None:
            raise IndexStoreError(f"The index holds no article {article_id}.")
        if text is None:
            raise IndexDamagedError(f"The index has lost the text of {article_id}.")
        return schema.article_of(schema.unsealed(row), schema.unsealed(text))

    def titles(self, article_ids: Collection[str]) -> dict[str, str]:
        """Return title by article id, for those of ``article_ids`` that are indexed."""
        rows = self._articles.execute(
            "SELECT * FROM articles WHERE id IN (SELECT value FROM json_each(?))", (listed(article_ids),)
        )
        return {row[0]: schema.unsealed(row)[1] for row in rows}

    def article_ids(self) -> list[str]:
        """Return the ids of all articles, sorted."""
        return [row[0] for row in self._articles.execute("SELECT id FROM articles ORDER BY id")]

    def content_hashes(self) -> dict[str, str]:
        """Return the SHA-256 of each article's file as it was indexed, by article id."""
        return dict(self._articles.execute("SELECT id, content_hash FROM articles"))

    def summaries(self) -> list[ArticleSummary]:
        """Return what a list of all articles shows, sorted by id; their texts are not read."""
        counted = dict(self._articles.execute("SELECT article_id, count(*) FROM passages GROUP BY article_id"))
        rows = self._articles.execute("SELECT * FROM articles ORDER BY id")
        return [schema.summary_of(schema.unsealed(row), counted.get(row[0], 0)) for row in rows]

    def passage_ids(self, article_ids: Collection[str]) -> NDArray[np.int64]:
        """Return the ids (n,) of all passages of these articles, ascending."""
        rows = self._articles.execute(
            "SELECT id FROM passages WHERE article_id IN (SELECT value FROM json_each(?)) ORDER BY id",
            (listed(article_ids),),
        )
        return np.array([row[0] for row in rows], dtype=np.int64)
