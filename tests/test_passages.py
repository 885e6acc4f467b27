"""The database: what goes in comes out, a generation is one, words are found and counted, and damage is noticed."""

from __future__ import annotations

import os
import re
import sys
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rag import database
from rag.embedding import packed, unpacked
from rag.encoder import HashingEncoder
from rag.errors import IndexDamagedError, IndexStoreError
from rag.language import guess
from rag.names import codes
from rag.passages import Draft, PassageStore, Snapshot
from rag.records import Article, ArticleSummary, Block, BlockKind, Dated, Language, Passage
from rag.schema import Connection, Manifest, vector_key
from rag.settings import DEFAULTS
from rag.splitting import embedding_text
from rag.terms import Stems, stemmed, stems
from tests.damage import edit
from tests.heldrows import stored

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


def store_vectors(store: PassageStore, texts: Sequence[str]) -> None:
    embeddings = ENCODER.embed(texts, [[(0, len(text))] for text in texts])
    store.store_embeddings(
        {vector_key(ENCODER.fingerprint, text): one for text, one in zip(texts, embeddings, strict=True)}
    )


def publish(store: PassageStore, articles: dict[str, Sequence[str]], manifest: Manifest = MANIFEST) -> None:
    """Make ``articles`` (texts of passages by article id) the whole of the next generation."""
    passages = {name: [passage(name, n, text) for n, text in enumerate(texts, 1)] for name, texts in articles.items()}
    store_vectors(store, [embedding_text(p) for some in passages.values() for p in some])
    with store.draft() as draft:
        draft.remove(draft.article_ids())
        for name, some in passages.items():
            draft.add(
                Article(name, f"Title of {name}", "\n".join(articles[name]), (), "hash"), some, MANIFEST.fingerprint
            )
        draft.publish(manifest)


def all_ids(snapshot: Snapshot) -> list[int]:
    return snapshot.ids().tolist()


def read_everything(store: PassageStore) -> None:
    with store.snapshot() as snapshot:
        snapshot.passages(all_ids(snapshot))
        snapshot.embeddings(all_ids(snapshot))
        for name in snapshot.article_ids():
            snapshot.article(name)
        snapshot.note("threshold")
        snapshot.size()
        everything = stems("\n".join(TEXTS))
        snapshot.postings({"de": everything.german, "en": everything.english})


def holding(snapshot: Snapshot, wanted: Mapping[Language, Collection[str]]) -> list[int]:
    """The ids, ascending, of passages of a language that hold any of its stems."""
    postings = snapshot.postings(wanted).values()
    return sorted({i for own in postings for i in own.ids.tolist()})


def found(snapshot: Snapshot, question: str) -> list[int]:
    """The ids of passages that hold a word of ``question``, in either language."""
    asked = stems(question)
    return holding(snapshot, {"de": asked.german, "en": asked.english})


def words(text: str) -> Counter[str]:
    """What is counted for a passage: its stems in its own language."""
    return Counter(stems(text).german if guess(text) == "de" else stems(text).english)


