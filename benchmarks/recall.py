"""``python -m benchmarks.recall``: how well the product finds, and when it refuses, over the questions of this folder.

Owns what counts as right and the tables; leaves the formulas to ``benchmarks.metrics``. See README.md beside this.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import fmean
from typing import Annotated, Literal

import typer
from rich.console import Console
from rich.table import Table

import rag
from benchmarks.metrics import ndcg_at, recall_at, reciprocal_rank
from benchmarks.questions import Kind, Language, Question, Span, load
from rag.folding import fold_with_offsets
from rag.settings import DEFAULTS

# Ranks that are looked at; nobody reads further.
DEPTH = 10
_LANGUAGES: tuple[Language, ...] = ("en", "de")
_KINDS: tuple[Kind, ...] = ("answerable", "near-miss", "unrelated")
_NAMES: dict[Language, str] = {"en": "English", "de": "German"}

Arm = Literal["hybrid", "dense", "lexical"]


@dataclass(frozen=True, slots=True)
class Place:
    """Where a span stands: ``[start:end]`` of the text of the article as indexed."""

    article_id: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class RetrievalRow:
    """Means over the ``n`` answerable questions of a language, each from 0 to 1."""

    language: Language
    arm: Arm
    n: int
    recall_at_1: float
    recall_at_5: float
    mrr_at_10: float
    ndcg_at_10: float


@dataclass(frozen=True, slots=True)
class AnswerRow:
    """What ``Engine.ask`` does with the ``n`` questions of a language and kind.

    ``refused`` counts the answers without statements: a false refusal if the question is answerable, else right.
    ``cited_right`` counts those with a statement that stands in an expected span; None where nothing is expected.
    """

    language: Language
    kind: Kind
    n: int
    refused: int
    cited_right: int | None


def locate(span: Span, text: str) -> Place:
    """Return where ``span`` stands in the unfolded ``text`` of its article. Raises ValueError if it does not."""
    folded, offsets = fold_with_offsets(text)
    start = folded.find(span.text)
    if start < 0:
        raise ValueError(f"{span.article} does not contain: {span.text}")
    return Place(span.article, offsets[start], offsets[start + len(span.text) - 1] + 1)


def covers(found: rag.Passage | rag.Citation, place: Place) -> bool:
    """Say whether ``found`` overlaps ``place`` for more than half of the place's length."""
    if found.article_id != place.article_id:
        return False
    overlap = min(found.end, place.end) - max(found.start, place.start)
    return 2 * overlap > place.end - place.start


def evaluate_retrieval(engine: rag.Engine, questions: Sequence[Question]) -> list[RetrievalRow]:
    """Rank for every answerable question: as the product does, and with each of its two scores alone."""
    rows: list[RetrievalRow] = []
    for language in _LANGUAGES:
        asked = [q for q in questions if q.kind == "answerable" and q.language == language]
        scored = [_score_arms(engine, question) for question in asked]
        rows += [_retrieval_row(language, arm, [arms[arm] for arms in scored]) for arm in _ORDERS if scored]
    return rows


def evaluate_answers(engine: rag.Engine, questions: Sequence[Question]) -> list[AnswerRow]:
    """Ask every question on its own and count what is refused and what is cited."""
    rows: list[AnswerRow] = []
    for language in _LANGUAGES:
        for kind in _KINDS:
            asked = [q for q in questions if q.kind == kind and q.language == language]
            answers = [engine.ask(question.question) for question in asked]
            refused = sum(not answer.statements for answer in answers)
            right = sum(_cites_right(engine, *pair) for pair in zip(asked, answers, strict=True))
            if asked:
                rows.append(AnswerRow(language, kind, len(asked), refused, right if kind == "answerable" else None))
    return rows


def _by_dense(hits: Sequence[rag.Hit]) -> list[rag.Hit]:
    return sorted(hits, key=lambda hit: (-hit.dense, hit.passage.id))


def _by_lexical(hits: Sequence[rag.Hit]) -> list[rag.Hit]:
    # Lexical search finds nothing that shares no word with the question.
    found = [hit for hit in hits if hit.lexical > 0]
    return sorted(found, key=lambda hit: (-hit.lexical, hit.passage.id))


_ORDERS: dict[Arm, Callable[[Sequence[rag.Hit]], list[rag.Hit]]] = {
    "hybrid": list,
    "dense": _by_dense,
    "lexical": _by_lexical,
}


