"""Owns the comparison of embedding models: retrieval, bitext mining, speed, size; one table out.

Run `python -m benchmarks.quality MODEL... --dev FOLDER`, MODEL being a folder or a hub name.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean

import numpy as np
import torch
from numpy.typing import NDArray
from sentence_transformers import SentenceTransformer

from benchmarks.questions import FILES, Split, load
from rag import articles, eightbit, splitting
from rag.evaluation.metrics import ndcg_at, recall_at
from rag.evaluation.places import locate
from rag.paths import sample_corpus

Vectors = NDArray[np.float32]
Encode = Callable[[Sequence[str]], Vectors]

XQUAD_DIRECTIONS = (("en", "de"), ("de", "en"), ("de", "de"), ("en", "en"))
SPEED_SECONDS = 10.0


@dataclass(frozen=True, slots=True)
class Retrieval:
    """Questions over passages; gold[i] holds the numbers of the passages that answer question i."""

    name: str
    questions: Sequence[str]
    passages: Sequence[str]
    gold: Sequence[frozenset[int]]


@dataclass(frozen=True, slots=True)
class Score:
    """Means over a task's questions, each between 0 and 1."""

    recall_1: float
    recall_5: float
    recall_10: float
    ndcg_10: float


@dataclass(frozen=True, slots=True)
class Speed:
    """Texts a second, German sentences of one line and German paragraphs."""

    sentences: float
    passages: float


@dataclass(frozen=True, slots=True)
class Report:
    """Everything measured of one model."""

    model: str
    megabytes: float
    scores: Mapping[str, Score]
    speed: Speed


def rank_scores(questions: Vectors, passages: Vectors, gold: Sequence[frozenset[int]]) -> Score:
    """Score rankings by inner product; float32 unit vectors of shape (texts, dimensions).

    Recall@k is the share of questions with a right passage among the first k.
    """
    nearest = np.argsort(-(questions @ passages.T), axis=1, kind="stable")[:, :10].tolist()
    rankings = [[row in right for row in rows] for rows, right in zip(nearest, gold, strict=True)]
    recall_1, recall_5, recall_10 = (fmean(recall_at(ranking, k) for ranking in rankings) for k in (1, 5, 10))
    gains = (ndcg_at(ranking, 10, total=len(right)) for ranking, right in zip(rankings, gold, strict=True))
    return Score(recall_1, recall_5, recall_10, fmean(gains))


def score_retrieval(task: Retrieval, ask: Encode, tell: Encode) -> Score:
    """Encode a task's questions with `ask`, its passages with `tell`, and score the rankings."""
    return rank_scores(ask(task.questions), tell(task.passages), task.gold)


def retrieval_from_rows(name: str, rows: Iterable[tuple[str, str]]) -> Retrieval:
    """Make a task of (question, passage) rows: every distinct passage is in the collection."""
    questions: list[str] = []
    gold: list[frozenset[int]] = []
    numbers: dict[str, int] = {}
    for question, passage in rows:
        questions.append(question)
        gold.append(frozenset({numbers.setdefault(passage, len(numbers))}))
    return Retrieval(name, questions, list(numbers), gold)


def xquad_tasks(path: Path) -> list[Retrieval]:
    """Return XQuAD in four directions, question's language first."""
    rows = _json_lines(path)
    return [
        retrieval_from_rows(
            f"XQuAD {left.upper()}→{right.upper()}",
            ((row[f"q_{left}"], row[f"p_{right}"]) for row in rows),
        )
        for left, right in XQUAD_DIRECTIONS
    ]


def mlqa_task(path: Path) -> Retrieval:
    """Return German questions over German Wikipedia paragraphs."""
    rows = _json_lines(path)
    return retrieval_from_rows("MLQA DE→DE", ((row["question_de"], row["context_de"]) for row in rows))


def bitext_tasks(path: Path) -> list[Retrieval]:
    """Return sentence-to-translation search, in both directions, of a two-column file."""
    lines = path.read_text(encoding="utf-8").splitlines()
    pairs = [line.split("\t")[:2] for line in lines]
    return [
        retrieval_from_rows("Tatoeba EN→DE", ((english, german) for english, german in pairs)),
        retrieval_from_rows("Tatoeba DE→EN", ((german, english) for english, german in pairs)),
    ]


def article_tasks(split: Split) -> list[Retrieval]:
    """Return the questions of a split over the passages of the sample articles, a task for each language."""
    corpus = sample_corpus()
    read = [articles.read(path, corpus) for path in articles.find(corpus)[0]]
    named = {article.id: article for article in read}
    passages = [passage for article in read for passage in splitting.split(article)]
    told = [splitting.embedding_text(passage) for passage in passages]
    tasks = []
    for language in ("en", "de"):
        asked = [o.question for o in load(split, FILES[:1]) if o.question.language == language and o.question.answers]
        places = [[place for one in q.answers for place in locate(one, named[str(one.article)])] for q in asked]
        gold = [
            frozenset(i for i, passage in enumerate(passages) if any(place.found_by(passage) for place in some))
            for some in places
        ]
        tasks.append(Retrieval(f"Articles {language.upper()}→DE", [q.question for q in asked], told, gold))
    return tasks


