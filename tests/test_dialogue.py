"""What leans on an earlier question is made whole from it, what stands alone is left alone, nothing is made up."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.dialogue import standalone
from rag.leaningwords import NO_CONTENT

FIRST = "What did Merkel propose?"
ERSTE = "Was hat Merkel zur Rente vorgeschlagen?"
QUESTIONS = Path(__file__).parent.parent / "benchmarks" / "questions.jsonl"


@pytest.mark.parametrize(
    ("history", "message", "whole"),
    [
        ([FIRST], "What did she say about taxes?", "What did Merkel say about taxes?"),
        (["Was plant Scholz?"], "Hat er das schon erklärt?", "Hat Scholz das schon erklärt?"),
        (["Was plant Scholz?"], "Wie sprach Merkel von ihm?", "Wie sprach Merkel von Scholz?"),
        (["Who is Olaf Scholz?"], "who elected him?", "who elected Olaf Scholz?"),
        (["What are Merkel's plans?"], "Did she win?", "Did Merkel win?"),
    ],
)
def test_the_only_name_takes_the_place_of_the_pronoun(history, message, whole):
    assert standalone(history, message) == whole


@pytest.mark.parametrize(
    ("history", "message"),
    [
        (["What did Merkel tell Scholz?"], "Did she win?"),  # two names
        (["Who spoke for Merkel?"], "Did he win?"),  # he is the answer
        (["Who is the adviser of Merkel?"], "Did he win?"),
        (["What did the chancellor propose?"], "Did he win?"),  # no name
        (["Was schlug die Kanzlerin vor?"], "Hat er gewonnen?"),  # a noun, but no name
        (["What did British farmers want?"], "Did he win?"),
        ([FIRST], "Did he and she win?"),
    ],
)
def test_where_it_is_not_sure_who_is_meant_no_name_is_put_in(history, message):
    assert standalone(history, message) == f"{message} ({history[-1]})"


@pytest.mark.parametrize(
    ("history", "message", "whole"),
    [
        ([FIRST], "And Scholz?", "What did Scholz propose?"),
        ([FIRST], "What about Scholz?", "What did Scholz propose?"),
        ([ERSTE], "Und Olaf Scholz?", "Was hat Olaf Scholz zur Rente vorgeschlagen?"),
        ([ERSTE], "Und zur Pflege?", "Was hat Merkel zur Pflege vorgeschlagen?"),
        (["What did Merkel say about climate policy?"], "and about taxes", "What did Merkel say about taxes?"),
        (["Wer hat mit Scholz gesprochen?"], "Und mit der Kanzlerin?", "Wer hat mit der Kanzlerin gesprochen?"),
        (["Wie hoch ist die Rente in Deutschland?"], "Im Iran?", "Wie hoch ist die Rente im Iran?"),
        (["What happened in the old harbour of Kiel?"], "In Hamburg?", "What happened in Hamburg of Kiel?"),
    ],
)
def test_a_part_takes_the_place_of_the_part_like_it(history, message, whole):
    assert standalone(history, message) == whole


@pytest.mark.parametrize(
    ("history", "message"),
    [
        ([FIRST], "Why?"),
        ([FIRST], "And why?"),
        ([FIRST], "tell me more"),
        ([FIRST], "Was war der Grund?"),  # the language may change
        ([FIRST], "And the costs?"),
        ([FIRST], "And the other article?"),
        ([FIRST], "Who was against it?"),
        ([FIRST], "Why is that important?"),
        ([FIRST], "What do these plans cost?"),
        ([FIRST], "Where was the speech?"),
        ([FIRST], "in Germany?"),
        ([ERSTE], "Und warum?"),
        ([ERSTE], "Erzähl mir mehr"),
        ([ERSTE], "Und die Kosten?"),
        ([ERSTE], "Und was sagt die SPD dazu?"),
        ([ERSTE], "Wer hat das gesagt?"),
        ([ERSTE], "Wie lange dauerte das Gespräch?"),
        (["What did Merkel tell Scholz?"], "And Macron?"),  # in whose place?
        (["What about Kiel in winter in Germany?"], "And in summer?"),
    ],
)
def test_any_other_follow_up_is_followed_by_the_question_it_leans_on(history, message):
    assert standalone(history, message) == f"{message} ({history[-1]})"


@pytest.mark.parametrize(
    "message",
    [
        "Who is Scholz?",
        "What did Scholz say about his call with Putin?",
        "Is it true that Berlin has a new mayor?",
        "What would it cost to rebuild the bridge?",
        "What was the result of the 2007 election?",
        "Which experts fear that prices rise when they sign?",
        "Is there a date for a meeting?",
        "In which year was the bridge in Cologne built?",
        "Which award for Most IT enabled town is there?",
        "nord stream 2",
        "the budget of Berlin",
        "Wie reagierte der Kreml auf seine Äußerungen?",
        "Gibt es einen Termin für das Treffen mit Scholz?",
        "Was sagte Scholz über den Gefangenenaustausch?",
        "Gegen wen verlor Schalke?",
        "Welche These vertritt Habermas?",
        "Nennen Sie einen Grund für die Erhöhung.",
        "Welcher Spieler wurde kritisiert, weil er nicht lief?",
        "Trug Luther dazu bei, dass Bücher billiger wurden?",
    ],
)
def test_a_change_of_subject_is_left_alone(message):
    assert standalone([FIRST, "And why?", ERSTE], message) == message


def test_no_question_written_to_stand_alone_leans_on_another():
    asked = [json.loads(line) for line in QUESTIONS.read_text("utf-8").splitlines()]
    questions = [question["question"] for question in asked if question["split"] == "dev"]
    assert len(questions) > 90
    assert [question for question in questions if standalone([FIRST], question) != question] == []


@pytest.mark.parametrize(
    ("history", "message", "whole"),
    [
        ([FIRST, "And Scholz?"], "What did he say about taxes?", "What did Scholz say about taxes?"),
        ([FIRST, "And the costs?"], "Did she win?", "Did Merkel win?"),
        ([FIRST, "Why?", "And then?"], "And Scholz?", "What did Scholz propose?"),
        ([FIRST, "And Scholz?"], "Why?", "Why? (What did Scholz propose?)"),
        ([FIRST, "Who was against it?"], "And the costs?", f"And the costs? ({FIRST})"),
        ([FIRST, "Who is Scholz?"], "Why?", "Why? (Who is Scholz?)"),
        (["  ", FIRST, ""], " Why? ", f"Why? ({FIRST})"),
        (["And why?"], "And Scholz?", "And Scholz? (And why?)"),
    ],
)
def test_a_chain_of_follow_ups_goes_back_to_the_question_that_stood_for_itself(history, message, whole):
    assert standalone(history, message) == whole


# Texts as people type them, made of the words that decide and some that do not, beside any text at all.
_WORDS = re.findall(
    r"\S+",
    "and und but what was wer who he she er sie it that das this him ihm Merkel Scholz Berlin Russian the die der a "
    "about über in im für with mit call Treffen other noch else propose sagte taxes Steuern dazu is ist Why? , ? 's",
)
typed = st.lists(st.sampled_from(_WORDS), max_size=8).map(" ".join) | st.text(max_size=40)
histories = st.lists(typed, max_size=4)


def words(*texts: str) -> set[str]:
    return {word.casefold() for text in texts for word in re.findall(r"[^\W_]+", text)}


@given(histories, typed)
def test_nothing_is_made_up_and_nothing_of_what_was_asked_is_lost(history, message):
    whole = standalone(history, message)
    assert words(whole) <= words(*history, message)
    assert words(message) - NO_CONTENT <= words(whole)


@given(histories, typed)
def test_the_question_never_grows_beyond_the_conversation(history, message):
    assert len(standalone(history, message)) <= sum(len(text) + 3 for text in [*history, message])


@given(typed)
def test_without_history_every_message_is_itself(message):
    assert standalone([], message) == message.strip()


@given(histories, typed, typed)
def test_what_came_before_a_change_of_subject_is_forgotten(history, change, message):
    # A message that leans on nothing, whatever is before it; an empty one is no change of subject.
    if change.strip() and standalone(["Merkel propose taxes Steuern"], change) == change.strip():
        assert standalone([*history, change], message) == standalone([change], message)
