"""The vocabulary of what is taken away from the chat: turns, conversations, and the facts of the places they cite."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from rag.records import Answer, ArticleSummary, Citation


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of cited places beyond their citations; any may be missing.

    ``articles`` has authors, dates and languages by article id, ``links`` a permalink by citation.
    """

    articles: Mapping[str, ArticleSummary] = field(default_factory=dict)
    links: Mapping[Citation, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Turn:
    """A question of a conversation, as it was typed, and its answer; ``asked`` has a time zone."""

    question: str
    answer: Answer
    asked: datetime


@dataclass(frozen=True, slots=True)
class Conversation:
    """What was asked of a corpus, in order; ``title`` and the name of the ``corpus`` are for people."""

    title: str
    corpus: str
    turns: tuple[Turn, ...]
