"""With no network and nothing in any cache the program starts and answers; it never reaches for another machine."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.load.serving import ROOT, checkout

# Addresses of other machines would stand in these calls as sa_family=AF_INET or AF_INET6.
_CALLS = "connect,sendto,sendmsg,sendmmsg"
_ELSEWHERE = re.compile(r"sa_family=AF_INET6?,(?!.*(?:127\.0\.0\.1|\"::1\"|::ffff:127\.0\.0\.1))")
_PATIENCE = 300
# Opens a chat in this process, asks it once as the page does and once as a program, and ends it.
_CHAT = """
import asyncio, json, os, signal, sys, threading
from pathlib import Path

from rag.chat import Door, serve
from tests.load.serving import Page, connection, program

async def ask(address):
    async with connection() as client:
        page = Page(address, client)
        await page.begin()
        answers = await page.ask(sys.argv[2]), await program(address, client, sys.argv[2])
        print(json.dumps([answer["hits"][0]["passage"]["article_id"] for answer in answers]), flush=True)

def visit():
    try:
        asyncio.run(ask("http://127.0.0.1:7860"))
    finally:
        os.kill(os.getpid(), signal.SIGINT)

class Told:
    # The address is printed when the chat is open.
    def write(self, text):
        if "http://" in text:
            threading.Thread(target=visit).start()
    def flush(self):
        pass

shown, sys.stdout = sys.stdout, Told()
_print = print
def print(text, flush): _print(text, file=shown, flush=flush)
serve([Path(sys.argv[1])], door=Door(port=7860))
"""


def _cut_off() -> list[str]:
    """What a command begins with that is to have no network but loopback. Skips where the system does not let us."""
    if sys.platform != "linux" or not shutil.which("unshare") or not shutil.which("ip"):
        pytest.skip("unshare and ip are needed to cut a process off")
    isolated = ["unshare", "-n"] if os.geteuid() == 0 else ["unshare", "-rn"]
    if subprocess.run([*isolated, "ip", "link", "set", "lo", "up"], capture_output=True, check=False).returncode:
        pytest.skip("a process may not be cut off from the network here")
    return [*isolated, "sh", "-c", 'ip link set lo up && exec "$@"', "sh"]


def _run(arguments: Sequence[str], place: Path) -> subprocess.CompletedProcess[str]:
    """Run ``python`` with ``arguments`` cut off from the network, with empty folders for all it might remember."""
    empty = {name: str(place / name) for name in ("HOME", "HF_HOME", "XDG_CACHE_HOME", "XDG_DATA_HOME", "TMPDIR")}
    for folder in empty.values():
        Path(folder).mkdir(exist_ok=True)
    kept = {name: os.environ[name] for name in ("PATH", "LANG") if name in os.environ}
    command = [*_cut_off(), *arguments]
    return subprocess.run(
        command,
        cwd=place / "checkout",
        env={**kept, **empty, "PYTHONPATH": f"{place / 'checkout'}{os.pathsep}{ROOT}"},
        capture_output=True,
        text=True,
        timeout=_PATIENCE,
        check=False,
    )


@pytest.fixture
def place(tmp_path: Path, corpus: Path) -> Path:
    """Where the checkout, the articles and the empty folders lie."""
    checkout(tmp_path / "checkout")
    return tmp_path


QUESTION = "Wer hat die neue Brücke eröffnet?"


def asking(*options: str) -> list[str]:
    return [sys.executable, "-m", "rag", "ask", QUESTION, "--corpus", "../corpus", *options]


def test_a_question_is_answered_without_a_network_or_a_cache(place):
    told = _run(asking("--model", "hashing"), place)
    assert (told.returncode, told.stderr) == (0, "")
    assert "die neue Brücke eröffnet" in told.stdout


@pytest.mark.slow
def test_a_question_is_answered_by_the_shipped_model_without_a_network_or_a_cache(place):
    told = _run(asking(), place)
    assert (told.returncode, told.stderr) == (0, "")
    assert "die neue Brücke eröffnet" in told.stdout
    assert not list((place / "HF_HOME").rglob("*"))


@pytest.mark.slow
def test_the_chat_opens_and_answers_without_a_network_or_a_cache(place):
    told = _run([sys.executable, "-c", _CHAT, "../corpus", QUESTION], place)
    assert (told.returncode, told.stderr) == (0, "")
    assert told.stdout == '["bruecke.txt", "bruecke.txt"]\n'


@pytest.mark.slow
@pytest.mark.parametrize(
    "arguments",
    [asking(), [sys.executable, "-c", _CHAT, "../corpus", QUESTION]],
    ids=["ask", "chat"],
)
def test_nothing_reaches_for_another_machine(arguments, place):
    if not shutil.which("strace"):
        pytest.skip("strace is needed to see what a process connects to")
    trace = place / "trace"
    told = _run(["strace", "-f", "-qq", "-s", "200", "-e", f"trace={_CALLS}", "-o", str(trace), *arguments], place)
    if "Operation not permitted" in told.stderr:
        pytest.skip("a process may not be traced here")
    assert told.returncode == 0, told.stderr
    assert [line for line in trace.read_text("utf-8", "replace").splitlines() if _ELSEWHERE.search(line)] == []


def test_a_call_of_another_machine_would_be_seen_in_the_trace():
    seen = '71 connect(5, {sa_family=AF_INET, sin_port=htons(443), sin_addr=inet_addr("93.184.215.14")}, 16) = -1'
    own = '71 connect(5, {sa_family=AF_INET, sin_port=htons(7860), sin_addr=inet_addr("127.0.0.1")}, 16) = 0'
    assert _ELSEWHERE.search(seen)
    assert not _ELSEWHERE.search(own)
    assert not _ELSEWHERE.search('71 connect(3, {sa_family=AF_UNIX, sun_path="/var/run/nscd/socket"}, 110) = -1')
