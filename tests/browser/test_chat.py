"""The chat over the sample articles, with the real model, as a reader meets it: ask, and see where it stands."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import ProxyHandler, Request, build_opener

import pytest
from playwright.sync_api import Browser

import rag
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
def engine(checkout: Path, address: str) -> Iterator[rag.Engine]:
    """An engine over the index that the chat has made."""
    [index] = (one for one in (checkout / "embeddings").glob("seeds-*") if one.is_dir())
    with rag.open(checkout / "seeds", index=index) as engine:
        assert engine.report.encoded == 0
        yield engine


def passages(reader: Reader, article_id: str) -> list[tuple[int, int]]:
    """Where in an article the passages stand that the conversation on the page cites, those that touch as one."""
    found: list[tuple[int, int]] = []
    keys = reader.page.locator("#fs-turns .fs-cite").evaluate_all("all => all.map(b => b.dataset.place)")
    for start, end in sorted({(key[1], key[2]) for key in map(json.loads, keys) if key[0] == article_id}):
        if found and start <= found[-1][1]:
            found[-1] = found[-1][0], max(end, found[-1][1])
        else:
            found.append((start, end))
    return found


@pytest.mark.parametrize("question", [ENGLISH, GERMAN])
def test_every_quoted_sentence_stands_in_the_cited_file_and_is_shown_there(visit, checkout, engine, question):
    reader = visit()
    reader.ask(question)
    assert reader.marked() == reader.cited(checkout / "seeds")[1]
    reader.answer().locator(".fs-quote").first.locator('.fs-cite[aria-current="true"]').wait_for()

    quotes = reader.quotes()
    assert 1 <= len(quotes) <= 2
    numbers = reader.answer().locator(".fs-quote .fs-cite").all_inner_texts()
    for quote, number in zip(quotes, numbers, strict=True):
        reader.open(int(number))
        path, passage = reader.cited(checkout / "seeds")
        assert reader.marked() == passage
        assert quote in reader.marked(".fs-sentence")
        assert quote in fold(path.read_text("utf-8"))
        assert path.name in reader.page.locator(".fs-source header").inner_text()
        assert reader.in_view("#fs-panel mark:not(.fs-other)")

    blocks = engine.article(path.name).blocks
    paragraphs = [str(block.paragraph) for block in blocks if block.paragraph]
    assert reader.page.locator("#fs-panel .fs-number").all_inner_texts() == paragraphs


def test_the_chat_shows_exactly_what_the_engine_answers_and_how_it_was_found(visit, engine):
    reader = visit()
    reader.ask(ENGLISH)

    answer = engine.ask(ENGLISH)
    cited = list(dict.fromkeys(statement.hit for statement in answer.statements))
    hits = [answer.hits[number] for number in cited + [n for n in range(len(answer.hits)) if n not in cited]]
    shown = reader.answer().locator(".fs-passage p[dir]").evaluate_all("all => all.map(p => p.textContent)")
    assert reader.quotes() == [statement.text for statement in answer.statements]
    assert shown == [hit.passage.text for hit in hits]

    how = reader.answer().locator(".fs-how")
    assert not how.first.locator("dl").is_visible()
    how.first.locator("summary").click()
    assert how.first.locator("dl").is_visible()
    facts = how.evaluate_all("all => all.map(one => [...one.querySelectorAll('dd')].map(d => d.textContent))")
    for hit, (understood, matches, *figures) in zip(hits, facts, strict=True):
        assert understood == answer.standalone
        pairs = [m.asked if m.asked == m.found else f"{m.asked} → {m.found}" for m in hit.matches]
        assert matches == (", ".join(pairs) or "No word of the question stands here; the meaning is alike.")
        scores = f"{hit.dense:.2f}", f"{hit.lexical:.2f}", f"{round(100 * hit.coverage)}%", f"{hit.score:.2f}"
        assert tuple(figures) == scores
    assert any(hit.matches for hit in hits)

    sure = reader.answer().locator(".fs-sure")
    assert not sure.locator("p").is_visible()
    sure.locator("summary").click()
    assert sure.locator("p").inner_text().startswith(f"{round(100 * answer.confidence)}%: ")


def test_everything_the_conversation_cites_of_an_article_is_marked_and_has_its_tick(visit, engine):
    reader = visit()
    reader.ask(ENGLISH)
    reader.ask("What does Trump say about Zelensky?")
    reader.open(1, turn=0)

    article = engine.article(json.loads(reader.place)[0])
    spans = passages(reader, article.id)
    assert len(spans) >= 2
    marks = reader.page.locator("#fs-panel mark").evaluate_all("all => all.map(m => m.textContent).join('')")
    assert marks.split() == "".join(fold(article.text[start:end]) for start, end in spans).split()

    ticks = reader.page.locator("#fs-map button")
    paragraphs = reader.page.locator("#fs-panel .fs-paragraph:has(mark)")
    assert ticks.count() == paragraphs.count() >= 2
    for tick, paragraph in zip(ticks.all(), paragraphs.all(), strict=True):
        number = paragraph.locator(".fs-number").inner_text()
        assert tick.get_attribute("aria-label") == f"Hit in paragraph {number}"
        tick.click()
        top = paragraph.evaluate("p => p.getBoundingClientRect().top")
        assert 0 < top < driving.WIDE[1]
    tops = ticks.evaluate_all("all => all.map(tick => parseFloat(tick.style.top))")
    assert tops == sorted(tops)


def test_next_and_previous_go_through_the_hits_of_the_answer_round_and_round(visit):
    reader = visit()
    reader.ask(ENGLISH)
    cites = reader.answer().locator(".fs-cite")
    keys = list(dict.fromkeys(cites.evaluate_all("all => all.map(button => button.dataset.place)")))
    position = reader.page.locator("#fs-position")
    assert position.inner_text() == f"Hit 1 of {len(keys)}"

    for number, key in enumerate(keys[1:], start=2):
        reader.page.get_by_role("button", name="Next hit").click()
        reader.shows(key)
        assert position.inner_text() == f"Hit {number} of {len(keys)}"
        assert reader.in_view("#fs-panel mark:not(.fs-other)")
    reader.page.keyboard.press("Alt+ArrowDown")
    reader.shows(keys[0])
    reader.page.keyboard.press("Alt+ArrowUp")
    reader.shows(keys[-1])
    reader.page.get_by_role("button", name="Previous hit").click()
    reader.shows(keys[-2])


@pytest.mark.parametrize(
    ("question", "locale", "said"),
    [
        (UNRELATED, "en-GB", r"The articles [a-z ]*do not answer this question\."),
        ("Wie backe ich einen Schokoladenkuchen?", "de-DE", r"Die Artikel beantworten diese Frage [a-z ]*nicht\."),
    ],
)
def test_an_unrelated_question_is_not_answered_but_the_nearest_passages_are_offered(visit, question, locale, said):
    reader = visit(locale=locale)
    reader.ask(question)

    assert re.match(said, reader.answer().inner_text())
    assert reader.quotes() == []
    assert reader.place == ""
    assert reader.answer().locator(".fs-passage .fs-cite").count() == 5

    reader.open(1)
    assert reader.in_view("#fs-panel mark:not(.fs-other)")


def test_a_question_that_leans_on_the_one_before_says_what_was_searched_for_and_can_be_asked_alone(visit, engine):
    reader = visit(locale="de-DE")
    reader.ask("Wer ist Steve Witkoff?")
    reader.ask("Und was sagte er?")
    searched = reader.answer().locator(".fs-searched")
    assert "Witkoff" in searched.inner_text()

    reader.page.get_by_role("button", name="Nur suchen, was ich getippt habe").click()
    searched.wait_for(state="detached")
    reader.answered()

    assert reader.page.locator(".fs-question").all_inner_texts() == ["Wer ist Steve Witkoff?", "Und was sagte er?"]
    assert reader.quotes() == [statement.text for statement in engine.ask("Und was sagte er?").statements]


def test_examples_come_from_the_articles_and_are_answered_at_a_click(visit):
    reader = visit()
    examples = reader.page.locator("#fs-examples button")
    examples.first.wait_for()
    asked = examples.first.inner_text()
    assert 2 <= examples.count() <= 4

    examples.first.click()
    reader.answered()
    assert reader.page.locator(".fs-question").inner_text() == asked
    assert reader.quotes()

    reader.page.get_by_role("button", name="New conversation").click()
    reader.page.locator("#fs-turns > li").wait_for(state="detached")
    assert examples.first.is_visible()
    assert reader.place == ""
    reader.type("   ")
    reader.settle()
    assert reader.page.locator(".fs-question").count() == 0


def test_on_a_narrow_screen_the_source_opens_from_the_citation_and_leads_back_to_it(visit, checkout):
    reader = visit(size=driving.NARROW)
    reader.ask(ENGLISH)
    assert reader.in_view(".fs-question")
    assert not reader.in_view("#fs-panel")
    cite = reader.answer().locator(".fs-quote .fs-cite").last

    ways = {
        "button": lambda: reader.page.get_by_role("button", name="Back to the answer").click(),
        "key": lambda: reader.page.keyboard.press("Escape"),
        "browser": reader.page.go_back,
    }
    for name, back in ways.items():
        reader.open(int(cite.inner_text()))
        assert reader.marked() == reader.cited(checkout / "seeds")[1]
        assert reader.in_view("#fs-panel mark:not(.fs-other)"), name
        assert reader.in_view(".fs-source h2"), name
        assert not reader.in_view("#fs-question"), name
        assert reader.page.evaluate("document.documentElement.scrollWidth <= innerWidth")

        back()
        reader.page.wait_for_function("document.activeElement?.matches('.fs-cite')")
        assert cite.evaluate("button => document.activeElement === button"), name
        assert reader.in_view(".fs-cite:focus"), name


def test_a_reader_who_prefers_dark_gets_light_text_on_dark_ground(visit):
    reader = visit(dark=True)
    reader.ask(ENGLISH)

    for place in (".fs-quote p", ".fs-source h2", ".fs-paragraph p"):
        assert _lightness(reader, place, "color") > 180
    for place in ("#fs", ".fs-head", "#fs-panel mark"):
        assert _lightness(reader, place, "backgroundColor") < 110


@pytest.mark.parametrize(
    ("path", "headers"),
    [
        ("/gradio_api/file=pyproject.toml", {}),
        ("/gradio_api/file=/etc/passwd", {}),
        ("/desk/../page.py", {}),
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


def _lightness(reader: Reader, selector: str, what: str) -> float:
    red, green, blue = reader.page.locator(selector).first.evaluate(
        "(e, what) => getComputedStyle(e)[what].match(/[\\d.]+/g).slice(0, 3).map(Number)", what
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
