"""The account of a corpus: phases, files and the time that is left, without threads or files."""

from __future__ import annotations

from dataclasses import replace

import pytest

from rag.errors import EncoderError
from rag.ledger import FileState, Ledger, Phase, Step
from rag.records import IndexReport, Pending, Progress, Skipped

REPORT = IndexReport(
    articles=3, passages=9, added=3, changed=0, unchanged=0, removed=0, encoded=9, generation=1, skipped=()
)
FILES = [Pending("a.txt", 100), Pending("b.txt", 300), Pending("c.txt", 400)]


class Clock:
    now = 50.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def ledger(clock: Clock) -> Ledger:
    made = Ledger(clock)
    made.loaded(None)
    return made


def steps(ledger: Ledger) -> dict[str, str]:
    return {one.id: str(one.step) for one in ledger.state().files}


def test_a_corpus_is_loading_until_the_model_is_there_and_then_waits_for_its_turn() -> None:
    ledger = Ledger()
    ledger.ask()
    assert (ledger.state().phase, ledger.state().answering) == (Phase.LOADING, False)
    ledger.loaded(None)
    assert (ledger.state().phase, ledger.state().answering) == (Phase.WAITING, False)
    ledger.loaded(REPORT)
    state = ledger.state()
    assert (state.answering, state.articles, state.passages, state.generation) == (True, 3, 9, 1)


def test_every_file_is_told_from_waiting_to_ready_or_refused(ledger: Ledger) -> None:
    ledger.begin(FILES)
    assert steps(ledger) == {"a.txt": "waiting", "b.txt": "waiting", "c.txt": "waiting"}
    ledger.note(Progress("reading", 0, 3, "a.txt"))
    assert steps(ledger) == {"a.txt": "reading", "b.txt": "waiting", "c.txt": "waiting"}
    ledger.note(Progress("reading", 1, 3, "b.txt"))
    assert steps(ledger) == {"a.txt": "encoding", "b.txt": "reading", "c.txt": "waiting"}
    assert (ledger.state().done, ledger.state().total) == (1, 3)
    ledger.note(Progress("reading", 3, 3))
    ledger.note(Progress("encoding", 2, 8))
    assert steps(ledger) == {"a.txt": "encoding", "b.txt": "encoding", "c.txt": "waiting"}
    assert (ledger.state().phase, ledger.state().done, ledger.state().total) == (Phase.ENCODING, 2, 8)
    assert ledger.finish(replace(REPORT, skipped=(Skipped("b.txt", "b.txt is empty."),), waiting=1))
    assert ledger.state().phase is Phase.READING
    assert ledger.state().files[1] == FileState("b.txt", Step.REFUSED, "b.txt is empty.")

    ledger.begin(FILES[1:])
    ledger.note(Progress("reading", 1, 3, "b.txt"))
    ledger.note(Progress("reading", 2, 3, "c.txt"))
    assert not ledger.finish(replace(REPORT, skipped=(Skipped("b.txt", "b.txt is empty."),)))
    assert steps(ledger) == {"a.txt": "ready", "b.txt": "refused", "c.txt": "ready"}
    assert ledger.state().phase is Phase.READY


def test_the_next_run_tells_its_own_files_only(ledger: Ledger) -> None:
    ledger.begin(FILES)
    ledger.finish(REPORT)
    ledger.begin([])
    ledger.finish(REPORT)
    assert ledger.state().files == ()


def test_what_is_asked_for_in_the_middle_makes_the_run_go_on(ledger: Ledger) -> None:
    ledger.begin(FILES[:1])
    ledger.note(Progress("reading", 0, 1, "a.txt"))
    ledger.ask()
    assert ledger.state().phase is Phase.READING
    assert ledger.finish(REPORT)
    ledger.begin(FILES[1:2])
    assert steps(ledger) == {"a.txt": "ready", "b.txt": "waiting"}


def test_a_file_that_went_before_its_turn_is_no_longer_told(ledger: Ledger) -> None:
    ledger.begin(FILES[:2])
    ledger.note(Progress("reading", 0, 1, "a.txt"))
    ledger.finish(REPORT)
    assert steps(ledger) == {"a.txt": "ready"}


