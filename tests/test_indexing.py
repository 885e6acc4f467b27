"""Bringing an index up to date: only what changed is done again, all of it at once, and damage heals."""

from __future__ import annotations

import errno
import os
import shutil
import sys
import threading
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from filelock import FileLock
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from rag import articles, indexing
from rag.changes import Stage
from rag.encoder import HashingEncoder
from rag.errors import CorpusError, EncoderError, IndexBusyError, IndexDamagedError, IndexStoreError
from rag.language import guess
from rag.passages import PassageStore, Snapshot
from rag.records import IndexReport, Passage, Pending, Progress
from rag.sentences import sentences
from rag.settings import DEFAULTS
from rag.splitting import embedding_text, split
from rag.terms import stems
from tests import released
from tests.damage import DATABASE, edit, flip, rows
from tests.heldrows import stored


class CountingEncoder(HashingEncoder):
    """Remembers what it was asked to encode; another ``seed`` makes it another model."""

    def __init__(self, name: str = "counting", seed: str = "") -> None:
        self.name = name
        self.fingerprint = f"{name} {seed}"
        self.encoded: list[str] = []

    def encode_passages(self, texts: Sequence[str]) -> NDArray[np.float32]:
        self.encoded += texts
        return super().encode_passages(texts)


class NoEncoder(HashingEncoder):
    """Has the fingerprint of the hashing encoder and refuses to work."""

    def encode_passages(self, texts: Sequence[str]) -> NDArray[np.float32]:
        raise AssertionError(f"nothing was to be encoded, but {texts} were")


def update(corpus: Path, store: PassageStore, encoder: HashingEncoder) -> IndexReport:
    return indexing.update(corpus, store, encoder, settings=DEFAULTS)


def expected_texts(corpus: Path) -> dict[str, list[str]]:
    """What reading the files afresh gives: passage texts by article."""
    paths, _ = articles.find(corpus)
    read = [articles.read(path, corpus) for path in paths]
    return {article.id: [passage.text for passage in split(article, DEFAULTS)] for article in read}


def check(corpus: Path, store: PassageStore) -> None:
    """Everything stored is what the files say, in the database, the vectors and the lexical index alike."""
    with store.snapshot() as snapshot:
        index = indexing.load_vectors(store, snapshot)
        ids, vectors = stored(snapshot)
        passages = snapshot.passages(ids.tolist())
        found: dict[str, list[str]] = {name: [] for name in snapshot.article_ids()}
        for passage in passages:
            assert articles_text(corpus, passage.article_id) == snapshot.article(passage.article_id).text
            found[passage.article_id].append(passage.text)
        assert found == expected_texts(corpus)
        expected = HashingEncoder().encode_passages([embedding_text(p) for p in passages])
        np.testing.assert_array_equal(vectors.reshape(expected.shape), expected)
        assert len(index) == len(ids)
        for i, vector in zip(ids.tolist(), vectors, strict=True):
            # The same text may stand in several passages; each of them is at cosine 1.
            assert index.search(vector, 1, np.array([i]))[1][0] == pytest.approx(1.0, abs=1e-6)
        for passage in passages:
            assert passage.id in containing(snapshot, embedding_text(passage))
        embeddings = snapshot.embeddings(ids.tolist())
        for passage in passages:
            parts = [passage.text[start:end] for start, end in sentences(passage.text)]
            exact = HashingEncoder().encode_passages(parts)
            np.testing.assert_allclose(embeddings[passage.id].sentences, exact, atol=1e-3)
            assert [len(pieces) for pieces in embeddings[passage.id].pieces] == [len(part.split()) for part in parts]
        spelled = {word for (word,) in rows(store.folder, "SELECT word FROM spellings")}
        assert spelled == {stem for passage in passages for stem in words(passage)}
        files = {path.name for path in store.folder.glob("vectors-*")}
        assert files == {snapshot.require_manifest().vectors_file}


def words(passage: Passage) -> tuple[str, ...]:
    found = stems(embedding_text(passage))
    return found.german if guess(passage.text) == "de" else found.english


def containing(snapshot: Snapshot, text: str) -> list[int]:
    found = stems(text)
    postings = snapshot.postings({"de": found.german, "en": found.english}).values()
    return [i for own in postings for i in own.ids.tolist()]


