"""Options that several commands share. Owns their names and their help."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

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
