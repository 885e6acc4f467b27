"""A question -> ranked hits. Owns the search over both arms, dense and lexical, of one generation."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from rag import bm25, fusion, variants
from rag.language import Language
from rag.passages import Snapshot
from rag.records import Citation, Hit, Passage
from rag.settings import Settings
from rag.variants import Term
from rag.vectors import VectorIndex

_LANGUAGES: tuple[Language, ...] = ("de", "en")
# Words that FTS5 is asked for at once; the surest come first. More make it slow and find nothing better.
_MOST_WORDS = 96


@dataclass(frozen=True, slots=True)
class Query:
    """A question ready for search: its text for the lexical arm, its unit vector (d,) float32 for the dense arm."""

    text: str
    vector: NDArray[np.float32]


def search(
    query: Query,
    snapshot: Snapshot,
    index: VectorIndex,
    translations: variants.Translator,
    *,
    k: int,
    settings: Settings,
) -> list[Hit]:
    """Return at most ``k`` hits, best first. ``index`` must hold the vectors of the snapshot's generation.

    Either arm proposes candidates; each candidate then gets its exact score in both, so that no passage is judged by
    the arm it happened to be found with.
    """
    candidates = max(settings.candidates, 4 * k)
    terms = variants.terms(query.text, snapshot, translations, settings)
    nearest, _ = index.search(query.vector, candidates)
    matching = snapshot.containing({language: _surest(terms, language) for language in _LANGUAGES}, candidates)
    ids = np.unique(np.array([*nearest, *matching], dtype=np.int64))
    if not len(ids):
        return []
    listed: list[int] = ids.tolist()
    dense = fusion.dense(
        index.scores(query.vector, ids), _best_sentences(query, listed, snapshot), settings.sentence_share
    )
    lexical, coverage = _lexical(terms, listed, snapshot)
    scores = fusion.fuse(dense, lexical, settings.lexical_weight)
    top = fusion.best(scores, k)
    passages = snapshot.passages([listed[i] for i in top])
    titles = snapshot.titles({passage.article_id for passage in passages})
    return [
        Hit(
            passage,
            score=float(scores[i]),
            dense=float(dense[i]),
            lexical=float(lexical[i]),
            coverage=float(coverage[i]),
            citation=cite(passage, titles[passage.article_id]),
        )
        for i, passage in zip(top, passages, strict=True)
    ]


def cite(passage: Passage, title: str) -> Citation:
    """Return the citation of a whole passage."""
    return Citation(passage.article_id, title, passage.paragraph, passage.start, passage.end, passage.text)


def _surest(terms: Sequence[Term], language: Language) -> list[str]:
    weights: dict[str, float] = {}
    for term in terms:
        for stem, weight in getattr(term, language).items():
            weights[stem] = max(weights.get(stem, 0.0), weight)
    return sorted(weights, key=lambda stem: (-weights[stem], stem))[:_MOST_WORDS]


def _best_sentences(query: Query, ids: list[int], snapshot: Snapshot) -> NDArray[np.float32]:
    """Return the cosine (n,) between the question and the nearest sentence of each passage."""
    sentences = snapshot.sentence_vectors(ids)
    return np.array([np.max(sentences[i] @ query.vector) for i in ids], dtype=np.float32)


def _lexical(
    terms: Sequence[Term], ids: list[int], snapshot: Snapshot
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Return the BM25 score (n,) of each passage and the share (n,) of the question that it covers."""
    frequencies = snapshot.frequencies({stem for term in terms for stem in (*term.de, *term.en)})
    passages, length = snapshot.passage_count(), snapshot.mean_length()
    spoken: dict[Language, list[dict[str, float]]] = {}
    weights: dict[Language, list[float]] = {}
    for language, held in frequencies.items():
        spoken[language] = [
            {stem: share for stem, share in getattr(term, language).items() if stem in held} for term in terms
        ]
        weights[language] = [
            bm25.inverse_frequency(sum(share * held[stem] for stem, share in variant.items()), passages)
            for variant in spoken[language]
        ]
    found = snapshot.stems(ids)
    scored = np.array(
        [
            bm25.score(spoken[language], weights[language], words, length)
            for language, words in (found[i] for i in ids)
        ],
        dtype=np.float32,
    ).reshape(-1, 2)
    return scored[:, 0], scored[:, 1]
