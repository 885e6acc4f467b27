"""LangChain: its FAISS vector store, kept up to date by its indexing API. Nothing else is known here."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.peers.child import main
from benchmarks.peers.protocol import Corpus, Vectors


class LangChain:
    """Documents in FAISS, and a record manager that knows which of them were indexed."""

    def load(self, model: str | None) -> None:
        import faiss
        from langchain_classic.indexes import SQLRecordManager
        from langchain_community.docstore.in_memory import InMemoryDocstore
        from langchain_community.vectorstores import FAISS
        from langchain_core.documents import Document
        from langchain_core.embeddings import FakeEmbeddings
        from langchain_core.indexing import index

        self._faiss, self._docstore, self._store_type = faiss, InMemoryDocstore, FAISS
        self._records, self._document, self._indexing = SQLRecordManager, Document, index
        self._fake = FakeEmbeddings
        if model is not None:
            from langchain_huggingface import HuggingFaceEmbeddings

            self._model = HuggingFaceEmbeddings(model_name=model, model_kwargs={"device": "cpu"})

    def build(self, corpus: Corpus, index: Path) -> None:
        store = self._store_type(
            embedding_function=self._model,
            index=self._faiss.IndexFlatL2(len(self._model.embed_query("?"))),
            docstore=self._docstore(),
            index_to_docstore_id={},
        )
        self._manager(index).create_schema()
        self._bring_up_to_date(store, corpus, index)

    def renew(self, corpus: Corpus, index: Path) -> None:
        self.open(corpus, index)
        self._bring_up_to_date(self._store, corpus, index)

    def open(self, corpus: Corpus, index: Path) -> None:
        # What it stores of its documents is a pickle; this one was written a moment ago.
        self._store = self._store_type.load_local(str(index), self._model, allow_dangerous_deserialization=True)

    def encode(self, question: str) -> Vectors:
        return np.array(self._model.embed_query(question), dtype=np.float32)

    def ask(self, question: str, k: int) -> list[str]:
        return [one.metadata["source"] for one in self._store.similarity_search(question, k=k)]

    def nearest(self, vector: Vectors, k: int) -> list[str]:
        found = self._store.similarity_search_by_vector(vector.tolist(), k=k)
        return [one.metadata["source"] for one in found]

    def take(self, corpus: Corpus, vectors: Vectors, index: Path) -> None:
        self._store = self._store_type.from_embeddings(
            [(one.text, vector.tolist()) for one, vector in zip(corpus.passages, vectors, strict=True)],
            self._fake(size=vectors.shape[1]),
            metadatas=[{"source": one.key} for one in corpus.passages],
        )
        self._store.save_local(str(index))

    def _manager(self, index: Path) -> Any:  # noqa: ANN401
        return self._records("passages", db_url=f"sqlite:///{index / 'records.sqlite3'}")

    def _bring_up_to_date(self, store: Any, corpus: Corpus, index: Path) -> None:  # noqa: ANN401
        documents = [self._document(page_content=one.text, metadata={"source": one.key}) for one in corpus.passages]
        self._indexing(
            documents, self._manager(index), store, cleanup="full", source_id_key="source", key_encoder="sha256"
        )
        store.save_local(str(index))


if __name__ == "__main__":
    main(LangChain())
