"""Owns the copy of a finished model in numbers of 8 bits, which OpenVINO computes several times as fast."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from pathlib import Path

import nncf
import openvino
import torch
from transformers import AutoModel, PreTrainedModel

from embeddings.training.vectors import load_tokenizer, pad, tokenize
from rag.eightbit import FILE

_log = logging.getLogger(__name__)


class _Pieces(torch.nn.Module):
    """A transformer that takes and gives nothing but what its copy has to."""

    def __init__(self, inner: PreTrainedModel) -> None:
        super().__init__()
        self.inner = inner

    def forward(self, input_ids: torch.Tensor, attention_mask: torch.Tensor) -> torch.Tensor:
        states: torch.Tensor = self.inner(input_ids=input_ids, attention_mask=attention_mask).last_hidden_state
        return states


def quantise(folder: Path, texts: Sequence[str]) -> None:
    """Write beside the weights in ``folder`` their copy; the ranges of its numbers are learnt from training ``texts``.

    Wide ranges of the pieces are first moved into the weights (Xiao et al. 2022, "SmoothQuant", arXiv:2211.10438), as
    nncf does by itself for transformers: without it XQuAD EN→DE lost 0.004.
    """
    rows = tokenize(load_tokenizer(folder / "tokenizer.json"), texts)
    taken = [{"input_ids": one.ids.numpy(), "attention_mask": one.mask.numpy()} for one in (pad([row]) for row in rows)]
    pieces = _Pieces(AutoModel.from_pretrained(folder, dtype=torch.float32).eval())
    example = pad(rows[:2])
    whole = openvino.convert_model(pieces, example_input={"input_ids": example.ids, "attention_mask": example.mask})
    kind = nncf.ModelType.TRANSFORMER
    copy = nncf.quantize(whole, nncf.Dataset(taken), model_type=kind, subset_size=len(taken))
    openvino.save_model(copy, folder / FILE)
    _log.info("%s: %.1f MB", folder / FILE, (folder / FILE).with_suffix(".bin").stat().st_size / 1e6)
