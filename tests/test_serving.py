"""Nobody but this computer reaches the chat unless it was said who may."""

from __future__ import annotations

import errno
import os
import shutil
import socket
import ssl
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from threading import Thread

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

from rag import accounts
from rag.__main__ import app
from rag.chat import serving
from rag.chat.serving import Door, Opened
from rag.errors import AccessError, FundstelleError
from rag.settings import LIMITS
from tests.asgi import Asked

ROOT = Path(__file__).parent.parent
FILE = Path("accounts")
NAMES = ("notes.example.org",)


@pytest.mark.parametrize("host", ["127.0.0.1", "127.0.0.2", "::1", "localhost"])
def test_an_address_that_only_this_computer_reaches_needs_nothing(host):
    door = Door(host)
    assert door.is_local
    assert not door.is_open_text


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.1.20", "10.0.0.1", "fd00::1", "::ffff:10.0.0.1"])
def test_any_other_needs_accounts_and_a_name(host):
    with pytest.raises(AccessError, match=f"^At {host} others can reach .* must ask .*--accounts FILE\\.$"):
        Door(host)
    with pytest.raises(AccessError, match="--accounts"):
        Door(host, names=NAMES)
    with pytest.raises(AccessError, match=f"^At {host} others .* by which name; add --allow-host NAME"):
        Door(host, accounts=FILE)
    assert Door(host, names=NAMES, accounts=FILE).is_open_text


@given(st.ip_addresses())
def test_whatever_the_address_others_are_let_in_with_accounts_and_a_name_only(address):
    try:
        assert Door(str(address)).is_local
        assert address.is_loopback
    except AccessError:
        assert not address.is_loopback


@pytest.mark.parametrize("host", ["", "example.org", "localhost.", "127.1", "0", "2130706433", "127.0.0.1:80", "[::1]"])
def test_a_name_is_no_address(host):
    with pytest.raises(AccessError, match="no address of this computer"):
        Door(host, names=NAMES, accounts=FILE)


@pytest.mark.parametrize("name", ["*", "*.example.org", "", "http://example.org", "example.org:80", "a b", ".", "a/b"])
def test_every_name_is_allowed_singly(name):
    with pytest.raises(AccessError, match="no name of a host"):
        Door(names=(name,), accounts=FILE)


@pytest.mark.parametrize("half", [{"certificate": FILE}, {"key": FILE}])
def test_a_certificate_needs_its_key(half):
    with pytest.raises(AccessError, match="certificate needs its key"):
        Door(**half)


def test_files_that_are_no_certificate_are_named(tmp_path):
    file = tmp_path / "cert.pem"
    with pytest.raises(AccessError, match="cannot be used: No such file or directory"):
        Opened(Door(certificate=file, key=file))
    file.write_text("nothing")
    with pytest.raises(AccessError, match=r"cert\.pem and the key .*cert\.pem cannot be used"):
        Opened(Door(certificate=file, key=file))


def test_accounts_that_cannot_be_read_are_told_before_the_address_is_taken(tmp_path, monkeypatch):
    monkeypatch.setattr(serving, "_take", None)
    with pytest.raises(AccessError, match=r"^The accounts in .* cannot be read: No such file"):
        Opened(Door(accounts=tmp_path / "accounts"))


def test_a_port_in_use_is_an_error_that_names_it_and_the_next_is_taken_where_none_was_named(monkeypatch):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(FundstelleError, match=f"^Port {port} is in use. Choose another one with --port."):
            Opened(Door(port=port))
        monkeypatch.setattr(serving, "_FIRST", port)
        monkeypatch.setattr(serving, "_LAST", port)
        with pytest.raises(FundstelleError, match=r"^The ports from .* are in use"):
            Opened(Door())
    opened = Opened(Door())
    assert opened.address == f"http://127.0.0.1:{port}/"
    opened.close()


