"""The file of accounts: who may come in, and that nobody else can put themselves there."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest
from argon2 import PasswordHasher
from hypothesis import given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from rag import accounts
from rag.__main__ import app
from rag.accounts import Accounts
from rag.errors import AccessError

PASSWORD = "correct horse battery"
OTHER = "staple staple staple"
posix = pytest.mark.skipif(os.name != "posix", reason="who may write a file is told otherwise here")


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Argon2 with the least it can be given."""
    monkeypatch.setattr(accounts, "_hasher", PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "accounts"


@pytest.fixture(scope="module")
def hashed(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A line for anna, made once."""
    made = tmp_path_factory.mktemp("made") / "accounts"
    accounts.write(made, "anna", PASSWORD)
    return made.read_text("utf-8")


def test_a_password_lets_its_own_account_in_and_no_other(file):
    assert accounts.write(file, "anna", PASSWORD) is False
    assert accounts.write(file, "jörg@example.org", OTHER) is False
    found = Accounts(file)

    assert found.matches("anna", PASSWORD)
    assert found.matches("jo\u0308rg@example.org", OTHER)
    assert not found.matches("anna", OTHER)
    assert not found.matches("anna", "")
    assert not found.matches("", PASSWORD)
    assert not found.matches("nobody", PASSWORD)


def test_the_file_holds_no_password_and_only_its_owner_can_read_it(file, monkeypatch):
    monkeypatch.undo()  # Argon2 as it is given to everybody
    accounts.write(file, "anna", PASSWORD)

    assert file.read_text("utf-8").startswith("anna:$argon2id$v=19$m=65536,t=3,p=4$")
    assert PASSWORD not in file.read_text("utf-8")
    if os.name == "posix":
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert [one.name for one in file.parent.iterdir()] == [file.name]


def test_who_is_taken_out_or_has_a_new_password_is_out_at_once(file):
    accounts.write(file, "anna", PASSWORD)
    accounts.write(file, "ben", PASSWORD)
    found = Accounts(file)
    first = found.hash_of("anna")

    assert accounts.write(file, "anna", OTHER) is True
    assert found.hash_of("anna") not in (None, first)
    assert accounts.write(file, "anna", None) is True
    assert found.hash_of("anna") is None
    assert accounts.write(file, "anna", None) is False
    assert found.hash_of("ben") is not None


@pytest.mark.parametrize("name", ["", "a:b", "a b", "a\nb", "../a", "x" * 65, "a\x00"])
def test_a_name_that_would_make_another_line_is_refused(file, name):
    with pytest.raises(AccessError, match="cannot be a name"):
        accounts.write(file, name, PASSWORD)
    assert not file.exists()


@pytest.mark.parametrize("password", ["", "elevenchars", "twelve\ncharacters", "x" * 5_000])
def test_a_password_that_is_short_or_cannot_be_typed_is_refused(file, password):
    with pytest.raises(AccessError, match="password"):
        accounts.write(file, "anna", password)
    assert not file.exists()


@pytest.mark.parametrize(
    "line", ["anna", "anna:", "anna:secret", "a b:HASH", ":HASH", "anna:HASH", "ben:$argon2id$x", "ben:$2b$12$abc"]
)
def test_a_line_that_makes_no_sense_is_named_and_nobody_comes_in(file, hashed, line):
    file.write_text(f"# the office\n\n{hashed}{line.replace('HASH', hashed.partition(':')[2])}\n", "utf-8")
    file.chmod(0o600)
    with pytest.raises(AccessError, match=f"^Line 4 of .*{file.name} is no account"):
        Accounts(file)


@settings(max_examples=50)
@given(st.binary(max_size=200))
def test_whatever_stands_in_the_file_it_is_read_or_refused_in_a_sentence(tmp_path_factory, content):
    file = tmp_path_factory.mktemp("any") / "accounts"
    file.write_bytes(content)
    file.chmod(0o600)
    with pytest.raises(AccessError, match=r"account"):
        Accounts(file)


def test_a_file_that_is_missing_or_holds_nobody_is_refused(file):
    with pytest.raises(AccessError, match="No such file"):
        Accounts(file)
    file.write_text("# nobody yet\n", "utf-8")
    file.chmod(0o600)
    with pytest.raises(AccessError, match=r"holds no account\. Make one: fundstelle account NAME"):
        Accounts(file)


@posix
@pytest.mark.parametrize("mode", [0o620, 0o602, 0o666])
def test_a_file_that_others_may_write_is_refused(file, hashed, mode):
    file.write_text(hashed, "utf-8")
    file.chmod(0o600)
    found = Accounts(file)
    file.chmod(mode)

    with pytest.raises(AccessError, match="could let themselves in; run: chmod 600"):
        Accounts(file)
    os.utime(file, ns=(0, 0))
    with pytest.raises(AccessError, match="could let themselves in"):
        found.hash_of("anna")


def test_a_file_that_cannot_be_written_is_an_error_that_names_it(tmp_path):
    with pytest.raises(AccessError, match="cannot be written: No such file or directory"):
        accounts.write(tmp_path / "nowhere" / "accounts", "anna", PASSWORD)


def run(*arguments: str, typed: str = "") -> tuple[int, str]:
    told = CliRunner().invoke(app, ["account", *arguments], input=typed)
    return told.exit_code, str(told.exception) if isinstance(told.exception, AccessError) else told.output


def test_the_command_asks_for_the_password_twice_and_shows_none_of_it(file):
    code, told = run("anna", "--file", str(file), typed=f"{PASSWORD}\n{PASSWORD}\n")
    assert (code, told.splitlines()[-1]) == (0, "anna may come in.")
    assert PASSWORD not in told
    assert Accounts(file).matches("anna", PASSWORD)

    assert run("anna", "--file", str(file), typed=f"{OTHER}\n{OTHER}\n")[1].endswith("anna has a new password.\n")
    assert run("anna", "--file", str(file), "--remove") == (0, "anna is out.\n")
    assert run("anna", "--file", str(file), "--remove")[1].startswith("anna has no account in")


def test_the_command_takes_no_password_that_was_typed_differently(file):
    code, told = run("anna", "--file", str(file), typed=f"{PASSWORD}\n{OTHER}\n")
    assert code == 1
    assert "do not match" in told
    assert not file.exists()
