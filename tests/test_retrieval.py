"""A search over both arms returns what an exhaustive search over the stored data returns."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from rag import indexing
from rag.encoder import HashingEncoder
from rag.passages import PassageStore
from rag.retrieval import Query, search
from rag.settings import DEFAULTS

QUESTIONS = [
    "Wer hat die neue Brücke eröffnet?",
    "Who asked for the harbour?",
    "BRICS+ in Kasan",
    "the",
    "nichts davon",
]


def query(encoder: HashingEncoder, question: str) -> Query:
    return Query(question, encoder.encode_queries([question])[0])


@pytest.mark.parametrize("question", QUESTIONS)
@pytest.mark.parametrize("candidates", [1, 50])
def test_every_hit_has_the_exact_scores_of_an_exhaustive_search(
    corpus: Path, store: PassageStore, encoder: HashingEncoder, question: str, candidates: int
) -> None:
    indexing.update(corpus, store, encoder, settings=DEFAULTS)
    asked = query(encoder, question)
    with store.snapshot() as snapshot:
        index = indexing.load_vectors(store, snapshot)
        hits = search(asked, snapshot, index, k=3, settings=replace(DEFAULTS, candidates=candidates))
        ids, vectors = snapshot.vectors()
        dense = vectors @ asked.vector
        lexical = dict(snapshot.lexical(question, 1_000))
    expected = [dense[i] + DEFAULTS.lexical_weight * lexical.get(int(ids[i]), 0.0) for i in range(len(ids))]
    assert [hit.score for hit in hits] == pytest.approx(sorted(expected, reverse=True)[: len(hits)], abs=1e-6)
    for hit in hits:
        [position] = np.flatnonzero(ids == hit.passage.id)
        assert hit.dense == pytest.approx(float(dense[position]), abs=1e-6)
        assert hit.lexical == pytest.approx(lexical.get(hit.passage.id, 0.0))


def test_asking_for_more_than_there_is_returns_every_passage_once(
    corpus: Path, store: PassageStore, encoder: HashingEncoder
) -> None:
    report = indexing.update(corpus, store, encoder, settings=DEFAULTS)
    with store.snapshot() as snapshot:
        index = indexing.load_vectors(store, snapshot)
        hits = search(query(encoder, "Brücke"), snapshot, index, k=1_000, settings=DEFAULTS)
    assert len({hit.passage.id for hit in hits}) == len(hits) == report.passages
    assert all(hit.passage.id > 0 for hit in hits)


def test_a_hit_cites_the_whole_passage_with_the_title_of_its_article(
    corpus: Path, store: PassageStore, encoder: HashingEncoder
) -> None:
    indexing.update(corpus, store, encoder, settings=DEFAULTS)
    with store.snapshot() as snapshot:
        index = indexing.load_vectors(store, snapshot)
        hit = search(query(encoder, "Wer eröffnete die Brücke in Köln?"), snapshot, index, k=1, settings=DEFAULTS)[0]
    assert (hit.citation.article_id, hit.citation.title, hit.citation.paragraph) == (
        "bruecke.txt",
        "Die neue Brücke",
        1,
    )
    assert (hit.citation.start, hit.citation.end, hit.citation.quote) == (
        hit.passage.start,
        hit.passage.end,
        hit.passage.text,
    )
