"""A chat with the shipped model, asked by many and for long: nothing is lost, nothing grows."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from gradio_client import Client

from benchmarks.questions import load
from tests.conftest import awaited
from tests.load import crowd
from tests.load.serving import Server, checkout, serving
from tests.load.soaking import growth, soak

pytestmark = pytest.mark.slow

CLIENTS, SECONDS = 32, 120.0
# 10,000 questions after those that warm up: sessions and caches are full by then.
ROUNDS, EACH, WARM_UP = 42, 250, 2
# Kilobytes of resident memory for each question, and how far descriptors and threads may be from the first sample.
GROWTH, DESCRIPTORS, THREADS = 1.0, 2, 4
# Seconds: for the whole of it on a slow machine.
PATIENCE = 4 * 3600.0


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    place = checkout(tmp_path_factory.mktemp("long") / "checkout")
    crowd.write(place / "seeds")
    with serving(place, ["-m", "rag", "chat", "--quiet", "seeds"]) as server:
        yield server


def test_in_two_minutes_of_32_clients_no_answer_is_lost_and_none_is_another_ones(server: Server) -> None:
    told = awaited(crowd.crowd(server.address, CLIENTS, SECONDS), PATIENCE)
    assert told.faults == []
    assert len(told.seconds) >= CLIENTS


def test_programs_with_gradios_client_get_their_own_answers_too(server: Server) -> None:
    def ask(name: str) -> list[tuple[str, str]]:
        client = Client(server.address, verbose=False, analytics_enabled=False)
        try:
            told = [client.predict(question=f"Was wurde in {name} erweitert?", api_name="/ask") for _ in range(5)]
        finally:
            client.close()
        return [(answer["question"], answer["hits"][0]["passage"]["article_id"]) for answer in told]

    names = crowd.NAMES[:8]
    with ThreadPoolExecutor(len(names)) as threads:
        told = list(threads.map(ask, names))
    assert told == [[(f"Was wurde in {name} erweitert?", f"{name}.txt")] * 5 for name in names]


def test_ten_thousand_questions_leave_nothing_behind(server: Server) -> None:
    questions = [one.question.question for one in load() if one.corpus == "seeds"]
    samples = awaited(soak(server, questions, rounds=ROUNDS, each=EACH), PATIENCE)[WARM_UP:]
    first = samples[0].usage
    told = "\n".join(map(str, samples))

    assert growth(samples) <= GROWTH, told
    assert {one.usage.temporary for one in samples} == {first.temporary}, told
    assert all(abs(one.usage.descriptors - first.descriptors) <= DESCRIPTORS for one in samples), told
    assert all(abs(one.usage.threads - first.threads) <= THREADS for one in samples), told
