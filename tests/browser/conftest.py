"""A chat of its own for each test file, and real headless Chromium to look at it with."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.browser import driving
from tests.browser.driving import Reader


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


@pytest.fixture
def visit(chromium: Browser, address: str) -> Iterator[Callable[..., Reader]]:
    """Opens the chat at ``address``, which each test file has its own of, and closes every visit at the end."""
    readers: list[Reader] = []

    def visit(**wishes) -> Reader:
        readers.append(Reader(chromium, address, **wishes))
        readers[-1].ready()
        return readers[-1]

    yield visit
    for reader in readers:
        reader.close()
