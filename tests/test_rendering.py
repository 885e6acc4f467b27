"""What an answer looks like as text and as JSON."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.answerjson import to_json
from rag.records import Answer, Attribution, Citation, Filter, Hit, Passage, Statement
from rag.rendering import certainty, how_sure, plain, quoted
from rag.wording import restriction

SENTENCE = "Sie kostete 20.000 Euro."
PASSAGE = f"Die Brücke ist offen. {SENTENCE} Das ist viel."
GERMAN = "Was hat die Brücke gekostet?"


def hit(number: int, text: str, *, article_id: str = "bruecke.txt", title: str = "Die neue Brücke") -> Hit:
    citation = Citation(article_id, title, number, 0, len(text), text)
    return Hit(Passage(number, article_id, number, "Kosten", 0, len(text), text), 0.9, 0.8, 2.5, 0.6, citation)


def answer(*texts: str, question: str = "How much did it cost?", quotes: tuple[tuple[int, str], ...] = ()) -> Answer:
    hits = tuple(hit(number, text) for number, text in enumerate(texts, start=1))
    statements = []
    for number, quote in quotes:
        start = texts[number].find(quote)
        citation = Citation("bruecke.txt", "Die neue Brücke", number + 1, start, start + len(quote), quote)
        statements.append(Statement(quote, citation, number))
    return Answer(question, question, tuple(statements), hits, 0.931)


def with_first(found: Answer, **changes) -> Answer:
    """``found`` with its first statement changed."""
    return replace(found, statements=(replace(found.statements[0], **changes), *found.statements[1:]))


def test_plain_text_leads_with_the_sentence_and_marks_it_in_its_passage():
    shown = plain(answer("Etwas anderes.", PASSAGE, quotes=((1, SENTENCE),)))

    assert shown == (
        "“Sie kostete 20.000 Euro.” [2]\n\n"
        "This very likely answers the question (93%).\n\n"
        "[2] Die neue Brücke (bruecke.txt, paragraph 2)\n"
        "    Die Brücke ist offen. *Sie kostete 20.000 Euro.* Das ist viel."
    )


@pytest.mark.parametrize(
    ("question", "direct", "words"),
    [
        ("How much did it cost?", True, "direct quote"),
        ("How much did it cost?", False, "reported speech"),
        (GERMAN, True, "wörtliche Rede"),
        (GERMAN, False, "indirekte Rede"),
    ],
)
def test_who_said_it_stands_behind_the_sentence_in_the_language_of_the_question(question, direct, words):
    found = answer(PASSAGE, question=question, quotes=((0, SENTENCE),))
    shown = plain(with_first(found, said=Attribution("Karl Kai", 0, 8, direct=direct)))

    assert shown.startswith(f"“Sie kostete 20.000 Euro.” [1] — Karl Kai, {words}\n")


@pytest.mark.parametrize(("question", "words"), [("How much?", "Also in"), (GERMAN, "Auch in")])
def test_other_articles_that_say_the_same_follow_their_sentence_one_to_a_line(question, words):
    found = answer(PASSAGE, question=question, quotes=((0, SENTENCE), (0, "Das ist viel.")))
    also = tuple(Citation(f"{name}.txt", f"Nachricht {name}", 4, 0, 5, "Teuer") for name in "ab")
    lines = plain(with_first(found, also=also)).splitlines()

    assert lines[1].startswith(f"    {words}: Nachricht a (a.txt, ")
    assert lines[2].startswith(f"    {words}: Nachricht b (b.txt, ")
    assert lines[3] == "“Das ist viel.” [1]"


def test_a_question_that_was_completed_is_told_as_it_was_searched_for():
    found = answer(PASSAGE, quotes=((0, SENTENCE),))
    completed = replace(found, standalone="What is the bridge? How much did it cost?")

    assert plain(completed) == f"Searched for: {completed.standalone}\n\n{plain(found)}"
    for same in (
        replace(found, question=" How much did it cost? "),
        replace(found, standalone="How much did it cost?\n"),
    ):
        assert plain(same) == plain(found)


@pytest.mark.parametrize(
    ("confidence", "answered", "not_answered", "german"),
    [
        (
            1.0,
            "This very likely answers",
            "perhaps do not answer",
            "beantwortet die Frage sehr wahrscheinlich",
        ),
        (
            0.9,
            "This very likely answers",
            "perhaps do not answer",
            "beantwortet die Frage sehr wahrscheinlich",
        ),
        (0.66, "This likely answers", "perhaps do not answer", "beantwortet die Frage wahrscheinlich"),
        (0.5, "This perhaps answers", "perhaps do not answer", "beantwortet die Frage vielleicht"),
        (0.34, "This perhaps answers", "articles likely do not answer", "beantwortet die Frage vielleicht"),
        (0.1, "This perhaps answers", "articles very likely do not answer", "beantwortet die Frage vielleicht"),
        (0.0, "This perhaps answers", "articles very likely do not answer", "beantwortet die Frage vielleicht"),
    ],
)
def test_how_sure_an_answer_and_a_refusal_are_is_told_in_words(confidence, answered, not_answered, german):
    found = replace(answer(PASSAGE, quotes=((0, SENTENCE),)), confidence=confidence)

    assert answered in how_sure(found)
    assert not_answered in how_sure(replace(found, statements=()))
    assert german in how_sure(replace(found, question=GERMAN))


@given(st.floats(0, 1), st.floats(0, 1), st.booleans())
def test_the_word_follows_the_figure_and_the_figure_is_never_certain(one, other, found):
    whole = answer(PASSAGE, quotes=((0, SENTENCE),) if found else ())
    one, other = replace(whole, confidence=one), replace(whole, confidence=other)
    figures = [int(certainty(each).removesuffix("%")) for each in (one, other)]

    assert all(1 <= figure <= 99 for figure in figures)
    if figures[0] == figures[1]:
        assert how_sure(one) == how_sure(other)
    else:
        assert (figures[0] > figures[1]) == ((one.confidence > other.confidence) == found)


def test_a_german_figure_is_kept_from_its_sign_by_a_space_that_does_not_break():
    assert certainty(answer(question=GERMAN)) == "7\u00a0%"


def test_plain_text_without_a_statement_says_so_and_offers_the_nearest_passages():
    shown = plain(replace(answer("Eins.", "Zwei."), confidence=0.04))

    assert shown.startswith("The articles very likely do not answer this question (96%). The nearest passages:\n\n[1] ")
    assert "[2] Die neue Brücke (bruecke.txt, paragraph 2)\n    Zwei." in shown


def test_plain_text_without_any_passage_says_no_more_than_that():
    assert plain(answer()) == "The articles perhaps do not answer this question (7%)."


def test_a_german_question_is_told_in_german_that_there_is_no_answer():
    shown = plain(replace(answer(question=GERMAN), confidence=0.2))

    assert shown == "Die Artikel beantworten diese Frage wahrscheinlich nicht (80\u00a0%)."


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
    near = hit(1, text, title=title)
    said = Attribution(title, 0, 1, direct=True)
    statement = Statement(text, near.citation, 0, said, (near.citation,))
    for found in (Answer("q", title, (), (near,)), Answer("q", title, (statement,), (near,))):
        shown = plain(found)

        assert all(character.isprintable() or ord(character) > 0x9F or character == "\n" for character in shown)


def test_json_is_one_object_with_all_the_records_say_and_whether_there_is_an_answer():
    given_ = answer(PASSAGE, quotes=((0, SENTENCE),))
    told = json.loads(to_json(given_))

    assert list(told) == ["answered", "question", "standalone", "statements", "hits", "confidence", "filter"]
    assert told["confidence"] == 0.931
    assert (told["statements"][0]["said"], told["statements"][0]["also"]) == (None, [])
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


def test_json_tells_who_said_it_and_where_else_it_stands():
    found = answer(PASSAGE, quotes=((0, SENTENCE),))
    also = Citation("b.txt", "Teuer", 4, 3, 8, "Teuer")
    told = json.loads(to_json(with_first(found, said=Attribution("Karl Kai", 2, 10, direct=False), also=(also,))))

    assert told["statements"][0]["said"] == {"speaker": "Karl Kai", "start": 2, "end": 10, "direct": False}
    assert [place["article_id"] for place in told["statements"][0]["also"]] == ["b.txt"]


@given(st.lists(st.sampled_from(["Eins. ", "Zwei. ", "Drei! "]), min_size=1), st.data())
def test_the_quoted_characters_of_a_passage_spell_its_statements(sentences, data):
    text = "".join(sentences).strip()
    quote = data.draw(st.sampled_from(sentences)).strip()
    shown, levels = quoted(answer(text, quotes=((0, quote),)), 0)

    assert shown == text
    assert len(levels) == len(text)
    assert "".join(character for character, level in zip(text, levels, strict=True) if level) == quote


WANTED = Filter(("a.txt",), ("rat",), since=date(2025, 1, 2), language="de")


@pytest.mark.parametrize(
    ("question", "wanted", "line"),
    [
        ("Why?", WANTED, "Only in: a.txt, rat/; articles from 2 January 2025 on; German articles."),
        ("Warum ist das so?", WANTED, "Nur in: a.txt, rat/; Artikeln ab 2. Januar 2025; deutschen Artikeln."),
        ("Why?", Filter(until=date(2025, 12, 31)), "Only in: articles up to 31 December 2025."),
        ("Why?", Filter(language="en"), "Only in: English articles."),
        ("Why?", Filter(articles=("a\x1b[2J.txt",)), "Only in: a<U+001B>[2J.txt."),
    ],
)
def test_which_articles_alone_were_asked_is_said_in_one_line_before_the_answer(question, wanted, line):
    shown = plain(replace(answer(PASSAGE, question=question, quotes=((0, SENTENCE),)), filter=wanted))
    assert shown.startswith(f"{line}\n\n“{SENTENCE}”")


def test_without_a_filter_nothing_is_said_of_one():
    assert restriction(Filter(), "en") == ""
    assert "Only in" not in plain(answer(PASSAGE))


@pytest.mark.parametrize(
    ("question", "told"),
    [("Why?", "No article is within these limits."), (GERMAN, "Kein Artikel liegt in dieser Auswahl.")],
)
def test_where_no_article_passes_nothing_else_is_said(question, told):
    nothing = Answer(question, question, (), (), 0.0, Filter(language="en"))
    assert how_sure(nothing) == told
    assert plain(nothing).endswith(f".\n\n{told}")


def test_json_says_dates_as_iso():
    told = json.loads(to_json(replace(answer(PASSAGE), filter=WANTED)))["filter"]
    assert (told["since"], told["until"], told["folders"]) == ("2025-01-02", None, ["rat"])
