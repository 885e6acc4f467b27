"""The database: what goes in comes out, a generation is one, words are found and counted, and damage is noticed."""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.encoder import HashingEncoder
from rag.errors import IndexDamagedError, IndexStoreError
from rag.language import guess
from rag.names import codes
from rag.passages import PassageStore, Snapshot
from rag.records import Article, Block, BlockKind, Language, Passage
from rag.schema import MIGRATIONS, Manifest, vector_key
from rag.splitting import embedding_text
from rag.terms import stems

ENCODER = HashingEncoder()
MANIFEST = Manifest(1, "hashing", ENCODER.fingerprint, 256, "1", "1", "1", "corpus", "vectors-0.faiss", "0")
TEXTS = [
    "Der Bürgermeister von Köln eröffnet die neue Brücke über den Rhein.",
    "Die Brücke kostete 20.000 Euro, sagte der Bürgermeister.",
    "The council of the old harbour town voted on the bridge.",
    "Die Länder von BRICS+ sprachen über Handel und über eine Währung.",
    "Harbour, harbour, harbour: nobody spoke of anything else in the council.",
]


def passage(article_id: str, number: int, text: str) -> Passage:
    return Passage(0, article_id, number, "", 0, len(text), text)


def publish(store: PassageStore, articles: dict[str, Sequence[str]], manifest: Manifest = MANIFEST) -> None:
    """Make ``articles`` (texts of passages by article id) the whole of the next generation."""
    passages = {name: [passage(name, n, text) for n, text in enumerate(texts, 1)] for name, texts in articles.items()}
    searched = [embedding_text(p) for some in passages.values() for p in some]
    keys = [vector_key(ENCODER.fingerprint, text) for text in searched]
    vectors = ENCODER.encode_passages(searched)
    store.store_vectors(keys, vectors, [vector[None] for vector in vectors])
    with store.draft() as draft:
        draft.remove(draft.article_ids())
        for name, some in passages.items():
            draft.add(
                Article(name, f"Title of {name}", "\n".join(articles[name]), (), "hash"), some, MANIFEST.fingerprint
            )
        draft.publish(manifest)


def all_ids(snapshot: Snapshot) -> list[int]:
    return snapshot.vectors()[0].tolist()


def read_everything(store: PassageStore) -> None:
    with store.snapshot() as snapshot:
        snapshot.passages(all_ids(snapshot))
        snapshot.sentence_vectors(all_ids(snapshot))
        for name in snapshot.article_ids():
            snapshot.article(name)


def found(snapshot: Snapshot, question: str, limit: int = 10) -> list[int]:
    """The ids of passages that hold a word of ``question``, in either language."""
    asked = stems(question)
    return snapshot.containing({"de": asked.german, "en": asked.english}, limit)


def words(text: str) -> Counter[str]:
    """What is counted for a passage: its stems in its own language."""
    return Counter(stems(text).german if guess(text) == "de" else stems(text).english)


def test_an_article_comes_back_as_it_went_in(store: PassageStore) -> None:
    blocks = (Block(BlockKind.TITLE, 0, 4), Block(BlockKind.PARAGRAPH, 6, 12, 1))
    article = Article(
        "a/b.txt", "Title", "Titl\n\nText ü", blocks, "abc", True, "Someone", date(2025, 2, 28), 3, "cp1252"
    )
    with store.draft() as draft:
        draft.add(article, [], "")
        draft.publish(MANIFEST)
    with store.snapshot() as snapshot:
        assert snapshot.article("a/b.txt") == article
        assert snapshot.manifest == snapshot.require_manifest() == MANIFEST
        assert snapshot.article_ids() == ["a/b.txt"]
        assert snapshot.content_hashes() == {"a/b.txt": "abc"}
        assert snapshot.titles({"a/b.txt", "other"}) == {"a/b.txt": "Title"}


