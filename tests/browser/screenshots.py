"""Takes the pictures of the chat in docs/screenshots: ``python -m tests.browser.screenshots``."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

from tests.browser import driving
from tests.browser.driving import Reader

PICTURES = driving.ROOT / "docs" / "screenshots"
QUESTION = "What did Dmitriev propose?"
GERMAN = "Wer wurde beim Gefangenenaustausch freigelassen?"


def take(chromium: Browser, address: str) -> None:
    """Take all pictures; each from a fresh page."""

    def reader(**wishes) -> Reader:
        reader = Reader(chromium, address, **wishes)
        reader.ready()
        return reader

    def shoot(reader: Reader, name: str) -> None:
        reader.page.mouse.move(0, 0)
        reader.page.screenshot(path=PICTURES / f"{name}.png")
        reader.close()

    start = reader()
    shoot(start, "chat-start")

    wide = reader()
    wide.ask(QUESTION)
    shoot(wide, "chat-wide")

    source = reader()
    source.ask(GERMAN)
    source.open(int(source.answer().locator(".fs-quote .fs-cite").last.inner_text()))
    shoot(source, "chat-source")

    dark = reader(dark=True)
    dark.ask(QUESTION)
    shoot(dark, "chat-dark")

    follow_up = reader()
    follow_up.ask(QUESTION)
    follow_up.ask("And what did he say about Biden?")
    follow_up.answer().locator(".fs-sure summary").click()
    shoot(follow_up, "chat-follow-up")

    nothing = reader()
    nothing.ask("How do I bake a chocolate cake?")
    shoot(nothing, "chat-nothing-found")

    narrow = reader(size=driving.NARROW)
    narrow.ask(QUESTION)
    narrow.page.screenshot(path=PICTURES / "chat-narrow.png")
    narrow.open(int(narrow.answer().locator(".fs-quote .fs-cite").last.inner_text()))
    shoot(narrow, "chat-narrow-source")


def main() -> None:
    """Start a chat of its own over the sample articles and take the pictures."""
    executable = driving.find_chromium()
    if executable is None:
        sys.exit(driving.NEEDED)
    PICTURES.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        checkout = driving.copy_checkout(Path(folder))
        chromium = playwright.chromium.launch(executable_path=executable, args=driving.FLAGS)
        with driving.chat(checkout, ["app.py"]) as address:
            take(chromium, address)
        chromium.close()


if __name__ == "__main__":
    main()