def articles_text(corpus: Path, article_id: str) -> str:
    return articles.read(corpus / article_id, corpus).text


def test_a_new_index_holds_every_passage_of_every_article(
    corpus: Path, store: PassageStore, encoder: HashingEncoder
) -> None:
    report = update(corpus, store, encoder)
    check(corpus, store)
    texts = expected_texts(corpus)
    assert report == IndexReport(
        articles=3,
        passages=sum(map(len, texts.values())),
        added=3,
        changed=0,
        unchanged=0,
        removed=0,
        encoded=sum(map(len, texts.values())),
        generation=1,
    )


def test_an_unchanged_corpus_encodes_nothing_and_writes_nothing(
    corpus: Path, store: PassageStore, encoder: HashingEncoder
) -> None:
    first = update(corpus, store, encoder)
    stored = {path.name: path.read_bytes() for path in store.folder.glob("vectors-*")}
    report = update(corpus, store, NoEncoder())
    assert (report.encoded, report.unchanged, report.generation) == (0, 3, 1)
    assert report.passages == first.passages
    assert {path.name: path.read_bytes() for path in store.folder.glob("vectors-*")} == stored


def test_a_changed_file_re_encodes_its_changed_passages_only(corpus: Path, store: PassageStore) -> None:
    encoder = CountingEncoder()
    update(corpus, store, encoder)
    encoder.encoded.clear()
    path = corpus / "harbour.txt"
    path.write_text(path.read_text("utf-8").replace("before winter", "before the spring"), "utf-8")
    report = update(corpus, store, encoder)
    assert (report.added, report.changed, report.unchanged, report.removed, report.generation) == (0, 1, 2, 0, 2)
    assert report.encoded == len(encoder.encoded) == 1
    assert "before the spring" in encoder.encoded[0]


def test_a_removed_file_disappears_and_a_new_one_appears(
    corpus: Path, store: PassageStore, encoder: HashingEncoder
) -> None:
    update(corpus, store, encoder)
    (corpus / "harbour.txt").unlink()
    (corpus / "new.txt").write_text("Neu\n\nEin ganz neuer Artikel über Zeppeline am Bodensee.\n", "utf-8")
    report = update(corpus, store, encoder)
    assert (report.added, report.changed, report.unchanged, report.removed) == (1, 0, 2, 1)
    check(corpus, store)
    with store.snapshot() as snapshot:
        assert containing(snapshot, "harbour") == []


def test_a_renamed_file_keeps_its_vectors(corpus: Path, store: PassageStore, encoder: HashingEncoder) -> None:
    update(corpus, store, encoder)
    (corpus / "harbour.txt").rename(corpus / "port.txt")
    report = update(corpus, store, NoEncoder())
    assert (report.added, report.removed, report.encoded) == (1, 1, 0)
    check(corpus, store)


PARAGRAPHS = [
    "Die Brücke wurde am Montag vom Bürgermeister eröffnet, und viele kamen.",
    "The council of the town spoke about the harbour for a very long time.",
    "Über den Handel mit anderen Ländern wurde lange und ernsthaft gesprochen.",
    "Nobody knows what the winter will bring to the fishermen of the north.",
]
STATES = st.dictionaries(
    st.sampled_from(["a.txt", "b.txt", "c/d.txt"]),
    st.lists(st.sampled_from(PARAGRAPHS), min_size=1, max_size=3).map("\n\n".join),
    min_size=1,
)


@given(states=st.lists(STATES, min_size=2, max_size=4))
@settings(max_examples=15, deadline=None)
def test_after_any_changes_the_index_is_as_if_built_anew(
    tmp_path_factory: pytest.TempPathFactory, states: list[dict[str, str]]
) -> None:
    folder = tmp_path_factory.mktemp("changes")
    corpus, store = folder / "corpus", PassageStore(folder / "index")
    for state in states:
        for path in corpus.rglob("*.txt"):
            path.unlink()
        for name, text in state.items():
            (corpus / name).parent.mkdir(parents=True, exist_ok=True)
            (corpus / name).write_text(text, "utf-8")
        update(corpus, store, HashingEncoder())
        check(corpus, store)


