"""From what was measured to a table. Pure: owns which figures are shown, how runs are summed up, and the ratios."""

from __future__ import annotations

import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from benchmarks.peers.protocol import Result

# Figures of one system by name, a value a round.
Rounds = Mapping[str, Sequence[float]]

OURS = "ours"


@dataclass(frozen=True, slots=True)
class Row:
    """A row of the table: the figure's name, what it is called, what it is divided by, and its decimal places.

    ``compared`` says whether less of it is better, so that a ratio tells something.
    """

    figure: str
    label: str
    unit: float = 1.0
    places: int = 1
    compared: bool = True


_MILLI, _MEGA = 1e-3, 1e6
ROWS = (
    Row("load", "libraries and model loaded, s"),
    Row("index", "index, s"),
    Row("nothing changed", "index again, nothing changed, s", places=2),
    Row("nothing changed, share", "… as a share of its own first run", places=3, compared=False),
    Row("some changed", "index again, 1% changed, s", places=2),
    Row("some changed, share", "… as a share of its own first run", places=3, compared=False),
    Row("cold", "cold start: process to first answer, s"),
    Row("ask p50", "question to passages, p50, ms", _MILLI),
    Row("ask p99", "question to passages, p99, ms", _MILLI),
    Row("encode p50", "of it the question's vector alone, p50, ms", _MILLI),
    Row("search p50", "search without the encoder, p50, ms", _MILLI, 2),
    Row("search p99", "search without the encoder, p99, ms", _MILLI, 2),
    Row("nearest p50", "of it by vectors alone, p50, ms", _MILLI, 2),
    Row("nearest p99", "of it by vectors alone, p99, ms", _MILLI, 2),
    Row("peak while indexing", "most memory while indexing, MB", _MEGA, 0),
    Row("peak while asking", "most memory while asking, MB", _MEGA, 0),
    Row("disk", "index on disk, MB", _MEGA),
    Row("overlap", "by vectors alone: share of the exact best ten", places=3, compared=False),
)


def percentile(values: Sequence[float], share: float) -> float:
    """Return the value below which ``share`` percent of ``values`` lie, between two of them where need be."""
    ordered = sorted(values)
    place = (len(ordered) - 1) * share / 100
    low = int(place)
    high = min(low + 1, len(ordered) - 1)
    return ordered[low] + (ordered[high] - ordered[low]) * (place - low)


def of_questions(result: Result) -> dict[str, float]:
    """Return the figures of a result with the percentiles of the questions it timed."""
    figures = dict(result.figures)
    seconds = dict(result.seconds)
    if "nearest" in seconds:
        # Where a system has nothing but vectors, searching by them is all it does.
        seconds.setdefault("search", seconds["nearest"])
    for way, each in seconds.items():
        figures |= {f"{way} p{share}": percentile(each, share) for share in (50, 99)}
    for again in ("nothing changed", "some changed"):
        if again in figures:
            figures[f"{again}, share"] = figures[again] / figures["index"]
    return figures


def table(measured: Mapping[str, Rounds], titles: Mapping[str, str]) -> str:
    """Return a Markdown table: a row a figure, a column a system, the last column ours by the best of the others.

    ``measured`` holds what was measured of each system; ``titles`` the columns' names, in order.
    """
    head = [*titles.values(), "ours ÷ best peer"]
    lines = [f"| | {' | '.join(head)} |", "|---" * (len(head) + 1) + "|"]
    for row in ROWS:
        found = {name: measured.get(name, {}).get(row.figure, ()) for name in titles}
        if any(found.values()):
            ours = statistics.median(found[OURS]) if found.get(OURS) else None
            cells = [_cell(row, found[name], ours if name != OURS else None) for name in titles]
            lines.append(f"| {row.label} | {' | '.join([*cells, _against_the_best(row, found)])} |")
    return "\n".join(lines)


def _cell(row: Row, values: Sequence[float], ours: float | None) -> str:
    """Return median, spread and how many times ours it is, "–" where nothing was measured."""
    if not values:
        return "–"
    shown = [f"{value / row.unit:,.{row.places}f}" for value in (statistics.median(values), min(values), max(values))]
    spread = f" ({shown[1]}–{shown[2]})" if len(values) > 1 else ""
    ratio = f", ×{_ratio(statistics.median(values) / ours)}" if ours and row.compared else ""
    return f"{shown[0]}{spread}{ratio}"


def _against_the_best(row: Row, found: Mapping[str, Sequence[float]]) -> str:
    others = [statistics.median(values) for name, values in found.items() if values and name != OURS]
    if not row.compared or not found.get(OURS) or not others or min(others) <= 0:
        return ""
    return _ratio(statistics.median(found[OURS]) / min(others))


def _ratio(value: float) -> str:
    return f"{value:.2f}" if value >= 0.1 else f"{value:.2g}"
