"""Questions that the articles at hand answer, made from the articles themselves. Pure: owns what is worth asking.

Four things in an article make a question without a language model: a heading that is one, somebody who is quoted, a
date, and what the article or a part of it is called. Templates are such that any name fits them. Whether a question is
answered is for the engine to say, which is handed in; one whose answer leads with something else is not suggested.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import chain, islice

from rag import dialogue
from rag.folding import fold
from rag.language import evidence, guess
from rag.leaningwords import ASKING
from rag.records import Answer, Article, Block, BlockKind, Citation, Language, Statement
from rag.speech.attribution import attribute
from rag.speech.germanwords import DETERMINERS
from rag.speech.nounphrases import phrase_at
from rag.speech.wording import words
from rag.splitting import sentence_slices

# Articles that are looked at, sentences of each that are read for a speaker, and questions that are tried for each one
# wanted: so much is done well within a second.
_ARTICLES, _SENTENCES, _TRIES = 12, 24, 3
# A longer heading makes no question that one would type or click.
_LONGEST = 90

_TEMPLATES: dict[Language, dict[str, str]] = {
    "de": {
        "said": "Was sagte {}?",
        "date": "Was geschah am {}?",
        "part": "Was steht im Abschnitt „{}“?",
        "title": "Worum geht es bei „{}“?",
    },
    "en": {
        "said": "What did {} say?",
        "date": "What happened on {}?",
        "part": "What does the section “{}” say?",
        "title": "What is “{}” about?",
    },
}
_GERMAN = "Januar Februar März April Mai Juni Juli August September Oktober November Dezember"
_ENGLISH = "January February March April May June July August September October November December"
_MONTHS: dict[Language, list[str]] = {"de": _GERMAN.split(), "en": _ENGLISH.split()}
_MONTH = "|".join({*_MONTHS["de"], *_MONTHS["en"]})
_DATE = re.compile(
    rf"\b(?:(?P<day>[1-9]|[12]\d|3[01])\.?\s+(?P<month>{_MONTH})|(?P<month2>{_MONTH})\s+(?P<day2>[1-9]|[12]\d|3[01]),)"
    r"\s+(?P<year>[12]\d{3})\b"
)
_QUOTED = re.compile('[„“”"«»]')
_INNER_QUOTES = str.maketrans('„“”"»«', "‚‘’'›‹")
# "Russische Experten": a capitalised adjective, where a person's first name would stand.
_ADJECTIVE = re.compile(r"(?:sche|ige|ale|liche|ive|ste|äre|viele|andere|weitere|mehrere)[nr]?\Z")


@dataclass(frozen=True, slots=True)
class Candidate:
    """A question, what it is about in a word (no second question is about the same), and how its answer must begin."""

    question: str
    about: str
    fits: Callable[[Statement], bool]


def sources(published: Mapping[str, date | None], answer: Answer | None) -> list[str]:
    """Return the ids of the articles to draw on: those that ``answer`` quotes, without one the latest.

    An answer that quotes none has its nearest passages. ``published`` holds the date of every article in the index;
    those without come after those with one and, where there are many, are taken at even distances.
    """
    if answer is not None:
        cited = _said(answer) or [hit.citation for hit in answer.hits]
        return [name for name in dict.fromkeys(one.article_id for one in cited) if name in published][:_ARTICLES]
    dated = sorted(name for name, day in published.items() if day is not None)
    dated.sort(key=lambda name: published[name] or date.min, reverse=True)
    others = sorted(published.keys() - dated)
    left = max(0, _ARTICLES - len(dated))
    step = max(1, len(others) // left) if left else 1
    return [*dated[:_ARTICLES], *others[::step][:left]]


def suggest(
    articles: Sequence[Article], language: Language, ask: Callable[[str], Answer], *, answer: Answer | None, n: int
) -> list[str]:
    """Return up to ``n`` questions in ``language`` that ``ask`` answers from ``articles``, no two about the same thing.

    With ``answer`` they go on from it: each brings up something that it has not quoted. Raises what ``ask`` raises.
    """
    quoted = _said(answer)
    starts = {one.article_id: one.start for one in reversed(quoted)}
    drawn = _in_turn(
        [candidates(one, language, start=starts.get(one.id, 0), turn=turn) for turn, one in enumerate(articles)]
    )
    asked = f"{answer.question} {answer.standalone}".casefold() if answer is not None else ""
    shown = {(one.article_id, one.start) for one in quoted}
    tried = islice(_new(drawn, asked), _TRIES * max(0, n))
    return list(islice((one.question for one in tried if _answers(ask(one.question), one, shown)), max(0, n)))


def candidates(article: Article, language: Language, *, start: int = 0, turn: int = 0) -> Iterator[Candidate]:
    """Yield questions that ``article`` may answer, from offset ``start`` on and then from its beginning.

    Headings that are questions come first. The other kinds take turns; ``turn`` says which begins, so that the
    questions of several articles are not all alike.
    """
    blocks = [block for block in article.blocks if block.end > start]
    blocks += [block for block in article.blocks if block.end <= start]
    kinds = [_people(article, blocks, language), _dates(article, blocks, language), _names(article, blocks, language)]
    turn %= len(kinds)
    return chain(_questions(article, blocks, language), _in_turn([*kinds[turn:], *kinds[:turn]]))


def _people(article: Article, blocks: Iterable[Block], language: Language) -> Iterator[Candidate]:
    """Yield what those said who are quoted; words in quotation marks come first, for they are surely somebody's."""
    spans = [
        (block.start + start, block.start + end)
        for block in blocks
        if block.kind is BlockKind.PARAGRAPH
        for start, end in sentence_slices(article.text[block.start : block.end])
    ]
    spans.sort(key=lambda span: _QUOTED.search(article.text, *span) is None)
    for span in spans[:_SENTENCES]:
        said = attribute(article.text, *span)
        if said is not None and _is_person(said.speaker, article.text[max(0, said.start - 40) : said.start]):
            yield _said_by(said.speaker, _TEMPLATES[language]["said"])


