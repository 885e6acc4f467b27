"""A disk that is full, read-only or gone: an error that says so, the old generation as it was, nothing left over."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

import rag
from rag import intake
from rag.encoder import HashingEncoder
from rag.errors import CorpusError, EvaluationError, IndexDamagedError, IndexStoreError
from rag.evaluation import feedback
from rag.passages import PassageStore
from rag.records import Progress
from rag.settings import DEFAULTS
from tests.damage import files_up_to
from tests.faults.editions import Runs, checked_edition, is_tidy, served_edition, update, write_edition
from tests.heldrows import built

# Limits tried in the default run, spread over a whole run; bytes from one to the next in the slow run, which tries the
# limits around every page and every frame of the log besides. With 1 it tries every byte, for hours.
LIMITS = 24
STEP = 61
# The pages of SQLite's files, and the header, the frames and their headers in its log.
PAGE, HEADER, FRAME_HEADER = 4_096, 32, 24
# Steps of free room on a small disk tried in the default run; the slow one tries every 4 KiB.
ROOMS = 8
BLOCK = 4_096
DISK = 1 << 20


def attempt(corpus: Path, store: PassageStore) -> bool:
    """Update where that may fail; whether it did, having said what is wrong and changed nothing."""
    said = ""
    try:
        update(corpus, store)
    except IndexDamagedError:
        raise
    except IndexStoreError as error:
        said = str(error)
    assert not said or "make room on the disk" in said
    return bool(said)


def edges(end: int) -> list[int]:
    """The limits up to ``end`` at and next to which one of SQLite's writes begins or ends."""
    starts = {*range(0, end, PAGE), *range(HEADER, end, PAGE + FRAME_HEADER)}
    starts |= {start + FRAME_HEADER for start in range(HEADER, end, PAGE + FRAME_HEADER)}
    return sorted({start + near for start in starts for near in (-1, 0, 1) if start + near >= 0})


def room_needed(runs: Runs) -> int:
    """The least limit under which an update goes through."""
    low, high = 0, 1 << 20
    while low < high:
        limit = (low + high) // 2
        runs.begin()
        with files_up_to(limit):
            low, high = (limit + 1, high) if attempt(runs.corpus, runs.store) else (low, limit)
    return low


