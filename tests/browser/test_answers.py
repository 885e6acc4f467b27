"""What stands round a quoted sentence: who said it, where else, how sure, and what was searched for."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Locator

from rag.folding import fold
from tests.browser import driving, standin
from tests.browser.driving import Reader

pytestmark = pytest.mark.browser

QUESTION = "What did he say?"
NEXT = "And about <b>money</b>?"


@pytest.fixture(scope="module")
def address(checkout: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("harbour")
    standin.write(folder)
    with driving.chat(checkout, [standin.__file__, str(folder)]) as address:
        yield address


def press(reader: Reader, button: Locator, key: str) -> None:
    """Reach a button of an answer and press it with the keyboard alone."""
    button.focus()
    reader.page.keyboard.press(key)


def searched(reader: Reader) -> str | None:
    """What the last answer says was searched for, None where it is the question itself."""
    note = reader.answer().locator(".fs-searched bdi").first
    return note.inner_text() if note.count() else None


@pytest.mark.parametrize(("locale", "line"), [("en-GB", "reported speech"), ("de-DE", "indirekte Rede")])
def test_the_speaker_is_named_and_the_name_opens_what_shows_it(visit, locale, line):
    reader = visit(locale=locale)
    reader.ask(QUESTION)
    said = reader.answer().locator("figcaption p").first
    assert said.inner_text() == f"— {standin.SPEAKER}, {line}"

    press(reader, said.get_by_role("button"), "Enter")
    said.locator('button[aria-current="true"]').wait_for()

    assert reader.page.locator("#fs-panel .fs-sentence").count() == 2
    assert reader.marked(".fs-sentence") == standin.SPEAKER + fold(standin.SENTENCE)
    assert reader.marked().startswith(f"{standin.SPEAKER} war im Hafen.")


def test_another_article_that_says_the_same_opens_at_that_place(visit):
    reader = visit()
    reader.ask(QUESTION)
    press(reader, reader.answer().get_by_role("button", name=f"{standin.OTHER}, paragraph 1"), "Space")
    reader.page.locator(".fs-source h2", has_text="Mehr").wait_for()

    assert reader.page.locator(".fs-source h2").inner_text() == standin.OTHER
    assert reader.marked() == standin.OTHER_SENTENCE


@pytest.mark.parametrize(
    ("question", "locale", "sentence", "figure"),
    [
        (QUESTION, "en-GB", "This likely answers the question.", "70%"),
        (QUESTION, "de-DE", "Das beantwortet die Frage wahrscheinlich.", "70\u00a0%"),
        (
            f"What about {standin.UNANSWERED}?",
            "en-GB",
            "The articles very likely do not answer this question.",
            "96%",
        ),
    ],
)
def test_how_sure_the_answer_is_stands_in_words_and_the_figure_comes_at_a_key(
    visit, question, locale, sentence, figure
):
    reader = visit(locale=locale)
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
    reader.page.fill("#fs-question", "half typed")

    press(reader, reader.answer().get_by_role("button", name="Search only what I typed"), "Enter")
    reader.page.locator(".fs-searched").wait_for(state="detached")
    reader.answered()

    assert searched(reader) is None
    assert reader.page.locator(".fs-question").all_inner_texts() == [QUESTION, NEXT]
    assert reader.page.locator("#fs-question").input_value() == "half typed"

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
    reader.page.get_by_role("button", name="New conversation").click()
    assert not switch.is_checked()
    press(reader, switch, "Space")

    reader.ask(QUESTION)
    reader.ask(NEXT)
    assert searched(reader) == f"{QUESTION} {NEXT}"

    press(reader, switch, "Space")
    reader.reload()
    assert switch.is_checked()


def test_all_of_it_fits_on_a_narrow_screen(visit):
    reader = visit(size=driving.NARROW)
    reader.ask(QUESTION)
    reader.ask(NEXT)

    assert reader.page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert reader.in_view("#fs-question")
    assert reader.in_view("#fs-follow-ups")
