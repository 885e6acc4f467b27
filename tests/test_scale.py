"""Made passages follow from their seed and keep to their count and language; what is measured of them is so."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from benchmarks import scale
from benchmarks.manypassages import ManyPassages, name, questions
from rag.language import guess
from rag.passages import PassageStore

GERMAN = (
    "Der Minister Abelforth besuchte am 12. März die neue Brücke. Er sprach dort lange mit den Leuten der Stadt. "
    "Die Kronbachtalsperre war da schon drei Jahre alt. Danach fuhr Abelforth mit dem Zug wieder nach Hause."
)
ENGLISH = (
    "The minister Abelforth came to see the new bridge in 1987. He spoke with the people of the town for an hour. "
    "The old harbour had been closed for three years. After that Abelforth took the train and went home again."
)


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder as it is asked for, with two paragraphs in it."""
    folder = tmp_path_factory.mktemp("data")
    files = {
        "dev/xquad.jsonl": {
            "q_de": "Wo war die Brücke?",
            "q_en": "Who took the train?",
            "p_de": GERMAN,
            "p_en": ENGLISH,
        },
        "dev/mlqa-de-de.jsonl": {"question_de": "Wer ist Abelforth?", "context_de": GERMAN},
        "dev/wikinews.jsonl": {"text": GERMAN},
    }
    for path, row in files.items():
        (folder / path).parent.mkdir(exist_ok=True)
        (folder / path).write_text(json.dumps(row) + "\n", "utf-8")
    (folder / "train").mkdir()
    (folder / "train" / "tydiqa-en-question-passage.tsv").write_text(f"Who?\t{ENGLISH}\n", "utf-8")
    return folder


def test_passages_follow_from_their_seed_and_come_in_both_languages_in_turn(data: Path) -> None:
    texts = ManyPassages(data)
    some = list(texts.passages(40))
    assert some == list(ManyPassages(data).passages(40)) == list(texts.passages(50))[:40]
    assert some != list(texts.passages(40, seed=1))
    assert [guess(text) for text in some] == ["de", "en"] * 20
    # A name in two sentences of a passage is replaced by one and the same; most are replaced.
    kept = [text for text in some if "Abelforth" in text]
    assert 0 < len(kept) < 20
    assert len({text for text in some if "bridge" in text}) > 10


def test_no_two_names_are_one() -> None:
    assert len({name(number) for number in range(20_000)}) == 20_000


def test_questions_are_those_of_the_folder_each_once(data: Path) -> None:
    assert sorted(questions(data)) == ["Wer ist Abelforth?", "Who took the train?", "Wo war die Brücke?"]


def test_what_is_built_is_asked_and_brought_up_to_date(data: Path, tmp_path: Path) -> None:
    built, found = scale.measure(data, 200, questions(data), tmp_path)
    # Every article has a title and so many paragraphs.
    assert built.passages >= 200
    assert 0 < built.encoder < built.seconds
    assert built.disk > found.vectors >= 4 * 384 * built.passages
    assert found.recall == 1.0
    assert found.peak > found.empty > 0
    assert all(0 < p50 <= p99 for p50, p99 in (found.all, found.nearest, found.words))
    with PassageStore(tmp_path / "index").snapshot() as snapshot:
        assert snapshot.require_manifest().generation == 2  # the update with nothing changed made none


def test_the_page_and_the_curves_tell_every_size(tmp_path: Path) -> None:
    built = scale.Built(1_000, 3.0, 1.0, 5e8, 1e7, 0.25, 0.5)
    found = scale.Asked(0.3, (5.0, 8.0), (0.5, 0.75), (2.0, 3.0), 1.5e6, 4e8, 6e8, 0.99)
    machine = scale.Limits(10e9, 50_000.0, 40.0)
    told = scale.page(machine, [(built, found), (replace(built, passages=10_000), found)], 384)
    assert "| 1,000 | 2.0 s | 2.00 ms | 25 s | 0.25 s (0.009 of the first) |" in told
    # 10,000 vectors of 384 numbers of four bytes at 10 GB/s.
    assert "| 10,000 | 5.0 / 8.0 ms | 0.5 / 0.8 ms | 2.0 / 3.0 ms | 0.9900 | 1.5 ms |" in told


def test_texts_with_the_same_words_lie_together() -> None:
    encoder = scale.TokenMeans()
    one, same, other = encoder.encode_queries(
        ["The lighthouse keeper painted the tower.", "He painted the lighthouse tower.", "Zinsen steigen in Frankfurt."]
    )
    assert abs(float(one @ one) - 1) < 1e-5
    assert float(one @ same) > float(one @ other) + 0.3
