"""How much may come in at once. Owns the bounds on requests and on their bodies.

A body is read here, whole, before the chat sees the request: one that is too large, or too slow, costs it nothing.
"""

from __future__ import annotations

import asyncio

from starlette.datastructures import Headers
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from rag.settings import LIMITS, Limits

_BUSY = PlainTextResponse("The chat is busy; try again in a moment.", 503, {"Retry-After": "5"})
_TOO_LARGE = PlainTextResponse("This is more than the chat reads at once.", 413)
_TOO_SLOW = PlainTextResponse("The request did not arrive in time.", 408)


class AtOnce:
    """Serves so many requests at once, and says of more that it is busy."""

    def __init__(self, app: ASGIApp, limits: Limits = LIMITS) -> None:
        self._app, self._most, self._now = app, limits.requests, 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request, or answer 503."""
        if self._now >= self._most:
            await _BUSY(scope, receive, send)
            return
        self._now += 1
        try:
            await self._app(scope, receive, send)
        finally:
            self._now -= 1


class Bodies:
    """Reads the body of every request before it is served, within bounds of size, time and number.

    Only requests to a path that is ``roomy`` may have a body above ``Limits.body``, and only if they say how large it
    is.
    """

    def __init__(self, app: ASGIApp, roomy: frozenset[str], limits: Limits = LIMITS) -> None:
        self._app, self._roomy, self._limits = app, roomy, limits
        self._large = asyncio.Semaphore(limits.large_bodies)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request, or answer 408, 413 or 503."""
        declared = int(Headers(scope=scope).get("content-length", 0))
        most = self._limits.page_body if scope["path"] in self._roomy else self._limits.body
        if declared > most:
            await _TOO_LARGE(scope, receive, send)
        elif declared <= self._limits.body:
            await self._serve(scope, receive, send)
        else:
            try:
                await asyncio.wait_for(self._large.acquire(), self._limits.body_seconds)
            except TimeoutError:
                await _BUSY(scope, receive, send)
                return
            try:
                await self._serve(scope, receive, send)
            finally:
                self._large.release()

    async def _serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        # The server lets nothing through beyond a declared length; without one the small bound holds.
        most = max(self._limits.body, int(Headers(scope=scope).get("content-length", 0)))
        try:
            body = await asyncio.wait_for(_whole(receive, most), self._limits.body_seconds)
        except TimeoutError:
            await _TOO_SLOW(scope, receive, send)
            return
        if body is None:
            await _TOO_LARGE(scope, receive, send)
            return
        await self._app(scope, _replaying(body, receive), send)


async def _whole(receive: Receive, most: int) -> bytes | None:
    """Return the body of a request; None if it is longer than ``most`` bytes."""
    body = bytearray()
    while True:
        message = await receive()
        body += message.get("body", b"")
        if len(body) > most:
            return None
        # One who left in the middle leaves a piece, which is refused like any other that is no JSON.
        if message["type"] == "http.disconnect" or not message.get("more_body"):
            return bytes(body)


def _replaying(body: bytes, receive: Receive) -> Receive:
    """Return what gives the body once, and then whatever else comes."""
    waiting = [body]

    async def replayed() -> Message:
        if waiting:
            return {"type": "http.request", "body": waiting.pop(), "more_body": False}
        return await receive()

    return replayed
