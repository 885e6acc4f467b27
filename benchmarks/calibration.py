"""``python -m benchmarks.calibration --dev FOLDER``: fits the confidence of ``rag.abstention`` on the dev questions.

Owns the fit. The figures go into ``rag/abstention.py``, the limit into ``least_confidence`` of ``rag/settings.py``; how
good they are on other questions is told by ``benchmarks.answers``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import astuple, fields
from pathlib import Path
from typing import Annotated

import numpy as np
import typer
from sklearn.linear_model import LogisticRegression

import rag
from benchmarks.answers import newsroom, seeds
from benchmarks.questions import Asked, load
from rag.abstention import Evidence
from rag.evaluation.figures import Result
from rag.evaluation.measuring import evaluate

# Share of the answerable questions that may be refused.
FALSE_REFUSALS = 0.05


def gather(engine: rag.Engine, asked: Sequence[Asked]) -> list[tuple[Evidence, Result]]:
    """Ask every question, and return what spoke for its best passage and whether that was right."""
    results = evaluate(engine, [one.question for one in asked]).results
    return [(found, result) for result in results if (found := engine.evidence(result.question)) is not None]


def fit(cases: Sequence[tuple[Evidence, Result]]) -> tuple[list[float], dict[str, float]]:
    """Return intercept and coefficients, in the order of ``Evidence``, and for each language the limit that they give.

    Of the answerable questions ``FALSE_REFUSALS`` lie below the limit.
    """
    evidence = np.array([astuple(found) for found, _ in cases])
    right = np.array([result.best_right for _, result in cases])
    # Hardly regularised: there are four coefficients and some three hundred questions.
    model = LogisticRegression(C=10.0).fit(evidence, right)
    sure = model.predict_proba(evidence)[:, 1]
    limits = {}
    for language in ("en", "de"):
        chosen = [result.answerable and result.language == language for _, result in cases]
        limits[language] = float(np.quantile(sure[chosen], FALSE_REFUSALS))
    return [float(model.intercept_[0]), *model.coef_[0].tolist()], limits


def main(dev: Annotated[Path, typer.Option(help="Folder with wikinews.jsonl.")]) -> None:
    """Fit on the dev questions, over the five articles alone and among those of Wikinews."""
    asked = load("dev")
    five = [one for one in asked if one.corpus == "seeds"]
    with seeds() as engine:
        cases = gather(engine, five)
    with newsroom(dev) as engine:
        cases += gather(engine, [one for one in asked if one.question.id.startswith("n")])
        cases += gather(engine, [one for one in asked if one.question.id.startswith("q")])
    coefficients, limits = fit(cases)
    names = ["intercept", *(field.name for field in fields(Evidence))]
    print(f"{len(cases)} questions")
    for name, value in zip(names, coefficients, strict=True):
        print(f"{name:14} {value:.4f}")
    print(f"median of weakest {np.median([found.weakest for found, _ in cases]):.2f}")
    for language, limit in limits.items():
        print(f"limit at {FALSE_REFUSALS:.0%} false refusals, {language}: {limit:.3f}")


if __name__ == "__main__":
    typer.run(main)
