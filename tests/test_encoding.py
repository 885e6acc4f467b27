"""The next passages are encoded while the last are written, and what was written stays whatever happens."""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from rag.embedding import Embedding, Spans
from rag.encoder import HashingEncoder
from rag.encoding import store_missing
from rag.errors import EncoderError
from rag.passages import PassageStore
from rag.records import Passage, Progress
from rag.settings import Settings

SETTINGS = Settings(encode_batch=2)


def passages(count: int) -> list[Passage]:
    texts = [f"Satz {number} über den Hafen." + " Mehr." * number for number in range(count)]
    return [Passage(0, "a.txt", number + 1, "", 0, len(text), text) for number, text in enumerate(texts)]


class Watched(HashingEncoder):
    """Says which texts were encoded, and fails where it is told to."""

    def __init__(self, fails_at: int = 1_000) -> None:
        self.batches: list[list[str]] = []
        self.began = threading.Semaphore(0)
        self._fails_at = fails_at

    def embed(self, texts: Sequence[str], sentences: Sequence[Spans]) -> list[Embedding]:
        self.batches.append(list(texts))
        self.began.release()
        if len(self.batches) > self._fails_at:
            raise EncoderError("The model failed; try another.")
        return super().embed(texts, sentences)


class Waiting(PassageStore):
    """Writes a batch only after the one behind it has been begun with: for ever, were they done in turn."""

    def __init__(self, folder: Path, encoder: Watched, batches: int) -> None:
        super().__init__(folder)
        self._encoder, self._batches, self._written = encoder, batches, 0

    def store_embeddings(self, embeddings: Mapping[bytes, Embedding]) -> None:
        self._written += 1
        while len(self._encoder.batches) < min(self._written + 1, self._batches):
            assert self._encoder.began.acquire(timeout=20)
        super().store_embeddings(embeddings)


def test_a_batch_is_encoded_while_the_one_before_it_is_written(tmp_path: Path) -> None:
    encoder = Watched()
    done: list[Progress] = []
    assert store_missing(passages(7), Waiting(tmp_path, encoder, 4), encoder, SETTINGS, done.append) == 7
    # The longest first, none twice.
    texts = [text for batch in encoder.batches for text in batch]
    assert texts == sorted(set(texts), key=len, reverse=True)
    assert len(texts) == 7
    assert done == [Progress("encoding", number, 7) for number in (0, 2, 4, 6, 7)]


def test_what_is_stored_is_not_encoded_again(tmp_path: Path) -> None:
    encoder, store = Watched(), PassageStore(tmp_path)
    assert store_missing(passages(5), store, encoder, SETTINGS, lambda _: None) == 5
    assert store_missing(passages(6), store, encoder, SETTINGS, lambda _: None) == 1
    assert store_missing([], store, encoder, SETTINGS, lambda _: None) == 0


@pytest.mark.parametrize("whole", [0, 1, 2])
def test_of_a_model_that_fails_all_batches_before_are_kept(tmp_path: Path, whole: int) -> None:
    store = PassageStore(tmp_path)
    with pytest.raises(EncoderError, match="The model failed"):
        store_missing(passages(6), store, Watched(fails_at=whole), SETTINGS, lambda _: None)
    assert store_missing(passages(6), store, Watched(), SETTINGS, lambda _: None) == 6 - 2 * whole


def test_an_interruption_ends_the_work_and_keeps_what_was_written(tmp_path: Path) -> None:
    store, encoder = PassageStore(tmp_path), Watched()

    def stop(progress: Progress) -> None:
        if progress.done == 4:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        store_missing(passages(20), store, encoder, SETTINGS, stop)
    assert len(encoder.batches) <= 4
    assert store_missing(passages(20), store, Watched(), SETTINGS, lambda _: None) == 16
