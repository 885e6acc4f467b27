"""What an index was made by: a model, and ways of reading, dividing and stemming. Owns whether two makings are one.

Vectors of one model, or words of one way of stemming, say nothing to those of another: what was made in one way is
asked in that way or made again as a whole.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from rag import articles
from rag.encoder import Encoder
from rag.errors import IndexStoreError
from rag.schema import Manifest
from rag.settings import Settings
from rag.splitting import SPLITTER_VERSION
from rag.terms import TERMS_VERSION


@dataclass(frozen=True, slots=True)
class Making:
    """What decides whether stored articles, passages and vectors are those that would be made now.

    ``model`` is the name by which people know the model; its ``fingerprint`` decides.
    """

    model: str = field(compare=False)
    fingerprint: str
    reader_version: str
    splitter_version: str
    terms_version: str

    def __str__(self) -> str:
        """Return what tells the model from others, also from one of the same name."""
        return f"{self.model} ({self.fingerprint[:12]})"


def at_work(encoder: Encoder, settings: Settings) -> Making:
    """Return how an index would be made now."""
    splitter = f"{SPLITTER_VERSION} {settings.passage_length} {settings.sentence_limit}"
    return Making(encoder.name, encoder.fingerprint, articles.READER_VERSION, splitter, TERMS_VERSION)


def made(manifest: Manifest) -> Making:
    """Return how the generation of ``manifest`` was made."""
    return Making(
        manifest.model,
        manifest.fingerprint,
        manifest.reader_version,
        manifest.splitter_version,
        manifest.terms_version,
    )


def fitting(manifest: Manifest, now: Making) -> Manifest:
    """Return ``manifest``, having seen that its generation can be asked with what is at work ``now``.

    Raises IndexStoreError where it cannot, because another process has made the index anew in its own way.
    """
    was = made(manifest)
    if was.fingerprint != now.fingerprint:
        raise IndexStoreError(
            f"Another program has made the index anew with {was}, and this one asks with {now}; use one model for "
            "both, or end the other one and start this one again."
        )
    if was != now:
        raise IndexStoreError(
            "Another version of this program, or one with other settings, has made the index anew; start this one "
            "again, and the index is made for it."
        )
    return manifest


def notices(was: Making, now: Making) -> Iterator[str]:
    """Yield why everything was made again, if it was."""
    if was.fingerprint != now.fingerprint:
        yield f"The index was built with {was}; it was rebuilt for {now}."
    elif was != now:
        yield "The way articles are read and divided has changed since the index was built; all were read again."
