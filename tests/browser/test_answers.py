"""What stands round a quoted sentence: who said it, where else, how sure, and what was searched for."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator

from rag.folding import fold
from tests.browser import driving, standin
from tests.browser.driving import Reader

pytestmark = pytest.mark.browser

QUESTION = "What did he say?"
NEXT = "And about <b>money</b>?"
LINE = f"— {standin.SPEAKER}, reported speech"


@pytest.fixture(scope="module")
def address(checkout: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("harbour")
    standin.write(folder)
    with driving.chat(checkout, [standin.__file__, str(folder)]) as address:
        yield address


@pytest.fixture
def visit(chromium: Browser, address: str) -> Iterator[Callable[..., Reader]]:
    readers: list[Reader] = []

    def visit(**wishes) -> Reader:
        readers.append(Reader(chromium, address, **wishes))
        readers[-1].ready()
        return readers[-1]

    yield visit
    for reader in readers:
        reader.close()


def press(reader: Reader, button: Locator, key: str) -> None:
    """Reach a button of an answer and press it with the keyboard alone."""
    button.focus()
    reader.page.keyboard.press(key)


def searched(reader: Reader) -> str | None:
    """What the last answer says was searched for, None where it is the question itself."""
    note = reader.answer().locator(".fs-searched bdi").first
    return note.inner_text() if note.count() else None


@pytest.mark.parametrize(("question", "line"), [(QUESTION, LINE), ("Was sagte er?", "indirekte Rede")])
def test_the_speaker_is_named_and_the_name_opens_what_shows_it(visit, question, line):
    reader = visit()
    reader.ask(question)
    said = reader.answer().locator("figcaption p").first
    assert line in said.inner_text()

    press(reader, said.get_by_role("button"), "Enter")
    reader.page.wait_for_function("document.querySelectorAll('#fs-panel .fs-sentence').length === 2")

    assert reader.marked(".fs-sentence") == standin.SPEAKER + fold(standin.SENTENCE)
    assert reader.marked().startswith(f"{standin.SPEAKER} war im Hafen.")
    said.locator('button[aria-current="true"]').wait_for()


def test_another_article_that_says_the_same_opens_at_that_place(visit):
    reader = visit()
    reader.ask(QUESTION)
    press(reader, reader.answer().get_by_role("button", name=f"{standin.OTHER}, paragraph 1"), "Space")
    reader.page.locator(".fs-source h2", has_text="Mehr").wait_for()

    assert reader.page.locator(".fs-source h2").inner_text() == standin.OTHER
    assert reader.marked() == standin.OTHER_SENTENCE


@pytest.mark.parametrize(
    ("question", "sentence", "figure"),
    [
        (QUESTION, "This likely answers the question.", "70%"),
        ("Was sagte er?", "Das beantwortet die Frage wahrscheinlich.", "70\u00a0%"),
        (f"What about {standin.UNANSWERED}?", "The articles very likely do not answer this question.", "96%"),
    ],
)
def test_how_sure_the_answer_is_stands_in_words_and_the_figure_comes_at_a_key(visit, question, sentence, figure):
    reader = visit()
    reader.ask(question)
    summary = reader.answer().locator(".fs-sure summary")
    detail = reader.answer().locator(".fs-sure p")
    assert summary.inner_text() == sentence
    assert not detail.is_visible()

    press(reader, summary, "Enter")

    assert detail.is_visible()
    assert detail.inner_text().startswith(f"{figure}: ")


def test_what_was_searched_for_is_told_and_can_be_asked_alone(visit):
    reader = visit()
    reader.ask(QUESTION)
    assert searched(reader) is None
    reader.ask(NEXT)
    assert searched(reader) == f"{QUESTION} {NEXT}"
    reader.page.fill("#fs-box textarea", "half typed")

    press(reader, reader.answer().get_by_role("button", name="Search only what I typed"), "Enter")
    reader.page.locator(".fs-answer").nth(2).wait_for()

    assert searched(reader) is None
    assert reader.page.locator(".fs-question").all_inner_texts() == [QUESTION, NEXT, NEXT]
    assert reader.page.locator("#fs-box textarea").input_value() == "half typed"

    reader.ask("And why?")
    assert searched(reader) == f"{QUESTION} {NEXT} And why?"


def test_follow_ups_can_be_switched_off_until_they_are_switched_on_or_the_page_is_reloaded(visit):
    reader = visit()
    switch = reader.page.get_by_label("Follow-ups")
    assert switch.is_checked()
    reader.ask(QUESTION)
    press(reader, switch, "Space")
    for _ in range(2):
        reader.ask(NEXT)
        assert searched(reader) is None
    reader.page.get_by_label("Clear").click()
    reader.page.locator(".fs-empty").wait_for()
    assert not switch.is_checked()

    reader.ask(QUESTION)
    press(reader, switch, "Space")
    reader.ask(NEXT)
    assert searched(reader) == f"{QUESTION} {NEXT}"

    press(reader, switch, "Space")
    reader.page.reload()
    reader.page.wait_for_selector("#fs-box textarea")
    assert reader.page.get_by_label("Follow-ups").is_checked()


@pytest.mark.parametrize("dark", [False, True])
def test_all_of_it_fits_on_a_narrow_screen_and_is_easily_read(visit, dark):
    reader = visit(size=driving.NARROW, dark=dark)
    reader.ask(QUESTION)
    reader.ask(NEXT)

    assert reader.page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert reader.page.get_by_label("Follow-ups").bounding_box()["y"] < driving.NARROW[1]
    ground = luminance(reader, "body", "backgroundColor")
    for place in (".fs-searched", ".fs-alone", ".fs-link", ".fs-sure summary", "figcaption p", "#fs-follow-ups span"):
        assert contrast(luminance(reader, place, "color"), ground) >= 4.5, place


def luminance(reader: Reader, selector: str, what: str) -> float:
    """The relative luminance of a colour, as WCAG 2.2 defines it, 0 (black) to 1 (white)."""
    red, green, blue = reader.page.locator(selector).last.evaluate(
        "(e, what) => getComputedStyle(e)[what].match(/[\\d.]+/g).slice(0, 3).map(n => n / 255)", what
    )
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in (red, green, blue)]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: float, other: float) -> float:
    """The contrast of two luminances, 1 to 21; WCAG 2.2 asks for 4.5 where text is read."""
    return (max(one, other) + 0.05) / (min(one, other) + 0.05)
