"""Requests to an ASGI application, byte by byte as they are wanted, without a server."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any, TypeVar
from urllib.parse import unquote

from starlette.types import ASGIApp, Message, Receive, Scope, Send

Result = TypeVar("Result")

HERE = "127.0.0.1:7860"
# As the last piece of a body: the sender has not finished, and sends nothing more.
PAUSE = b"pause"


@dataclass
class Asked:
    """An application that answers everything, and notes what it was asked."""

    scopes: list[Scope] = field(default_factory=list)
    bodies: list[bytes] = field(default_factory=list)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        body, more = b"", True
        while more:
            message = await receive()
            body, more = body + message.get("body", b""), message.get("more_body", False)
        self.scopes.append(scope)
        self.bodies.append(body)
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-type", b"text/html")]})
        await send({"type": "http.response.body", "body": b"<script>here()</script><b>served</b>"})


@dataclass(frozen=True)
class Reply:
    status: int
    headers: Mapping[str, str]
    text: str


async def request(
    app: ASGIApp,
    path: str = "/",
    *,
    method: str = "GET",
    headers: Mapping[str, str] | None = None,
    body: Sequence[bytes] = (b"",),
    client: str = "127.0.0.1",
    scheme: str = "http",
) -> Reply:
    """Send one request whose body comes in these pieces; after ``PAUSE``, which is none, nothing more comes."""
    raw, _, query = path.partition("?")
    given = {"host": HERE, **(headers or {})}
    scope: Scope = {
        "type": "http",
        "http_version": "1.1",
        "method": method,
        "scheme": scheme,
        "path": unquote(raw),
        "raw_path": raw.encode(),
        "query_string": query.encode(),
        "headers": [(name.lower().encode(), value.encode("latin-1")) for name, value in given.items()],
        "client": (client, 50_000),
        "root_path": "",
    }
    waiting = list(body)
    sent: list[Message] = []

    async def receive() -> Message:
        await asyncio.sleep(0)
        if not waiting or waiting == [PAUSE]:
            await asyncio.Event().wait()
        return {"type": "http.request", "body": waiting.pop(0), "more_body": bool(waiting)}

    async def send(message: Message) -> None:
        sent.append(message)

    await app(scope, receive, send)
    [start] = [one for one in sent if one["type"] == "http.response.start"]
    text = b"".join(one.get("body", b"") for one in sent if one["type"] == "http.response.body")
    return Reply(start["status"], {k.decode(): v.decode() for k, v in start["headers"]}, text.decode())


def run(work: Coroutine[Any, Any, Result]) -> Result:
    """Return what comes of ``work`` in an event loop of its own."""
    # In a thread of its own, too: Playwright keeps a loop running in this one. Nothing here takes long, if it ends.
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, asyncio.wait_for(work, 60)).result()


def ask(app: ASGIApp, path: str = "/", **wishes) -> Reply:
    """As ``request``, in an event loop of its own."""
    return run(request(app, path, **wishes))
