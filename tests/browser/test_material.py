"""Articles come into the chat and go out of it: dropped, chosen, found on the disk; removed and put back."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import pytest
from playwright.sync_api import Browser

from tests.browser import driving, held
from tests.browser.driving import Reader
from tests.conftest import ARTICLES

pytestmark = pytest.mark.browser

BRIDGE = "Wer hat die neue Brücke eröffnet?"
BRIDGE_QUOTE = "Der Bürgermeister von Köln hat am Montag die neue Brücke eröffnet."
LIGHTHOUSE = "The lighthouse keeper\n\nThe lighthouse keeper painted the tower in red and white.\n"
LIGHTHOUSE_QUOTE = "The lighthouse keeper painted the tower in red and white."
LIGHTHOUSE_QUESTION = "What did the lighthouse keeper paint?"


class World(NamedTuple):
    """The folders of the chat, and the file that holds its indexing up."""

    news: Path
    archive: Path
    empty: Path
    hold: Path


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    base = tmp_path_factory.mktemp("world")
    world = World(base / "news", base / "archive", base / "empty", base / "hold")
    for folder in world[:3]:
        folder.mkdir()
    for name, text in ARTICLES.items():
        (world.news / name).parent.mkdir(exist_ok=True)
        (world.news / name).write_text(text, "utf-8")
    (world.news / "broken.txt").write_bytes(b"Not\0text")
    (world.archive / "mill.txt").write_text("The mill\n\nThe old mill burned down in the autumn of 1911.\n", "utf-8")
    return world


@pytest.fixture(scope="module")
def address(checkout: Path, world: World, chromium: Browser) -> Iterator[str]:
    with driving.chat(checkout, [held.__file__, str(world.hold), *map(str, world[:3])]) as address:
        # They take turns: one that is held up before the others are done would hold these up, too.
        first = Reader(chromium, address)
        first.ready()
        choose(first, world.archive)
        first.ready()
        first.close()
        yield address


@pytest.fixture
def hold(world: World) -> Iterator[Path]:
    """The file that holds the indexing up; it does not outlive a test that fails."""
    yield world.hold
    world.hold.unlink(missing_ok=True)


@pytest.fixture
def files(tmp_path: Path) -> Path:
    """Where the reader's own files lie."""
    (tmp_path / "lighthouse.txt").write_text(LIGHTHOUSE, "utf-8")
    (tmp_path / "picture.png").write_bytes(b"\x89PNG")
    (tmp_path / "leer.txt").write_text(" \n", "utf-8")
    return tmp_path


def drop(reader: Reader, paths: Sequence[Path], *, meanwhile: str = "") -> None:
    """Drop files on the middle of the page, as a file manager does; the page runs ``meanwhile`` before they fall."""
    session = reader.context.new_cdp_session(reader.page)
    data = {"items": [], "files": [str(path) for path in paths], "dragOperationsMask": 1}
    session.send("Input.dispatchDragEvent", {"type": "dragEnter", "x": 300, "y": 300, "data": data})
    # A hand is never quite still: the browser tells the page of a drag only where it moves.
    for step in range(1_000):
        session.send("Input.dispatchDragEvent", {"type": "dragOver", "x": 300 + step % 100, "y": 300, "data": data})
        if reader.page.locator("#fs[data-dropping]").count():
            break
        reader.page.wait_for_timeout(10)
    else:
        raise AssertionError("the page takes no notice of files that are dragged over it")
    reader.page.evaluate(meanwhile)
    session.send("Input.dispatchDragEvent", {"type": "drop", "x": 300, "y": 300, "data": data})


def noticed(reader: Reader, text: str) -> str:
    """Wait for a notice that says ``text``, and return the whole of it."""
    notice = reader.page.locator("#fs-notice", has_text=text)
    notice.wait_for()
    return notice.inner_text()