@pytest.mark.parametrize("before", [0, 1], ids=["first run", "update"])
@pytest.mark.parametrize("sample", [LIMITS, pytest.param(None, marks=pytest.mark.slow)])
def test_at_any_limit_of_bytes_the_old_generation_or_the_new_one_is_served(
    tmp_path: Path, before: int, sample: int | None
) -> None:
    runs = Runs(tmp_path, before)
    end = room_needed(runs)
    limits = range(0, end, end // sample) if sample else sorted({*range(0, end, STEP), *edges(end)})
    for limit in limits:
        runs.begin()
        with files_up_to(limit):
            assert attempt(runs.corpus, runs.store) == (limit < end), limit
            # Also where there is no room for what readers share; but not where a page is cut, as no full disk does it.
            if before and not (runs.store.folder / "index.sqlite3").stat().st_size % PAGE:
                assert served_edition(runs.store) == before, limit
        assert served_edition(runs.store) == before, limit
        assert is_tidy(runs.store), limit
        runs.check(f"no more than {limit} bytes")
    assert len(limits) >= (sample or end // STEP)


def test_at_any_limit_of_bytes_the_vectors_are_saved_whole_or_not_at_all(tmp_path: Path) -> None:
    index = built(np.arange(2), np.eye(2, 16, dtype=np.float32))
    whole = index.save(tmp_path)
    size = (tmp_path / whole.file).stat().st_size
    (tmp_path / whole.file).unlink()
    for limit in range(size):
        with files_up_to(limit), pytest.raises(IndexStoreError, match="make room on the disk"):
            index.save(tmp_path)
        assert list(tmp_path.iterdir()) == []
    with files_up_to(size):
        assert index.save(tmp_path) == whole


def test_a_note_that_cannot_be_kept_does_not_cost_the_answer(tmp_path: Path) -> None:
    write_edition(tmp_path / "corpus", 1)
    store = PassageStore(tmp_path / "index")
    update(tmp_path / "corpus", store)
    question = "Was beschloss der Rat über den Hafen?"
    asked = []
    for room in (0, DISK):
        engine = rag.Engine(tmp_path / "corpus", store, HashingEncoder())
        assert engine.resume()
        # Another reader keeps what SQLite needs to read in place, so that only the note wants room.
        with store.snapshot() as reader, files_up_to(room):
            asked.append(engine.ask(question))
            assert reader.manifest is not None
        with store.snapshot() as snapshot:
            noted = f"scores of unrelated questions de {snapshot.require_manifest().vectors_sha256} {DEFAULTS}"
            assert (snapshot.note(noted) is not None) == bool(room)
    assert asked[0] == asked[1]
    assert asked[0].hits


def test_at_any_limit_of_bytes_a_file_is_put_in_whole_or_not_at_all(tmp_path: Path) -> None:
    corpus = tmp_path / "corpus"
    write_edition(corpus, 1)
    before = sorted(corpus.rglob("*"))
    data = b"Der Hafen\n\nDer Rat hat beschlossen.\n"
    for limit in range(len(data)):
        with files_up_to(limit), pytest.raises(CorpusError, match="make room on the disk"):
            intake.add(corpus, "hafen.txt", data)
        assert sorted(corpus.rglob("*")) == before
    with files_up_to(len(data)):
        assert intake.add(corpus, "hafen.txt", data) == "hafen.txt"


def test_at_any_limit_of_bytes_a_verdict_is_kept_or_refused_and_no_other_is_lost(tmp_path: Path) -> None:
    file = tmp_path / "feedback.jsonl"
    entry = feedback.Feedback("2026-01-01T00:00:00+00:00", "Was?", "Was?", "up", "", (), "corpus")
    feedback.append(file, entry)
    one = file.stat().st_size
    for limit in range(2 * one):
        with files_up_to(limit), pytest.raises(EvaluationError, match="make room on the disk"):
            feedback.append(file, entry)
        assert feedback.read(file)[0][0] == entry
        feedback.append(file, entry)
        # What of the refused one got through is a line of its own: none, or all of it but its end.
        entries, faults = feedback.read(file)
        assert len(entries) + len(faults) in (2, 3)
        assert set(entries) == {entry}
        file.unlink()
        feedback.append(file, entry)


class Disk:
    """A small disk of its own that can be filled, made read-only and emptied again."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._ballast = folder / "ballast"

    def leave(self, room: int) -> None:
        """Fill it up but for ``room`` bytes."""
        self.make_room()
        free = shutil.disk_usage(self.folder).free
        with self._ballast.open("wb") as file:
            os.posix_fallocate(file.fileno(), 0, max(free - room, BLOCK))

    def make_room(self) -> None:
        self._ballast.unlink(missing_ok=True)

    def remount(self, *options: str) -> None:
        subprocess.run(["mount", "-o", ",".join(["remount", *options]), str(self.folder)], check=True)


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Disk]:
    folder = tmp_path / "disk"
    folder.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", f"size={DISK}", "tmpfs", str(folder)]
    if not sys.platform.startswith("linux") or subprocess.run(command, capture_output=True, check=False).returncode:
        pytest.skip("needs the right to mount a disk")
    try:
        yield Disk(folder)
    finally:
        subprocess.run(["umount", str(folder)], check=True)


@pytest.mark.parametrize("sample", [ROOMS, pytest.param(None, marks=pytest.mark.slow)])
def test_on_a_disk_with_any_room_left_the_old_generation_or_the_new_one_is_served(
    tmp_path: Path, disk: Disk, sample: int | None
) -> None:
    corpus, store = tmp_path / "corpus", PassageStore(disk.folder / "index")
    write_edition(corpus, 1)
    update(corpus, store)
    kept = tmp_path / "kept"
    shutil.copytree(store.folder, kept)
    write_edition(corpus, 2)
    engine = rag.Engine(corpus, store, HashingEncoder())
    assert engine.resume()
    room, failed = 0, True
    while failed:
        shutil.rmtree(store.folder)
        disk.make_room()
        shutil.copytree(kept, store.folder)
        disk.leave(room)
        failed = attempt(corpus, store)
        with ThreadPoolExecutor(2) as pool:
            assert set(pool.map(checked_edition, [engine] * 2)) == {1 if failed else 2}, room
        disk.make_room()
        assert served_edition(store) == (1 if failed else 2), room
        assert is_tidy(store), room
        update(corpus, store)
        assert served_edition(store) == 2
        room += BLOCK if sample is None else 40 * BLOCK // sample
    assert room > 10 * BLOCK


def test_an_index_on_a_disk_that_is_read_only_is_left_as_it_is_and_that_is_said(tmp_path: Path, disk: Disk) -> None:
    corpus, store = tmp_path / "corpus", PassageStore(disk.folder / "index")
    write_edition(corpus, 1)
    update(corpus, store)
    write_edition(corpus, 2)
    disk.remount("ro")
    with pytest.raises(IndexStoreError, match="make it writable") as raised:
        update(corpus, store)
    assert not isinstance(raised.value, IndexDamagedError)
    engine = rag.Engine(corpus, store, HashingEncoder())
    with pytest.raises(IndexStoreError, match="make the folder writable") as raised:
        engine.resume()
    assert not isinstance(raised.value, IndexDamagedError)
    disk.remount("rw")
    assert engine.resume()
    assert checked_edition(engine) == 1
    assert update(corpus, store).notices == ()
    assert checked_edition(engine) == 2
    assert is_tidy(store)


@pytest.mark.parametrize("stage", ["reading", "encoding", "publishing"])
def test_an_index_folder_that_vanishes_in_the_middle_is_an_error_and_made_again(tmp_path: Path, stage: str) -> None:
    corpus, store = tmp_path / "corpus", PassageStore(tmp_path / "index")
    write_edition(corpus, 1)
    update(corpus, store)
    write_edition(corpus, 2)
    engine = rag.Engine(corpus, store, HashingEncoder())
    assert engine.resume()

    def vanish(progress: Progress) -> None:
        if progress.stage == stage and progress.done == 0:
            shutil.rmtree(store.folder)

    with pytest.raises(IndexStoreError, match="was removed or replaced while it was brought up to date; try again"):
        engine.update(vanish)
    with pytest.raises(IndexStoreError, match="bring the index up to date first"):
        engine.ask("Was beschloss der Rat?")
    assert engine.update().articles == 4
    assert checked_edition(engine) == 2
    assert is_tidy(store)
