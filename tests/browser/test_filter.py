"""A question is put to some of the articles only, and the page, the answer and the engine agree on which."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

import rag
from rag.records import Filter
from tests.browser import driving
from tests.browser.driving import Reader

pytestmark = pytest.mark.browser

QUESTION = "What did the council decide about the harbour?"
ARTICLES = {
    "old.md": "---\ndate: 2019-03-04\n---\n# Old plans\n\nThe council decided to close the harbour.\n",
    "new.md": "---\ndate: 2024-05-06\n---\n# New plans\n\nThe council decided to dredge the harbour.\n",
    "city/north/hafen.md": "---\ndate: 2021-07-08\n---\n# Der Hafen\n\n"
    "Der Rat hat am Montag beschlossen, den Hafen (harbour council) für die Schiffe zu vertiefen.\n",
    "city/mole.md": "---\ndate: 2022-01-02\n---\n# The mole\n\nThe council decided that the harbour needs a mole.\n",
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("harbour")
    for name, text in ARTICLES.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, "utf-8")
    return folder


@pytest.fixture(scope="module")
def engine(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[rag.Engine]:
    with rag.open(folder, model="hashing", index=tmp_path_factory.mktemp("index")) as engine:
        yield engine


@pytest.fixture(scope="module")
def address(checkout: Path, folder: Path) -> Iterator[str]:
    with driving.chat(checkout, ["-m", "rag", "chat", str(folder), "--model", "hashing"]) as address:
        yield address


def passages(reader: Reader) -> list[str]:
    """The texts of all passages of the last answer, in the order of their numbers."""
    return (
        reader.answer()
        .locator(".fs-passage")
        .evaluate_all(
            "all => all.map(e => [Number(e.querySelector('.fs-cite').textContent), e.querySelector('p').textContent])"
            ".sort(([a], [b]) => a - b).map(([, text]) => text)"
        )
    )


def assert_answered(reader: Reader, engine: rag.Engine, limits: Filter) -> None:
    """Ask, and hold what is shown against what the engine answers within ``limits``."""
    reader.ask(QUESTION)
    expected = engine.ask(QUESTION, filter=limits)
    assert reader.quotes() == [statement.text for statement in expected.statements]
    assert passages(reader) == [hit.passage.text for hit in expected.hits]


def limit(reader: Reader, **values: str) -> None:
    """Open the window of articles, fill in limits, close it."""
    reader.page.keyboard.press("Alt+a")
    for name, value in values.items():
        field = reader.page.locator(f"#fs-{name}")
        if name in ("since", "until"):
            field.fill(value)
        else:
            field.select_option(value)
    reader.page.keyboard.press("Escape")


def test_chosen_articles_alone_are_asked_and_named_above_the_box_and_in_the_answer(visit, engine):
    reader = visit()
    page = reader.page
    # Every question is to be asked for itself.
    page.uncheck("#fs-follow-ups")
    page.keyboard.press("Alt+a")
    page.get_by_label("Ask only this article: Old plans").check()
    assert page.inner_text("#fs-count") == "Asked: 1 of 4 articles"
    page.keyboard.press("Escape")
    assert page.inner_text("#fs-filter span") == "Only in: Old plans"
    assert_answered(reader, engine, Filter(articles=("old.md",)))
    assert reader.quotes() == ["The council decided to close the harbour."]
    assert reader.answer().locator(".fs-only").inner_text() == "Only in: old.md"

    page.keyboard.press("Alt+a")
    page.get_by_label("Ask only this article: The mole").check()
    page.keyboard.press("Escape")
    assert page.inner_text("#fs-filter span") == "Only in: 2 articles"
    assert_answered(reader, engine, Filter(articles=("old.md", "city/mole.md")))

    page.locator("#fs-filter").get_by_role("button", name="Ask all articles").click()
    assert page.locator("#fs-filter").is_hidden()
    assert_answered(reader, engine, Filter())
    assert reader.answer().locator(".fs-only").count() == 0


def test_folder_dates_and_language_limit_a_question_one_by_one_and_together(visit, engine):
    reader = visit()
    page = reader.page
    page.uncheck("#fs-follow-ups")
    assert page.locator("#fs-folder option").all_inner_texts() == ["all", "city", "city/north"]

    limit(reader, folder="city")
    assert_answered(reader, engine, Filter(folders=("city",)))
    assert reader.answer().locator(".fs-only").inner_text() == "Only in: city/"

    limit(reader, folder="", since="2020-01-01", until="2022-12-31")
    assert page.inner_text("#fs-filter span") == "Only in: from 1 January 2020 · until 31 December 2022"
    assert_answered(reader, engine, Filter(since=date(2020, 1, 1), until=date(2022, 12, 31)))
    only = reader.answer().locator(".fs-only").inner_text()
    assert only == "Only in: articles from 1 January 2020 on; articles up to 31 December 2022"

    limit(reader, only="de")
    assert page.locator("#fs-list li").count() == 1
    limits = Filter(since=date(2020, 1, 1), until=date(2022, 12, 31), language="de")
    assert_answered(reader, engine, limits)
    assert all("Hafen" in text for text in passages(reader))

    # The limits of an answer stay with it, whatever is asked next; those of the page end with a press.
    page.keyboard.press("Alt+a")
    page.locator("#fs-limits").get_by_role("button", name="Ask all articles").click()
    page.wait_for_function("document.querySelector('#fs-filter').hidden")
    assert page.input_value("#fs-since") == ""
    page.keyboard.press("Escape")
    reader.reload()
    reader.answered()
    assert [text for text in page.locator(".fs-only").all_inner_texts() if "German articles" in text] != []


def test_in_german_the_limits_are_told_in_german_and_nothing_left_to_ask_is_said_so(visit, engine):
    reader = visit(locale="de-DE")
    limit(reader, since="2020-01-01", only="de")
    assert reader.page.inner_text("#fs-filter span") == "Nur in: ab 1. Januar 2020 · Deutsch"
    reader.ask(QUESTION)
    assert reader.answer().locator(".fs-only").inner_text() == "Nur in: Artikeln ab 1. Januar 2020; deutschen Artikeln"

    limit(reader, since="2023-01-01")
    reader.ask(QUESTION)
    assert engine.ask(QUESTION, filter=Filter(since=date(2023, 1, 1), language="de")).hits == ()
    assert reader.quotes() == []
    assert "Kein Artikel liegt in dieser Auswahl" in reader.answer().inner_text()

    limit(reader, since="2023-01-01", until="2022-01-01", only="")
    reader.ask(QUESTION)
    wrong = reader.page.locator("#fs-turns .fs-error").last.inner_text()
    assert wrong.startswith("Der Zeitraum beginnt am 2023-01-01 und endet am 2022-01-01")


def test_the_list_is_searched_by_title_and_shows_what_the_limits_let_through(visit):
    reader = visit()
    page = reader.page
    page.keyboard.press("Alt+a")
    rows = page.locator("#fs-list .fs-link")
    assert rows.all_text_contents() == ["The mole", "Der Hafen", "New plans", "Old plans"]
    assert "4 March 2019" in page.locator("#fs-list li", has_text="Old plans").text_content()
    page.fill("#fs-find", "PLANS")
    assert rows.all_text_contents() == ["New plans", "Old plans"]
    page.fill("#fs-until", "2020-01-01")
    assert rows.all_text_contents() == ["Old plans"]

    rows.first.click()
    page.locator(".fs-source h2", has_text="Old plans").wait_for()
    assert reader.marked() == ""
