"""Takes the pictures of the chat in docs/screenshots: ``python -m tests.browser.screenshots [NAME…]``.

Owns which states are shown and how each comes about. Every picture is of a page of its own.
"""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

from tests.browser import driving
from tests.browser.driving import NARROW, Reader

PICTURES = driving.ROOT / "docs" / "screenshots"
QUESTION = "What did Dmitriev propose?"
FOLLOW_UP = "And what did he say about Biden?"
UNANSWERED = "How do I bake a chocolate cake?"
GERMAN = "Wer wurde beim Gefangenenaustausch freigelassen?"
SIZE = (1140, 700)  # two columns that can still be read in a document
PAPER = (794, 1123)  # A4 at 96 pixels an inch
ARCHIVE, EMPTY, MANY = "Archive", "New folder", "Newsroom"
COPIES = 90  # of each sample article: what takes a while to index

Act = Callable[[Reader, Path], None]
SCENES: dict[str, tuple[Act, Mapping[str, object]]] = {}


def scene(name: str, **wishes: object) -> Callable[[Act], Act]:
    """Note that a function makes the state of a picture; ``wishes`` are those of a Reader."""

    def note(act: Act) -> Act:
        SCENES[name] = act, wishes
        return act

    return note


def choose(reader: Reader, corpus: str) -> None:
    """Ask another folder from now on."""
    reader.page.select_option("#fs-corpus", label=corpus)
    reader.page.wait_for_selector("#fs:is([data-state=ready], [data-state=empty])")


def show(reader: Reader, window: str) -> None:
    reader.page.click(f'.fs-tools [data-open="{window}"], .fs-under [data-open="{window}"]')
    reader.page.locator(f"#{window}[open]").wait_for()


@scene("chat-start")
def start(reader: Reader, folder: Path) -> None:
    reader.page.locator("#fs-examples button").first.wait_for()


@scene("chat-wide")
@scene("chat-dark", dark=True)
@scene("chat-narrow", size=NARROW)
def answer(reader: Reader, folder: Path) -> None:
    reader.ask(QUESTION)
    reader.page.locator(".fs-next").wait_for()


@scene("chat-source")
@scene("chat-narrow-source", size=NARROW)
def source(reader: Reader, folder: Path) -> None:
    reader.ask(GERMAN)
    reader.open(int(reader.answer().locator(".fs-quote .fs-cite").last.inner_text()))


@scene("chat-german", locale="de-DE")
@scene("chat-german-dark-narrow", locale="de-DE", dark=True, size=NARROW)
def german(reader: Reader, folder: Path) -> None:
    reader.ask(GERMAN)
    reader.page.locator(".fs-next").wait_for()


@scene("chat-how-found")
def how_found(reader: Reader, folder: Path) -> None:
    reader.ask(QUESTION)
    for part in (".fs-sure", "figure .fs-copy", ".fs-how"):
        reader.answer().locator(f"{part} > summary").first.click()
    reader.answer().locator(".fs-how").first.evaluate("part => part.scrollIntoView({block: 'end'})")


@scene("chat-follow-up")
def follow_up(reader: Reader, folder: Path) -> None:
    reader.ask(QUESTION)
    reader.ask(FOLLOW_UP)
    reader.answer().locator(".fs-sure summary").click()
    reader.page.locator(".fs-next").wait_for()


@scene("chat-nothing-found")
def nothing_found(reader: Reader, folder: Path) -> None:
    reader.ask(UNANSWERED)


@scene("chat-conversations")
def conversations(reader: Reader, folder: Path) -> None:
    for question in (GERMAN, QUESTION):
        reader.page.click('[data-do="new"]')
        reader.ask(question)
    reader.ask(FOLLOW_UP)
    show(reader, "fs-conversations")
    reader.page.locator("#fs-kept button").first.wait_for()


@scene("chat-export")
def export(reader: Reader, folder: Path) -> None:
    reader.ask(QUESTION)
    show(reader, "fs-export")


@scene("chat-help")
def keys(reader: Reader, folder: Path) -> None:
    show(reader, "fs-help")


@scene("chat-print", size=PAPER)
def paper(reader: Reader, folder: Path) -> None:
    reader.ask(QUESTION)
    reader.page.emulate_media(media="print")


@scene("chat-empty-folder")
def empty(reader: Reader, folder: Path) -> None:
    choose(reader, EMPTY)


@scene("chat-articles")
@scene("chat-articles-narrow", size=NARROW)
def articles(reader: Reader, folder: Path) -> None:
    choose(reader, ARCHIVE)
    show(reader, "fs-articles")
    reader.page.fill("#fs-since", "2025-01-01")
    reader.page.locator("#fs-list input").nth(1).check()


