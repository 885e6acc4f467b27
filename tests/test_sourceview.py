"""An article as HTML: what is highlighted is what was quoted, whatever became of the article since."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from rag import permalinks
from rag.folding import fold
from rag.layout import analyse
from rag.records import Article, Block, BlockKind, Dated, Language, Standing
from rag.sourceview import View, found, source_html
from rag.webview import Place
from tests.pagehtml import Seen, seen
from tests.strategies import hostile

TEXT = (
    "Die neue\nBrücke\n\nVon Anna Berg\n\nDie Kosten\n\n"
    "Der Bürger-\nmeister hat die\nBrücke eröffnet. Sie kostete 20.000 Euro.\n\n"
    "Das Geld kam vom Land.\n\nAdd a comment"
)
ARTICLE = Article(
    id="2024/bruecke.txt",
    title="Die neue Brücke",
    text=TEXT,
    blocks=tuple(
        Block(kind, TEXT.index(first), TEXT.index(last) + len(last), number)
        for kind, first, last, number in (
            (BlockKind.TITLE, "Die neue", "Brücke", None),
            (BlockKind.BYLINE, "Von Anna", "Berg", None),
            (BlockKind.HEADING, "Die Kosten", "Kosten", None),
            (BlockKind.PARAGRAPH, "Der Bürger-", "Euro.", 1),
            (BlockKind.PARAGRAPH, "Das Geld", "Land.", 2),
            (BlockKind.NOISE, "Add a", "comment", None),
        )
    ),
    content_hash="0" * 64,
    author="Anna Berg",
    published=date(2024, 5, 3),
    reading_minutes=4,
    dated=Dated.TEXT,
)
START, END = TEXT.index("Der Bürger-"), TEXT.index("Euro.") + 5
SENTENCE = TEXT.index("Sie kostete"), END
COST = "Sie kostete 20.000 Euro."
LAND = TEXT.index("Das Geld"), TEXT.index("Land.") + 5


def passage(article: Article, start: int, end: int) -> Place:
    """The place of a passage of which no sentence is quoted."""
    return Place(article.id, start, end, (), fold(article.text[start:end]))


WHOLE = passage(ARTICLE, START, END)
CITED = Place(ARTICLE.id, START, END, (SENTENCE,), COST)


def read(text: str) -> Article:
    layout = analyse(text)
    return Article("a.txt", layout.title, text, layout.blocks, "0" * 64)


def shown(article: Article, place: Place, *others: Place, language: Language = "en") -> Seen:
    return seen(source_html(article, View(place, others, language)))


def test_the_marks_of_an_article_are_the_passage_and_in_it_the_sentences():
    page = shown(ARTICLE, CITED)

    assert page.marked == "Der Bürgermeister hat die Brücke eröffnet. Sie kostete 20.000 Euro."
    assert page.strong == COST
    assert page.other == ""
    assert page.all("data-place") == [CITED.key()]


def test_an_article_is_shown_whole_with_headings_and_what_was_set_aside():
    page = shown(ARTICLE, WHOLE)

    for text in ("2024/bruecke.txt", "Anna Berg", "3 May 2024 (date in the text)", "4 min read", "Das Geld kam"):
        assert text in page.text
    assert "Set asideAdd a comment" in page.text
    assert page.text.count("Die neue Brücke") == 1
    assert "AusgesondertAdd a comment" in shown(ARTICLE, WHOLE, language="de").text
    assert "3. Mai 2024 (Datum im Text)" in shown(ARTICLE, WHOLE, language="de").text


def test_every_paragraphs_number_is_its_permalink():
    page = shown(ARTICLE, WHOLE)
    links = [permalinks.read(link or "") for link in page.all("data-link")]

    assert [(link.article_id, link.paragraph) for link in links] == [(ARTICLE.id, 1), (ARTICLE.id, 2)]
    assert [link.digest for link in links] == [
        permalinks.digest(fold(TEXT[start:end])) for start, end in ((START, END), LAND)
    ]


def test_a_derived_title_is_said_to_be_one():
    derived = replace(ARTICLE, title_derived=True)

    assert "no title" in source_html(derived, View(WHOLE))
    assert "no title" not in source_html(ARTICLE, View(WHOLE))


@pytest.mark.parametrize(("language", "said"), [("en", "the quote is no longer in it"), ("de", "steht nicht mehr")])
def test_what_has_become_of_the_quote_stands_above_the_article(language, said):
    assert said in seen(source_html(ARTICLE, View(CITED, (), language, Standing.LOST))).text
    assert said not in seen(source_html(ARTICLE, View(CITED, (), language))).text


def test_what_else_the_conversation_cites_of_the_article_is_marked_apart():
    elsewhere = Place("b.txt", LAND[0], LAND[1], (), "Das Geld kam vom Land.")
    page = shown(ARTICLE, CITED, passage(ARTICLE, *LAND), WHOLE, elsewhere)

    assert page.other == "Das Geld kam vom Land."
    assert page.marked == "Der Bürgermeister hat die Brücke eröffnet. Sie kostete 20.000 Euro."
    assert shown(ARTICLE, CITED, elsewhere).other == ""


@given(st.text(max_size=300), st.data())
def test_whatever_a_file_holds_its_marks_are_the_passage_folded(text, data):
    article = read(text)
    paragraphs = [block for block in article.blocks if block.kind is BlockKind.PARAGRAPH]
    assume(paragraphs)
    block = data.draw(st.sampled_from(paragraphs))
    page = shown(article, passage(article, block.start, block.end))

    assert page.marked == fold(text[block.start : block.end]).replace("\r", "\n")


words = st.text("abc .äß", min_size=1, max_size=20).filter(str.strip)


@given(words, st.lists(words, max_size=3), st.lists(words, max_size=3))
def test_a_quote_is_found_again_wherever_an_edit_has_moved_it(quote, above, below):
    quote = fold(f"Zitat {quote} Ende.")
    before = read(f"Titel\n\n{quote}\n\nEin letzter Absatz steht hier.\n")
    start = before.text.index(quote)
    place = Place("a.txt", start, start + len(quote), ((start, start + len(quote)),), quote)
    after = read("\n\n".join(["Titel", *above, quote, *below]) + "\n")

    where = found(after, place)
    assert fold(after.text[where.start : where.end]) == quote
    assert shown(after, place).marked == shown(after, place).strong == quote


@given(st.text(max_size=60), st.integers(-5, 200), st.integers(-5, 200), st.text(min_size=1, max_size=20))
def test_nothing_is_marked_in_the_stead_of_a_quote_that_is_nowhere(above, start, end, quote):
    article = read(f"{above}\n\n{TEXT}")
    assume(quote not in fold(article.text))
    assume(fold(article.text[max(start, 0) : max(end, 0)]) != quote)

    page = shown(article, Place("a.txt", start, end, (), quote))
    assert page.marked == ""
    assert page.other == ""


def test_an_article_opened_as_a_whole_has_nothing_marked():
    page = shown(ARTICLE, Place(ARTICLE.id, 0, 0))

    assert page.marked == page.other == ""
    assert "Das Geld kam vom Land." in page.text


ALLOWED = {"article", "header", "h2", "h3", "p", "div", "span", "code", "bdi", "mark", "a"}


@given(hostile, hostile, hostile)
def test_nothing_from_an_article_becomes_an_element_or_attribute(text, title, name):
    blocks = (Block(BlockKind.PARAGRAPH, 0, len(text), 1),)
    article = Article(name, title, text, blocks, "0" * 64, author=name)
    page = shown(article, passage(article, 0, len(text)), passage(article, 0, 1))

    assert {tag for tag, _ in page.elements} <= ALLOWED
    names = {name for _, attributes in page.elements for name in attributes}
    assert names <= {"class", "dir", "tabindex", "href", "data-place", "data-link", "aria-label"}
    assert set(page.all("href")) <= {"#"}
