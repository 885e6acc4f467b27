"""Corpora in the background: they answer from what is ready, take files in and out, and end when they are closed."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from rag.encoder import HashingEncoder
from rag.errors import ArticleError, CorpusError, EncoderError, FundstelleError, IndexStoreError, QuestionError
from rag.library import Corpus, FileState, Library, Phase, State, Step
from rag.records import Progress
from tests.conftest import ARTICLES

TEXT = b"The lighthouse\n\nThe lighthouse on the cape was lit again on Friday.\n"
DONE = {Phase.READY, Phase.EMPTY, Phase.FAILED}


@pytest.fixture(autouse=True)
def places(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Indexes and the reader's own articles lie in the test's own folder."""
    monkeypatch.setattr("rag.paths.index_folder", lambda corpus: tmp_path / "indexes" / f"{corpus.name}-0")
    monkeypatch.setattr("rag.paths.own_articles", lambda: tmp_path / "My articles")


@contextmanager
def opened(*folders: Path, model: str = "hashing", **wishes) -> Iterator[Library]:
    library = Library(folders, model=model, **wishes)
    try:
        yield library
    finally:
        library.close()


def settled(corpus: Corpus, fits: Callable[[State], bool] = lambda state: True) -> State:
    """The corpus' state when nothing is left to do for it."""
    for _ in range(3_000):
        state = corpus.state()
        if state.phase in DONE and fits(state):
            return state
        time.sleep(0.02)
    raise AssertionError(f"the corpus did not settle: {state}")


def found(corpus: Corpus, question: str) -> set[str]:
    return {hit.passage.article_id for hit in corpus.engine().retrieve(question, k=50)}


def many(folder: Path, count: int) -> Path:
    folder.mkdir()
    for number in range(count):
        text = f"Meldung {number}\n\nIn der Gemeinde Nummer{number} wurde am Montag gewählt.\n"
        (folder / f"{number:03}.txt").write_text(text, "utf-8")
    return folder


class Gate:
    """A progress callback that holds the work at the first step for which ``at`` is true, until it is opened."""

    def __init__(self, at: Callable[[Progress], bool]) -> None:
        self._at = at
        self.reached, self.open = threading.Event(), threading.Event()

    def __call__(self, step: Progress) -> None:
        if self._at(step):
            self.reached.set()
            assert self.open.wait(60)


def test_a_corpus_is_opened_in_the_background_and_tells_of_every_file(corpus: Path) -> None:
    with opened(corpus) as library:
        (one,) = library.corpora
        state = settled(one)
        assert state.phase is Phase.READY
        assert state.answering
        assert (state.articles, state.generation, state.error) == (3, 1, "")
        assert [(file.id, file.step) for file in state.files] == [(name, Step.READY) for name in sorted(ARTICLES)]
        assert (one.name, one.folder, one.sample) == ("corpus", corpus, False)
        assert library.corpus(one.key) is one
        assert found(one, "Brücke") >= {"bruecke.txt"}


def test_questions_are_answered_from_what_is_ready_while_the_rest_is_read(tmp_path: Path) -> None:
    folder = many(tmp_path / "many", 30)
    gate = Gate(lambda step: step.item == "008.txt")
    with opened(folder, progress=gate) as library:
        (one,) = library.corpora
        assert gate.reached.wait(60)
        state = one.state()
        assert state.answering
        assert state.articles == 8
        assert [file.step for file in state.files] == [Step.READY] * 8 + [Step.WAITING] * 22
        assert found(one, "Nummer3") >= {"003.txt"}
        assert "020.txt" not in found(one, "Nummer20")
        gate.open.set()
        assert settled(one).articles == 30
        assert settled(one).generation == 3  # 8, 16 and 6 files
        assert found(one, "Nummer20") >= {"020.txt"}


def test_before_anything_is_indexed_a_question_is_told_to_wait(corpus: Path) -> None:
    gate = Gate(lambda step: True)
    with opened(corpus, progress=gate) as library:
        (one,) = library.corpora
        assert gate.reached.wait(60)
        one.wait(0)
        with pytest.raises(QuestionError, match="corpus are still being prepared"):
            one.engine()
        gate.open.set()
        one.wait(60)
        assert one.engine().report.articles == 3


