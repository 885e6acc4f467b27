"""``python -m benchmarks.followups``: does a later turn of a conversation find what its stand-alone question finds?

Owns the format of ``conversations.jsonl``, what counts as found, and the table. A turn is found if the passage ranked
first for the question written by hand is among the first five for the question made of the conversation.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean
from typing import Annotated, Any, Literal

import typer

import rag
from benchmarks.questions import Language, Split
from rag.dialogue import standalone

CONVERSATIONS = Path(__file__).with_name("conversations.jsonl")
# Ranks that are looked at.
DEPTH = 5

_LANGUAGES: dict[Language, str] = {"en": "English", "de": "German"}
# The later turns by how they lean, then by language, then all.
GROUPS = (
    *("pronoun", "going-on", "ellipsis", "back-reference", "change"),
    *_LANGUAGES.values(),
    "language changed",
    "all",
)

Kind = Literal["first", "pronoun", "going-on", "ellipsis", "back-reference", "change"]


@dataclass(frozen=True, slots=True)
class Turn:
    """A message as it was typed, and the question it stands for, written by hand; the same where it stands alone.

    ``kind`` says how the message leans on those before it: with a ``pronoun``, by ``going-on`` ("Und warum?"), by
    ``ellipsis`` ("And Lavrov?"), by a ``back-reference`` ("Wie lange dauerte das Gespräch?"), or not at all, being the
    ``first`` or a ``change`` of subject.
    """

    question: str
    standalone: str
    kind: Kind
    language: Language


@dataclass(frozen=True, slots=True)
class Conversation:
    """Two or three turns, the first of which stands alone. A later one may be in the other language."""

    id: str
    turns: tuple[Turn, ...]
    split: Split


@dataclass(frozen=True, slots=True)
class Row:
    """What one way to search found for the ``n`` later turns of a group.

    ``found`` counts the turns that found the first passage of the question written by hand; ``overlap`` is the mean
    share, 0 to 1, of that question's first five passages that are among the first five of the turn.
    """

    group: str
    way: str
    n: int
    found: int
    overlap: float


@dataclass(frozen=True, slots=True)
class _Outcome:
    groups: tuple[str, ...]
    way: str
    found: bool
    overlap: float


def _alone(_history: Sequence[str], message: str) -> str:
    return message


def _all_turns(history: Sequence[str], message: str) -> str:
    return " ".join([*history, message])


WAYS: dict[str, Callable[[Sequence[str], str], str]] = {
    "product": standalone,
    "no history": _alone,
    "all turns": _all_turns,
}


def load(path: Path = CONVERSATIONS) -> list[Conversation]:
    """Return the conversations of a file with one JSON object a line, in its order."""
    return [_conversation(json.loads(line)) for line in path.read_text(encoding="utf-8").splitlines()]


def load_split(split: Split) -> list[Conversation]:
    """Return the conversations of a split."""
    return [conversation for conversation in load() if conversation.split == split]


def evaluate(engine: rag.Engine, conversations: Sequence[Conversation]) -> list[Row]:
    """Search for every later turn in each way, and count per kind, per language and over all."""
    outcomes = [outcome for conversation in conversations for outcome in _outcomes(engine, conversation)]
    return [
        Row(group, way, len(of), sum(outcome.found for outcome in of), fmean(outcome.overlap for outcome in of))
        for group in GROUPS
        for way in WAYS
        if (of := [outcome for outcome in outcomes if outcome.way == way and group in outcome.groups])
    ]


def _conversation(record: dict[str, Any]) -> Conversation:
    return Conversation(record["id"], tuple(Turn(**turn) for turn in record["turns"]), record["split"])


def _outcomes(engine: rag.Engine, conversation: Conversation) -> list[_Outcome]:
    outcomes: list[_Outcome] = []
    for number, turn in enumerate(conversation.turns[1:], 1):
        history = [earlier.question for earlier in conversation.turns[:number]]
        expected = _found(engine, turn.standalone)
        for name, way in WAYS.items():
            found = _found(engine, way(history, turn.question))
            overlap = len(set(expected) & set(found)) / len(expected)
            outcomes.append(_Outcome(_groups(conversation, number), name, expected[0] in found, overlap))
    return outcomes


def _groups(conversation: Conversation, number: int) -> tuple[str, ...]:
    turn, before = conversation.turns[number], conversation.turns[number - 1]
    return turn.kind, "language changed" if turn.language != before.language else _LANGUAGES[turn.language], "all"


def _found(engine: rag.Engine, question: str) -> list[int]:
    return [hit.passage.id for hit in engine.retrieve(question, k=DEPTH)]


def markdown(rows: Sequence[Row]) -> str:
    """Return a Markdown table: turns that find what their stand-alone question finds first, and the overlap."""
    lines = [f"| turns | n | {' | '.join(WAYS)} |", "|---|---|" + "---|" * len(WAYS)]
    for group in dict.fromkeys(row.group for row in rows):
        of = [row for row in rows if row.group == group]
        cells = [f"{row.found} ({row.found / row.n:.0%}), {row.overlap:.2f}" for row in of]
        lines.append(f"| {group} | {of[0].n} | {' | '.join(cells)} |")
    return "\n".join(lines)


def main(
    *,
    corpus: Annotated[Path, typer.Option(help="Folder that holds the five articles.")] = Path("seeds"),
    model: Annotated[str | None, typer.Option(help="Encoder: a folder or a hub name.")] = None,
    split: Annotated[Literal["dev", "test"], typer.Option(help="Which conversations.")] = "dev",
) -> None:
    """Measure follow-ups. The index is made in a temporary folder; the product's own is left alone."""
    try:
        with tempfile.TemporaryDirectory() as index, rag.open(corpus, model=model, index=Path(index)) as engine:
            print(markdown(evaluate(engine, load_split(split))))
    except rag.FundstelleError as error:
        raise SystemExit(str(error)) from error


if __name__ == "__main__":
    typer.run(main)
