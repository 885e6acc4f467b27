"""What Gradio would offer, fetch and keep behind the door, and that the door keeps it from doing so."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from typing import TypeVar

import gradio as gr
import pytest
from fastapi import FastAPI
from starlette.routing import BaseRoute
from starlette.testclient import TestClient

from rag.chat import page
from rag.chat.desk import Desk
from rag.chat.gate import Gate
from rag.chat.guard import guarded
from rag.library import Library
from rag.settings import LIMITS
from tests.asgi import Asked, ask, run
from tests.conftest import ARTICLES

Made = TypeVar("Made")

JSON = {"content-type": "application/json"}
# All of Gradio that is needed: the page, its parts, its functions, and the two endpoints for programs.
NEEDED = {
    "/",
    "/config",
    "/theme.css",
    "/favicon.ico",
    "/assets/{path:path}",
    "/static/{path:path}",
    "/desk",
    "/gradio_api/info",
    "/gradio_api/component_server/",
    "/gradio_api/queue/join",
    "/gradio_api/queue/data",
    "/gradio_api/cancel",
    "/gradio_api/reset",
    "/gradio_api/call/{api_name}",
    "/gradio_api/call/{api_name}/{event_id}",
    "/gradio_api/call/v2/{api_name}",
    "/gradio_api/call/v2/{api_name}/{event_id}",
}
# Values that would be let through if any were.
VALUES = {"path:path": "js/x.js", "api_name": "ask", "event_id": "0" * 32}


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Library]:
    folder = tmp_path_factory.mktemp("corpus")
    (folder / "harbour.txt").write_text(ARTICLES["harbour.txt"], "utf-8")
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("XDG_DATA_HOME", str(tmp_path_factory.mktemp("data")))
        library = Library([folder], model="hashing")
        yield library
        library.close()


def made(make: Callable[[], Made]) -> Made:
    """Make something of Gradio's in an event loop, for without one it makes one that it never closes."""

    async def within() -> Made:
        return make()

    return run(within())


@pytest.fixture(scope="module")
def blocks(library: Library) -> gr.Blocks:
    return made(lambda: page.build(library, Gate()))


@pytest.fixture(scope="module")
def app(blocks: gr.Blocks) -> FastAPI:
    return made(lambda: page.application(blocks))


def routes(found: list[BaseRoute]) -> Iterator[str]:
    """The paths of all routes, of those within others too."""
    for route in found:
        # FastAPI keeps the routes of a router that was included together, as Starlette does those of a mounted one.
        inner = getattr(route, "original_router", None) or getattr(route, "app", None)
        if hasattr(inner, "routes"):
            yield from routes(inner.routes)
        elif hasattr(route, "path"):
            yield route.path


def reaches(path: str) -> bool:
    """Whether anything at this path is let through, by whatever method."""
    asked = Asked()
    door = guarded(asked, ["127.0.0.1"], None)
    for method in ("GET", "POST"):
        ask(door, path, method=method, headers=JSON, body=[b"{}"])
    return bool(asked.scopes)


def test_of_all_that_gradio_offers_only_what_is_needed_is_let_through(app):
    offered = set(routes(app.routes))
    filled = {one: re.sub(r"{([^}]*)}", lambda found: VALUES.get(found.group(1), "x"), one) for one in offered}

    assert len(offered) > 60
    assert {one for one in offered if reaches(filled[one] + ("/main.js" if one == "/desk" else ""))} == NEEDED


def test_the_page_has_no_functions_but_those_of_the_desk(blocks, library):
    named = {
        name
        for block in blocks.blocks.values()
        for name in dir(block)
        if getattr(getattr(block, name, None), "_is_server_fn", False)
    }
    assert named == {function.__name__ for function in Desk(library, Gate()).functions()}
    assert len(named) == 15


@pytest.mark.parametrize("path", ["/gradio_api/queue/join", "/gradio_api/call/ask", "/gradio_api/call/v2/ask"])
def test_gradio_fetches_nothing_that_a_call_names(app, monkeypatch, path):
    fetched = []

    async def fetch(url: str, *_, **__) -> str:
        fetched.append(url)
        return __file__

    monkeypatch.setattr("gradio.processing_utils.async_ssrf_protected_download", fetch)
    file = {"path": "http://example.org/x", "meta": {"_type": "gradio.FileData"}}
    values = [file, None, 5, True, None, None, None, None, None, None]
    body = {"question": file} if "v2" in path else {"data": values, "fn_index": 1, "session_hash": "abcdefgh"}
    door = guarded(app, ["testserver"], None)
    with TestClient(door) as client:
        told = client.post(path, json=body)
        if told.status_code == 200:
            event = told.json()["event_id"]
            client.get(f"{path}/{event}" if "call" in path else "/gradio_api/queue/data?session_hash=abcdefgh")
    assert fetched == []
    assert told.status_code == 400


def test_gradio_keeps_no_more_sessions_than_it_is_allowed(app, blocks, monkeypatch):
    assert blocks.state_session_capacity == LIMITS.sessions
    monkeypatch.setattr(blocks, "state_session_capacity", 3)
    small = made(lambda: page.application(blocks))
    [number] = [key for key, block in blocks.blocks.items() if isinstance(block, gr.HTML)]
    with TestClient(guarded(small, ["testserver"], None)) as client:
        for n in range(10):
            wish = {"data": {"corpus": ""}, "component_id": number, "fn_name": "start", "session_hash": f"session {n}"}
            told = client.post("/gradio_api/component_server/", json=wish)
            assert json.loads(told.json())["corpora"]
    assert len(blocks.state_holder.session_data) == 3


def test_nothing_that_gradio_can_open_to_others_is_open(app, blocks):
    assert blocks.allowed_paths == []
    assert blocks.share is False
    assert blocks.enable_monitoring is False
    assert blocks.run_history is False
    assert blocks.mcp_server is False
    assert blocks.analytics_enabled is False
    assert blocks.show_error is False
    assert not [one for one in blocks.blocks.values() if "flag" in type(one).__name__.lower()]
