"""Answers as HTML that cannot do anything: text from articles, file names and questions stays text.

Owns the HTML of an answer and which place a citation opens. Leaves the words to ``rag.rendering`` and ``rag.webwords``,
articles to ``rag.sourceview``, colours and clicks to the page.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from html import escape

from rag import rendering
from rag.errors import QuestionError
from rag.records import Answer, Attribution, Citation, Hit, Language, Standing, Statement
from rag.rendering import DIRECTIONS, cited_hits, completed, manner, pieces, quoted
from rag.webwords import WEB_WORDS
from rag.wording import restriction

_SHUT_IN = {ord(character): f"<bdi>{character}</bdi>" for character in DIRECTIONS}
_TAGS = ("{}", "<mark>{}</mark>")
# The forms in which a quote can be copied, with what their buttons say; "" for the words of the page.
_FORMS = (("plain", ""), ("markdown", "Markdown"), ("csl", "CSL-JSON"), ("link", ""))


@dataclass(frozen=True, slots=True)
class Place:
    """What a citation opens: the passage ``[start:end]`` of an article and the ``sentences`` quoted from it.

    All offsets count characters of the article's text. ``quote`` is what stood at the last of ``sentences``, or in the
    passage where there is none, folded: by it the place is found again in an article that has changed since. An empty
    passage stands for the article as a whole.
    """

    article_id: str
    start: int
    end: int
    sentences: tuple[tuple[int, int], ...] = ()
    quote: str = ""

    @property
    def anchor(self) -> tuple[int, int]:
        """Where ``quote`` stood."""
        return self.sentences[-1] if self.sentences else (self.start, self.end)

    def key(self) -> str:
        """Return the place as one line of text from which ``read`` makes it again."""
        return json.dumps([self.article_id, self.start, self.end, self.sentences, self.quote], ensure_ascii=False)

    @classmethod
    def read(cls, key: str) -> Place:
        """Return the place that ``key`` stands for. Raises QuestionError for anything that ``key()`` does not write."""
        try:
            article_id, start, end, sentences, quote = json.loads(key)
            spans = tuple((int(a), int(b)) for a, b in sentences)
            place = cls(str(article_id), int(start), int(end), spans, str(quote))
        except (ValueError, TypeError, OverflowError, RecursionError) as error:
            raise QuestionError("This citation cannot be read; ask the question again.") from error
        return place


@dataclass(frozen=True, slots=True)
class Look:
    """How an answer is shown: the language of the page, and what has become of the quotes it cites."""

    language: Language = "en"
    standings: Mapping[Citation, Standing] = field(default_factory=dict)


def answer_html(answer: Answer, look: Look) -> str:
    """Return ``answer`` as HTML: the quoted sentences and who says them, the passages, the articles cited.

    Every number, every speaker and every other place that says the same is a button whose ``data-place`` is the key of
    the ``Place`` it opens. A button with ``data-copy`` copies the citation that its ``data-ref`` names: "s" or "h" and
    the position of the statement or hit. Where the question was completed, ``data-do="alone"`` offers to search for it
    as it was put. All else is inert.
    """
    return _Page(answer, look).html()


def places(answer: Answer) -> list[Place]:
    """Return what the numbers of ``answer`` open, [1] first."""
    return [_place(answer, number) for number in range(len(answer.hits))]


def inert(text: str) -> str:
    """Escape ``text`` for HTML; a character that turns direction is shut in an element that ends its effect."""
    return escape(text).translate(_SHUT_IN)


def name(text: str) -> str:
    """Return a title or file name, set apart from the direction of the text around it; "" for none."""
    return f"<bdi>{inert(text)}</bdi>" if text else ""


def _place(answer: Answer, number: int) -> Place:
    passage = answer.hits[number].passage
    quoted_here = [entry.citation for entry in answer.statements if entry.hit == number]
    spans = tuple((citation.start, citation.end) for citation in quoted_here)
    quote = quoted_here[-1].quote if quoted_here else passage.text
    return Place(passage.article_id, passage.start, passage.end, spans, quote)


class _Page:
    """The HTML of one answer."""

    def __init__(self, answer: Answer, look: Look) -> None:
        self._answer = answer
        self._look = look
        self._words = rendering.words_in(look.language)
        self._web = WEB_WORDS[look.language]

    def html(self) -> str:
        """Put the parts together."""
        answer, words = self._answer, self._words
        cited = cited_hits(answer)
        others = [number for number in range(len(answer.hits)) if number not in cited]
        parts = [self._completion() if completed(answer) else "", self._filter()]
        if cited:
            parts += [self._quote(number, entry) for number, entry in enumerate(answer.statements)]
            parts.append(self._sure())
            parts.append(_section(words.stands, self._passages(cited)))
            parts.append(_section(words.cited, self._articles(cited)))
            if others:
                summary = words.one_more if len(others) == 1 else words.more.format(len(others))
                parts.append(f"<details><summary>{summary}</summary>{self._passages(others)}</details>")
        else:
            parts.append(self._sure())
            if others:
                parts.append(_section(words.nearest, self._passages(others)))
            else:
                parts.append(f'<p class="fs-note">{self._web.nothing_found}</p>')
        parts.append(self._verdict())
        return f'<div class="fs-answer{"" if cited else " fs-nothing"}">{"".join(parts)}</div>'

    def _completion(self) -> str:
        button = f'<button type="button" class="fs-plain" data-do="alone">{self._words.alone}</button>'
        searched = f"{self._words.searched}: <bdi>{inert(self._answer.standalone)}</bdi>"
        return f'<p class="fs-note fs-searched">{searched} {button}</p>'

    def _filter(self) -> str:
        limits = restriction(self._answer.filter, self._look.language)
        return f'<p class="fs-note fs-only">{name(limits)}</p>' if limits else ""

    def _sure(self) -> str:
        words, answer = self._words, self._answer
        figure = (words.yes if answer.statements else words.no).format(rendering.certainty(answer, words))
        summary = f"<summary>{rendering.how_sure(answer, words)}</summary>"
        return f'<details class="fs-sure">{summary}<p class="fs-note">{figure}</p></details>'

    def _quote(self, number: int, entry: Statement) -> str:
        text = f'<p dir="auto">{inert(entry.text)} {self._button(entry.hit)}</p>'
        said = self._said(entry.citation, entry.said) if entry.said else ""
        caption = said + self._also(entry.also) + self._bottom(entry.citation, f"s{number}")
        return f'<figure><blockquote class="fs-quote">{text}</blockquote><figcaption>{caption}</figcaption></figure>'

    def _bottom(self, citation: Citation, ref: str) -> str:
        """What has become of the quote, and the buttons that copy it."""
        labels = {"plain": self._web.plain, "link": self._web.link}
        buttons = "".join(
            f'<button type="button" class="fs-plain" data-copy="{form}" data-ref="{ref}">'
            f"{label or labels[form]}</button>"
            for form, label in _FORMS
        )
        copy = f'<details class="fs-copy"><summary>{self._web.copy}</summary><div>{buttons}</div></details>'
        return f'<div class="fs-note fs-bottom">{self._standing(citation)}{copy}</div>'

    def _standing(self, citation: Citation) -> str:
        standing = self._look.standings.get(citation)
        if standing is None:
            return ""
        return f'<span class="fs-standing" data-standing="{standing}">{self._web.standing[standing]}</span>'

    def _said(self, citation: Citation, said: Attribution) -> str:
        """Who says it; the name opens what shows that, the stretch that holds both the name and the sentence."""
        person, sentence = (said.start, said.end), (citation.start, citation.end)
        start, end = min(person[0], sentence[0]), max(person[1], sentence[1])
        place = Place(citation.article_id, start, end, (person, sentence), citation.quote)
        label = f' aria-label="{escape(self._words.speaker.format(said.speaker))}"'
        return f'<p class="fs-note">— {_link(place, said.speaker, label)}, {manner(said, self._words)}</p>'

    def _also(self, others: Sequence[Citation]) -> str:
        items = []
        for citation in others:
            span = citation.start, citation.end
            where = f"{citation.title}, {self._words.paragraph} {citation.paragraph}"
            link = _link(Place(citation.article_id, *span, (span,), citation.quote), where)
            items.append(f"<li>{link} {self._standing(citation)}</li>")
        listed = f"<span>{self._words.also}:</span><ul>{''.join(items)}</ul>"
        return f'<div class="fs-note fs-also">{listed}</div>' if items else ""

    def _button(self, number: int) -> str:
        key = escape(_place(self._answer, number).key())
        label = escape(f"{self._words.open.format(number + 1)} {self._answer.hits[number].citation.title}")
        return f'<button type="button" class="fs-cite" data-place="{key}" aria-label="{label}">{number + 1}</button>'

    def _passages(self, numbers: Sequence[int]) -> str:
        return "".join(self._passage(number, self._answer.hits[number]) for number in numbers)

    def _passage(self, number: int, hit: Hit) -> str:
        text = "".join(_TAGS[level].format(inert(piece)) for level, piece in pieces(*quoted(self._answer, number)))
        facts = [
            name(hit.passage.heading),
            name(hit.citation.title),
            f"{self._words.paragraph} {hit.citation.paragraph}",
        ]
        origin = f'<p class="fs-note">{" · ".join(filter(None, facts))}</p>'
        below = f"{origin}{self._bottom(hit.citation, f'h{number}')}{self._how(hit)}"
        return f'<div class="fs-passage">{self._button(number)}<div><p dir="auto">{text}</p>{below}</div></div>'

    def _how(self, hit: Hit) -> str:
        """How a passage was found: its scores, the words taken for the question's, the question as understood."""
        web = self._web
        pairs = ", ".join(
            name(match.asked) if match.asked == match.found else f"{name(match.asked)} → {name(match.found)}"
            for match in hit.matches
        )
        rows = (
            (web.understood, name(self._answer.standalone)),
            (web.matches, pairs or web.no_matches),
            (web.dense, f"{hit.dense:.2f}"),
            (web.lexical, f"{hit.lexical:.2f}"),
            (web.coverage, self._words.percent.format(f"{100 * hit.coverage:.0f}")),
            (web.score, f"{hit.score:.2f}"),
        )
        listed = "".join(f"<dt>{term}</dt><dd>{value}</dd>" for term, value in rows)
        return f'<details class="fs-how"><summary>{web.how}</summary><dl class="fs-note">{listed}</dl></details>'

    def _articles(self, numbers: Sequence[int]) -> str:
        found: dict[tuple[str, str], set[int]] = {}
        for number in numbers:
            citation = self._answer.hits[number].citation
            found.setdefault((citation.title, citation.article_id), set()).add(citation.paragraph)
        items = []
        for (title, article_id), paragraphs in found.items():
            label = self._words.paragraph if len(paragraphs) == 1 else self._words.paragraphs
            facts = f"<code>{name(article_id)}</code> · {label} {', '.join(map(str, sorted(paragraphs)))}"
            items.append(f'<li>{name(title)}<span class="fs-note">{facts}</span></li>')
        return f'<ul class="fs-articles">{"".join(items)}</ul>'

    def _verdict(self) -> str:
        """Thumbs, and the reason that may be given with them."""
        web = self._web
        thumbs = "".join(
            f'<button type="button" class="fs-plain" data-do="judge" data-up="{up}" aria-pressed="false">'
            f'<span aria-hidden="true">{thumb}</span> {label}</button>'
            for up, thumb, label in (("1", "👍", web.up), ("", "👎", web.down))
        )
        why = f'<label>{web.reason} <input type="text" maxlength="500"></label>'
        send = f'<button class="fs-plain">{web.send}</button>'
        question = f'<div class="fs-note fs-thumbs" role="group" aria-label="{web.useful}">{web.useful} {thumbs}</div>'
        return f'<div class="fs-verdict">{question}<form class="fs-note fs-reason" hidden>{why}{send}</form></div>'


def _link(place: Place, text: str, attribute: str = "") -> str:
    key = escape(place.key())
    return f'<button type="button" class="fs-link" data-place="{key}"{attribute}>{name(text)}</button>'


def _section(heading: str, body: str) -> str:
    return f"<section><h3>{heading}</h3>{body}</section>"
