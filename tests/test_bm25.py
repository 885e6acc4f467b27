"""BM25 is what an independent BM25 says, and all that stands for a word counts as that word."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence

import bm25s
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rag.bm25 import K1, B, Scorer, Scores, among, best, of
from rag.postings import Postings
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


def postings(corpus: Sequence[Mapping[str, int]], stems: Collection[str]) -> Postings:
    """Where each of ``stems`` stands in ``corpus``, whose documents are numbered from 7 on in steps of 3."""
    held = [(stem, 7 + 3 * n, document) for stem in stems for n, document in enumerate(corpus) if stem in document]
    order = [stem for stem, _, _ in held]
    return Postings(
        {stem: (order.index(stem), order.index(stem) + order.count(stem)) for stem in order},
        np.array([i for _, i, _ in held], dtype=np.int64),
        np.array([float(document[stem]) for stem, _, document in held]),
        np.array([float(sum(document.values())) for _, _, document in held]),
    )


weighted = st.lists(st.dictionaries(st.sampled_from("abcdefgh"), st.floats(0.01, 1.0), max_size=4), max_size=4)


@settings(deadline=None)
@given(documents, weighted)
def test_all_passages_at_once_are_worth_what_each_is_by_itself(
    corpus: list[dict[str, int]], terms: list[dict[str, float]]
) -> None:
    ours = scorer(terms, corpus)
    found = ours.scores(postings(corpus, {stem for term in terms for stem in term}))
    expected = {7 + 3 * n: ours.score(document) for n, document in enumerate(corpus)}
    assert found.ids.tolist() == [i for i, (score, _) in expected.items() if score]
    for i, value, coverage in zip(found.ids.tolist(), found.values, found.coverage, strict=True):
        assert (value, coverage) == pytest.approx(expected[i])
    asked = np.arange(40)
    values, coverage = of([found], asked)
    assert values.dtype == coverage.dtype == np.float32
    assert values.tolist() == pytest.approx([expected.get(i, (0.0, 0.0))[0] for i in range(40)], rel=1e-6)
    assert coverage.tolist() == pytest.approx([expected.get(i, (0.0, 0.0))[1] for i in range(40)], rel=1e-6)


def test_a_word_said_without_end_and_a_text_without_end_count_like_long_ones() -> None:
    ours = scorer([{"a": 1.0}], [{"a": 63, "b": 192}, {"b": 1}])
    assert ours.score({"a": 63, "b": 192}) == ours.score({"a": 999, "b": 9_999})


worths = st.dictionaries(st.integers(0, 30), st.sampled_from([0.5, 1.0, 2.5]), max_size=12)


@settings(deadline=None)
@given(worths, st.sets(st.integers(0, 30)), st.integers(-1, 14), st.one_of(st.none(), st.sets(st.integers(0, 30))))
def test_the_best_of_both_languages_are_those_that_a_full_sort_puts_first(
    worth: dict[int, float], german: set[int], k: int, within: set[int] | None
) -> None:
    some = [only({i: v for i, v in worth.items() if (i in german) == side}) for side in (True, False)]
    allowed = [i for i in sorted(worth) if within is None or i in within]
    expected = sorted(allowed, key=lambda i: (-worth[i], i))[: max(k, 0)]
    assert best(some, k, None if within is None else np.array(sorted(within), dtype=np.int64)) == expected
    assert [among(one, np.arange(31)).tolist() for one in some] == [
        [i in worth and (i in german) == side for i in range(31)] for side in (True, False)
    ]
    values, coverage = of(some, np.arange(31))
    assert values.tolist() == [worth.get(i, 0.0) for i in range(31)]
    assert coverage.tolist() == pytest.approx([worth.get(i, 0.0) / 10 for i in range(31)])


def only(worth: dict[int, float]) -> Scores:
    """Scores as in ``worth``, and a tenth of them as the coverage."""
    ids = sorted(worth)
    values = np.array([worth[i] for i in ids], dtype=np.float64)
    return Scores(np.array(ids, dtype=np.int64), values, values / 10)
