"""An encoder that is shared: the same vectors, and a question need not wait until all passages are encoded."""

from __future__ import annotations

import threading
from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from rag.courtesy import CourteousEncoder
from rag.encoder import HashingEncoder


@given(texts=st.lists(st.text(max_size=40), max_size=100))
def test_vectors_are_those_of_the_encoder_within_in_the_order_of_the_texts(texts: list[str]) -> None:
    halves = [[(0, len(text) // 2), (len(text) // 2, len(text))] for text in texts]
    found, expected = CourteousEncoder(HashingEncoder()).embed(texts, halves), HashingEncoder().embed(texts, halves)
    for one, other in zip(found, expected, strict=True):
        np.testing.assert_array_equal(one.vector, other.vector)
        np.testing.assert_array_equal(one.sentences, other.sentences)
        for some, others in zip(one.pieces, other.pieces, strict=True):
            np.testing.assert_array_equal(some, others)


def test_everything_else_is_that_of_the_encoder_within() -> None:
    inner = HashingEncoder()
    outer = CourteousEncoder(inner)
    assert (outer.name, outer.fingerprint, outer.dimension) == (inner.name, inner.fingerprint, inner.dimension)
    np.testing.assert_array_equal(outer.encode_queries(["Was?"]), inner.encode_queries(["Was?"]))
    np.testing.assert_array_equal(outer.query_pieces("Was nun?"), inner.query_pieces("Was nun?"))


def test_a_question_is_answered_before_passages_go_on() -> None:
    class Slow(HashingEncoder):
        def encode_passages(self, texts: Sequence[str]) -> NDArray[np.float32]:
            done.append("passages")
            begun.set()
            if len(done) == 1:
                assert asking.wait(60)
            return super().encode_passages(texts)

        def encode_queries(self, texts: Sequence[str]) -> NDArray[np.float32]:
            asking.set()
            # The passages that were begun are done; those after them wait, however long this takes.
            assert not finished.wait(0.2)
            done.append("question")
            return HashingEncoder().encode_queries(texts)

    done: list[str] = []
    begun, asking, finished = threading.Event(), threading.Event(), threading.Event()
    encoder = CourteousEncoder(Slow())

    def index() -> None:
        encoder.embed(["word"] * 100, [()] * 100)
        finished.set()

    thread = threading.Thread(target=index)
    thread.start()
    assert begun.wait(60)
    encoder.encode_queries(["Was?"])
    thread.join(60)
    assert done[:2] == ["passages", "question"]
    assert len(done) > 3


def test_the_work_on_passages_can_be_ended_between_two_portions() -> None:
    class EndedError(Exception):
        pass

    class Counting(HashingEncoder):
        def encode_passages(self, texts: Sequence[str]) -> NDArray[np.float32]:
            portions.append(len(texts))
            return super().encode_passages(texts)

    def go_on() -> None:
        if portions:
            raise EndedError

    portions: list[int] = []
    with pytest.raises(EndedError):
        CourteousEncoder(Counting(), go_on).embed([f"word {n}" for n in range(100)], [()] * 100)
    assert len(portions) == 1
    assert portions[0] < 100
