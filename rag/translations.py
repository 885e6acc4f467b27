"""Which German and English words stand for each other. Owns the shipped table and the file it is read from.

The table was learnt from parallel texts (``embeddings/translations/README.md``); it knows stems, not meanings.
"""

from __future__ import annotations

import gzip
import hashlib
import threading
from collections.abc import Mapping, Set
from pathlib import Path
from types import MappingProxyType

from rag.errors import InstallationError
from rag.paths import shipped_translations
from rag.records import Language

# Of the table as it was unpacked; differs if the file is damaged or belongs to another version.
_SHA256 = "b395f8e9b6a0e22f9e716789c11e6a965a918bdaec666ba10872c17944d05fe8"
_NONE: Mapping[str, float] = MappingProxyType({})


class Translations:
    """Stem to stems of the other language with their probabilities. Reads its file when it is first asked."""

    def __init__(self, path: Path | None = None) -> None:
        """Take the table in ``path``, by default the shipped one."""
        self._path = path
        self._tables: dict[Language, dict[str, dict[str, float]]] | None = None
        self._lock = threading.Lock()

    def of(self, stem: str, language: Language) -> Mapping[str, float]:
        """Return what ``stem``, a stem of ``language``, is in the other language: stem to probability, 0 to 1.

        Raises InstallationError if the shipped table is missing or damaged.
        """
        return self._loaded()[language].get(stem, _NONE)

    def stems(self, language: Language) -> Set[str]:
        """Return all stems of ``language`` that are known. Raises InstallationError as ``of``."""
        return self._loaded()[language].keys()

    def _loaded(self) -> dict[Language, dict[str, dict[str, float]]]:
        if self._tables is not None:  # a question asks hundreds of times
            return self._tables
        with self._lock:
            if self._tables is None:
                self._tables = _read(self._path or shipped_translations(), checked=self._path is None)
            return self._tables


def _read(path: Path, *, checked: bool) -> dict[Language, dict[str, dict[str, float]]]:
    """Read lines of: English stem, German stem, P(German|English), P(English|German), the last two in thousandths."""
    try:
        data = gzip.decompress(path.read_bytes())
        if checked and hashlib.sha256(data).hexdigest() != _SHA256:
            raise ValueError("its contents differ")
        german: dict[str, dict[str, float]] = {}
        english: dict[str, dict[str, float]] = {}
        for line in data.decode().splitlines():
            left, right, forward, backward = line.split("\t")
            english.setdefault(left, {})[right] = int(forward) / 1000
            german.setdefault(right, {})[left] = int(backward) / 1000
    except (OSError, ValueError, EOFError) as error:
        raise InstallationError(
            f"The table of translations that comes with Fundstelle is missing or damaged ({path}); install Fundstelle "
            "again, or in a checkout run: git checkout -- embeddings/translations"
        ) from error
    return {"de": german, "en": english}