def test_an_article_comes_back_as_it_went_in(store: PassageStore) -> None:
    blocks = (Block(BlockKind.TITLE, 0, 4), Block(BlockKind.PARAGRAPH, 6, 12, 1))
    article = Article(
        "a/b.txt",
        "Title",
        "Titl\n\nText ü",
        blocks,
        "abc",
        True,
        "Someone",
        date(2025, 2, 28),
        3,
        "cp1252",
        Dated.METADATA,
        "en",
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


def test_a_list_of_articles_is_sorted_and_counts_their_passages(store: PassageStore) -> None:
    publish(store, {"b": TEXTS[:2], "a/c/d": TEXTS[2:], "e": []})
    with store.snapshot() as snapshot:
        assert snapshot.summaries() == [
            ArticleSummary("a/c/d", "Title of a/c/d", "a/c", None, None, None, "de", 3),
            ArticleSummary("b", "Title of b", "", None, None, None, "de", 2),
            ArticleSummary("e", "Title of e", "", None, None, None, "de", 0),
        ]
        ids = snapshot.passage_ids(["b", "e", "nowhere"]).tolist()
        assert [p.text for p in snapshot.passages(ids)] == TEXTS[:2]
        nothing = snapshot.passage_ids([])
        assert (nothing.tolist(), nothing.dtype) == ([], np.int64)


def test_a_list_of_articles_does_not_read_their_texts_but_trusts_no_damaged_row(store: PassageStore) -> None:
    publish(store, {"a": TEXTS})
    edit(store.folder, "UPDATE texts SET text = 'another text'")
    with store.snapshot() as snapshot:
        assert [article.id for article in snapshot.summaries()] == ["a"]
    edit(store.folder, "UPDATE articles SET language = 'en'")
    with store.snapshot() as snapshot, pytest.raises(IndexDamagedError, match="damaged"):
        snapshot.summaries()


def test_an_article_whose_text_is_lost_is_damage(store: PassageStore) -> None:
    publish(store, {"a": TEXTS})
    edit(store.folder, "DELETE FROM texts")
    with store.snapshot() as snapshot, pytest.raises(IndexDamagedError, match=r"^The index has lost the text of a\.$"):
        snapshot.article("a")


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
        with pytest.raises(
            IndexStoreError, match=r"^Nothing has been indexed yet; bring the index up to date first\.$"
        ):
            snapshot.require_manifest()
        with pytest.raises(IndexStoreError, match=r"^The index holds no article lost\.txt\.$"):
            snapshot.article("lost.txt")
        with pytest.raises(IndexDamagedError, match="7"):
            snapshot.passages([7])


def test_vectors_come_back_bit_for_bit_under_ascending_ids(store: PassageStore) -> None:
    publish(store, {"a": TEXTS})
    with store.snapshot() as snapshot:
        ids, vectors = stored(snapshot)
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
    store.store_embeddings({b"started": ENCODER.embed(["one"], [[(0, 3)]])[0]})
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


def test_threads_that_open_a_new_store_together_all_get_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("rag.passages._NOTE_PATIENCE", 60.0)

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


def counted(snapshot: Snapshot) -> dict[tuple[Language, str], dict[int, tuple[int, int]]]:
    """For every stem of TEXTS the passages that hold it, with how often they do and how many words they have."""
    everything = {stem for text in TEXTS for side in (stems(text).german, stems(text).english) for stem in side}
    wanted: dict[Language, Collection[str]] = {"de": everything, "en": everything}
    postings, frequencies = snapshot.postings(wanted), snapshot.frequencies(wanted)
    assert {language: own.frequencies() for language, own in postings.items()} == frequencies
    return {
        (language, stem): {
            i: (int(own.counts[n]), int(own.lengths[n])) for n, i in enumerate(own.ids[:stop].tolist()) if n >= start
        }
        for language, own in postings.items()
        for stem, (start, stop) in own.spans.items()
    }


def check_words(snapshot: Snapshot, texts: Mapping[int, str]) -> None:
    """All that is known of words is what ``texts``, by id, are made of."""
    held = {i: words(text) for i, text in texts.items()}
    expected: dict[tuple[Language, str], dict[int, tuple[int, int]]] = {}
    for i, own in held.items():
        for stem, count in own.items():
            expected.setdefault((guess(texts[i]), stem), {})[i] = (count, own.total())
    assert counted(snapshot) == expected
    assert vocabulary(snapshot) == {stem for _, stem in expected}
    total = sum(own.total() for own in held.values())
    assert snapshot.size() == (len(texts), pytest.approx(total / len(texts) if texts else 0.0))
    snapshot.examine()


def test_the_words_of_each_passage_are_counted_in_its_own_language(store: PassageStore) -> None:
    publish(store, {"a": TEXTS})
    with store.snapshot() as snapshot:
        check_words(snapshot, dict(zip(all_ids(snapshot), TEXTS, strict=True)))
        assert snapshot.postings({"de": ["nowhere"]})["de"].frequencies() == {}
        assert snapshot.frequencies({"de": ["nowhere"]}) == {"de": {}}
        assert snapshot.postings({}) == snapshot.frequencies({}) == {}


Steps = list[tuple[int, list[str]]]
steps: st.SearchStrategy[list[Steps]] = st.lists(
    st.lists(st.tuples(st.integers(0, 3), st.lists(st.sampled_from(TEXTS), max_size=3)), max_size=4), max_size=4
)


@settings(deadline=None, max_examples=25)
@given(generations=steps, most=st.integers(1, 40), block=st.integers(1, 6))
def test_whatever_comes_and_goes_all_that_is_known_of_words_is_what_the_passages_are_made_of(
    tmp_path_factory: pytest.TempPathFactory, generations: list[Steps], most: int, block: int
) -> None:
    store = PassageStore(tmp_path_factory.mktemp("steps"))
    store_vectors(store, TEXTS)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("rag.passages.DEFAULTS", replace(DEFAULTS, words_at_once=most))
        patch.setattr("rag.postings.BLOCK", block)
        for steps in generations:
            with store.draft() as draft:
                for number, texts in steps:
                    name = str(number)
                    draft.remove([name, "nowhere"])
                    article = Article(name, name, "\n".join(texts), (), "hash")
                    draft.add(article, [passage(name, n, text) for n, text in enumerate(texts)], MANIFEST.fingerprint)
                draft.publish(MANIFEST)
            store_vectors(store, TEXTS)
            with store.snapshot() as snapshot:
                ids = [] if snapshot.passage_count() == 0 else all_ids(snapshot)
                check_words(snapshot, {one.id: one.text for one in snapshot.passages(ids)})


def test_what_was_added_can_be_removed_before_it_is_published(store: PassageStore) -> None:
    publish(store, {"a": TEXTS[:2]})
    store_vectors(store, TEXTS)
    with store.draft() as draft:
        draft.add(Article("b", "b", TEXTS[2], (), "hash"), [passage("b", 1, TEXTS[2])], MANIFEST.fingerprint)
        draft.remove(["b"])
        draft.publish(MANIFEST)
    with store.snapshot() as snapshot:
        check_words(snapshot, dict(zip(all_ids(snapshot), TEXTS[:2], strict=True)))


class Counting:
    """A connection that counts what is asked of it and what it gives."""

    def __init__(self, connection: Connection) -> None:
        self.connection, self.count = connection, 0

    def execute(self, *statement):
        rows = list(self.connection.execute(*statement))
        self.count += 1 + len(rows)
        return Given(rows)

    def executemany(self, query, rows):
        self.count += len(rows)
        return self.connection.executemany(query, rows)


class Given(list):
    """Rows as a cursor gives them."""

    def fetchone(self):
        return self[0] if self else None


def test_to_change_an_article_costs_the_same_however_many_others_there_are(tmp_path: Path) -> None:
    counts = []
    for others in (5, 50):
        store = PassageStore(tmp_path / str(others))
        publish(store, {"a": TEXTS[:2], **{f"b{n}": TEXTS for n in range(others)}})
        store_vectors(store, TEXTS)
        with store._database.writing() as connection:
            counting = Counting(connection)
            draft = Draft(counting)
            draft.remove(["a"])
            draft.add(Article("a", "a", TEXTS[2], (), "hash"), [passage("a", 1, TEXTS[2])], MANIFEST.fingerprint)
            draft.publish(MANIFEST)
        with store.snapshot() as snapshot:
            snapshot.examine()
        counts.append(counting.count)
    assert counts[0] == counts[1]


def test_words_that_are_not_those_a_passage_was_added_with_are_damage(
    store: PassageStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish(store, {"a": TEXTS, "b": TEXTS})
    monkeypatch.setattr("rag.passages.stems", lambda text: Stems(("anderes",), ("other",)))

    def remove() -> None:
        with store.draft() as draft:
            draft.remove(["a"])
            draft.publish(MANIFEST)

    with pytest.raises(IndexDamagedError, match="lost passages with the word anderes; delete the index's folder"):
        remove()
    with store.draft() as draft:
        draft.remove(["b", "a"])
        draft.publish(MANIFEST)
    with store.snapshot() as snapshot:
        check_words(snapshot, {})


def test_a_word_is_looked_for_in_passages_of_its_language_only(store: PassageStore) -> None:
    publish(
        store, {"a": ["Es war ein langer und kalter Winter im Norden.", "The war was long and cold for all of us."]}
    )
    with store.snapshot() as snapshot:
        german, english = all_ids(snapshot)
        assert holding(snapshot, {"en": ["long"]}) == [english]
        assert holding(snapshot, {"de": ["long"]}) == []
        assert holding(snapshot, {"de": ["wint"], "en": ["long"]}) == [german, english]


@pytest.mark.parametrize("question", ["", "Was ist das?", "?!", "Zeppelin"])
def test_a_question_that_shares_no_word_finds_nothing(store: PassageStore, question: str) -> None:
    publish(store, {"a": TEXTS})
    with store.snapshot() as snapshot:
        assert found(snapshot, question) == []


def vocabulary(snapshot: Snapshot) -> set[str]:
    """All words that can be spelled."""
    return {word for (word,) in snapshot._connection.execute("SELECT word FROM spellings")}


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
        found = snapshot.spelled(["z", "zabobu"])
        assert len(found["z"]) == 50
        assert max(map(len, found["z"])) <= min(map(len, set(stemmed(made).german) - set(found["z"])))
        assert found["zabobu"]


def test_sentences_and_their_pieces_come_back_in_order_and_nearly_exact(store: PassageStore) -> None:
    publish(store, {"a": TEXTS})
    # Each word is a sentence, and each of these has its letters for pieces.
    spans = [[(match.start(), match.end()) for match in re.finditer(r"\S+", text)] for text in TEXTS]
    made = [
        replace(one, pieces=[ENCODER.query_pieces(" ".join(text[start:end])) for start, end in some])
        for one, text, some in zip(ENCODER.embed(TEXTS, spans), TEXTS, spans, strict=True)
    ]
    store.store_embeddings({vector_key(ENCODER.fingerprint, text): one for text, one in zip(TEXTS, made, strict=True)})
    with store.snapshot() as snapshot:
        ids = all_ids(snapshot)
        back, pieces = snapshot.embeddings(ids), snapshot.pieces(ids[::-1])
        assert list(snapshot.embeddings(ids[:1])) == list(snapshot.pieces(ids[:1])) == ids[:1]
    for i, expected in zip(ids, made, strict=True):
        np.testing.assert_array_equal(back[i].vector, expected.vector)
        assert back[i].sentences.dtype == np.float32
        np.testing.assert_allclose(back[i].sentences, expected.sentences, atol=1e-3)
        for found, alone, exact in zip(back[i].pieces, pieces[i], expected.pieces, strict=True):
            np.testing.assert_array_equal(found, alone)
            np.testing.assert_array_equal(found, unpacked(packed([exact]))[0])


def test_pieces_that_are_lost_or_changed_are_damage(store: PassageStore) -> None:
    publish(store, {"a": TEXTS})
    for statement in ("UPDATE pieces SET pieces = x'0000' WHERE rowid = 2", "DELETE FROM pieces WHERE rowid = 2"):
        edit(store.folder, statement)
        with store.snapshot() as snapshot, pytest.raises(IndexDamagedError):
            snapshot.pieces(all_ids(snapshot))


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
        ("postings", "places", "zeroblob(4)"),
        ("postings", "places", "x''"),
        ("postings", "block", "block + 1"),
        ("notes", "value", "'9'"),
        ("manifest", "generation", "9"),
        ("manifest", "seal", "x''"),
    ],
)
def test_a_changed_value_is_noticed_when_its_row_is_read(
    store: PassageStore, table: str, column: str, value: str
) -> None:
    publish(store, {"a": TEXTS})
    store.set_note("threshold", "0.5")
    edit(store.folder, f"UPDATE {table} SET {column} = {value}")
    with pytest.raises(IndexDamagedError, match="damaged"):
        read_everything(store)


