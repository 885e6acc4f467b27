"""Bytes -> text. Owns which encodings are believed: by byte order mark, as UTF-8, as a page declares, or recognised."""

from __future__ import annotations

import codecs
import re

from charset_normalizer import from_bytes

from rag.errors import ArticleError

_BYTE_ORDER_MARKS = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))
_DECLARED = re.compile(rb"<meta[^>]{0,200}?charset\s*=\s*[\"']?\s*([\w.:-]{1,40})", re.IGNORECASE)
# What a page may declare, by Python's names: the text encodings that browsers know. Python has others under such names,
# and they are no encodings of pages: zlib and its like unpack, unicode_escape and idna make characters of other ones.
# A declaration that could be read as ASCII is not one of UTF-16.
_BELIEVED = frozenset(
    {"ascii", "utf-8", "big5", "big5hkscs", "cp866", "cp874", "cp932", "cp949", "euc_jp", "euc_kr", "gb18030", "gb2312"}
    | {"gbk", "iso2022_jp", "koi8-r", "koi8-u", "mac-cyrillic", "mac-roman", "shift_jis"}
    | {f"cp125{number}" for number in range(9)}
    | {f"iso8859-{number}" for number in range(1, 17) if number != 12}
)
_ASCII = bytes(range(128))


def decode(data: bytes, name: str, *, html: bool = False) -> tuple[str, str]:
    """Decode a file and return (text, encoding): by byte order mark, as UTF-8, as an HTML page declares, or recognised.

    Raises ArticleError naming the file and the offset of the first byte that makes no sense.
    """
    for mark, encoding in _BYTE_ORDER_MARKS:
        if data.startswith(mark):
            return _strict(data, encoding, name), encoding
    try:
        return _without_nul(data.decode("utf-8"), name), "utf-8"
    except UnicodeDecodeError as error:
        offset = error.start
        # A few bad bytes in what else is UTF-8 is a damaged file; read as Windows-1252 every umlaut would be wrong.
        sound = data.decode("utf-8", "ignore").encode()
        damaged = _beyond_ascii(sound) > _beyond_ascii(data) / 2
    declared = _declared(data) if html and not damaged else None
    if declared:
        return _strict(data, declared, name), declared
    # Left to choose among all code pages the library now and then takes cp1250 or cp1257 for German text.
    best = None if damaged else from_bytes(data, cp_isolation=["cp1252", "utf_16_le", "utf_16_be"]).best()
    if best is None:
        raise ArticleError(
            f"{name} cannot be decoded: the byte at offset {offset} is not UTF-8, and the file is not recognisable as "
            "UTF-16 or Windows-1252 text either. Save it as UTF-8."
        )
    return _without_nul(str(best), name), best.encoding


def _declared(data: bytes) -> str | None:
    """Return the encoding that a page declares, None where it declares none that is believed."""
    found = _DECLARED.search(data[:4096])
    if found is None:
        return None
    name = found[1].decode("ascii").lower()
    try:
        return name if codecs.lookup(name).name in _BELIEVED else None
    except LookupError:
        return None


def _beyond_ascii(data: bytes) -> int:
    return len(data.translate(None, _ASCII))


def _strict(data: bytes, encoding: str, name: str) -> str:
    try:
        return _without_nul(data.decode(encoding), name)
    except UnicodeDecodeError as error:
        raise ArticleError(
            f"{name} cannot be decoded: it says it is {encoding}, but the byte at offset {error.start} is not. "
            "Save it as UTF-8."
        ) from error


def _without_nul(text: str, name: str) -> str:
    if "\0" in text:
        raise ArticleError(f"{name} is not text: it has a NUL character at offset {text.index(chr(0))}.")
    return text
