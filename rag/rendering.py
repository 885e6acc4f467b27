"""Answers as text, and the words an answer has around its quotes.

Owns wording and order of what is shown, and does no input or output. Leaves HTML to ``rag.webview``, JSON to
``rag.answerjson``.
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from rag.language import guess
from rag.records import Answer, Attribution, Citation, Filter, Language, Statement
from rag.wording import restriction

_WIDTH = 88

# Characters that turn the direction of the text around them (Unicode Bidirectional Algorithm, UAX #9, section 2): a
# name that ends in "txt" can be made to look as if it ended in "exe".
DIRECTIONS = "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
# What a terminal would obey, escape sequences above all, is shown as its number instead.
_CONTROLS = [*range(0x20), *range(0x7F, 0xA0), *map(ord, DIRECTIONS)]
_VISIBLE = {code: f"<U+{code:04X}>" for code in _CONTROLS}

# From how many percent on a word of certainty is used: "very likely" and "likely" as the IPCC's guidance note on
# uncertainties (Mastrandrea et al., 2010) defines them; everything below is no more than "perhaps".
_VERY_LIKELY, _LIKELY = 90, 66


@dataclass(frozen=True, slots=True)
class Words:
    """What an answer says around its quotes, in the language of the question."""

    answered: str
    not_answered: str
    very_likely: str
    likely: str
    perhaps: str
    percent: str
    yes: str
    no: str
    nearest: str
    searched: str
    alone: str
    none_passes: str
    direct: str
    reported: str
    speaker: str
    also: str
    stands: str
    cited: str
    paragraph: str
    paragraphs: str
    one_more: str
    more: str
    open: str


_WORDS: dict[Language, Words] = {
    "en": Words(
        answered="This {} answers the question",
        not_answered="The articles {} do not answer this question",
        very_likely="very likely",
        likely="likely",
        perhaps="perhaps",
        percent="{}%",
        yes="{}: the estimated probability that the best passage answers the question.",
        no="{}: the estimated probability that not even the best passage answers the question.",
        nearest="The nearest passages",
        searched="Searched for",
        alone="Search only what I typed",
        none_passes="No article is within these limits",
        direct="direct quote",
        reported="reported speech",
        speaker="Open where this is said by {}",
        also="Also in",
        stands="Where this stands",
        cited="Articles cited",
        paragraph="paragraph",
        paragraphs="paragraphs",
        one_more="1 more passage was found",
        more="{} more passages were found",
        open="Open passage {} in",
    ),
    "de": Words(
        answered="Das beantwortet die Frage {}",
        not_answered="Die Artikel beantworten diese Frage {} nicht",
        very_likely="sehr wahrscheinlich",
        likely="wahrscheinlich",
        perhaps="vielleicht",
        percent="{}\u00a0%",
        yes="{}: die geschätzte Wahrscheinlichkeit, dass die beste Stelle die Frage beantwortet.",
        no="{}: die geschätzte Wahrscheinlichkeit, dass auch die beste Stelle die Frage nicht beantwortet.",
        nearest="Die nächstliegenden Stellen",
        searched="Gesucht wurde",
        alone="Nur suchen, was ich getippt habe",
        none_passes="Kein Artikel liegt in dieser Auswahl",
        direct="wörtliche Rede",
        reported="indirekte Rede",
        speaker="Öffnen, wo das gesagt wird von {}",
        also="Auch in",
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
    sure = f"{_verdict(answer, words)} ({certainty(answer)})." if answer.hits else how_sure(answer)
    parts = [_wrapped(f"{words.searched}: {answer.standalone}")] if completed(answer) else []
    if only := restriction(answer.filter, guess(answer.question)):
        parts.append(_wrapped(f"{only}."))
    if cited:
        parts += ["\n".join(_lead(entry, words) for entry in answer.statements), sure]
    else:
        parts.append(f"{sure} {words.nearest}:" if answer.hits else sure)
    for number in cited or range(len(answer.hits)):
        text = "".join(f"*{piece}*" if level else piece for level, piece in pieces(*quoted(answer, number)))
        where = _where(answer.hits[number].citation, words).translate(_VISIBLE)
        parts.append(f"[{number + 1}] {where}\n{_wrapped(text, '    ')}")
    return "\n\n".join(parts)


def words_for(answer: Answer) -> Words:
    """Return the words in the language of the question."""
    return words_in(guess(answer.question))


def words_in(language: Language) -> Words:
    """Return the words in ``language``."""
    return _WORDS[language]


def completed(answer: Answer) -> bool:
    """Return whether another question was searched for than the one that was put: earlier ones had a part in it."""
    return answer.standalone.strip() != answer.question.strip()


def how_sure(answer: Answer, words: Words | None = None) -> str:
    """Return a sentence that says whether the articles answer the question, and in words how sure that is.

    ``words`` are those of the question's language where none are given.
    """
    return f"{_verdict(answer, words or words_for(answer))}."


def certainty(answer: Answer, words: Words | None = None) -> str:
    """Return the figure behind ``how_sure``: the estimated probability, in percent, that its sentence is right."""
    return (words or words_for(answer)).percent.format(_percent(answer))


def manner(said: Attribution, words: Words) -> str:
    """Return whether a speaker is quoted or reported."""
    return words.direct if said.direct else words.reported


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


def _verdict(answer: Answer, words: Words) -> str:
    percent = _percent(answer)
    if not answer.hits and answer.filter != Filter():
        return words.none_passes
    band = words.very_likely if percent >= _VERY_LIKELY else words.likely if percent >= _LIKELY else words.perhaps
    return (words.answered if answer.statements else words.not_answered).format(band)


def _percent(answer: Answer) -> int:
    """From 1 to 99, for an estimate is never certain."""
    sure = answer.confidence if answer.statements else 1 - answer.confidence
    return min(max(round(100 * sure), 1), 99)


def _lead(entry: Statement, words: Words) -> str:
    said = f" — {entry.said.speaker}, {manner(entry.said, words)}" if entry.said else ""
    also = [_wrapped(f"{words.also}: {_where(citation, words)}", "    ") for citation in entry.also]
    return "\n".join([_wrapped(f"“{entry.text}” [{entry.hit + 1}]{said}"), *also])


def _where(citation: Citation, words: Words) -> str:
    return f"{citation.title} ({citation.article_id}, {words.paragraph} {citation.paragraph})"


def _wrapped(text: str, indent: str = "") -> str:
    return textwrap.fill(
        text.translate(_VISIBLE),
        _WIDTH,
        initial_indent=indent,
        subsequent_indent=indent,
        break_long_words=False,
        break_on_hyphens=False,
    )
