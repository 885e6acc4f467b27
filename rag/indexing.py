"""Files -> articles -> passages -> vectors -> the next generation of the index, published all at once or not at all.

Owns what has to be done again and in which order; how each thing is done is the rooms' business.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from filelock import FileLock, Timeout
from numpy.typing import NDArray

from rag import articles
from rag.encoder import Encoder
from rag.errors import ArticleError, CorpusError, IndexBusyError, IndexDamagedError, IndexStoreError
from rag.passages import PassageStore, Snapshot
from rag.records import Article, IndexReport, Passage, Progress, ProgressCallback, Skipped
from rag.schema import Manifest, vector_key
from rag.settings import Settings
from rag.splitting import SPLITTER_VERSION, embedding_text, sentence_texts, split
from rag.terms import TERMS_VERSION
from rag.vectors import StoredVectors, VectorIndex, remove_other_files

_LOG = logging.getLogger(__name__)


def update(
    corpus: Path,
    store: PassageStore,
    encoder: Encoder,
    *,
    settings: Settings,
    progress: ProgressCallback | None = None,
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
    job = _Job(corpus, store, encoder, settings, progress or _ignore)
    with _locked(store.folder, settings.lock_timeout):
        try:
            return _update(job)
        except IndexDamagedError as damage:
            return _rebuilt(job, damage)


def rebuild(
    corpus: Path, store: PassageStore, encoder: Encoder, damage: IndexDamagedError, *, settings: Settings
) -> IndexReport:
    """Build the index in ``store`` anew because reading it raised ``damage``. Raises what ``update`` raises."""
    with _locked(store.folder, settings.lock_timeout):
        return _rebuilt(_Job(corpus, store, encoder, settings, _ignore), damage)


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
    index = VectorIndex.build(*snapshot.vectors())
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
    progress: ProgressCallback


@dataclass(frozen=True, slots=True)
class _Changes:
    """What the files ask for: articles to write and to remove; ``kept`` counts those that stay as they are stored."""

    read: list[tuple[Article, list[Passage]]]
    removed: list[str]
    kept: int
    skipped: list[Skipped]


def _update(job: _Job) -> IndexReport:
    """Do the work of ``update``. The caller holds the lock."""
    with job.store.snapshot() as snapshot:
        old, hashes = snapshot.manifest, snapshot.content_hashes()
    wanted = _wanted(job, old)
    changes = _changes(job, hashes, everything=old is None or _differs(old, wanted))
    encoded = _encode(job, changes.read)
    if old != wanted or changes.read or changes.removed:
        wanted = _publish(job, wanted, changes)
    with job.store.snapshot() as snapshot:
        # Repairs the file, or finds that it cannot be repaired, now and not at the first question.
        passages = len(load_vectors(job.store, snapshot))
    remove_other_files(job.store.folder, wanted.vectors_file)
    added = sum(article.id not in hashes for article, _ in changes.read)
    same = sum(article.content_hash == hashes.get(article.id) for article, _ in changes.read)
    return IndexReport(
        articles=changes.kept + len(changes.read),
        passages=passages,
        added=added,
        changed=len(changes.read) - added - same,
        unchanged=changes.kept + same,
        removed=len(changes.removed),
        encoded=encoded,
        generation=wanted.generation,
        skipped=tuple(changes.skipped),
        notices=tuple(_notices(old, wanted)),
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


def _changes(job: _Job, hashes: dict[str, str], *, everything: bool) -> _Changes:
    """Read the files that are new or changed, or all of them. Raises CorpusError if no file is an article."""
    paths, skipped = articles.find(job.corpus)
    read: list[tuple[Article, list[Passage]]] = []
    kept: set[str] = set()
    for done, path in enumerate(paths, start=1):
        name = articles.article_id(path, job.corpus)
        try:
            if everything or articles.content_hash(path) != hashes.get(name):
                article = articles.read(path, job.corpus)
                read.append((article, split(article, job.settings)))
            else:
                kept.add(name)
        except (ArticleError, OSError) as error:
            skipped.append(Skipped(name, str(error)))
        job.progress(Progress("reading", done, len(paths), name))
    if not kept and not any(passages for _, passages in read):
        raise CorpusError(
            f"The folder {job.corpus} holds no article that can be read; put .txt, .md or .html files into it."
        )
    present = kept | {article.id for article, _ in read}
    return _Changes(read, sorted(set(hashes) - present), len(kept), skipped)


def _encode(job: _Job, read: list[tuple[Article, list[Passage]]]) -> int:
    """Store the vectors that are missing, batch by batch, so that an interrupted run goes on where it was."""
    fingerprint = job.encoder.fingerprint
    wanted = {vector_key(fingerprint, embedding_text(passage)): passage for _, some in read for passage in some}
    # The longest first: a batch of equal lengths wastes nothing on padding, and the time left is never underestimated.
    missing = sorted(job.store.missing_keys(wanted), key=lambda key: (-len(wanted[key].text), key))
    for start in range(0, len(missing), job.settings.encode_batch):
        batch = missing[start : start + job.settings.encode_batch]
        job.progress(Progress("encoding", start, len(missing)))
        job.store.store_vectors(batch, *_vectors(job.encoder, [wanted[key] for key in batch]))
    if missing:
        job.progress(Progress("encoding", len(missing), len(missing)))
    return len(missing)


def _vectors(encoder: Encoder, passages: list[Passage]) -> tuple[NDArray[np.float32], list[NDArray[np.float32]]]:
    """Return the vectors of passages (n, d), and for each passage those of its sentences (s, d)."""
    texts = [embedding_text(passage) for passage in passages]
    sentences = [sentence_texts(passage) for passage in passages]
    # A passage of one sentence and no heading is that sentence.
    distinct = {text: row for row, text in enumerate(dict.fromkeys([*texts, *(s for some in sentences for s in some)]))}
    vectors = encoder.encode_passages(list(distinct))
    return vectors[[distinct[text] for text in texts]], [vectors[[distinct[s] for s in some]] for some in sentences]


def _publish(job: _Job, wanted: Manifest, changes: _Changes) -> Manifest:
    """Write the next generation and make it current in one commit, which points at a file that is already on disk."""
    job.progress(Progress("publishing", 0, 1))
    with job.store.draft() as draft:
        draft.remove([*changes.removed, *(article.id for article, _ in changes.read)])
        for article, passages in changes.read:
            draft.add(article, passages, job.encoder.fingerprint)
        index = VectorIndex.build(*draft.vectors())
        stored = index.save(job.store.folder)
        wanted = replace(
            wanted,
            generation=wanted.generation + 1,
            dimension=index.dimension,
            vectors_file=stored.file,
            vectors_sha256=stored.sha256,
        )
        draft.publish(wanted)
    job.progress(Progress("publishing", 1, 1))
    return wanted


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


def _ignore(progress: Progress) -> None:
    """Take no notice of progress."""
