"""What becomes of an error that nobody foresaw. Owns that it is told in a sentence and logged without its words.

Gradio and the server would write every word of it to the terminal, and with them questions and articles.
"""

from __future__ import annotations

from typing import Any

import gradio as gr
from starlette.requests import ClientDisconnect
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from rag.disclosure import sentence


class Page(gr.Blocks):
    """Blocks whose functions, and what Gradio does around them, fail in a sentence."""

    async def process_api(self, *given: Any, **named: Any) -> dict[str, Any]:  # noqa: ANN401 - Gradio's own signature
        """Do as Gradio does. Raises gr.Error, and nothing else."""
        try:
            return await super().process_api(*given, **named)
        except gr.Error:
            raise
        except Exception as error:
            raise gr.Error(sentence(error, "en"), print_exception=False) from error


class LastResort:
    """Answers 500 where a request fails unforeseen; nothing where whoever asked has gone."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        begun = False

        async def noting(message: Message) -> None:
            nonlocal begun
            begun = True
            await send(message)

        try:
            await self._app(scope, receive, noting)
        except ClientDisconnect:
            return
        except Exception as error:
            if scope["type"] != "http":
                raise
            told = sentence(error, "en")
            if not begun:
                await PlainTextResponse(told, status_code=500)(scope, receive, send)
