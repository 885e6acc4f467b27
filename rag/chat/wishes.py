"""What the page sends, as typed values. Owns their shapes and the refusal of anything else."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Literal, TypeVar

from pydantic import AfterValidator, Field, TypeAdapter, ValidationError

from rag.errors import QuestionError
from rag.records import Citation, Filter, Language
from rag.settings import LIMITS

_Wish = TypeVar("_Wish", bound="Here")
_Name = Annotated[str, Field(max_length=LIMITS.name)]
_Turns = Field(max_length=LIMITS.turns)
_Places = Annotated[tuple[str, ...], Field(max_length=LIMITS.places)]


def _bounded(limits: Filter) -> Filter:
    if len(limits.articles) + len(limits.folders) > LIMITS.places:
        raise ValueError("too many articles and folders")
    return limits


@dataclass(frozen=True, slots=True)
class Here:
    """Where a page stands: the key of its corpus and the language it speaks."""

    corpus: _Name
    language: Language = "en"


@dataclass(frozen=True, slots=True)
class Ask(Here):
    """A question with the earlier ones of its conversation, oldest first, and the places that these cited, as keys."""

    question: str = ""
    earlier: Annotated[tuple[str, ...], _Turns] = ()
    follow_ups: bool = True
    filter: Annotated[Filter, AfterValidator(_bounded)] = Filter()
    others: _Places = ()


@dataclass(frozen=True, slots=True)
class Told(Here):
    """Answers that the page has kept, as JSON."""

    answers: Annotated[tuple[str, ...], _Turns] = ()


@dataclass(frozen=True, slots=True)
class Opened(Here):
    """A citation to open, and the other places of its article that the conversation cites, as keys."""

    place: str = ""
    others: _Places = ()


@dataclass(frozen=True, slots=True)
class Linked(Here):
    """A permalink to open."""

    link: _Name = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Copied(Here):
    """A citation to copy; ``base`` is the address of the page."""

    citation: Citation
    form: Literal["plain", "markdown", "csl", "link"]
    base: _Name


@dataclass(frozen=True, slots=True)
class Asked:
    """A turn that the page has kept: the question, the answer as JSON, and when it was asked."""

    question: str
    answer: str
    asked: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Exported(Here):
    """A conversation to take away; ``base`` is the address of the page."""

    title: str
    turns: Annotated[tuple[Asked, ...], _Turns]
    form: Literal["markdown", "html", "json"]
    base: _Name


@dataclass(frozen=True, slots=True)
class Named(Here):
    """An article, or a file to add with its bytes in base 64."""

    name: _Name = ""
    data: str = ""


@dataclass(frozen=True, slots=True)
class Verdict(Here):
    """A thumb up or down on an answer."""

    answer: str = ""
    up: bool = True
    reason: _Name = ""


def read(kind: type[_Wish], sent: object) -> _Wish:
    """Return what the page sent as a ``kind``. Raises QuestionError for anything else."""
    try:
        return TypeAdapter(kind).validate_python(sent)
    except ValidationError as error:
        raise QuestionError("The page and the program do not fit together; reload the page.") from error
