"""Owns the finished folder: a plain sentence-transformers model in half precision."""

from __future__ import annotations

import json
import logging
import shutil
from collections.abc import Sequence
from pathlib import Path

import torch
from sentence_transformers import SentenceTransformer
from sentence_transformers.base.modules import Normalize, Transformer
from sentence_transformers.sentence_transformer.modules import Dense, Pooling
from transformers import PreTrainedTokenizerFast

from embeddings.training.vectors import MAX_TOKENS, encode, load_model, load_tokenizer, tokenize
from embeddings.training.whitening import whitening

_log = logging.getLogger(__name__)

SPECIAL_TOKENS = {
    "pad_token": "[PAD]",
    "unk_token": "[UNK]",
    "cls_token": "[CLS]",
    "sep_token": "[SEP]",
    "mask_token": "[MASK]",
}


def export(checkpoint: Path, tokenizer: Path, texts: Sequence[str], out: Path) -> None:
    """Write transformer, tokenizer, mean pooling, whitening learnt from training ``texts``, and normalisation.

    The folder's README stays as it is.
    """
    card = (out / "README.md").read_text(encoding="utf-8") if (out / "README.md").exists() else ""
    scratch = out.with_name(out.name + "-parts")
    trained = load_model(checkpoint)
    matrix = whitening(encode(trained, tokenize(load_tokenizer(tokenizer), texts)))
    trained.half().save_pretrained(scratch)
    wrapped = PreTrainedTokenizerFast(tokenizer_file=str(tokenizer), model_max_length=MAX_TOKENS, **SPECIAL_TOKENS)
    wrapped.save_pretrained(scratch)
    transformer = Transformer(str(scratch), max_seq_length=MAX_TOKENS)
    pooling = Pooling(transformer.get_embedding_dimension(), pooling_mode="mean")
    size = len(matrix)
    dense = Dense(size, size, bias=False, activation_function=torch.nn.Identity(), init_weight=torch.from_numpy(matrix))
    model = SentenceTransformer(modules=[transformer, pooling, dense, Normalize()], device="cpu")
    model.half().save(str(out), create_model_card=False)
    shutil.rmtree(scratch)
    for weights in out.rglob("*.safetensors"):
        weights.chmod(0o644)
    _declare_float32(out / "config.json")
    _declare_tokenizer(out / "tokenizer_config.json")
    (out / "README.md").write_text(card, encoding="utf-8")
    _log.info("%s: %.1f MB", out, sum(path.stat().st_size for path in out.rglob("*")) / 1e6)


def _declare_float32(path: Path) -> None:
    # The weights are stored in half precision, but computing in it is very slow on a CPU.
    # A loader without wishes of its own takes the precision named in the configuration.
    config = json.loads(path.read_text(encoding="utf-8"))
    config.pop("torch_dtype", None)
    config["dtype"] = "float32"
    path.write_text(json.dumps(config, indent=2) + "\n", encoding="utf-8")


def _declare_tokenizer(path: Path) -> None:
    # The generic class takes tokenizer.json as it is; BertTokenizer would rebuild the normaliser
    # and strip the umlauts.
    config = json.loads(path.read_text(encoding="utf-8"))
    config["tokenizer_class"] = "PreTrainedTokenizerFast"
    path.write_text(json.dumps(config, indent=2) + "\n", encoding="utf-8")
