"""Notice when files of a folder change. The only module that knows watchfiles."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from pathlib import Path

from watchfiles import Change, watch

_LOG = logging.getLogger(__name__)
# Milliseconds without a further change before a change is told, and how long it is at most held back for that.
_QUIET, _LONGEST = 200, 2_000


def tell_changes(folder: Path, changed: Callable[[], None], stop: threading.Event) -> None:
    """Call ``changed`` whenever files of ``folder`` have changed, until ``stop`` is set. Hidden ones do not count.

    A folder that cannot be watched is logged.
    """

    def counts(_change: Change, path: str) -> bool:
        return not any(part.startswith(".") for part in Path(path).relative_to(folder).parts)

    try:
        for _ in watch(
            folder, watch_filter=counts, debounce=_LONGEST, step=_QUIET, stop_event=stop, raise_interrupt=False
        ):
            changed()
    except OSError as error:
        _LOG.warning(
            "The folder %s cannot be watched (%s); its changes are found when it is read again.", folder, error
        )
