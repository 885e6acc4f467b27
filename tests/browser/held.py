"""A chat whose indexing can be held up: ``python held.py HOLD FOLDER…``.

As long as the file HOLD exists, no passage of an article is encoded; questions are. What a page shows of an index that
is being built can then be looked at in peace.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Sequence
from pathlib import Path

from rag.chat import serve
from rag.courtesy import CourteousEncoder
from rag.embedding import Embedding, Spans

_embed = CourteousEncoder.embed


def hold_up(hold: Path) -> None:
    """Let the encoder wait for ``hold`` to go."""

    def embed(encoder: CourteousEncoder, texts: Sequence[str], sentences: Sequence[Spans]) -> list[Embedding]:
        while hold.exists():
            time.sleep(0.02)
        return _embed(encoder, texts, sentences)

    CourteousEncoder.embed = embed


if __name__ == "__main__":
    hold_up(Path(sys.argv[1]))
    serve([Path(name) for name in sys.argv[2:]], model="hashing")
