"""One encoder for indexing and asking at once. Owns the order: a question never waits for more than a few passages."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

import numpy as np
from numpy.typing import NDArray

from rag.embedding import Embedding, Spans
from rag.encoder import Encoder

# Texts encoded between two looks at whether somebody asks: an eighth of a second's work on two cores.
_PORTION = 32
# Seconds without a question before passages go on: an answer needs the encoder many times, with short pauses.
_PAUSE = 0.1


class CourteousEncoder:
    """An encoder that gives questions the way: passages are encoded in portions, and wait while somebody asks.

    Gives what the encoder within gives, and raises what that raises. Before each portion ``go_on`` is called, which may
    raise to end the work. Safe to use from several threads, as the encoder within is.
    """

    def __init__(self, encoder: Encoder, go_on: Callable[[], None] = lambda: None) -> None:
        self._encoder = encoder
        self._go_on = go_on
        self._changed = threading.Condition()
        self._asking = 0
        self._quiet_from = 0.0

    @property
    def name(self) -> str:
        """What the encoder is called."""
        return self._encoder.name

    @property
    def fingerprint(self) -> str:
        """What tells the encoder from every other."""
        return self._encoder.fingerprint

    @property
    def dimension(self) -> int:
        """Length of every vector."""
        return self._encoder.dimension

    def encode_queries(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return (n, d) unit rows, at once."""
        with self._asked():
            return self._encoder.encode_queries(texts)

    def query_pieces(self, text: str) -> NDArray[np.float32]:
        """Return (t, 64) unit rows, one for each word piece, at once."""
        with self._asked():
            return self._encoder.query_pieces(text)

    def embed(self, texts: Sequence[str], sentences: Sequence[Spans]) -> list[Embedding]:
        """Return what the encoder makes of passages, after the questions that come meanwhile."""
        # Texts of like length together, as the encoder itself would have them: nothing is wasted on padding.
        order = sorted(range(len(texts)), key=lambda row: -len(texts[row]))
        found: dict[int, Embedding] = {}
        for start in range(0, len(order), _PORTION):
            rows = order[start : start + _PORTION]
            self._give_way()
            self._go_on()
            made = self._encoder.embed([texts[row] for row in rows], [sentences[row] for row in rows])
            found.update(zip(rows, made, strict=True))
        return [found[row] for row in range(len(texts))]

    def _give_way(self) -> None:
        """Wait while somebody asks, and for a moment longer."""
        with self._changed:
            while self._asking or time.monotonic() < self._quiet_from:
                self._changed.wait(_PAUSE)

    @contextmanager
    def _asked(self) -> Iterator[None]:
        with self._changed:
            self._asking += 1
        try:
            yield
        finally:
            with self._changed:
                self._asking -= 1
                self._quiet_from = time.monotonic() + _PAUSE
                self._changed.notify_all()
