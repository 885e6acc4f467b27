"""A conversation that is taken away says all that it cites, and no text in it becomes anything but text."""

from __future__ import annotations

import os
import re
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree
from lxml import html as lxml_html
from markdown_it import MarkdownIt

import rag
from rag import exporting, exportpage
from rag.answerjson import citations
from rag.conversations import Conversation, Facts, Turn
from rag.records import Answer, ArticleSummary, Attribution, Citation, Dated, Filter, Hit, Passage, Statement
from rag.wording import restriction
from tests.strategies import conversations, words

PASSAGE = "Die Brücke ist offen. Sie kostete 20.000 Euro."
AT = Citation("nested/a.txt", "Die neue Brücke", 2, 100, 146, PASSAGE)
QUOTE = replace(AT, start=122, quote="Sie kostete 20.000 Euro.")
ELSEWHERE = Citation("b.txt", "Teuer", 4, 3, 8, "Teuer")
NEAREST = Hit(Passage(2, "c.txt", 1, "", 0, 4, "Fern"), 0.1, 0.1, 0.0, 0.0, Citation("c.txt", "C", 1, 0, 4, "Fern"))
HIT = Hit(Passage(1, "nested/a.txt", 2, "", 100, 146, PASSAGE), 0.9, 0.8, 2.5, 0.6, AT)
ANSWER = Answer(
    "Und was kostete sie?",
    "Was kostete die Brücke?",
    (Statement(QUOTE.quote, QUOTE, 0, Attribution("Karl Kai", 80, 88, direct=False), (ELSEWHERE,)),),
    (HIT, NEAREST),
    0.93,
    Filter(("x.txt",), ("nested",), date(2025, 1, 1), date(2025, 12, 31), "de"),
)
NOTHING = Answer("Wer backt Brot?", "Wer backt Brot?", (), (NEAREST,), 0.04)
ASKED = datetime(2026, 5, 4, 12, 30, tzinfo=UTC)
TALK = Conversation("Brücken", "Meine Artikel", (Turn(ANSWER.question, ANSWER, ASKED), Turn("Brot?", NOTHING, ASKED)))
LINK = "http://127.0.0.1:7860/#p2-3f9a"
FACTS = Facts(
    {AT.article_id: ArticleSummary(AT.article_id, AT.title, "nested", "Ann B.", date(2025, 3, 1), Dated.TEXT, "de", 3)},
    {QUOTE: LINK},
)
TOLD = {
    "de": [
        "Artikel: Meine Artikel",
        "1. Und was kostete sie?",
        "2. Brot?",
        "4. Mai 2026, 12:30 UTC",
        "Gesucht wurde: Was kostete die Brücke?",
        restriction(ANSWER.filter, "de"),
        "„Sie kostete 20.000 Euro.“ [1]",
        "— Die neue Brücke (nested/a.txt, Absatz 2, Zeichen 122–146)",
        "Karl Kai, indirekte Rede",
        "Auch in: Teuer (b.txt, Absatz 4, Zeichen 3–8)",
        "Das beantwortet die Frage sehr wahrscheinlich (93\u00a0%).",
        "Die Artikel beantworten diese Frage sehr wahrscheinlich nicht (96\u00a0%).",
        "Wo das steht",
        "Die nächstliegenden Stellen",
        "[1] Die neue Brücke (nested/a.txt, Absatz 2, Zeichen 100–146)",
        "Zitierte Artikel",
        "Ann B.: Die neue Brücke. 1. März 2025. nested/a.txt, Absatz 2",
        "Teuer. b.txt, Absatz 4",
    ],
    "en": [
        "Articles: Meine Artikel",
        "4 May 2026, 12:30 UTC",
        "Searched for: Was kostete die Brücke?",
        restriction(ANSWER.filter, "en"),
        "„Sie kostete 20.000 Euro.“ [1]",
        "— Die neue Brücke (nested/a.txt, paragraph 2, characters 122–146)",
        "Karl Kai, reported speech",
        "Also in: Teuer (b.txt, paragraph 4, characters 3–8)",
        "This very likely answers the question (93%).",
        "The articles very likely do not answer this question (96%).",
        "Where this stands",
        "The nearest passages",
        "Articles cited",
        "Ann B.: Die neue Brücke. 1 March 2025. nested/a.txt, paragraph 2",
    ],
}
# All that a page consists of; whatever else a parser finds there was made by a text.
ELEMENTS = {
    *("html", "head", "meta", "title", "style", "body", "main", "header", "section", "h1", "h2", "h3", "p", "a", "bdi"),
    *("figure", "blockquote", "figcaption", "mark", "ul", "li", "cite"),
}
INLINE = {"text", "softbreak", "strong_open", "strong_close", "em_open", "em_close", "link_open", "link_close"}


