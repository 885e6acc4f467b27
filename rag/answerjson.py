"""Answers and conversations as JSON, and back. Owns the format, its version and what is refused when it is read.

What comes back may have been kept in a browser or edited by hand: only what the records allow is let in.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any, TypeVar

from pydantic import TypeAdapter, ValidationError

from rag.conversations import Conversation, Facts
from rag.errors import QuestionError
from rag.records import Answer, ArticleSummary, Citation, Hit

_FORMAT, _VERSION = "fundstelle-conversation", 1
# Characters. Twice what an answer with a thousand passages takes, ten thousand common answers.
_LIMIT = 20_000_000

_Record = TypeVar("_Record")
_ANSWER = TypeAdapter(Answer)
_HITS = TypeAdapter(Sequence[Hit])
_CONVERSATION = TypeAdapter(Conversation)
_ARTICLE = TypeAdapter(ArticleSummary)


def to_json(answer: Answer) -> str:
    """Return ``answer`` as one JSON object: the fields of the records, and ``answered``, true if it has statements."""
    return _written(answer_fields(answer))


def answer_from_json(text: str) -> Answer:
    """Return the answer that ``to_json`` wrote as ``text``; fields that it does not know are left out.

    Raises QuestionError if ``text`` is no such answer, is too long, or speaks of a passage that it does not hold.
    """
    return _sound(_read(text, _ANSWER, "an answer"))


def conversation_to_json(conversation: Conversation, facts: Facts) -> str:
    """Return ``conversation`` as one JSON object: its format and version, the fields of the records, what is cited.

    Every answer is written as ``to_json`` does; ``articles`` and ``links`` hold what ``facts`` knows of the citations.
    """
    turns = [
        {"question": turn.question, "asked": turn.asked.isoformat(), "answer": answer_fields(turn.answer)}
        for turn in conversation.turns
    ]
    cited = [one for turn in conversation.turns for one in citations(turn.answer)]
    known = [facts.articles[name] for name in dict.fromkeys(one.article_id for one in cited) if name in facts.articles]
    links = [(one, facts.links[one]) for one in dict.fromkeys(cited) if one in facts.links]
    return _written(
        {
            "format": _FORMAT,
            "version": _VERSION,
            "title": conversation.title,
            "corpus": conversation.corpus,
            "turns": turns,
            "articles": [_ARTICLE.dump_python(article, mode="json") for article in known],
            "links": [{"article_id": at.article_id, "start": at.start, "end": at.end, "url": url} for at, url in links],
        }
    )


def conversation_from_json(text: str) -> Conversation:
    """Return the conversation that ``conversation_to_json`` wrote as ``text``; fields it does not know are left out.

    Raises QuestionError if ``text`` is no such conversation, is too long, or was written by a newer version.
    """
    found = _read(text, _CONVERSATION, "a conversation")
    # Read once more for two small fields: the text is known to be one JSON object by now.
    told = json.loads(text)
    if (told.get("format"), told.get("version")) != (_FORMAT, _VERSION):
        raise QuestionError(
            f"This is not a conversation of format {_FORMAT}, version {_VERSION}; export it again, with this version."
        )
    for turn in found.turns:
        _sound(turn.answer)
    return found


def answer_fields(answer: Answer) -> dict[str, Any]:
    """Return what ``to_json`` writes, before it is text."""
    fields: dict[str, Any] = _ANSWER.dump_python(answer, mode="json")
    return {"answered": bool(answer.statements), **fields}


def hit_fields(hits: Sequence[Hit]) -> list[dict[str, Any]]:
    """Return hits as ``to_json`` writes those of an answer, before they are text."""
    fields: list[dict[str, Any]] = _HITS.dump_python(hits, mode="json")
    return fields


def citations(answer: Answer) -> list[Citation]:
    """Return every citation of ``answer`` once: its statements', where else these stand, its passages'."""
    stated = [one for entry in answer.statements for one in (entry.citation, *entry.also)]
    return list(dict.fromkeys([*stated, *(hit.citation for hit in answer.hits)]))


def _written(fields: dict[str, Any]) -> str:
    return json.dumps(fields, ensure_ascii=False, indent=2)


def _read(text: str, adapter: TypeAdapter[_Record], what: str) -> _Record:
    if len(text) > _LIMIT:
        raise QuestionError(f"This JSON has {len(text):,} characters; at most {_LIMIT:,} are read. Export less.")
    try:
        # Strict: a number that is written as a text is not one.
        return adapter.validate_json(text, strict=True)
    except (ValidationError, ValueError) as error:
        raise QuestionError(f"This JSON cannot be read as {what}; export it again.") from error


def _sound(answer: Answer) -> Answer:
    """Return ``answer`` if what it says of places can be true. Raises QuestionError."""
    places = citations(answer)
    spans = [(place.start, place.end) for place in places]
    spans += [(hit.passage.start, hit.passage.end) for hit in answer.hits]
    spans += [(entry.said.start, entry.said.end) for entry in answer.statements if entry.said]
    if (
        any(not 0 <= start <= end for start, end in spans)
        or any(place.paragraph < 1 for place in places)
        or any(not 0 <= entry.hit < len(answer.hits) for entry in answer.statements)
        or not 0 <= answer.confidence <= 1
    ):
        raise QuestionError("This answer cites places that cannot be; export it again.")
    return answer
