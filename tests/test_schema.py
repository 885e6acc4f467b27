"""How rows are written down and sealed."""

from __future__ import annotations

import hashlib
from datetime import date
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag import schema
from rag.errors import IndexDamagedError
from rag.records import Article, ArticleSummary, Block, BlockKind, Dated
from rag.schema import Tally

FULL = Article(
    "a/b.txt",
    "Titel",
    "Titel\n\nText ü",
    (Block(BlockKind.TITLE, 0, 5), Block(BlockKind.PARAGRAPH, 7, 13, 1)),
    "abc",
    title_derived=True,
    author="Jemand",
    published=date(2025, 2, 28),
    reading_minutes=3,
    encoding="cp1252",
    dated=Dated.METADATA,
    language="en",
)
BARE = Article("c.txt", "Titel", "Text", (), "def")


@pytest.mark.parametrize("article", [FULL, BARE])
def test_an_article_is_read_from_its_rows_as_it_was_written(article: Article) -> None:
    assert schema.article_of(schema.article_row(article), schema.text_row(article)) == article


def test_the_rows_of_an_article_are_what_the_tables_hold() -> None:
    row = ("a/b.txt", "Titel", 1, "Jemand", "2025-02-28", "metadata", "en", 3, "cp1252", "abc")
    assert schema.article_row(FULL) == row
    assert schema.text_row(FULL) == (
        "a/b.txt",
        "Titel\n\nText ü",
        '[["title", 0, 5, null], ["paragraph", 7, 13, 1]]',
    )


def test_an_entry_of_a_list_is_made_of_the_row_alone() -> None:
    assert schema.summary_of(schema.article_row(FULL), 7) == ArticleSummary(
        "a/b.txt", "Titel", "a", "Jemand", date(2025, 2, 28), Dated.METADATA, "en", 7
    )
    assert schema.summary_of(schema.article_row(BARE), 0) == ArticleSummary(
        "c.txt", "Titel", "", None, None, None, "de", 0
    )


def test_a_vector_is_named_after_encoder_and_text() -> None:
    assert schema.vector_key("model", "Text ü") == hashlib.sha256("model\0Text ü".encode()).digest()
    assert schema.vector_key("model", "\ud800") == hashlib.sha256(b"model\0\xed\xa0\x80").digest()


def test_a_seal_stays_what_it_was_when_it_was_stored() -> None:
    assert schema.seal(["a", b"b", 1, None, "\ud800"]).hex() == "b4298e0390084263"
    assert schema.seal([]) == hashlib.blake2b(digest_size=8).digest()


values = st.lists(st.one_of(st.text(), st.binary(), st.integers(), st.none()), max_size=5)


@given(values, values)
def test_rows_that_differ_have_seals_that_differ(one: list[object], other: list[object]) -> None:
    assert (schema.seal(one) == schema.seal(other)) == (one == other)


@given(values)
def test_a_sealed_row_is_opened_and_no_other(row: list[object]) -> None:
    sealed = schema.sealed(row)
    assert schema.unsealed(sealed) == tuple(row)
    with pytest.raises(IndexDamagedError, match=r"^A row of the index is damaged; delete the index's folder, and it"):
        schema.unsealed((*sealed, b""))


@given(st.lists(st.tuples(st.text(), st.integers()), unique=True, max_size=6), st.randoms(use_true_random=False))
def test_a_tally_is_that_of_the_rows_there_are_however_they_came(rows: list[tuple[str, int]], draw: Random) -> None:
    expected = Tally()
    expected.came([schema.sealed(row) for row in rows[:3]])
    expected.spelled([("a", "ab")])
    tally = Tally()
    tally.spelled([("xyz", "xyz"), ("a", "ab")])
    order = rows[:]
    draw.shuffle(order)
    stored = {row: tally.sealed(row) for row in order}
    assert stored == {row: schema.sealed(row) for row in order}
    tally = Tally(str(tally))
    tally.spelled([("xyz", "xyz")], gone=True)
    gone = [stored[row] for row in rows[3:]]
    assert tally.went(iter(gone)) == gone
    assert str(tally) == str(expected)
    assert (str(tally) == str(Tally())) is False
    if rows:
        tally.went([stored[rows[0]]])
        assert str(tally) != str(expected)


@pytest.mark.parametrize("seal", [None, 7, 1.5, "text"])
def test_what_is_no_seal_is_damage(seal: object) -> None:
    for count in (Tally().came, Tally().went):
        with pytest.raises(
            IndexDamagedError, match=r"^A row of the index is damaged; delete the index's folder, and it"
        ):
            count([("a", seal)])


def test_what_was_found_is_handed_on_if_nothing_is_missing() -> None:
    assert schema.complete({1: "a", 2: "b"}, [2, 1, 2]) == {1: "a", 2: "b"}
    with pytest.raises(IndexDamagedError) as caught:
        schema.complete({1: "a"}, [3, 1, 2])
    assert str(caught.value) == (
        "The index has lost the passages [2, 3]; delete the index's folder, and it is built anew."
    )


def test_the_note_on_the_size_is_read_if_it_is_there_and_whole() -> None:
    assert schema.size_of(None) == (0, 0)
    assert schema.size_of(schema.sealed((schema.SIZE, "12 345"))) == (12, 345)
    with pytest.raises(IndexDamagedError):
        schema.size_of((schema.SIZE, "12 345", b""))


def test_a_list_of_values_is_one_json_text() -> None:
    assert schema.listed([1, 2]) == "[1, 2]"
    assert schema.listed({"ü"}) == '["\\u00fc"]'
