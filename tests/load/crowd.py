"""Articles of which each answers one question only, and a crowd of clients each of whom knows its own answer."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import numpy as np

from tests.load.serving import Page, Reply, connection, program

_BEGINNINGS = ("bra", "dro", "fen", "gul", "kor", "lim", "mor", "nel")
_MIDDLES, _ENDS = ("di", "ga", "lo", "mu"), ("sk", "rn")
# Names that no text has but the article about each: "Brodisk", "Fengarn".
NAMES = [f"{one}{two}{three}".capitalize() for one in _BEGINNINGS for two in _MIDDLES for three in _ENDS]

Asking = Callable[[str], Awaitable[Reply]]


@dataclass(slots=True)
class Tally:
    """What a crowd was told: seconds of each answer, and what was wrong with the others."""

    seconds: list[float] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)

    def percentile(self, share: int) -> float:
        """The seconds within which ``share`` percent of the answers came."""
        return float(np.percentile(self.seconds, share))


def write(folder: Path) -> None:
    """Write an article about each of ``NAMES``."""
    for name in NAMES:
        text = f"Der Hafen von {name}\n\nDer Hafen von {name} wurde nach Angaben der Verwaltung erweitert.\n"
        (folder / f"{name}.txt").write_text(text, "utf-8")


async def ask_for(seconds: float, name: str, ask: Asking, tally: Tally) -> None:
    """Ask about ``name`` one question after the other, no two alike, and check each answer."""
    end = time.monotonic() + seconds
    # No number that is in any article: what is asked is to be answered by one of them alone.
    asked = 100_000
    while time.monotonic() < end:
        asked += 1
        question = f"Was wurde in {name} erweitert, Frage {asked}?"
        began = time.monotonic()
        try:
            answer = await ask(question)
        except (AssertionError, httpx.HTTPError, KeyError, ValueError) as error:
            tally.faults.append(f"lost: {question} {error!r}")
            continue
        tally.seconds.append(time.monotonic() - began)
        first = answer["hits"][0]["passage"]["article_id"] if answer["hits"] else None
        if (answer["question"], first) != (question, f"{name}.txt"):
            tally.faults.append(f"crossed: {question} {answer['question']} {first}")


async def _as_page(address: str, client: httpx.AsyncClient) -> Asking:
    page = Page(address, client)
    await page.begin()
    return page.ask


async def _as_program(address: str, client: httpx.AsyncClient) -> Asking:
    await Page(address, client).begin()  # until the articles are prepared
    return lambda question: program(address, client, question)


async def _bare(address: str, client: httpx.AsyncClient) -> Asking:
    return lambda question: program(address, client, question, bare=True)


_WAYS = {"page": _as_page, "program": _as_program, "bare": _bare}


async def crowd(address: str, clients: int, seconds: float, ways: Sequence[str] = ("page", "program")) -> Tally:
    """Let so many ask for so long, each over one of the ``ways`` in, with a connection of its own.

    "page" and "program" are those of the chat; "bare" is an endpoint that takes the question alone.
    """
    tally = Tally()

    async def one(number: int) -> None:
        async with connection() as client:
            ask = await _WAYS[ways[number % len(ways)]](address, client)
            await ask_for(seconds, NAMES[number % len(NAMES)], ask, tally)

    await asyncio.gather(*(one(number) for number in range(clients)))
    return tally
