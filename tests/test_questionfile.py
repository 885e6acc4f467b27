"""A file of questions: what is read, what is named as wrong, and that nothing in it can do worse."""

from __future__ import annotations

import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rag.evaluation.jsonlines import decoded, encoded
from rag.evaluation.questionfile import Expected, Question, parse, to_check
from rag.folding import fold

# The tables of all characters are made while the first text is drawn, which takes a busy computer seconds.
UNHURRIED = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])

GOOD = {"question": "Wer eröffnete die Brücke?", "answers": [{"article": "bruecke.txt", "paragraph": 1}]}


def lines(*records: object) -> bytes:
    return b"".join(json.dumps(record, ensure_ascii=False).encode() + b"\n" for record in records)


def test_a_line_is_a_question_with_its_places():
    record = {
        "id": "b1",
        "language": "en",
        "question": " Who opened\nthe bridge? ",
        "answers": [
            {"article": "bruecke.txt", "paragraph": 1},
            {"article": "bruecke.txt", "text": "die neue  Brücke"},
            {"text": "eröffnet"},
            {"article": "bruecke.txt", "paragraph": 1, "text": "Montag", "note": "is passed over"},
        ],
    }
    (question,) = parse(lines(record)).questions
    assert question == Question(
        "b1",
        "Who opened the bridge?",
        "en",
        (
            Expected("bruecke.txt", 1),
            Expected("bruecke.txt", text="die neue Brücke"),
            Expected(text="eröffnet"),
            Expected("bruecke.txt", 1, "Montag"),
        ),
        line=1,
    )


def test_id_and_language_may_be_left_out_and_no_answers_mean_unanswerable():
    read = parse(lines(GOOD, {"question": "What does the bridge weigh?", "answers": []}, {**GOOD, "id": 7}))
    assert [(q.id, q.language, len(q.answers)) for q in read.questions] == [
        ("line 1", "de", 1),
        ("line 2", "en", 0),
        ("7", "de", 1),
    ]


@pytest.mark.parametrize(
    ("line", "said"),
    [
        (b"{", "not JSON"),
        (b"[1]", "not one JSON object"),
        (b"\xff{}", "not UTF-8"),
        (b"[" * 100_000, "not one JSON object"),
        (b"9" * 5_000, "not one JSON object"),
        (lines({"answers": []}), '"question" is missing'),
        (lines({"question": " ", "answers": []}), '"question" is missing'),
        (lines({"question": ["Wer?"], "answers": []}), "no text"),
        (b'{"question": "Wer\\ud83d?", "answers": []}', "half a character"),
        (lines({"question": "Wer?"}), '"answers" is missing'),
        (lines({"question": "Wer?", "answers": {"text": "ja"}}), '"answers" is missing or no list'),
        (lines({"question": "Wer?", "answers": ["ja"]}), "is no object"),
        (lines({"question": "Wer?", "answers": [{}]}), 'neither "text" nor "paragraph"'),
        (lines({"question": "Wer?", "answers": [{"article": "a.txt"}]}), 'neither "text" nor "paragraph"'),
        (lines({"question": "Wer?", "answers": [{"paragraph": 1}]}), "of which article"),
        (lines({"question": "Wer?", "answers": [{"article": "a", "paragraph": "1"}]}), "whole number"),
        (lines({"question": "Wer?", "answers": [{"article": "a", "paragraph": True}]}), "whole number"),
        (lines({"question": "Wer?", "answers": [], "language": 1}), "no text"),
        (lines({"question": "Wer?", "answers": [], "check": "no"}), "true or false"),
    ],
)
def test_a_line_that_is_no_question_is_named_with_cause_and_remedy_and_the_others_go_on(line, said):
    read = parse(lines(GOOD) + line.rstrip(b"\n") + b"\n\n" + lines(GOOD))
    assert [question.line for question in read.questions] == [1, 4]
    (fault,) = read.faults
    assert fault.line == 2
    assert said in fault.reason
    assert fault.reason.endswith(".")


def test_an_id_that_is_used_twice_is_named():
    read = parse(lines({**GOOD, "id": "x"}, {**GOOD, "id": "x"}))
    assert len(read.questions) == 1
    assert [(fault.line, "line 1" in fault.reason) for fault in read.faults] == [(2, True)]


def test_a_question_that_waits_to_be_checked_is_counted_and_not_asked():
    read = parse(lines({**GOOD, "check": True}, {**GOOD, "check": False}))
    assert (len(read.questions), read.unchecked, read.faults) == (1, 1, ())


def test_a_byte_order_mark_windows_line_ends_and_separators_inside_a_text_are_no_line_ends():
    read = parse(b"\xef\xbb\xbf" + lines({**GOOD, "id": "a\u2028b"}).replace(b"\n", b"\r\n") + lines(GOOD))
    assert [question.id for question in read.questions] == ["a\u2028b", "line 2"]


@UNHURRIED
@given(st.binary(max_size=300))
def test_every_line_of_any_file_is_a_question_or_a_fault_or_empty(data):
    read = parse(data)
    lines_used = {question.line for question in read.questions} | {fault.line for fault in read.faults}
    filled = [line for line in data.removeprefix(b"\xef\xbb\xbf").split(b"\n") if line.strip()]
    assert len(lines_used) + read.unchecked == len(filled)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)


@UNHURRIED
@given(st.fixed_dictionaries({}, optional=dict.fromkeys(("id", "language", "answers", "check"), json_values)))
def test_no_value_of_any_field_is_a_traceback(fields):
    read = parse(encoded({"question": "Wer?", **fields}))
    assert len(read.questions) + len(read.faults) + read.unchecked == 1


@UNHURRIED
@given(st.dictionaries(st.text(max_size=8), st.text(st.characters(), max_size=30), max_size=4))
def test_every_string_comes_back_as_it_was_written(fields):
    line = encoded(fields)
    assert line.count(b"\n") == 1
    ((row,), faults) = decoded(line)
    assert (row.fields, faults) == (fields, [])


def test_half_a_surrogate_pair_comes_back_too():
    assert decoded(encoded({"question": "\ud83d?"}))[0][0].fields == {"question": "\ud83d?"}


folded_text = st.text(min_size=1, max_size=30).map(fold).filter(bool)
places = st.one_of(
    st.builds(Expected, folded_text, st.integers(1, 99)),
    st.builds(Expected, st.none() | folded_text, st.none(), folded_text),
)


@UNHURRIED
@given(st.builds(Question, folded_text, folded_text, folded_text, st.lists(places, max_size=3).map(tuple)))
def test_a_question_to_check_is_the_same_question_once_the_mark_is_taken_away(question):
    line = to_check(question, {"verdict": "up"})
    assert parse(line).unchecked == 1
    (read,) = parse(line.replace(b'"check": true', b'"check": false')).questions
    assert (read.id, read.question, read.language, read.answers) == (
        question.id,
        question.question,
        question.language,
        question.answers,
    )
