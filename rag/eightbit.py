"""A transformer that OpenVINO computes in numbers of 8 bits. Owns OpenVINO; who may use it is decided above.

sentence-transformers runs OpenVINO by itself only with optimum-intel, which keeps transformers back (version 2.2 below
5.6). So the model is loaded as ever, and its transformer alone is put aside for another that answers the same call.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import torch
    from sentence_transformers import SentenceTransformer

#: Where sentence-transformers keeps such a copy of a model, and what it calls it.
FILE = Path("openvino", "openvino_model_qint8_quantized.xml")

# Texts are made as long as the next multiple of so many pieces: for each length that it has not seen OpenVINO prepares
# itself, which takes 8 ms where a question takes 1, and 6 MB that it keeps.
_STEP = 16
_TELLING = "openvino_telemetry"


def serves(folder: Path) -> bool:
    """Say whether the model in ``folder`` has such a copy, OpenVINO is installed, and the processor is fit for it."""
    if not (folder / FILE).is_file():
        return False
    try:
        openvino = _openvino()
    except ImportError:
        return False
    return "INT8" in openvino.Core().get_property("CPU", "OPTIMIZATION_CAPABILITIES")


def put_in(model: SentenceTransformer, folder: Path) -> None:
    """Let OpenVINO compute from now on what torch computed as the transformer of ``model``, from its ``folder``."""
    openvino = _openvino()
    first: Any = model[0]
    config = first.model.config
    # torch's own goes before the other comes, so that both are never held at once.
    del first.model
    compiled = openvino.Core().compile_model(folder / FILE, "CPU", {"PERFORMANCE_HINT": "LATENCY"})
    first.model = _Transformer(compiled, config)


def _openvino() -> Any:  # noqa: ANN401 - OpenVINO ships no types
    """Import OpenVINO without the package through which it tells its makers of every import, over the network."""
    kept = {name: module for name, module in sys.modules.items() if name.split(".")[0] == _TELLING}
    # An import of what is None fails, and OpenVINO then goes on without.
    sys.modules[_TELLING] = None  # type: ignore[assignment]
    try:
        import openvino
    finally:
        del sys.modules[_TELLING]
        sys.modules.update(kept)
    return openvino


class _Transformer:
    """Takes the place of a transformer of torch."""

    def __init__(self, compiled: Any, config: object) -> None:  # noqa: ANN401 - openvino.CompiledModel
        self.config = config
        self._compiled = compiled

    def forward(
        self, input_ids: torch.Tensor, attention_mask: torch.Tensor, **_unused: object
    ) -> dict[str, torch.Tensor]:
        """Return what comes of a batch of texts, (n, t) int64 both: the pieces (n, t, w) float32."""
        import torch

        length = input_ids.shape[1]
        more = -length % _STEP
        taken = {"input_ids": input_ids, "attention_mask": attention_mask}
        made = self._compiled({name: torch.nn.functional.pad(one, (0, more)).numpy() for name, one in taken.items()})
        return {"last_hidden_state": torch.from_numpy(made[0])[:, :length]}
