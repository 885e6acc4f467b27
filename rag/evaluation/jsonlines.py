"""One JSON object a line, as bytes. Owns the reading around damaged lines and the writing; knows no field.

A line ends at a line feed and nowhere else: JSON leaves U+2028 and U+2029 as they are inside a string.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass

_BYTE_ORDER_MARK = b"\xef\xbb\xbf"


@dataclass(frozen=True, slots=True)
class Fault:
    """Why the line with this 1-based number is left out, in a sentence with the remedy."""

    line: int
    reason: str


@dataclass(frozen=True, slots=True)
class Row:
    """The JSON object of the line with this 1-based number."""

    line: int
    fields: Mapping[str, object]


def decoded(data: bytes) -> tuple[list[Row], list[Fault]]:
    """Return the objects of the lines of ``data`` and what is wrong with the others; empty lines are neither."""
    rows: list[Row] = []
    faults: list[Fault] = []
    for number, line in enumerate(data.removeprefix(_BYTE_ORDER_MARK).split(b"\n"), 1):
        if not line.strip():
            continue
        try:
            fields = json.loads(line.decode())
            if not isinstance(fields, dict):
                raise TypeError
            rows.append(Row(number, fields))
        except UnicodeDecodeError:
            faults.append(Fault(number, "It is not UTF-8; save the file in that encoding."))
        except json.JSONDecodeError as error:
            faults.append(Fault(number, f"It is not JSON ({error.msg} at character {error.colno}); mend the line."))
        # Numbers of thousands of digits and brackets in thousands.
        except (ValueError, TypeError, RecursionError):
            faults.append(Fault(number, "It is not one JSON object in braces; mend the line."))
    return rows, faults


def encoded(fields: Mapping[str, object], *, indent: int | None = None) -> bytes:
    """Return ``fields`` as one line, its end included; with ``indent`` as several, for people.

    Every string comes back from ``decoded`` as it was.
    """
    # Halves of surrogate pairs, which a browser can send, have no UTF-8; "\ud83d" is their escape in JSON too.
    return json.dumps(fields, ensure_ascii=False, indent=indent).encode("utf-8", "backslashreplace") + b"\n"


def text_in(fields: Mapping[str, object], name: str) -> str | None:
    """Return the text called ``name``, None if there is none or an empty one. Raises ValueError for what is no text."""
    value = fields.get(name)
    if value is not None and not isinstance(value, str):
        raise ValueError(f'"{name}" is {value!r:.60}, no text; put it in quotation marks.')
    return value or None
