"""Another setting to compare with, as a person writes it: "model=FOLDER,statements=1". Pure; owns reading that."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, fields, replace
from math import inf
from typing import Any, cast

from rag.errors import EvaluationError
from rag.settings import DEFAULTS, Settings

# Models are named, all else is counted.
_MODELS = ("model", "reranker")
# A folder's name may hold commas; only one before the next name ends a value.
_NEXT = re.compile(r",\s*(?=\w+=)")


@dataclass(frozen=True, slots=True)
class Changes:
    """The other side of a comparison: its model (None: the same as before), reranker (None: none) and settings."""

    model: str | None
    settings: Settings
    reranker: str | None = None


def read_changes(text: str) -> Changes:
    """Return what ``text`` asks for: ``model``, ``reranker`` or any field of ``Settings``, divided by commas.

    Raises EvaluationError for a name that is none and a value that cannot be.
    """
    changed: dict[str, Any] = {}
    known = {field.name for field in fields(Settings)}
    for part in _NEXT.split(text.strip()):
        name, _, value = part.partition("=")
        if not value:
            raise EvaluationError(f'"{part}" is no setting; write for example --compare statements=1.')
        if name not in known.union(_MODELS):
            raise EvaluationError(f"There is no setting {name}; choose from {', '.join([*_MODELS, *sorted(known)])}.")
        changed[name] = value if name in _MODELS else _value(name, value)
    model, reranker = (changed.pop(name, None) for name in _MODELS)
    return Changes(model, replace(DEFAULTS, **changed), reranker)


def _value(name: str, text: str) -> str | float:
    """Return ``text`` as the kind of value that setting ``name`` has."""
    default = getattr(DEFAULTS, name)
    if default is None or isinstance(default, str):
        return text
    try:
        value = json.loads(text)
    except ValueError:
        value = None
    match default:
        case bool():
            kind, fits = "true or false", isinstance(value, bool)
        case int():
            # Whole numbers are lengths and counts; none of them can be 0.
            kind, fits = "a whole number from 1", type(value) is int and value >= 1
        case _:
            kind, fits = "a number from 0", type(value) in (int, float) and 0 <= value < inf
    if not fits:
        raise EvaluationError(f"{name} is {text}; it must be {kind}.")
    return cast(float, value)