def texts_per_second(encode: Encode, texts: Sequence[str], seconds: float = SPEED_SECONDS) -> float:
    """Encode the texts again and again for about `seconds`, after one round to warm up."""
    sample = list(texts)
    encode(sample[:64])
    done, begun = 0, time.perf_counter()
    while (passed := time.perf_counter() - begun) < seconds:
        encode(sample)
        done += len(sample)
    return done / passed


def measure(model_name: str, tasks: Sequence[Retrieval], samples: Sequence[list[str]]) -> Report:
    """Load a model and measure it on all tasks; `samples` are sentences and passages for speed."""
    name, _, numbers = model_name.partition("@")
    numbers = numbers or "float32"
    asking, _, telling = numbers.partition("+")
    model = _loaded(name, asking)
    ask, tell = _encoders(model)
    if telling:
        _, tell = _encoders(_loaded(name, telling))
    scores = {task.name: score_retrieval(task, ask, tell) for task in tasks}
    sentences, passages = (texts_per_second(tell, sample) for sample in samples)
    return Report(f"{Path(name).name} ({numbers})", _megabytes(name), scores, Speed(sentences, passages))


def _loaded(name: str, numbers: str) -> SentenceTransformer:
    """Load a model to compute in these ``numbers``: a type of torch, or "int8" where it has such a copy."""
    dtype = torch.float32 if numbers == "int8" else getattr(torch, numbers)
    model = SentenceTransformer(name, device="cpu", model_kwargs={"dtype": dtype})
    if numbers == "int8":
        eightbit.put_in(model, Path(name))
    return model


def _encoders(model: SentenceTransformer) -> tuple[Encode, Encode]:
    # encode_query and encode_document add the prompts that a model declares for them.
    def ask(texts: Sequence[str]) -> Vectors:
        return _unit(model.encode_query(list(texts), batch_size=32, convert_to_tensor=True))

    def tell(texts: Sequence[str]) -> Vectors:
        return _unit(model.encode_document(list(texts), batch_size=32, convert_to_tensor=True))

    return ask, tell


def _unit(vectors: torch.Tensor) -> Vectors:
    units: Vectors = torch.nn.functional.normalize(vectors.float(), dim=-1).numpy()
    return units


def _megabytes(name: str) -> float:
    folder = Path(name)
    if not folder.is_dir():
        return float("nan")
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()) / 1e6


def _json_lines(path: Path) -> list[dict[str, str]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def table(reports: Sequence[Report]) -> str:
    """Return a Markdown table: a row a task and model, then speed and size a model."""
    lines = [
        "| task | model | recall@1 | recall@5 | recall@10 | nDCG@10 |",
        "|---|---|---|---|---|---|",
    ]
    for name in reports[0].scores:
        for report in reports:
            score = report.scores[name]
            cells = (score.recall_1, score.recall_5, score.recall_10, score.ndcg_10)
            figures = " | ".join(f"{cell:.3f}" for cell in cells)
            lines.append(f"| {name} | {report.model} | {figures} |")
    lines += ["", "| model | MB on disk | sentences/s | passages/s |", "|---|---|---|---|"]
    for report in reports:
        speed = f"{report.speed.sentences:.0f} | {report.speed.passages:.1f}"
        lines.append(f"| {report.model} | {report.megabytes:.1f} | {speed} |")
    return "\n".join(lines)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "models",
        nargs="+",
        help="model folders or hub names; NAME@bfloat16, NAME@int8: computed so; NAME@float32+int8: questions+passages",
    )
    parser.add_argument("--dev", type=Path, required=True, help="folder of the evaluation data")
    parser.add_argument("--split", default="dev", choices=("dev", "test"), help="of the questions over the articles")
    parser.add_argument("--only", default="", help="only tasks whose name begins so")
    return parser.parse_args()


def main() -> None:
    """Measure every model named on the command line and print the table."""
    arguments = _arguments()
    xquad = xquad_tasks(arguments.dev / "xquad.jsonl")
    bitext = bitext_tasks(arguments.dev / "tatoeba-bitext.tsv")
    mlqa = mlqa_task(arguments.dev / "mlqa-de-de.jsonl")
    tasks = [*xquad, mlqa, *bitext, *article_tasks(arguments.split)]
    chosen = [task for task in tasks if task.name.startswith(arguments.only)]
    samples = [list(bitext[0].passages), list(xquad[0].passages)]
    print(table([measure(name, chosen, samples) for name in arguments.models]))


if __name__ == "__main__":
    main()
