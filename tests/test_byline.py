"""The lines above an article tell its author and date; what only looks like them does not."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag import byline

PROSE = "Der erste Absatz sagt etwas."
MORE = "Der zweite Absatz sagt mehr."
DAY = date(2025, 11, 18)


@pytest.mark.parametrize(
    ("lines", "positions"),
    [
        (["", "18. November 2025", PROSE, MORE], {1}),
        (["", "Von Anna Beispiel", "18.11.2025", PROSE, MORE], {1, 2}),
        (["", "Von Anna Beispiel, 18. November 2025", PROSE, MORE], {1}),
        (["", "By Anna Beispiel | Nov. 18, 2025", PROSE, MORE], {1}),
        (["", PROSE, "Stand: 18. November 2025, 14:30 Uhr", MORE], {2}),
        (["", "Updated: November 20, 2025", "Published November 18, 2025", PROSE, MORE], {1, 2}),
        (["", "Veröffentlicht am 18.11.2025", PROSE, "1. Mai 2024", MORE, "2. Mai 2024"], {1}),
        (["Berlin, 18. November 2025 – Der Rat hat getagt.", MORE], set()),
    ],
)
def test_the_date_is_read_where_it_is_the_articles(lines: list[str], positions: set[int]) -> None:
    found = byline.read(lines)
    assert (found.published, found.lines) == (DAY, positions)


@pytest.mark.parametrize(
    "lines",
    [
        [],
        ["", ""],
        ["", PROSE, MORE, "18. November 2025"],
        ["", PROSE, "Das sagte Peskow am 18. November 2025.", MORE],
        # A chronicle.
        ["", "18. November 2025", PROSE, "19. November 2025", MORE],
        ["", PROSE, "Berlin, 18. November 2025 – Der Rat hat getagt."],
    ],
)
def test_another_date_is_not_taken_for_it(lines: list[str]) -> None:
    found = byline.read(lines)
    assert (found.published, found.lines) == (None, frozenset())


def test_a_change_counts_only_where_nothing_says_when_the_article_appeared() -> None:
    assert byline.read(["", "Aktualisiert am 20.11.2025", PROSE]).published == date(2025, 11, 20)


def test_the_author_is_read_from_the_line_that_has_the_date_as_well() -> None:
    assert byline.read(["", "Von Anna Beispiel, 18. November 2025", PROSE]).author == "Anna Beispiel"


@given(st.lists(st.sampled_from(["", "Von", "Von Anna B.", "1. Mai 2024", "2. Mai 2024", "5 min", PROSE, "Titel"])))
def test_a_byline_has_only_lines_that_are_there_and_say_something(lines: list[str]) -> None:
    found = byline.read(lines)
    assert all(0 <= i < len(lines) and lines[i] and lines[i] != PROSE for i in found.lines)
