"""Answers and articles as HTML that cannot do anything: text from articles, file names and questions stays text.

Owns the HTML and which place a citation opens. Leaves the words to ``rag.rendering``, colours and clicks to the chat.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from itertools import groupby

from rag.errors import QuestionError
from rag.folding import fold, fold_with_offsets
from rag.records import Answer, Article, Attribution, Block, BlockKind, Citation, Hit, Statement
from rag.rendering import DIRECTIONS, certainty, cited_hits, completed, how_sure, manner, pieces, quoted, words_for

_PLAIN, _PASSAGE, _SENTENCE = range(3)
_TAGS = ("{}", "<mark>{}</mark>", '<mark class="fs-sentence">{}</mark>')
_SHUT_IN = {ord(character): f"<bdi>{character}</bdi>" for character in DIRECTIONS}


@dataclass(frozen=True, slots=True)
class Place:
    """What a citation opens: the passage ``[start:end]`` of an article and the ``sentences`` quoted from it.

    All offsets count characters of the article's text.
    """

    article_id: str
    start: int
    end: int
    sentences: tuple[tuple[int, int], ...] = ()

    def key(self) -> str:
        """Return the place as one line of text from which ``read`` makes it again."""
        return json.dumps([self.article_id, self.start, self.end, self.sentences], ensure_ascii=False)

    @classmethod
    def read(cls, key: str) -> Place:
        """Return the place that ``key`` stands for. Raises QuestionError for anything that ``key()`` does not write."""
        try:
            article_id, start, end, sentences = json.loads(key)
            place = cls(str(article_id), int(start), int(end), tuple((int(a), int(b)) for a, b in sentences))
        except (ValueError, TypeError, OverflowError, RecursionError) as error:
            raise QuestionError("This citation cannot be read; ask the question again.") from error
        return place


def answer_html(answer: Answer) -> str:
    """Return ``answer`` as HTML: the quoted sentences and who says them, the passages, the articles cited.

    Every number, every speaker and every other place that says the same is a button whose ``data-place`` is the key of
    the ``Place`` it opens. Where the question was completed, a button whose ``data-question`` is the question as it was
    put offers to search for that alone. All else is inert.
    """
    words = words_for(answer)
    cited = cited_hits(answer)
    others = [number for number in range(len(answer.hits)) if number not in cited]
    parts = [_completion(answer)] if completed(answer) else []
    if cited:
        parts += [_quote(answer, entry) for entry in answer.statements]
        parts.append(_sure(answer))
        parts.append(_section(words.stands, _passages(answer, cited)))
        parts.append(_section(words.cited, _articles(answer, cited)))
        if others:
            summary = words.one_more if len(others) == 1 else words.more.format(len(others))
            parts.append(f"<details><summary>{summary}</summary>{_passages(answer, others)}</details>")
    else:
        parts.append(_sure(answer))
        if others:
            parts.append(_section(words.nearest, _passages(answer, others)))
    return f'<div class="fs-answer{"" if cited else " fs-nothing"}">{"".join(parts)}</div>'


def first_place(answer: Answer) -> Place | None:
    """Return the place of the first statement's passage, None where the answer has no statement."""
    return _place(answer, answer.statements[0].hit) if answer.statements else None


def source_html(article: Article, place: Place) -> str:
    """Return the whole ``article`` as HTML, the passage of ``place`` and the sentences quoted from it in ``<mark>``.

    The texts of the marks, one after the other, are ``article.text[place.start:place.end]`` folded. Raises
    QuestionError if the place does not lie in the article.
    """
    if not 0 <= place.start < place.end <= len(article.text):
        raise QuestionError("This citation does not fit the article as it is now; ask the question again.")
    return (
        f'<article class="fs-source" data-place="{escape(place.key())}">{_header(article, place)}<div class="fs-text">'
        + "".join(_stretch(article, kind, list(blocks), place) for kind, blocks in groupby(article.blocks, _kind))
        + "</div></article>"
    )


def _place(answer: Answer, number: int) -> Place:
    passage = answer.hits[number].passage
    spans = ((entry.citation.start, entry.citation.end) for entry in answer.statements if entry.hit == number)
    return Place(passage.article_id, passage.start, passage.end, tuple(spans))


def inert(text: str) -> str:
    """Escape ``text`` for HTML; a character that turns direction is shut in an element that ends its effect."""
    return escape(text).translate(_SHUT_IN)


def _painted(text: str, levels: Sequence[int]) -> str:
    return "".join(_TAGS[level].format(inert(piece)) for level, piece in pieces(text, levels))


def _completion(answer: Answer) -> str:
    words = words_for(answer)
    button = f'<button type="button" class="fs-alone" data-question="{escape(answer.question)}">{words.alone}</button>'
    return f'<p class="fs-note fs-searched">{words.searched}: <bdi>{inert(answer.standalone)}</bdi> {button}</p>'


def _sure(answer: Answer) -> str:
    words = words_for(answer)
    figure = (words.yes if answer.statements else words.no).format(certainty(answer))
    return f'<details class="fs-sure"><summary>{how_sure(answer)}</summary><p class="fs-note">{figure}</p></details>'


def _quote(answer: Answer, entry: Statement) -> str:
    text = f'<p dir="auto">{inert(entry.text)} {_button(answer, entry.hit)}</p>'
    said = _said(answer, entry.citation, entry.said) if entry.said else ""
    caption = said + (_also(answer, entry.also) if entry.also else "")
    shown = f'<blockquote class="fs-quote">{text}</blockquote>'
    return f"<figure>{shown}<figcaption>{caption}</figcaption></figure>" if caption else shown


