"""A question -> ranked hits. Owns the search over both arms, dense and lexical, of one generation, and the last look.

Either arm proposes candidates; each candidate gets its exact score in both, so that no passage is judged by the arm it
happened to be found with; the best are then compared with the question word piece by word piece.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from rag import bm25, filtering, fusion, variants
from rag.embedding import no_pieces
from rag.encoder import Encoder
from rag.language import guess
from rag.matching import matches
from rag.passages import Snapshot
from rag.records import Citation, Filter, Hit, Language, Passage
from rag.reranker import Reranker
from rag.settings import Settings
from rag.terms import stems
from rag.variants import Term
from rag.vectors import VectorIndex

_LANGUAGES: tuple[Language, ...] = ("de", "en")


@dataclass(frozen=True, slots=True)
class Query:
    """A question ready for search: its text, its unit vector (d,) and those of its word pieces (t, 64), float32."""

    text: str
    vector: NDArray[np.float32]
    pieces: NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence of a hit: its text, its unit vector (d,) and those of its word pieces (t, 64), float32."""

    text: str
    vector: NDArray[np.float32]
    pieces: NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Tools:
    """What a search works with, whatever the generation."""

    encoder: Encoder
    translations: variants.Translator
    settings: Settings
    reranker: Reranker | None = None


@dataclass(frozen=True, slots=True)
class Generation:
    """One generation of the index: a snapshot of the database and the vectors that belong to it.

    ``within`` (n,) are the ids of the passages that a question is put to, None for all of them.
    """

    snapshot: Snapshot
    index: VectorIndex
    within: NDArray[np.int64] | None = None


def prepare(question: str, encoder: Encoder) -> Query:
    """Encode ``question``. Raises EncoderError."""
    return Query(question, encoder.encode_queries([question])[0], encoder.query_pieces(question))


def narrowed(generation: Generation, wanted: Filter) -> Generation:
    """Return ``generation`` with only those passages searched whose articles pass. Raises QuestionError.

    Only the search is narrowed: how rare a word is, and what follows from it, stays what it is in all articles.
    """
    if wanted == Filter():
        return generation
    snapshot = generation.snapshot
    return replace(generation, within=snapshot.passage_ids(filtering.passing(wanted, snapshot.summaries())))


def search(query: Query, generation: Generation, tools: Tools, k: int) -> list[Hit]:
    """Return at most ``k`` hits, best first. Raises EncoderError and IndexDamagedError."""
    settings = tools.settings
    depth = max(k, settings.rerank_depth)
    hits = _fused(query, generation, tools, depth)
    first, rest = hits[: settings.rerank_depth], hits[settings.rerank_depth :]
    return [*_looked_at(query, first, generation.snapshot, tools), *rest][:k]


def weigh(query: Query, sentences: Sequence[Sentence], generation: Generation, tools: Tools) -> NDArray[np.float32]:
    """Return what each of ``sentences`` is worth as an answer (n,), 1 or more.

    Weighed as passages are: by its vector, its words and its word pieces.
    """
    settings = tools.settings
    terms = variants.terms(query.text, generation.snapshot, tools.translations, settings)
    frequencies = generation.snapshot.frequencies(_stems(terms))
    scorers = {
        language: _scorer(terms, language, frequencies[language], generation.snapshot) for language in _LANGUAGES
    }
    lexical = np.array([scorers[guess(one.text)].score(_counted(one.text))[0] for one in sentences], dtype=np.float32)
    dense = np.stack([one.vector for one in sentences]) @ query.vector
    fused = fusion.fuse(dense.astype(np.float32), lexical, settings.lexical_weight)
    return fused + _piece_gain(query, [one.pieces for one in sentences], settings)


def word_scores(terms: Sequence[Term], snapshot: Snapshot) -> list[bm25.Scores]:
    """Return what the words of passages of each language, German first, are worth for a question of these ``terms``.

    Raises IndexDamagedError.
    """
    return [
        _scorer(terms, language, postings.frequencies(), snapshot).scores(postings)
        for language, postings in snapshot.postings(_stems(terms)).items()
    ]


def cite(passage: Passage, title: str) -> Citation:
    """Return the citation of a whole passage."""
    return Citation(passage.article_id, title, passage.paragraph, passage.start, passage.end, passage.text)


