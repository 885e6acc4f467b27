"""Conversations: kept in the reader's own browser, taken up again, changed, stopped, judged."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from rag.evaluation import feedback
from tests.browser import driving, standin
from tests.browser.driving import Reader

pytestmark = pytest.mark.browser

FIRST = "What did Dmitriev propose?"
SECOND = "What does Trump say about Zelensky?"
THIRD = "Who was released in the prisoner exchange?"


@pytest.fixture(scope="module")
def address(checkout: Path) -> Iterator[str]:
    with driving.chat(checkout, ["-m", "rag", "chat", "--model", "hashing"]) as address:
        yield address


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The articles of a chat whose answers can be held up."""
    standin.write(tmp_path)
    return tmp_path


def questions(reader: Reader) -> list[str]:
    return reader.page.locator(".fs-question").all_inner_texts()


def kept(reader: Reader) -> list[str]:
    """The titles in the window of conversations, which this leaves open."""
    reader.page.keyboard.press("Alt+C")
    reader.page.locator("#fs-kept li").first.wait_for()
    # Of rows that are not drawn yet, or out of sight, the browser tells no inner text.
    return reader.page.locator("#fs-kept .fs-link").all_text_contents()


def keeps(reader: Reader, count: int) -> None:
    """Wait until the browser keeps so many turns of the only conversation."""
    reader.until(
        "() => import(new URL('desk/store.js', document.baseURI).href).then((store) => store.list())"
        f".then((kept) => kept[0]?.turns.length === {count})"
    )


def test_a_conversation_is_there_again_after_a_reload_with_citations_that_open(visit, checkout):
    reader = visit()
    reader.ask(FIRST)
    reader.ask(SECOND)
    reader.open(1, turn=0)
    place, quotes = reader.place, [reader.quotes(0), reader.quotes(1)]

    reader.reload()
    reader.answered()

    assert questions(reader) == [FIRST, SECOND]
    assert [reader.quotes(0), reader.quotes(1)] == quotes
    reader.shows(place)
    assert reader.in_view("#fs-panel mark:not(.fs-other)")
    for turn in (1, 0):
        reader.open(1, turn=turn)
        assert reader.marked() == reader.cited(checkout / "seeds")[1]


def test_the_back_button_steps_between_sources_and_conversations(visit):
    reader = visit()
    reader.ask(FIRST)
    first = reader.place
    reader.open(2)
    second = reader.place
    assert first != second

    reader.page.go_back()
    reader.shows(first)
    reader.page.go_forward()
    reader.shows(second)

    reader.page.get_by_role("button", name="New conversation").click()
    reader.page.locator("#fs-turns > li").wait_for(state="detached")
    reader.ask(SECOND)
    assert questions(reader) == [SECOND]
    # The source that came with its answer is a step of its own.
    assert reader.place not in (first, second)
    reader.page.go_back()
    expect(reader.page).not_to_have_url(re.compile("&s="))
    assert questions(reader) == [SECOND]
    reader.page.go_back()
    expect(reader.page.locator(".fs-question")).to_have_text([FIRST])
    reader.shows(second)


def test_after_the_program_was_started_again_the_page_goes_on(chromium: Browser, checkout: Path):
    arguments = ["-m", "rag", "chat", "--model", "hashing", "--port", str(driving.free_port())]
    with driving.chat(checkout, arguments) as address:
        reader = Reader(chromium, address)
        reader.ready()
        reader.ask(FIRST)
        quotes, there = reader.quotes(), reader.page.url
    # The program has ended: a question is answered with what to do, and stays.
    reader.type(SECOND)
    error = reader.page.locator(".fs-error")
    expect(error).to_contain_text("The program does not answer")
    keeps(reader, 2)
    reader.page.goto("about:blank")
    reader.complaints.clear()  # that nobody answered is all they say

    with driving.chat(checkout, arguments):
        reader.visit(there)
        reader.answered(0)
        assert questions(reader) == [FIRST, SECOND]
        assert reader.quotes(0) == quotes
        reader.open(1, turn=0)
        assert reader.marked() == reader.cited(checkout / "seeds")[1]
        reader.ask(THIRD)
        assert reader.quotes()
        reader.close()


