"""A question that leans on the one before it is searched together with it; any other is left alone."""

from __future__ import annotations

import pytest

from rag.dialogue import standalone

FIRST = "What did Dmitriev propose?"
ERSTE = "Was hat Dmitriev vorgeschlagen?"


@pytest.mark.parametrize(
    ("history", "message"),
    [
        ([FIRST], "What did he say about Mars?"),
        ([FIRST], "And why?"),
        ([FIRST], "Why?"),
        ([ERSTE], "Und warum?"),
        ([ERSTE], "Was sagte er über den Mars?"),
        ([ERSTE], "Wer war noch dabei?"),
        ([FIRST], "Und was sagt der Kreml dazu?"),
        ([FIRST], "And the other article?"),
    ],
)
def test_a_follow_up_is_searched_with_what_it_follows(history: list[str], message: str) -> None:
    assert standalone(history, message) == f"{history[-1]} {message}"


@pytest.mark.parametrize(
    "message",
    [
        "What did Trump say about his call with Putin?",
        "How many sanctions has Russia overcome?",
        "Wie reagierte der Kreml auf seine Äußerungen?",
        "Gibt es einen Termin für das Treffen?",
        "Was sagte Witkoff über den Gefangenenaustausch?",
    ],
)
def test_a_question_that_stands_alone_is_left_alone(message: str) -> None:
    assert standalone([FIRST, ERSTE], message) == message


def test_a_chain_of_follow_ups_reaches_back_to_the_question_that_stood_alone() -> None:
    history = ["Who is Witkoff?", FIRST, "What did he say about Mars?"]
    assert standalone(history, "And why?") == f"{FIRST} What did he say about Mars? And why?"


def test_without_history_even_a_leaning_question_is_itself() -> None:
    assert standalone([], "And why?") == "And why?"
