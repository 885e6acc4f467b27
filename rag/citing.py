"""Hits -> an answer of cited sentences, or none. Owns which sentences lead, and the check that every quote is real."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from rag.errors import IndexStoreError
from rag.folding import fold
from rag.records import Citation, Hit, Statement
from rag.splitting import sentence_slices

# Shorter "sentences" are remains of lists and captions ("• Ja.") that answer nothing.
_SHORTEST = 25


@dataclass(frozen=True, slots=True)
class Candidate:
    """A sentence that may lead an answer; ``hit`` is the 0-based position of the hit it stands in."""

    hit: int
    citation: Citation


def candidates(hits: Sequence[Hit], texts: Mapping[str, str]) -> list[Candidate]:
    """List the sentences of ``hits``; ``texts`` maps article ids to the articles' texts as indexed.

    Raises IndexStoreError if a passage is not, character for character, in its article.
    """
    found: list[Candidate] = []
    for position, hit in enumerate(hits):
        text = texts[hit.passage.article_id]
        verify(hit.citation, text)
        raw = text[hit.passage.start : hit.passage.end]
        sentences = [_cite(hit, text, *span) for span in sentence_slices(raw)]
        found += [Candidate(position, s) for s in sentences if len(s.quote) >= _SHORTEST] or [
            Candidate(position, hit.citation)
        ]
    return found


def compose(
    sentences: Sequence[Candidate],
    vectors: NDArray[np.float32],
    scores: NDArray[np.float32],
    *,
    count: int,
    margin: float,
) -> tuple[Statement, ...]:
    """Choose at most ``count`` sentences that answer best, in order of their worth.

    ``vectors`` (n, d) float32 are the sentences' unit vectors, ``scores`` (n,) what each is worth as an answer, higher
    is better. A further sentence must come within ``margin`` of the best and not say the same as one already chosen.
    """
    chosen: list[int] = []
    for i in np.argsort(-scores, kind="stable"):
        if len(chosen) == count or (chosen and scores[i] < scores[chosen[0]] - margin):
            break
        if not any(_repeats(sentences[i], vectors[i], sentences[j], vectors[j]) for j in chosen):
            chosen.append(int(i))
    return tuple(Statement(sentences[i].citation.quote, sentences[i].citation, sentences[i].hit) for i in chosen)


def cited_first(statements: Sequence[Statement], hits: Sequence[Hit]) -> tuple[tuple[Statement, ...], tuple[Hit, ...]]:
    """Return statements and hits with the passages that statements stand in first, so that citations count from 1."""
    order = list(dict.fromkeys([statement.hit for statement in statements] + list(range(len(hits)))))
    moved = tuple(replace(statement, hit=order.index(statement.hit)) for statement in statements)
    return moved, tuple(hits[i] for i in order)


def verify(citation: Citation, text: str) -> None:
    """Raise IndexStoreError unless the citation's quote is what ``text`` says at its offsets."""
    if (
        not 0 <= citation.start < citation.end <= len(text)
        or fold(text[citation.start : citation.end]) != citation.quote
    ):
        raise IndexStoreError(
            f"The index does not fit {citation.article_id}: a stored passage is not in the stored article. "
            "Delete the index folder; it is rebuilt from the articles."
        )


def _repeats(
    one: Candidate, one_vector: NDArray[np.float32], other: Candidate, other_vector: NDArray[np.float32]
) -> bool:
    # 0.95 between two sentences is a reprint with a word changed; what is merely on the same subject stays below 0.9.
    return one.citation.quote == other.citation.quote or float(one_vector @ other_vector) > 0.95


def _cite(hit: Hit, text: str, start: int, end: int) -> Citation:
    begin = hit.passage.start + start
    stop = hit.passage.start + end
    passage = hit.passage
    return Citation(passage.article_id, hit.citation.title, passage.paragraph, begin, stop, fold(text[begin:stop]))
