"""Files -> articles -> passages -> vectors -> the next generation of the index, published all at once or not at all.

Owns what has to be done again and in which order; how each thing is done is the rooms' business.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from filelock import FileLock, Timeout
from numpy.typing import NDArray

from rag import articles, changes
from rag.changes import WHOLE, Changes, Stage
from rag.encoder import Encoder
from rag.errors import CorpusError, IndexBusyError, IndexDamagedError, IndexStoreError
from rag.passages import PassageStore, Snapshot
from rag.records import Article, IndexReport, Passage, Pending, Progress
from rag.schema import Manifest, vector_key
from rag.settings import Settings
from rag.splitting import SPLITTER_VERSION, embedding_text, sentence_texts
from rag.terms import TERMS_VERSION
from rag.vectors import StoredVectors, VectorIndex, remove_other_files

_LOG = logging.getLogger(__name__)


def update(
    corpus: Path, store: PassageStore, encoder: Encoder, *, settings: Settings, stage: Stage = WHOLE
) -> IndexReport:
    """Bring the index in ``store`` up to date with the files of ``corpus`` and say what was done.

    Only passages whose vectors are not stored yet are encoded; nothing is published where nothing changed. A damaged
    index is built anew. Raises CorpusError if there is nothing to index, EncoderError if the model fails,
    IndexBusyError if another process keeps the index busy, and IndexStoreError if it cannot be written; the
    generation that was current then stays current.
    """
    # Before anything is made in the store: a mistyped folder must leave nothing behind.
    if not corpus.is_dir():
        raise CorpusError(f"There is no folder {corpus}; name the folder that holds the articles.")
    job = _Job(corpus, store, encoder, settings, stage)
    with _locked(store.folder, settings.lock_timeout):
        try:
            return _update(job)
        except IndexDamagedError as damage:
            return _rebuilt(job, damage)


def rebuild(
    corpus: Path, store: PassageStore, encoder: Encoder, damage: IndexDamagedError, *, settings: Settings
) -> IndexReport:
    """Build the index in ``store`` anew because reading it raised ``damage``. Raises what ``update`` raises.

    A folder that has been emptied since gives an empty index.
    """
    with _locked(store.folder, settings.lock_timeout):
        return _rebuilt(_Job(corpus, store, encoder, settings, Stage(allow_empty=True)), damage)


def existing(corpus: Path, store: PassageStore, encoder: Encoder, *, settings: Settings) -> IndexReport | None:
    """Return what an earlier run left in ``store``; None where that cannot be asked by what is at work now.

    The files of ``corpus`` are not looked at. Raises IndexStoreError if the store cannot be used.
    """
    job = _Job(corpus, store, encoder, settings, WHOLE)
    try:
        with store.snapshot() as snapshot:
            manifest = snapshot.manifest
            if manifest is None or _differs(manifest, _wanted(job, manifest)):
                return None
            count, passages = len(snapshot.article_ids()), len(load_vectors(store, snapshot))
    except IndexDamagedError:
        return None  # the next update heals it
    return IndexReport(count, passages, 0, 0, unchanged=count, removed=0, encoded=0, generation=manifest.generation)


def pending(corpus: Path, store: PassageStore, encoder: Encoder, *, settings: Settings) -> list[Pending]:
    """Return the files of ``corpus`` that an update would read: those new, changed or refused before.

    Raises IndexStoreError if the store cannot be used.
    """
    job = _Job(corpus, store, encoder, settings, WHOLE)
    hashes: dict[str, str] = {}
    with suppress(IndexDamagedError), store.snapshot() as snapshot:
        if snapshot.manifest and not _differs(snapshot.manifest, _wanted(job, snapshot.manifest)):
            hashes = snapshot.content_hashes()
    return list(changes.pending(corpus, hashes))


def load_vectors(store: PassageStore, snapshot: Snapshot) -> VectorIndex:
    """Return the vectors of the snapshot's generation.

    A lost or damaged file is made again from the vectors in the database, without encoding anything. Raises
    IndexDamagedError if these cannot be trusted either, IndexStoreError if nothing was indexed yet.
    """
    manifest = snapshot.require_manifest()
    try:
        return VectorIndex.load(store.folder, StoredVectors(manifest.vectors_file, manifest.vectors_sha256))
    except IndexDamagedError as damage:
        _LOG.warning("%s It is made again from the database.", damage)
    index = _index(snapshot, manifest.dimension)
    try:
        index.save(store.folder)
    except IndexStoreError as error:
        # The index in memory is whole; that it could not be kept costs time at the next start, no more.
        _LOG.warning("%s", error)
    return index


@dataclass(frozen=True, slots=True)
class _Job:
    """What one update works on."""

    corpus: Path
    store: PassageStore
    encoder: Encoder
    settings: Settings
    stage: Stage


def _update(job: _Job) -> IndexReport:
    """Do the work of ``update``. The caller holds the lock."""
    with job.store.snapshot() as snapshot:
        old, hashes = snapshot.manifest, snapshot.content_hashes()
    wanted = _wanted(job, old)
    everything = old is None or _differs(old, wanted)
    found = changes.read(job.corpus, hashes, job.settings, job.stage, everything=everything)
    encoded = _encode(job, found.read)
    if old != wanted or found.read or found.removed:
        wanted = _publish(job, wanted, found)
    with job.store.snapshot() as snapshot:
        # Repairs the file, or finds that it cannot be repaired, now and not at the first question.
        passages = len(load_vectors(job.store, snapshot))
    remove_other_files(job.store.folder, wanted.vectors_file)
    added = sum(article.id not in hashes for article, _ in found.read)
    same = sum(article.content_hash == hashes.get(article.id) for article, _ in found.read)
    return IndexReport(
        articles=found.kept + len(found.read),
        passages=passages,
        added=added,
        changed=len(found.read) - added - same,
        unchanged=found.kept + same,
        removed=len(found.removed),
        encoded=encoded,
        generation=wanted.generation,
        skipped=tuple(found.skipped),
        notices=tuple(_notices(old, wanted)),
        waiting=found.waiting,
    )


def _rebuilt(job: _Job, damage: IndexDamagedError) -> IndexReport:
    """Do the work of ``update`` without what is stored. The caller holds the lock."""
    _LOG.warning("%s", damage)
    job.store.discard()
    report = _update(job)
    notice = f"The index in {job.store.folder} was damaged; it was built anew from the articles."
    return replace(report, notices=(notice, *report.notices))


def _wanted(job: _Job, old: Manifest | None) -> Manifest:
    """Return the manifest the index should have; that of ``old`` itself where nothing but articles may differ."""
    settings = job.settings
    same_model = old is not None and old.fingerprint == job.encoder.fingerprint
    return Manifest(
        generation=old.generation if old else 0,
        model=job.encoder.name,
        fingerprint=job.encoder.fingerprint,
        dimension=old.dimension if old and same_model else 0,
        reader_version=articles.READER_VERSION,
        splitter_version=f"{SPLITTER_VERSION} {settings.passage_length} {settings.sentence_limit}",
        terms_version=TERMS_VERSION,
        corpus=str(job.corpus.resolve()),
        vectors_file=old.vectors_file if old else "",
        vectors_sha256=old.vectors_sha256 if old else "",
    )


def _differs(old: Manifest, wanted: Manifest) -> bool:
    """Say whether what is stored was made in another way, so that every article has to be read again."""
    return _making(old) != _making(wanted)


def _making(manifest: Manifest) -> tuple[str, ...]:
    return (manifest.fingerprint, manifest.reader_version, manifest.splitter_version, manifest.terms_version)


def _notices(old: Manifest | None, new: Manifest) -> Iterator[str]:
    """Say why everything was made again, if it was."""
    if old is None or not _differs(old, new):
        return
    if old.fingerprint == new.fingerprint:
        yield "The way articles are read and divided has changed since the index was built; all were read again."
    elif old.model == new.model:
        yield f"The files of the model {new.model} have changed since the index was built; it was rebuilt."
    else:
        yield f"The index was built with {old.model}; it was rebuilt for {new.model}."


def _encode(job: _Job, read: list[tuple[Article, list[Passage]]]) -> int:
    """Store the vectors that are missing, batch by batch, so that an interrupted run goes on where it was."""
    fingerprint = job.encoder.fingerprint
    wanted = {vector_key(fingerprint, embedding_text(passage)): passage for _, some in read for passage in some}
    # The longest first: a batch of equal lengths wastes nothing on padding, and the time left is never underestimated.
    missing = sorted(job.store.missing_keys(wanted), key=lambda key: (-len(wanted[key].text), key))
    for start in range(0, len(missing), job.settings.encode_batch):
        batch = missing[start : start + job.settings.encode_batch]
        job.stage.progress(Progress("encoding", start, len(missing)))
        job.store.store_vectors(batch, *_vectors(job.encoder, [wanted[key] for key in batch]))
    if missing:
        job.stage.progress(Progress("encoding", len(missing), len(missing)))
    return len(missing)


def _vectors(encoder: Encoder, passages: list[Passage]) -> tuple[NDArray[np.float32], list[NDArray[np.float32]]]:
    """Return the vectors of passages (n, d), and for each passage those of its sentences (s, d)."""
    texts = [embedding_text(passage) for passage in passages]
    sentences = [sentence_texts(passage) for passage in passages]
    # A passage of one sentence and no heading is that sentence.
    distinct = {text: row for row, text in enumerate(dict.fromkeys([*texts, *(s for some in sentences for s in some)]))}
    vectors = encoder.encode_passages(list(distinct))
    return vectors[[distinct[text] for text in texts]], [vectors[[distinct[s] for s in some]] for some in sentences]


def _publish(job: _Job, wanted: Manifest, found: Changes) -> Manifest:
    """Write the next generation and make it current in one commit, which points at a file that is already on disk."""
    job.stage.progress(Progress("publishing", 0, 1))
    with job.store.draft() as draft:
        draft.remove([*found.removed, *(article.id for article, _ in found.read)])
        for article, passages in found.read:
            draft.add(article, passages, job.encoder.fingerprint)
        index = _index(draft, wanted.dimension or job.encoder.dimension)
        stored = index.save(job.store.folder)
        wanted = replace(
            wanted,
            generation=wanted.generation + 1,
            dimension=index.dimension,
            vectors_file=stored.file,
            vectors_sha256=stored.sha256,
        )
        # Vectors that an interrupted run has made for files that wait now are not lost.
        draft.publish(wanted, complete=not found.waiting)
    job.stage.progress(Progress("publishing", 1, 1))
    return wanted


def _index(snapshot: Snapshot, dimension: int) -> VectorIndex:
    """Return the index of the snapshot's vectors; that of none has a ``dimension`` too."""
    ids, vectors = snapshot.vectors()
    return VectorIndex.build(ids, vectors if len(ids) else vectors.reshape(0, dimension))


@contextmanager
def _locked(folder: Path, timeout: float) -> Iterator[None]:
    """Keep every other writer out of ``folder``. Raises IndexBusyError if one is inside for ``timeout`` seconds."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        lock = FileLock(folder / "index.lock", timeout=timeout).acquire()
    except Timeout as error:
        raise IndexBusyError(
            f"Another process has been bringing the index in {folder} up to date for {timeout:g} seconds; "
            "wait until it is done, or end it, and try again."
        ) from error
    except OSError as error:
        raise IndexStoreError(
            f"The index folder {folder} cannot be written ({error.strerror or error}); make it writable."
        ) from error
    with lock:
        yield
