"""What is done by the processes that the tests of faults kill, stop and cramp. Every function here begins a process."""

from __future__ import annotations

import hashlib
import os
import signal
import sys
import threading
from collections.abc import Callable, Sequence
from dataclasses import replace
from multiprocessing.connection import Connection
from pathlib import Path
from types import FrameType

import numpy as np
from numpy.typing import NDArray

import rag
from rag import indexing, intake
from rag.encoder import HashingEncoder
from rag.evaluation import feedback
from rag.passages import PassageStore
from rag.settings import DEFAULTS, Settings
from tests.faults.editions import checked_edition, update, write_edition

HOUSE = str(Path(indexing.__file__).parent)
# Several commits of finished vectors in a run over a few articles.
SETTINGS = replace(DEFAULTS, encode_batch=2)
# Seconds after which a database is let go of by who keeps it locked.
LOCKED = 30.0


def _wait(pipe: Connection) -> None:
    pipe.send("ready")
    pipe.recv()


def bring_up_to_date(pipe: Connection, corpus: Path, index: Path) -> None:
    """Say that all is loaded, wait for a word, then update."""
    _wait(pipe)
    indexing.update(corpus, PassageStore(index), HashingEncoder(), settings=SETTINGS)


class Tracer:
    """Counts the lines executed in the house and ends the process at the given one, as `kill -9` would."""

    def __init__(self, last: int) -> None:
        self.lines = 0
        self.last = last

    def __call__(self, frame: FrameType, event: str, _: object) -> Tracer | None:
        if not frame.f_code.co_filename.startswith(HOUSE):
            return None
        if event == "line":
            self.lines += 1
            # The threads count together: one of them may find that another has gone past.
            if 0 < self.last <= self.lines:
                os.kill(os.getpid(), signal.SIGKILL)
        return self


def bring_up_to_date_until(pipe: Connection, corpus: Path, index: Path, last: int) -> None:
    """Update and die at the house's line number ``last``; never, for 0. Say how many lines there were.

    Counting lines needs no hook in the product, and every statement is a possible end.
    """
    tracer = Tracer(last)
    threading.settrace(tracer)
    sys.settrace(tracer)
    indexing.update(corpus, PassageStore(index), HashingEncoder(), settings=SETTINGS)
    sys.settrace(None)
    pipe.send(tracer.lines)


def take_in(pipe: Connection, corpus: Path, name: str, data: bytes) -> None:
    """Say that all is loaded, wait for a word, then put a file into the corpus."""
    _wait(pipe)
    intake.add(corpus, name, data)


def put_aside(pipe: Connection, corpus: Path, article_id: str) -> None:
    """Say that all is loaded, wait for a word, then take a file out of the corpus."""
    _wait(pipe)
    intake.remove(corpus, article_id)


def put_back(pipe: Connection, corpus: Path, article_id: str) -> None:
    """Say that all is loaded, wait for a word, then put a file back that was taken out."""
    _wait(pipe)
    intake.restore(corpus, article_id)


def judge(pipe: Connection, file: Path, entry: feedback.Feedback) -> None:
    """Say that all is loaded, wait for a word, then append a reader's verdict."""
    _wait(pipe)
    feedback.append(file, entry)


class OtherEncoder(HashingEncoder):
    """A model of its own; the number at the end of its name is its dimension."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.fingerprint = hashlib.sha256(name.encode()).hexdigest()
        self.dimension = int(name.split()[-1])


def bring_up_to_date_with(pipe: Connection, corpus: Path, index: Path, model: str, settings: Settings) -> None:
    """Update with a model of this name, in this way."""
    encoder = HashingEncoder() if model == HashingEncoder.name else OtherEncoder(model)
    indexing.update(corpus, PassageStore(index), encoder, settings=settings)
    pipe.send("done")


def bring_up_to_date_slowly(pipe: Connection, corpus: Path, index: Path) -> None:
    """Update, but wait for a word as soon as there is something to encode."""

    class Waiting(HashingEncoder):
        def encode_passages(self, texts: Sequence[str]) -> NDArray[np.float32]:
            pipe.send("encoding")
            pipe.recv()
            return super().encode_passages(texts)

    indexing.update(corpus, PassageStore(index), Waiting(), settings=DEFAULTS)


def keep_locked(pipe: Connection, index: Path) -> None:
    """Keep a transaction that writes open until a word comes, or for longer than anybody should wait."""
    with PassageStore(index).draft():
        pipe.send("locked")
        pipe.poll(LOCKED)


def publish_editions(pipe: Connection, corpus: Path, index: Path) -> None:
    """Publish each edition that is named, and say when it is there; none ends it."""
    while (edition := pipe.recv()) is not None:
        write_edition(corpus, edition)
        assert update(corpus, PassageStore(index)).generation == edition
        pipe.send(edition)


def ask_until(engine: rag.Engine, pipe: Connection, over: Callable[[], bool]) -> None:
    """Ask until it is ``over``, check each answer, and say which edition it is from."""
    try:
        while not over():
            pipe.send(checked_edition(engine))
    except Exception as error:
        pipe.send(f"{type(error).__name__}: {error}")
        raise


def ask_editions(pipe: Connection, corpus: Path, index: Path, stop: Path) -> None:
    """Ask, as ``ask_until``, until there is a file ``stop``."""
    engine = rag.Engine(corpus, PassageStore(index), HashingEncoder())
    assert engine.resume()
    ask_until(engine, pipe, stop.exists)