def holds(reader: Reader, count: int) -> None:
    """Wait until the page says that so many articles can be asked and nothing is being read."""
    reader.page.locator("#fs-status", has_text=re.compile(rf"^{count} (articles?|Artikel) ·")).wait_for()
    reader.ready()


def choose(reader: Reader, folder: Path) -> None:
    """Switch to another corpus, and wait until the page has: until then it shows the state of the one before."""
    changed = 'new Promise((then) => document.addEventListener("fs-corpus", then, { once: true }))'
    reader.page.evaluate(f"() => {{ window.changed = {changed}; }}")
    reader.page.select_option("#fs-corpus", label=folder.name)
    reader.page.evaluate("window.changed.then(() => true)")


def titles(reader: Reader) -> list[str]:
    return reader.page.locator("#fs-list .fs-link").all_text_contents()


def test_dropped_files_are_followed_one_by_one_and_questions_answered_meanwhile(visit, world, hold, files):
    reader = visit()
    page = reader.page
    hold.touch()
    drop(reader, [files / "lighthouse.txt", files / "picture.png"])
    said = noticed(reader, "lighthouse.txt was added.")
    assert "picture.png was not added: picture.png is not read; files that are read end in" in said
    assert not (world.news / "picture.png").exists()

    page.wait_for_selector("#fs[data-state=encoding]")
    assert page.inner_text("#fs-status").startswith("0 of 2 files ready")
    page.keyboard.press("Alt+a")
    work = page.locator("#fs-work")
    work.locator("li[data-step=encoding]", has_text="lighthouse.txt — being encoded").wait_for()
    work.get_by_role("progressbar").wait_for()
    assert "Questions are answered from what is ready." in work.inner_text()
    page.keyboard.press("Escape")

    reader.ask(BRIDGE)
    assert BRIDGE_QUOTE in reader.quotes()
    assert page.locator("#fs[data-state=encoding]").count() == 1

    hold.unlink()
    holds(reader, 4)
    assert "broken.txt — refused: broken.txt is not text" in work.evaluate("e => e.textContent")
    assert "1 refused" in page.inner_text("#fs-status")
    reader.ask(LIGHTHOUSE_QUESTION)
    assert reader.quotes()[0] == LIGHTHOUSE_QUOTE
    assert (world.news / "lighthouse.txt").read_text("utf-8") == LIGHTHOUSE


def test_chosen_files_are_added_and_what_is_refused_is_told_in_the_language_of_the_page(visit, files):
    reader = visit(locale="de-DE")
    page = reader.page
    page.get_by_role("button", name="Artikel", exact=True).click()
    with page.expect_file_chooser() as chooser:
        page.get_by_text("Dateien auswählen").click()
    chooser.value.set_files([files / "leer.txt", files / "picture.png", files / "lighthouse.txt"])

    said = noticed(reader, "lighthouse.txt wurde hinzugefügt.")
    assert "leer.txt wurde nicht hinzugefügt: leer.txt ist leer." in said
    assert "picture.png wurde nicht hinzugefügt: picture.png wird nicht gelesen; lesbar sind" in said
    broken = page.locator("#fs-work li", has_text="broken.txt — abgelehnt: broken.txt ist kein Text")
    broken.wait_for()


def test_an_article_is_removed_and_put_back(visit, world):
    reader = visit()
    page = reader.page
    page.keyboard.press("Alt+a")
    before = titles(reader)
    page.get_by_role("button", name="Remove: A harbour for the north").click()
    assert "The file lies in the folder .removed now." in noticed(reader, "A harbour for the north was removed.")
    assert titles(reader) == [title for title in before if title != "A harbour for the north"]
    assert not (world.news / "harbour.txt").exists()
    assert (world.news / ".removed" / "harbour.txt").exists()

    page.get_by_role("button", name="Undo").click()
    page.locator("#fs-list .fs-link", has_text="A harbour for the north").wait_for()
    assert titles(reader) == before
    assert (world.news / "harbour.txt").read_text("utf-8") == ARTICLES["harbour.txt"]


