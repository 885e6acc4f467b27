"""The engine behind Gradio as it comes, to compare with: ``python plain.py FOLDER`` offers ``ask`` and nothing else."""

from __future__ import annotations

import sys
import threading

import gradio as gr

import rag
from rag.answerjson import answer_fields


def main() -> None:
    """Serve on a free port of this machine and print the address."""
    engine = rag.open(sys.argv[1])
    engine.warm_up()

    def ask(question: str) -> dict:
        return answer_fields(engine.ask(question))

    with gr.Blocks(analytics_enabled=False) as page:
        gr.api(ask, api_name="ask")
    _, address, _ = page.launch(server_name="127.0.0.1", quiet=True, prevent_thread_lock=True, ssr_mode=False)
    sys.stdout.write(f"{address}\n")
    sys.stdout.flush()
    threading.Event().wait()


if __name__ == "__main__":
    main()
