"""A chat under load: what has no room is told so at once, nothing is lost, and who goes away costs nothing more."""

from __future__ import annotations

import asyncio
import json
import os
import signal
from collections.abc import Awaitable, Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path

import httpx
import pytest

from rag.settings import LIMITS
from rag.webview import Place
from tests.conftest import awaited
from tests.load import crowd
from tests.load.crowd import NAMES
from tests.load.held import BEGUN, HELD, INSIDE, OPEN
from tests.load.serving import ROOT, Page, Server, checkout, connection, fetch, join, program, serving

ROOM = LIMITS.questions_at_work + LIMITS.questions_waiting
BUSY = {
    "en": "The program is busy with other questions; ask again in a moment.",
    "de": "Das Programm ist mit anderen Fragen beschäftigt; gleich noch einmal fragen.",
}
TOO_MANY = 6
CLIENTS, SECONDS = 8, 4.0


def furnished(place: Path) -> Path:
    """Where the checkout, the articles and the files of one chat that is held up lie."""
    checkout(place / "checkout")
    (place / "articles").mkdir()
    crowd.write(place / "articles")
    return place


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return furnished(tmp_path_factory.mktemp("load"))


def chat(place: Path) -> AbstractContextManager[Server]:
    return serving(place / "checkout", [str(ROOT / "tests" / "load" / "held.py"), str(place / "articles")])


@pytest.fixture(scope="module")
def server(place: Path) -> Iterator[Server]:
    with chat(place) as server:
        yield server


class Scene:
    """Pages before a chat, whose questions are held up until ``open``."""

    def __init__(self, page: Page, place: Path) -> None:
        self.page, self._place = page, place
        self._asked = 0

    def ask(self, count: int) -> list[asyncio.Task]:
        """Ask so many questions that are held up, each from a page of its own."""
        numbers = range(self._asked, self._asked + count)
        self._asked += count
        return [asyncio.create_task(self.page.other().ask(f"{HELD} {one}")) for one in numbers]

    async def inside(self, count: int) -> None:
        """Wait until so many questions are at work or wait."""
        while int((self._place / INSIDE).read_text("ascii")) != count:
            await asyncio.sleep(0.02)

    async def begun(self, count: int) -> list[str]:
        """Wait until so many questions have come to work, and return all that have."""
        while len(found := (self._place / BEGUN).read_text("utf-8").splitlines()) < count:
            await asyncio.sleep(0.02)
        return found

    def open(self) -> None:
        """Let all be answered."""
        (self._place / OPEN).touch()


def play(server: Server, place: Path, scene: Callable[[Scene], Awaitable[None]]) -> None:
    """Play ``scene`` before a chat that is idle."""

    async def played() -> None:
        (place / BEGUN).write_text("", "utf-8")
        (place / OPEN).unlink(missing_ok=True)
        async with connection() as client:
            page = Page(server.address, client)
            await page.begin()
            try:
                await scene(Scene(page, place))
            finally:
                (place / OPEN).touch()

    awaited(played())


def test_a_flood_of_questions_is_answered_as_far_as_there_is_room_and_the_rest_is_told_at_once(server, place):
    async def scene(held: Scene) -> None:
        tasks = held.ask(ROOM + TOO_MANY)
        while sum(task.done() for task in tasks) < TOO_MANY:
            await asyncio.sleep(0.02)
        await held.inside(ROOM)
        refused = [task for task in tasks if task.done()]
        assert [str(task.exception()) for task in refused] == [BUSY["en"]] * TOO_MANY
        assert (await held.page.call("ask", question="?", language="de"))["error"] == BUSY["de"]
        assert (await held.page.call("suggest"))["error"] == BUSY["en"]
        with pytest.raises(AssertionError, match=BUSY["en"]):
            await program(held.page.address, held.page.client, "?")
        held.open()
        answers = await asyncio.gather(*(task for task in tasks if task not in refused))
        assert len({answer["question"] for answer in answers}) == ROOM
        await held.inside(0)
        assert (await held.page.call("suggest"))["questions"]

    play(server, place, scene)


