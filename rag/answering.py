"""Hits -> the sentences an answer leads with, and what speaks for it; which questions are taken at all.

Owns which stored rows and vectors of a generation are needed for that, and what unrelated questions find in it. Which
sentences are chosen is said by ``rag.citing``, how sure an answer is by ``rag.abstention``.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import astuple, replace

import numpy as np

from rag import abstention, citing, fusion, retrieval
from rag.abstention import Evidence, Unrelated
from rag.embedding import no_pieces
from rag.errors import IndexDamagedError, IndexStoreError, QuestionError
from rag.passages import PassageStore
from rag.records import Hit, Language, Statement
from rag.retrieval import Generation, Query, Sentence, Tools
from rag.settings import Settings
from rag.speech.attribution import attribute

_LOG = logging.getLogger(__name__)


def require(question: str, k: int, settings: Settings) -> None:
    """Raise QuestionError for an empty or over-long question, and for an impossible number of hits."""
    if not question.strip():
        raise QuestionError("The question is empty. Type what you want to find in the articles.")
    if len(question) > settings.question_limit:
        raise QuestionError(
            f"The question has {len(question):,} characters; at most {settings.question_limit:,} are read. Shorten it."
        )
    if not 1 <= k <= settings.hits_limit:
        raise QuestionError(f"k is {k}; it must be from 1 to {settings.hits_limit:,}.")


def statements(query: Query, hits: Sequence[Hit], generation: Generation, tools: Tools) -> tuple[Statement, ...]:
    """Lead with the sentences whose own worth and whose passage's score together are highest.

    Raises IndexDamagedError, and IndexStoreError if a passage is not in its article.
    """
    if not hits:
        return ()
    texts = {name: generation.snapshot.article(name).text for name in {hit.passage.article_id for hit in hits}}
    sentences = citing.candidates(hits, texts)
    stored = generation.snapshot.embeddings([hit.passage.id for hit in hits])
    parts = []
    for one in sentences:
        embedding = stored[hits[one.hit].passage.id]
        parts.append(Sentence(one.citation.quote, embedding.sentences[one.sentence], embedding.pieces[one.sentence]))
    scores = np.array([hits[one.hit].score for one in sentences], dtype=np.float32)
    worth = scores + retrieval.weigh(query, parts, generation, tools)
    chosen = citing.compose(sentences, np.stack([part.vector for part in parts]), worth, tools.settings)
    return tuple(
        replace(one, said=attribute(texts[one.citation.article_id], one.citation.start, one.citation.end))
        for one in chosen
    )


def evidence(query: Query, hits: Sequence[Hit], others: Unrelated, generation: Generation) -> Evidence:
    """Return what speaks for the first of ``hits``, which are not empty, as an answer. Raises IndexDamagedError."""
    [pieces] = generation.snapshot.pieces([hits[0].passage.id]).values()
    likeness = fusion.likeness(query.pieces, np.concatenate([no_pieces(), *pieces]))
    return abstention.evidence(query.text, hits, likeness, others)


def unrelated(generation: Generation, language: Language, tools: Tools, store: PassageStore) -> Unrelated:
    """Return what unrelated questions in ``language`` find in this generation.

    Worked out with the first question in that language, and noted in ``store`` for the next start.
    """
    sha256 = generation.snapshot.require_manifest().vectors_sha256
    name = f"scores of unrelated questions {language} {sha256} {tools.settings}"
    noted = generation.snapshot.note(name)
    if noted is not None:
        return Unrelated(*map(float, noted.split()))
    # Without the reranker, which changes no score.
    plain = replace(tools, reranker=None)
    queries = [retrieval.prepare(question, tools.encoder) for question in abstention.UNRELATED[language]]
    found = [retrieval.search(query, generation, plain, 1) for query in queries]
    value = abstention.unrelated([hits[0].score for hits in found if hits])
    try:
        store.set_note(name, " ".join(map(str, astuple(value))))
    except IndexDamagedError:
        raise
    except IndexStoreError as error:
        # A full disk, a busy writer: the answer does not depend on it, only how soon the next one comes.
        _LOG.warning("%s", error)
    return value
