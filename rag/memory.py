"""Memory that was freed -> memory that the system has again. Owns the one call to the C library that does it."""

from __future__ import annotations

import ctypes
from typing import Any


def hand_back() -> None:
    """Hand back what is free, also between what is not, where the C library (glibc) can; takes a millisecond or two."""
    if _TRIM is not None:
        _TRIM(0)


def _trimming() -> Any:  # noqa: ANN401 - a function of C
    try:
        return ctypes.CDLL(None).malloc_trim
    except (AttributeError, OSError, TypeError):  # another C library, or, on Windows, none that is found without a name
        return None


_TRIM = _trimming()
