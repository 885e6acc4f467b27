"""What a model makes of a text, of its word pieces and of its sentences, all in one pass. Owns how that is read out.

Works on a SentenceTransformer that was loaded elsewhere, and in whatever thread may use it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from rag.embedding import Rows, Spans

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

# How much of the passage's own mean is taken off that of a sentence: its pieces have taken up what the others say, so
# that all sentences of a passage are alike. On every second question of XQuAD, in a trial, the dense arm had an
# nDCG@10 of 0.934 with English and 0.925 with German questions so; of 0.928 and 0.917 with none taken off; of 0.934 and
# 0.928 if each sentence is read once more, by itself.
_SHARED = 0.5
# Texts that the model reads at once: in a trial 275 passages a second on two cores, 252 with 8 and 272 with 32.
BATCH = 16


@dataclass(frozen=True, slots=True)
class Reading:
    """The vector (d,) of a text and its pieces (t, w), not of unit length, with where each (t, 2) stands in the text.

    What stands nowhere in it, at or before 0, is a mark of the model or belongs to the prompt.
    """

    vector: Rows
    pieces: Rows
    places: NDArray[np.int64]

    def words(self) -> Rows:
        """Return the pieces that belong to the text."""
        return self.pieces[self._real()]

    def within(self, sentences: Spans) -> NDArray[np.bool_]:
        """Return for each of the ``sentences`` which pieces belong to it (s, t), perhaps only in part."""
        bounds = np.array(sentences, dtype=np.int64).reshape(-1, 2)
        begins, ends = self.places.T
        inside: NDArray[np.bool_] = (begins < bounds[:, 1:]) & (ends > bounds[:, :1]) & self._real()
        return inside

    def _real(self) -> NDArray[np.bool_]:
        real: NDArray[np.bool_] = (self.places[:, 0] >= 0) & (self.places[:, 1] > self.places[:, 0])
        return real


def averages(model: SentenceTransformer) -> bool:
    """Say whether the vector of a text is made of the mean of its pieces, and it is known where each stands."""
    return _pooling(model) is not None and bool(getattr(model.tokenizer, "is_fast", False))


def read(model: SentenceTransformer, texts: Sequence[str], prompt: str, *, query: bool) -> list[Reading]:
    """Return what ``model``, which averages, makes of ``texts``, before which it is given ``prompt``."""
    encode = model.encode_query if query else model.encode_document
    made: Any = encode(list(texts), batch_size=BATCH, show_progress_bar=False, output_value=None)
    divided = model.tokenizer(
        [prompt + text for text in texts],
        truncation=True,
        max_length=model.max_seq_length,
        return_offsets_mapping=True,
    )
    return [
        Reading(
            one["sentence_embedding"].float().cpu().numpy(),
            one["token_embeddings"][one["attention_mask"].bool()].float().cpu().numpy(),
            np.array(places, dtype=np.int64).reshape(-1, 2) - len(prompt),
        )
        for one, places in zip(made, divided["offset_mapping"], strict=True)
    ]


def sentence_vectors(model: SentenceTransformer, readings: Sequence[Reading], sentences: Sequence[Spans]) -> list[Rows]:
    """Return for each text the vectors (s, d) of its ``sentences``, not of unit length.

    Each is the mean of the pieces that belong to it, as they are among all others (Günther et al. 2024, "Late
    chunking"), less a share of the mean of all; with that the model then does what it does with the mean of a text. A
    sentence that was cut off, because the text is too long for the model, has the vector of the text.
    """
    import torch

    inside = [reading.within(spans) for reading, spans in zip(readings, sentences, strict=True)]
    means = [
        some @ reading.pieces / np.maximum(some.sum(axis=1, keepdims=True), 1) - _SHARED * reading.pieces.mean(axis=0)
        for some, reading in zip(inside, readings, strict=True)
    ]
    # Where there are no weights, because torch does not compute them, there is nothing to go by.
    joined = torch.from_numpy(np.concatenate(means))
    with torch.inference_mode():
        made = {"sentence_embedding": joined.to(next(model.parameters(), joined))}
        for module in list(model)[(_pooling(model) or 0) + 1 :]:
            made = module(made)
    finished = made["sentence_embedding"].float().cpu().numpy()
    every = np.split(finished, np.cumsum([len(some) for some in inside])[:-1])
    return [
        np.where(some.any(axis=1, keepdims=True), rows, reading.vector)
        for some, rows, reading in zip(inside, every, readings, strict=True)
    ]


def _pooling(model: SentenceTransformer) -> int | None:
    """Return which part of ``model`` takes the mean of the pieces, None where none does."""
    modes = [getattr(module, "pooling_mode", None) for module in model]
    return next((number for number, mode in enumerate(modes) if mode in ("mean", ("mean",))), None)
