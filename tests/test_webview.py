"""Answers as HTML: what it opens is what is cited, and nothing in it can act."""

from __future__ import annotations

from dataclasses import replace
from html import escape

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.answerjson import citations
from rag.errors import QuestionError
from rag.records import Answer, Attribution, Citation, Filter, Hit, Match, Passage, Standing, Statement
from rag.webview import Look, Place, answer_html, inert, places
from rag.webwords import WEB_WORDS
from tests.pagehtml import Seen, seen
from tests.strategies import answers


def answer(text: str, *quotes: str, title: str = "Titel", standalone: str = "How much?") -> Answer:
    citation = Citation("a.txt", title, 3, 0, len(text), text)
    statements = tuple(
        Statement(quote, Citation("a.txt", title, 3, text.find(quote), text.find(quote) + len(quote), quote), 0)
        for quote in quotes
    )
    hits = (Hit(Passage(1, "a.txt", 3, "", 0, len(text), text), 1.0, 0.8, 2.0, 0.6, citation),)
    return Answer("How much?", standalone, statements, hits, 0.934)


def shown(answer: Answer, look: Look | None = None) -> Seen:
    return seen(answer_html(answer, look or Look()))


@given(
    st.text(),
    st.integers(0),
    st.integers(0),
    st.lists(st.tuples(st.integers(0), st.integers(0)), max_size=3).map(tuple),
    st.text(),
)
def test_a_place_is_read_back_from_its_key(article_id, start, end, sentences, quote):
    place = Place(article_id, start, end, sentences, quote)

    assert Place.read(place.key()) == place
    assert "\n" not in place.key()


@pytest.mark.parametrize(
    "key", ["", "x", "{}", "[]", "[1]", '["a", "b", 1, []]', '["a", 1, 2, 3]', '["a", 1e999, 2, []]']
)
def test_a_key_that_is_none_is_refused(key):
    with pytest.raises(QuestionError):
        Place.read(key)


def test_an_answer_leads_with_its_sentence_then_shows_the_passage_and_the_article():
    page = shown(answer("Davor. Es kostete viel. Danach.", "Es kostete viel."))

    assert (
        page.text.index("Es kostete viel.") < page.text.index("Where this stands") < page.text.index("Articles cited")
    )
    assert page.marked == "Es kostete viel."
    assert "a.txt · paragraph 3" in page.text


def test_every_number_of_an_answer_opens_the_place_of_its_passage():
    given_ = answer("Davor. Es kostete viel. Danach.", "Es kostete viel.")

    place = Place("a.txt", 0, 31, ((7, 23),), "Es kostete viel.")
    assert shown(given_).places("fs-cite") == [place] * 2
    assert places(given_) == [place]


def test_an_answer_without_statements_says_so_and_offers_what_is_near():
    given_ = answer("Davor. Es kostete viel.")
    page = shown(given_)

    assert page.text.startswith("The articles perhaps do not answer this question.7%: the estimated probability")
    assert page.text.index("7%") < page.text.index("The nearest passages")
    assert page.marked == ""
    assert places(given_) == [Place("a.txt", 0, 23, (), "Davor. Es kostete viel.")]


def test_how_sure_an_answer_is_stands_behind_its_sentences_with_the_figure_folded_in():
    page = shown(answer("Davor. Es kostete viel. Danach.", "Es kostete viel."))
    sure = "This very likely answers the question.93%: the estimated probability that the best passage answers"

    assert page.text.index("Es kostete viel.") < page.text.index(sure) < page.text.index("Where this stands")
    assert ("details", {"class": "fs-sure"}) in page.elements


def test_a_question_that_was_completed_is_shown_as_it_was_searched_for_and_can_be_asked_alone():
    completed = replace(answer("Eins."), question="And <how> much?", standalone="The bridge? And <how> much?")
    page = shown(completed)

    assert page.text.startswith("Searched for: The bridge? And <how> much? Search only what I typed")
    assert "alone" in page.all("data-do")
    alone = shown(answer("Eins."))
    assert "fs-note fs-searched" not in alone.all("class")
    assert "alone" not in alone.all("data-do")


@pytest.mark.parametrize(("start", "stretch"), [(2, (2, 23)), (25, (7, 30)), (10, (7, 23))])
def test_a_speaker_is_named_behind_the_sentence_and_opens_what_shows_it(start, stretch):
    plain = answer("Davor. Es kostete viel. Danach.", "Es kostete viel.")
    said = Attribution("Karl Kai", start, start + 5, direct=True)
    page = shown(replace(plain, statements=(replace(plain.statements[0], said=said),)))

    assert "Es kostete viel. 1— Karl Kai, direct quote" in page.text
    opened = Place("a.txt", *stretch, ((start, start + 5), (7, 23)), "Es kostete viel.")
    assert page.places("fs-link") == [opened]
    assert opened.anchor == (7, 23)
    assert [a["aria-label"] for _, a in page.elements if a.get("class") == "fs-link"] == [
        "Open where this is said by Karl Kai"
    ]


