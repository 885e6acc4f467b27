"""What a reader takes away: quotes in the clipboard, permalinks, the conversation as a file, and on paper."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

import rag
from rag.answerjson import citations
from rag.records import Citation
from rag.referencing import escaped
from tests.browser import driving
from tests.browser.driving import Reader

pytestmark = pytest.mark.browser

QUESTION = "What did the council vote to dredge?"
ASKED = (QUESTION, "Wer hat die neue Brücke eröffnet?")
QUOTE = "The council voted to dredge the old harbour before winter."
FISHERMEN = "Fishermen had asked for the work for years, in *vain*."
ARTICLES = {
    "harbour.txt": f"A harbour for the north\n\nBy Ann Lee\n\n{QUOTE}\n\n{FISHERMEN}\n",
    "sub/bruecke.txt": "Die neue Brücke\n\nDer Bürgermeister von Köln hat am Montag die neue Brücke eröffnet.\n",
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write(tmp_path_factory.mktemp("taking"))


def write(folder: Path) -> Path:
    for name, text in ARTICLES.items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(text, "utf-8")
    return folder


@pytest.fixture(scope="module")
def address(checkout: Path, folder: Path) -> Iterator[str]:
    with driving.chat(checkout, ["-m", "rag", "chat", str(folder), "--model", "hashing"]) as address:
        yield address


@pytest.fixture(scope="module")
def cited(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> list[Citation]:
    """Every citation of the answers to ``ASKED``."""
    with rag.open(folder, model="hashing", index=tmp_path_factory.mktemp("index")) as engine:
        return [one for question in ASKED for one in citations(engine.ask(question, follow_ups=False))]


def clipboard(reader: Reader) -> str:
    return reader.page.evaluate("navigator.clipboard.readText()")


def copy(reader: Reader, form: str) -> str:
    """Copy the first quote of the last answer in a form, and return what the clipboard then holds."""
    reader.page.evaluate("navigator.clipboard.writeText('')")
    copying = reader.answer().locator(".fs-copy").first
    copying.locator("summary").click()
    copying.get_by_role("button", name=form, exact=True).click()
    reader.until("() => navigator.clipboard.readText()")
    return clipboard(reader)


def linked(page: Page) -> str:
    """The paragraph that a permalink shows."""
    page.wait_for_selector("#fs-panel mark")
    return page.locator("#fs-panel mark").inner_text()


@pytest.mark.parametrize(("locale", "where"), [("en-GB", "paragraph"), ("de-DE", "Absatz")])
def test_a_quote_is_copied_with_its_citation_as_text_markdown_csl_json_and_link(visit, address, locale, where):
    reader = visit(locale=locale)
    reader.context.grant_permissions(["clipboard-read", "clipboard-write"], origin=address)
    reader.ask(QUESTION)

    quote, about, link = copy(reader, "Text").splitlines()
    assert quote == f"“{QUOTE}”"
    assert about.startswith("Ann Lee: A harbour for the north. ")
    assert about.endswith(f"(harbour.txt, {where} 1)")
    assert copy(reader, "Link") == link
    *above, below = copy(reader, "Markdown").splitlines()
    assert above == [f"> “{QUOTE}”", ">"]
    assert below.startswith("> — Ann Lee: *A harbour for the north*. ")
    assert below.endswith(f"([harbour.txt, {where} 1](<{link}>))")
    [item] = json.loads(copy(reader, "CSL-JSON"))
    assert (item["title"], item["annote"], item["URL"]) == ("A harbour for the north", quote, link)
    assert item["author"] == [{"literal": "Ann Lee"}]

    tab = reader.tab(link)
    assert linked(tab.page) == QUOTE
    assert tab.in_view("#fs-panel mark")


def test_a_paragraphs_number_is_its_permalink_also_after_a_restart_and_with_text_put_above_it(
    chromium: Browser, checkout: Path, tmp_path: Path
):
    write(tmp_path)
    file = tmp_path / "harbour.txt"
    arguments = ["-m", "rag", "chat", str(tmp_path), "--model", "hashing", "--port", str(driving.free_port())]
    with driving.chat(checkout, arguments) as address:
        reader = Reader(chromium, address)
        reader.ready()
        reader.context.grant_permissions(["clipboard-read", "clipboard-write"], origin=address)
        reader.ask(QUESTION)
        reader.page.get_by_label("Link to paragraph 2").click()
        reader.until("() => navigator.clipboard.readText().then((text) => text.includes('#at='))")
        link = clipboard(reader)
        assert reader.page.url.endswith(link.split("#")[1])

        tab = reader.tab(link)
        assert linked(tab.page) == FISHERMEN
        assert tab.page.locator("#fs-notice").count() == 0
        for page in (reader.page, tab.page):
            page.goto("about:blank")

    file.write_text(file.read_text("utf-8").replace(QUOTE, f"It rained on the town.\n\n{QUOTE}"), "utf-8")
    with driving.chat(checkout, arguments):
        reader.visit(link)
        assert linked(reader.page) == FISHERMEN
        assert reader.in_view("#fs-panel mark")
        assert reader.page.locator(".fs-paragraph:has(mark) .fs-number").inner_text() == "3"
        assert "has moved" in reader.page.locator("#fs-notice").inner_text()
        reader.close()


@pytest.fixture
def told(visit, address) -> Reader:
    """A reader with a conversation of two questions."""
    reader = visit()
    reader.page.get_by_label("Follow-ups").uncheck()
    for question in ASKED:
        reader.ask(question)
    return reader


def save(reader: Reader, form: str, folder: Path) -> Path:
    reader.page.get_by_role("button", name="Export or print").click()
    with reader.page.expect_download() as saved:
        reader.page.get_by_role("button", name=form, exact=True).click()
    reader.page.keyboard.press("Escape")
    file = folder / saved.value.suggested_filename
    saved.value.save_as(file)
    return file


def test_a_conversation_is_exported_with_every_citation_and_links_that_open(told, cited, tmp_path, chromium, address):
    markdown = save(told, "Markdown", tmp_path)
    page = save(told, "HTML", tmp_path)
    data = save(told, "JSON", tmp_path)
    assert [file.suffix for file in (markdown, page, data)] == [".md", ".html", ".json"]

    text, conversation = markdown.read_text("utf-8"), json.loads(data.read_text("utf-8"))
    assert [turn["question"] for turn in conversation["turns"]] == list(ASKED)
    kept = [rag.answerjson.answer_from_json(json.dumps(turn["answer"])) for turn in conversation["turns"]]
    assert [one for answer in kept for one in citations(answer)] == cited
    own = [entry.citation for answer in kept for entry in answer.statements]
    for question in ASKED:
        assert escaped(question) in text
    links = {(link["article_id"], link["start"]): link["url"] for link in conversation["links"]}
    for citation in own:
        assert escaped(citation.quote) in text
        assert f"{escaped(citation.article_id)}, paragraph {citation.paragraph}" in text
        assert links[citation.article_id, citation.start].startswith(f"{address}/#at=")

    # The page is opened from the disk, elsewhere, and asks for nothing; its links lead into the chat.
    context = chromium.new_context(locale="en-GB")
    requests: list[str] = []
    context.on("request", lambda request: requests.append(request.url))
    opened = context.new_page()
    opened.goto(page.as_uri())
    assert requests == [page.as_uri()]
    quotes = opened.locator(".statement blockquote").all_inner_texts()
    for citation, quote in zip(own, quotes, strict=True):
        assert citation.quote in quote
    opened.locator(f'figure a[href^="{address}"]').first.click()
    assert linked(opened) == QUOTE
    context.close()


def test_on_paper_are_all_questions_and_quotes_and_nothing_to_press(told, cited):
    told.page.evaluate("window.print = () => { window.printed = true }")
    told.page.get_by_role("button", name="Export or print").click()
    told.page.get_by_role("button", name="Print", exact=True).click()
    assert told.page.evaluate("window.printed")
    assert told.page.locator("dialog[open]").count() == 0

    told.page.emulate_media(media="print")
    # What else can be pressed on the screen is text on paper: the numbers, the folder's name, how sure the answer is.
    pressable = told.page.locator("#fs :is(button, input, textarea, summary, a):not(.fs-cite, #fs-status, .fs-skip)")
    left = {one.inner_text() for one in pressable.all() if one.is_visible()}
    assert left == set(told.page.locator(".fs-sure summary").all_inner_texts())
    looks = "summary => getComputedStyle(summary).listStyleType"
    assert told.page.locator(".fs-sure summary").first.evaluate(looks) == "none"
    shown = told.page.locator("#fs-turns").inner_text()
    for text in (*ASKED, *told.quotes(0), *told.quotes(1)):
        assert text in shown
    # Nothing is cut off at the end of a window, as it is on a screen.
    cut = """() => [...document.querySelectorAll('#fs-stream, #fs, .fs-talk, .fs-desk, html, body')]
        .filter(e => e.scrollHeight > e.clientHeight + 1 && getComputedStyle(e).overflowY !== 'visible')
        .map(e => e.id || e.className || e.tagName)"""
    assert told.page.evaluate(cut) == []
    paper = told.page.pdf(format="A6")
    assert paper.startswith(b"%PDF")
    assert paper.count(b"/Type /Page\n") + paper.count(b"/Type /Page ") >= 2
