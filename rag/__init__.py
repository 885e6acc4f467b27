"""Fundstelle: passages that answer a question, quoted verbatim and cited to the paragraph.

import rag
engine = rag.open("seeds")
for hit in engine.retrieve("what did Dmitriev propose?", k=3):
    print(hit.citation.title, hit.citation.paragraph, hit.passage.text)
"""

from __future__ import annotations

from functools import cache
from threading import Lock
from typing import TYPE_CHECKING

from rag.conversations import Conversation, Facts, Turn
from rag.errors import (
    AccessError,
    ArticleError,
    BusyError,
    CorpusError,
    EncoderError,
    EvaluationError,
    FundstelleError,
    IndexBusyError,
    IndexDamagedError,
    IndexOutdatedError,
    IndexStoreError,
    InstallationError,
    QuestionError,
)
from rag.records import (
    Answer,
    Article,
    ArticleSummary,
    Attribution,
    Block,
    BlockKind,
    Citation,
    Dated,
    Filter,
    Hit,
    IndexReport,
    Located,
    Match,
    Passage,
    Pending,
    Progress,
    ProgressCallback,
    Skipped,
    Standing,
    Statement,
    Whereabouts,
)

if TYPE_CHECKING:
    from rag.engine import Engine
    from rag.engine import open_corpus as open  # noqa: A004 - the public name is rag.open

    __version__: str

__all__ = [
    "AccessError",
    "Answer",
    "Article",
    "ArticleError",
    "ArticleSummary",
    "Attribution",
    "Block",
    "BlockKind",
    "BusyError",
    "Citation",
    "Conversation",
    "CorpusError",
    "Dated",
    "EncoderError",
    "Engine",
    "EvaluationError",
    "Facts",
    "Filter",
    "FundstelleError",
    "Hit",
    "IndexBusyError",
    "IndexDamagedError",
    "IndexOutdatedError",
    "IndexReport",
    "IndexStoreError",
    "InstallationError",
    "Located",
    "Match",
    "Passage",
    "Pending",
    "Progress",
    "ProgressCallback",
    "QuestionError",
    "Skipped",
    "Standing",
    "Statement",
    "Turn",
    "Whereabouts",
    "__version__",
    "open",
    "retrieve",
]

_opening = Lock()


def retrieve(question: str, k: int = 5, *, filter: Filter = Filter()) -> list[Hit]:
    """Return the ``k`` passages of the sample articles that fit ``question`` best; see ``Engine.retrieve``."""
    return _default_engine().retrieve(question, k, filter=filter)


@cache
def _opened() -> Engine:
    from rag.engine import open_corpus

    return open_corpus()


def _default_engine() -> Engine:
    # Without the lock two threads that ask first would both open, and one wait for the other's index.
    with _opening:
        return _opened()


def _version() -> str:
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version("fundstelle")
    except PackageNotFoundError:  # run from a checkout that was not installed
        return "0+unknown"


if not TYPE_CHECKING:

    def __getattr__(name: str) -> object:
        # The engine brings numpy, FAISS and the rest; "--help" and a mistyped option should not wait for them, nor for
        # what reads the version.
        if name in ("Engine", "open"):
            from rag import engine

            return engine.Engine if name == "Engine" else engine.open_corpus
        if name == "__version__":
            return _version()
        raise AttributeError(f"module 'rag' has no attribute {name!r}")
