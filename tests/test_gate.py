"""Only so many questions are at work and wait; whoever goes away costs nothing more."""

from __future__ import annotations

import asyncio
import threading

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rag.chat.gate import Gate
from rag.errors import BusyError
from rag.germansentences import german
from tests.conftest import awaited

# Seconds after which a test gives up.
PATIENCE = 30.0


class Held:
    """Questions that are at work until ``free`` is called."""

    def __init__(self) -> None:
        self._open = threading.Event()
        self._counting = threading.Lock()
        self.begun: list[object] = []
        self.at_once = self.most = 0

    def __call__(self, name: object = "") -> object:
        with self._counting:
            self.begun.append(name)
            self.at_once += 1
            self.most = max(self.most, self.at_once)
        assert self._open.wait(PATIENCE)
        with self._counting:
            self.at_once -= 1
        return name

    def free(self) -> None:
        self._open.set()


async def until(condition) -> None:
    """Wait until ``condition`` holds; a thread of the gate brings it about."""
    while not condition():
        await asyncio.sleep(0.005)


def entered(gate: Gate, work: Held, names) -> list[asyncio.Task]:
    return [asyncio.create_task(gate.through(lambda name=name: work(name))) for name in names]


@settings(max_examples=25, deadline=None)
@given(at_work=st.integers(1, 5), waiting=st.integers(0, 8), asked=st.integers(0, 20))
def test_what_has_no_room_is_refused_at_once_and_all_else_is_answered_once(at_work, waiting, asked):
    gate, work = Gate(at_work, waiting), Held()

    async def scene():
        tasks = entered(gate, work, range(asked))
        await until(lambda: len(work.begun) == min(at_work, asked) and gate.inside == min(at_work + waiting, asked))
        refused = [task for task in tasks if task.done()]
        assert len(refused) == max(0, asked - at_work - waiting)
        work.free()
        return await asyncio.gather(*tasks, return_exceptions=True)

    told = awaited(scene())
    answered = [name for name in told if not isinstance(name, BusyError)]

    assert answered == list(range(min(asked, at_work + waiting)))
    assert sorted(work.begun) == answered
    assert work.most <= at_work
    assert gate.inside == 0


def test_questions_come_to_work_in_the_order_in_which_they_were_asked():
    gate, work = Gate(1, 50), Held()

    async def scene():
        tasks = entered(gate, work, range(50))
        await until(lambda: gate.inside == 50)
        work.free()
        await asyncio.gather(*tasks)

    awaited(scene())
    assert work.begun == list(range(50))


def test_a_question_whose_reader_has_gone_while_it_waited_is_never_begun():
    gate, work = Gate(1, 5), Held()

    async def gone() -> bool:
        return True

    async def scene():
        [first] = entered(gate, work, ["first"])
        await until(lambda: work.begun)
        assert await gate.through(lambda: work("second"), gone=gone) is None
        assert gate.inside == 1
        work.free()
        return await first

    assert awaited(scene()) == "first"
    assert work.begun == ["first"]
    assert gate.inside == 0


def test_a_question_at_work_whose_reader_has_gone_keeps_its_turn_until_it_is_done():
    gate, work = Gate(1, 0), Held()

    async def gone() -> bool:
        return True

    async def scene():
        assert await gate.through(work, gone=gone) is None
        assert gate.inside == 1, "the thread is still at work"
        with pytest.raises(BusyError):
            await gate.through(work)
        work.free()
        await until(lambda: gate.inside == 0)
        assert await gate.through(lambda: "next") == "next"

    awaited(scene())
    assert len(work.begun) == 1


def test_a_task_that_is_cancelled_gives_its_place_back():
    gate, work = Gate(1, 5), Held()

    async def scene():
        at_work, waits = entered(gate, work, ["at work", "waits"])
        await until(lambda: work.begun and gate.inside == 2)
        waits.cancel()
        at_work.cancel()
        await asyncio.gather(at_work, waits, return_exceptions=True)
        assert gate.inside == 1
        work.free()
        await until(lambda: gate.inside == 0)

    awaited(scene())
    assert work.begun == ["at work"]


def test_spare_work_leaves_a_turn_to_the_next_question_and_is_refused_where_one_waits():
    gate, work = Gate(3, 5), Held()

    async def scene():
        spare = [asyncio.create_task(gate.through(lambda: work("spare"), spare=True)) for _ in range(5)]
        await until(lambda: len(work.begun) == 2)
        asked = entered(gate, work, ["asked"])
        await until(lambda: len(work.begun) == 3)
        work.free()
        return await asyncio.gather(*spare, *asked, return_exceptions=True)

    told = awaited(scene())
    assert [type(one) for one in told] == [str, str, BusyError, BusyError, BusyError, str]
    assert awaited(Gate(1, 0).through(lambda: "alone", spare=True)) == "alone"


def test_what_work_raises_is_raised_and_gives_the_place_back():
    gate = Gate(1, 0)

    def fail() -> None:
        raise ValueError("so")

    for _ in range(3):
        with pytest.raises(ValueError, match="so"):
            awaited(gate.through(fail))
    assert gate.inside == 0


def test_a_closed_gate_drops_what_waits_and_lets_nobody_in():
    gate, work = Gate(1, 5), Held()

    async def scene():
        at_work, waits = entered(gate, work, ["at work", "waits"])
        await until(lambda: work.begun and gate.inside == 2)
        gate.close()
        assert await waits is None
        with pytest.raises(BusyError):
            await gate.through(work)
        work.free()
        return await at_work

    assert awaited(scene()) == "at work"
    assert work.begun == ["at work"]
    assert gate.inside == 0


def test_being_busy_is_told_in_german_as_well():
    with pytest.raises(BusyError) as told:
        awaited(Gate(1, -1).through(lambda: None))
    assert german(str(told.value)) == "Das Programm ist mit anderen Fragen beschäftigt; gleich noch einmal fragen."
