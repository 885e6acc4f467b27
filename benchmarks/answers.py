"""``python -m benchmarks.answers``: what the product finds, answers and refuses over the questions of this folder.

Owns which questions are asked of which articles, and the tables; the figures are those of ``fundstelle eval``.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Literal

import typer

import rag
from benchmarks.questions import Asked, Kind, Split, load, write_newsroom
from rag import paths
from rag.evaluation.figures import Figure, Result, groups
from rag.evaluation.measuring import evaluate

_NAMES = {None: "both", "en": "English", "de": "German"}
_SHOWN = ("Recall@1", "Recall@5", "nDCG@10", "Citation precision", "False refusals", "Calibration error")
_UNANSWERABLE: tuple[Kind, ...] = ("near-miss", "unrelated")


@contextmanager
def newsroom(dev: Path, model: str | None = None) -> Iterator[rag.Engine]:
    """Open the five articles among those of Wikinews, indexed in a temporary folder."""
    with tempfile.TemporaryDirectory() as scratch:
        corpus = Path(scratch) / "newsroom"
        write_newsroom(dev, corpus)
        with rag.open(corpus, model=model, index=Path(scratch) / "index") as engine:
            yield engine


@contextmanager
def seeds(model: str | None = None) -> Iterator[rag.Engine]:
    """Open the five articles, indexed in a temporary folder."""
    with (
        tempfile.TemporaryDirectory() as index,
        rag.open(paths.sample_corpus(), model=model, index=Path(index)) as engine,
    ):
        yield engine


def report(name: str, engine: rag.Engine, asked: Sequence[Asked]) -> str:
    """Ask every question and return the figures as Markdown."""
    evaluation = evaluate(engine, [one.question for one in asked])
    if evaluation.faults:
        raise ValueError(f"a question does not fit the articles: {evaluation.faults[0]}")
    kinds = {one.question.id: one.kind for one in asked}
    return "\n".join(
        [f"### {name}", "", *_figures(evaluation.results, kinds), "", *_reliability(evaluation.results), ""]
    )


def _figures(results: Sequence[Result], kinds: dict[str, Kind]) -> Iterator[str]:
    yield "| | " + " | ".join(["English", "German", "both"]) + " |"
    yield "|---|---|---|---|"
    by_language = {group.language: group for group in groups(results)}
    columns = [by_language[language] for language in ("en", "de", None)]
    yield "| questions with / without an answer | " + _row(f"{c.answerable} / {c.unanswerable}" for c in columns)
    for name in _SHOWN:
        yield f"| {name} | " + _row(_cell(next(f for f in c.figures if f.name == name)) for c in columns)
    for kind in _UNANSWERABLE:
        some = [result for result in results if kinds[result.id] == kind]
        cells = []
        for language in ("en", "de", None):
            of = [result for result in some if language in (None, result.language)]
            cells.append(f"{sum(result.refused for result in of)} of {len(of)}")
        yield f"| {kind} questions refused | " + _row(cells)


def _row(cells: Iterator[str] | Sequence[str]) -> str:
    return " | ".join(cells) + " |"


def _cell(figure: Figure) -> str:
    if figure.value is None or figure.interval is None:
        return ""
    low, high = figure.interval
    return f"{figure.value:.2f} ({low:.2f}–{high:.2f})"


def _reliability(results: Sequence[Result]) -> Iterator[str]:
    """Give the reliability curve: where confidence is a probability, the last two columns are equal."""
    yield "| confidence | questions | mean confidence | best passage right |"
    yield "|---|---|---|---|"
    for part in groups(results)[0].reliability:
        low = int(part.confidence * 10) / 10
        yield f"| {low:.1f} to {low + 0.1:.1f} | {part.questions} | {part.confidence:.2f} | {part.right:.2f} |"


def main(
    *,
    dev: Annotated[Path | None, typer.Option(help="Folder with wikinews.jsonl. Without it: the five articles.")] = None,
    model: Annotated[str | None, typer.Option(help="Encoder: a folder or a hub name.")] = None,
    split: Annotated[Literal["dev", "test"], typer.Option(help="Which questions.")] = "dev",
) -> None:
    """Print what is found, cited and refused, with 95% intervals, and the reliability curve."""
    print(tables(dev, split, model))


def tables(dev: Path | None, split: Split, model: str | None = None) -> str:
    """Return the tables of a split, over the five articles and, with ``dev``, over the newsroom."""
    asked = load(split)
    with seeds(model) as engine:
        parts = [report("The five articles", engine, [one for one in asked if one.corpus == "seeds"])]
    if dev is not None:
        with newsroom(dev, model) as engine:
            parts += [
                report(f"Questions about the five among {len(engine.article_ids())} articles", engine, five(asked)),
                report("Questions about Wikinews among them", engine, [o for o in asked if o.corpus == "wikinews"]),
            ]
    return "\n".join(parts)


def five(asked: Sequence[Asked]) -> list[Asked]:
    """Return the questions about the five articles that have the same answer among others: those that have one."""
    return [one for one in asked if one.corpus == "seeds" and one.kind != "unrelated"]


if __name__ == "__main__":
    typer.run(main)
