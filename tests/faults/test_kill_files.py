"""A program that is killed while it moves articles or notes a verdict loses nothing and leaves nothing half done."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from rag import articles, intake
from rag.evaluation import feedback
from tests.faults import victim
from tests.faults.processes import killed_at, needs_fork, needs_strace, writing_calls

OLD, NEW, OTHER = (f"{what}\n\nDer Rat hat {what} beschlossen.\n".encode() for what in ("Altes", "Neues", "Anderes"))
# Whether a file is moved where its name is free or where another file has it.
NAMES = ["neu.txt", "alt.txt"]

pytestmark = [needs_fork, needs_strace]


def contents(folder: Path) -> list[bytes]:
    """What the whole files under ``folder`` hold, hidden ones too, but for what was on its way in."""
    paths = [path for path in folder.rglob("*") if path.is_file() and ".incoming" not in str(path.relative_to(folder))]
    return sorted(path.read_bytes() for path in paths)


def readable(corpus: Path) -> dict[str, bytes]:
    """The files that an update would read."""
    return {articles.article_id(path, corpus): path.read_bytes() for path in articles.find(corpus)[0]}


@pytest.mark.parametrize("name", NAMES)
def test_a_kill_while_a_file_is_put_in_leaves_it_whole_or_not_at_all(tmp_path: Path, name: str) -> None:
    corpus = tmp_path / "corpus"

    def begin() -> None:
        shutil.rmtree(corpus, ignore_errors=True)
        corpus.mkdir()
        (corpus / "alt.txt").write_bytes(OLD)

    begin()
    work = victim.take_in, corpus, name, NEW
    calls = writing_calls(tmp_path / "calls", *work)
    placed = {"neu.txt": "neu.txt", "alt.txt": "alt (2).txt"}[name]
    for call in calls:
        begin()
        assert killed_at(*call, *work)
        assert readable(corpus) in ({"alt.txt": OLD}, {"alt.txt": OLD, placed: NEW}), call
        assert intake.add(corpus, name, NEW) == placed, call
        assert readable(corpus) == {"alt.txt": OLD, placed: NEW}, call
    assert len(calls) > 3


@pytest.mark.parametrize("earlier", [False, True], ids=["first", "second"])
def test_a_kill_while_a_file_is_taken_out_leaves_it_in_one_place(tmp_path: Path, earlier: bool) -> None:
    corpus = tmp_path / "corpus"

    def begin() -> None:
        shutil.rmtree(corpus, ignore_errors=True)
        (corpus / ".removed").mkdir(parents=True)
        (corpus / "alt.txt").write_bytes(OLD)
        if earlier:
            (corpus / ".removed" / "alt.txt").write_bytes(OTHER)

    begin()
    work = victim.put_aside, corpus, "alt.txt"
    kept = contents(corpus)
    calls = writing_calls(tmp_path / "calls", *work)
    for call in calls:
        begin()
        assert killed_at(*call, *work)
        assert set(contents(corpus)) == set(kept), call
        if readable(corpus):
            assert readable(corpus) == {"alt.txt": OLD}, call
            intake.remove(corpus, "alt.txt")
        assert readable(corpus) == {}, call
        assert set(contents(corpus)) == set(kept), call
        intake.restore(corpus, "alt.txt")
        assert readable(corpus) == {"alt.txt": OLD}, call
    assert calls


def test_a_kill_while_a_file_is_put_back_does_not_keep_it_away(tmp_path: Path) -> None:
    corpus = tmp_path / "corpus"

    def begin() -> None:
        shutil.rmtree(corpus, ignore_errors=True)
        (corpus / ".removed" / "ordner").mkdir(parents=True)
        (corpus / ".removed" / "ordner" / "alt.txt").write_bytes(OLD)

    begin()
    work = victim.put_back, corpus, "ordner/alt.txt"
    calls = writing_calls(tmp_path / "calls", *work)
    for call in calls:
        begin()
        assert killed_at(*call, *work)
        assert readable(corpus) in ({}, {"ordner/alt.txt": OLD}), call
        if not readable(corpus):
            intake.restore(corpus, "ordner/alt.txt")
        assert readable(corpus) == {"ordner/alt.txt": OLD}, call
    assert calls


def test_a_kill_while_a_verdict_is_noted_leaves_every_other_verdict(tmp_path: Path) -> None:
    file = tmp_path / "feedback.jsonl"

    def entry(question: str) -> feedback.Feedback:
        return feedback.Feedback("2026-01-01T00:00:00+00:00", question, question, "up", "", (), "corpus")

    def begin() -> None:
        file.unlink(missing_ok=True)
        feedback.append(file, entry("Was steht da?"))

    begin()
    work = victim.judge, file, entry("Und dann?")
    calls = writing_calls(tmp_path / "calls", *work)
    for call in calls:
        begin()
        assert killed_at(*call, *work)
        feedback.append(file, entry("Und nun?"))
        entries, faults = feedback.read(file)
        assert faults == [], call
        assert [one.question for one in entries if one.question != "Und dann?"] == ["Was steht da?", "Und nun?"], call
    assert calls
