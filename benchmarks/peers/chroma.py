"""Chroma: a collection of a persistent client with an embedding function. Nothing else is known here."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.peers.child import main
from benchmarks.peers.protocol import Corpus, Passage, Vectors


class Chroma:
    """A collection; ``upsert`` replaces what has changed."""

    def load(self, model: str | None) -> None:
        import chromadb

        self._chromadb = chromadb
        self._model: Any = None
        if model is not None:
            from chromadb.utils.embedding_functions import SentenceTransformerEmbeddingFunction

            self._model = SentenceTransformerEmbeddingFunction(model_name=model, device="cpu")

    def build(self, corpus: Corpus, index: Path) -> None:
        collection = self._collection(index)
        for some in self._batches(corpus.passages):
            collection.add(ids=[one.key for one in some], documents=[one.text for one in some])

    def renew(self, corpus: Corpus, index: Path) -> None:
        # It does not find out what has changed: told, it takes that; else all is handed over once more.
        collection = self._collection(index)
        for some in self._batches(corpus.changed or corpus.passages):
            collection.upsert(ids=[one.key for one in some], documents=[one.text for one in some])

    def open(self, corpus: Corpus, index: Path) -> None:
        self._opened = self._collection(index)

    def encode(self, question: str) -> Vectors:
        return np.array(self._model([question])[0], dtype=np.float32)

    def ask(self, question: str, k: int) -> list[str]:
        found: list[str] = self._opened.query(query_texts=[question], n_results=k)["ids"][0]
        return found

    def nearest(self, vector: Vectors, k: int) -> list[str]:
        found: list[str] = self._opened.query(query_embeddings=[vector], n_results=k)["ids"][0]
        return found

    def take(self, corpus: Corpus, vectors: Vectors, index: Path) -> None:
        self._opened = self._collection(index)
        given = dict(zip((one.key for one in corpus.passages), vectors, strict=True))
        for some in self._batches(corpus.passages):
            keys = [one.key for one in some]
            self._opened.add(
                ids=keys, documents=[one.text for one in some], embeddings=np.array([given[key] for key in keys])
            )

    def _collection(self, index: Path) -> Any:  # noqa: ANN401
        self._client = self._chromadb.PersistentClient(
            path=str(index), settings=self._chromadb.Settings(anonymized_telemetry=False)
        )
        return self._client.get_or_create_collection("passages", embedding_function=self._model)

    def _batches(self, passages: tuple[Passage, ...]) -> list[tuple[Passage, ...]]:
        most = self._client.get_max_batch_size()
        return [passages[start : start + most] for start in range(0, len(passages), most)]


if __name__ == "__main__":
    main(Chroma())
