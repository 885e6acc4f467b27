"""Several corpora that are opened, filled and kept up to date in the background. Owns the threads that do so.

One thread does all updates, a stage of each corpus in turn, so that every one can soon be asked; all share one model.
Imports nothing heavy before that thread needs it, so that a page over a library is there at once.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from rag import paths
from rag.corpus import Corpus
from rag.disclosure import trace
from rag.errors import CorpusError, FundstelleError, QuestionError
from rag.ledger import FileState, Phase, State, Step
from rag.records import Progress, ProgressCallback

if TYPE_CHECKING:
    from rag.encoder import Encoder
    from rag.engine import Engine
    from rag.reranker import Reranker

__all__ = ["Corpus", "FileState", "Library", "Phase", "State", "Step"]

_LOG = logging.getLogger(__name__)
_FAULT = (
    "{name} could not be read because of a fault of the program ({kind}). Please report it together with what "
    "`fundstelle --debug chat` writes."
)


class Library:
    """Corpora over ``folders``, the sample articles where none is named; ``close`` ends the work on them.

    ``model`` and ``reranker`` are as in ``rag.open``; ``progress`` is told of every step, from another thread. With
    ``watch`` folders are read again by themselves when a file changes. Raises CorpusError if a folder is missing.
    """

    def __init__(
        self,
        folders: Sequence[Path] = (),
        *,
        model: str | None = None,
        reranker: str | None = None,
        progress: ProgressCallback | None = None,
        watch: bool = False,
    ) -> None:
        self._models = model, reranker
        self._progress = progress
        self._watch = watch
        self._make: Callable[[Path], Engine] | None = None
        self._changed = threading.Condition()
        self._queue: list[Corpus] = []
        self._closing = threading.Event()
        self._threads: list[threading.Thread] = []
        self.corpora: tuple[Corpus, ...] = ()
        for folder in dict.fromkeys(_existing(folder) for folder in folders or _usual()):
            self._take(folder)
        self._start(self._work)

    def corpus(self, key: str) -> Corpus:
        """Return the corpus with this key. Raises QuestionError if there is none."""
        for corpus in self.corpora:
            if corpus.key == key:
                return corpus
        raise QuestionError("These articles are not open. Choose one of the folders that are, or open theirs as well.")

    def own(self) -> Corpus:
        """Return the corpus for files without a folder of their own, made when it is first asked for.

        It is there again at the next start if no folder is named and it holds a file. Raises CorpusError if its folder
        cannot be made.
        """
        folder = paths.own_articles()
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise CorpusError(f"The folder {folder} cannot be made ({error.strerror}); make room for it.") from error
        folder = folder.resolve()
        with self._changed:
            known = next((corpus for corpus in self.corpora if corpus.folder == folder), None)
            return known or self._take(folder)

    def close(self) -> None:
        """End all work, also in the middle, and return when it has ended; the next start goes on from there."""
        self._closing.set()
        with self._changed:
            self._changed.notify_all()
        # However long that takes: torch aborts where the interpreter ends under a thread that is within it.
        for thread in self._threads:
            thread.join()

    def _take(self, folder: Path) -> Corpus:
        corpus = Corpus(folder, self._ask)
        self.corpora = (*self.corpora, corpus)
        if self._make is not None:
            corpus.open(self._make)
        corpus.reread()
        if self._watch:
            from rag.watching import tell_changes

            self._start(lambda: tell_changes(folder, corpus.reread, self._closing))
        return corpus

    def _start(self, work: Callable[[], None]) -> None:
        # A daemon, so that whoever does not wait for the end of the work can end the program all the same.
        thread = threading.Thread(target=work, name="library", daemon=True)
        self._threads.append(thread)
        thread.start()

    def _ask(self, corpus: Corpus) -> None:
        with self._changed:
            if corpus not in self._queue:
                self._queue.append(corpus)
                self._changed.notify_all()

    def _work(self) -> None:
        """Work on the corpora that are asked for, a stage of each in turn, until the library is closed."""
        while (corpus := self._next()) is not None:
            try:
                if self._make is None:
                    self._make = _load(*self._models, self._go_on)
                for one in self.corpora:
                    one.open(self._make)
                if corpus.advance(self._tell):
                    # Where no other corpus has a stage to do, this one goes on without saying that it waits.
                    if self._queue:
                        corpus.reread()
                    else:
                        self._ask(corpus)
            except _ClosedError:
                return
            except FundstelleError as error:
                corpus.fail(error)
            except Exception as error:  # noqa: BLE001 - logged, and told to whoever looks
                _LOG.error("The work on %s failed.\n%s", corpus.folder, trace(error))
                corpus.fail(FundstelleError(_FAULT.format(name=corpus.name, kind=type(error).__name__)))

    def _next(self) -> Corpus | None:
        with self._changed:
            self._changed.wait_for(lambda: self._queue or self._closing.is_set())
            return None if self._closing.is_set() else self._queue.pop(0)

    def _go_on(self) -> None:
        if self._closing.is_set():
            raise _ClosedError

    def _tell(self, progress: Progress) -> None:
        self._go_on()
        if self._progress is not None:
            self._progress(progress)


class _ClosedError(BaseException):
    """The library is closed in the middle of an update. No Exception, so that nothing on the way handles it."""


def _existing(folder: Path) -> Path:
    if not folder.is_dir():
        raise CorpusError(f"There is no folder {folder}; name the folder that holds the articles.")
    return folder.resolve()


def _usual() -> list[Path]:
    """Return the sample articles, and the folder of ``own`` if it holds anything."""
    own = paths.own_articles()
    return [paths.sample_corpus(), own] if any(own.glob("[!.]*")) else [paths.sample_corpus()]


def _load(model: str | None, reranker: str | None, go_on: Callable[[], None]) -> Callable[[Path], Engine]:
    """Load the models and return what makes an engine of a folder; its encoder calls ``go_on`` now and then.

    Raises EncoderError.
    """
    from rag.courtesy import CourteousEncoder
    from rag.encoder import load_encoder
    from rag.engine import Engine
    from rag.passages import PassageStore
    from rag.reranker import load_reranker

    encoder: Encoder = CourteousEncoder(load_encoder(model), go_on)
    chosen: Reranker | None = load_reranker(reranker) if reranker is not None else None
    encoder.encode_queries(["?"])  # reads the weights, which takes seconds, while the page says so

    def make(folder: Path) -> Engine:
        return Engine(folder, PassageStore(paths.index_folder(folder)), encoder, reranker=chosen)

    return make
