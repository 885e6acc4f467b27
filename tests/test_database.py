"""The file under the index: every page is tested before it is read, and what cannot be used is told from damage."""

from __future__ import annotations

import os
import shutil
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, ExitStack, closing
from pathlib import Path

import apsw
import pytest

from rag import database
from rag.database import Database
from rag.errors import IndexDamagedError, IndexOutdatedError, IndexStoreError, InstallationError
from rag.schema import Connection
from tests import released
from tests.damage import files_up_to, flip

NOTE = "INSERT INTO notes VALUES (?, ?, x'')"
PAGE = 4096
OUTSIDE = (
    r"^The index .*index\.sqlite3 cannot be used \({}\); make room on the disk, make the folder writable, "
    r"or wait for another program to let go of it, and try again\.$"
)
INSTALL = (
    r"^The package apsw has no cksumvfs \(cksumvfs is not included\); install it anew from its wheel: "
    r"pip install --force-reinstall apsw\.$"
)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "index" / "index.sqlite3"


def note(path: Path, name: str, length: int = 1) -> None:
    with Database(path).writing() as connection:
        connection.execute(NOTE, (name, "x" * length))


def notes(path: Path) -> list[str]:
    with Database(path).reading() as connection:
        return [row[0] for row in connection.execute("SELECT name FROM notes ORDER BY name")]


def checksums(path: Path) -> list[bytes]:
    content = path.read_bytes()
    return [content[end - 8 : end] for end in range(PAGE, len(content) + 1, PAGE)]


def test_every_page_of_a_new_file_ends_with_a_checksum(path: Path) -> None:
    note(path, "a", 20_000)
    content = path.read_bytes()
    assert content[20] == 8
    assert len(content) % PAGE == 0
    assert all(any(checksum) for checksum in checksums(path))


def test_a_file_is_made_with_all_folders_above_it(tmp_path: Path) -> None:
    note(tmp_path / "a" / "b" / "index.sqlite3", "kept")
    assert notes(tmp_path / "a" / "b" / "index.sqlite3") == ["kept"]


def test_what_is_committed_is_there_and_what_failed_is_not(path: Path) -> None:
    note(path, "kept")

    def fail() -> None:
        with Database(path).writing() as connection:
            connection.execute(NOTE, ("lost", ""))
            raise RuntimeError("on purpose")

    with pytest.raises(RuntimeError, match="on purpose"):
        fail()
    assert notes(path) == ["kept"]


def test_a_changed_bit_on_any_page_is_found_before_the_page_is_used(path: Path) -> None:
    for number in range(40):
        note(path, f"name {number:02}", 2_000)
    whole = path.read_bytes()
    for page in range(0, len(whole), PAGE):
        for position in (page + 100, page + PAGE - 1):
            path.write_bytes(whole)
            flip(path, position)
            with (
                pytest.raises(IndexDamagedError, match=r"\(a page does not fit its checksum\)"),
                Database(path).reading() as connection,
            ):
                everything(connection)
    path.write_bytes(whole)
    with Database(path).reading() as connection:
        everything(connection)


def everything(connection: Connection) -> None:
    """Read every page."""
    assert len(list(connection.execute("SELECT * FROM dbstat"))) > 1


@pytest.mark.parametrize("length", [1, 100, PAGE - 1, PAGE, 3 * PAGE, -1, -100, -PAGE])
def test_a_file_that_was_cut_is_damage(path: Path, length: int) -> None:
    note(path, "a", 20_000)
    os.truncate(path, length % path.stat().st_size)
    with pytest.raises(IndexDamagedError), Database(path).reading() as connection:
        everything(connection)


@pytest.mark.parametrize("value", [0, 1, 7, 9, 255])
def test_a_file_that_does_not_say_any_more_that_it_has_checksums_is_damage(path: Path, value: int) -> None:
    note(path, "a")
    content = bytearray(path.read_bytes())
    content[20] = value
    path.write_bytes(content)
    with pytest.raises(IndexDamagedError, match=r"damaged \(its first or its last page is not as it was written\)"):
        notes(path)


