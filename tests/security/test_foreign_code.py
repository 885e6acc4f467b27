"""A model that was downloaded from somewhere is numbers and words: nothing in its folder runs, whatever it is called.

Each test plants code that would leave a file behind if it ran, in one of the places where libraries look for code.
"""

from __future__ import annotations

import contextlib
import io
import json
import pickle
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from rag.encoder import load_encoder
from rag.errors import EncoderError
from rag.reranker import load_reranker
from tests.test_reranker import make_model

TEXT = "the council voted to dredge the harbour"


class Code:
    """What runs when its pickle is read."""

    def __init__(self, trace: Path) -> None:
        self._trace = trace

    def __reduce__(self) -> tuple[object, ...]:
        return (Path.touch, (self._trace,))


def plain_pickle(trace: Path) -> bytes:
    return pickle.dumps({"weights": Code(trace)})


def torch_pickle(trace: Path) -> bytes:
    import torch

    file = io.BytesIO()
    torch.save({"weights": Code(trace)}, file)
    return file.getvalue()


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_model(tmp_path_factory.mktemp("models") / "small")


@pytest.fixture
def reranker(made: Path, tmp_path: Path) -> Path:
    """A small CrossEncoder."""
    return Path(shutil.copytree(made, tmp_path / "model"))


@pytest.fixture
def encoder(reranker: Path) -> Path:
    """A small embedding model: the same, made to embed."""
    change(reranker / "config.json", architectures=["BertModel"])
    return reranker


@pytest.fixture
def trace(tmp_path: Path) -> Path:
    """What code leaves behind if it runs."""
    return tmp_path / "it ran"


def change(path: Path, **entries: object) -> None:
    content = json.loads(path.read_text("utf-8")) if path.exists() else {}
    path.write_text(json.dumps(content | entries), "utf-8")


def module(folder: Path, trace: Path) -> None:
    """Put a Python file into ``folder`` that leaves a trace, and defines whatever it is asked for."""
    code = f"from pathlib import Path\nPath({str(trace)!r}).touch()\nclass Canary: load = None\n"
    (folder / "canary.py").write_text(code, "utf-8")


def try_out(load: Callable[[], object]) -> str:
    """What is said where a model is refused, "" where it is used without what was planted."""
    try:
        load()
    except EncoderError as error:
        return str(error)
    return ""


@pytest.mark.parametrize("pickled", [plain_pickle, torch_pickle])
def test_the_code_that_is_planted_here_would_run(pickled, trace: Path) -> None:
    import torch

    # What is no file of torch's own makes it complain, when the code has run.
    with contextlib.suppress(RuntimeError):
        torch.load(io.BytesIO(pickled(trace)), weights_only=False)
    assert trace.exists()


@pytest.mark.parametrize("pickled", [plain_pickle, torch_pickle])
@pytest.mark.parametrize("name", ["pytorch_model.bin", "pytorch_model-00001-of-00001.bin", "adapter_model.bin"])
def test_a_model_whose_weights_are_only_a_pickle_is_refused_unread(encoder: Path, trace: Path, pickled, name) -> None:
    (encoder / "model.safetensors").unlink()
    (encoder / name).write_bytes(pickled(trace))
    with pytest.raises(EncoderError, match=rf"weights that can hold code \({name}\); save it as safetensors, or "):
        load_encoder(str(encoder))
    assert not trace.exists()


def test_a_reranker_whose_weights_are_only_a_pickle_is_refused_unread(reranker: Path, trace: Path) -> None:
    (reranker / "model.safetensors").unlink()
    (reranker / "pytorch_model.bin").write_bytes(plain_pickle(trace))
    with pytest.raises(EncoderError, match="--reranker"):
        load_reranker(str(reranker))
    assert not trace.exists()


def test_a_pickle_in_a_part_of_a_model_is_refused_unread(encoder: Path, trace: Path) -> None:
    (encoder / "2_Dense").mkdir()
    (encoder / "2_Dense" / "pytorch_model.bin").write_bytes(torch_pickle(trace))
    with pytest.raises(EncoderError, match="can hold code"):
        load_encoder(str(encoder))
    assert not trace.exists()


@pytest.mark.parametrize("pickled", [plain_pickle, torch_pickle])
@pytest.mark.parametrize("load", [load_encoder, load_reranker])
def test_a_pickle_that_hides_behind_other_safetensors_is_not_read(
    request: pytest.FixtureRequest, trace: Path, pickled, load
) -> None:
    folder = request.getfixturevalue("encoder" if load is load_encoder else "reranker")
    (folder / "model.safetensors").rename(folder / "other.safetensors")
    (folder / "pytorch_model.bin").write_bytes(pickled(trace))
    with pytest.raises(EncoderError, match=r"no file named model\.safetensors"):
        use(load, folder)
    assert not trace.exists()


def use(load: Callable[[str], object], folder: Path) -> None:
    model = load(str(folder))
    model.encode_passages([TEXT]) if hasattr(model, "encode_passages") else model.score(TEXT, [TEXT])


def test_a_pickle_beside_safetensors_is_left_alone(encoder: Path, trace: Path) -> None:
    (encoder / "pytorch_model.bin").write_bytes(plain_pickle(trace))
    use(load_encoder, encoder)
    assert not trace.exists()


@pytest.mark.parametrize("name", ["canary.Canary", "canary.Canary.load", "os.system", "model--canary.Canary"])
def test_a_module_that_a_model_names_is_not_imported(encoder: Path, trace: Path, monkeypatch, name: str) -> None:
    module(encoder, trace)
    # Not even where Python would find it.
    monkeypatch.syspath_prepend(str(encoder))
    parts = [("sentence_transformers.models.Transformer", ""), (name, "1_Canary")]
    listed = [{"idx": n, "name": str(n), "path": path, "type": kind} for n, (kind, path) in enumerate(parts)]
    (encoder / "modules.json").write_text(json.dumps(listed), "utf-8")
    (encoder / "1_Canary").mkdir()
    shutil.copy(encoder / "canary.py", encoder / "1_Canary")
    assert try_out(lambda: use(load_encoder, encoder))
    assert not trace.exists()


@pytest.mark.parametrize("file", ["config.json", "tokenizer_config.json", "processor_config.json"])
@pytest.mark.parametrize("load", [load_encoder, load_reranker])
def test_classes_of_its_own_that_a_model_maps_to_are_not_imported(
    request: pytest.FixtureRequest, trace: Path, load, file: str
) -> None:
    folder = request.getfixturevalue("encoder" if load is load_encoder else "reranker")
    module(folder, trace)
    kinds = ("AutoConfig", "AutoModel", "AutoModelForSequenceClassification", "AutoTokenizer", "AutoProcessor")
    own = {kind: "canary.Canary" if kind != "AutoTokenizer" else ["canary.Canary", None] for kind in kinds}
    change(folder / file, auto_map=own)
    try_out(lambda: use(load, folder))
    assert not trace.exists()


@pytest.mark.parametrize("key", ["sentence_transformers", "sbert_ce_default_activation_function"])
def test_a_function_that_a_reranker_names_is_not_called(reranker: Path, monkeypatch, key: str) -> None:
    import torch

    called = []
    monkeypatch.setattr(torch.nn, "Canary", lambda: called.append(True), raising=False)
    name = "torch.nn.Canary"
    change(reranker / "config.json", **{key: {"activation_fn": name} if key == "sentence_transformers" else name})
    try_out(lambda: use(load_reranker, reranker))
    assert called == []
