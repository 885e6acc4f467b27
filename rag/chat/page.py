"""The page of the chat and its address. Owns what Gradio is told; what the page asks for is ``rag.chat.desk``'s.

The page is one custom component. Its markup is ``static/desk.html``, its look ``static/desk.css``, what moves on it the
other files of ``static``, which the browser loads as modules.
"""

from __future__ import annotations

import logging
import os
import sys
import threading
from collections.abc import Sequence
from importlib.resources import files
from pathlib import Path

import gradio as gr
from starlette.routing import Mount
from starlette.staticfiles import StaticFiles

from rag.chat.desk import Desk
from rag.chat.endpoints import publish
from rag.chat.guard import middleware
from rag.errors import FundstelleError
from rag.library import Library
from rag.records import ProgressCallback

_HOST = "127.0.0.1"
_STATIC = Path(str(files("rag.chat"))) / "static"
# Gradio runs this as the body of a plain function; the rest comes as modules, which have names and can be tested.
_START = "import(new URL('desk/main.js', document.baseURI).href).then((page) => page.start(server));"

_log = logging.getLogger(__name__)


def serve(  # noqa: PLR0913 - one for each option of the command
    folders: Sequence[Path] = (),
    *,
    model: str | None = None,
    reranker: str | None = None,
    port: int | None = None,
    watch: bool = False,
    progress: ProgressCallback | None = None,
) -> None:
    """Open the chat over ``folders`` (none: the sample articles) on this machine, print its address, wait for Ctrl-C.

    ``port`` None means 7860 or the next free one. The indexes are brought up to date meanwhile, telling ``progress``,
    and again whenever a file changes if ``watch``. Raises FundstelleError if the port is taken or a folder is missing.
    """
    library = Library(folders, model=model, reranker=reranker, progress=progress, watch=watch)
    page = build(library)
    try:
        address = _launch(page, port)
        sys.stdout.write(f"The chat is open at {address} (stop it with Ctrl-C)\n")
        sys.stdout.flush()
        threading.Event().wait()
    except KeyboardInterrupt:
        _log.debug("Stopped with Ctrl-C")
    finally:
        page.close(verbose=False)
        library.close()


def build(library: Library) -> gr.Blocks:
    """Return the page over ``library``, and with it the endpoints for programs."""
    page = gr.Blocks(title="Fundstelle", analytics_enabled=False, fill_width=True)
    with page:
        publish(lambda key: (library.corpora[0] if key is None else library.corpus(key)).engine())
        gr.HTML(
            (_STATIC / "desk.html").read_text("utf-8"),
            elem_id="fs-page",
            apply_default_css=False,
            js_on_load=_START,
            server_functions=Desk(library).functions(),
        )
    # Each waiting call of a program holds a worker thread, so their number is bounded; encoding itself uses all cores.
    page.queue(max_size=64, default_concurrency_limit=4)
    return page


def _launch(page: gr.Blocks, port: int | None) -> str:
    # Gradio asks its own address once whether it is up, and would ask a proxy for it.
    os.environ["NO_PROXY"] = ",".join(filter(None, (os.environ.get("NO_PROXY"), _HOST)))
    try:
        _, address, _ = page.launch(
            server_name=_HOST,
            server_port=port,
            share=False,
            quiet=True,
            prevent_thread_lock=True,
            show_error=False,
            run_history=False,
            # Without it there is no page of the API; the link itself is hidden in desk.css.
            footer_links=["api"],
            ssr_mode=False,
            mcp_server=False,
            enable_monitoring=False,
            # Dropped files come through the page's own function; Gradio's upload is shut.
            max_file_size=1,
            state_session_capacity=200,
            app_kwargs={
                "middleware": middleware(_HOST),
                "routes": [Mount("/desk", StaticFiles(directory=_STATIC))],
                "docs_url": None,
                "redoc_url": None,
                "openapi_url": None,
            },
            theme=_theme(),
            # Not as ``css``, which Gradio rewrites and in doing so loses what is meant for paper.
            head='<link rel="stylesheet" href="desk/desk.css">',
        )
    except OSError as error:
        taken = f"Port {port} is" if port else "The ports from 7860 on are"
        raise FundstelleError(f"{taken} in use. Choose another one with --port.") from error
    return str(address)


def _theme() -> gr.themes.Base:
    # Comes with Gradio in these weights; the files of other weights there hold but a few letters.
    sans = [gr.themes.LocalFont("Source Sans Pro", weights=(400, 700)), gr.themes.Font("sans-serif")]
    return gr.themes.Base(primary_hue="teal", neutral_hue="stone", font=sans, font_mono=[gr.themes.Font("monospace")])
