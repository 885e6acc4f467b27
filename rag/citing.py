"""Hits -> an answer of cited sentences, or none. Owns which sentences lead, and the check that every quote is real."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from rag.errors import IndexDamagedError
from rag.folding import fold
from rag.records import Citation, Hit, Statement
from rag.settings import Settings
from rag.splitting import sentence_slices

# Shorter "sentences" are remains of lists and captions ("• Ja.") that answer nothing.
_SHORTEST = 25


@dataclass(frozen=True, slots=True)
class Candidate:
    """A sentence that may lead an answer: the ``sentence``-th of the passage of hit ``hit``, both counted from 0."""

    hit: int
    sentence: int
    citation: Citation


def candidates(hits: Sequence[Hit], texts: Mapping[str, str]) -> list[Candidate]:
    """List the sentences of ``hits``; ``texts`` maps article ids to the articles' texts as indexed.

    Raises IndexDamagedError if a passage is not, character for character, in its article.
    """
    found: list[Candidate] = []
    for position, hit in enumerate(hits):
        text = texts[hit.passage.article_id]
        verify(hit.citation, text)
        spans = sentence_slices(text[hit.passage.start : hit.passage.end])
        all_of_it = [Candidate(position, number, _cite(hit, text, *span)) for number, span in enumerate(spans)]
        found += [one for one in all_of_it if len(one.citation.quote) >= _SHORTEST] or all_of_it
    return found


def compose(
    sentences: Sequence[Candidate], vectors: NDArray[np.float32], scores: NDArray[np.float32], settings: Settings
) -> tuple[Statement, ...]:
    """Choose the sentences that answer best and do not repeat each other, in the order they were chosen.

    ``vectors`` (n, d) float32 are the sentences' unit vectors, ``scores`` (n,) what each is worth as an answer, higher
    is better. By maximal marginal relevance (Carbonell and Goldstein 1998): each further sentence is the one whose
    worth, less what it has in common with those chosen, is highest. It must be worth nearly as much as the first. What
    another article says in nearly the same words is not quoted again but named beside the sentence it repeats.
    """
    if not len(sentences):
        return ()
    near = vectors @ vectors.T
    left = set(np.flatnonzero(scores >= scores.max() - settings.statement_margin).tolist())
    chosen: list[int] = []
    while left and len(chosen) < settings.statements:
        value = {i: scores[i] - settings.redundancy * max((near[i, j] for j in chosen), default=0.0) for i in left}
        best = min(left, key=lambda i: (-value[i], i))
        chosen.append(best)
        articles = [sentences[i].citation.article_id for i in chosen]
        # Two sentences of one article are enough where others have something to say.
        full = {article for article in articles if articles.count(article) >= settings.statements_of_one_article}
        left -= {i for i in left if near[i, best] >= settings.same or sentences[i].citation.article_id in full}
    return tuple(_statement(i, sentences, near, settings.same) for i in chosen)


def _statement(chosen: int, sentences: Sequence[Candidate], near: NDArray[np.float32], same: float) -> Statement:
    """Make a statement of a sentence, with the sentence of each other article that says the same most alike."""
    citation = sentences[chosen].citation
    also: dict[str, Citation] = {}
    for i in np.argsort(-near[chosen], kind="stable").tolist():
        other = sentences[i].citation
        if near[chosen, i] >= same and other.article_id != citation.article_id:
            also.setdefault(other.article_id, other)
    return Statement(citation.quote, citation, sentences[chosen].hit, also=tuple(also.values()))


def cited_first(
    statements: Sequence[Statement], hits: Sequence[Hit], k: int
) -> tuple[tuple[Statement, ...], tuple[Hit, ...]]:
    """Return statements and hits with the passages that statements stand in first, so that citations count from 1.

    At most ``k`` hits are returned, or as many as are cited.
    """
    cited = list(dict.fromkeys(statement.hit for statement in statements))
    order = list(dict.fromkeys([*cited, *range(len(hits))]))[: max(k, len(cited))]
    moved = tuple(replace(statement, hit=order.index(statement.hit)) for statement in statements)
    return moved, tuple(hits[i] for i in order)


def verify(citation: Citation, text: str) -> None:
    """Raise IndexDamagedError unless the citation's quote is what ``text`` says at its offsets."""
    if (
        not 0 <= citation.start < citation.end <= len(text)
        or fold(text[citation.start : citation.end]) != citation.quote
    ):
        raise IndexDamagedError(
            f"The index does not fit {citation.article_id}: a stored passage is not in the stored article. "
            "Delete the index folder; it is rebuilt from the articles."
        )


def _cite(hit: Hit, text: str, start: int, end: int) -> Citation:
    begin = hit.passage.start + start
    stop = hit.passage.start + end
    passage = hit.passage
    return Citation(passage.article_id, hit.citation.title, passage.paragraph, begin, stop, fold(text[begin:stop]))
