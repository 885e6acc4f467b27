"""Which model is meant, what it is asked, and what it must return; the real model where the model is the point."""

from __future__ import annotations

import json
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import ArrayLike

from rag.encoder import Encoder, HashingEncoder, SentenceEncoder, load_encoder
from rag.errors import EncoderError
from rag.paths import shipped_model

TEXTS = ["Der Rat beschloss, den Hafen auszubauen.", "The council voted to extend the harbour.", "x", "Wort " * 2_000]


@pytest.fixture(scope="module")
def default() -> Encoder:
    return load_encoder()


@pytest.fixture(scope="module")
def exact() -> Encoder:
    """The default model as any other model is run: in float32."""
    return SentenceEncoder(shipped_model())


def run(code: str) -> subprocess.CompletedProcess[str]:
    """Run ``code`` in a fresh interpreter."""
    return subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False, cwd=Path(__file__).parents[1]
    )


def check_unit_rows(vectors: ArrayLike, count: int, dimension: int) -> None:
    rows = np.asarray(vectors)
    assert rows.shape == (count, dimension)
    assert rows.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(rows.astype(np.float64), axis=1), 1.0, atol=1e-6)


def test_a_question_has_the_same_pieces_whether_they_came_with_its_vector_or_not(default: Encoder) -> None:
    for text in (*TEXTS, ""):
        alone = default.query_pieces(text)
        [vector] = default.encode_queries([text])
        np.testing.assert_array_equal(default.query_pieces(text), alone)
        check_unit_rows(alone, len(alone), 64)
        # Among others, and so without its pieces, it has the same vector but for the padding.
        np.testing.assert_allclose(default.encode_queries([text, "y"])[0], vector, atol=0.02)
    assert len(default.query_pieces(TEXTS[1])) > 5


def test_the_default_model_returns_unit_rows_near_for_near_meanings(default: Encoder) -> None:
    queries, passages = default.encode_queries(TEXTS), default.encode_passages(TEXTS)
    assert default.name == "fundstelle-de-en"
    assert default.dimension == 384
    check_unit_rows(queries, len(TEXTS), 384)
    check_unit_rows(passages, len(TEXTS), 384)
    near, far = (default.encode_queries(["a town builds a port"]) @ passages[1:3].T)[0]
    assert near > far + 0.1


def test_no_texts_give_no_rows(default: Encoder) -> None:
    for encoder in (default, HashingEncoder()):
        assert encoder.encode_queries([]).shape == (0, encoder.dimension)
        assert encoder.encode_passages([]).shape == (0, encoder.dimension)


def test_threads_get_what_one_thread_gets(default: Encoder) -> None:
    expected = [default.encode_queries([text]) for text in TEXTS]
    with ThreadPoolExecutor(6) as pool:
        found = list(pool.map(lambda text: default.encode_queries([text]), TEXTS * 4))
    for position, vectors in enumerate(found):
        np.testing.assert_allclose(vectors, expected[position % len(TEXTS)], atol=1e-5)


def test_a_copy_of_the_model_in_another_folder_has_the_same_fingerprint_and_a_changed_one_has_not(
    default: Encoder, tmp_path: Path
) -> None:
    copy = Path(shutil.copytree(shipped_model(), tmp_path / "my model"))
    encoder = load_encoder(str(copy))
    assert (encoder.name, encoder.fingerprint) == ("my model", default.fingerprint)
    (copy / "README.md").write_text("Another description.", "utf-8")
    assert load_encoder(str(copy)).fingerprint == default.fingerprint
    with (copy / "tokenizer.json").open("a") as file:
        file.write("another\n")
    assert load_encoder(str(copy)).fingerprint != default.fingerprint


def test_a_model_in_half_precision_is_run_in_single_precision(exact: Encoder, tmp_path: Path) -> None:
    from sentence_transformers import SentenceTransformer

    SentenceTransformer(str(shipped_model()), device="cpu").half().save(str(tmp_path / "half"))
    encoder = load_encoder(str(tmp_path / "half"))
    vectors = encoder.encode_passages(TEXTS[:2])
    assert isinstance(encoder, SentenceEncoder)
    np.testing.assert_allclose(vectors, exact.encode_passages(TEXTS[:2]), atol=5e-3)
    assert encoder._model is not None
    assert {str(weight.dtype) for weight in encoder._model.parameters()} == {"torch.float32"}


