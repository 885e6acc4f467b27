"""Ways to harm an index: by way of SQLite, which keeps every checksum right, or behind its back; and a full disk."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import apsw
import pytest

DATABASE = "index.sqlite3"
PAGE = 4096


def rows(index: Path, statement: str) -> list[tuple[Any, ...]]:
    """Run ``statement`` on the database as a program would that knows of checksums and not of seals."""
    with closing(apsw.Connection(str(index / DATABASE), vfs="cksmvfs")) as connection:
        return list(connection.execute(statement))


def edit(index: Path, *statements: str) -> None:
    """Run ``statements`` likewise."""
    for statement in statements:
        rows(index, statement)


def flip(path: Path, position: int) -> None:
    """Change one bit of the byte of ``path`` at ``position``; a negative one counts from the end."""
    content = bytearray(path.read_bytes())
    content[position] ^= 1
    path.write_bytes(content)


@contextmanager
def files_up_to(limit: int) -> Iterator[None]:
    """Let no file grow beyond so many bytes, as if the disk were full there."""
    resource = pytest.importorskip("resource", reason="needs limits as POSIX has them")
    _, most = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, most))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (most, most))
