"""A quote that is taken away says where it stands, and its text stays text."""

from __future__ import annotations

import json
import re
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from rag.conversations import Facts
from rag.records import ArticleSummary, Citation, Dated
from rag.referencing import csl_json, escaped, markdown, plain, safe_link, written_day
from tests.strategies import hostile, texts

QUOTE = "Die Brücke kostete 20.000 Euro, und das ist viel."
CITATION = Citation("nested/a.txt", "Die neue Brücke", 7, 12, 61, QUOTE)
ARTICLE = ArticleSummary(
    "nested/a.txt", "Die neue Brücke", "nested", "Karl Kai", date(2025, 11, 18), Dated.TEXT, "de", 9
)
LINK = "http://127.0.0.1:7860/#p7-3f9a0c1d2e/nested/a.txt"
FACTS = Facts({ARTICLE.id: ARTICLE}, {CITATION: LINK})


def shown(source: str) -> str:
    """The text of the Markdown ``source`` as a reader sees it, all lines of a paragraph in one."""
    pieces = []
    for token in MarkdownIt("gfm-like", {"linkify": False}).parse(source):
        for child in token.children or []:
            assert child.type in ("text", "softbreak", "em_open", "em_close", "link_open", "link_close"), child
            pieces.append(child.content)
    return "".join(pieces)


@given(texts | hostile)
def test_escaped_text_is_shown_by_markdown_character_by_character(text: str) -> None:
    tokens = MarkdownIt("gfm-like", {"linkify": False}).parse(escaped(text))
    assert [token.type for token in tokens] in ([], ["paragraph_open", "inline", "paragraph_close"])
    children = [child for token in tokens for child in token.children or []]
    assert {child.type for child in children} <= {"text"}
    assert "".join(child.content for child in children) == text


@given(texts | hostile)
def test_a_quote_in_markdown_reads_as_the_quote(quote: str) -> None:
    citation = Citation("a.txt", "A", 1, 0, len(quote), quote)
    source = markdown(citation, Facts())
    outside = [token.type for token in MarkdownIt("gfm-like", {"linkify": False}).parse(source)]
    paragraph = ["paragraph_open", "inline", "paragraph_close"]

    assert outside == ["blockquote_open", *paragraph, *paragraph, "blockquote_close"]
    assert shown(source)[1 : len(quote) + 1] == quote


@given(texts | hostile, texts | hostile, texts | hostile)
def test_nothing_in_title_author_or_file_name_becomes_markdown(title: str, author: str, name: str) -> None:
    citation = Citation(name, title, 3, 0, 4, "Text")
    facts = Facts({name: ArticleSummary(name, title, "", author, None, None, "en", 1)})
    source = markdown(citation, facts)
    by = f"{author}: " if author else ""

    assert shown(source) in [f"{quote}— {by}{title} ({name}, paragraph 3)" for quote in ("“Text”", "„Text“")]


def test_a_quote_is_copied_as_text_with_all_that_is_known_of_its_place() -> None:
    assert plain(CITATION, FACTS, "de") == (
        f"„{QUOTE}“\nKarl Kai: Die neue Brücke. 18. November 2025 (nested/a.txt, Absatz 7)\n{LINK}"
    )
    assert plain(CITATION, FACTS, "en") == (
        f"„{QUOTE}“\nKarl Kai: Die neue Brücke. 18 November 2025 (nested/a.txt, paragraph 7)\n{LINK}"
    )


def test_a_quote_of_which_nothing_more_is_known_is_copied_with_its_place_alone() -> None:
    assert plain(CITATION, Facts(), "de") == f"„{QUOTE}“\nDie neue Brücke (nested/a.txt, Absatz 7)"


def test_a_quote_is_copied_as_markdown_with_a_link() -> None:
    assert markdown(CITATION, FACTS, "de") == (
        f"> „{QUOTE}“\n>\n> — Karl Kai: *Die neue Brücke*. 18. November 2025 ([nested/a.txt, Absatz 7](<{LINK}>))"
    )


