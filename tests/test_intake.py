"""Files into a corpus, out of it and back again: nothing is overwritten, nothing destroyed, nothing leads out."""

from __future__ import annotations

import errno
import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import rag
from rag import articles, intake
from rag.errors import ArticleError, CorpusError
from rag.settings import DEFAULTS

TEXT = b"The lighthouse\n\nThe lighthouse on the cape was lit again on Friday.\n"
OTHER = b"The lighthouse\n\nThe lighthouse on the cape will be pulled down.\n"


def files(folder: Path) -> dict[str, bytes]:
    """All that lies in a folder, hidden or not."""
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_a_file_that_is_added_removed_and_restored_is_found_not_found_and_found_again(
    corpus: Path, tmp_path: Path
) -> None:
    def found() -> bool:
        engine.update()
        return "light.txt" in {hit.passage.article_id for hit in engine.retrieve("lighthouse on the cape", k=50)}

    with rag.open(corpus, model="hashing", index=tmp_path / "index") as engine:
        assert not found()
        assert engine.add("light.txt", TEXT) == "light.txt"
        assert found()
        engine.remove("light.txt")
        assert not found()
        engine.restore("light.txt")
        assert found()
    assert (corpus / "light.txt").read_bytes() == TEXT


def test_the_same_file_again_is_the_same_article_and_another_one_of_its_name_gets_a_number(tmp_path: Path) -> None:
    assert intake.add(tmp_path, "light.txt", TEXT) == "light.txt"
    assert intake.add(tmp_path, "light.txt", TEXT) == "light.txt"
    assert intake.add(tmp_path, "light.txt", OTHER) == "light (2).txt"
    assert intake.add(tmp_path, "light.txt", OTHER) == "light (2).txt"
    assert intake.add(tmp_path, "light.txt", TEXT + OTHER) == "light (3).txt"
    assert files(tmp_path) == {"light.txt": TEXT, "light (2).txt": OTHER, "light (3).txt": TEXT + OTHER}


def test_files_of_one_name_that_come_at_once_all_get_a_place(tmp_path: Path) -> None:
    contents = [TEXT + b"More of it. " * number for number in range(1, 9)]
    with ThreadPoolExecutor(8) as threads:
        ids = list(threads.map(lambda data: intake.add(tmp_path, "light.txt", data), contents))
    assert len(set(ids)) == 8
    assert files(tmp_path) == dict(zip(ids, contents, strict=True))


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("light.txt", "light.txt"),
        ("/etc/passwd.txt", "passwd.txt"),
        ("..\\..\\light.md", "light.md"),
        ("../light.txt", "light.txt"),
        ("..txt.txt", "txt.txt"),
        (".light.txt", "light.txt"),
        ("What? Where: here.txt", "What- Where- here.txt"),
        ("li\u202eght\x00\n.txt", "light.txt"),
        ("CON.txt", "_CON.txt"),
        ("lpt1.old.txt", "_lpt1.old.txt"),
        ("Ho\u0308he.txt", "Höhe.txt"),
        ("ende. .txt ", "ende.txt"),
        ("LIGHT.TXT", "LIGHT.TXT"),
        ("ö" * 300 + ".txt", "ö" * 100 + ".txt"),
    ],
)
def test_a_name_becomes_one_that_every_system_takes(tmp_path: Path, name: str, expected: str) -> None:
    assert intake.add(tmp_path, name, TEXT) == expected
    assert files(tmp_path) == {expected: TEXT}


@settings(deadline=None)
@given(name=st.text(max_size=60).map(lambda stem: f"{stem}.txt") | st.sampled_from(["a/../../b.txt", "\ud800.txt"]))
def test_whatever_it_is_called_a_file_lands_in_the_folder_as_an_article_or_not_at_all(
    tmp_path_factory: pytest.TempPathFactory, name: str
) -> None:
    above = tmp_path_factory.mktemp("above")
    folder = above / "corpus"
    folder.mkdir()
    try:
        article_id = intake.add(folder, name, TEXT)
    except ArticleError:
        assert files(above) == {}
    else:
        assert files(above) == {f"corpus/{article_id}": TEXT}
        assert articles.find(folder) == ([folder / article_id], [])


@pytest.mark.parametrize(
    ("name", "data", "reason"),
    [
        ("picture.png", TEXT, r"picture\.png is not read; files that are read end in"),
        ("", TEXT, "A file without a name is not read"),
        (".txt", TEXT, "not read"),
        ("empty.txt", b"", r"empty\.txt is empty"),
        ("bytes.txt", b"a\xff\xfe\x00\x81", r"bytes\.txt"),
        ("menu.html", b"<html><body><nav>Home</nav></body></html>", r"menu\.html holds no article text"),
    ],
)
def test_what_is_no_article_is_refused_by_name_and_leaves_nothing_behind(
    tmp_path: Path, name: str, data: bytes, reason: str
) -> None:
    with pytest.raises(ArticleError, match=reason):
        intake.add(tmp_path, name, data)
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_is_too_large_is_refused_by_name(tmp_path: Path) -> None:
    with pytest.raises(ArticleError, match=r"long\.txt is larger than 20 MB"):
        intake.add(tmp_path, "long.txt", b"a" * (DEFAULTS.file_limit_bytes + 1))


