"""What was freed is handed back where the C library can, and nothing happens where it cannot."""

from __future__ import annotations

import ctypes
import sys
from pathlib import Path

import numpy as np
import pytest

from rag import memory


def resident() -> int:
    """Bytes of this process that are in memory."""
    return int(Path("/proc/self/statm").read_text("ascii").split()[1]) * 4_096


@pytest.mark.skipif(sys.platform != "linux" or memory._TRIM is None, reason="needs glibc, and Linux to tell its memory")
def test_what_lies_free_between_what_is_held_is_handed_back() -> None:
    # Below what glibc gives pages of their own, so that none goes back when it is freed.
    held = [np.ones(8_000) for _ in range(2_000)]
    del held[::2]
    before = resident()
    memory.hand_back()
    assert resident() < before - 32 * 2**20
    assert sum(len(one) for one in held) == 8_000_000


@pytest.mark.parametrize("error", [AttributeError, OSError, TypeError])
def test_another_c_library_is_no_error(monkeypatch: pytest.MonkeyPatch, error: type[Exception]) -> None:
    def none(_: None) -> None:
        raise error

    monkeypatch.setattr(ctypes, "CDLL", none)
    assert memory._trimming() is None
    monkeypatch.setattr(memory, "_TRIM", None)
    memory.hand_back()
