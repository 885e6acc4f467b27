"""The readers' verdicts: nothing that was written is lost, and what is damaged takes nothing else with it."""

from __future__ import annotations

import multiprocessing
import os
import stat
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import rag
from rag.errors import EvaluationError
from rag.evaluation.feedback import Cited, Feedback, append, feedback_file, feedback_on, questions_to_check, read
from rag.evaluation.questionfile import Expected, parse
from rag.records import Answer, Citation, Statement

QUOTE = "Der Bürgermeister von Köln hat am Montag die neue Brücke eröffnet."


def verdict(question: str = "Wer?", kind: str = "up", time: str = "2025-03-01T12:00:00+00:00") -> Feedback:
    cited = (Cited("bruecke.txt", 1, QUOTE),)
    return Feedback(time, question, question, kind, "", cited, "/articles")


def write_many(file: Path, name: str) -> None:
    for number in range(40):
        append(file, verdict(f"{name} {number} {'x' * 3000}"))


texts = st.text(st.characters(), min_size=1, max_size=40)
verdicts = st.builds(
    Feedback,
    time=texts,
    question=texts,
    standalone=texts,
    verdict=st.sampled_from(["up", "down"]),
    reason=st.text(st.characters(), max_size=40),
    cited=st.lists(st.builds(Cited, texts, st.integers(1, 99), texts), max_size=2).map(tuple),
    corpus=texts,
)


@settings(suppress_health_check=list(HealthCheck), deadline=None, max_examples=30)
@given(st.lists(verdicts, min_size=1, max_size=4))
def test_what_is_appended_is_read_in_its_order(tmp_path, entries):
    file = tmp_path / "feedback.jsonl"
    file.unlink(missing_ok=True)
    for entry in entries:
        append(file, entry)
    assert read(file) == (entries, [])


def test_a_verdict_is_made_of_the_answer_that_was_shown(tmp_path):
    place = Citation("bruecke.txt", "Die neue Brücke", 1, 17, 83, QUOTE)
    reprint = Citation("kopie.txt", "Noch einmal", 2, 0, 66, QUOTE)
    answer = Answer("Und wann?", "Wann wurde die Brücke eröffnet?", (Statement(QUOTE, place, 0, also=(reprint,)),), ())
    made = feedback_on(answer, "down", tmp_path, reason="zu kurz")
    assert (made.question, made.standalone, made.verdict, made.reason) == (
        "Und wann?",
        "Wann wurde die Brücke eröffnet?",
        "down",
        "zu kurz",
    )
    assert made.cited == (Cited("bruecke.txt", 1, QUOTE), Cited("kopie.txt", 2, QUOTE))
    assert made.corpus == str(tmp_path.resolve())
    assert made.time.endswith("+00:00")


def test_lines_of_processes_that_write_at_the_same_time_are_all_whole(tmp_path):
    file = tmp_path / "feedback.jsonl"
    writers = [multiprocessing.get_context("spawn").Process(target=write_many, args=(file, name)) for name in "abc"]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join(60)
    entries, faults = read(file)
    assert faults == []
    assert len({entry.question for entry in entries}) == 120


def test_a_line_that_was_cut_off_costs_neither_its_neighbours_nor_the_next_one(tmp_path):
    file = tmp_path / "feedback.jsonl"
    append(file, verdict("eins"))
    with file.open("ab") as stream:
        stream.write(b'{"time": "2025-03-01T12:0')
    append(file, verdict("zwei"))
    entries, (fault,) = read(file)
    assert [entry.question for entry in entries] == ["eins", "zwei"]
    assert fault.line == 2


@pytest.mark.parametrize(
    "line",
    [
        b"{}",
        b'{"time": 1}',
        b"\x00\xff",
        b'{"time": "t", "question": "q", "standalone": "q", "verdict": "sideways", "cited": [], "corpus": "c"}',
        b'{"time": "t", "question": "q", "standalone": "q", "verdict": "up", "cited": [1], "corpus": "c"}',
        b'{"time": "t", "question": "q", "standalone": "q", "verdict": ["up"], "cited": [], "corpus": "c"}',
    ],
)
def test_a_line_that_is_no_verdict_is_named_and_the_others_are_read(tmp_path, line):
    file = tmp_path / "feedback.jsonl"
    file.write_bytes(line + b"\n")
    append(file, verdict())
    entries, (fault,) = read(file)
    assert entries == [verdict()]
    assert fault.line == 1
    assert fault.reason.endswith(".")


def test_the_file_lies_beside_the_index_and_is_its_owners_alone(tmp_path, monkeypatch):
    monkeypatch.setattr("rag.paths.index_folder", lambda corpus: tmp_path / "data" / "articles-0123456789")
    file = feedback_file(tmp_path)
    assert file == tmp_path / "data" / "articles-0123456789.feedback.jsonl"
    append(file, verdict())
    if os.name == "posix":
        assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_no_file_and_a_place_that_cannot_be_written_are_told_in_a_sentence(tmp_path):
    with pytest.raises(EvaluationError, match="no feedback yet"):
        read(tmp_path / "feedback.jsonl")
    with pytest.raises(EvaluationError, match="cannot be read"):
        read(tmp_path)
    with pytest.raises(EvaluationError, match="could not be written"):
        append(tmp_path, verdict())


def test_a_thumb_up_proposes_what_was_cited_and_a_thumb_down_nothing_both_to_be_checked():
    entries = [verdict("Wer war es?"), verdict("Wann war es?", "down", "2025-03-02T12:00:00+00:00")]
    to_check = questions_to_check(entries)
    assert parse(to_check).unchecked == 2
    up, down = parse(to_check.replace(b'"check": true', b'"check": false')).questions
    assert (up.question, up.language, up.answers) == ("Wer war es?", "de", (Expected("bruecke.txt", 1, QUOTE),))
    assert (down.question, down.answers) == ("Wann war es?", ())


def test_the_last_verdict_on_a_question_counts():
    later = verdict("Wer war es?", "down", "2025-03-02T12:00:00+00:00")
    assert questions_to_check([verdict("Wer war es?"), later]) == questions_to_check([later])


def test_a_verdict_that_python_gives_is_read_as_one_of_the_chat(corpus, tmp_path, monkeypatch):
    monkeypatch.setattr("rag.paths.index_folder", lambda corpus: tmp_path / "data" / "articles-0123456789")
    with rag.open(corpus, model="hashing") as engine:
        answer = engine.ask("Wer hat die neue Brücke eröffnet?")
        engine.judge(answer, "up")
        engine.judge(answer, "down", reason="zu kurz")

    [first, last], faults = read(feedback_file(corpus))
    assert (first.verdict, first.reason, last.verdict, last.reason, faults) == ("up", "", "down", "zu kurz", [])
    assert first.question == answer.question
    assert [place.quote for place in first.cited] == [one.citation.quote for one in answer.statements]
