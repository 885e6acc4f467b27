"""Texts to unit vectors. Runs a SentenceTransformer, which is loaded when the first text is encoded.

Owns the default model and the checks on what a model returns; knows nothing of an index.
"""

from __future__ import annotations

import hashlib
import json
import os
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, TypeVar

import numpy as np
from numpy.typing import ArrayLike, NDArray

from rag import eightbit, modelfiles, wordpieces
from rag.embedding import EMBEDDING_VERSION, Embedding, Spans, no_pieces, one_by_one, projected
from rag.errors import EncoderError
from rag.hashing import feature_counts
from rag.modelfiles import ENCODER, reason
from rag.paths import shipped_model
from rag.wordpieces import Reading

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

# The model of ``embeddings/model``: what it is called, and its fingerprint as long as nothing in it is damaged.
_SHIPPED_NAME = "fundstelle-de-en"
_SHIPPED_FINGERPRINT = "9b5de30461bfe99d4ec2adfcaf64b71c2bd879f23f116142e748f19ea3dfb78d"

# Questions whose word pieces are kept for the moment: more than are asked at a time.
_ASKED = 64

_REMEDY = ENCODER.remedy

_Made = TypeVar("_Made")

# Threads of torch that wait for each other sleep. As it comes, OpenMP has them burn a core each: on a machine that has
# other work to do they then keep that from the very thread they wait for, and a question takes many times as long.
# It is read when torch is loaded.
os.environ.setdefault("OMP_WAIT_POLICY", "passive")


