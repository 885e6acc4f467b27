"""What the command line writes beside answers: progress on stderr, what was made of a folder, and figures.

Owns bars, tables and keeping other people's text from steering the terminal; leaves what is true to the engine.
"""

from __future__ import annotations

import sys
import unicodedata
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Self

import typer

from rag.folding import fold
from rag.records import Article, BlockKind, IndexReport, Progress

if TYPE_CHECKING:
    from rich.progress import Progress as Bar
    from rich.table import Table

    from rag.evaluation.figures import Difference, Figure, Group
    from rag.evaluation.jsonlines import Fault


class Steps:
    """A progress callback that writes on stderr: a bar on a terminal, lines elsewhere, or nothing.

    ``wanted`` is True for on demand, False for never, None for on a terminal only. A context manager, so that an
    error in the middle leaves no bar behind.
    """

    def __init__(self, *, wanted: bool | None) -> None:
        self._terminal = sys.stderr.isatty()
        self._silent = not (self._terminal if wanted is None else wanted)
        self._bar: Bar | None = None
        self._last = ""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._close()

    def __call__(self, step: Progress) -> None:
        """Show ``step``."""
        if self._silent:
            return
        if self._terminal:
            self._draw(step)
        else:
            self._log(step)

    def _draw(self, step: Progress) -> None:
        """Keep one bar on the screen for the stage that is under way, none between stages."""
        if step.stage != self._last:
            self._close()
        self._last = step.stage
        if step.done < step.total:
            self._bar = self._bar or _started(step)
            self._bar.update(self._bar.task_ids[0], completed=step.done)
        else:
            self._close()

    def _log(self, step: Progress) -> None:
        """Write ten lines for a stage, not ten thousand: a log is read afterwards."""
        tenth = f"{step.stage} {10 * step.done // max(step.total, 1)}"
        if tenth != self._last:
            self._last = tenth
            typer.echo(f"{step.stage.capitalize()}: {step.done} of {step.total}", err=True)

    def _close(self) -> None:
        if self._bar is not None:
            self._bar.stop()
            self._bar = None


def _started(step: Progress) -> Bar:
    # rich is imported where it is used: a question on a ready index shows no bar.
    from rich import progress
    from rich.console import Console

    columns = (
        progress.TextColumn("{task.description}"),
        progress.BarColumn(),
        progress.MofNCompleteColumn(),
        progress.TimeRemainingColumn(),
    )
    # What is written meanwhile goes above the bar, but only where both are seen: a file gets what is meant for it.
    bar = progress.Progress(*columns, console=Console(stderr=True), transient=True, redirect_stdout=sys.stdout.isatty())
    bar.add_task(step.stage.capitalize(), total=step.total)
    bar.start()
    return bar


def shown(text: str) -> str:
    """Return ``text`` on one line, with what could steer a terminal made visible as its number: ``<U+001B>``.

    These are the Unicode categories Cc (control) and Cf (format, among them turns of direction), and halves of
    surrogate pairs, which stand in file names that are not valid UTF-8.
    """
    return "".join(
        f"<U+{ord(character):04X}>" if unicodedata.category(character) in ("Cc", "Cf", "Cs") else character
        for character in fold(text)
    )


def write_articles(articles: Sequence[Article]) -> None:
    """Write a table: for each article its file, title, and how many paragraphs and pieces of noise were found."""
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    table.add_column("File", overflow="fold")
    table.add_column("Title", ratio=1)
    table.add_column("Paragraphs", justify="right")
    table.add_column("Set aside", justify="right")
    for article in articles:
        title = shown(article.title) + (" (made from its first sentence)" if article.title_derived else "")
        kinds = [block.kind for block in article.blocks]
        counts = (str(kinds.count(kind)) for kind in (BlockKind.PARAGRAPH, BlockKind.NOISE))
        table.add_row(Text(shown(article.id)), Text(title), *counts)
    Console().print(table)


