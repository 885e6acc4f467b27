"""The confidence is a probability that grows with each thing that speaks for an answer."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.abstention import UNRELATED, Evidence, Unrelated, confidence, evidence, unrelated
from rag.records import Citation, Hit, Passage

VALUES = st.builds(
    Evidence,
    distance=st.floats(-20, 20),
    lead=st.floats(-1, 2),
    weakest=st.floats(-1, 1),
    lacks_number=st.sampled_from([0.0, 1.0]),
)


def hit(text: str, score: float) -> Hit:
    place = Citation("a", "A", 1, 0, len(text), text)
    return Hit(Passage(1, "a", 1, "", 0, len(text), text), score, score, 0.0, 0.0, place)


@given(st.lists(st.floats(-1, 5), min_size=1, max_size=60))
def test_the_unrelated_are_described_by_mean_and_spread(scores: list[float]) -> None:
    found = unrelated(scores)
    assert found.mean == pytest.approx(sum(scores) / len(scores), abs=1e-6)
    assert found.spread >= 0.01


def test_no_scores_describe_nothing() -> None:
    with pytest.raises(ValueError, match="no scores"):
        unrelated([])


def test_the_unrelated_questions_are_the_same_in_both_languages_and_all_different() -> None:
    assert len(UNRELATED["de"]) == len(UNRELATED["en"]) == len(set(UNRELATED["de"])) == len(set(UNRELATED["en"]))


@given(VALUES, st.floats(0.01, 3))
def test_confidence_is_a_probability_that_no_further_evidence_lowers(found: Evidence, more: float) -> None:
    sure = confidence(found)
    assert 0 <= sure <= 1
    assert confidence(replace(found, distance=found.distance + more)) >= sure
    assert confidence(replace(found, lead=found.lead + more)) >= sure
    assert confidence(replace(found, weakest=found.weakest + more)) >= sure
    assert confidence(replace(found, lacks_number=0.0)) >= confidence(replace(found, lacks_number=1.0))


@pytest.mark.parametrize("extreme", [-1e9, 1e9])
def test_extreme_evidence_stays_a_probability(extreme: float) -> None:
    assert 0 <= confidence(Evidence(extreme, extreme, extreme, 0.0)) <= 1


@pytest.mark.parametrize(
    ("question", "text", "lacks"),
    [
        ("How many members are there?", "The club has members.", 1.0),
        ("How many members are there?", "The club has twelve members.", 0.0),
        ("When was it?", "It was on Monday.", 0.0),
        ("Wie viele Mitglieder gibt es?", "Der Verein hat Mitglieder.", 1.0),
        ("Wie viele Mitglieder gibt es?", "Der Verein hat zwölf Mitglieder.", 0.0),
        ("Wann war das?", "Es war im Jahr 2024.", 0.0),
        ("Wann war das?", "Es war schön.", 1.0),
        ("Wer war das?", "Es war schön.", 0.0),
    ],
)
def test_a_question_for_a_number_wants_one(question: str, text: str, lacks: float) -> None:
    found = evidence(question, [hit(text, 0.5)], np.zeros(0, dtype=np.float32), Unrelated(0.3, 0.1))
    assert found.lacks_number == lacks


def test_evidence_is_measured_against_the_next_hit_and_the_unrelated() -> None:
    likeness = np.array([0.9, 0.2, 0.4, 0.8, 0.9, 0.9, 0.9, 0.9], dtype=np.float32)
    found = evidence("Wer?", [hit("x", 0.9), hit("y", 0.6), hit("z", 0.7)], likeness, Unrelated(0.4, 0.25))
    assert (found.distance, found.lead, found.weakest) == pytest.approx((2.0, 0.2, 0.3))
