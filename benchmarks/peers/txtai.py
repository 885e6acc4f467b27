"""txtai: an Embeddings database with its content, as its own documentation opens with. Nothing else is known here."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.peers.child import main
from benchmarks.peers.protocol import Corpus, Vectors


class Txtai:
    """Embeddings with ``content``, saved to and loaded from a folder; ``upsert`` replaces what has changed."""

    def load(self, model: str | None) -> None:
        from txtai import Embeddings

        self._type = Embeddings
        # Shared, so that an index that is loaded takes the model that is there.
        self._models: dict[str, Any] = {}
        if model is not None:
            # txtai's own reading of a model stops after pooling; this one has a layer behind it.
            self._config = {"path": model, "method": "sentence-transformers", "content": True}
            self._embeddings = Embeddings(self._config, self._models)

    def build(self, corpus: Corpus, index: Path) -> None:
        self._embeddings = self._type(self._config, self._models)
        self._embeddings.index((one.key, one.text) for one in corpus.passages)
        self._embeddings.save(str(index))

    def renew(self, corpus: Corpus, index: Path) -> None:
        # It does not find out what has changed: told, it takes that; else all is handed over once more.
        self.open(corpus, index)
        self._embeddings.upsert((one.key, one.text) for one in corpus.changed or corpus.passages)
        self._embeddings.save(str(index))

    def open(self, corpus: Corpus, index: Path) -> None:
        self._embeddings = self._type(models=self._models)
        self._embeddings.load(str(index))

    def encode(self, question: str) -> Vectors:
        return np.asarray(self._embeddings.batchtransform([question], "query")[0], dtype=np.float32)

    def ask(self, question: str, k: int) -> list[str]:
        return [row["id"] for row in self._embeddings.search(question, k)]

    def nearest(self, vector: Vectors, k: int) -> list[str]:
        # A question that is an SQL query may be given its vector as a parameter.
        rows = self._embeddings.search(
            "SELECT id, score FROM txtai WHERE similar(:vector)", limit=k, parameters={"vector": vector}
        )
        return [row["id"] for row in rows]

    def take(self, corpus: Corpus, vectors: Vectors, index: Path) -> None:
        given = {one.text: vector for one, vector in zip(corpus.passages, vectors, strict=True)}

        def transform(texts: list[str]) -> Vectors:
            return np.array([given[text] for text in texts])

        self._embeddings = self._type(method="external", transform=transform, content=True)
        self._embeddings.index((one.key, one.text) for one in corpus.passages)
        self._embeddings.save(str(index))


if __name__ == "__main__":
    main(Txtai())
