"""Passages are exact slices of readable length, and together they hold every sentence."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag import articles
from rag.folding import fold
from rag.layout import analyse
from rag.records import Article, Block, BlockKind
from rag.settings import DEFAULTS
from rag.splitting import embedding_text, sentence_slices, split

SEEDS = Path(__file__).parents[1] / "seeds"
SEED_FILES = sorted(path.name for path in SEEDS.glob("*.txt"))


def article(text: str) -> Article:
    layout = analyse(text)
    return Article("a.txt", layout.title, text, layout.blocks, "0" * 64, layout.title_derived)


page_text = st.lists(
    st.text(alphabet=st.one_of(st.characters(codec="utf-8"), st.sampled_from("aB. ?:-•\n1„“")), max_size=120),
    max_size=8,
).map("\n\n".join)


@given(page_text, st.integers(1, 200))
def test_every_passage_reads_as_its_slice_of_the_article_folded(text: str, length: int) -> None:
    settings = replace(DEFAULTS, passage_length=length, sentence_limit=2 * length)
    for passage in split(article(text), settings):
        assert passage.text == fold(text[passage.start : passage.end]) != ""


@given(page_text, st.integers(1, 200))
def test_every_visible_character_of_a_paragraph_is_in_exactly_one_passage(text: str, length: int) -> None:
    one = article(text)
    settings = replace(DEFAULTS, passage_length=length, sentence_limit=2 * length)
    covered = [0] * len(text)
    for passage in split(one, settings):
        for i in range(passage.start, passage.end):
            covered[i] += 1
    for block in one.blocks:
        inside = block.kind is BlockKind.PARAGRAPH
        for i in range(block.start, block.end):
            assert covered[i] == inside or (text[i].isspace() and covered[i] == 0)


@pytest.mark.parametrize("name", SEED_FILES)
def test_no_sentence_of_a_sample_article_is_lost(name: str) -> None:
    one = articles.read(SEEDS / name, SEEDS)
    passages = split(one)
    searchable = " ".join(embedding_text(passage) for passage in passages)
    for block in one.blocks:
        raw = one.text[block.start : block.end]
        if block.kind is BlockKind.PARAGRAPH:
            for start, end in sentence_slices(raw):
                sentence = fold(raw[start:end])
                assert sum(sentence in passage.text for passage in passages) >= 1
        elif block.kind is BlockKind.HEADING:
            assert fold(raw) in searchable


def test_the_long_paragraph_is_cut_at_sentence_ends_into_readable_passages() -> None:
    [name] = [name for name in SEED_FILES if name.startswith("001_")]
    passages = [p for p in split(articles.read(SEEDS / name, SEEDS)) if p.paragraph == 3]
    assert len(passages) == 6
    assert all(400 <= len(passage.text) <= 1.15 * DEFAULTS.passage_length for passage in passages)
    assert all(passage.text[-1] in ".?!“" for passage in passages)
    whole = " ".join(passage.text for passage in passages)
    assert "rund 20.000 Sanktionen (laut dem russischen Vize-Außenminister Alexander Pankin)" in whole
    assert any("Amtseinführung am 20. Januar 2025, und nicht erst" in passage.text for passage in passages)


def test_passages_carry_the_heading_above_them_and_directly_nested_ones_as_a_path() -> None:
    [name] = [name for name in SEED_FILES if name.startswith("002_")]
    headings = {p.paragraph: p.heading for p in split(articles.read(SEEDS / name, SEEDS))}
    nested = "Ein Schlachtfeld der Strategien: Aktuelles zur Ukraine › Ukraine greift tief in Russland ein"
    assert headings[3] == nested
    assert headings[5] == "Russland schlägt mit Winterkrieg zurück"


def test_a_sentence_without_end_is_cut_between_words() -> None:
    text = "Titel\n\n" + "wort " * 1_000
    passages = split(article(text))
    assert all(len(passage.text) <= DEFAULTS.sentence_limit for passage in passages)
    assert all(set(passage.text.split()) == {"wort"} for passage in passages)


def test_a_paragraph_of_white_space_gives_no_passage() -> None:
    blank = Article("a.txt", "", "a\n\n \n", (Block(BlockKind.PARAGRAPH, 1, 5, 1),), "0" * 64)
    assert split(blank) == []