def test_other_articles_that_say_the_same_are_named_and_open_there():
    plain = answer("Davor. Es kostete viel. Danach.", "Es kostete viel.")
    also = (Citation("b.txt", "Teuer", 4, 30, 45, "Es war teuer."), Citation("c.txt", "Viel", 1, 0, 9, "Viel Geld"))
    page = shown(replace(plain, statements=(replace(plain.statements[0], also=also),)))

    assert "Also in:Teuer, paragraph 4 Viel, paragraph 1" in page.text
    assert page.places("fs-link") == [
        Place("b.txt", 30, 45, ((30, 45),), "Es war teuer."),
        Place("c.txt", 0, 9, ((0, 9),), "Viel Geld"),
    ]


def test_a_sentence_of_the_article_itself_has_no_line_below_it():
    page = shown(answer("Davor. Es kostete viel. Danach.", "Es kostete viel."))

    assert "—" not in page.text
    assert page.places("fs-link") == []


@pytest.mark.parametrize("language", ["de", "en"])
@pytest.mark.parametrize("standing", Standing)
def test_every_quote_says_what_has_become_of_it(language, standing):
    given_ = answer("Davor. Es kostete viel. Danach.", "Es kostete viel.")
    page = shown(given_, Look(language, dict.fromkeys(citations(given_), standing)))

    assert page.all("data-standing") == [standing, standing]
    assert page.text.count(WEB_WORDS[language].standing[standing]) == 2
    assert shown(given_).all("data-standing") == []


def test_how_a_passage_was_found_is_folded_in_with_its_figures_and_words():
    plain = answer("Davor. Es kostete viel. Danach.", "Es kostete viel.")
    hit = replace(plain.hits[0], matches=(Match("cost", "kostete"), Match("viel", "viel")), score=1.234)
    page = shown(replace(plain, hits=(hit,)))

    told = page.text[page.text.index("How was this found?") :]
    for text in ("How much?", "cost → kostete, viel", "0.80", "2.00", "60%", "1.23"):
        assert text in told
    assert "No word of the question stands here" in shown(plain).text


def test_which_articles_were_asked_stands_above_the_answer():
    page = shown(replace(answer("Eins.", "Eins."), filter=Filter(folders=("2024/<b>",))))

    assert "2024/<b>" in page.text
    assert page.text.index("2024/<b>") < page.text.index("Eins.")


ALLOWED = {"p", "div", "span", "code", "bdi", "mark", "button", "section", "figure", "blockquote", "figcaption"} | {
    *("h3", "ul", "li", "dl", "dt", "dd", "details", "summary", "form", "label", "input")
}
ATTRIBUTES = {"class", "dir", "type", "role", "hidden", "maxlength", "aria-label", "aria-pressed", "aria-hidden"} | {
    *("data-place", "data-do", "data-up", "data-copy", "data-ref", "data-standing")
}


@given(answers(), st.sampled_from(["de", "en"]), st.sampled_from([None, *Standing]))
def test_nothing_from_an_article_or_question_becomes_an_element_or_attribute(given_, language, standing):
    page = shown(given_, Look(language, dict.fromkeys(citations(given_), standing) if standing else {}))

    assert {tag for tag, _ in page.elements} <= ALLOWED
    assert {name for _, attributes in page.elements for name in attributes} <= ATTRIBUTES
    assert set(page.all("data-do")) <= {"alone", "judge"}


@given(answers())
def test_every_button_opens_or_copies_what_the_answer_cites(given_):
    page = shown(given_)
    cited = {citation.article_id for citation in citations(given_)}
    assert {place.article_id for place in page.places("fs-link")} <= cited
    assert set(page.places("fs-cite")) == set(places(given_))

    references = set(page.all("data-ref"))
    kinds = {"s": given_.statements, "h": given_.hits}
    assert references == {f"{kind}{number}" for kind, entries in kinds.items() for number in range(len(entries))}


@given(st.text())
def test_inert_text_reads_the_same_and_has_no_bare_turn_of_direction(text):
    page = seen(inert(text))

    assert page.text == text.replace("\r\n", "\n").replace("\r", "\n") or page.text == text
    assert inert("a\u202eb") == "a<bdi>\u202e</bdi>b"
    assert inert("plain") == escape("plain")
