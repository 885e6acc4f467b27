"""The shipped table is the one that was learnt; one that is missing or damaged is named with its remedy."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from pathlib import Path

import pytest

from rag import translations
from rag.errors import InstallationError
from rag.paths import shipped_translations
from rag.translations import Translations


@pytest.fixture
def copied(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the shipped table, which is taken for the shipped one."""
    path = tmp_path / "table.gz"
    path.write_bytes(shipped_translations().read_bytes())
    monkeypatch.setattr(translations, "shipped_translations", lambda: path)
    return path


def truncate(path: Path) -> None:
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def alter(path: Path) -> None:
    """Compress other contents well: gzip itself finds nothing wrong."""
    path.write_bytes(gzip.compress(gzip.decompress(path.read_bytes()).replace(b"\t1000\t", b"\t999\t", 1)))


def flip_a_bit(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)


def no_archive(path: Path) -> None:
    path.write_bytes(b"war\tkrieg\t900\t900\n")


@pytest.mark.parametrize("damage", [Path.unlink, truncate, alter, flip_a_bit, no_archive])
def test_a_missing_or_damaged_table_is_named_with_its_remedy(copied: Path, damage: Callable[[Path], None]) -> None:
    damage(copied)
    table = Translations()
    for ask in (lambda: table.of("war", "en"), lambda: table.stems("en")):
        with pytest.raises(InstallationError, match="install Fundstelle again") as caught:
            ask()
        assert str(copied) in str(caught.value)


def test_the_shipped_table_is_whole_and_its_probabilities_are_some(copied: Path) -> None:
    table = Translations()
    rows = [line.split("\t") for line in gzip.decompress(copied.read_bytes()).decode().splitlines()]
    assert len(rows) > 10_000
    for english, german, forward, backward in rows:
        assert table.of(english, "en")[german] == int(forward) / 1000 <= 1
        assert table.of(german, "de")[english] == int(backward) / 1000 <= 1
        assert max(int(forward), int(backward)) > 0


@pytest.mark.parametrize(("english", "german"), [("war", "krieg"), ("bridg", "bruck"), ("govern", "regier")])
def test_common_words_are_each_others_best_translation(english: str, german: str) -> None:
    table = Translations()
    there, back = table.of(english, "en"), table.of(german, "de")
    assert max(there, key=lambda stem: there[stem]) == german
    assert max(back, key=lambda stem: back[stem]) == english


def test_an_unknown_word_has_no_translation() -> None:
    table = Translations()
    assert table.of("xqzzy", "en") == table.of("xqzzy", "de") == {}
    assert "xqzzy" not in table.stems("en")
    assert "war" in table.stems("en")
