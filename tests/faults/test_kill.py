"""A writer that is killed at any moment leaves the old generation or the new one, and the next writer goes on."""

from __future__ import annotations

import shutil
from collections import Counter
from pathlib import Path

import pytest

from rag import indexing
from rag.encoder import HashingEncoder
from rag.passages import PassageStore
from rag.settings import DEFAULTS
from tests.faults import victim
from tests.faults.editions import Runs, is_tidy, served_edition, update, write_edition
from tests.faults.processes import child, killed_at, needs_fork, needs_strace, writing_calls

KILLED_LINES = 30
# System calls of a first run and of an update at which the default run kills; the slow one kills at all of them.
KILLED_CALLS = 8
LEAST_CALLS = 200

pytestmark = needs_fork


def lines_until(corpus: Path, index: Path, last: int) -> int | None:
    """Update in a process that dies at its line ``last``; return how many it had, None if it was killed."""
    with child(victim.bring_up_to_date_until, corpus, index, last) as process:
        try:
            return process.hear()
        except EOFError:
            return None


def test_a_kill_at_any_line_leaves_one_whole_generation(tmp_path: Path) -> None:
    corpus, store = tmp_path / "corpus", PassageStore(tmp_path / "index")
    write_edition(corpus, 1)
    lines = lines_until(corpus, store.folder, 0)
    assert lines
    assert served_edition(store) == 1
    kills = 0
    for edition in range(2, KILLED_LINES + 2):
        write_edition(corpus, edition)
        # Spread over the whole run; each edition is of about as many lines as the first.
        last = 1 + (edition * 7919) % lines
        kills += lines_until(corpus, store.folder, last) is None
        assert served_edition(store) in (edition - 1, edition), f"killed at line {last}"
        update(corpus, store)
        assert served_edition(store) == edition
        assert is_tidy(store)
    assert kills > KILLED_LINES / 2


def test_a_killed_first_run_resumes_without_encoding_again(tmp_path: Path) -> None:
    corpus, store = tmp_path / "corpus", PassageStore(tmp_path / "index")
    write_edition(corpus, 1)
    lines = lines_until(corpus, tmp_path / "other", 0)
    assert lines
    resumed = []
    for last in range(lines * 3 // 4, lines, max(1, lines // 40)):
        lines_until(corpus, store.folder, last)
        assert served_edition(store) in (0, 1)
        resumed.append(indexing.update(corpus, store, HashingEncoder(), settings=DEFAULTS).encoded)
        shutil.rmtree(store.folder)
    # Killed after the vectors were committed and before they were published: nothing was left to encode.
    assert 0 in resumed


@needs_strace
@pytest.mark.parametrize("before", [0, 1], ids=["first run", "update"])
@pytest.mark.parametrize("sample", [KILLED_CALLS, pytest.param(None, marks=pytest.mark.slow)])
def test_a_kill_at_any_system_call_that_writes_leaves_one_whole_generation(
    tmp_path: Path, before: int, sample: int | None
) -> None:
    runs = Runs(tmp_path, before)
    work = victim.bring_up_to_date, runs.corpus, runs.store.folder
    runs.begin()
    calls = writing_calls(tmp_path / "calls", *work)
    runs.check("not killed")
    assert len(calls) >= LEAST_CALLS
    kinds = Counter(name for name, _ in calls)
    assert {"pwrite64", "write", "fdatasync", "fsync", "rename", "unlink", "ftruncate", "openat"} <= kinds.keys()
    points = calls if sample is None else calls[sample // 2 :: len(calls) // sample]
    for call, number in points:
        runs.begin()
        assert killed_at(call, number, *work), f"no {call} number {number} this time"
        runs.check(f"killed at {call} number {number}")
