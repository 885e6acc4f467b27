"""``python -m benchmarks.ablation --dev FOLDER``: what each part of the search adds, per pair of languages.

Owns the settings that are compared and the table. The product itself is measured: each paragraph of the evaluation data
is an article of its own, and a hit is right if it is of the right paragraph.
"""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import fmean
from typing import Annotated

import numpy as np
import typer
from numpy.typing import NDArray

import rag
from benchmarks.quality import Retrieval, mlqa_task, xquad_tasks
from rag.embedding import Embedding, Spans
from rag.encoder import Encoder, load_encoder
from rag.evaluation.metrics import ndcg_at, recall_at
from rag.passages import PassageStore
from rag.settings import DEFAULTS, Settings

DEPTH = 10
# Several passages may be of one paragraph, so that ten passages are not ten paragraphs.
_HITS = 30

_FUSED = replace(DEFAULTS, piece_weight=0.0)
_NO_WORDS = replace(_FUSED, lexical_weight=0.0)
_BARE = replace(
    _FUSED,
    sentence_share=0.0,
    translation_weight=0.0,
    untranslated_weight=1.0,
    compound_weight=0.0,
    part_weight=0.0,
    spelling_weight=0.0,
)
# A weight at which cosines, below 1, decide nothing but ties.
_ONLY_WORDS = 1e4

ARMS: Mapping[str, Settings] = {
    "passage vectors": replace(_NO_WORDS, sentence_share=0.0),
    "passage and sentence vectors (dense arm)": _NO_WORDS,
    "words as they are": replace(_BARE, lexical_weight=_ONLY_WORDS),
    "+ translations": replace(_BARE, lexical_weight=_ONLY_WORDS, translation_weight=1.0, untranslated_weight=0.5),
    "+ compounds": replace(_FUSED, lexical_weight=_ONLY_WORDS, spelling_weight=0.0),
    "+ spellings of names (lexical arm)": replace(_FUSED, lexical_weight=_ONLY_WORDS),
    "passage vectors + words as they are": _BARE,
    "passage vectors + lexical arm": replace(_FUSED, sentence_share=0.0),
    "both arms fused": _FUSED,
    "+ word pieces of the best ten: the product": DEFAULTS,
}


# The two arms and what is made of them; the rest is told on smaller data.
MAIN_ARMS: Mapping[str, Settings] = {
    name: settings for name, settings in ARMS.items() if any(word in name for word in ("arm)", "fused", "product"))
}


@dataclass(frozen=True, slots=True)
class Row:
    """Means over the questions of a task, each from 0 to 1."""

    task: str
    arm: str
    recall_1: float
    recall_5: float
    ndcg_10: float


class Remembering:
    """An encoder that keeps what it made of every question, because every setting asks the same again."""

    def __init__(self, encoder: Encoder) -> None:
        self._encoder = encoder
        self._questions: dict[str, NDArray[np.float32]] = {}
        self._pieces: dict[str, NDArray[np.float32]] = {}
        self.name, self.fingerprint = encoder.name, encoder.fingerprint

    @property
    def dimension(self) -> int:
        """Length of every vector."""
        return self._encoder.dimension

    def encode_queries(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return (n, dimension) unit rows, one for each question."""
        new = [text for text in texts if text not in self._questions]
        self._questions.update(zip(new, self._encoder.encode_queries(new), strict=True))
        return np.stack([self._questions[text] for text in texts])

    def embed(self, texts: Sequence[str], sentences: Sequence[Spans]) -> list[Embedding]:
        """Return what the encoder makes of passages, which are indexed once."""
        return self._encoder.embed(texts, sentences)

    def query_pieces(self, text: str) -> NDArray[np.float32]:
        """Return (t, 64) unit rows, one for each word piece of a question."""
        if text not in self._pieces:
            self._pieces[text] = self._encoder.query_pieces(text)
        return self._pieces[text]


def every(task: Retrieval, nth: int) -> Retrieval:
    """Return the task with every ``nth`` question and all passages."""
    return replace(task, questions=task.questions[::nth], gold=task.gold[::nth])


def write_corpus(texts: Sequence[str], folder: Path) -> None:
    """Write each text to a file of its own, named by its number."""
    for number, text in enumerate(texts):
        (folder / f"{number:05d}.txt").write_text(text, encoding="utf-8")


def evaluate(task: Retrieval, engine: rag.Engine, arm: str) -> Row:
    """Ask all questions of ``task`` over the corpus that ``write_corpus`` made of its passages."""
    rankings = [_ranking(engine, question) for question in task.questions]
    relevant = [[number in gold for number in numbers] for numbers, gold in zip(rankings, task.gold, strict=True)]
    return Row(
        task.name,
        arm,
        fmean(recall_at(ranking, 1) for ranking in relevant),
        fmean(recall_at(ranking, 5) for ranking in relevant),
        fmean(ndcg_at(ranking, DEPTH, total=len(gold)) for ranking, gold in zip(relevant, task.gold, strict=True)),
    )


def _ranking(engine: rag.Engine, question: str) -> list[int]:
    articles = dict.fromkeys(hit.passage.article_id for hit in engine.retrieve(question, k=_HITS))
    return [int(article.removesuffix(".txt")) for article in articles][:DEPTH]


def measure(tasks: Sequence[Retrieval], arms: Mapping[str, Settings], *, model: str | None = None) -> list[Row]:
    """Measure every arm on every task; tasks over the same passages share an index."""
    encoder = Remembering(load_encoder(model))
    rows: list[Row] = []
    for passages in dict.fromkeys(tuple(task.passages) for task in tasks):
        with tempfile.TemporaryDirectory() as scratch:
            corpus = Path(scratch) / "corpus"
            corpus.mkdir()
            write_corpus(passages, corpus)
            store = PassageStore(Path(scratch) / "index")
            for task in (task for task in tasks if tuple(task.passages) == passages):
                for arm, settings in arms.items():
                    with rag.Engine(corpus, store, encoder, settings=settings) as engine:
                        rows.append(evaluate(task, engine, arm))
    return rows


def table(rows: Sequence[Row]) -> str:
    """Return a Markdown table."""
    lines = ["| task | searched by | recall@1 | recall@5 | nDCG@10 |", "|---|---|---|---|---|"]
    lines += [f"| {r.task} | {r.arm} | {r.recall_1:.3f} | {r.recall_5:.3f} | {r.ndcg_10:.3f} |" for r in rows]
    return "\n".join(lines)


def main(
    *,
    dev: Annotated[Path, typer.Option(help="Folder of the evaluation data.")],
    model: Annotated[str | None, typer.Option(help="Encoder: a folder or a hub name.")] = None,
    only: Annotated[str, typer.Option(help="Only tasks whose name begins so.")] = "",
    arm: Annotated[str, typer.Option(help="Only settings whose name has this in it.")] = "",
) -> None:
    """Print what each part of the search adds on XQuAD, in four pairs of languages, and on MLQA."""
    tasks = [*xquad_tasks(dev / "xquad.jsonl"), mlqa_task(dev / "mlqa-de-de.jsonl")]
    chosen = [task for task in tasks if task.name.startswith(only)]
    print(table(measure(chosen, {name: settings for name, settings in ARMS.items() if arm in name}, model=model)))


if __name__ == "__main__":
    typer.run(main)
