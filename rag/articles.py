"""A folder of files -> articles. Owns finding files, decoding bytes and the choice of reader by file name."""

from __future__ import annotations

import hashlib
import os
import re
import stat
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path

from charset_normalizer import from_bytes

from rag import dates, layout, markup
from rag.errors import ArticleError
from rag.language import guess
from rag.records import Article, BlockKind, Dated, Skipped
from rag.settings import DEFAULTS

# Raised whenever the same file would give another article; a stored index of another version is rebuilt.
READER_VERSION = "2"

PLAIN = frozenset({".txt"})
MARKDOWN = frozenset({".md", ".markdown"})
HTML = frozenset({".html", ".htm"})
READABLE = PLAIN | MARKDOWN | HTML

_BYTE_ORDER_MARKS = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))
_DECLARED = re.compile(rb"<meta[^>]{0,200}?charset\s*=\s*[\"']?\s*([\w.:-]{1,40})", re.IGNORECASE)


def find(corpus: Path) -> tuple[list[Path], list[Skipped]]:
    """List the files of a folder and its subfolders that can be read, sorted, and those passed over, with the reason.

    Hidden files and folders (names beginning with a dot) are left out without a word.
    """
    found: list[Path] = []
    skipped: list[Skipped] = []
    for folder, folders, names in os.walk(corpus):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(names):
            if name.startswith("."):
                continue
            path = Path(folder, name)
            reason = refusal(path, corpus)
            if reason:
                skipped.append(Skipped(article_id(path, corpus), reason))
            else:
                found.append(path)
    return sorted(found, key=lambda path: article_id(path, corpus)), skipped


def article_id(path: Path, corpus: Path) -> str:
    """Return the path relative to the corpus folder, with forward slashes."""
    return path.relative_to(corpus).as_posix()


def locate(article_id: str, corpus: Path) -> Path | None:
    """Return the file that an article id names, None where the corpus has none.

    The id may come from anywhere: what leads out of the corpus, by dots or by links, or to a hidden file names nothing.
    """
    parts = article_id.split("/")
    if any(not part or part.startswith(".") for part in parts):
        return None
    path = corpus.joinpath(*parts)
    try:
        inside = Path(os.path.realpath(path)).is_relative_to(os.path.realpath(corpus))
        return path if inside and path.is_file() else None
    except (OSError, ValueError):  # a name that no file can have
        return None


def content_hash(path: Path) -> str:
    """Return the SHA-256 of a file's bytes, in hexadecimal. Raises ArticleError where it cannot be read."""
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise ArticleError(f"{path.name} cannot be read: {error.strerror}. Check its permissions.") from error


def read(path: Path, corpus: Path) -> Article:
    """Read one file. Raises ArticleError, naming the file, where it is not an article that can be read."""
    name = article_id(path, corpus)
    try:
        data = path.read_bytes()
        modified = path.stat().st_mtime
    except OSError as error:
        raise ArticleError(f"{name} cannot be read: {error.strerror}. Check its permissions.") from error
    suffix = path.suffix.lower()
    text, encoding = decode(data, name, html=suffix in HTML)
    if not text.strip():
        raise ArticleError(f"{name} is empty.")
    digest = hashlib.sha256(data).hexdigest()
    article = _from_text(name, text, digest) if suffix in PLAIN else _from_markup(name, text, digest)
    paragraphs = [article.text[b.start : b.end] for b in article.blocks if b.kind is BlockKind.PARAGRAPH]
    if not paragraphs:
        raise ArticleError(f"{name} holds no article text, only menus, forms or headings.")
    published, dated = _dated(article, modified)
    return replace(article, encoding=encoding, published=published, dated=dated, language=guess("\n".join(paragraphs)))


def _from_text(name: str, text: str, digest: str) -> Article:
    found = layout.analyse(text)
    return Article(
        name,
        found.title,
        text,
        found.blocks,
        digest,
        found.title_derived,
        found.author,
        found.published,
        found.reading_minutes,
        dated=Dated.TEXT if found.published else None,
    )


