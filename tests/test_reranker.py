"""A question and passages to scores: a real CrossEncoder, small and made here, against transformers called directly."""

from __future__ import annotations

import json
import shutil
import socket
import subprocess
import sys
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from random import Random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import ArrayLike

from rag.encoder import load_encoder
from rag.errors import EncoderError
from rag.paths import shipped_model
from rag.reranker import PairReranker, Reranker, load_reranker

QUESTION = "Who paid for the harbour?"
# One of them longer than the model reads.
PASSAGES = ["Der Rat beschloss, den Hafen auszubauen.", "The council paid for the harbour.", "", "x", "harbour " * 300]
READS = 64


def make_model(folder: Path, *, labels: int = 1) -> Path:
    """Save a BERT that classifies pairs, with fixed random weights and a tokenizer of letters, as transformers does."""
    import torch
    from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors
    from transformers import BertConfig, BertForSequenceClassification, PreTrainedTokenizerFast

    letters = "abcdefghijklmnopqrstuvwxyz0123456789.,?!"
    pieces = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", *letters, *(f"##{letter}" for letter in letters)]
    tokenizer = Tokenizer(models.WordPiece({piece: n for n, piece in enumerate(pieces)}, unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.BertNormalizer()
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.post_processor = processors.BertProcessing(("[SEP]", 3), ("[CLS]", 2))
    special = {"pad_token": "[PAD]", "unk_token": "[UNK]", "cls_token": "[CLS]", "sep_token": "[SEP]"}
    PreTrainedTokenizerFast(tokenizer_object=tokenizer, model_max_length=READS, **special).save_pretrained(folder)
    config = BertConfig(
        vocab_size=len(pieces),
        hidden_size=32,
        num_hidden_layers=2,
        num_attention_heads=2,
        intermediate_size=64,
        max_position_embeddings=READS,
        num_labels=labels,
        # Weights far from zero, so that different texts get clearly different scores.
        initializer_range=0.5,
    )
    with torch.random.fork_rng():
        torch.manual_seed(4)
        BertForSequenceClassification(config).save_pretrained(folder)
    return folder


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_model(tmp_path_factory.mktemp("models") / "small")


@pytest.fixture(scope="module")
def reranker(folder: Path) -> Reranker:
    return load_reranker(str(folder))


def logits(folder: Path, question: str, passages: Sequence[str]) -> list[float]:
    """What transformers itself says of each pair, one at a time and so without padding."""
    import torch
    from transformers import AutoModelForSequenceClassification, AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(folder)
    model = AutoModelForSequenceClassification.from_pretrained(folder).eval()
    with torch.inference_mode():
        # Lists of one, since a second text that is empty is not seen otherwise.
        pairs = (tokenizer([question], [passage], truncation=True, return_tensors="pt") for passage in passages)
        return [model(**pair).logits.item() for pair in pairs]


def changed(source: Path, target: Path, file: str, **entries: object) -> Path:
    """A copy of a model with some entries of a JSON file replaced."""
    shutil.copytree(source, target)
    path = target / file
    content = json.loads(path.read_text("utf-8")) if path.exists() else {}
    path.write_text(json.dumps(content | entries), "utf-8")
    return target


def test_scores_are_the_logits_that_transformers_gives(folder: Path, reranker: Reranker) -> None:
    scores = reranker.score(QUESTION, PASSAGES)
    assert (scores.shape, scores.dtype) == ((len(PASSAGES),), np.float32)
    assert np.ptp(scores) > 0.1
    np.testing.assert_allclose(scores, logits(folder, QUESTION, PASSAGES), atol=1e-4)


def test_the_question_and_the_passage_are_not_interchangeable(reranker: Reranker) -> None:
    there, back = reranker.score(QUESTION, [PASSAGES[1]])[0], reranker.score(PASSAGES[1], [QUESTION])[0]
    assert abs(there - back) > 1e-3


def test_a_model_saved_by_sentence_transformers_scores_the_same_whatever_function_it_declares(
    folder: Path, reranker: Reranker, tmp_path: Path
) -> None:
    from sentence_transformers import CrossEncoder

    CrossEncoder(str(folder), device="cpu").save_pretrained(str(tmp_path / "saved"))
    declared = json.loads((tmp_path / "saved" / "config_sentence_transformers.json").read_text("utf-8"))
    assert (declared["model_type"], declared["activation_fn"]) == (
        "CrossEncoder",
        "torch.nn.modules.activation.Sigmoid",
    )
    saved = load_reranker(str(tmp_path / "saved"))
    assert saved.name == "saved"
    np.testing.assert_allclose(saved.score(QUESTION, PASSAGES), reranker.score(QUESTION, PASSAGES), atol=1e-5)


def test_half_precision_is_run_in_single_precision(folder: Path, reranker: Reranker, tmp_path: Path) -> None:
    from sentence_transformers import CrossEncoder

    CrossEncoder(str(folder), device="cpu").half().save_pretrained(str(tmp_path / "half"))
    half = PairReranker(tmp_path / "half")
    np.testing.assert_allclose(half.score(QUESTION, PASSAGES), reranker.score(QUESTION, PASSAGES), atol=0.05)
    assert half._model is not None
    assert {str(weight.dtype) for weight in half._model.parameters()} == {"torch.float32"}


@settings(max_examples=25, deadline=None)
@given(st.text(max_size=80), st.lists(st.text(max_size=200), max_size=6), st.randoms(use_true_random=False))
def test_a_passage_is_scored_alike_in_any_company(
    reranker: Reranker, question: str, passages: list[str], shuffled: Random
) -> None:
    order = list(range(len(passages)))
    shuffled.shuffle(order)
    scores = reranker.score(question, passages)
    assert (scores.shape, scores.dtype) == ((len(passages),), np.float32)
    assert np.isfinite(scores).all()
    np.testing.assert_allclose(reranker.score(question, [passages[i] for i in order]), scores[order], atol=1e-4)
    for passage, score in zip(passages[:2], scores, strict=False):
        np.testing.assert_allclose(reranker.score(question, [passage]), [score], atol=1e-4)


def test_threads_get_what_one_thread_gets(folder: Path) -> None:
    fresh = load_reranker(str(folder))
    with ThreadPoolExecutor(6) as pool:
        found = list(pool.map(lambda passage: fresh.score(QUESTION, [passage])[0], PASSAGES * 4))
    np.testing.assert_allclose(found, [fresh.score(QUESTION, [passage])[0] for passage in PASSAGES] * 4, atol=1e-5)


def test_a_copy_has_the_same_fingerprint_and_a_changed_one_has_not(
    folder: Path, reranker: Reranker, tmp_path: Path
) -> None:
    copy = Path(shutil.copytree(folder, tmp_path / "copy"))
    assert load_reranker(str(copy)).fingerprint == reranker.fingerprint
    (copy / "README.md").write_text("A description.", "utf-8")
    assert load_reranker(str(copy)).fingerprint == reranker.fingerprint
    with (copy / "tokenizer.json").open("a") as file:
        file.write("\n")
    assert load_reranker(str(copy)).fingerprint != reranker.fingerprint


def test_nothing_is_printed_nothing_connected_and_nothing_loaded_before_it_is_needed(folder: Path) -> None:
    code = (
        "import socket, sys, rag.reranker\n"
        "def refuse(*_): raise AssertionError('a connection was tried')\n"
        "socket.socket.connect = socket.getaddrinfo = refuse\n"
        f"reranker = rag.reranker.load_reranker({str(folder)!r})\n"
        "assert len(reranker.fingerprint) == 64 and reranker.score('harbour', []).shape == (0,)\n"
        "assert not {'torch', 'sentence_transformers', 'transformers'} & sys.modules.keys()\n"
        "reranker.score('harbour', ['port'])\n"
        "import subprocess; subprocess.run(['true'])\n"
    )
    finished = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False, cwd=Path(__file__).parents[1]
    )
    assert (finished.returncode, finished.stdout, finished.stderr) == (0, "", "")


def test_a_hub_name_is_taken_from_the_local_cache(
    folder: Path, reranker: Reranker, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import huggingface_hub.constants

    for repository in ("someone--some-model", "cross-encoder--short-name"):
        place = tmp_path / f"models--{repository}"
        (place / "refs").mkdir(parents=True)
        (place / "refs" / "main").write_text("0" * 40, "utf-8")
        shutil.copytree(folder, place / "snapshots" / ("0" * 40))
    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_CACHE", str(tmp_path))
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_: pytest.fail("a connection was tried"))
    for name in ("someone/some-model", "short-name"):
        cached = load_reranker(name)
        assert (cached.name, cached.fingerprint) == (name, reranker.fingerprint)


def test_a_hub_name_that_cannot_be_had_is_one_sentence_with_the_remedy(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    import huggingface_hub.constants

    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_CACHE", str(tmp_path))
    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_OFFLINE", True)
    with pytest.raises(
        EncoderError, match=r"^The model someone/none is neither [^\n]*--reranker, or connect to [^\n]*\.$"
    ):
        load_reranker("someone/none")


@pytest.mark.parametrize("model", ["./missing", "a/b/c", ""])
def test_a_folder_that_is_not_there_is_one_sentence_with_the_remedy(model: str) -> None:
    with pytest.raises(EncoderError, match=r"^There is no model folder [^\n]*--reranker[^\n]*\.$"):
        load_reranker(model)


def test_a_folder_without_a_model_is_one_sentence_with_the_remedy(tmp_path: Path) -> None:
    with pytest.raises(EncoderError, match=r"holds no sentence-transformers model; name the folder [^\n]*--reranker"):
        load_reranker(str(tmp_path))


def test_the_embedding_model_is_refused_as_a_reranker() -> None:
    with pytest.raises(
        EncoderError, match="made to run as a SentenceTransformer, and --reranker takes a CrossEncoder;"
    ):
        load_reranker(str(shipped_model()))


@pytest.mark.parametrize("architectures", [["BertModel"], ["BertForMaskedLM"], [], None])
def test_a_model_without_a_head_for_scores_is_refused(
    folder: Path, tmp_path: Path, architectures: list[str] | None
) -> None:
    plain = changed(folder, tmp_path / "plain", "config.json", architectures=architectures)
    with pytest.raises(EncoderError, match="--reranker takes a CrossEncoder"):
        load_reranker(str(plain))


def test_a_reranker_is_refused_as_the_embedding_model(folder: Path, tmp_path: Path) -> None:
    saved = changed(shipped_model(), tmp_path / "saved", "config_sentence_transformers.json", model_type="CrossEncoder")
    for model in (folder, saved):
        with pytest.raises(
            EncoderError, match="made to run as a CrossEncoder, and --model takes a SentenceTransformer;"
        ):
            load_encoder(str(model))


def test_a_language_model_is_refused_in_neither_role(folder: Path, tmp_path: Path) -> None:
    plain = changed(folder, tmp_path / "language", "config.json", architectures=["Qwen3ForCausalLM"])
    assert load_reranker(str(plain)).name == load_encoder(str(plain)).name == "language"


@pytest.mark.parametrize("broken", ["model.safetensors", "tokenizer.json"])
def test_a_damaged_model_is_one_sentence_when_it_is_first_used(folder: Path, tmp_path: Path, broken: str) -> None:
    copy = Path(shutil.copytree(folder, tmp_path / "broken"))
    (copy / broken).write_bytes(b"{" * 50)
    with pytest.raises(EncoderError, match=r"cannot be loaded: [^\n]*--reranker[^\n]*\.$"):
        load_reranker(str(copy)).score("x", ["y"])


def test_a_model_of_several_labels_is_one_sentence_when_it_is_first_used(tmp_path: Path) -> None:
    classifier = load_reranker(str(make_model(tmp_path / "labels", labels=3)))
    with pytest.raises(EncoderError, match=r"labels returned an array of shape \(2, 3\) for 2 passages, [^\n]*\.$"):
        classifier.score(QUESTION, PASSAGES[:2])


class Answering:
    """Stands in for a CrossEncoder that returns ``scores`` for whatever it is given."""

    def __init__(self, scores: ArrayLike | Exception) -> None:
        self.scores = scores

    def predict(self, _: Sequence[tuple[str, str]], **__: object) -> ArrayLike:
        if isinstance(self.scores, Exception):
            raise self.scores
        return self.scores


@pytest.mark.parametrize("scores", [[np.nan, 1.0], [np.inf, 1.0], [1.0], 1.0, RuntimeError("out of memory")])
def test_what_is_not_one_finite_score_a_passage_is_an_encoder_error(
    folder: Path, scores: ArrayLike | Exception
) -> None:
    odd = PairReranker(folder, name="odd")
    odd._model = Answering(scores)  # type: ignore[assignment]
    with pytest.raises(EncoderError, match=r"^The model odd [^\n]*--reranker[^\n]*\.$"):
        odd.score("x", ["y", "z"])
