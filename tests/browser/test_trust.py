"""Each citation says what has become of it, as its file is now; and the highlight is the quote, whatever was edited."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.browser import driving
from tests.browser.driving import Reader

pytestmark = pytest.mark.browser

QUOTE = "The council voted to dredge the old harbour before winter."
HARBOUR = f"A harbour for the north\n\nIt rained all day in the town.\n\n{QUOTE} Fishermen had asked for it.\n"
BRIDGE = "Die neue Brücke\n\nDer Bürgermeister hat am Montag die neue Brücke eröffnet.\n"
QUESTION = "What did the council vote to dredge?"
ABOVE = "Nobody had expected it.\n\nThe weather stayed bad.\n\n"
SAID = {
    "en-GB": {
        "exact": "exact in the file as it is now",
        "changed": "file changed since it was indexed; the quote is still in it",
        "lost": "file changed since it was indexed; the quote is no longer in it",
        "gone": "the file is gone",
    },
    "de-DE": {
        "exact": "wörtlich in der Datei, wie sie jetzt ist",
        "changed": "Datei seit dem Einlesen geändert; das Zitat steht noch darin",
        "lost": "Datei seit dem Einlesen geändert; das Zitat steht nicht mehr darin",
        "gone": "die Datei gibt es nicht mehr",
    },
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("trust")
    (folder / "harbour.txt").write_text(HARBOUR, "utf-8")
    (folder / "bridge.txt").write_text(BRIDGE, "utf-8")
    return folder


@pytest.fixture(scope="module")
def address(checkout: Path, folder: Path) -> Iterator[str]:
    with driving.chat(checkout, ["-m", "rag", "chat", str(folder), "--model", "hashing"]) as address:
        yield address


@pytest.fixture(autouse=True)
def whole(folder: Path) -> Iterator[None]:
    """Leaves the folder as it was, with the time of the file as it was, so that the index is as it was, too."""
    file = folder / "harbour.txt"
    before = file.stat()
    yield
    file.write_text(HARBOUR, "utf-8")
    os.utime(file, ns=(before.st_atime_ns, before.st_mtime_ns))


def standing(reader: Reader, within: str) -> str:
    """What the first citation says of itself: in the answer, or above the source."""
    return reader.page.locator(f"{within} .fs-standing").first.inner_text()


@pytest.mark.parametrize("locale", ["en-GB", "de-DE"])
def test_a_citation_says_what_has_become_of_its_file_also_after_a_reload(visit, folder, locale):
    reader, file = visit(locale=locale), folder / "harbour.txt"
    reader.ask(QUESTION)
    assert reader.quotes() == [QUOTE]
    assert standing(reader, ".fs-answer") == standing(reader, ".fs-source") == SAID[locale]["exact"]

    changes = {
        "changed": lambda: file.write_text(HARBOUR + "\nThe mayor thanked them.\n", "utf-8"),
        "lost": lambda: file.write_text(HARBOUR.replace("dredge", "fill"), "utf-8"),
        "gone": file.unlink,
    }
    for now, change in changes.items():
        change()
        reopen(reader)
        assert standing(reader, ".fs-source") == SAID[locale][now]
        # What the reader is shown is what was indexed, which is what was cited.
        assert reader.marked(".fs-sentence") == QUOTE

        reader.reload()
        reader.answered()
        reader.page.wait_for_selector(".fs-source")
        assert standing(reader, ".fs-answer") == standing(reader, ".fs-source") == SAID[locale][now]
        assert reader.marked(".fs-sentence") == QUOTE


def test_the_highlight_is_the_quote_also_where_text_came_above_it_and_the_folder_was_read_again(visit, folder):
    reader, file = visit(), folder / "harbour.txt"
    reader.ask(QUESTION)
    reread(reader, file, HARBOUR.replace("It rained", f"{ABOVE}It rained"))

    reopen(reader)
    assert reader.marked(".fs-sentence") == reader.marked() == QUOTE
    assert reader.page.locator(".fs-paragraph:has(mark.fs-sentence) .fs-number").inner_text() == "4"
    reader.reload()
    reader.answered()
    reader.page.wait_for_selector("#fs-panel mark")
    assert reader.marked() == QUOTE
    assert reader.in_view("#fs-panel mark")
    assert standing(reader, ".fs-answer") == SAID["en-GB"]["changed"]

    # Where the quote is nowhere any more, nothing is highlighted in its stead.
    reread(reader, file, HARBOUR.replace(QUOTE, "The council voted for something else altogether."))
    reopen(reader)
    assert reader.marked() == ""
    assert standing(reader, ".fs-source") == SAID["en-GB"]["lost"]
    reread(reader, file, HARBOUR)


def reopen(reader: Reader) -> None:
    """Press the first citation, whose source is shown already, and wait for it to be shown anew."""
    reader.page.locator(".fs-source").evaluate("source => { source.id = 'before' }")
    reader.answer().locator(".fs-quote .fs-cite").first.click()
    reader.page.wait_for_selector(".fs-source:not(#before)")
    reader.settle()


def reread(reader: Reader, file: Path, text: str) -> None:
    """Change a file and have the folder read again, by the button for it."""
    generation = reader.state()["generation"]
    file.write_text(text, "utf-8")
    reader.page.keyboard.press("Alt+A")
    reader.page.locator("[data-do=reread]").click()
    reader.indexed(generation + 1)
    reader.page.keyboard.press("Escape")
