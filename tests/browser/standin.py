"""A chat whose answers are made by hand: ``python standin.py FOLDER`` with the two articles of ``write`` in FOLDER.

Every answer quotes the same sentence, says who said it and where else it stands; what was searched for is every
question so far. The tests of what is shown then wait neither for a model nor for what it finds. An answer about
``HELD`` comes when the file ``GATE`` is in FOLDER; with ``--held`` the model comes then, too. ``--port`` is passed on.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Sequence
from pathlib import Path

import rag
from rag import library
from rag.chat import Door, serve
from rag.folding import fold
from rag.records import Answer, Attribution, Citation, Filter, Hit, Passage, Statement

SPEAKER = "Karl <b>Kai</b>"
SENTENCE = "Er sagte, der Hafen werde\ntiefer."
TITLE, OTHER = "Der Hafen", "Mehr <i>Tiefe</i>"
TEXT = f"{TITLE}\n\nDer Minister {SPEAKER} war im Hafen. Es regnete.\n\n{SENTENCE} Dann fuhr er heim.\n"
OTHER_SENTENCE = "Der Hafen soll tiefer werden."
OTHER_TEXT = f"{OTHER}\n\nDie Stadt wartet. {OTHER_SENTENCE}\n"
UNANSWERED = "bread"
HELD = "patience"
GATE = ".open"


def write(folder: Path) -> None:
    """Write the two articles."""
    (folder / "a.txt").write_text(TEXT, "utf-8")
    (folder / "b.txt").write_text(OTHER_TEXT, "utf-8")


def cite(article_id: str, title: str, text: str, quote: str, paragraph: int) -> Citation:
    start = text.index(quote)
    return Citation(article_id, title, paragraph, start, start + len(quote), fold(quote))


def wait(folder: Path) -> None:
    """Return when the gate is open."""
    while not (folder / GATE).exists():
        time.sleep(0.02)


def ask(  # the signature of Engine.ask
    engine: rag.Engine,
    question: str,
    history: Sequence[str] = (),
    *,
    follow_ups: bool = True,
    filter: Filter = Filter(),
) -> Answer:
    """Answer every question but one about bread, as ``Engine.ask`` would."""
    if HELD in question:
        wait(engine.corpus)
    standalone = " ".join([*history, question]) if follow_ups else question
    cited = cite("a.txt", TITLE, TEXT, SENTENCE, 2)
    whole = cite("a.txt", TITLE, TEXT, f"{SENTENCE} Dann fuhr er heim.", 2)
    hit = Hit(Passage(1, "a.txt", 2, "", whole.start, whole.end, whole.quote), 1.0, 0.8, 2.0, 0.6, whole)
    if UNANSWERED in question:
        return Answer(question, standalone, (), (hit,), 0.04, filter)
    start = TEXT.index(SPEAKER)
    said = Attribution(SPEAKER, start, start + len(SPEAKER), direct=False)
    also = (cite("b.txt", OTHER, OTHER_TEXT, OTHER_SENTENCE, 1),)
    return Answer(question, standalone, (Statement(cited.quote, cited, 0, said, also),), (hit,), 0.7, filter)


def main() -> None:
    """Open the chat."""
    options = argparse.ArgumentParser()
    options.add_argument("folder", type=Path)
    options.add_argument("--held", action="store_true")
    options.add_argument("--port", type=int)
    chosen = options.parse_args()
    rag.Engine.ask = ask
    if chosen.held:
        load = library._load

        def held(*models: str | None):
            wait(chosen.folder)
            return load(*models)

        library._load = held
    serve([chosen.folder], door=Door(port=chosen.port), model="hashing")


if __name__ == "__main__":
    main()
