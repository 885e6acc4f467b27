"""A folder of articles that is kept ready to be asked. Owns how much of an update is done at a time.

What an update does is the engine's business, how far it is the ledger's, when it is done the library's. Imports nothing
heavy before it is needed.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from rag import paths
from rag.errors import CorpusError, FundstelleError, QuestionError
from rag.ledger import Ledger, State
from rag.records import Progress, ProgressCallback

if TYPE_CHECKING:
    from rag.engine import Engine

# Files of the first stage and of the largest; in between each has twice as many as the one before. The first makes a
# corpus answer within seconds; the largest bounds how long another corpus waits for its turn.
_FIRST, _LARGEST = 8, 256


class Corpus:
    """A folder of articles in a library. Safe to use from several threads at once.

    ``key`` names it, the same after a restart; ``name`` is for people; ``sample`` says that these are the sample
    articles, which stay as they are.
    """

    def __init__(self, folder: Path, ask: Callable[[Corpus], None]) -> None:
        """Make a corpus of ``folder``, an absolute path; ``ask`` has the library's thread work on it."""
        self.folder = folder
        self.key = paths.index_folder(folder).name
        self.name = folder.name or str(folder)
        self.sample = folder == paths.sample_corpus().resolve()
        self._ask = ask
        self._ledger = Ledger()
        self._opening = threading.Lock()
        self._engine: Engine | None = None
        self._size = _FIRST

    @property
    def writable(self) -> bool:
        """Whether files can be added and removed."""
        return not self.sample and os.access(self.folder, os.W_OK)

    def state(self) -> State:
        """Return how far the corpus is."""
        return self._ledger.state()

    def engine(self) -> Engine:
        """Return what answers questions, at once.

        Raises QuestionError if nothing is indexed yet, and what went wrong if that is why.
        """
        engine = self._engine
        if engine is not None and self._ledger.state().answering:
            return engine
        raise self._ledger.error or QuestionError(
            f"The articles in {self.name} are still being prepared. Ask again in a moment."
        )

    def wait(self, seconds: float) -> None:
        """Return when the corpus can be asked or cannot be opened, or after ``seconds``."""
        self._ledger.wait(seconds)

    def reread(self) -> None:
        """Have the folder read again in the background; returns at once."""
        self._ledger.ask()
        self._ask(self)

    def add(self, name: str, data: bytes) -> str:
        """Put a file into the folder, return its article id, and have it indexed; see ``rag.intake.add``.

        Raises ArticleError if it cannot be read as an article, and CorpusError if the folder cannot be written.
        """
        from rag import intake

        self._check_writable()
        article_id = intake.add(self.folder, name, data)
        self.reread()
        return article_id

    def remove(self, article_id: str) -> None:
        """Put a file aside and have it taken out of the index; see ``rag.intake.remove``. Raises as ``add``."""
        from rag import intake

        self._check_writable()
        intake.remove(self.folder, article_id)
        self.reread()

    def restore(self, article_id: str) -> None:
        """Put a file back that was put aside, and have it indexed; see ``rag.intake.restore``. Raises as ``add``."""
        from rag import intake

        self._check_writable()
        intake.restore(self.folder, article_id)
        self.reread()

    def open(self, make: Callable[[Path], Engine]) -> None:
        """Answer from what was indexed earlier, if it is of use. For the library, as soon as the model is there."""
        with self._opening:
            if self._engine is not None:
                return
            engine = make(self.folder)
            try:
                resumed = engine.resume()
            except FundstelleError as error:
                self.fail(error)
            else:
                self._engine = engine
                self._ledger.loaded(engine.report if resumed else None)

    def advance(self, progress: ProgressCallback) -> bool:
        """Do one stage of an update and say whether another is needed. For the library's thread, after ``open``.

        Raises what ``Engine.update`` raises.
        """
        if self._engine is None:
            return False

        def tell(step: Progress) -> None:
            progress(step)
            self._ledger.note(step)

        self._ledger.begin(self._engine.pending())
        report = self._engine.update(tell, most=self._size, allow_empty=True)
        more = self._ledger.finish(report)
        self._size = min(2 * self._size, _LARGEST) if more else _FIRST
        # Questions asked meanwhile need not wait: until then they use what was learnt after the stage before.
        self._engine.warm_up()
        return more

    def fail(self, error: FundstelleError) -> None:
        """Note why the work on this corpus came to an end. For the library's thread."""
        self._size = _FIRST
        self._ledger.fail(error)

    def _check_writable(self) -> None:
        if self.sample:
            raise CorpusError("The sample articles stay as they are; put files into a folder of your own.")
