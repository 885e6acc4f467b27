"""BM25 is what an independent BM25 says, and all that stands for a word counts as that word."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

import bm25s
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.bm25 import K1, B, Scorer
from rag.terms import stems

TEXTS = [
    "Der Bürgermeister von Köln eröffnet die neue Brücke über den Rhein. Die Brücke ist lang.",
    "Die Brücke kostete 20.000 Euro, sagte der Bürgermeister.",
    "Die Energiedeals mit Russland betreffen vor allem die Gasanlagen.",
    "Die Länder von BRICS+ sprachen über Handel und über eine Währung.",
    "Gas, Gas, Gas: Über nichts anderes sprach der Rat, auch nicht über den Handel mit Russland.",
]


def scorer(terms: Sequence[Mapping[str, float]], documents: Sequence[Mapping[str, int]]) -> Scorer:
    """A scorer for ``terms`` over a corpus of ``documents``."""
    frequencies = Counter(stem for document in documents for stem in document)
    return Scorer(terms, frequencies, len(documents), sum(sum(d.values()) for d in documents) / len(documents))


@pytest.mark.parametrize(
    "question", ["Bürgermeister", "Brücke am Rhein", "Gas Handel Russland", "20,000 Euro", "BRICS+"]
)
def test_scores_are_those_of_an_independent_bm25(question: str) -> None:
    tokens = [list(stems(text).german) for text in TEXTS]
    # The variant named after Lucene leaves out the factor k1 + 1, which is the same for every passage.
    oracle = bm25s.BM25(method="lucene", k1=K1, b=B)
    oracle.index(tokens, show_progress=False)
    asked = list(dict.fromkeys(stems(question).german))
    expected = oracle.get_scores(asked) * (K1 + 1)
    documents = [Counter(some) for some in tokens]
    ours = scorer([{stem: 1.0} for stem in asked], documents)
    assert max(expected) > 0
    assert [ours.score(document)[0] for document in documents] == pytest.approx(expected.tolist(), rel=1e-5)


documents = st.lists(st.dictionaries(st.sampled_from("abcdef"), st.integers(1, 5), min_size=1), min_size=1, max_size=8)


@given(documents)
def test_a_synonym_of_weight_one_scores_as_the_word_in_its_place(corpus: list[dict[str, int]]) -> None:
    # "b" stands for "a" in passages that have only one of them, as a translation does.
    corpus = [{stem: n for stem, n in one.items() if stem != "b" or "a" not in one} or {"c": 1} for one in corpus]
    replaced = [{"a" if stem == "b" else stem: n for stem, n in one.items()} for one in corpus]
    with_synonym, alone = scorer([{"a": 1.0, "b": 1.0}], corpus), scorer([{"a": 1.0}], replaced)
    for one, other in zip(corpus, replaced, strict=True):
        assert with_synonym.score(one) == pytest.approx(alone.score(other))


@given(
    documents,
    st.lists(st.dictionaries(st.sampled_from("abcdefgh"), st.floats(0.01, 1.0), max_size=4), max_size=4),
)
def test_scores_are_not_negative_and_coverage_is_a_share(
    corpus: list[dict[str, int]], terms: list[dict[str, float]]
) -> None:
    ours = scorer(terms, corpus)
    for document in corpus:
        score, coverage = ours.score(document)
        assert score >= 0
        assert 0 <= coverage <= 1 + 1e-9
        assert (score > 0) == (coverage > 0) == any(stem in document for term in terms for stem in term)


@given(documents, st.floats(0.05, 0.95))
def test_what_stands_for_a_word_at_a_lower_weight_covers_less(corpus: list[dict[str, int]], share: float) -> None:
    for document in corpus:
        _, whole = scorer([{"a": 1.0}], corpus).score(document)
        _, part = scorer([{"a": share}], corpus).score(document)
        assert whole == pytest.approx(1.0 if "a" in document else 0.0)
        assert part == pytest.approx(share * whole)


def test_a_word_that_no_passage_has_leaves_the_question_uncovered() -> None:
    corpus = [{"a": 1}, {"b": 1}]
    score, coverage = scorer([{"a": 1.0}, {"zeppelin": 1.0}], corpus).score(corpus[0])
    assert score == scorer([{"a": 1.0}], corpus).score(corpus[0])[0]
    assert 0 < coverage < 0.5
    assert scorer([], corpus).score(corpus[0]) == (0.0, 0.0)
