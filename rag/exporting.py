"""A conversation to take away, as Markdown. Owns which of its parts are told, in which order and words, in any format.

Leaves the HTML to ``rag.exportpage``, the JSON to ``rag.answerjson``, the form of a citation to ``rag.referencing``.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from rag.conversations import Conversation, Facts
from rag.records import Answer, Attribution, Citation, Filter, Hit, Language, Statement
from rag.referencing import dated, escaped, in_marks, reference
from rag.rendering import Words, certainty, cited_hits, completed, how_sure, manner, words_in
from rag.wording import restriction, written_day


@dataclass(frozen=True, slots=True)
class Labels:
    """What an export says that a single answer does not."""

    articles_of: str
    characters: str
    counted: str


_LABELS: dict[Language, Labels] = {
    "en": Labels(
        articles_of="Articles: {}",
        characters="characters {}–{}",
        counted="Characters are counted from 0 in the text of the article; the second number is that of the first "
        "character behind the quote.",
    ),
    "de": Labels(
        articles_of="Artikel: {}",
        characters="Zeichen {}–{}",
        counted="Zeichen sind im Text des Artikels von 0 an gezählt; die zweite Zahl ist die des ersten Zeichens "
        "hinter dem Zitat.",
    ),
}


def markdown(conversation: Conversation, facts: Facts, language: Language = "en") -> str:
    """Return ``conversation`` as Markdown: every question and answer, all citations, the articles cited.

    ``language`` is that of the words around questions and quotes; these are shown as text whatever they hold.
    """
    parts = [f"# {escaped(conversation.title)}", escaped(labels(language).articles_of.format(conversation.corpus))]
    for number, turn in enumerate(conversation.turns, start=1):
        parts += [f"## {number}. {escaped(turn.question)}", escaped(when(turn.asked, language))]
        parts += _answer(turn.answer, facts, language)
    entries = [_entry(citations, facts, language) for citations in by_article(conversation)]
    if entries:
        parts += [f"## {words_in(language).cited}", "\n".join(entries), f"*{labels(language).counted}*"]
    return "\n\n".join(filter(None, parts)) + "\n"


def labels(language: Language) -> Labels:
    """Return the words of an export in ``language``."""
    return _LABELS[language]


def when(asked: datetime, language: Language) -> str:
    """Return day, time and time zone of a question, as a person reads them."""
    return f"{written_day(asked.date(), language)}, {asked:%H:%M %Z}".rstrip()


def how(answer: Answer, language: Language) -> Iterator[str]:
    """Yield a line for each way in which what was searched differs from what was asked: the question, the articles."""
    if completed(answer):
        yield f"{words_in(language).searched}: {answer.standalone}"
    if answer.filter != Filter():
        yield restriction(answer.filter, language)


def place(citation: Citation, language: Language) -> str:
    """Return file, paragraph and characters of a citation, as "a.txt, paragraph 7, characters 12–61"."""
    span = labels(language).characters.format(citation.start, citation.end)
    return f"{reference(citation, Facts(), language).place}, {span}"


def verdict(answer: Answer, words: Words) -> str:
    """Return how sure the answer is, in words and, where anything was found, in percent."""
    said = how_sure(answer, words)
    return f"{said.removesuffix('.')} ({certainty(answer, words)})." if answer.hits else said


def speaker(said: Attribution, words: Words) -> str:
    """Return who says it, and whether the words are theirs."""
    return f"{said.speaker}, {manner(said, words)}"


def passages(answer: Answer) -> list[tuple[int, Hit]]:
    """Return the passages of an answer with their numbers: those cited, or the nearest where there is none."""
    return [(number + 1, answer.hits[number]) for number in cited_hits(answer) or range(len(answer.hits))]


def by_article(conversation: Conversation) -> list[list[Citation]]:
    """Return the citations of all statements, those of an article together, articles in the order they are cited."""
    found: dict[str, list[Citation]] = {}
    for turn in conversation.turns:
        for entry in turn.answer.statements:
            for citation in (entry.citation, *entry.also):
                found.setdefault(citation.article_id, []).append(citation)
    return list(found.values())


def about_article(citations: list[Citation], facts: Facts, language: Language) -> tuple[str, str, str]:
    """Return author, date ("" where unknown) and "a.txt, paragraphs 3, 7" for the citations of one article."""
    words, first = words_in(language), citations[0]
    article = facts.articles.get(first.article_id)
    numbers = sorted({citation.paragraph for citation in citations})
    label = words.paragraph if len(numbers) == 1 else words.paragraphs
    where = f"{first.article_id}, {label} {', '.join(map(str, numbers))}"
    return (article.author or "" if article else ""), (dated(article, language) if article else ""), where


def _answer(answer: Answer, facts: Facts, language: Language) -> Iterator[str]:
    words = words_in(language)
    for line in how(answer, language):
        yield escaped(line)
    for entry in answer.statements:
        yield _statement(entry, facts, language)
    yield verdict(answer, words)
    shown = passages(answer)
    if shown:
        yield f"### {words.stands if answer.statements else words.nearest}"
    for number, hit in shown:
        yield f"**\\[{number}\\]** {_linked(hit.citation, facts, language)}"
        yield f"> {escaped(hit.passage.text)}"


def _statement(entry: Statement, facts: Facts, language: Language) -> str:
    words = words_in(language)
    lines = [
        f"{escaped(in_marks(entry.citation, facts))} \\[{entry.hit + 1}\\]",
        f"— {_linked(entry.citation, facts, language)}",
        escaped(speaker(entry.said, words)) if entry.said else "",
        *(f"{words.also}: {_linked(citation, facts, language)}" for citation in entry.also),
    ]
    return "\n>\n".join(f"> {line}" for line in lines if line)


def _linked(citation: Citation, facts: Facts, language: Language) -> str:
    shown = escaped(f"{citation.title} ({place(citation, language)})")
    link = reference(citation, facts, language).link
    return f"[{shown}](<{link}>)" if link else shown


def _entry(citations: list[Citation], facts: Facts, language: Language) -> str:
    author, day, where = about_article(citations, facts, language)
    named = f"{author}: {citations[0].title}" if author else citations[0].title
    # Escaped as a whole: "0" and ". " are text, "0. " begins a list.
    return f"- {escaped('. '.join(filter(None, (named, day, where))))}"
