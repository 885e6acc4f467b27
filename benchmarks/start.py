"""``python -m benchmarks.start``: how long the command line takes, beside what its libraries take by themselves.

Owns what is started and the table. Everything is started in turn, round by round, so that what else the machine does
falls on all alike; the files have been read before, and the index is there.
"""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Sequence
from statistics import median
from typing import Annotated

import typer

from benchmarks.bench import head
from rag import paths

QUESTION = "what did Dmitriev propose?"
_MODEL = f"""
from sentence_transformers import SentenceTransformer
SentenceTransformer({str(paths.shipped_model())!r}, device="cpu", model_kwargs={{"dtype": "bfloat16"}}).encode("?")
"""
STARTS: dict[str, Sequence[str]] = {
    "python, nothing": ("-c", ""),
    "fundstelle --help": ("-m", "rag", "--help"),
    "import torch, import sentence_transformers": ("-c", "import torch, sentence_transformers"),
    "these, the model read and a question encoded": ("-c", _MODEL),
    f'fundstelle ask "{QUESTION}"': ("-m", "rag", "ask", QUESTION),
}
# What the answer is compared with.
_BASE, _ANSWER = list(STARTS)[-2:]


def measure(rounds: int, starts: dict[str, Sequence[str]]) -> dict[str, list[float]]:
    """Return the seconds of each start in each round, after one that does not count."""
    seconds: dict[str, list[float]] = {name: [] for name in starts}
    for number in range(rounds + 1):
        for name, arguments in starts.items():
            begun = time.perf_counter()
            subprocess.run([sys.executable, *arguments], stdout=subprocess.DEVNULL, check=True)
            if number:
                seconds[name].append(time.perf_counter() - begun)
    return seconds


def table(seconds: dict[str, list[float]]) -> str:
    """Return a Markdown table: median, lowest and highest, and the ratio that users feel."""
    lines = ["| start | seconds |", "|---|---|"]
    lines += [f"| `{name}` | {median(some):.2f} ({min(some):.2f}–{max(some):.2f}) |" for name, some in seconds.items()]
    ratios = [answer / base for answer, base in zip(seconds[_ANSWER], seconds[_BASE], strict=True)]
    lines += ["", f"To the first answer, in times of the model alone, round by round: {median(ratios):.2f}"]
    return "\n".join(lines)


def main(*, rounds: Annotated[int, typer.Option(help="How often each is started.", min=1)] = 7) -> None:
    """Print the table."""
    print(head("From the command to the answer", "start"), table(measure(rounds, STARTS)), sep="\n\n")


if __name__ == "__main__":
    typer.run(main)