@scene("chat-filtered")
def filtered(reader: Reader, folder: Path) -> None:
    articles(reader, folder)
    reader.page.click("#fs-articles .fs-title button")
    reader.ask(QUESTION)


def _changed(reader: Reader, folder: Path, change: Callable[[Path], object]) -> None:
    """Ask, change the file of the first citation behind the chat's back, and come back; then put it right again."""
    choose(reader, ARCHIVE)
    reader.ask(QUESTION)
    path, _ = reader.cited(folder / ARCHIVE)
    kept = path.read_bytes()
    change(path)
    try:
        reader.reload()
        reader.page.locator(".fs-answer .fs-standing").first.wait_for()
        reader.page.locator(".fs-source").wait_for()
        reader.settle()
    finally:
        path.write_bytes(kept)


@scene("chat-changed-file")
def changed(reader: Reader, folder: Path) -> None:
    _changed(reader, folder, lambda path: path.write_text("Update\n\n" + path.read_text("utf-8"), "utf-8"))


@scene("chat-lost-quote")
def lost(reader: Reader, folder: Path) -> None:
    _changed(reader, folder, lambda path: path.write_text(path.read_text("utf-8").replace("Dmitriev", "D."), "utf-8"))


@scene("chat-gone-file")
def gone(reader: Reader, folder: Path) -> None:
    _changed(reader, folder, Path.unlink)


def loading(reader: Reader, folder: Path) -> None:
    reader.page.wait_for_function("document.querySelector('#fs-first').textContent")


def indexing(reader: Reader, folder: Path) -> None:
    reader.page.wait_for_function("document.querySelector('#fs-work').textContent.match(/left/)", timeout=120_000)
    show(reader, "fs-articles")


def shoot(chromium: Browser, address: str, folder: Path, name: str, act: Act, **wishes) -> None:
    """Take one picture."""
    reader = Reader(chromium, address, **{"size": SIZE, **wishes})
    if act is not loading and act is not indexing:
        reader.ready()
    act(reader, folder)
    reader.page.mouse.move(0, 0)
    reader.page.evaluate("document.fonts.ready")
    reader.settle()
    reader.page.screenshot(path=PICTURES / f"{name}.png", full_page=name == "chat-print")
    reader.close()


def write(checkout: Path, folder: Path) -> None:
    """Write the folders that are shown: one with subfolders, one without anything, one that takes a while."""
    for name in (f"{ARCHIVE}/foreign", EMPTY, MANY):
        (folder / name).mkdir(parents=True)
    seeds = sorted((checkout / "seeds").glob("*.txt"))
    for i, path in enumerate(seeds):
        shutil.copy(path, folder / ARCHIVE / ("foreign" if i % 2 else "") / path.name)
        text = path.read_text("utf-8")
        for edition in range(1, COPIES + 1):
            (folder / MANY / f"{edition:03}-{i}.txt").write_text(f"Edition {edition}: {text}", "utf-8")
    (folder / MANY / "000-notes.txt").write_text("", "utf-8")
    (folder / ARCHIVE / "harbour.md").write_text(
        "---\ntitle: A deeper harbour\nauthor: Jane Doe\ndate: 2025-02-28\n---\n\n"
        "The council voted to dredge the harbour before winter. The works begin in March.\n",
        "utf-8",
    )


def main() -> None:
    """Start chats of its own and take the pictures, all or those named."""
    executable = driving.find_chromium()
    if executable is None:
        sys.exit(driving.NEEDED)
    PICTURES.mkdir(parents=True, exist_ok=True)
    wanted = sys.argv[1:] or [*SCENES, "chat-loading", "chat-indexing"]
    with tempfile.TemporaryDirectory() as scratch, sync_playwright() as playwright:
        folder = Path(scratch) / "folders"
        checkout = driving.copy_checkout(Path(scratch))
        write(checkout, folder)
        # The reader's own articles are nobody else's business.
        os.environ["XDG_DATA_HOME"] = str(Path(scratch) / "data")
        chromium = playwright.chromium.launch(executable_path=executable, args=driving.FLAGS)
        corpora = [str(folder / name) for name in (ARCHIVE, EMPTY)]
        with driving.chat(checkout, ["-m", "rag", "chat", "--quiet", "seeds", *corpora]) as address:
            if "chat-loading" in wanted:
                shoot(chromium, address, folder, "chat-loading", loading)
            for name, (act, wishes) in SCENES.items():
                if name in wanted:
                    shoot(chromium, address, folder, name, act, **wishes)
        if "chat-indexing" in wanted:
            with driving.chat(checkout, ["-m", "rag", "chat", "--quiet", str(folder / MANY)]) as address:
                shoot(chromium, address, folder, "chat-indexing", indexing)
        chromium.close()


if __name__ == "__main__":
    main()
