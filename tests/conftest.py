"""Fixtures that several test files use: a small corpus on disk, an empty store, an encoder that needs no model."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TypeVar

import pytest
from hypothesis import settings

from rag.encoder import HashingEncoder
from rag.passages import PassageStore

Result = TypeVar("Result")
# No test is timed: what is slow on a busy machine is not wrong.
settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")
# For `make mutants`, which runs the same tests more than a thousand times.
settings.register_profile("mutants", max_examples=15, deadline=None, database=None)

ARTICLES = {
    "bruecke.txt": "Die neue Brücke\n\nDer Bürgermeister von Köln hat am Montag die neue Brücke eröffnet.\n\n"
    "Sie kostete 20.000 Euro und führt über die Straße zum Jägerhof.\n",
    "harbour.txt": "A harbour for the north\n\nThe council voted to dredge the old harbour before winter.\n\n"
    "Fishermen had asked for the work for years.\n",
    "nested/gipfel.txt": "Gipfel in Kasan\n\nDie Länder von BRICS+ trafen sich in Kasan und sprachen über Handel.\n",
}


def awaited(work: Coroutine[object, object, Result], patience: float = 120.0) -> Result:
    """What comes of ``work``, in a thread of its own: Playwright keeps an event loop running in this one."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(lambda: asyncio.run(asyncio.wait_for(work, patience))).result()


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    """A folder of three short articles in two languages, one of them in a subfolder."""
    folder = tmp_path / "corpus"
    for name, text in ARTICLES.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    return folder


@pytest.fixture
def store(tmp_path: Path) -> PassageStore:
    """A store in a folder that does not exist yet."""
    return PassageStore(tmp_path / "index")


@pytest.fixture
def encoder() -> HashingEncoder:
    """The deterministic encoder that needs no model."""
    return HashingEncoder()