def markdown_text(source: str) -> str:
    """The text of a Markdown document as a reader sees it, a line for each paragraph, heading or entry."""
    tokens = MarkdownIt("gfm-like", {"linkify": False}).parse(source)
    return "\n".join("".join(child.content for child in token.children or []) for token in tokens)


def page_text(source: str) -> str:
    """The text of a page's body, a line for each paragraph, heading or entry."""
    body = lxml_html.document_fromstring(source.encode()).find("body")
    blocks = body.iter("h1", "h2", "h3", "p", "li", "blockquote")
    return "\n".join(block.text_content() for block in blocks)


@pytest.mark.parametrize("language", ["de", "en"])
def test_both_formats_tell_all_that_was_asked_answered_and_cited(language) -> None:
    for text in (
        markdown_text(exporting.markdown(TALK, FACTS, language)),
        page_text(exportpage.html(TALK, FACTS, language)),
    ):
        lines = text.splitlines()
        assert [line for line in TOLD[language] if line not in lines] == []


def test_a_permalink_leads_from_the_citation_it_belongs_to_and_from_no_other() -> None:
    assert exporting.markdown(TALK, FACTS, "de").count(f"(<{LINK}>)") == 1
    page = lxml_html.document_fromstring(exportpage.html(TALK, FACTS, "de"))
    [link] = page.iter("a")
    assert link.get("href") == LINK
    assert link.text_content() == "Die neue Brücke (nested/a.txt, Absatz 2, Zeichen 122–146)"


def test_the_quoted_sentence_is_marked_in_its_passage() -> None:
    page = lxml_html.document_fromstring(exportpage.html(TALK, FACTS))
    assert [mark.text_content() for mark in page.iter("mark")] == [QUOTE.quote]


def test_the_nearest_passages_count_as_no_citation() -> None:
    talk = replace(TALK, turns=TALK.turns[1:])
    for text in (exporting.markdown(talk, Facts()), exportpage.html(talk, Facts())):
        assert "Fern" in text
        assert "Articles cited" not in text


def test_where_no_article_passed_the_filter_no_figure_is_told() -> None:
    answer = replace(NOTHING, hits=(), confidence=0.0, filter=Filter(until=date(1900, 1, 1)))
    talk = replace(TALK, turns=(Turn("Brot?", answer, ASKED),))
    lines = markdown_text(exporting.markdown(talk, Facts())).splitlines()
    assert "No article is within these limits." in lines
    assert "%" not in "".join(lines)


def test_an_empty_conversation_is_a_document_too() -> None:
    empty = Conversation("", "", ())
    assert exporting.markdown(empty, Facts()).startswith("# ")
    assert "<h1" in exportpage.html(empty, Facts())


def test_a_page_is_well_formed_says_its_language_and_forbids_itself_everything_but_its_style() -> None:
    source = exportpage.html(TALK, FACTS, "de")
    # Written so that the strictest of parsers reads it: every element is closed, every attribute quoted.
    page = etree.fromstring(source.removeprefix("<!doctype html>\n").encode())

    assert page.get("lang") == "de"
    [policy] = page.xpath("//meta[@http-equiv='Content-Security-Policy']/@content")
    assert policy == "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"
    assert page.xpath("//@src | //link | //script | //img | //@style") == []
    assert "url(" not in source
    assert "@import" not in source
    assert "@media print" in source
    assert "break-inside: avoid" in source
    assert "prefers-color-scheme: dark" in source


