"""The benchmark against the peers sums up rightly, gives all the same passages, and its tasks run with ours.

No test needs the peers; their scripts are only seen to be complete.
"""

from __future__ import annotations

import json
import math
import re
import statistics
import sys
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pytest
import typer
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

from benchmarks import bench
from benchmarks.peers import contest, corpora, exact, figures, protocol
from benchmarks.peers.contest import Contest, FailedError
from benchmarks.peers.exact import Encoded
from benchmarks.peers.protocol import Passage, Result
from rag import articles
from rag.splitting import embedding_text, split

PEERS = sorted(set(bench.TITLES) - {figures.OURS})
PLACE = Path(bench.__file__).parent / "peers"
TITLES = {"ours": "Fundstelle", "one": "One", "two": "Two"}
seconds = st.lists(st.floats(1e-6, 1e6), min_size=1, max_size=300)


@given(seconds, st.sampled_from((0, 1, 50, 95, 99, 100)))
def test_a_percentile_is_the_one_that_numpy_tells(values: list[float], share: int) -> None:
    assert figures.percentile(values, share) == pytest.approx(float(np.percentile(values, share)))


@given(seconds)
def test_the_median_of_questions_is_the_one_that_python_tells(values: list[float]) -> None:
    found = figures.of_questions(Result(seconds={"ask": values}))
    assert found["ask p50"] == pytest.approx(statistics.median(values))
    assert found["ask p99"] <= max(values)


def test_a_system_that_has_only_vectors_searches_by_them_and_another_by_all_it_has() -> None:
    alone = figures.of_questions(Result(seconds={"nearest": [3.0]}))
    both = figures.of_questions(Result(seconds={"nearest": [3.0], "search": [5.0]}))
    assert (alone["search p50"], both["search p50"], both["nearest p50"]) == (3.0, 5.0, 3.0)


def test_what_indexing_again_takes_is_set_against_the_first_run() -> None:
    found = figures.of_questions(Result({"index": 8.0, "nothing changed": 2.0, "some changed": 4.0}))
    assert (found["nothing changed, share"], found["some changed, share"]) == (0.25, 0.5)


def cells(table: str, label: str) -> list[str]:
    [line] = [line for line in table.splitlines() if line.startswith(f"| {label} |")]
    return [cell.strip() for cell in line.strip("|").split("|")[1:]]


def test_the_table_shows_median_spread_and_how_many_times_ours() -> None:
    measured = {"ours": {"index": [2.0, 4.0, 3.0]}, "one": {"index": [6.0, 9.0, 5.0]}, "two": {"index": [12.0] * 3}}
    told = figures.table(measured, TITLES)
    assert cells(told, "index, s") == ["3.0 (2.0–4.0)", "6.0 (5.0–9.0), ×2.00", "12.0 (12.0–12.0), ×4.00", "0.50"]
    assert told.splitlines()[0] == "| | Fundstelle | One | Two | ours ÷ best peer |"
    assert len({line.count("|") for line in told.splitlines()}) == 1


def test_a_figure_that_nobody_has_is_no_row_and_one_that_a_system_lacks_a_dash() -> None:
    told = figures.table({"ours": {"cold": [1.0]}, "one": {"cold": [0.01]}}, TITLES)
    assert cells(told, "cold start: process to first answer, s") == ["1.0", "0.0, ×0.01", "–", "100.00"]
    assert len(told.splitlines()) == 3


def test_what_is_no_cost_has_no_ratio() -> None:
    told = figures.table({"ours": {"overlap": [0.99]}, "one": {"overlap": [1.0]}}, TITLES)
    assert cells(told, "by vectors alone: share of the exact best ten") == ["0.990", "1.000", "–", ""]


def test_a_table_without_ours_has_no_ratios() -> None:
    assert cells(figures.table({"one": {"index": [2.0]}}, {"one": "One"}), "index, s") == ["2.0", ""]


def encoded(*cosines: float) -> Encoded:
    """Passages in a plane, with these cosines to the one question."""
    rows = np.array([[one, math.sqrt(1 - one * one)] for one in cosines], dtype=np.float32)
    return Encoded(rows, np.array([[1.0, 0.0]], dtype=np.float32), 0.0)


def test_the_share_of_the_best_counts_what_was_found_of_them_whatever_its_order() -> None:
    given = encoded(0.9, 0.8, 0.7, 0.1)
    assert exact.overlap([["c", "a", "b"]], "abcd", given, 3) == 1.0
    assert exact.overlap([["a", "d", "b"]], "abcd", given, 3) == pytest.approx(2 / 3)
    assert exact.overlap([["a", "a", "a"]], "abcd", given, 3) == pytest.approx(1 / 3)
    assert exact.overlap([["a"]], "abcd", given, 3) == pytest.approx(1 / 3)


