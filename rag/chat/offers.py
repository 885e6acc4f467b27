"""What there is to be asked for: the page, its functions, and the two endpoints for programs. Owns that list.

Gradio has many routes more, for uploads, files, proxies, monitoring and editing, and reads much from queries and
headers that anybody may send. None of that is let through to it.
"""

from __future__ import annotations

import json
import re

from starlette.datastructures import Headers
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

FUNCTIONS = "/gradio_api/component_server/"
# Segments that begin with a letter or figure: no "..", nothing hidden, nothing in percents, no backslash.
_FILES = r"(?:/[A-Za-z0-9_-][A-Za-z0-9._-]*)+"
_CALL = r"/gradio_api/call/(?:v2/)?(?:ask|retrieve)"
_READ = re.compile(
    rf"/|/config|/theme\.css|/favicon\.ico|/(?:assets|desk|static/(?:fonts|img|js)){_FILES}"
    rf"|/gradio_api/(?:info|queue/data)|{_CALL}/[0-9a-f]{{32}}"
)
_TOLD = re.compile(rf"{re.escape(FUNCTIONS)}|/gradio_api/(?:queue/join|cancel|reset)|{_CALL}")
_CALLED = re.compile(rf"/gradio_api/queue/join|{_CALL}")
# The one query that is needed; the others change what Gradio gives, or where it looks.
_QUERIED = "/gradio_api/queue/data"
_HEADERS = {
    b"accept",
    b"accept-encoding",
    b"content-length",
    b"content-type",
    b"host",
    b"if-modified-since",
    b"if-none-match",
    b"origin",
    b"user-agent",
}


class OfferedOnly:
    """Lets through what is offered, without queries and headers that nothing here needs; answers 404 to all else."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request, or answer 404, or 415 where its body is no JSON."""
        # As it was sent: what is decoded could be read in two ways.
        path = scope["raw_path"].decode("latin-1")
        offered = {"GET": _READ, "HEAD": _READ, "POST": _TOLD}.get(scope["method"])
        if offered is None or not offered.fullmatch(path):
            await PlainTextResponse("There is nothing here.", 404)(scope, receive, send)
            return
        kind = Headers(scope=scope).get("content-type", "").partition(";")[0].strip().lower()
        if scope["method"] == "POST" and kind != "application/json":
            await PlainTextResponse("Only JSON is read.", 415)(scope, receive, send)
            return
        scope = {**scope, "headers": [one for one in scope["headers"] if one[0] in _HEADERS]}
        if path != _QUERIED:
            scope["query_string"] = b""
        await self._app(scope, receive, send)


class PlainCalls:
    """Refuses calls of programs that hand over objects: Gradio takes some for files, and would fetch them."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request, whose body comes in one piece, or answer 400."""
        if not _CALLED.fullmatch(scope["path"]) or scope["method"] != "POST":
            await self._app(scope, receive, send)
            return
        message = await receive()
        if not _is_plain(message.get("body", b"")):
            refusal = PlainTextResponse("Only text, numbers and lists of text are read.", 400)
            await refusal(scope, receive, send)
            return
        waiting = [message]

        async def replayed() -> Message:
            return waiting.pop() if waiting else await receive()

        await self._app(scope, replayed, send)


def _is_plain(body: bytes) -> bool:
    """Say whether the body is JSON that has no object but the outermost."""
    objects: list[None] = []
    try:
        json.loads(body, object_hook=lambda _: objects.append(None))
    except (ValueError, RecursionError):
        return False
    return len(objects) == 1
