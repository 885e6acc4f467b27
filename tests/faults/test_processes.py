"""Several programs over one index: never a mixed one, never an endless wait, and readers that go on meanwhile."""

from __future__ import annotations

import signal
from dataclasses import replace
from pathlib import Path

import pytest

import rag
from rag import indexing
from rag.encoder import HashingEncoder
from rag.errors import IndexBusyError, IndexDamagedError, IndexStoreError
from rag.germansentences import german
from rag.passages import PassageStore
from rag.settings import DEFAULTS, Settings
from tests.faults import victim
from tests.faults.editions import is_tidy, served_edition, update, write_edition
from tests.faults.processes import child, needs_fork

QUESTION = "Was beschloss der Rat über den Hafen?"
IMPATIENT = replace(DEFAULTS, lock_timeout=0.2)

pytestmark = needs_fork


@pytest.fixture
def opened(tmp_path: Path) -> rag.Engine:
    """The first edition, indexed and asked once."""
    write_edition(tmp_path / "corpus", 1)
    engine = rag.Engine(tmp_path / "corpus", PassageStore(tmp_path / "index"), HashingEncoder())
    assert editions_in(engine) == {1}
    return engine


def editions_in(engine: rag.Engine) -> set[int]:
    """The editions that the hits of an answer come from."""
    hits = engine.ask(QUESTION).hits
    assert hits
    return {int(hit.passage.text.partition("Ausgabe ")[2].split()[0]) for hit in hits}


def made_anew(corpus: Path, index: Path, model: str, settings: Settings = DEFAULTS) -> None:
    """Have another process bring the index up to date in its own way."""
    with child(victim.bring_up_to_date_with, corpus, index, model, settings) as other:
        assert other.hear() == "done"
        assert other.end() == 0


@pytest.mark.parametrize("dimension", [256, 64])
def test_an_index_that_another_process_made_with_another_model_is_not_asked(
    tmp_path: Path, opened: rag.Engine, dimension: int
) -> None:
    made_anew(tmp_path / "corpus", tmp_path / "index", f"other {dimension}")
    other = victim.OtherEncoder(f"other {dimension}")
    for ask in (opened.ask, opened.retrieve, opened.evidence):
        with pytest.raises(IndexStoreError) as raised:
            ask(QUESTION)
        said = str(raised.value)
        assert f"other {dimension} ({other.fingerprint[:12]})" in said
        assert f"hashing ({HashingEncoder.fingerprint[:12]})" in said
        assert "use one model for both" in said
        assert "für beide ein Modell verwenden" in german(said)
        assert not isinstance(raised.value, IndexDamagedError)
    with PassageStore(tmp_path / "index").snapshot() as snapshot:
        assert snapshot.require_manifest().model == f"other {dimension}"
    # Who starts anew has the index made for it, and is told so; the other one is refused in its turn.
    second = rag.Engine(tmp_path / "corpus", PassageStore(tmp_path / "index"), other)
    assert second.resume()
    report = opened.update()
    assert f"built with other {dimension} ({other.fingerprint[:12]})" in report.notices[0]
    assert f"rebuilt for hashing ({HashingEncoder.fingerprint[:12]})" in report.notices[0]
    assert editions_in(opened) == {1}
    with pytest.raises(IndexStoreError, match="use one model for both"):
        second.ask(QUESTION)


def test_an_index_that_another_process_divided_in_another_way_is_not_asked(tmp_path: Path, opened: rag.Engine) -> None:
    made_anew(tmp_path / "corpus", tmp_path / "index", "hashing", replace(DEFAULTS, passage_length=40))
    with pytest.raises(IndexStoreError, match="start this one again, and the index is made for it"):
        opened.ask(QUESTION)
    assert "way articles are read and divided" in opened.update().notices[0]
    assert editions_in(opened) == {1}


@pytest.mark.parametrize("version", ["articles.READER_VERSION", "making.SPLITTER_VERSION", "making.TERMS_VERSION"])
def test_an_index_of_another_version_of_the_program_is_not_asked(
    opened: rag.Engine, monkeypatch: pytest.MonkeyPatch, version: str
) -> None:
    monkeypatch.setattr(f"rag.{version}", "of another version")
    with pytest.raises(IndexStoreError, match="Another version of this program") as raised:
        opened.ask(QUESTION)
    assert german(str(raised.value)).startswith("Eine andere Version dieses Programms")
    opened.update()
    assert editions_in(opened) == {1}


@pytest.mark.parametrize("end", [signal.SIGCONT, signal.SIGKILL])
def test_a_writer_that_is_stopped_keeps_others_out_for_a_while_only_and_nobody_from_reading(
    tmp_path: Path, opened: rag.Engine, end: signal.Signals
) -> None:
    corpus, store = tmp_path / "corpus", PassageStore(tmp_path / "index")
    write_edition(corpus, 2)
    with child(victim.bring_up_to_date_slowly, corpus, store.folder) as writer:
        assert writer.hear() == "encoding"
        writer.signal(signal.SIGSTOP)
        writer.say("go on")
        with pytest.raises(IndexBusyError, match=r"for 0\.2 seconds; wait until it is done, or end it"):
            indexing.update(corpus, store, HashingEncoder(), settings=IMPATIENT)
        assert editions_in(opened) == {1}
        assert rag.Engine(corpus, store, HashingEncoder()).resume()
        writer.signal(end)
        assert writer.end() == (0 if end is signal.SIGCONT else -signal.SIGKILL)
    assert served_edition(store) == (2 if end is signal.SIGCONT else 1)
    report = indexing.update(corpus, store, HashingEncoder(), settings=IMPATIENT)
    assert report.generation == 2
    assert editions_in(opened) == {2}
    assert is_tidy(store)


def test_of_processes_that_update_at_once_one_does_the_work_and_the_others_find_it_done(tmp_path: Path) -> None:
    corpus, store = tmp_path / "corpus", PassageStore(tmp_path / "index")
    write_edition(corpus, 1)
    arguments = victim.bring_up_to_date_with, corpus, store.folder, "hashing", DEFAULTS
    with child(*arguments) as one, child(*arguments) as two, child(*arguments) as three:
        assert [each.hear() for each in (one, two, three)] == ["done"] * 3
    assert served_edition(store) == 1
    assert update(corpus, store).generation == 1
    assert is_tidy(store)


def test_a_database_that_another_process_keeps_locked_is_an_error_and_no_damage(
    tmp_path: Path, opened: rag.Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    corpus, store = tmp_path / "corpus", PassageStore(tmp_path / "index")
    monkeypatch.setattr("rag.database._PATIENCE", 0.2)
    write_edition(corpus, 2)
    with child(victim.keep_locked, store.folder) as other:
        assert other.hear() == "locked"
        with pytest.raises(IndexStoreError, match="wait for another program to let go of it") as raised:
            update(corpus, store)
        assert not isinstance(raised.value, IndexDamagedError)
        assert editions_in(opened) == {1}
        other.say("let go")
        assert other.end() == 0
    assert served_edition(store) == 1
    assert update(corpus, store).notices == ()
    assert editions_in(opened) == {2}
    assert is_tidy(store)