@settings(max_examples=60)
@given(conversations, words, st.sampled_from(["de", "en"]))
def test_no_text_becomes_an_element_or_an_attribute_of_the_page(conversation, hostile, language) -> None:
    facts = known(conversation, hostile)
    page = lxml_html.document_fromstring(exportpage.html(conversation, facts, language).encode())

    assert {element.tag for element in page.iter()} <= ELEMENTS
    names = {name for element in page.iter() for name in element.attrib}
    assert names <= {"lang", "charset", "http-equiv", "content", "name", "dir", "class", "href", "rel"}
    assert len(page.findall(".//section")) == len(conversation.turns) + bool(exporting.by_article(conversation))
    assert len(page.findall(".//figure")) == sum(
        len(turn.answer.statements) + len(exporting.passages(turn.answer)) for turn in conversation.turns
    )
    schemes = {
        found[1].lower() for link in page.iter("a") if (found := re.match(r"\s*(\w[\w+.-]*):", link.get("href")))
    }
    assert schemes <= {"http", "https", "file"}


@settings(max_examples=60)
@given(conversations, words)
def test_the_page_shows_every_quote_character_by_character(conversation, hostile) -> None:
    page = lxml_html.document_fromstring(exportpage.html(conversation, known(conversation, hostile)).encode())
    shown = [quote.text_content() for quote in page.iter("blockquote")]
    told = []
    for turn in conversation.turns:
        told += [(entry.citation.quote, f" [{entry.hit + 1}]") for entry in turn.answer.statements]
        told += [(hit.passage.text, "") for _, hit in exporting.passages(turn.answer)]

    assert len(shown) == len(told)
    for text, (quote, number) in zip(shown, told, strict=True):
        # A page has one kind of line end.
        quote = re.sub(r"\r\n?", "\n", quote.replace("\r", "\ufffd"))
        assert text in (quote, f"„{quote}“{number}", f"“{quote}”{number}")


@settings(max_examples=60)
@given(conversations, words, st.sampled_from(["de", "en"]))
def test_no_text_becomes_markdown(conversation, hostile, language) -> None:
    source = exporting.markdown(conversation, known(conversation, hostile), language)
    tokens = MarkdownIt("gfm-like", {"linkify": False}).parse(source)
    inline = [child for token in tokens for child in token.children or []]

    assert {child.type for child in inline} <= INLINE
    assert not any(child.type == "softbreak" for child in inline)
    assert {token.tag for token in tokens} <= {"h1", "h2", "h3", "p", "blockquote", "ul", "li", ""}
    assert not any(token.type in ("html_block", "fence", "code_block", "hr") for token in tokens)
    statements = [entry for turn in conversation.turns for entry in turn.answer.statements]
    passages = [hit for turn in conversation.turns for _, hit in exporting.passages(turn.answer)]
    assert sum(token.type == "blockquote_open" for token in tokens) == len(statements) + len(passages)
    assert sum(token.tag == "h2" and token.nesting == 1 for token in tokens) == len(conversation.turns) + bool(
        statements
    )
    text = markdown_text(source)
    assert [entry.citation.quote for entry in statements if entry.citation.quote not in text] == []


def test_the_example_of_the_document_prints_what_the_document_shows(corpus, tmp_path, capsys) -> None:
    document = (Path(__file__).parent.parent / "docs" / "export.md").read_text("utf-8")
    [(code, shown)] = re.findall(r"```python\n(.*?)```\n\n```text\n(.*?)```", document, re.DOTALL)
    modified = datetime(2026, 5, 4, 12).timestamp()
    for path in corpus.rglob("*.txt"):
        os.utime(path, (modified, modified))
    with rag.open(corpus, model="hashing", index=tmp_path / "index") as engine:
        exec(code.replace('rag.open("articles")', "engine"), {"engine": engine})
    assert capsys.readouterr().out == shown


def known(conversation: Conversation, hostile: str) -> Facts:
    """Facts of all that is cited, in hostile text."""
    cited = [one for turn in conversation.turns for one in citations(turn.answer)]
    article = ArticleSummary("", hostile, "", hostile, date(2025, 3, 1), Dated.FILE, "en", 1)
    return Facts({one.article_id: article for one in cited}, dict.fromkeys(cited, hostile))
