"""Answers and conversations survive JSON, and nothing else is taken for one."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.answerjson import answer_from_json, citations, conversation_from_json, conversation_to_json, to_json
from rag.conversations import Conversation, Facts, Turn
from rag.errors import QuestionError
from rag.records import Answer, ArticleSummary, Citation, Dated, Filter, Hit, Passage, Statement
from tests.strategies import answers, conversations

HIT = Hit(Passage(1, "a.txt", 1, "", 0, 5, "Words"), 1.0, 0.5, 2.0, 0.5, Citation("a.txt", "A", 1, 0, 5, "Words"))
ANSWER = Answer("Was?", "Was?", (Statement("Words", HIT.citation, 0),), (HIT,), 0.9)
TALK = Conversation("Ein Gespräch", "seeds", (Turn("Was?", ANSWER, datetime(2026, 5, 4, 12, 30, tzinfo=UTC)),))


def changed(text: str, *path: str | int, to: object) -> str:
    """The JSON ``text`` with the value at ``path`` replaced."""
    told = json.loads(text)
    inner = told
    for step in path[:-1]:
        inner = inner[step]
    inner[path[-1]] = to
    return json.dumps(told)


@given(answers())
def test_an_answer_comes_back_from_json_as_it_was(answer: Answer) -> None:
    assert answer_from_json(to_json(answer)) == answer


@given(conversations)
def test_a_conversation_comes_back_from_json_as_it_was(conversation: Conversation) -> None:
    assert conversation_from_json(conversation_to_json(conversation, Facts())) == conversation


def test_dates_are_written_as_people_write_them_in_files() -> None:
    told = json.loads(to_json(replace(ANSWER, filter=Filter(since=date(2025, 1, 31)))))
    assert told["filter"] == {"articles": [], "folders": [], "since": "2025-01-31", "until": None, "language": None}


def test_fields_of_a_later_version_are_left_out() -> None:
    assert answer_from_json(changed(to_json(ANSWER), "mood", to="good")) == ANSWER
    assert answer_from_json(changed(to_json(ANSWER), "hits", 0, "colour", to=3)) == ANSWER


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("question",), 5),
        (("question",), None),
        (("statements",), {}),
        (("statements", 0, "hit"), 1),
        (("statements", 0, "hit"), -1),
        (("statements", 0, "hit"), "0"),
        (("statements", 0, "citation", "start"), 6),
        (("statements", 0, "citation", "start"), -1),
        (("statements", 0, "citation", "paragraph"), 0),
        (("statements", 0, "said"), {"speaker": "X", "start": 5, "end": 1, "direct": True}),
        (("hits", 0, "passage", "end"), -1),
        (("hits", 0, "score"), "1.0"),
        (("confidence",), 1.5),
        (("filter", "since"), "31.01.2025"),
        (("filter", "language"), "fr"),
    ],
)
def test_an_answer_that_cannot_be_is_refused_in_a_sentence(path: tuple[str | int, ...], value: object) -> None:
    with pytest.raises(QuestionError, match=r"^This .* export it again\.$"):
        answer_from_json(changed(to_json(ANSWER), *path, to=value))


@pytest.mark.parametrize("figure", ["NaN", "Infinity", "-1"])
def test_a_confidence_that_is_no_probability_is_refused(figure: str) -> None:
    with pytest.raises(QuestionError):
        answer_from_json(to_json(ANSWER).replace('"confidence": 0.9', f'"confidence": {figure}'))


@given(st.text())
def test_other_text_is_refused_in_a_sentence(text: str) -> None:
    for read in (answer_from_json, conversation_from_json):
        with pytest.raises(QuestionError, match="cannot be read"):
            read(text)


@pytest.mark.parametrize("text", ["[" * 100_000, '{"question": "\\ud800"}', "\ud800", "1" * 5_000])
def test_damaged_json_is_refused_in_a_sentence(text: str) -> None:
    with pytest.raises(QuestionError, match="cannot be read"):
        answer_from_json(text)


def test_a_text_that_no_answer_can_have_the_length_of_is_refused_unread() -> None:
    with pytest.raises(QuestionError, match="20,000,001 characters"):
        answer_from_json(" " * 20_000_001)


@pytest.mark.parametrize(("field", "value"), [("format", "other"), ("version", 2), ("version", None)])
def test_a_conversation_of_another_format_is_refused(field: str, value: object) -> None:
    with pytest.raises(QuestionError, match="format fundstelle-conversation, version 1"):
        conversation_from_json(changed(conversation_to_json(TALK, Facts()), field, to=value))


def test_a_conversation_is_checked_as_its_answers_are() -> None:
    text = changed(conversation_to_json(TALK, Facts()), "turns", 0, "answer", "statements", 0, "hit", to=7)
    with pytest.raises(QuestionError, match="places that cannot be"):
        conversation_from_json(text)


def test_a_conversation_holds_its_answers_as_they_are_written_alone_and_what_is_known_of_its_articles() -> None:
    article = ArticleSummary("a.txt", "A", "", "Ann", date(2025, 3, 1), Dated.TEXT, "en", 1)
    other = replace(article, id="b.txt")
    facts = Facts({"a.txt": article, "b.txt": other}, {HIT.citation: "http://127.0.0.1:7860/#p1"})
    told = json.loads(conversation_to_json(TALK, facts))

    assert (told["format"], told["version"]) == ("fundstelle-conversation", 1)
    assert told["turns"][0]["answer"] == json.loads(to_json(ANSWER))
    assert told["turns"][0]["asked"] == "2026-05-04T12:30:00+00:00"
    assert [(one["id"], one["published"], one["dated"]) for one in told["articles"]] == [
        ("a.txt", "2025-03-01", "text")
    ]
    assert told["links"] == [{"article_id": "a.txt", "start": 0, "end": 5, "url": "http://127.0.0.1:7860/#p1"}]


@given(answers())
def test_every_citation_of_an_answer_is_counted_once(answer: Answer) -> None:
    found = citations(answer)
    assert len(set(found)) == len(found)
    assert {hit.citation for hit in answer.hits} <= set(found)
    assert {place for entry in answer.statements for place in (entry.citation, *entry.also)} <= set(found)
