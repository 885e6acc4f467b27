"""The threshold leaves the asked share of unrelated questions below it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.abstention import UNRELATED, threshold


@given(st.lists(st.floats(-1, 1), min_size=1, max_size=60), st.floats(0, 1))
def test_at_least_the_asked_share_of_scores_does_not_exceed_the_threshold(scores: list[float], quantile: float) -> None:
    value = threshold(scores, quantile)
    assert min(scores) <= value <= max(scores)
    assert sum(score <= value + 1e-9 for score in scores) >= int(quantile * (len(scores) - 1)) + 1


def test_no_scores_have_no_threshold() -> None:
    with pytest.raises(ValueError, match="no scores"):
        threshold([], 0.5)


def test_the_unrelated_questions_are_the_same_in_both_languages_and_all_different() -> None:
    assert len(UNRELATED["de"]) == len(UNRELATED["en"]) == len(set(UNRELATED["de"])) == len(set(UNRELATED["en"]))
