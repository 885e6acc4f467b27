"""What a browser may do with what it gets from here. Owns the headers that say so.

Gradio's page makes its templates with eval, and has styles in line. Its scripts in line are allowed by their hashes, so
that none but its own are run.
"""

from __future__ import annotations

import hashlib
import re
from base64 import b64encode
from collections.abc import Iterable

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from rag.settings import LIMITS

_POLICY = (
    "default-src 'none'; script-src 'self' 'unsafe-eval'{}; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data: blob:; font-src 'self' data:; connect-src 'self'; "
    "base-uri 'self'; form-action 'none'; frame-ancestors 'none'"
)
_HEADERS = {
    "Content-Security-Policy": _POLICY.format(""),
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), display-capture=(), geolocation=(), microphone=(), payment=(), usb=()",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}
# What is the same for everybody; anything else may be an answer.
_KEEPABLE = ("/assets/", "/desk/", "/static/")
_SCRIPT = re.compile(rb"<script(?:\s[^>]*)?>(.*?)</script\s*>", re.DOTALL)


class Policy:
    """Puts the headers on every response, and ends the connection with one that refuses what is long in coming."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in _HEADERS.items():
                    headers.setdefault(name, value)
                if message["status"] < 400 and not scope["path"].startswith(_KEEPABLE):
                    headers["Cache-Control"] = "no-store"
                if message["status"] >= 400 and _is_long(scope):
                    headers["Connection"] = "close"
            await send(message)

        await self._app(scope, receive, send_with_headers)


class OwnScripts:
    """Lets the page at / run the scripts that it brings with it, and no other in line."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["path"] != "/":
            await self._app(scope, receive, send)
            return
        begun: list[Message] = []
        pieces: list[bytes] = []

        async def send_with_hashes(message: Message) -> None:
            if message["type"] == "http.response.start":
                begun.append(message)
                return
            pieces.append(message.get("body", b""))
            if not message.get("more_body"):
                page = b"".join(pieces)
                [start] = begun
                MutableHeaders(scope=start)["Content-Security-Policy"] = _allowing(_SCRIPT.findall(page))
                await send(start)
                await send({"type": "http.response.body", "body": page})

        # Packed, the page could not be looked through.
        plain = [one for one in scope["headers"] if one[0] != b"accept-encoding"]
        await self._app({**scope, "headers": plain}, receive, send_with_hashes)


def _is_long(scope: Scope) -> bool:
    """Say whether a body is so long that the server should not read on; a short one it does, and the answer arrives."""
    headers = Headers(scope=scope)
    return "transfer-encoding" in headers or int(headers.get("content-length", 0)) > LIMITS.body


def _allowing(scripts: Iterable[bytes]) -> str:
    hashes = (b64encode(hashlib.sha256(script).digest()).decode() for script in scripts if script)
    return _POLICY.format("".join(f" 'sha256-{one}'" for one in hashes))
