"""Texts to unit vectors. The only module that knows sentence_transformers, which it imports at the first text encoded.

Owns which model is meant, its prompts, its fingerprint and the checks on what it returns; knows nothing of an index.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
from numpy.typing import ArrayLike, NDArray

from rag.errors import EncoderError
from rag.hashing import feature_counts
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

_REMEDY = "name the folder of a sentence-transformers model with --model, or leave --model out"
# Copies of the weights for other libraries, which a repository may hold beside its own.
_FOREIGN_WEIGHTS = ["onnx/*", "openvino/*", "coreml/*", "*.onnx", "*.h5", "*.msgpack", "*.ot", "*.tflite", "*.gguf"]


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


def load_encoder(model: str | None = None) -> Encoder:
    """Return the encoder called ``model``: a folder, a name on the Hugging Face hub, "hashing"; None is the default.

    A hub name is looked for in the local cache first and downloaded only if it is not there. The weights are read
    when the first text is encoded. Raises EncoderError if there is no such model.
    """
    if model is None:
        return _default_encoder()
    if model == HashingEncoder.name:
        return HashingEncoder()
    folder = Path(model).expanduser()
    if model and folder.is_dir():
        return SentenceEncoder(folder.resolve())
    return SentenceEncoder(_hub_folder(model), name=model)


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
        self.name = name or folder.name
        self._folder = folder
        self._bfloat16 = bfloat16
        self._prompts = _prompts(folder, self.name)
        self.fingerprint = _fingerprint(folder, self._prompts)
        self._model: SentenceTransformer | None = None
        # One text batch at a time: the tokenizer is not thread-safe, and torch uses all cores for one batch anyway.
        self._lock = threading.Lock()

    @property
    def dimension(self) -> int:
        """Length of every vector; loads the model. Raises EncoderError."""
        with self._lock:
            return self._loaded().get_embedding_dimension() or 0

    def encode_queries(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return (n, dimension) unit rows, with the model's prompt for questions. Raises EncoderError."""
        return self._encode(texts, query=True)

    def encode_passages(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return (n, dimension) unit rows, with the model's prompt for passages. Raises EncoderError."""
        return self._encode(texts, query=False)

    def _encode(self, texts: Sequence[str], *, query: bool) -> NDArray[np.float32]:
        if not texts:
            return np.empty((0, self.dimension), dtype=np.float32)
        with self._lock:
            model = self._loaded()
            encode = model.encode_query if query else model.encode_document
            try:
                vectors = encode(list(texts), show_progress_bar=False)
            except Exception as error:
                raise EncoderError(f"The model {self.name} failed to encode: {_reason(error)}; {_REMEDY}.") from error
        return _unit_rows(vectors, len(texts), self.name)

    def _loaded(self) -> SentenceTransformer:
        """Return the model, loading it the first time. The caller holds the lock."""
        if self._model is None:
            # Without it tokenizers warns whenever the program starts another process later on.
            os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
            with _quiet():
                from sentence_transformers import SentenceTransformer

                place = str(self._folder)
                try:
                    model = SentenceTransformer(place, device="cpu", prompts=self._prompts, local_files_only=True)
                except Exception as error:
                    raise EncoderError(
                        f"The model in {place} cannot be loaded: {_reason(error)}; {_REMEDY}."
                    ) from error
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


def _computes_bfloat16() -> bool:
    """Say whether the processor has instructions for bfloat16; without them it is slower than float32."""
    from torch.cpu import get_capabilities

    return any(has for name, has in get_capabilities().items() if "bf16" in name)


def _unit_rows(vectors: ArrayLike, count: int, name: str) -> NDArray[np.float32]:
    """Return ``vectors`` as (count, d) float32 unit rows. Raises EncoderError where that is impossible."""
    rows = np.asarray(vectors, dtype=np.float32)
    if rows.ndim != 2 or len(rows) != count:
        raise EncoderError(f"The model {name} returned an array of shape {rows.shape} for {count} texts; {_REMEDY}.")
    norms: NDArray[np.float32] = np.linalg.norm(rows, axis=1, keepdims=True)
    if not np.isfinite(norms).all() or not (norms > 0).all():
        raise EncoderError(f"The model {name} returned a vector that is zero or not finite; {_REMEDY}.")
    return rows / norms


def _fingerprint(folder: Path, prompts: dict[str, str]) -> str:
    """Hash every file of ``folder`` that may change the vectors, and the prompts. Raises EncoderError."""
    if not any((folder / name).is_file() for name in ("modules.json", "config.json")):
        raise EncoderError(f"The folder {folder} holds no sentence-transformers model; {_REMEDY}.")
    total = hashlib.sha256(json.dumps(prompts).encode())
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        relative = path.relative_to(folder).as_posix()
        if path.suffix != ".md" and not relative.startswith("."):
            total.update(f"\n{relative} {_file_hash(path)}".encode())
    return total.hexdigest()


def _file_hash(path: Path) -> str:
    """Return the SHA-256 of a model's file. Raises EncoderError if it cannot be read."""
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise EncoderError(f"The model's file {path} cannot be read ({error.strerror}); {_REMEDY}.") from error


def _prompts(folder: Path, name: str) -> dict[str, str]:
    """Return what the model wants before a question ("query") and before a passage ("document"), "" where nothing.

    Worked out here because sentence-transformers 6.2 overlooks a prompt that is declared as "passage" or "corpus".
    """
    configuration = _configuration(folder / "config_sentence_transformers.json")
    if declared := {key: prompt for key, prompt in configuration.get("prompts", {}).items() if prompt}:
        otherwise = declared.get(configuration.get("default_prompt_name"), "")
        passage = next((declared[key] for key in ("document", "passage", "corpus") if key in declared), otherwise)
        return {"query": declared.get("query", otherwise), "document": passage}
    # A renamed copy is recognised by the name its configuration remembers.
    origin = str(_configuration(folder / "config.json").get("_name_or_path", ""))
    return _E5_PROMPTS if _E5_NAME.search(name) or _E5_NAME.search(origin) else {"query": "", "document": ""}


def _configuration(path: Path) -> dict[str, Any]:
    """Return a model's JSON file; empty if it is missing or damaged, which loading the model will report."""
    try:
        configuration = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return configuration if isinstance(configuration, dict) else {}


def _hub_folder(name: str) -> Path:
    """Return the local folder of the model ``name`` on the hub, downloading it if need be. Raises EncoderError."""
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import HFValidationError

    # Short names are those of the sentence-transformers organisation, as its library has it.
    repository = name if "/" in name else f"sentence-transformers/{name}"
    try:
        with suppress(FileNotFoundError):
            folder = Path(snapshot_download(repository, local_files_only=True))
            if any(folder.rglob("*.safetensors")) or any(folder.rglob("*.bin")):
                return folder
        return _download(repository)
    except HFValidationError as error:
        raise EncoderError(f"There is no model folder {name}; {_REMEDY}.") from error
    except Exception as error:
        raise EncoderError(
            f"The model {name} is neither a folder nor in the local cache, and cannot be downloaded: {_reason(error)}; "
            "name a model folder with --model, or connect to the internet once."
        ) from error


def _download(repository: str) -> Path:
    """Download the files of ``repository`` that sentence-transformers reads; one attempt."""
    from huggingface_hub import HfApi, snapshot_download
    from huggingface_hub.utils.tqdm import disable_progress_bars

    files = HfApi().model_info(repository, timeout=10.0).siblings or []
    twice = any(file.rfilename.endswith(".safetensors") for file in files)
    unwanted = [*_FOREIGN_WEIGHTS, "*.bin"] if twice else _FOREIGN_WEIGHTS
    with disable_progress_bars():
        return Path(snapshot_download(repository, ignore_patterns=unwanted))


@contextmanager
def _quiet() -> Iterator[None]:
    """Keep transformers from drawing progress bars and from printing anything short of an error."""
    from transformers.utils import logging as chatter

    bars, verbosity = chatter.is_progress_bar_enabled(), chatter.get_verbosity()
    chatter.disable_progress_bar()  # type: ignore[no-untyped-call]
    chatter.set_verbosity_error()  # type: ignore[no-untyped-call]
    try:
        yield
    finally:
        chatter.set_verbosity(verbosity)
        if bars:
            chatter.enable_progress_bar()  # type: ignore[no-untyped-call]


def _reason(error: Exception) -> str:
    """Return the first line of what a library says about its failure, without its full stop."""
    lines = str(error).strip().splitlines()
    return (lines[0] if lines else type(error).__name__).rstrip(".:; ")