def test_another_model_re_indexes_and_says_so(corpus: Path, store: PassageStore) -> None:
    first = update(corpus, store, CountingEncoder("small"))
    second = update(corpus, store, CountingEncoder("large"))
    assert second.notices == ("The index was built with small (small ); it was rebuilt for large (large ).",)
    assert (second.encoded, second.changed, second.unchanged) == (first.encoded, 0, 3)
    with store.snapshot() as snapshot:
        assert snapshot.require_manifest().model == "large"


def test_other_files_under_the_same_model_name_re_index_and_say_so(corpus: Path, store: PassageStore) -> None:
    update(corpus, store, CountingEncoder("model", seed="old"))
    report = update(corpus, store, CountingEncoder("model", seed="new"))
    assert report.encoded
    assert report.notices == ("The index was built with model (model old); it was rebuilt for model (model new).",)


def test_a_model_of_another_dimension_takes_over(corpus: Path, store: PassageStore, encoder: HashingEncoder) -> None:
    class Narrow(CountingEncoder):
        dimension = 64

    update(corpus, store, encoder)
    update(corpus, store, Narrow())
    with store.snapshot() as snapshot:
        assert snapshot.require_manifest().dimension == indexing.load_vectors(store, snapshot).dimension == 64


@pytest.mark.parametrize("version", ["articles.READER_VERSION", "making.SPLITTER_VERSION", "making.TERMS_VERSION"])
def test_a_new_way_of_reading_reads_everything_again_and_encodes_only_what_differs(
    corpus: Path, store: PassageStore, encoder: HashingEncoder, monkeypatch: pytest.MonkeyPatch, version: str
) -> None:
    update(corpus, store, encoder)
    monkeypatch.setattr(f"rag.{version}", "another")
    report = update(corpus, store, NoEncoder())
    assert report.generation == 2
    assert "way articles are read" in report.notices[0]
    assert update(corpus, store, NoEncoder()).notices == ()


@pytest.mark.parametrize("version", [1, 2, 3])
def test_an_index_of_an_earlier_version_is_built_anew(
    corpus: Path, store: PassageStore, encoder: HashingEncoder, version: int
) -> None:
    released.build(store.folder / DATABASE, version)
    assert indexing.existing(store, encoder, settings=DEFAULTS) is None
    report = update(corpus, store, encoder)
    assert (report.encoded, report.articles, report.generation) == (report.passages, 3, 1)
    assert "made by an earlier version; it was built anew" in report.notices[0]
    check(corpus, store)


def test_another_passage_length_divides_everything_again(
    corpus: Path, store: PassageStore, encoder: HashingEncoder
) -> None:
    update(corpus, store, encoder)
    report = indexing.update(corpus, store, encoder, settings=replace(DEFAULTS, passage_length=40))
    assert report.generation == 2
    assert report.notices


def test_a_file_that_cannot_be_read_is_named_and_the_others_go_on(
    corpus: Path, store: PassageStore, encoder: HashingEncoder
) -> None:
    update(corpus, store, encoder)
    (corpus / "harbour.txt").write_bytes(b"\xff\xfe\x00")
    (corpus / "empty.txt").touch()
    report = update(corpus, store, encoder)
    assert {skipped.path for skipped in report.skipped} == {"harbour.txt", "empty.txt"}
    assert (report.articles, report.removed) == (2, 1)
    again = update(corpus, store, NoEncoder())
    assert (again.generation, again.skipped) == (report.generation, report.skipped)


@pytest.mark.parametrize("files", [[], ["empty.txt"], ["picture.png", ".hidden.txt"]])
def test_a_folder_without_articles_is_an_error_that_says_what_is_read(
    tmp_path: Path, store: PassageStore, encoder: HashingEncoder, files: list[str]
) -> None:
    for name in files:
        (tmp_path / name).touch()
    with pytest.raises(CorpusError, match=r"\.txt, \.md or \.html") as caught:
        update(tmp_path, store, encoder)
    assert str(tmp_path) in str(caught.value)


def test_a_folder_that_is_not_there_is_an_error(tmp_path: Path, store: PassageStore, encoder: HashingEncoder) -> None:
    with pytest.raises(CorpusError, match="There is no folder"):
        update(tmp_path / "missing", store, encoder)
    assert not store.folder.exists()


