"""Folding joins what a line end divided, and changes nothing else."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.folding import fold, fold_with_offsets

raw_text = st.text(
    alphabet=st.one_of(st.characters(codec="utf-8"), st.sampled_from("ab Ä-\u2010\u00ad\n\r\t\f.\u2028US1ß")),
    max_size=200,
)


@pytest.mark.parametrize(
    ("raw", "read"),
    [
        ("betonen den US-\nKurswechsel", "betonen den US-Kurswechsel"),
        ("die US-\nInvestoren", "die US-Investoren"),
        ("die US-\namerikanische", "die US-amerikanische"),
        ("der Wirtschafts-\nallianzen", "der Wirtschaftsallianzen"),
        ("der Wirtschafts\u2010\r\nallianzen", "der Wirtschaftsallianzen"),
        ("der Wirt\u00ad\nschaft", "der Wirtschaft"),
        ("die Ein- und Ausfuhr", "die Ein- und Ausfuhr"),
        ("die Ein-\nund Ausfuhr", "die Ein- und Ausfuhr"),
        ("eine 20-\njährige Frist", "eine 20-jährige Frist"),
        ("a well-\nknown fact", "a well-known fact"),
        ("ein Satz –\nund weiter", "ein Satz – und weiter"),
        ("Nord Stream\n 2-Gaspipeline", "Nord Stream 2-Gaspipeline"),
        ("mögliche\n\nWirtschaftsallianzen.", "mögliche Wirtschaftsallianzen."),
        (" \t Moskau\u00a0 reagiert \n", "Moskau reagiert"),
        ("weiche Tren\u00adnung", "weiche Tren\u00adnung"),
        ("", ""),
        ("\n \n", ""),
    ],
)
def test_lines_are_joined_the_way_a_reader_joins_them(raw: str, read: str) -> None:
    assert fold(raw) == read


@given(raw_text)
def test_only_white_space_and_hyphens_at_line_ends_are_ever_changed(raw: str) -> None:
    def letters(text: str) -> str:
        return "".join(c for c in text if not c.isspace() and c not in "-\u2010\u00ad")

    assert letters(fold(raw)) == letters(raw)


@given(raw_text)
def test_without_a_line_end_folding_is_plain_white_space_collapsing(raw: str) -> None:
    one_line = " ".join(raw.split())
    assert fold(one_line) == one_line


@given(raw_text)
def test_folding_twice_changes_nothing_more(raw: str) -> None:
    assert fold(fold(raw)) == fold(raw)


@given(raw_text)
def test_offsets_lead_back_to_the_character_they_stand_for(raw: str) -> None:
    folded, offsets = fold_with_offsets(raw)
    assert len(offsets) == len(folded)
    assert all(a < b for a, b in itertools.pairwise(offsets))
    for character, offset in zip(folded, offsets, strict=True):
        assert raw[offset] == character or (character == " " and raw[offset].isspace())


@given(raw_text)
def test_folded_text_has_no_line_end_and_no_double_space(raw: str) -> None:
    folded = fold(raw)
    assert folded == folded.strip()
    assert len(folded.splitlines()) <= 1
    assert "  " not in folded
