"""Questions with the places that answer them, one JSON object a line. Owns the format; leaves files to its users.

docs/eval.md tells it to people.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass

from rag.evaluation.jsonlines import Fault, Row, decoded, encoded, text_in
from rag.folding import fold
from rag.language import guess


@dataclass(frozen=True, slots=True)
class Expected:
    """A place that answers: a paragraph of an article, words that stand there, or words that stand anywhere.

    ``article`` is the id of an article, None for any; ``paragraph`` its 1-based number, only with an article; ``text``
    are folded words of one paragraph. There is a ``text`` or a ``paragraph``, or both.
    """

    article: str | None = None
    paragraph: int | None = None
    text: str | None = None


@dataclass(frozen=True, slots=True)
class Question:
    """A question that stands alone, and every place that answers it; none says that the articles do not answer it.

    ``language`` is "de", "en" or whatever else the questions are to be counted under. ``line`` is the 1-based number
    of its line, 0 for a question that comes from no file.
    """

    id: str
    question: str
    language: str
    answers: tuple[Expected, ...]
    line: int = 0


@dataclass(frozen=True, slots=True)
class QuestionFile:
    """What a file holds: questions to ask, lines that are at fault, and how many still wait to be checked."""

    questions: tuple[Question, ...]
    faults: tuple[Fault, ...]
    unchecked: int = 0


def parse(data: bytes) -> QuestionFile:
    """Return the questions of a file in its order; a line that is none is told of and the others go on."""
    rows, faults = decoded(data)
    questions: dict[str, Question] = {}
    unchecked = 0
    for row in rows:
        try:
            if _flag(row.fields, "check"):
                unchecked += 1
                continue
            question = _question(row)
            if question.id in questions:
                raise ValueError(f'The "id" {question.id} is that of line {questions[question.id].line}; change one.')
            questions[question.id] = question
        except ValueError as error:
            faults.append(Fault(row.line, str(error)))
    return QuestionFile(tuple(questions.values()), tuple(sorted(faults, key=lambda fault: fault.line)), unchecked)


def to_check(question: Question, remarks: Mapping[str, str]) -> bytes:
    """Return ``question`` as a line that is left out until a person has taken ``"check": true`` from it.

    ``remarks`` are further fields, which tell that person what to look at.
    """
    places = [
        {name: value for name in ("article", "paragraph", "text") if (value := getattr(place, name)) is not None}
        for place in question.answers
    ]
    known = {"id": question.id, "language": question.language, "question": question.question, "answers": places}
    return encoded({**known, "check": True, **remarks})


def _question(row: Row) -> Question:
    fields = row.fields
    text = fold(text_in(fields, "question") or "")
    if not text:
        raise ValueError('"question" is missing or empty; write the question there.')
    if any(unicodedata.category(character) == "Cs" for character in text):
        raise ValueError('"question" holds half a character (a lone surrogate); write the question anew.')
    answers = fields.get("answers")
    if not isinstance(answers, list):
        raise ValueError(
            '"answers" is missing or no list; list the places that answer the question, none if there are none.'
        )
    number = fields.get("id")
    name = str(number) if _is_number(number) else text_in(fields, "id")
    return Question(
        id=name or f"line {row.line}",
        question=text,
        language=text_in(fields, "language") or guess(text),
        answers=tuple(map(_expected, answers)),
        line=row.line,
    )


def _expected(place: object) -> Expected:
    if not isinstance(place, dict):
        raise ValueError(f'{place!r:.60} in "answers" is no object; write {{"article": "...", "paragraph": 1}}.')
    article, text, paragraph = text_in(place, "article"), fold(text_in(place, "text") or ""), place.get("paragraph")
    if paragraph is not None and not _is_number(paragraph):
        raise ValueError(f'"paragraph" is {paragraph!r:.60}; it must be a whole number from 1.')
    if paragraph is not None and article is None:
        raise ValueError(f'Paragraph {paragraph} of which article? Add "article" to the place.')
    if paragraph is None and not text:
        raise ValueError('A place in "answers" has neither "text" nor "paragraph"; add one of them.')
    return Expected(article, paragraph, text or None)


def _flag(fields: Mapping[str, object], name: str) -> bool:
    value = fields.get(name, False)
    if not isinstance(value, bool):
        raise ValueError(f'"{name}" is {value!r:.60}; it must be true or false.')
    return value


def _is_number(value: object) -> bool:
    # To Python true is the number 1.
    return isinstance(value, int) and not isinstance(value, bool)
