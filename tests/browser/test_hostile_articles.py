"""Articles, file names and questions that try to be more than text."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.browser import driving
from tests.browser.driving import Reader

pytestmark = pytest.mark.browser

IMAGE = '<img src="http://evil.example/i.png" onerror="window.caught=1">'
SVG = '<svg onload="window.caught=1"><a href="data:text/html,<script>window.caught=1</script>">'
TITLE = f"Zebra {IMAGE} <script>window.caught=1</script> and \u202eits [stripes](javascript:window.caught=1)"
TEXT = (
    f"The zebra {IMAGE} grazes in the savanna ![far](http://evil.example/m.png) at dawn. "
    "It drinks ${(window.caught=1)} and `{{window.caught=1}}` rests, $$\\href{javascript:window.caught=1}{x}$$ says "
    "<a href='javascript:window.caught=1'>a link</a> at https://evil.example/ or www.evil.example. "
    "<iframe src=http://evil.example></iframe><svg onload=window.caught=1></svg><style>body{display:none}</style> "
    "[data](data:text/html;base64,PHNjcmlwdD4=) and <a href='data:text/html,<script>window.caught=1</script>'>x</a>. "
    "Its \u202eeman\u202c is read from the right. &lt;b&gt; stays &amp;lt; as it is."
)
NAME = "<img src=x onerror=window.caught=1> 'quoted\" .txt"
FOLDER = "<b onclick=window.caught=1>folder"
ZEBRA = "Where does the zebra graze, and what does it drink in the savanna?"
# A turn of direction in a name: it would read as "exe.txt" turned round.
TURNED = f"\u202etxt.{SVG.replace('/', '-')}.txt"
HARBOUR = f"{IMAGE} {SVG} **Is** the \u202e[harbour](http://evil.example) dredged? <b>$$x$$</b> https://evil.example"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("hostile") / FOLDER
    (folder / FOLDER).mkdir(parents=True)
    (folder / NAME).write_text(f"{TITLE}\n\n{TEXT}\n", "utf-8")
    (folder / FOLDER / "plain.txt").write_text("Harbour\n\nThe council voted to dredge the harbour before winter.\n")
    (folder / "<script>window.caught=1<script>.txt").write_text("", "utf-8")
    (folder / TURNED).write_text(f"{TITLE}\n\n{TEXT}\n", "utf-8")
    return folder


@pytest.fixture(scope="module")
def reader(chromium: Browser, checkout: Path, folder: Path) -> Iterator[Reader]:
    with driving.chat(checkout, ["-m", "rag", "chat", str(folder), "--model", "hashing"]) as address:
        reader = Reader(chromium, address)
        reader.ready()
        yield reader
        reader.close()


def test_what_an_article_says_is_shown_and_never_done(reader, folder):
    reader.ask(ZEBRA)
    reader.page.evaluate("document.querySelectorAll('#fs details').forEach((one) => (one.open = true))")
    number = reader.answer().locator(".fs-passage", has_text="grazes in the savanna").locator(".fs-cite").inner_text()
    reader.open(int(number))

    path, passage = reader.cited(folder)
    assert path.name == NAME
    assert reader.marked() == passage
    assert IMAGE in passage
    shown = reader.page.locator(".fs-source").evaluate("e => e.textContent")
    for text in (TITLE, NAME, "${(window.caught=1)}", "`{{window.caught=1}}`", "&amp;lt;", "[stripes](javascript:"):
        assert text in shown
    assert_nothing_happened(reader)


def test_a_question_is_shown_as_it_was_typed_and_answered_in_the_same_way_after_a_reload(reader):
    reader.ask(HARBOUR)
    assert reader.page.locator(".fs-question").last.evaluate("e => e.textContent") == HARBOUR
    assert_nothing_happened(reader)

    reader.reload()
    reader.answered()
    assert reader.page.locator(".fs-question").last.evaluate("e => e.textContent") == HARBOUR
    assert IMAGE in reader.page.locator("#fs-turns").evaluate("e => e.textContent")
    assert_nothing_happened(reader)


def test_titles_file_names_folders_and_questions_are_text_in_every_list(reader, folder):
    page = reader.page
    page.keyboard.press("Alt+a")
    page.locator("#fs-list .fs-link", has_text="Zebra").wait_for()
    assert TITLE in page.locator("#fs-list").evaluate("e => e.textContent")
    assert NAME in page.locator("#fs-list").evaluate("e => e.textContent")
    refused = page.locator("#fs-work").evaluate("e => e.textContent")
    assert "<script>window.caught=1<script>.txt" in refused
    # Seen as what it is, so that nothing is turned round.
    assert TURNED.replace("\u202e", "\\u202e") in refused
    assert page.locator("#fs-corpus option").evaluate("e => e.textContent") == FOLDER
    page.select_option("#fs-folder", FOLDER)
    page.locator("#fs-list input").check()
    page.keyboard.press("Escape")
    assert page.inner_text("#fs-filter span").startswith("Only in: Harbour")
    page.locator("#fs-filter button").click()

    page.keyboard.press("Alt+c")
    # The first question is the title of its conversation.
    page.get_by_role("button", name=ZEBRA, exact=True).wait_for()
    page.fill("#fs-search", "<b>")
    assert FOLDER in page.locator("#fs-kept").evaluate("e => e.textContent")
    page.keyboard.press("Escape")
    page.keyboard.press("Escape")
    assert_nothing_happened(reader)


def test_what_is_exported_is_as_inert_as_the_page(reader, tmp_path):
    page = reader.page
    page.locator("#fs-take").click()
    with page.expect_download() as download:
        page.locator("[data-export=html]").click()
    page.keyboard.press("Escape")
    file = tmp_path / "exported.html"
    download.value.save_as(file)
    assert "evil.example" in file.read_text("utf-8")

    other = reader.context.new_page()
    other.goto(file.as_uri())
    reader.requests.remove(file.as_uri())
    assert other.evaluate("window.caught") is None
    assert other.locator("img, iframe, script, object, embed, form, svg").count() == 0
    assert other.locator("a:not([href^='http://127.0.0.1'])").count() == 0
    assert_all_asked_for_is_the_chats_own(reader)
    other.close()


def test_a_citation_that_was_tampered_with_is_refused_in_a_sentence(reader):
    button = reader.page.locator("#fs-turns .fs-cite").first
    honest = button.get_attribute("data-place")
    before = reader.place
    refused = reader.page.locator("#fs-notice")
    for key in ("[]", '["../../etc/passwd", 0, 9, [], ""]', '["x.txt", 5, 999999, [[1]], ""]', "[" * 5_000, "<b>x</b>"):
        button.evaluate("(button, key) => { button.dataset.place = key }", key)
        reader.page.evaluate("document.querySelector('#fs-notice')?.remove()")
        button.click()
        said = refused.inner_text().strip()
        assert re.fullmatch(r"[A-Z][^<]+\.", said), said
        assert reader.place == before
    button.evaluate("(button, key) => { button.dataset.place = key }", honest)


def test_an_address_that_was_tampered_with_does_nothing(reader):
    address = reader.address
    for fragment in (
        "s=<img src=x onerror=window.caught=1>",
        "c=<b>x</b>",
        f"at={json.dumps([IMAGE])}",
        "at=/",
        "s=[]",
    ):
        reader.page.goto("about:blank")
        reader.visit(f"{address}/#{fragment}")
        reader.page.wait_for_function("document.activeElement.id === 'fs-question'")
        assert_nothing_happened(reader)


def test_too_long_a_question_is_refused_in_a_sentence(reader):
    reader.ask("zebra " * 500)
    assert "characters" in reader.page.locator("#fs-turns .fs-error").last.inner_text()


def assert_nothing_happened(reader: Reader) -> None:
    page = reader.page
    assert page.evaluate("window.caught") is None
    assert page.locator("#fs").locator("img, iframe, script, style, object, embed, math, svg, .katex").count() == 0
    assert page.locator("#fs").locator("a:not([data-link], .fs-skip, [href^='?'])").count() == 0
    assert page.locator("#fs").locator("[onclick], [onerror], [onload]").count() == 0
    assert_all_asked_for_is_the_chats_own(reader)


def assert_all_asked_for_is_the_chats_own(reader: Reader) -> None:
    """The browser's log of requests names the chat's address and no other; what the page makes itself goes nowhere."""
    assert not [url for url in reader.requests if not url.startswith((f"{reader.address}/", "blob:", "about:"))]
