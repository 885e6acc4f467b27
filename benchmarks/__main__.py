"""``python -m benchmarks``: everything that is said of the product's quality, measured in one run. Owns the order."""

from __future__ import annotations

import platform
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Literal

import typer

from benchmarks import ablation, answers, followups, names, speakers
from benchmarks.quality import mlqa_task, xquad_tasks


def main(
    *,
    dev: Annotated[
        Path | None, typer.Option(help="Folder of the evaluation data. Without it: the project's own questions only.")
    ] = None,
    model: Annotated[str | None, typer.Option(help="Encoder: a folder or a hub name.")] = None,
    split: Annotated[
        Literal["dev", "test"], typer.Option(help="Of the questions, conversations and quotations.")
    ] = "dev",
    mlqa: Annotated[int, typer.Option(help="Ask every n-th MLQA question; 1 asks all.")] = 1,
) -> None:
    """Print all quality figures as Markdown, as they come; with --dev it takes long."""
    now = datetime.now(UTC)
    print(
        f"# Quality, {now:%Y-%m-%d}, split {split}\n\n{platform.processor() or platform.machine()}, Python "
        f"{platform.python_version()}\n\n## Finding, answering, refusing\n",
        flush=True,
    )
    print(answers.tables(dev, split, model), flush=True)
    print("## Follow-ups\n", flush=True)
    with answers.seeds(model) as engine:
        print(followups.markdown(followups.evaluate(engine, followups.load_split(split))), flush=True)
    print("\n## Spellings of names\n", flush=True)
    print(names.markdown(split, dev), flush=True)
    if dev is None:
        return
    print("\n## Who said it\n", flush=True)
    print(speakers.markdown(dev, split), flush=True)
    print("\n## What each part of the search adds\n", flush=True)
    tasks = xquad_tasks(dev / "xquad.jsonl")
    print(ablation.table(ablation.measure(tasks, ablation.ARMS, model=model)), flush=True)
    german = mlqa_task(dev / "mlqa-de-de.jsonl")
    print(ablation.table(ablation.measure([ablation.every(german, mlqa)], ablation.MAIN_ARMS, model=model)), flush=True)


if __name__ == "__main__":
    typer.run(main)
