"""A writer that is killed at any moment leaves the old generation or the new one, and the next writer goes on."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest

from rag import indexing
from rag.encoder import HashingEncoder
from rag.passages import PassageStore
from rag.settings import DEFAULTS
from rag.splitting import sentence_texts
from rag.terms import stems

ROOT = Path(__file__).parents[2]
VICTIM = [sys.executable, str(Path(__file__).with_name("victim.py"))]
KILLS = 30
SENTENCE = "Im Artikel Nummer {n} der Ausgabe {edition} steht, was der Rat am Tag {n} über den Hafen beschloss."

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="needs processes that can be forked and killed")


def write_edition(corpus: Path, edition: int) -> None:
    """Make the corpus one in which every article differs from every other edition's, and one comes or goes."""
    shutil.rmtree(corpus, ignore_errors=True)
    corpus.mkdir()
    for n in range(4 + edition % 2):
        (corpus / f"{n}.txt").write_text(f"Artikel {n}\n\n{SENTENCE.format(n=n, edition=edition)}\n", "utf-8")


def served_edition(store: PassageStore) -> int:
    """The one edition that articles, passages, vectors and lexical search all serve; 0 before the first."""
    with store.snapshot() as snapshot:
        if snapshot.manifest is None:
            assert snapshot.article_ids() == []
            assert snapshot.passage_count() == 0
            return 0
        index = indexing.load_vectors(store, snapshot)
        ids, vectors = snapshot.vectors()
        assert len(index) == len(ids) > 0
        texts = [snapshot.article(name).text for name in snapshot.article_ids()]
        for passage, vector in zip(snapshot.passages(ids.tolist()), vectors, strict=True):
            assert passage.text in snapshot.article(passage.article_id).text
            assert index.search(vector, 1)[0].tolist() == [passage.id]
            assert index.scores(vector, np.array([passage.id]))[0] == pytest.approx(1.0, abs=1e-6)
            found = stems(passage.text)
            assert passage.id in snapshot.containing({"de": found.german, "en": found.english}, len(ids))
            assert len(snapshot.sentence_vectors([passage.id])[passage.id]) == len(sentence_texts(passage))
    (edition,) = {int(number) for text in texts for number in re.findall(r"Ausgabe (\d+)", text)}
    assert len(texts) == 4 + edition % 2
    return edition


def update(corpus: Path, store: PassageStore) -> None:
    indexing.update(corpus, store, HashingEncoder(), settings=DEFAULTS)


@contextmanager
def victim(corpus: Path, index: Path) -> Iterator[subprocess.Popen[str]]:
    process = subprocess.Popen(
        [*VICTIM, str(corpus), str(index)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    with process:
        yield process


def ask(process: subprocess.Popen[str], line: int) -> str:
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write(f"{line}\n")
    process.stdin.flush()
    return process.stdout.readline().strip()


def test_a_kill_at_any_line_leaves_one_whole_generation(tmp_path: Path) -> None:
    corpus, store = tmp_path / "corpus", PassageStore(tmp_path / "index")
    write_edition(corpus, 1)
    with victim(corpus, store.folder) as process:
        lines = int(ask(process, 0))
        assert served_edition(store) == 1
        kills = 0
        for edition in range(2, KILLS + 2):
            write_edition(corpus, edition)
            # Spread over the whole run; each edition is of about as many lines as the first.
            last = 1 + (edition * 7919) % lines
            kills += ask(process, last) == "killed"
            assert served_edition(store) in (edition - 1, edition), f"killed at line {last}"
            update(corpus, store)
            assert served_edition(store) == edition
            assert len(list(store.folder.glob("vectors-*"))) == 1
    assert kills > KILLS / 2


def test_a_killed_first_run_resumes_without_encoding_again(tmp_path: Path) -> None:
    corpus, store = tmp_path / "corpus", PassageStore(tmp_path / "index")
    write_edition(corpus, 1)
    with victim(corpus, tmp_path / "other") as process:
        lines = int(ask(process, 0))
    resumed = []
    with victim(corpus, store.folder) as process:
        for last in range(lines * 3 // 4, lines, max(1, lines // 40)):
            ask(process, last)
            assert served_edition(store) in (0, 1)
            resumed.append(indexing.update(corpus, store, HashingEncoder(), settings=DEFAULTS).encoded)
            shutil.rmtree(store.folder)
    # Killed after the vectors were committed and before they were published: nothing was left to encode.
    assert 0 in resumed


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("strace") is None, reason="needs strace")
@pytest.mark.parametrize("call", ["pwrite64", "write", "fsync,fdatasync", "rename,unlink,ftruncate"])
def test_a_kill_at_any_system_call_leaves_one_whole_generation(tmp_path: Path, call: str) -> None:
    corpus, store = tmp_path / "corpus", PassageStore(tmp_path / "index")
    write_edition(corpus, 1)
    update(corpus, store)
    edition, killed = 1, True
    while killed:
        edition += 1
        write_edition(corpus, edition)
        inject = f"inject={call}:signal=KILL:when={edition - 1}"
        finished = subprocess.run(
            [
                "strace",
                "-f",
                "-qq",
                "-o",
                "/dev/null",
                "-e",
                f"trace={call}",
                "-e",
                inject,
                *VICTIM,
                corpus,
                store.folder,
            ],
            input="0\n",
            capture_output=True,
            text=True,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            check=False,
        )
        killed = finished.returncode != 0 or "killed" in finished.stdout
        assert served_edition(store) in (edition - 1, edition), f"killed at {call} number {edition - 1}"
        update(corpus, store)
        assert served_edition(store) == edition
    assert edition > 2