def test_a_lost_vector_is_noticed(store: PassageStore) -> None:
    publish(store, {"a": TEXTS})
    edit(store.folder, "DELETE FROM vectors WHERE rowid = 2")
    with pytest.raises(IndexDamagedError), store.snapshot() as snapshot:
        stored(snapshot)


def test_a_passage_of_function_words_alone_has_no_stems(store: PassageStore) -> None:
    publish(store, {"a": ["Was ist das?"]})
    with store.snapshot() as snapshot:
        assert counted(snapshot) == {}
        assert snapshot.size() == (1, 0.0)


def test_an_empty_index_has_a_mean_length_of_nothing(store: PassageStore) -> None:
    with store.snapshot() as snapshot:
        assert snapshot.size() == (0, 0.0)


def test_a_whole_index_passes_examination_before_and_after_it_is_filled(store: PassageStore) -> None:
    with store.snapshot() as snapshot:
        snapshot.examine()
    for texts in (TEXTS, TEXTS[2:]):
        publish(store, {"a": texts, "b": TEXTS[:1]})
        store.set_note("threshold", "0.5")
        with store.snapshot() as snapshot:
            snapshot.examine()


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM passages WHERE id = 2",
        "DELETE FROM texts",
        "UPDATE articles SET seal = x'00' WHERE id = 'a'",
        "UPDATE manifest SET seal = x'00'",
        "DELETE FROM postings WHERE stem = 'rhein'",
        "UPDATE postings SET seal = x'00' WHERE stem = 'rhein'",
        "DELETE FROM spellings WHERE key = word",
        "DELETE FROM notes WHERE name = 'size'",
        "DELETE FROM notes WHERE name = 'digest'",
    ],
)
def test_an_index_whose_parts_do_not_belong_together_does_not_pass_examination(
    store: PassageStore, statement: str
) -> None:
    publish(store, {"a": TEXTS})
    edit(store.folder, statement)
    with pytest.raises(IndexDamagedError, match="damaged"), store.snapshot() as snapshot:
        snapshot.examine()