def test_the_time_left_is_told_from_the_bytes_done_and_the_time_at_work(ledger: Ledger, clock: Clock) -> None:
    assert ledger.state().seconds_left is None
    ledger.begin(FILES)
    ledger.note(Progress("reading", 0, 1, "a.txt"))
    clock.now += 1
    ledger.note(Progress("encoding", 0, 10))
    assert ledger.state().seconds_left is None
    clock.now += 1
    ledger.note(Progress("encoding", 5, 10))
    assert ledger.state().seconds_left is None  # a first stage of several tells nothing of the others
    clock.now += 2
    ledger.finish(replace(REPORT, waiting=2))
    clock.now += 1_000  # another corpus
    ledger.begin(FILES[1:])
    # 100 of 800 bytes in 4 seconds.
    assert ledger.state().seconds_left == pytest.approx(28)
    ledger.note(Progress("reading", 0, 2, "b.txt"))
    clock.now += 1
    ledger.note(Progress("encoding", 5, 10))
    assert ledger.state().seconds_left == pytest.approx(550 * 5 / 250)
    ledger.finish(replace(REPORT, waiting=1))
    ledger.begin(FILES[2:])
    # The stage before read 300 bytes in 1 second; the first is forgotten.
    assert ledger.state().seconds_left == pytest.approx(400 / 300)
    ledger.note(Progress("reading", 0, 1, "c.txt"))
    ledger.note(Progress("publishing", 0, 1))
    assert ledger.state().seconds_left == pytest.approx(0)
    ledger.finish(REPORT)
    assert ledger.state().seconds_left is None


def test_a_refused_file_is_no_work(ledger: Ledger, clock: Clock) -> None:
    ledger.begin(FILES)
    ledger.note(Progress("reading", 0, 1, "a.txt"))
    clock.now += 2
    ledger.finish(replace(REPORT, skipped=(Skipped("c.txt", "No."),), waiting=1))
    ledger.begin(FILES[1:])
    assert ledger.state().seconds_left == pytest.approx(6)


def test_the_only_stage_of_a_run_tells_how_long_it_takes(ledger: Ledger, clock: Clock) -> None:
    ledger.begin(FILES[:1])
    ledger.note(Progress("reading", 0, 1, "a.txt"))
    clock.now += 2
    ledger.note(Progress("encoding", 5, 20))
    assert ledger.state().seconds_left == pytest.approx(6)


def test_a_refused_file_that_is_mended_in_the_same_run_is_ready(ledger: Ledger) -> None:
    ledger.begin(FILES[:1])
    ledger.finish(replace(REPORT, skipped=(Skipped("a.txt", "No."),), waiting=1))
    ledger.begin(FILES[:1])
    ledger.note(Progress("reading", 0, 1, "a.txt"))
    ledger.finish(REPORT)
    assert steps(ledger) == {"a.txt": "ready"}


def test_what_was_indexed_stays_answering_after_a_failure_and_the_next_run_forgets_it(ledger: Ledger) -> None:
    ledger.begin(FILES)
    ledger.finish(REPORT)
    ledger.begin([])
    ledger.fail(EncoderError("The model failed."))
    state = ledger.state()
    assert (state.phase, state.error, state.answering) == (Phase.FAILED, "The model failed.", True)
    ledger.begin([])
    assert (ledger.state().phase, ledger.state().error, ledger.error) == (Phase.READING, "", None)


def test_a_corpus_without_articles_is_empty(ledger: Ledger) -> None:
    ledger.begin([])
    ledger.finish(replace(REPORT, articles=0, passages=0))
    assert (ledger.state().phase, ledger.state().answering) == (Phase.EMPTY, True)


def test_of_very_many_files_the_first_are_told(ledger: Ledger) -> None:
    ledger.begin([Pending(f"{number:04}.txt", 1) for number in range(2_500)])
    assert len(ledger.state().files) == 2_000
    assert ledger.state().total == 2_500
