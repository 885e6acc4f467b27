"""Readers that ask without pause while another process publishes: each answer is of one generation, word for word."""

from __future__ import annotations

import itertools
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from multiprocessing import Pipe
from multiprocessing.connection import Connection, wait
from pathlib import Path

import pytest

import rag
from rag.encoder import HashingEncoder
from rag.passages import PassageStore
from tests.faults import victim
from tests.faults.editions import checked_edition, is_tidy, update, write_edition
from tests.faults.processes import PATIENCE, Child, child, needs_fork

# Generations published and readers asking meanwhile, in the default run and in the slow one.
FEW, MANY = (15, 4), (100, 8)

pytestmark = needs_fork


class Readers:
    """Those who ask, each in a process or a thread of its own, and the editions of their answers so far."""

    def __init__(self, pipes: list[Connection]) -> None:
        self.pipes = pipes
        self.seen: list[list[int]] = [[] for _ in pipes]

    def hear(self, least: int) -> None:
        """Take in all that has been answered by now, and ``least`` answers at least."""
        heard = 0
        while ready := wait(self.pipes, PATIENCE if heard < least else 0):
            for pipe in ready:
                edition = pipe.recv()
                assert isinstance(edition, int), edition
                self.seen[self.pipes.index(pipe)].append(edition)
                heard += 1
        assert heard >= least, "nobody answers any more"


def publish(publisher: Child, readers: Readers, generations: int) -> None:
    """Have further editions published while the readers are at work, and check that each edition was seen."""
    all_and_one = len(readers.pipes) + 1
    readers.hear(all_and_one)
    for edition in range(2, generations + 2):
        publisher.say(edition)
        assert publisher.hear() == edition
        readers.hear(0)
        # Every answer but one may have been begun before.
        readers.hear(all_and_one)
    publisher.say(None)
    assert publisher.end() == 0
    for seen in readers.seen:
        assert seen == sorted(seen)
    assert {edition for seen in readers.seen for edition in seen} == set(range(1, generations + 2))


@pytest.mark.parametrize(("generations", "readers"), [FEW, pytest.param(*MANY, marks=pytest.mark.slow)])
def test_threads_read_one_generation_each_time_while_another_process_publishes(
    tmp_path: Path, generations: int, readers: int
) -> None:
    corpus, store, stop = tmp_path / "corpus", PassageStore(tmp_path / "index"), threading.Event()
    write_edition(corpus, 1)
    update(corpus, store)
    engine = rag.Engine(corpus, store, HashingEncoder())
    assert engine.resume()
    pipes = [Pipe(duplex=False) for _ in range(readers)]
    with child(victim.publish_editions, corpus, store.folder) as publisher, ThreadPoolExecutor(readers) as pool:
        asking = [pool.submit(victim.ask_until, engine, pipe, stop.is_set) for _, pipe in pipes]
        try:
            publish(publisher, Readers([pipe for pipe, _ in pipes]), generations)
        finally:
            stop.set()
        for one in asking:
            one.result()
    for pipe in itertools.chain(*pipes):
        pipe.close()
    assert checked_edition(engine) == generations + 1
    assert is_tidy(store)


@pytest.mark.slow
def test_processes_read_one_generation_each_time_while_another_process_publishes(tmp_path: Path) -> None:
    generations, readers = MANY
    corpus, store, stop = tmp_path / "corpus", PassageStore(tmp_path / "index"), tmp_path / "stop"
    write_edition(corpus, 1)
    update(corpus, store)
    with ExitStack() as stack:
        arguments = victim.ask_editions, corpus, store.folder, stop
        asking = [stack.enter_context(child(*arguments)) for _ in range(readers)]
        publisher = stack.enter_context(child(victim.publish_editions, corpus, store.folder))
        try:
            publish(publisher, Readers([one.pipe for one in asking]), generations)
        finally:
            stop.touch()
        assert [one.end() for one in asking] == [0] * readers
    assert is_tidy(store)