def test_a_last_page_that_was_cut_by_a_kill_is_taken_from_the_log(path: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy" / path.name
    copy.parent.mkdir()
    note(path, "a", 20_000)
    with Database(path).reading():  # keeps the log
        note(path, "b", 20_000)
        # As a kill finds it that comes while the log is copied into the file: the file grows, and its last page is
        # half there.
        copy.write_bytes(path.read_bytes() + b"\0" * 1_000)
        shutil.copyfile(f"{path}-wal", f"{copy}-wal")
    assert notes(copy) == ["a", "b"]
    assert copy.stat().st_size % PAGE == 0


def test_a_file_that_is_no_database_is_damage_and_can_be_discarded(path: Path) -> None:
    path.parent.mkdir()
    path.write_bytes(b"not a database, but long enough to be taken for one" * 40)
    with pytest.raises(IndexDamagedError) as caught:
        notes(path)
    assert str(caught.value) == (
        f"The index {path} is damaged (file is not a database); delete the folder {path.parent}, and it is built anew."
    )
    Database(path).discard()
    assert notes(path) == []


def test_of_a_discarded_database_nothing_is_left(path: Path) -> None:
    note(path, "a")
    for suffix in ("-journal", "-wal", "-shm"):
        path.with_name(path.name + suffix).touch()
    (path.parent / "mine.txt").touch()
    Database(path).discard()
    assert [other.name for other in path.parent.iterdir()] == ["mine.txt"]
    Database(path).discard()


def test_a_file_that_cannot_be_discarded_is_named(path: Path) -> None:
    path.mkdir(parents=True)
    with pytest.raises(IndexStoreError, match=rf"^The damaged index {path} cannot be deleted: Is a directory\.$"):
        Database(path).discard()


def test_a_log_left_behind_by_a_discarded_database_does_no_harm(path: Path) -> None:
    note(path, "a")
    with Database(path).reading():
        note(path, "b")
        log = Path(f"{path}-wal").read_bytes()
    Database(path).discard()
    Path(f"{path}-wal").write_bytes(log)
    assert notes(path) == []


def test_text_that_is_not_utf_8_is_damage(path: Path) -> None:
    with Database(path).writing() as connection:
        connection.execute("INSERT INTO notes VALUES (CAST(x'ff' AS TEXT), '', x'')")
    with pytest.raises(IndexDamagedError):
        notes(path)


def test_a_file_of_a_newer_version_is_refused_and_not_touched(path: Path) -> None:
    note(path, "a")
    with closing(apsw.Connection(str(path), vfs="cksmvfs")) as connection:
        connection.execute("PRAGMA user_version = 99")
    before = path.read_bytes()
    with pytest.raises(IndexStoreError, match="newer version") as caught:
        notes(path)
    assert not isinstance(caught.value, IndexDamagedError)
    assert str(caught.value) == (
        f"The index {path} was made by a newer version of this program; bring the program up to date, "
        f"or delete the folder {path.parent}, and it is built anew."
    )
    assert path.read_bytes() == before


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(
        IndexStoreError, match=r"^The index .*index\.sqlite3 cannot be opened \(.+\); make its folder writable\.$"
    ):
        notes(tmp_path / "file" / "index.sqlite3")


def test_a_full_disk_is_no_damage(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    note(path, "a")
    monkeypatch.setattr(database, "_PRAGMAS", ("max_page_count = 1",))
    with pytest.raises(IndexStoreError, match=OUTSIDE.format("database or disk is full")) as caught:
        note(path, "b", 100_000)
    assert not isinstance(caught.value, IndexDamagedError)


def test_where_there_is_no_room_to_share_the_file_readers_have_it_one_after_the_other(path: Path) -> None:
    note(path, "kept")
    with files_up_to(0), ThreadPoolExecutor(8) as pool:
        assert list(pool.map(notes, [path] * 32)) == [["kept"]] * 32
    note(path, "more")
    assert notes(path) == ["kept", "more"]


@pytest.mark.parametrize("overtaken", [False, True])
def test_where_there_is_no_room_to_share_the_file_a_reader_waits_so_long_and_no_longer(
    path: Path, monkeypatch: pytest.MonkeyPatch, *, overtaken: bool
) -> None:
    note(path, "kept")
    monkeypatch.setattr(database, "_PATIENCE", 0.05)
    opened = database._opened
    with files_up_to(0), ExitStack() as other:

        def after_another(path: Path, patience: float | None = None) -> AbstractContextManager[apsw.Connection]:
            # From here on this one wants the file alone; the other one is faster.
            if patience == database._ATTEMPT:
                monkeypatch.setattr(database, "_opened", opened)
                other.enter_context(Database(path).reading())
            return opened(path, patience)

        if overtaken:
            monkeypatch.setattr(database, "_opened", after_another)
        else:
            other.enter_context(Database(path).reading())
        with pytest.raises(IndexStoreError, match=OUTSIDE.format("database is locked")) as caught:
            notes(path)
        assert not isinstance(caught.value, IndexDamagedError)
    assert notes(path) == ["kept"]


def test_a_writer_waits_for_another_so_long_and_no_longer(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    note(path, "a")
    monkeypatch.setattr(database, "_PATIENCE", 0.05)
    with Database(path).writing() as first:
        first.execute(NOTE, ("b", ""))
        with pytest.raises(IndexStoreError, match=OUTSIDE.format("database is locked")) as caught:
            note(path, "c")
        assert notes(path) == ["a"]
    assert not isinstance(caught.value, IndexDamagedError)
    assert notes(path) == ["a", "b"]


def test_a_writer_that_waits_goes_on_when_the_other_is_done(path: Path) -> None:
    note(path, "a")
    with Database(path).writing() as first:
        first.execute(NOTE, ("b", ""))
        second = threading.Thread(target=note, args=(path, "c"))
        second.start()
        second.join(0.05)
        assert second.is_alive()
    second.join()
    assert notes(path) == ["a", "b", "c"]


def test_a_wrong_call_is_neither_damage_nor_the_disks_fault(path: Path) -> None:
    with pytest.raises(apsw.BindingsError), Database(path).reading() as connection:
        connection.execute("SELECT ?", (1, 2))


def test_threads_that_open_a_new_file_together_all_get_it(path: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda number: note(path, f"{number:02}", 3_000), range(32)))
    assert notes(path) == [f"{number:02}" for number in range(32)]
    assert all(any(checksum) for checksum in checksums(path))


@pytest.mark.parametrize("patience", [30.0, 0.0])
def test_a_new_file_that_another_one_is_just_making_is_waited_for(
    path: Path, monkeypatch: pytest.MonkeyPatch, patience: float
) -> None:
    refusal = apsw.BusyError("database is locked")
    refusal.extendedresult = apsw.SQLITE_BUSY
    # More than are met where nobody is waited for.
    refusals = [refusal] * (2 if patience else 99)

    class AtOnce:
        """A connection that SQLite refuses to wait with, as where two would wait for each other."""

        def __init__(self, connection: apsw.Connection) -> None:
            self.execute_really, self.reserve_bytes = connection.execute, connection.reserve_bytes

        def execute(self, query: str) -> object:
            if "journal_mode" in query and refusals:
                raise refusals.pop()
            return self.execute_really(query)

    found = database._found
    monkeypatch.setattr(database, "_found", lambda connection, until: found(AtOnce(connection), until))
    monkeypatch.setattr(database, "_PATIENCE", patience)
    monkeypatch.setattr(database, "_PAUSE", 0.01)
    if patience:
        note(path, "a")
        assert (notes(path), refusals) == (["a"], [])
    else:
        with pytest.raises(IndexStoreError, match=OUTSIDE.format("database is locked")):
            note(path, "a")


def test_a_new_file_that_another_one_never_lets_go_of_is_refused(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(database, "_PATIENCE", 0.05)
    path.parent.mkdir(parents=True)
    with closing(apsw.Connection(str(path))) as other:
        other.execute("BEGIN EXCLUSIVE")
        with pytest.raises(IndexStoreError, match=OUTSIDE.format("database is locked")):
            note(path, "a")
    note(path, "b")
    assert notes(path) == ["b"]


@pytest.mark.parametrize("version", [1, 2, 3])
def test_a_file_of_an_earlier_version_is_refused_until_it_is_discarded(path: Path, version: int) -> None:
    released.build(path, version)
    with pytest.raises(IndexOutdatedError, match="was made by an earlier version of this program; delete the folder"):
        notes(path)
    Database(path).discard()
    note(path, "a")
    assert notes(path) == ["a"]
    assert all(any(checksum) for checksum in checksums(path))


def test_making_the_checksums_known_writes_nothing_and_may_be_done_twice(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    database._make_checksums_known()
    database._make_checksums_known()
    assert list(tmp_path.iterdir()) == []
    assert apsw.vfs_names().count("cksmvfs") == 1


def test_a_package_without_the_checksums_says_what_to_install(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(database, "_VFS", "another")
    monkeypatch.setattr("apsw.sqlite_extra._exts", ())
    with pytest.raises(InstallationError, match=INSTALL):
        notes(path)
