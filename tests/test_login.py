"""Everybody is asked who they are, on every path, and nobody may guess for long."""

from __future__ import annotations

import asyncio
import hmac
import logging
from base64 import b64encode
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest
from argon2 import PasswordHasher

from rag import accounts
from rag.accounts import Accounts
from rag.chat.guard import guarded
from rag.chat.login import Login
from rag.settings import LIMITS
from tests.asgi import Asked, Reply, ask, request, run

ANNA, PASSWORD = "anna", "correct horse battery"
BEN, OTHER = "ben", "staple staple staple"
WRONG = "this is not it at all"


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Argon2 with the least it can be given; how much it is given is not what is tested here."""
    monkeypatch.setattr(accounts, "_hasher", PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))


@pytest.fixture
def file(tmp_path: Path) -> Path:
    made = tmp_path / "accounts"
    accounts.write(made, ANNA, PASSWORD)
    accounts.write(made, BEN, OTHER)
    return made


@pytest.fixture
def asked() -> Asked:
    return Asked()


@pytest.fixture
def login(asked, file) -> Login:
    return Login(asked, Accounts(file))


def basic(name: str, password: str) -> dict[str, str]:
    return {"authorization": f"Basic {b64encode(f'{name}:{password}'.encode()).decode()}"}


def knock(app, name: str, password: str, **wishes) -> Reply:
    return ask(app, headers=basic(name, password), **wishes)


def test_who_has_an_account_comes_in(login):
    assert knock(login, ANNA, PASSWORD).status == 200
    assert knock(login, BEN, OTHER).status == 200


@pytest.mark.parametrize(
    "header",
    [
        None,
        "",
        "Basic",
        "Basic !",
        "Basic YW5uYQ==",
        "Basic /w==",
        "Bearer abc",
        basic(ANNA, WRONG)["authorization"],
        basic(ANNA, OTHER)["authorization"],
        basic("", "")["authorization"],
        basic("nobody", PASSWORD)["authorization"],
        basic(ANNA, "")["authorization"],
        basic(ANNA, PASSWORD + "\n")["authorization"],
        basic(ANNA.upper(), PASSWORD)["authorization"],
    ],
)
def test_everybody_else_is_asked_who_they_are(login, asked, header):
    told = ask(login, headers={} if header is None else {"authorization": header})

    assert told.status == 401
    assert told.headers["www-authenticate"] == 'Basic realm="Fundstelle", charset="UTF-8"'
    assert asked.scopes == []


@pytest.mark.parametrize("path", ["/", "/config", "/desk/main.js", "/gradio_api/queue/join", "/nowhere", "/.."])
@pytest.mark.parametrize("method", ["GET", "POST", "HEAD", "OPTIONS"])
def test_there_is_no_path_on_which_nobody_is_asked(asked, file, path, method):
    door = guarded(asked, ["127.0.0.1"], Accounts(file))
    assert ask(door, path, method=method).status == 401
    assert asked.scopes == []


def test_thirty_wrong_passwords_are_ten_that_were_looked_at(login, asked, file, monkeypatch):
    looked = []
    monkeypatch.setattr(Accounts, "matches", lambda *given: bool(looked.append(given)))
    told = [knock(login, ANNA, f"{WRONG} {n}") for n in range(30)]

    assert [one.status for one in told] == [401] * 10 + [429] * 20
    assert len(looked) == 10
    assert all(1 <= int(one.headers["retry-after"]) <= LIMITS.password_seconds for one in told[10:])


def test_thirty_wrong_passwords_at_once_are_no_more(login):
    async def together() -> list[Reply]:
        return await asyncio.gather(*(request(login, headers=basic(ANNA, f"{n}")) for n in range(30)))

    assert sorted(one.status for one in run(together())) == [401] * 10 + [429] * 20


def test_even_the_right_password_is_not_looked_at_where_too_many_were_wrong(login):
    for n in range(10):
        knock(login, ANNA, f"{WRONG} {n}")
    assert knock(login, ANNA, PASSWORD).status == 429
    assert knock(login, ANNA, PASSWORD, client="10.0.0.2").status == 200


def test_an_account_is_guessed_at_thirty_times_from_wherever(login):
    told = [knock(login, "nobody", WRONG, client=f"10.0.0.{n}") for n in range(40)]
    assert [one.status for one in told] == [401] * 30 + [429] * 10
    assert knock(login, BEN, OTHER, client="10.0.1.1").status == 200


def test_the_addresses_of_one_household_count_as_one(login):
    told = [knock(login, f"{n}", WRONG, client=f"2001:db8:0:1:{n}::1") for n in range(12)]
    assert [one.status for one in told] == [401] * 10 + [429] * 2
    assert knock(login, ANNA, PASSWORD, client="2001:db8:0:2::1").status == 200


def test_who_is_in_stays_in_whatever_others_guess_and_without_being_hashed_again(login, monkeypatch):
    assert knock(login, ANNA, PASSWORD).status == 200
    for n in range(40):
        knock(login, ANNA, WRONG, client=f"10.0.0.{n}")
    monkeypatch.setattr(Accounts, "matches", None)
    assert knock(login, ANNA, PASSWORD).status == 200


def test_a_page_whose_many_requests_come_at_once_is_hashed_once(login, monkeypatch):
    looked, honest = [], Accounts.matches
    monkeypatch.setattr(Accounts, "matches", lambda *given: looked.append(1) or honest(*given))

    async def together() -> list[Reply]:
        return await asyncio.gather(*(request(login, headers=basic(ANNA, PASSWORD)) for _ in range(20)))

    assert {one.status for one in run(together())} == {200}
    assert looked == [1]


def test_who_is_taken_out_is_out_with_the_next_request(login, file):
    assert knock(login, ANNA, PASSWORD).status == 200
    accounts.write(file, ANNA, OTHER)
    assert knock(login, ANNA, PASSWORD).status == 401
    assert knock(login, ANNA, OTHER).status == 200
    accounts.write(file, ANNA, None)
    assert knock(login, ANNA, OTHER).status == 401


def test_after_a_while_the_password_is_hashed_again(asked, file, monkeypatch):
    login = Login(asked, Accounts(file), replace(LIMITS, login_seconds=-1))
    assert knock(login, ANNA, PASSWORD).status == 200
    monkeypatch.setattr(Accounts, "matches", lambda *_: False)
    assert knock(login, ANNA, PASSWORD).status == 401


def test_nobody_comes_in_while_the_file_cannot_be_read(login, file, asked):
    assert knock(login, ANNA, PASSWORD).status == 200
    file.write_text("rubbish", "utf-8")
    told = knock(login, ANNA, PASSWORD)

    assert told.status == 503
    assert str(file.parent) not in told.text
    assert len(asked.scopes) == 1


def test_of_a_password_that_was_right_only_a_keyed_hash_is_kept(login):
    knock(login, ANNA, PASSWORD)
    assert PASSWORD not in repr(login._kept)
    assert basic(ANNA, PASSWORD)["authorization"].split()[1] not in repr(login._kept)


def test_what_is_kept_of_a_password_is_compared_in_constant_time(login, monkeypatch):
    compared = []

    def compare(kept: bytes, given: bytes) -> bool:
        compared.append((kept, given))
        return hmac.compare_digest(kept, given)

    monkeypatch.setattr("rag.chat.login.hmac", SimpleNamespace(compare_digest=compare, digest=hmac.digest))
    assert [knock(login, ANNA, password).status for password in (PASSWORD, PASSWORD, WRONG)] == [200, 200, 401]
    # Once for the second visit, and for the third before and after the others in line have been looked at.
    assert [kept == given for kept, given in compared] == [True, False, False]


def test_an_unknown_name_is_held_against_a_hash_like_a_known_one(file, monkeypatch):
    verified = []

    class Noting(PasswordHasher):
        def verify(self, hashed, password):
            verified.append(hashed.rsplit("$", 2)[0])
            return super().verify(hashed, password)

    found = Accounts(file)
    monkeypatch.setattr(accounts, "_hasher", Noting(time_cost=1, memory_cost=8, parallelism=1))
    assert not found.matches(ANNA, WRONG)
    assert not found.matches("nobody", WRONG)
    known, unknown = verified
    assert known == unknown


def test_neither_names_nor_passwords_are_logged(login, caplog):
    with caplog.at_level(logging.DEBUG):
        for name, password in ((ANNA, PASSWORD), (ANNA, WRONG), ("nobody", WRONG)):
            knock(login, name, password)
    assert not [word for word in (PASSWORD, WRONG, ANNA, "nobody") if word in caplog.text]
