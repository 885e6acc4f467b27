"""The page speaks English or German, wholly: what is said in one language leaves no word behind in the other."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import NamedTuple

import pytest

from rag import rendering, wording
from rag.records import Language
from rag.webwords import WEB_WORDS
from tests.browser import driving, held
from tests.browser.driving import Reader
from tests.test_words import WORDS

pytestmark = pytest.mark.browser

QUESTION = "Was sagte Anna Berg zum Kanal?"
ARTICLES = {
    "kanal.md": "# Der Kanal\n\nAnna Berg war am Kanal. „Der Kanal wird im Mai tiefer gebaggert“, sagte Anna Berg.\n\n"
    "## Was kostet der Kanal?\n\nDer Kanal kostet vier Millionen Euro. Karl Kai sagte: „Der Kanal kostet zu viel.“\n",
    "nochmal/kanal.txt": "Kanal 2\n\n„Der Kanal wird im Mai tiefer gebaggert“, sagte Anna Berg.\n",
    "lock.txt": "The lock\n\nThe lock keeper waited for the barge on Tuesday.\n",
}
# The switch speaks to those who read the other language, and is marked so.
MEANT = {"other", "otherLabel"}

# Every text, name, title and hint of the page, hidden ones too; not those of articles, questions and conversations, nor
# what is marked as being in a language of its own.
COLLECT = """() => {
    const root = document.querySelector("#fs");
    const foreign = ".fs-text, .fs-question, bdi, code, .fs-link, .fs-edit, #fs [lang]";
    const found = [];
    const walk = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
    while (walk.nextNode()) {
        if (!walk.currentNode.parentElement.closest(foreign)) {
            found.push(walk.currentNode.textContent);
        }
    }
    for (const element of root.querySelectorAll("*:not([lang])")) {
        for (const name of ["aria-label", "title", "placeholder", "alt"]) {
            found.push(element.getAttribute(name) ?? "");
        }
    }
    return found.map((text) => text.trim()).filter(Boolean);
}"""


class World(NamedTuple):
    """The folders of the chat, and the file that holds its indexing up."""

    news: Path
    empty: Path
    hold: Path


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    base = tmp_path_factory.mktemp("world")
    world = World(base / "4711", base / "4712", base / "hold")
    for name, text in ARTICLES.items():
        (world.news / name).parent.mkdir(parents=True, exist_ok=True)
        (world.news / name).write_text(text, "utf-8")
    (world.news / "kaputt.txt").write_bytes(b"\0")
    world.empty.mkdir()
    return world


@pytest.fixture(scope="module")
def address(checkout: Path, world: World) -> Iterator[str]:
    with driving.chat(checkout, [held.__file__, str(world.hold), str(world.news), str(world.empty)]) as address:
        yield address


@pytest.fixture
def hold(world: World) -> Iterator[Path]:
    """The file that holds the indexing up; it does not outlive a test that fails."""
    yield world.hold
    world.hold.unlink(missing_ok=True)


def leaves(value: object) -> Iterator[str]:
    """The texts in a value of mappings and sequences."""
    if isinstance(value, str):
        yield value
    else:
        for part in value.values() if isinstance(value, Mapping) else value:
            yield from leaves(part)


def said_in(language: Language) -> set[str]:
    """Everything the product says in a language, with holes in braces."""
    page = {key: text for key, text in WORDS[language].items() if key not in MEANT}
    beyond = (rendering.words_in(language), WEB_WORDS[language], wording._LIMITS[language])
    return {text for part in (page, *map(asdict, beyond)) for text in leaves(part) if text}


def pattern(language: Language, other: Language) -> re.Pattern[str]:
    """What finds a text of ``language`` that ``other`` has not: short ones as a whole, longer ones anywhere."""
    texts = [re.split(r"\{\d?\}", text) for text in said_in(language) - said_in(other)]
    longer, short = [], []
    for parts in texts:
        if re.search(r"\w{3}", "".join(parts)):
            (longer if len("".join(parts)) > 12 else short).append(".+?".join(map(re.escape, parts)))
    return re.compile(rf"^(?:{'|'.join(short)})$|{'|'.join(longer)}")


FOREIGN = {"de": pattern("en", "de"), "en": pattern("de", "en")}
LANGUAGES: tuple[Language, Language] = ("de", "en")


def assert_spoken(reader: Reader, language: Language) -> list[str]:
    """Assert that nothing on the page is in the other language; return what is on it."""
    reader.page.wait_for_selector(f"html[lang={language}]")
    texts = reader.page.evaluate(COLLECT)
    assert [text for text in texts if FOREIGN[language].search(text)] == []
    return texts


def switch(reader: Reader, language: Language) -> None:
    """Have the page speak a language, and wait until the answers do."""
    reader.page.keyboard.press("Alt+l")
    reader.page.wait_for_selector(f"html[lang={language}]")
    for turn in reader.page.locator("#fs-turns > li").all():
        turn.locator(".fs-answer", has_text=WEB_WORDS[language].useful).wait_for()
    if reader.place:
        reader.page.locator(".fs-source .fs-standing", has_text=WEB_WORDS[language].standing["exact"]).wait_for()
    reader.settle()


def spoken_in_both(reader: Reader) -> None:
    """Assert that what the page shows is in one language, then in the other."""
    [other] = {"de", "en"} - {first := reader.page.evaluate("document.documentElement.lang")}
    assert_spoken(reader, first)
    switch(reader, other)
    assert_spoken(reader, other)


def unfold(reader: Reader) -> None:
    reader.page.evaluate("document.querySelectorAll('#fs details').forEach((one) => (one.open = true))")


@pytest.mark.parametrize(("locale", "word"), [("de-AT", "Fragen"), ("fr-FR", "Ask")], ids=lambda value: value)
def test_the_page_speaks_the_browsers_language_until_the_reader_chooses_another(visit, locale, word):
    reader = visit(locale=locale)
    page = reader.page
    other, button = ("Ask", "English") if word == "Fragen" else ("Fragen", "Deutsch")
    assert page.inner_text("#fs-send") == word
    page.locator("#fs-language", has_text=button).click()
    assert page.inner_text("#fs-send") == other

    reader.reload()
    assert page.inner_text("#fs-send") == other
    assert page.evaluate("document.documentElement.lang") == ("de" if other == "Fragen" else "en")


@pytest.mark.parametrize("locale", ["de-DE", "en-GB"])
def test_an_answer_with_all_that_unfolds_is_in_one_language(visit, locale):
    reader = visit(locale=locale)
    page = reader.page
    page.locator("#fs-examples button").first.wait_for()
    assert_spoken(reader, locale[:2])

    reader.ask(QUESTION)
    reader.ask("Und wann?")
    for shown in ("figcaption .fs-link", ".fs-also", ".fs-searched", ".fs-standing"):
        assert reader.page.locator(shown).count(), shown
    unfold(reader)
    reader.open(1)
    page.locator("[data-up='']").last.click()
    page.locator(".fs-reason").last.wait_for()
    page.locator(".fs-next").wait_for()
    spoken_in_both(reader)
    page.locator("[data-do=edit]").first.click()
    assert_spoken(reader, "en" if locale == "de-DE" else "de")


@pytest.mark.parametrize("locale", ["de-DE", "en-GB"])
def test_every_window_and_notice_is_in_one_language(visit, world, locale):
    reader = visit(locale=locale)
    page, language = reader.page, locale[:2]
    reader.ask(QUESTION)
    page.keyboard.press("Alt+a")
    assert page.locator("#fs-work li").count() == 1
    page.fill("#fs-since", "2001-01-01")
    page.locator("#fs-list input").first.check()
    assert_spoken(reader, language)
    page.keyboard.press("Alt+c")
    page.locator("#fs-kept .fs-note").first.wait_for()
    assert_spoken(reader, language)
    page.fill("#fs-search", "4711")
    page.locator("#fs-kept", has_text=WORDS[language]["noneFound"]).wait_for()
    assert_spoken(reader, language)
    page.keyboard.press("Escape")  # empties the field
    page.keyboard.press("Escape")
    page.locator("#fs-send").press("?")
    page.locator("#fs-help kbd").first.wait_for()
    assert_spoken(reader, language)
    page.keyboard.press("Escape")
    page.locator("#fs-take").click()
    assert_spoken(reader, language)
    page.keyboard.press("Escape")
    reader.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.locator(".fs-number").first.click()
    page.wait_for_selector("#fs-notice")
    texts = assert_spoken(reader, language)
    assert WORDS[language]["copied"] in texts


@pytest.mark.parametrize("language", LANGUAGES)
def test_nothing_to_ask_and_what_went_wrong_are_told_in_one_language(visit, world, language):
    reader = visit(locale=language)
    page = reader.page
    page.select_option("#fs-corpus", label=world.empty.name)
    page.wait_for_selector("#fs[data-state=empty]")
    assert WORDS[language]["emptyCorpus"] in assert_spoken(reader, language)
    reader.ask("Kanal?")
    assert_spoken(reader, language)

    page.select_option("#fs-corpus", label=world.news.name)
    page.wait_for_selector("#fs[data-state=ready]")
    reader.ask("Kanal " * 500)
    said = page.locator("#fs-turns .fs-error").inner_text()
    assert said.startswith({"de": "Die Frage hat ", "en": "The question has "}[language])
    reader.visit(f"{reader.address}/#at=nowhere/p1-x")
    reader.page.reload()
    said = page.locator("#fs-panel .fs-error")
    said.wait_for()
    assert said.inner_text().startswith(
        {"de": "Diese Artikel sind nicht ge", "en": "These articles are not open"}[language]
    )
    assert_spoken(reader, language)


def test_an_index_that_is_being_built_is_told_in_both_languages(visit, world, hold):
    reader = visit(locale="de-DE")
    page = reader.page
    page.select_option("#fs-corpus", label=world.empty.name)
    page.wait_for_selector("#fs[data-state=empty]")
    hold.touch()
    page.set_input_files("#fs-files", [world.news / "lock.txt", world.news / "kaputt.txt"])
    page.wait_for_selector("#fs[data-state=encoding]")
    page.wait_for_selector("#fs-work li[data-step=encoding]", state="attached")
    spoken_in_both(reader)
    hold.unlink()
    reader.ready()


def test_the_examples_are_questions_in_the_language_of_the_page(visit):
    reader = visit(locale="de-DE")
    examples = reader.page.locator("#fs-examples button")
    reader.page.locator("#fs-examples", has_text="Worum geht es bei").wait_for()
    assert examples.count() >= 2
    reader.page.keyboard.press("Alt+l")
    reader.page.locator("#fs-examples", has_text="about?").wait_for()
    assert "Worum" not in json.dumps(examples.all_inner_texts())
