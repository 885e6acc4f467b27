"""Files that are no articles, or are made to stall the reader, are named with the reason; the others go on."""

from __future__ import annotations

import json
import os
import socket
import stat
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

import pytest

from rag import articles, changes
from rag.changes import Changes
from rag.errors import ArticleError
from rag.settings import DEFAULTS
from tests.faults import hostile

GOOD = "Die neue Brücke\n\nDer Bürgermeister von Köln hat am Montag die neue Brücke eröffnet.\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with one article, which must always be read, whatever lies beside it."""
    place = tmp_path / "corpus"
    place.mkdir()
    (place / "good.txt").write_text(GOOD, "utf-8")
    return place


def update(folder: Path) -> Changes:
    return changes.read(folder, {}, DEFAULTS, changes.WHOLE, everything=True)


def refused(folder: Path, others: int = 0) -> dict[str, str]:
    """Read the folder: why each file was refused; ``others`` were read besides the good one."""
    found = update(folder)
    assert "good.txt" in [article.id for article, _ in found.read]
    assert len(found.read) == 1 + others
    return {file.path: file.reason for file in found.skipped}


@pytest.mark.parametrize(
    ("name", "data", "reason"),
    [
        ("nul.txt", b"Ein Satz.\0Noch einer.", "NUL character at offset 9"),
        ("picture.txt", b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 9, "cannot be decoded|NUL character"),
        ("archive.html", b"PK\x03\x04" + bytes(range(128, 256)) * 9, "cannot be decoded|holds no article"),
        ("packed.md", b"\x1f\x8b\x08\x00" + bytes(range(256)) * 9, "cannot be decoded|NUL character"),
        ("document.txt", b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n\0\1", "cannot be decoded|NUL character"),
        ("mixed.txt", "Köln, Straße. ".encode() * 9 + "Köln".encode("cp1252"), "cannot be decoded"),
        ("surrogate.txt", "Köln, Straße, schön. ".encode() + b"\xed\xa0\x80", "cannot be decoded"),
        ("white.md", b" \n" * 99, "is empty"),
        ("empty.html", b"", "is empty"),
    ],
)
def test_what_is_no_text_is_refused_by_name_and_the_others_go_on(
    folder: Path, name: str, data: bytes, reason: str
) -> None:
    (folder / name).write_bytes(data)
    [(path, said)] = refused(folder).items()
    assert path == name
    assert any(part in said for part in reason.split("|")), said


@pytest.mark.parametrize(
    "codec", ["zlib", "zlib_codec", "bz2", "rot13", "hex", "uu", "unicode_escape", "raw_unicode_escape", "idna"]
)
def test_a_page_cannot_choose_a_codec_that_is_no_encoding_of_pages(folder: Path, codec: str) -> None:
    page = hostile.page(f"<p>K\xf6ln, \\u0041 <meta charset='{codec}'></p>")
    (folder / "page.html").write_bytes(f"<meta charset={codec}>{page}".encode("latin-1"))
    assert refused(folder, others=1) == {}
    article = articles.read(folder / "page.html", folder)
    assert article.encoding == "cp1252"
    assert "\\u0041" in article.text


def test_a_file_of_a_gigabyte_that_takes_no_room_is_refused_without_being_read(folder: Path) -> None:
    with (folder / "line.txt").open("wb") as file:
        file.truncate(1_000_000_000)
    assert refused(folder) == {"line.txt": "it is larger than 20 MB."}


def make_link(folder: Path, name: str) -> None:
    outside = folder.parent / "outside.txt"
    outside.write_text(GOOD, "utf-8")
    (folder / name).symlink_to(outside)


def make_socket(folder: Path, name: str) -> None:
    with socket.socket(socket.AF_UNIX) as one:
        one.bind(os.path.relpath(folder / name))


def make_device(folder: Path, name: str) -> None:
    try:
        os.mknod(folder / name, stat.S_IFCHR | 0o600, os.makedev(1, 5))  # /dev/zero
    except PermissionError:
        pytest.skip("only root makes device files")


@pytest.mark.parametrize(
    ("make", "reason"),
    [
        (make_link, "it is a link that leads out of the folder."),
        (
            lambda folder, name: (folder / name).symlink_to(name),
            "it cannot be read: Too many levels of symbolic links.",
        ),
        (lambda folder, name: (folder / name).symlink_to("gone.txt"), "it cannot be read: No such file or directory."),
        (
            lambda folder, name: (folder / name).symlink_to(folder),
            "it is a link to a folder; put the folder itself there.",
        ),
        (lambda folder, name: os.mkfifo(folder / name), "it is not a regular file."),
        (make_socket, "it is not a regular file."),
        (make_device, "it is not a regular file."),
    ],
    ids=["link out", "link loop", "dead link", "folder link", "pipe", "socket", "device"],
)
def test_what_is_no_file_of_the_folder_is_refused_by_name(
    folder: Path, make: Callable[[Path, str], None], reason: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(folder)
    make(folder, "odd.txt")
    assert refused(folder) == {"odd.txt": reason}


@pytest.mark.parametrize(
    "change",
    [
        lambda path: (path.unlink(), os.mkfifo(path)),
        lambda path: (path.unlink(), make_link(path.parent, path.name)),
        lambda path: (path.unlink(), make_device(path.parent, path.name)),
        lambda path: path.write_bytes(b"a" * (DEFAULTS.file_limit_bytes + 1)),
    ],
    ids=["pipe", "link out", "device", "growth"],
)
def test_a_file_that_became_another_since_the_folder_was_listed_is_not_read(
    folder: Path, change: Callable[[Path], object], monkeypatch: pytest.MonkeyPatch
) -> None:
    path = folder / "other.txt"
    path.write_text(GOOD, "utf-8")
    find = articles.find
    monkeypatch.setattr(articles, "find", lambda corpus: (find(corpus), change(path))[0])
    assert refused(folder) == {"other.txt": "other.txt was changed while it was read; read the folder again."}


def test_a_file_that_vanished_since_the_folder_was_listed_is_named(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / "other.txt").write_text(GOOD, "utf-8")
    find = articles.find
    monkeypatch.setattr(articles, "find", lambda corpus: (find(corpus), (corpus / "other.txt").unlink())[0])
    reason = "other.txt cannot be read: No such file or directory. Check its permissions."
    assert refused(folder) == {"other.txt": reason}


@pytest.mark.parametrize("change", ["grows", "is written over"])
def test_a_file_that_is_written_while_it_is_read_is_not_stored_half(
    folder: Path, change: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = folder / "other.txt"
    path.write_text(GOOD, "utf-8")
    real = os.fstat
    looked: list[int] = []

    def fstat(number: int) -> os.stat_result:
        status = real(number)
        if os.path.samestat(status, path.stat()) and not looked:
            looked.append(number)
            with path.open("ab" if change == "grows" else "rb+") as file:
                file.write(b"Neu. ")
            os.utime(path, ns=(0, status.st_mtime_ns + 1))
        return status

    monkeypatch.setattr(articles.os, "fstat", fstat)
    assert refused(folder) == {"other.txt": "other.txt was changed while it was read; read the folder again."}


def test_a_file_that_may_not_be_read_is_named() -> None:
    ask = (
        "import os, sys; from pathlib import Path; from rag import changes; from rag.settings import DEFAULTS\n"
        "os.getuid() or os.setuid(65534)\n"  # root may read everything
        "found = changes.read(Path(sys.argv[1]), {}, DEFAULTS, changes.WHOLE, everything=True)\n"
        "print(len(found.read), *(f'{file.path}: {file.reason}' for file in found.skipped), sep='\\n')"
    )
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "good.txt").write_text(GOOD, "utf-8")
        (folder / "secret.txt").write_text(GOOD, "utf-8")
        (folder / "closed").mkdir()
        for path, mode in ((folder, 0o755), (folder / "secret.txt", 0), (folder / "closed", 0)):
            path.chmod(mode)
        done = subprocess.run([sys.executable, "-c", ask, name], capture_output=True, text=True, check=True)
        (folder / "closed").chmod(0o700)
    assert done.stdout.splitlines() == [
        "1",
        "closed: it cannot be read: Permission denied.",
        "secret.txt: secret.txt cannot be read: Permission denied. Check its permissions.",
    ]


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("new\nline.txt", "new\\nline.txt"),
        ("turned\u202etxt.exe.txt", "turned\\u202etxt.exe.txt"),
        (os.fsdecode(b"b\xe9.txt"), "b\\udce9.txt"),
        ("escape\x1b[2J.txt", "escape\\x1b[2J.txt"),
    ],
)
def test_a_name_that_cannot_be_shown_is_refused_in_letters_that_can(folder: Path, name: str, shown: str) -> None:
    (folder / name).write_text(GOOD, "utf-8")
    below = folder / name.removesuffix(".txt")
    below.mkdir()
    (below / "inside.txt").write_text(GOOD, "utf-8")
    reason = "its name has characters that cannot be shown; rename it."
    assert refused(folder) == {shown: reason, shown.removesuffix(".txt"): reason}


