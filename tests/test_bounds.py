"""How much may come in at once."""

from __future__ import annotations

import asyncio
import re
from dataclasses import replace
from pathlib import Path

import pytest

from rag.chat import page
from rag.chat.bounds import AtOnce, Bodies
from rag.settings import DEFAULTS, LIMITS
from tests.asgi import PAUSE, Asked, Reply, ask, request, run

ROOMY = "/roomy"
SMALL = replace(LIMITS, body=10, page_body=100, large_bodies=2, body_seconds=0.05, requests=3)


def bodies(asked: Asked) -> Bodies:
    return Bodies(asked, frozenset({ROOMY}), SMALL)


def declared(length: int) -> dict[str, str]:
    return {"content-length": str(length)}


@pytest.mark.parametrize(("path", "length"), [("/", 10), (ROOMY, 10), (ROOMY, 11), (ROOMY, 100)])
def test_a_body_within_bounds_arrives_whole(path, length):
    asked = Asked()
    assert (
        ask(bodies(asked), path, method="POST", headers=declared(length), body=[b"a", b"b" * (length - 1)]).status
        == 200
    )
    assert asked.bodies == [b"a" + b"b" * (length - 1)]


@pytest.mark.parametrize(("path", "length"), [("/", 11), ("/", 20_000_000), (ROOMY, 101)])
def test_a_body_that_says_it_is_too_large_is_refused_unread(path, length):
    asked = Asked()
    assert ask(bodies(asked), path, method="POST", headers=declared(length), body=[PAUSE]).status == 413
    assert asked.scopes == []


@pytest.mark.parametrize("path", ["/", ROOMY])
def test_a_body_that_does_not_say_how_large_it_is_is_read_up_to_the_small_bound(path):
    asked = Asked()
    # What comes after the bound is not waited for.
    told = ask(
        bodies(asked), path, method="POST", headers={"transfer-encoding": "chunked"}, body=[b"123456"] * 2 + [PAUSE]
    )
    assert told.status == 413
    assert asked.scopes == []


def test_a_body_that_does_not_end_is_given_up():
    asked = Asked()
    assert ask(bodies(asked), method="POST", body=[b"1", PAUSE]).status == 408
    assert asked.scopes == []


def at_once(app, count: int, **wishes) -> list[Reply]:
    async def together() -> list[Reply]:
        return await asyncio.gather(*(request(app, **wishes) for _ in range(count)))

    return run(together())


def test_of_large_bodies_only_few_are_read_at_once_and_the_others_wait_their_turn():
    reading: list[int] = []

    class Counting(Asked):
        async def __call__(self, scope, receive, send):
            reading.append(1)
            await asyncio.sleep(0.001)
            assert len(reading) <= SMALL.large_bodies
            reading.pop()
            await super().__call__(scope, receive, send)

    told = at_once(bodies(Counting()), 6, path=ROOMY, method="POST", headers=declared(100), body=[b"x" * 100])
    assert [one.status for one in told] == [200] * 6


def test_the_largest_file_that_is_read_and_the_piece_of_a_larger_one_fit_through():
    script = (Path(page.__file__).parent / "static" / "articles.js").read_text("utf-8")
    sent = int(re.search(r"const SENT = ([\d_]+);", script).group(1))
    assert sent == DEFAULTS.file_limit_bytes + 1
    assert 4 * (sent + 2) // 3 + 2 * LIMITS.name < LIMITS.page_body


def test_who_waits_too_long_for_a_place_is_told_to_come_again():
    told = at_once(bodies(Asked()), 3, path=ROOMY, method="POST", headers=declared(100), body=[b"x", PAUSE])
    assert sorted(one.status for one in told) in ([408, 408, 408], [408, 408, 503])


def test_a_place_is_free_again_whatever_became_of_the_request():
    class Failing(Asked):
        async def __call__(self, scope, receive, send):
            raise RuntimeError

    app = bodies(Failing())
    for _ in range(5):
        with pytest.raises(RuntimeError):
            ask(app, ROOMY, method="POST", headers=declared(100), body=[b"x" * 100])


def test_more_requests_than_can_be_served_are_told_that_the_chat_is_busy():
    class Slow(Asked):
        async def __call__(self, scope, receive, send):
            await asyncio.sleep(0.01)
            await super().__call__(scope, receive, send)

    app = AtOnce(Slow(), SMALL)
    told = at_once(app, 5)
    assert sorted(one.status for one in told) == [200, 200, 200, 503, 503]
    assert {one.headers["retry-after"] for one in told if one.status == 503} == {"5"}
    assert [one.status for one in at_once(app, 3)] == [200] * 3