def test_a_passage_as_near_as_the_last_of_the_best_is_as_good() -> None:
    assert exact.overlap([["a", "c"]], "abc", encoded(0.9, 0.5, 0.5), 2) == 1.0


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A corpus of about 120 passages, the changed state of it, and a few questions."""
    folder = tmp_path_factory.mktemp("bench") / "corpus"
    corpora.write(folder, corpora.made(), 120)
    corpora.change(folder)
    (folder / "questions.json").write_text(json.dumps(protocol.questions(folder)[:25]), "utf-8")
    return folder


def engine_units(folder: Path) -> dict[str, str]:
    """What the engine would embed of the articles in ``folder``, by place."""
    found = [split(articles.read(path, folder)) for path in articles.find(folder)[0]]
    return {
        protocol.key(one.article_id, one.paragraph, one.start, one.end): embedding_text(one)
        for some in found
        for one in some
    }


def test_the_peers_are_handed_the_very_passages_that_the_engine_makes_of_the_files(corpus: Path) -> None:
    before = protocol.unchanged(corpus)
    assert {one.key: one.text for one in before.passages} == engine_units(before.articles)
    after = protocol.changed(corpus)
    assert {one.key: one.text for one in after.passages} == engine_units(after.articles)


def test_one_passage_in_a_hundred_is_changed_and_all_keep_their_places(corpus: Path) -> None:
    before, after = protocol.unchanged(corpus), protocol.changed(corpus)
    assert before.changed == ()
    assert [one.key for one in before.passages] == [one.key for one in after.passages]
    different = [new for old, new in zip(before.passages, after.passages, strict=True) if old != new]
    assert sorted(different, key=str) == sorted(after.changed, key=str)
    assert len(different) == max(1, round(len(before.passages) / corpora.CHANGED))


def test_made_texts_are_the_same_every_time_and_no_two_alike() -> None:
    first, second = list(islice(corpora.made(), 15)), list(islice(corpora.made(), 15))
    assert first == second
    assert len({one.text for one in first}) == len({one.name for one in first}) == 15


def test_the_evaluation_data_gives_articles_of_every_kind_with_their_questions(tmp_path: Path) -> None:
    (tmp_path / "dev").mkdir()
    (tmp_path / "train").mkdir()
    rows = {
        "wikinews.jsonl": [{"id": "7", "title": "Titel", "text": "Absatz."}],
        "mlqa-de-de.jsonl": [{"context_de": "Ein Absatz.", "question_de": q} for q in ("Was?", "Wer?")],
        "xquad.jsonl": [{"p_en": "One.", "p_de": "Eins.", "q_en": "What?", "q_de": "Wie?"}],
    }
    for name, some in rows.items():
        (tmp_path / "dev" / name).write_text("".join(json.dumps(one) + "\n" for one in some), "utf-8")
    (tmp_path / "train" / "tydiqa-en-question-passage.tsv").write_text("Why?\tBecause.\n", "utf-8")
    found = {one.text.strip(): one.questions for one in corpora.real(tmp_path)}
    assert found == {
        "Titel\n\nAbsatz.": (),
        "Ein Absatz.": ("Was?", "Wer?"),
        "One.": ("Wie?",),
        "Eins.": ("What?",),
        "Because.": ("Why?",),
    }


def test_the_vector_of_a_large_corpus_passage_lies_near_the_mean_of_its_sentences(corpus: Path, tmp_path: Path) -> None:
    pool = corpora.sentences_of(list(protocol.unchanged(corpus).passages), 40)
    folder = tmp_path / "large"
    corpora.write_large(folder, pool, protocol.questions(corpus), "hashing", 50)
    passages = protocol.read_passages(folder / "passages.jsonl")
    assert len(passages) >= 50
    vectors, rows = np.load(folder / "vectors.npy"), np.load(folder / "sentences.npy")
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1.0, rtol=1e-5)
    for passage, vector in zip(passages, vectors, strict=True):
        mean = sum(row for text, row in zip(pool, rows, strict=True) if text in passage.text)
        assert mean @ vector / np.linalg.norm(mean) > 0.95
    assert len(np.load(folder / "asked.npy")) == len(protocol.questions(folder))


@pytest.fixture(scope="module")
def small(corpus: Path, tmp_path_factory: pytest.TempPathFactory) -> Contest:
    """A contest of ours alone, with the encoder that needs no model."""
    return Contest({"ours": Path(sys.executable)}, "hashing", tmp_path_factory.mktemp("work"), 1, patience=60.0)


def test_ours_indexes_answers_and_starts_in_processes_of_its_own(corpus: Path, small: Contest) -> None:
    passages = protocol.changed(corpus).passages
    asked = protocol.questions(corpus)
    told = exact.encode("hashing", [one.text for one in passages], asked[5:])
    keys = [one.key for one in passages]

    def judge(result: Result) -> dict[str, float]:
        return {"overlap": exact.overlap(result.ranked, keys, told, protocol.K)}

    said: list[str] = []
    standings = contest.compete(small, corpus, ("index", "cold", "answer"), judge=judge, said=said.append)
    assert standings.faults == []
    assert len(said) == 3
    found = standings.figures["ours"]
    assert set(found) >= {row.figure for row in figures.ROWS} - {"peak while indexing", "peak while asking"}
    # It found what is there after the change, and so had indexed it.
    assert found["overlap"] == [1.0]
    assert all(value > 0 for values in found.values() for value in values)
    assert standings.versions["ours"].keys() == set(contest.packages("ours"))
    page = bench.Part("Few passages", "One system.", standings).markdown()
    assert "## Few passages" in page
    assert "torch 2.13.0" in page


def test_ours_searches_with_vectors_that_are_handed_in(corpus: Path, small: Contest, tmp_path: Path) -> None:
    pool = corpora.sentences_of(list(protocol.unchanged(corpus).passages), 40)
    folder = tmp_path / "vectors"
    corpora.write_large(folder, pool, protocol.questions(corpus)[:20], "hashing", 50)
    result = contest.run(small, "ours", "vectors", folder)
    keys = [one.key for one in protocol.read_passages(folder / "passages.jsonl")]
    told = Encoded(np.load(folder / "vectors.npy"), np.load(folder / "asked.npy"), 0.0)
    assert exact.overlap(result.ranked, keys, told, protocol.K) == 1.0
    assert set(result.seconds) == {"nearest", "search"}
    assert result.figures["disk"] > 0


def test_a_system_that_fails_is_told_of_and_does_not_end_the_run(corpus: Path, small: Contest, tmp_path: Path) -> None:
    broken = Contest(small.python, "no such model", tmp_path, 1)
    standings = contest.compete(broken, corpus, ("index", "cold"), judge=lambda _: {}, said=lambda _: None)
    assert standings.figures == {}
    assert ["There is no model folder no such model" in fault for fault in standings.faults] == [True]


def test_a_system_that_does_not_end_is_ended(corpus: Path, small: Contest, tmp_path: Path) -> None:
    hurried = Contest(small.python, "hashing", tmp_path, 1, patience=0.01)
    with pytest.raises(FailedError, match="ours, index, ended with -"):
        contest.run(hurried, "ours", "index", corpus)


def test_every_round_begins_with_another_system(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    order: list[str] = []

    def run(_: Contest, name: str, *__: object) -> Result:
        order.append(name)
        return Result({"index": 1.0})

    monkeypatch.setattr(contest, "run", run)
    some = Contest(dict.fromkeys("abc", Path()), "", tmp_path, 3)
    standings = contest.compete(some, tmp_path, ("index",), judge=lambda _: {}, said=lambda _: None)
    assert "".join(order) == "abcbcacab"
    assert standings.figures["a"]["index"] == [1.0] * 3


@given(st.lists(st.builds(Passage, st.text(), st.text()), max_size=5))
def test_passages_are_read_as_they_were_written(passages: list[Passage]) -> None:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "passages.jsonl"
        protocol.write_passages(path, passages)
        assert list(protocol.read_passages(path)) == passages


@pytest.mark.parametrize("name", PEERS)
def test_every_peer_has_its_script_and_pins_what_it_uses_with_our_torch(name: str) -> None:
    pins = (PLACE / f"{name}.txt").read_text("utf-8").splitlines()
    assert pins[0] == "torch==2.13.0"
    assert all(re.fullmatch(r"[a-z0-9-]+==[0-9.]+", line) for line in pins)
    script = (PLACE / f"{name}.py").read_text("utf-8")
    methods = {name for name in vars(protocol.System) if not name.startswith("_")}
    assert {name for name in methods if f"    def {name}(self" in script} == methods


def test_a_missing_environment_is_named_with_the_command_that_makes_it(tmp_path: Path) -> None:
    app = typer.Typer()
    app.command()(bench.main)
    done = CliRunner().invoke(app, ["--peers-in", str(tmp_path), "--only", "txtai"])
    assert done.exit_code == 2
    assert "make peers" in done.output