def test_a_file_that_was_put_into_the_folder_is_found_when_the_folder_is_read_again(visit, world):
    reader = visit()
    choose(reader, world.archive)
    reader.page.keyboard.press("Alt+a")
    reader.page.locator("#fs-list .fs-link", has_text="The mill").wait_for()
    (world.archive / "well.txt").write_text("The well\n\nThe well ran dry that summer.\n", "utf-8")
    reader.page.get_by_role("button", name="Read the folder again").click()
    reader.page.locator("#fs-list .fs-link", has_text="The well").wait_for()
    holds(reader, 2)


def test_files_fall_where_the_page_has_been_drawn_anew_under_them(visit, files):
    reader = visit()
    # Suggestions come and go by themselves.
    reader.page.evaluate(
        """() => {
            const suggestion = document.createElement("button");
            suggestion.id = "passing";
            suggestion.style.cssText = "position: fixed; inset: 250px auto auto 250px; width: 300px; height: 100px";
            document.querySelector("#fs").append(suggestion);
        }"""
    )
    (files / "lens.txt").write_text("The lens\n\nThe lens of the lighthouse was ground in Paris.\n", "utf-8")
    drop(reader, [files / "lens.txt"], meanwhile="document.querySelector('#passing').remove()")
    noticed(reader, "lens.txt was added.")


def test_an_empty_folder_says_what_to_do_and_then_answers(visit, world, files):
    reader = visit()
    choose(reader, world.empty)
    assert "There are no articles here yet. Drop .txt, .md or .html files anywhere" in reader.page.inner_text(
        "#fs-first"
    )
    drop(reader, [files / "lighthouse.txt"])
    holds(reader, 1)
    reader.page.locator("#fs-examples button").first.wait_for()
    assert reader.page.inner_text("#fs-first") == ""

    reader.ask(LIGHTHOUSE_QUESTION)
    assert reader.quotes() == [LIGHTHOUSE_QUOTE]


def test_a_conversation_opens_with_the_articles_it_is_about(visit, world):
    reader = visit()
    reader.ask(BRIDGE)
    assert BRIDGE_QUOTE in reader.quotes()
    choose(reader, world.archive)
    assert reader.page.locator("#fs-turns > li").count() == 0
    reader.ask("When did the old mill burn down?")
    assert reader.quotes() == ["The old mill burned down in the autumn of 1911."]

    reader.page.keyboard.press("Alt+c")
    reader.page.get_by_role("button", name=BRIDGE, exact=True).click()
    reader.answered()
    chosen = reader.page.locator("#fs-corpus").evaluate("select => select.selectedOptions[0].textContent")
    assert chosen == world.news.name
    reader.open(1)
    assert reader.cited(world.news) == (world.news / "bruecke.txt", BRIDGE_QUOTE)


def test_files_dropped_on_the_sample_articles_go_to_the_readers_own_which_are_watched(
    chromium: Browser, checkout: Path, tmp_path: Path, files: Path
):
    own = tmp_path / "data" / "fundstelle" / "My articles"
    command = ["-m", "rag", "chat", "--model", "hashing", "--watch"]
    with driving.chat(checkout, command, {"XDG_DATA_HOME": str(tmp_path / "data")}) as address:
        reader = Reader(chromium, address)
        holds(reader, 5)
        reader.page.keyboard.press("Alt+a")
        assert reader.page.get_by_role("button", name="Remove").count() == 0
        reader.page.keyboard.press("Escape")

        drop(reader, [files / "lighthouse.txt"])
        holds(reader, 1)
        assert reader.page.locator("#fs-corpus option").all_inner_texts() == ["Sample articles", "My articles"]
        assert (own / "lighthouse.txt").is_file()
        reader.ask(LIGHTHOUSE_QUESTION)
        assert reader.quotes() == [LIGHTHOUSE_QUOTE]

        (own / "harbour.txt").write_text(ARTICLES["harbour.txt"], "utf-8")
        holds(reader, 2)
        reader.close()
