"""How many questions are at work and how many wait, those of the page and those of programs together.

Owns the bound and the refusal beyond it; what a question is stays with whoever brings it. A waiting question holds no
thread, so that nothing else the page asks for is kept waiting behind it.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Awaitable, Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

from rag.errors import BusyError
from rag.settings import LIMITS

_Result = TypeVar("_Result")

# Seconds between two looks at whether somebody still waits for an answer.
_LOOK = 0.5


class Gate:
    """Lets questions to work in the order in which they come. Safe to use from several threads and event loops."""

    def __init__(self, at_work: int = LIMITS.questions_at_work, waiting: int = LIMITS.questions_waiting) -> None:
        """Let ``at_work`` questions, 1 or more, work at once and ``waiting`` wait; further ones are refused."""
        self._workers = ThreadPoolExecutor(at_work, "question")
        self._counting = threading.Lock()
        self._inside = 0
        self._room = at_work + waiting
        self._room_for_spare = max(1, at_work - 1)

    @property
    def inside(self) -> int:
        """How many questions are at work or wait."""
        return self._inside

    async def through(
        self,
        work: Callable[[], _Result],
        *,
        spare: bool = False,
        gone: Callable[[], Awaitable[bool]] | None = None,
    ) -> _Result | None:
        """Return what ``work`` returns, done in a thread when its turn has come.

        ``spare`` work is taken only where nobody waits and a turn is left to the next question. Where ``gone`` says
        that nobody wants the result any more, this task is cancelled, or the program ends, ``work`` is not begun; what
        is at work already is finished, and its result dropped. Returns None then. Raises BusyError at once where there
        is no room, and what ``work`` raises.
        """
        place = self._enter(work, self._room_for_spare if spare else self._room)
        told = asyncio.wrap_future(place)
        try:
            while not (await asyncio.wait([told], timeout=_LOOK))[0]:
                if gone is not None and await gone():
                    return None
            return None if told.cancelled() else told.result()
        finally:
            place.cancel()
            told.cancel()

    def close(self) -> None:
        """Let nobody in any more, and drop whatever waits."""
        self._room = self._room_for_spare = 0
        self._workers.shutdown(wait=False, cancel_futures=True)

    def _enter(self, work: Callable[[], _Result], room: int) -> Future[_Result]:
        with self._counting:
            if self._inside >= room:
                raise BusyError("The program is busy with other questions; ask again in a moment.")
            self._inside += 1
        future = self._workers.submit(work)
        # Also of one that is cancelled; of one at work when it is done, whoever waits for it or does not.
        future.add_done_callback(self._leave)
        return future

    def _leave(self, _: Future[_Result]) -> None:
        with self._counting:
            self._inside -= 1
