"""torch and FAISS each bring an OpenMP: both may be loaded in any order and used from any thread, without a crutch."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent
# Threads beside those that ask and the team of the model, one of which is the model's own: those of the libraries for
# linear algebra that FAISS, numpy and scipy bring, each of which has one as large as there are cores, the one that
# watches over a progress bar, and the main thread. No question makes any.
TEAMS, OTHERS = 4, 4
ASKING = 8
_CHILD = """
import json, os, sys, threading
{imports}
from pathlib import Path
import rag

engine = rag.open(Path(sys.argv[1]), model=sys.argv[3] or None, index=Path(sys.argv[2]))
done, told = threading.Barrier({asking} + 1), []
def ask(number):
    told.append(len(engine.ask(f"Wer hat die neue Brücke eröffnet, zum {{number}}. Mal?").hits))
    done.wait()
    done.wait()
threads = [threading.Thread(target=ask, args=(number,)) for number in range({asking})]
for thread in threads:
    thread.start()
done.wait()
running = len(os.listdir("/proc/self/task"))
done.wait()
for thread in threads:
    thread.join()
print(json.dumps([told, running, "KMP_DUPLICATE_LIB_OK" in os.environ, os.environ["OMP_WAIT_POLICY"]]))
"""


def run(imports: str, corpus: Path, index: Path, model: str = "hashing") -> tuple[list[int], int]:
    """Ask from several threads in a process of its own; return the numbers of hits and the threads it then has."""
    surroundings = {key: value for key, value in os.environ.items() if not key.startswith(("OMP_", "KMP_"))}
    child = subprocess.run(
        [sys.executable, "-c", _CHILD.format(imports=imports, asking=ASKING), str(corpus), str(index), model],
        cwd=ROOT,
        env={**surroundings, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert (child.returncode, child.stderr) == (0, ""), "OpenMP aborts the process or warns where it is loaded twice"
    told, running, crutch, waiting = json.loads(child.stdout)
    assert not crutch
    assert waiting == "passive", "threads that wait burn the cores that those they wait for need"
    return told, running


def most() -> int:
    """The threads that a process with ``ASKING`` of its own may have on this machine."""
    return ASKING + TEAMS * len(os.sched_getaffinity(0)) + OTHERS


@pytest.mark.skipif(sys.platform != "linux", reason="threads are counted in /proc")
@pytest.mark.parametrize(
    "imports",
    [
        pytest.param("import torch, faiss", marks=pytest.mark.slow),
        pytest.param("import faiss, torch", marks=pytest.mark.slow),
        pytest.param("", marks=pytest.mark.slow),
    ],
)
def test_the_model_and_faiss_work_side_by_side_in_many_threads(imports, corpus, tmp_path):
    told, running = run(imports, corpus, tmp_path / "index", model="")
    assert told == [told[0]] * ASKING
    assert told[0] > 0
    assert running <= most()


@pytest.mark.skipif(sys.platform != "linux", reason="threads are counted in /proc")
def test_searching_in_many_threads_makes_no_team_for_each(corpus, tmp_path):
    told, running = run("", corpus, tmp_path / "index")
    assert told == [told[0]] * ASKING
    # Without torch: the main thread, those that ask, and one team.
    assert running <= ASKING + 2 * len(os.sched_getaffinity(0)) + 1
