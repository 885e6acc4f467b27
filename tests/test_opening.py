"""An engine that is opened in the background."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

import rag
from rag.errors import CorpusError
from rag.opening import Opening
from rag.records import Progress


def test_the_engine_is_opened_meanwhile_and_every_step_is_told_on(corpus, tmp_path, monkeypatch):
    steps: list[Progress] = []
    really = rag.open
    monkeypatch.setattr(
        rag, "open", lambda folder, **wishes: really(folder, index=tmp_path / "index", **wishes), raising=False
    )
    opening = Opening(corpus, model="hashing", progress=steps.append)

    assert opening.engine().report.articles == 3
    assert opening.done
    assert {step.stage for step in steps} >= {"reading", "encoding"}


def test_the_state_says_how_far_it_is(monkeypatch):
    told, go = threading.Event(), threading.Event()

    def slow(folder: Path, *, progress, **_models) -> None:
        progress(Progress("reading", 1_200, 8_500))
        told.set()
        go.wait()

    monkeypatch.setattr(rag, "open", slow, raising=False)
    opening = Opening(Path("anywhere"), model=None, progress=None)
    assert told.wait(60)

    assert opening.state() == "Reading 1,200 of 8,500 articles…"
    assert not opening.done
    opening.wait(0)
    go.set()
    opening.wait(60)
    assert opening.done


def test_what_went_wrong_is_raised_for_each_who_asks(tmp_path):
    opening = Opening(tmp_path / "nowhere", model="hashing", progress=None)

    for _ in range(2):
        with pytest.raises(CorpusError):
            opening.engine()
    assert opening.done
