"""What must hold for whatever bytes are read as an article, for the tests and the fuzzer."""

from __future__ import annotations

import hashlib
import traceback
from pathlib import Path

from rag import articles
from rag.articles import File
from rag.errors import ArticleError
from rag.folding import fold
from rag.markup import TOO_DEEP
from rag.records import Article
from rag.splitting import embedding_text, sentence_spans, split

READERS = Path(articles.__file__).parent


def check(name: str, data: bytes) -> Article | None:
    """Read ``data`` as a file of that name; return the article, None where it was refused with a sentence.

    Raises AssertionError where a slice is not in its place; any other error is a fault of the reader as well.
    """
    try:
        article = articles.parse(File(name, data, hashlib.sha256(data).hexdigest(), 0.0))
    except ArticleError as refused:
        _check_refusal(name, refused)
        return None
    _check_blocks(article)
    _check_passages(article)
    for said in (article.title, article.author or "", article.text):
        assert "\0" not in said, said
        said.encode()  # what no file and no database could hold raises here
    return article


def _check_refusal(name: str, refused: ArticleError) -> None:
    """Raise what ``refused`` came from if that arose in the readers themselves, not in a parser that they use."""
    assert str(refused).startswith(name), refused
    assert str(refused).endswith("."), refused
    cause = refused.__cause__
    if cause is None or isinstance(cause, UnicodeDecodeError) or str(cause) == TOO_DEEP:
        return
    where = traceback.extract_tb(cause.__traceback__)[-1].filename
    if Path(where).is_relative_to(READERS):
        raise cause


def _check_blocks(article: Article) -> None:
    end = 0
    for block in article.blocks:
        assert end <= block.start < block.end <= len(article.text), block
        assert not article.text[end : block.start].strip(), block
        end = block.end
    assert not article.text[end:].strip()
    paragraphs = [block.paragraph for block in article.blocks if block.paragraph is not None]
    assert paragraphs == [*range(1, len(paragraphs) + 1)] != []


def _check_passages(article: Article) -> None:
    passages = split(article)
    for passage in passages:
        assert passage.text == fold(article.text[passage.start : passage.end]) != "", passage
        text = embedding_text(passage)
        sentences = "".join(text[start:end] for start, end in sentence_spans(passage))
        assert sentences.replace(" ", "") == passage.text.replace(" ", ""), passage
    whole = [article.text[block.start : block.end] for block in article.blocks if block.paragraph is not None]
    parts = [article.text[passage.start : passage.end] for passage in passages]
    assert "".join("".join(parts).split()) == "".join("".join(whole).split())
