"""Processes of their own for the tests of faults. Owns how they are begun, told to go on, traced and ended.

They come from a server that has loaded the product once, so that each begins within milliseconds and, unlike a copy of
the process that runs the tests, without its threads.
"""

from __future__ import annotations

import multiprocessing
import os
import re
import shutil
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing.connection import Connection
from multiprocessing.context import ForkServerContext, ForkServerProcess
from pathlib import Path
from typing import Any

import pytest

# How long anything here may take, in seconds, before a test gives up on it.
PATIENCE = 60.0
# Calls that name a file or a descriptor and leave the disk as it is; a kill at any of them is a kill at the next call
# that does not.
READING = re.compile(
    r"(newf|f|l)?stat(at|x|fs|64)*|fstatfs|p?read(64|v|v2)?|_?ll?seek|getdents(64)?|access|faccessat2?|readlink(at)?"
    r"|close|fcntl(64)?|flock|ioctl|poll|ppoll|e?poll_\w+|p?select6?|fadvise64(_64)?|getcwd|mmap2?|dup[23]?|pipe2?"
    r"|inotify_\w+|fgetxattr|l?getxattr|execve"
)
OPENING, MAKING = re.compile(r"open(at2?)?"), re.compile(r"O_CREAT|O_TRUNC|O_TMPFILE")

needs_fork = pytest.mark.skipif(not hasattr(os, "fork"), reason="needs processes as POSIX has them")


def _strace_works() -> bool:
    command = ["strace", "-qq", "-o", os.devnull, "true"]
    return bool(shutil.which("strace")) and subprocess.run(command, capture_output=True, check=False).returncode == 0


needs_strace = pytest.mark.skipif(
    not sys.platform.startswith("linux") or not _strace_works(), reason="needs strace, and the right to trace"
)


@dataclass(frozen=True, slots=True)
class Child:
    """A process at work, and the pipe to it."""

    process: ForkServerProcess
    pipe: Connection

    def say(self, word: object) -> None:
        self.pipe.send(word)

    def hear(self) -> Any:
        """What it says next; EOFError if it has ended, an assertion if it says nothing for too long."""
        assert self.pipe.poll(PATIENCE), "the process says nothing"
        return self.pipe.recv()

    def signal(self, number: signal.Signals) -> None:
        assert self.process.pid is not None
        os.kill(self.process.pid, number)

    def end(self) -> int:
        """Wait for its end and return its exit code, negative where a signal ended it."""
        self.process.join(PATIENCE)
        assert self.process.exitcode is not None, "the process does not end"
        return self.process.exitcode


@contextmanager
def child(work: Callable[..., None], *arguments: object) -> Iterator[Child]:
    """Begin a process that does ``work(pipe, *arguments)``; what is left of it when the block ends is killed."""
    context: ForkServerContext = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["tests.faults.victim"])
    ours, theirs = context.Pipe()
    process = context.Process(target=work, args=(theirs, *arguments), daemon=True)
    process.start()
    theirs.close()
    try:
        yield Child(process, ours)
    finally:
        process.kill()
        process.join(PATIENCE)
        process.close()
        ours.close()


@contextmanager
def _traced(pid: int | None, *options: str) -> Iterator[None]:
    command = ["strace", "-f", *options, "-p", str(pid)]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as tracer:
        assert tracer.stderr is not None
        # It says so as soon as no call can escape it any more.
        assert "attached" in (said := tracer.stderr.readline()), said
        yield
        tracer.wait(PATIENCE)


def writing_calls(log: Path, work: Callable[..., None], *arguments: object) -> list[tuple[str, int]]:
    """Do ``work`` and return every system call of it that can change a file, each with its number among its like."""
    with child(work, *arguments) as victim:
        victim.hear()
        with _traced(victim.process.pid, "-o", str(log), "-e", "trace=%file,%desc"):
            victim.say("go on")
            victim.end()
    made: Counter[str] = Counter()
    calls = []
    for name, rest in re.findall(r"^\d+ +(\w+)\((.*)", log.read_text("utf-8", "replace"), re.MULTILINE):
        made[name] += 1
        if not (READING.fullmatch(name) or (OPENING.fullmatch(name) and not MAKING.search(rest))):
            calls.append((name, made[name]))
    return calls


def killed_at(call: str, number: int, work: Callable[..., None], *arguments: object) -> bool:
    """Do ``work`` and kill it when it begins its ``number``-th system call ``call``; False where it never does."""
    inject = f"inject={call}:signal=KILL:when={number}"
    with child(work, *arguments) as victim:
        victim.hear()
        with _traced(victim.process.pid, "-o", os.devnull, "-e", f"trace={call}", "-e", inject):
            victim.say("go on")
            code = victim.end()
    assert code in (0, -signal.SIGKILL)
    return code != 0
