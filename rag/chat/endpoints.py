"""What programs may ask of the chat: ``retrieve`` and ``ask``, as in Python. Owns these two endpoints.

Gradio's page of the API is made from the two functions here, from their hints and their docstrings. It reads hints as
they stand, so that this module, unlike the others, does not put off evaluating them.
"""

import inspect
from collections.abc import Awaitable, Callable
from datetime import date
from functools import wraps
from typing import ParamSpec, TypeVar

import gradio as gr
from pydantic import ValidationError, validate_call

from rag.answerjson import answer_fields, hit_fields
from rag.chat.gate import Gate
from rag.disclosure import sentence
from rag.engine import Engine
from rag.errors import QuestionError
from rag.records import Answer, Filter, Hit, Language
from rag.settings import DEFAULTS, LIMITS

_Parameters = ParamSpec("_Parameters")
_Result = TypeVar("_Result")


def publish(engine_of: Callable[[str | None], Engine], gate: Gate) -> None:
    """Offer ``retrieve`` and ``ask`` to programs, within the ``gr.Blocks`` that is being made.

    ``engine_of`` gives the engine of a corpus by its key, None standing for the one to ask where none is named; what it
    raises as a FundstelleError is told to the program. ``gate`` says when a question has its turn.
    """

    def retrieve(  # noqa: PLR0913 - programs name them one by one
        question: str,
        k: int = DEFAULTS.hits,
        articles: list[str] | None = None,
        folders: list[str] | None = None,
        since: str | None = None,
        until: str | None = None,
        language: Language | None = None,
        corpus: str | None = None,
    ) -> list[Hit]:
        """Return the k passages that fit the question best, best first, each with its citation.

        Only these articles (by id) and folders are searched, or all where neither is given; only articles dated since
        and until these days (YYYY-MM-DD); only articles in this language. The corpus is named by its key; without it
        the first one is searched.
        """
        limits = _filter(articles, folders, since, until, language)
        return engine_of(corpus).retrieve(question, k, filter=limits)

    def ask(  # noqa: PLR0913 - programs name them one by one
        question: str,
        history: list[str] | None = None,
        k: int = DEFAULTS.hits,
        # Gradio hands parameters over in their order, so a yes or no cannot be asked for by name alone.
        follow_ups: bool = True,  # noqa: FBT001, FBT002
        articles: list[str] | None = None,
        folders: list[str] | None = None,
        since: str | None = None,
        until: str | None = None,
        language: Language | None = None,
        corpus: str | None = None,
    ) -> Answer:
        """Answer the question with cited sentences, or with none where the articles do not answer it.

        The history holds the earlier questions of the conversation, oldest first; it is left out of account where
        follow_ups is false. The other parameters are those of retrieve.
        """
        limits = _filter(articles, folders, since, until, language)
        return engine_of(corpus).ask(question, history or (), k=k, follow_ups=follow_ups, filter=limits)

    # The limit holds for both together.
    limit = {"concurrency_id": "programs", "concurrency_limit": LIMITS.programs}
    gr.api(_endpoint(retrieve, hit_fields, gate), api_name="retrieve", **limit)  # type: ignore[attr-defined]  # Gradio re-exports it without saying so
    gr.api(_endpoint(ask, answer_fields, gate), api_name="ask", **limit)  # type: ignore[attr-defined]  # Gradio re-exports it without saying so


def _endpoint(
    function: Callable[_Parameters, _Result], written: Callable[[_Result], object], gate: Gate
) -> Callable[_Parameters, Awaitable[object]]:
    """Return ``function`` as Gradio is to call it: arguments checked, the result as JSON, every error a sentence."""
    checked = validate_call(function)

    @wraps(function)
    async def endpoint(*arguments: _Parameters.args, **named: _Parameters.kwargs) -> object:
        try:
            return await gate.through(lambda: written(checked(*arguments, **named)))
        except ValidationError as error:
            raise gr.Error(_misfit(function, error), print_exception=False) from error
        except Exception as error:
            # Also what was not raised on purpose: of that Gradio would write every word to the terminal.
            raise gr.Error(sentence(error, "en"), print_exception=False) from error

    return endpoint


def _misfit(function: Callable[..., object], error: ValidationError) -> str:
    """Say which parameter does not fit, and why."""
    first = error.errors()[0]
    where = first["loc"][0] if first["loc"] else ""
    name = list(inspect.signature(function).parameters)[where] if isinstance(where, int) else where
    return f"The parameter {name} does not fit: {first['msg']}."


def _filter(
    articles: list[str] | None,
    folders: list[str] | None,
    since: str | None,
    until: str | None,
    language: Language | None,
) -> Filter:
    days = _day("since", since), _day("until", until)
    return Filter(tuple(articles or ()), tuple(folders or ()), *days, language)


def _day(name: str, written: str | None) -> date | None:
    """Return the day that a program wrote. Raises QuestionError."""
    try:
        return date.fromisoformat(written) if written is not None else None
    except ValueError as error:
        raise QuestionError(f"{name} is {written!r}; write the day as YYYY-MM-DD.") from error
