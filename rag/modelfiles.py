"""A model's files: where the model that the user named lies, of what kind it is, its prompts, and its hash.

Owns the search in folder, hub cache and hub, and how a model is loaded quietly; what a model computes is known to the
rooms that run one.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rag.errors import EncoderError

# Copies of the weights for other libraries, which a repository may hold beside its own.
_FOREIGN_WEIGHTS = ["onnx/*", "openvino/*", "coreml/*", "*.onnx", "*.h5", "*.msgpack", "*.ot", "*.tflite", "*.gguf"]
# Weights as pickles, which can hold code that runs when they are read; safetensors hold numbers and nothing else.
_PICKLED = ("pytorch_model*.bin", "adapter_model*.bin")
#: For the libraries that run a model: not even where there is nothing else.
ONLY_SAFETENSORS = {"use_safetensors": True}

# The E5 models were trained with these prompts (https://arxiv.org/abs/2212.03533, section 4) and do not declare them;
# the instruction-tuned ones take others, and declare them where they need any.
_E5_PROMPTS = {"query": "query: ", "document": "passage: "}
_E5_NAME = re.compile(r"(?<![a-z0-9])e5(?![a-z0-9])(?!.*instruct)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Role:
    """What a model is wanted for.

    ``kind`` is the class of sentence-transformers that runs it, ``option`` the option that names it, ``organisation``
    where its library looks for a short name on the hub, and ``what`` what the remedies call it.
    """

    kind: str
    option: str
    organisation: str
    what: str

    @property
    def remedy(self) -> str:
        """What to do about a model that does not serve; the end of a sentence, without its full stop."""
        return f"name the folder of {self.what} with {self.option}, or leave {self.option} out"


ENCODER = Role("SentenceTransformer", "--model", "sentence-transformers", "a sentence-transformers model")
RERANKER = Role("CrossEncoder", "--reranker", "cross-encoder", "a sentence-transformers CrossEncoder")


def find(model: str, role: Role) -> tuple[Path, str]:
    """Return the folder of ``model``, which is a folder or a name on the Hugging Face hub, and what it is called.

    A hub name is looked for in the local cache first and downloaded only if it is not there. Raises EncoderError if
    there is no such model.
    """
    folder = Path(model).expanduser()
    if model and folder.is_dir():
        folder = folder.resolve()
        return folder, folder.name
    return _hub_folder(model, role), model


def require(folder: Path, role: Role) -> None:
    """Raise EncoderError unless ``folder`` holds a model that can take ``role``."""
    if not any((folder / name).is_file() for name in ("modules.json", "config.json")):
        raise EncoderError(f"The folder {folder} holds no sentence-transformers model; {role.remedy}.")
    kind = _kind(folder)
    if kind not in ("", role.kind):
        raise EncoderError(
            f"The model in {folder} is made to run as a {kind}, and {role.option} takes a {role.kind}; {role.remedy}."
        )
    for pickled in (path for pattern in _PICKLED for path in folder.rglob(pattern)):
        if not any(pickled.parent.glob("*.safetensors")):
            raise EncoderError(
                f"The model in {folder} has weights that can hold code ({pickled.name}); save it as safetensors, or "
                f"{role.remedy}."
            )


def fingerprint(folder: Path, role: Role, extra: str = "") -> str:
    """Return the hexadecimal SHA-256 of ``extra`` and of every file that may change what the model computes.

    Raises EncoderError if a file cannot be read.
    """
    total = hashlib.sha256(extra.encode())
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        relative = path.relative_to(folder).as_posix()
        if path.suffix != ".md" and not relative.startswith("."):
            total.update(f"\n{relative} {_file_hash(path, role)}".encode())
    return total.hexdigest()


def configuration(path: Path) -> dict[str, Any]:
    """Return a model's JSON file; empty if it is missing or damaged, which loading the model will report."""
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return content if isinstance(content, dict) else {}


