"""Keeps the chat and the rest of the web apart. Owns who may ask the chat and what its page may load."""

from __future__ import annotations

from starlette.datastructures import URL, Headers, MutableHeaders
from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

# Gradio's page has scripts in line and makes its templates with eval; nothing of it comes from another address.
_POLICY = (
    "default-src 'self' 'unsafe-inline' 'unsafe-eval' data: blob:; "
    "base-uri 'self'; form-action 'none'; frame-ancestors 'none'; object-src 'none'"
)


def middleware(host: str) -> list[Middleware]:
    """Return what must stand before a chat at ``host``.

    Only requests that were meant for ``host`` or for localhost are let in: another name that was made to point at
    this machine is a trick.
    """
    return [Middleware(TrustedHostMiddleware, allowed_hosts=[host, "localhost"]), Middleware(OwnPageOnly)]


class OwnPageOnly:
    """Refuses what another site's page sends here, and forbids the page of the chat to load anything from elsewhere."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request, or answer 403 where its Origin is not this address."""

        async def send_with_policy(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message)["Content-Security-Policy"] = _POLICY
            await send(message)

        headers = Headers(scope=scope) if scope["type"] == "http" else Headers()
        origin = headers.get("origin")
        if origin is not None and URL(origin).netloc != headers.get("host"):
            await PlainTextResponse("Only the page of the chat may ask.", status_code=403)(scope, receive, send)
        else:
            await self._app(scope, receive, send_with_policy)
