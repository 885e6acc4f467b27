"""The chat over the sample articles, with the real model, as a reader meets it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import ProxyHandler, Request, build_opener

import pytest
from playwright.sync_api import Browser

import rag
from rag.chat import EXAMPLES
from rag.folding import fold
from tests.browser import driving
from tests.browser.driving import Reader

pytestmark = pytest.mark.browser

ENGLISH = "What did Dmitriev propose?"
GERMAN = "Wer wurde beim Gefangenenaustausch freigelassen?"
UNRELATED = "How do I bake a chocolate cake?"


@pytest.fixture(scope="module")
def address(checkout: Path, chromium: Browser) -> Iterator[str]:
    with driving.chat(checkout, ["app.py"]) as address:
        first = Reader(chromium, address)
        first.ready()
        first.close()
        yield address


@pytest.fixture(scope="module")
def engine(checkout: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[rag.Engine]:
    with rag.open(checkout / "seeds", index=tmp_path_factory.mktemp("index")) as engine:
        yield engine


@pytest.fixture
def visit(chromium: Browser, address: str) -> Iterator[Callable[..., Reader]]:
    readers: list[Reader] = []

    def visit(**wishes) -> Reader:
        readers.append(Reader(chromium, address, **wishes))
        return readers[-1]

    yield visit
    for reader in readers:
        reader.close()


@pytest.mark.parametrize("question", [ENGLISH, GERMAN])
def test_every_quoted_sentence_and_the_highlighted_passage_stand_in_the_cited_file(visit, checkout, question):
    reader = visit()
    reader.ask(question)

    quotes = reader.quotes()
    assert 1 <= len(quotes) <= 2
    numbers = reader.answer().locator(".fs-quote .fs-cite").all_inner_texts()
    for quote, number in zip(quotes, numbers, strict=True):
        reader.open(int(number))
        path, passage = reader.cited(checkout / "seeds")
        assert reader.marked() == passage
        assert quote in reader.marked(".fs-sentence")
        assert quote in fold(path.read_text("utf-8"))
        header = reader.page.locator(".fs-source header").inner_text()
        assert path.name in header
        assert "paragraph" in header
        assert reader.page.locator("#fs-panel mark").first.is_visible()


def test_the_chat_shows_exactly_what_the_engine_answers(visit, engine):
    reader = visit()
    reader.ask(ENGLISH)

    answer = engine.ask(ENGLISH)
    cited = list(dict.fromkeys(statement.hit for statement in answer.statements))
    others = [number for number in range(len(answer.hits)) if number not in cited]
    passages = reader.answer().locator(".fs-passage p[dir]").evaluate_all("all => all.map(p => p.textContent)")
    assert reader.quotes() == [statement.text for statement in answer.statements]
    assert passages == [answer.hits[number].passage.text for number in cited + others]


@pytest.mark.parametrize("question", EXAMPLES)
def test_every_example_is_a_question_that_the_sample_articles_answer(engine, question):
    assert engine.ask(question).statements


def test_the_first_source_is_there_with_the_answer_and_says_which_number_it_is(visit, checkout):
    reader = visit()
    reader.ask(ENGLISH)

    assert reader.marked() == reader.cited(checkout / "seeds")[1]
    reader.answer().locator(".fs-quote").first.locator('.fs-cite[aria-current="true"]').wait_for()


@pytest.mark.parametrize(
    ("question", "said"),
    [
        (UNRELATED, r"The articles [a-z ]*do not answer this question\."),
        ("Wie backe ich einen Schokoladenkuchen?", r"Die Artikel beantworten diese Frage [a-z ]*nicht\."),
    ],
)
def test_an_unrelated_question_is_not_answered_but_the_nearest_passages_are_offered(visit, question, said):
    reader = visit()
    reader.ask(question)

    assert re.match(said, reader.answer().inner_text())
    assert reader.quotes() == []
    assert reader.answer().locator(".fs-passage .fs-cite").count() == 5


def test_citations_of_an_earlier_answer_still_open(visit, checkout):
    reader = visit()
    reader.ask(ENGLISH)
    first = reader.page.locator(".fs-source").get_attribute("data-place")
    reader.ask(GERMAN)
    assert reader.page.locator(".fs-source").get_attribute("data-place") != first

    number = reader.answer(0).locator(".fs-quote .fs-cite").first.inner_text()
    reader.open(int(number), turn=0)

    assert reader.page.locator(".fs-source").get_attribute("data-place") == first
    assert reader.marked() == reader.cited(checkout / "seeds")[1]


def test_a_question_that_leans_on_the_one_before_says_what_was_searched_for_and_can_be_asked_alone(visit, engine):
    reader = visit()
    reader.ask("Wer ist Steve Witkoff?")
    reader.ask("Und was sagte er?")
    assert "Witkoff" in reader.answer().locator(".fs-searched").inner_text()

    reader.page.get_by_role("button", name="Nur suchen, was ich getippt habe").click()
    reader.page.locator(".fs-answer").nth(2).wait_for()

    assert reader.answer().locator(".fs-searched").count() == 0
    assert reader.quotes() == [statement.text for statement in engine.ask("Und was sagte er?").statements]


def test_the_keyboard_alone_opens_a_citation(visit, checkout):
    reader = visit()
    reader.ask(ENGLISH)
    reader.answer().locator(".fs-quote .fs-cite").last.focus()
    reader.page.keyboard.press("Enter")
    reader.page.wait_for_function("document.activeElement.matches('.fs-source h2')")

    assert reader.marked() == reader.cited(checkout / "seeds")[1]


def test_an_example_is_answered_at_a_click(visit):
    reader = visit()
    reader.page.get_by_text(ENGLISH).click()
    reader.page.locator(".fs-answer .fs-quote").first.wait_for()

    assert reader.page.locator(".fs-question").inner_text() == ENGLISH


def test_an_empty_question_says_nothing_and_the_conversation_can_be_cleared(visit):
    reader = visit()
    reader.page.fill("#fs-box textarea", "   ")
    reader.page.keyboard.press("Enter")
    reader.settle()
    assert reader.page.locator(".fs-question").count() == 0

    reader.ask(ENGLISH)
    reader.page.get_by_label("Clear").click()
    reader.page.locator(".fs-empty").wait_for()
    assert reader.page.locator(".fs-question").count() == 0
    assert reader.page.locator(".fs-source").count() == 0


def test_a_reloaded_page_starts_anew_and_answers(visit):
    reader = visit()
    reader.ask(ENGLISH)
    reader.page.reload()
    reader.page.wait_for_selector("#fs-box textarea")
    reader.ready()
    assert reader.page.locator(".fs-answer").count() == 0

    reader.ask(GERMAN)
    assert reader.quotes()


def test_on_a_narrow_screen_the_source_comes_into_view_and_leads_back(visit, checkout):
    reader = visit(size=driving.NARROW)
    reader.ask(ENGLISH)
    assert reader.page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    number = reader.answer().locator(".fs-quote .fs-cite").last
    assert _in_view(reader, ".fs-question")

    reader.open(int(number.inner_text()))
    assert reader.marked() == reader.cited(checkout / "seeds")[1]
    assert _in_view(reader, "#fs-panel mark")
    assert _in_view(reader, ".fs-source h2")

    reader.page.get_by_text("Back to the answer").click()
    assert number.evaluate("button => document.activeElement === button")
    assert _in_view(reader, ".fs-cite:focus")


def test_a_reader_who_prefers_dark_gets_light_text_on_dark_ground(visit):
    reader = visit(dark=True)
    reader.ask(ENGLISH)

    for place in (".fs-quote p", ".fs-source h2", ".fs-paragraph p"):
        assert _lightness(reader, place, "color") > 180
    for place in ("body", "#fs-evidence", "#fs-panel mark"):
        assert _lightness(reader, place, "backgroundColor") < 110


@pytest.mark.parametrize(
    ("path", "headers"),
    [
        ("/gradio_api/file=pyproject.toml", {}),
        ("/gradio_api/file=/etc/passwd", {}),
        ("/openapi.json", {}),
        ("/", {"Origin": "http://evil.example"}),
        ("/", {"Host": "evil.example"}),
    ],
)
def test_no_file_of_the_machine_is_served_and_no_stranger_let_in(address, path, headers):
    with pytest.raises(HTTPError) as refused:
        build_opener(ProxyHandler({})).open(Request(address + path, headers=headers), timeout=60)
    refused.value.close()

    assert refused.value.code in (400, 403, 404)


def _in_view(reader: Reader, selector: str) -> bool:
    box = reader.page.locator(selector).first.bounding_box()
    assert box is not None
    size = reader.page.viewport_size
    assert size is not None
    return 0 <= box["y"] < size["height"] and box["x"] >= 0 and box["x"] + box["width"] <= size["width"]


def _lightness(reader: Reader, selector: str, what: str) -> float:
    red, green, blue = reader.page.locator(selector).first.evaluate(
        "(e, what) => getComputedStyle(e)[what].match(/[\\d.]+/g).slice(0, 3).map(Number)", what
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
