"""Answers as text and as JSON, and the words an answer has around its quotes.

Owns wording and order of what is shown, and does no input or output. Leaves HTML to ``rag.webview``.
"""

from __future__ import annotations

import json
import textwrap
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from itertools import groupby

from rag.language import guess
from rag.records import Answer

_WIDTH = 88

# Characters that turn the direction of the text around them (Unicode Bidirectional Algorithm, UAX #9, section 2): a
# name that ends in "txt" can be made to look as if it ended in "exe".
DIRECTIONS = "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
# What a terminal would obey, escape sequences above all, is shown as its number instead.
_CONTROLS = [*range(0x20), *range(0x7F, 0xA0), *map(ord, DIRECTIONS)]
_VISIBLE = {code: f"<U+{code:04X}>" for code in _CONTROLS}


@dataclass(frozen=True, slots=True)
class Words:
    """What an answer says around its quotes, in the language of the question."""

    not_answered: str
    nearest: str
    searched: str
    stands: str
    cited: str
    paragraph: str
    paragraphs: str
    one_more: str
    more: str
    open: str


_WORDS = {
    "en": Words(
        not_answered="The articles do not answer this question.",
        nearest="The nearest passages",
        searched="Searched for",
        stands="Where this stands",
        cited="Articles cited",
        paragraph="paragraph",
        paragraphs="paragraphs",
        one_more="1 more passage was found",
        more="{} more passages were found",
        open="Open passage {} in",
    ),
    "de": Words(
        not_answered="Die Artikel beantworten diese Frage nicht.",
        nearest="Die nächstliegenden Stellen",
        searched="Gesucht wurde",
        stands="Wo das steht",
        cited="Zitierte Artikel",
        paragraph="Absatz",
        paragraphs="Absätze",
        one_more="1 weitere Stelle wurde gefunden",
        more="{} weitere Stellen wurden gefunden",
        open="Stelle {} öffnen:",
    ),
}


def plain(answer: Answer) -> str:
    """Return ``answer`` as text for a terminal, without control characters, quoted sentences between asterisks."""
    words = words_for(answer)
    cited = cited_hits(answer)
    if cited:
        lead = "\n".join(_wrapped(f"“{entry.text}” [{entry.hit + 1}]") for entry in answer.statements)
    else:
        lead = f"{words.not_answered} {words.nearest}:" if answer.hits else words.not_answered
    parts = [lead]
    for number in cited or range(len(answer.hits)):
        citation = answer.hits[number].citation
        where = f"{citation.title} ({citation.article_id}, {words.paragraph} {citation.paragraph})"
        text = "".join(f"*{piece}*" if level else piece for level, piece in pieces(*quoted(answer, number)))
        parts.append(f"[{number + 1}] {where.translate(_VISIBLE)}\n{_wrapped(text, '    ')}")
    return "\n\n".join(parts)


def to_json(answer: Answer) -> str:
    """Return ``answer`` as one JSON object: the fields of the records, and ``answered``, true if it has statements."""
    return json.dumps({"answered": bool(answer.statements), **asdict(answer)}, ensure_ascii=False, indent=2)


def words_for(answer: Answer) -> Words:
    """Return the words in the language of the question."""
    return _WORDS[guess(answer.question)]


def cited_hits(answer: Answer) -> list[int]:
    """Return the positions in ``answer.hits`` of the passages that statements stand in, in the statements' order."""
    return list(dict.fromkeys(entry.hit for entry in answer.statements))


def quoted(answer: Answer, number: int) -> tuple[str, list[int]]:
    """Return the text of the passage of ``answer.hits[number]`` and, for each character, 1 if it is quoted, else 0."""
    text = answer.hits[number].passage.text
    levels = [0] * len(text)
    for entry in answer.statements:
        at = text.find(entry.text) if entry.hit == number else -1
        if at >= 0:
            levels[at : at + len(entry.text)] = [1] * len(entry.text)
    return text, levels


def pieces(text: str, levels: Sequence[int]) -> Iterator[tuple[int, str]]:
    """Cut ``text`` wherever the level of its characters changes; give the level with each piece."""
    for level, run in groupby(range(len(text)), key=levels.__getitem__):
        yield level, "".join(text[position] for position in run)


def _wrapped(text: str, indent: str = "") -> str:
    return textwrap.fill(
        text.translate(_VISIBLE),
        _WIDTH,
        initial_indent=indent,
        subsequent_indent=indent,
        break_long_words=False,
        break_on_hyphens=False,
    )
