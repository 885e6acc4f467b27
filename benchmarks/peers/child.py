"""One system in a process of its own, in the system's own environment. Owns the clock and the order of what is done.

A script calls ``main`` with its system; the command line names the file of the job and the file for the result.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterable
from importlib.metadata import version
from pathlib import Path
from typing import TypeVar

import numpy as np

from benchmarks.peers import protocol
from benchmarks.peers.protocol import Corpus, Job, Result, System, Vectors

# What is printed as soon as the first answer of a cold start is there.
ANSWERED = "answered"
# Questions asked before the clock runs, and the fewest that are timed however long they take.
WARMING = 5
FEWEST = 20

_T = TypeVar("_T")
_R = TypeVar("_R")


def main(system: System) -> None:
    """Do the job that the command line names."""
    job = protocol.read_job(Path(sys.argv[1]))
    result = {"index": _index, "cold": _cold, "answer": _answer, "vectors": _vectors}[job.task](system, job)
    versions = {name: version(name) for name in job.packages}
    protocol.write(Path(sys.argv[2]), Result(result.figures, result.seconds, result.ranked, versions))


def _index(system: System, job: Job) -> Result:
    corpus, index = protocol.unchanged(Path(job.corpus)), Path(job.index)
    figures = {"load": _loaded(system, job)}
    figures["index"] = _seconds(lambda: system.build(corpus, index))
    figures |= {"peak while indexing": peak(), "disk": size_of(index)}
    figures["nothing changed"] = _seconds(lambda: system.renew(corpus, index))
    corpus = protocol.changed(Path(job.corpus))
    figures["some changed"] = _seconds(lambda: system.renew(corpus, index))
    return Result(figures)


def _cold(system: System, job: Job) -> Result:
    system.load(job.model)
    system.open(_articles(job), Path(job.index))
    found = system.ask(protocol.questions(Path(job.corpus))[0], job.k)
    print(ANSWERED, flush=True)
    if not found:
        raise RuntimeError("the first question found nothing")
    return Result()


def _answer(system: System, job: Job) -> Result:
    _loaded(system, job)
    system.open(_articles(job), Path(job.index))
    asked = protocol.questions(Path(job.corpus))
    for question in asked[:WARMING]:
        system.ask(question, job.k)
    ask, _ = _each(lambda question: system.ask(question, job.k), asked[WARMING:], job.budget)
    most = peak()
    encode, vectors = _each(system.encode, asked[WARMING:], job.budget)
    inner = _inner(system, list(zip(asked[WARMING:], vectors, strict=False)), job)
    return Result({"peak while asking": most}, {"ask": ask, "encode": encode, **inner.seconds}, inner.ranked)


def _vectors(system: System, job: Job) -> Result:
    folder = Path(job.corpus)
    corpus = Corpus(folder / "articles", protocol.read_passages(folder / "passages.jsonl"))
    vectors: Vectors = np.load(folder / "vectors.npy")
    asked: Vectors = np.load(folder / "asked.npy")
    system.load(None)
    figures = {"index": _seconds(lambda: system.take(corpus, vectors, Path(job.index)))}
    figures |= {"peak while indexing": peak(), "disk": size_of(Path(job.index))}
    inner = _inner(system, list(zip(protocol.questions(folder), asked, strict=True)), job)
    return Result(figures, inner.seconds, inner.ranked)


def _inner(system: System, asked: list[tuple[str, Vectors]], job: Job) -> Result:
    """Time what lies behind the encoder: the search by vectors and, where the system has more, all of it."""
    for _, vector in asked[:WARMING]:
        system.nearest(vector, job.k)
    nearest, ranked = _each(lambda one: system.nearest(one[1], job.k), asked, job.budget)
    seconds = {"nearest": nearest}
    search: Callable[[str, Vectors, int], list[str]] | None = getattr(system, "search", None)
    if search is not None:
        for question, vector in asked[:WARMING]:
            search(question, vector, job.k)
        seconds["search"], _ = _each(lambda one: search(*one, job.k), asked, job.budget)
    return Result({}, seconds, ranked)


def _loaded(system: System, job: Job) -> float:
    """Load the system, with a first text through the model; return the seconds that took."""
    begun = time.perf_counter()
    system.load(job.model)
    system.encode("What comes first?")
    return time.perf_counter() - begun


def _articles(job: Job) -> Corpus:
    return Corpus(Path(job.corpus) / "articles")


def _each(work: Callable[[_T], _R], given: Iterable[_T], budget: float) -> tuple[list[float], list[_R]]:
    """Do ``work`` on each of what is given, until the budget is spent; return the seconds of each and what came."""
    seconds, results = [], []
    for one in given:
        begun = time.perf_counter()
        results.append(work(one))
        seconds.append(time.perf_counter() - begun)
        if len(seconds) >= FEWEST and sum(seconds) > budget:
            break
    return seconds, results


def _seconds(work: Callable[[], object]) -> float:
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun


def peak() -> float:
    """Return the most bytes that this process has held in memory so far; 0 where the system does not tell."""
    status = Path("/proc/self/status")
    lines = status.read_text("utf-8").splitlines() if status.exists() else []
    return next((1024.0 * int(line.split()[1]) for line in lines if line.startswith("VmHWM:")), 0.0)


def size_of(folder: Path) -> float:
    return float(sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()))
