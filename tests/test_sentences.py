"""Sentences end where a reader ends them."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.folding import fold
from rag.sentences import sentences


def texts(text: str) -> list[str]:
    return [text[start:end] for start, end in sentences(text)]


@pytest.mark.parametrize(
    "expected",
    [
        ["Das sagte Peskow am 18. November und deutete es an.", "Es war am 20. Januar 2025 so weit."],
        ["Rund 20.000 Sanktionen wurden überwunden.", "Das sagte Dr. Pankin z. B. in Moskau."],
        ["Er sagte: „Die neue Regierung ändert alles. Das deckt sich mit unserer Sicht.“", "Dann schwieg er."],
        ["„Der Versuch ist gescheitert“, kommentierte Dmitriev auf X.", "Die Entwicklungen gehen darüber hinaus."],
        ["1. Einfrieren des Konflikts.", "2. Druck und Widerstand."],
        ["Die Firma verlor im 2. Quartal viel.", "Das 19. Jahrhundert begann."],
        ["Was nun?", "Niemand weiß es!", "Doch."],
        ["Mr. Smith met J. Doe in the U.S. Senate.", "He left at once."],
    ],
)
def test_abbreviations_dates_numbers_and_quotations_do_not_end_a_sentence(expected: list[str]) -> None:
    assert texts(" ".join(expected)) == expected


@given(st.text(alphabet=st.one_of(st.characters(codec="utf-8"), st.sampled_from("ab. „“!?X1 \n")), max_size=300))
def test_every_visible_character_lies_in_exactly_one_sentence(raw: str) -> None:
    text = fold(raw)
    spans = sentences(text)
    assert all(start < end for start, end in spans)
    assert all(before[1] <= after[0] for before, after in itertools.pairwise(spans))
    assert "".join(text[a:b] for a, b in spans).replace(" ", "") == text.replace(" ", "")


def test_a_very_long_text_is_cut_completely() -> None:
    text = ("Ein Satz ohne Anfang „ und Ende. " * 2_000).strip()
    assert "".join(texts(text)).replace(" ", "") == text.replace(" ", "")