def test_passages_come_in_the_order_of_the_ids_asked_for(store: PassageStore) -> None:
    publish(store, {"a": TEXTS[:3], "b": TEXTS[3:]})
    with store.snapshot() as snapshot:
        ids = all_ids(snapshot)
        assert [p.text for p in snapshot.passages(ids)] == TEXTS
        backwards = snapshot.passages(ids[::-1])
        assert [p.text for p in backwards] == TEXTS[::-1]
        assert backwards[0] == Passage(ids[-1], "b", 2, "", 0, len(TEXTS[-1]), TEXTS[-1])
        assert snapshot.passages([]) == []
        assert snapshot.passage_count() == 5


def test_what_is_not_stored_is_a_clear_error(store: PassageStore) -> None:
    with store.snapshot() as snapshot:
        assert snapshot.manifest is None
        with pytest.raises(IndexStoreError, match="Nothing has been indexed"):
            snapshot.require_manifest()
        with pytest.raises(IndexStoreError, match=r"no article lost\.txt"):
            snapshot.article("lost.txt")
        with pytest.raises(IndexDamagedError, match="7"):
            snapshot.passages([7])


def test_vectors_come_back_bit_for_bit_under_ascending_ids(store: PassageStore) -> None:
    publish(store, {"a": TEXTS})
    with store.snapshot() as snapshot:
        ids, vectors = snapshot.vectors()
    assert ids.tolist() == sorted(ids.tolist())
    assert vectors.dtype == np.float32
    np.testing.assert_array_equal(vectors, ENCODER.encode_passages(TEXTS))


def test_an_id_is_never_used_again(store: PassageStore) -> None:
    seen: set[int] = set()
    for texts in (TEXTS, TEXTS[:1], TEXTS):
        publish(store, {"a": texts})
        with store.snapshot() as snapshot:
            ids = set(all_ids(snapshot))
        assert not ids & seen
        seen |= ids


def test_stored_vectors_are_kept_until_a_generation_is_published_without_them(store: PassageStore) -> None:
    publish(store, {"a": TEXTS})
    keys = [vector_key(ENCODER.fingerprint, text) for text in TEXTS]
    one = np.ones((1, 256), dtype=np.float32)
    store.store_vectors([b"started"], one, [one])
    assert store.missing_keys([*keys, b"started", b"never"]) == {b"never"}
    publish(store, {"a": TEXTS[:2]})
    assert store.missing_keys([*keys, b"started"]) == {*keys[2:], b"started"}


def test_a_reader_keeps_its_generation_while_the_next_is_published(store: PassageStore) -> None:
    publish(store, {"a": TEXTS[:2]})
    with store.snapshot() as before:
        ids = all_ids(before)
        publish(store, {"b": TEXTS[2:]})
        assert all_ids(before) == ids
        assert before.article_ids() == ["a"]
        assert [p.text for p in before.passages(ids)] == TEXTS[:2]
        assert found(before, "Harbour") == []
        with store.snapshot() as after:
            assert after.article_ids() == ["b"]
            assert found(after, "Harbour")


def test_a_draft_that_fails_leaves_everything_as_it_was(store: PassageStore) -> None:
    publish(store, {"a": TEXTS})

    def fail() -> None:
        with store.draft() as draft:
            draft.remove(["a"])
            assert draft.article_ids() == []
            raise RuntimeError("on purpose")

    with pytest.raises(RuntimeError, match="on purpose"):
        fail()
    with store.snapshot() as snapshot:
        assert [p.text for p in snapshot.passages(all_ids(snapshot))] == TEXTS
        assert found(snapshot, "Rhein")


def test_a_snapshot_may_be_handed_to_another_thread(store: PassageStore) -> None:
    publish(store, {"a": TEXTS})
    with store.snapshot() as snapshot, ThreadPoolExecutor(1) as pool:
        assert pool.submit(found, snapshot, "Brücke").result() == found(snapshot, "Brücke") != []


def test_threads_that_open_a_new_store_together_all_get_it(tmp_path: Path) -> None:
    def note(number: int) -> None:
        store = PassageStore(tmp_path / "new")
        store.set_note(str(number), "x")

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(note, range(32)))
    with PassageStore(tmp_path / "new").snapshot() as snapshot:
        assert all(snapshot.note(str(number)) == "x" for number in range(32))


