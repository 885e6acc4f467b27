"""A chat whose indexing can be held up: ``python held.py HOLD FOLDER…``.

As long as the file HOLD exists, no passage of an article is encoded; questions are. What a page shows of an index that
is being built can then be looked at in peace.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from rag.chat import serve
from rag.courtesy import CourteousEncoder

_encode = CourteousEncoder.encode_passages


def hold_up(hold: Path) -> None:
    """Let the encoder wait for ``hold`` to go."""

    def encode_passages(encoder: CourteousEncoder, texts: Sequence[str]) -> NDArray[np.float32]:
        while hold.exists():
            time.sleep(0.02)
        return _encode(encoder, texts)

    CourteousEncoder.encode_passages = encode_passages


if __name__ == "__main__":
    hold_up(Path(sys.argv[1]))
    serve([Path(name) for name in sys.argv[2:]], model="hashing")
