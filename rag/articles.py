"""A folder of files -> articles. Owns finding and opening files, and the choice of reader by file name."""

from __future__ import annotations

import hashlib
import os
import stat
from dataclasses import dataclass, replace
from datetime import date, datetime
from pathlib import Path

from rag import burden, dates, layout, markup
from rag.decoding import decode
from rag.errors import ArticleError
from rag.language import guess
from rag.records import Article, BlockKind, Dated, Skipped
from rag.settings import DEFAULTS

# Raised whenever the same file would give another article; a stored index of another version is rebuilt.
READER_VERSION = "3"

PLAIN = frozenset({".txt"})
MARKDOWN = frozenset({".md", ".markdown"})
HTML = frozenset({".html", ".htm"})
READABLE = PLAIN | MARKDOWN | HTML

_FOLDER_LINK = "it is a link to a folder; put the folder itself there."
# Nothing is waited for, and no link is followed that has taken a file's place since it was looked at.
_WARY = getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_NOFOLLOW", 0)


@dataclass(frozen=True, slots=True)
class File:
    """A file as it was loaded: its article ``id``, its bytes, their SHA-256, and when it was changed, in seconds."""

    id: str
    data: bytes
    content_hash: str
    modified: float


def find(corpus: Path) -> tuple[list[Path], list[Skipped]]:
    """List the files of a folder and its subfolders that can be read, sorted, and those passed over, with the reason.

    Hidden files and folders (names beginning with a dot) are left out without a word.
    """
    found: list[Path] = []
    skipped: list[Skipped] = []
    folders = [corpus]
    while folders:
        folder = folders.pop()
        try:
            with os.scandir(folder) as inside:
                entries = [entry for entry in inside if not entry.name.startswith(".")]
        except OSError as error:
            skipped.append(_skipped(folder, corpus, f"it cannot be read: {error.strerror}."))
            continue
        for entry in entries:
            path = Path(entry)
            if entry.is_dir(follow_symlinks=False) and entry.name.isprintable():
                folders.append(path)
            elif reason := _FOLDER_LINK if entry.is_symlink() and path.is_dir() else refusal(path, corpus):
                skipped.append(_skipped(path, corpus, reason))
            else:
                found.append(path)
    skipped.sort(key=lambda file: file.path)
    return sorted(found, key=lambda path: article_id(path, corpus)), skipped


def _skipped(path: Path, corpus: Path, reason: str) -> Skipped:
    """Name a file that is passed over so that every terminal and page can show its name."""
    name = article_id(path, corpus)
    shown = (c if c.isprintable() else c.encode("unicode_escape").decode() for c in name)
    return Skipped("".join(shown), reason)


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


def load(path: Path, corpus: Path) -> File:
    """Load one file, which ``refusal`` has nothing against. Raises ArticleError, naming it, if it cannot be had whole.

    What is asked of it is asked of the open file: whatever has taken its place since then is not read.
    """
    name = article_id(path, corpus)
    place = Path(os.path.realpath(path))
    try:
        with open(place, "rb", opener=lambda file, flags: os.open(file, flags | _WARY)) as file:
            before = os.fstat(file.fileno())
            fit = place.is_relative_to(os.path.realpath(corpus)) and not _unfit(before)
            data = file.read(before.st_size + 1) if fit else b""
            after = os.fstat(file.fileno())
    except OSError as error:
        raise ArticleError(f"{name} cannot be read: {error.strerror}. Check its permissions.") from error
    if not fit or len(data) != before.st_size or before.st_mtime_ns != after.st_mtime_ns:
        raise ArticleError(f"{name} was changed while it was read; read the folder again.")
    return File(name, data, hashlib.sha256(data).hexdigest(), before.st_mtime)


def read(path: Path, corpus: Path) -> Article:
    """Read one file. Raises ArticleError, naming the file, where it is not an article that can be read."""
    return parse(load(path, corpus))


def parse(file: File) -> Article:
    """Make an article of a file's bytes. Raises ArticleError, naming the file, where they are none."""
    suffix = Path(file.id).suffix.lower()
    text, encoding = decode(file.data, file.id, html=suffix in HTML)
    if not text.strip():
        raise ArticleError(f"{file.id} is empty.")
    make = _from_text if suffix in PLAIN else _from_markup
    article = make(file.id, text, file.content_hash)
    paragraphs = [article.text[b.start : b.end] for b in article.blocks if b.kind is BlockKind.PARAGRAPH]
    if not paragraphs:
        raise ArticleError(f"{file.id} holds no article text, only menus, forms or headings.")
    published, dated = _dated(article, file.modified)
    return replace(article, encoding=encoding, published=published, dated=dated, language=guess("\n".join(paragraphs)))


def _from_text(name: str, text: str, digest: str) -> Article:
    burden.check(name, burden.of_text(text))
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
    html = Path(name).suffix.lower() in HTML
    source = markup.without_pictures(source) if html else source
    burden.check(name, burden.of_html(source) if html else burden.of_markdown(source))
    try:
        found = markup.from_html(source) if html else markup.from_markdown(source)
    except Exception as error:  # parsers fail in ways of their own, and one file must not end the run
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


def refusal(path: Path, corpus: Path) -> str:
    """Say in a sentence why a file is not to be read, "" if it is."""
    if not path.name.isprintable():
        return "its name has characters that cannot be shown; rename it."
    if path.suffix.lower() not in READABLE:
        return f"files of this kind are not read; readable are {', '.join(sorted(READABLE))}."
    try:
        if path.is_symlink() and not Path(os.path.realpath(path)).is_relative_to(os.path.realpath(corpus)):
            return "it is a link that leads out of the folder."
        status = path.stat()
    except OSError as error:
        return f"it cannot be read: {error.strerror}."
    return _unfit(status) or ("it is empty." if status.st_size == 0 else "")


def _unfit(status: os.stat_result) -> str:
    """Say in a sentence why a file of this status is not to be read, "" if it is."""
    if not stat.S_ISREG(status.st_mode):
        return "it is not a regular file."
    if status.st_size > DEFAULTS.file_limit_bytes:
        return f"it is larger than {DEFAULTS.file_limit_bytes // 1_000_000} MB."
    return ""
