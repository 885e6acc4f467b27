"""The words of a text: what is one word, which spellings are the same word, and what is left out."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.terms import stems, words


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Jäger", "Jaeger"),
        ("Straße", "STRASSE"),
        ("Köln", "Koeln"),
        ("Müller", "Mueller"),
        ("Häuser", "Haeuser"),
        ("Größe", "Groesse"),
        ("Erdoğan", "Erdogan"),
        ("Ko\u0308ln", "Köln"),
        ("20.000", "20,000"),
        ("1.234.567", "1234567"),
        ("Putin’s", "Putin"),
        ("Putin's", "Putin"),
    ],
)
def test_two_spellings_of_a_word_have_the_same_stems(one: str, other: str) -> None:
    assert stems(one) == stems(other)
    assert stems(one).german


@pytest.mark.parametrize(
    ("one", "other"), [("Häuser", "Haus"), ("Putin", "Putins"), ("Vorschlags", "Vorschlag"), ("Verträge", "Vertrag")]
)
def test_german_forms_of_a_word_meet_in_the_german_stem(one: str, other: str) -> None:
    assert stems(one).german == stems(other).german


def test_english_forms_of_a_word_meet_in_the_english_stem() -> None:
    assert stems("proposing").english == stems("proposed").english == stems("proposes").english


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Das kostet 20.000 Euro.", ["kostet", "20000", "euro"]),
        ("3,5 Prozent um 10:30 Uhr", ["3,5", "prozent", "10:30", "uhr"]),
        ("Version 1.2.3, no more", ["version", "1.2.3"]),
        ("BRICS+", ["brics+", "brics"]),
        ("US-Investoren", ["us", "investoren"]),
        ("G7 and COVID-19", ["g7", "covid", "19"]),
        ("Don't panic", ["panic"]),
        ("snake_case", ["snake", "case"]),
    ],
)
def test_words_are_cut_where_a_reader_would_cut_them(text: str, expected: list[str]) -> None:
    assert words(text) == expected


@pytest.mark.parametrize(
    "text", ["", "  \n", "Was ist das?", "What was that, and who is it?", "…!?", "+++", "für über"]
)
def test_function_words_and_signs_leave_nothing(text: str) -> None:
    assert words(text) == []


@pytest.mark.parametrize("word", ["war", "Weg", "US", "UK", "system", "million", "state", "not so Not-wendig"])
def test_a_word_that_means_something_is_kept(word: str) -> None:
    assert words(word)


@given(st.text())
def test_a_word_has_no_white_space_no_quotes_and_one_stem_in_each_language(text: str) -> None:
    found = words(text)
    assert all(word and not any(c.isspace() or c == '"' for c in word) for word in found)
    assert len(stems(text).german) == len(stems(text).english) == len(found)


@given(st.text())
def test_the_case_of_letters_does_not_matter(text: str) -> None:
    # Only where Python itself can go from one case to the other and back ("ı" and the like cannot).
    if text.upper().casefold() == text.casefold():
        assert words(text.upper()) == words(text)


def test_threads_stem_without_disturbing_each_other() -> None:
    texts = [f"Häuser und Verträge {number} proposing BRICS+" for number in range(200)]
    expected = [stems(text) for text in texts]
    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(stems, texts * 5)) == expected * 5
