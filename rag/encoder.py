"""Texts to unit vectors. Runs a SentenceTransformer, which is loaded when the first text is encoded.

Owns the default model, the prompts, and the checks on what a model returns; knows nothing of an index.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, Protocol

import numpy as np
from numpy.typing import ArrayLike, NDArray

from rag import modelfiles
from rag.errors import EncoderError
from rag.hashing import feature_counts
from rag.modelfiles import ENCODER, reason
from rag.paths import shipped_model

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

# The model of ``embeddings/model``: what it is called, and its fingerprint as long as nothing in it is damaged.
_SHIPPED_NAME = "fundstelle-de-en"
_SHIPPED_FINGERPRINT = "b844e26c286959207584082f5b7880ddd6bcb3ea79e361f05e1d1f6297626255"

# The E5 models were trained with these prompts (https://arxiv.org/abs/2212.03533, section 4) and do not declare them;
# the instruction-tuned ones take others, and declare them where they need any.
_E5_PROMPTS = {"query": "query: ", "document": "passage: "}
_E5_NAME = re.compile(r"(?<![a-z0-9])e5(?![a-z0-9])(?!.*instruct)", re.IGNORECASE)

# Passages and sentences whose word pieces are kept, at most about 50 MB with the shipped model: what is asked about is
# asked about again.
_REMEMBERED = 512
# Questions whose word pieces are kept for the moment: more than are asked at a time.
_ASKED = 64
_BOTH = ("sentence_embedding", "token_embeddings")

_REMEDY = ENCODER.remedy

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

    def encode_passages(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return an (n, dimension) array of finite unit rows, one for each passage. Raises EncoderError."""

    def query_pieces(self, text: str) -> NDArray[np.float32]:
        """Return unit rows (t, d), one for each word piece of a question; none if the model's pieces mean nothing."""

    def passage_pieces(self, texts: Sequence[str]) -> list[NDArray[np.float32]]:
        """Return for each passage unit rows (t, d), one for each word piece, as ``query_pieces``."""


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
    # Measured with benchmarks/quality.py: bfloat16 doubles the speed and changes nDCG@10 by less than 0.001.
    encoder = SentenceEncoder(folder, name=_SHIPPED_NAME, bfloat16=True) if folder.is_dir() else None
    if encoder is None or encoder.fingerprint != _SHIPPED_FINGERPRINT:
        raise EncoderError(
            f"The model that comes with Fundstelle is missing or damaged in {folder}; install Fundstelle again, "
            "or in a checkout run: git checkout -- embeddings/model"
        )
    return encoder