def test_what_needs_no_search_is_told_while_as_many_questions_wait_as_can(server, place):
    async def scene(held: Scene) -> None:
        tasks = held.ask(ROOM)
        await held.inside(ROOM)
        shown = Place(f"{NAMES[0]}.txt", 0, 9).key()
        for _ in range(10):
            assert (await held.page.call("state"))["phase"] == "ready"
            assert len((await held.page.call("articles"))["articles"]) == len(NAMES)
            assert NAMES[0] in (await held.page.call("source", place=shown))["html"]
        held.open()
        await asyncio.gather(*tasks)

    play(server, place, scene)


def test_programs_leave_room_for_readers_and_are_told_where_they_are_too_many(server, place):
    async def scene(held: Scene) -> None:
        address, client = held.page.address, held.page.client
        numbers = [await join(address, client, f"{HELD} p{one}") for one in range(2 * LIMITS.programs)]
        await held.inside(LIMITS.programs)
        with pytest.raises(AssertionError, match="Queue is full"):
            await join(address, client, "?")
        tasks = held.ask(ROOM - LIMITS.programs)
        await held.inside(ROOM)
        held.open()
        assert [(await fetch(address, client, one))["question"] for one in numbers] == [
            f"{HELD} p{one}" for one in range(2 * LIMITS.programs)
        ]
        await asyncio.gather(*tasks)

    play(server, place, scene)


def test_a_page_that_is_closed_while_its_question_waits_gives_its_place_back_and_the_question_is_never_begun(
    server, place
):
    async def scene(held: Scene) -> None:
        tasks = held.ask(ROOM)
        at_work = await held.begun(LIMITS.questions_at_work)
        await held.inside(ROOM)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await held.inside(LIMITS.questions_at_work)
        assert await held.begun(LIMITS.questions_at_work) == at_work
        later = held.ask(LIMITS.questions_waiting)
        await held.inside(ROOM)
        held.open()
        assert len(await asyncio.gather(*later)) == LIMITS.questions_waiting
        assert len(set(await held.begun(ROOM))) == ROOM
        await held.inside(0)

    play(server, place, scene)


def test_a_program_that_goes_away_leaves_nothing_at_work(server, place):
    async def scene(held: Scene) -> None:
        address, client = held.page.address, held.page.client
        tasks = [asyncio.create_task(program(address, client, f"{HELD} {one}")) for one in range(6)]
        await held.inside(6)
        for task in tasks:
            task.cancel()
        held.open()
        await held.inside(0)
        assert len(set(await held.begun(6))) == 6

    play(server, place, scene)


def test_every_one_of_a_crowd_gets_its_own_answer_and_none_is_lost(server):
    told = awaited(crowd.crowd(server.address, CLIENTS, SECONDS))
    assert told.faults == []
    assert len(told.seconds) >= CLIENTS


@pytest.mark.slow
def test_a_chat_that_is_ended_while_questions_wait_begins_none_of_them_and_answers_again_when_it_is_back(tmp_path):
    place = furnished(tmp_path)
    with chat(place) as ended:

        async def scene(held: Scene) -> None:
            tasks = held.ask(ROOM)
            await held.begun(LIMITS.questions_at_work)
            await held.inside(ROOM)
            os.kill(ended.pid, signal.SIGINT)
            await asyncio.sleep(1)  # for what is closed; all that comes later must not begin anything either
            held.open()
            told = await asyncio.gather(*tasks, return_exceptions=True)
            # Those at work are answered; the others are cut off, or told by the server that it ends.
            cut = (httpx.HTTPError, json.JSONDecodeError)
            others = [one for one in told if not isinstance(one, (dict, *cut))]
            assert {str(one) for one in others} <= {"ask: 500 Internal Server Error"}
            assert len(await held.begun(LIMITS.questions_at_work)) == LIMITS.questions_at_work

        play(ended, place, scene)
    with chat(place) as back:
        assert awaited(crowd.crowd(back.address, 2, 1)).faults == []
