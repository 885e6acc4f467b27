"""Whatever a failing disk makes of an index, a reader is served what was written or it is built anew: nothing else."""

from __future__ import annotations

import logging
import os
import random
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from rag.passages import PassageStore
from tests.damage import DATABASE, flip
from tests.faults import mutations
from tests.faults.mutations import Patient, Served, few_questions, reader, served, write_corpus

ROOT = Path(__file__).parents[2]
SHORT, LONG = 50, 10_000
# Seconds after which the long run of one kind counts as hung.
PATIENCE = 4 * 3_600


@pytest.fixture
def place() -> Iterator[Path]:
    """A folder in memory where the system has one: nothing here is about the disk itself."""
    memory = Path("/dev/shm")
    with tempfile.TemporaryDirectory(dir=memory if memory.is_dir() else None) as folder:
        yield Path(folder)


@pytest.mark.parametrize("kind", mutations.CHANGES)
def test_no_changed_byte_of_an_index_changes_an_answer(
    place: Path, kind: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.ERROR)  # a warning for each of them is no news
    outcomes = mutations.run(place, kind, range(SHORT))
    assert outcomes.total() == SHORT
    refused = sum(times for (_, outcome), times in outcomes.items() if outcome != "served")
    assert (refused == 0) == (kind == "faiss"), "vectors come from the database; the database comes from the articles"


@pytest.mark.slow
@pytest.mark.parametrize("kind", mutations.CHANGES)
def test_no_changed_byte_of_an_index_changes_an_answer_or_ends_the_program(place: Path, kind: str) -> None:
    finished = subprocess.run(
        [sys.executable, "-m", "tests.faults.mutations", place, kind, str(LONG)],
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        cwd=ROOT,
        check=False,
    )
    assert finished.returncode == 0, finished.stderr[-3_000:]
    assert sum(int(line.split("\t")[0]) for line in finished.stdout.splitlines()) == LONG


def lose(log: Path) -> None:
    log.unlink()


def empty(log: Path) -> None:
    os.truncate(log, 0)


def cut(log: Path) -> None:
    os.truncate(log, log.stat().st_size // 2)


def change(log: Path) -> None:
    flip(log, log.stat().st_size // 2)


def change_head(log: Path) -> None:
    flip(log, 20)


def overwrite(log: Path) -> None:
    log.write_bytes(random.Random(0).randbytes(log.stat().st_size))


@pytest.fixture(scope="module")
def killed() -> Iterator[tuple[Path, Served, Served]]:
    """An index as a kill leaves it that comes before the log of the second generation is copied into the file.

    And what the first and the second generation serve.
    """
    with tempfile.TemporaryDirectory() as name, few_questions():
        folder = Path(name)
        write_corpus(folder / "corpus", 1)
        first = served(reader(folder, files_first=True))
        with PassageStore(folder / "index").snapshot():
            write_corpus(folder / "corpus", 2)
            second = served(reader(folder, files_first=True))
            shutil.copytree(folder / "index", folder / "killed")
        shutil.rmtree(folder / "index")
        yield folder, first, second


@pytest.mark.parametrize("files_first", [False, True])
@pytest.mark.parametrize("harm", [lose, empty, cut, change, change_head, overwrite])
def test_with_its_log_lost_or_damaged_an_index_serves_one_generation_and_the_next_update_brings_it_up_to_date(
    killed: tuple[Path, Served, Served], harm: Callable[[Path], None], *, files_first: bool
) -> None:
    folder, first, second = killed
    shutil.copytree(folder / "killed", folder / "index")
    try:
        harm(folder / "index" / f"{DATABASE}-wal")
        with few_questions():
            assert served(reader(folder, files_first=files_first)) in ([second] if files_first else [first, second])
            assert served(reader(folder, files_first=True)) == second
    finally:
        shutil.rmtree(folder / "index")


@pytest.mark.parametrize("harm", [lose, empty, overwrite])
def test_the_index_of_the_log_is_made_anew_by_whoever_needs_it(
    killed: tuple[Path, Served, Served], harm: Callable[[Path], None]
) -> None:
    folder, _, second = killed
    shutil.copytree(folder / "killed", folder / "index")
    try:
        harm(folder / "index" / f"{DATABASE}-shm")
        with few_questions():
            assert served(reader(folder, files_first=False)) == second
    finally:
        shutil.rmtree(folder / "index")


def test_a_mixture_of_two_generations_is_told_from_either(place: Path) -> None:
    with few_questions():
        patient = Patient(place)
        patient.restore()
        mixed = bytearray(patient.files[DATABASE])
        mixed[4096 : len(patient.earlier)] = patient.earlier[4096:]
        (patient.index / DATABASE).write_bytes(mixed)
        engine = reader(place, files_first=False)
        assert "built anew" in engine.report.notices[0]
        assert served(engine) == patient.after
