"""The façade: open a corpus, retrieve, ask. Owns how the parts work together and nothing of what they do."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Self, TypeVar

from rag import abstention, answering, checking, citing, dialogue, indexing, intake, paths, retrieval, suggesting
from rag.abstention import Evidence, Unrelated
from rag.changes import WHOLE, Stage
from rag.encoder import Encoder, load_encoder
from rag.errors import IndexDamagedError
from rag.evaluation import feedback
from rag.language import guess
from rag.making import at_work, fitting
from rag.passages import PassageStore, Snapshot
from rag.records import (
    Answer,
    Article,
    ArticleSummary,
    Citation,
    Filter,
    Hit,
    IndexReport,
    Language,
    Located,
    Pending,
    ProgressCallback,
    Standing,
)
from rag.reranker import Reranker, load_reranker
from rag.retrieval import Generation
from rag.settings import DEFAULTS, Settings
from rag.translations import Translations
from rag.vectors import VectorIndex

_Result = TypeVar("_Result")


class Engine:
    """A corpus that is ready for questions. Safe to use from several threads at once.

    Every answer is made from one generation of the index, also while another process publishes the next.
    """

    def __init__(
        self,
        corpus: Path,
        store: PassageStore,
        encoder: Encoder,
        *,
        reranker: Reranker | None = None,
        settings: Settings = DEFAULTS,
    ) -> None:
        """Make an engine over a store; ``update`` brings the index up to date before the first question."""
        self.corpus = corpus
        self.settings = settings
        self._store = store
        self._encoder = encoder
        self._tools = retrieval.Tools(encoder, Translations(), settings, reranker)
        self._loaded: tuple[str, VectorIndex] | None = None
        self._loading = threading.Lock()
        self._report: IndexReport | None = None
        # What unrelated questions scored when last asked: between a stage of an update and ``warm_up`` it will do.
        self._usual: dict[Language, Unrelated] = {}
        self._between = False

    @property
    def report(self) -> IndexReport:
        """What the last ``update`` of this engine did."""
        return self._report if self._report is not None else self.update()

    def update(
        self, progress: ProgressCallback | None = None, *, most: int | None = None, allow_empty: bool = False
    ) -> IndexReport:
        """Bring the index up to date with the files of the corpus.

        With ``most`` so many (1 or more) new or changed files are read, if the index need not be made again as a whole;
        ``report.waiting`` counts the rest. A folder without articles is an error unless ``allow_empty``. Raises
        CorpusError, EncoderError, IndexStoreError or IndexBusyError; the old index then stays in use.
        """
        self._between = most is not None
        stage = Stage(progress or WHOLE.progress, most=most, allow_empty=allow_empty)
        self._report = indexing.update(self.corpus, self._store, self._encoder, settings=self.settings, stage=stage)
        return self._report

    def resume(self) -> bool:
        """Answer from what was indexed earlier, whatever the files hold now; False where that cannot be asked.

        Raises IndexStoreError if the index cannot be used.
        """
        found = indexing.existing(self._store, self._encoder, settings=self.settings)
        self._report = found or self._report
        return self._report is not None

    def inspect(self) -> float:
        """Read the whole index; return the share of the nearest that a search finds. See ``rag.indexing.inspect``."""
        return indexing.inspect(self._store)

    def pending(self) -> list[Pending]:
        """Return the files that the next ``update`` has to read. Raises IndexStoreError if the index is unusable."""
        return indexing.pending(self.corpus, self._store, self._encoder, settings=self.settings)

    def add(self, name: str, data: bytes) -> str:
        """Put a file into the corpus and return its article id; ``update`` indexes it. See ``rag.intake.add``."""
        return intake.add(self.corpus, name, data)

    def remove(self, article_id: str) -> None:
        """Put an article's file aside; ``update`` takes it out of the index. See ``rag.intake.remove``."""
        intake.remove(self.corpus, article_id)

    def restore(self, article_id: str) -> None:
        """Put a file back that was put aside; ``update`` indexes it again. See ``rag.intake.restore``."""
        intake.restore(self.corpus, article_id)

    def retrieve(self, question: str, k: int = DEFAULTS.hits, *, filter: Filter = Filter()) -> list[Hit]:
        """Return the ``k`` passages that fit ``question`` best, best first; fewer where there are fewer.

        Only articles that pass ``filter`` are searched. Raises QuestionError for an empty or over-long question, for a
        ``k`` below 1 or above the limit, and for a filter with an article or a folder that is not in the index or with
        dates that end before they begin.
        """
        query = self._query(question, k)
        return self._on_one_generation(
            lambda generation: retrieval.search(query, retrieval.narrowed(generation, filter), self._tools, k)
        )

    def ask(
        self,
        question: str,
        history: Sequence[str] = (),
        *,
        k: int = DEFAULTS.hits,
        follow_ups: bool = True,
        filter: Filter = Filter(),
    ) -> Answer:
        """Answer ``question`` with cited sentences, or with none where the articles do not answer it.

        ``history`` holds the earlier questions of the conversation, oldest first; with ``follow_ups`` False it is left
        out of account. Only articles that pass ``filter`` are asked; where none does, the answer has no hits and its
        confidence is 0. Raises QuestionError as ``retrieve``.
        """
        answering.require(question, k, self.settings)
        standalone = dialogue.standalone(history if follow_ups else (), question)
        # The latest words are what is asked: where both are too long together, the history gives way.
        if len(standalone) > self.settings.question_limit:
            standalone = question.strip()
        query = self._query(standalone, k)

        def answer(generation: Generation) -> Answer:
            asked = retrieval.narrowed(generation, filter)
            hits = retrieval.search(query, asked, self._tools, max(k, self.settings.statement_pool))
            found = self._evidence(question, query, hits, generation)
            sure = abstention.confidence(found) if found else 0.0
            pool = hits[: self.settings.statement_pool] if sure >= self.settings.least_confidence else []
            statements = answering.statements(query, pool, generation, self._tools)
            return Answer(question, standalone, *citing.cited_first(statements, hits, k), sure, filter)

        return self._on_one_generation(answer)

    def evidence(self, question: str) -> Evidence | None:
        """Return what speaks for the best passage as an answer to ``question``, None where nothing was found.

        The confidence of an answer is made of this. Raises QuestionError as ``retrieve``.
        """
        query = self._query(question, 1)

        def found(generation: Generation) -> Evidence | None:
            hits = retrieval.search(query, generation, self._tools, self.settings.statement_pool)
            return self._evidence(question, query, hits, generation)

        return self._on_one_generation(found)

    def warm_up(self) -> None:
        """Load the model and learn what unrelated questions score, so that the first question need not wait for it."""
        if self._tools.reranker is not None:
            self._tools.reranker.score("?", ["?"])
        # What they score may be noted from an earlier start; model and tables are loaded by the first search.
        self.retrieve(abstention.UNRELATED["en"][0], 1)
        self._on_one_generation(self._learn)
        self._between = False

    def article(self, article_id: str) -> Article:
        """Return an article as it was indexed. Raises IndexStoreError for an id that is not in the index."""
        return self._on_a_snapshot(lambda snapshot: snapshot.article(article_id))

    def article_ids(self) -> list[str]:
        """Return the ids of all indexed articles, sorted."""
        return self._on_a_snapshot(lambda snapshot: snapshot.article_ids())

    def check(self, citations: Sequence[Citation]) -> list[Standing]:
        """Return what has become of each citation, however old, seen from the files as they are now."""
        return self._on_a_snapshot(lambda snapshot: checking.standings(citations, self.corpus, snapshot))

    def permalink(self, citation: Citation) -> str:
        """Return a text that names the paragraph of ``citation`` for good and fits into the fragment of a URL.

        Raises IndexStoreError or QuestionError where the index does not hold, or no longer, what is cited.
        """
        return self._on_a_snapshot(lambda snapshot: checking.permalink(citation, snapshot))

    def locate(self, link: str) -> Located:
        """Return the paragraph that a permalink leads to. Raises QuestionError if it is none or leads nowhere."""
        return self._on_a_snapshot(lambda snapshot: checking.located(link, snapshot))

    def articles(self) -> list[ArticleSummary]:
        """Return what a list of all indexed articles shows, sorted by id."""
        return self._on_a_snapshot(lambda snapshot: snapshot.summaries())

    def suggest(self, language: Language, answer: Answer | None = None, n: int = 4) -> list[str]:
        """Return up to ``n`` questions in ``language`` that the articles answer; with ``answer``, to go on from it."""
        articles = self._on_a_snapshot(
            lambda snapshot: [snapshot.article(name) for name in suggesting.sources(snapshot.summaries(), answer)]
        )
        ask = self.ask if answer is None else partial(self.ask, filter=answer.filter)
        return suggesting.suggest(articles, language, ask, answer=answer, n=n)

    def judge(self, answer: Answer, verdict: feedback.Verdict, *, reason: str = "") -> None:
        """Note a reader's verdict on ``answer`` where ``fundstelle eval`` reads it. Raises EvaluationError."""
        entry = feedback.feedback_on(answer, verdict, self.corpus, reason=reason)
        feedback.append(feedback.feedback_file(self.corpus), entry)

    def close(self) -> None:
        """Let go of the vectors; the engine opens them again when it is asked."""
        self._loaded = None

    def __enter__(self) -> Self:
        """Return the engine itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close the engine."""
        self.close()

    def _query(self, question: str, k: int) -> retrieval.Query:
        answering.require(question, k, self.settings)
        return retrieval.prepare(question, self._encoder)

    def _evidence(
        self, question: str, query: retrieval.Query, hits: list[Hit], generation: Generation
    ) -> Evidence | None:
        """Return what speaks for the first of ``hits`` as an answer, None where there are none."""
        if not hits:
            return None
        language = guess(question)
        if not self._between or language not in self._usual:
            self._usual[language] = answering.unrelated(generation, language, self._tools, self._store)
        return answering.evidence(query, hits, self._usual[language], generation)

    def _learn(self, generation: Generation) -> None:
        for language in abstention.UNRELATED if len(generation.index) else ():
            self._usual[language] = answering.unrelated(generation, language, self._tools, self._store)

    def _on_one_generation(self, work: Callable[[Generation], _Result]) -> _Result:
        """Do ``work`` on the current generation, which is made where there is none."""
        if self._report is None:
            self.update()
        return self._on_a_snapshot(lambda snapshot: work(Generation(snapshot, self._vectors(snapshot))))

    def _on_a_snapshot(self, work: Callable[[Snapshot], _Result]) -> _Result:
        """Do ``work`` on what is stored; where that is found damaged, build it anew and try once more."""
        try:
            with self._store.snapshot() as snapshot:
                return work(snapshot)
        except IndexDamagedError as damage:
            self._report = indexing.rebuild(self.corpus, self._store, self._encoder, damage, settings=self.settings)
            with self._store.snapshot() as snapshot:
                return work(snapshot)

    def _vectors(self, snapshot: Snapshot) -> VectorIndex:
        """Return the vectors of the snapshot's generation. Raises IndexStoreError if questions do not fit them."""
        manifest = fitting(snapshot.require_manifest(), at_work(self._encoder, self.settings))
        with self._loading:
            if self._loaded is None or self._loaded[0] != manifest.vectors_sha256:
                self._loaded = manifest.vectors_sha256, indexing.load_vectors(self._store, snapshot, self.settings)
            return self._loaded[1]


def open_corpus(
    corpus: str | Path | None = None,
    *,
    model: str | None = None,
    reranker: str | None = None,
    index: Path | None = None,
    progress: ProgressCallback | None = None,
) -> Engine:
    """Open a folder of articles, bring its index up to date and return the engine that answers from it.

    ``corpus`` is the folder (default: the sample articles), ``model`` a sentence-transformers folder or hub name
    (default: the shipped model), ``reranker`` a CrossEncoder likewise (default: none), ``index`` the folder to keep the
    index in (default: see ``rag.paths``). Raises CorpusError, EncoderError, IndexStoreError or IndexBusyError.
    """
    folder = Path(corpus) if corpus is not None else paths.sample_corpus()
    store = PassageStore(index if index is not None else paths.index_folder(folder))
    engine = Engine(folder, store, load_encoder(model), reranker=load_reranker(reranker) if reranker else None)
    engine.update(progress)
    return engine