def _fused(query: Query, generation: Generation, tools: Tools, k: int) -> list[Hit]:
    """Return the ``k`` best passages by both arms."""
    snapshot, settings = generation.snapshot, tools.settings
    candidates = max(settings.candidates, 4 * k)
    terms = variants.terms(query.text, snapshot, tools.translations, settings)
    nearest, _ = generation.index.search(query.vector, candidates, generation.within)
    words = word_scores(terms, snapshot)
    matching = bm25.best(words, candidates, generation.within)
    ids = np.unique(np.array([*nearest, *matching], dtype=np.int64))
    if not len(ids):
        return []
    listed: list[int] = ids.tolist()
    dense = _likeness(query, listed, snapshot, settings)
    lexical, coverage = bm25.of(words, ids)
    scores = fusion.fuse(dense, lexical, settings.lexical_weight)
    top = fusion.best(scores, k)
    passages = snapshot.passages([listed[i] for i in top])
    titles = snapshot.titles({passage.article_id for passage in passages})
    texts = [passage.text for passage in passages]
    matched = matches(query.text, list(zip(texts, _languages(ids[top], words), strict=True)), terms)
    return [
        Hit(
            passage,
            score=float(scores[i]),
            dense=float(dense[i]),
            lexical=float(lexical[i]),
            coverage=float(coverage[i]),
            citation=cite(passage, titles[passage.article_id]),
            matches=found,
        )
        for i, passage, found in zip(top, passages, matched, strict=True)
    ]


def _languages(ids: NDArray[np.int64], words: Sequence[bm25.Scores]) -> list[Language | None]:
    """Return the language of each of the passages ``ids`` (n,), None where ``word_scores`` found no word in it."""
    german, english = (bm25.among(scores, ids).tolist() for scores in words)
    return ["de" if one else "en" if other else None for one, other in zip(german, english, strict=True)]


def _looked_at(query: Query, hits: Sequence[Hit], snapshot: Snapshot, tools: Tools) -> list[Hit]:
    """Order ``hits`` by a closer look: word piece by word piece, and by the reranker where there is one."""
    if not hits:
        return []
    stored = snapshot.pieces([hit.passage.id for hit in hits]) if tools.settings.piece_weight else {}
    pieces = [np.concatenate([no_pieces(), *stored.get(hit.passage.id, ())]) for hit in hits]
    gained = _piece_gain(query, pieces, tools.settings)
    hits = [replace(hit, score=hit.score + float(gain)) for hit, gain in zip(hits, gained, strict=True)]
    order = np.array([hit.score for hit in hits], dtype=np.float32)
    if tools.reranker is not None:
        order = tools.reranker.score(query.text, [hit.passage.text for hit in hits])
    return [hits[i] for i in fusion.best(order, len(hits))]


def _piece_gain(query: Query, pieces: Sequence[NDArray[np.float32]], settings: Settings) -> NDArray[np.float32]:
    """Return what the late interaction of the question with each text's word pieces (t, 64) is worth (n,)."""
    found = [fusion.likeness(query.pieces, some) for some in pieces]
    # Never below 0, so that no passage that was looked at falls behind one that was not.
    gained = [max(0.0, one.mean()) if len(one) else 0.0 for one in found]
    return np.array(gained, dtype=np.float32) * np.float32(settings.piece_weight)


def _likeness(query: Query, ids: list[int], snapshot: Snapshot, settings: Settings) -> NDArray[np.float32]:
    """Return the dense score (n,) of each passage, by its vector and by that of its nearest sentence."""
    passages, sentences = snapshot.cosines(ids, query.vector)
    return fusion.dense(np.clip(passages, -1.0, 1.0), sentences, settings.sentence_share)


def _scorer(
    terms: Sequence[Term], language: Language, frequencies: Mapping[str, int], snapshot: Snapshot
) -> bm25.Scorer:
    """Return what scores the words of a passage of ``language``."""
    return bm25.Scorer([term.stems(language) for term in terms], frequencies, *snapshot.size())


def _stems(terms: Sequence[Term]) -> dict[Language, set[str]]:
    """Return all that is looked for in passages of each language."""
    return {language: {stem for term in terms for stem in term.stems(language)} for language in _LANGUAGES}


def _counted(text: str) -> Counter[str]:
    found = stems(text)
    return Counter(found.german if guess(text) == "de" else found.english)
