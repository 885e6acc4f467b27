"""``python -m benchmarks.load``: how long one waits among many, and what many questions leave behind.

Owns what is compared with what. One client, then 32 clients, half of them pages and half programs, ask about articles
of their own, so that an answer that is lost or another one's is seen; with as many questions at work at once as is
tried, and against the same engine behind Gradio as it comes.
"""

from __future__ import annotations

import asyncio
import os
import platform
import tempfile
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from benchmarks.questions import load
from tests.load import crowd
from tests.load.serving import ROOT, checkout, serving
from tests.load.soaking import Sample, growth, soak

_PLAIN = [str(ROOT / "tests" / "load" / "plain.py"), "seeds"]
# A chat that lets another number of questions to work.
_WITH = """
import sys
from pathlib import Path
from rag.chat import page
from rag.chat.gate import Gate
page.Gate = lambda: Gate(int(sys.argv[1]))
page.serve([Path("seeds")])
"""
_HEAD = "| {} | clients | answers | a second | p50 | p95 | max | lost or crossed |\n|---|---|---|---|---|---|---|---|"


def row(name: str, clients: int, seconds: float, told: crowd.Tally) -> str:
    """Return a row of the table; times in milliseconds."""
    times = " | ".join(f"{1000 * told.percentile(share):,.0f}" for share in (50, 95, 100))
    answers = len(told.seconds)
    return f"| {name} | {clients} | {answers:,} | {answers / seconds:.1f} | {times} | {len(told.faults)} |"


async def measure(name: str, arguments: Sequence[str], clients: Sequence[int], seconds: float) -> None:
    """Print a row for each number of clients; they go over all the ways in that there are."""
    with tempfile.TemporaryDirectory() as scratch:
        place = checkout(Path(scratch) / "checkout")
        crowd.write(place / "seeds")
        ways = ("bare",) if arguments is _PLAIN else ("page", "program")
        with serving(place, arguments) as server:
            await crowd.crowd(server.address, 2, 10.0, ways)  # fills the caches
            for number in clients:
                print(row(name, number, seconds, await crowd.crowd(server.address, number, seconds, ways)), flush=True)


async def soaked(rounds: int, each: int) -> list[Sample]:
    """Ask ``rounds`` times ``each`` questions and return what the server holds after each round."""
    questions = [one.question.question for one in load() if one.corpus == "seeds"]
    with tempfile.TemporaryDirectory() as scratch:
        place = checkout(Path(scratch) / "checkout")
        with serving(place, ["-m", "rag", "chat", "--quiet", "seeds"]) as server:
            return await soak(server, questions, rounds=rounds, each=each)


def main(
    *,
    seconds: Annotated[float, typer.Option(help="How long each crowd asks.")] = 120.0,
    tried: Annotated[str, typer.Option(help="Questions at work at once that are tried.")] = "1,2,4,8,32",
    rounds: Annotated[int, typer.Option(help="Rounds of 250 questions of the soak; 0 leaves it out.")] = 0,
) -> None:
    """Print the figures as Markdown."""
    machine = f"{platform.processor() or platform.machine()}, {os.cpu_count()} cores"
    print(f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC, {machine}, load {os.getloadavg()[0]:.1f}\n")
    print(_HEAD.format("milliseconds"), flush=True)
    asyncio.run(measure("the chat", ["-m", "rag", "chat", "--quiet", "seeds"], (1, 32), seconds))
    asyncio.run(measure("Gradio as it comes", _PLAIN, (1, 32), seconds))
    for number in filter(None, tried.split(",")):
        asyncio.run(measure(f"the chat, {number} at work", ["-c", _WITH, number], (1, 32), seconds))
    if rounds:
        samples = asyncio.run(soaked(rounds, 250))
        print("\n| questions | resident KB | descriptors | threads | temporary files |\n|---|---|---|---|---|")
        for one in samples:
            held = one.usage
            print(f"| {one.asked:,} | {held.memory:,} | {held.descriptors} | {held.threads} | {held.temporary} |")
        print(f"\n{growth(samples[2:]):.2f} KB a question after the first 750")
    print(f"\nLoad at the end {os.getloadavg()[0]:.1f}")


if __name__ == "__main__":
    typer.run(main)
