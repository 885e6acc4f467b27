"""Haystack: an indexing and a query pipeline over its InMemoryDocumentStore. Nothing else is known here."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.peers.child import main
from benchmarks.peers.protocol import Corpus, Vectors

_FILE = "documents.json"


class Haystack:
    """Documents whose ids are hashes of their content, so that the store can tell which it holds already."""

    def load(self, model: str | None) -> None:
        from haystack import Document, Pipeline
        from haystack.components.retrievers.in_memory import InMemoryEmbeddingRetriever
        from haystack.components.writers import DocumentWriter
        from haystack.document_stores.in_memory import InMemoryDocumentStore

        self._document, self._pipeline, self._writer = Document, Pipeline, DocumentWriter
        self._retriever_type, self._store_type = InMemoryEmbeddingRetriever, InMemoryDocumentStore
        if model is not None:
            from haystack.utils import ComponentDevice
            from haystack_integrations.components.embedders import sentence_transformers

            # Two components that share one model, which they know by its settings.
            self._embedders = sentence_transformers
            self._settings = {"model": model, "device": ComponentDevice.from_str("cpu"), "progress_bar": False}
            self._embedder = self._text_embedder()
            self._embedder.warm_up()

    def build(self, corpus: Corpus, index: Path) -> None:
        store = self._store_type()
        self._write(store, self._documents(corpus))
        store.save_to_disk(str(index / _FILE))

    def renew(self, corpus: Corpus, index: Path) -> None:
        store = self._store_type.load_from_disk(str(index / _FILE))
        now = {one.id: one for one in self._documents(corpus)}
        held = {one.id for one in store.filter_documents()}
        store.delete_documents(sorted(held - now.keys()))
        if new := [one for name, one in now.items() if name not in held]:
            self._write(store, new)
        store.save_to_disk(str(index / _FILE))

    def open(self, corpus: Corpus, index: Path) -> None:
        store = self._store_type.load_from_disk(str(index / _FILE))
        self._retriever = self._retriever_type(document_store=store)
        self._query = self._pipeline()
        self._query.add_component("embedder", self._text_embedder())
        self._query.add_component("retriever", self._retriever_type(document_store=store))
        self._query.connect("embedder.embedding", "retriever.query_embedding")

    def encode(self, question: str) -> Vectors:
        return np.array(self._embedder.run(text=question)["embedding"], dtype=np.float32)

    def ask(self, question: str, k: int) -> list[str]:
        found = self._query.run({"embedder": {"text": question}, "retriever": {"top_k": k}})
        return [one.meta["key"] for one in found["retriever"]["documents"]]

    def nearest(self, vector: Vectors, k: int) -> list[str]:
        found = self._retriever.run(query_embedding=vector.tolist(), top_k=k)
        return [one.meta["key"] for one in found["documents"]]

    def take(self, corpus: Corpus, vectors: Vectors, index: Path) -> None:
        store = self._store_type()
        store.write_documents(
            [
                self._document(content=one.text, meta={"key": one.key}, embedding=vector.tolist())
                for one, vector in zip(corpus.passages, vectors, strict=True)
            ]
        )
        store.save_to_disk(str(index / _FILE))
        self._retriever = self._retriever_type(document_store=store)

    def _text_embedder(self) -> Any:  # noqa: ANN401
        return self._embedders.SentenceTransformersTextEmbedder(**self._settings)

    def _documents(self, corpus: Corpus) -> list[Any]:
        return [self._document(content=one.text, meta={"key": one.key}) for one in corpus.passages]

    def _write(self, store: Any, documents: list[Any]) -> None:  # noqa: ANN401
        pipeline = self._pipeline()
        pipeline.add_component("embedder", self._embedders.SentenceTransformersDocumentEmbedder(**self._settings))
        pipeline.add_component("writer", self._writer(document_store=store))
        pipeline.connect("embedder", "writer")
        pipeline.run({"embedder": {"documents": documents}})


if __name__ == "__main__":
    main(Haystack())
