"""Answers and articles as HTML: what is highlighted is what is cited, and nothing in it can act."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date
from html import escape
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.errors import QuestionError
from rag.folding import fold
from rag.layout import analyse
from rag.records import Answer, Article, Attribution, Block, BlockKind, Citation, Hit, Passage, Statement
from rag.webview import Place, answer_html, first_place, inert, source_html

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
)
START, END = TEXT.index("Der Bürger-"), TEXT.index("Euro.") + 5
SENTENCE = TEXT.index("Sie kostete"), END


@dataclass
class Seen(HTMLParser):
    """What a browser makes of HTML: the text, the marked text, and every element with its attributes."""

    text: str = ""
    marked: str = ""
    strong: str = ""
    elements: list[tuple[str, dict[str, str | None]]] = field(default_factory=list)
    open: list[tuple[str, str | None]] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__()

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))
        self.open.append((tag, dict(attrs).get("class")))

    def handle_endtag(self, tag):
        assert self.open.pop()[0] == tag, "elements must be closed in turn"

    def handle_data(self, data):
        self.text += data
        tags = [tag for tag, _ in self.open]
        self.marked += data if "mark" in tags else ""
        self.strong += data if ("mark", "fs-sentence") in self.open else ""


def seen(html: str) -> Seen:
    reader = Seen()
    reader.feed(html)
    reader.close()
    assert reader.open == []
    return reader


def answer(text: str, *quotes: str, title: str = "Titel", standalone: str = "How much?") -> Answer:
    citation = Citation("a.txt", title, 3, 0, len(text), text)
    statements = tuple(
        Statement(quote, Citation("a.txt", title, 3, text.find(quote), text.find(quote) + len(quote), quote), 0)
        for quote in quotes
    )
    hits = (Hit(Passage(1, "a.txt", 3, "", 0, len(text), text), 1.0, 0.8, 2.0, 0.6, citation),)
    return Answer("How much?", standalone, statements, hits, 0.934)


def places(page: Seen, kind: str) -> list[Place]:
    """What the buttons of a class open."""
    return [Place.read(a["data-place"] or "") for _, a in page.elements if a.get("class") == kind]


def test_the_marks_of_an_article_are_the_passage_and_in_it_the_sentences():
    page = seen(source_html(ARTICLE, Place(ARTICLE.id, START, END, (SENTENCE,))))

    assert page.marked == "Der Bürgermeister hat die Brücke eröffnet. Sie kostete 20.000 Euro."
    assert page.strong == "Sie kostete 20.000 Euro."


def test_an_article_is_shown_whole_with_numbers_headings_and_what_was_set_aside():
    page = seen(source_html(ARTICLE, Place(ARTICLE.id, START, END)))

    for text in ("2024/bruecke.txt", "paragraph 1", "Anna Berg", "3 May 2024", "4 min read", "Das Geld kam vom Land."):
        assert text in page.text
    assert "Set asideAdd a comment" in page.text
    assert page.text.count("Die neue Brücke") == 1
    assert [a.get("class") for tag, a in page.elements].count("fs-number") == 2


def test_a_derived_title_is_said_to_be_one():
    derived = Article("a.txt", "Das Geld kam", TEXT, ARTICLE.blocks, "0" * 64, title_derived=True)

    assert "no title" in source_html(derived, Place("a.txt", START, END))
    assert "no title" not in source_html(ARTICLE, Place(ARTICLE.id, START, END))


def test_the_header_numbers_the_paragraph_that_the_passage_begins_in():
    second = TEXT.index("Das Geld")

    assert "paragraph 2" in seen(source_html(ARTICLE, Place(ARTICLE.id, second, second + 3))).text


@given(st.text(max_size=300), st.data())
def test_whatever_a_file_holds_its_marks_are_the_passage_folded(text, data):
    layout = analyse(text)
    article = Article("a.txt", layout.title, text, layout.blocks, "0" * 64)
    paragraphs = [block for block in layout.blocks if block.kind is BlockKind.PARAGRAPH]
    if not paragraphs:
        return
    block = data.draw(st.sampled_from(paragraphs))
    page = seen(source_html(article, Place("a.txt", block.start, block.end)))

    assert page.marked == fold(text[block.start : block.end]).replace("\r", "\n")


@pytest.mark.parametrize(("start", "end"), [(-1, 5), (5, 5), (6, 5), (0, len(TEXT) + 1)])
def test_a_place_outside_the_article_is_refused(start, end):
    with pytest.raises(QuestionError):
        source_html(ARTICLE, Place(ARTICLE.id, start, end))


@given(
    st.text(),
    st.integers(0),
    st.integers(0),
    st.lists(st.tuples(st.integers(0), st.integers(0)), max_size=3).map(tuple),
)
def test_a_place_is_read_back_from_its_key(article_id, start, end, sentences):
    place = Place(article_id, start, end, sentences)

    assert Place.read(place.key()) == place
    assert "\n" not in place.key()


@pytest.mark.parametrize(
    "key", ["", "x", "{}", "[]", "[1]", '["a", "b", 1, []]', '["a", 1, 2, 3]', '["a", 1e999, 2, []]']
)
def test_a_key_that_is_none_is_refused(key):
    with pytest.raises(QuestionError):
        Place.read(key)


def test_an_answer_leads_with_its_sentence_then_shows_the_passage_and_the_article():
    page = seen(answer_html(answer("Davor. Es kostete viel. Danach.", "Es kostete viel.")))

    assert (
        page.text.index("Es kostete viel.") < page.text.index("Where this stands") < page.text.index("Articles cited")
    )
    assert page.marked == "Es kostete viel."
    assert "a.txt · paragraph 3" in page.text


def test_every_number_of_an_answer_opens_the_place_of_its_passage():
    given_ = answer("Davor. Es kostete viel. Danach.", "Es kostete viel.")

    assert places(seen(answer_html(given_)), "fs-cite") == [Place("a.txt", 0, 31, ((7, 23),))] * 2
    assert first_place(given_) == Place("a.txt", 0, 31, ((7, 23),))


def test_an_answer_without_statements_says_so_and_offers_what_is_near():
    given_ = answer("Davor. Es kostete viel.")
    page = seen(answer_html(given_))

    assert page.text.startswith("The articles perhaps do not answer this question.7%: the estimated probability")
    assert page.text.index("7%") < page.text.index("The nearest passages")
    assert page.marked == ""
    assert first_place(given_) is None


def test_how_sure_an_answer_is_stands_behind_its_sentences_with_the_figure_folded_in():
    page = seen(answer_html(answer("Davor. Es kostete viel. Danach.", "Es kostete viel.")))
    sure = "This very likely answers the question.93%: the estimated probability that the best passage answers"

    assert page.text.index("Es kostete viel.") < page.text.index(sure) < page.text.index("Where this stands")
    assert ("details", {"class": "fs-sure"}) in page.elements


def test_a_question_that_was_completed_is_shown_as_it_was_searched_for_and_can_be_asked_alone():
    completed = replace(answer("Eins."), question="And <how> much?", standalone="The bridge? And <how> much?")
    page = seen(answer_html(completed))

    assert page.text.startswith("Searched for: The bridge? And <how> much? Search only what I typed")
    assert [a["data-question"] for _, a in page.elements if "data-question" in a] == ["And <how> much?"]
    alone = seen(answer_html(answer("Eins.")))
    assert "Searched for" not in alone.text
    assert not [a for _, a in alone.elements if "data-question" in a]


@pytest.mark.parametrize(("start", "shown"), [(2, (2, 23)), (25, (7, 30)), (10, (7, 23))])
def test_a_speaker_is_named_behind_the_sentence_and_opens_what_shows_it(start, shown):
    plain = answer("Davor. Es kostete viel. Danach.", "Es kostete viel.")
    said = Attribution("Karl Kai", start, start + 5, direct=True)
    page = seen(answer_html(replace(plain, statements=(replace(plain.statements[0], said=said),))))

    assert "Es kostete viel. 1— Karl Kai, direct quote" in page.text
    assert places(page, "fs-link") == [Place("a.txt", *shown, ((start, start + 5), (7, 23)))]
    assert [a["aria-label"] for _, a in page.elements if a.get("class") == "fs-link"] == [
        "Open where this is said by Karl Kai"
    ]


def test_other_articles_that_say_the_same_are_named_and_open_there():
    plain = answer("Davor. Es kostete viel. Danach.", "Es kostete viel.")
    also = (Citation("b.txt", "Teuer", 4, 30, 45, "Es war teuer."), Citation("c.txt", "Viel", 1, 0, 9, "Viel Geld"))
    page = seen(answer_html(replace(plain, statements=(replace(plain.statements[0], also=also),))))

    assert "Also in:Teuer, paragraph 4Viel, paragraph 1" in page.text
    assert places(page, "fs-link") == [Place("b.txt", 30, 45, ((30, 45),)), Place("c.txt", 0, 9, ((0, 9),))]


def test_a_sentence_of_the_article_itself_has_no_line_below_it():
    page = seen(answer_html(answer("Davor. Es kostete viel. Danach.", "Es kostete viel.")))

    assert "—" not in page.text
    assert "figcaption" not in {tag for tag, _ in page.elements}


HOSTILE = st.lists(
    st.sampled_from(
        [
            "<script>",
            "</p>",
            "</mark>",
            "<img src=x onerror=a()>",
            '"',
            "'",
            "&lt;",
            "&",
            "\u202e",
            "\u2069",
            "-->",
            "x ",
            "ü",
        ]
    ),
    min_size=1,
).map("".join)
ALLOWED = {"article", "header", "h2", "h3", "p", "div", "span", "code", "bdi", "mark", "button"} | {
    *("section", "figure", "blockquote", "figcaption", "ul", "li", "details", "summary")
}


@given(HOSTILE, HOSTILE, HOSTILE)
def test_nothing_from_an_article_or_question_becomes_an_element_or_attribute(text, title, name):
    article = Article(name, title, text, (Block(BlockKind.PARAGRAPH, 0, len(text), 1),), "0" * 64, author=name)
    citation = Citation(name, title, 1, 0, len(text), text)
    hits = (Hit(Passage(1, name, 1, title, 0, len(text), text), 1.0, 0.8, 2.0, 0.6, citation),)
    statements = (Statement(text, citation, 0, Attribution(title, 0, 1, direct=False), (citation,)),)
    for page in (
        seen(answer_html(Answer(name, text, statements, hits))),
        seen(answer_html(Answer(name, text, (), hits))),
        seen(source_html(article, Place(name, 0, len(text)))),
    ):
        assert {tag for tag, _ in page.elements} <= ALLOWED
        names = {name for _, attributes in page.elements for name in attributes}
        assert names <= {"class", "dir", "tabindex", "type", "data-place", "data-question", "aria-label"}


@given(st.text())
def test_inert_text_reads_the_same_and_has_no_bare_turn_of_direction(text):
    page = seen(inert(text))

    assert page.text == text.replace("\r\n", "\n").replace("\r", "\n") or page.text == text
    assert inert("a\u202eb") == "a<bdi>\u202e</bdi>b"
    assert inert("plain") == escape("plain")