def _said_by(name: str, template: str) -> Candidate:
    last = name.split()[-1]
    return Candidate(template.format(name), last, lambda one: one.said is not None and last in one.said.speaker)


def _is_person(speaker: str, before: str) -> bool:
    """Say whether ``speaker``, behind the text ``before``, is first and last name, so that no article belongs to it."""
    line = words(speaker)
    phrase = phrase_at(line, 0, len(line))
    return (
        phrase is not None
        and phrase.person
        and phrase.animate
        and 2 <= len(line) <= 3
        and all(word.text[0].isupper() and not word.quotation for word in line)
        and not _ADJECTIVE.search(line[0].low)
        and (before.split() or [""])[-1].casefold() not in DETERMINERS | {"the", "a", "an"}
    )


def _questions(article: Article, blocks: Iterable[Block], language: Language) -> Iterator[Candidate]:
    """Yield the headings that are questions and can stand alone, those with a word that asks first."""
    found = [(block, text) for block, text in _headings(article, blocks) if text.endswith("?")]
    found.sort(key=lambda one: not ASKING & set(one[1].casefold().split()))
    for block, text in found:
        # What leans on an earlier question leans on its article here: "Und was nun?".
        if _is_in(language, text, article) and dialogue.standalone(["Fundstelle"], text) == text:
            yield Candidate(text, text, _within(article, block))


def _dates(article: Article, blocks: Iterable[Block], language: Language) -> Iterator[Candidate]:
    """Yield what happened on the days that are named with their year."""
    for block in blocks:
        if block.kind is BlockKind.PARAGRAPH:
            for found in _DATE.finditer(fold(article.text[block.start : block.end])):
                yield _happened_on(found, language)


def _happened_on(found: re.Match[str], language: Language) -> Candidate:
    day, month = found["day"] or found["day2"], found["month"] or found["month2"]
    number = next(names.index(month) for names in _MONTHS.values() if month in names)
    name = _MONTHS[language][number]
    written = f"{day}. {name} {found['year']}" if language == "de" else f"{day} {name} {found['year']}"
    named = found[0]
    return Candidate(_TEMPLATES[language]["date"].format(written), written, lambda one: named in one.text)


def _names(article: Article, blocks: Iterable[Block], language: Language) -> Iterator[Candidate]:
    """Yield what is told under the article's title and headings."""
    title = article.title.translate(_INNER_QUOTES)
    if not article.title_derived and len(title) <= _LONGEST:
        question = _TEMPLATES[language]["title"].format(title)
        yield Candidate(question, question, lambda one: one.citation.article_id == article.id)
    for block, text in _headings(article, blocks):
        if block.kind is BlockKind.HEADING and not text.endswith("?"):
            question = _TEMPLATES[language]["part"].format(text.translate(_INNER_QUOTES))
            yield Candidate(question, question, _within(article, block))


def _headings(article: Article, blocks: Iterable[Block]) -> list[tuple[Block, str]]:
    """Return title and headings as they are read, those that are not too long."""
    shown = [block for block in blocks if block.kind in (BlockKind.TITLE, BlockKind.HEADING)]
    read = [(block, fold(article.text[block.start : block.end]).rstrip(":. ")) for block in shown]
    return [(block, text) for block, text in read if 0 < len(text) <= _LONGEST]


def _within(article: Article, heading: Block) -> Callable[[Statement], bool]:
    """Return the check that a statement stands under ``heading``, or for a title anywhere in ``article``."""
    later = [block.start for block in article.blocks if block.kind is BlockKind.HEADING and block.start > heading.start]
    end = later[0] if later and heading.kind is BlockKind.HEADING else len(article.text)
    return lambda one: one.citation.article_id == article.id and heading.start <= one.citation.start < end


def _is_in(language: Language, text: str, article: Article) -> bool:
    """Say whether ``text`` is in ``language``; where it is too short to tell, whether its article is."""
    german, english = evidence(text)
    return guess(text if german != english else article.text) == language


def _new(drawn: Iterable[Candidate], asked: str) -> Iterator[Candidate]:
    """Leave out what ``asked``, in small letters, is about already, and what came before."""
    seen: set[str] = set()
    for one in drawn:
        about = one.about.casefold()
        if about not in seen and about not in asked and one.question.casefold() not in asked:
            seen.add(about)
            yield one


def _answers(found: Answer, wanted: Candidate, shown: set[tuple[str, int]]) -> bool:
    """Say whether ``found`` begins as ``wanted`` must and tells something that is not ``shown`` yet."""
    new = any((one.article_id, one.start) not in shown for one in _said(found))
    return new and wanted.fits(found.statements[0])


def _said(answer: Answer | None) -> list[Citation]:
    """Return where the sentences stand that ``answer`` leads with, and where else the same stands."""
    statements = answer.statements if answer is not None else ()
    return [*(one.citation for one in statements), *(other for one in statements for other in one.also)]


def _in_turn(several: Sequence[Iterator[Candidate]]) -> Iterator[Candidate]:
    """Yield one of each, then the next of each, until all are used up."""
    left = list(several)
    while left:
        for one in list(left):
            try:
                yield next(one)
            except StopIteration:
                left.remove(one)