@pytest.mark.parametrize(
    ("quote", "language", "shown_as"),
    [
        ("The bridge is open.", "de", "“The bridge is open.”"),
        ("Die Brücke ist offen.", "en", "„Die Brücke ist offen.“"),
        ("Trump: Putin", "en", "“Trump: Putin”"),
        ("Trump: Putin", "de", "„Trump: Putin“"),
        ("Er sagte: „Das ist ›gut‹.“", "en", "„Er sagte: „Das ist ›gut‹.““"),
    ],
)
def test_quotation_marks_are_those_of_the_quotes_language_and_inner_ones_stay(quote, language, shown_as) -> None:
    citation = Citation("a.txt", "A", 1, 0, len(quote), quote)
    facts = Facts({"a.txt": ArticleSummary("a.txt", "A", "", None, None, None, language, 1)})
    assert plain(citation, facts).splitlines()[0] == shown_as


def test_a_date_of_the_file_is_said_to_be_one_and_kept_from_reference_managers() -> None:
    article = ArticleSummary("nested/a.txt", "A", "nested", None, date(2025, 11, 18), Dated.FILE, "de", 9)
    facts = Facts({article.id: article})
    assert "Datei vom 18. November 2025" in plain(CITATION, facts, "de")
    assert "file of 18 November 2025" in plain(CITATION, facts, "en")
    assert "issued" not in json.loads(csl_json(CITATION, facts))[0]


def test_csl_json_holds_what_a_reference_manager_reads() -> None:
    assert json.loads(csl_json(CITATION, FACTS, "de")) == [
        {
            "id": "nested/a.txt#12-61",
            "type": "article-newspaper",
            "title": "Die neue Brücke",
            "note": "nested/a.txt, Absatz 7",
            "annote": f"„{QUOTE}“",
            "language": "de",
            "author": [{"literal": "Karl Kai"}],
            "issued": {"date-parts": [[2025, 11, 18]]},
            "URL": LINK,
        }
    ]


@given(
    st.builds(Citation, texts, texts, st.integers(1, 99), st.just(0), st.just(4), texts),
    st.none() | texts,
    st.none() | st.dates(),
    st.sampled_from([None, *Dated]),
    texts,
)
def test_csl_json_keeps_to_the_rules_of_its_schema(citation, author, published, found, url) -> None:
    # By hand after csl-data.json of CSL 1.0.2: what is required, which names there are, the type of each.
    facts = Facts(
        {citation.article_id: ArticleSummary(citation.article_id, "", "", author, published, found, "en", 1)},
        {citation: url},
    )
    [item] = json.loads(csl_json(citation, facts))

    assert {"id", "type"} <= item.keys() <= {
        "id", "type", "title", "note", "annote", "language", "author", "issued", "URL",
    }  # fmt: skip
    assert item["type"] == "article-newspaper"
    assert all(isinstance(value, str) for name, value in item.items() if name not in ("author", "issued"))
    assert all(name.keys() == {"literal"} and name["literal"] for name in item.get("author", []))
    if "issued" in item:
        [parts] = item["issued"].pop("date-parts")
        assert item["issued"] == {}
        assert date(*parts) == published


@pytest.mark.parametrize("url", ["javascript:alert(1)", "data:text/html,x", "JaVaScRiPt:x", "vbscript:x", "http://[x"])
def test_a_link_that_would_run_something_is_left_out(url: str) -> None:
    assert safe_link(url) == ""
    assert "](" not in markdown(CITATION, Facts(links={CITATION: url}))


@given(texts | hostile)
def test_a_link_never_ends_before_its_end(url: str) -> None:
    assert not re.search(r"[\s<>\"\\`]", safe_link(url))


@given(st.dates())
def test_a_day_is_written_with_the_name_of_its_month(day: date) -> None:
    assert re.fullmatch(r"\d{1,2}\. [A-ZÄ][a-zä]+ \d{1,4}", written_day(day, "de"))
    assert re.fullmatch(r"\d{1,2} [A-Z][a-z]+ \d{1,4}", written_day(day, "en"))
