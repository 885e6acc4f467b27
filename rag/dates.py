"""Lines and datelines that say when an article appeared -> dates. Owns how such a line looks in German and English.

Meant to overlook a date rather than to take a wrong one: a date has a day, a month and a year of four digits, from 1600
on, and is one of the calendar. Where such a line stands in an article is left to ``rag.byline``.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta

# A longer line is a sentence with a date in it.
_LONGEST = 120

_MONTHS = {
    name: number
    for number, names in enumerate(
        (
            "januar january jänner jan jän",
            "februar february feber feb",
            "märz maerz march mär mar mrz",
            "april apr",
            "mai may",
            "juni june jun",
            "juli july jul",
            "august aug",
            "september sept sep",
            "oktober october okt oct",
            "november nov",
            "dezember december dez dec",
        ),
        start=1,
    )
    for name in names.split()
}
_YEAR = r"(?:1[6-9]|20)\d\d"
# "18. November 2025", "18 Nov 2025", "November 18, 2025", "18.11.2025", "2025-11-18", "18/11/2025"
_DATE = (
    rf"(?:(?P<day>\d{{1,2}})(?:\.|st|nd|rd|th)?\s+(?P<month>[^\W\d_]{{3,9}})\.?,?\s+(?P<year>{_YEAR})"
    rf"|(?P<month_us>[^\W\d_]{{3,9}})\.?\s+(?P<day_us>\d{{1,2}})(?:st|nd|rd|th)?,?\s+(?P<year_us>{_YEAR})"
    rf"|(?P<day_dot>\d{{1,2}})\.\s?(?P<month_dot>\d{{1,2}})\.\s?(?P<year_dot>{_YEAR})"
    rf"|(?P<year_iso>{_YEAR})-(?P<month_iso>\d\d)-(?P<day_iso>\d\d)"
    rf"|(?P<slash>\d{{1,2}}/\d{{1,2}}/{_YEAR}))(?!\d)"
)
_WEEKDAY = (
    r"(?:(?:montag|dienstag|mittwoch|donnerstag|freitag|samstag|sonnabend|sonntag|mo|di|mi|do|fr|sa|so"
    r"|mon(?:day)?|tue(?:s(?:day)?)?|wed(?:nesday)?|thu(?:rs(?:day)?)?|fri(?:day)?|sat(?:urday)?|sun(?:day)?)[.,]*\s+)?"
)
_TIME = (
    r"(?:(?:t|\s*[,|·•/–-]\s*|\s+)(?:(?:um|at)\s+)?\d{1,2}[:.]\d\d(?::\d\d(?:\.\d+)?)?(?:\s?(?:uhr|h|[ap]\.?m\.?))?"
    r"(?:\s?(?:z|utc|gmt|mes?z|[cemp]e?[sd]?t|[+-]\d\d:?\d\d))?)?"
)
_NEW = r"(?:zuletzt\s+|last\s+)?(?:aktualisiert|geändert|updated|modified)"
_LABEL = (
    rf"(?P<label>(?:(?P<new>{_NEW})|stand|datum|date|veröffentlicht|publiziert|erschienen|published|posted)"
    r"(?:\s*:\s*|\s+)(?:(?:am|vom|on)\s+)?)?"
)
# What may follow a date on its line: when it was changed, how long it takes to read, who wrote it.
_REST = rf"(?:(?:\s*[,;|·•/(–-]\s*|\s+)(?:(?:{_NEW}|lesezeit|by|von)\b.{{1,60}}|\d+\s?min\b.{{0,20}}))?"
_LINE = re.compile(rf"(?i){_LABEL}{_WEEKDAY}(?:den\s+)?{_DATE}{_TIME}{_REST}")
# "Berlin (dpa), 5. August 2005 – Der Rat ..."; a small letter after the dash would go on with a sentence.
_WORD = r"[A-ZÄÖÜ][\w.'’/-]{0,30}"
_DATELINE = re.compile(
    rf"{_WORD}(?:\s(?:(?:am|im|an der|de|of)\s)?{_WORD}){{0,3}}(?:,\s{_WORD})?(?:\s\([^()]{{1,40}}\))?\s?[,/|–—-]\s"
    rf"(?i:{_WEEKDAY}(?:den\s)?{_DATE})(?:\s\([^()]{{1,40}}\))?\s(?:–|—|--?)\s(?=[^a-zäöüß\s])"
)


@dataclass(frozen=True, slots=True)
class DateLine:
    """A line that is a date. ``labelled``: it says what for ("Stand: ..."); ``updated``: for a later version."""

    day: date
    labelled: bool
    updated: bool


def line(read: str) -> DateLine | None:
    """Return what a line of its own says if all it holds is a date, None otherwise."""
    found = _LINE.fullmatch(read) if len(read) <= _LONGEST else None
    day = _day(found) if found else None
    return DateLine(day, found["label"] is not None, found["new"] is not None) if found and day else None


def dateline(paragraph: str) -> date | None:
    """Return the date of the dateline that a paragraph begins with ("Berlin, 5. August 2005 – ..."), None without."""
    found = _DATELINE.match(paragraph[: 2 * _LONGEST])
    return _day(found) if found else None


def credible(day: date, today: date) -> bool:
    """Say whether an article read on ``today`` can be of ``day``: tomorrow's paper can, later ones cannot.

    No newspaper is older than 1600; year 1 is what programs write that know none.
    """
    return day.year >= 1600 and day <= today + timedelta(days=1)


def _day(found: re.Match[str]) -> date | None:
    """Return the date that was matched, None if the calendar has none or it can be read in two ways."""
    parts = found.groupdict()
    if parts["slash"]:
        one, two, year = map(int, parts["slash"].split("/"))
        # "3/4/2025" is of March to some readers and of April to others; only a number above 12 is surely a day.
        if one <= 12 and two <= 12 and one != two:
            return None
        day, month = max(one, two), min(one, two)
    else:
        [style] = [style for style in ("", "_us", "_dot", "_iso") if parts[f"day{style}"]]
        name = parts[f"month{style}"]
        day, year = int(parts[f"day{style}"]), int(parts[f"year{style}"])
        month = int(name) if name.isdecimal() else _MONTHS.get(name.casefold(), 0)
    try:
        return date(year, month, day)
    except ValueError:
        return None
