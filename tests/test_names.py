"""Spellings of one name meet, words of another do not, and no input is too odd or too long."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.names import alike, codes

LATIN = st.text("abcdefghijklmnopqrstuvwxyz", max_size=20)


def meet(one: str, other: str) -> bool:
    return bool(codes(one) & codes(other)) and alike(one, other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("zelensky", "selenskyj"),
        ("lavrov", "lawrow"),
        ("riyadh", "riad"),
        ("dostoevsky", "dostojewski"),
        ("gorbachev", "gorbatschow"),
        ("khrushchev", "chruschtschow"),
        ("tchaikovsky", "tschaikowski"),
        ("kharkiv", "charkiw"),
    ],
)
def test_spellings_of_one_name_meet(one: str, other: str) -> None:
    assert meet(one, other)


@pytest.mark.parametrize(("one", "other"), [("lavrov", "larousse"), ("putin", "biden"), ("merkel", "macron")])
def test_other_names_do_not_meet(one: str, other: str) -> None:
    assert not meet(one, other)


@given(LATIN, LATIN)
def test_meeting_is_mutual_and_every_word_that_has_codes_meets_itself(one: str, other: str) -> None:
    assert bool(codes(one) & codes(other)) == bool(codes(other) & codes(one))
    assert alike(one, one)
    assert bool(codes(one)) == (len(one) >= 4)


@given(LATIN, LATIN)
def test_likeness_is_mutual(one: str, other: str) -> None:
    assert alike(one, other) == alike(other, one)


@given(LATIN)
def test_a_code_is_a_few_digits(word: str) -> None:
    assert len(codes(word)) <= 8
    assert all(code.isdigit() for code in codes(word))


@pytest.mark.parametrize("letter", "cjax")
def test_a_word_of_very_many_letters_has_few_codes(letter: str) -> None:
    assert 1 <= len(codes(letter * 10_000)) <= 8


@pytest.mark.parametrize("word", ["путин", "selenskyй", "1917", "brics+", "", "abc", "a b c d", "müller", "\0\0\0\0"])
def test_what_is_short_or_not_latin_has_no_codes(word: str) -> None:
    assert codes(word) == frozenset()
