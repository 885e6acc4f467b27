"""A permalink says what was written into it, and what is none is refused."""

from __future__ import annotations

import hashlib
import re
from contextlib import suppress
from urllib.parse import urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.errors import QuestionError
from rag.permalinks import Place, digest, read, write

PLACES = st.builds(
    Place,
    article_id=st.text(st.characters(), min_size=1) | st.text("aä/ %#?&+\\..\ud800", min_size=1),
    paragraph=st.integers(1, 999_999_999),
    digest=st.text().map(digest),
)


@given(PLACES)
def test_what_was_written_is_read(place: Place) -> None:
    assert read(write(place)) == place


@given(PLACES)
def test_a_permalink_passes_whole_through_the_fragment_of_a_url(place: Place) -> None:
    link = write(place)
    assert urlsplit(f"http://127.0.0.1:7860/?a=b#{link}").fragment == link
    assert re.fullmatch(r"[\w/%.~-]+", link, re.ASCII)


def test_a_paragraph_that_is_no_text_has_a_digest_too() -> None:
    assert digest("\ud800") == hashlib.sha256(b"\xed\xa0\x80").hexdigest()[:10]


def test_a_permalink_is_short_and_shows_paragraph_and_article() -> None:
    assert write(Place("2025/Über uns.txt", 7, digest("Der Text."))) == "p7-568e62dc3d/2025/%C3%9Cber%20uns.txt"


@pytest.mark.parametrize(
    "link",
    [
        "",
        "p7",
        "p7-3f9a0c1d2e/",
        "p0-3f9a0c1d2e/a.txt",
        "p-1-3f9a0c1d2e/a.txt",
        "p7-3f9a0c1d2/a.txt",
        "p7-3F9A0C1D2E/a.txt",
        "p٣-3f9a0c1d2e/a.txt",
        "x p7-3f9a0c1d2e/a.txt",
        "p7-3f9a0c1d2e/%FF.txt",
        "p9999999999-3f9a0c1d2e/a.txt",
    ],
)
def test_what_is_no_permalink_is_refused_with_a_remedy(link: str) -> None:
    with pytest.raises(QuestionError) as caught:
        read(link)
    assert str(caught.value) == (
        f"The permalink {link!r} is none; copy it anew, whole: it begins with p, a number and a hyphen."
    )


def test_of_a_long_text_that_is_no_permalink_the_beginning_is_shown() -> None:
    with pytest.raises(QuestionError, match=f"^The permalink '{'x' * 80}' is none"):
        read("x" * 1_000)


@given(st.text())
def test_any_text_is_a_permalink_or_is_refused(link: str) -> None:
    with suppress(QuestionError):
        assert read(link).article_id
