"""What is packed about passages that hold a word is what was put in, and what is taken out is gone."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rag import postings
from rag.postings import BLOCK, MOST_COUNT, MOST_LENGTH

entries = st.dictionaries(st.integers(0, 3 * BLOCK), st.tuples(st.integers(1, 900), st.integers(1, 2_000)), max_size=9)


def packed(some: dict[int, tuple[int, int]]) -> dict[int, list[int]]:
    """What stands in each block for passages with these ids, counts and lengths."""
    blocks: dict[int, list[int]] = {}
    for passage_id, (count, length) in sorted(some.items()):
        block, place = postings.place(passage_id, count, length)
        blocks.setdefault(block, []).append(place)
    return blocks


@settings(deadline=None)
@given(st.dictionaries(st.text(max_size=3), entries, max_size=4))
def test_what_is_read_is_what_was_written_up_to_the_most_that_is_counted(
    stems: dict[str, dict[int, tuple[int, int]]],
) -> None:
    rows = [
        (stem, block, postings.changed(b"", [], places))
        for stem, some in stems.items()
        for block, places in packed(some).items()
    ]
    found = postings.read(rows)
    assert found.spans.keys() == {stem for stem, some in stems.items() if some}
    assert found.frequencies() == {stem: len(some) for stem, some in stems.items() if some}
    assert len(found.ids) == sum(map(len, stems.values())) == sum(postings.size(len(data)) for _, _, data in rows)
    assert found.ids.dtype == np.int64
    for stem, (start, stop) in found.spans.items():
        some = stems[stem]
        assert found.ids[start:stop].tolist() == sorted(some)
        assert found.counts[start:stop].tolist() == [min(some[i][0], MOST_COUNT) for i in sorted(some)]
        assert found.lengths[start:stop].tolist() == [min(some[i][1], MOST_LENGTH) for i in sorted(some)]


def test_the_packed_form_stays_what_it_was_when_it_was_stored() -> None:
    assert (BLOCK, MOST_COUNT, MOST_LENGTH) == (262_144, 63, 255)
    assert postings.place(BLOCK + 5, 2, 40) == (1, 5 * 2**14 + 2 * 2**8 + 40)
    assert postings.place(2 * BLOCK - 1, 10**6, 10**6) == (1, 2**32 - 1)
    assert postings.changed(b"", [], [5 * 2**14 + 2 * 2**8 + 40, 2**32 - 1]).hex() == "28420100ffffffff"


@settings(deadline=None)
@given(entries, st.sets(st.integers(0, 8)), entries)
def test_what_is_taken_out_is_gone_and_what_is_new_comes_after_what_stays(
    some: dict[int, tuple[int, int]], out: set[int], more: dict[int, tuple[int, int]]
) -> None:
    [held] = packed({i % BLOCK: entry for i, entry in some.items()}).values() or [[]]
    gone = [place for n, place in enumerate(held) if n in out]
    data = postings.changed(postings.changed(b"", [], held), gone, [])
    assert np.frombuffer(data, dtype="<u4").tolist() == [place for place in held if place not in gone]
    new = sorted({i % BLOCK for i in more})
    assert postings.changed(data, [], new) == data + postings.changed(b"", [], new)
    assert postings.changed(postings.changed(b"", [], held), gone, new) == postings.changed(data, [], new)


@pytest.mark.parametrize("gone", [[1], [4], [9], [3, 4], [3, 5, 9]])
@pytest.mark.parametrize("held", [[], [3, 5]])
def test_what_is_not_there_cannot_be_taken_out(held: list[int], gone: list[int]) -> None:
    with pytest.raises(ValueError, match="not there"):
        postings.changed(postings.changed(b"", [], held), gone, [7])
