"""Opens the browser chat over the sample articles: ``python app.py``. All else is in ``rag.chat``."""

from rag.chat import serve

if __name__ == "__main__":
    serve()