class Encoder(Protocol):
    """What turns texts into vectors whose inner product is the cosine of their meanings."""

    @property
    def name(self) -> str:
        """What the user calls the model."""

    @property
    def fingerprint(self) -> str:
        """Hexadecimal SHA-256 that differs whenever the vectors may differ; known without loading the model."""

    @property
    def dimension(self) -> int:
        """Length of every vector; asking for it may load the model."""

    def encode_queries(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return an (n, dimension) array of finite unit rows, one for each question. Raises EncoderError."""

    def embed(self, texts: Sequence[str], sentences: Sequence[Spans]) -> list[Embedding]:
        """Return what the model makes of each passage and of its ``sentences``, (start, end) offsets into its text.

        Raises EncoderError.
        """

    def query_pieces(self, text: str) -> NDArray[np.float32]:
        """Return unit rows (t, 64), one for each word piece of a question; none if the model's pieces mean nothing.

        They are projected as ``rag.embedding`` has it. Raises EncoderError.
        """


def load_encoder(model: str | None = None) -> Encoder:
    """Return the encoder called ``model``: a folder, a name on the Hugging Face hub, "hashing"; None is the default.

    A hub name is looked for in the local cache first and downloaded only if it is not there. The weights are read
    when the first text is encoded. Raises EncoderError if there is no such model.
    """
    if model is None:
        return _default_encoder()
    if model == HashingEncoder.name:
        return HashingEncoder()
    folder, name = modelfiles.find(model, ENCODER)
    return SentenceEncoder(folder, name=name)


def _default_encoder() -> Encoder:
    """Return the encoder that is used where no model is named. Raises EncoderError if it is missing or damaged."""
    folder = shipped_model()
    encoder = SentenceEncoder(folder, name=_SHIPPED_NAME, fast=True) if folder.is_dir() else None
    if encoder is None or encoder.fingerprint != _SHIPPED_FINGERPRINT:
        raise EncoderError(
            f"The model that comes with Fundstelle is missing or damaged in {folder}; install Fundstelle again, "
            "or in a checkout run: git checkout -- embeddings/model"
        )
    return encoder


class SentenceEncoder:
    """A sentence-transformers model in a folder. Safe to use from several threads.

    It runs on a graphics card that torch can use, in float32; else on the processor, in float32 or, if ``fast`` is set,
    as fast as that can be: in 8-bit numbers where ``rag.eightbit`` serves, or in bfloat16 where there are instructions
    for it. Texts longer than the model reads are cut off by the model.
    """

    def __init__(self, folder: Path, *, name: str | None = None, fast: bool = False) -> None:
        """Take the model in ``folder``, called ``name`` (default: the folder's name). Raises EncoderError."""
        modelfiles.require(folder, ENCODER)
        self.name = name or folder.name
        self._folder = folder
        self._fast = fast
        self._prompts = modelfiles.prompts(folder, self.name)
        self.fingerprint = modelfiles.fingerprint(folder, ENCODER, f"{EMBEDDING_VERSION} {json.dumps(self._prompts)}")
        self._model: SentenceTransformer | None = None
        # One text batch at a time, all in one thread: the tokenizer is not thread-safe, torch uses all cores for one
        # batch anyway, and to every thread that calls it it gives a team of its own, as large as there are cores.
        self._thread = ThreadPoolExecutor(1, "model")
        self._keeping = threading.Lock()
        self._asked: dict[str, NDArray[np.float32]] = {}

    @property
    def dimension(self) -> int:
        """Length of every vector; loads the model. Raises EncoderError."""
        return self._thread.submit(lambda: self._loaded().get_embedding_dimension() or 0).result()

    def encode_queries(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return (n, dimension) unit rows, with the model's prompt for questions. Raises EncoderError.

        With a single question the model gives its pieces, too; they are kept until ``query_pieces`` asks for them.
        """
        if len(texts) != 1 or not self._averages():
            return self._encode(texts, query=True)
        [reading] = self._read(texts, query=True)
        with self._keeping:
            self._asked = dict([*self._asked.items(), (texts[0], projected(reading.words()))][-_ASKED:])
        return _unit_rows([reading.vector], 1, self.name)

    def query_pieces(self, text: str) -> NDArray[np.float32]:
        """Return unit rows (t, 64), one for each word piece of a question. Raises EncoderError.

        None where the model does not average its pieces: they are then not made to be compared.
        """
        if not self._averages():
            return no_pieces()
        with self._keeping:
            kept = self._asked.pop(text, None)
        return projected(self._read([text], query=True)[0].words()) if kept is None else kept

    def encode_passages(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return (n, dimension) unit rows, with the model's prompt for passages. Raises EncoderError."""
        return self._encode(texts, query=False)

    def embed(self, texts: Sequence[str], sentences: Sequence[Spans]) -> list[Embedding]:
        """Return what the model makes of each passage and of its ``sentences``, (start, end) offsets into its text.

        A model that averages word pieces reads each passage once, as ``rag.wordpieces`` tells; any other reads the
        sentences one by one, too. Raises EncoderError.
        """
        if not texts or not self._averages():
            return one_by_one(self.encode_passages, texts, sentences)
        readings = self._read(texts, query=False)
        vectors = _unit_rows([reading.vector for reading in readings], len(texts), self.name)
        parts = self._do(lambda model: wordpieces.sentence_vectors(model, readings, sentences))
        found = []
        for vector, reading, rows, spans in zip(vectors, readings, parts, sentences, strict=True):
            pieces = projected(reading.pieces)
            of_sentences = [pieces[inside] for inside in reading.within(spans)]
            found.append(Embedding(vector, _unit_rows(rows, len(spans), self.name), of_sentences))
        return found

    def _encode(self, texts: Sequence[str], *, query: bool) -> NDArray[np.float32]:
        def encode(model: SentenceTransformer) -> ArrayLike:
            encode = model.encode_query if query else model.encode_document
            return encode(list(texts), batch_size=wordpieces.BATCH, show_progress_bar=False)

        if not texts:
            return np.empty((0, self.dimension), dtype=np.float32)
        return _unit_rows(self._do(encode), len(texts), self.name)

    def _read(self, texts: Sequence[str], *, query: bool) -> list[Reading]:
        prompt = self._prompts["query" if query else "document"]
        return self._do(lambda model: wordpieces.read(model, texts, prompt, query=query))

    def _averages(self) -> bool:
        return self._do(wordpieces.averages)

    def _do(self, work: Callable[[SentenceTransformer], _Made]) -> _Made:
        """Do ``work`` with the model, in its thread. Raises EncoderError if the model fails."""

        def run() -> _Made:
            model = self._loaded()
            try:
                return work(model)
            except Exception as error:
                raise EncoderError(f"The model {self.name} failed to encode: {reason(error)}; {_REMEDY}.") from error

        return self._thread.submit(run).result()

    def _loaded(self) -> SentenceTransformer:
        """Return the model, loading it the first time. Called in the thread of the model."""
        if self._model is None:
            with modelfiles.loading(self._folder, ENCODER):
                from sentence_transformers import SentenceTransformer

                device = _device()
                model = SentenceTransformer(
                    str(self._folder),
                    device=device,
                    prompts=self._prompts,
                    local_files_only=True,
                    model_kwargs=modelfiles.ONLY_SAFETENSORS,
                )
                self._model = self._at_speed(model, device)
        return self._model

    def _at_speed(self, model: SentenceTransformer, device: str) -> SentenceTransformer:
        """Return ``model`` as it computes best on ``device``.

        The fingerprint does not tell which way that is: an index made one way can be asked another. What that costs is
        told in the model's card (``benchmarks.quality`` with ``@float32+int8``).
        """
        fast = self._fast and device == "cpu"
        if fast and eightbit.serves(self._folder):
            model = model.float()
            eightbit.put_in(model, self._folder)
            return model
        # Half-precision weights load as they are, and half precision is many times slower on a CPU.
        return model.bfloat16() if fast and _computes_bfloat16() else model.float()


class HashingEncoder:
    """A small deterministic encoder for tests and demonstrations: hashed words and letter trigrams, no model.

    Texts that share words or parts of words are near each other; it knows nothing of meaning.
    """

    name = "hashing"
    dimension = 256
    fingerprint = hashlib.sha256(f"hashing 256 crc32, words and trigrams, 1 {EMBEDDING_VERSION}".encode()).hexdigest()

    def encode_queries(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return (n, 256) unit rows; questions and passages are treated alike."""
        return self.encode_passages(texts)

    def encode_passages(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return (n, 256) unit rows."""
        return _unit_rows(feature_counts(texts, self.dimension), len(texts), self.name)

    def query_pieces(self, text: str) -> NDArray[np.float32]:
        """Return unit rows (t, 64), one for each word."""
        return projected(feature_counts(text.split(), self.dimension))

    def embed(self, texts: Sequence[str], sentences: Sequence[Spans]) -> list[Embedding]:
        """Return for each text its vector, those of its sentences, and of each of these a piece for every word."""
        return [
            replace(one, pieces=[self.query_pieces(text[start:end]) for start, end in spans])
            for one, text, spans in zip(
                one_by_one(self.encode_passages, texts, sentences), texts, sentences, strict=True
            )
        ]


def _computes_bfloat16() -> bool:
    """Say whether the processor has instructions for bfloat16; without them it is slower than float32."""
    from torch.cpu import get_capabilities

    return any(has for name, has in get_capabilities().items() if "bf16" in name)


def _device() -> str:
    """Return where the model runs: on a graphics card that torch can use, or on the processor."""
    from torch.cuda import is_available

    return "cuda" if is_available() else "cpu"


def _unit_rows(vectors: ArrayLike, count: int, name: str) -> NDArray[np.float32]:
    """Return ``vectors`` as (count, d) float32 unit rows. Raises EncoderError where that is impossible."""
    rows = np.asarray(vectors, dtype=np.float32)
    if rows.ndim != 2 or len(rows) != count:
        raise EncoderError(f"The model {name} returned an array of shape {rows.shape} for {count} texts; {_REMEDY}.")
    norms: NDArray[np.float32] = np.linalg.norm(rows, axis=1, keepdims=True)
    if not np.isfinite(norms).all() or not (norms > 0).all():
        raise EncoderError(f"The model {name} returned a vector that is zero or not finite; {_REMEDY}.")
    return rows / norms
