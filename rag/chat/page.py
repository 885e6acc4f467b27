"""The page of the chat and its address. Owns what Gradio is told; what the page asks for is ``rag.chat.desk``'s.

The page is one custom component. Its markup is ``static/desk.html``, its look ``static/desk.css``, what moves on it the
other files of ``static``, which the browser loads as modules.
"""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import Sequence
from importlib.resources import files
from pathlib import Path

import gradio as gr
from fastapi import FastAPI
from gradio.utils import LRUCache
from starlette.middleware import Middleware
from starlette.staticfiles import StaticFiles

from rag.chat.desk import Desk
from rag.chat.endpoints import publish
from rag.chat.gate import Gate
from rag.chat.lastresort import LastResort, Page
from rag.chat.serving import Door, Opened
from rag.library import Library
from rag.records import ProgressCallback
from rag.settings import LIMITS

_STATIC = Path(str(files("rag.chat"))) / "static"
# Gradio runs this as the body of a plain function; the rest comes as modules, which have names and can be tested.
_START = "import(new URL('desk/main.js', document.baseURI).href).then((page) => page.start(server));"

# Gradio would keep what it knows of ten thousand calls, and make a table of all of it after each one.
_NO_STATISTICS = {"GRADIO_ANALYTICS_MAX_EVENTS": "1", "GRADIO_ANALYTICS_CACHE_FREQUENCY": str(10**9)}

_log = logging.getLogger(__name__)


def serve(  # noqa: PLR0913 - one for each option of the command
    folders: Sequence[Path] = (),
    *,
    door: Door = Door(),
    model: str | None = None,
    reranker: str | None = None,
    watch: bool = False,
    progress: ProgressCallback | None = None,
) -> None:
    """Open the chat over ``folders`` (none: the sample articles) at ``door``, print its address, wait for Ctrl-C.

    The indexes are brought up to date meanwhile, telling ``progress``, and again whenever a file changes if ``watch``.
    Raises FundstelleError if the address is taken or a folder is missing, AccessError if the accounts or the
    certificate cannot be used.
    """
    opened = Opened(door)
    try:
        library = Library(folders, model=model, reranker=reranker, progress=progress, watch=watch)
        gate = Gate()
        try:
            page = application(build(library, gate))
            if door.is_open_text:
                sys.stderr.write("Passwords travel unencrypted; add --certificate and --key (docs/serving.md).\n")
            sys.stdout.write(f"The chat is open at {opened.address} (stop it with Ctrl-C)\n")
            sys.stdout.flush()
            opened.serve(page, ending=gate.close)
        finally:
            gate.close()
            library.close()
    except KeyboardInterrupt:
        _log.debug("Stopped with Ctrl-C")
    finally:
        opened.close()


def build(library: Library, gate: Gate) -> gr.Blocks:
    """Return the page over ``library``, and with it the endpoints for programs; ``gate`` says who may ask."""
    os.environ.update(_NO_STATISTICS)
    page = Page(title="Fundstelle", analytics_enabled=False, fill_width=True)
    with page:
        publish(lambda key: (library.corpora[0] if key is None else library.corpus(key)).engine(), gate)
        gr.HTML(
            (_STATIC / "desk.html").read_text("utf-8"),
            elem_id="fs-page",
            apply_default_css=False,
            js_on_load=_START,
            server_functions=Desk(library, gate).functions(),
        )
    page.queue(max_size=LIMITS.programs)
    page.state_session_capacity = LIMITS.sessions
    # Gradio would keep the answers that nobody fetches for 2,000 sessions, and the name of every session for ever.
    page._queue.pending_messages_per_session = LRUCache(LIMITS.sessions)
    page._queue.pending_event_ids_session = LRUCache(LIMITS.sessions)
    return page


def application(page: gr.Blocks) -> FastAPI:
    """Return what serves ``page`` and its files, with all of Gradio that can be shut shut."""
    app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)
    app.mount("/desk", StaticFiles(directory=_STATIC))
    gr.mount_gradio_app(
        app,
        page,
        "/",
        show_error=False,
        run_history=False,
        # Without it there is no page of the API; the link itself is hidden in desk.css.
        footer_links=["api"],
        ssr_mode=False,
        mcp_server=False,
        enable_monitoring=False,
        allowed_paths=[],
        # Dropped files come through the page's own function; Gradio's upload is shut.
        max_file_size=1,
        app_kwargs={
            "middleware": [Middleware(LastResort)],
            "docs_url": None,
            "redoc_url": None,
            "openapi_url": None,
        },
        theme=_theme(),
        # Not as ``css``, which Gradio rewrites and in doing so loses what is meant for paper.
        head='<link rel="stylesheet" href="desk/desk.css">',
    )
    return app


def _theme() -> gr.themes.Base:
    # Comes with Gradio in these weights; the files of other weights there hold but a few letters.
    sans = [gr.themes.LocalFont("Source Sans Pro", weights=(400, 700)), gr.themes.Font("sans-serif")]
    return gr.themes.Base(primary_hue="teal", neutral_hue="stone", font=sans, font_mono=[gr.themes.Font("monospace")])