def test_two_tabs_at_once_lose_nothing(chromium, checkout, folder):
    with driving.chat(checkout, [standin.__file__, str(folder)]) as address:
        one = Reader(chromium, address)
        one.ready()
        one.ask("What did he say?")
        other = one.tab(one.page.url)
        other.answered()

        # While one tab waits for its answer, the other asks and is answered.
        one.type(f"Who has {standin.HELD}?")
        one.page.locator(".fs-waiting").wait_for()
        expect(other.page.locator(".fs-question")).to_have_count(2)
        other.ask("Where was he?")
        (folder / standin.GATE).touch()
        one.answered(1)

        everything = {"What did he say?", f"Who has {standin.HELD}?", "Where was he?"}
        for tab in (one, other):
            expect(tab.page.locator(".fs-question")).to_have_count(3)
            expect(tab.page.locator(".fs-answer")).to_have_count(3)
            assert set(questions(tab)) == everything
        other.reload()
        other.answered()
        assert set(questions(other)) == everything
        one.close()


def test_conversations_are_searched_taken_up_and_deleted(visit):
    reader = visit()
    for question in (FIRST, THIRD):
        reader.ask(question)
        reader.page.get_by_role("button", name="New conversation").click()
        reader.page.locator("#fs-turns > li").wait_for(state="detached")
    titles, window = reader.page.locator("#fs-kept .fs-link"), reader.page.locator("#fs-conversations")
    assert kept(reader) == [THIRD, FIRST]

    reader.page.fill("#fs-search", "DMITRIEV propose")
    expect(titles).to_have_text([FIRST])
    reader.page.fill("#fs-search", "nothing like it")
    expect(window.locator(".fs-note", has_text="Nothing found.")).to_be_visible()
    reader.page.fill("#fs-search", "")
    expect(titles).to_have_text([THIRD, FIRST])

    titles.last.click()
    reader.answered()
    assert questions(reader) == [FIRST]
    reader.page.keyboard.press("Alt+C")
    window.get_by_role("button", name=f"Delete: {FIRST}").click()
    expect(titles).to_have_text([THIRD])
    # The one that was on the page is gone from it, too.
    expect(reader.page.locator(".fs-question")).to_have_count(0)

    reader.page.once("dialog", lambda asked: asked.dismiss())
    window.get_by_role("button", name="Delete all").click()
    expect(titles).to_have_text([THIRD])
    reader.page.once("dialog", lambda asked: asked.accept())
    window.get_by_role("button", name="Delete all").click()
    expect(window.get_by_text("No conversation yet.")).to_be_visible()
    reader.reload()
    reader.page.keyboard.press("Alt+C")
    expect(window.get_by_text("No conversation yet.")).to_be_visible()


def test_a_question_is_edited_and_asked_again_in_its_place(visit):
    reader = visit()
    reader.ask(FIRST)
    reader.ask(SECOND)
    before = reader.quotes(0)
    edit = reader.page.get_by_role("button", name="Edit and ask again").first
    edit.click()
    box = reader.page.locator(".fs-edit")
    assert box.input_value() == FIRST
    box.press("Escape")
    expect(edit).to_be_focused()
    assert questions(reader) == [FIRST, SECOND]

    edit.click()
    box.fill(THIRD)
    box.press("Enter")
    expect(reader.page.locator(".fs-question")).to_have_text([THIRD, SECOND])
    reader.answered(0)
    assert reader.quotes(0) != before
    shown = [reader.quotes(0), reader.quotes(1)]
    reader.reload()
    reader.answered()
    assert questions(reader) == [THIRD, SECOND]
    assert [reader.quotes(0), reader.quotes(1)] == shown


def test_a_question_that_waits_for_the_index_says_so_and_can_be_stopped(chromium, checkout, folder):
    with driving.chat(checkout, [standin.__file__, str(folder), "--held"]) as address:
        reader = Reader(chromium, address)
        said = reader.page.locator(".fs-said")
        expect(reader.page.locator("#fs-first")).to_contain_text("Loading the model…")
        reader.type("What did he say?")
        expect(said).to_have_text("Loading the model…")
        reader.page.get_by_role("button", name="Stop").click()
        expect(said).to_have_text("Stopped.")

        reader.type("Where was he?")
        expect(said.last).to_have_text("Loading the model…")
        (folder / standin.GATE).touch()
        reader.answered()
        assert reader.quotes()
        assert said.first.inner_text() == "Stopped."
        reader.close()


