"""What an answer looks like as text and as JSON."""

from __future__ import annotations

import json

from hypothesis import given
from hypothesis import strategies as st

from rag.records import Answer, Citation, Hit, Passage, Statement
from rag.rendering import plain, quoted, to_json

SENTENCE = "Sie kostete 20.000 Euro."
PASSAGE = f"Die Brücke ist offen. {SENTENCE} Das ist viel."


def hit(number: int, text: str, *, article_id: str = "bruecke.txt", title: str = "Die neue Brücke") -> Hit:
    citation = Citation(article_id, title, number, 0, len(text), text)
    return Hit(Passage(number, article_id, number, "Kosten", 0, len(text), text), 0.9, 0.8, 2.5, citation)


def answer(*texts: str, question: str = "How much did it cost?", quotes: tuple[tuple[int, str], ...] = ()) -> Answer:
    hits = tuple(hit(number, text) for number, text in enumerate(texts, start=1))
    statements = []
    for number, quote in quotes:
        start = texts[number].find(quote)
        citation = Citation("bruecke.txt", "Die neue Brücke", number + 1, start, start + len(quote), quote)
        statements.append(Statement(quote, citation, number))
    return Answer(question, question, tuple(statements), hits)


def test_plain_text_leads_with_the_sentence_and_marks_it_in_its_passage():
    shown = plain(answer("Etwas anderes.", PASSAGE, quotes=((1, SENTENCE),)))

    assert shown == (
        "“Sie kostete 20.000 Euro.” [2]\n\n"
        "[2] Die neue Brücke (bruecke.txt, paragraph 2)\n"
        "    Die Brücke ist offen. *Sie kostete 20.000 Euro.* Das ist viel."
    )


def test_plain_text_without_a_statement_says_so_and_offers_the_nearest_passages():
    shown = plain(answer("Eins.", "Zwei."))

    assert shown.startswith("The articles do not answer this question. The nearest passages:\n\n[1] ")
    assert "[2] Die neue Brücke (bruecke.txt, paragraph 2)\n    Zwei." in shown


def test_plain_text_without_any_passage_says_no_more_than_that():
    assert plain(answer()) == "The articles do not answer this question."


def test_a_german_question_is_told_in_german_that_there_is_no_answer():
    assert plain(answer(question="Was hat die Brücke gekostet?")) == "Die Artikel beantworten diese Frage nicht."


def test_two_sentences_of_one_passage_share_its_number_and_the_passage_is_shown_once():
    shown = plain(answer(PASSAGE, quotes=((0, SENTENCE), (0, "Die Brücke ist offen."))))

    assert shown.count("[1] Die neue Brücke") == 1
    assert "    *Die Brücke ist offen.* *Sie kostete 20.000 Euro.* Das ist viel." in shown


def test_a_terminal_is_given_nothing_to_obey():
    shown = plain(answer("\x1b[31mRot\x07 \u202egnimmut\u202c \x9b2J."))

    assert "<U+001B>[31mRot<U+0007> <U+202E>gnimmut<U+202C> <U+009B>2J." in shown
    assert shown.isprintable() or set(shown) - {"\n"} == {c for c in shown if c.isprintable()}


@given(st.text(), st.text())
def test_plain_text_never_holds_a_control_character(text, title):
    found = Answer("q", "q", (), (hit(1, text, title=title),))

    assert all(character.isprintable() or ord(character) > 0x9F or character == "\n" for character in plain(found))


def test_json_is_one_object_with_all_the_records_say_and_whether_there_is_an_answer():
    given_ = answer(PASSAGE, quotes=((0, SENTENCE),))
    told = json.loads(to_json(given_))

    assert list(told) == ["answered", "question", "standalone", "statements", "hits"]
    assert told["answered"] is True
    assert told["statements"][0]["citation"] == {
        "article_id": "bruecke.txt",
        "title": "Die neue Brücke",
        "paragraph": 1,
        "start": 22,
        "end": 46,
        "quote": SENTENCE,
    }
    assert told["hits"][0]["passage"]["text"] == PASSAGE
    assert json.loads(to_json(answer(PASSAGE)))["answered"] is False
    assert "Brücke" in to_json(given_)


@given(st.lists(st.sampled_from(["Eins. ", "Zwei. ", "Drei! "]), min_size=1), st.data())
def test_the_quoted_characters_of_a_passage_spell_its_statements(sentences, data):
    text = "".join(sentences).strip()
    quote = data.draw(st.sampled_from(sentences)).strip()
    shown, levels = quoted(answer(text, quotes=((0, quote),)), 0)

    assert shown == text
    assert len(levels) == len(text)
    assert "".join(character for character, level in zip(text, levels, strict=True) if level) == quote
