"""A chat of its own for each test file, and real headless Chromium to look at it with."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.browser import driving


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    executable = driving.find_chromium()
    if executable is None:
        driving.miss_chromium()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable, args=driving.FLAGS)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the program and the sample articles; what it builds stays in it."""
    return driving.copy_checkout(tmp_path_factory.mktemp("checkout"))
