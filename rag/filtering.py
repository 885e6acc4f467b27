"""Which articles a question is put to. Owns what a filter lets through, and what is said of one that makes no sense."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import PurePosixPath
from typing import get_args

from rag.errors import QuestionError
from rag.records import ArticleSummary, Filter, Language


def passing(wanted: Filter, articles: Sequence[ArticleSummary]) -> list[str]:
    """Return the ids of those of ``articles`` that pass, in their order; maybe none.

    Raises QuestionError for an id or a folder that none of ``articles`` has, for dates that end before they begin and
    for an unknown language.
    """
    _check(wanted, articles)
    folders = [PurePosixPath(folder) for folder in wanted.folders]
    return [
        article.id
        for article in articles
        if (not (wanted.articles or folders) or article.id in wanted.articles or _in_any(article, folders))
        and _in_time(article, wanted)
        and wanted.language in (None, article.language)
    ]


def _in_any(article: ArticleSummary, folders: Sequence[PurePosixPath]) -> bool:
    return any(PurePosixPath(article.id).is_relative_to(folder) for folder in folders)


def _in_time(article: ArticleSummary, wanted: Filter) -> bool:
    if article.published is None:
        return wanted.since is None and wanted.until is None
    return (wanted.since is None or wanted.since <= article.published) and (
        wanted.until is None or article.published <= wanted.until
    )


def _check(wanted: Filter, articles: Sequence[ArticleSummary]) -> None:
    for name in sorted(set(wanted.articles) - {article.id for article in articles}):
        raise QuestionError(
            f"articles names {name}, which is not in the index; name an article by its path in the folder."
        )
    for folder in wanted.folders:
        if not any(_in_any(article, [PurePosixPath(folder)]) for article in articles):
            raise QuestionError(
                f"folders names {folder}, which holds no indexed article; name a folder by its path in the folder of "
                "articles, with forward slashes."
            )
    if wanted.since and wanted.until and wanted.since > wanted.until:
        raise QuestionError(
            f"since is {wanted.since} and until is {wanted.until}, so that nothing lies between; exchange the two."
        )
    if wanted.language not in (None, *get_args(Language)):
        raise QuestionError(f"language is {wanted.language}; it must be de or en.")