def prompts(folder: Path, name: str) -> dict[str, str]:
    """Return what the model wants before a question ("query") and before a passage ("document"), "" where nothing.

    Worked out here because sentence-transformers 6.2 overlooks a prompt that is declared as "passage" or "corpus".
    """
    settings = configuration(folder / "config_sentence_transformers.json")
    if declared := {key: prompt for key, prompt in settings.get("prompts", {}).items() if prompt}:
        otherwise = declared.get(settings.get("default_prompt_name"), "")
        passage = next((declared[key] for key in ("document", "passage", "corpus") if key in declared), otherwise)
        return {"query": declared.get("query", otherwise), "document": passage}
    # A renamed copy is recognised by the name its configuration remembers.
    origin = str(configuration(folder / "config.json").get("_name_or_path", ""))
    return _E5_PROMPTS if _E5_NAME.search(name) or _E5_NAME.search(origin) else {"query": "", "document": ""}


@contextmanager
def loading(folder: Path, role: Role) -> Iterator[None]:
    """Around the loading of the model in ``folder``: nothing is printed, and every failure is an EncoderError."""
    # Without it tokenizers warns whenever the program starts another process later on.
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
    with _own_openmp(), _quiet():
        try:
            yield
        except Exception as error:
            raise EncoderError(f"The model in {folder} cannot be loaded: {reason(error)}; {role.remedy}.") from error


def reason(error: Exception) -> str:
    """Return the first line of what a library says about its failure, without its full stop."""
    lines = str(error).strip().splitlines()
    return (lines[0] if lines else type(error).__name__).rstrip(".:; ")


def _kind(folder: Path) -> str:
    """Return the class of sentence-transformers that a model was made for; "" where it may serve as any.

    The library itself takes one kind for another with a mere warning, and makes up at random the weights it misses.
    """
    if (folder / "modules.json").is_file():
        # Before version 5.0 only SentenceTransformer wrote this file, and did not name itself.
        return str(configuration(folder / "config_sentence_transformers.json").get("model_type", ENCODER.kind))
    match configuration(folder / "config.json").get("architectures"):
        case [str(name), *_] if name.endswith("ForSequenceClassification"):
            return RERANKER.kind
        case [str(name), *_] if name.endswith("ForCausalLM"):
            # A language model ranks by what it says to "yes" and "no", and embeds by its mean.
            return ""
    return ENCODER.kind


def _file_hash(path: Path, role: Role) -> str:
    """Return the SHA-256 of a model's file. Raises EncoderError if it cannot be read."""
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise EncoderError(f"The model's file {path} cannot be read ({error.strerror}); {role.remedy}.") from error


def _hub_folder(name: str, role: Role) -> Path:
    """Return the local folder of the model ``name`` on the hub, downloading it if need be. Raises EncoderError."""
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import HFValidationError

    # Short names are those of one organisation, as sentence-transformers has it.
    repository = name if "/" in name else f"{role.organisation}/{name}"
    try:
        with suppress(FileNotFoundError):
            folder = Path(snapshot_download(repository, local_files_only=True))
            if any(folder.rglob("*.safetensors")):
                return folder
        return _download(repository)
    except HFValidationError as error:
        raise EncoderError(f"There is no model folder {name}; {role.remedy}.") from error
    except Exception as error:
        raise EncoderError(
            f"The model {name} is neither a folder nor in the local cache, and cannot be downloaded: {reason(error)}; "
            f"name a model folder with {role.option}, or connect to the internet once."
        ) from error


def _download(repository: str) -> Path:
    """Download the files of ``repository`` that sentence-transformers reads; one attempt."""
    from huggingface_hub import HfApi, snapshot_download
    from huggingface_hub.utils.tqdm import disable_progress_bars

    HfApi().model_info(repository, timeout=10.0)  # the one attempt
    with disable_progress_bars():
        return Path(snapshot_download(repository, ignore_patterns=[*_FOREIGN_WEIGHTS, *_PICKLED]))


@contextmanager
def _own_openmp() -> Iterator[None]:
    """Take back what libraries set for OpenMP while they are loaded.

    scikit-learn, which sentence-transformers brings, has OpenMP keep quiet where it is loaded twice, which may make
    results wrong, and every process that this one starts would inherit that.
    """
    before = set(os.environ)
    try:
        yield
    finally:
        for name in [name for name in os.environ if name.startswith("KMP_") and name not in before]:
            del os.environ[name]


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
