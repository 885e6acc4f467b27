"""Owns encoding during training: even token batches, mean pooling, the teacher's vectors."""

from __future__ import annotations

import logging
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from tokenizers import Tokenizer
from transformers import AutoModel, PreTrainedModel

_log = logging.getLogger(__name__)

MAX_TOKENS = 256
TOKENS_PER_BATCH = 6_000


@dataclass(frozen=True, slots=True)
class TokenBatch:
    """Padded token numbers and their mask, both int64 of shape (texts, longest)."""

    ids: torch.Tensor
    mask: torch.Tensor


def load_tokenizer(path: Path) -> Tokenizer:
    """Load a tokenizer.json, cutting texts at MAX_TOKENS and leaving padding to `pad`."""
    tokenizer: Tokenizer = Tokenizer.from_file(str(path))
    tokenizer.enable_truncation(MAX_TOKENS)
    tokenizer.no_padding()
    return tokenizer


def tokenize(tokenizer: Tokenizer, texts: Sequence[str]) -> list[NDArray[np.int32]]:
    """Return each text's token numbers (int32), [CLS] and [SEP] included."""
    encoded = tokenizer.encode_batch_fast(list(texts))
    return [np.asarray(encoding.ids, dtype=np.int32) for encoding in encoded]


def pad(rows: Sequence[NDArray[np.int32]]) -> TokenBatch:
    """Pad with zeros ([PAD]) to the longest row."""
    longest = max(len(row) for row in rows)
    ids = np.zeros((len(rows), longest), dtype=np.int64)
    mask = np.zeros((len(rows), longest), dtype=np.int64)
    for index, row in enumerate(rows):
        ids[index, : len(row)] = row
        mask[index, : len(row)] = 1
    return TokenBatch(torch.from_numpy(ids), torch.from_numpy(mask))


def batches_by_length(lengths: Sequence[int], tokens: int, rng: random.Random | None) -> Iterator[list[int]]:
    """Yield row numbers in batches of about `tokens` padded tokens; `rng` shuffles them.

    Rows are shuffled, cut into windows and sorted by length within a window, so that a batch
    has little padding and still mixes sources.
    """
    order = list(range(len(lengths)))
    if rng is None:
        window = len(order)
    else:
        rng.shuffle(order)
        window = 20_000
    for start in range(0, len(order), window):
        rows = sorted(order[start : start + window], key=lambda row: lengths[row])
        cut: list[list[int]] = [[]]
        for row in rows:
            if cut[-1] and (len(cut[-1]) + 1) * lengths[row] > tokens:
                cut.append([])
            cut[-1].append(row)
        if rng is not None:
            rng.shuffle(cut)
        yield from (batch for batch in cut if batch)


def embed(model: PreTrainedModel, batch: TokenBatch) -> torch.Tensor:
    """Return mean-pooled unit vectors, float32 of shape (texts, dimensions), in bf16 arithmetic."""
    with torch.autocast("cpu", dtype=torch.bfloat16):
        states = model(input_ids=batch.ids, attention_mask=batch.mask).last_hidden_state
    mask = batch.mask.unsqueeze(-1).float()
    mean = (states.float() * mask).sum(dim=1) / mask.sum(dim=1)
    return torch.nn.functional.normalize(mean, dim=-1)


def encode(model: PreTrainedModel, rows: Sequence[NDArray[np.int32]], progress: str = "") -> NDArray[np.float32]:
    """Return the unit vectors of tokenised texts, float32 of shape (texts, dimensions)."""
    vectors = np.empty((len(rows), model.config.hidden_size), dtype=np.float32)
    done = 0
    training = model.training
    model.eval()
    with torch.no_grad():
        for batch in batches_by_length([len(row) for row in rows], TOKENS_PER_BATCH, None):
            vectors[batch] = embed(model, pad([rows[row] for row in batch])).numpy()
            if progress and done // 20_000 < (done + len(batch)) // 20_000:
                _log.info("%s: %d of %d", progress, done + len(batch), len(rows))
            done += len(batch)
    model.train(training)
    return vectors


def load_model(folder: Path) -> PreTrainedModel:
    """Load a transformer in float32 whatever precision it was saved in."""
    model: PreTrainedModel = AutoModel.from_pretrained(folder, dtype=torch.float32)
    return model


def input_table(model: PreTrainedModel) -> torch.nn.Parameter:
    """Return the input embeddings, a float32 parameter of shape (pieces, dimensions)."""
    table = model.get_input_embeddings().weight
    if not isinstance(table, torch.nn.Parameter):
        raise TypeError("the model has no table of input embeddings")
    return table


def teacher_vectors(teacher: Path, texts: Sequence[str], out: Path) -> NDArray[np.float16]:
    """Encode the distinct texts once; store and return one vector a text, float16 (texts, 384)."""
    if out.exists():
        stored: NDArray[np.float16] = np.load(out)
        if len(stored) == len(texts):
            return stored
    distinct = {text: row for row, text in enumerate(dict.fromkeys(texts))}
    tokens = tokenize(load_tokenizer(teacher / "tokenizer.json"), list(distinct))
    encoded = encode(load_model(teacher), tokens, progress=out.stem).astype(np.float16)
    vectors: NDArray[np.float16] = encoded[[distinct[text] for text in texts]]
    np.save(out, vectors)
    return vectors
