"""Asks everybody for name and password, on every path. Owns who is in, and how often one may guess.

The accounts themselves are those of ``rag.accounts``. Neither names nor passwords are logged, and of a password that
was right only a keyed hash is kept.
"""

from __future__ import annotations

import asyncio
import binascii
import hashlib
import hmac
import ipaddress
import logging
import secrets
import time
from base64 import b64decode
from dataclasses import dataclass

from limits import RateLimitItemPerSecond
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter
from starlette.datastructures import Headers
from starlette.responses import PlainTextResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from rag.accounts import Accounts
from rag.errors import AccessError
from rag.settings import LIMITS, Limits

_CHALLENGE = {"WWW-Authenticate": 'Basic realm="Fundstelle", charset="UTF-8"'}

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Kept:
    """Somebody who is in: what the accounts keep of the password, our hash of it, and until when (monotonic)."""

    stored: str
    digest: bytes
    until: float


class Login:
    """Lets in who has an account; answers 401 to others, 429 where passwords are being guessed."""

    def __init__(self, app: ASGIApp, accounts: Accounts, limits: Limits = LIMITS) -> None:
        self._app, self._accounts, self._limits = app, accounts, limits
        self._guesses = Guesses(limits)
        self._kept: dict[str, _Kept] = {}
        self._key = secrets.token_bytes()
        # One at a time: Argon2 takes 64 MB, and nobody's guesses are counted too late.
        self._verifying = asyncio.Lock()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request, or refuse it."""
        refusal = await self._refusal(scope) if scope["type"] == "http" else None
        await (refusal or self._app)(scope, receive, send)

    async def _refusal(self, scope: Scope) -> Response | None:
        """Return what is answered to somebody who is not in; None if they are."""
        credentials = _credentials(Headers(scope=scope).get("authorization", ""))
        if credentials is None:
            return PlainTextResponse("Name and password are needed.", 401, _CHALLENGE)
        name, password = credentials
        guesser = _address(scope)
        try:
            if self._is_in(name, password):
                return None
            wait = self._guesses.wait(guesser, name)
            if not wait:
                async with self._verifying:
                    # Meanwhile the same may have come in by another request, or have guessed too often.
                    if self._is_in(name, password):
                        return None
                    wait = self._guesses.wait(guesser, name)
                    if not wait and await self._let_in(name, password):
                        return None
                    if not wait:
                        self._guesses.count(guesser, name)
        except AccessError:
            _log.exception("The accounts cannot be used")
            return PlainTextResponse("The accounts cannot be read; whoever runs the chat can mend that.", 503)
        if wait:
            return PlainTextResponse("Too many wrong passwords; try again later.", 429, {"Retry-After": str(wait)})
        return PlainTextResponse("Name or password is wrong.", 401, _CHALLENGE)

    def _is_in(self, name: str, password: str) -> bool:
        kept = self._kept.get(name)
        return (
            kept is not None
            and kept.until > time.monotonic()
            and kept.stored == self._accounts.hash_of(name)
            and hmac.compare_digest(kept.digest, self._digest(password))
        )

    async def _let_in(self, name: str, password: str) -> bool:
        """Hold the password against the account, and keep who is in."""
        if not await asyncio.to_thread(self._accounts.matches, name, password):
            return False
        stored = self._accounts.hash_of(name)
        if stored is not None:
            self._kept[name] = _Kept(stored, self._digest(password), time.monotonic() + self._limits.login_seconds)
        return stored is not None

    def _digest(self, password: str) -> bytes:
        return hmac.digest(self._key, password.encode("utf-8", "surrogatepass"), "sha256")


class Guesses:
    """Counts wrong passwords, by the address they come from and by the account they are for."""

    def __init__(self, limits: Limits) -> None:
        self._window = MovingWindowRateLimiter(MemoryStorage())
        self._of_address = RateLimitItemPerSecond(limits.wrong_of_an_address, limits.password_seconds)
        self._for_account = RateLimitItemPerSecond(limits.wrong_for_an_account, limits.password_seconds)

    def wait(self, address: str, name: str) -> int:
        """Return for how many seconds no password is looked at; 0 if one is."""
        full = [one for one in self._counted(address, name) if not self._window.test(*one)]
        ends = [self._window.get_window_stats(*one).reset_time for one in full]
        return max((max(1, round(end - time.time())) for end in ends), default=0)

    def count(self, address: str, name: str) -> None:
        """Note a wrong password."""
        for one in self._counted(address, name):
            self._window.hit(*one)

    def _counted(self, address: str, name: str) -> list[tuple[RateLimitItemPerSecond, str, str]]:
        # A name may be long and may be a password typed into the wrong field, so it is not kept as it is.
        hashed = hashlib.sha256(name.encode("utf-8", "surrogatepass")).hexdigest()
        return [(self._of_address, "address", address), (self._for_account, "account", hashed)]


def _credentials(header: str) -> tuple[str, str] | None:
    """Return name and password of an Authorization header, None if it has none."""
    scheme, _, encoded = header.partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        name, colon, password = b64decode(encoded.strip(), validate=True).decode("utf-8").partition(":")
    except (binascii.Error, UnicodeError):
        return None
    return (name, password) if colon else None


def _address(scope: Scope) -> str:
    """Return where a request comes from; of an IPv6 address the part that is one household's."""
    host = scope["client"][0] if scope.get("client") else ""
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return str(host)
    return host if address.version == 4 else str(ipaddress.ip_network((address, 64), strict=False))