OTHER = r"^The index is damaged \(its parts are not of one generation\); delete its folder, and it is built anew\.$"


def test_parts_of_different_generations_are_named_as_the_damage(store: PassageStore) -> None:
    publish(store, {"a": TEXTS})
    edit(store.folder, "DELETE FROM spellings WHERE key = word")
    with (
        pytest.raises(IndexDamagedError, match=OTHER),
        store.snapshot() as snapshot,
    ):
        snapshot.examine()


def damaged_unseen(store: PassageStore) -> None:
    """Damage a store that was examined, and give its file the time back that it had."""
    publish(store, {"a": TEXTS})
    PassageStore(store.folder).examine()
    file = store.folder / "index.sqlite3"
    before = file.stat()
    edit(store.folder, "UPDATE articles SET seal = x'00' WHERE id = 'a'")
    os.utime(file, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert file.stat().st_size == before.st_size


linux = pytest.mark.skipif(sys.platform != "linux", reason="elsewhere every start examines the whole index")


@linux
def test_an_index_is_examined_once_and_again_when_its_file_has_changed(store: PassageStore) -> None:
    damaged_unseen(store)
    PassageStore(store.folder).examine()  # all is as it was, for all that the file tells
    (store.folder / "index.sqlite3").touch()
    with pytest.raises(IndexDamagedError, match=OTHER):
        PassageStore(store.folder).examine()


@linux
def test_an_index_is_examined_again_after_the_computer_was_started_anew(
    store: PassageStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    damaged_unseen(store)
    (tmp_path / "boot").write_text("another\n")
    monkeypatch.setattr(database, "_BOOT", tmp_path / "boot")
    with pytest.raises(IndexDamagedError, match=OTHER):
        PassageStore(store.folder).examine()


@linux
@pytest.mark.parametrize("unreadable", [True, False])
def test_where_it_cannot_be_noted_an_index_is_examined_each_time(store: PassageStore, *, unreadable: bool) -> None:
    noted = store.folder / "examined"
    store.folder.mkdir(exist_ok=True)
    if unreadable:
        noted.mkdir()
    damaged_unseen(store)
    if not unreadable:
        noted.write_bytes(b"\xff")
    with pytest.raises(IndexDamagedError, match=OTHER):
        PassageStore(store.folder).examine()


@linux
def test_what_another_program_is_writing_is_not_noted(store: PassageStore) -> None:
    publish(store, {"a": TEXTS})
    with store.snapshot():
        store.set_note("threshold", "0.5")  # is in the log as long as somebody reads
        PassageStore(store.folder).examine()
    assert not (store.folder / "examined").exists()
    PassageStore(store.folder).examine()
    assert (store.folder / "examined").exists()


def test_without_a_sign_of_the_last_start_an_index_is_examined_each_time(
    store: PassageStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database, "_BOOT", tmp_path / "none")
    damaged_unseen(store)
    assert not (store.folder / "examined").exists()
    with pytest.raises(IndexDamagedError, match=OTHER):
        PassageStore(store.folder).examine()


def test_what_is_lost_of_a_passage_is_damage_whatever_is_asked(store: PassageStore) -> None:
    publish(store, {"a": TEXTS})
    with store.snapshot() as snapshot:
        for ask in (snapshot.passages, snapshot.embeddings, snapshot.pieces):
            with pytest.raises(IndexDamagedError, match=r"lost the passages \[77, 99\]"):
                ask([1, 99, 77])
