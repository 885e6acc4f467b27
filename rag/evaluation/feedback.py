"""What readers thought of answers, thumbs up or down, one JSON object a line. The only module that knows that file.

It lies beside the folder of the corpus' index, so that it outlives an index that is deleted and built again.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

from rag import paths
from rag.errors import EvaluationError
from rag.evaluation.jsonlines import Fault, Row, decoded, encoded, text_in
from rag.evaluation.questionfile import Expected, Question, to_check
from rag.language import guess
from rag.records import Answer

Verdict = Literal["up", "down"]


@dataclass(frozen=True, slots=True)
class Cited:
    """A place an answer cited: the article, the 1-based number of the paragraph, the words."""

    article: str
    paragraph: int
    quote: str


@dataclass(frozen=True, slots=True)
class Feedback:
    """A reader's verdict on an answer.

    ``time`` is in UTC, in the form of ISO 8601. ``standalone`` is the question as it was searched for, ``reason`` what
    the reader wrote, "" for nothing, ``cited`` is empty where the answer was "not in the articles", and ``corpus`` is
    the folder of articles.
    """

    time: str
    question: str
    standalone: str
    verdict: Verdict
    reason: str
    cited: tuple[Cited, ...]
    corpus: str


def feedback_on(answer: Answer, verdict: Verdict, corpus: Path, *, reason: str = "") -> Feedback:
    """Return the verdict that a reader gives on ``answer`` now."""
    places = [place for statement in answer.statements for place in (statement.citation, *statement.also)]
    return Feedback(
        time=datetime.now(UTC).isoformat(),
        question=answer.question,
        standalone=answer.standalone,
        verdict=verdict,
        reason=reason,
        cited=tuple(Cited(place.article_id, place.paragraph, place.quote) for place in places),
        corpus=str(corpus.resolve()),
    )


def feedback_file(corpus: Path) -> Path:
    """Return the file that holds the verdicts on answers over ``corpus``; it need not exist."""
    index = paths.index_folder(corpus)
    return index.with_name(f"{index.name}.feedback.jsonl")


def append(file: Path, entry: Feedback) -> None:
    """Add a verdict at the end of ``file``, which is made where it is missing and is for its owner's eyes only.

    A line goes out in one piece, so that processes that append at the same time do not mix their lines. Raises
    EvaluationError if it cannot be written.
    """
    line = encoded(asdict(entry))
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(file, os.O_RDWR | os.O_CREAT | os.O_APPEND | getattr(os, "O_BINARY", 0), 0o600)
        with os.fdopen(descriptor, "r+b", buffering=0) as stream:
            size = stream.seek(0, os.SEEK_END)
            stream.seek(max(size - 1, 0))
            # What an interrupted writer left must not take this line with it.
            if stream.read(1) not in (b"", b"\n"):
                line = b"\n" + line
            if stream.write(line) != len(line):
                raise OSError("the disk is full")
            os.fsync(stream.fileno())
    except OSError as error:
        raise EvaluationError(
            f"The feedback could not be written to {file} ({error.strerror or error}); make room on the disk, or "
            "make the file writable."
        ) from error


def read(file: Path) -> tuple[list[Feedback], list[Fault]]:
    """Return the verdicts in ``file``, oldest first, and what is wrong with the lines that hold none.

    Raises EvaluationError if there is no file or it cannot be read.
    """
    try:
        rows, faults = decoded(file.read_bytes())
    except FileNotFoundError as error:
        raise EvaluationError(f"There is no feedback yet: {file} does not exist. The chat writes it.") from error
    except OSError as error:
        raise EvaluationError(f"The feedback in {file} cannot be read ({error.strerror or error}).") from error
    entries: list[Feedback] = []
    for row in rows:
        try:
            entries.append(_entry(row))
        except ValueError:
            faults.append(Fault(row.line, "It is not what the chat writes for a thumb up or down."))
    return entries, sorted(faults, key=lambda fault: fault.line)


def questions_to_check(entries: Iterable[Feedback]) -> bytes:
    """Return the verdicts as lines of a file of questions, each to be checked by a person; see docs/eval.md.

    A thumb up proposes the places that were cited, a thumb down none. Of several verdicts on a question the last one
    counts.
    """
    last = {entry.standalone: entry for entry in entries}
    return b"".join(
        to_check(
            Question(
                id=entry.time,
                question=entry.standalone,
                language=guess(entry.standalone),
                answers=tuple(Expected(c.article, c.paragraph, c.quote) for c in entry.cited)
                if entry.verdict == "up"
                else (),
            ),
            {"verdict": entry.verdict, "reason": entry.reason},
        )
        for entry in last.values()
    )


def _entry(row: Row) -> Feedback:
    """Return the verdict of a line. Raises ValueError if it is none."""
    fields = row.fields
    verdict, cited = fields.get("verdict"), fields.get("cited")
    time, question, corpus = (_required(fields, name) for name in ("time", "question", "corpus"))
    if verdict not in ("up", "down") or not isinstance(cited, list):
        raise ValueError
    return Feedback(
        time=time,
        question=question,
        standalone=_required(fields, "standalone"),
        verdict="up" if verdict == "up" else "down",
        reason=text_in(fields, "reason") or "",
        cited=tuple(map(_cited, cited)),
        corpus=corpus,
    )


def _cited(place: object) -> Cited:
    if not isinstance(place, dict) or not isinstance(paragraph := place.get("paragraph"), int):
        raise ValueError
    return Cited(_required(place, "article"), paragraph, _required(place, "quote"))


def _required(fields: Mapping[str, object], name: str) -> str:
    if not (text := text_in(fields, name)):
        raise ValueError
    return text
