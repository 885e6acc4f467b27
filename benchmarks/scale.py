"""``python -m benchmarks.scale --data FOLDER``: how each cost of the product grows with the number of passages.

Owns the measuring and the page; the picture is drawn by ``benchmarks.curves``. The product itself is measured, from
files to hits, with passages of ``benchmarks.manypassages`` and real questions; only the encoder is a stand-in, because
the real one would take hours for a million. What it would take is told beside it. FOLDER holds ``dev`` and
``train``.
"""

from __future__ import annotations

import hashlib
import multiprocessing
import shutil
import sqlite3
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Annotated, ParamSpec, TypeVar

import numpy as np
import typer
from numpy.typing import NDArray
from safetensors.torch import load_file
from tokenizers import Tokenizer

from benchmarks.bench import head
from benchmarks.manypassages import ManyPassages, questions
from benchmarks.peers.child import peak, size_of
from rag import bm25, indexing, paths, retrieval, variants
from rag.embedding import Embedding, Spans, projected, unit
from rag.encoder import load_encoder
from rag.engine import Engine
from rag.passages import PassageStore
from rag.retrieval import Generation, Tools
from rag.settings import DEFAULTS
from rag.translations import Translations

SIZES = (1_000, 10_000, 100_000, 1_000_000)
OF_ONE_ARTICLE = 20
# A hundredth of the articles is written anew.
CHANGED = 100
WARMING = 10
_SOME = 100
_BYTES = 512 * 2**20

_P = ParamSpec("_P")
_R = TypeVar("_R")


class TokenMeans:
    """An encoder that gives a text the mean of its tokens' embeddings, as the shipped model has them.

    As related texts do, texts with the same words lie together; and a million take minutes.
    """

    name = "token means"
    fingerprint = hashlib.sha256(name.encode()).hexdigest()

    def __init__(self) -> None:
        folder = paths.shipped_model()
        self._tokens = Tokenizer.from_file(str(folder / "tokenizer.json"))
        self._tokens.no_padding()
        tensors = load_file(folder / "model.safetensors")
        [table] = [tensor for name, tensor in tensors.items() if "word_embeddings" in name]
        self._table: NDArray[np.float32] = (table.float() - table.float().mean(dim=0)).numpy()
        self.dimension = int(table.shape[1])
        self.seconds = 0.0

    def encode_queries(self, texts: Sequence[str]) -> NDArray[np.float32]:
        return np.stack([one.vector for one in self.embed(texts, [()] * len(texts))])

    def query_pieces(self, text: str) -> NDArray[np.float32]:
        [found] = self.embed([text], [[(0, len(text))]])
        return found.pieces[0]

    def embed(self, texts: Sequence[str], sentences: Sequence[Spans]) -> list[Embedding]:
        begun = time.perf_counter()
        found = []
        for one, spans in zip(self._tokens.encode_batch(list(texts)), sentences, strict=True):
            rows = self._table[one.ids]
            places = np.array(one.offsets)
            pieces = projected(rows)
            inside = [(places[:, 0] < end) & (places[:, 1] > start) for start, end in spans]
            parts = [rows[some if some.any() else slice(None)].mean(axis=0) for some in inside]
            vectors = unit(np.stack([rows.mean(axis=0), *parts]))
            found.append(Embedding(vectors[0], vectors[1:], [pieces[some] for some in inside]))
        self.seconds += time.perf_counter() - begun
        return found


@dataclass(frozen=True, slots=True)
class Built:
    """What it takes to index ``passages``: seconds, those of them in the encoder, and bytes.

    ``unchanged`` and ``changed`` are the seconds of an update with no file and a hundredth of the files changed; both
    begin with a fresh process' look at the whole index.
    """

    passages: int
    seconds: float
    encoder: float
    peak: float
    disk: float
    unchanged: float
    changed: float


@dataclass(frozen=True, slots=True)
class Asked:
    """What a question takes, in milliseconds (p50, p99), without the encoder: all of it, by vectors, by words.

    ``opening`` is the time until the first question can be asked, in seconds; ``vectors`` is the size of the file that
    has to be in memory, ``peak`` what the process held at most, both in bytes; ``recall`` is that of the ten nearest.
    """

    opening: float
    all: tuple[float, float]
    nearest: tuple[float, float]
    words: tuple[float, float]
    vectors: float
    empty: float
    peak: float
    recall: float


@dataclass(frozen=True, slots=True)
class Limits:
    """What the machine can do: bytes read from memory and rows of ours put into SQLite a second, by one thread.

    ``encoder`` is how many passages a second the shipped model encodes, their sentences included.
    """

    bandwidth: float
    rows: float
    encoder: float


