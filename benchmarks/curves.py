"""The curves of ``benchmarks.scale`` as a picture. Owns their look; the only module that needs matplotlib."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import matplotlib as mpl
from matplotlib.figure import Figure

if TYPE_CHECKING:
    from benchmarks.scale import Asked, Built, Limits


def draw(machine: Limits, measured: Sequence[tuple[Built, Asked]], dimension: int, to: Path) -> None:
    """Draw the curves."""
    mpl.rcParams.update({"svg.hashsalt": "fundstelle", "svg.fonttype": "none"})
    sizes = [built.passages for built, _ in measured]
    curves: list[tuple[str, str, dict[str, list[float]]]] = [
        (
            "A question, without the encoder",
            "milliseconds",
            {
                "p50": [found.all[0] for _, found in measured],
                "p99": [found.all[1] for _, found in measured],
                "vectors, p50": [found.nearest[0] for _, found in measured],
                "words, p50": [found.words[0] for _, found in measured],
                "exact scan at the memory's speed": [4e3 * dimension * n / machine.bandwidth for n in sizes],
            },
        ),
        (
            "Indexing",
            "seconds",
            {
                "all but the encoder": [built.seconds - built.encoder for built, _ in measured],
                "the encoder, about": [n / machine.encoder for n in sizes],
                "nothing changed": [built.unchanged for built, _ in measured],
                "1% changed": [built.changed for built, _ in measured],
                "bare rows into SQLite": [n / machine.rows for n in sizes],
            },
        ),
        (
            "Bytes",
            "megabytes",
            {
                "on disk": [built.disk / 1e6 for built, _ in measured],
                "peak while indexing": [built.peak / 1e6 for built, _ in measured],
                "peak while asking": [found.peak / 1e6 for _, found in measured],
                "vectors in memory": [found.vectors / 1e6 for _, found in measured],
            },
        ),
    ]
    figure = Figure(figsize=(15, 4.8), layout="constrained")
    for axes, (title, unit, lines) in zip(figure.subplots(1, len(curves)), curves, strict=True):
        for name, values in lines.items():
            limit = "bare" in name or "exact" in name
            axes.loglog(sizes, values, marker="o", label=name, linestyle="--" if limit else "-")
        axes.set(title=title, xlabel="passages", ylabel=unit)
        axes.grid(alpha=0.3)
        axes.legend(fontsize="small")
    figure.savefig(to, metadata={"Date": None})
