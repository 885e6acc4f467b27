"""Runs the command line over and over, each time with another of its parts failing loudly. Not a test: test_logs.py's.

``python loud.py FOLDER QUESTION``: what fails says all that it was given, as a library's error well may.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from unittest.mock import patch

from rag.__main__ import main

# On the way from a file to an answer, each of these is given an article's text or the question.
PARTS = (
    "rag.articles._from_text",
    "rag.changes.split",
    "rag.encoding.embedding_text",
    "rag.encoder.HashingEncoder.encode_passages",
    "rag.passages.stems",
    "rag.passages.Draft.add",
    "rag.retrieval.prepare",
    "rag.retrieval.search",
    "rag.answering.statements",
    "rag.rendering.plain",
)
KINDS: tuple[type[Exception], ...] = (RuntimeError, ValueError, OSError)


def loudly(kind: type[Exception]) -> Callable[..., None]:
    """A function that fails and says what it was given."""

    def fail(*given: object, **named: object) -> None:
        raise kind(f"{[vars(one) if hasattr(one, '__dict__') else one for one in given]} {named}")

    return fail


def run(*arguments: str) -> None:
    """Run one command to its end, whatever that is."""
    try:
        main(arguments)
    except SystemExit as end:
        sys.stderr.write(f"ended with {end.code}\n")


def everything(folder: Path, question: str) -> None:
    """Run each command well, then with each part failing in each way; a file is new each time."""
    run("--debug", "index", str(folder), "--model", "hashing")
    asked = ("--debug", "ask", question, "--corpus", str(folder), "--model", "hashing")
    run(*asked)
    run(*asked, "-k", "0")
    run(*asked, "--article", "no such article.txt")
    [article, *_] = sorted(folder.glob("*.txt"))
    for number, part in enumerate(PARTS):
        for kind in KINDS:
            (folder / f"{number} {kind.__name__}.txt").write_text(
                article.read_text("utf-8") + f"\n\nOnce more: {number}.\n"
            )
            with patch(part, loudly(kind)):
                run(*asked)


if __name__ == "__main__":
    everything(Path(sys.argv[1]), sys.argv[2])
