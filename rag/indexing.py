"""Files -> articles -> passages -> vectors -> the next generation of the index, published all at once or not at all.

Owns what has to be done again and in which order; how each thing is done is the rooms' business.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path

from filelock import FileLock, Timeout

from rag import changes, encoding
from rag.changes import WHOLE, Changes, Stage
from rag.encoder import Encoder
from rag.errors import CorpusError, IndexBusyError, IndexDamagedError, IndexOutdatedError, IndexStoreError
from rag.making import at_work, made, notices
from rag.passages import PassageStore, Snapshot
from rag.records import IndexReport, Pending, Progress
from rag.schema import Manifest
from rag.settings import DEFAULTS, Settings
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
            report = _stages(job)
        except IndexDamagedError as damage:
            report = _rebuilt(job, damage)
        store.trust()
        return report


def rebuild(
    corpus: Path, store: PassageStore, encoder: Encoder, damage: IndexDamagedError, *, settings: Settings
) -> IndexReport:
    """Build the index in ``store`` anew because reading it raised ``damage``. Raises what ``update`` raises.

    A folder that has been emptied since gives an empty index.
    """
    with _locked(store.folder, settings.lock_timeout):
        return _rebuilt(_Job(corpus, store, encoder, settings, Stage(allow_empty=True)), damage)


def existing(store: PassageStore, encoder: Encoder, *, settings: Settings) -> IndexReport | None:
    """Return what an earlier run left in ``store``; None where that cannot be asked by what is at work now.

    No file of the corpus is looked at. Raises IndexStoreError if the store cannot be used.
    """
    try:
        store.examine()
        with store.snapshot() as snapshot:
            manifest = snapshot.manifest
            if manifest is None or made(manifest) != at_work(encoder, settings):
                return None
            count, passages = len(snapshot.article_ids()), snapshot.passage_count()
    except IndexDamagedError:
        return None  # the next update heals it
    return IndexReport(count, passages, 0, 0, unchanged=count, removed=0, encoded=0, generation=manifest.generation)


def pending(corpus: Path, store: PassageStore, encoder: Encoder, *, settings: Settings) -> list[Pending]:
    """Return the files of ``corpus`` that an update would read: those new, changed or refused before.

    Raises IndexStoreError if the store cannot be used.
    """
    hashes: dict[str, str] = {}
    with suppress(IndexDamagedError), store.snapshot() as snapshot:
        if snapshot.manifest and made(snapshot.manifest) == at_work(encoder, settings):
            hashes = snapshot.content_hashes()
    return list(changes.pending(corpus, hashes))


def load_vectors(store: PassageStore, snapshot: Snapshot, settings: Settings = DEFAULTS) -> VectorIndex:
    """Return the vectors of the snapshot's generation.

    A lost or damaged file is made again from the vectors in the database, without encoding anything. Raises
    IndexDamagedError if these cannot be trusted either, IndexStoreError if nothing was indexed yet.
    """
    return _held(store, snapshot, settings)[0]


def inspect(store: PassageStore) -> float:
    """Read all that is stored; return the share (0 to 1) of the ten nearest to stored passages that a search finds.

    Raises IndexDamagedError if anything is not as it was written, IndexStoreError if nothing was indexed yet.
    """
    with store.snapshot() as snapshot:
        manifest = snapshot.require_manifest()
        snapshot.examine()
        for name in snapshot.article_ids():
            snapshot.article(name)
            ids = snapshot.passage_ids([name]).tolist()
            snapshot.passages(ids)
            snapshot.pieces(ids)
        index = VectorIndex.load(store.folder, StoredVectors(manifest.vectors_file, manifest.vectors_sha256))
        return index.recall(snapshot) if len(index) else 1.0


def _held(store: PassageStore, snapshot: Snapshot, settings: Settings) -> tuple[VectorIndex, bool]:
    """Return what ``load_vectors`` returns, and whether the file that the manifest names may go on being it."""
    manifest = snapshot.require_manifest()
    try:
        return VectorIndex.load(store.folder, StoredVectors(manifest.vectors_file, manifest.vectors_sha256)), True
    except IndexDamagedError as damage:
        _LOG.warning("%s It is made again from the database.", damage)
    index = VectorIndex.build(snapshot, manifest.dimension, exact=settings.exact_vectors)
    if not index.is_exact:
        # What an inverted file is depends on what it was: the next update will point at a new one.
        return index, False
    try:
        index.save(store.folder)
    except IndexStoreError as error:
        # The index in memory is whole; that it could not be kept costs time at the next start, no more.
        _LOG.warning("%s", error)
    return index, True


@dataclass(frozen=True, slots=True)
class _Job:
    """What one update works on."""

    corpus: Path
    store: PassageStore
    encoder: Encoder
    settings: Settings
    stage: Stage


def _stages(job: _Job) -> IndexReport:
    """Do the work of ``update``, a part of the files at a time where all are wanted, so that they fit into memory.

    What was published is there again if a later stage fails. The caller holds the lock.
    """
    if job.stage.most is not None:
        return _update(job)
    part = replace(job, stage=replace(job.stage, most=job.settings.files_at_once))
    report = _update(part)
    while report.waiting:
        later = _update(part)
        report = replace(
            later,
            added=report.added + later.added,
            changed=report.changed + later.changed,
            # The last stage also finds as they are stored the files that the others have read.
            unchanged=later.unchanged - report.added - report.changed,
            removed=report.removed + later.removed,
            encoded=report.encoded + later.encoded,
            notices=report.notices,
        )
    return report


def _update(job: _Job) -> IndexReport:
    """Do one stage of ``update``."""
    job.store.examine()
    with job.store.snapshot() as snapshot:
        old, hashes = snapshot.manifest, snapshot.content_hashes()
        # Repairs the file, or finds that it cannot be repaired, now and not at the first question.
        index, whole = _held(job.store, snapshot, job.settings) if old else (None, True)
    wanted = _wanted(job, old)
    everything = old is None or made(old) != made(wanted)
    found = changes.read(job.corpus, hashes, job.settings, job.stage, everything=everything)
    passages = (passage for _, some in found.read for passage in some)
    encoded = encoding.store_missing(passages, job.store, job.encoder, job.settings, job.stage.progress)
    report = _report(found, hashes)
    try:
        if old != wanted or found.read or found.removed or not whole:
            wanted = _publish(job, wanted, found, index)
    finally:
        # Those of what is current now: of the next generation or, where it could not be published, still of the last.
        with suppress(OSError):
            remove_other_files(job.store.folder, wanted.vectors_file)
    told = tuple(notices(made(old), made(wanted)) if old else ())
    with job.store.snapshot() as snapshot:
        count = snapshot.passage_count()
    return replace(report, passages=count, encoded=encoded, generation=wanted.generation, notices=told)


def _report(found: Changes, hashes: Mapping[str, str]) -> IndexReport:
    """Return what is known of a stage before anything is written; ``hashes`` are those of what was stored before."""
    added = sum(article.id not in hashes for article, _ in found.read)
    same = sum(article.content_hash == hashes.get(article.id) for article, _ in found.read)
    return IndexReport(
        articles=found.kept + len(found.read),
        passages=0,
        added=added,
        changed=len(found.read) - added - same,
        unchanged=found.kept + same,
        removed=len(found.removed),
        encoded=0,
        generation=0,
        skipped=tuple(found.skipped),
        waiting=found.waiting,
    )


def _rebuilt(job: _Job, damage: IndexDamagedError) -> IndexReport:
    """Do the work of ``update`` without what is stored. The caller holds the lock."""
    _LOG.warning("%s", damage)
    job.store.discard()
    report = _stages(job)
    folder = job.store.folder
    if isinstance(damage, IndexOutdatedError):
        notice = f"The index in {folder} was made by an earlier version; it was built anew from the articles."
    else:
        notice = f"The index in {folder} was damaged; it was built anew from the articles."
    return replace(report, notices=(notice, *report.notices))


def _wanted(job: _Job, old: Manifest | None) -> Manifest:
    """Return the manifest the index should have; that of ``old`` itself where nothing but articles may differ."""
    now = at_work(job.encoder, job.settings)
    return Manifest(
        generation=old.generation if old else 0,
        model=now.model,
        fingerprint=now.fingerprint,
        dimension=old.dimension if old and old.fingerprint == now.fingerprint else 0,
        reader_version=now.reader_version,
        splitter_version=now.splitter_version,
        terms_version=now.terms_version,
        corpus=str(job.corpus.resolve()),
        vectors_file=old.vectors_file if old else "",
        vectors_sha256=old.vectors_sha256 if old else "",
    )


def _publish(job: _Job, wanted: Manifest, found: Changes, index: VectorIndex | None) -> Manifest:
    """Write the next generation and make it current in one commit, which points at a file that is already on disk."""
    job.stage.progress(Progress("publishing", 0, 1))
    with job.store.draft() as draft:
        # What is not written now was kept in view of the last generation.
        if (draft.manifest.vectors_file if draft.manifest else "") != wanted.vectors_file:
            raise IndexStoreError(
                f"The index in {job.store.folder} was removed or replaced while it was brought up to date; try again."
            )
        draft.remove([*found.removed, *(article.id for article, _ in found.read)])
        # What is written goes from memory, in which the vectors come next.
        found.read.reverse()
        while found.read:
            draft.add(*found.read.pop(), job.encoder.fingerprint)
        dimension, exact = wanted.dimension or job.encoder.dimension, job.settings.exact_vectors
        if index is not None and index.dimension == dimension:
            index = index.followed(draft, exact=exact)
        else:
            index = VectorIndex.build(draft, dimension, exact=exact)
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
            f"The index folder {folder} cannot be written ({error.strerror or error}); make it writable, or make room "
            "on the disk, and try again."
        ) from error
    with lock:
        yield
