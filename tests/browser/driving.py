"""How the browser tests and the screenshots start a chat and look at it."""

from __future__ import annotations

import json
import os
import re
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NoReturn

import pytest
from playwright.sync_api import Browser, BrowserContext, Locator, Page

from rag.folding import fold

ROOT = Path(__file__).parent.parent.parent
# No sandbox: it needs rights that containers and CI seldom give. The rest keeps the browser from calling home.
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
NEEDED = "Chromium is needed; on Debian and Ubuntu: apt-get install chromium"
WIDE = (1280, 800)
NARROW = (360, 740)
# Seconds within which what was asked for is scrolled to: the page may be drawn late on a busy machine.
SCROLLING = 5.0
# Milliseconds: for what the page does, while other tests run beside it, and for the index, of which loading the model
# takes most.
_PATIENCE = 60_000
_MORE_PATIENCE = 90_000
# Modules are there once only, so this is the one that the page itself calls the program with.
_STATE = "() => import(new URL('desk/server.js', document.baseURI).href).then((server) => server.call('state'))"


def find_chromium() -> str | None:
    return shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")


def miss_chromium() -> NoReturn:
    """Skip for want of Chromium; fail in CI, where a skipped test would be taken for a passed one."""
    if os.environ.get("CI"):
        pytest.fail(NEEDED)
    pytest.skip(NEEDED)


def copy_checkout(folder: Path) -> Path:
    for name in ("rag", "seeds"):
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    (folder / "embeddings").mkdir()
    for name in ("model", "translations"):
        shipped = ROOT / "embeddings" / name
        if shipped.is_dir():
            (folder / "embeddings" / name).symlink_to(shipped, target_is_directory=True)
    for name in ("app.py", "pyproject.toml"):
        shutil.copy(ROOT / name, folder)
    return folder


