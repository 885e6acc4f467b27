"""The page of the API: it opens, and offers the two endpoints for programs and no other."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.browser import driving
from tests.conftest import ARTICLES

pytestmark = pytest.mark.browser

# Gradio's page asks for two things that this chat does not offer, and the browser notes that.
NOTED = "Failed to load resource: the server responded with a status of 40"


@pytest.fixture(scope="module")
def address(checkout: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("corpus")
    (folder / "harbour.txt").write_text(ARTICLES["harbour.txt"], "utf-8")
    with driving.chat(checkout, ["-m", "rag", "chat", str(folder), "--model", "hashing"]) as address:
        yield address


def test_the_window_of_shortcuts_leads_to_the_page_of_the_api_with_exactly_two_endpoints(visit):
    reader = visit()
    reader.page.get_by_role("button", name="Keyboard shortcuts").click()
    with reader.context.expect_page() as opened:
        reader.page.get_by_role("link", name="Interface for programs").click()
    page = opened.value
    documents = page.locator(".api-docs")
    documents.locator("h2", has_text="2 API endpoints").wait_for()

    text = documents.inner_text()
    assert [name for name in ("/retrieve", "/ask") if f"API name: {name}" not in text] == []
    assert text.count("API name: ") == 2
    assert "Return the k passages that fit the question best" in text
    assert page.url == f"{reader.address}/?view=api"
    assert page.locator("footer").is_hidden()
    page.wait_for_load_state("networkidle")
    assert [note for note in reader.complaints if not note.startswith(NOTED)] == []
    reader.complaints.clear()