def test_at_the_next_start_the_old_index_answers_at_once(corpus: Path) -> None:
    with opened(corpus) as library:
        settled(library.corpora[0])
    (corpus / "light.txt").write_bytes(TEXT)
    gate = Gate(lambda step: True)
    with opened(corpus, progress=gate) as library:
        (one,) = library.corpora
        assert gate.reached.wait(60)
        assert one.state().phase is not Phase.READY
        assert found(one, "Brücke") >= {"bruecke.txt"}
        gate.open.set()
        assert settled(one).files == (FileState("light.txt", Step.READY),)


def test_files_that_are_refused_are_named_with_the_reason(corpus: Path) -> None:
    (corpus / "bytes.txt").write_bytes(b"a\xff\xfe\x00\x81")
    (corpus / "photo.jpg").touch()
    with opened(corpus) as library:
        files = {file.id: file for file in settled(library.corpora[0]).files}
    assert files["bytes.txt"].step is files["photo.jpg"].step is Step.REFUSED
    assert "cannot be decoded" in files["bytes.txt"].reason
    assert "files of this kind are not read" in files["photo.jpg"].reason
    assert files["harbour.txt"] == FileState("harbour.txt", Step.READY)


def test_a_file_is_added_removed_and_restored(corpus: Path) -> None:
    def has(articles: int) -> Callable[[State], bool]:
        return lambda state: state.articles == articles

    with opened(corpus) as library:
        (one,) = library.corpora
        settled(one)
        assert one.writable
        assert one.add("light.txt", TEXT) == "light.txt"
        assert settled(one, has(4)).files == (FileState("light.txt", Step.READY),)
        assert "light.txt" in found(one, "lighthouse on the cape")
        one.remove("light.txt")
        settled(one, has(3))
        assert "light.txt" not in found(one, "lighthouse on the cape")
        one.restore("light.txt")
        settled(one, has(4))
        assert "light.txt" in found(one, "lighthouse on the cape")
        with pytest.raises(ArticleError, match="empty"):
            one.add("nothing.txt", b"")
        with pytest.raises(ArticleError, match="There is no file"):
            one.remove("../light.txt")


