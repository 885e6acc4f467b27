"""The browser chat: the page, what it asks of the engine, and who may ask.

What an answer says and how it looks as HTML is decided below, in ``rag.rendering`` and ``rag.webview``.
"""

from rag.chat.page import serve
from rag.chat.serving import Door

__all__ = ["Door", "serve"]