def test_an_emptied_folder_leaves_the_old_generation(
    corpus: Path, store: PassageStore, encoder: HashingEncoder
) -> None:
    update(corpus, store, encoder)
    for path in corpus.rglob("*.txt"):
        path.unlink()
    with pytest.raises(CorpusError):
        update(corpus, store, encoder)
    with store.snapshot() as snapshot:
        assert len(snapshot.article_ids()) == 3


def test_an_encoder_that_fails_half_way_leaves_the_old_generation_and_its_finished_batches(
    corpus: Path, store: PassageStore, encoder: HashingEncoder
) -> None:
    class Failing(CountingEncoder):
        def encode_passages(self, texts: Sequence[str]) -> NDArray[np.float32]:
            if len(self.encoded) >= 2:
                raise EncoderError("The model failed.")
            return super().encode_passages(texts)

    update(corpus, store, encoder)
    small_steps = replace(DEFAULTS, encode_batch=1)
    with pytest.raises(EncoderError):
        indexing.update(corpus, store, Failing(), settings=small_steps)
    check(corpus, store)
    report = indexing.update(corpus, store, CountingEncoder(), settings=small_steps)
    assert report.encoded == report.passages - 2


@pytest.mark.parametrize("damage", [lambda path: flip(path, 1_000), lambda path: os.truncate(path, 100), Path.unlink])
def test_a_lost_or_damaged_vector_file_is_made_again_without_encoding(
    corpus: Path, store: PassageStore, encoder: HashingEncoder, damage: Callable[[Path], None]
) -> None:
    update(corpus, store, encoder)
    (path,) = store.folder.glob("vectors-*")
    whole = path.read_bytes()
    damage(path)
    with store.snapshot() as snapshot:
        assert len(indexing.load_vectors(store, snapshot)) == snapshot.passage_count()
    assert path.read_bytes() == whole
    damage(path)
    assert update(corpus, store, NoEncoder()).generation == 1
    assert path.read_bytes() == whole


