"""Who may ask the chat, and what its page may load."""

from __future__ import annotations

import pytest
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Route
from starlette.testclient import TestClient

from rag.chat.guard import middleware


@pytest.fixture
def client() -> TestClient:
    async def page(request):
        return PlainTextResponse("the page")

    app = Starlette(routes=[Route("/", page, methods=["GET", "POST"])], middleware=middleware("127.0.0.1"))
    return TestClient(app, base_url="http://127.0.0.1:7860")


@pytest.mark.parametrize("headers", [{}, {"origin": "http://127.0.0.1:7860"}, {"host": "localhost:7860"}])
def test_the_page_itself_may_ask(client, headers):
    assert client.post("/", headers=headers).text == "the page"


@pytest.mark.parametrize(
    "origin", ["http://evil.example", "null", "http://127.0.0.1:8000", "http://127.0.0.1:7860.evil.example"]
)
def test_a_page_of_another_origin_may_not(client, origin):
    for method in ("GET", "POST", "OPTIONS"):
        answer = client.request(method, "/", headers={"origin": origin})
        assert answer.status_code == 403
        assert "access-control-allow-origin" not in answer.headers


def test_another_name_for_this_machine_is_refused(client):
    assert client.get("/", headers={"host": "evil.example"}).status_code == 400


def test_the_page_may_load_from_its_own_address_only(client):
    policy = client.get("/").headers["content-security-policy"]

    assert policy.startswith("default-src 'self' ")
    assert "http" not in policy
    assert "frame-ancestors 'none'" in policy