def write(folder: Path, texts: Iterable[str], start: int = 0) -> None:
    """Write articles of ``OF_ONE_ARTICLE`` passages each below ``folder``, named by their numbers from ``start`` on."""
    left = iter(texts)
    while some := list(islice(left, OF_ONE_ARTICLE)):
        path = folder / f"{start // 1_000:04}" / f"{start:07}.txt"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("\n\n".join([f"Number {start}", *some]) + "\n", "utf-8")
        start += 1


def build(corpus: Path, index: Path) -> Built:
    """Index ``corpus``; the two updates after that are left to ``update``."""
    encoder = TokenMeans()
    seconds, report = _timed(lambda: Engine(corpus, PassageStore(index), encoder).update())
    return Built(report.passages, seconds, encoder.seconds, peak(), size_of(index), 0.0, 0.0)


def update(corpus: Path, index: Path) -> float:
    """Bring an index up to date; return the seconds."""
    return _timed(lambda: Engine(corpus, PassageStore(index), TokenMeans()).update())[0]


def ask(corpus: Path, index: Path, asked: Sequence[str]) -> Asked:
    """Open an index as the chat does, and ask."""
    encoder, store, settings = TokenMeans(), PassageStore(index), DEFAULTS
    tools = Tools(encoder, Translations(), settings)
    queries = [retrieval.prepare(question, encoder) for question in asked]
    variants.terms("Wer?", _Nothing(), tools.translations, settings)  # reads the dictionary
    empty = peak()
    engine = Engine(corpus, store, encoder)
    opening, _ = _timed(lambda: (engine.resume(), engine.retrieve(asked[0], 1)))
    engine.close()
    with store.snapshot() as snapshot:
        held = indexing.load_vectors(store, snapshot)

    def search(number: int) -> None:
        with store.snapshot() as snapshot:
            retrieval.search(queries[number], Generation(snapshot, held), tools, 10)

    def by_words(number: int) -> None:
        with store.snapshot() as snapshot:
            terms = variants.terms(asked[number], snapshot, tools.translations, settings)
            bm25.best(retrieval.word_scores(terms, snapshot), settings.candidates)

    def by_vectors(number: int) -> None:
        held.search(queries[number].vector, settings.candidates)

    parts = [_each(one, len(asked)) for one in (search, by_vectors, by_words)]
    most = peak()
    file = sum(path.stat().st_size for path in index.glob("vectors-*"))
    with store.snapshot() as snapshot:
        recall = held.recall(snapshot)
    return Asked(opening, parts[0], parts[1], parts[2], file, empty, most, recall)


class _Nothing:
    """A vocabulary without words."""

    def spelled(self, keys: Iterable[str]) -> dict[str, list[str]]:
        return {key: [] for key in keys}

    def holds(self, stems: Iterable[str]) -> set[str]:
        return set()


