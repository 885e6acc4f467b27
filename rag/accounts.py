"""Who may come in where the chat is open to others: a file of names and hashed passwords. Owns that file.

Each line is ``NAME:HASH``, the hash one of Argon2id; empty lines and those that begin with # are left alone. What is
asked at the door, and how often, is ``rag.chat.login``'s.
"""

from __future__ import annotations

import os
import re
import secrets
import stat
import tempfile
from collections.abc import Mapping
from pathlib import Path
from unicodedata import normalize

from argon2 import PasswordHasher, extract_parameters
from argon2.exceptions import InvalidHashError, VerificationError

from rag.errors import AccessError
from rag.settings import LIMITS

_NAME = re.compile(r"[\w.@+-]{1,64}")
_OTHERS_WRITE = stat.S_IWGRP | stat.S_IWOTH

_hasher = PasswordHasher()


class Accounts:
    """The accounts of a file, as it is now: who is taken out of it is out at once. Safe in several threads."""

    def __init__(self, file: Path) -> None:
        """Read ``file``. Raises AccessError if it is missing, holds no account, or cannot be trusted."""
        self._file = file
        self._stamp = _stamp(file)
        self._hashes = read(file)
        if not self._hashes:
            raise AccessError(f"{file} holds no account. Make one: fundstelle account NAME --file {file}")
        # What an unknown name's password is held against, so that it takes as long as a known one's.
        self._nobody = _hasher.hash(secrets.token_urlsafe())

    def hash_of(self, name: str) -> str | None:
        """Return what is kept of a password, or None where there is no such account. Raises AccessError as above."""
        stamp = _stamp(self._file)
        if stamp != self._stamp:
            self._hashes, self._stamp = read(self._file), stamp
        return self._hashes.get(_normal(name))

    def matches(self, name: str, password: str) -> bool:
        """Say whether this is the password of ``name``; takes about a twentieth of a second, whoever that is."""
        stored = self.hash_of(name)
        try:
            _hasher.verify(stored or self._nobody, _normal(password))
        except VerificationError:
            return False
        return stored is not None


def read(file: Path) -> Mapping[str, str]:
    """Return the hash of each name's password. Raises AccessError."""
    _stamp(file)
    try:
        lines = file.read_text("utf-8").splitlines()
    except (OSError, UnicodeError) as error:
        raise _unreadable(file, error) from error
    hashes: dict[str, str] = {}
    for number, line in enumerate(lines, 1):
        if not line.strip() or line.startswith("#"):
            continue
        name, _, hashed = line.partition(":")
        if not (_NAME.fullmatch(name) and name not in hashes and _is_hash(hashed)):
            raise AccessError(
                f"Line {number} of {file} is no account; take it out, and write accounts with {_COMMAND}."
            )
        hashes[name] = hashed
    return hashes


def write(file: Path, name: str, password: str | None) -> bool:
    """Give ``name`` a password, or take the name out (None). Return whether it was there before. Raises AccessError.

    The file is replaced as a whole, and only its owner can read it. What else stands in it goes with its comments.
    """
    if password is not None:
        _check(name, password)
    name = _normal(name)
    hashes = dict(read(file)) if file.exists() else {}
    known = name in hashes
    if password is not None:
        hashes[name] = _hasher.hash(_normal(password))
    elif known:
        del hashes[name]
    _replace(file, "".join(f"{one}:{hashed}\n" for one, hashed in hashes.items()))
    return known


_COMMAND = "fundstelle account"


def _check(name: str, password: str) -> None:
    if not _NAME.fullmatch(_normal(name)):
        raise AccessError(f"{name!r} cannot be a name; take up to 64 letters, figures and any of . @ + - _ instead.")
    if len(password) < LIMITS.password:
        raise AccessError(f"The password is too short; take at least {LIMITS.password} characters.")
    if len(password.encode("utf-8", "replace")) > LIMITS.name or not password.isprintable():
        raise AccessError("The password is very long or has characters that cannot be typed; take another one.")


def _normal(text: str) -> str:
    # An umlaut is one character or two, depending on the keyboard; a browser may send either.
    return normalize("NFC", text)


def _is_hash(text: str) -> bool:
    try:
        extract_parameters(text)
    except InvalidHashError:
        return False
    return text.startswith("$argon2id$")


def _stamp(file: Path) -> tuple[int, ...]:
    """Return what changes when the file does. Raises AccessError if it is none, or others may write it."""
    try:
        found = file.stat()
    except OSError as error:
        raise _unreadable(file, error) from error
    if os.name == "posix" and (found.st_mode & _OTHERS_WRITE or found.st_uid not in (0, os.geteuid())):
        raise AccessError(f"{file} can be written by others, who could let themselves in; run: chmod 600 {file}")
    return found.st_ino, found.st_size, found.st_mtime_ns


def _unreadable(file: Path, error: Exception) -> AccessError:
    why = error.strerror if isinstance(error, OSError) else "it is not UTF-8"
    return AccessError(f"The accounts in {file} cannot be read: {why}. Make them with {_COMMAND} NAME --file {file}")


def _replace(file: Path, text: str) -> None:
    """Write the whole file beside the old one, for its owner only, and put it in its place."""
    try:
        handle, name = tempfile.mkstemp(dir=file.parent, prefix=f".{file.name}.")
        try:
            with os.fdopen(handle, "w", encoding="utf-8", newline="\n") as made:
                made.write(text)
                made.flush()
                os.fsync(made.fileno())
            Path(name).replace(file)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise
    except OSError as error:
        raise AccessError(f"{file} cannot be written: {error.strerror}. Check its folder.") from error
