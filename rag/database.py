"""A file of SQLite in which every page has a checksum, tested before SQLite reads the page. The only module on apsw.

Owns opening, transactions, bringing the schema up to date and what SQLite's errors mean; what is asked and stored is
said above. The checksums are those of cksumvfs, an extension by the makers of SQLite.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from random import uniform
from threading import Lock
from time import monotonic, sleep

import apsw
import apsw.sqlite_extra

from rag import schema
from rag.errors import IndexDamagedError, IndexOutdatedError, IndexStoreError, InstallationError
from rag.schema import Connection

# Seconds a short write (a batch of vectors) waits for another one to be committed, unless told otherwise.
_PATIENCE = 60.0
# What SQLite reports when the disk, the rights or another program are at fault and the stored data is not.
_OUTSIDE = {
    apsw.SQLITE_PERM,
    apsw.SQLITE_BUSY,
    apsw.SQLITE_LOCKED,
    apsw.SQLITE_NOMEM,
    apsw.SQLITE_READONLY,
    apsw.SQLITE_IOERR,
    apsw.SQLITE_FULL,
    apsw.SQLITE_CANTOPEN,
    apsw.SQLITE_PROTOCOL,
}
# Seconds that an attempt to have the file alone takes at most, and that may pass before the next one.
_ATTEMPT, _PAUSE = 0.001, 0.1
# What it reports where a full disk has no room for the file by which connections share the log.
_NO_ROOM_TO_SHARE = {apsw.SQLITE_IOERR_SHMOPEN, apsw.SQLITE_IOERR_SHMSIZE, apsw.SQLITE_IOERR_SHMMAP}
_VFS = "cksmvfs"
# Another text whenever Linux has started; other systems have none.
_BOOT = Path("/proc/sys/kernel/random/boot_id")
_PAGE = 4096
# Every page ends with so many bytes of checksum. Byte 20 of the file says so; where it does not, nothing is tested.
_RESERVED = 8
_MAGIC = b"SQLite format 3\0"
# Pages that make no sense are refused, and what the stored schema says cannot call anything.
_PRAGMAS = ("synchronous = FULL", "foreign_keys = ON", "cell_size_check = ON", "trusted_schema = OFF")
_LOADING = Lock()


class Database:
    """A database in a file that is made when it is first used. Any number of readers, one writer at a time.

    Its methods, and what is done in the blocks they open, raise IndexDamagedError if the file is damaged, and
    IndexStoreError if it cannot be used.
    """

    def __init__(self, path: Path) -> None:
        """Name the file; nothing is touched yet."""
        self._path = path

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """Open what is committed now; it does not change as long as the block lasts. Any thread may use it."""
        with self._connected() as connection:
            connection.execute("BEGIN")
            yield connection

    @contextmanager
    def writing(self, patience: float | None = None) -> Iterator[Connection]:
        """Open a write transaction: committed when the block ends, undone when it raises.

        Other writers are waited for ``patience`` seconds, for a minute where none is given.
        """
        with self._connected(patience) as connection:
            connection.execute("BEGIN IMMEDIATE")
            yield connection
            connection.execute("COMMIT")

    def state(self) -> str | None:
        """Return what differs as soon as the file may differ; None while something is under way, or nothing can tell.

        It also differs after the computer was started anew: what a disk has lost of a file it has lost by then, and the
        file's time does not say so.
        """
        log = self._path.with_name(f"{self._path.name}-wal")
        try:
            if log.exists() and log.stat().st_size:
                return None
            file = self._path.stat()
            return f"{_BOOT.read_text('ascii').strip()} {file.st_ino} {file.st_size} {file.st_mtime_ns}"
        except OSError:
            return None

    def discard(self) -> None:
        """Delete the database."""
        try:
            _delete(self._path)
        except OSError as error:
            raise IndexStoreError(f"The damaged index {self._path} cannot be deleted: {error.strerror}.") from error

    @contextmanager
    def _connected(self, patience: float | None = None) -> Iterator[apsw.Connection]:
        """Open a connection of its own; closing it undoes what was not committed."""
        with _translating(self._path), ExitStack() as stack:
            connection = self._entered(stack, patience)
            try:
                _bring_up(connection, self._path)
            except apsw.IOError as error:
                if getattr(error, "extendedresult", 0) not in _NO_ROOM_TO_SHARE:
                    raise
                connection = self._alone(stack, patience)
            yield connection

    def _alone(self, stack: ExitStack, patience: float | None) -> apsw.Connection:
        """Return a connection that has the file to itself, and so needs no room to read it; others wait meanwhile."""
        until = monotonic() + (patience or _PATIENCE)
        stack.close()
        while True:
            # Two who wait for each other to let go would both wait in vain: each lets go itself, and tries again after
            # a time of its own, for they would meet again and again where all wait equally long.
            connection = stack.enter_context(_opened(self._path, _ATTEMPT))
            connection.execute("PRAGMA locking_mode = EXCLUSIVE")
            try:
                _bring_up(connection, self._path)
            except apsw.BusyError:
                if monotonic() > until:
                    raise
            else:
                return connection
            stack.close()
            sleep(uniform(0, _PAUSE))  # noqa: S311 - no secret

    def _entered(self, stack: ExitStack, patience: float | None) -> apsw.Connection:
        """Return a connection to the file, made where there is none, that ``stack`` closes."""
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            connection = stack.enter_context(_opened(self._path, patience))
            if _is_empty(connection, self._path):
                # Whether a file has checksums SQLite sees when it opens it: one connection makes it, another works.
                _found(connection, monotonic() + (patience or _PATIENCE))
                stack.close()
                connection = stack.enter_context(_opened(self._path, patience))
        except OSError as error:
            raise _unopened(self._path, error) from error
        return connection


@contextmanager
def _opened(path: Path, patience: float | None = None) -> Iterator[apsw.Connection]:
    """Open ``path`` and close it again; ``patience`` as in ``writing``.

    Raises InstallationError if this SQLite has no checksums.
    """
    if _VFS not in apsw.vfs_names():
        _make_checksums_known()
    connection = apsw.Connection(str(path.absolute()), vfs=_VFS)
    try:
        connection.setbusytimeout(round((patience or _PATIENCE) * 1_000))
        yield connection
    finally:
        connection.close(force=True)


def _make_checksums_known() -> None:
    """Load the extension, once for the whole process."""
    memory = apsw.Connection(":memory:")
    try:
        with _LOADING:
            apsw.sqlite_extra.load(memory, "cksumvfs")
    except (apsw.Error, apsw.sqlite_extra.NotAvailable, LookupError, OSError) as error:
        raise InstallationError(
            f"The package apsw has no cksumvfs ({error}); install it anew from its wheel: "
            "pip install --force-reinstall apsw."
        ) from error
    finally:
        memory.close(force=True)


def _is_empty(connection: apsw.Connection, path: Path) -> bool:
    """Say whether ``path``, opened by ``connection``, holds nothing yet. If not, it holds a database with checksums.

    Raises IndexDamagedError for a file that this program has not left so. The head is read by way of SQLite, because a
    file that is opened and closed beside it loses SQLite's locks.
    """
    if path.stat().st_size % _PAGE:
        # The end of a file is not tested. A kill in the middle of a checkpoint may cut it; the log has it whole.
        connection.execute("PRAGMA wal_checkpoint")
    size = path.stat().st_size
    if not size:
        return True
    _, head = connection.read("main", 0, 0, 100)
    if head[20] == _RESERVED and not size % _PAGE:
        return False
    if head.startswith(_MAGIC) and head[20] == 0 and int.from_bytes(head[60:64], "big") < min(schema.MIGRATIONS):
        raise IndexOutdatedError(
            f"The index {path} was made by an earlier version of this program; delete the folder {path.parent}, "
            "and it is built anew."
        )
    raise _damaged(path, "its first or its last page is not as it was written")


def _found(connection: apsw.Connection, until: float) -> None:
    """Write the first page of an empty file, if no other connection does. Raises BusyError if one takes too long."""
    connection.execute(f"PRAGMA page_size = {_PAGE}")
    connection.reserve_bytes("main", _RESERVED)
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
        except apsw.BusyError:
            # SQLite itself does not wait where two might wait for each other.
            if monotonic() > until:
                raise
            sleep(uniform(0, _PAUSE))  # noqa: S311 - no secret
        else:
            return


def _bring_up(connection: apsw.Connection, path: Path) -> None:
    """Set what each connection needs and bring the schema up to date. Raises IndexStoreError if it is too new."""
    for pragma in _PRAGMAS:
        connection.execute(f"PRAGMA {pragma}")
    newest = max(schema.MIGRATIONS)
    version = _version(connection)
    if version > newest:
        raise IndexStoreError(
            f"The index {path} was made by a newer version of this program; bring the program up to date, "
            f"or delete the folder {path.parent}, and it is built anew."
        )
    if version == newest:
        return
    connection.execute("BEGIN IMMEDIATE")
    # Asked again inside the transaction: another process may have been faster.
    version = _version(connection)
    for number, statements in schema.MIGRATIONS.items():
        for statement in statements if number > version else ():
            connection.execute(statement)
    connection.execute(f"PRAGMA user_version = {max(version, newest):d}")
    connection.execute("COMMIT")


def _version(connection: Connection) -> int:
    return int(connection.execute("PRAGMA user_version").fetchone()[0])


def _delete(path: Path) -> None:
    """Delete a database. The file goes before its log, which SQLite then takes for what it is: of no use."""
    for suffix in ("", "-journal", "-wal", "-shm"):
        path.with_name(path.name + suffix).unlink(missing_ok=True)


@contextmanager
def _translating(path: Path) -> Iterator[None]:
    """Translate what SQLite raises: a disk that is full is no damage, a page that makes no sense is."""
    try:
        yield
    except UnicodeDecodeError as error:
        raise _damaged(path, error) from error
    except apsw.Error as error:
        # What apsw itself raises over a wrong call has no code.
        code = getattr(error, "extendedresult", apsw.SQLITE_MISUSE)
        if code == apsw.SQLITE_MISUSE:
            raise
        if code == apsw.SQLITE_IOERR_DATA:
            raise _damaged(path, "a page does not fit its checksum") from error
        if code & 0xFF not in _OUTSIDE:
            raise _damaged(path, error) from error
        raise IndexStoreError(
            f"The index {path} cannot be used ({error}); make room on the disk, make the folder writable, "
            "or wait for another program to let go of it, and try again."
        ) from error


def _unopened(path: Path, error: OSError) -> IndexStoreError:
    return IndexStoreError(f"The index {path} cannot be opened ({error}); make its folder writable.")


def _damaged(path: Path, cause: object) -> IndexDamagedError:
    return IndexDamagedError(
        f"The index {path} is damaged ({cause}); delete the folder {path.parent}, and it is built anew."
    )
