"""A question and passages to scores: how well each passage answers. Runs a CrossEncoder, loaded at the first score.

Owns the model's fingerprint and the checks on what it returns; knows nothing of the ranking that it is used for.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, TypeVar

import numpy as np
from numpy.typing import ArrayLike, NDArray

from rag import modelfiles
from rag.errors import EncoderError
from rag.modelfiles import RERANKER, reason

if TYPE_CHECKING:
    from sentence_transformers import CrossEncoder

_REMEDY = RERANKER.remedy
_Scores = TypeVar("_Scores")


class Reranker(Protocol):
    """What reads a question together with each passage, slower and more exactly than vectors compare them."""

    @property
    def name(self) -> str:
        """What the user calls the model."""

    @property
    def fingerprint(self) -> str:
        """Hexadecimal SHA-256 that differs whenever the scores may differ; known without loading the model."""

    def score(self, question: str, passages: Sequence[str]) -> NDArray[np.float32]:
        """Return an (n,) array of finite scores, one for each passage, higher for better. Raises EncoderError."""


def load_reranker(name: str) -> Reranker:
    """Return the CrossEncoder called ``name``: a folder, or a name on the Hugging Face hub.

    A hub name is looked for in the local cache first and downloaded only if it is not there. The weights are read
    when the first passages are scored. Raises EncoderError if there is no such model, or it is of another kind.
    """
    folder, called = modelfiles.find(name, RERANKER)
    return PairReranker(folder, name=called)


class PairReranker:
    """A CrossEncoder in a folder, run on the CPU in float32. Safe to use from several threads.

    A score is the model's logit, of which only the order within one question is certain to mean something: models
    differ in scale and in the function they apply to it, and a sigmoid makes all the best passages a 1.0 in float32.
    A pair longer than the model reads is cut off by the model.
    """

    def __init__(self, folder: Path, *, name: str | None = None) -> None:
        """Take the model in ``folder``, called ``name`` (default: the folder's name). Raises EncoderError."""
        modelfiles.require(folder, RERANKER)
        self.name = name or folder.name
        self.fingerprint = modelfiles.fingerprint(folder, RERANKER)
        self._folder = folder
        self._model: CrossEncoder | None = None
        # One question at a time: the tokenizer is not thread-safe, and torch uses all cores for one batch anyway.
        self._lock = threading.Lock()

    def score(self, question: str, passages: Sequence[str]) -> NDArray[np.float32]:
        """Return (n,) logits, one for each passage, higher for better. Raises EncoderError."""
        if not passages:
            return np.empty(0, dtype=np.float32)
        pairs = [(question, passage) for passage in passages]
        with self._lock:
            model = self._loaded()
            try:
                scores = model.predict(pairs, activation_fn=_logits, show_progress_bar=False)
            except Exception as error:
                raise EncoderError(f"The model {self.name} failed to score: {reason(error)}; {_REMEDY}.") from error
        return _one_each(scores, len(pairs), self.name)

    def _loaded(self) -> CrossEncoder:
        """Return the model, loading it the first time. The caller holds the lock."""
        if self._model is None:
            with modelfiles.loading(self._folder, RERANKER):
                from sentence_transformers import CrossEncoder

                # With a function of ours the one that the model's files name is not looked for.
                model = CrossEncoder(
                    str(self._folder),
                    device="cpu",
                    local_files_only=True,
                    activation_fn=_logits,
                    model_kwargs=modelfiles.ONLY_SAFETENSORS,
                )
            # Half-precision weights load as they are, and half precision is many times slower on a CPU.
            self._model = model.float()
        return self._model


def _logits(scores: _Scores) -> _Scores:
    """Leave the model's scores as they are."""
    return scores


def _one_each(scores: ArrayLike, count: int, name: str) -> NDArray[np.float32]:
    """Return ``scores`` as (count,) float32. Raises EncoderError unless they are one finite number a passage."""
    found = np.asarray(scores, dtype=np.float32)
    if found.shape != (count,):
        raise EncoderError(
            f"The model {name} returned an array of shape {found.shape} for {count} passages, where a reranker gives "
            f"each one score; {_REMEDY}."
        )
    if not np.isfinite(found).all():
        raise EncoderError(f"The model {name} returned a score that is not finite; {_REMEDY}.")
    return found
