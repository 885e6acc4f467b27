"""A question -> ranked hits. Owns the search over both arms, dense and lexical, of one generation."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from rag import fusion
from rag.passages import Snapshot
from rag.records import Citation, Hit, Passage
from rag.settings import Settings
from rag.vectors import VectorIndex


@dataclass(frozen=True, slots=True)
class Query:
    """A question ready for search: its text for the lexical arm, its unit vector (d,) float32 for the dense arm."""

    text: str
    vector: NDArray[np.float32]


def search(query: Query, snapshot: Snapshot, index: VectorIndex, *, k: int, settings: Settings) -> list[Hit]:
    """Return at most ``k`` hits, best first. ``index`` must hold the vectors of the snapshot's generation.

    Either arm proposes candidates; each candidate then gets its exact score in both, so that no passage is judged by
    the arm it happened to be found with.
    """
    candidates = max(settings.candidates, 4 * k)
    nearest, _ = index.search(query.vector, candidates)
    lexical = dict(snapshot.lexical(query.text, candidates))
    ids = np.unique(np.concatenate([nearest, np.array(list(lexical), dtype=np.int64)]))
    if not len(ids):
        return []
    unscored = [int(i) for i in ids if int(i) not in lexical]
    lexical |= snapshot.lexical_scores(query.text, unscored)
    dense = index.scores(query.vector, ids)
    words = np.array([lexical[int(i)] for i in ids], dtype=np.float32)
    scores = fusion.fuse(dense, words, settings.lexical_weight)
    top = fusion.best(scores, k)
    passages = snapshot.passages([int(ids[i]) for i in top])
    titles = snapshot.titles({passage.article_id for passage in passages})
    return [
        Hit(passage, float(scores[i]), float(dense[i]), float(words[i]), cite(passage, titles[passage.article_id]))
        for i, passage in zip(top, passages, strict=True)
    ]


def cite(passage: Passage, title: str) -> Citation:
    """Return the citation of a whole passage."""
    return Citation(passage.article_id, title, passage.paragraph, passage.start, passage.end, passage.text)