def test_vectors_whose_file_cannot_be_written_again_are_served_from_memory(
    corpus: Path,
    store: PassageStore,
    encoder: HashingEncoder,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    update(corpus, store, encoder)
    [path] = store.folder.glob("vectors-*")
    path.unlink()
    monkeypatch.setattr(os, "fsync", full)
    with store.snapshot() as snapshot:
        assert len(indexing.load_vectors(store, snapshot)) == snapshot.passage_count()
    assert "It is made again from the database" in caplog.messages[0]
    assert "No space left on device" in caplog.messages[1]
    assert list(store.folder.glob("vectors-*")) == []


def test_an_index_found_damaged_while_it_is_read_is_built_anew_also_from_an_emptied_folder(
    corpus: Path, store: PassageStore, encoder: HashingEncoder
) -> None:
    update(corpus, store, encoder)
    report = indexing.rebuild(corpus, store, encoder, IndexDamagedError("It is damaged."), settings=DEFAULTS)
    assert (report.articles, report.encoded > 0, report.generation) == (3, True, 1)
    assert report.notices == (f"The index in {store.folder} was damaged; it was built anew from the articles.",)
    check(corpus, store)
    for path in corpus.rglob("*.txt"):
        path.unlink()
    report = indexing.rebuild(corpus, store, encoder, IndexDamagedError("It is damaged."), settings=DEFAULTS)
    assert (report.articles, report.passages) == (0, 0)


def damage_header(store: PassageStore) -> None:
    (store.folder / DATABASE).write_bytes(b"nonsense" * 1_000)


def damage_page(store: PassageStore) -> None:
    for page in range(1, (store.folder / DATABASE).stat().st_size // 4096):
        flip(store.folder / DATABASE, page * 4096 + 100)


def damage_value(store: PassageStore) -> None:
    """A vector and the FAISS file both: nothing is left to rebuild the file from."""
    edit(store.folder, "UPDATE vectors SET vector = zeroblob(1024) WHERE rowid = 1")
    for path in store.folder.glob("vectors-*"):
        path.unlink()


def damage_schema(store: PassageStore) -> None:
    edit(store.folder, "DROP TABLE manifest")


@pytest.mark.parametrize("damage", [damage_header, damage_page, damage_value, damage_schema])
def test_a_damaged_database_is_built_anew_with_a_notice(
    corpus: Path, store: PassageStore, encoder: HashingEncoder, damage: Callable[[PassageStore], None]
) -> None:
    update(corpus, store, encoder)
    damage(store)
    report = update(corpus, store, encoder)
    assert "was damaged; it was built anew" in report.notices[0]
    check(corpus, store)


def test_a_second_writer_is_refused_when_the_first_takes_too_long(
    corpus: Path, store: PassageStore, encoder: HashingEncoder
) -> None:
    store.folder.mkdir()
    impatient = replace(DEFAULTS, lock_timeout=0.05)
    with FileLock(store.folder / "index.lock"), pytest.raises(IndexBusyError, match="wait until it is done"):
        indexing.update(corpus, store, encoder, settings=impatient)
    assert indexing.update(corpus, store, encoder, settings=impatient).generation == 1


def test_of_writers_at_once_one_does_the_work_and_the_others_find_it_done(corpus: Path, store: PassageStore) -> None:
    reports: list[IndexReport] = []
    threads = [
        threading.Thread(target=lambda: reports.append(update(corpus, store, HashingEncoder()))) for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(report.encoded > 0 for report in reports) == [False, False, False, True]
    assert {report.generation for report in reports} == {1}
    check(corpus, store)


def test_a_folder_that_cannot_hold_an_index_is_an_error(corpus: Path, encoder: HashingEncoder) -> None:
    with pytest.raises(IndexStoreError, match="make it writable"):
        update(corpus, PassageStore(corpus / "harbour.txt"), encoder)


def test_progress_goes_from_reading_over_encoding_to_publishing(
    corpus: Path, store: PassageStore, encoder: HashingEncoder
) -> None:
    steps: list[Progress] = []
    small_steps = replace(DEFAULTS, encode_batch=2)
    indexing.update(corpus, store, encoder, settings=small_steps, stage=Stage(steps.append))
    assert list(dict.fromkeys(step.stage for step in steps)) == ["reading", "encoding", "publishing"]
    for stage in ("reading", "encoding", "publishing"):
        done = [step.done for step in steps if step.stage == stage]
        assert done == sorted(done)
        assert [step.total for step in steps if step.stage == stage] == [done[-1]] * len(done)


def test_a_caller_that_gives_up_in_the_middle_leaves_the_old_generation(
    corpus: Path, store: PassageStore, encoder: HashingEncoder
) -> None:
    update(corpus, store, encoder)
    (corpus / "harbour.txt").write_text("Harbour\n\nThe harbour was closed for good in the autumn.\n", "utf-8")

    def interrupt(progress: Progress) -> None:
        if progress.stage == "publishing" and progress.done == 0:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        indexing.update(corpus, store, encoder, settings=DEFAULTS, stage=Stage(interrupt))
    with store.snapshot() as snapshot:
        assert "closed for good" not in snapshot.article("harbour.txt").text
    update(corpus, store, encoder)
    check(corpus, store)


def test_an_index_that_is_replaced_meanwhile_is_not_mixed_with_the_other(
    corpus: Path, store: PassageStore, encoder: HashingEncoder, tmp_path: Path
) -> None:
    update(corpus, store, encoder)
    other = PassageStore(tmp_path / "other")
    (corpus / "harbour.txt").unlink()
    update(corpus, other, encoder)
    (corpus / "new.txt").write_text("New\n\nA new lock was opened at the canal.\n", "utf-8")

    def replace_it(progress: Progress) -> None:
        if progress.stage == "publishing":
            shutil.rmtree(store.folder)
            other.folder.rename(store.folder)

    with pytest.raises(IndexStoreError, match=r"was removed or replaced while it was brought up to date; try again\.$"):
        indexing.update(corpus, store, encoder, settings=DEFAULTS, stage=Stage(replace_it))
    update(corpus, store, encoder)
    check(corpus, store)


def test_a_whole_index_finds_all_that_is_nearest(corpus: Path, store: PassageStore, encoder: HashingEncoder) -> None:
    with pytest.raises(IndexStoreError, match="Nothing has been indexed yet"):
        indexing.inspect(store)
    update(corpus, store, encoder)
    assert indexing.inspect(store) == 1.0
    for path in corpus.rglob("*.txt"):
        path.unlink()
    indexing.update(corpus, store, encoder, settings=DEFAULTS, stage=Stage(allow_empty=True))
    assert indexing.inspect(store) == 1.0


def test_a_lost_file_of_many_vectors_is_done_without_until_the_next_update_writes_another(
    corpus: Path, store: PassageStore, encoder: HashingEncoder
) -> None:
    many = replace(DEFAULTS, exact_vectors=20)
    words = ("Brücke", "Hafen", "Schleuse", "Kanal", "Turm", "Markt", "Schule", "Mühle", "Bahnhof")
    text = "\n\n".join(
        f"Die {one} und der {other} sind seit {i} Jahren alt." for i, one in enumerate(words) for other in words
    )
    (corpus / "many.txt").write_text(f"Viele\n\n{text}\n", "utf-8")
    first = indexing.update(corpus, store, encoder, settings=many)
    assert first.passages > 80
    [path] = store.folder.glob("vectors-*")
    path.unlink()
    with store.snapshot() as snapshot:
        index = indexing.load_vectors(store, snapshot, many)
    assert (index.is_exact, len(index)) == (False, first.passages)
    assert list(store.folder.glob("vectors-*")) == []
    path.write_bytes(b"damaged")
    second = indexing.update(corpus, store, NoEncoder(), settings=many)
    assert (second.generation, second.encoded, second.passages) == (2, 0, first.passages)
    assert len(list(store.folder.glob("vectors-*"))) == 1
    assert indexing.inspect(store) > 0.9
    third = indexing.update(corpus, store, NoEncoder(), settings=many)
    assert third.generation == 2


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE passages SET text = text || '.' WHERE id = 2",
        "UPDATE texts SET text = text || '.'",
        "UPDATE vectors SET sentences = zeroblob(length(sentences)) WHERE rowid = 2",
        "DELETE FROM vectors WHERE rowid = 2",
        "UPDATE pieces SET pieces = zeroblob(length(pieces)) WHERE rowid = 2",
        "DELETE FROM pieces WHERE rowid = 2",
        "DELETE FROM postings WHERE stem = 'bruck'",
        None,
    ],
)
def test_an_inspection_reads_everything(
    corpus: Path, store: PassageStore, encoder: HashingEncoder, statement: str | None
) -> None:
    update(corpus, store, encoder)
    if statement is None:
        [path] = store.folder.glob("vectors-*")
        flip(path, -5)
    else:
        edit(store.folder, statement)
    with pytest.raises(IndexDamagedError):
        indexing.inspect(store)


def test_a_moved_corpus_is_recorded_without_encoding(
    corpus: Path, store: PassageStore, encoder: HashingEncoder
) -> None:
    update(corpus, store, encoder)
    moved = corpus.rename(corpus.with_name("moved"))
    update(moved, store, NoEncoder())
    with store.snapshot() as snapshot:
        assert snapshot.require_manifest().corpus == str(moved)


def test_a_reader_answers_from_its_generation_after_the_next_one_removed_its_file(
    corpus: Path, store: PassageStore, encoder: HashingEncoder
) -> None:
    update(corpus, store, encoder)
    with store.snapshot() as snapshot:
        (corpus / "harbour.txt").unlink()
        update(corpus, store, encoder)
        index = indexing.load_vectors(store, snapshot)
        query = encoder.encode_queries(["the old harbour before winter"])[0]
        best = snapshot.passages(index.search(query, 1)[0].tolist())[0]
        assert best.article_id == "harbour.txt"
    update(corpus, store, encoder)
    check(corpus, store)


def test_a_stage_reads_so_many_files_and_the_next_goes_on(
    corpus: Path, store: PassageStore, encoder: HashingEncoder
) -> None:
    steps: list[Progress] = []
    first = indexing.update(corpus, store, encoder, settings=DEFAULTS, stage=Stage(steps.append, most=1))
    assert (first.articles, first.added, first.waiting) == (1, 1, 2)
    assert [step.item for step in steps if step.item] == ["bruecke.txt"]
    second = indexing.update(corpus, store, encoder, settings=DEFAULTS, stage=Stage(most=1))
    assert (second.articles, second.added, second.waiting) == (2, 1, 1)
    last = indexing.update(corpus, store, encoder, settings=DEFAULTS, stage=Stage(most=1))
    assert (last.articles, last.waiting, last.generation) == (3, 0, 3)
    check(corpus, store)


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere every start examines the whole index")
def test_what_an_update_has_written_is_not_examined_by_the_next_start(
    corpus: Path, store: PassageStore, encoder: HashingEncoder, monkeypatch: pytest.MonkeyPatch
) -> None:
    update(corpus, store, encoder)
    store.set_note("threshold", "0.5")
    monkeypatch.setattr(Snapshot, "examine", lambda _: pytest.fail("the index was examined"))
    assert update(corpus, PassageStore(store.folder), encoder).unchanged == 3
    (corpus / "harbour.txt").unlink()
    assert update(corpus, PassageStore(store.folder), encoder).removed == 1
    assert update(corpus, PassageStore(store.folder), encoder).unchanged == 2


def test_many_files_are_read_a_part_at_a_time_and_told_of_as_one_update(
    corpus: Path, store: PassageStore, encoder: HashingEncoder
) -> None:
    few = replace(DEFAULTS, files_at_once=1)
    steps: list[Progress] = []
    first = indexing.update(corpus, store, encoder, settings=few, stage=Stage(steps.append))
    assert (first.articles, first.added, first.encoded, first.waiting) == (3, 3, first.passages, 0)
    # Each file is published before the next is read.
    told = [step.item or step.stage for step in steps if step.item or (step.stage, step.done) == ("publishing", 1)]
    assert told == ["bruecke.txt", "publishing", "harbour.txt", "publishing", "nested/gipfel.txt", "publishing"]
    check(corpus, store)

    (corpus / "bruecke.txt").write_text("Brücke\n\nDie Brücke ist seit dem Sommer gesperrt.\n", "utf-8")
    (corpus / "harbour.txt").unlink()
    for name in ("a.txt", "z.txt"):
        (corpus / name).write_text(f"{name}\n\nThe lighthouse of {name} is new.\n", "utf-8")
    (corpus / "broken.txt").write_bytes(b"Not\0text")
    report = indexing.update(corpus, store, encoder, settings=few)
    assert (report.articles, report.added, report.changed, report.removed, report.unchanged) == (4, 2, 1, 1, 1)
    assert (report.waiting, [one.path for one in report.skipped]) == (0, ["broken.txt"])
    (corpus / "broken.txt").unlink()
    check(corpus, store)


def test_what_a_part_has_published_is_kept_where_the_next_fails(
    corpus: Path, store: PassageStore, encoder: HashingEncoder, monkeypatch: pytest.MonkeyPatch
) -> None:
    few = replace(DEFAULTS, files_at_once=2)
    with monkeypatch.context() as failing:
        encode = encoder.encode_passages

        def break_down(texts: Sequence[str]) -> NDArray[np.float32]:
            if any("Kasan" in text for text in texts):
                raise EncoderError("The model broke down.")
            return encode(texts)

        failing.setattr(encoder, "encode_passages", break_down)
        with pytest.raises(EncoderError, match="broke down"):
            indexing.update(corpus, store, encoder, settings=few)
    with store.snapshot() as snapshot:
        assert snapshot.article_ids() == ["bruecke.txt", "harbour.txt"]
    report = indexing.update(corpus, store, encoder, settings=few)
    assert (report.articles, report.added, report.unchanged) == (3, 1, 2)
    check(corpus, store)


def test_a_changed_file_that_waits_is_still_served_as_it_was_and_a_removed_one_is_not(
    corpus: Path, store: PassageStore, encoder: HashingEncoder
) -> None:
    update(corpus, store, encoder)
    (corpus / "bruecke.txt").write_text("Brücke\n\nDie Brücke ist seit dem Sommer gesperrt.\n", "utf-8")
    (corpus / "harbour.txt").write_text("Harbour\n\nThe harbour was closed for good in the autumn.\n", "utf-8")
    (corpus / "nested/gipfel.txt").unlink()
    report = indexing.update(corpus, store, encoder, settings=DEFAULTS, stage=Stage(most=1))
    assert (report.articles, report.changed, report.unchanged) == (2, 1, 1)
    assert (report.removed, report.waiting) == (1, 1)
    with store.snapshot() as snapshot:
        assert snapshot.article_ids() == ["bruecke.txt", "harbour.txt"]
        assert "gesperrt" in snapshot.article("bruecke.txt").text
        assert "before winter" in snapshot.article("harbour.txt").text
    assert update(corpus, store, encoder).changed == 1
    check(corpus, store)


def test_files_that_are_refused_do_not_keep_a_stage_from_reading_others(
    corpus: Path, store: PassageStore, encoder: HashingEncoder
) -> None:
    for name in ("a.txt", "aa.txt"):
        (corpus / name).write_bytes(b"\xff\xfe\x00")
    report = indexing.update(corpus, store, encoder, settings=DEFAULTS, stage=Stage(most=1))
    assert {skipped.path for skipped in report.skipped} == {"a.txt", "aa.txt"}
    assert (report.added, report.waiting) == (1, 2)


def test_what_was_made_in_another_way_is_made_again_in_one_stage(
    corpus: Path, store: PassageStore, encoder: HashingEncoder
) -> None:
    update(corpus, store, CountingEncoder("small"))
    report = indexing.update(corpus, store, encoder, settings=DEFAULTS, stage=Stage(most=1))
    assert (report.articles, report.waiting) == (3, 0)
    check(corpus, store)


def test_a_stage_keeps_the_vectors_that_an_interrupted_run_has_made(corpus: Path, store: PassageStore) -> None:
    def interrupt(progress: Progress) -> None:
        if progress.stage == "publishing":
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        indexing.update(corpus, store, HashingEncoder(), settings=DEFAULTS, stage=Stage(interrupt))
    for _ in range(3):
        assert indexing.update(corpus, store, NoEncoder(), settings=DEFAULTS, stage=Stage(most=1)).encoded == 0
    check(corpus, store)


def test_where_it_is_allowed_an_emptied_folder_gives_an_empty_index_that_can_be_filled_again(
    corpus: Path, store: PassageStore, encoder: HashingEncoder
) -> None:
    update(corpus, store, encoder)
    kept = (corpus / "harbour.txt").read_bytes()
    for path in corpus.rglob("*.txt"):
        path.unlink()
    for generation in (2, 2):
        report = indexing.update(corpus, store, encoder, settings=DEFAULTS, stage=Stage(allow_empty=True))
        assert (report.articles, report.passages, report.generation) == (0, 0, generation)
        check(corpus, store)
    for path in store.folder.glob("vectors-*"):
        path.unlink()
    with store.snapshot() as snapshot:
        assert len(indexing.load_vectors(store, snapshot)) == 0
    (corpus / "harbour.txt").write_bytes(kept)
    assert update(corpus, store, encoder).articles == 1
    check(corpus, store)


def test_what_is_pending_is_what_an_update_reads(corpus: Path, store: PassageStore, encoder: HashingEncoder) -> None:
    def pending() -> list[Pending]:
        return indexing.pending(corpus, store, encoder, settings=DEFAULTS)

    assert [one.id for one in pending()] == ["bruecke.txt", "harbour.txt", "nested/gipfel.txt"]
    update(corpus, store, encoder)
    assert pending() == []
    (corpus / "harbour.txt").write_bytes(b"\xff\xfe\x00")
    assert pending() == [Pending("harbour.txt", 3)]
    assert len(indexing.pending(corpus, store, CountingEncoder(), settings=DEFAULTS)) == 3


def test_what_exists_can_be_asked_only_by_what_made_it(
    corpus: Path, store: PassageStore, encoder: HashingEncoder
) -> None:
    def existing(by: HashingEncoder) -> IndexReport | None:
        return indexing.existing(store, by, settings=DEFAULTS)

    assert existing(encoder) is None
    made = update(corpus, store, encoder)
    found = existing(encoder)
    assert found is not None
    assert (found.articles, found.passages, found.generation) == (3, made.passages, 1)
    assert existing(CountingEncoder()) is None
    damage_schema(store)
    assert existing(encoder) is None
