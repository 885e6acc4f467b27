"""How the browser tests and the screenshots start a chat and look at it."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NoReturn

import pytest
from playwright.sync_api import Browser, Page

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
_PATIENCE = 60_000  # milliseconds; loading the model on a busy machine takes most of it


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


@contextmanager
def chat(checkout: Path, arguments: Sequence[str]) -> Iterator[str]:
    """Run ``python`` with ``arguments`` in ``checkout`` and give the address that it prints; end it with Ctrl-C."""
    environment = {**os.environ, "PYTHONPATH": str(checkout)}
    process = subprocess.Popen(
        [sys.executable, *arguments], cwd=checkout, env=environment, stdout=subprocess.PIPE, text=True
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
    """Somebody in front of the chat, who notes every request and every complaint of the browser."""

    def __init__(self, chromium: Browser, address: str, *, size: tuple[int, int] = WIDE, dark: bool = False) -> None:
        self.requests: list[str] = []
        self.complaints: list[str] = []
        self.address = address
        width, height = size
        self.context = chromium.new_context(
            viewport={"width": width, "height": height},
            color_scheme="dark" if dark else "light",
            reduced_motion="reduce",  # smooth scrolling takes its time
            locale="en-GB",
        )
        self.context.set_default_timeout(_PATIENCE)
        self.page: Page = self.context.new_page()
        self.page.on("request", lambda request: self.requests.append(request.url))
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("console", lambda note: self.complaints.append(note.text) if note.type == "error" else None)
        self.page.goto(address)
        self.page.wait_for_selector("#fs-box textarea")

    def ready(self) -> None:
        """Wait until the index is there."""
        self.page.wait_for_function("/^[0-9,]+ articles? /.test(document.querySelector('#fs-status').innerText)")

    def ask(self, question: str) -> None:
        """Ask and wait for what is said to it."""
        said = self.page.locator("#fs-chatbot :is(.fs-answer, .fs-error)")
        before = said.count()
        self.page.fill("#fs-box textarea", question)
        self.page.keyboard.press("Enter")
        said.nth(before).wait_for()
        self.settle()

    def open(self, number: int, *, turn: int = -1) -> None:
        """Click the first citation [number] of an answer and wait for its article."""
        button = self.answer(turn).locator(".fs-cite", has_text=re.compile(rf"^{number}$")).first
        place = button.get_attribute("data-place")
        button.click()
        self.page.wait_for_function("p => document.querySelector('.fs-source')?.dataset.place === p", arg=place)
        self.settle()

    def settle(self) -> None:
        """Let the page scroll to where it wants to be."""
        self.page.wait_for_timeout(150)

    def answer(self, turn: int = -1):
        answers = self.page.locator(".fs-answer")
        return answers.nth(turn if turn >= 0 else answers.count() + turn)

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

    def marked(self, kind: str = "") -> str:
        """The text that is highlighted in the article."""
        return "".join(self.page.locator(f"#fs-panel mark{kind}").evaluate_all("m => m.map(e => e.textContent)"))

    def cited(self, folder: Path) -> tuple[Path, str]:
        """The file that the panel says it shows, and what the file has at the offsets of the citation, folded."""
        key = self.page.locator(".fs-source").get_attribute("data-place")
        article_id, start, end, _ = json.loads(key or "")
        path = folder / article_id
        return path, fold(path.read_bytes().decode("utf-8")[start:end])

    def close(self) -> None:
        """Go, and complain of any request that left the machine and of any error on the page."""
        outside = [url for url in self.requests if not url.startswith((self.address, "data:", "blob:"))]
        self.context.close()
        assert outside == []
        assert self.complaints == []
