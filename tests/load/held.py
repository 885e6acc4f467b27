"""A chat that holds questions up: ``python held.py FOLDER [MODEL]``, the articles being in FOLDER.

A question with ``HELD`` in it is noted in ``BEGUN``, a file beside FOLDER, when it comes to work, and answered when
``OPEN`` is there. ``INSIDE`` tells how many questions the gate has let in.
"""

from __future__ import annotations

import sys
import threading
import time
from pathlib import Path

import rag
from rag.chat import page
from rag.chat.gate import Gate
from rag.records import Answer

HELD = "patience"
BEGUN, OPEN, INSIDE = "begun", "open", "inside"

_ask = rag.Engine.ask


def _held(engine: rag.Engine, question: str, *others, **named) -> Answer:
    if HELD in question:
        with (engine.corpus.parent / BEGUN).open("a") as begun:
            begun.write(f"{question}\n")
        while not (engine.corpus.parent / OPEN).exists():
            time.sleep(0.01)
    return _ask(engine, question, *others, **named)


def _watched(folder: Path) -> Gate:
    gate = Gate()

    def note() -> None:
        while True:
            (folder.parent / "noted").write_text(str(gate.inside), "ascii")
            (folder.parent / "noted").replace(folder.parent / INSIDE)
            time.sleep(0.02)

    threading.Thread(target=note, daemon=True).start()
    return gate


if __name__ == "__main__":
    folder = Path(sys.argv[1])
    rag.Engine.ask = _held
    page.Gate = lambda: _watched(folder)
    page.serve([folder], model=sys.argv[2] if len(sys.argv) > 2 else "hashing")