def limits(texts: Sequence[str], folder: Path) -> Limits:
    """Measure the machine, with ``texts`` for its encoder."""
    memory = np.ones(_BYTES // 4, dtype=np.float32)
    bandwidth = _BYTES / min(_timed(lambda: memory.max())[0] for _ in range(5))
    rows = [(number.to_bytes(32), bytes(1_536), bytes(3_072), bytes(8)) for number in range(20_000)]
    connection = sqlite3.connect(folder / "rows.sqlite3")
    connection.execute("CREATE TABLE rows (key BLOB PRIMARY KEY, vector BLOB, sentences BLOB, seal BLOB)")

    def insert() -> None:
        connection.executemany("INSERT INTO rows VALUES (?, ?, ?, ?)", rows)
        connection.commit()

    inserted = len(rows) / _timed(insert)[0]
    connection.close()
    corpus, encoder = folder / "few", load_encoder()
    write(corpus, texts)
    encoder.encode_queries(texts[:1])
    seconds, report = _timed(lambda: Engine(corpus, PassageStore(folder / "few-index"), encoder).update())
    return Limits(bandwidth, inserted, report.passages / seconds)


def measure(data: Path, size: int, asked: Sequence[str], scratch: Path) -> tuple[Built, Asked]:
    """Build a corpus of about ``size`` passages and ask it, every step in a process of its own."""
    corpus, index = scratch / "corpus", scratch / "index"
    texts = ManyPassages(data)
    write(corpus, texts.passages(size))
    built = _apart(build, corpus, index)
    found = _apart(ask, corpus, index, asked)
    unchanged = _apart(update, corpus, index)
    # Every hundredth article, the first of them first.
    for number in range(0, max(1, size // OF_ONE_ARTICLE), CHANGED):
        write(corpus, texts.passages(OF_ONE_ARTICLE, seed=number + 1), number)
    return replace(built, unchanged=unchanged, changed=_apart(update, corpus, index)), found


def page(machine: Limits, measured: Sequence[tuple[Built, Asked]], dimension: int) -> str:
    """Return the tables in Markdown."""
    lines = [
        f"The machine, one thread: reads {machine.bandwidth / 1e9:.1f} GB/s from memory; puts {machine.rows:,.0f} rows "
        f"of our size a second into a table of SQLite. The shipped encoder, all cores, with all else that indexing "
        f"takes: {machine.encoder:.1f} passages a second.",
        "",
        "| passages | index, without the encoder | of it a passage | the real encoder besides, about | nothing changed "
        "| 1% changed | peak memory | on disk |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for built, _ in measured:
        own = built.seconds - built.encoder
        real = built.passages / machine.encoder
        lines.append(
            f"| {built.passages:,} | {own:.1f} s | {1e3 * own / built.passages:.2f} ms | {real:,.0f} s "
            f"| {built.unchanged:.2f} s ({built.unchanged / (own + real):.3f} of the first) "
            f"| {built.changed:.2f} s | {built.peak / 1e6:,.0f} MB | {built.disk / 1e6:,.0f} MB |"
        )
    lines += [
        "",
        "| passages | question without the encoder, p50 / p99 | vectors | words | recall@10 of vectors "
        "| exact scan at the memory's speed | ready to be asked | vectors in memory | peak memory |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    for built, found in measured:
        scan = 1e3 * 4 * dimension * built.passages / machine.bandwidth
        both = [f"{p50:.1f} / {p99:.1f} ms" for p50, p99 in (found.all, found.nearest, found.words)]
        lines.append(
            f"| {built.passages:,} | {both[0]} | {both[1]} | {both[2]} | {found.recall:.4f} | {scan:.1f} ms "
            f"| {found.opening:.2f} s | {found.vectors / 1e6:,.1f} MB "
            f"| {found.peak / 1e6:,.0f} MB, {found.empty / 1e6:,.0f} before |"
        )
    return "\n".join(lines)


def _each(work: Callable[[int], None], count: int) -> tuple[float, float]:
    """Return the median and the 99th percentile of the milliseconds that ``work`` takes."""
    for number in range(min(count, WARMING)):
        work(number)
    p50, p99 = np.percentile([1e3 * _timed(partial(work, number))[0] for number in range(count)], [50, 99])
    return float(p50), float(p99)


def _timed(work: Callable[[], _R]) -> tuple[float, _R]:
    begun = time.perf_counter()
    found = work()
    return time.perf_counter() - begun, found


def _apart(work: Callable[_P, _R], *given: _P.args, **named: _P.kwargs) -> _R:
    """Return what ``work`` gives in a process of its own, whose memory is then its own."""
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as one:
        return one.submit(work, *given, **named).result()


def main(  # noqa: PLR0913 - the options of a command line
    *,
    data: Annotated[Path, typer.Option(help="Folder with dev and train, whose texts the passages are made of.")],
    size: Annotated[list[int] | None, typer.Option(help="Number of passages; may be given several times.")] = None,
    asked: Annotated[int, typer.Option(help="Number of questions.")] = 300,
    scratch: Annotated[Path | None, typer.Option(help="Folder for corpora and indexes, some 12 kB a passage.")] = None,
    to: Annotated[Path | None, typer.Option(help="File that the page is written to, too.")] = None,
    picture: Annotated[Path | None, typer.Option(help="File that the curves are drawn to, an SVG.")] = None,
) -> None:
    """Print what everything costs at each size; minutes for a hundred thousand passages, an hour for a million."""
    some = questions(data)[:asked]
    measured: list[tuple[Built, Asked]] = []
    begun = head("How the costs grow", "scale")
    with tempfile.TemporaryDirectory(prefix="scale-", dir=scratch) as work:
        machine = _apart(limits, list(ManyPassages(data).passages(_SOME)), Path(work))
        dimension = TokenMeans().dimension
        for one in size or SIZES:
            folder = Path(work) / str(one)
            folder.mkdir()
            measured.append(measure(data, one, some, folder))
            shutil.rmtree(folder)
            print(page(machine, measured[-1:], dimension), file=sys.stderr, flush=True)
    told = f"{begun}\n\n{page(machine, measured, dimension)}"
    print(told)
    if to:
        to.write_text(f"{told}\n", "utf-8")
    if picture:
        # matplotlib is in an extra of its own.
        from benchmarks.curves import draw

        draw(machine, measured, dimension, picture)


if __name__ == "__main__":
    typer.run(main)