def _from_markup(name: str, source: str, digest: str) -> Article:
    try:
        found = markup.from_html(source) if Path(name).suffix.lower() in HTML else markup.from_markdown(source)
    except (ValueError, RecursionError) as error:
        raise ArticleError(f"{name} cannot be parsed; save the page again or convert it to plain text.") from error
    if found is None:
        raise ArticleError(f"{name} holds no article text that could be told apart from the page around it.")
    return Article(
        name,
        found.title,
        found.text,
        found.blocks,
        digest,
        found.title_derived,
        found.author,
        found.published,
        dated=found.dated,
    )


def _dated(article: Article, modified: float) -> tuple[date | None, Dated | None]:
    """Return the date of an article and where it was read: its own if it can be, else that of the file, local time."""
    if article.published and dates.credible(article.published, datetime.now().astimezone().date()):
        return article.published, article.dated
    try:
        return datetime.fromtimestamp(modified).astimezone().date(), Dated.FILE
    except (OSError, OverflowError, ValueError):
        # Nothing stops a file from being of the year 40,000.
        return None, None


def decode(data: bytes, name: str, *, html: bool = False) -> tuple[str, str]:
    """Decode a file and return (text, encoding): by byte order mark, as UTF-8, as an HTML page declares, or recognised.

    Raises ArticleError naming the file and the offset of the first byte that makes no sense.
    """
    for mark, encoding in _BYTE_ORDER_MARKS:
        if data.startswith(mark):
            return _strict(data, encoding, name), encoding
    try:
        return _without_nul(data.decode("utf-8"), name), "utf-8"
    except UnicodeDecodeError as error:
        offset = error.start
        # A few bad bytes in what else is UTF-8 is a damaged file; read as Windows-1252 every umlaut would be wrong.
        damaged = len(data.decode("utf-8", "ignore").encode()) - _ascii(data) > sum(byte > 127 for byte in data) / 2
    declared = _DECLARED.search(data[:4096]) if html else None
    if declared and not damaged:
        try:
            return _strict(data, declared[1].decode("ascii"), name), declared[1].decode("ascii").lower()
        except LookupError:
            pass
    # Left to choose among all code pages the library now and then takes cp1250 or cp1257 for German text.
    best = None if damaged else from_bytes(data, cp_isolation=["cp1252", "utf_16_le", "utf_16_be"]).best()
    if best is None:
        raise ArticleError(
            f"{name} cannot be decoded: the byte at offset {offset} is not UTF-8, and the file is not recognisable as "
            "UTF-16 or Windows-1252 text either. Save it as UTF-8."
        )
    return _without_nul(str(best), name), best.encoding


def _ascii(data: bytes) -> int:
    return sum(byte <= 127 for byte in data)


def _strict(data: bytes, encoding: str, name: str) -> str:
    try:
        return _without_nul(data.decode(encoding), name)
    except UnicodeDecodeError as error:
        raise ArticleError(
            f"{name} cannot be decoded: it says it is {encoding}, but the byte at offset {error.start} is not. "
            "Save it as UTF-8."
        ) from error


def _without_nul(text: str, name: str) -> str:
    if "\0" in text:
        raise ArticleError(f"{name} is not text: it has a NUL character at offset {text.index(chr(0))}.")
    return text


def refusal(path: Path, corpus: Path) -> str:
    """Say in a sentence why a file is not to be read, "" if it is."""
    if any(not character.isprintable() for character in path.name):
        return "its name has characters that cannot be shown; rename it."
    if path.suffix.lower() not in READABLE:
        return f"files of this kind are not read; readable are {', '.join(sorted(READABLE))}."
    if path.is_symlink() and not path.resolve().is_relative_to(corpus.resolve()):
        return "it is a link that leads out of the folder."
    try:
        status = path.stat()
    except OSError as error:
        return f"it cannot be read: {error.strerror}."
    if not stat.S_ISREG(status.st_mode):
        return "it is not a regular file."
    if status.st_size > DEFAULTS.file_limit_bytes:
        return f"it is larger than {DEFAULTS.file_limit_bytes // 1_000_000} MB."
    return "it is empty." if status.st_size == 0 else ""