def test_an_address_that_is_not_this_computers_is_an_error_that_says_so(monkeypatch):
    def refused(*_, **__):
        raise OSError(errno.EADDRNOTAVAIL, os.strerror(errno.EADDRNOTAVAIL))

    monkeypatch.setattr(socket, "create_server", refused)
    with pytest.raises(FundstelleError, match=r"cannot be reached at 127\.0\.0\.2, port 9: "):
        Opened(Door("127.0.0.2", 9))


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (
            ["--accounts", "FILE"],
            "At 0.0.0.0 others can reach the chat, so it must know by which name; add",
        ),
        (
            ["--allow-host", "a.example"],
            "At 0.0.0.0 others can reach the chat, so it must ask who they are; make",
        ),
        (["--accounts", "EMPTY", "--allow-host", "a.example"], "EMPTY holds no account. Make one: fundstelle account"),
        (["--accounts", "FILE", "--allow-host", "*"], "* is no name of a host"),
    ],
)
def test_the_command_says_what_is_missing(tmp_path, monkeypatch, options, sentence):
    monkeypatch.chdir(tmp_path)
    accounts.write(Path("FILE"), "anna", "correct horse battery")
    Path("EMPTY").touch(0o600)
    told = CliRunner().invoke(app, ["chat", "--host", "0.0.0.0", *options])
    assert isinstance(told.exception, AccessError)
    assert str(told.exception).startswith(sentence)


def test_the_command_ends_with_the_sentence_before_a_model_is_loaded():
    command = [sys.executable, "-X", "importtime", "-m", "rag", "chat", "--host", "0.0.0.0"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    [told] = [line for line in done.stderr.splitlines() if not line.startswith("import time:")]

    assert (done.returncode, done.stdout) == (2, "")
    assert told.startswith("At 0.0.0.0 others can reach the chat, so it must ask who they are; make an account with ")
    assert "sentence_transformers" not in done.stderr


@contextmanager
def served(door: Door) -> Iterator[Opened]:
    """Something that answers everything, served at ``door`` from a thread of its own."""
    opened = Opened(door)
    thread = Thread(target=opened.serve, args=[Whatever()])
    thread.start()
    end = time.monotonic() + 30
    while not (hasattr(opened, "server") and opened.server.started):
        assert time.monotonic() < end
        time.sleep(0.01)
    try:
        yield opened
    finally:
        opened.server.should_exit = True
        thread.join(30)
        opened.close()


class Whatever(Asked):
    """As ``Asked``, and begins and ends when it is told to."""

    async def __call__(self, scope, receive, send):
        if scope["type"] == "http":
            await super().__call__(scope, receive, send)
            return
        for _ in range(2):
            message = await receive()
            await send({"type": f"{message['type']}.complete"})


def port_of(opened: Opened) -> int:
    return int(opened.address.rstrip("/").rpartition(":")[2])


def test_who_does_not_finish_the_head_of_a_request_is_let_go(monkeypatch):
    monkeypatch.setattr(serving, "LIMITS", replace(LIMITS, head_seconds=0.2))
    head = b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n"
    with served(Door()) as opened, socket.create_connection(("127.0.0.1", port_of(opened)), timeout=30) as connection:
        connection.sendall(head)
        assert connection.recv(1_000) == b""
    with served(Door()) as opened, socket.create_connection(("127.0.0.1", port_of(opened)), timeout=30) as connection:
        for _ in range(2):  # and so is who asks slowly only the second time
            connection.sendall(head + b"\r\n")
            told = b""
            while not told.endswith(b"\r\n0\r\n\r\n"):
                piece = connection.recv(1_000)
                assert piece
                told += piece
        connection.sendall(head)
        assert connection.recv(1_000) == b""


@pytest.mark.skipif(shutil.which("openssl") is None, reason="makes a certificate with openssl")
def test_with_a_certificate_nothing_goes_unencrypted(tmp_path):
    key, certificate = tmp_path / "key.pem", tmp_path / "cert.pem"
    made = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
    made += ["-days", "1", "-subj", "/CN=localhost", "-addext", "subjectAltName=IP:127.0.0.1"]
    subprocess.run([*made, "-keyout", str(key), "-out", str(certificate)], capture_output=True, check=True)
    trusting = ssl.create_default_context(cafile=str(certificate))
    with served(Door(certificate=certificate, key=key)) as opened:
        assert opened.address.startswith("https://127.0.0.1:")
        own = {"Origin": opened.address.rstrip("/")}
        assert httpx.get(opened.address, verify=trusting, trust_env=False, headers=own).status_code == 200
        plain = opened.address.replace("https", "http")
        assert httpx.get(opened.address, verify=trusting, headers={"Origin": plain.rstrip("/")}).status_code == 403
        with pytest.raises(httpx.TransportError):
            httpx.get(plain, trust_env=False)
