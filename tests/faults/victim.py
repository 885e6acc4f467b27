"""Updates an index and is killed on the way. Not a test: the process that tests/faults/test_kill.py kills.

Each number read from standard input starts one update in a child process that kills itself, as `kill -9` would, when
the house has executed that many lines of its own code (never, for 0). Answers with the lines executed or "killed".
Counting lines needs no hook in the product, and every statement is a possible end.
"""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path
from types import FrameType

from rag import indexing
from rag.encoder import HashingEncoder
from rag.passages import PassageStore
from rag.settings import DEFAULTS

HOUSE = str(Path(indexing.__file__).parent)


class Tracer:
    """Counts the lines executed in the house and ends the process at the given one."""

    def __init__(self, last: int) -> None:
        self.lines = 0
        self.last = last

    def __call__(self, frame: FrameType, event: str, _: object) -> Tracer | None:
        if not frame.f_code.co_filename.startswith(HOUSE):
            return None
        if event == "line":
            self.lines += 1
            if self.lines == self.last:
                os.kill(os.getpid(), signal.SIGKILL)
        return self


def main(corpus: Path, index: Path) -> None:
    """Serve kills until standard input ends."""
    for line in sys.stdin:
        read, write = os.pipe()
        if not (child := os.fork()):
            tracer = Tracer(int(line))
            sys.settrace(tracer)
            indexing.update(corpus, PassageStore(index), HashingEncoder(), settings=DEFAULTS)
            sys.settrace(None)
            os.write(write, str(tracer.lines).encode())
            os._exit(0)
        os.close(write)
        _, status = os.waitpid(child, 0)
        sys.stdout.write("killed\n" if os.WIFSIGNALED(status) else f"{os.read(read, 20).decode()}\n")
        sys.stdout.flush()
        os.close(read)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
