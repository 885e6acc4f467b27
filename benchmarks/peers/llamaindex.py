"""LlamaIndex: a VectorStoreIndex over FAISS, persisted and loaded again. Nothing else is known here."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.peers.child import main
from benchmarks.peers.protocol import Corpus, Vectors


class LlamaIndex:
    """Documents, each of which makes one node; ``refresh_ref_docs`` finds out which are new or changed."""

    def load(self, model: str | None) -> None:
        import faiss
        from llama_index import core
        from llama_index.core.schema import TextNode
        from llama_index.vector_stores.faiss import FaissVectorStore

        self._retriever: Any = None
        self._faiss, self._core, self._node, self._store = faiss, core, TextNode, FaissVectorStore
        if model is not None:
            from llama_index.embeddings.huggingface import HuggingFaceEmbedding

            self._model = HuggingFaceEmbedding(model_name=model, device="cpu")

    def build(self, corpus: Corpus, index: Path) -> None:
        context = self._empty(len(self._model.get_text_embedding("?")))
        self._index = self._core.VectorStoreIndex.from_documents(
            self._documents(corpus), storage_context=context, embed_model=self._model
        )
        self._index.storage_context.persist(str(index))

    def renew(self, corpus: Corpus, index: Path) -> None:
        self.open(corpus, index)
        try:
            self._index.refresh_ref_docs(self._documents(corpus))
            self._index.storage_context.persist(str(index))
        except NotImplementedError:
            # Its FAISS store cannot delete. (Another one, FaissMapVectorStore, can, and then gives new vectors the
            # numbers of others, whose passages are found no more.)
            shutil.rmtree(index)
            self.build(corpus, index)

    def open(self, corpus: Corpus, index: Path) -> None:
        context = self._core.StorageContext.from_defaults(
            vector_store=self._store.from_persist_dir(str(index)), persist_dir=str(index)
        )
        self._index = self._core.load_index_from_storage(context, embed_model=self._model)
        self._retriever = None

    def encode(self, question: str) -> Vectors:
        return np.array(self._model.get_query_embedding(question), dtype=np.float32)

    def ask(self, question: str, k: int) -> list[str]:
        return self._retrieved(question, k)

    def nearest(self, vector: Vectors, k: int) -> list[str]:
        return self._retrieved(self._core.QueryBundle(query_str="?", embedding=vector.tolist()), k)

    def take(self, corpus: Corpus, vectors: Vectors, index: Path) -> None:
        nodes = [
            self._node(id_=one.key, text=one.text, embedding=vector.tolist())
            for one, vector in zip(corpus.passages, vectors, strict=True)
        ]
        dimension = vectors.shape[1]
        self._index = self._core.VectorStoreIndex(
            nodes, storage_context=self._empty(dimension), embed_model=self._core.MockEmbedding(dimension)
        )
        self._index.storage_context.persist(str(index))
        self._retriever = None

    def _empty(self, dimension: int) -> Any:  # noqa: ANN401
        store = self._store(faiss_index=self._faiss.IndexFlatIP(dimension))
        return self._core.StorageContext.from_defaults(vector_store=store)

    def _documents(self, corpus: Corpus) -> list[Any]:
        return [self._core.Document(text=one.text, id_=one.key) for one in corpus.passages]

    def _retrieved(self, question: Any, k: int) -> list[str]:  # noqa: ANN401
        if self._retriever is None:
            self._retriever = self._index.as_retriever(similarity_top_k=k)
        return [found.node.ref_doc_id or found.node.node_id for found in self._retriever.retrieve(question)]


if __name__ == "__main__":
    main(LlamaIndex())
