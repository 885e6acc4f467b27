"""Options that several commands share. Owns their names and their help."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from rag.records import Language


def _day(written: str) -> date:
    try:
        return date.fromisoformat(written)
    except ValueError as error:
        raise typer.BadParameter(f"{written} is no date; write year, month and day, as in 2025-01-31.") from error


Model = Annotated[
    str | None,
    typer.Option(
        "--model",
        "-m",
        metavar="MODEL",
        help="A sentence-transformers model: a folder, or a name on the Hugging Face hub.",
    ),
]
Corpus = Annotated[
    Path | None,
    typer.Option("--corpus", "-c", metavar="FOLDER", help="The folder of articles. Without it: five sample articles."),
]
Reranker = Annotated[
    str | None,
    typer.Option(
        "--reranker",
        metavar="MODEL",
        help="A sentence-transformers CrossEncoder, a folder or a name on the Hugging Face hub, that puts the best "
        "passages in order once more. Slower; off by default.",
    ),
]
ShowProgress = Annotated[
    bool | None,
    typer.Option(
        "--progress/--quiet",
        help="Tell on stderr how far the work is, or say nothing. Without either: only on a terminal.",
        show_default=False,
    ),
]
OnlyArticles = Annotated[
    list[str] | None,
    typer.Option(
        "--article",
        metavar="ID",
        help="Ask this article only, named by its path in the folder. Give it again for another; together with "
        "--folder, both are asked.",
    ),
]
OnlyFolders = Annotated[
    list[str] | None,
    typer.Option(
        "--folder",
        metavar="DIR",
        help="Ask the articles in this subfolder, and in those below it, only. Give it again for another.",
    ),
]
Since = Annotated[
    date | None,
    typer.Option(
        "--since",
        metavar="DATE",
        parser=_day,
        help="Ask articles of this day or later only (2025-01-31). The date of an article is the one in its metadata "
        "or above its text; without one, that of its file.",
    ),
]
Until = Annotated[
    date | None,
    typer.Option("--until", metavar="DATE", parser=_day, help="Ask articles of this day or earlier only."),
]
InLanguage = Annotated[
    Language | None,
    typer.Option("--language", help="Ask articles in this language only; the question may be in the other one."),
]
