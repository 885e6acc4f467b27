"""Many questions to one chat, over all its ways in, from pages and programs that come, go and go away in the middle."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import httpx
import numpy as np

from tests.load.serving import Page, Server, Usage, connection, join, program

# How many ask at once, and after how many seconds one who does not wait goes away: in the middle of an answer.
_ASKING, _IMPATIENCE = 8, 0.03
# Seconds that the server has to come to rest after a round.
_REST = 15.0


@dataclass(frozen=True, slots=True)
class Sample:
    """What the server held at rest, after so many questions."""

    asked: int
    usage: Usage


def growth(samples: Sequence[Sample]) -> float:
    """Kilobytes of resident memory that one more question costs: the slope of the straight line that fits best."""
    slope, _ = np.polyfit([one.asked for one in samples], [one.usage.memory for one in samples], 1)
    return float(slope)


async def soak(server: Server, questions: Sequence[str], *, rounds: int, each: int) -> list[Sample]:
    """Ask ``rounds`` times ``each`` questions, no two alike; return what the server holds at rest after each round.

    Raises AssertionError where an answer is not to the question that was asked.
    """
    number = itertools.count()
    samples = []
    for done in range(rounds):
        # Fresh connections and sessions.
        async with connection() as client:
            page = Page(server.address, client)
            await page.begin()
            left = iter(range(each))
            await asyncio.gather(*(_visitor(page, left, number, questions) for _ in range(_ASKING)))
        samples.append(Sample((done + 1) * each, await _rest(server)))
    return samples


async def _visitor(page: Page, left: Iterator[int], number: Iterator[int], questions: Sequence[str]) -> None:
    """Ask in every way in turn while there is something ``left``, each time as somebody else."""
    for _ in left:
        turn = next(number)
        question = f"{questions[turn % len(questions)]} ({turn})"
        visitor = page.other()
        match turn % 20:
            case 0:
                with contextlib.suppress(httpx.TimeoutException):
                    await visitor.ask(question, patience=_IMPATIENCE)
            case 1:
                # A program that never comes back for its answer.
                await join(page.address, page.client, question)
            case 2 | 3 | 4 | 5 | 6 | 7 | 8 | 9:
                answer = await program(page.address, page.client, question)
                assert answer["question"] == question
            case _:
                assert (await visitor.ask(question))["question"] == question
                await visitor.call("state")


async def _rest(server: Server) -> Usage:
    """Return what the server holds when its connections are closed, or after the patience for that."""
    end = time.monotonic() + _REST
    usage = server.usage()
    while time.monotonic() < end:
        await asyncio.sleep(0.5)
        before, usage = usage, server.usage()
        if usage.descriptors == before.descriptors:
            break
    return usage