def test_an_empty_folder_is_a_corpus_that_can_be_filled_and_emptied_again(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    with opened(tmp_path / "empty") as library:
        (one,) = library.corpora
        assert settled(one).phase is Phase.EMPTY
        assert one.engine().ask("Who lit the lighthouse?").hits == ()
        one.add("light.txt", TEXT)
        settled(one, lambda state: state.phase is Phase.READY)
        assert found(one, "Who lit the lighthouse?") == {"light.txt"}
        one.remove("light.txt")
        settled(one, lambda state: state.phase is Phase.EMPTY)
        assert one.engine().retrieve("Who lit the lighthouse?") == []
        answer = one.engine().ask("Who lit the lighthouse?")
        assert (answer.statements, answer.hits) == ((), ())
        assert one.engine().article_ids() == []


def test_several_corpora_are_asked_apart_and_a_folder_named_twice_is_one(corpus: Path, tmp_path: Path) -> None:
    other = many(tmp_path / "many", 3)
    (tmp_path / "link").symlink_to(other)
    with opened(corpus, other, corpus, tmp_path / "link") as library:
        one, two = library.corpora
        assert one.key != two.key
        settled(one)
        settled(two)
        assert found(one, "gewählt am Montag") == set(ARTICLES)
        assert found(two, "gewählt am Montag") == {"000.txt", "001.txt", "002.txt"}
        with pytest.raises(QuestionError):
            library.corpus("unknown-0")


def test_a_small_corpus_need_not_wait_until_a_large_one_is_done(tmp_path: Path) -> None:
    large, small = many(tmp_path / "large", 30), many(tmp_path / "small", 3)
    gate = Gate(lambda step: step.item == "020.txt")
    with opened(large, small, progress=gate) as library:
        assert gate.reached.wait(60)
        assert library.corpora[0].state().phase is Phase.READING
        assert library.corpora[1].state().phase is Phase.READY
        gate.open.set()
        assert settled(library.corpora[0]).articles == 30


def test_the_sample_articles_are_there_without_a_folder_and_stay_as_they_are(
    corpus: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("rag.paths.sample_corpus", lambda: corpus)
    with opened() as library:
        (sample,) = library.corpora
        assert sample.sample
        assert not sample.writable
        for change in (lambda: sample.add("light.txt", TEXT), lambda: sample.remove("harbour.txt")):
            with pytest.raises(CorpusError, match="stay as they are"):
                change()
        own = library.own()
        assert library.own() is own
        assert library.corpora == (sample, own)
        assert (own.name, own.writable) == ("My articles", True)
        own.add("light.txt", TEXT)
        settled(own, lambda state: state.articles == 1)
    with opened() as library:
        assert [one.name for one in library.corpora] == ["corpus", "My articles"]
        settled(library.corpora[1])
        library.own().remove("light.txt")
    with opened() as library:
        assert [one.name for one in library.corpora] == ["corpus"]
    assert sorted(path.name for path in corpus.iterdir()) == ["bruecke.txt", "harbour.txt", "nested"]


def test_a_folder_that_is_missing_is_named_at_once(tmp_path: Path) -> None:
    with pytest.raises(CorpusError, match=r"There is no folder .*nowhere; name the folder"):
        Library([tmp_path / "nowhere"], model="hashing")
    assert not (tmp_path / "indexes").exists()


def test_a_model_that_cannot_be_loaded_fails_every_corpus_and_is_raised_for_each_who_asks(
    corpus: Path, tmp_path: Path
) -> None:
    with opened(corpus, many(tmp_path / "many", 2), model=str(tmp_path)) as library:
        for one in library.corpora:
            state = settled(one)
            assert (state.phase, state.answering) == (Phase.FAILED, False)
            with pytest.raises(EncoderError) as caught:
                one.engine()
            assert state.error == str(caught.value)


def test_a_corpus_whose_folder_went_away_says_so_still_answers_and_comes_back(corpus: Path) -> None:
    with opened(corpus) as library:
        (one,) = library.corpora
        settled(one)
        away = corpus.rename(corpus.with_name("away"))
        one.reread()
        state = settled(one, lambda state: state.phase is Phase.FAILED)
        assert "There is no folder" in state.error
        assert found(one, "Brücke") >= {"bruecke.txt"}
        away.rename(corpus)
        one.reread()
        assert settled(one, lambda state: state.phase is Phase.READY).error == ""


def test_an_index_that_cannot_be_used_fails_its_own_corpus_only(corpus: Path, tmp_path: Path) -> None:
    (tmp_path / "indexes").mkdir()
    (tmp_path / "indexes" / "corpus-0").touch()
    with opened(corpus, many(tmp_path / "many", 2)) as library:
        one, two = library.corpora
        assert settled(two).phase is Phase.READY
        assert settled(one).phase is Phase.FAILED
        with pytest.raises(IndexStoreError, match="make its folder writable"):
            one.engine()


def test_a_fault_of_the_program_is_logged_and_said_to_be_one(
    corpus: Path, monkeypatch: pytest.MonkeyPatch, caplog
) -> None:
    secret = "/secret/place"

    def fail(_encoder: HashingEncoder, _texts: list[str]) -> None:
        raise RuntimeError(secret)

    monkeypatch.setattr(HashingEncoder, "encode_passages", fail)
    with opened(corpus) as library:
        state = settled(library.corpora[0])
        assert "fault of the program (RuntimeError)" in state.error
        assert "/secret" not in state.error
        with pytest.raises(FundstelleError):
            library.corpora[0].engine()
    assert "RuntimeError" in caplog.text
    assert secret not in caplog.text


def test_a_file_that_changes_is_read_by_itself_where_that_is_asked_for(corpus: Path) -> None:
    with opened(corpus, watch=True) as library:
        (one,) = library.corpora
        settled(one)
        for number in range(100):  # what happens before the watch is up is not noticed
            (corpus / "light.txt").write_bytes(TEXT + b" " * number)
            deadline = time.monotonic() + 0.5
            while one.state().articles == 3 and time.monotonic() < deadline:
                time.sleep(0.02)
            if one.state().articles == 4:
                break
        settled(one, lambda state: state.articles == 4)
        assert "light.txt" in found(one, "lighthouse on the cape")


def test_closing_ends_every_thread_even_in_the_middle_and_the_next_start_goes_on(tmp_path: Path) -> None:
    folder = many(tmp_path / "many", 30)
    gate = Gate(lambda step: step.item == "008.txt")
    before = set(threading.enumerate())
    with opened(folder, progress=gate, watch=True) as library:
        assert gate.reached.wait(60)
        closing = threading.Thread(target=library.close)
        closing.start()
        assert library._closing.wait(60)
        gate.open.set()
        closing.join(60)
        assert set(threading.enumerate()) <= before
        library.corpora[0].reread()
        assert library.corpora[0].state().articles == 8
    with opened(folder) as library:
        assert len(settled(library.corpora[0]).files) == 22
        assert library.corpora[0].state().articles == 30
