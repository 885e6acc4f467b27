"""The figures of the model comparison agree with an independent computation."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.quality import rank_scores, retrieval_from_rows


@given(st.integers(1, 12), st.integers(1, 15), st.integers(0, 2**32 - 1))
def test_scores_are_the_means_of_each_question_ranked_by_itself(questions: int, passages: int, seed: int) -> None:
    draw = np.random.default_rng(seed)
    asked, told = (draw.normal(size=(n, 4)).astype(np.float32) for n in (questions, passages))
    gold = [
        frozenset(draw.choice(passages, draw.integers(1, passages + 1), replace=False).tolist())
        for _ in range(questions)
    ]
    score = rank_scores(asked, told, gold)
    rankings = [
        [int(p) in right for p in sorted(range(passages), key=lambda p: -float(asked[q] @ told[p]))]
        for q, right in enumerate(gold)
    ]
    expected = [np.mean([any(ranking[:k]) for ranking in rankings]) for k in (1, 5, 10)]
    gain = 1 / np.log2(np.arange(passages) + 2)
    ndcg = np.mean(
        [gain[:10] @ r[:10] / gain[:10][: len(right)].sum() for r, right in zip(rankings, gold, strict=True)]
    )
    np.testing.assert_allclose((score.recall_1, score.recall_5, score.recall_10), expected)
    np.testing.assert_allclose(score.ndcg_10, ndcg, rtol=1e-6)


def test_a_passage_that_answers_several_questions_is_in_the_collection_once() -> None:
    task = retrieval_from_rows("task", [("one", "A"), ("two", "B"), ("three", "A")])
    assert (list(task.questions), list(task.passages)) == (["one", "two", "three"], ["A", "B"])
    assert list(task.gold) == [{0}, {1}, {0}]
