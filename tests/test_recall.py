"""The benchmark's formulas against values worked out by hand, and the measurement over a real index."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

import rag
from benchmarks.metrics import ndcg_at, recall_at, reciprocal_rank
from benchmarks.questions import Span, load
from benchmarks.recall import Place, covers, evaluate_answers, evaluate_retrieval, locate, main
from rag import paths

rankings = st.lists(st.booleans(), max_size=20)


def passage(start: int, end: int, article_id: str = "a.txt") -> rag.Passage:
    return rag.Passage(0, article_id, 1, "", start, end, "")


@pytest.mark.parametrize(
    ("relevant", "k", "recall", "reciprocal"),
    [
        ([], 5, 0.0, 0.0),
        ([False, False], 5, 0.0, 0.0),
        ([True, False], 1, 1.0, 1.0),
        ([False, True], 1, 0.0, 0.0),
        ([False, False, True, True], 5, 1.0, 1 / 3),
        ([False] * 5 + [True], 5, 0.0, 0.0),
        ([False] * 5 + [True], 10, 1.0, 1 / 6),
    ],
)
def test_recall_and_reciprocal_rank_are_those_worked_out_by_hand(relevant, k, recall, reciprocal):
    assert recall_at(relevant, k) == recall
    assert reciprocal_rank(relevant, k) == pytest.approx(reciprocal)


@pytest.mark.parametrize(
    ("relevant", "total", "expected"),
    [
        ([True], 1, 1.0),
        ([False, True], 1, 0.6309298),  # 1 / log2(3)
        ([True, False, True], 2, 0.9197208),  # (1 + 1/2) / (1 + 1/log2(3))
        ([True], 2, 0.6131472),  # 1 / (1 + 1/log2(3))
        ([False, False, True, True], 3, 0.4367467),  # (1/2 + 1/log2(5)) / (1 + 1/log2(3) + 1/2)
        ([False] * 10 + [True], 1, 0.0),
    ],
)
def test_ndcg_at_10_is_the_one_worked_out_by_hand(relevant, total, expected):
    assert ndcg_at(relevant, 10, total=total) == pytest.approx(expected, abs=1e-6)


def test_ndcg_refuses_a_total_that_cannot_be():
    with pytest.raises(ValueError, match="0 right hits"):
        ndcg_at([False], 10, total=0)
    with pytest.raises(ValueError, match="1 right hits"):
        ndcg_at([True, True], 10, total=1)


@given(rankings, st.integers(1, 12), st.integers(1, 5))
def test_every_metric_is_from_0_to_1_and_a_perfect_ranking_has_1(relevant, k, missed):
    total = sum(relevant) + missed
    assert 0 <= reciprocal_rank(relevant, k) <= recall_at(relevant, k) <= 1
    assert 0 <= ndcg_at(relevant, k, total=total) <= 1
    assert ndcg_at([True] * total, k, total=total) == pytest.approx(1)


@given(rankings, st.integers(1, 12), st.data())
def test_moving_a_right_hit_up_never_lowers_ndcg(relevant, k, data):
    rights = [i for i in range(1, len(relevant)) if relevant[i]]
    if not rights:
        return
    i = data.draw(st.sampled_from(rights))
    better = [*relevant[: i - 1], relevant[i], relevant[i - 1], *relevant[i + 1 :]]
    total = sum(relevant)
    assert ndcg_at(better, k, total=total) >= ndcg_at(relevant, k, total=total) - 1e-12


def test_a_hit_is_right_only_if_it_overlaps_more_than_half_of_the_place():
    place = Place("a.txt", 100, 200)
    assert covers(passage(0, 151), place)
    assert not covers(passage(0, 150), place)
    assert covers(passage(149, 500), place)
    assert not covers(passage(150, 500), place)
    assert covers(passage(0, 500), place)
    assert not covers(passage(300, 500), place)
    assert not covers(passage(0, 500, "b.txt"), place)


def test_a_span_is_located_in_the_text_as_it_stands_in_the_file():
    text = "Erster Satz.\n\nDer US-\nPivot zu Rus-\nsland  ist da. Ende."
    place = locate(Span("a.txt", "US-Pivot zu Russland ist da."), text)
    assert text[place.start : place.end] == "US-\nPivot zu Rus-\nsland  ist da."
    with pytest.raises(ValueError, match=r"a\.txt does not contain"):
        locate(Span("a.txt", "Mittelsatz."), text)


@pytest.fixture(scope="module")
def engine(tmp_path_factory):
    with rag.open(paths.sample_corpus(), model="hashing", index=tmp_path_factory.mktemp("index")) as engine:
        yield engine


def test_the_sample_articles_are_measured_with_every_ranking(engine):
    questions = [question for question in load() if question.split == "dev"][::4]
    rows = evaluate_retrieval(engine, questions)
    assert [(row.language, row.arm) for row in rows] == [
        (language, arm) for language in ("en", "de") for arm in ("hybrid", "dense", "lexical")
    ]
    for row in rows:
        assert 0 <= row.recall_at_1 <= row.mrr_at_10 <= 1
        assert row.recall_at_1 <= row.recall_at_5 <= 1
        assert 0 <= row.ndcg_at_10 <= 1
    # Word matching finds some German answers whatever the model.
    assert next(row for row in rows if (row.language, row.arm) == ("de", "lexical")).recall_at_5 > 0


def test_a_question_that_is_a_span_word_for_word_is_found_first_and_cited(engine):
    question = next(question for question in load() if question.language == "de" and len(question.spans) == 1)
    verbatim = replace(question, question=question.spans[0].text)
    assert [row.recall_at_1 for row in evaluate_retrieval(engine, [verbatim])] == [1.0, 1.0, 1.0]
    (row,) = evaluate_answers(engine, [verbatim])
    assert (row.n, row.refused, row.cited_right) == (1, 0, 1)


def test_answers_are_counted_by_language_and_kind(engine):
    questions = [question for question in load() if question.split == "dev"][::4]
    rows = evaluate_answers(engine, questions)
    assert sum(row.n for row in rows) == len(questions)
    for row in rows:
        assert 0 <= row.refused + (row.cited_right or 0) <= row.n
        assert (row.cited_right is None) == (row.kind != "answerable")


def test_the_command_prints_one_json_object(capsys):
    main(corpus=paths.sample_corpus(), model="hashing", split="dev", as_json=True)
    printed = json.loads(capsys.readouterr().out)
    assert set(printed) == {"corpus", "model", "split", "retrieval", "answers"}
    assert sum(row["n"] for row in printed["answers"]) == sum(question.split == "dev" for question in load())


def test_a_corpus_that_cannot_be_opened_is_told_in_a_sentence(tmp_path):
    with pytest.raises(SystemExit, match="nothing"):
        main(corpus=tmp_path / "nothing", model="hashing", split="dev", as_json=False)