def _places(engine: rag.Engine, question: Question) -> list[Place]:
    return [locate(span, engine.article(span.article).text) for span in question.spans]


def _score_arms(engine: rag.Engine, question: Question) -> dict[Arm, tuple[float, ...]]:
    """Return recall@1, recall@5, MRR@10 and nDCG@10 of a question for each arm."""
    places = _places(engine, question)
    every = engine.retrieve(question.question, k=DEFAULTS.hits_limit)
    # A span that a passage border cuts so that no passage covers it is a right hit that was missed.
    uncovered = sum(not any(covers(hit.passage, place) for hit in every) for place in places)
    total = uncovered + sum(_is_right(hit, places) for hit in every)
    scores: dict[Arm, tuple[float, ...]] = {}
    for arm, order in _ORDERS.items():
        ranked = engine.retrieve(question.question, k=DEPTH) if arm == "hybrid" else order(every)[:DEPTH]
        relevant = [_is_right(hit, places) for hit in ranked]
        scores[arm] = (
            recall_at(relevant, 1),
            recall_at(relevant, 5),
            reciprocal_rank(relevant, DEPTH),
            ndcg_at(relevant, DEPTH, total=total),
        )
    return scores


def _is_right(hit: rag.Hit, places: Sequence[Place]) -> bool:
    return any(covers(hit.passage, place) for place in places)


def _retrieval_row(language: Language, arm: Arm, scores: Sequence[tuple[float, ...]]) -> RetrievalRow:
    recall_1, recall_5, mrr, ndcg = (fmean(column) for column in zip(*scores, strict=True))
    return RetrievalRow(language, arm, len(scores), recall_1, recall_5, mrr, ndcg)


def _cites_right(engine: rag.Engine, question: Question, answer: rag.Answer) -> bool:
    places = _places(engine, question)
    return any(covers(statement.citation, place) for statement in answer.statements for place in places)


def _retrieval_table(rows: Sequence[RetrievalRow]) -> Table:
    table = Table(title="Finding the passage", title_justify="left")
    table.add_column("Questions")
    table.add_column("Ranked by")
    for heading in ("n", "Recall@1", "Recall@5", "MRR@10", "nDCG@10"):
        table.add_column(heading, justify="right")
    for row in rows:
        means = (row.recall_at_1, row.recall_at_5, row.mrr_at_10, row.ndcg_at_10)
        table.add_row(_NAMES[row.language], row.arm, str(row.n), *(f"{mean:.2f}" for mean in means))
    return table


def _answer_table(rows: Sequence[AnswerRow]) -> Table:
    table = Table(title="Answering or refusing", title_justify="left")
    table.add_column("Questions")
    table.add_column("Kind")
    for heading in ("n", "Refused", "Cites an expected span"):
        table.add_column(heading, justify="right")
    for row in rows:
        cited = "" if row.cited_right is None else _share(row.cited_right, row.n)
        table.add_row(_NAMES[row.language], row.kind, str(row.n), _share(row.refused, row.n), cited)
    return table


def _share(count: int, n: int) -> str:
    return f"{count} ({count / n:.0%})"


def main(
    *,
    corpus: Annotated[Path, typer.Option(help="Folder that holds the five articles.")] = Path("seeds"),
    model: Annotated[str | None, typer.Option(help="Encoder: a folder or a hub name.")] = None,
    split: Annotated[Literal["dev", "test", "all"], typer.Option(help="Which questions.")] = "dev",
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Measure retrieval and abstention. The index is made in a temporary folder; the product's own is left alone."""
    questions = [question for question in load() if split in ("all", question.split)]
    try:
        with tempfile.TemporaryDirectory() as index, rag.open(corpus, model=model, index=Path(index)) as engine:
            retrieval = evaluate_retrieval(engine, questions)
            answers = evaluate_answers(engine, questions)
    except rag.FundstelleError as error:
        raise SystemExit(str(error)) from error
    if as_json:
        rows = {"retrieval": [asdict(row) for row in retrieval], "answers": [asdict(row) for row in answers]}
        print(json.dumps({"corpus": str(corpus), "model": model, "split": split, **rows}, indent=2))
        return
    console = Console()
    console.print(_retrieval_table(retrieval))
    console.print(_answer_table(answers))


if __name__ == "__main__":
    typer.run(main)
