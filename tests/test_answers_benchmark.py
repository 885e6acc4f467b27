"""The table of the answers benchmark says what the engine did, and the corpora are the ones it names."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from benchmarks.answers import five, report, seeds
from benchmarks.questions import load, write_newsroom
from rag import articles, paths


def cells(table: str, row: str) -> list[str]:
    [line] = [line for line in table.splitlines() if line.startswith(f"| {row} |")]
    return [cell.strip() for cell in line.strip("|").split("|")[1:]]


def test_the_table_counts_what_the_engine_refused_and_found() -> None:
    asked = [one for one in load("dev") if one.corpus == "seeds"][::6]
    with seeds("hashing") as engine:
        table = report("Some", engine, asked)
        refused = {one.question.id for one in asked if not engine.ask(one.question.question).statements}
    near = [one for one in asked if one.kind == "near-miss"]
    assert cells(table, "near-miss questions refused")[2] == (
        f"{sum(one.question.id in refused for one in near)} of {len(near)}"
    )
    answerable = [one for one in asked if one.kind == "answerable"]
    share = sum(one.question.id in refused for one in answerable) / len(answerable)
    assert cells(table, "False refusals")[2].startswith(f"{share:.2f} (")


def test_a_question_that_fits_no_article_stops_the_measurement() -> None:
    wikinews = [one for one in load("dev") if one.corpus == "wikinews" and one.kind == "answerable"][:1]
    with seeds("hashing") as engine, pytest.raises(ValueError, match="wikinews"):
        report("Some", engine, wikinews)


def test_the_newsroom_holds_the_five_articles_and_each_line_as_a_file(tmp_path: Path) -> None:
    record = {"id": "7", "title": "Ein Titel", "text": "Ein erster Absatz.\n\nEin zweiter Absatz."}
    (tmp_path / "wikinews.jsonl").write_text(json.dumps(record) + "\n", encoding="utf-8")
    folder = tmp_path / "newsroom"
    write_newsroom(tmp_path, folder)
    assert {path.name for path in folder.glob("*.txt")} == {path.name for path in paths.sample_corpus().glob("*.txt")}
    article = articles.read(folder / "wikinews" / "7.txt", folder)
    assert (article.id, article.title) == ("wikinews/7.txt", "Ein Titel")
    assert [block.paragraph for block in article.blocks if block.paragraph] == [1, 2]


def test_questions_without_an_answer_among_five_articles_may_have_one_among_many() -> None:
    assert {one.kind for one in five(load())} == {"answerable", "near-miss"}
    assert {one.corpus for one in five(load())} == {"seeds"}
