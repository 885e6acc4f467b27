"""Where the chat is reached, and by whom. Owns the address, what must be said before others are let in, and the server.

What stands before the page is ``rag.chat.guard``'s.
"""

from __future__ import annotations

import asyncio
import ctypes
import errno
import ipaddress
import re
import socket
import ssl
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import uvicorn
from starlette.types import ASGIApp
from uvicorn.protocols.http.h11_impl import H11Protocol

from rag.accounts import Accounts
from rag.chat.guard import guarded
from rag.errors import AccessError, FundstelleError
from rag.settings import LIMITS

_LOCAL = "127.0.0.1"
_FIRST, _LAST = 7860, 7959
# What mallopt(3) calls the number of heaps, and how many there are to be.
_M_ARENA_MAX, _HEAPS = -8, 2
_NAME = re.compile(r"[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Door:
    """Where the chat is reached, and what was said about who may come in.

    ``host`` is an IP address or "localhost", ``port`` None the first free one from 7860 on. ``names`` are those under
    which others reach the page, ``accounts`` the file that ``rag.accounts`` owns, ``certificate`` and ``key`` the files
    for TLS. Raises AccessError if others could reach the chat without being asked who they are.
    """

    host: str = _LOCAL
    port: int | None = None
    names: tuple[str, ...] = ()
    accounts: Path | None = None
    certificate: Path | None = None
    key: Path | None = None

    def __post_init__(self) -> None:
        local = self.is_local
        if not local and self.accounts is None:
            raise AccessError(
                f"At {self.host} others can reach the chat, so it must ask who they are; make an account with "
                "`fundstelle account NAME --file FILE`, and add --accounts FILE."
            )
        if not local and not self.names:
            raise AccessError(
                f"At {self.host} others can reach the chat, so it must know by which name; add --allow-host NAME, the "
                "name or address that they type into the browser."
            )
        for name in self.names:
            if not (_NAME.fullmatch(name) or _address(name)):
                raise AccessError(f"{name} is no name of a host; write --allow-host as in notes.example.org.")
        if (self.certificate is None) != (self.key is None):
            raise AccessError("A certificate needs its key, and the key its certificate; add both, or neither.")

    @property
    def is_local(self) -> bool:
        """Whether only programs on this computer can reach the chat. Raises AccessError for no address."""
        if self.host == "localhost":
            return True
        address = _address(self.host)
        if address is None:
            raise AccessError(f"{self.host} is no address of this computer; write --host as in 192.168.1.20.")
        return address.is_loopback

    @property
    def is_open_text(self) -> bool:
        """Whether passwords travel to the chat where others may read them."""
        return not self.is_local and self.certificate is None


class Opened:
    """A chat's address that is taken, and what it takes to serve there."""

    def __init__(self, door: Door) -> None:
        """Take the address. Raises AccessError, and FundstelleError if it is in use."""
        _keep_heaps_few()
        self._accounts = Accounts(door.accounts) if door.accounts is not None else None
        self._names = {*door.names, *((door.host, "localhost") if door.is_local else ())}
        self._tls = _tls(door.certificate, door.key) if door.certificate and door.key else None
        self._socket = _take(door.host, door.port)
        name = door.host if door.is_local else door.names[0]
        shown = f"[{name}]" if ":" in name else name
        self.address = f"{'https' if self._tls else 'http'}://{shown}:{self._socket.getsockname()[1]}/"

    def serve(self, page: ASGIApp, ending: Callable[[], None] = lambda: None) -> None:
        """Serve ``page`` until Ctrl-C; then call ``ending``, before those who still wait for an answer are cut off."""
        tls = self._tls
        config = uvicorn.Config(
            guarded(page, self._names, self._accounts),
            http=_Punctual,
            ws="none",
            # Its log would name addresses and paths, and go to stderr.
            log_config=None,
            access_log=False,
            server_header=False,
            limit_concurrency=LIMITS.connections,
            h11_max_incomplete_event_size=LIMITS.head,
            # Whoever waits for an answer then waits for nothing.
            timeout_graceful_shutdown=1,
            ssl_context_factory=(lambda *_: tls) if tls is not None else None,
        )
        self.server = _Server(config, ending)
        self.server.run(sockets=[self._socket])

    def close(self) -> None:
        """Give the address back."""
        self._socket.close()


class _Server(uvicorn.Server):
    """A server that says that it ends as soon as it is told to."""

    def __init__(self, config: uvicorn.Config, ending: Callable[[], None]) -> None:
        super().__init__(config)
        self._ending = ending

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Say so, and end."""
        self._ending()
        await super().shutdown(sockets)


class _Punctual(H11Protocol):
    """A connection that is given up when the head of a request does not come in time."""

    _late: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as there
        """Begin to wait."""
        super().connection_made(transport)
        self._watch()

    def data_received(self, data: bytes) -> None:
        """Go on waiting, or stop where the head is there."""
        super().data_received(data)
        self._watch()

    def connection_lost(self, exc: Exception | None) -> None:
        """Stop waiting."""
        super().connection_lost(exc)
        self._stop()

    def _watch(self) -> None:
        # Between two requests it waits for the next one only once that has begun; before, the server has its own bound.
        if self.cycle is not None and not self.cycle.response_complete:
            self._stop()
        elif self._late is None:
            self._late = self.loop.call_later(LIMITS.head_seconds, self.transport.close)

    def _stop(self) -> None:
        if self._late is not None:
            self._late.cancel()
            self._late = None


def _address(text: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(text)
    except ValueError:
        return None


def _tls(certificate: Path, key: Path) -> ssl.SSLContext:
    """Return what encrypts with these files. Raises AccessError."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    try:
        # An empty password, so that nothing waits for one to be typed.
        context.load_cert_chain(certificate, key, password="")
    except (OSError, ValueError) as error:
        why = error.strerror if isinstance(error, OSError) and error.strerror else "they do not fit together"
        raise AccessError(
            f"The certificate {certificate} and the key {key} cannot be used: {why}. Give them as PEM files, the key "
            "without a passphrase."
        ) from error
    return context


def _keep_heaps_few() -> None:
    """Let all threads share a few heaps, where the C library is glibc.

    It gives nearly every thread one of its own, up to eight for each core, and each keeps what its largest question
    took: over ten thousand questions the memory of a chat grew by 15 MB, none of which was in use.
    """
    with suppress(AttributeError, OSError, TypeError):
        ctypes.CDLL(None).mallopt(_M_ARENA_MAX, _HEAPS)


def _take(host: str, port: int | None) -> socket.socket:
    """Return a socket that listens there. Raises FundstelleError."""
    at = _LOCAL if host == "localhost" else host
    family = socket.AF_INET6 if ":" in at else socket.AF_INET
    for one in range(_FIRST, _LAST + 1) if port is None else (port,):
        try:
            return socket.create_server((at, one), family=family, backlog=LIMITS.connections)
        except OSError as error:
            if error.errno != errno.EADDRINUSE:
                raise FundstelleError(
                    f"The chat cannot be reached at {host}, port {one}: {error.strerror}. Give an address of this "
                    "computer with --host, and a port above 1023 with --port."
                ) from error
    taken = f"Port {port} is" if port else f"The ports from {_FIRST} on are"
    raise FundstelleError(f"{taken} in use. Choose another one with --port.")
