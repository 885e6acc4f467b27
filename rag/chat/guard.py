"""Keeps the chat and the rest of the web apart. Owns what stands before the page, and in which order.

Who may come in is ``rag.chat.login``'s, what there is to ask for ``rag.chat.offers``', how much of it
``rag.chat.bounds``', and what a browser may do with it ``rag.chat.policy``'s.
"""

from __future__ import annotations

from collections.abc import Collection
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from rag.accounts import Accounts
from rag.chat.bounds import AtOnce, Bodies
from rag.chat.login import Login
from rag.chat.offers import FUNCTIONS, OfferedOnly, PlainCalls
from rag.chat.policy import OwnScripts, Policy
from rag.settings import LIMITS, Limits


def guarded(app: ASGIApp, names: Collection[str], accounts: Accounts | None, limits: Limits = LIMITS) -> ASGIApp:
    """Return ``app``, the page, behind all that stands before it.

    ``names`` are those under which it may be reached; without ``accounts`` everybody who reaches it may come in.
    """
    door: ASGIApp = OfferedOnly(Bodies(PlainCalls(OwnScripts(app)), frozenset({FUNCTIONS}), limits))
    if accounts is not None:
        door = Login(door, accounts, limits)
    door = Policy(OwnPageOnly(AtOnce(door, limits), names))

    async def served(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            await door(scope, receive, send)
        elif scope["type"] == "lifespan":
            await app(scope, receive, send)

    return served


class OwnPageOnly:
    """Refuses what was not meant for this chat: asked for by another name, or by another site's page.

    Another name that was made to point at this machine is a trick.
    """

    def __init__(self, app: ASGIApp, names: Collection[str]) -> None:
        self._app, self._names = app, frozenset(name.lower() for name in names)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request, or answer 403."""
        headers = Headers(scope=scope)
        if _name(headers.get("host", "")) not in self._names:
            await PlainTextResponse("The chat is not to be reached by this name.", 403)(scope, receive, send)
        elif not _is_of_own_page(scope, headers):
            await PlainTextResponse("Only the page of the chat may ask.", 403)(scope, receive, send)
        else:
            await self._app(scope, receive, send)


def _name(host: str) -> str | None:
    """Return the name in a Host header, without its port and the brackets of an IPv6 address."""
    try:
        found = urlsplit(f"//{host}")
        found.port  # noqa: B018 - raises if it is none
    except ValueError:
        return None
    return found.hostname if found.netloc == host and "@" not in host else None


def _is_of_own_page(scope: Scope, headers: Headers) -> bool:
    """Say whether a request comes from this chat's page, from a program, or from somebody who goes to its address."""
    site = headers.get("sec-fetch-site", "none")
    goes_there = scope["method"] == "GET" and headers.get("sec-fetch-dest") == "document"
    if site not in ("same-origin", "none") and not goes_there:
        return False
    origin = headers.get("origin")
    if origin is None:
        return True
    scheme, _, place = origin.partition("://")
    # Behind a proxy that does not tell its scheme, the page may be one of https and the request one of http.
    return place == headers.get("host") and scheme in (scope["scheme"], "https")