def _said(answer: Answer, citation: Citation, said: Attribution) -> str:
    """Who says it; the name opens what shows that, the stretch that holds both the name and the sentence."""
    words = words_for(answer)
    name, sentence = (said.start, said.end), (citation.start, citation.end)
    place = Place(citation.article_id, min(name[0], sentence[0]), max(name[1], sentence[1]), (name, sentence))
    label = f' aria-label="{escape(words.speaker.format(said.speaker))}"'
    return f'<p class="fs-note">— {_link(place, said.speaker, label)}, {manner(said, words)}</p>'


def _also(answer: Answer, citations: Sequence[Citation]) -> str:
    words = words_for(answer)
    items = []
    for citation in citations:
        span = citation.start, citation.end
        where = f"{citation.title}, {words.paragraph} {citation.paragraph}"
        items.append(f"<li>{_link(Place(citation.article_id, *span, (span,)), where)}</li>")
    return f'<div class="fs-note fs-also"><span>{words.also}:</span><ul>{"".join(items)}</ul></div>'


def _link(place: Place, text: str, attribute: str = "") -> str:
    key = escape(place.key())
    return f'<button type="button" class="fs-link" data-place="{key}"{attribute}>{_name(text)}</button>'


def _button(answer: Answer, number: int) -> str:
    key = escape(_place(answer, number).key())
    label = escape(f"{words_for(answer).open.format(number + 1)} {answer.hits[number].citation.title}")
    return f'<button type="button" class="fs-cite" data-place="{key}" aria-label="{label}">{number + 1}</button>'


def _section(heading: str, body: str) -> str:
    return f"<section><h3>{heading}</h3>{body}</section>"


def _passages(answer: Answer, numbers: Sequence[int]) -> str:
    return "".join(
        f'<div class="fs-passage">{_button(answer, number)}<div><p dir="auto">{_painted(*quoted(answer, number))}</p>'
        f"{_origin(answer, answer.hits[number])}</div></div>"
        for number in numbers
    )


def _origin(answer: Answer, hit: Hit) -> str:
    facts = [
        _name(hit.passage.heading),
        _name(hit.citation.title),
        f"{words_for(answer).paragraph} {hit.citation.paragraph}",
    ]
    return f'<p class="fs-note">{" · ".join(filter(None, facts))}</p>'


def _articles(answer: Answer, numbers: Sequence[int]) -> str:
    words = words_for(answer)
    found: dict[tuple[str, str], set[int]] = {}
    for number in numbers:
        citation = answer.hits[number].citation
        found.setdefault((citation.title, citation.article_id), set()).add(citation.paragraph)
    items = []
    for (title, article_id), paragraphs in found.items():
        label = words.paragraph if len(paragraphs) == 1 else words.paragraphs
        facts = f"<code>{_name(article_id)}</code> · {label} {', '.join(map(str, sorted(paragraphs)))}"
        items.append(f'<li>{_name(title)}<span class="fs-note">{facts}</span></li>')
    return f'<ul class="fs-articles">{"".join(items)}</ul>'


def _name(text: str) -> str:
    """A title or file name, set apart from the direction of the text around it; "" for none."""
    return f"<bdi>{inert(text)}</bdi>" if text else ""


def _header(article: Article, place: Place) -> str:
    paragraph = next((block.paragraph for block in article.blocks if block.paragraph and block.end > place.start), None)
    facts = [
        f"<code>{_name(article.id)}</code>",
        f"paragraph {paragraph}" if paragraph else "",
        _name(article.author or ""),
        f"{article.published.day} {article.published:%B %Y}" if article.published else "",
        f"{article.reading_minutes} min read" if article.reading_minutes else "",
    ]
    derived = '<p class="fs-note">The file has no title; this one is made from its first sentence.</p>'
    return (
        f'<header><h2 tabindex="-1">{_name(article.title)}</h2>{derived if article.title_derived else ""}'
        f'<p class="fs-note">{" · ".join(filter(None, facts))}</p>'
        '<button type="button" class="fs-back">Back to the answer</button></header>'
    )


def _kind(block: Block) -> BlockKind:
    return block.kind


def _stretch(article: Article, kind: BlockKind, blocks: Sequence[Block], place: Place) -> str:
    """Blocks of one kind that follow each other."""
    shown = "".join(_block(article, block, place) for block in blocks)
    return f'<div class="fs-noise"><span>Set aside</span>{shown}</div>' if kind is BlockKind.NOISE else shown


def _block(article: Article, block: Block, place: Place) -> str:
    raw = article.text[block.start : block.end]
    if block.start < place.end and place.start < block.end:
        text, offsets = fold_with_offsets(raw)
        body = _painted(text, [_level(block.start + offset, place) for offset in offsets])
    else:
        text = fold(raw)
        body = inert(text)
    if block.kind is BlockKind.PARAGRAPH:
        number = f'<span class="fs-number">{block.paragraph}</span>'
        return f'<div class="fs-paragraph">{number}<p dir="auto">{body}</p></div>'
    if block.kind is BlockKind.HEADING:
        return f'<h3 dir="auto">{body}</h3>'
    # The header shows the title already.
    repeated = block.kind is BlockKind.TITLE and text == fold(article.title)
    return "" if repeated else f'<p class="fs-{block.kind}-line" dir="auto">{body}</p>'


def _level(offset: int, place: Place) -> int:
    if not place.start <= offset < place.end:
        return _PLAIN
    return _SENTENCE if any(start <= offset < end for start, end in place.sentences) else _PASSAGE
