"""Where things lie: the sample corpus, the shipped model and table, the folder of a corpus' index. Owns no content."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

from platformdirs import user_data_path

_PACKAGE = Path(__file__).resolve().parent
_CHECKOUT = _PACKAGE.parent


def in_checkout() -> bool:
    """Say whether the package runs from a checkout of the repository rather than installed from a wheel."""
    return (_CHECKOUT / "pyproject.toml").is_file() and (_CHECKOUT / "seeds").is_dir()


def sample_corpus() -> Path:
    """Return the folder of the five sample articles, which travels with the package."""
    return _CHECKOUT / "seeds" if in_checkout() else _PACKAGE / "seeds"


def shipped_model() -> Path:
    """Return the folder of the embedding model, which travels with the package."""
    return _CHECKOUT / "embeddings" / "model" if in_checkout() else _PACKAGE / "model"


def shipped_translations() -> Path:
    """Return the table of German and English words, which travels with the package."""
    folder = _CHECKOUT / "embeddings" / "translations" if in_checkout() else _PACKAGE / "tables"
    return folder / "en-de.tsv.gz"


def own_articles() -> Path:
    """Return the folder for articles that come without a folder of their own; it need not exist."""
    return user_data_path("fundstelle", appauthor=False) / "My articles"


def index_folder(corpus: Path) -> Path:
    """Return the folder in which the index of ``corpus`` is kept: its name for people, a hash of its place for safety.

    In a checkout it lies under ``embeddings/``, else in the user's data folder, never in the corpus itself.
    """
    place = corpus.resolve()
    name = re.sub(r"[^\w-]+", "-", place.name).strip("-")[:40] or "corpus"
    key = hashlib.sha256(str(place).encode("utf-8", "surrogateescape")).hexdigest()[:10]
    root = _CHECKOUT / "embeddings" if in_checkout() else user_data_path("fundstelle", appauthor=False)
    return root / f"{name}-{key}"
