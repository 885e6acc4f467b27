"""How good the answers over a corpus are: questions with known places in, figures with intervals out.

Owns what is asked of the engine and what counts as right; which figures are made of that is told in ``figures``, the
format of questions in ``questionfile``. Writes nothing.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, replace
from difflib import get_close_matches
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from rag import paths
from rag.encoder import load_encoder
from rag.engine import Engine, open_corpus
from rag.errors import EvaluationError, QuestionError
from rag.evaluation.changes import Changes
from rag.evaluation.figures import DEPTH, Group, Result, compare, groups
from rag.evaluation.jsonlines import Fault, encoded
from rag.evaluation.metrics import RESAMPLES, SEED
from rag.evaluation.places import Place, locate, paragraphs
from rag.evaluation.questionfile import Expected, Question, QuestionFile, parse
from rag.folding import fold
from rag.passages import PassageStore
from rag.records import Progress, ProgressCallback
from rag.reranker import load_reranker
from rag.splitting import split


@dataclass(frozen=True, slots=True)
class Evaluation:
    """A result for each question that could be asked, the figures over all and by language, and what was left out."""

    results: tuple[Result, ...]
    groups: tuple[Group, ...]
    faults: tuple[Fault, ...]


def read_questions(path: Path) -> QuestionFile:
    """Return the questions of a file. Raises EvaluationError if it cannot be read or holds none that can be asked."""
    try:
        read = parse(path.read_bytes())
    except OSError as error:
        raise EvaluationError(f"{path} cannot be read ({error.strerror or error}); name another.") from error
    if not read.questions:
        waiting = f' {read.unchecked} are still marked "check": true.' if read.unchecked else ""
        raise EvaluationError(f"{path} holds no question to ask; docs/eval.md shows how.{waiting}{_first(read.faults)}")
    return read


def measure(
    questions: Sequence[Question],
    corpus: Path | None = None,
    change: Changes | None = None,
    *,
    model: str | None = None,
    progress: ProgressCallback | None = None,
) -> tuple[Evaluation, Evaluation | None]:
    """Open a corpus, evaluate, and do so once more with what ``change`` changes; None without one.

    Raises what ``rag.open`` raises, and EvaluationError if no question fits the corpus.
    """
    with open_corpus(corpus, model=model, progress=progress) as engine:
        one = evaluate(engine, questions, progress)
    if not one.results:
        raise EvaluationError(f"No question fits the corpus {engine.corpus}.{_first(one.faults)}")
    if change is None:
        return one, None
    with _changed(engine.corpus, replace(change, model=change.model or model), progress) as engine:
        return one, evaluate(engine, questions, progress)


def evaluate(engine: Engine, questions: Sequence[Question], progress: ProgressCallback | None = None) -> Evaluation:
    """Ask every question on its own and tell how it went.

    The ranking is that of ``retrieve`` to a depth of ``DEPTH``, the answer that of ``ask``, as a user gets it. A
    question whose expected places are not in the corpus is left out and named in ``faults``.
    """
    corpus = _Corpus(engine)
    results: list[Result] = []
    faults: list[Fault] = []
    for done, question in enumerate(questions):
        if progress:
            progress(Progress("asking", done, len(questions), question.id))
        try:
            results.append(_ask(engine, question, corpus))
        except (EvaluationError, QuestionError) as error:
            faults.append(Fault(question.line, str(error)))
    if progress:
        progress(Progress("asking", len(questions), len(questions)))
    return Evaluation(tuple(results), groups(results), tuple(faults))


def to_json(one: Evaluation, other: Evaluation | None = None) -> bytes:
    """Return an evaluation as one JSON object, as told in docs/eval.md; with ``other``, compared with that."""
    told: dict[str, object] = {"resamples": RESAMPLES, "seed": SEED, **asdict(one)}
    if other is not None:
        differences = [asdict(difference) for difference in compare(one.results, other.results)]
        told |= {"compared": asdict(other), "differences": differences}
    return encoded(told, indent=2)


class _Corpus:
    """The articles of an engine, each read, folded and divided once."""

    def __init__(self, engine: Engine) -> None:
        self._ids = engine.article_ids()
        self._article = cache(engine.article)
        self._folded = cache(self._fold)
        #: The passages of an article, by its id.
        self.passages = cache(lambda name: split(self._article(name), engine.settings))

    def places(self, question: Question) -> list[Place]:
        """Return where the question is answered. Raises EvaluationError naming an expected place that is not there."""
        return [place for expected in question.answers for place in self._places(expected)]

    def _places(self, expected: Expected) -> list[Place]:
        if expected.article is None:
            names = [name for name in self._ids if any(str(expected.text) in text for text in self._folded(name))]
        elif expected.article in self._ids:
            names = [expected.article]
        else:
            near = get_close_matches(expected.article, self._ids, n=1)
            remedy = f"did you mean {near[0]}?" if near else "write its path within the folder of articles."
            raise EvaluationError(f"There is no article {expected.article} in the corpus; {remedy}")
        found = [place for name in names for place in locate(expected, self._article(name))]
        if not found:
            raise EvaluationError(_missing(expected))
        return found

    def _fold(self, name: str) -> list[str]:
        article = self._article(name)
        return [fold(article.text[block.start : block.end]) for block in paragraphs(article)]


@contextmanager
def _changed(corpus: Path, change: Changes, progress: ProgressCallback | None) -> Iterator[Engine]:
    """Open ``corpus`` with another model or other settings.

    It works on a copy of the corpus' index in a temporary folder, so that the vectors there need not be made again
    and the index itself stays as it is.
    """
    with TemporaryDirectory(prefix="fundstelle-", ignore_cleanup_errors=True) as folder:
        index = Path(folder) / "index"
        # Where another process is writing, whatever of the copy is missing or damaged is made anew.
        with suppress(OSError):
            shutil.copytree(paths.index_folder(corpus), index)
        reranker = load_reranker(change.reranker) if change.reranker is not None else None
        store, encoder = PassageStore(index), load_encoder(change.model)
        with Engine(corpus, store, encoder, reranker=reranker, settings=change.settings) as engine:
            engine.update(progress)
            yield engine


def _first(faults: Sequence[Fault]) -> str:
    return f" Line {faults[0].line}: {faults[0].reason}" if faults else ""


def _missing(expected: Expected) -> str:
    """Say that an expected place is not in the corpus."""
    where = expected.article or "any article"
    if expected.text is None:
        return f"There is no paragraph {expected.paragraph} in {where}; `fundstelle index` tells how many it has."
    paragraph = f"paragraph {expected.paragraph}" if expected.paragraph is not None else "a paragraph"
    words = expected.text if len(expected.text) <= 60 else f"{expected.text[:60]}…"
    return f"“{words}” does not stand in {paragraph} of {where}; copy the words from there as they stand."


def _ask(engine: Engine, question: Question, corpus: _Corpus) -> Result:
    places = corpus.places(question)
    hits = [hit.passage for hit in engine.retrieve(question.question, k=DEPTH)]
    answer = engine.ask(question.question, k=engine.settings.hits)
    right = [any(place.found_by(passage) for place in places) for passage in hits]
    names = {place.article_id for place in places}
    every = [passage for name in names for passage in corpus.passages(name)]
    return Result(
        id=question.id,
        language=question.language,
        question=question.question,
        # Never fewer than were found, whatever another process publishes meanwhile.
        expected=max(sum(any(place.found_by(passage) for place in places) for passage in every), sum(right)),
        ranks=tuple(rank for rank, is_right in enumerate(right, 1) if is_right),
        cited=len(answer.statements),
        cited_right=sum(any(place.found_by(s.citation) for place in places) for s in answer.statements),
        confidence=answer.confidence,
    )