def write_noise(articles: Sequence[Article]) -> None:
    """Write what was set aside in each article, word for word."""
    for article in articles:
        noise = [block for block in article.blocks if block.kind is BlockKind.NOISE]
        if noise:
            typer.echo(f"\nSet aside in {shown(article.id)}:")
        for block in noise:
            typer.echo(f"  {shown(article.text[block.start : block.end])}")


def write_report(report: IndexReport) -> None:
    """Write what bringing the index up to date did, and which files were skipped."""
    typer.echo(
        f"\n{report.articles} articles, {report.passages} passages: {report.added} new, {report.changed} changed, "
        f"{report.unchanged} unchanged, {report.removed} removed; {report.encoded} passages encoded."
    )
    for notice in report.notices:
        typer.echo(shown(notice))
    for file in report.skipped:
        typer.echo(f"Skipped {shown(file.path)}: {shown(file.reason)}")


def write_faults(file: Path, faults: Sequence[Fault], unchecked: int = 0) -> None:
    """Name on stderr the lines of ``file`` that were left out, and how many ``unchecked`` questions."""
    for fault in faults:
        typer.echo(f"{shown(str(file))}, line {fault.line}: {shown(fault.reason)}", err=True)
    if unchecked:
        typer.echo(
            f'{shown(str(file))}: left out {unchecked} marked "check": true. See that each lists the places that '
            "answer it, or none, and take the mark away.",
            err=True,
        )


_LANGUAGES = {None: "All", "de": "German", "en": "English"}


def write_figures(groups: Sequence[Group]) -> None:
    """Write the figures of an evaluation, a column for each language, and how far its confidence can be relied on."""
    from rag.evaluation.metrics import RESAMPLES, SEED

    table = _table("", *(_language(group.language) for group in groups))
    table.add_row("Answerable questions", *(str(group.answerable) for group in groups))
    table.add_row("Unanswerable questions", *(str(group.unanswerable) for group in groups))
    for row in zip(*(group.figures for group in groups), strict=True):
        table.add_row(row[0].name, *map(_figure, row))
    _print(table)
    typer.echo(f"In brackets: 95% intervals, by bootstrap over the questions, {RESAMPLES:,} draws, seed {SEED}.\n")
    curve = _table("Confidence, mean of a tenth", "Questions", "Best passage right")
    for entry in groups[0].reliability:
        curve.add_row(f"{entry.confidence:.2f}", str(entry.questions), f"{entry.right:.2f}")
    _print(curve)


def write_differences(differences: Sequence[Difference], change: str) -> None:
    """Write the figures as they are and with ``change`` side by side, a table for each language."""
    from rag.evaluation.figures import SIGNIFICANT
    from rag.evaluation.metrics import RESAMPLES, SEED

    for language in dict.fromkeys(difference.language for difference in differences):
        table = _table(_language(language), "As it is", "Changed", "Difference", "Chance", "Verdict")
        for entry in differences:
            if entry.language == language and entry.one is not None and entry.other is not None:
                numbers = (f"{entry.one:.2f}", f"{entry.other:.2f}", f"{entry.other - entry.one:+.2f}")
                table.add_row(entry.name, *numbers, f"{entry.chance:.3f}", entry.verdict)
        _print(table)
    typer.echo(
        f"Changed: {shown(change)}\nChance: how often noise alone sets two figures as far apart (paired randomisation "
        f"test, {RESAMPLES:,} draws,\nseed {SEED}); from {SIGNIFICANT} on, a difference is called noise."
    )


def _table(*headings: str) -> Table:
    """Return an empty table: the first column is text, the others stand to the right."""
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for number, heading in enumerate(headings):
        table.add_column(Text(shown(heading)), justify="right" if number else "left")
    return table


def _print(table: Table) -> None:
    from rich.console import Console

    Console().print(table)
    typer.echo()


def _language(name: str | None) -> str:
    return _LANGUAGES.get(name) or str(name)


def _figure(figure: Figure) -> str:
    if figure.value is None or figure.interval is None:
        return ""
    low, high = figure.interval
    return f"{figure.value:.2f} ({low:.2f}–{high:.2f})"
