"""What may be said of an error, and to whom. Owns what a browser and a log must not learn.

A browser learns no place on this computer: of a path it is told the last part. A log learns where an error arose and of
what kind it is, but not what it says: a library's message may quote an article or a question.
"""

from __future__ import annotations

import logging
import re
import traceback
from collections.abc import Mapping
from pathlib import PurePosixPath, PureWindowsPath

from rag.errors import FundstelleError
from rag.germansentences import german, recognised
from rag.records import Language

_log = logging.getLogger(__name__)

_UNEXPECTED: Mapping[Language, str] = {
    "en": "Something went wrong that should not have. The terminal shows what; please report it.",
    "de": "Etwas ist schiefgegangen, das nicht hätte schiefgehen dürfen. Das Terminal zeigt, was; bitte melden.",
}
_ROOT = r"(?:file:/*)?(?:[a-z]:[/\\]+|\\\\|(?<!:)//+|/)"
# An absolute path in quotation marks, as errors of the system have it: a folder may be called anything.
_QUOTED = re.compile(rf"(['\"]){_ROOT}.*\1", re.IGNORECASE | re.DOTALL)
# Where any other begins, and all of its folders; their names may have spaces. No address on the web is one.
_FOLDERS = re.compile(rf"(?<![\w.~/\\]){_ROOT}(?=[^\s/\\])(?:[^/\\\n:;,'\"()]+[/\\]+)*", re.IGNORECASE)
_SEPARATOR = re.compile(r"[/\\]")


def sentence(error: Exception, language: Language) -> str:
    """Return what is said of ``error`` in a browser; one that was not raised on purpose is logged, not shown."""
    if not isinstance(error, FundstelleError):
        _log.error("The chat failed.\n%s", trace(error))
        return _UNEXPECTED[language]
    return public(str(error), language)


def public(text: str, language: Language) -> str:
    """Return a sentence of the product as a browser may show it: in its language, and without a path."""
    found = recognised(text)
    shown = found[0].format(*map(_without_path, found[1])) if found else _cut(text)
    return german(shown) if language == "de" else shown


def trace(error: BaseException) -> str:
    """Return the kind of ``error`` and the lines of code it came through, and likewise of what led to it, first."""
    parts: list[str] = []
    seen: set[int] = set()
    one: BaseException | None = error
    while one is not None and id(one) not in seen:
        seen.add(id(one))
        lines = "".join(traceback.format_tb(one.__traceback__))
        parts.append(f"Traceback of {type(one).__qualname__} (what it says is left out):\n{lines}")
        one = one.__cause__ or (None if one.__suppress_context__ else one.__context__)
    return "\nwhich led to\n\n".join(reversed(parts)).rstrip()


def _without_path(value: str) -> str:
    """Return what fills a hole of a sentence: of a path the last part, of a text that holds paths their last parts."""
    if PurePosixPath(value).is_absolute() or PureWindowsPath(value).is_absolute():
        return _last(value)
    return _cut(value)


def _cut(text: str) -> str:
    text = _QUOTED.sub(lambda found: f"{found[1]}{_last(found[0][1:-1])}{found[1]}", text)
    return _FOLDERS.sub("", text)


def _last(path: str) -> str:
    return _SEPARATOR.split(path.rstrip("/\\"))[-1]
