"""An error that nobody foresaw is a sentence to whoever asked and a trace without words in the log.

Gradio reads hints as they stand, so that this module does not put off evaluating them.
"""

import gradio as gr
import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import ClientDisconnect, Request
from starlette.responses import PlainTextResponse, Response, StreamingResponse
from starlette.routing import Route
from starlette.testclient import TestClient

from rag.chat.lastresort import LastResort, Page
from tests.conftest import awaited

SECRET = "/secret/place"


def fail(_: Request) -> Response:
    raise RuntimeError(SECRET)


def go(_: Request) -> Response:
    raise ClientDisconnect


async def begin(_: Request) -> Response:
    async def parts():
        yield b"half"
        raise RuntimeError(SECRET)

    return StreamingResponse(parts())


@pytest.fixture
def client() -> TestClient:
    routes = [
        Route("/fail", fail),
        Route("/go", go),
        Route("/begin", begin),
        Route("/", lambda _: PlainTextResponse("?")),
    ]
    return TestClient(Starlette(routes=routes, middleware=[Middleware(LastResort)]))


def test_a_request_that_fails_is_answered_with_a_sentence_and_logged_without_words(client: TestClient, caplog) -> None:
    told = client.get("/fail")
    assert told.status_code == 500
    assert told.text.startswith("Something went wrong")
    assert "RuntimeError" in caplog.text
    assert SECRET not in told.text + caplog.text


def test_an_answer_that_fails_on_its_way_is_logged_too(client: TestClient, caplog) -> None:
    assert client.get("/begin").text == "half"
    assert "RuntimeError" in caplog.text
    assert SECRET not in caplog.text


def test_who_has_gone_is_no_fault(client: TestClient, caplog) -> None:
    with pytest.raises(AssertionError):
        client.get("/go")
    assert caplog.text == ""


def test_what_does_not_fail_goes_through(client: TestClient) -> None:
    assert client.get("/").text == "?"


@pytest.mark.parametrize("inputs", [[], [SECRET], [SECRET, SECRET]])
def test_what_gradio_itself_finds_wrong_with_a_call_is_a_sentence_without_what_was_sent(inputs, caplog, capfd) -> None:
    def broken(one: str, two: str) -> str:
        raise RuntimeError(one + two)

    async def call() -> None:
        with Page(analytics_enabled=False) as page:
            gr.api(broken, api_name="broken")
        await page.process_api(next(iter(page.fns)), inputs)

    with pytest.raises(gr.Error) as told:
        awaited(call())
    assert told.value.message.startswith("Something went wrong")
    assert told.value.print_exception is False
    assert SECRET not in told.value.message + caplog.text + "".join(capfd.readouterr())