@pytest.mark.parametrize("name", ["<b onclick=x>.txt", "CON.txt", "a" * 251 + ".txt", "'; DROP TABLE articles; --.txt"])
def test_any_other_name_is_read(folder: Path, name: str) -> None:
    (folder / name).write_text(GOOD, "utf-8")
    assert refused(folder, others=1) == {}


def test_a_folder_called_like_a_file_is_a_folder(folder: Path) -> None:
    (folder / "a.txt").mkdir()
    (folder / "a.txt" / "b.txt").write_text(GOOD, "utf-8")
    assert refused(folder, others=1) == {}


def test_a_thousand_folders_in_one_another_are_read_to_the_bottom(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(folder)
    for _ in range(1_000):
        Path("d").mkdir()
        os.chdir("d")
    Path("deep.txt").write_text(GOOD, "utf-8")
    os.chdir(folder)
    try:
        assert refused(folder, others=1) == {}
    finally:
        # Too deep for Python, and so for pytest, which tidies up by and by.
        subprocess.run(["rm", "-r", "d"], cwd=folder, check=True)


@pytest.mark.slow
def test_a_hundred_thousand_files_are_listed(folder: Path) -> None:
    for i in range(100_000):
        (folder / f"{i}.txt").touch()
    assert len(refused(folder)) == 100_000


QUICK = [name for name, (_, reason) in hostile.WORST.items() if " are read" not in reason and " too deep" in name]
QUICK += [name for name, (_, reason) in hostile.WORST.items() if reason[:1].isdigit()]


@pytest.mark.parametrize(
    "name", [*QUICK, "a billion laughs.md", "merges.md", "front matter, nested.md", "entities.html"]
)
def test_a_file_beyond_the_limits_is_refused_with_the_reason(name: str) -> None:
    make, reason = hostile.WORST[name]
    data = make()
    said = hostile.refusal(name, data.encode() if isinstance(data, str) else data)
    assert reason in said
    assert bool(reason) == bool(said)


@pytest.mark.slow
def test_the_worst_files_take_little_time_and_memory() -> None:
    command = [sys.executable, "-m", "tests.faults.hostile"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    said = {result["name"]: result["said"] for result in map(json.loads, done.stdout.splitlines())}
    assert said.keys() == hostile.WORST.keys()
    wrong = {name: said[name] for name, (_, reason) in hostile.WORST.items() if not reason and said[name]}
    wrong |= {name: said[name] for name, (_, reason) in hostile.WORST.items() if reason not in said[name]}
    assert wrong == {}


def test_what_a_parser_stumbles_over_costs_one_file_and_not_the_run(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stumble(source: str) -> None:
        raise MemoryError

    monkeypatch.setattr(articles.markup, "from_html", stumble)
    (folder / "page.html").write_text(hostile.page(""), "utf-8")
    assert list(refused(folder)) == ["page.html"]


def test_a_page_that_a_parser_fails_on_with_an_assertion_is_refused() -> None:
    page = b'<math>Trump-DileKrel,\n\nDmstle><meta ncate><hthor<head>" contdi-'
    with pytest.raises(ArticleError, match=r"page\.html cannot be parsed"):
        articles.parse(articles.File("page.html", page, "0" * 64, 0.0))