def test_what_is_removed_is_kept_even_if_it_is_removed_twice(corpus: Path) -> None:
    first = (corpus / "harbour.txt").read_bytes()
    intake.remove(corpus, "harbour.txt")
    (corpus / "harbour.txt").write_bytes(TEXT)
    intake.remove(corpus, "harbour.txt")
    assert {TEXT, first} <= set(files(corpus / ".removed").values())
    assert "harbour.txt" not in files(corpus)
    intake.restore(corpus, "harbour.txt")
    assert (corpus / "harbour.txt").read_bytes() == TEXT


def test_an_article_in_a_subfolder_comes_back_even_if_that_has_gone(corpus: Path) -> None:
    before = files(corpus)
    intake.remove(corpus, "nested/gipfel.txt")
    (corpus / "nested").rmdir()
    intake.restore(corpus, "nested/gipfel.txt")
    assert files(corpus) == before


def test_nothing_is_put_back_over_another_file(corpus: Path) -> None:
    intake.remove(corpus, "harbour.txt")
    (corpus / "harbour.txt").write_bytes(TEXT)
    with pytest.raises(ArticleError, match="there is another file of that name"):
        intake.restore(corpus, "harbour.txt")
    assert (corpus / "harbour.txt").read_bytes() == TEXT


def test_to_put_back_what_is_there_already_changes_nothing(corpus: Path) -> None:
    before = files(corpus)
    intake.remove(corpus, "harbour.txt")
    intake.add(corpus, "harbour.txt", before["harbour.txt"])
    intake.restore(corpus, "harbour.txt")
    assert files(corpus) == before


@pytest.mark.parametrize(
    "article_id",
    [
        "",
        ".",
        "..",
        "gone.txt",
        "nested",
        "../outside.txt",
        "nested/../../outside.txt",
        "nested/../harbour.txt",
        "nested//gipfel.txt",
        "nested\\gipfel.txt",
        ".hidden.txt",
        ".removed/harbour.txt",
        "notes.docx",
        "linked/outside.txt",
        "harbour.txt\0",
        "\ud800.txt",
    ],
)
def test_an_id_that_leads_anywhere_else_is_no_article(corpus: Path, article_id: str) -> None:
    outside = corpus.with_name("elsewhere")
    outside.mkdir()
    for path in (corpus.parent / "outside.txt", outside / "outside.txt", corpus / ".hidden.txt", corpus / "notes.docx"):
        path.write_bytes(TEXT)
    (corpus / "linked").symlink_to(outside)
    (corpus / ".removed").mkdir()
    (corpus / ".removed/harbour.txt").write_bytes(OTHER)
    before = files(corpus.parent)
    for absolute in (article_id, f"/{article_id}", str(corpus / article_id)):
        with pytest.raises(ArticleError, match="There is no file"):
            intake.remove(corpus, absolute)
        with pytest.raises(ArticleError, match="There is no file"):
            intake.restore(corpus, absolute)
    assert files(corpus.parent) == before


def test_a_link_in_place_of_the_hidden_folder_is_not_followed(corpus: Path, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (corpus / ".removed").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(ArticleError):
        intake.remove(corpus, "harbour.txt")
    assert (corpus / "harbour.txt").is_file()


def test_a_folder_that_cannot_be_changed_is_named_with_the_remedy(
    corpus: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_places: object, **_more: object) -> None:
        raise OSError(30, os.strerror(30))

    monkeypatch.setattr("tempfile.mkdtemp", refuse)
    monkeypatch.setattr(Path, "replace", refuse)
    for change in (
        lambda: intake.add(corpus, "light.txt", TEXT),
        lambda: intake.remove(corpus, "harbour.txt"),
    ):
        with pytest.raises(CorpusError, match=r"corpus cannot be changed \(Read-only file system\); make it writable"):
            change()
    with pytest.raises(CorpusError, match="cannot be changed"):
        intake.add(corpus / "gone", "light.txt", TEXT)


def test_on_a_disk_without_second_names_files_move_as_well_and_nothing_is_overwritten(
    corpus: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_places: object, **_more: object) -> None:
        raise OSError(errno.EPERM, os.strerror(errno.EPERM))

    monkeypatch.setattr(os, "link", refuse)
    kept = (corpus / "harbour.txt").read_bytes()
    assert intake.add(corpus, "harbour.txt", TEXT) == "harbour (2).txt"
    assert (corpus / "harbour.txt").read_bytes() == kept
    intake.remove(corpus, "harbour.txt")
    intake.restore(corpus, "harbour.txt")
    assert (corpus / "harbour.txt").read_bytes() == kept
    monkeypatch.setattr(Path, "replace", refuse)
    with pytest.raises(CorpusError, match="cannot be changed"):
        intake.add(corpus, "light.txt", TEXT)
    assert not (corpus / "light.txt").exists()