class SentenceEncoder:
    """A sentence-transformers model in a folder, run on the CPU. Safe to use from several threads.

    It computes in float32, or, if ``bfloat16`` is set and the processor has instructions for it, in bfloat16. Texts
    longer than the model reads are cut off by the model.
    """

    def __init__(self, folder: Path, *, name: str | None = None, bfloat16: bool = False) -> None:
        """Take the model in ``folder``, called ``name`` (default: the folder's name). Raises EncoderError."""
        modelfiles.require(folder, ENCODER)
        self.name = name or folder.name
        self._folder = folder
        self._bfloat16 = bfloat16
        self._prompts = _prompts(folder, self.name)
        self.fingerprint = modelfiles.fingerprint(folder, ENCODER, json.dumps(self._prompts))
        self._model: SentenceTransformer | None = None
        # One text batch at a time, all in one thread: the tokenizer is not thread-safe, torch uses all cores for one
        # batch anyway, and to every thread that calls it it gives a team of its own, as large as there are cores.
        self._thread = ThreadPoolExecutor(1, "model")
        self._remembering = threading.Lock()
        self._remembered: dict[str, NDArray[Any]] = {}
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
        [(vector, pieces)] = self._run(texts, query=True, output=None)
        with self._remembering:
            self._asked = dict([*self._asked.items(), (texts[0], _unit_pieces(pieces))][-_ASKED:])
        return _unit_rows([vector], 1, self.name)

    def encode_passages(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return (n, dimension) unit rows, with the model's prompt for passages. Raises EncoderError."""
        return self._encode(texts, query=False)

    def query_pieces(self, text: str) -> NDArray[np.float32]:
        """Return unit rows (t, d), one for each word piece of a question. Raises EncoderError.

        None where the model does not average its pieces: they are then not made to be compared.
        """
        with self._remembering:
            kept = self._asked.pop(text, None)
        return self._pieces([text], query=True)[0] if kept is None else kept

    def passage_pieces(self, texts: Sequence[str]) -> list[NDArray[np.float32]]:
        """Return for each passage unit rows (t, d), one for each word piece, as ``query_pieces``; remembers some."""
        with self._remembering:
            new = [text for text in dict.fromkeys(texts) if text not in self._remembered]
            known = self._remembered | dict(zip(new, self._pieces(new, query=False), strict=True))
            # The last ones asked for; in half precision, as a passage takes about 100 kB so.
            recent = dict.fromkeys([*texts, *reversed(known)])
            self._remembered = {
                text: known[text].astype(np.float16, copy=False) for text in list(recent)[:_REMEMBERED][::-1]
            }
        return [known[text].astype(np.float32) for text in texts]

    def _encode(self, texts: Sequence[str], *, query: bool) -> NDArray[np.float32]:
        if not texts:
            return np.empty((0, self.dimension), dtype=np.float32)
        return _unit_rows(self._run(texts, query=query, output="sentence_embedding"), len(texts), self.name)

    def _pieces(self, texts: Sequence[str], *, query: bool) -> list[NDArray[np.float32]]:
        if not texts or not self._averages():
            return [np.empty((0, 1), dtype=np.float32) for _ in texts]
        found = self._run(texts, query=query, output="token_embeddings")
        return [_unit_pieces(one) for one in found]

    def _averages(self) -> bool:
        modules = self._thread.submit(self._loaded).result()
        return any(getattr(module, "pooling_mode", None) in ("mean", ("mean",)) for module in modules)

    def _run(
        self, texts: Sequence[str], *, query: bool, output: Literal["sentence_embedding", "token_embeddings"] | None
    ) -> Any:  # noqa: ANN401 - an array, a list of arrays, or with None of pairs of both
        def run() -> Any:  # noqa: ANN401
            model = self._loaded()
            encode = model.encode_query if query else model.encode_document
            try:
                found: Any = encode(list(texts), show_progress_bar=False, output_value=output)
                if output == "sentence_embedding":
                    return found
                if output == "token_embeddings":
                    return [one.float().numpy() for one in found]
                return [tuple(one[name].float().numpy() for name in _BOTH) for one in found]
            except Exception as error:
                raise EncoderError(f"The model {self.name} failed to encode: {reason(error)}; {_REMEDY}.") from error

        return self._thread.submit(run).result()

    def _loaded(self) -> SentenceTransformer:
        """Return the model, loading it the first time. Called in the thread of the model."""
        if self._model is None:
            with modelfiles.loading(self._folder, ENCODER):
                from sentence_transformers import SentenceTransformer

                place = str(self._folder)
                model = SentenceTransformer(
                    place,
                    device="cpu",
                    prompts=self._prompts,
                    local_files_only=True,
                    model_kwargs=modelfiles.ONLY_SAFETENSORS,
                )
            # Half-precision weights load as they are, and half precision is many times slower on a CPU. The fingerprint
            # does not tell bfloat16 from float32: their vectors differ less than those of two passages ever do.
            self._model = model.bfloat16() if self._bfloat16 and _computes_bfloat16() else model.float()
        return self._model


class HashingEncoder:
    """A small deterministic encoder for tests and demonstrations: hashed words and letter trigrams, no model.

    Texts that share words or parts of words are near each other; it knows nothing of meaning.
    """

    name = "hashing"
    dimension = 256
    fingerprint = hashlib.sha256(b"hashing 256 crc32, words and trigrams, 1").hexdigest()

    def encode_queries(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return (n, 256) unit rows; questions and passages are treated alike."""
        return self.encode_passages(texts)

    def encode_passages(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return (n, 256) unit rows."""
        counts = np.array([feature_counts(text, self.dimension) for text in texts]).reshape(-1, self.dimension)
        return _unit_rows(counts, len(texts), self.name)

    def query_pieces(self, text: str) -> NDArray[np.float32]:
        """Return unit rows (t, 256), one for each word."""
        return self.encode_passages(text.split())

    def passage_pieces(self, texts: Sequence[str]) -> list[NDArray[np.float32]]:
        """Return for each passage unit rows (t, 256), one for each word."""
        return [self.query_pieces(text) for text in texts]


def _computes_bfloat16() -> bool:
    """Say whether the processor has instructions for bfloat16; without them it is slower than float32."""
    from torch.cpu import get_capabilities

    return any(has for name, has in get_capabilities().items() if "bf16" in name)


def _unit_pieces(found: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the word pieces of a text as unit rows; the first and the last are marks of the model, not words."""
    rows = found[1:-1]
    unit: NDArray[np.float32] = rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-12)
    return unit


def _unit_rows(vectors: ArrayLike, count: int, name: str) -> NDArray[np.float32]:
    """Return ``vectors`` as (count, d) float32 unit rows. Raises EncoderError where that is impossible."""
    rows = np.asarray(vectors, dtype=np.float32)
    if rows.ndim != 2 or len(rows) != count:
        raise EncoderError(f"The model {name} returned an array of shape {rows.shape} for {count} texts; {_REMEDY}.")
    norms: NDArray[np.float32] = np.linalg.norm(rows, axis=1, keepdims=True)
    if not np.isfinite(norms).all() or not (norms > 0).all():
        raise EncoderError(f"The model {name} returned a vector that is zero or not finite; {_REMEDY}.")
    return rows / norms


def _prompts(folder: Path, name: str) -> dict[str, str]:
    """Return what the model wants before a question ("query") and before a passage ("document"), "" where nothing.

    Worked out here because sentence-transformers 6.2 overlooks a prompt that is declared as "passage" or "corpus".
    """
    settings = modelfiles.configuration(folder / "config_sentence_transformers.json")
    if declared := {key: prompt for key, prompt in settings.get("prompts", {}).items() if prompt}:
        otherwise = declared.get(settings.get("default_prompt_name"), "")
        passage = next((declared[key] for key in ("document", "passage", "corpus") if key in declared), otherwise)
        return {"query": declared.get("query", otherwise), "document": passage}
    # A renamed copy is recognised by the name its configuration remembers.
    origin = str(modelfiles.configuration(folder / "config.json").get("_name_or_path", ""))
    return _E5_PROMPTS if _E5_NAME.search(name) or _E5_NAME.search(origin) else {"query": "", "document": ""}
