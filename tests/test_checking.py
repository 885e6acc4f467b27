"""What has become of a citation or of a permalinked paragraph, told from files that were really changed."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

import rag
from rag import articles
from rag.articles import File
from rag.folding import fold
from rag.records import BlockKind, Citation, Standing, Whereabouts

SEEDS = Path(__file__).parents[1] / "seeds"
PARAGRAPHS = [
    f"Im {word} Absatz steht, was der Rat am {n}. Tag sagte."
    for n, word in enumerate(["ersten", "zweiten", "dritten"], 1)
]


NOWHERE = (
    r"^The permalink leads to rat\.txt, which is not among these articles, and none of them has its paragraph; "
    r"open the folder of articles that it was copied from\.$"
)
UNSAID = r"^The cited words are no longer in rat\.txt; ask again, and link to what is there now\.$"


@pytest.fixture
def engine(corpus: Path, tmp_path: Path) -> rag.Engine:
    """The three short articles, and one of three paragraphs."""
    write(corpus, "rat.txt", PARAGRAPHS)
    return rag.open(corpus, model="hashing", index=tmp_path / "index")


def write(corpus: Path, name: str, paragraphs: list[str]) -> None:
    (corpus / name).write_text("\n\n".join(["Der Rat", *paragraphs]) + "\n", "utf-8")


def cited(engine: rag.Engine, article_id: str, paragraph: int = 1) -> Citation:
    """The citation of a paragraph of an article."""
    article = engine.article(article_id)
    [block] = [block for block in article.blocks if block.paragraph == paragraph]
    text = article.text[block.start : block.end]
    return Citation(article_id, article.title, paragraph, block.start, block.end, fold(text))


def standing(engine: rag.Engine, citation: Citation) -> Standing:
    [found] = engine.check([citation])
    return found


def test_a_quote_from_a_file_that_is_as_it_was_indexed_is_exact(engine: rag.Engine) -> None:
    hits = engine.retrieve("Was sagte der Rat?", k=20)
    assert {hit.citation.article_id for hit in hits} == set(engine.article_ids())
    assert set(engine.check([hit.citation for hit in hits])) == {Standing.EXACT}


def test_a_quote_that_is_still_in_a_changed_file_is_told_from_one_that_is_lost(
    engine: rag.Engine, corpus: Path
) -> None:
    before = [cited(engine, "rat.txt", n) for n in (1, 2, 3)]
    write(corpus, "rat.txt", [PARAGRAPHS[2].replace(" ", "\n"), "Ein neuer Absatz steht nun hier.", PARAGRAPHS[0]])
    assert engine.check(before) == [Standing.CHANGED, Standing.LOST, Standing.CHANGED]
    write(corpus, "rat.txt", PARAGRAPHS)
    assert engine.check(before) == [Standing.EXACT] * 3


def test_a_quote_from_before_the_file_was_indexed_anew_is_not_called_exact(engine: rag.Engine, corpus: Path) -> None:
    before = [cited(engine, "rat.txt", n) for n in (1, 2)]
    write(corpus, "rat.txt", ["Vor allem anderen steht dieser Absatz.", PARAGRAPHS[0]])
    engine.update()
    assert engine.check(before) == [Standing.CHANGED, Standing.LOST]


def test_a_file_that_is_no_longer_there_is_gone_and_one_that_cannot_be_read_has_lost_the_quote(
    engine: rag.Engine, corpus: Path
) -> None:
    bridge, council = cited(engine, "bruecke.txt"), cited(engine, "rat.txt")
    (corpus / "bruecke.txt").unlink()
    (corpus / "rat.txt").write_bytes(b"\xff\xfe\x00")
    assert engine.check([bridge, council]) == [Standing.GONE, Standing.LOST]
    (corpus / "rat.txt").write_bytes(b"")
    assert standing(engine, council) is Standing.LOST


def test_a_citation_of_a_file_that_was_never_indexed_is_judged_by_its_quote(engine: rag.Engine, corpus: Path) -> None:
    here = cited(engine, "rat.txt")
    write(corpus, "neu.txt", PARAGRAPHS[:1])
    assert standing(engine, replace(here, article_id="neu.txt")) is Standing.CHANGED
    assert standing(engine, replace(here, article_id="neu.txt", quote=PARAGRAPHS[1])) is Standing.LOST
    assert standing(engine, replace(here, article_id="neu.txt", quote="")) is Standing.LOST


def test_a_file_is_read_once_for_all_its_citations(
    engine: rag.Engine, corpus: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = [cited(engine, "rat.txt", n) for n in (1, 2, 3)]
    write(corpus, "rat.txt", PARAGRAPHS[:2])
    read: list[Path] = []

    def counted(path: Path, folder: Path, load: Callable[[Path, Path], File] = articles.load) -> File:
        read.append(path)
        return load(path, folder)

    monkeypatch.setattr(articles, "load", counted)
    assert engine.check(before * 5) == [Standing.CHANGED, Standing.CHANGED, Standing.LOST] * 5
    assert read == [corpus / "rat.txt"]


@pytest.fixture
def secret(corpus: Path) -> Path:
    """A file beside the corpus, which the reader must learn nothing of, and ways that lead to it."""
    write(corpus.parent, "secret.txt", PARAGRAPHS)
    (corpus / "link.txt").symlink_to(corpus.parent / "secret.txt")
    (corpus / "up").symlink_to(corpus.parent, target_is_directory=True)
    (corpus / ".hidden").mkdir()
    write(corpus / ".hidden", "secret.txt", PARAGRAPHS)
    (corpus / "round.txt").symlink_to("round.txt")
    os.mkfifo(corpus / "pipe.txt")
    return corpus.parent / "secret.txt"


@pytest.mark.parametrize(
    "way",
    [
        "../secret.txt",
        "nested/../../secret.txt",
        "up/secret.txt",
        "link.txt",
        ".hidden/secret.txt",
        "{outside}",
        "/{outside}",
        "round.txt",
        "pipe.txt",
        "nested",
        ".",
        "",
        "rat.txt\0",
        "rat.txt/",
        "nested//gipfel.txt",
        "a" * 5_000,
        "\ud800.txt",
    ],
    ids=lambda way: ascii(way[:40]),
)
def test_no_article_id_makes_a_file_outside_the_corpus_be_read(engine: rag.Engine, secret: Path, way: str) -> None:
    outside = Citation(way.format(outside=secret), "", 1, 0, 10, PARAGRAPHS[0])
    assert standing(engine, outside) is Standing.GONE


def test_a_file_of_a_kind_that_is_not_read_is_not_read_for_a_citation(engine: rag.Engine, corpus: Path) -> None:
    (corpus / "notes.key").write_text("\n\n".join(PARAGRAPHS), "utf-8")
    assert standing(engine, Citation("notes.key", "", 1, 0, 10, PARAGRAPHS[0])) is Standing.LOST


def test_a_permalink_leads_back_to_its_paragraph_after_a_restart(
    engine: rag.Engine, corpus: Path, tmp_path: Path
) -> None:
    links = {n: engine.permalink(cited(engine, "rat.txt", n)) for n in (1, 2, 3)}
    again = rag.open(corpus, model="hashing", index=tmp_path / "another index")
    for n, link in links.items():
        assert again.locate(link) == rag.Located(cited(again, "rat.txt", n), Whereabouts.SAME)


def test_the_permalink_of_a_sentence_is_that_of_its_paragraph(tmp_path: Path) -> None:
    with rag.open(SEEDS, model="hashing", index=tmp_path / "index") as engine:
        for hit in engine.retrieve("Was sagte Peskow über Trump und Putin?", k=200):
            located = engine.locate(engine.permalink(hit.citation))
            assert located.found is Whereabouts.SAME
            assert (located.citation.article_id, located.citation.paragraph) == (
                hit.citation.article_id,
                hit.citation.paragraph,
            )
            assert hit.citation.quote in located.citation.quote


def test_of_paragraphs_that_say_the_same_the_permalink_is_that_of_the_one_that_is_cited(
    engine: rag.Engine, corpus: Path
) -> None:
    write(corpus, "rat.txt", PARAGRAPHS[:1] * 3)
    engine.update()
    links = [engine.permalink(cited(engine, "rat.txt", n)) for n in (1, 2, 3)]
    assert [link.partition("-")[0] for link in links] == ["p1", "p2", "p3"]
    assert engine.permalink(replace(cited(engine, "rat.txt", 3), paragraph=9)) == links[2]


def test_a_permalink_follows_its_paragraph_within_the_article(engine: rag.Engine, corpus: Path) -> None:
    second = cited(engine, "rat.txt", 2)
    link = engine.permalink(second)
    write(corpus, "rat.txt", ["Ein neuer Absatz geht nun allen voran.", *PARAGRAPHS])
    engine.update()
    assert engine.locate(link) == rag.Located(cited(engine, "rat.txt", 3), Whereabouts.MOVED)
    # The same text twice: where it was is where it is.
    write(corpus, "rat.txt", [PARAGRAPHS[1], PARAGRAPHS[1], PARAGRAPHS[1]])
    engine.update()
    assert engine.locate(link) == rag.Located(cited(engine, "rat.txt", 2), Whereabouts.SAME)


def test_a_permalink_follows_its_paragraph_into_a_renamed_file(engine: rag.Engine, corpus: Path) -> None:
    link = engine.permalink(cited(engine, "rat.txt", 2))
    (corpus / "rat.txt").rename(corpus / "nested" / "protokoll.txt")
    engine.update()
    assert engine.locate(link) == rag.Located(cited(engine, "nested/protokoll.txt", 2), Whereabouts.MOVED)


def test_a_permalink_to_an_edited_paragraph_leads_to_what_stands_there_now(engine: rag.Engine, corpus: Path) -> None:
    second, third = (engine.permalink(cited(engine, "rat.txt", n)) for n in (2, 3))
    write(corpus, "rat.txt", [PARAGRAPHS[0], "Im zweiten Absatz steht nun etwas ganz anderes."])
    engine.update()
    now = rag.Located(cited(engine, "rat.txt", 2), Whereabouts.CHANGED)
    assert engine.locate(second) == engine.locate(third) == now


def test_a_permalink_to_an_article_that_is_not_there_is_refused_with_a_remedy(engine: rag.Engine, corpus: Path) -> None:
    link = engine.permalink(cited(engine, "rat.txt", 2))
    (corpus / "rat.txt").unlink()
    engine.update()
    with pytest.raises(rag.QuestionError, match=NOWHERE):
        engine.locate(link)
    with pytest.raises(rag.QuestionError, match="is none"):
        engine.locate("rat.txt")


def test_words_that_are_no_longer_indexed_get_no_permalink(engine: rag.Engine, corpus: Path) -> None:
    first, second = cited(engine, "rat.txt", 1), cited(engine, "rat.txt", 2)
    write(corpus, "rat.txt", ["Ein neuer Absatz geht nun allen voran.", PARAGRAPHS[0]])
    engine.update()
    assert engine.permalink(first) == engine.permalink(cited(engine, "rat.txt", 2))
    with pytest.raises(rag.QuestionError, match=UNSAID):
        engine.permalink(second)
    with pytest.raises(rag.IndexStoreError, match=r"no article fort\.txt"):
        engine.permalink(replace(first, article_id="fort.txt"))


def test_every_paragraph_of_the_sample_articles_has_a_permalink_of_its_own(tmp_path: Path) -> None:
    with rag.open(SEEDS, model="hashing", index=tmp_path / "index") as engine:
        links = [
            engine.permalink(cited(engine, name, block.paragraph))
            for name in engine.article_ids()
            for block in engine.article(name).blocks
            if block.kind is BlockKind.PARAGRAPH and block.paragraph is not None
        ]
        assert len(links) == len(set(links)) > 50
        assert {engine.locate(link).found for link in links} == {Whereabouts.SAME}
