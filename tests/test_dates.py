"""A line that is a date is read as one, and nothing else is: a wrong date is worse than none."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag import dates

NOVEMBER = date(2025, 11, 18)
GERMAN = "Januar Februar März April Mai Juni Juli August September Oktober November Dezember"
ENGLISH = "January February March April May June July August September October November December"


@pytest.mark.parametrize(
    "line",
    [
        "18. November 2025",
        "18.11.2025",
        "18. 11. 2025",
        "November 18, 2025",
        "18 Nov 2025",
        "Nov. 18th, 2025",
        "2025-11-18",
        "2025-11-18T14:30:00+01:00",
        "18/11/2025",
        "11/18/2025",
        "Dienstag, 18. November 2025",
        "Di., 18.11.2025",
        "Tuesday, November 18, 2025",
        "18.11.2025, 14:30 Uhr",
        "November 18, 2025 at 10:15 a.m. ET",
        "18. Nov. 2025 · 4 Min. Lesezeit",
        "18.11.2025 von Anna Beispiel",
    ],
)
def test_a_line_that_is_a_date_is_read(line: str) -> None:
    assert dates.line(line) == dates.DateLine(NOVEMBER, labelled=False, updated=False)


@pytest.mark.parametrize(
    ("line", "updated"),
    [
        ("Stand: 18. November 2025, 14:30 Uhr", False),
        ("Veröffentlicht am 18. November 2025", False),
        ("Veröffentlicht: Dienstag, 18.11.2025 um 10.15 Uhr | Aktualisiert: 19.11.2025", False),
        ("Published 18 November 2025", False),
        ("Published on Nov. 18, 2025", False),
        ("Date: 2025-11-18", False),
        ("Zuletzt aktualisiert am 18.11.2025", True),
        ("Updated: November 18, 2025 10:00 GMT", True),
    ],
)
def test_a_label_says_what_the_date_is_for(line: str, updated: bool) -> None:
    assert dates.line(line) == dates.DateLine(NOVEMBER, labelled=True, updated=updated)


@pytest.mark.parametrize(
    "line",
    [
        "",
        "sagte Peskow am 18. November",
        "am 18. November 2025",
        "18. November 2025.",
        "Der 18. November 2025",
        "18. November 2025 – Der Tag der Wahl",
        "18. November",
        "November 2025",
        "2025",
        "18.11.25",
        "31. Februar 2024",
        "0. Mai 2024",
        "2024-13-01",
        "12. Trump 2024",
        "3/4/2025",
        "18.11.20255",
        "18. November 1525",
    ],
)
def test_what_is_no_sure_date_is_none(line: str) -> None:
    assert dates.line(line) is None


@pytest.mark.parametrize(
    "paragraph",
    [
        "Berlin, 18. November 2025 – Der Rat hat getagt.",
        "Berlin (dpa), 18.11.2025 - „Wir fahren“, sagte er.",
        "Frankfurt am Main, den 18. November 2025 — Die Bank …",
        "WASHINGTON, Nov. 18, 2025 (Reuters) – The council met.",
        "New York, NY, November 18, 2025 -- The council met.",
    ],
)
def test_a_dateline_is_read(paragraph: str) -> None:
    assert dates.dateline(paragraph) == NOVEMBER


@pytest.mark.parametrize(
    "paragraph",
    [
        "Am 18. November 2025 – der Rat tagte gerade – begann es.",
        "Berlin, 18. November 2025 – der Tag, an dem alles begann.",
        "18. November 2025 – Der Rat hat getagt.",
        "Berlin – Der Rat hat am 18. November 2025 getagt.",
        "Das sagte Peskow in Moskau, 18. November 2025 – Er fügte hinzu.",
        "Berlin, 31. Februar 2025 – Der Rat hat getagt.",
    ],
)
def test_a_date_in_running_prose_is_no_dateline(paragraph: str) -> None:
    assert dates.dateline(paragraph) is None


days = st.dates(date(1600, 1, 1), date(2099, 12, 31))


@given(days)
def test_every_day_is_read_in_every_style(day: date) -> None:
    german, english = GERMAN.split()[day.month - 1], ENGLISH.split()[day.month - 1]
    written = [
        f"{day.day}. {german} {day.year}",
        f"{day.day}. {german[:3]}. {day.year}",
        f"{english} {day.day}, {day.year}",
        f"{day.day} {english[:3]} {day.year}",
        f"{day.day}.{day.month}.{day.year}",
        day.isoformat(),
    ]
    for line in written:
        found = dates.line(line)
        assert found is not None, line
        assert found.day == day
        assert dates.dateline(f"Berlin, {line} – Der Rat") == day


@given(st.text(alphabet=st.sampled_from("Stand am 0123459.,:/-–()TuhrMaiNov \u0663\n"), max_size=300))
def test_no_text_makes_it_fail(text: str) -> None:
    dates.line(text)
    dates.dateline(text)


@given(days)
def test_a_date_is_credible_up_to_tomorrow(today: date) -> None:
    assert dates.credible(today + timedelta(days=1), today)
    assert not dates.credible(today + timedelta(days=2), today)
    assert not dates.credible(date(1, 1, 1), today)