def test_a_note_belongs_to_its_generation(store: PassageStore) -> None:
    publish(store, {"a": TEXTS})
    store.set_note("threshold", "0.5")
    store.set_note("threshold", "0.25")
    with store.snapshot() as snapshot:
        assert snapshot.note("threshold") == "0.25"
        assert snapshot.note("other") is None
    publish(store, {"a": TEXTS})
    with store.snapshot() as snapshot:
        assert snapshot.note("threshold") is None


def test_the_words_of_each_passage_are_counted_in_its_own_language(store: PassageStore) -> None:
    publish(store, {"a": TEXTS})
    with store.snapshot() as snapshot:
        ids = all_ids(snapshot)
        counted = snapshot.stems(ids)
        held = [words(text) for text in TEXTS]
        assert [counted[i] for i in ids] == [(guess(text), own) for text, own in zip(TEXTS, held, strict=True)]
        everything = sorted({stem for own in held for stem in own})
        expected: dict[Language, dict[str, int]] = {"de": {}, "en": {}}
        for language, own in counted.values():
            for stem in own:
                expected[language][stem] = expected[language].get(stem, 0) + 1
        assert snapshot.frequencies([*everything, "nowhere"]) == expected


def test_the_mean_length_is_that_of_the_passages_to_the_fraction(store: PassageStore) -> None:
    publish(store, {"a": TEXTS})
    with store.snapshot() as snapshot:
        assert snapshot.mean_length() == pytest.approx(sum(words(text).total() for text in TEXTS) / len(TEXTS))


def test_a_word_is_looked_for_in_passages_of_its_language_only(store: PassageStore) -> None:
    publish(
        store, {"a": ["Es war ein langer und kalter Winter im Norden.", "The war was long and cold for all of us."]}
    )
    with store.snapshot() as snapshot:
        german, english = all_ids(snapshot)
        assert snapshot.containing({"en": ["long"]}, 5) == [english]
        assert snapshot.containing({"de": ["long"]}, 5) == []
        assert sorted(snapshot.containing({"de": ["wint"], "en": ["long"]}, 5)) == [german, english]


def test_a_limit_takes_the_best(store: PassageStore) -> None:
    publish(store, {"a": TEXTS})
    with store.snapshot() as snapshot:
        both = found(snapshot, "council harbour", 9)
        assert set(both) == {i for i, text in zip(all_ids(snapshot), TEXTS, strict=True) if "council" in text}
        assert found(snapshot, "council harbour", 1) == both[:1]
        assert found(snapshot, "council harbour", 0) == []


@pytest.mark.parametrize("question", ["", "Was ist das?", "?!", "Zeppelin"])
def test_a_question_that_shares_no_word_finds_nothing(store: PassageStore, question: str) -> None:
    publish(store, {"a": TEXTS})
    with store.snapshot() as snapshot:
        assert found(snapshot, question) == []
        assert snapshot.stems([]) == {}


def vocabulary(snapshot: Snapshot) -> set[str]:
    """All words that can be spelled, by the empty beginning of every key; less than the bound in these tests."""
    return set(snapshot.spelled([""])[""])


def test_the_vocabulary_is_that_of_the_passages_also_after_removals(store: PassageStore) -> None:
    for texts in (TEXTS, TEXTS[:2], TEXTS[2:], TEXTS):
        publish(store, {"a": texts})
        expected = {stem for text in texts for stem in words(text)}
        with store.snapshot() as snapshot:
            assert vocabulary(snapshot) == expected
            assert snapshot.holds([*expected, "nowhere"]) == expected


def test_a_word_is_found_by_its_beginning_its_end_and_its_sound(store: PassageStore) -> None:
    publish(store, {"a": ["Die Gasanlagen und das Erdgas gehören nach dem Vertrag nun Selenskyj."]})
    with store.snapshot() as snapshot:
        assert snapshot.spelled(["gas"]) == {"gas": ["gasanlag"]}
        assert snapshot.spelled(["<sag"]) == {"<sag": ["erdgas"]}
        assert any("selenskyj" in some for some in snapshot.spelled([f"={c}." for c in codes("zelensky")]).values())


