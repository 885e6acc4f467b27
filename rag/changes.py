"""The files of a folder against what is stored: which are new, changed or gone. Reads what has to be read again.

Owns how far one update goes; how a file is read and divided is the business of the rooms below.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from rag import articles
from rag.errors import ArticleError, CorpusError
from rag.records import Article, Passage, Pending, Progress, ProgressCallback, Skipped
from rag.settings import Settings
from rag.splitting import split


def _ignore(progress: Progress) -> None:
    """Take no notice of progress."""


@dataclass(frozen=True, slots=True)
class Stage:
    """How far one update goes, and whom it tells.

    It reads at most ``most`` (1 or more) new or changed files, all where that is None; removed ones always count. With
    ``allow_empty`` a folder without articles gives an index without any, else a CorpusError.
    """

    progress: ProgressCallback = _ignore
    most: int | None = None
    allow_empty: bool = False


WHOLE = Stage()


@dataclass(frozen=True, slots=True)
class Changes:
    """What the files ask for: articles to write, with their passages, and ids of articles to remove.

    ``kept`` counts articles that stay as they are stored, ``waiting`` files that are left for a later update.
    """

    read: list[tuple[Article, list[Passage]]]
    removed: list[str]
    kept: int
    skipped: list[Skipped]
    waiting: int


def read(corpus: Path, stored: Mapping[str, str], settings: Settings, stage: Stage, *, everything: bool) -> Changes:
    """Read the files that are new or changed, or ``everything``; ``stored`` holds content hashes by article id.

    Raises CorpusError if no file is an article, unless the stage allows that.
    """
    paths, skipped = articles.find(corpus)
    # One generation is never of mixed making: what was made in another way is made again all at once.
    most = len(paths) if stage.most is None or (everything and stored) else stage.most
    found: list[tuple[Article, list[Passage]]] = []
    kept: set[str] = set()
    waiting = 0
    for done, path in enumerate(paths):
        name = articles.article_id(path, corpus)
        try:
            file = articles.load(path, corpus)
            differs = everything or file.content_hash != stored.get(name)
            due = differs and len(found) < most
            stage.progress(Progress("reading", done, len(paths), name if due else ""))
            if due:
                article = articles.parse(file)
                found.append((article, split(article, settings)))
            elif name in stored:
                kept.add(name)
            waiting += differs and not due
        except (ArticleError, OSError) as error:
            skipped.append(Skipped(name, str(error)))
    stage.progress(Progress("reading", len(paths), len(paths)))
    if not (kept or waiting or stage.allow_empty or any(passages for _, passages in found)):
        raise CorpusError(
            f"The folder {corpus} holds no article that can be read; put .txt, .md or .html files into it."
        )
    present = kept | {article.id for article, _ in found}
    return Changes(found, sorted(set(stored) - present), len(kept), skipped, waiting)


def pending(corpus: Path, stored: Mapping[str, str]) -> Iterator[Pending]:
    """Yield the files that are not stored as they are now, in the order ``read`` takes them in."""
    for path in articles.find(corpus)[0]:
        name = articles.article_id(path, corpus)
        with suppress(ArticleError, OSError):  # named by the update
            file = articles.load(path, corpus)
            if file.content_hash != stored.get(name):
                yield Pending(name, len(file.data))
