"""Fundstelle itself, measured as its peers are. It reads the articles' files, which they are spared."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path

import numpy as np

from benchmarks.peers import protocol
from benchmarks.peers.child import main
from benchmarks.peers.protocol import Corpus, Vectors
from rag import paths, retrieval
from rag.embedding import Embedding, Spans, no_pieces, one_by_one
from rag.encoder import Encoder, load_encoder
from rag.engine import Engine
from rag.indexing import load_vectors
from rag.passages import PassageStore
from rag.records import Passage
from rag.retrieval import Generation, Query, Tools
from rag.settings import DEFAULTS
from rag.splitting import embedding_text
from rag.translations import Translations
from rag.vectors import VectorIndex


class GivenVectors:
    """An encoder that looks up what it was given; a text it was not given has a direction of its own."""

    name = "given"
    fingerprint = hashlib.sha256(b"given").hexdigest()

    def __init__(self, texts: Sequence[str], vectors: Vectors) -> None:
        self.dimension = vectors.shape[1]
        self._rows = dict(zip(texts, vectors, strict=True))

    def embed(self, texts: Sequence[str], sentences: Sequence[Spans]) -> list[Embedding]:
        return one_by_one(self.encode_queries, texts, sentences)

    def encode_queries(self, texts: Sequence[str]) -> Vectors:
        rows = [self._rows[text] if text in self._rows else direction(text, self.dimension) for text in texts]
        return np.array(rows, dtype=np.float32).reshape(-1, self.dimension)

    def query_pieces(self, text: str) -> Vectors:
        return no_pieces()


class Ours:
    """An engine, and under it one generation of its index for searches that leave the encoder out."""

    def __init__(self) -> None:
        self._pieces: dict[str, Vectors] = {}

    def load(self, model: str | None) -> None:
        if model is not None:
            self._encoder = load_encoder(None if Path(model) == paths.shipped_model() else model)

    def build(self, corpus: Corpus, index: Path) -> None:
        Engine(corpus.articles, PassageStore(index), self._encoder).update()

    def renew(self, corpus: Corpus, index: Path) -> None:
        self.build(corpus, index)

    def open(self, corpus: Corpus, index: Path) -> None:
        self._ready(corpus, index, self._encoder)

    def encode(self, question: str) -> Vectors:
        query = retrieval.prepare(question, self._encoder)
        self._pieces[question] = query.pieces
        return query.vector

    def ask(self, question: str, k: int) -> list[str]:
        return [key(hit.passage) for hit in self._engine.retrieve(question, k)]

    def search(self, question: str, vector: Vectors, k: int) -> list[str]:
        """Return the ``k`` best by words, vectors and, where the question was encoded here, word pieces."""
        query = Query(question, vector, self._pieces.get(question, no_pieces()))
        with self._store.snapshot() as snapshot:
            hits = retrieval.search(query, Generation(snapshot, self._vectors), self._tools, k)
        return [key(hit.passage) for hit in hits]

    def nearest(self, vector: Vectors, k: int) -> list[str]:
        ids, _ = self._vectors.search(vector, k)
        with self._store.snapshot() as snapshot:
            return [key(passage) for passage in snapshot.passages([int(one) for one in ids])]

    def take(self, corpus: Corpus, vectors: Vectors, index: Path) -> None:
        folder = corpus.articles.parent
        sentences = protocol.read_passages(folder / "sentences.jsonl")
        texts = [*(one.text for one in sentences), *(one.text for one in corpus.passages)]
        given = GivenVectors(texts, np.concatenate([np.load(folder / "sentences.npy"), vectors]))
        self._ready(corpus, index, given)

    def _ready(self, corpus: Corpus, index: Path, encoder: Encoder) -> None:
        self._store = PassageStore(index)
        self._engine = Engine(corpus.articles, self._store, encoder)
        self._engine.update()
        self._tools = Tools(encoder, Translations(), DEFAULTS)

    @cached_property
    def _vectors(self) -> VectorIndex:
        # Not before it is asked for: the engine holds its own, and what a process holds is measured.
        with self._store.snapshot() as snapshot:
            return load_vectors(self._store, snapshot)


def key(passage: Passage) -> str:
    """Return the name under which every system has the passage."""
    return protocol.key(passage.article_id, passage.paragraph, passage.start, passage.end)


def units(passages: Sequence[Passage]) -> list[protocol.Passage]:
    """Return passages as every system indexes them: what is embedded and searched, under the passage's name."""
    return [protocol.Passage(key(one), embedding_text(one)) for one in passages]


def direction(text: str, dimension: int) -> Vectors:
    """Return a unit vector (dimension,) that is the same for the same text and has nothing to do with any other."""
    seed = int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest())
    vector = np.random.default_rng(seed).standard_normal(dimension)
    return np.asarray(vector / np.linalg.norm(vector), dtype=np.float32)


if __name__ == "__main__":
    main(Ours())
