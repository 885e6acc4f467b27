"""An engine that is being opened in the background. Owns the waiting; leaves the work to ``rag.open``."""

from __future__ import annotations

import threading
from concurrent.futures import Future
from pathlib import Path

import rag
from rag.records import Progress, ProgressCallback


class Opening:
    """An engine that is being opened in the background, so that the page is there at once."""

    def __init__(
        self,
        corpus: Path | None,
        *,
        model: str | None,
        reranker: str | None = None,
        progress: ProgressCallback | None,
    ) -> None:
        self._engine: Future[rag.Engine] = Future()
        self._latest: Progress | None = None
        self._progress = progress

        def work() -> None:
            try:
                engine = rag.open(corpus, model=model, reranker=reranker, progress=self._note)
                self._latest = None
                engine.warm_up()
                self._engine.set_result(engine)
            except BaseException as error:  # noqa: BLE001 - handed to whoever asks for the engine
                self._engine.set_exception(error)

        # A daemon: Ctrl-C must not wait until a large corpus is indexed; an unfinished generation is never published.
        threading.Thread(target=work, name="opening", daemon=True).start()

    @property
    def done(self) -> bool:
        """Whether the engine is there, or the attempt has failed."""
        return self._engine.done()

    def wait(self, seconds: float) -> None:
        """Return when the engine is there, or after ``seconds``."""
        try:
            self._engine.exception(timeout=seconds)
        except TimeoutError:
            return

    def engine(self) -> rag.Engine:
        """Return the engine, waiting for it. Raises what opening it raised."""
        return self._engine.result()

    def state(self) -> str:
        """Say in a sentence how far the opening is."""
        latest = self._latest
        if latest is None:
            return "Getting ready…"
        unit = "articles" if latest.stage == "reading" else "passages"
        return f"{latest.stage.capitalize()} {latest.done:,} of {latest.total:,} {unit}…"

    def _note(self, progress: Progress) -> None:
        self._latest = progress
        if self._progress is not None:
            self._progress(progress)