def test_a_key_that_begins_very_many_words_gives_a_bounded_list(store: PassageStore) -> None:
    letters = "bcdfghklmnprtvwz"
    made = [f"za{a}o{b}u{c}a" for a in letters for b in letters for c in letters]
    publish(store, {"a": ["Hier ist es, das sind die Wörter: " + " ".join(made)]})
    with store.snapshot() as snapshot:
        assert len(vocabulary(snapshot)) == len(snapshot.spelled(["z"])["z"]) == 500
        assert snapshot.spelled(["zabobu"])["zabobu"]


def test_sentence_vectors_come_back_in_order_and_nearly_exact(store: PassageStore) -> None:
    sentences = [np.array(ENCODER.encode_passages(text.split())) for text in TEXTS]
    keys = [vector_key(ENCODER.fingerprint, text) for text in TEXTS]
    publish(store, {"a": TEXTS})
    store.store_vectors(keys, ENCODER.encode_passages(TEXTS), sentences)
    with store.snapshot() as snapshot:
        ids = all_ids(snapshot)
        back = snapshot.sentence_vectors(ids)
        assert list(snapshot.sentence_vectors(ids[:1])) == ids[:1]
    for i, expected in zip(ids, sentences, strict=True):
        assert back[i].dtype == np.float32
        np.testing.assert_allclose(back[i], expected, atol=1e-3)


def test_a_database_of_the_first_version_is_emptied_and_can_be_filled_again(store: PassageStore) -> None:
    store.folder.mkdir()
    connection = sqlite3.connect(store.folder / "index.sqlite3")
    for statement in MIGRATIONS[0]:
        connection.execute(statement)
    connection.execute("INSERT INTO vectors VALUES (x'01', x'02', x'03')")
    connection.execute("INSERT INTO articles VALUES ('a', 't', 'text', '[]', 'h', 0, NULL, NULL, NULL, 'utf-8', x'00')")
    connection.execute("INSERT INTO passages VALUES (1, 'a', 1, '', 0, 4, 'text', x'01', x'00')")
    connection.execute("INSERT INTO passages_fts (rowid, german, english) VALUES (1, 'text', 'text')")
    connection.execute("INSERT INTO manifest VALUES (1, 'm', 'f', 1, '1', '1', '1', 'c', 'v', 's', x'00')")
    connection.execute("PRAGMA user_version = 1")
    connection.commit()
    connection.close()
    with store.snapshot() as snapshot:
        assert snapshot.manifest is None
        assert snapshot.article_ids() == []
        assert snapshot.content_hashes() == {}
    publish(store, {"a": TEXTS})
    with store.snapshot() as snapshot:
        assert [p.text for p in snapshot.passages(all_ids(snapshot))] == TEXTS


SYNTAX = [
    "NEAR(a b)",
    "AND",
    "NOT x",
    "german:",
    "{german} : x",
    '"',
    "a*",
    "^a",
    "(",
    ") OR (",
    "-",
    "+",
    "'; DROP",
    "\0",
]


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> PassageStore:
    store = PassageStore(tmp_path_factory.mktemp("filled"))
    publish(store, {"a": TEXTS})
    return store


@given(st.one_of(st.text(), st.lists(st.sampled_from([*SYNTAX, *TEXTS]), max_size=6).map(" ".join)))
def test_no_question_is_ever_read_as_a_query_language(filled: PassageStore, question: str) -> None:
    asked = stems(question)
    with filled.snapshot() as snapshot:
        ids = all_ids(snapshot)
        expected = {
            i
            for i, text in zip(ids, TEXTS, strict=True)
            if words(text).keys() & set(asked.german if guess(text) == "de" else asked.english)
        }
        assert set(found(snapshot, question)) == expected


