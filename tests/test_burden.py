"""What a file has too much of is said before it is read."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from rag import burden
from rag.burden import Count
from rag.errors import ArticleError
from rag.settings import DEFAULTS


@pytest.mark.parametrize(
    ("count", "text", "what"),
    [
        (burden.of_text, "a" * (DEFAULTS.text_limit + 1), "4,000,001 characters; at most 4,000,000 are read"),
        (burden.of_text, "a\n \n" * (DEFAULTS.line_limit + 1), "lines"),
        (burden.of_markdown, "\n" * (DEFAULTS.line_limit + 1), "50,001 lines; at most 50,000 are read"),
        (burden.of_markdown, "[" * (DEFAULTS.mark_limit + 1), "50,001 marks; at most 50,000 are read"),
        (burden.of_html, "<b>" * (DEFAULTS.tag_limit + 1), "50,001 tags; at most 50,000 are read"),
        (burden.of_html, "<tr>" + "<TD>" * 2_001, "2,001 cells in one row; at most 2,000 are read"),
        (burden.of_html, "<p" + " a" * 201, "201 attributes in one tag; at most 200 are read"),
        (burden.of_html, "<p" + " a='>' b" * 101, "202 attributes in one tag; at most 200 are read"),
    ],
)
def test_too_much_of_anything_is_refused_with_the_number(
    count: Callable[[str], Iterator[Count]], text: str, what: str
) -> None:
    with pytest.raises(ArticleError, match=rf"^any\.txt has .*{what}"):
        burden.check("any.txt", count(text))


@pytest.mark.parametrize(
    ("count", "text"),
    [
        (burden.of_text, "Ein Satz.\n" + "\n" * 1_000_000),
        (burden.of_html, f"<p class=\"{'a ' * 100_000}\"><img title='{'b ' * 100_000}'>"),
        (burden.of_html, "<table>" + "<tr><td>a" * 10_000),
    ],
)
def test_what_only_looks_like_much_is_not_counted(count: Callable[[str], Iterator[Count]], text: str) -> None:
    burden.check("any.txt", count(text))