def free_port() -> int:
    """A port that nobody listens at, for a chat that is to be started again where it was."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@contextmanager
def chat(checkout: Path, arguments: Sequence[str], environment: Mapping[str, str] | None = None) -> Iterator[str]:
    """Run ``python`` with ``arguments`` in ``checkout`` and give the address that it prints; end it with Ctrl-C."""
    surroundings = {**os.environ, "PYTHONPATH": str(checkout), **(environment or {})}
    process = subprocess.Popen(
        [sys.executable, *arguments], cwd=checkout, env=surroundings, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    line = process.stdout.readline()
    address = re.search(r"http://127\.0\.0\.1:\d+", line)
    try:
        assert address, f"the chat did not print its address but {line!r}"
        yield address.group()
    finally:
        process.terminate()
        process.communicate(timeout=30)


class Reader:
    """Somebody in front of the chat, who notes every request and every complaint of the browser.

    ``locale`` is the browser's language; ``motion`` whether the page may move. Further tabs of the same browser come
    with ``tab``; ``close`` closes all.
    """

    def __init__(
        self,
        chromium: Browser,
        address: str,
        *,
        size: tuple[int, int] = WIDE,
        dark: bool = False,
        locale: str = "en-GB",
        motion: bool = False,
    ) -> None:
        width, height = size
        context = chromium.new_context(
            viewport={"width": width, "height": height},
            color_scheme="dark" if dark else "light",
            reduced_motion="no-preference" if motion else "reduce",  # smooth scrolling takes its time
            locale=locale,
            accept_downloads=True,
        )
        context.set_default_timeout(_PATIENCE)
        self._look(context, address, [], [])
        context.on("request", lambda request: self.requests.append(request.url))
        context.on("weberror", lambda error: self.complaints.append(str(error.error)))
        context.on("console", lambda note: self.complaints.append(note.text) if note.type == "error" else None)
        self.visit(address)

    def _look(self, context: BrowserContext, address: str, requests: list[str], complaints: list[str]) -> None:
        self.context, self.address = context, address
        self.requests, self.complaints = requests, complaints
        self.page: Page = context.new_page()

    def tab(self, address: str = "") -> Reader:
        """Another tab of the same browser, at ``address`` or where the chat begins."""
        other = object.__new__(Reader)
        other._look(self.context, self.address, self.requests, self.complaints)
        other.visit(address or self.address)
        return other

    def visit(self, address: str) -> None:
        """Go to an address of the chat and wait until the page is at work."""
        self.page.goto(address)
        self.begun()

    def reload(self) -> None:
        """Load the page anew and wait until it is at work."""
        self.page.reload()
        self.begun()

    def begun(self) -> None:
        """Wait until the page knows how far its corpus is."""
        self.page.wait_for_selector("#fs:not([data-state=starting])")

    def ready(self) -> None:
        """Wait until the index is there."""
        self.page.wait_for_selector("#fs[data-state=ready]", timeout=_MORE_PATIENCE)

    def state(self) -> dict:
        """How far the index of the corpus on the page is, as the page is told."""
        return self.page.evaluate(_STATE)

    def indexed(self, generation: int) -> None:
        """Wait until the corpus on the page can be asked in this generation of its index or a later one."""
        said = f"({_STATE})().then((state) => state.phase === 'ready' && state.generation >= {generation})"
        self.until(f"() => {said}", _MORE_PATIENCE)

    def until(self, done: str, patience: int = _PATIENCE) -> None:
        """Wait until a function of the page promises something true; the browser's own waiting takes no promises."""
        self.page.evaluate(
            f"""async () => {{
                const done = {done};
                const end = Date.now() + {patience};
                while (!(await done())) {{
                    if (Date.now() > end) throw new Error(`waited in vain for ${{done}}`);
                    await new Promise((then) => setTimeout(then, 30));
                }}
            }}"""
        )

    def ask(self, question: str) -> None:
        """Ask and wait for what is said to it."""
        said = self.page.locator("#fs-turns > li").count()
        self.type(question)
        self.answered(said)

    def type(self, question: str) -> None:
        """Ask, and do not wait."""
        self.page.fill("#fs-question", question)
        self.page.press("#fs-question", "Enter")

    def answered(self, turn: int = -1) -> None:
        """Wait until a turn has its answer, or what is said in its place."""
        self.page.locator("#fs-turns > li").nth(turn).locator(":is(.fs-answer, .fs-error)").wait_for()
        self.settle()

    def open(self, number: int, *, turn: int = -1) -> None:
        """Click the first citation [number] of an answer and wait for its article."""
        button = self.answer(turn).locator(".fs-cite", has_text=re.compile(rf"^{number}$")).first
        button.click()
        # On a narrow screen the source that was open last is still there, but out of sight.
        self.page.locator(".fs-source").wait_for(state="visible")
        self.shows(button.get_attribute("data-place") or "")

    def shows(self, place: str) -> None:
        """Wait until the source is that of a place, given as its key."""
        self.page.wait_for_function("p => document.querySelector('.fs-source')?.dataset.place === p", arg=place)
        self.settle()

    def settle(self) -> None:
        """Let the page draw what it has and scroll to where it wants to be."""
        self.page.evaluate("new Promise((then) => requestAnimationFrame(() => requestAnimationFrame(then)))")

    def answer(self, turn: int = -1) -> Locator:
        return self.page.locator("#fs-turns > li").nth(turn).locator(".fs-answer")

    def quotes(self, turn: int = -1) -> list[str]:
        """The sentences an answer leads with, without their citation numbers."""
        return (
            self.answer(turn)
            .locator(".fs-quote p")
            .evaluate_all(
                "found => found.map(p => [...p.childNodes].filter(n => n.nodeName !== 'BUTTON')"
                ".map(n => n.textContent).join('').trim())"
            )
        )

    @property
    def place(self) -> str:
        """The key of the place that the source shows, "" where there is none."""
        return self.page.evaluate("document.querySelector('.fs-source')?.dataset.place ?? ''")

    def marked(self, kind: str = ":not(.fs-other)") -> str:
        """The text that is highlighted in the article: the passage, or the marks of a ``kind``."""
        return "".join(self.page.locator(f"#fs-panel mark{kind}").evaluate_all("m => m.map(e => e.textContent)"))

    def cited(self, folder: Path) -> tuple[Path, str]:
        """The file that the panel says it shows, and what the file has at the offsets of the citation, folded."""
        article_id, start, end, *_ = json.loads(self.place)
        path = folder / article_id
        return path, fold(path.read_bytes().decode("utf-8")[start:end])

    def in_view(self, selector: str) -> bool:
        """Whether the first such element comes to lie in the window, and nothing covers its middle."""
        until = time.monotonic() + SCROLLING
        while not self._sees(selector):
            if time.monotonic() > until:
                return False
            self.page.wait_for_timeout(20)
        return True

    def _sees(self, selector: str) -> bool:
        return self.page.locator(selector).first.evaluate(
            """element => {
                const box = element.getClientRects()[0];
                const hit = box && document.elementFromPoint(box.x + box.width / 2, box.y + box.height / 2);
                return Boolean(hit) && (element.contains(hit) || hit.contains(element));
            }"""
        )

    def close(self) -> None:
        """Go, and complain of any request that left the machine and of any error on the page."""
        self.context.close()
        assert outside(self.requests, self.address) == []
        assert self.complaints == []


def outside(requests: Sequence[str], address: str) -> list[str]:
    """The requests that went elsewhere than to the chat at ``address``."""
    return [url for url in requests if not url.startswith((f"{address}/", "data:", "blob:"))]
