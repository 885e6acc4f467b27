"""Changes of a folder are told, hidden files are not, and the watch ends when it is told to."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from rag.watching import tell_changes


@contextmanager
def watched(folder: Path) -> Iterator[threading.Semaphore]:
    told, stop = threading.Semaphore(0), threading.Event()
    thread = threading.Thread(target=tell_changes, args=(folder, told.release, stop))
    thread.start()
    try:
        yield told
    finally:
        stop.set()
        thread.join(60)
        assert not thread.is_alive()


def write_until_told(path: Path, told: threading.Semaphore) -> bool:
    """Change a file again and again: what happens before the watch is up is not noticed."""
    for number in range(100):
        path.write_text(str(number), "utf-8")
        if told.acquire(timeout=0.5):
            return True
    return False


def test_a_file_that_changes_in_a_subfolder_is_told(corpus: Path) -> None:
    with watched(corpus) as told:
        assert write_until_told(corpus / "nested/new.txt", told)


def test_hidden_files_are_not_told(corpus: Path) -> None:
    (corpus / ".removed").mkdir()
    with watched(corpus) as told:
        assert write_until_told(corpus / "new.txt", told)
        while told.acquire(timeout=1):
            pass
        (corpus / ".removed/new.txt").write_text("a", "utf-8")
        (corpus / ".hidden.txt").write_text("a", "utf-8")
        assert not told.acquire(timeout=1)


def test_a_folder_that_is_not_there_is_logged(tmp_path: Path, caplog) -> None:
    tell_changes(tmp_path / "gone", lambda: None, threading.Event())
    assert "cannot be watched" in caplog.text