def test_the_model_is_loaded_and_used_without_any_connection(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("a connection was tried")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    check_unit_rows(load_encoder().encode_queries(TEXTS[:1]), 1, 384)


def test_nothing_is_printed_and_nothing_loaded_before_it_is_needed() -> None:
    finished = run(
        "import sys, rag.encoder\n"
        "encoder = rag.encoder.load_encoder()\n"
        "assert encoder.fingerprint and 'torch' not in sys.modules and 'sentence_transformers' not in sys.modules\n"
        "encoder.encode_queries(['harbour'])\n"
        "import subprocess; subprocess.run(['true'])\n"
    )
    assert (finished.returncode, finished.stdout, finished.stderr) == (0, "", "")


def model_with(folder: Path, prompts: dict[str, str], origin: str = "") -> Path:
    """A copy of the default model that declares ``prompts`` and remembers it was called ``origin``."""
    shutil.copytree(shipped_model(), folder)
    for name, entry in (("config_sentence_transformers.json", {"prompts": prompts}), ("config.json", {})):
        configuration = json.loads((folder / name).read_text("utf-8")) | entry
        if name == "config.json":
            configuration["_name_or_path"] = origin
        (folder / name).write_text(json.dumps(configuration), "utf-8")
    return folder


@pytest.mark.parametrize(
    ("name", "prompts", "origin", "query", "passage"),
    [
        ("plain", {}, "", "", ""),
        ("multilingual-e5-small", {}, "", "query: ", "passage: "),
        ("renamed", {}, "intfloat/e5-base-v2", "query: ", "passage: "),
        ("declared", {"query": "ask: ", "document": "read: "}, "", "ask: ", "read: "),
        ("e5-declared", {"query": "ask: ", "passage": "read: "}, "", "ask: ", "read: "),
        ("multilingual-e5-large-instruct", {}, "", "", ""),
        ("base512", {}, "", "", ""),
    ],
)
def test_a_model_gets_the_prompts_it_asks_for(
    exact: Encoder, tmp_path: Path, name: str, prompts: dict[str, str], origin: str, query: str, passage: str
) -> None:
    encoder = load_encoder(str(model_with(tmp_path / name, prompts, origin)))
    text = TEXTS[1]
    np.testing.assert_allclose(encoder.encode_queries([text]), exact.encode_passages([query + text]), atol=1e-5)
    np.testing.assert_allclose(encoder.encode_passages([text]), exact.encode_passages([passage + text]), atol=1e-5)


@pytest.mark.parametrize(("card", "device", "kind"), [(True, "cuda", "float32"), (False, "cpu", "bfloat16")])
def test_a_model_runs_on_a_graphics_card_where_there_is_one(
    monkeypatch: pytest.MonkeyPatch, card: bool, device: str, kind: str
) -> None:
    """Without a card: what sentence-transformers is told is seen, and the model stays on the processor."""
    import sentence_transformers

    told = []

    def load(place: str, *, device: str, **settings: object) -> object:
        told.append(device)
        return original(place, device="cpu", **settings)

    original = sentence_transformers.SentenceTransformer
    monkeypatch.setattr("torch.cuda.is_available", lambda: card)
    monkeypatch.setattr("rag.encoder._computes_bfloat16", lambda: True)
    monkeypatch.setattr("rag.eightbit.serves", lambda _folder: False)
    monkeypatch.setattr(sentence_transformers, "SentenceTransformer", load)
    encoder = SentenceEncoder(shipped_model(), fast=True)
    check_unit_rows(encoder.encode_queries(TEXTS[:1]), 1, 384)
    assert encoder._model is not None
    assert (told, {str(weight.dtype) for weight in encoder._model.parameters()}) == ([device], {f"torch.{kind}"})


def test_a_name_that_changes_the_prompts_changes_the_fingerprint(tmp_path: Path) -> None:
    plain, e5 = model_with(tmp_path / "plain", {}), model_with(tmp_path / "my-e5", {})
    assert load_encoder(str(plain)).fingerprint != load_encoder(str(e5)).fingerprint


@pytest.mark.parametrize("model", ["./missing", "/missing/model", "a/b/c", "~nobody/model", "", "with space"])
def test_a_folder_that_is_not_there_is_one_sentence_with_the_remedy(model: str) -> None:
    with pytest.raises(EncoderError, match=r"^There is no model folder .*--model[^\n]*\.$"):
        load_encoder(model)


def test_a_folder_without_a_model_is_one_sentence_with_the_remedy(tmp_path: Path) -> None:
    with pytest.raises(EncoderError, match="holds no sentence-transformers model; name the folder"):
        load_encoder(str(tmp_path))


@pytest.mark.parametrize("broken", ["model.safetensors", "tokenizer.json", "modules.json"])
def test_a_damaged_model_is_one_sentence_when_it_is_first_used(tmp_path: Path, broken: str) -> None:
    copy = Path(shutil.copytree(shipped_model(), tmp_path / "broken"))
    (copy / broken).write_bytes(b"{" * 50)
    with pytest.raises(EncoderError, match=r"cannot be loaded: [^\n]*--model[^\n]*\.$"):
        load_encoder(str(copy)).encode_queries(["x"])


@pytest.mark.parametrize("name", ["model.safetensors", "2_Dense/model.safetensors", "tokenizer.json"])
def test_a_damaged_default_model_is_refused_with_the_remedy(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    copy = Path(shutil.copytree(shipped_model(), tmp_path / "model"))
    data = bytearray((copy / name).read_bytes())
    data[len(data) // 2] ^= 1
    (copy / name).write_bytes(data)
    monkeypatch.setattr("rag.encoder.shipped_model", lambda: copy)
    with pytest.raises(EncoderError, match=r"missing or damaged in .*git checkout -- embeddings/model"):
        load_encoder()


def test_a_missing_default_model_is_refused_with_the_remedy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("rag.encoder.shipped_model", lambda: tmp_path / "nowhere")
    with pytest.raises(EncoderError, match="missing or damaged"):
        load_encoder()


def hub_cache(folder: Path, repository: str) -> None:
    """Lay a cache out as the Hugging Face hub's client does, with the default model's files as ``repository``."""
    place = folder / f"models--{repository.replace('/', '--')}"
    (place / "refs").mkdir(parents=True)
    (place / "refs" / "main").write_text("0" * 40, "utf-8")
    shutil.copytree(shipped_model(), place / "snapshots" / ("0" * 40))


def test_a_hub_name_is_taken_from_the_local_cache(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, default: Encoder
) -> None:
    import huggingface_hub.constants

    hub_cache(tmp_path, "someone/some-model")
    hub_cache(tmp_path, "sentence-transformers/short-name")
    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_CACHE", str(tmp_path))
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_: pytest.fail("a connection was tried"))
    for name in ("someone/some-model", "short-name"):
        encoder = load_encoder(name)
        assert (encoder.name, encoder.fingerprint) == (name, default.fingerprint)


@pytest.mark.parametrize("offline", [True, False])
def test_a_hub_name_that_cannot_be_had_is_one_sentence_with_the_remedy(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, offline: bool
) -> None:
    import huggingface_hub.constants

    attempts = []

    def unreachable(*address: object, **_: object) -> None:
        attempts.append(address)
        raise socket.gaierror(-2, "Name or service not known")

    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_CACHE", str(tmp_path))
    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_OFFLINE", offline)
    monkeypatch.setattr(socket, "getaddrinfo", unreachable)
    with pytest.raises(EncoderError, match=r"^The model someone/none is neither .*connect to the internet once\.$"):
        load_encoder("someone/none")
    assert len(attempts) <= (0 if offline else 1)


class Answering:
    """Stands in for a sentence-transformers model without parts that returns ``vectors`` for whatever it is given."""

    def __iter__(self) -> Iterator[object]:
        return iter(())

    def __init__(self, vectors: ArrayLike) -> None:
        self.vectors = vectors

    def encode_document(self, _: Sequence[str], **__: object) -> ArrayLike:
        if isinstance(self.vectors, Exception):
            raise self.vectors
        return self.vectors

    encode_query = encode_document


@pytest.mark.parametrize(
    "vectors",
    [
        [[0.0, 0.0]],
        [[np.nan, 1.0]],
        [[np.inf, 1.0]],
        [1.0, 0.0],
        [[1.0, 0.0], [0.0, 1.0]],
        RuntimeError("out of memory"),
    ],
)
def test_a_model_that_returns_what_is_no_unit_row_is_an_encoder_error(vectors: ArrayLike) -> None:
    encoder = SentenceEncoder(shipped_model(), name="odd")
    encoder._model = Answering(vectors)  # type: ignore[assignment]
    with pytest.raises(EncoderError, match="The model odd"):
        encoder.encode_passages(["one text"])


def test_rows_that_are_not_of_unit_length_are_made_so() -> None:
    encoder = SentenceEncoder(shipped_model())
    encoder._model = Answering(np.array([[3.0, 4.0]], dtype=np.float16))  # type: ignore[assignment]
    np.testing.assert_allclose(encoder.encode_queries(["x"]), [[0.6, 0.8]], atol=1e-6)


@given(st.lists(st.text(), min_size=1, max_size=5))
def test_the_hashing_encoder_gives_any_text_a_unit_row_of_its_own(texts: list[str]) -> None:
    vectors = HashingEncoder().encode_passages(texts)
    check_unit_rows(vectors, len(texts), 256)
    for text, vector in zip(texts, vectors, strict=True):
        np.testing.assert_array_equal(HashingEncoder().encode_queries([text])[0], vector)


def test_the_hashing_encoder_gives_the_same_vectors_in_every_process() -> None:
    code = (
        "from rag.encoder import load_encoder as l\n"
        "print(l('hashing').encode_queries(['Häfen und Brücken']).tobytes().hex())"
    )
    assert run(code).stdout == run(code).stdout
    assert bytes.fromhex(run(code).stdout) == HashingEncoder().encode_queries(["Häfen und Brücken"]).tobytes()


def test_the_hashing_encoder_finds_texts_that_share_words() -> None:
    encoder = load_encoder("hashing")
    passages = encoder.encode_passages(["Der Hafen wird ausgebaut.", "Die Brücke wurde gesperrt."])
    assert (encoder.encode_queries(["Wer baut den Hafen aus?"]) @ passages.T).argmax() == 0
