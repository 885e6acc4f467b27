"""How far a corpus is: what is done, what is left, what was refused, and how long it will take. Owns the account only.

One thread works and writes here, any other may look. Sizes in bytes measure the work, because they are known before a
file is read.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from itertools import islice

from rag.errors import FundstelleError
from rag.records import IndexReport, Pending, Progress

# Files that a state names at most: more are not looked at, and it goes to the page many times.
_MOST_NAMED = 2_000


class Phase(StrEnum):
    """What is done for a corpus now. LOADING is of the model; WAITING, while another corpus is worked on."""

    LOADING = "loading"
    WAITING = "waiting"
    READING = "reading"
    ENCODING = "encoding"
    PUBLISHING = "publishing"
    READY = "ready"
    EMPTY = "empty"
    FAILED = "failed"


class Step(StrEnum):
    """How far a file is: not begun, being read, being encoded, found by questions, not an article."""

    WAITING = "waiting"
    READING = "reading"
    ENCODING = "encoding"
    READY = "ready"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class FileState:
    """How far a file is; ``reason`` says in a sentence why it was refused."""

    id: str
    step: Step
    reason: str = ""


@dataclass(frozen=True, slots=True)
class State:
    """How far a corpus is.

    ``done`` of ``total`` are files while reading, passages of the files at work while encoding, else 0;
    ``seconds_left`` is None as long as nothing can be said. ``articles`` and ``passages`` are those that can be asked,
    if ``answering``. ``files`` are the new, changed and refused ones of the run that is under way, or else of the last;
    the first 2,000. ``error`` is the sentence for the user where ``phase`` is FAILED.
    """

    phase: Phase
    done: int = 0
    total: int = 0
    seconds_left: float | None = None
    articles: int = 0
    passages: int = 0
    answering: bool = False
    files: tuple[FileState, ...] = ()
    error: str = ""
    generation: int = 0


class Ledger:
    """The account of one corpus. ``clock`` gives seconds; a run consists of stages, each begun and finished."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._changed = threading.Condition()
        self._phase = Phase.LOADING
        self._report: IndexReport | None = None
        self._error: FundstelleError | None = None
        self._files: dict[str, FileState] = {}
        self._sizes: dict[str, int] = {}
        self._stage: dict[str, None] = {}  # an ordered set: the files that this stage has read
        self._step: Progress | None = None
        self._running = self._working = self._asked = False
        self._since = self._spent = 0.0
        # Bytes done and seconds spent at the beginning of the stage before this one, and of this one.
        self._marks: list[tuple[float, float]] = []

    @property
    def error(self) -> FundstelleError | None:
        """What the last run failed of, None if it did not."""
        return self._error

    def ask(self) -> None:
        """Note that the corpus is to be read."""
        with self._changed:
            self._asked = True
            if not self._working and self._phase is not Phase.LOADING:
                self._phase = Phase.WAITING

    def loaded(self, report: IndexReport | None) -> None:
        """Note that the model is there, and what an earlier run has left, None for nothing of use."""
        with self._changed:
            self._phase, self._report, self._error = Phase.WAITING, report, None
            self._changed.notify_all()

    def begin(self, pending: Sequence[Pending]) -> None:
        """Note that a stage begins, and which files are new or changed."""
        with self._changed:
            if not self._running:
                self._files, self._sizes, self._marks, self._spent = {}, {}, [], 0.0
            self._marks = [*self._marks[-1:], (self._bytes()[0], self._spent)]
            self._running, self._working, self._asked, self._error = True, True, False, None
            self._phase, self._since, self._stage = Phase.READING, self._clock(), {}
            for one in pending:
                self._sizes[one.id] = one.bytes
                if one.id not in self._files or self._files[one.id].step is not Step.REFUSED:
                    self._files[one.id] = FileState(one.id, Step.WAITING)

    def note(self, progress: Progress) -> None:
        """Note a step of the stage."""
        with self._changed:
            self._phase, self._step = Phase(progress.stage), progress
            if self._stage:
                self._mark(next(reversed(self._stage)), Step.ENCODING)
            if progress.item:
                self._stage[progress.item] = None
                self._mark(progress.item, Step.READING)

    def finish(self, report: IndexReport) -> bool:
        """Note that the stage is done, and say whether the run goes on."""
        with self._changed:
            for name in self._stage:
                self._files[name] = FileState(name, Step.READY)
            for one in report.skipped:
                self._files[one.path] = FileState(one.path, Step.REFUSED, one.reason)
            self._running = report.waiting > 0 or self._asked
            if not self._running:  # what still waits has gone before its turn came
                self._files = {name: one for name, one in self._files.items() if one.step is not Step.WAITING}
            done = Phase.READY if report.articles else Phase.EMPTY
            self._stop(Phase.READING if self._running else done)
            self._report = report
            return self._running

    def fail(self, error: FundstelleError) -> None:
        """Note that the run came to an end because of ``error``; what was indexed before can still be asked."""
        with self._changed:
            self._error, self._running = error, False
            self._stop(Phase.FAILED)

    def wait(self, seconds: float) -> None:
        """Return when the corpus can be asked or has failed, or after ``seconds``."""
        with self._changed:
            self._changed.wait_for(lambda: self._report is not None or self._phase is Phase.FAILED, seconds)

    def state(self) -> State:
        """Return how far the corpus is now."""
        with self._changed:
            done, total = self._counted()
            report = self._report
            return State(
                phase=self._phase,
                done=done,
                total=total,
                seconds_left=self._seconds_left(),
                articles=report.articles if report else 0,
                passages=report.passages if report else 0,
                answering=report is not None,
                files=tuple(islice(self._files.values(), _MOST_NAMED)),
                error=str(self._error) if self._error else "",
                generation=report.generation if report else 0,
            )

    def _mark(self, name: str, step: Step) -> None:
        if name in self._files and self._files[name].step is not Step.REFUSED:
            self._files[name] = replace(self._files[name], step=step)

    def _stop(self, phase: Phase) -> None:
        self._spent = self._spent_now()
        self._working, self._step, self._stage, self._phase = False, None, {}, phase
        self._changed.notify_all()

    def _counted(self) -> tuple[int, int]:
        if self._phase is Phase.READING:
            begun = (Step.WAITING, Step.READING)
            return sum(one.step not in begun for one in self._files.values()), len(self._files)
        return (self._step.done, self._step.total) if self._step else (0, 0)

    def _seconds_left(self) -> float | None:
        """Return the time for the bytes that are left, at the speed of this stage and the one before.

        The first stage of several says nothing: it is small, and pays for what is done once.
        """
        if not self._running or (len(self._marks) == 1 and len(self._stage) < len(self._files)):
            return None
        ready, left = self._bytes()
        (ready_before, spent_before), *_ = self._marks
        gained, spent = ready - ready_before, self._spent_now() - spent_before
        return left * spent / gained if gained else None

    def _bytes(self) -> tuple[float, float]:
        """Return the bytes that are done and those that are left; refused files count for nothing."""
        ready = left = 0.0
        for name, one in self._files.items():
            size = self._sizes.get(name, 0)
            part = 1.0 if one.step is Step.READY else self._share() if name in self._stage else 0.0
            if one.step is not Step.REFUSED:
                ready, left = ready + part * size, left + (1 - part) * size
        return ready, left

    def _spent_now(self) -> float:
        """Return the seconds of work in this run; those spent on other corpora are not counted."""
        return self._spent + (self._clock() - self._since if self._working else 0.0)

    def _share(self) -> float:
        """Return which share, 0 to 1, of the stage's files is encoded."""
        step = self._step
        if self._phase is Phase.PUBLISHING:
            return 1.0
        return step.done / max(step.total, 1) if step and self._phase is Phase.ENCODING else 0.0