def test_a_question_of_very_many_words_is_searched(filled: PassageStore) -> None:
    with filled.snapshot() as snapshot:
        assert found(snapshot, " ".join(f"word{number}" for number in range(3_000)) + " Rhein")


@pytest.mark.parametrize(
    ("table", "column", "value"),
    [
        ("texts", "text", "'another text'"),
        ("articles", "title", "'another title'"),
        ("articles", "published", "'2001-01-01'"),
        ("texts", "text", "x'ff'"),
        ("texts", "text", "CAST(x'ff' AS TEXT)"),
        ("passages", "text", "'another text'"),
        ("passages", "start", "1"),
        ("passages", "paragraph", "'one'"),
        ("vectors", "vector", "zeroblob(1024)"),
        ("vectors", "vector", "x'00'"),
        ("vectors", "sentences", "zeroblob(512)"),
        ("manifest", "generation", "9"),
        ("manifest", "seal", "x''"),
    ],
)
def test_a_changed_value_is_noticed_when_its_row_is_read(
    store: PassageStore, table: str, column: str, value: str
) -> None:
    publish(store, {"a": TEXTS})
    connection = sqlite3.connect(store.folder / "index.sqlite3")
    connection.execute(f"UPDATE {table} SET {column} = {value}")
    connection.commit()
    connection.close()
    with pytest.raises(IndexDamagedError, match="damaged"):
        read_everything(store)


def test_a_lost_vector_is_noticed(store: PassageStore) -> None:
    publish(store, {"a": TEXTS})
    connection = sqlite3.connect(store.folder / "index.sqlite3")
    connection.execute("DELETE FROM vectors WHERE rowid = 2")
    connection.commit()
    connection.close()
    with pytest.raises(IndexDamagedError), store.snapshot() as snapshot:
        snapshot.vectors()


def test_a_file_that_is_no_database_is_damage_and_can_be_discarded(store: PassageStore) -> None:
    store.folder.mkdir()
    (store.folder / "index.sqlite3").write_bytes(b"not a database, but long enough to be taken for one" * 40)
    with pytest.raises(IndexDamagedError, match="delete the folder"), store.snapshot():
        pass
    store.discard()
    publish(store, {"a": TEXTS})


def test_a_log_left_behind_by_a_discarded_database_does_no_harm(store: PassageStore) -> None:
    publish(store, {"a": TEXTS})
    with store.snapshot():
        publish(store, {"b": TEXTS})
        log = (store.folder / "index.sqlite3-wal").read_bytes()
    store.discard()
    (store.folder / "index.sqlite3-wal").write_bytes(log)
    with store.snapshot() as snapshot:
        assert snapshot.manifest is None


def test_an_index_of_a_newer_version_is_refused_and_not_touched(store: PassageStore) -> None:
    publish(store, {"a": TEXTS})
    connection = sqlite3.connect(store.folder / "index.sqlite3")
    connection.execute("PRAGMA user_version = 99")
    connection.close()
    with pytest.raises(IndexStoreError, match="newer version") as caught, store.snapshot():
        pass
    assert not isinstance(caught.value, IndexDamagedError)


def test_a_store_that_cannot_be_made_names_its_place(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with (
        pytest.raises(IndexStoreError, match=r"index\.sqlite3 cannot be opened"),
        PassageStore(tmp_path / "file").snapshot(),
    ):
        pass


def test_a_full_disk_is_no_damage(store: PassageStore, monkeypatch: pytest.MonkeyPatch) -> None:
    publish(store, {"a": TEXTS})
    connect = sqlite3.connect

    def cramped(*arguments: object, **options: object) -> sqlite3.Connection:
        connection = connect(*arguments, **options)  # type: ignore[call-overload]
        connection.execute("PRAGMA max_page_count = 1")
        return connection

    monkeypatch.setattr(sqlite3, "connect", cramped)
    many = np.ones((200, 256), dtype=np.float32)
    with pytest.raises(IndexStoreError, match=r"full.*make room") as caught:
        store.store_vectors([bytes([n]) for n in range(200)], many, [many[:1]] * 200)
    assert not isinstance(caught.value, IndexDamagedError)
