"""How the tests under load and the benchmark start a chat, ask it as the page and as programs do, and look at it."""

from __future__ import annotations

import asyncio
import json
import os
import re
import shutil
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from rag.settings import DEFAULTS

ROOT = Path(__file__).parent.parent.parent
Reply = dict[str, Any]
# Seconds: for one answer on a machine under load, and for the model and the index when the chat begins.
PATIENCE, MORE_PATIENCE = 120.0, 180.0
_ADDRESS = re.compile(r"http://127\.0\.0\.1:\d+")


@dataclass(frozen=True, slots=True)
class Usage:
    """What a process holds: resident memory in kilobytes, open file descriptors, threads, temporary files."""

    memory: int
    descriptors: int
    threads: int
    temporary: int


@dataclass(frozen=True, slots=True)
class Server:
    """A chat that runs: its address, its process and the folder for its temporary files."""

    address: str
    pid: int
    temporary: Path

    def usage(self) -> Usage:
        """What the process holds now."""
        place = Path(f"/proc/{self.pid}")
        found = dict(re.findall(r"(VmRSS|Threads):\s+(\d+)", (place / "status").read_text("ascii")))
        return Usage(
            int(found["VmRSS"]),
            len(list((place / "fd").iterdir())),
            int(found["Threads"]),
            sum(1 for _ in self.temporary.rglob("*")),
        )


def checkout(folder: Path) -> Path:
    """Copy what a chat needs, so that its indexes lie in ``folder`` and not in the repository."""
    for name in ("rag", "seeds"):
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    (folder / "embeddings").mkdir()
    for name in ("model", "translations"):
        (folder / "embeddings" / name).symlink_to(ROOT / "embeddings" / name, target_is_directory=True)
    shutil.copy(ROOT / "pyproject.toml", folder)
    return folder


@contextmanager
def serving(folder: Path, arguments: Sequence[str], environment: Mapping[str, str] | None = None) -> Iterator[Server]:
    """Run ``python`` with ``arguments`` in the checkout ``folder`` until the block ends.

    Its temporary files have a folder of their own. What it writes on stderr must be nothing.
    """
    temporary = folder / "tmp"
    temporary.mkdir(exist_ok=True)
    surroundings = {**os.environ, "PYTHONPATH": str(folder), "TMPDIR": str(temporary), **(environment or {})}
    process = subprocess.Popen(
        [sys.executable, *arguments], cwd=folder, env=surroundings, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    try:
        line = process.stdout.readline()
        address = _ADDRESS.search(line)
        assert address, f"the chat did not print its address but {line!r}"
        yield Server(address.group(), process.pid, temporary)
    finally:
        process.terminate()
        process.communicate(timeout=30)


def connection() -> httpx.AsyncClient:
    """A client of its own. It lets go of an idle connection before the server does, which would lose a question."""
    return httpx.AsyncClient(limits=httpx.Limits(max_connections=None, keepalive_expiry=1.0), timeout=PATIENCE)


class Page:
    """Calls the functions of the page as its script does, with a session of its own."""

    def __init__(self, address: str, client: httpx.AsyncClient) -> None:
        self.address, self.client = address, client
        self._session = uuid.uuid4().hex[:10]
        self._component = 0
        self._corpus = ""

    def other(self) -> Page:
        """Another page beside this one, with the same corpus."""
        page = Page(self.address, self.client)
        page._component, page._corpus = self._component, self._corpus
        return page

    async def begin(self) -> None:
        """Find the functions and the first corpus, and wait until it can be asked."""
        config = (await self.client.get(f"{self.address}/config", timeout=PATIENCE)).json()
        [self._component] = [one["id"] for one in config["components"] if one["props"].get("elem_id") == "fs-page"]
        self._corpus = (await self.call("start"))["corpora"][0]["key"]
        end = time.monotonic() + MORE_PATIENCE
        while (await self.call("state"))["phase"] != "ready":
            assert time.monotonic() < end, "the index is not ready"
            await asyncio.sleep(0.1)

    async def call(self, name: str, *, patience: float = PATIENCE, **wish: object) -> Reply:
        """Call a function and return its reply."""
        reply = await self.client.post(
            f"{self.address}/gradio_api/component_server/",
            json={
                "data": {"corpus": self._corpus, "language": "en", **wish},
                "component_id": self._component,
                "fn_name": name,
                "session_hash": self._session,
            },
            timeout=patience,
        )
        assert reply.status_code == 200, f"{name}: {reply.status_code} {reply.text[:200]}"
        told: Reply = json.loads(reply.json())
        return told

    async def ask(self, question: str, *, patience: float = PATIENCE) -> Reply:
        """Ask and return the answer as the object of its JSON. Raises AssertionError with what went wrong."""
        reply = await self.call("ask", patience=patience, question=question)
        assert "error" not in reply, reply["error"]
        answer: Reply = json.loads(reply["answer"])
        return answer


async def join(address: str, client: httpx.AsyncClient, question: str, *, bare: bool = False) -> str:
    """Ask as a program does that knows only HTTP, and return the number under which the answer can be had.

    ``bare`` is an endpoint that takes nothing but the question.
    """
    wishes = [question] if bare else [question, None, DEFAULTS.hits, True, None, None, None, None, None, None]
    reply = await client.post(f"{address}/gradio_api/call/ask", json={"data": wishes}, timeout=PATIENCE)
    assert reply.status_code == 200, reply.text[:200]
    return str(reply.json()["event_id"])


async def fetch(address: str, client: httpx.AsyncClient, number: str) -> Reply:
    """Wait for the answer with this number. Raises AssertionError with what went wrong."""
    told = await client.get(f"{address}/gradio_api/call/ask/{number}", timeout=PATIENCE)
    kind, data = re.findall(r"event: (complete|error)\ndata: (.*)", told.text)[-1]
    assert kind == "complete", data
    [answer] = json.loads(data)
    return dict(answer)


async def program(address: str, client: httpx.AsyncClient, question: str, *, bare: bool = False) -> Reply:
    """Ask as such a program and wait for the answer. Raises AssertionError with what went wrong."""
    return await fetch(address, client, await join(address, client, question, bare=bare))