def test_a_running_answer_is_stopped_and_does_not_come_late(chromium, checkout, folder):
    with driving.chat(checkout, [standin.__file__, str(folder)]) as address:
        reader = Reader(chromium, address)
        reader.ready()
        reader.type(f"Who has {standin.HELD}?")
        expect(reader.page.locator(".fs-said")).to_have_text("Searching…")
        assert not reader.page.locator("#fs-send").is_visible()
        reader.page.keyboard.press("Escape")
        expect(reader.page.locator(".fs-said")).to_have_text("Stopped.")
        assert reader.page.locator("#fs-send").is_visible()

        with reader.page.expect_response(lambda reply: '"ask"' in (reply.request.post_data or "")):
            (folder / standin.GATE).touch()
        reader.ask("Where was he?")
        assert reader.page.locator(".fs-said").first.inner_text() == "Stopped."
        reader.reload()
        reader.answered()
        assert reader.page.locator(".fs-said").first.inner_text() == "Stopped."
        assert reader.page.locator(".fs-answer").count() == 1
        reader.close()


def test_a_question_outlives_a_reload_in_the_middle_of_its_answer_and_is_answered_when_asked_again(
    chromium, checkout, folder
):
    with driving.chat(checkout, [standin.__file__, str(folder)]) as address:
        reader = Reader(chromium, address)
        reader.ready()
        reader.type(f"Who has {standin.HELD}?")
        keeps(reader, 1)
        expect(reader.page.locator(".fs-said")).to_have_text("Searching…")
        reader.reload()
        expect(reader.page.locator(".fs-said")).to_have_text("Not answered yet.")
        # What the program still answers is for nobody: it comes to no page.
        (folder / standin.GATE).touch()
        reader.ask("Where was he?")
        assert reader.page.locator(".fs-said").first.inner_text() == "Not answered yet."
        assert questions(reader) == [f"Who has {standin.HELD}?", "Where was he?"]

        reader.page.locator("[data-do=edit]").first.click()
        reader.page.get_by_role("button", name="Ask again", exact=True).click()
        reader.answered(0)
        assert questions(reader) == [f"Who has {standin.HELD}?", "Where was he?"]
        expect(reader.page.locator(".fs-answer")).to_have_count(2)
        reader.close()


def test_questions_that_go_on_from_the_answer_are_asked_at_a_click(visit):
    reader = visit()
    reader.ask(FIRST)
    following = reader.page.locator(".fs-next button")
    following.first.wait_for()
    assert 1 <= following.count() <= 3
    question = following.first.inner_text()

    following.first.click()
    reader.answered(1)
    assert questions(reader) == [FIRST, question]
    assert reader.quotes(1)
    assert reader.answer(0).locator(".fs-next").count() == 0


def test_a_thumb_down_with_a_reason_lands_where_it_is_evaluated_and_stays_pressed(visit, checkout):
    reader = visit()
    reader.ask(SECOND)
    quotes = reader.quotes()
    reader.answer().get_by_role("button", name="No", exact=True).click()
    reader.answer().get_by_label("Why? (optional)").fill("Das steht anderswo.")
    reader.answer().get_by_role("button", name="Send").click()
    expect(reader.page.locator("#fs-notice")).to_contain_text("Noted")

    [file] = (checkout / "embeddings").glob("seeds-*.feedback.jsonl")
    entries, faults = feedback.read(file)
    assert faults == []
    assert (entries[-1].question, entries[-1].verdict, entries[-1].reason) == (SECOND, "down", "Das steht anderswo.")
    assert [place.quote for place in entries[-1].cited][: len(quotes)] == quotes
    assert entries[-1].corpus == str((checkout / "seeds").resolve())

    reader.reload()
    reader.answered()
    expect(reader.answer().get_by_role("button", name="No", exact=True)).to_have_attribute("aria-pressed", "true")
    expect(reader.answer().get_by_role("button", name="Yes", exact=True)).to_have_attribute("aria-pressed", "false")


def test_the_words_of_an_answer_follow_the_language_of_the_page(visit):
    reader = visit()
    reader.ask(FIRST)
    quotes = reader.quotes()
    assert "Where this stands" in reader.answer().inner_text()

    reader.page.keyboard.press("Alt+L")
    expect(reader.answer()).to_contain_text("wörtlich in der Datei, wie sie jetzt ist")
    expect(reader.page.locator(".fs-source header")).to_contain_text("wörtlich in der Datei, wie sie jetzt ist")
    assert "Where this stands" not in reader.answer().inner_text()
    assert reader.quotes() == quotes
    reader.ask("What does Trump say?")
    assert "exact" not in reader.answer().inner_text()
