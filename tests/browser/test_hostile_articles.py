"""Articles, file names and questions that try to be more than text."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.browser import driving
from tests.browser.driving import Reader

pytestmark = pytest.mark.browser

IMAGE = '<img src="http://evil.example/i.png" onerror="window.caught=1">'
TITLE = f"Zebra {IMAGE} <script>window.caught=1</script> and \u202eits [stripes](javascript:window.caught=1)"
TEXT = (
    f"The zebra {IMAGE} grazes in the savanna ![far](http://evil.example/m.png) at dawn. "
    "It drinks ${(window.caught=1)} and `{{window.caught=1}}` rests, $$\\href{javascript:window.caught=1}{x}$$ says "
    "<a href='javascript:window.caught=1'>a link</a> at https://evil.example/ or www.evil.example. "
    "<iframe src=http://evil.example></iframe><svg onload=window.caught=1></svg><style>body{display:none}</style> "
    "Its \u202eeman\u202c is read from the right. &lt;b&gt; stays &amp;lt; as it is."
)
NAME = "<img src=x onerror=window.caught=1> 'quoted\" .txt"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("hostile")
    (folder / NAME).write_text(f"{TITLE}\n\n{TEXT}\n", "utf-8")
    (folder / "plain.txt").write_text("Harbour\n\nThe council voted to dredge the harbour before winter.\n", "utf-8")
    (folder / "empty.txt").write_text("", "utf-8")
    return folder


@pytest.fixture(scope="module")
def reader(chromium: Browser, checkout: Path, folder: Path) -> Iterator[Reader]:
    with driving.chat(checkout, ["-m", "rag", "chat", str(folder), "--model", "hashing"]) as address:
        reader = Reader(chromium, address)
        yield reader
        reader.close()


def test_another_folder_than_the_sample_has_no_examples_and_names_what_it_holds(reader):
    reader.ready()

    assert reader.page.locator("#fs-chatbot .example").count() == 0
    assert reader.page.locator("#fs-status").inner_text().startswith("2 articles")
    assert "1 file skipped" in reader.page.locator("#fs-status").inner_text()


def test_what_an_article_says_is_shown_and_never_done(reader, folder):
    reader.ask("Where does the zebra graze, and what does it drink in the savanna?")
    reader.open(1)

    path, passage = reader.cited(folder)
    assert path.name == NAME
    assert reader.marked() == passage
    assert IMAGE in passage
    shown = reader.page.locator(".fs-source").evaluate("e => e.textContent")
    for text in (TITLE, NAME, "${(window.caught=1)}", "`{{window.caught=1}}`", "&amp;lt;", "[stripes](javascript:"):
        assert text in shown
    _assert_nothing_happened(reader)


def test_a_question_is_shown_as_it_was_typed(reader):
    question = f"{IMAGE} **Is** the [harbour](http://evil.example) dredged? <b>$$x$$</b> https://evil.example"
    reader.ask(question)

    assert reader.page.locator(".fs-question").last.evaluate("e => e.textContent") == question
    _assert_nothing_happened(reader)


def test_a_citation_that_was_tampered_with_is_refused_in_a_sentence(reader):
    button = reader.page.locator(".fs-quote .fs-cite").first
    honest = button.get_attribute("data-place")
    for key in ("", "[]", '["../../etc/passwd", 0, 9, []]', '["plain.txt", 5, 999999, []]', "[" * 5_000, "<b>x</b>"):
        button.evaluate("(button, key) => { button.dataset.place = key }", key)
        button.click()
        said = reader.page.locator("#fs-panel .fs-error").inner_text()
        assert re.fullmatch(r"[A-Z][^<]+\.", said), said
        button.evaluate("(button, key) => { button.dataset.place = key }", honest)
        reader.open(1, turn=0)


def test_too_long_a_question_is_refused_in_a_sentence(reader):
    reader.page.locator("#fs-box textarea").evaluate("box => box.removeAttribute('maxlength')")
    reader.ask("zebra " * 500)

    assert "characters" in reader.page.locator("#fs-chatbot .fs-error").last.inner_text()


def _assert_nothing_happened(reader: Reader) -> None:
    page = reader.page
    assert page.evaluate("window.caught") is None
    inside = page.locator("#fs-chatbot .message-wrap, #fs-panel")
    assert inside.locator("img, iframe, script, style, a, object, embed, form, math, .katex").count() == 0
    assert not [url for url in reader.requests if "evil" in url]
