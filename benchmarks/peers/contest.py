"""Systems in processes of their own, task by task. Owns how one is started and ended, and which comes when.

The rounds are interleaved, so that whatever else the machine does falls on all alike.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from threading import Timer

from benchmarks.peers import protocol
from benchmarks.peers.child import ANSWERED
from benchmarks.peers.figures import of_questions
from benchmarks.peers.protocol import Job, Result, Task

ROOT = Path(__file__).parent.parent.parent
# What is installed without being pinned for a peer, and what we ourselves search with.
_SHARED = ("torch", "sentence-transformers", "transformers")
_OWN = ("faiss-cpu", "apsw", "numpy")
# Nothing is fetched and nothing is told to anyone.
_ALONE = {
    "HF_HUB_OFFLINE": "1",
    "TRANSFORMERS_OFFLINE": "1",
    "HAYSTACK_TELEMETRY_ENABLED": "False",
    "ANONYMIZED_TELEMETRY": "False",
}


@dataclass(frozen=True, slots=True)
class Contest:
    """What all systems have in common: each one's interpreter by its name, the model's folder, and a folder to work in.

    Everything is done ``rounds`` times. A task that takes longer than ``patience`` seconds has failed.
    """

    python: Mapping[str, Path]
    model: str
    work: Path
    rounds: int
    patience: float = 7200.0


@dataclass(frozen=True, slots=True)
class Standings:
    """What was seen of each system, by name: its figures, a value a round, and the versions of its packages.

    ``faults`` tells of tasks that failed; what they would have told is missing.
    """

    figures: dict[str, dict[str, list[float]]] = field(default_factory=dict)
    versions: dict[str, dict[str, str]] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)

    def note(self, name: str, found: Mapping[str, float]) -> None:
        """Add figures of one system in one round."""
        for figure, value in found.items():
            self.figures.setdefault(name, {}).setdefault(figure, []).append(value)


class FailedError(Exception):
    """A system's process ended without a result."""


def compete(
    contest: Contest,
    corpus: Path,
    tasks: Sequence[Task],
    *,
    judge: Callable[[Result], Mapping[str, float]],
    said: Callable[[str], object] = print,
) -> Standings:
    """Let every system do the tasks, round by round, each of which another one begins; return what was seen.

    ``judge`` tells figures of a result that it does not hold itself; ``said`` is told how far things are.
    """
    standings = Standings()
    names = list(contest.python)
    for turn in range(contest.rounds):
        first = turn % len(names)
        for name in [*names[first:], *names[:first]]:
            for task in tasks:
                try:
                    result = run(contest, name, task, corpus)
                except FailedError as error:
                    standings.faults.append(str(error))
                    said(str(error))
                    break
                found = of_questions(result) | (dict(judge(result)) if result.ranked else {})
                standings.note(name, found)
                standings.versions[name] = result.versions
                said(f"{turn + 1}/{contest.rounds} {name}, {task}: {_told(found)}")
    return standings


def run(contest: Contest, name: str, task: Task, corpus: Path) -> Result:
    """Do one task of one system in a process of its own and return what it saw. Raises FailedError.

    A cold start is timed from here: from before there is a process to its first answer.
    """
    index = contest.work / f"index-{corpus.name}-{name}"
    if task in ("index", "vectors"):
        shutil.rmtree(index, ignore_errors=True)
        index.mkdir()
    told, seen, errors = (contest.work / file for file in ("job.json", "result.json", "errors.txt"))
    protocol.write(told, Job(task, contest.model, str(corpus), str(index), packages(name)))
    seen.unlink(missing_ok=True)
    command = [str(contest.python[name]), "-m", f"benchmarks.peers.{name}", str(told), str(seen)]
    with errors.open("wb") as log:
        answered, code = _answered(command, contest, log.fileno())
    if code or not seen.exists():
        raise FailedError(f"{name}, {task}, ended with {code}: {errors.read_text('utf-8', 'replace').strip()[-2000:]}")
    result = protocol.read_result(seen)
    return Result({"cold": answered}, versions=result.versions) if task == "cold" else result


def packages(name: str) -> tuple[str, ...]:
    """Return the packages of a system whose versions are told: those pinned for it, and those that all have."""
    pins = ROOT / "benchmarks" / "peers" / f"{name}.txt"
    own = [line.partition("==")[0] for line in pins.read_text("utf-8").split()] if pins.exists() else _OWN
    return tuple(dict.fromkeys([*own, *_SHARED]))


def _answered(command: list[str], contest: Contest, log: int) -> tuple[float, int]:
    """Run a process to its end; return the seconds until it said that it had answered, and its exit code."""
    answered = 0.0
    # What our own encoder sets for its threads is in this process already, and is not for the peers.
    inherited = {name: value for name, value in os.environ.items() if name != "OMP_WAIT_POLICY"}
    environment = inherited | _ALONE | {"HOME": str(contest.work)}
    begun = time.perf_counter()
    process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=log)
    timer = Timer(contest.patience, process.kill)
    timer.start()
    with process:
        for line in process.stdout or ():
            if line.strip() == ANSWERED.encode():
                answered = time.perf_counter() - begun
    timer.cancel()
    return answered, process.returncode


def _told(found: Mapping[str, float]) -> str:
    return ", ".join(f"{figure} {value:.4g}" for figure, value in found.items())
