"""Owns the training loop of every stage: clock, learning rate, checkpoints, the curve."""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import torch
from transformers import PreTrainedModel

from embeddings.training.vectors import input_table, load_model

_log = logging.getLogger(__name__)

Figures = Callable[[PreTrainedModel], dict[str, float]]


@dataclass(frozen=True, slots=True)
class LoopSettings:
    """What the stages have in common."""

    minutes: float
    """Wall-clock time of the whole stage; the learning rate falls to nothing at its end."""
    learning_rate: float
    embedding_factor: float = 3.0
    warmup: float = 0.02
    checkpoint_minutes: float = 5.0
    weight_decay: float = 0.01
    max_norm: float = 1.0


@dataclass(frozen=True, slots=True)
class Position:
    """How far a stage has come."""

    seconds: float = 0.0
    step: int = 0


def learning_factor(progress: float, warmup: float) -> float:
    """Rise linearly over the first `warmup` of the stage, then fall linearly to zero."""
    if progress < warmup:
        return max(progress / warmup, 0.01)
    return max(1.0 - (progress - warmup) / (1.0 - warmup), 0.0)


class Stage:
    """A stage's model, optimiser and position, and where they are kept."""

    def __init__(self, start: Path, folder: Path, settings: LoopSettings) -> None:
        """Resume from the folder's checkpoint if it has one, else start from `start`."""
        self.settings = settings
        self.folder = folder
        self.position = Position()
        resumed = (folder / "state.json").exists()
        self.model = load_model(folder if resumed else start)
        # Without dropout the student can reach the teacher's vectors exactly, and is faster.
        for module in self.model.modules():
            if isinstance(module, torch.nn.Dropout):
                module.p = 0.0
        self.model.train()
        self.optimizer = _optimizer(self.model, settings)
        if resumed:
            state = json.loads((folder / "state.json").read_text(encoding="utf-8"))
            self.position = Position(state["seconds"], state["step"])
            self.optimizer.load_state_dict(torch.load(folder / "optimizer.pt", weights_only=True))
            _log.info("resumed at step %d", self.position.step)

    def run(self, losses: Iterator[torch.Tensor], figures: Figures) -> None:
        """Take steps until the time is up; save and evaluate every few minutes."""
        begun = time.monotonic() - self.position.seconds
        saved, mean, total = self.position.seconds, 0.0, self.settings.minutes * 60
        while (seconds := time.monotonic() - begun) < total:
            self._set_learning_rate(seconds / total)
            loss = next(losses)
            self._step(loss)
            value = float(loss.detach())
            mean = value if mean == 0.0 else 0.98 * mean + 0.02 * value
            self.position = Position(seconds, self.position.step + 1)
            if self.position.step % 25 == 0:
                _log.info("step %d, %.1f min: %.4f", self.position.step, seconds / 60, mean)
            if seconds - saved >= self.settings.checkpoint_minutes * 60:
                self._save(mean, figures)
                saved = seconds
        self._save(mean, figures)

    def _set_learning_rate(self, progress: float) -> None:
        factor = learning_factor(progress, self.settings.warmup)
        for group in self.optimizer.param_groups:
            group["lr"] = group["peak"] * factor

    def _step(self, loss: torch.Tensor) -> None:
        self.optimizer.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(self.model.parameters(), self.settings.max_norm)
        self.optimizer.step()

    def _save(self, loss: float, figures: Figures) -> None:
        self.model.save_pretrained(self.folder)
        torch.save(self.optimizer.state_dict(), self.folder / "optimizer.pt")
        state = {"seconds": self.position.seconds, "step": self.position.step}
        (self.folder / "state.json").write_text(json.dumps(state), encoding="utf-8")
        measured = figures(self.model)
        minutes = self.position.seconds / 60
        line = [f"{minutes:.1f}", str(self.position.step), f"{loss:.4f}"]
        line += [f"{name}={value:.4f}" for name, value in measured.items()]
        with (self.folder / "curve.tsv").open("a", encoding="utf-8") as curve:
            curve.write("\t".join(line) + "\n")
        _log.info("%s", " ".join(line))


def _optimizer(model: PreTrainedModel, settings: LoopSettings) -> torch.optim.AdamW:
    table = input_table(model)
    others = [weight for weight in model.parameters() if weight is not table]
    rate = settings.learning_rate
    groups = [
        {"params": others, "peak": rate},
        {"params": [table], "peak": rate * settings.embedding_factor, "weight_decay": 0.0},
    ]
    return torch.optim.AdamW(groups, lr=rate, weight_decay=settings.weight_decay, fused=True)
