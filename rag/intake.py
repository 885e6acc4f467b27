"""Files into a corpus, out of it and back again. Owns names, places and never destroying anything.

What is put in is read as an article first, so that nothing lands that could not be found. What is taken out lies in the
hidden folder ``.removed`` of the corpus, where it can be put back from. Ids may come from anywhere, a browser for one:
none leads out of the corpus.
"""

from __future__ import annotations

import os
import re
import tempfile
import threading
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from itertools import count
from pathlib import Path, PurePosixPath

from rag import articles
from rag.errors import ArticleError, CorpusError
from rag.settings import DEFAULTS

_REMOVED = ".removed"
# What Windows allows in no name, and the names it keeps for devices.
_RESERVED = re.compile(r'[<>:"|?*]')
_DEVICE = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\..*)?", re.IGNORECASE)
# File systems end at 255 bytes; " (12)" and a suffix must fit as well.
_LONGEST = 200

# Two files of one name that come at once must not take one another for half written.
_one_at_a_time = threading.Lock()


def add(corpus: Path, name: str, data: bytes) -> str:
    """Write ``data`` into the folder ``corpus`` as a file called ``name`` and return its article id.

    Nothing is overwritten: where ``name`` is taken by other content, the file is called "name (2)" and so on; where it
    holds the same bytes, nothing is written. Raises ArticleError, naming the file, if it cannot be read as an article,
    and CorpusError if the folder cannot be written.
    """
    name = _clean(name)
    _check(name, data)
    with _one_at_a_time, _writing(corpus), tempfile.TemporaryDirectory(prefix=".incoming-", dir=corpus) as folder:
        incoming = Path(folder, name)
        with incoming.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        articles.read(incoming, Path(folder))
        for place in _names(corpus / name):
            if _move(incoming, place) or _holds(place, data):
                return articles.article_id(place, corpus)
    raise AssertionError("there is always another number")


def remove(corpus: Path, article_id: str) -> None:
    """Move an article's file to the folder ``.removed`` of ``corpus``; what lies there under its name stays as well.

    Raises ArticleError if there is no such file, and CorpusError if the folder cannot be written.
    """
    source, target = _place(corpus, article_id), _place(corpus, article_id, removed=True)
    if not source.is_file():
        raise _missing(article_id)
    with _one_at_a_time, _writing(corpus):
        target.parent.mkdir(parents=True, exist_ok=True)
        # The latest keeps the name, by which ``restore`` knows it.
        if os.path.lexists(target):
            any(_move(target, place) for place in _names(target))
        source.replace(target)


def restore(corpus: Path, article_id: str) -> None:
    """Put the file back that ``remove`` has put aside last under this id.

    Raises ArticleError if there is none, or if another file has its place by now, and CorpusError if the folder cannot
    be written.
    """
    source, target = _place(corpus, article_id, removed=True), _place(corpus, article_id)
    if not os.path.lexists(source):
        raise _missing(article_id)
    with _one_at_a_time, _writing(corpus):
        target.parent.mkdir(parents=True, exist_ok=True)
        if _move(source, target):
            return
        if not _holds(target, source.read_bytes()):
            raise ArticleError(
                f"{article_id} cannot be put back: there is another file of that name. Rename or remove that one first."
            )
        source.unlink()


def _clean(name: str) -> str:
    """Return ``name`` as a file name that every system takes and every list can show; only its last part counts."""
    last = unicodedata.normalize("NFC", re.split(r"[/\\]", name)[-1])
    shown = "".join(character for character in _RESERVED.sub("-", last) if character.isprintable())
    # A dot in front would hide the file; Windows drops dots and spaces at the end.
    path = PurePosixPath(shown.lstrip(". ").rstrip(". "))
    stem = path.stem.encode()[:_LONGEST].decode("utf-8", "ignore").rstrip(". ")
    return f"_{stem}{path.suffix}" if _DEVICE.fullmatch(path.name) else f"{stem}{path.suffix}"


def _check(name: str, data: bytes) -> None:
    """Raise ArticleError where it is plain without reading that ``data`` is no article."""
    if PurePosixPath(name).suffix.lower() not in articles.READABLE:
        kinds = ", ".join(sorted(articles.READABLE))
        raise ArticleError(f"{name or 'A file without a name'} is not read; files that are read end in {kinds}.")
    if len(data) > DEFAULTS.file_limit_bytes:
        raise ArticleError(f"{name} is larger than {DEFAULTS.file_limit_bytes // 1_000_000} MB; divide it.")


def _place(corpus: Path, article_id: str, *, removed: bool = False) -> Path:
    """Return where an article's file lies, or where it lies when ``removed``. Raises ArticleError for no such place.

    As when a folder is read, no part of the way may be hidden or be a link.
    """
    base = corpus.resolve() / _REMOVED if removed else corpus.resolve()
    parts = article_id.split("/")
    path = base.joinpath(*parts)
    odd = "\\" in article_id or not article_id.isprintable() or any(part.startswith(".") or not part for part in parts)
    if odd or path.suffix.lower() not in articles.READABLE or not path.is_relative_to(base):
        raise _missing(article_id)
    if path.parent.resolve() != path.parent:
        raise _missing(article_id)
    return path


def _missing(article_id: str) -> ArticleError:
    return ArticleError(f"There is no file {article_id}; it may have been moved or renamed. Read the folder again.")


def _names(path: Path) -> Iterator[Path]:
    """Yield ``path`` itself, then "name (2)", "name (3)" and so on."""
    yield path
    for number in count(2):
        yield path.with_name(f"{path.stem} ({number}){path.suffix}")


def _move(source: Path, target: Path) -> bool:
    """Move ``source`` to ``target``; False where that is taken. Nobody ever sees half a file."""
    try:
        # A second name, then one less: whoever is interrupted in between leaves the file under both.
        os.link(source, target)
    except FileExistsError:
        return False
    except OSError:
        return _move_without_links(source, target)
    source.unlink()
    return True


def _move_without_links(source: Path, target: Path) -> bool:
    """Move on a disk where a file has one name only; who is interrupted may leave an empty file in its place."""
    try:
        target.open("xb").close()
    except FileExistsError:
        return False
    try:
        source.replace(target)
    except OSError:
        target.unlink()
        raise
    return True


def _holds(path: Path, data: bytes) -> bool:
    """Say whether ``path`` is a file of exactly these bytes."""
    with suppress(OSError):
        return path.is_file() and not path.is_symlink() and path.read_bytes() == data
    return False


@contextmanager
def _writing(corpus: Path) -> Iterator[None]:
    """Say in a sentence what went wrong with the files of ``corpus``."""
    try:
        yield
    except OSError as error:
        raise CorpusError(
            f"The folder {corpus} cannot be changed ({error.strerror or error}); make it writable, or make room on the "
            "disk, and try again."
        ) from error
