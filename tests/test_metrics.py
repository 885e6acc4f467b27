"""The formulas against trec_eval and values worked out by hand; intervals and chances against what they claim."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rag.evaluation.metrics import (
    BINS,
    RESAMPLES,
    Ratio,
    bin_of,
    calibration_parts,
    chance,
    interval,
    ndcg_at,
    recall_at,
    reciprocal_rank,
)

rankings = st.lists(st.booleans(), min_size=1, max_size=10)


def mean(values: list[float]) -> Ratio:
    return Ratio(np.array(values, dtype=float)[:, None], np.ones(len(values)))


@settings(deadline=None)
@given(rankings, st.integers(1, 4))
def test_the_figures_of_a_ranking_are_those_of_trec_eval(relevant, missed):
    ir_measures = pytest.importorskip("ir_measures")
    cuts = [ir_measures.Success @ 1, ir_measures.Success @ 5, ir_measures.Success @ 10, ir_measures.nDCG @ 10]
    right = {f"hit {rank}": 1 for rank, is_right in enumerate(relevant) if is_right}
    right |= {f"missed {number}": 1 for number in range(missed)}
    run = {f"hit {rank}": -float(rank) for rank in range(len(relevant))}
    theirs = {str(m.measure): m.value for m in ir_measures.iter_calc([*cuts, ir_measures.RR], {"q": right}, {"q": run})}
    ours = {f"Success@{k}": recall_at(relevant, k) for k in (1, 5, 10)}
    ours |= {"RR": reciprocal_rank(relevant, 10), "nDCG@10": ndcg_at(relevant, 10, total=len(right))}
    assert ours == pytest.approx(theirs)


def test_a_ratio_is_the_sum_of_parts_over_that_of_weights_and_none_without_weights():
    assert mean([1, 0, 0, 1]).value == 0.5
    assert Ratio(np.array([[2.0], [1], [0]]), np.array([2.0, 2, 0])).value == 0.75
    assert Ratio(np.array([[2.0], [1], [0]]), np.array([2.0, 2, 0])).cases == 2
    nothing = Ratio(np.zeros((2, 1)), np.zeros(2))
    assert (nothing.value, interval(nothing), chance(nothing, nothing)) == (None, None, None)


def test_the_calibration_error_is_the_one_worked_out_by_hand():
    told = [(0.95, True), (0.95, True), (0.95, False), (0.12, False), (0.18, True), (1.0, True)]
    parts = np.array([calibration_parts(probability, right=right) for probability, right in told])
    # In the last tenth 3.85 was claimed and 3 came true, in the second 0.3 and 1.
    assert Ratio(parts, np.ones(6)).value == pytest.approx((0.85 + 0.7) / 6)


@given(st.lists(st.tuples(st.floats(0, 1), st.booleans()), min_size=1, max_size=30))
def test_the_calibration_error_is_between_0_and_1_and_at_least_the_distance_of_the_means(told):
    parts = np.array([calibration_parts(probability, right=right) for probability, right in told])
    error = Ratio(parts, np.ones(len(told))).value
    gap = abs(sum(probability for probability, _ in told) - sum(right for _, right in told)) / len(told)
    assert gap - 1e-9 <= error <= 1 + 1e-9


@given(st.floats(0, 1))
def test_every_probability_has_a_bin_which_holds_it(probability):
    number = bin_of(probability)
    assert 0 <= number < BINS
    assert number / BINS - 1e-9 <= probability <= (number + 1) / BINS + 1e-9


@settings(deadline=None, max_examples=40)
@given(st.lists(st.floats(0, 1), min_size=1, max_size=40))
def test_an_interval_lies_between_the_smallest_and_the_largest_value_and_comes_out_the_same_again(values):
    low, high = interval(mean(values))
    assert min(values) - 1e-9 <= low <= high <= max(values) + 1e-9
    assert interval(mean(values)) == (low, high)


def test_an_interval_is_narrower_with_more_cases_and_has_no_width_where_all_agree():
    few, many = interval(mean([0, 1] * 10)), interval(mean([0, 1] * 160))
    assert (few[1] - few[0]) / (many[1] - many[0]) == pytest.approx(4, rel=0.2)
    assert interval(mean([1] * 9)) == (1, 1)


def test_cases_that_say_nothing_change_no_interval():
    some = Ratio(np.array([[1.0], [0], [2]]), np.array([2.0, 1, 2]))
    more = Ratio(np.array([[1.0], [0], [0], [2], [0]]), np.array([2.0, 0, 1, 2, 0]))
    assert interval(more) == interval(some)


def test_about_95_in_100_intervals_hold_the_true_share():
    draw = np.random.default_rng(1)
    intervals = [interval(mean(list(draw.random(60) < 0.7))) for _ in range(300)]
    # The percentile bootstrap of a share is known to be a little too narrow for so few cases.
    assert 0.90 <= sum(low <= 0.7 <= high for low, high in intervals) / 300 <= 0.98


@settings(deadline=None, max_examples=25)
@given(st.lists(st.tuples(st.booleans(), st.booleans()), min_size=1, max_size=7))
def test_the_chance_of_a_difference_is_that_of_trying_every_swap(pairs):
    one, other = (mean([pair[side] for pair in pairs]) for side in (0, 1))
    gains = [second - first for first, second in pairs]
    swaps = list(product([1, -1], repeat=len(gains)))
    as_far = [abs(sum(s * g for s, g in zip(signs, gains, strict=True))) >= abs(sum(gains)) for signs in swaps]
    # Four standard deviations of a share of RESAMPLES draws.
    assert chance(one, other) == pytest.approx(sum(as_far) / len(swaps), abs=2 / RESAMPLES**0.5)
    assert chance(one, other) == chance(other, one)


def test_noise_is_called_more_than_noise_one_time_in_twenty_and_a_clear_gain_every_time():
    draw = np.random.default_rng(2)
    alarms = sum(chance(mean(list(draw.random(40))), mean(list(draw.random(40)))) < 0.05 for _ in range(300))
    assert 4 <= alarms <= 28
    assert chance(mean([0] * 12 + [1] * 20), mean([1] * 32)) < 0.001


def test_two_settings_of_which_only_one_says_anything_of_a_case_are_compared_too():
    cited = Ratio(np.array([[1.0], [0], [1]]), np.array([2.0, 0, 1]))
    assert chance(cited, Ratio(np.array([[1.0], [1], [0]]), np.array([2.0, 1, 0]))) == 1
    assert chance(cited, Ratio(np.zeros((3, 1)), np.zeros(3))) is None
