"""Dates and filters as a person says them, in English and German. Pure: owns these words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from rag.records import Filter, Language

_MONTHS: Mapping[Language, str] = {
    "de": "Januar Februar März April Mai Juni Juli August September Oktober November Dezember",
    "en": "January February March April May June July August September October November December",
}
_DAY: Mapping[Language, str] = {"de": "{}. {} {}", "en": "{} {} {}"}


@dataclass(frozen=True, slots=True)
class _Limits:
    only: str
    since: str
    until: str
    languages: Mapping[Language, str]


_LIMITS: Mapping[Language, _Limits] = {
    "en": _Limits("Only in: {}", "from {} on", "up to {}", {"de": "in German", "en": "in English"}),
    "de": _Limits("Nur in: {}", "ab {}", "bis {}", {"de": "auf Deutsch", "en": "auf Englisch"}),
}


def written_day(day: date, language: Language) -> str:
    """Return "18. November 2025" or "18 November 2025"."""
    return _DAY[language].format(day.day, _MONTHS[language].split()[day.month - 1], day.year)


def restriction(limits: Filter, language: Language) -> str:
    """Return in words which articles alone were asked ("Only in: …"), "" where all were; folders end in a slash."""
    words = _LIMITS[language]
    parts = [", ".join([*limits.articles, *(f"{folder.rstrip('/')}/" for folder in limits.folders)])]
    parts += [
        wording.format(written_day(day, language))
        for wording, day in ((words.since, limits.since), (words.until, limits.until))
        if day
    ]
    if limits.language:
        parts.append(words.languages[limits.language])
    said = "; ".join(filter(None, parts))
    return words.only.format(said) if said else ""
