"""Any answer and any conversation, in hostile text, for the tests that say what must hold for all of them."""

from __future__ import annotations

from datetime import UTC, timedelta, timezone

from hypothesis import strategies as st

from rag.conversations import Conversation, Turn
from rag.records import Answer, Attribution, Citation, Filter, Hit, Match, Passage, Statement

# A quote is folded: no control character but those that hostile text has is left in it.
texts = st.text(st.characters(exclude_categories=["Cc", "Cs"]))
_TRAPS = (
    *(
        "*",
        "_",
        "[",
        "](x)",
        "`",
        "\\",
        "#",
        "1.",
        "2)",
        "-",
        "+",
        "\n",
        "\r\n",
        "\t",
        "    ",
        " ",
        "~~",
        "|",
        "---",
        "===",
    ),
    *("> ", "http://a.b", "www.a.b", "a@b.c", "!", "$x$", "{", "Wort", "\u2028", "\u00a0", "https://", ":", "“", "„"),
    *("<b>", "<!--", "&amp;", "&#42;", "<script>", "</title>", "</style>", "</p>", '"', "'", "-->", "]]>", "\u202e"),
)
hostile = st.lists(st.sampled_from(_TRAPS)).map("".join)

words = st.text(st.characters(exclude_categories=["Cc", "Cs"]), max_size=12) | hostile
counts = st.integers(0, 1_000_000)
figures = st.floats(allow_nan=False, allow_infinity=False)
offsets = {"start": st.just(3), "end": st.integers(3, 9)}
passages = st.builds(Passage, counts, words, st.integers(1, 99), words, **offsets, text=words)
places = st.builds(Citation, words, words, st.integers(1, 99), **offsets, quote=words)
matches = st.lists(st.builds(Match, words, words), max_size=2).map(tuple)
hits = st.builds(Hit, passages, figures, figures, figures, figures, places, matches)
said = st.none() | st.builds(Attribution, words, **offsets, direct=st.booleans())
days = st.none() | st.dates()
names = st.lists(words, max_size=2).map(tuple)
filters = st.builds(Filter, names, names, days, days, st.sampled_from([None, "de", "en"]))


@st.composite
def answers(draw: st.DrawFn) -> Answer:
    """Any answer that can be."""
    found = draw(st.lists(hits, min_size=1, max_size=3).map(tuple))
    statement = st.builds(
        Statement, words, places, st.integers(0, len(found) - 1), said, st.lists(places, max_size=2).map(tuple)
    )
    statements = draw(st.lists(statement, max_size=2).map(tuple))
    return Answer(draw(words), draw(words), statements, found, draw(st.floats(0, 1)), draw(filters))


zones = st.sampled_from([UTC, timezone(timedelta(hours=2)), timezone(timedelta(hours=-9, minutes=-30))])
turns = st.builds(Turn, words, answers(), st.datetimes(timezones=zones))
conversations = st.builds(Conversation, words, words, st.lists(turns, max_size=2).map(tuple))
