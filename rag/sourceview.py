"""An article as HTML, with the places that a conversation cites marked in it. Owns that HTML; the text stays text."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from html import escape
from itertools import groupby

from rag import permalinks
from rag.folding import fold, fold_with_offsets
from rag.records import Article, Block, BlockKind, Language, Standing
from rag.rendering import pieces
from rag.webview import Place, inert, name
from rag.webwords import WEB_WORDS, WebWords
from rag.wording import written_day

_PLAIN, _OTHER, _PASSAGE, _SENTENCE = range(4)
_TAGS = (
    "{}",
    '<mark class="fs-other">{}</mark>',
    "<mark>{}</mark>",
    '<mark class="fs-sentence">{}</mark>',
)


@dataclass(frozen=True, slots=True)
class View:
    """How an article is shown: the place that is read, the ``others`` that the conversation cites, the language."""

    place: Place
    others: tuple[Place, ...] = ()
    language: Language = "en"
    standing: Standing | None = None


def source_html(article: Article, view: View) -> str:
    """Return the whole ``article`` as HTML, the passage of ``view.place`` and the sentences quoted from it marked.

    The texts of the marks, one after the other and without those of class ``fs-other``, are
    ``article.text[place.start:place.end]`` folded; where the article says something else there by now, the quote is
    marked wherever it stands, and nothing if it stands nowhere. Every paragraph's number is a link whose ``data-link``
    is the paragraph's permalink.
    """
    reading = replace(
        view,
        place=found(article, view.place),
        others=tuple(found(article, other) for other in view.others if other.article_id == article.id),
    )
    body = "".join(
        _stretch(article, kind, list(blocks), reading) for kind, blocks in groupby(article.blocks, lambda b: b.kind)
    )
    header = _header(article, reading, WEB_WORDS[view.language])
    # The key it was asked for by, so that the page knows its citation again.
    place = escape(view.place.key())
    return f'<article class="fs-source" data-place="{place}">{header}<div class="fs-text">{body}</div></article>'


def found(article: Article, place: Place) -> Place:
    """Return where ``place`` is in the article as it is indexed now; an empty place where its quote is nowhere.

    The article may have been edited and indexed again since the place was cited.
    """
    start, end = place.anchor
    if place.quote and fold(article.text[max(start, 0) : max(end, 0)]) == place.quote:
        return place
    text, offsets = fold_with_offsets(article.text)
    at = text.find(place.quote) if place.quote else -1
    if at < 0:
        return Place(article.id, 0, 0)
    span = offsets[at], offsets[at + len(place.quote) - 1] + 1
    return Place(article.id, *span, (span,), place.quote)


def _header(article: Article, view: View, words: WebWords) -> str:
    facts = [
        f"<code>{name(article.id)}</code>",
        name(article.author or ""),
        written_day(article.published, view.language) + (f" ({words.dated[article.dated]})" if article.dated else "")
        if article.published
        else "",
        words.minutes.format(article.reading_minutes) if article.reading_minutes else "",
    ]
    derived = f'<p class="fs-note">{words.derived}</p>' if article.title_derived else ""
    indexed = "" if view.standing is Standing.EXACT else f" · {words.as_indexed}"
    standing = (
        f'<p class="fs-note"><span class="fs-standing" data-standing="{view.standing}">'
        f"{words.standing[view.standing]}</span>{indexed}</p>"
        if view.standing
        else ""
    )
    return (
        f'<header><h2 tabindex="-1">{name(article.title)}</h2>{derived}'
        f'<p class="fs-note">{" · ".join(filter(None, facts))}</p>{standing}</header>'
    )


def _stretch(article: Article, kind: BlockKind, blocks: Sequence[Block], view: View) -> str:
    """Blocks of one kind that follow each other."""
    shown = "".join(_block(article, block, view) for block in blocks)
    aside = WEB_WORDS[view.language].aside
    return f'<div class="fs-noise"><span>{aside}</span>{shown}</div>' if kind is BlockKind.NOISE else shown


def _block(article: Article, block: Block, view: View) -> str:
    raw = article.text[block.start : block.end]
    marked = [place for place in (view.place, *view.others) if block.start < place.end and place.start < block.end]
    if marked:
        text, offsets = fold_with_offsets(raw)
        levels = [_level(block.start + offset, view.place, marked) for offset in offsets]
        body = "".join(_TAGS[level].format(inert(piece)) for level, piece in pieces(text, levels))
    else:
        text = fold(raw)
        body = inert(text)
    if block.kind is BlockKind.PARAGRAPH and block.paragraph:
        link = escape(permalinks.write(permalinks.Place(article.id, block.paragraph, permalinks.digest(text))))
        label = escape(WEB_WORDS[view.language].paragraph_link.format(block.paragraph))
        number = f'<a class="fs-number" href="#" data-link="{link}" aria-label="{label}">{block.paragraph}</a>'
        return f'<div class="fs-paragraph">{number}<p dir="auto">{body}</p></div>'
    if block.kind is BlockKind.HEADING:
        return f'<h3 dir="auto">{body}</h3>'
    # The header shows the title already.
    repeated = block.kind is BlockKind.TITLE and text == fold(article.title)
    return "" if repeated else f'<p class="fs-{block.kind}-line" dir="auto">{body}</p>'


def _level(offset: int, place: Place, marked: Sequence[Place]) -> int:
    if place.start <= offset < place.end:
        return _SENTENCE if any(start <= offset < end for start, end in place.sentences) else _PASSAGE
    return _OTHER if any(other.start <= offset < other.end for other in marked) else _PLAIN
