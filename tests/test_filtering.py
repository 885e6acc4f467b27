"""A filter lets through what its words say, and one that makes no sense is refused with a sentence."""

from __future__ import annotations

from datetime import date, datetime

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from rag.errors import QuestionError
from rag.filtering import passing
from rag.records import ArticleSummary, Dated, Filter, Language


def summary(name: str, published: date | None = None, language: Language = "de") -> ArticleSummary:
    folder = name.rpartition("/")[0]
    return ArticleSummary(name, "Titel", folder, None, published, Dated.TEXT if published else None, language, 1)


ARTICLES = [
    summary("a.txt", date(2024, 1, 1)),
    summary("b.txt", date(2025, 1, 1), "en"),
    summary("rat/c.txt", date(2025, 6, 1)),
    summary("rat/alt/d.txt", None),
    summary("rathaus/e.txt", date(2026, 1, 1), "en"),
]
IDS = [article.id for article in ARTICLES]


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        (Filter(), IDS),
        (Filter(articles=("b.txt", "a.txt")), ["a.txt", "b.txt"]),
        (Filter(folders=("rat",)), ["rat/c.txt", "rat/alt/d.txt"]),
        (Filter(folders=("./rat/alt/",)), ["rat/alt/d.txt"]),
        (Filter(folders=("",)), IDS),
        (Filter(articles=("a.txt",), folders=("rathaus",)), ["a.txt", "rathaus/e.txt"]),
        (Filter(since=date(2025, 1, 1)), ["b.txt", "rat/c.txt", "rathaus/e.txt"]),
        (Filter(until=date(2025, 1, 1)), ["a.txt", "b.txt"]),
        (Filter(since=date(2025, 1, 1), until=date(2025, 1, 1)), ["b.txt"]),
        (Filter(since=datetime(2025, 1, 1, 12), until=datetime(2025, 1, 1, 8)), ["b.txt"]),
        (Filter(language="en"), ["b.txt", "rathaus/e.txt"]),
        (Filter(folders=("rat",), language="en"), []),
        (Filter(since=date(2030, 1, 1)), []),
    ],
)
def test_articles_pass_in_their_order(wanted: Filter, expected: list[str]) -> None:
    assert passing(wanted, ARTICLES) == expected


@pytest.mark.parametrize(
    ("wanted", "told"),
    [
        (Filter(articles=("a.txt", "x.txt")), r"^articles names x\.txt, which is not in the index; .*\.$"),
        (Filter(folders=("ra",)), r"^folders names ra, which holds no indexed article; .*\.$"),
        (Filter(folders=("a.txt",)), r"^folders names a\.txt, "),
        (Filter(folders=("/rat",)), r"^folders names /rat, "),
        (
            Filter(since=date(2025, 2, 1), until=date(2025, 1, 1)),
            r"^since is 2025-02-01 and until is 2025-01-01, .+\.$",
        ),
        (Filter(language="fr"), r"^language is fr; .*\.$"),  # type: ignore[arg-type]
    ],
)
def test_a_filter_that_makes_no_sense_is_refused(wanted: Filter, told: str) -> None:
    with pytest.raises(QuestionError, match=told):
        passing(wanted, ARTICLES)


filters = st.builds(
    Filter,
    articles=st.lists(st.sampled_from(IDS), max_size=2).map(tuple),
    folders=st.lists(st.sampled_from(["rat", "rat/alt", "rathaus"]), max_size=2).map(tuple),
    since=st.none() | st.sampled_from([date(2024, 1, 1), date(2025, 3, 1)]),
    until=st.none() | st.sampled_from([date(2025, 1, 1), date(2026, 1, 1)]),
    language=st.sampled_from([None, "de", "en"]),
)


@given(filters, filters)
def test_a_filter_with_more_limits_lets_fewer_through(one: Filter, other: Filter) -> None:
    assume(not (one.since and one.until and one.since > one.until))
    assume(not (one.since and other.until and one.since > other.until))
    wider = set(passing(Filter(one.articles, one.folders, one.since), ARTICLES))
    assert set(passing(Filter(one.articles, one.folders, one.since, other.until, other.language), ARTICLES)) <= wider
